//! A participant on a stack that is not ours: the `webrtc` crate, over real sockets on loopback.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use rtc::{
    media_stream::MediaStreamTrack,
    peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8},
    rtp,
    rtp_transceiver::rtp_sender::{RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind},
};
use webrtc::{
    media_stream::{
        track_local::{TrackLocal, static_rtp::TrackLocalStaticRTP},
        track_remote::{TrackRemote, TrackRemoteEvent},
    },
    peer_connection::{
        MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder, RTCIceGatheringState, RTCPeerConnectionState,
        RTCSessionDescription, Registry, SettingEngineBuilder, register_default_interceptors,
    },
    runtime::TokioRuntime,
};

use super::clip::Clip;

const OPUS: u8 = 111;
const VP8: u8 = 96;

/// What came in.
#[derive(Default)]
pub struct Inbox {
    /// Sequence numbers and sizes of sound packets.
    pub audio: Mutex<Vec<(u16, usize)>>,
    /// Sequence numbers and sizes of picture packets.
    pub video: Mutex<Vec<(u16, usize)>>,
    is_connected: tokio::sync::Notify,
    is_gathered: tokio::sync::Notify,
}

/// A participant.
pub struct Peer {
    connection: Arc<dyn PeerConnection>,
    tracks: [(Arc<TrackLocalStaticRTP>, u32, u8); 2],
    /// How many packets of each kind and how many clips were sent: numbers go on from there.
    sent: [AtomicU32; 3],
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
        let (inbox, is_video) = (Arc::clone(&self.0), track.kind().await == RtpCodecKind::Video);
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                if let TrackRemoteEvent::OnRtpPacket(packet) = event {
                    let list = if is_video { &inbox.video } else { &inbox.audio };
                    list.lock().unwrap().push((packet.header.sequence_number, packet.payload.len()));
                }
            }
        });
    }
}

fn codec(is_video: bool) -> RTCRtpCodec {
    let feedback = |typ: &str, parameter: &str| RTCPFeedback { typ: typ.to_owned(), parameter: parameter.to_owned() };
    if is_video {
        let rtcp_feedback = vec![feedback("ccm", "fir"), feedback("nack", ""), feedback("nack", "pli")];
        RTCRtpCodec { mime_type: MIME_TYPE_VP8.into(), clock_rate: 90_000, channels: 0, sdp_fmtp_line: String::new(), rtcp_feedback }
    } else {
        let sdp_fmtp_line = "minptime=10;useinbandfec=1".to_owned();
        RTCRtpCodec { mime_type: MIME_TYPE_OPUS.into(), clock_rate: 48_000, channels: 2, sdp_fmtp_line, rtcp_feedback: vec![] }
    }
}

fn track(is_video: bool, ssrc: u32) -> Arc<TrackLocalStaticRTP> {
    let kind = if is_video { RtpCodecKind::Video } else { RtpCodecKind::Audio };
    let rtp_coding_parameters = RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() };
    let coding = RTCRtpEncodingParameters { rtp_coding_parameters, codec: codec(is_video), ..Default::default() };
    Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new("peer".into(), format!("track-{ssrc}"), "track".into(), kind, vec![coding])))
}

