//! Sound that is sent twice, to those who can take it and those who cannot, over networks that lose packets.

use std::collections::BTreeSet;

use str0m::rtp::{RedEncoder, RedundantBlock};

use super::{
    network::{Network, Weather},
    *,
};
use crate::engine::{
    sfu::Redundant,
    track::{Entry, Record, Track},
};

/// How a browser sends its sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sends {
    Plain,
    Twice,
    /// Half of a packet.
    Torn,
}

/// A sound that is told from all others: 20 ms of Opus by its first byte.
fn sound(number: u64) -> Vec<u8> {
    [&[0x78][..], &number.to_be_bytes()].concat()
}

/// Joins a browser that knows sound sent twice, or does not, from `port`. One that does not calls Opus by another payload type.
fn join(world: &mut World, seat: u8, port: u16, is_red_known: bool) -> Ear {
    let (mut browser, offer) = Browser::with(world.now, port, is_red_known);
    let ear = Ear::default();
    let answer = world.core.join(world.now, Join { room: 1, seat, offer, tap: Some(Box::new(ear.clone())), ear: None }).unwrap();
    browser.answered(&answer);
    world.browsers.insert(port, browser);
    ear
}

/// Sends sound number `number` from `port`, fifty a second.
fn speak(world: &mut World, port: u16, number: u64, sends: Sends) {
    let now = world.now;
    let browser = world.browsers.get_mut(&port).unwrap();
    let before = RedundantBlock { pt: 111, timestamp_offset: 960, payload: sound(number - 1) };
    let (payload_type, payload) = match sends {
        Sends::Plain => (111, sound(number)),
        Sends::Twice => (63, RedEncoder::encode(111, &sound(number), &[before])),
        Sends::Torn => (63, vec![0xef, 0, 0, 200, 111, 1]),
    };
    let (mid, time) = (browser.audio, u32::try_from(number).unwrap() * 960);
    let mut api = browser.rtc.direct_api();
    api.stream_tx_by_mid(mid, None).unwrap().write_rtp(RtpWrite::new(payload_type.into(), number.into(), time, now, payload));
}

/// The customer speaks for so many sounds, and the last of them arrive.
fn talk(world: &mut World, network: &mut Network, sounds: u64, sends: Sends) {
    for number in 2_000..2_000 + sounds {
        speak(world, 101, number, sends);
        world.run_over(network, 20, &[]);
    }
    world.run_over(network, 1_000, &[]);
}

/// The sounds that came to `port`, also in packets that carry others.
fn heard(world: &World, port: u16) -> BTreeSet<u64> {
    let number = |bytes: &[u8]| u64::from_be_bytes(bytes[1..9].try_into().unwrap());
    let mut found = BTreeSet::new();
    for (payload_type, payload) in &world.browsers[&port].sounds {
        if *payload_type == 63 {
            let redundant = Redundant::parse(payload).unwrap();
            assert_eq!(redundant.payload_type, 111, "called as this browser calls it");
            found.extend(redundant.earlier().map(|earlier| number(earlier.bytes)));
            found.insert(number(redundant.primary));
        } else {
            found.insert(number(payload));
        }
    }
    found
}

/// The sounds on a tape, as they are laid into a file.
fn taped(ear: &Ear) -> BTreeSet<u64> {
    let heard = ear.0.lock().unwrap();
    let Some(first) = heard.sounds.first() else { return BTreeSet::new() };
    let stream = |packet: &Packet| Entry::Stream {
        ssrc: packet.ssrc,
        payload_type: packet.payload_type,
        clock_rate: 48_000,
        codec: if packet.is_red { "red" } else { "opus" }.to_owned(),
    };
    let mut join = vec![Record { at_us: 0, entry: stream(first) }];
    join.extend(heard.sounds.iter().map(|packet| {
        let Packet { payload_type, marker, sequence, timestamp, ssrc, .. } = *packet;
        let at_us = u64::try_from((packet.at - first.at).as_micros()).unwrap() + 1_000_000;
        Record { at_us, entry: Entry::Packet { payload_type, marker, sequence, timestamp, ssrc, payload: Arc::clone(&packet.payload) } }
    }));
    let track = Track::of(&[join]);
    track.audio.iter().filter(|frame| frame.bytes.len() == 9).map(|frame| u64::from_be_bytes(frame.bytes[1..9].try_into().unwrap())).collect()
}

