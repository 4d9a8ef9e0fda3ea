//! The same two participants on a network that loses, delays, reorders and doubles packets as a seed says.

#![allow(clippy::cast_precision_loss, reason = "shares of a few thousand packets")]

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap},
};

use rand::{Rng, SeedableRng, rngs::StdRng};

use super::*;

/// What a network does to every packet, both ways.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weather {
    /// Share lost one by one.
    pub(super) loss: f64,
    /// Bytes a second that get through on each way down, from the server; what is more is lost.
    pub(super) narrow: Option<f64>,
    /// Share at which a burst begins that swallows so many packets.
    pub(super) bursts: (f64, u32),
    /// Shortest and longest delay in ms; what lies between reorders.
    pub(super) delay: (u64, u64),
    /// Share that arrives twice.
    pub(super) doubled: f64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct UnderWay {
    at: Instant,
    order: u64,
    /// From this browser to the server, or to this browser from it.
    browser: SocketAddr,
    is_to_server: bool,
    bytes: Vec<u8>,
}

pub(super) struct Network {
    pub(super) weather: Weather,
    /// The weather is there for this browser only; others have none. Nothing: for all.
    pub(super) only: Option<u16>,
    rng: StdRng,
    under_way: BinaryHeap<Reverse<UnderWay>>,
    order: u64,
    swallow: u32,
    room: HashMap<SocketAddr, (f64, Instant)>,
}

impl Network {
    pub(super) fn new(seed: u64, weather: Weather) -> Self {
        Self { weather, only: None, rng: StdRng::seed_from_u64(seed), under_way: BinaryHeap::new(), order: 0, swallow: 0, room: HashMap::new() }
    }

    fn take(&mut self, now: Instant, browser: SocketAddr, is_to_server: bool, bytes: &[u8]) {
        if self.only.is_some_and(|port| port != browser.port()) {
            self.order += 1;
            let packet = UnderWay { at: now, order: self.order, browser, is_to_server, bytes: bytes.to_vec() };
            return self.under_way.push(Reverse(packet));
        }
        if self.swallow > 0 {
            self.swallow -= 1;
            return;
        }
        if self.rng.random_bool(self.weather.bursts.0) {
            self.swallow = self.weather.bursts.1;
            return;
        }
        if !is_to_server && !self.fits(now, browser, bytes.len()) {
            return;
        }
        if self.rng.random_bool(self.weather.loss) {
            return;
        }
        let copies = if self.rng.random_bool(self.weather.doubled) { 2 } else { 1 };
        for _ in 0..copies {
            self.order += 1;
            let delay = Duration::from_millis(self.rng.random_range(self.weather.delay.0..=self.weather.delay.1));
            let packet = UnderWay { at: now + delay, order: self.order, browser, is_to_server, bytes: bytes.to_vec() };
            self.under_way.push(Reverse(packet));
        }
    }

    /// Whether a way down takes so much just now: a tenth of a second may wait.
    #[expect(clippy::cast_precision_loss, reason = "bytes of a packet")]
    fn fits(&mut self, now: Instant, browser: SocketAddr, length: usize) -> bool {
        let Some(rate) = self.weather.narrow else { return true };
        let (room, at) = self.room.entry(browser).or_insert((rate / 10.0, now));
        *room = (*room + now.saturating_duration_since(*at).as_secs_f64() * rate).min(rate / 10.0);
        *at = now;
        let fits = *room >= length as f64;
        if fits {
            *room -= length as f64;
        }
        fits
    }

    fn arrived(&mut self, now: Instant) -> Option<UnderWay> {
        self.under_way.peek().is_some_and(|next| next.0.at <= now).then(|| self.under_way.pop().map(|next| next.0)).flatten()
    }
}

impl World {
    /// Lets `millis` pass in steps of 5 ms over a network.
    pub(super) fn run_over(&mut self, network: &mut Network, millis: u64, sending: &[u16]) {
        for step in 0..millis / 5 {
            self.now += Duration::from_millis(5);
            let now = self.now;
            for browser in self.browsers.values_mut() {
                if step % 4 == 0 && sending.contains(&browser.at.port()) {
                    browser.send(now);
                }
                if browser.wake_at <= now {
                    browser.rtc.handle_input(Input::Timeout(now)).unwrap();
                }
                for (from, bytes) in browser.poll(now) {
                    network.take(now, from, true, &bytes);
                }
            }
            self.core.tick(now);
            while let Some(packet) = network.arrived(now) {
                if packet.is_to_server {
                    self.core.receive(now, &Datagram { is_tcp: false, from: packet.browser, bytes: &packet.bytes });
                } else if let Some(browser) = self.browsers.get_mut(&packet.browser.port())
                    && let Ok(receive) = Receive::new(Protocol::Udp, SERVER.parse().unwrap(), packet.browser, &packet.bytes)
                {
                    browser.rtc.handle_input(Input::Receive(now, receive)).unwrap();
                    for (from, bytes) in browser.poll(now) {
                        network.take(now, from, true, &bytes);
                    }
                }
            }
            self.core.settle(now);
            while let Some(out) = self.core.poll() {
                match out {
                    Out::News(event) => self.news.push(event),
                    Out::Post(..) => {}
                    Out::Send { to, bytes, .. } => network.take(now, to, false, &bytes),
                }
            }
        }
    }
}

