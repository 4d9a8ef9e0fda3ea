//! Whether packets come so fast that waiting for each would cost more than the packet. Pure.

use std::time::{Duration, Instant};

/// Packets are counted for so long.
const WINDOW: Duration = Duration::from_millis(20);
/// So many in that time are a busy time: two calls, and more than one packet for every time the thread would wake.
const BUSY: usize = 16;

/// Counts what comes.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    count: usize,
    before: usize,
}

impl Pace {
    pub(super) fn from(now: Instant) -> Self {
        Self { since: now, count: 0, before: 0 }
    }

    /// So many packets came; whether this is a busy time.
    pub(super) fn is_busy(&mut self, now: Instant, received: usize) -> bool {
        let passed = now.saturating_duration_since(self.since);
        if passed >= WINDOW {
            // After a pause longer than that, what came before it says nothing.
            self.before = if passed >= WINDOW * 2 { 0 } else { self.count };
            (self.since, self.count) = (now, 0);
        }
        self.count += received;
        self.count.max(self.before) >= BUSY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_is_not_busy_and_ten_are_until_they_stop() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut pace = Pace::from(start);
        // One call: a packet every 2.4 ms.
        assert!((0..100).all(|packet| !pace.is_busy(after(packet * 24 / 10), 1)));
        // Ten calls: four every millisecond; from the fourth on it is known.
        let busy: Vec<bool> = (240..300).map(|millis| pace.is_busy(after(millis), 4)).collect();
        assert!(busy[5..].iter().all(|busy| *busy), "{busy:?}");
        assert!(!pace.is_busy(after(400), 1), "a pause");
        assert!(!pace.is_busy(after(410), 1));
    }
}
