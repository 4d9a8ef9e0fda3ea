//! Two participants with a stack of their own against the machine, in virtual time.

mod data;
mod even;
mod layers;
mod network;
mod observers;
mod red;
mod threads;

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, Input, Output, Rtc,
    bwe::BweKind,
    channel::ChannelId,
    format::{Codec, FormatParams},
    media::{Direction, Frequency, MediaKind, Mid, Pt, Rid},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

use super::{
    Join, JoinError, Kind, Measured, Packet, Report, SfuEvent, Tape, What,
    addresses::Addresses,
    core::{Core, Datagram, Out},
};

/// What a browser that does not know sound sent twice calls Opus; others call it 111.
const PLAIN: u8 = 109;
const SERVER: &str = "127.0.0.1:7000";

#[derive(Default)]
struct Heard {
    packets: Vec<(Kind, u16)>,
    sounds: Vec<Packet>,
    pictures: Vec<Packet>,
    reports: usize,
    is_broken: bool,
    panics: bool,
}

#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Heard>>);

impl Tape for Ear {
    fn packet(&mut self, packet: &Packet) {
        let mut heard = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        assert!(!heard.panics, "as told");
        heard.packets.push((packet.kind, packet.sequence));
        match packet.kind {
            Kind::Audio => heard.sounds.push(packet.clone()),
            Kind::Video => heard.pictures.push(packet.clone()),
        }
    }
    fn report(&mut self, _: &Report) {
        self.0.lock().unwrap().reports += 1;
    }
    fn is_broken(&self) -> bool {
        self.0.lock().unwrap().is_broken
    }
}

struct Browser {
    rtc: Rtc,
    at: SocketAddr,
    audio: Mid,
    video: Mid,
    pending: Option<str0m::change::SdpPendingOffer>,
    types: (Pt, Pt),
    wake_at: Instant,
    received: Vec<(u8, u16, u32)>,
    /// Packets of sound that came: payload type and payload.
    sounds: Vec<(u8, Arc<[u8]>)>,
    /// Packets of pictures that came: sequence number, timestamp and payload.
    pictures: Vec<((u16, u32), Arc<[u8]>)>,
    /// Of which layers whole pictures were asked for, and which begin anew.
    asked_layers: Vec<Option<Rid>>,
    restarted: HashSet<&'static str>,
    asked_for_picture: Vec<Instant>,
    /// What it was asked to send at most, in bit/s.
    caps: Vec<u64>,
    sequence: u64,
    /// How many packets came in each section.
    sections: HashMap<Mid, usize>,
    /// Its data channel, once open, and what was said to it there.
    channel: Option<ChannelId>,
    told: Vec<(bool, Vec<u8>)>,
    /// Packets that came with a number of their arrival order, and whether the other side tells of those sent.
    numbered: usize,
    is_told_of_arrivals: bool,
}

impl Browser {
    fn new(now: Instant, port: u16) -> (Self, String) {
        Self::with(now, port, false)
    }

