//! A participant on a stack that is not the server's: the `webrtc` crate over real sockets. The probe's two ends, and the
//! independent peers of the media tests.

use std::{
    net::IpAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rtc::{
    media_stream::MediaStreamTrack,
    peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8},
    rtp,
    rtp_transceiver::rtp_sender::{RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind},
};
use tokio::sync::Notify;
use webrtc::{
    data_channel::{DataChannel, DataChannelEvent},
    media_stream::{
        track_local::{TrackLocal, static_rtp::TrackLocalStaticRTP},
        track_remote::{TrackRemote, TrackRemoteEvent},
    },
    peer_connection::{
        MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder, RTCIceCandidateInit, RTCIceGatheringState,
        RTCIceServer, RTCIceTransportPolicy, RTCPeerConnectionState, RTCSessionDescription, Registry, SettingEngineBuilder, register_default_interceptors,
    },
    runtime::TokioRuntime,
};

use super::{ProbeError, pattern};

const OPUS: u8 = 111;
const VP8: u8 = 96;
/// How long candidates are gathered: a TURN server that does not answer must not hold up the offer.
const GATHERING: Duration = Duration::from_secs(3);
/// How long it may take until packets can flow.
const CONNECTING: Duration = Duration::from_secs(20);

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Opus.
    Audio,
    /// VP8.
    Video,
}

/// The way a participant takes.
#[derive(Debug, Clone)]
pub enum Route {
    /// Straight, over UDP.
    Udp,
    /// Straight, over TCP (RFC 4571, RFC 6544).
    Tcp,
    /// Through a relay and no other way.
    Relay(Relay),
}

/// A TURN server and what opens it.
#[derive(Debug, Clone)]
pub struct Relay {
    /// `turn:` addresses; over UDP only, which is all this stack has.
    pub urls: Vec<String>,
    /// User name.
    pub username: String,
    /// Password.
    pub credential: String,
}

/// A packet that came in.
#[derive(Debug, Clone, Copy)]
pub struct Arrived {
    /// RTP sequence number.
    pub sequence: u16,
    /// Bytes of payload.
    pub bytes: usize,
    /// How long it was under way in µs, when the sender was in this process and said so.
    pub delay_us: Option<u64>,
}

/// What came in.
#[derive(Default)]
pub struct Inbox {
    audio: Mutex<Vec<Arrived>>,
    video: Mutex<Vec<Arrived>>,
    is_connected: Notify,
    is_gathered: Notify,
    has_media: Notify,
}

impl Inbox {
    /// Everything of a kind, in order of arrival.
    pub fn of(&self, kind: Kind) -> Vec<Arrived> {
        self.list(kind).lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn list(&self, kind: Kind) -> &Mutex<Vec<Arrived>> {
        if kind == Kind::Video { &self.video } else { &self.audio }
    }

    fn take(&self, kind: Kind, packet: &rtp::Packet) {
        let delay_us = pattern::sent_at(&packet.payload).and_then(|sent| now_us().checked_sub(sent));
        let arrived = Arrived { sequence: packet.header.sequence_number, bytes: packet.payload.len(), delay_us };
        self.list(kind).lock().unwrap_or_else(PoisonError::into_inner).push(arrived);
        self.has_media.notify_one();
    }
}

/// Microseconds since this process first asked.
pub(super) fn now_us() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// A participant.
pub struct Peer {
    connection: Arc<dyn PeerConnection>,
    tracks: [(Arc<TrackLocalStaticRTP>, u32, u8); 2],
    is_tcp: bool,
    /// What came in.
    pub inbox: Arc<Inbox>,
}

struct Ears(Arc<Inbox>);

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Ears {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.0.is_gathered.notify_one();
        }
    }
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        if state == RTCPeerConnectionState::Connected {
            self.0.is_connected.notify_one();
        }
    }
    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let inbox = Arc::clone(&self.0);
        let kind = if track.kind().await == RtpCodecKind::Video { Kind::Video } else { Kind::Audio };
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                if let TrackRemoteEvent::OnRtpPacket(packet) = event {
                    inbox.take(kind, &packet);
                }
            }
        });
    }
}

