//! One participant: its session and what is known about its streams.

use std::{
    collections::HashMap,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant, UNIX_EPOCH},
};

use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc,
    bwe::Bitrate,
    change::SdpOffer,
    channel::{ChannelData, ChannelId},
    format::{Codec, PayloadParams},
    media::{KeyframeRequestKind, MediaAdded, MediaKind},
    net::{Protocol, Receive, TcpType, Transmit},
    rtp::{Extension, ExtensionValues, RtpPacket, RtpWrite},
    stats::MediaEgressStats,
};

use super::{
    Ear, JoinError, Kind, Packet, Redundant, Reply, Report, Said, Tap, Tape, What,
    addresses::Addresses,
    core::Datagram,
    downlink::Downlink,
    keyframes::KeyFrames,
    leg::{Leg, Outgoing, Passing},
    measure::Meter,
    offer::Session,
    red::Sent,
    said,
    splice::Splice,
};

/// How often receivers' reports are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How often one who looks on may have participants asked for whole pictures.
const OBSERVER_ASKS: Duration = Duration::from_secs(3);

/// What is kept to be sent again: so many packets, for so long, and at most this share of everything sent. The stack's own
/// share of 15 % left holes in the picture at 10 % loss.
const RETRANSMIT: (usize, Duration, f32) = (1024, Duration::from_secs(3), 0.5);

/// One participant.
pub(super) struct Seat {
    /// Which peer connection of the browser this is.
    pub(super) session: Session,
    rtc: Rtc,
    tap: Tap,
    ear: Option<Ear>,
    /// Open data channels and their labels.
    channels: Vec<(ChannelId, String)>,
    legs: Vec<Leg>,
    keyframes: KeyFrames,
    downlink: Downlink,
    /// When the stack wants to be woken.
    wake_at: Instant,
    is_secured: bool,
    /// Whether packets can be sent to it.
    is_connected: bool,
    heard: Vec<Kind>,
    meter: Meter,
    reported: HashMap<u32, u32>,
    is_recorder_failed: bool,
    /// Only looks on.
    observer: Option<Observer>,
}

/// What is known of one who only looks on.
#[derive(Debug, Clone, Copy, Default)]
struct Observer {
    /// When participants were last asked for a whole picture for its sake.
    asked_at: Option<Instant>,
}

/// What an observer sends is kept nowhere: it sends nothing.
struct NoTape;

impl Tape for NoTape {
    fn packet(&mut self, _: &Packet) {}
    fn report(&mut self, _: &Report) {}
    fn is_broken(&self) -> bool {
        false
    }
}

/// What comes out of a participant.
pub(super) enum Polled {
    /// Nothing until its [`deadline`](Seat::deadline).
    Wait,
    /// To be sent.
    Send(Transmit),
    /// To be told.
    News(What),
    /// To be passed on; it is on tape already.
    Pass(Passing),
    /// So many bit/s it can take; others are asked to send no more.
    Narrow(u64),
    /// It lost the picture and needs a whole one.
    PictureLost,
    /// The session is over.
    Over,
}

impl Seat {
    /// A new session of one who looks on, and the answer to its offer.
    pub(super) fn observer(now: Instant, offer: &str, session: Session, addresses: &Addresses) -> Result<(Self, String), JoinError> {
        let (mut seat, answer) = Self::open(now, offer, session, (Box::new(NoTape), None), addresses)?;
        seat.observer = Some(Observer::default());
        Ok((seat, answer))
    }