    /// One that knows sound sent twice, or does not.
    fn with(now: Instant, port: u16, is_red_known: bool) -> (Self, String) {
        let at = SocketAddr::from(([127, 0, 0, 1], port));
        let mut config = Rtc::builder().clear_codecs().enable_opus(is_red_known, is_red_known).enable_vp8(true).set_rtp_mode(true);
        config = config.set_stats_interval(Some(Duration::from_secs(1)));
        if !is_red_known {
            config.codec_config().add_config(PLAIN.into(), None, Codec::Opus, Frequency::FORTY_EIGHT_KHZ, Some(2), FormatParams::default());
        }
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(at, "udp").unwrap());
        let mut api = rtc.sdp_api();
        let audio = api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let video = api.add_media(MediaKind::Video, Direction::SendRecv, None, None, None);
        api.add_channel("talk".to_owned());
        let (offer, pending) = api.apply().unwrap();
        let params = rtc.codec_config().params();
        let of = |is_audio: bool| params.iter().find(|p| p.spec().codec.is_audio() == is_audio).unwrap().pt();
        let types = (of(true), of(false));
        let browser = Self {
            rtc,
            at,
            audio,
            video,
            pending: Some(pending),
            types,
            wake_at: now,
            received: vec![],
            sounds: vec![],
            pictures: vec![],
            asked_layers: vec![],
            restarted: ["f", "s"].into(),
            asked_for_picture: vec![],
            caps: vec![],
            sequence: 1_000,
            sections: HashMap::new(),
            channel: None,
            told: vec![],
            numbered: 0,
            is_told_of_arrivals: false,
        };
        (browser, offer.to_sdp_string())
    }

    fn answered(&mut self, answer: &str) {
        let answer = str0m::change::SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc.sdp_api().accept_answer(self.pending.take().unwrap(), answer).unwrap();
    }

    fn poll(&mut self, now: Instant) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut sent = Vec::new();
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => {
                    self.wake_at = at;
                    return sent;
                }
                Output::Transmit(t) => sent.push((self.at, t.contents.to_vec())),
                Output::Event(Event::RtpPacket(p)) => {
                    self.numbered += usize::from(p.header.ext_vals.transport_cc.is_some());
                    self.received.push((*p.header.payload_type, p.header.sequence_number, p.header.timestamp));
                    let mid = self.rtc.direct_api().stream_rx(&p.header.ssrc).map(|stream| stream.mid());
                    *self.sections.entry(mid.unwrap()).or_default() += 1;
                    if mid == Some(self.audio) {
                        self.sounds.push((*p.header.payload_type, p.payload));
                    } else {
                        self.pictures.push(((p.header.sequence_number, p.header.timestamp), p.payload));
                    }
                }
                Output::Event(Event::KeyframeRequest(request)) => {
                    self.asked_for_picture.push(now);
                    self.asked_layers.push(request.rid);
                }
                Output::Event(Event::EgressBitrateEstimate(BweKind::Remb { estimate, .. })) => self.caps.push(estimate.as_u64()),
                // From such feedback alone does the stack take the round trip of a peer.
                Output::Event(Event::PeerStats(stats)) => self.is_told_of_arrivals |= stats.rtt.is_some(),
                Output::Event(Event::ChannelOpen(id, _)) => self.channel = Some(id),
                Output::Event(Event::ChannelData(data)) => self.told.push((data.binary, data.data)),
                Output::Event(_) => {}
            }
        }
    }

    fn send(&mut self, now: Instant) {
        self.sequence += 1;
        for (mid, pt, is_video) in [(self.audio, self.types.0, false), (self.video, self.types.1, true)] {
            let time = u32::try_from(self.sequence).unwrap() * if is_video { 1_800 } else { 960 };
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
                stream.write_rtp(RtpWrite::new(pt, self.sequence.into(), time, now, &[0x10; 100][..]).marker(is_video).nackable(is_video));
            }
        }
    }
}

struct World {
    now: Instant,
    core: Core,
    browsers: HashMap<u16, Browser>,
    news: Vec<SfuEvent>,
}

impl World {
    fn new(max_participants: usize) -> Self {
        // Again and again: only the first counts.
        str0m::crypto::from_feature_flags().install_process_default();
        let now = Instant::now();
        let addresses = Addresses { udp: vec![SERVER.parse().unwrap()], tcp: vec![], route: |_| None };
        Self { now, core: Core::new(addresses, max_participants), browsers: HashMap::new(), news: vec![] }
    }

    fn join(&mut self, room: u128, seat: u8, port: u16, ear: &Ear) -> Result<(), JoinError> {
        let (mut browser, offer) = Browser::new(self.now, port);
        let answer = self.core.join(self.now, Join { room, seat, offer, tap: Some(Box::new(ear.clone())), ear: None })?;
        browser.answered(&answer);
        self.browsers.insert(port, browser);
        Ok(())
    }

    /// Lets `millis` pass in steps of 5 ms; browsers in `sending` send a packet of each kind every 20 ms.
    fn run(&mut self, millis: u64, sending: &[u16]) {
        for step in 0..millis / 5 {
            self.now += Duration::from_millis(5);
            for port in sending.iter().filter(|_| step % 4 == 0) {
                let now = self.now;
                self.browsers.get_mut(port).unwrap().send(now);
            }
            self.core.tick(self.now);
            for _ in 0..4 {
                self.exchange();
            }
        }
    }

