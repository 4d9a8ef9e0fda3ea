//! How long a wait will be. Pure.
//!
//! Whitt's QL_M for a queue with impatience: with `L` ahead, `n` agents on duty, mean handling time `AHT` and patience
//! `1/θ`, the wait is `Σ_{k=0..L} 1 / (n/AHT + kθ)`: everybody ahead is served or leaves. It is shown as a rounded range
//! that never rises for a ticket.
//!
//! Handling time and patience are measured per class. Who stands ahead in another lane counts by the share of that lane's
//! agents who serve one's own lane as well ([`Staffing`]).

use std::collections::BTreeMap;

use chrono::Duration;

use super::routing::{Lane, Lanes, MOST_LANES};

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
    /// Tickets ahead; those of other lanes count in part.
    pub ahead: f64,
    /// Agents on duty who serve the lane: ready, offered, in call or wrapping up.
    pub on_duty: u32,
    /// Of these, ready now.
    pub ready: u32,
    /// Mean time an agent is taken up by one call.
    pub handling: Duration,
    /// Mean time after which a customer gives up.
    pub patience: Duration,
}

/// So many steps are added up one by one; the rest of a long line is an integral.
const STEPS: u32 = 64;

/// The expected wait. With nobody on duty it is what one agent would need.
pub fn expected(situation: Situation) -> Duration {
    if f64::from(situation.ready) > situation.ahead {
        return Duration::zero();
    }
    let served = f64::from(situation.on_duty.max(1)) / seconds(situation.handling);
    let leaving = 1.0 / seconds(situation.patience);
    let first = (0..STEPS).map(f64::from).take_while(|k| *k <= situation.ahead);
    let mut wait: f64 = first.map(|k| 1.0 / (served + k * leaving)).sum();
    let (from, to) = (f64::from(STEPS) - 0.5, situation.ahead + 0.5);
    if to > from {
        wait += ((served + to * leaving) / (served + from * leaving)).ln() / leaving;
    }
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

/// What was measured of one class of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Calls whose handling ended.
    pub calls: u32,
    /// What they took up together.
    pub handled: Duration,
    /// Customers who gave up.
    pub abandoned: u32,
    /// What everybody waited together, whether answered or not.
    pub waited: Duration,
}

impl Default for Measured {
    fn default() -> Self {
        Self { calls: 0, handled: Duration::zero(), abandoned: 0, waited: Duration::zero() }
    }
}

impl Measured {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            handled: self.handled + other.handled,
            abandoned: self.abandoned + other.abandoned,
            waited: self.waited + other.waited,
        }
    }

    /// Mean handling time: five imagined calls of `usual` length steady the first few.
    pub fn handling(self, usual: Duration) -> Duration {
        steadied(self.handled, self.calls, usual)
    }

    /// Mean patience, counting those who were answered before it ran out; steadied likewise.
    pub fn patience(self, usual: Duration) -> Duration {
        steadied(self.waited, self.abandoned, usual)
    }
}

fn steadied(total: Duration, count: u32, usual: Duration) -> Duration {
    const IMAGINED: i32 = 5;
    (total + usual * IMAGINED) / (i32::try_from(count).unwrap_or(i32::MAX - IMAGINED) + IMAGINED)
}

/// Who is on duty, by what they serve.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Staffing(BTreeMap<Lanes, Group>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Group {
    on_duty: u32,
    ready: u32,
}

impl Staffing {
    /// One more agent on duty.
    pub fn add(&mut self, lanes: Lanes, is_ready: bool) {
        let group = self.0.entry(lanes).or_default();
        group.on_duty += 1;
        group.ready += u32::from(is_ready);
    }

    /// On duty and ready among those who serve a lane.
    fn serving(&self, lane: Lane) -> (u32, u32) {
        let groups = self.0.iter().filter(|(lanes, _)| lanes.has(lane));
        groups.fold((0, 0), |(on_duty, ready), (_, group)| (on_duty + group.on_duty, ready + group.ready))
    }

    /// The part of `other`'s agents who serve `lane` as well.
    fn share(&self, lane: Lane, other: Lane) -> f64 {
        if lane == other {
            return 1.0;
        }
        let (all, _) = self.serving(other);
        let both: u32 = self.0.iter().filter(|(lanes, _)| lanes.has(lane) && lanes.has(other)).map(|(_, group)| group.on_duty).sum();
        if all == 0 { 0.0 } else { f64::from(both) / f64::from(all) }
    }
}

/// A line as estimates see it: how many stand in which lane ahead of the next ticket looked at, and what is known of each.
#[derive(Debug, Clone)]
pub struct Outlook {
    staffing: Staffing,
    ahead: [u32; MOST_LANES],
    measured: BTreeMap<Lane, Measured>,
    usual: (Duration, Duration),
}

