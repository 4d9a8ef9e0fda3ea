//! One outgoing stream out of the sources that follow each other at the other end. Pure.
//!
//! After a reload the other end sends from a new source with its own numbers; the receiver must see one stream whose
//! sequence numbers and timestamps go on (RFC 3550 §5.1), or it would drop everything as old.

use std::time::Instant;

/// Where an outgoing stream begins: room for packets that overtook the first one, and below 2^16 because a receiver
/// starts with rollover counter zero (RFC 3711 §3.3.1).
const FIRST: u64 = 1_000;

/// Maps sequence numbers and timestamps of one outgoing stream.
#[derive(Debug)]
pub(super) struct Splice {
    clock_rate: u32,
    current: Option<Source>,
    highest: u64,
    newest: (u32, Option<Instant>),
}

#[derive(Debug, Clone, Copy)]
struct Source {
    ssrc: u32,
    /// First sequence number of the source and the outgoing one it became.
    first: (u64, u64),
    /// Added to timestamps.
    shift: u32,
}

impl Splice {
    /// A stream that has not begun; `clock_rate` in Hz.
    pub(super) fn new(clock_rate: u32) -> Self {
        Self { clock_rate, current: None, highest: 0, newest: (0, None) }
    }

    /// Sequence number and timestamp to send a packet with; `None` when it is too old to be sent at all.
    pub(super) fn map(&mut self, ssrc: u32, sequence: u64, timestamp: u32, at: Instant) -> Option<(u64, u32)> {
        let source = match self.current {
            Some(source) if source.ssrc == ssrc => source,
            previous => self.switch(previous.is_some(), ssrc, sequence, timestamp, at),
        };
        let floor = if source.first.1 == FIRST { 0 } else { source.first.1 };
        let sequence = (source.first.1 + sequence).checked_sub(source.first.0).filter(|out| *out >= floor)?;
        let timestamp = timestamp.wrapping_add(source.shift);
        if sequence >= self.highest {
            self.highest = sequence;
            self.newest = (timestamp, Some(at));
        }
        Some((sequence, timestamp))
    }

    fn switch(&mut self, has_begun: bool, ssrc: u32, sequence: u64, timestamp: u32, at: Instant) -> Source {
        let (out, shift) = match self.newest {
            (last, Some(last_at)) if has_begun => {
                let passed = at.saturating_duration_since(last_at).as_micros() * u128::from(self.clock_rate) / 1_000_000;
                let next = last.wrapping_add(u32::try_from(passed).unwrap_or(u32::MAX).max(1));
                (self.highest + 1, next.wrapping_sub(timestamp))
            }
            _ => (FIRST, 0),
        };
        let source = Source { ssrc, first: (sequence, out), shift };
        self.current = Some(source);
        source
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn numbers_go_on_across_sources() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut splice = Splice::new(90_000);
        assert_eq!(splice.map(7, 70_000, 500, at(0)), Some((1_000, 500)));
        assert_eq!(splice.map(7, 69_999, 400, at(1)), Some((999, 400)), "overtaken");
        assert_eq!(splice.map(7, 70_005, 3_500, at(33)), Some((1_005, 3_500)), "a gap stays a gap");
        assert_eq!(splice.map(8, 12, u32::MAX, at(1_033)), Some((1_006, 93_500)), "a new source, one second later");
        assert_eq!(splice.map(8, 13, 2_999, at(1_066)), Some((1_007, 96_500)), "timestamps wrap");
        assert_eq!(splice.map(8, 11, 0, at(1_067)), None, "older than the seam");
        assert_eq!(splice.map(7, 0, 0, at(1_067)), Some((1_008, 96_590)), "back to the first source: a seam again");
    }
}
