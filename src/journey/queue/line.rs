//! The customer's side: into the line, the place in it, out of it.

use chrono::Duration;
use serde_json::json;

use super::{
    Queue, QueueError,
    engine::Change,
    estimate::{self, Situation, WaitRange},
    presence, settings, store,
    ticket::{Command, LeaveReason, Standing, Ticket},
    wire::{TicketState, TicketView, WaitEstimate},
};
use crate::{
    base::{
        Timestamp,
        db::{DbError, Tx},
        id::{BookingId, DossierId, TicketId},
    },
    registry::{
        audit::Actor,
        dossier::{self, State, Step},
        outbox::{self, DomainEvent},
    },
};

/// A booked customer goes before those who came up to so much earlier without an appointment.
const BOOKED_BOOST: Duration = Duration::minutes(60);
/// A booked customer is on time until so long after the beginning.
const BOOKED_LATE: Duration = Duration::minutes(60);
/// Handling times older than this say nothing about today.
const MEASURED_FOR: Duration = Duration::hours(8);

/// The open appointment of a customer who calls by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// Which.
    pub booking: BookingId,
    /// When it begins.
    pub starts_at: Timestamp,
}

impl Queue {
    /// Takes a ticket for a confirmed or booked file. A file that already has an open ticket keeps it (double submit).
    /// From shortly before the appointment a booked customer is let in at any hour and goes before the others.
    ///
    /// # Errors
    /// [`QueueError::Draining`], [`QueueError::Closed`], [`QueueError::Unknown`] file, [`QueueError::File`] when the file
    /// is not ready for a call.
    pub async fn enqueue(&self, dossier: DossierId, booked: Option<Booked>) -> Result<TicketView, QueueError> {
        self.refuse_while_draining()?;
        let now = self.now();
        let on_time = booked.filter(|booked| self.is_on_time(*booked, now));
        if on_time.is_none() && !self.parts().hours.is_open(now) {
            return Err(QueueError::Closed);
        }
        let mut tx = self.parts().db.begin().await?;
        if let Some(open) = store::open_ticket_of(&mut tx, dossier).await? {
            drop(tx);
            return Ok(self.view(&open).await?);
        }
        let file = dossier::find_in(&mut tx, dossier).await?.ok_or(QueueError::Unknown)?;
        let ticket = Ticket {
            id: self.parts().ambient.id(),
            dossier,
            epoch: 1,
            standing: Standing::Waiting,
            priority_at: if on_time.is_some() { now - BOOKED_BOOST } else { now },
            enqueued_at: now,
            locale: file.locale.clone(),
            booking: booked.map(|booked| booked.booking),
            is_returning: false,
            shown: None,
        };
        if !store::insert_ticket(&mut tx, &ticket).await? {
            // The other half of a double submit was faster.
            drop(tx);
            return self.ticket_of(dossier).await?.ok_or(QueueError::ChangedMeanwhile);
        }
        let detail = json!({ "ticket": ticket.id, "booking": ticket.booking });
        dossier::advance(&mut tx, &self.parts().ambient, &file, Step::Enqueue, Actor::Customer(dossier), detail).await?;
        tx.commit().await?;
        self.await_customer(dossier);
        self.tell([Change::Waits { ticket: ticket.id, priority_at: ticket.priority_at, barred: None }]).await;
        self.changed([], []);
        let ticket = store::ticket(&self.parts().db, ticket.id).await?.ok_or(QueueError::Unknown)?;
        Ok(self.view(&ticket).await?)
    }

    fn is_on_time(&self, booked: Booked, now: Timestamp) -> bool {
        let early = Duration::minutes(i64::from(self.parts().settings.booked_minutes_before));
        booked.starts_at - early <= now && now <= booked.starts_at + BOOKED_LATE
    }

    /// Gives the place up. Leaving twice is leaving once.
    ///
    /// # Errors
    /// [`QueueError::Unknown`] for a ticket that is not this customer's, [`QueueError::AlreadyCalled`].
    pub async fn leave(&self, dossier: DossierId, ticket: TicketId) -> Result<TicketView, QueueError> {
        let before = store::ticket(&self.parts().db, ticket).await?.filter(|ticket| ticket.dossier == dossier).ok_or(QueueError::Unknown)?;
        match before.standing {
            Standing::Abandoned { .. } => return Ok(self.view(&before).await?),
            Standing::Accepted { .. } | Standing::Ended { .. } => return Err(QueueError::AlreadyCalled),
            Standing::Waiting | Standing::Offered { .. } => {}
        }
        let left = self.abandon(ticket, LeaveReason::Left, Actor::Customer(dossier)).await?;
        Ok(self.view(&left).await?)
    }

