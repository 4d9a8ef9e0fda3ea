//! Opening hours set by supervisors, and what they come into conflict with: appointments and shifts outside them.

use chrono::Duration;
use serde_json::json;

use super::{
    BookingError, Bookings,
    store::{self, Booking},
    wire::{HoursConflicts, HoursView, SetHours, ShiftView},
};
use crate::{
    base::{db::DbError, id::StaffId},
    journey::queue::{
        Queue,
        calendar::Calendar,
        hours::{self, Span},
    },
    registry::audit::{self, Act, Actor},
};

impl Bookings {
    /// The opening hours in force.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn hours_view(&self) -> Result<HoursView, DbError> {
        self.0.calendar.refresh(&self.0.db).await?;
        let own = self.0.calendar.own();
        Ok(HoursView { time_zone: self.hours().time_zone.name().to_owned(), version: own.version, week: own.week, closures: own.closures })
    }

    /// What other hours would come into conflict with, in the stretch for which appointments are made.
    ///
    /// # Errors
    /// [`BookingError::BadHours`].
    pub async fn check_hours(&self, wanted: &SetHours) -> Result<HoursConflicts, BookingError> {
        let hours = self.0.calendar.would_be(&wanted.week, &wanted.closures)?;
        let span = self.ahead();
        let rows = store::between(&self.0.db, span).await?.into_iter().filter(|row| {
            let slot = Span { starts_at: row.starts_at, ends_at: row.starts_at + Duration::minutes(i64::from(row.minutes)) };
            row.state == super::wire::BookingState::Booked && !is_within(&hours, slot)
        });
        let shifts = store::roster(&self.0.db, span).await?.into_iter().filter(|shift| !is_within(&hours, span_of(shift)));
        Ok(HoursConflicts { bookings: rows.collect(), shifts: shifts.collect() })
    }

    /// Sets other hours and makes the slots again. Appointments outside them stay, unless `call_off` gives them back to their
    /// customers, who are told and shown the way to another time.
    ///
    /// # Errors
    /// [`BookingError::BadHours`], [`BookingError::ChangedMeanwhile`], [`BookingError::HoursConflict`] when appointments lie outside
    /// and nobody said what becomes of them.
    pub async fn set_hours(&self, queue: &Queue, wanted: &SetHours, by: StaffId) -> Result<HoursView, BookingError> {
        let hours = self.0.calendar.would_be(&wanted.week, &wanted.closures)?;
        let now = self.0.ambient.now();
        let mut tx = self.0.db.begin().await?;
        if !Calendar::set(&mut tx, wanted.version, (&wanted.week, &wanted.closures), (by, now)).await? {
            return Err(BookingError::ChangedMeanwhile);
        }
        let span = self.ahead();
        let outside: Vec<Booking> = store::open_between(&mut tx, span)
            .await?
            .into_iter()
            .filter(|booking| !is_within(&hours, Span { starts_at: booking.starts_at, ends_at: booking.ends_at }))
            .collect();
        if !outside.is_empty() && wanted.call_off.is_none() {
            return Err(BookingError::HoursConflict);
        }
        let lost = if wanted.call_off == Some(true) { outside } else { Vec::new() };
        for booking in &lost {
            self.give_back(&mut tx, booking, Some(by), "site_closed").await?;
        }
        self.make_slots_of(&mut tx, &hours, span).await?;
        store::keep_taken(&mut tx, span).await?;
        let detail = json!({ "version": wanted.version + 1, "called_off": lost.len() });
        audit::write(&mut tx, &self.0.ambient, Act { actor: Actor::Staff(by), act: "booking.hours_set", dossier: None, purpose: None, detail }).await?;
        tx.commit().await?;
        self.0.relay.nudge();
        for booking in &lost {
            queue.withdraw_ring(booking.id).await?;
        }
        Ok(self.hours_view().await?)
    }

    /// From now to the end of the stretch for which appointments are made.
    fn ahead(&self) -> Span {
        let now = self.0.ambient.now();
        Span { starts_at: now, ends_at: now + Duration::days(i64::from(self.0.settings.horizon_days) + 1) }
    }
}

fn span_of(shift: &ShiftView) -> Span {
    Span { starts_at: shift.starts_at, ends_at: shift.ends_at }
}

/// Whether the site is open during all of a stretch; parts of days that touch are one.
fn is_within(hours: &hours::Settings, span: Span) -> bool {
    let mut at = span.starts_at;
    let mut day = hours.day_of(span.starts_at).pred_opt();
    let last = hours.day_of(span.ends_at);
    while let Some(today) = day.filter(|day| *day <= last) {
        for open in hours.open_on(today) {
            if open.starts_at <= at && at < open.ends_at {
                at = open.ends_at;
            }
        }
        if at >= span.ends_at {
            return true;
        }
        day = today.succ_opt();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;

    fn span(from: &str, to: &str) -> Span {
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        Span { starts_at: at(from), ends_at: at(to) }
    }

    #[test]
    fn a_stretch_is_within_when_no_minute_of_it_is_closed() {
        let calendar = Calendar::new(hours::Settings::default());
        let mut week = vec![vec!["00:00-24:00".to_owned()]; 7];
        week[0] = vec!["08:00-12:00".to_owned(), "12:00-17:00".to_owned()];
        let hours = calendar.would_be(&week, &[]).expect("hours");
        // Monday 2026-03-02 in Vietnam is 17:00 UTC of Sunday to 17:00 UTC of Monday.
        assert!(is_within(&hours, span("2026-03-02T01:00:00Z", "2026-03-02T10:00:00Z")), "over the seam at noon");
        assert!(!is_within(&hours, span("2026-03-02T00:59:00Z", "2026-03-02T02:00:00Z")));
        assert!(!is_within(&hours, span("2026-03-02T09:00:00Z", "2026-03-02T10:01:00Z")));
        assert!(is_within(&hours, span("2026-03-03T16:00:00Z", "2026-03-03T18:00:00Z")), "over a midnight that is open");
        assert!(!is_within(&hours, span("2026-03-01T16:00:00Z", "2026-03-01T18:00:00Z")), "over a midnight into closed hours");
    }
}
