//! The agents' side: the list of a day, and calling the customer of an appointment.

use chrono::{Duration, NaiveDate};

use super::{
    BookingError, Bookings, store,
    wire::{BookingRow, BookingState},
};
use crate::{
    base::{
        db::DbError,
        id::{BookingId, StaffId},
    },
    journey::queue::{Queue, RingRequest, wire::RingView},
};

/// An agent may call from so long before the appointment.
const EARLY: Duration = Duration::minutes(15);

impl Bookings {
    /// The appointments of a day of the site, today without one, soonest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn day(&self, queue: &Queue, day: Option<NaiveDate>) -> Result<Vec<BookingRow>, DbError> {
        let day = day.unwrap_or_else(|| self.0.hours.day_of(self.0.ambient.now()));
        let mut rows = store::between(&self.0.db, self.0.hours.day(day)).await?;
        for row in &mut rows {
            row.is_online = queue.is_customer_online(row.dossier_id);
        }
        Ok(rows)
    }

    /// Rings the customer of an open appointment that is due.
    ///
    /// # Errors
    /// [`BookingError::Unknown`], [`BookingError::Over`], [`BookingError::TooEarly`], and what the queue says.
    pub async fn call(&self, queue: &Queue, booking: BookingId, agent: StaffId, agent_name: String) -> Result<RingView, BookingError> {
        let booking = store::find(&self.0.db, booking).await?.ok_or(BookingError::Unknown)?;
        if booking.state != BookingState::Booked {
            return Err(BookingError::Over);
        }
        if self.0.ambient.now() < booking.starts_at - EARLY {
            return Err(BookingError::TooEarly);
        }
        Ok(queue.ring(RingRequest { booking: booking.id, dossier: booking.dossier, agent, agent_name }).await?)
    }
}
