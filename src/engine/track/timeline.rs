//! What one party sent, laid on one line of time: packets become pictures and sounds, each with its moment. Pure.
//!
//! Moments are microseconds since the start of the recording. Sound and picture of one join are aligned by the sender's
//! own clock (sender reports); that clock is laid on the server's by the packets that travelled fastest. So the mouth fits
//! the voice, and both parties fit each other. A source without reports is laid by arrival alone. Sounds that were lost on the
//! way are taken out of later packets that carry them once more.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::{
    log::{Entry, Record},
    opus, vp8,
};
use crate::engine::sfu::Redundant;

/// So long a packet is under way at most, sent again and all.
const LATEST_US: i64 = 10_000_000;
/// No recording is longer than a year: more is a broken record.
const LONGEST_US: u64 = 366 * 86_400 * 1_000_000;

/// A picture or a sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Microseconds since the start of the recording.
    pub at_us: i64,
    /// Whether it stands by itself; always so for sounds.
    pub is_whole: bool,
    /// VP8 frame or Opus packet.
    pub bytes: Vec<u8>,
    /// Which RTP source it is from; zero for silence.
    pub source: u32,
}

/// Everything one party sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Track {
    /// Pictures, in order; the first one is whole.
    pub video: Vec<Frame>,
    /// Sounds, in order, without holes within a join.
    pub audio: Vec<Frame>,
    /// The largest picture.
    pub size: (u32, u32),
    /// Pictures that could not be put together.
    pub broken_pictures: u32,
}

impl Track {
    /// Lays the joins of one party, each a log, on the line.
    pub fn of(joins: &[Vec<Record>]) -> Self {
        let mut track = Self::default();
        for join in joins {
            track.add(&sources(join));
        }
        track.video.sort_by_key(|frame| frame.at_us);
        one_at_a_time(&mut track.video);
        track.audio.sort_by_key(|frame| frame.at_us);
        keep_rising(&mut track.video);
        track.audio = without_holes(std::mem::take(&mut track.audio));
        track
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.video.is_empty() && self.audio.is_empty()
    }

    /// The moment of the first frame.
    pub fn start_us(&self) -> Option<i64> {
        self.video.first().into_iter().chain(self.audio.first()).map(|frame| frame.at_us).min()
    }

    /// The moment the last frame ends.
    pub fn end_us(&self) -> i64 {
        let audio = self.audio.last().map(|frame| frame.at_us + opus::SILENCE_US);
        let video = self.video.last().map(|frame| frame.at_us + 33_000);
        audio.max(video).unwrap_or(0)
    }

    /// Where no picture comes for longer than `longest_us`, between the first frame and the last; all of it when there
    /// is sound alone.
    pub fn gaps_us(&self, longest_us: i64) -> Vec<(i64, i64)> {
        let Some(start) = self.start_us() else { return Vec::new() };
        let moments = std::iter::once(start).chain(self.video.iter().map(|frame| frame.at_us)).chain([self.end_us()]);
        let moments: Vec<i64> = moments.collect();
        moments.windows(2).map(|pair| (pair[0], pair[1])).filter(|(from, to)| to - from > longest_us).collect()
    }

    fn add(&mut self, sources: &[Source]) {
        let together = sources.iter().all(|source| !source.reports.is_empty());
        let common = sources.iter().filter_map(Source::delay_us).min();
        for source in sources {
            let Some(delay) = (if together { common } else { source.delay_us() }) else { continue };
            // However a sender's clock jumps: what arrived was made before, and not long before.
            let moment = |packet: &Packet| source.sender_us(packet).saturating_add(delay).clamp(packet.at_us - LATEST_US, packet.at_us).max(0);
            let timed = source.packets.iter().map(|(sequence, packet)| (*sequence, packet, moment(packet)));
            match source.kind {
                Codec::Opus => {
                    let filled = source.missing().map(|packet| (packet, moment(packet)));
                    let sounds = timed.map(|(_, packet, at_us)| (packet, at_us)).chain(filled);
                    self.audio.extend(sounds.filter(|(packet, _)| opus::duration_us(&packet.payload).is_some()).map(|(packet, at_us)| Frame {
                        at_us,
                        is_whole: true,
                        bytes: packet.payload.to_vec(),
                        source: source.ssrc,
                    }));
                }
                Codec::Vp8 => self.add_pictures(source.ssrc, timed),
            }
        }
    }

