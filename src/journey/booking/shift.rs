//! Shifts make slots. Pure.
//!
//! A slot is a quarter of an hour of real time on the quarter, within the opening hours. It has as many seats as agents
//! whose shift covers all of it. Offsets of all zones in use are whole quarters, so a quarter in UTC is a quarter on every
//! wall; where clocks jump, slots that do not exist are not made and those that exist twice are two.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::{
    base::{Timestamp, id::StaffId},
    journey::queue::hours::{self, Span},
};

/// Length of a slot.
pub const SLOT: Duration = Duration::minutes(15);

/// When an agent is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    /// Who.
    pub agent: StaffId,
    /// When.
    pub span: Span,
}

/// Beginning and seats of every slot within `span`, `buffer` apart, in order; quarters without a seat are left out.
pub fn slots(hours: &hours::Settings, shifts: &[Shift], span: Span, buffer: Duration) -> BTreeMap<Timestamp, u32> {
    let mut day = hours.day_of(span.starts_at).pred_opt();
    let last = hours.day_of(span.ends_at);
    let mut found = BTreeMap::new();
    while let Some(today) = day.filter(|day| *day <= last) {
        for open in hours.open_on(today) {
            for slot in quarters(open, buffer).filter(|slot| span.covers(*slot)) {
                let mut agents: Vec<StaffId> = shifts.iter().filter(|shift| shift.span.covers(slot)).map(|shift| shift.agent).collect();
                agents.sort_unstable();
                agents.dedup();
                if !agents.is_empty() {
                    found.insert(slot.starts_at, u32::try_from(agents.len()).unwrap_or(u32::MAX));
                }
            }
        }
        day = today.succ_opt();
    }
    found
}

fn quarters(open: Span, buffer: Duration) -> impl Iterator<Item = Span> {
    let quarter = SLOT.num_milliseconds();
    let first = (open.starts_at.timestamp_millis() + quarter - 1).div_euclid(quarter) * quarter;
    let step = quarter + buffer.num_milliseconds();
    (0..).map_while(move |count| {
        let starts_at = Timestamp::from_timestamp_millis(first + count * step)?;
        let slot = Span { starts_at, ends_at: starts_at + SLOT };
        open.covers(slot).then_some(slot)
    })
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::base::id::{Id, time_ordered};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn agent(number: u8) -> StaffId {
        StaffId::from_uuid(time_ordered(at("2026-01-01T00:00:00Z"), [number; 10]))
    }

    fn shift(number: u8, from: &str, to: &str) -> Shift {
        Shift { agent: agent(number), span: Span { starts_at: at(from), ends_at: at(to) } }
    }

    fn around_the_clock(zone: Tz) -> hours::Settings {
        hours::Settings { time_zone: zone, ..hours::Settings::default() }
    }

    fn day_of_one(zone: Tz, day: &str) -> BTreeMap<Timestamp, u32> {
        let hours = around_the_clock(zone);
        let span = hours.day(day.parse().expect("a day"));
        slots(&hours, &[Shift { agent: agent(1), span }], span, Duration::zero())
    }

    #[test]
    fn seats_are_agents_who_are_there_all_the_time() {
        let shifts = [shift(1, "2026-11-23T01:00:00Z", "2026-11-23T02:00:00Z"), shift(2, "2026-11-23T01:20:00Z", "2026-11-23T01:50:00Z")];
        let all = Span { starts_at: at("2026-11-23T00:00:00Z"), ends_at: at("2026-11-24T00:00:00Z") };
        let found: Vec<(String, u32)> = slots(&around_the_clock(Tz::Asia__Ho_Chi_Minh), &shifts, all, Duration::zero())
            .iter()
            .map(|(at, seats)| (at.format("%H:%M").to_string(), *seats))
            .collect();
        let wanted = [("01:00", 1), ("01:15", 1), ("01:30", 2), ("01:45", 1)];
        assert_eq!(found, wanted.map(|(at, seats)| (at.to_owned(), seats)));
    }

    #[test]
    fn two_shifts_of_one_agent_are_one_seat() {
        let shifts = [shift(1, "2026-11-23T01:00:00Z", "2026-11-23T02:00:00Z"), shift(1, "2026-11-23T00:30:00Z", "2026-11-23T01:30:00Z")];
        let all = Span { starts_at: at("2026-11-23T00:00:00Z"), ends_at: at("2026-11-24T00:00:00Z") };
        assert!(slots(&around_the_clock(Tz::UTC), &shifts, all, Duration::zero()).values().all(|seats| *seats == 1));
    }

    #[test]
    fn opening_hours_bound_the_slots() {
        let mut hours = around_the_clock(Tz::Europe__Berlin);
        hours.monday = vec!["08:10-09:05".parse().expect("a window")];
        let span = hours.day("2026-11-23".parse().expect("a day"));
        let found: Vec<String> =
            slots(&hours, &[Shift { agent: agent(1), span }], span, Duration::zero()).keys().map(|at| at.format("%H:%M").to_string()).collect();
        assert_eq!(found, ["07:15", "07:30", "07:45"]);
    }

    #[test]
    fn days_are_as_long_as_their_zone_makes_them() {
        for (zone, day, hours) in [
            (Tz::Europe__Berlin, "2026-03-28", 24.0),
            (Tz::Europe__Berlin, "2026-03-29", 23.0),
            (Tz::Europe__Berlin, "2026-10-25", 25.0),
            (Tz::Australia__Lord_Howe, "2026-04-05", 24.5),
            (Tz::Australia__Lord_Howe, "2026-10-04", 23.5),
            (Tz::America__Santiago, "2026-09-06", 23.0),
            (Tz::Africa__Casablanca, "2026-02-15", 25.0),
            (Tz::Asia__Ho_Chi_Minh, "2026-11-23", 24.0),
        ] {
            #[expect(clippy::cast_precision_loss, reason = "a hundred slots")]
            let found = day_of_one(zone, day).len() as f64 / 4.0;
            assert!((found - hours).abs() < f64::EPSILON, "{zone} {day}: {found} h");
        }
    }

    #[test]
    fn half_past_two_in_berlin_is_missing_or_twice() {
        let local = |zone: Tz, day: &str| -> Vec<String> {
            day_of_one(zone, day).keys().map(|at| at.with_timezone(&zone).format("%H:%M").to_string()).filter(|text| text == "02:30").collect()
        };
        assert_eq!(local(Tz::Europe__Berlin, "2026-03-28").len(), 1);
        assert_eq!(local(Tz::Europe__Berlin, "2026-03-29").len(), 0);
        assert_eq!(local(Tz::Europe__Berlin, "2026-10-25").len(), 2);
    }
}
