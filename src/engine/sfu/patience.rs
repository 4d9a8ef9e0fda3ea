//! How long the reports and repeats that the stack has ready may wait, so that one look at it serves many packets. Pure.
//!
//! While everything arrives nothing is urgent: the stack asks for lost packets every 33 ms at most, says every 50 what arrived, and
//! reports every second. Where something is missing, it is to be asked for at once.

use std::time::{Duration, Instant};

/// While nothing is missing.
const CALM: Duration = Duration::from_millis(100);
/// While something is.
const HASTE: Duration = Duration::from_millis(8);
/// What was not repaired so long after it was missed is not awaited any more.
const HASTE_FOR: Duration = Duration::from_millis(300);
/// Sources of one participant that are told apart: sound, two layers of pictures, and again after a change of each.
const SOURCES: usize = 6;

/// What is known of the packets of one participant.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// The last number of each source, with its rollovers.
    newest: Vec<(u32, u64)>,
    missed_at: Option<Instant>,
}

impl Patience {
    /// A packet came.
    pub(super) fn came(&mut self, now: Instant, source: u32, number: u64) {
        let Some((_, newest)) = self.newest.iter_mut().find(|(known, _)| *known == source) else {
            if self.newest.len() == SOURCES {
                self.newest.remove(0);
            }
            return self.newest.push((source, number));
        };
        if number > *newest + 1 {
            self.missed_at = Some(now);
        }
        *newest = number.max(*newest);
    }

    /// How long what the stack has ready may wait.
    pub(super) fn lasts(&self, now: Instant) -> Duration {
        let is_missing = self.missed_at.is_some_and(|at| now.saturating_duration_since(at) < HASTE_FOR);
        if is_missing { HASTE } else { CALM }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_makes_haste_for_a_while() {
        let (start, mut patience) = (Instant::now(), Patience::default());
        let after = |ms| start + Duration::from_millis(ms);
        for number in [65_535, 65_536, 65_537] {
            patience.came(start, 1, number);
            patience.came(start, 2, number + 100);
        }
        assert_eq!(patience.lasts(start), CALM, "numbers of one source say nothing of another's");
        patience.came(after(10), 1, 65_539);
        assert_eq!([patience.lasts(after(10)), patience.lasts(after(309)), patience.lasts(after(310))], [HASTE, HASTE, CALM]);
        // It comes late, and twice; the next one follows what was newest.
        for number in [65_538, 65_538, 65_540] {
            patience.came(after(400), 1, number);
        }
        assert_eq!(patience.lasts(after(400)), CALM);
    }

    #[test]
    fn many_sources_are_not_all_kept() {
        let (now, mut patience) = (Instant::now(), Patience::default());
        for source in 0..1_000 {
            patience.came(now, source, 7);
        }
        assert_eq!(patience.newest.len(), SOURCES);
        patience.came(now, 999, 9);
        assert_eq!(patience.lasts(now), HASTE);
    }
}