fn codec(kind: Kind) -> RTCRtpCodec {
    let feedback = |typ: &str, parameter: &str| RTCPFeedback { typ: typ.to_owned(), parameter: parameter.to_owned() };
    match kind {
        Kind::Video => {
            let rtcp_feedback = vec![feedback("ccm", "fir"), feedback("nack", ""), feedback("nack", "pli")];
            RTCRtpCodec { mime_type: MIME_TYPE_VP8.into(), clock_rate: 90_000, channels: 0, sdp_fmtp_line: String::new(), rtcp_feedback }
        }
        Kind::Audio => {
            let sdp_fmtp_line = "minptime=10;useinbandfec=1".to_owned();
            RTCRtpCodec { mime_type: MIME_TYPE_OPUS.into(), clock_rate: 48_000, channels: 2, sdp_fmtp_line, rtcp_feedback: vec![] }
        }
    }
}

fn rtc_kind(kind: Kind) -> RtpCodecKind {
    if kind == Kind::Video { RtpCodecKind::Video } else { RtpCodecKind::Audio }
}

fn track(kind: Kind, ssrc: u32) -> Arc<TrackLocalStaticRTP> {
    let rtp_coding_parameters = RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() };
    let coding = RTCRtpEncodingParameters { rtp_coding_parameters, codec: codec(kind), ..Default::default() };
    Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new("peer".into(), format!("track-{ssrc}"), "track".into(), rtc_kind(kind), vec![coding])))
}

impl Peer {
    /// A participant at `local` that will send from `ssrc` (sound) and `ssrc + 1` (pictures).
    ///
    /// # Errors
    /// When the stack cannot be set up or no port is free.
    pub async fn new(ssrc: u32, local: IpAddr, route: Route) -> Result<Self, ProbeError> {
        let mut engine = MediaEngine::default();
        for (kind, payload_type) in [(Kind::Audio, OPUS), (Kind::Video, VP8)] {
            engine.register_codec(RTCRtpCodecParameters { rtp_codec: codec(kind), payload_type }, rtc_kind(kind))?;
        }
        let registry = register_default_interceptors(Registry::new(), &mut engine)?;
        let inbox = Arc::new(Inbox::default());
        let is_tcp = matches!(route, Route::Tcp);
        let here = vec![std::net::SocketAddr::new(local, 0).to_string()];
        let mut configuration = RTCConfigurationBuilder::new();
        if let Route::Relay(Relay { urls, username, credential }) = route {
            let server = RTCIceServer { urls, username, credential };
            configuration = configuration.with_ice_servers(vec![server]).with_ice_transport_policy(RTCIceTransportPolicy::Relay);
        }
        let builder = PeerConnectionBuilder::new()
            .with_configuration(configuration.build())
            .with_media_engine(engine)
            .with_setting_engine(SettingEngineBuilder::default().with_include_loopback_candidate(true).build())
            .with_interceptor_registry(registry)
            .with_handler(Arc::new(Ears(Arc::clone(&inbox))))
            .with_runtime(Arc::new(TokioRuntime));
        let builder = if is_tcp { builder.with_tcp_addrs(here) } else { builder.with_udp_addrs(here) };
        let connection: Arc<dyn PeerConnection> = Arc::new(builder.build().await?);
        let tracks = [(track(Kind::Audio, ssrc), ssrc, OPUS), (track(Kind::Video, ssrc + 1), ssrc + 1, VP8)];
        for (track, ..) in &tracks {
            connection.add_track(Arc::clone(track) as Arc<dyn TrackLocal>).await?;
        }
        Ok(Self { connection, tracks, is_tcp, inbox })
    }

    /// A data channel; to be made before the offer.
    ///
    /// # Errors
    /// The stack's.
    pub async fn channel(&self, label: &str) -> Result<Channel, ProbeError> {
        Ok(Channel(self.connection.create_data_channel(label, None).await?))
    }