/// Shares of what 101 and 102 sent that are on tape, and that reached the other end: sound, picture.
struct Outcome {
    taped: (f64, f64),
    heard: (f64, f64),
    /// How many packets are missing between the first and the last that came, over all tapes and ends.
    holes: usize,
}

/// How many numbers are missing between the first and the last of these, which lie in less than half the circle.
fn holes(sequences: &BTreeSet<u16>) -> usize {
    let Some(&any) = sequences.first() else { return 0 };
    let away = |sequence: &u16| i32::from(sequence.wrapping_sub(any).cast_signed());
    let (first, last) = (sequences.iter().map(away).min().unwrap(), sequences.iter().map(away).max().unwrap());
    usize::try_from(last - first + 1).unwrap() - sequences.len()
}

fn a_call_in(weather: Weather, seed: u64, seconds: u64) -> (World, Outcome) {
    let mut world = World::new(10);
    let mut network = Network::new(seed, weather);
    let ears = [Ear::default(), Ear::default()];
    world.join(1, 0, 101, &ears[0]).unwrap();
    world.join(1, 1, 102, &ears[1]).unwrap();
    for browser in world.browsers.values_mut() {
        // Browsers send again whatever they are asked for.
        let video = browser.video;
        browser.rtc.direct_api().stream_tx_by_mid(video, None).unwrap().set_rtx_cache(1024, Duration::from_secs(3), None);
    }
    world.run_over(&mut network, 8_000, &[]);
    for seat in [0, 1] {
        assert_eq!(world.news_of(1, seat), [What::Connected], "seed {seed}: seat {seat} is up");
    }
    world.run_over(&mut network, seconds * 1_000, &[101, 102]);
    world.run_over(&mut network, 2_000, &[]);
    let sent = seconds as f64 * 50.0;
    let taped = |ear: &Ear, kind: Kind| -> BTreeSet<u16> {
        let heard = ear.0.lock().unwrap();
        heard.packets.iter().filter(|(k, _)| *k == kind).map(|(_, sequence)| *sequence).collect()
    };
    let heard = |port: u16, is_video: bool| {
        let received = &world.browsers[&port].received;
        let all: Vec<u16> = received.iter().filter(|(pt, ..)| (*pt == 96) == is_video).map(|(_, sequence, _)| *sequence).collect();
        let distinct: BTreeSet<u16> = all.iter().copied().collect();
        assert_eq!(distinct.len(), all.len(), "seed {seed}: nothing arrives twice");
        distinct
    };
    let tapes = [Kind::Audio, Kind::Video].map(|kind| [taped(&ears[0], kind), taped(&ears[1], kind)]);
    let ends = [false, true].map(|is_video| [heard(101, is_video), heard(102, is_video)]);
    let worse = |both: &[BTreeSet<u16>; 2]| both[0].len().min(both[1].len()) as f64 / sent;
    let outcome = Outcome {
        taped: (worse(&tapes[0]), worse(&tapes[1])),
        heard: (worse(&ends[0]), worse(&ends[1])),
        holes: tapes.iter().chain(&ends).flatten().map(holes).sum(),
    };
    (world, outcome)
}

/// Nobody was ever told that an end is gone.
fn assert_up(world: &World, seed: u64) {
    for seat in [0, 1] {
        let told = world.news_of(1, seat);
        assert!(!told.iter().any(|what| matches!(what, What::Disconnected | What::Gone | What::RecorderFailed)), "seed {seed}: {told:?}");
    }
}

#[test]
fn ten_percent_loss_with_jitter_keeps_the_call_up_and_repairs_every_picture() {
    for seed in [1, 2] {
        let (world, outcome) = a_call_in(Weather { loss: 0.1, delay: (20, 120), doubled: 0.01, ..Weather::default() }, seed, 40);
        assert_up(&world, seed);
        assert!(outcome.taped.1 > 0.995, "seed {seed}: pictures on tape {}", outcome.taped.1);
        assert!(outcome.heard.1 > 0.99, "seed {seed}: pictures at the other end {}", outcome.heard.1);
        assert!(outcome.taped.0 > 0.86, "seed {seed}: sound is not repaired, but no more is lost than the network lost: {}", outcome.taped.0);
        assert!(outcome.heard.0 > 0.76, "seed {seed}: sound over two such ways {}", outcome.heard.0);
    }
}

