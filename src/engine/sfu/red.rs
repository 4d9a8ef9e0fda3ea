//! Sound that is sent twice (RFC 2198): each packet carries the sounds before it once more. Pure.
//!
//! ```text
//! header of an earlier sound  1 bit one ‖ payload type 7 ‖ how much older 14 ‖ length 10
//! header of the newest sound  1 bit zero ‖ payload type 7
//! then the sounds in the order of their headers; the newest takes what is left
//! ```

/// More earlier sounds than anybody sends: what claims more costs no work.
const MOST: usize = 32;
const HEAD: usize = 4;

/// One packet, taken apart without copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redundant<'a> {
    heads: &'a [u8],
    earlier: &'a [u8],
    /// Payload type of the newest sound.
    pub payload_type: u8,
    /// The newest sound: what the packet's own timestamp belongs to.
    pub primary: &'a [u8],
}

/// A sound that was sent in an earlier packet already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier<'a> {
    /// By how much its timestamp is smaller than the packet's.
    pub older: u32,
    /// How many places before the newest it stands: one for the last before it.
    pub places: u64,
    /// The sound.
    pub bytes: &'a [u8],
}

impl<'a> Redundant<'a> {
    /// The parts of a payload; `None` when it is none: torn, or without a newest sound.
    pub fn parse(payload: &'a [u8]) -> Option<Self> {
        let (mut at, mut length) = (0, 0);
        while payload.get(at)? & 0x80 != 0 {
            length += head(payload.get(at..at + HEAD)?).2;
            at += HEAD;
            if at > MOST * HEAD {
                return None;
            }
        }
        let sounds = payload.get(at + 1..)?;
        let (earlier, primary) = sounds.split_at_checked(length)?;
        (!primary.is_empty()).then_some(Self { heads: &payload[..at], earlier, payload_type: payload[at], primary })
    }

    /// The earlier sounds of the newest one's coding, the oldest first.
    pub fn earlier(&self) -> impl Iterator<Item = Earlier<'a>> {
        let (payload_type, mut rest, mut places) = (self.payload_type, self.earlier, self.heads.len() / HEAD);
        self.heads.chunks_exact(HEAD).filter_map(move |bytes| {
            let (kind, older, length) = head(bytes);
            let (sound, after) = rest.split_at_checked(length)?;
            rest = after;
            let earlier = Earlier { older, places: places as u64, bytes: sound };
            places -= 1;
            (kind == payload_type && older > 0 && !sound.is_empty()).then_some(earlier)
        })
    }

    /// The same packet for somebody who calls the coding by another payload type.
    pub(super) fn called(&self, payload_type: u8) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.heads.len() + 1 + self.earlier.len() + self.primary.len());
        for head in self.heads.chunks_exact(HEAD) {
            let kind = if head[0] & 0x7f == self.payload_type { payload_type } else { head[0] & 0x7f };
            bytes.extend([0x80 | kind, head[1], head[2], head[3]]);
        }
        bytes.push(payload_type & 0x7f);
        bytes.extend_from_slice(self.earlier);
        bytes.extend_from_slice(self.primary);
        bytes
    }
}

/// Payload type, how much older, length.
fn head(bytes: &[u8]) -> (u8, u32, usize) {
    let two = u16::from_be_bytes([bytes[2] & 0x03, bytes[3]]);
    (bytes[0] & 0x7f, u32::from(bytes[1]) << 6 | u32::from(bytes[2] >> 2), usize::from(two))
}

/// Which of the last packets of an outgoing stream of sound were sent, so that none is sent twice: a packet that comes late
/// may have been sent out of a later one by then.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    first: Option<u64>,
    highest: u64,
    /// Bit `n`: the packet `n` before the highest.
    last: u64,
}

impl Sent {
    /// Whether a packet was not yet sent; from now on it is. What lies far behind counts as sent.
    pub(super) fn mark(&mut self, sequence: u64) -> bool {
        if self.first.is_none() {
            (self.first, self.highest, self.last) = (Some(sequence), sequence, 1);
            return true;
        }
        if let Some(ahead) = sequence.checked_sub(self.highest).filter(|ahead| *ahead > 0) {
            self.last = u32::try_from(ahead).ok().and_then(|ahead| self.last.checked_shl(ahead)).unwrap_or(0) | 1;
            self.highest = sequence;
            return true;
        }
        let bit = u32::try_from(self.highest - sequence).ok().and_then(|behind| 1_u64.checked_shl(behind)).unwrap_or(0);
        let is_new = bit != 0 && self.last & bit == 0;
        self.last |= bit;
        is_new
    }

