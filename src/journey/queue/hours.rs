//! Opening hours of the site: weekly wall-clock windows in one IANA zone, turned into instants. Pure.
//!
//! A wall-clock time that does not exist (clocks go forward) means the first instant after the gap; one that exists
//! twice means the first for a beginning and the last for an end, so that a window never loses real time.

use chrono::{Datelike, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

/// When calls are taken and appointments can be held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// IANA zone of the site, such as `Asia/Ho_Chi_Minh`.
    pub time_zone: Tz,
    /// Windows of Mondays, `HH:MM-HH:MM`; `24:00` is the end of the day, none means closed.
    pub monday: Vec<Window>,
    /// Windows of Tuesdays.
    pub tuesday: Vec<Window>,
    /// Windows of Wednesdays.
    pub wednesday: Vec<Window>,
    /// Windows of Thursdays.
    pub thursday: Vec<Window>,
    /// Windows of Fridays.
    pub friday: Vec<Window>,
    /// Windows of Saturdays.
    pub saturday: Vec<Window>,
    /// Windows of Sundays.
    pub sunday: Vec<Window>,
    /// Days on which the site is closed all day, `YYYY-MM-DD`.
    pub closed_on: Vec<NaiveDate>,
}

impl Default for Settings {
    fn default() -> Self {
        let all_day = || vec![Window { from: 0, to: MINUTES_OF_A_DAY }];
        Self {
            time_zone: Tz::Asia__Ho_Chi_Minh,
            monday: all_day(),
            tuesday: all_day(),
            wednesday: all_day(),
            thursday: all_day(),
            friday: all_day(),
            saturday: all_day(),
            sunday: all_day(),
            closed_on: Vec::new(),
        }
    }
}

const MINUTES_OF_A_DAY: u32 = 24 * 60;

/// A part of a day, in minutes of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    from: u32,
    to: u32,
}

impl Window {
    /// Whether they have a minute in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// The text is no `HH:MM-HH:MM` with the end after the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a part of a day such as 08:00-17:30")]
pub struct MalformedWindow;

impl std::str::FromStr for Window {
    type Err = MalformedWindow;
    fn from_str(text: &str) -> Result<Self, MalformedWindow> {
        let (from, to) = text.split_once('-').ok_or(MalformedWindow)?;
        let window = Self { from: minutes(from)?, to: minutes(to)? };
        if window.from < window.to { Ok(window) } else { Err(MalformedWindow) }
    }
}

fn minutes(text: &str) -> Result<u32, MalformedWindow> {
    let (hours, minutes) = text.trim().split_once(':').ok_or(MalformedWindow)?;
    let (hours, minutes): (u32, u32) = (hours.parse().map_err(|_| MalformedWindow)?, minutes.parse().map_err(|_| MalformedWindow)?);
    let total = hours.saturating_mul(60).saturating_add(minutes);
    if minutes < 60 && total <= MINUTES_OF_A_DAY { Ok(total) } else { Err(MalformedWindow) }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.from / 60, self.from % 60, self.to / 60, self.to % 60)
    }
}

impl Serialize for Window {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A stretch of real time, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First instant.
    pub starts_at: Timestamp,
    /// First instant after.
    pub ends_at: Timestamp,
}

impl Span {
    /// Whether all of `other` lies within.
    pub fn covers(self, other: Self) -> bool {
        self.starts_at <= other.starts_at && other.ends_at <= self.ends_at
    }
}

impl Settings {
    /// The windows of each day, Monday first.
    pub fn week(&self) -> [&[Window]; 7] {
        [&self.monday, &self.tuesday, &self.wednesday, &self.thursday, &self.friday, &self.saturday, &self.sunday]
    }

    /// The same zone with another week.
    #[must_use]
    pub fn with_week(&self, week: [Vec<Window>; 7]) -> Self {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = week;
        Self { monday, tuesday, wednesday, thursday, friday, saturday, sunday, ..self.clone() }
    }

    fn windows(&self, day: NaiveDate) -> &[Window] {
        if self.closed_on.contains(&day) {
            return &[];
        }
        match day.weekday() {
            Weekday::Mon => &self.monday,
            Weekday::Tue => &self.tuesday,
            Weekday::Wed => &self.wednesday,
            Weekday::Thu => &self.thursday,
            Weekday::Fri => &self.friday,
            Weekday::Sat => &self.saturday,
            Weekday::Sun => &self.sunday,
        }
    }

    /// The open stretches of one local day.
    pub fn open_on(&self, day: NaiveDate) -> Vec<Span> {
        self.windows(day)
            .iter()
            .map(|window| Span { starts_at: self.beginning(at_minute(day, window.from)), ends_at: self.end(at_minute(day, window.to)) })
            .filter(|span| span.starts_at < span.ends_at)
            .collect()
    }

    /// Whether the site is open at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let today = self.day_of(now);
        // A window ends on its own day, or at the midnight after; yesterday's can still run where that midnight is twice.
        [today.pred_opt(), Some(today)].into_iter().flatten().flat_map(|day| self.open_on(day)).any(|span| span.starts_at <= now && now < span.ends_at)
    }

    /// The local day of an instant.
    pub fn day_of(&self, at: Timestamp) -> NaiveDate {
        at.with_timezone(&self.time_zone).date_naive()
    }

    /// All of one local day: 23, 24 or 25 hours, or what the zone makes of it.
    pub fn day(&self, day: NaiveDate) -> Span {
        Span { starts_at: self.beginning(at_minute(day, 0)), ends_at: self.beginning(at_minute(day, MINUTES_OF_A_DAY)) }
    }

    /// The stretch from one wall-clock time to another, as a shift is written on a roster.
    pub fn between(&self, from: NaiveDateTime, to: NaiveDateTime) -> Span {
        Span { starts_at: self.beginning(from), ends_at: self.end(to) }
    }

    fn beginning(&self, local: NaiveDateTime) -> Timestamp {
        self.instant(local, LocalResult::earliest)
    }

    fn end(&self, local: NaiveDateTime) -> Timestamp {
        self.instant(local, LocalResult::latest)
    }

    fn instant(&self, local: NaiveDateTime, choose: fn(LocalResult<chrono::DateTime<Tz>>) -> Option<chrono::DateTime<Tz>>) -> Timestamp {
        // The longest gap of any zone is a whole day (Samoa, 2011).
        (0..=MINUTES_OF_A_DAY)
            .find_map(|late| choose(self.time_zone.from_local_datetime(&(local + Duration::minutes(i64::from(late))))))
            .map_or_else(|| local.and_utc(), |found| found.to_utc())
    }
}

fn at_minute(day: NaiveDate, minute: u32) -> NaiveDateTime {
    if minute == MINUTES_OF_A_DAY {
        return (day + Days::new(1)).and_time(NaiveTime::MIN);
    }
    day.and_time(NaiveTime::MIN) + Duration::minutes(i64::from(minute))
}

#[cfg(test)]
#[path = "hours_tests.rs"]
mod tests;
