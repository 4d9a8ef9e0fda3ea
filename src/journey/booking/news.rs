//! News from the queue: the call of an appointment began, or its customer left the line. Each may arrive twice.

use serde_json::json;

use super::{BookingError, Bookings, life::Command, store, wire::BookingState};
use crate::{
    base::{
        db::DbError,
        id::{BookingId, DossierId},
    },
    registry::{
        audit::Actor,
        dossier::{self, AdvanceError, State, Step},
        outbox::{Consumer, DomainEvent},
    },
};

#[async_trait::async_trait]
impl Consumer for Bookings {
    async fn consume(&self, event: &DomainEvent) -> Result<(), DbError> {
        let done = match *event {
            DomainEvent::BookingKept { booking } => self.kept(booking).await,
            DomainEvent::TicketLeft { dossier, booking, unreached } => self.stands_again(dossier, booking, unreached).await,
            DomainEvent::CallEnded { .. } | DomainEvent::DossierDecided { .. } | DomainEvent::ChecksMeasured { .. } | DomainEvent::RecordingSealed { .. } => {
                Ok(())
            }
        };
        match done {
            Err(BookingError::Db(error) | BookingError::File(AdvanceError::Db(error))) => Err(error),
            Err(error) => {
                tracing::warn!(error = %error, "booking: an event does not fit");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

impl Bookings {
    async fn kept(&self, booking: BookingId) -> Result<(), BookingError> {
        let mut tx = self.0.db.begin().await?;
        let Some(before) = store::find_in(&mut tx, booking).await?.filter(|booking| booking.state == BookingState::Booked) else { return Ok(()) };
        self.end(&mut tx, &before, Command::Keep, Actor::System).await?;
        Ok(tx.commit().await?)
    }

    /// The customer tried early or late and left: an appointment that is not over yet is what the file waits for again, unless the customer
    /// was rung for it in vain.
    async fn stands_again(&self, dossier: DossierId, booking: BookingId, unreached: bool) -> Result<(), BookingError> {
        let mut tx = self.0.db.begin().await?;
        let Some(before) = store::find_in(&mut tx, booking).await?.filter(|booking| booking.state == BookingState::Booked) else { return Ok(()) };
        let Some(file) = dossier::find_in(&mut tx, dossier).await?.filter(|file| file.state == State::Confirmed) else { return Ok(()) };
        if unreached || before.ends_at <= self.0.ambient.now() {
            self.end(&mut tx, &before, Command::Miss, Actor::System).await?;
        } else {
            let detail = json!({ "booking": booking, "slot": before.slot, "again": true });
            dossier::advance(&mut tx, &self.0.ambient, &file, Step::Book, Actor::System, detail).await?;
            self.announce(&mut tx, &before, State::Booked).await?;
        }
        Ok(tx.commit().await?)
    }
}