    /// Puts pictures together; one with a hole is left out and what follows is kept: decoders go on from what they have,
    /// and the recorder has asked for a whole one.
    fn add_pictures<'a>(&mut self, source: u32, packets: impl Iterator<Item = (i64, &'a Packet, i64)>) {
        let (mut picture, mut expected): (Option<Frame>, Option<i64>) = (None, None);
        let mut timestamp = None;
        for (sequence, packet, at_us) in packets {
            let follows = expected == Some(sequence);
            expected = Some(sequence + 1);
            if timestamp != Some(packet.timestamp) || !follows {
                self.broken_pictures += u32::from(picture.take().is_some());
            }
            timestamp = Some(packet.timestamp);
            match (vp8::payload(&packet.payload), &mut picture) {
                (Some((true, bytes)), None) => picture = Some(Frame { at_us, is_whole: false, bytes: bytes.to_vec(), source }),
                (Some((_, bytes)), Some(picture)) => picture.bytes.extend_from_slice(bytes),
                _ => picture = None,
            }
            if packet.marker
                && let Some(mut picture) = picture.take()
            {
                let size = vp8::size(&picture.bytes);
                picture.is_whole = size.is_some();
                self.size = size.into_iter().chain([self.size]).max_by_key(|(width, height)| width * height).unwrap_or_default();
                self.video.push(picture);
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Opus,
    Vp8,
}

struct Packet {
    at_us: i64,
    marker: bool,
    timestamp: u32,
    /// Ticks since the first packet, without wrapping.
    ticks: i64,
    payload: Arc<[u8]>,
}

/// One RTP source of one join.
struct Source {
    ssrc: u32,
    kind: Codec,
    clock_rate: i64,
    /// By sequence number without wrapping: in order, each once.
    packets: BTreeMap<i64, Packet>,
    /// Sounds that came once more in later packets, by their ticks.
    again: BTreeMap<i64, Packet>,
    reports: Vec<Report>,
}

struct Report {
    at_us: i64,
    sender_us: i64,
    timestamp: u32,
}

impl Source {
    fn keep(&mut self, sequence: i64, packet: Packet) {
        self.packets.entry(sequence).or_insert(packet);
    }

    fn keep_redundant(&mut self, sequence: i64, packet: &Packet, redundant: &Redundant<'_>) {
        for earlier in redundant.earlier() {
            let ticks = packet.ticks - i64::from(earlier.older);
            let timestamp = packet.timestamp.wrapping_sub(earlier.older);
            self.again.entry(ticks).or_insert(Packet { timestamp, ticks, marker: false, payload: earlier.bytes.into(), ..*packet });
        }
        self.keep(sequence, Packet { payload: redundant.primary.into(), ..*packet });
    }

    /// When a packet was made, on the sender's clock; without reports on a clock that starts with the source.
    fn sender_us(&self, packet: &Packet) -> i64 {
        let known = self.reports.partition_point(|report| report.at_us <= packet.at_us);
        match self.reports.get(known.saturating_sub(1)) {
            Some(report) => report.sender_us.saturating_add(wrapped(packet.timestamp, report.timestamp) * 1_000_000 / self.clock_rate),
            None => packet.ticks * 1_000_000 / self.clock_rate,
        }
    }

    /// Sounds that came only in a later packet.
    fn missing(&self) -> impl Iterator<Item = &Packet> {
        let came: HashSet<i64> = self.packets.values().map(|packet| packet.ticks).collect();
        self.again.iter().filter(move |(ticks, _)| !came.contains(ticks)).map(|(_, packet)| packet)
    }

    /// From the sender's clock to the recording's: as the fastest packet shows.
    fn delay_us(&self) -> Option<i64> {
        self.packets.values().map(|packet| packet.at_us.saturating_sub(self.sender_us(packet))).min()
    }
}

/// The sources of a join that sent something.
fn sources(records: &[Record]) -> Vec<Source> {
    let mut found: HashMap<u32, Source> = HashMap::new();
    let mut last: HashMap<u32, (i64, u32, i64)> = HashMap::new();
    let mut red: HashSet<(u32, u8)> = HashSet::new();
    // Described first: of a log that lost its beginning only a later description is left.
    for record in records {
        if let Entry::Stream { ssrc, payload_type, clock_rate, codec } = &record.entry {
            let kind = if codec == "opus" || codec == "red" { Codec::Opus } else { Codec::Vp8 };
            if codec == "red" {
                red.insert((*ssrc, *payload_type));
            }
            let clock_rate = i64::from((*clock_rate).max(1));
            found.entry(*ssrc).or_insert_with(|| Source {
                ssrc: *ssrc,
                kind,
                clock_rate,
                packets: BTreeMap::new(),
                again: BTreeMap::new(),
                reports: Vec::new(),
            });
        }
    }
    for record in records {
        let at_us = i64::try_from(record.at_us.min(LONGEST_US)).unwrap_or(i64::MAX);
        match &record.entry {
            Entry::Packet { payload_type, ssrc, sequence, timestamp, marker, payload } => {
                let Some(source) = found.get_mut(ssrc) else { continue };
                let (highest, near, near_ticks) = *last.entry(*ssrc).or_insert((i64::from(*sequence), *timestamp, 0));
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sequence numbers wrap at 16 bits")]
                let step = sequence.wrapping_sub(highest as u16).cast_signed();
                let (extended, ticks) = (highest + i64::from(step), near_ticks + wrapped(*timestamp, near));
                if step > 0 {
                    last.insert(*ssrc, (extended, *timestamp, ticks));
                }
                let packet = Packet { at_us, marker: *marker, timestamp: *timestamp, ticks, payload: Arc::clone(payload) };
                match (red.contains(&(*ssrc, *payload_type)), Redundant::parse(payload)) {
                    (false, _) => source.keep(extended, packet),
                    (true, Some(redundant)) => source.keep_redundant(extended, &packet, &redundant),
                    (true, None) => {}
                }
            }
            Entry::Report { ssrc, sender_us, timestamp } => {
                if let Some(source) = found.get_mut(ssrc) {
                    source.reports.push(Report { at_us, sender_us: i64::try_from(*sender_us).unwrap_or(0), timestamp: *timestamp });
                }
            }
            Entry::Stream { .. } | Entry::Lost { .. } => {}
        }
    }
    found.into_values().filter(|source| !source.packets.is_empty()).collect()
}

/// `a - b` for timestamps that wrap at 32 bits.
fn wrapped(a: u32, b: u32) -> i64 {
    i64::from(a.wrapping_sub(b).cast_signed())
}

/// Keeps the pictures of one source at a time, from its first whole one on: those of another follow from a whole one on, and what the one before still sent is
/// left out, for it builds on pictures that are not there any more.
fn one_at_a_time(frames: &mut Vec<Frame>) {
    let mut source = None;
    frames.retain(|frame| {
        if frame.is_whole {
            source = Some(frame.source);
        }
        source == Some(frame.source)
    });
}

/// Moves frames that would stand at or before their predecessor one millisecond behind it.
fn keep_rising(frames: &mut [Frame]) {
    let mut last = i64::MIN;
    for frame in frames {
        frame.at_us = frame.at_us.max(last.saturating_add(1_000));
        last = frame.at_us;
    }
}

/// Holes are filled with silence: players run sound without looking at its moments and would come before the picture.
fn without_holes(frames: Vec<Frame>) -> Vec<Frame> {
    let mut whole: Vec<Frame> = Vec::with_capacity(frames.len());
    let mut end: Option<i64> = None;
    for mut frame in frames {
        let mut at = end.unwrap_or(frame.at_us);
        while frame.at_us - at >= opus::SILENCE_US * 3 / 4 {
            whole.push(Frame { at_us: at, is_whole: true, bytes: opus::SILENCE.to_vec(), source: 0 });
            at += opus::SILENCE_US;
        }
        // Overlap within a packet is jitter of the reports; more is a second source over the first.
        if at - frame.at_us > opus::SILENCE_US * 3 {
            continue;
        }
        // Small differences either way are left to the next hole.
        frame.at_us = at;
        end = opus::duration_us(&frame.bytes).map(|duration| frame.at_us + duration);
        whole.push(frame);
    }
    whole
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
