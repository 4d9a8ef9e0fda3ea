//! The opening hours in force: those of the settings file until a supervisor sets others, then those in SQL. Every process reads
//! them at its start and looks again every few seconds, so that all servers of a house keep the same hours.

mod store;

use std::sync::{Arc, PoisonError, RwLock};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::hours::{Settings, Window};
use crate::base::{
    Timestamp,
    db::{Db, DbError, Tx},
    id::StaffId,
};

/// Windows of a week, Monday first, as they are written: `08:00-12:00`.
pub type Week = Vec<Vec<String>>;

/// A day on which the site is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "wire.ts")]
pub struct Closure {
    /// `YYYY-MM-DD`.
    #[ts(type = "string")]
    pub day: NaiveDate,
    /// Why, in a few words: a holiday's name.
    pub name: String,
}

/// Opening hours as supervisors set them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Counts changes; 0 is the settings file.
    pub version: i64,
    /// The week.
    pub week: Week,
    /// Days closed.
    pub closures: Vec<Closure>,
}

/// What cannot be opening hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadHours {
    /// A week has seven days.
    #[error("a week has seven days")]
    Days,
    /// A part of a day is not one, or there are too many of them.
    #[error("a part of a day is written 08:00-17:30, its end after its beginning, at most eight a day")]
    Window,
    /// Two parts of one day overlap.
    #[error("two parts of one day overlap")]
    Overlap,
    /// A day is closed twice, has no name or too long a one, or there are too many.
    #[error("a day closed has a name of at most 80 letters, and is closed once")]
    Closure,
}

/// The hours in force. Cheap to clone; all clones see the same.
#[derive(Clone)]
pub struct Calendar(Arc<RwLock<Arc<InForce>>>);

struct InForce {
    version: i64,
    closures: Vec<Closure>,
    hours: Settings,
    file: Settings,
}

impl Calendar {
    /// The hours of the settings file.
    pub fn new(file: Settings) -> Self {
        let closures = file.closed_on.iter().map(|day| Closure { day: *day, name: String::new() }).collect();
        Self(Arc::new(RwLock::new(Arc::new(InForce { version: 0, closures, hours: file.clone(), file }))))
    }

    /// The hours in force now.
    pub fn hours(&self) -> Settings {
        self.in_force().hours.clone()
    }

    /// The hours in force now, as they are written.
    pub fn own(&self) -> Own {
        let now = self.in_force();
        Own { version: now.version, week: now.hours.week().map(|day| day.iter().map(ToString::to_string).collect()).to_vec(), closures: now.closures.clone() }
    }

    /// What `week` and `closures` would make of the hours; the zone stays.
    ///
    /// # Errors
    /// [`BadHours`].
    pub fn would_be(&self, week: &Week, closures: &[Closure]) -> Result<Settings, BadHours> {
        let days: [Vec<Window>; 7] = week.iter().map(|day| windows(day)).collect::<Result<Vec<_>, _>>()?.try_into().map_err(|_| BadHours::Days)?;
        let mut closed_on: Vec<NaiveDate> = closures.iter().map(|closure| closure.day).collect();
        closed_on.sort_unstable();
        let is_named = |closure: &Closure| closure.name.trim().chars().count() <= 80 && !closure.name.chars().any(char::is_control);
        if closed_on.windows(2).any(|pair| pair[0] == pair[1]) || closures.len() > 400 || !closures.iter().all(is_named) {
            return Err(BadHours::Closure);
        }
        Ok(Settings { closed_on, ..self.in_force().file.with_week(days) })
    }

    /// Reads what supervisors set, if it changed.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn refresh(&self, db: &Db) -> Result<(), DbError> {
        let Some(own) = store::find(db).await? else { return Ok(()) };
        if own.version == self.in_force().version {
            return Ok(());
        }
        match self.would_be(&own.week, &own.closures) {
            Ok(hours) => {
                let file = self.in_force().file.clone();
                let next = Arc::new(InForce { version: own.version, closures: own.closures, hours, file });
                *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
            }
            Err(error) => tracing::error!(error = %error, "the opening hours in the database are none; the last good ones hold"),
        }
        Ok(())
    }

    /// Files other hours if they still stand at `version`; whether they did.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn set(tx: &mut Tx, version: i64, own: (&Week, &[Closure]), (by, now): (StaffId, Timestamp)) -> Result<bool, DbError> {
        store::set(tx, version, own, (by, now)).await
    }

    fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn windows(day: &[String]) -> Result<Vec<Window>, BadHours> {
    let mut found = day.iter().map(|text| text.parse::<Window>()).collect::<Result<Vec<_>, _>>().map_err(|_| BadHours::Window)?;
    if found.len() > 8 {
        return Err(BadHours::Window);
    }
    found.sort_unstable();
    if found.windows(2).any(|pair| pair[0].overlaps(pair[1])) { Err(BadHours::Overlap) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(monday: &[&str]) -> Week {
        let mut week = vec![Vec::new(); 7];
        week[0] = monday.iter().map(|text| (*text).to_owned()).collect();
        week
    }

    fn closed(day: &str, name: &str) -> Closure {
        Closure { day: day.parse().expect("a day"), name: name.to_owned() }
    }

    #[test]
    fn what_is_written_is_opening_hours_or_it_is_refused() {
        let calendar = Calendar::new(Settings::default());
        let hours = calendar.would_be(&week(&["13:00-17:30", "08:00-12:00"]), &[closed("2026-12-25", "Christmas")]).expect("hours");
        assert_eq!(hours.monday.iter().map(ToString::to_string).collect::<Vec<_>>(), ["08:00-12:00", "13:00-17:30"], "in order");
        assert!(hours.tuesday.is_empty(), "none is closed");
        assert_eq!(hours.closed_on, ["2026-12-25".parse().expect("a day")]);
        assert_eq!(calendar.would_be(&week(&["08:00-12:00", "12:00-13:00"]), &[]).map(|hours| hours.monday.len()), Ok(2), "touching is not overlapping");
        let refused = |week: &Week, closures: &[Closure]| calendar.would_be(week, closures).expect_err("refused");
        assert_eq!(refused(&vec![Vec::new(); 6], &[]), BadHours::Days);
        assert_eq!(refused(&week(&["12:00-08:00"]), &[]), BadHours::Window);
        assert_eq!(refused(&week(&["08:00-25:00"]), &[]), BadHours::Window);
        assert_eq!(refused(&week(&["08:00-12:00", "11:59-13:00"]), &[]), BadHours::Overlap);
        assert_eq!(refused(&week(&[]), &[closed("2026-12-25", "a"), closed("2026-12-25", "b")]), BadHours::Closure);
        assert_eq!(refused(&week(&[]), &[closed("2026-12-25", &"a".repeat(81))]), BadHours::Closure);
    }
}