    fn exchange(&mut self) {
        let mut to_server = Vec::new();
        for browser in self.browsers.values_mut() {
            if browser.wake_at <= self.now {
                browser.rtc.handle_input(Input::Timeout(self.now)).unwrap();
            }
            to_server.extend(browser.poll(self.now));
        }
        for (from, bytes) in to_server {
            self.core.receive(self.now, &Datagram { is_tcp: false, from, bytes: &bytes });
        }
        self.core.settle(self.now);
        let mut answers = Vec::new();
        while let Some(out) = self.core.poll() {
            match out {
                Out::News(event) => self.news.push(event),
                Out::Post(..) => {}
                Out::Send { to, bytes, .. } => {
                    if let Some(browser) = self.browsers.get_mut(&to.port())
                        && let Ok(receive) = Receive::new(Protocol::Udp, SERVER.parse().unwrap(), to, &bytes)
                    {
                        browser.rtc.handle_input(Input::Receive(self.now, receive)).unwrap();
                        // The stack wants to be drained after each thing it is fed.
                        answers.extend(browser.poll(self.now));
                    }
                }
            }
        }
        for (from, bytes) in answers {
            self.core.receive(self.now, &Datagram { is_tcp: false, from, bytes: &bytes });
        }
    }

    fn news_of(&self, room: u128, seat: u8) -> Vec<What> {
        let is_theirs = |event: &&SfuEvent| (event.room, event.seat) == (room, seat) && !matches!(event.what, What::Measured(_));
        self.news.iter().filter(is_theirs).map(|event| event.what).collect()
    }

    fn measured(&self, room: u128, seat: u8) -> Vec<Measured> {
        let of = |event: &SfuEvent| if let What::Measured(measured) = event.what { Some(measured) } else { None };
        self.news.iter().filter(|event| (event.room, event.seat) == (room, seat)).filter_map(of).collect()
    }
}

#[test]
fn both_ends_receive_and_are_recorded_without_a_hole() {
    let mut world = World::new(10);
    let (customer, agent) = (Ear::default(), Ear::default());
    world.join(1, 0, 101, &customer).unwrap();
    world.join(1, 1, 102, &agent).unwrap();
    world.run(2_000, &[]);
    assert_eq!(world.news_of(1, 0), [What::Connected]);
    world.run(10_000, &[101, 102]);
    world.run(200, &[]);
    assert!([Kind::Audio, Kind::Video].iter().all(|kind| world.news_of(1, 0).iter().filter(|what| **what == What::Media(*kind)).count() == 1));
    for (ear, port) in [(&customer, 102), (&agent, 101)] {
        let heard = ear.0.lock().unwrap();
        for kind in [Kind::Audio, Kind::Video] {
            let sequences: Vec<u16> = heard.packets.iter().filter(|(k, _)| *k == kind).map(|(_, s)| *s).collect();
            assert_eq!(sequences, (1_001..=1_500).collect::<Vec<u16>>());
        }
        assert!(heard.reports >= 2, "{} sender reports", heard.reports);
        assert_eq!(world.browsers[&port].received.len(), 1_000);
    }
}

#[test]
fn the_way_to_a_participant_is_measured_while_it_sends() {
    let mut world = World::new(10);
    world.join(1, 0, 101, &Ear::default()).unwrap();
    world.join(1, 1, 102, &Ear::default()).unwrap();
    world.run(1_500, &[]);
    let mut network = network::Network::new(1, network::Weather { delay: (20, 20), ..network::Weather::default() });
    world.run_over(&mut network, 21_000, &[101, 102]);
    let found = world.measured(1, 0);
    assert!((3..=5).contains(&found.len()), "every five seconds: {found:?}");
    // 50 packets of 100 bytes a second are 40 kbit/s of payload.
    let last = found.last().unwrap();
    assert!((35..70).contains(&last.video_kbps) && last.loss_ppm == 0 && last.jitter_us < 20_000, "{last:?}");
    assert!(last.sent_kbps >= 80, "sound and picture of the other: {last:?}");
    assert!((35_000..60_000).contains(&last.rtt_us), "{last:?}");
}

