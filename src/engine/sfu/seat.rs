//! One participant: its session and what is known about its streams. Layers, and what follows from how it receives, are in
//! `seat/down.rs`.

mod down;

use std::{
    collections::HashMap,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant, UNIX_EPOCH},
};

use foldhash::fast::RandomState as Quick;
use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc,
    change::SdpOffer,
    channel::{ChannelData, ChannelId},
    format::{Codec, PayloadParams},
    media::{KeyframeRequestKind, MediaAdded, MediaKind},
    net::{Protocol, Receive, TcpType, Transmit},
    rtp::{Extension, RtpPacket, RtpWrite},
};

use super::{
    Ear, JoinError, Kind, Packet, Redundant, Reply, Report, Said, Tap, What,
    addresses::Addresses,
    core::Datagram,
    downlink::Downlink,
    keyframes::KeyFrames,
    layers::{self, Fate, Layer},
    leg::{Leg, Outgoing, Passing, Voice},
    measure::Meter,
    offer::{self, Session},
    patience::Patience,
    rounds::Rounds,
    said,
    tap::NoTape,
    udp,
};

use down::{Observer, Sends, Wishes};

/// How often receivers' reports are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What is kept to be sent again: so many packets, for so long (as libwebrtc keeps them at least: what comes later is of no use),
/// and at most this share of everything sent. The stack's own share of 15 % left holes in the picture at 10 % loss, and its three
/// seconds are more memory than the caches of a processor hold.
const RETRANSMIT: (usize, Duration, f32) = (1024, Duration::from_secs(1), 0.5);