impl Outlook {
    /// An empty line. What was not measured of a class is taken from all of them, and what was not measured at all is
    /// `usual` handling and patience.
    pub fn new(staffing: Staffing, measured: BTreeMap<Lane, Measured>, usual: (Duration, Duration)) -> Self {
        let all = measured.values().fold(Measured::default(), |all, class| all.and(*class));
        Self { staffing, ahead: [0; MOST_LANES], measured, usual: (all.handling(usual.0), all.patience(usual.1)) }
    }

    /// One more ticket stands ahead.
    pub fn pass(&mut self, lane: Lane) {
        self.ahead[usize::from(lane.number())] += 1;
    }

    /// What somebody of this lane would have to wait behind those who passed.
    pub fn situation(&self, lane: Lane) -> Situation {
        let measured = |lane: Lane| self.measured.get(&lane).copied().unwrap_or_default();
        let (on_duty, ready) = self.staffing.serving(lane);
        let mut ahead = 0.0;
        let mut work = seconds(measured(lane).handling(self.usual.0));
        for (number, count) in (0_u8..).zip(self.ahead).filter(|(_, count)| *count > 0) {
            let Some(other) = Lane::of(number) else { continue };
            let part = self.staffing.share(lane, other) * f64::from(count);
            ahead += part;
            work += part * seconds(measured(other).handling(self.usual.0));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a mean of handling times in milliseconds")]
        let handling = Duration::milliseconds((work / (ahead + 1.0) * 1000.0) as i64);
        Situation { ahead, on_duty, ready, handling, patience: measured(lane).patience(self.usual.1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn situation(ahead: u32, on_duty: u32, ready: u32) -> Situation {
        Situation { ahead: f64::from(ahead), on_duty, ready, handling: Duration::seconds(300), patience: Duration::seconds(900) }
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
        let measured = Measured { calls: 5, handled: Duration::seconds(500), abandoned: 10, waited: Duration::seconds(1_500) };
        assert_eq!((Measured::default().handling(usual), Measured::default().patience(usual)), (usual, usual));
        assert_eq!((measured.handling(usual), measured.patience(usual)), (Duration::seconds(200), Duration::seconds(200)));
    }

    #[test]
    fn a_long_line_is_added_up_as_exactly_as_a_short_one() {
        for ahead in [0_u32, 10, 63, 64, 65, 500, 10_000] {
            let case = situation(ahead, 40, 0);
            let exact: f64 = (0..=ahead).map(|k| 1.0 / (40.0 / 300.0 + f64::from(k) / 900.0)).sum();
            #[expect(clippy::cast_precision_loss, reason = "an hour")]
            let found = expected(case).num_milliseconds() as f64 / 1000.0;
            assert!((found - exact).abs() < 0.05, "{ahead}: {found} s, exactly {exact} s");
        }
    }

    #[test]
    fn who_stands_in_another_lane_counts_by_the_agents_shared() {
        let lane = |number| Lane::of(number).expect("a lane");
        let lanes = |numbers: &[u8]| numbers.iter().map(|number| lane(*number)).collect::<Lanes>();
        let mut staffing = Staffing::default();
        for (serves, count) in [(lanes(&[1]), 6), (lanes(&[2]), 3), (lanes(&[1, 2]), 1)] {
            (0..count).for_each(|_| staffing.add(serves, false));
        }
        let slow = Measured { calls: 1_000_000, handled: Duration::seconds(1_000_000_000), ..Measured::default() };
        let fast = Measured { calls: 1_000_000, handled: Duration::seconds(100_000_000), ..Measured::default() };
        let mut outlook = Outlook::new(staffing, [(lane(2), slow), (lane(1), fast)].into(), (Duration::seconds(100), Duration::seconds(900)));
        (0..8).for_each(|_| outlook.pass(lane(2)));
        outlook.pass(lane(1));
        let (one, two, none) = (outlook.situation(lane(1)), outlook.situation(lane(2)), outlook.situation(lane(3)));
        assert!((one.ahead - 3.0).abs() < 1e-9 && one.on_duty == 7, "a quarter of the eight, and the one: {one:?}");
        assert!((two.ahead - 8.0 - 1.0 / 7.0).abs() < 1e-9 && two.on_duty == 4, "{two:?}");
        assert_eq!((one.handling.num_seconds(), two.handling.num_seconds() > 850), (549, true), "two calls of each kind: {one:?}");
        assert_eq!((none.ahead.to_bits(), none.on_duty), (0, 0));
    }
}