    /// Whether a packet is missing between the first and the highest that were sent; from now on it is sent.
    pub(super) fn fill(&mut self, sequence: u64) -> bool {
        self.first.is_some_and(|first| first < sequence) && self.mark(sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use str0m::rtp::{RedDecoder, RedEncoder, RedundantBlock};

    fn taken_apart(payload: &[u8]) -> Option<(Vec<(u32, u64, Vec<u8>)>, u8, Vec<u8>)> {
        let found = Redundant::parse(payload)?;
        Some((found.earlier().map(|earlier| (earlier.older, earlier.places, earlier.bytes.to_vec())).collect(), found.payload_type, found.primary.to_vec()))
    }

    #[test]
    fn packets_are_taken_apart_as_the_rfc_draws_them() {
        // RFC 2198 §5, with sounds of one coding and one of another.
        let two = [0x80 | 0x6f, 0x0f, 0x00, 2, 111, 1, 2, 7, 8, 9];
        let cases: [(&[u8], Option<(Vec<(u32, u64, Vec<u8>)>, u8, Vec<u8>)>); 14] = [
            (&[111, 7], Some((vec![], 111, vec![7]))),
            (&two, Some((vec![(960, 1, vec![1, 2])], 111, vec![7, 8, 9]))),
            (&[0xef, 0x1e, 0, 1, 0xef, 0x0f, 0, 1, 111, 1, 2, 3], Some((vec![(1_920, 2, vec![1]), (960, 1, vec![2])], 111, vec![3]))),
            // Another coding is left out, its bytes are skipped, and it keeps its place.
            (&[0x85, 0x1e, 0, 1, 0xef, 0x0f, 0, 1, 111, 1, 2, 3], Some((vec![(960, 1, vec![2])], 111, vec![3]))),
            (&[0xef, 0x0f, 0, 1, 0x85, 0x07, 0x80, 1, 111, 1, 2, 3], Some((vec![(960, 2, vec![1])], 111, vec![3]))),
            (&[0xef, 0xff, 0xfc, 1, 111, 1, 2], Some((vec![(16_383, 1, vec![1])], 111, vec![2]))),
            (&[0xef, 0, 0, 1, 111, 1, 2], Some((vec![], 111, vec![2]))),
            (&[0xef, 0x0f, 0, 0, 111, 2], Some((vec![], 111, vec![2]))),
            (&[], None),
            (&[111], None),
            (&[0xef, 0x0f, 0], None),
            (&[0xef, 0x0f, 0, 2], None),
            (&[0xef, 0x0f, 0, 2, 111, 1], None),
            (&[0xef, 0x0f, 0, 2, 111, 1, 2], None),
        ];
        for (payload, wanted) in cases {
            assert_eq!(taken_apart(payload), wanted, "{payload:?}");
        }
        let crowd: Vec<u8> = [0xef, 0x0f, 0, 0].repeat(MOST + 1).into_iter().chain([111, 1]).collect();
        assert_eq!(taken_apart(&crowd), None, "more than anybody sends");
        assert_eq!(Redundant::parse(&two).unwrap().called(96), [0xe0, 0x0f, 0x00, 2, 96, 1, 2, 7, 8, 9], "and called otherwise");
    }

    #[test]
    fn nothing_is_sent_twice_and_only_holes_are_filled() {
        let mut sent = Sent::default();
        assert!(!sent.fill(9), "nothing has begun");
        assert!(sent.mark(10) && !sent.mark(10));
        assert!(!sent.fill(9), "before the beginning");
        assert!(sent.mark(9), "but what was overtaken there is sent");
        assert!(sent.mark(13) && sent.fill(12) && !sent.fill(12) && !sent.mark(12), "filled, and then too late");
        assert!(sent.mark(11) && !sent.fill(11));
        assert!(sent.mark(13 + 63) && !sent.mark(13) && sent.mark(14) && sent.mark(5_000));
        assert!(!sent.mark(14) && !sent.fill(4_936) && sent.fill(4_937), "the last 64 are remembered");
    }

    proptest! {
        #[test]
        fn garbage_never_panics_and_nothing_is_made_up(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(found) = Redundant::parse(&payload) {
                let carried = found.primary.len() + found.earlier().map(|earlier| earlier.bytes.len()).sum::<usize>();
                prop_assert!(carried < payload.len());
                let again = found.called(found.payload_type);
                prop_assert_eq!(Redundant::parse(&again), Some(found));
            }
        }

        #[test]
        fn another_reader_agrees(payload in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            (0_u8..128, prop::collection::vec(any::<u8>(), 1..60), prop::collection::vec((0_u8..128, 1_u32..16_384, prop::collection::vec(any::<u8>(), 1..60)), 0..6)).prop_map(
                |(kind, primary, earlier)| {
                    let earlier: Vec<_> = earlier.into_iter().map(|(pt, timestamp_offset, payload)| RedundantBlock { pt, timestamp_offset, payload }).collect();
                    RedEncoder::encode(kind, &primary, &earlier)
                }
            ),
        ]) {
            let theirs = RedDecoder::decode(&payload).ok().filter(|blocks| blocks.last().is_some_and(|last| !last.payload.is_empty()));
            let ours = Redundant::parse(&payload);
            prop_assert_eq!(ours.is_some(), theirs.is_some());
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                let (last, before) = theirs.split_last().unwrap();
                prop_assert_eq!((ours.payload_type, ours.primary), (last.pt, last.payload));
                let same = before.iter().filter(|block| block.pt == last.pt && block.timestamp_offset > 0 && !block.payload.is_empty());
                let same: Vec<_> = same.map(|block| (block.timestamp_offset, block.payload)).collect();
                prop_assert_eq!(ours.earlier().map(|earlier| (earlier.older, earlier.bytes)).collect::<Vec<_>>(), same);
            }
        }

        #[test]
        fn what_was_sent_is_remembered_right(steps in prop::collection::vec((any::<bool>(), 0_u64..200), 1..300)) {
            let (mut sent, mut all) = (Sent::default(), std::collections::BTreeSet::new());
            for (is_fill, sequence) in steps {
                let highest = all.last().copied();
                let is_sent = if is_fill { sent.fill(sequence) } else { sent.mark(sequence) };
                if is_sent {
                    prop_assert!(all.insert(sequence), "{} was sent already", sequence);
                } else if !is_fill {
                    prop_assert!(all.contains(&sequence) || highest.is_some_and(|highest| sequence + 64 <= highest));
                }
            }
        }
    }
}
