//! The agents' side: the list of a day, and calling the customer of an appointment.

use chrono::{Duration, NaiveDate};
use tokio_util::sync::CancellationToken;

use super::{
    BookingError, Bookings, store,
    wire::{BookingRow, BookingState},
};
use crate::{
    base::{
        db::DbError,
        id::{BookingId, StaffId},
    },
    journey::queue::{LeaveReason, Queue, QueueError, RingRequest, wire::RingView},
};

/// An agent may call from so long before the appointment.
const EARLY: Duration = Duration::minutes(15);
/// For so long an agent is kept for somebody who is late.
const LATE: Duration = Duration::minutes(2);
/// How often it is looked who comes soon.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

impl Bookings {
    /// The appointments of a day of the site, today without one, soonest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn day(&self, queue: &Queue, day: Option<NaiveDate>) -> Result<Vec<BookingRow>, DbError> {
        let day = day.unwrap_or_else(|| self.hours().day_of(self.0.ambient.now()));
        let mut rows = store::between(&self.0.db, self.hours().day(day)).await?;
        for row in &mut rows {
            row.is_online = queue.is_customer_online(row.dossier_id);
        }
        Ok(rows)
    }

    /// Keeps as many ready agents for appointments as begin soon and whose customers are not here yet, of those who speak their languages.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn reserve(&self, queue: &Queue) -> Result<(), DbError> {
        let now = self.0.ambient.now();
        let due = match queue.reserve_ahead() {
            Some(ahead) => store::due_soon(&self.0.db, now - LATE, now + ahead).await?,
            None => Vec::new(),
        };
        queue.reserve(&due).await;
        Ok(())
    }

    /// The system's own way to ring at the time of an appointment: its customer stands in line to be rung by the next agent who is free. Where
    /// none was until long after its end, nobody is rung for it any more, and the customer is told how to book again.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn ring_due(&self, queue: &Queue) -> Result<(), DbError> {
        if !self.0.settings.rings_by_itself {
            return Ok(());
        }
        let now = self.0.ambient.now();
        for (dossier, booked) in store::due_now(&self.0.db, now).await? {
            match queue.summon(dossier, booked).await {
                Ok(true) => self.say_changed(booked.booking).await?,
                Ok(false) => {}
                Err(QueueError::Db(error)) => return Err(error),
                Err(error) => tracing::warn!(booking.id = %booked.booking, error = %error, "booking: a customer cannot be rung yet"),
            }
        }
        for booking in store::unmet(&self.0.db, now - Duration::minutes(i64::from(self.0.settings.missed_after_minutes))).await? {
            match queue.take_out(booking, LeaveReason::NotReached).await {
                Ok(true) => self.say_changed(booking).await?,
                Ok(false) => {}
                Err(QueueError::Db(error)) => return Err(error),
                // An agent was faster.
                Err(error) => tracing::info!(booking.id = %booking, error = %error, "booking: a customer is not given up"),
            }
        }
        Ok(())
    }

    /// Has the consoles look again at an appointment whose customer came into line, or out of it.
    async fn say_changed(&self, booking: BookingId) -> Result<(), DbError> {
        let mut tx = self.0.db.begin().await?;
        if let Some(booking) = store::find_in(&mut tx, booking).await? {
            self.tell_consoles(&mut tx, &booking).await?;
        }
        tx.commit().await?;
        self.0.relay.nudge();
        Ok(())
    }

    /// Looks every few seconds which appointments come up.
    pub async fn run(self, queue: Queue, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.ring_due(&queue).await {
                tracing::warn!(error = %error, "booking: will look again whose time it is");
            }
            if let Err(error) = self.reserve(&queue).await {
                tracing::warn!(error = %error, "booking: will look again for whom an agent is to be kept");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
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