impl Peer {
    /// A participant that will send from `ssrc` (sound) and `ssrc + 1` (pictures).
    pub async fn new(ssrc: u32) -> Self {
        let mut engine = MediaEngine::default();
        for (is_video, payload_type, kind) in [(false, OPUS, RtpCodecKind::Audio), (true, VP8, RtpCodecKind::Video)] {
            engine.register_codec(RTCRtpCodecParameters { rtp_codec: codec(is_video), payload_type }, kind).unwrap();
        }
        let registry = register_default_interceptors(Registry::new(), &mut engine).unwrap();
        let inbox = Arc::new(Inbox::default());
        let connection: Arc<dyn PeerConnection> = Arc::new(
            PeerConnectionBuilder::new()
                .with_configuration(RTCConfigurationBuilder::new().build())
                .with_media_engine(engine)
                .with_setting_engine(SettingEngineBuilder::default().with_include_loopback_candidate(true).build())
                .with_interceptor_registry(registry)
                .with_handler(Arc::new(Ears(Arc::clone(&inbox))))
                .with_runtime(Arc::new(TokioRuntime))
                .with_udp_addrs(vec!["127.0.0.1:0".to_owned()])
                .build()
                .await
                .unwrap(),
        );
        let tracks = [(track(false, ssrc), ssrc, OPUS), (track(true, ssrc + 1), ssrc + 1, VP8)];
        for (track, ..) in &tracks {
            connection.add_track(Arc::clone(track) as Arc<dyn TrackLocal>).await.unwrap();
        }
        Self { connection, tracks, sent: Default::default(), inbox }
    }

    /// Its offer, with candidates.
    pub async fn offer(&self) -> String {
        let offer = self.connection.create_offer(None).await.unwrap();
        self.connection.set_local_description(offer).await.unwrap();
        // An answer that came before we listened is kept by the permit.
        drop(tokio::time::timeout(Duration::from_secs(3), self.inbox.is_gathered.notified()).await);
        self.connection.local_description().await.unwrap().sdp
    }

    /// Takes the answer and waits until packets can flow.
    pub async fn answered(&self, answer: String) {
        self.connection.set_remote_description(RTCSessionDescription::answer(answer).unwrap()).await.unwrap();
        tokio::time::timeout(Duration::from_secs(20), self.inbox.is_connected.notified()).await.expect("no connection within 20 s");
    }

    /// Sends a clip at its own pace; the numbers of packets sent, sound and picture.
    pub async fn play(&self, clip: &Clip) -> (usize, usize) {
        let start = tokio::time::Instant::now();
        let mut sounds = (0_u32..).zip(&clip.sounds).peekable();
        let mut pictures = (0_u32..).zip(&clip.pictures).peekable();
        let [audio_before, video_before, clips] = &self.sent;
        let (mut audio, mut video, again) = (0, 0, clips.fetch_add(1, Relaxed));
        let number = |before: &AtomicU32, i: u32| u16::try_from(5_000 + before.load(Relaxed) + i).unwrap();
        while sounds.peek().is_some() || pictures.peek().is_some() {
            let now = start.elapsed();
            while let Some((i, sound)) = sounds.next_if(|(i, _)| Duration::from_millis(20) * *i <= now) {
                self.send(0, number(audio_before, audio), again * 960_000 + 960 * i, false, sound.clone()).await;
                audio += 1;
            }
            while let Some((i, picture)) = pictures.next_if(|(i, _)| Duration::from_secs((*i).into()) / 30 <= now) {
                let payloads = Clip::payloads(picture);
                let last = payloads.len() - 1;
                for (part, payload) in payloads.into_iter().enumerate() {
                    self.send(1, number(video_before, video), again * 1_800_000 + 3_000 * i, part == last, payload).await;
                    video += 1;
                }
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        audio_before.fetch_add(audio, Relaxed);
        video_before.fetch_add(video, Relaxed);
        (audio as usize, video as usize)
    }

    /// Goes without a word, like a browser that was killed.
    pub async fn close(&self) {
        self.connection.close().await.unwrap();
    }

    async fn send(&self, track: usize, sequence_number: u16, timestamp: u32, marker: bool, payload: Vec<u8>) {
        let (track, ssrc, payload_type) = &self.tracks[track];
        let header = rtp::Header { version: 2, marker, payload_type: *payload_type, sequence_number, timestamp, ssrc: *ssrc, ..Default::default() };
        // A packet the network does not take is a lost packet; the counts will show it.
        drop(track.write_rtp(rtp::Packet { header, payload: payload.into() }).await);
    }
}
