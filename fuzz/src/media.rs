//! What must hold of everything that strangers send to a call: offers, packets, words, and the log made of them.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    command::LiveCommand,
    sfu::{Join, JoinError, Machine, Packet, Redundant, Report, Tape},
    track::{Entry, Record, Track, records},
};

/// An offer as a browser makes it; candidates belong after its first section's lines.
const OFFER: &str = include_str!("../../tests/support/offer.sdp");
const SERVER: &str = "127.0.0.1:7000";
/// Recordings in which the fuzzer may lie about time: an hour, or silence of years would be written.
const HOUR_US: u64 = 3_600_000_000;

/// Hears everything and keeps nothing.
struct NoTape;

impl Tape for NoTape {
    fn packet(&mut self, _: &Packet) {}
    fn report(&mut self, _: &Report) {}
    fn is_broken(&self) -> bool {
        false
    }
}

fn joined(machine: &mut Machine, now: Instant, offer: String) -> Option<String> {
    match machine.join(now, Join { room: 1, seat: 0, offer, tap: Some(Box::new(NoTape)), ear: None }) {
        Ok(answer) => Some(answer),
        Err(error) => {
            assert_eq!(error, JoinError::BadOffer);
            None
        }
    }
}

fn server() -> SocketAddr {
    SERVER.parse().expect("an address")
}

/// An SDP offer.
pub fn offer(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (mut machine, now) = (Machine::new(server()), Instant::now());
    let Some(answer) = joined(&mut machine, now, text.to_string()) else { return };
    let sections = |sdp: &str| sdp.lines().filter(|line| line.starts_with("m=")).count();
    assert_eq!(sections(&answer), sections(&text), "a section for a section");
    assert!(answer.contains("a=ice-lite"), "we never check ourselves");
    let drained = machine.drain(now + Duration::from_millis(50));
    assert!(drained.sent.is_empty(), "nothing is sent to addresses a stranger names");
}

/// Lines of candidates in a good offer.
pub fn candidates(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines: String = text.lines().take(40).map(|line| format!("a=candidate:{line}\r\n")).collect::<Vec<_>>().concat();
    let offer = OFFER.replace('\n', "\r\n").replacen("a=rtcp-mux\r\n", &format!("a=rtcp-mux\r\n{lines}"), 1);
    let (mut machine, now) = (Machine::new(server()), Instant::now());
    if joined(&mut machine, now, offer).is_some() {
        for later in [10, 1_000, 10_000] {
            let drained = machine.drain(now + Duration::from_millis(later));
            assert!(drained.sent.is_empty(), "an ICE-lite agent checks nobody");
        }
    }
}

/// Packets to a machine in which one participant is awaited. Each: a byte that says what it is, one with its length, and so
/// much of it.
pub fn datagrams(data: &[u8]) {
    let (mut machine, mut now) = (Machine::new(server()), Instant::now());
    let Some(answer) = joined(&mut machine, now, OFFER.replace('\n', "\r\n")) else { panic!("the offer is good") };
    let name = answer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).expect("a name in the answer").trim_end().to_owned();
    let mut rest = data;
    while let [kind, length, after @ ..] = rest {
        let (body, after) = after.split_at(after.len().min(usize::from(*length)));
        rest = after;
        let packet = match kind % 4 {
            0 => body.to_vec(),
            // A check that names the participant but does not know the password, with attributes as they come.
            1 => check(&format!("{name}:abcd"), body),
            2 => [&[0x80, 96][..], body].concat(),
            _ => {
                now += Duration::from_millis(u64::from(*length));
                body.to_vec()
            }
        };
        let from = SocketAddr::from(([127, 0, 0, 1], 9_000 + u16::from(kind >> 6)));
        machine.receive(now, kind & 4 != 0, from, &packet);
        let drained = machine.drain(now);
        assert!(drained.sent.is_empty() && drained.news.is_empty(), "a stranger is told nothing: {drained:?}");
    }
}

fn check(user: &str, attributes: &[u8]) -> Vec<u8> {
    let mut packet = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 6];
    packet.extend(u16::try_from(user.len()).unwrap_or(0).to_be_bytes());
    packet.extend(user.as_bytes());
    packet.resize(packet.len().next_multiple_of(4), 0);
    packet.extend(attributes);
    let length = u16::try_from(packet.len() - 20).unwrap_or(0).to_be_bytes();
    packet[2..4].copy_from_slice(&length);
    packet
}