    /// Takes a ticket out of the line; an agent it lay with is ready again, idle since before.
    pub(super) async fn abandon(&self, ticket: TicketId, why: LeaveReason, actor: Actor) -> Result<Ticket, QueueError> {
        let now = self.now();
        let mut tx = self.parts().db.begin().await?;
        let before = store::ticket_in(&mut tx, ticket).await?.ok_or(QueueError::Unknown)?;
        let after = before.after(Command::Leave { why }, now).map_err(|_| QueueError::AlreadyCalled)?;
        if !store::update_ticket(&mut tx, &before, &after).await? {
            return Err(QueueError::ChangedMeanwhile);
        }
        let freed = match before.standing {
            Standing::Offered { agent, .. } => Some(self.step_agent(&mut tx, agent, presence::Command::Withdraw).await?),
            _ => None,
        };
        self.file_left(&mut tx, &after, why, actor).await?;
        tx.commit().await?;
        self.parts().relay.nudge();
        let mut changes = vec![Change::Gone(ticket)];
        changes.extend(freed.as_ref().map(|agent| Change::Ready { agent: agent.id, since: agent.since }));
        self.tell(changes).await;
        self.changed(freed.map(|agent| agent.id), [ticket]);
        Ok(after)
    }

    async fn file_left(&self, tx: &mut Tx, ticket: &Ticket, why: LeaveReason, actor: Actor) -> Result<(), QueueError> {
        let ambient = &self.parts().ambient;
        if let Some(file) = dossier::find_in(tx, ticket.dossier).await?
            && file.state == State::Waiting
        {
            let detail = json!({ "ticket": ticket.id, "reason": why.name() });
            dossier::advance(tx, ambient, &file, Step::LeaveQueue, actor, detail).await?;
        }
        if let Some(booking) = ticket.booking {
            outbox::event(tx, ambient, &DomainEvent::TicketLeft { dossier: ticket.dossier, booking }).await?;
        }
        Ok(())
    }

    /// The customer's latest ticket.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn ticket_of(&self, dossier: DossierId) -> Result<Option<TicketView>, DbError> {
        match store::latest_ticket_of(&self.parts().db, dossier).await? {
            Some(ticket) => Ok(Some(self.view(&ticket).await?)),
            None => Ok(None),
        }
    }

    /// How long a call now would take to be answered.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn estimate(&self) -> Result<WaitEstimate, DbError> {
        let now = self.now();
        let depth = store::depth(&self.parts().db).await?;
        let range = WaitRange::around(estimate::expected(self.situation(depth, depth.waiting, self.handling(now).await?)));
        Ok(WaitEstimate {
            is_open: self.parts().hours.is_open(now) && !self.parts().draining.is_cancelled(),
            is_staffed: depth.on_duty > 0,
            wait_low_minutes: range.low,
            wait_high_minutes: range.high,
            waiting: depth.waiting,
        })
    }

    pub(super) async fn view(&self, ticket: &Ticket) -> Result<TicketView, DbError> {
        let db = &self.parts().db;
        let depth = store::depth(db).await?;
        if !ticket.standing.is_in_line() {
            return Ok(view(ticket, 0, depth.on_duty > 0, WaitRange { low: 0, high: 0 }));
        }
        let position = store::position(db, ticket).await?.max(1);
        let range = self.shown(ticket, depth, position, self.handling(self.now()).await?);
        Ok(view(ticket, position, depth.on_duty > 0, range))
    }

    /// What to show a ticket at this place: never more than was shown before.
    pub(super) fn shown(&self, ticket: &Ticket, depth: store::Depth, position: u32, handling: Duration) -> WaitRange {
        let range = WaitRange::around(estimate::expected(self.situation(depth, position - 1, handling)));
        ticket.shown.map_or(range, |shown| shown.lowered_to(range))
    }

    pub(super) async fn handling(&self, now: Timestamp) -> Result<Duration, DbError> {
        let (calls, total) = store::measured(&self.parts().db, now - MEASURED_FOR).await?;
        Ok(estimate::handling(calls, total, settings::seconds(self.parts().settings.usual_handling_seconds)))
    }

    fn situation(&self, depth: store::Depth, ahead: u32, handling: Duration) -> Situation {
        let patience = settings::seconds(self.parts().settings.patience_seconds);
        Situation { ahead, on_duty: depth.on_duty, ready: depth.ready, handling, patience }
    }
}

/// A ticket as its customer sees it.
pub(super) fn view(ticket: &Ticket, position: u32, is_staffed: bool, range: WaitRange) -> TicketView {
    let state = match ticket.standing {
        Standing::Waiting => TicketState::Waiting,
        Standing::Offered { .. } => TicketState::Offered,
        Standing::Accepted { .. } | Standing::Ended { .. } => TicketState::Accepted,
        Standing::Abandoned { .. } => TicketState::Abandoned,
    };
    TicketView { id: ticket.id, state, position, wait_low_minutes: range.low, wait_high_minutes: range.high, is_staffed, enqueued_at: ticket.enqueued_at }
}
