//! A hash for keys that nobody outside chooses: rooms are random numbers of ours. Every packet is looked up several times, and
//! the usual hash, which withstands chosen keys, was a twentieth of all work in user space. Pure.

use std::hash::{BuildHasherDefault, Hasher};

/// Builds it.
pub(super) type Plain = BuildHasherDefault<Fold>;

/// Multiplies and folds what it is given.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fold(u64);

/// Odd, its bits without pattern: 2^64 over the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u8(*byte);
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(23) ^ value).wrapping_mul(FACTOR);
    }

    #[expect(clippy::cast_possible_truncation, reason = "the halves of the number")]
    fn write_u128(&mut self, value: u128) {
        self.write_u64(value as u64);
        self.write_u64((value >> 64) as u64);
    }

    fn finish(&self) -> u64 {
        // The table takes its place from the low bits, and they were moved the least.
        self.0 ^ (self.0 >> 32)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, hash::BuildHasher};

    use super::*;

    #[test]
    fn seats_of_numbered_and_of_random_rooms_do_not_meet() {
        let hash = Plain::default();
        let rooms = (0..2_000_u128).chain((1..2_000_u128).map(|room| room.wrapping_mul(0x1234_5678_9abc_def1_0fed_cba9_8765_4321)));
        let places: Vec<u64> = rooms.flat_map(|room| [(room, 0_u8), (room, 1), (room, 2)]).map(|key| hash.hash_one(key) % 16_384).collect();
        let distinct = places.iter().collect::<HashSet<_>>().len();
        // 11,997 thrown at random into 16,384 places fill 8,507.
        assert!(distinct > 8_200, "{distinct}");
    }
}