#[test]
fn who_sends_is_told_what_arrived_and_who_receives_is_not_asked() {
    let mut world = World::new(10);
    world.join(1, 0, 101, &Ear::default()).unwrap();
    world.join(1, 1, 102, &Ear::default()).unwrap();
    world.run(1_500, &[]);
    world.run(3_000, &[101]);
    let [sender, receiver] = [101, 102].map(|port| &world.browsers[&port]);
    assert!(sender.is_told_of_arrivals, "a browser sends as much as it learns gets through");
    assert!(receiver.received.len() == 300 && receiver.numbered == 0, "{} of {}", receiver.numbered, receiver.received.len());
}

#[test]
fn a_whole_picture_is_asked_for_at_the_start_and_every_ten_seconds() {
    let mut world = World::new(10);
    world.join(1, 0, 101, &Ear::default()).unwrap();
    world.run(1_000, &[]);
    let start = world.now;
    world.run(25_000, &[101]);
    let asked: Vec<u64> = world.browsers[&101].asked_for_picture.iter().map(|at| (*at - start + Duration::from_millis(500)).as_secs()).collect();
    assert_eq!(asked, [0, 10, 20]);
}

#[test]
fn after_a_reload_the_other_end_sees_one_stream_that_goes_on() {
    let mut world = World::new(10);
    world.join(1, 0, 101, &Ear::default()).unwrap();
    world.join(1, 1, 102, &Ear::default()).unwrap();
    world.run(1_500, &[]);
    world.run(1_000, &[101]);
    let before = world.browsers[&102].received.len();
    assert_eq!(before, 100, "{:?}", &world.browsers[&102].received);
    world.browsers.remove(&101);
    world.join(1, 0, 103, &Ear::default()).unwrap();
    world.run(1_500, &[]);
    let reloaded_at = world.now;
    world.run(1_000, &[103]);
    let video: Vec<(u16, u32)> = world.browsers[&102].received.iter().filter(|p| p.0 == 96).map(|p| (p.1, p.2)).collect();
    assert_eq!(video.len(), 100);
    assert!(video.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1 && pair[1].1 > pair[0].1), "sequence and time go on");
    assert!(!world.browsers[&103].asked_for_picture.is_empty());
    assert!(world.browsers[&103].asked_for_picture[0] - reloaded_at < Duration::from_millis(100), "the new source is asked at once");
    assert_eq!(world.news_of(1, 0).iter().filter(|what| **what == What::Gone).count(), 0, "taking one's own seat is no leaving");
}

#[test]
fn who_falls_silent_is_disconnected_and_who_leaves_is_gone() {
    let mut world = World::new(10);
    world.join(1, 0, 101, &Ear::default()).unwrap();
    world.join(1, 1, 102, &Ear::default()).unwrap();
    world.run(1_500, &[]);
    world.browsers.remove(&101);
    world.run(40_000, &[]);
    assert!(world.news_of(1, 0).contains(&What::Disconnected), "{:?}", world.news_of(1, 0));
    world.core.close(world.now, 1);
    world.run(100, &[]);
    assert_eq!(world.news_of(1, 0).last(), Some(&What::Gone));
    assert_eq!(world.news_of(1, 1).last(), Some(&What::Gone));
    assert!(!world.browsers[&102].rtc.is_alive() || world.core.deadline().is_none(), "the browser is told");
}

#[test]
fn a_fault_in_one_room_leaves_the_others_alone() {
    let mut world = World::new(10);
    let (good, bad) = (Ear::default(), Ear::default());
    world.join(1, 0, 101, &bad).unwrap();
    world.join(1, 1, 102, &Ear::default()).unwrap();
    world.join(2, 0, 103, &good).unwrap();
    world.run(1_500, &[]);
    bad.0.lock().unwrap().panics = true;
    world.run(1_000, &[101, 103]);
    assert_eq!(world.news_of(1, 0).last(), Some(&What::Gone));
    assert_eq!(world.news_of(1, 1).last(), Some(&What::Gone));
    assert_eq!(good.0.lock().unwrap().packets.len(), 100);
}