/// The bytes of a log.
pub fn log(data: &[u8]) {
    let (found, left) = records(data);
    assert!(left <= data.len());
    let mut again = Vec::new();
    for record in &found {
        record.write(&mut again);
    }
    assert_eq!(records(&again), (found.clone(), 0), "what was read is written and read alike");
    let mut found = found;
    found.retain(|record| record.at_us < HOUR_US);
    laid(&[found]);
}

/// RTP payloads on their way into files, two joins of one party. Each: a byte that says what it is (bit 0 picture, 1 marker of a
/// picture or sound that is sent twice, 2 a number
/// is missing, 3 it comes late, 4 a report, 5 the other join, 6 and 7 the step of time), one with its length, and so much payload.
pub fn payloads(data: &[u8]) {
    let mut joins = [described(), described()];
    let (mut at_us, mut sequences, mut timestamps) = (0_u64, [65_500_u16; 2], [u32::MAX - 4_000; 2]);
    let mut rest = data;
    while let [what, length, after @ ..] = rest {
        let (body, after) = after.split_at(after.len().min(usize::from(*length)));
        rest = after;
        let source = usize::from(what & 1);
        at_us += [0, 20_000, 33_000, 900_000][usize::from(what >> 6)];
        if at_us > HOUR_US {
            break;
        }
        timestamps[source] = timestamps[source].wrapping_add([0, 960, 3_000, 1 << 30][usize::from(what >> 6)]);
        sequences[source] = sequences[source].wrapping_add(1 + u16::from(what >> 2 & 1));
        let ssrc = 1 + u32::from(what & 1);
        if let Some(redundant) = Redundant::parse(body) {
            let earlier = redundant.earlier().map(|earlier| earlier.bytes.len()).sum::<usize>();
            assert!(!redundant.primary.is_empty() && redundant.primary.len() + earlier < body.len(), "nothing is made up");
        }
        let entry = match body.first_chunk::<8>() {
            Some(clock) if what & 16 != 0 => Entry::Report { ssrc, sender_us: u64::from_le_bytes(*clock), timestamp: timestamps[source] },
            _ => Entry::Packet {
                payload_type: if what & 3 == 2 { 63 } else { 96 },
                marker: what & 2 != 0,
                sequence: sequences[source].wrapping_sub(if what & 8 != 0 { 9 } else { 0 }),
                timestamp: timestamps[source],
                ssrc,
                payload: body.into(),
            },
        };
        joins[usize::from(what >> 5 & 1)].push(Record { at_us, entry });
    }
    laid(&joins);
}

fn described() -> Vec<Record> {
    let stream = |ssrc, clock_rate, codec: &str| Entry::Stream { ssrc, payload_type: 96, clock_rate, codec: codec.to_owned() };
    let mut twice = stream(1, 48_000, "red");
    if let Entry::Stream { payload_type, .. } = &mut twice {
        *payload_type = 63;
    }
    [stream(1, 48_000, "opus"), twice, stream(2, 90_000, "vp8")].map(|entry| Record { at_us: 0, entry }).to_vec()
}

/// What files are made of must hold whatever was sent.
fn laid(joins: &[Vec<Record>]) {
    let track = Track::of(joins);
    let all = || track.video.iter().chain(&track.audio);
    assert!(track.video.first().is_none_or(|frame| frame.is_whole), "the first picture is whole");
    assert!(track.video.windows(2).all(|pair| pair[0].at_us < pair[1].at_us), "pictures follow each other");
    assert!(track.audio.windows(2).all(|pair| pair[0].at_us < pair[1].at_us), "sounds follow each other");
    assert!(all().all(|frame| !frame.bytes.is_empty() && frame.at_us >= 0));
    assert!(track.video.is_empty() || (track.size.0 > 0 && track.size.1 > 0), "pictures have a size");
    let last = joins.iter().flatten().map(|record| record.at_us).max().unwrap_or(0);
    let most = i64::try_from(last).unwrap_or(i64::MAX).saturating_add(2_000_000);
    assert!(all().all(|frame| frame.at_us <= most), "nothing is laid long after it arrived");
    let gaps = track.gaps_us(1_500_000);
    assert!(gaps.iter().all(|(from, to)| from < to && *to <= track.end_us()));
}

/// A message on the live socket.
pub fn command(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(command) = serde_json::from_str::<LiveCommand>(&text) else { return };
    if let LiveCommand::Chat { text, .. } = &command {
        let said = text.expose();
        assert!(said.len() < 8 || !format!("{command:?}").contains(said.as_str()), "what people write is never printed");
    }
}