/// One participant.
pub(super) struct Seat {
    /// Which peer connection of the browser this is.
    pub(super) session: Session,
    rtc: Rtc,
    rounds: Rounds,
    tap: Tap,
    ear: Option<Ear>,
    /// Open data channels and their labels.
    channels: Vec<(ChannelId, String)>,
    legs: Vec<Leg>,
    /// Of each layer.
    keyframes: [KeyFrames; 2],
    sends: Sends,
    wishes: Wishes,
    downlink: Downlink,
    patience: Patience,
    /// When the stack saw to its clocks because of a packet.
    clocks_show: Instant,
    /// When the stack wants to be woken.
    wake_at: Instant,
    /// Packets written that did not go out yet.
    unsent: u32,
    is_secured: bool,
    /// Whether packets can be sent to it.
    is_connected: bool,
    heard: Vec<Kind>,
    meter: Meter,
    reported: HashMap<u32, u32, Quick>,
    is_recorder_failed: bool,
    /// Only looks on.
    observer: Option<Observer>,
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
    PictureLost(Layer),
    /// It wants another layer of the pictures from now on.
    Wants(Layer),
    /// It can be told which layers to send.
    AsksForLayers,
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
            .set_extension(5, Extension::RtpStreamId)
            .set_extension(6, Extension::RepairedRtpStreamId)
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
            rounds: Rounds::default(),
            tap,
            ear,
            channels: Vec::new(),
            legs: Vec::new(),
            keyframes: Default::default(),
            sends: Sends::default(),
            wishes: Wishes::default(),
            downlink: Downlink::default(),
            patience: Patience::default(),
            clocks_show: now,
            wake_at: now,
            unsent: 0,
            is_secured: false,
            is_connected: false,
            heard: Vec::new(),
            meter: Meter::default(),
            reported: HashMap::default(),
            is_recorder_failed: false,
            observer: None,
        };
        let answer = seat.answer(offer)?;
        Ok((seat, answer))
    }

    /// Answers an offer. The stack has seen hostile offers in fuzzing; should one still break it, the offer is bad.
    pub(super) fn answer(&mut self, offer: &str) -> Result<String, JoinError> {
        catch_unwind(AssertUnwindSafe(|| {
            let accept = |seat: &mut Self, offer: &str| seat.rtc.sdp_api().accept_offer(SdpOffer::from_sdp_string(offer).ok()?).ok();
            let answer = accept(self, offer)?;
            // Once there is a stream of ours beside the layers that come, the answer is to name it.
            let answer = if self.can_send_in_layered(offer) { answer } else { accept(self, offer)? };
            // What a receiver can take is judged by its reports: without their numbers it need not tell of each packet, 20 times a second.
            accept(self, &offer::without_arrivals(offer))?;
            Some(answer.to_sdp_string())
        }))
        .ok()
        .flatten()
        .map(|answer| self.rounds.rank(&answer))
        .ok_or(JoinError::BadOffer)
    }

    /// Whether a packet is for this participant.
    pub(super) fn accepts(&self, now: Instant, datagram: &Datagram<'_>, reached: SocketAddr) -> bool {
        input(now, datagram, reached).is_some_and(|input| self.rtc.accepts(&input))
    }

    /// Takes a packet. With each the stack sees to all its clocks, unless it came before what they show: for media read at once, once.
    pub(super) fn receive(&mut self, now: Instant, datagram: &Datagram<'_>, reached: SocketAddr) {
        let mut at = now;
        if udp::source(datagram.bytes).is_some() {
            if self.clocks_show != now {
                self.feed(Input::Timeout(now));
                self.clocks_show = now;
            }
            at = now.checked_sub(Duration::from_nanos(1)).unwrap_or(now);
        }
        if let Some(input) = input(at, datagram, reached) {
            self.feed(input);
        }
    }

    /// Lets time pass.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.wake_at <= now {
            self.feed(Input::Timeout(now));
        }
        for layer in [Layer::Full, Layer::Small] {
            if self.keyframes[layer as usize].due(now) {
                self.with_pictures(layer, |stream| stream.request_keyframe(KeyframeRequestKind::Pli));
            }
        }
    }

    /// Lets what was written since go out: the stack sends it when time passes.
    pub(super) fn settle(&mut self, now: Instant) {
        self.feed(Input::Timeout(now));
    }

    /// A packet goes out; whether it was the last of those written since all were out.
    pub(super) fn sent(&mut self, packet: &[u8]) -> bool {
        // Repeats come from other sources.
        let source = udp::source(packet);
        let is_media = source.is_some() && self.legs.iter().any(|leg| leg.sends == source);
        self.unsent = self.unsent.saturating_sub(u32::from(is_media));
        is_media && self.unsent == 0
    }

    /// The stack was not asked for all that follows from media just passed on: it will be, soon.
    pub(super) fn look_again(&mut self, now: Instant) {
        self.wake_at = self.wake_at.min(now + self.patience.lasts(now));
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(super) fn deadline(&self) -> Instant {
        self.keyframes.iter().filter_map(KeyFrames::deadline).fold(self.wake_at, Instant::min)
    }

    /// Somebody needs a whole picture from this participant.
    pub(super) fn want_key_frame(&mut self, layer: Layer) {
        self.keyframes[layer as usize].want();
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
                    // What is due at once is due at once; a look for what is due soon may serve more than that.
                    let is_calm = self.is_connected && at > now;
                    self.wake_at = if is_calm { at.max(now + self.patience.lasts(now)) } else { at };
                    // Whatever the stack did not send by now it never will.
                    self.unsent = 0;
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

    /// Sends a packet of the participant in another seat to this one; whether a whole picture of its layer is needed first.
    pub(super) fn forward(&mut self, passing: &Passing, from: u8) -> bool {
        let packet = &passing.packet;
        if !self.is_connected || (packet.kind == Kind::Video && self.downlink.is_sound_only()) {
            return false;
        }
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.takes(packet.kind, from)) else { return false };
        if packet.kind == Kind::Video {
            let fate = leg.fate(passing);
            if fate != Fate::Goes {
                return fate == Fate::Lacks;
            }
        }
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(leg.mid, None) else { return false };
        leg.sends = Some(*stream.ssrc());
        let nackable = packet.kind == Kind::Video;
        leg.pass(passing, self.downlink.is_sound_only(), |out: Outgoing| {
            let write = RtpWrite::new(out.payload_type, out.sequence.into(), out.timestamp, packet.at, out.payload);
            let write = write.marker(out.marker).ext_vals(out.voice.into()).nackable(nackable);
            stream.write_rtp(if let Some(patch) = out.patch { write.vp8_patch(patch) } else { write });
            self.unsent += 1;
        });
        false
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
            Event::KeyframeRequest(_) => self.may_ask(now).then(|| Polled::PictureLost(self.layer())),
            Event::MediaEgressStats(stats) => {
                self.meter.outgoing(&stats);
                self.look_down(&stats)
            }
            Event::PeerStats(stats) => {
                let measured = self.meter.peer(&stats)?;
                if measured.malformed > 0 {
                    tracing::warn!(packets = measured.malformed, "sfu: packets that should have been sound were dropped");
                }
                Some(Polled::News(What::Measured(measured)))
            }
            Event::MediaIngressStats(stats) => {
                let kind = self.legs.iter().find(|leg| leg.mid == stats.mid).map(|leg| leg.kind);
                if let Some(kind) = kind
                    && stats.rid.is_none_or(|rid| Layer::of(&rid) == Layer::Full)
                {
                    self.meter.incoming(kind, &stats);
                }
                None
            }
            Event::ChannelOpen(id, label) if self.channels.len() < said::CHANNELS => {
                let is_for_layers = label == layers::CHANNEL;
                self.channels.push((id, label));
                is_for_layers.then_some(Polled::AsksForLayers)
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
        self.legs.push(Leg { payload_type, red, of, ..Leg::new(kind, added.mid) });
    }

    fn packet(&mut self, received: RtpPacket, now: Instant) -> Option<Polled> {
        if self.observer.is_some() {
            return None;
        }
        let ssrc = *received.header.ssrc;
        self.patience.came(now, ssrc, *received.seq_no);
        let (mid, rid) = self.rtc.direct_api().stream_rx(&received.header.ssrc).map(|stream| (stream.mid(), stream.rid()))?;
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
        let voice = Voice::from(&received.header.ext_vals);
        let layer = rid.map_or(Layer::Full, |rid| Layer::of(&rid));
        let passing = Passing { packet, sequence: *received.seq_no, voice, layer, is_layered: self.sends.is_layered };
        self.record(&passing, now);
        Some(Polled::Pass(passing))
    }

    /// Puts a packet on tape, unless it is of the layer that is not recorded.
    fn record(&mut self, passing: &Passing, now: Instant) {
        let packet = &passing.packet;
        if packet.kind == Kind::Video {
            let keyframes = &mut self.keyframes[passing.layer as usize];
            keyframes.received(now);
            match self.sends.taped.fate(passing.layer, packet.at, || passing.begins_whole()) {
                Fate::Goes => {}
                Fate::Stays => return,
                Fate::Lacks => return keyframes.want(),
            }
        }
        self.tap.packet(packet);
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