#[test]
fn a_recorder_that_fails_is_told_once() {
    let mut world = World::new(10);
    let ear = Ear::default();
    world.join(1, 0, 101, &ear).unwrap();
    world.run(1_500, &[101]);
    ear.0.lock().unwrap().is_broken = true;
    world.run(500, &[101]);
    assert_eq!(world.news_of(1, 0).iter().filter(|what| **what == What::RecorderFailed).count(), 1);
}

#[test]
fn bad_offers_and_full_houses_are_refused_and_change_nothing() {
    let mut world = World::new(1);
    let ear = Ear::default();
    world.join(1, 0, 101, &ear).unwrap();
    world.run(1_000, &[]);
    assert_eq!(world.join(2, 0, 105, &ear), Err(JoinError::Full));
    let (_, offer) = Browser::new(world.now, 106);
    let no_tap = Join { room: 1, seat: 0, offer: offer.clone(), tap: None, ear: None };
    assert_eq!(world.core.join(world.now, no_tap), Err(JoinError::NoTap));
    let halves = (1..20).map(|i| offer[..offer.len() * i / 20].to_owned());
    let broken =
        halves.chain([offer.replace("a=fingerprint:sha-256", "a=fingerprint:sha-256 zz"), offer.replace("a=ice-ufrag", "a=x"), "v=0".into(), String::new()]);
    for sdp in broken {
        let join = Join { room: 1, seat: 0, offer: sdp.clone(), tap: Some(Box::new(ear.clone())), ear: None };
        // A half with a whole section is an offer, too; what must not happen is a fault.
        if world.core.join(world.now, join).is_ok() {
            assert!(sdp.contains("m=audio"));
        }
    }
    for length in [0, 1, 2, 19, 20, 40, 1_500] {
        for first in [0_u8, 1, 20, 63, 128, 200, 255] {
            let bytes = vec![first; length];
            world.core.receive(world.now, &Datagram { is_tcp: false, from: "127.0.0.1:9".parse().unwrap(), bytes: &bytes });
        }
    }
}

#[test]
fn a_flood_of_strangers_costs_nobody_a_packet_and_keeps_nobody_out() {
    let mut world = World::new(10);
    let ears = [Ear::default(), Ear::default()];
    world.join(1, 0, 101, &ears[0]).unwrap();
    world.join(1, 1, 102, &ears[1]).unwrap();
    world.run(2_000, &[101, 102]);
    let before = ears[0].0.lock().unwrap().packets.len();
    // A check of nobody, a check with somebody's name but not their password, a stranger's RTP and DTLS, and noise.
    let name = world.core.names.keys().next().unwrap().clone();
    let check = |name: &str| {
        let value = format!("{name}:them");
        let mut packet = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 6, 0, u8::try_from(value.len()).unwrap()];
        packet.extend(value.as_bytes());
        packet.resize(packet.len().next_multiple_of(4), 0);
        packet[3] = u8::try_from(packet.len() - 20).unwrap();
        packet
    };
    let hostile = [check("nobody"), check(&name), [&[0x80, 96][..], &[7; 900]].concat(), [&[22, 254, 253][..], &[0; 60]].concat(), vec![0; 20], vec![]];
    for round in 0..100_u16 {
        for port in 20_000..20_100 {
            for bytes in &hostile {
                let from = SocketAddr::from(([127, 0, 0, 1], port + round % 7));
                world.core.receive(world.now, &Datagram { is_tcp: false, from, bytes });
            }
        }
        if round == 50 {
            world.join(2, 0, 103, &Ear::default()).unwrap();
        }
        world.run(20, &[101, 102]);
    }
    world.run(1_000, &[]);
    assert_eq!(world.news_of(2, 0), [What::Connected], "who comes in the flood gets in");
    assert_eq!(world.core.routes.len(), 3, "no stranger is remembered");
    let taped = ears[0].0.lock().unwrap().packets.len() - before;
    assert_eq!(taped, 200, "two packets a round, none lost");
    assert_eq!(world.news_of(1, 0).len() + world.news_of(1, 1).len(), 2 + 4, "connected and heard, nothing else");
}