    /// A new session and the answer to its offer.
    pub(super) fn open(
        now: Instant,
        offer: &str,
        session: Session,
        (tap, ear): (Tap, Option<Ear>),
        addresses: &Addresses,
    ) -> Result<(Self, String), JoinError> {
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, true)
            .enable_vp8(true)
            .clear_extension_map()
            // No video orientation: senders then turn their pictures themselves, and a recording needs no turning.
            .set_extension(1, Extension::AudioLevel)
            .set_extension(2, Extension::AbsoluteSendTime)
            .set_extension(3, Extension::TransportSequenceNumber)
            .set_extension(4, Extension::RtpMid)
            .set_rtp_mode(true)
            .set_stats_interval(Some(LOOK))
            .set_ice_lite(true)
            .build(now);
        let udp = addresses.udp.iter().filter_map(|at| Candidate::host(*at, "udp").ok());
        let tcp = addresses.tcp.iter().filter_map(|at| Candidate::builder().tcp().host(*at).tcptype(TcpType::Passive).build().ok());
        for candidate in udp.chain(tcp) {
            rtc.add_local_candidate(candidate);
        }
        let mut seat = Self {
            session,
            rtc,
            tap,
            ear,
            channels: Vec::new(),
            legs: Vec::new(),
            keyframes: KeyFrames::default(),
            downlink: Downlink::default(),
            wake_at: now,
            is_secured: false,
            is_connected: false,
            heard: Vec::new(),
            meter: Meter::default(),
            reported: HashMap::new(),
            is_recorder_failed: false,
            observer: None,
        };
        let answer = seat.answer(offer)?;
        Ok((seat, answer))
    }

    /// Answers an offer. The stack has seen hostile offers in fuzzing; should one still break it, the offer is bad.
    pub(super) fn answer(&mut self, offer: &str) -> Result<String, JoinError> {
        catch_unwind(AssertUnwindSafe(|| {
            let offer = SdpOffer::from_sdp_string(offer).ok()?;
            let answer = self.rtc.sdp_api().accept_offer(offer).ok()?;
            Some(answer.to_sdp_string())
        }))
        .ok()
        .flatten()
        .ok_or(JoinError::BadOffer)
    }

    /// Whether a packet is for this participant.
    pub(super) fn accepts(&self, now: Instant, datagram: &Datagram<'_>, reached: SocketAddr) -> bool {
        input(now, datagram, reached).is_some_and(|input| self.rtc.accepts(&input))
    }

    /// Takes a packet.
    pub(super) fn receive(&mut self, now: Instant, datagram: &Datagram<'_>, reached: SocketAddr) {
        if let Some(input) = input(now, datagram, reached) {
            self.feed(input);
        }
    }

    /// Lets time pass.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.wake_at <= now {
            self.feed(Input::Timeout(now));
        }
        if self.keyframes.due(now)
            && let Some(leg) = self.legs.iter().find(|leg| leg.kind == Kind::Video)
            && let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(leg.mid, None)
        {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(super) fn deadline(&self) -> Instant {
        self.keyframes.deadline().map_or(self.wake_at, |at| at.min(self.wake_at))
    }

    /// Somebody needs a whole picture from this participant.
    pub(super) fn want_key_frame(&mut self) {
        self.keyframes.want();
    }

    /// Closes the session towards the browser.
    pub(super) fn hang_up(&mut self) {
        // Closing what is closed already is no failure.
        let _ = self.rtc.close();
    }

    /// The next thing that comes out.
    pub(super) fn poll(&mut self, now: Instant) -> Polled {
        loop {
            if !self.rtc.is_alive() {
                return Polled::Over;
            }
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.wake_at = at;
                    return Polled::Wait;
                }
                Ok(Output::Transmit(transmit)) => return Polled::Send(transmit),
                Ok(Output::Event(event)) => {
                    if let Some(polled) = self.event(event, now) {
                        return polled;
                    }
                }
                Err(error) => {
                    tracing::debug!(error = %error, "sfu: a session failed");
                    self.rtc.disconnect();
                }
            }
        }
    }

    /// Sends a packet of the participant in another seat to this one.
    pub(super) fn forward(&mut self, passing: &Passing, from: u8) {
        let packet = &passing.packet;
        if !self.is_connected || (packet.kind == Kind::Video && self.downlink.is_sound_only()) {
            return;
        }
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.takes(packet.kind, from)) else { return };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(leg.mid, None) else { return };
        let nackable = packet.kind == Kind::Video;
        leg.pass(passing, self.downlink.is_sound_only(), |out: Outgoing| {
            let write = RtpWrite::new(out.payload_type, out.sequence.into(), out.timestamp, packet.at, out.payload);
            stream.write_rtp(write.marker(out.marker).ext_vals(out.extensions).nackable(nackable));
        });
    }

    /// Says something on the data channel of this label, if there is one and it has room.
    pub(super) fn say(&mut self, label: &str, text: &str) {
        let of_label = self.channels.iter().find(|(_, name)| name == label).map(|(id, _)| *id);
        if let Some(id) = of_label {
            self.write(id, true, text.as_bytes());
        }
    }

    fn write(&mut self, id: ChannelId, is_text: bool, bytes: &[u8]) {
        match self.rtc.channel(id).map(|mut channel| channel.write(!is_text, bytes)) {
            None | Some(Ok(true)) => {}
            Some(Ok(false)) => tracing::debug!("sfu: a data channel is full"),
            Some(Err(error)) => tracing::debug!(error = %error, "sfu: a data channel failed"),
        }
    }

    fn hear(&mut self, data: &ChannelData) {
        let Some((_, label)) = self.channels.iter().find(|(id, _)| *id == data.id) else { return };
        let Some(ear) = self.ear.as_mut().filter(|_| data.data.len() <= said::MESSAGE) else { return };
        match ear.hear(&Said { label, is_text: !data.binary, bytes: &data.data }) {
            Reply::Nothing => {}
            Reply::Text(text) => self.write(data.id, true, text.as_bytes()),
            Reply::Bytes(bytes) => self.write(data.id, false, &bytes),
        }
    }

    fn feed(&mut self, input: Input<'_>) {
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(error = %error, "sfu: a session failed");
            self.rtc.disconnect();
        }
    }

    fn event(&mut self, event: Event, now: Instant) -> Option<Polled> {
        match event {
            Event::Connected => {
                self.is_secured = true;
                self.connected(true)
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => self.connected(false),
            Event::IceConnectionStateChange(IceConnectionState::Connected | IceConnectionState::Completed) if self.is_secured => self.connected(true),
            Event::MediaAdded(added) => {
                self.add_leg(&added);
                None
            }
            Event::RtpPacket(packet) => self.packet(packet, now),
            Event::KeyframeRequest(_) => self.may_ask(now).then_some(Polled::PictureLost),
            Event::MediaEgressStats(stats) => self.look_down(&stats),
            Event::PeerStats(stats) => {
                let measured = self.meter.peer(&stats)?;
                if measured.malformed > 0 {
                    tracing::warn!(packets = measured.malformed, "sfu: packets that should have been sound were dropped");
                }
                Some(Polled::News(What::Measured(measured)))
            }
            Event::MediaIngressStats(stats) => {
                let kind = self.legs.iter().find(|leg| leg.mid == stats.mid).map(|leg| leg.kind);
                if let Some(kind) = kind {
                    self.meter.incoming(kind, &stats);
                }
                None
            }
            Event::ChannelOpen(id, label) if self.channels.len() < said::CHANNELS => {
                self.channels.push((id, label));
                None
            }
            Event::ChannelData(data) => {
                self.hear(&data);
                None
            }
            Event::ChannelClose(id) => {
                self.channels.retain(|(open, _)| *open != id);
                None
            }
            _ => None,
        }
    }

    /// Whether participants are asked for a whole picture now because this one lost its own: one who looks on has to be patient.
    fn may_ask(&mut self, now: Instant) -> bool {
        let Some(observer) = &mut self.observer else { return true };
        let may = observer.asked_at.is_none_or(|last| now.saturating_duration_since(last) >= OBSERVER_ASKS);
        if may {
            observer.asked_at = Some(now);
        }
        may
    }

    /// Once a second: what the receiver reported of the pictures sent to it, or of the sound while there are none.
    fn look_down(&mut self, stats: &MediaEgressStats) -> Option<Polled> {
        let kind = self.legs.iter().find(|leg| leg.mid == stats.mid)?.kind;
        if (kind == Kind::Audio) != self.downlink.is_sound_only() {
            return None;
        }
        let was_sound_only = self.downlink.is_sound_only();
        self.downlink.look(stats.timestamp, stats.loss, stats.rtt);
        if was_sound_only && !self.downlink.is_sound_only() {
            return Some(Polled::PictureLost);
        }
        self.downlink.word().map(Polled::Narrow)
    }

    /// Asks the sender for no more than so many bit/s (REMB); it is asked again every second, or forgets.
    pub(super) fn ask_for_at_most(&mut self, bits: u64) {
        if let Some(leg) = self.legs.iter().find(|leg| leg.kind == Kind::Video)
            && let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(leg.mid, None)
        {
            stream.request_remb(Bitrate::bps(bits));
        }
    }

    fn connected(&mut self, is_connected: bool) -> Option<Polled> {
        let changed = self.is_connected != is_connected;
        self.is_connected = is_connected;
        changed.then_some(Polled::News(if is_connected { What::Connected } else { What::Disconnected }))
    }

    /// Payload types differ per leg and browser: take the first one both sides know.
    fn add_leg(&mut self, added: &MediaAdded) {
        let (kind, codec) = match added.kind {
            MediaKind::Audio => (Kind::Audio, Codec::Opus),
            MediaKind::Video => (Kind::Video, Codec::Vp8),
        };
        let remote = self.rtc.media(added.mid).map(|media| media.remote_pts().to_vec()).unwrap_or_default();
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(added.mid, None) {
            let (packets, age, most) = RETRANSMIT;
            stream.set_rtx_cache(packets, age, Some(most));
        }
        let known = self.rtc.codec_config().params();
        let chosen = known.iter().find(|p| p.spec().codec == codec && remote.contains(&p.pt()));
        let (payload_type, red) = (chosen.map(PayloadParams::pt), chosen.and_then(PayloadParams::red));
        // An observer's first section of a kind is the customer's, the second the agent's.
        let earlier = self.legs.iter().filter(|leg| leg.kind == kind).count();
        let of = self.observer.and_then(|_| u8::try_from(earlier).ok());
        self.legs.push(Leg { kind, mid: added.mid, payload_type, red, splice: Splice::new(kind.clock_rate()), sent: Sent::default(), of });
    }

    fn packet(&mut self, received: RtpPacket, now: Instant) -> Option<Polled> {
        if self.observer.is_some() {
            return None;
        }
        let ssrc = *received.header.ssrc;
        let mid = self.rtc.direct_api().stream_rx(&received.header.ssrc)?.mid();
        let leg = self.legs.iter().find(|leg| leg.mid == mid)?;
        let (kind, is_red) = (leg.kind, leg.red == Some(received.header.payload_type));
        if is_red && Redundant::parse(&received.payload).is_none() {
            self.meter.malformed();
            return None;
        }
        if let Some(sender) = received.last_sender_info {
            self.report(ssrc, received.timestamp, &sender);
        }
        let packet = Packet {
            at: received.timestamp,
            kind,
            payload_type: *received.header.payload_type,
            is_red,
            marker: received.header.marker,
            sequence: received.header.sequence_number,
            timestamp: received.header.timestamp,
            ssrc,
            payload: received.payload,
        };
        self.tap.packet(&packet);
        if kind == Kind::Video {
            self.keyframes.received(now);
        }
        let said = &received.header.ext_vals;
        let extensions = ExtensionValues { audio_level: said.audio_level, voice_activity: said.voice_activity, ..Default::default() };
        Some(Polled::Pass(Passing { packet, sequence: *received.seq_no, extensions }))
    }

    fn report(&mut self, ssrc: u32, at: Instant, sender: &str0m::rtp::rtcp::SenderInfo) {
        // RTP timestamps are 32 bits on the wire; only the low ones count.
        #[expect(clippy::cast_possible_truncation, reason = "RFC 3550 timestamps wrap at 32 bits")]
        let timestamp = sender.rtp_time.numer() as u32;
        if self.reported.insert(ssrc, timestamp) != Some(timestamp) {
            let since_1970 = sender.ntp_time.duration_since(UNIX_EPOCH).unwrap_or_default();
            let sender_us = u64::try_from(since_1970.as_micros()).unwrap_or(0);
            self.tap.report(&Report { at, ssrc, sender_us, timestamp });
        }
    }

    /// News that follow from a packet just passed on: the first of its kind, or a broken recorder.
    pub(super) fn news_after(&mut self, passing: &Passing) -> Option<What> {
        if self.tap.is_broken() && !self.is_recorder_failed {
            self.is_recorder_failed = true;
            return Some(What::RecorderFailed);
        }
        let kind = passing.packet.kind;
        if self.heard.contains(&kind) {
            return None;
        }
        self.heard.push(kind);
        Some(What::Media(kind))
    }
}

fn input<'a>(now: Instant, datagram: &Datagram<'a>, reached: SocketAddr) -> Option<Input<'a>> {
    let proto = if datagram.is_tcp { Protocol::Tcp } else { Protocol::Udp };
    Receive::new(proto, datagram.from, reached, datagram.bytes).ok().map(|receive| Input::Receive(now, receive))
}
