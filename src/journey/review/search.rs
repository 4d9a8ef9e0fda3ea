//! What a search asks for, made ready for the database. Pure.

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;

use crate::{
    base::{Pii, Timestamp},
    registry::dossier::{State, folded},
};

/// Rows of one page.
pub const PAGE: u32 = 50;

/// The last page that can be asked for: who needs more narrows the search.
pub const LAST_PAGE: u32 = 2000;

/// A search as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Part of a name, of a document number or of a reference.
    pub q: Option<Pii<String>>,
    /// First day (`2026-03-02`, in `zone`) or instant (RFC 3339) of the last change.
    pub from: Option<String>,
    /// Last day (included) or instant (not included).
    pub to: Option<String>,
    /// Part of an agent's name, or the id.
    pub agent: Option<String>,
    /// A state of the file, or an outcome.
    pub outcome: Option<String>,
    /// From 1.
    pub page: Option<u32>,
    /// IANA zone in which days are meant; UTC unless given.
    pub zone: Option<String>,
}

/// What of it makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Senseless {
    /// No such day, or no such zone.
    Day,
    /// No such state or outcome.
    Outcome,
    /// Too many characters, or no such page.
    Size,
}

/// A search the database understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The name of a state.
    pub state: Option<&'static str>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub before: Option<Timestamp>,
    /// LIKE pattern of a folded name.
    pub name: Option<Pii<String>>,
    /// LIKE pattern of a number or reference in capitals, without blanks and dashes.
    pub number: Option<Pii<String>>,
    /// Part of an agent's name, folded.
    pub agent: Option<String>,
    /// From 1.
    pub page: u32,
}

/// Makes a search ready.
pub fn filter(wanted: &Wanted) -> Result<Filter, Senseless> {
    let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let q = wanted.q.as_ref().map(|q| q.expose().trim()).filter(|q| !q.is_empty());
    let agent = given(&wanted.agent);
    if q.is_some_and(|q| q.chars().count() > 100) || agent.as_ref().is_some_and(|agent| agent.chars().count() > 100) {
        return Err(Senseless::Size);
    }
    let page = wanted.page.unwrap_or(1);
    if !(1..=LAST_PAGE).contains(&page) {
        return Err(Senseless::Size);
    }
    let zone: Tz = given(&wanted.zone).map_or(Ok(Tz::UTC), |zone| zone.parse().map_err(|_| Senseless::Day))?;
    let compact = |q: &str| q.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_uppercase();
    Ok(Filter {
        state: given(&wanted.outcome).map(|outcome| state(&outcome)).transpose()?,
        from: given(&wanted.from).map(|from| instant(&from, zone, 0)).transpose()?,
        before: given(&wanted.to).map(|to| instant(&to, zone, 1)).transpose()?,
        name: q.map(|q| containing(&folded(q))),
        number: q.map(|q| containing(&compact(q))),
        agent: agent.map(|agent| folded(&agent)),
        page,
    })
}

fn state(outcome: &str) -> Result<&'static str, Senseless> {
    let state = match outcome {
        "approve" => State::Approved,
        "reject" => State::Rejected,
        // No state: decided by the agent, not yet by a second person.
        "second_person" => return Ok("second_person"),
        other => other.parse().map_err(|()| Senseless::Outcome)?,
    };
    Ok(state.name())
}

/// An instant as given, or the start of a day (plus `days`). A day that starts in a gap of the clock starts after it.
fn instant(text: &str, zone: Tz, days: u64) -> Result<Timestamp, Senseless> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let day: NaiveDate = text.parse().map_err(|_| Senseless::Day)?;
    let day = day.checked_add_days(chrono::Days::new(days)).ok_or(Senseless::Day)?;
    let mut hours = (0..24).filter_map(|hour| day.and_hms_opt(hour, 0, 0));
    let first = hours.find_map(|hour| zone.from_local_datetime(&hour).earliest()).ok_or(Senseless::Day)?;
    Ok(first.to_utc())
}

/// The LIKE pattern of everything that contains `part`; `\` takes the meaning from `%` and `_`.
fn containing(part: &str) -> Pii<String> {
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    Pii::new(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(change: impl FnOnce(&mut Wanted)) -> Result<Filter, Senseless> {
        let mut wanted = Wanted::default();
        change(&mut wanted);
        filter(&wanted)
    }

    #[test]
    fn an_empty_search_narrows_nothing() {
        let all = wanted(|w| {
            w.q = Some(Pii::new("  ".into()));
            w.outcome = Some(String::new());
        });
        assert_eq!(all, Ok(Filter { state: None, from: None, before: None, name: None, number: None, agent: None, page: 1 }));
    }

    #[test]
    fn words_are_folded_and_wildcards_are_letters() {
        let search = wanted(|w| w.q = Some(Pii::new(" Nguyễn 100%_a\\b ".into()))).unwrap();
        assert_eq!(search.name.unwrap().expose(), "%nguyen 100\\%\\_a\\\\b%");
        let search = wanted(|w| w.q = Some(Pii::new("vx-7k2m 93".into()))).unwrap();
        assert_eq!(search.number.unwrap().expose(), "%VX7K2M93%");
    }

    #[test]
    fn days_are_days_of_a_zone() {
        let search = |zone: &str, from: &str, to: &str| {
            let filter = wanted(|w| (w.zone, w.from, w.to) = (Some(zone.into()), Some(from.into()), Some(to.into()))).unwrap();
            (filter.from.unwrap().to_rfc3339(), filter.before.unwrap().to_rfc3339())
        };
        assert_eq!(search("Asia/Ho_Chi_Minh", "2026-03-02", "2026-03-02"), ("2026-03-01T17:00:00+00:00".into(), "2026-03-02T17:00:00+00:00".into()));
        assert_eq!(search("", "2026-03-02T10:00:00Z", "2026-03-02"), ("2026-03-02T10:00:00+00:00".into(), "2026-03-03T00:00:00+00:00".into()));
        assert_eq!(search("America/Santiago", "2026-09-06", "2026-09-06").0, "2026-09-06T04:00:00+00:00", "midnight does not exist that day");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(wanted(|w| w.from = Some("yesterday".into())), Err(Senseless::Day));
        assert_eq!(wanted(|w| w.to = Some("2026-02-30".into())), Err(Senseless::Day));
        assert_eq!(wanted(|w| w.zone = Some("Middle/Earth".into())), Err(Senseless::Day));
        assert_eq!(wanted(|w| w.outcome = Some("maybe".into())), Err(Senseless::Outcome));
        assert_eq!(wanted(|w| w.page = Some(0)), Err(Senseless::Size));
        assert_eq!(wanted(|w| w.q = Some(Pii::new("x".repeat(101)))), Err(Senseless::Size));
        assert_eq!(wanted(|w| w.outcome = Some("approve".into())).unwrap().state, Some("approved"));
        assert_eq!(wanted(|w| w.outcome = Some("called".into())).unwrap().state, Some("called"));
    }
}
