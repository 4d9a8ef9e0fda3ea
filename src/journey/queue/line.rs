//! The customer's side: into the line, the place in it, out of it.

use chrono::Duration;
use serde_json::json;

use super::{
    Queue, QueueError,
    engine::{Change, Reserve},
    estimate::WaitRange,
    matching::ready_again,
    presence,
    ring::{RingEnd, store as rings},
    routing::{Catalogue, Claim},
    settings::{Instead, Settings},
    store,
    ticket::{CallbackWay, Command, LeaveReason, Standing, Ticket},
    wire::{Because, CallbackView, TakeTicket, TicketState, TicketView},
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

/// Who takes a ticket so soon after a call was in it before it broke.
const BACK_WITHIN: Duration = Duration::minutes(30);
/// A booked customer is on time until so long after the beginning.
const BOOKED_LATE: Duration = Duration::minutes(60);

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
    /// [`QueueError::Draining`], [`QueueError::NoRoom`], [`QueueError::Closed`], [`QueueError::Paused`], [`QueueError::Unknown`] file, [`QueueError::File`] when the file
    /// is not ready for a call.
    pub async fn enqueue(&self, dossier: DossierId, booked: Option<Booked>, wish: &TakeTicket) -> Result<TicketView, QueueError> {
        self.refuse_new_calls()?;
        let now = self.now();
        let db = &self.parts().db;
        let on_time = booked.filter(|booked| self.is_on_time(*booked, now));
        if on_time.is_none() && !self.parts().calendar.hours().is_open(now) {
            return Err(QueueError::Closed);
        }
        let (latest, depth, expected) = tokio::try_join!(store::latest_ticket_of(db, dossier), store::depth(db), self.expected_behind_all(dossier, wish))?;
        if let Some(open) = latest.as_ref().filter(|latest| !latest.standing.is_over()) {
            if open.callback == Some(CallbackWay::Appointment) && open.standing == Standing::Waiting {
                // The customer is faster than the ring: the same ticket waits for an agent who takes the call at once.
                return self.stay(dossier, open.id).await;
            }
            return Ok(self.view(open).await?);
        }
        if let Some(until) = self.parts().calls.paused_until(dossier).await? {
            return Err(QueueError::Paused { seconds: u64::try_from((until - now).num_seconds()).unwrap_or(0) + 1 });
        }
        if on_time.is_none() {
            self.refuse_when_full(depth)?;
        }
        let is_back = latest.is_some_and(|latest| matches!(latest.standing, Standing::Ended { at, .. } if now - at < BACK_WITHIN));
        let expected = (depth.on_duty > 0).then_some(expected);
        let mut tx = db.begin().await?;
        if let Some(open) = store::open_ticket_of(&mut tx, dossier).await? {
            drop(tx);
            return Ok(self.view(&open).await?);
        }
        let file = dossier::find_in(&mut tx, dossier).await?.ok_or(QueueError::Unknown)?;
        let catalogue = Catalogue::of(&self.parts().settings);
        let claim = Claim { is_returning: is_back, is_on_time: on_time.is_some(), has_special_needs: wish.has_special_needs };
        let boost = claim.boost(Duration::minutes(i64::from(self.parts().settings.special_needs_minutes)));
        let ticket = Ticket {
            priority_at: now - boost,
            booking: booked.map(|booked| booked.booking),
            is_returning: is_back,
            has_special_needs: wish.has_special_needs,
            ..Ticket::taken(self.parts().ambient.id(), dossier, &file.locale, catalogue.product(wish.product.as_deref()), now)
        };
        if !store::insert_ticket(&mut tx, &ticket, expected).await? {
            // The other half of a double submit was faster.
            drop(tx);
            return self.ticket_of(dossier).await?.ok_or(QueueError::ChangedMeanwhile);
        }
        let detail = json!({ "ticket": ticket.id, "booking": ticket.booking });
        dossier::advance(&mut tx, &self.parts().ambient, &file, Step::Enqueue, Actor::Customer(dossier), detail).await?;
        tx.commit().await?;
        self.await_customer(dossier);
        self.tell([self.waits(&ticket, None)]).await;
        self.changed([], []);
        let ticket = store::ticket(&self.parts().db, ticket.id).await?.ok_or(QueueError::Unknown)?;
        Ok(self.view(&ticket).await?)
    }

    /// How long before an appointment an agent is kept for it; none when nobody is.
    pub fn reserve_ahead(&self) -> Option<Duration> {
        let minutes = self.parts().settings.reserve_minutes;
        (minutes > 0).then(|| Duration::minutes(i64::from(minutes)))
    }

    /// Keeps as many ready agents for customers with an appointment as are named here, each by the language of its file.
    pub async fn reserve(&self, locales: &[String]) {
        let catalogue = Catalogue::of(&self.parts().settings);
        let mut reserve = Reserve::default();
        for locale in locales {
            reserve.add(catalogue.strict(locale, catalogue.product(None)));
        }
        let changes = self.0.reserve.send_replace(reserve.clone()).changes_to(&reserve);
        self.tell(changes).await;
    }

    /// A line that is full, or that nobody serves, takes nobody who has no appointment now.
    pub(super) fn refuse_when_full(&self, depth: store::Depth) -> Result<(), QueueError> {
        let settings = &self.parts().settings;
        if settings.most_waiting > 0 && depth.waiting >= settings.most_waiting {
            return Err(QueueError::Full);
        }
        if !settings.takes_unstaffed && depth.on_duty == 0 { Err(QueueError::Unstaffed) } else { Ok(()) }
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
            Standing::Waiting | Standing::Offered { .. } | Standing::Ringing { .. } => {}
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
            Standing::Ringing { agent, .. } => Some(self.step_agent(&mut tx, agent, presence::Command::EndRing).await?),
            _ => None,
        };
        let rung = match rings::of_ticket(&mut tx, ticket).await? {
            Some(ring) => self.close_ring(&mut tx, ring.id, RingEnd::Withdrawn).await?,
            None => None,
        };
        if before.callback.is_some() {
            store::keep_address(&mut tx, ticket, None, now).await?;
        }
        self.file_left(&mut tx, &after, why, actor).await?;
        tx.commit().await?;
        self.parts().relay.nudge();
        let mut changes = vec![Change::Gone(ticket)];
        changes.extend(freed.as_ref().and_then(ready_again));
        self.tell(changes).await;
        self.changed(freed.map(|agent| agent.id), [ticket]);
        if let Some(ring) = rung {
            self.push_ring_ended(&ring);
        }
        Ok(after)
    }

    pub(super) async fn file_left(&self, tx: &mut Tx, ticket: &Ticket, why: LeaveReason, actor: Actor) -> Result<(), QueueError> {
        let ambient = &self.parts().ambient;
        if let Some(file) = dossier::find_in(tx, ticket.dossier).await?
            && file.state == State::Waiting
        {
            let detail = json!({ "ticket": ticket.id, "reason": why.name() });
            dossier::advance(tx, ambient, &file, Step::LeaveQueue, actor, detail).await?;
        }
        if let Some(booking) = ticket.booking {
            let unreached = why == LeaveReason::NotReached;
            outbox::event(tx, ambient, &DomainEvent::TicketLeft { dossier: ticket.dossier, booking, unreached }).await?;
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
}

/// A ticket as its customer sees it, as of `now`.
pub(super) fn view(ticket: &Ticket, position: u32, is_staffed: bool, range: WaitRange, (chosen, now): (&Settings, Timestamp)) -> TicketView {
    let state = match ticket.standing {
        Standing::Waiting => TicketState::Waiting,
        Standing::Offered { .. } | Standing::Ringing { .. } => TicketState::Offered,
        Standing::Accepted { .. } | Standing::Ended { .. } => TicketState::Accepted,
        Standing::Abandoned { .. } => TicketState::Abandoned,
    };
    let is_long = chosen.long_wait_minutes > 0 && now - ticket.enqueued_at >= Duration::minutes(i64::from(chosen.long_wait_minutes));
    let because = match (ticket.standing.is_in_line(), is_staffed, is_long) {
        (true, false, _) => Some(Because::Unstaffed),
        (true, true, true) => Some(Because::LongWait),
        _ => None,
    };
    let instead = match because {
        _ if ticket.callback.is_some() || !ticket.standing.is_in_line() => Vec::new(),
        Some(Because::Unstaffed) => chosen.unstaffed_offers.clone(),
        Some(Because::LongWait) => chosen.long_wait_offers.clone(),
        None => vec![Instead::Callback, Instead::Slot],
    };
    TicketView {
        id: ticket.id,
        state,
        position,
        wait_low_minutes: range.low,
        wait_high_minutes: range.high,
        is_staffed,
        enqueued_at: ticket.enqueued_at,
        callback: ticket.callback.map(|way| CallbackView { way, rings: ticket.rings, again_at: ticket.rests_until }),
        instead: instead.into_iter().filter(|way| chosen.callbacks || *way != Instead::Callback).collect(),
        because,
    }
}
