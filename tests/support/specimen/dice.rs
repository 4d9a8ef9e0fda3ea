//! Chance that can be repeated: the same seed draws the same set on every machine (SplitMix64).

/// A stream of draws.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x5851_f42d_4c95_7f2d)
    }

    /// A stream of its own for each number under one seed.
    pub fn nth(seed: u64, n: u64) -> Self {
        let mut dice = Self::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(n.wrapping_mul(0x9e37_79b9)));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from `low` to `high`, both included.
    pub fn whole(&mut self, low: u32, high: u32) -> u32 {
        low + u32::try_from(self.next() % (u64::from(high - low) + 1)).expect("it was a u32")
    }

    /// A number between two others.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are enough chance")]
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        let share = (self.next() >> 40) as f32 / (1u64 << 24) as f32;
        low + (high - low) * share
    }

    /// True in that share of draws.
    pub fn chance(&mut self, share: f32) -> bool {
        self.between(0.0, 1.0) < share
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.whole(0, u32::try_from(of.len() - 1).expect("short lists")) as usize]
    }

    /// About zero with a standard deviation of one.
    pub fn normal(&mut self) -> f32 {
        (0..6).map(|_| self.between(-1.0, 1.0)).sum::<f32>() / 1.414
    }

    /// That many digits.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from_digit(self.whole(0, 9), 10).expect("a digit")).collect()
    }

    /// That many letters out of these.
    pub fn letters(&mut self, from: &str, count: usize) -> String {
        let from: Vec<char> = from.chars().collect();
        (0..count).map(|_| *self.pick(&from)).collect()
    }
}