    /// Its offer, with candidates.
    ///
    /// # Errors
    /// The stack's.
    pub async fn offer(&self) -> Result<String, ProbeError> {
        let offer = self.connection.create_offer(None).await?;
        self.connection.set_local_description(offer).await?;
        // An end of gathering that came before we listened is kept by the permit; without one the offer goes as it is.
        let _ = tokio::time::timeout(GATHERING, self.inbox.is_gathered.notified()).await;
        let offered = self.connection.local_description().await;
        Ok(offered.ok_or_else(|| ProbeError::Media("there is no local description".to_owned()))?.sdp)
    }

    /// Takes the answer, uses those of its candidates that lie on the way, and waits until packets can flow.
    ///
    /// # Errors
    /// The stack's; [`ProbeError::TooLate`] after 20 s.
    pub async fn answered(&self, answer: &str) -> Result<(), ProbeError> {
        let (candidates, rest): (Vec<&str>, Vec<&str>) = answer.lines().partition(|line| line.starts_with("a=candidate:"));
        let rest: String = rest.into_iter().filter(|line| *line != "a=end-of-candidates").flat_map(|line| [line, "\r\n"]).collect();
        self.connection.set_remote_description(RTCSessionDescription::answer(rest)?).await?;
        let wanted = if self.is_tcp { "tcp" } else { "udp" };
        let mut found: Vec<&str> = candidates.iter().filter_map(|line| line.strip_prefix("a=")).collect();
        // Every section repeats them.
        found.sort_unstable();
        found.dedup();
        found.retain(|candidate| candidate.split(' ').nth(2).is_some_and(|transport| transport.eq_ignore_ascii_case(wanted)));
        for candidate in found {
            let init = RTCIceCandidateInit { candidate: candidate.to_owned(), sdp_mid: Some("0".to_owned()), sdp_mline_index: Some(0), ..Default::default() };
            self.connection.add_ice_candidate(init).await?;
        }
        let connected = tokio::time::timeout(CONNECTING, self.inbox.is_connected.notified()).await;
        connected.map_err(|_| ProbeError::TooLate("no media connection came about", CONNECTING))
    }

    /// Waits for a packet, until `limit`; whether one came.
    pub async fn hears_media(&self, limit: Duration) -> bool {
        tokio::time::timeout(limit, self.inbox.has_media.notified()).await.is_ok()
    }

    /// Sends a packet. One the network does not take is a lost packet; the counts will show it.
    pub async fn send(&self, kind: Kind, sequence_number: u16, timestamp: u32, marker: bool, payload: Vec<u8>) {
        let (track, ssrc, payload_type) = &self.tracks[usize::from(kind == Kind::Video)];
        let header = rtp::Header { version: 2, marker, payload_type: *payload_type, sequence_number, timestamp, ssrc: *ssrc, ..Default::default() };
        drop(track.write_rtp(rtp::Packet { header, payload: payload.into() }).await);
    }

    /// Goes without a word, like a browser that was killed.
    pub async fn close(&self) {
        // Nobody is left to be told.
        let _ = self.connection.close().await;
    }
}

/// A data channel of a participant.
pub struct Channel(Arc<dyn DataChannel>);

impl Channel {
    /// Waits until it is open, or closed for good; whether it is open.
    pub async fn opened(&self) -> bool {
        while let Some(event) = self.0.poll().await {
            match event {
                DataChannelEvent::OnOpen => return true,
                DataChannelEvent::OnClose => return false,
                _ => {}
            }
        }
        false
    }

    /// Says a text.
    ///
    /// # Errors
    /// The stack's.
    pub async fn say(&self, text: &str) -> Result<(), ProbeError> {
        Ok(self.0.send_text(text).await?)
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// The stack's.
    pub async fn send(&self, message: &[u8]) -> Result<(), ProbeError> {
        Ok(self.0.send(message.into()).await?)
    }

    /// The next text that is said to it; `None` when it is closed.
    pub async fn hear(&self) -> Option<String> {
        while let Some(event) = self.0.poll().await {
            match event {
                DataChannelEvent::OnMessage(message) if message.is_string => return String::from_utf8(message.data.to_vec()).ok(),
                DataChannelEvent::OnClose => return None,
                _ => {}
            }
        }
        None
    }
}