#[test]
fn bursts_of_loss_are_repaired() {
    for seed in [3, 4] {
        let (world, outcome) = a_call_in(Weather { bursts: (0.01, 6), delay: (10, 40), ..Weather::default() }, seed, 40);
        assert_up(&world, seed);
        assert!(outcome.taped.1 > 0.995 && outcome.heard.1 > 0.99, "seed {seed}: {} {}", outcome.taped.1, outcome.heard.1);
    }
}

#[test]
fn what_is_lost_is_asked_for_at_once() {
    let mut world = World::new(10);
    let mut network = Network::new(8, Weather { delay: (5, 5), ..Weather::default() });
    let ear = Ear::default();
    world.join(1, 0, 101, &ear).unwrap();
    world.run_over(&mut network, 4_000, &[101]);
    let pictures = || ear.0.lock().unwrap().packets.iter().filter(|(kind, _)| *kind == Kind::Video).map(|(_, sequence)| *sequence).collect::<BTreeSet<u16>>();
    for round in 0..20 {
        // One packet of each kind, in all the places of the time between two looks at the stack.
        network.weather.loss = 1.0;
        world.run_over(&mut network, 5, &[101]);
        network.weather.loss = 0.0;
        // The next one shows that it is missing, and it is there again before a picture that waits for it stands still.
        world.run_over(&mut network, 15 + 20 + 80, &[101]);
        assert_eq!(holes(&pictures()), 0, "round {round}");
        world.run_over(&mut network, 205 + round * 20, &[101]);
    }
}

#[test]
fn whatever_order_packets_come_in_they_are_taped_and_passed_on() {
    for seed in [5, 6, 7] {
        let (world, outcome) = a_call_in(Weather { delay: (1, 60), doubled: 0.05, ..Weather::default() }, seed, 20);
        assert_up(&world, seed);
        assert_eq!(outcome.holes, 0, "seed {seed}: once a stream has begun nothing of it is missing");
        // What is overtaken by a later beginning is lost: at 50 a second and 60 ms of jitter two packets a way.
        for (share, ways) in [(outcome.taped.0, 1), (outcome.taped.1, 1), (outcome.heard.0, 2), (outcome.heard.1, 2)] {
            assert!(share >= 1.0 - f64::from(2 * ways) / 1000.0, "seed {seed}: {share} over {ways} ways");
        }
    }
}

#[test]
fn a_network_that_goes_away_and_comes_back_is_told_twice() {
    let mut world = World::new(10);
    let mut network = Network::new(10, Weather { delay: (5, 15), ..Weather::default() });
    let ear = Ear::default();
    world.join(1, 0, 101, &ear).unwrap();
    world.run_over(&mut network, 5_000, &[101]);
    network.weather.loss = 1.0;
    world.run_over(&mut network, 15_000, &[101]);
    assert_eq!(world.news_of(1, 0).last(), Some(&What::Disconnected));
    network.weather.loss = 0.0;
    let before = ear.0.lock().unwrap().packets.len();
    world.run_over(&mut network, 15_000, &[101]);
    assert_eq!(world.news_of(1, 0).last(), Some(&What::Connected), "{:?}", world.news_of(1, 0));
    assert!(ear.0.lock().unwrap().packets.len() > before + 500, "what is sent is taped again");
}

/// 100 bytes fifty times a second are sent of each kind: the sound alone fits through what is left, both do not.
#[test]
fn who_can_take_less_is_sent_less_sound_first_and_more_again_when_the_way_is_good() {
    let mut world = World::new(10);
    let mut network = Network::new(11, Weather { delay: (5, 15), ..Weather::default() });
    let ears = [Ear::default(), Ear::default()];
    world.join(1, 0, 101, &ears[0]).unwrap();
    world.join(1, 1, 102, &ears[1]).unwrap();
    let counted = |world: &World| {
        let received = &world.browsers[&102].received;
        let pictures = received.iter().filter(|(pt, ..)| *pt == 96).count();
        (received.len() - pictures, pictures)
    };
    world.run_over(&mut network, 10_000, &[101, 102]);
    assert!(world.browsers[&101].caps.is_empty(), "a good way is not capped");
    network.weather.narrow = Some(9_000.0);
    world.run_over(&mut network, 40_000, &[101, 102]);
    let lowest = *world.browsers[&101].caps.iter().min().expect("the sender was asked for less");
    assert!(lowest < 300_000, "{lowest}");
    let before = counted(&world);
    world.run_over(&mut network, 40_000, &[101, 102]);
    let after = counted(&world);
    let (sound, pictures) = (after.0 - before.0, after.1 - before.1);
    assert!(sound > 1_500, "the sound goes on: {sound} of 2000");
    assert!(pictures < sound * 3 / 4, "the picture gives way: {pictures}");
    network.weather.narrow = None;
    world.run_over(&mut network, 60_000, &[101, 102]);
    assert!(world.browsers[&101].caps.last().is_some_and(|cap| *cap > 2_000_000), "{:?}", world.browsers[&101].caps.last());
    let last = counted(&world);
    assert!(last.1 - after.1 > 2_000, "pictures are back: {}", last.1 - after.1);
}
