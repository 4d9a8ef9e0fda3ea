//! How long a wait will be. Pure.
//!
//! Whitt's QL_M for a queue with impatience: with `L` ahead, `n` agents on duty, mean handling time `AHT` and patience
//! `1/θ`, the wait is `Σ_{k=0..L} 1 / (n/AHT + kθ)`: everybody ahead is served or leaves. It is shown as a rounded range
//! that never rises for a ticket.

use chrono::Duration;

/// A range of minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitRange {
    /// From.
    pub low: u32,
    /// To.
    pub high: u32,
}

/// What an estimate is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Situation {
    /// Tickets ahead.
    pub ahead: u32,
    /// Agents on duty: ready, offered, in call or wrapping up.
    pub on_duty: u32,
    /// Of these, ready now.
    pub ready: u32,
    /// Mean time an agent is taken up by one call.
    pub handling: Duration,
    /// Mean time after which a customer gives up.
    pub patience: Duration,
}

/// The expected wait. With nobody on duty it is what one agent would need.
pub fn expected(situation: Situation) -> Duration {
    if situation.ready > situation.ahead {
        return Duration::zero();
    }
    let agents = f64::from(situation.on_duty.max(1));
    let served = agents / seconds(situation.handling);
    let leaving = 1.0 / seconds(situation.patience);
    let wait: f64 = (0..=situation.ahead).map(|k| 1.0 / (served + f64::from(k) * leaving)).sum();
    #[expect(clippy::cast_possible_truncation, reason = "at most a few days in milliseconds")]
    let millis = (wait * 1000.0) as i64;
    Duration::milliseconds(millis)
}

fn seconds(span: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "spans of minutes")]
    let millis = span.num_milliseconds().max(1_000) as f64;
    millis / 1000.0
}

impl WaitRange {
    /// The range around an expected wait: a quarter either way, rounded outwards to whole minutes, above ten minutes
    /// to fives, above an hour to tens.
    pub fn around(wait: Duration) -> Self {
        let minutes = seconds(wait.max(Duration::zero())) / 60.0;
        if wait <= Duration::zero() {
            return Self { low: 0, high: 1 };
        }
        let high = minutes * 1.25;
        let step = if high <= 10.0 {
            1.0
        } else if high <= 60.0 {
            5.0
        } else {
            10.0
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of minutes; the cast saturates")]
        let rounded = |value: f64| (value * step) as u32;
        let range = Self { low: rounded((minutes * 0.75 / step).floor()), high: rounded((high / step).ceil()) };
        Self { low: range.low, high: range.high.max(range.low + 1) }
    }

    /// What is shown after `self` was shown: neither end rises.
    #[must_use]
    pub fn lowered_to(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.min(other.high) }
    }
}

/// Mean handling time from what was measured: five imagined calls of `usual` length steady the first few.
pub fn handling(measured_calls: u32, measured_total: Duration, usual: Duration) -> Duration {
    const IMAGINED: i32 = 5;
    (measured_total + usual * IMAGINED) / (i32::try_from(measured_calls).unwrap_or(i32::MAX - IMAGINED) + IMAGINED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn situation(ahead: u32, on_duty: u32, ready: u32) -> Situation {
        Situation { ahead, on_duty, ready, handling: Duration::seconds(300), patience: Duration::seconds(900) }
    }

    #[test]
    fn the_published_formula() {
        assert_eq!(expected(situation(0, 1, 0)), Duration::seconds(300));
        // 1/(1/300) + 1/(1/300 + 1/900) = 300 + 225
        assert_eq!(expected(situation(1, 1, 0)).num_seconds(), 525);
        // 1/(2/300) + 1/(2/300+1/900) = 150 + 128.57
        assert_eq!(expected(situation(1, 2, 0)).num_seconds(), 278);
        assert_eq!(expected(situation(0, 3, 1)), Duration::zero());
        assert_eq!(expected(situation(0, 0, 0)), Duration::seconds(300));
    }

    #[test]
    fn ranges_are_round_and_hold_the_wait() {
        let around = |seconds| WaitRange::around(Duration::seconds(seconds));
        assert_eq!(around(0), WaitRange { low: 0, high: 1 });
        assert_eq!(around(20), WaitRange { low: 0, high: 1 });
        assert_eq!(around(300), WaitRange { low: 3, high: 7 });
        assert_eq!(around(525), WaitRange { low: 5, high: 15 });
        assert_eq!(around(3_600), WaitRange { low: 40, high: 80 });
        for seconds in (0..20_000).step_by(7) {
            let WaitRange { low, high } = around(seconds);
            assert!(i64::from(low) * 60 <= seconds && seconds <= i64::from(high) * 60 && low < high, "{seconds} s in {low}…{high}");
        }
    }

    #[test]
    fn what_was_shown_never_rises() {
        let shown = WaitRange { low: 3, high: 7 };
        assert_eq!(shown.lowered_to(WaitRange { low: 5, high: 15 }), shown);
        assert_eq!(shown.lowered_to(WaitRange { low: 1, high: 9 }), WaitRange { low: 1, high: 7 });
    }

    #[test]
    fn measured_times_take_over() {
        let usual = Duration::seconds(300);
        assert_eq!(handling(0, Duration::zero(), usual), usual);
        assert_eq!(handling(5, Duration::seconds(500), usual), Duration::seconds(200));
    }
}
