//! When a source is asked for a whole picture. Pure.
//!
//! Browsers send one only when asked. We ask when somebody joins or asks, after a gap, and every ten seconds so that a
//! recording can be entered anywhere; never more than twice a second, whoever asks.

use std::time::{Duration, Instant};

/// Between two requests at least.
const THROTTLE: Duration = Duration::from_millis(500);
/// Between two requests at most, while pictures arrive.
const EVERY: Duration = Duration::from_secs(10);
/// Pictures that follow after so long a silence begin with a request.
const GAP: Duration = Duration::from_millis(300);

/// The requests to one source.
#[derive(Debug, Default)]
pub(super) struct KeyFrames {
    asked_at: Option<Instant>,
    received_at: Option<Instant>,
    wanted: bool,
}

impl KeyFrames {
    /// Somebody needs a whole picture.
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// A picture packet arrived.
    pub(super) fn received(&mut self, now: Instant) {
        let silent = self.received_at.is_none_or(|last| now.saturating_duration_since(last) > GAP);
        self.received_at = Some(now);
        self.wanted |= silent;
    }

    /// When [`due`](Self::due) will say yes, as things stand.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.received_at?;
        let pause = if self.wanted { THROTTLE } else { EVERY };
        Some(self.asked_at.map_or(self.received_at?, |last| last + pause))
    }

    /// Whether to ask now; if so, the request counts as made.
    pub(super) fn due(&mut self, now: Instant) -> bool {
        let due = self.deadline().is_some_and(|at| at <= now);
        if due {
            self.asked_at = Some(now);
            self.wanted = false;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_asked_at_once_then_twice_a_second_at_most_and_every_ten_seconds_at_least() {
        let start = Instant::now();
        let mut frames = KeyFrames::default();
        frames.want();
        assert!(!frames.due(start), "nothing arrives yet: nobody to ask");
        let mut asked = Vec::new();
        for millis in (0..30_000_u64).step_by(20) {
            let now = start + Duration::from_millis(millis);
            frames.received(now);
            if (2_000..3_000).contains(&millis) {
                frames.want();
            }
            if frames.due(now) {
                asked.push(millis);
            }
        }
        assert_eq!(asked, [0, 2_000, 2_500, 3_000, 13_000, 23_000]);
    }

    #[test]
    fn a_gap_asks() {
        let start = Instant::now();
        let mut frames = KeyFrames::default();
        frames.received(start);
        assert!(frames.due(start));
        let later = start + Duration::from_millis(900);
        assert!(!frames.due(later));
        frames.received(later);
        assert!(frames.due(later));
        frames.received(later + GAP);
        assert!(!frames.due(later + GAP + THROTTLE));
    }
}
