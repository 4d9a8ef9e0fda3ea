//! The load: participants on str0m that send 1.5 Mbit/s of pictures and 50 sounds a second, the same against every server. As browsers do
//! it (seen in Chromium), the packets of a picture leave together, and a picture is cut into packets of one length, the last ones a byte longer.

use std::{
    net::{SocketAddr, UdpSocket},
    os::fd::AsFd,
    time::{Duration, Instant},
};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    media::{Direction, MediaKind, Mid, Pt},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

use crate::measured::Span;

/// 6250 bytes 30 times a second are 1.5 Mbit/s.
const PICTURES: f64 = 30.0;
/// Bytes of the packets of a picture.
const PIECES: [usize; 6] = [1_041, 1_041, 1_042, 1_042, 1_042, 1_042];
/// Sequence number of the first of them.
const FIRST_PIECE: u64 = 1_000;
const SOUNDS: f64 = 50.0;
/// Packets a participant sends a second, and how many of them are sounds.
pub const PACKETS: f64 = PICTURES * PIECES.len() as f64 + SOUNDS;
/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_millis(1);

/// One peer connection.
pub struct Client {
    rtc: Rtc,
    socket: UdpSocket,
    at: SocketAddr,
    wake_at: Instant,
    sending: Option<Sending>,
    pending: Option<SdpPendingOffer>,
    is_up: bool,
    /// How much later than others it begins to send.
    phase: Duration,
}

struct Sending {
    audio: (Mid, Pt),
    video: (Mid, Pt),
    since: Option<Instant>,
    sounds: u64,
    pictures: u64,
}

/// All of them, and the clock their stamps are in.
pub struct Load {
    pub clients: Vec<Client>,
    epoll: Epoll,
    zero: Instant,
    pub span: Span,
    is_sending: bool,
}

impl Load {
    pub fn new() -> Self {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).unwrap();
        Self { clients: Vec::new(), epoll, zero: Instant::now(), span: Span::default(), is_sending: false }
    }

    fn client(&mut self, ip: &str) -> Client {
        let socket = UdpSocket::bind(format!("{ip}:0")).unwrap();
        socket.set_nonblocking(true).unwrap();
        socket2::SockRef::from(&socket).set_recv_buffer_size(1 << 20).unwrap();
        let at = socket.local_addr().unwrap();
        let now = Instant::now();
        let mut rtc = Rtc::builder().clear_codecs().enable_opus(true, false).enable_vp8(true).set_rtp_mode(true).build(now);
        rtc.add_local_candidate(Candidate::host(at, "udp").unwrap());
        self.epoll.add(socket.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, self.clients.len() as u64)).unwrap();
        Client { rtc, socket, at, wake_at: now, sending: None, pending: None, is_up: false, phase: phase(self.clients.len()) }
    }

    /// A participant that sends; its number and its offer.
    pub fn offer(&mut self, ip: &str, direction: Direction) -> (usize, String) {
        let mut client = self.client(ip);
        let mut api = client.rtc.sdp_api();
        let audio = api.add_media(MediaKind::Audio, direction, Some("s".into()), None, None);
        let video = api.add_media(MediaKind::Video, direction, Some("s".into()), None, None);
        let (offer, pending) = api.apply().unwrap();
        let params = client.rtc.codec_config().params();
        let of = |is_audio: bool| params.iter().find(|p| p.spec().codec.is_audio() == is_audio).unwrap().pt();
        client.sending = Some(Sending { audio: (audio, of(true)), video: (video, of(false)), since: None, sounds: 0, pictures: 0 });
        client.pending = Some(pending);
        self.clients.push(client);
        (self.clients.len() - 1, offer.to_sdp_string())
    }

    pub fn answered(&mut self, number: usize, answer: &str) {
        let client = &mut self.clients[number];
        client.rtc.sdp_api().accept_answer(client.pending.take().unwrap(), SdpAnswer::from_sdp_string(answer).unwrap()).unwrap();
        client.poll(self.zero, &mut self.span);
    }

    /// A participant that only receives what is offered; its answer.
    pub fn answer(&mut self, ip: &str, offer: &str) -> String {
        let mut client = self.client(ip);
        let answer = client.rtc.sdp_api().accept_offer(SdpOffer::from_sdp_string(offer).unwrap()).unwrap();
        client.poll(self.zero, &mut self.span);
        self.clients.push(client);
        answer.to_sdp_string()
    }

    /// How many are connected.
    pub fn up(&self) -> usize {
        self.clients.iter().filter(|client| client.is_up).count()
    }

    pub fn start_sending(&mut self) {
        self.is_sending = true;
    }

    /// Lets the load run for so long.
    pub fn run(&mut self, length: Duration) {
        let end = Instant::now() + length;
        let mut events = vec![EpollEvent::empty(); 256];
        let mut buffer = vec![0; 2048];
        let mut looked_at = Instant::now();
        while Instant::now() < end {
            let ready = self.epoll.wait(&mut events, EpollTimeout::try_from(TICK).unwrap()).unwrap_or(0);
            for event in &events[..ready] {
                let client = &mut self.clients[usize::try_from(event.data()).unwrap()];
                client.receive(&mut buffer, self.zero, &mut self.span);
            }
            let now = Instant::now();
            if now.duration_since(looked_at) < TICK {
                continue;
            }
            looked_at = now;
            for client in &mut self.clients {
                if client.wake_at <= now {
                    client.rtc.handle_input(Input::Timeout(now)).unwrap();
                    client.poll(self.zero, &mut self.span);
                }
                if self.is_sending {
                    client.send_due(now, self.zero, &mut self.span);
                }
            }
        }
    }
}

