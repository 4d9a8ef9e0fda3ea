//! In which order a browser is to like the ways to us: those of a later round of ICE before those of an earlier one, and in
//! each round as the stack ranks them, UDP before TCP. Pure.
//!
//! A browser stays with the pair of the highest priority (RFC 8445 §6.1.2.3) until it takes it for dead, which is seconds after
//! the last packet came, although it has restarted ICE meanwhile and another pair works. Where UDP was closed in the middle of a
//! call that would be seconds without picture and sound. So every restart's ways rank before all earlier ones: the browser moves
//! to the first that works, and on to a better one of the same round.

use super::stun;

/// Type preference of all our candidates. It lies below those of a browser's own direct ones (80 and more), since the lower of
/// both decides about a pair, and above those of relays.
const TYPE: u32 = 70;
/// Places of one round.
const PLACES: u32 = 64;
/// The most that fits into a local preference (RFC 8445 §5.1.2.1).
const MOST: u32 = 0xffff;

/// The rounds of ICE of one session.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    /// Our fragment of the last round.
    fragment: String,
    round: u32,
}

impl Rounds {
    /// An answer with its candidates ranked for the round it belongs to.
    pub(super) fn rank(&mut self, answer: &str) -> String {
        let fragment = stun::fragments(answer).next().unwrap_or_default();
        if self.fragment != fragment {
            self.round += u32::from(!self.fragment.is_empty());
            fragment.clone_into(&mut self.fragment);
        }
        let mut ranked: Vec<u32> = answer.lines().filter_map(priority).collect();
        ranked.sort_unstable();
        ranked.dedup();
        answer.split_inclusive('\n').map(|line| self.line(line, &ranked)).collect()
    }

    fn line(&self, line: &str, ranked: &[u32]) -> String {
        let place = priority(line).and_then(|own| ranked.binary_search(&own).ok());
        let Some(place) = place.and_then(|place| u32::try_from(place).ok()) else { return line.to_owned() };
        let preference = self.round.saturating_mul(PLACES).saturating_add(place.min(PLACES - 1)).min(MOST);
        let priority = ((TYPE << 24) | (preference << 8) | 255).to_string();
        let fields = line.splitn(5, ' ').enumerate().map(|(at, field)| if at == 3 { priority.as_str() } else { field });
        fields.collect::<Vec<_>>().join(" ")
    }
}

/// The priority in the line of a candidate (RFC 8839 §5.1).
fn priority(line: &str) -> Option<u32> {
    line.strip_prefix("a=candidate:")?.split(' ').nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(fragment: &str) -> String {
        let ways = "a=candidate:a 1 udp 2130706431 10.0.0.1 7 typ host\r\na=candidate:b 1 udp 2130706175 127.0.0.1 7 typ host\r\na=candidate:c 1 tcp 1526726399 10.0.0.1 8 typ host tcptype passive\r\n";
        format!("v=0\r\na=ice-ufrag:{fragment}\r\n{ways}m=video 9 X\r\n{ways}a=end-of-candidates\r\n")
    }

    fn priorities(answer: &str) -> Vec<u32> {
        answer.lines().filter_map(priority).collect()
    }

    #[test]
    fn each_round_ranks_before_those_of_before_and_its_ways_in_their_order() {
        let mut rounds = Rounds::default();
        let first = priorities(&rounds.rank(&answer("x")));
        assert!(first[0] > first[1] && first[1] > first[2], "{first:?}");
        assert_eq!(first[..3], first[3..], "the same in every section");
        assert_eq!(priorities(&rounds.rank(&answer("x"))), first, "an answer that is repeated is no round");
        let second = priorities(&rounds.rank(&answer("y")));
        assert!(second[2] > first[0] && second[0] > second[1], "{first:?} {second:?}");
        let restarts: Vec<Vec<u32>> = (0..3_000).map(|round| priorities(&rounds.rank(&answer(&round.to_string())))).collect();
        assert!(restarts.windows(2).all(|pair| pair[1][2] >= pair[0][2]), "nobody restarts so often, but nothing breaks");
        assert!(restarts.iter().flatten().all(|priority| priority >> 24 == TYPE));
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        let plain = "v=0\r\nm=audio 9 X\r\na=candidate:broken\r\na=candidate:x 1 udp many 1.1.1.1 2 typ host\r\nlast line without an end";
        assert_eq!(Rounds::default().rank(plain), plain);
        let ranked = Rounds::default().rank(&answer("x"));
        let without =
            |text: &str| text.lines().map(|line| priority(line).map_or(line.to_owned(), |own| line.replace(&own.to_string(), "P"))).collect::<Vec<_>>();
        assert_eq!(without(&ranked), without(&answer("x")));
    }
}
