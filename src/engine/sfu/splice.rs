//! One outgoing stream out of the sources that follow each other at the other end. Pure.
//!
//! After a reload the other end sends from a new source with its own numbers; the receiver must see one stream whose
//! sequence numbers and timestamps go on (RFC 3550 §5.1), or it would drop everything as old. So must the numbers that VP8
//! gives its pictures (RFC 7741 §4.2).

use std::time::Instant;

use str0m::rtp::{Vp8Descriptor, Vp8Patch};

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

/// Numbers of the pictures of one outgoing stream: picture id, and index of pictures others build on.
#[derive(Debug, Default)]
pub(super) struct PictureNumbers {
    ssrc: Option<u32>,
    /// Added to the numbers of the source.
    shift: (u16, u8),
    newest: (u16, u8),
}

impl PictureNumbers {
    /// What is to be changed in a payload, if anything.
    pub(super) fn map(&mut self, ssrc: u32, payload: &[u8]) -> Option<Vp8Patch> {
        let descriptor = Vp8Descriptor::parse(payload).ok()?;
        let picture = descriptor.picture_id()?;
        let index = descriptor.tl0_pic_idx();
        match self.ssrc.replace(ssrc) {
            Some(before) if before == ssrc => {}
            Some(_) => {
                let next = (self.newest.0.wrapping_add(1), self.newest.1.wrapping_add(1));
                self.shift = (next.0.wrapping_sub(picture) & 0x7fff, next.1.wrapping_sub(index.unwrap_or(0)));
            }
            None => self.newest = (picture, index.unwrap_or(0)),
        }
        let (to, to_index) = (picture.wrapping_add(self.shift.0) & 0x7fff, index.map(|index| index.wrapping_add(self.shift.1)));
        if (to.wrapping_sub(self.newest.0) & 0x7fff) < 0x4000 {
            self.newest = (to, to_index.unwrap_or(self.newest.1));
        }
        if self.shift == (0, 0) {
            return None;
        }
        let patch = descriptor.patch().picture_id(to);
        // A number of seven bits that has to become larger stays as it is.
        to_index.map_or(patch, |index| patch.tl0_pic_idx(index)).build().ok()
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

    /// A payload with the number of its picture and the index of those others build on.
    fn picture(number: u16, index: u8) -> [u8; 8] {
        let [high, low] = (0x8000 | number).to_be_bytes();
        [0x90, 0xe0, high, low, index, 0, 1, 7]
    }

    #[test]
    fn pictures_are_counted_on_across_sources() {
        let mut numbers = PictureNumbers::default();
        let mut sent = |ssrc: u32, number: u16, index: u8| {
            let payload = picture(number, index);
            let patch = numbers.map(ssrc, &payload);
            let descriptor = Vp8Descriptor::parse(&payload).unwrap();
            let wanted = move |number: u16, index: u8| descriptor.patch().picture_id(number).tl0_pic_idx(index).build().ok();
            (patch.is_none(), move |number: u16, index: u8| patch == wanted(number, index))
        };
        assert!(sent(7, 32_766, 254).0 && sent(7, 0, 0).0 && sent(7, 32_767, 255).0, "one source is left as it is, overtaken or wrapped");
        assert!(sent(8, 100, 9).1(1, 1), "another goes on where it ended");
        assert!(sent(8, 102, 11).1(3, 3) && sent(8, 101, 10).1(2, 2));
        assert!(sent(7, 20, 30).1(4, 4), "and back");
        assert!(numbers.map(9, &[0x10, 1, 2]).is_none() && numbers.map(9, &[]).is_none(), "no numbers, nothing to change");
        let short = [0x90, 0x80, 5, 7];
        assert!(numbers.map(10, &short).is_some(), "seven bits suffice for 5");
    }
}
