//! Jobs of the `work` role: letters go out, an appointment nobody came to is closed.

use serde::{Deserialize, Serialize};

use super::{
    BookingError, Bookings,
    letters::{self, Letter},
    life::Command,
    link, store,
    wire::BookingState,
};
use crate::{
    base::id::BookingId,
    engine::notify::{Letterhead, NotifyError},
    registry::{
        audit::Actor,
        dossier::{self, AdvanceError, State},
        letters::Letters,
        outbox::jobs::{Handler, Job, JobError},
    },
};

/// Kind of the job that sends a letter about an appointment.
pub const SEND_LETTER: &str = "send_letter";
/// Kind of the job that closes an appointment nobody came to.
pub const CLOSE_BOOKING: &str = "close_booking";

/// Which letter about which state of an appointment.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Due {
    pub(super) booking: BookingId,
    pub(super) version: i64,
    pub(super) letter: Letter,
}

/// Sends a letter about an appointment while it is still true.
pub struct SendLetter {
    /// Appointments.
    pub bookings: Bookings,
    /// What all letters have in common.
    pub head: Letterhead,
    /// The way out.
    pub letters: Letters,
}

#[async_trait::async_trait]
impl Handler for SendLetter {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let parts = &self.bookings.0;
        let due: Due = serde_json::from_str(&job.payload).map_err(|_| JobError::Hopeless("the job names no letter".to_owned()))?;
        let now = parts.ambient.now();
        let Some(booking) = store::find(&parts.db, due.booking).await?.filter(|booking| due.letter.is_due(booking, due.version, now)) else { return Ok(()) };
        let Some(file) = dossier::find(&parts.db, booking.dossier).await? else { return Ok(()) };
        let link = format!("{}/#/booking/{}", self.head.home, link::token(&parts.link_key, booking.id, &booking.link_nonce));
        let Some(message) = letters::written(due.letter, &self.head, (&booking, &file), &link, now) else { return Ok(()) };
        self.letters.send(file.id, &message).await.map_err(|error| match error {
            NotifyError::Again(_) => JobError::Again(error.to_string()),
            NotifyError::BadAddress | NotifyError::Refused(_) => JobError::Hopeless(error.to_string()),
        })
    }
}

/// Closes an appointment whose time passed without a call.
pub struct CloseBooking {
    /// Appointments.
    pub bookings: Bookings,
}

#[async_trait::async_trait]
impl Handler for CloseBooking {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        match self.bookings.close(subject(job)?).await {
            Ok(()) => Ok(()),
            Err(BookingError::Db(error) | BookingError::File(AdvanceError::Db(error))) => Err(error.into()),
            Err(error) => Err(JobError::Again(error.to_string())),
        }
    }
}

impl Bookings {
    /// Closes an open appointment that is over. One whose customer stands in line or is being called closes itself.
    pub(super) async fn close(&self, booking: BookingId) -> Result<(), BookingError> {
        let mut tx = self.0.db.begin().await?;
        let Some(before) = store::find_in(&mut tx, booking).await? else { return Ok(()) };
        let is_over = before.ends_at <= self.0.ambient.now();
        let is_busy = dossier::find_in(&mut tx, before.dossier).await?.is_some_and(|file| matches!(file.state, State::Waiting | State::InCall));
        if before.state != BookingState::Booked || !is_over || is_busy {
            return Ok(());
        }
        self.end(&mut tx, &before, Command::Miss, Actor::System).await?;
        Ok(tx.commit().await?)
    }
}

fn subject(job: &Job) -> Result<BookingId, JobError> {
    serde_json::from_str(&job.payload).map_err(|_| JobError::Hopeless("the job names no appointment".to_owned()))
}