fn call(weather: Weather, seed: u64, agent_knows: bool) -> (World, Network, Ear) {
    let mut world = World::new(10);
    let mut network = Network::new(seed, weather);
    let ear = join(&mut world, 0, 101, true);
    join(&mut world, 1, 102, agent_knows);
    world.run_over(&mut network, 8_000, &[]);
    (world, network, ear)
}

const LOSSY: Weather = Weather { loss: 0.1, delay: (20, 60), doubled: 0.01, narrow: None, bursts: (0.0, 0) };
const SOUNDS: u64 = 1_000;

/// So many of them as a share.
fn share(sounds: usize) -> f64 {
    f64::from(u32::try_from(sounds).unwrap()) / 1_000.0
}

#[test]
fn the_answer_names_sound_sent_twice_first_to_whom_knows_it_and_never_to_others() {
    let mut world = World::new(10);
    for (port, is_known, first) in [(101, true, "m=audio 9 UDP/TLS/RTP/SAVPF 63 111"), (102, false, "m=audio 9 UDP/TLS/RTP/SAVPF 109")] {
        let (_, offer) = Browser::with(world.now, port, is_known);
        let join = Join { room: u128::from(port), seat: 0, offer, tap: Some(Box::new(Ear::default())), ear: None };
        let answer = world.core.join(world.now, join).unwrap();
        assert!(answer.lines().any(|line| line == first), "{answer}");
    }
}

#[test]
fn holes_are_filled_on_tape_and_at_both_kinds_of_ends() {
    for (seed, agent_knows) in [(31, true), (32, false), (33, false), (34, true)] {
        let (mut world, mut network, ear) = call(LOSSY, seed, agent_knows);
        talk(&mut world, &mut network, SOUNDS, Sends::Twice);
        let (on_tape, at_end) = (share(taped(&ear).len()), share(heard(&world, 102).len()));
        assert!(on_tape > 0.98, "seed {seed}: {on_tape} on tape, a hundredth is lost twice");
        // Over two ways: repaired on both, or on the first alone.
        let least = if agent_knows { 0.95 } else { 0.87 };
        assert!(at_end > least, "seed {seed}: {at_end} at the other end");
        let types: BTreeSet<u8> = world.browsers[&102].sounds.iter().map(|(payload_type, _)| *payload_type).collect();
        assert_eq!(types, [if agent_knows { 63 } else { PLAIN }].into(), "seed {seed}");
    }
    // The same network without it, so that this test can fail.
    let (mut world, mut network, ear) = call(LOSSY, 32, false);
    talk(&mut world, &mut network, SOUNDS, Sends::Plain);
    assert!(taped(&ear).len() < 930 && heard(&world, 102).len() < 850, "{} {}", taped(&ear).len(), heard(&world, 102).len());
}

#[test]
fn without_loss_nothing_is_heard_twice_or_misses_whatever_the_order() {
    for agent_knows in [true, false] {
        let (mut world, mut network, ear) = call(Weather { delay: (1, 70), doubled: 0.05, ..Weather::default() }, 35, agent_knows);
        talk(&mut world, &mut network, SOUNDS, Sends::Twice);
        let numbers: Vec<u16> = world.browsers[&102].received.iter().map(|(_, sequence, _)| *sequence).collect();
        let distinct: BTreeSet<u16> = numbers.iter().copied().collect();
        assert_eq!(numbers.len(), distinct.len(), "no packet comes twice");
        assert!(heard(&world, 102).len() as u64 >= SOUNDS - 3 && taped(&ear).len() as u64 >= SOUNDS - 2);
    }
}

#[test]
fn what_only_says_to_be_sound_sent_twice_is_dropped_and_counted() {
    let (mut world, mut network, ear) = call(Weather { delay: (1, 2), ..Weather::default() }, 36, false);
    talk(&mut world, &mut network, 300, Sends::Torn);
    speak(&mut world, 101, 9_000, Sends::Twice);
    world.run_over(&mut network, 6_000, &[]);
    assert_eq!((ear.0.lock().unwrap().sounds.len(), world.browsers[&102].sounds.len()), (1, 1), "the good one after them");
    assert_eq!(world.measured(1, 0).iter().map(|measured| measured.malformed).sum::<u32>(), 300);
    assert_eq!(world.news_of(1, 0), [What::Connected, What::Media(Kind::Audio)], "and the call goes on");
}