/// Real participants do not send at one instant: each begins somewhere else in the time of a picture, evenly spread however many there are.
fn phase(number: usize) -> Duration {
    const GOLDEN: f64 = 0.618_033_988_75;
    Duration::from_secs_f64((number as f64 * GOLDEN).fract() / PICTURES)
}

/// What Chromium writes before each part of a picture (RFC 7741 §4.2): whether it is the first, and the number of the picture in 15 bits.
fn descriptor(sequence: u64, time: u32) -> [u8; 4] {
    let is_first = (sequence - FIRST_PIECE).is_multiple_of(PIECES.len() as u64);
    let [_, _, high, low] = (time / 3_000).to_be_bytes();
    [if is_first { 0x90 } else { 0x80 }, 0x80, 0x80 | high, low]
}

impl Client {
    fn receive(&mut self, buffer: &mut [u8], zero: Instant, span: &mut Span) {
        while let Ok((length, from)) = self.socket.recv_from(buffer) {
            let Ok(receive) = Receive::new(Protocol::Udp, from, self.at, &buffer[..length]) else { continue };
            // A packet that makes no sense to it is a lost packet; the counts show it.
            let _ = self.rtc.handle_input(Input::Receive(Instant::now(), receive));
            self.poll(zero, span);
        }
    }

    fn poll(&mut self, zero: Instant, span: &mut Span) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => {
                    self.wake_at = at;
                    return;
                }
                Output::Transmit(transmit) => drop(self.socket.send_to(&transmit.contents, transmit.destination)),
                Output::Event(Event::Connected) => self.is_up = true,
                Output::Event(Event::RtpPacket(packet)) => {
                    if let Some(stamp) = packet.payload.last_chunk() {
                        let sent = zero + Duration::from_nanos(u64::from_be_bytes(*stamp));
                        span.arrived(sent, Instant::now());
                    }
                }
                Output::Event(_) => {}
            }
        }
    }

    /// Sends what is due by now.
    fn send_due(&mut self, now: Instant, zero: Instant, span: &mut Span) {
        let Some(sending) = &mut self.sending else { return };
        if !self.is_up {
            return;
        }
        let elapsed = now.saturating_duration_since(*sending.since.get_or_insert(now + self.phase)).as_secs_f64();
        let mut due = Vec::new();
        while (sending.pictures as f64) < elapsed * PICTURES {
            let time = sending.pictures as u32 * 3_000;
            for (piece, bytes) in PIECES.into_iter().enumerate() {
                let sequence = FIRST_PIECE + sending.pictures * PIECES.len() as u64 + piece as u64;
                due.push((sending.video, sequence, time, bytes, piece + 1 == PIECES.len(), true));
            }
            sending.pictures += 1;
        }
        while (sending.sounds as f64) < elapsed * SOUNDS {
            sending.sounds += 1;
            due.push((sending.audio, 500 + sending.sounds, sending.sounds as u32 * 960, 80, false, false));
        }
        if due.is_empty() {
            return;
        }
        let stamp = Instant::now().saturating_duration_since(zero);
        let ending = u64::try_from(stamp.as_nanos()).unwrap().to_be_bytes();
        for ((mid, pt), sequence, time, bytes, marker, nackable) in &due {
            let mut payload = [0xab_u8; 1200];
            if *nackable {
                payload[..4].copy_from_slice(&descriptor(*sequence, *time));
            }
            let start = bytes - ending.len();
            payload[start..*bytes].copy_from_slice(&ending);
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(*mid, None) {
                stream.write_rtp(RtpWrite::new(*pt, (*sequence).into(), *time, now, &payload[..*bytes]).marker(*marker).nackable(*nackable));
            }
            span.sent(zero + stamp);
            self.poll(zero, span);
        }
    }
}
