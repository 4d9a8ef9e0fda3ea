//! Who of the servers is alive, as one of them sees it. Pure.
//!
//! Clocks of servers differ, so none is believed: a server is alive as long as its number of beats grows, and dead when this one
//! looked for five seconds and saw it stand still. A look that comes late (this server slept, or the database was away) proves nothing:
//! then everybody has another five seconds.

use std::collections::HashMap;

use chrono::Duration;

use crate::base::Timestamp;

/// A server that stands still for so long is dead.
pub const DEAD: Duration = Duration::seconds(5);
/// A look this long after the one before it proves nothing.
const BLINK: Duration = Duration::milliseconds(2_500);

/// One server.
#[derive(Debug, Clone, Copy)]
struct Seen {
    beats: i64,
    /// Since when the number stands still.
    since: Timestamp,
    /// Whether it was ever seen to grow.
    grew: bool,
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Watch {
    seen: HashMap<String, Seen>,
    looked_at: Option<Timestamp>,
}

impl Watch {
    /// Takes a look: every server with its number of beats.
    pub(super) fn look<'a>(&mut self, nodes: impl IntoIterator<Item = (&'a str, i64)>, now: Timestamp) {
        let is_blind = self.looked_at.replace(now).is_none_or(|before| now < before || now - before > BLINK);
        let before = std::mem::take(&mut self.seen);
        for (name, beats) in nodes {
            let seen = match before.get(name) {
                Some(seen) if seen.beats == beats => Seen { since: if is_blind { now } else { seen.since }, ..*seen },
                other => Seen { beats, since: now, grew: other.is_some() },
            };
            self.seen.insert(name.to_owned(), seen);
        }
    }

    /// Whether a server stood still for too long by the last look. One that was never seen is dead.
    pub(super) fn is_dead(&self, name: &str) -> bool {
        match (self.seen.get(name), self.looked_at) {
            (Some(seen), Some(now)) => now - seen.since >= DEAD,
            (None, Some(_)) => true,
            (_, None) => false,
        }
    }

    /// Whether its number was seen to grow, and not too long ago.
    pub(super) fn is_alive(&self, name: &str) -> bool {
        self.seen.get(name).is_some_and(|seen| seen.grew) && !self.is_dead(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
        Timestamp::from_timestamp_millis(1_800_000_000_000 + (seconds * 1_000.0) as i64).unwrap()
    }

    #[test]
    fn who_stands_still_for_five_seconds_is_dead_and_who_beats_is_not() {
        let mut watch = Watch::default();
        assert!(!watch.is_dead("one"), "nobody looked yet");
        for second in 0..5 {
            watch.look([("one", 7), ("two", i64::from(second))], at(second.into()));
            assert!(!watch.is_dead("one") && !watch.is_dead("two"), "after {second} s");
            assert_eq!((watch.is_alive("one"), watch.is_alive("two")), (false, second > 0), "only what moves is alive");
        }
        watch.look([("one", 7), ("two", 5)], at(5.0));
        assert!(watch.is_dead("one") && !watch.is_dead("two"));
        watch.look([("one", 8), ("two", 6)], at(6.0));
        assert!(!watch.is_dead("one"), "it is back");
        watch.look([("two", 6)], at(7.0));
        assert!(watch.is_dead("one"), "it is struck off");
    }

    #[test]
    fn a_late_look_or_a_clock_that_jumped_proves_nothing() {
        for jump in [6.0, 3_600.0, -3_600.0] {
            let mut watch = Watch::default();
            watch.look([("one", 7)], at(0.0));
            watch.look([("one", 7)], at(jump));
            assert!(!watch.is_dead("one"), "the database or this server was away, or the clock was set: {jump}");
            for second in 1..5 {
                watch.look([("one", 7)], at(jump + f64::from(second)));
                assert!(!watch.is_dead("one"));
            }
            watch.look([("one", 7)], at(jump + 5.0));
            assert!(watch.is_dead("one"));
        }
    }
}
