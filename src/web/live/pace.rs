//! How fast a page may talk, and how often it may talk nonsense. Pure.

use std::time::Duration;

/// Messages at once.
const BURST: f64 = 100.0;
/// Messages a second, lastingly.
const PER_SECOND: f64 = 50.0;
/// Offers at once; each opens a log and a negotiation.
const OFFER_BURST: f64 = 6.0;
/// Offers a second, lastingly.
const OFFERS_PER_SECOND: f64 = 0.5;
/// Refusals of nonsense until the socket is closed.
const STRIKES: u32 = 3;

/// A bucket that fills with time.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    most: f64,
    per_second: f64,
    at: Duration,
}

impl Bucket {
    fn full(most: f64, per_second: f64) -> Self {
        Self { tokens: most, most, per_second, at: Duration::ZERO }
    }

    fn take(&mut self, now: Duration) -> bool {
        self.tokens = (self.tokens + now.saturating_sub(self.at).as_secs_f64() * self.per_second).min(self.most);
        self.at = now;
        let is_there = self.tokens >= 1.0;
        if is_there {
            self.tokens -= 1.0;
        }
        is_there
    }
}

/// The pace of one socket. `now` is the time since it was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    messages: Bucket,
    offers: Bucket,
    strikes: u32,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { messages: Bucket::full(BURST, PER_SECOND), offers: Bucket::full(OFFER_BURST, OFFERS_PER_SECOND), strikes: 0 }
    }

    /// Whether one more message is all right.
    pub(super) fn message(&mut self, now: Duration) -> bool {
        self.messages.take(now)
    }

    /// Whether one more offer is all right.
    pub(super) fn offer(&mut self, now: Duration) -> bool {
        self.offers.take(now)
    }

    /// Counts nonsense; whether it was the last straw.
    pub(super) fn strike(&mut self) -> bool {
        self.strikes += 1;
        self.strikes >= STRIKES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_talk_in_bursts_but_not_for_ever() {
        let mut pace = Pace::new();
        let now = Duration::from_secs(1);
        assert_eq!((0..300).filter(|_| pace.message(now)).count(), 100);
        assert_eq!((0..300).filter(|_| pace.message(Duration::from_secs(2))).count(), 50);
        assert_eq!((0..20).filter(|_| pace.offer(now)).count(), 6);
        assert!(!pace.offer(Duration::from_secs(2)));
        assert!(pace.offer(Duration::from_secs(3)));
    }

    #[test]
    fn the_third_strike_closes() {
        let mut pace = Pace::new();
        assert_eq!([pace.strike(), pace.strike(), pace.strike()], [false, false, true]);
    }
}
