//! Customers who asked to be called back: the place in line is kept without an open page, and when the turn comes the agent who
//! takes the offer rings the customer.
//!
//! Who does not come is rung again after a rest, from the same place; after the last rest of the settings the ticket is given up,
//! the customer is told how to go on and supervisors know.

use serde_json::json;

use super::{
    Booked, Parts, Queue, QueueError,
    engine::Change,
    presence,
    ring::{Ring, RingEnd, reach, store as rings},
    routing::{Catalogue, Claim},
    settings, store,
    supervision::Note,
    ticket::{CallbackWay, Command, LeaveReason, Standing, Ticket},
    wire::{AcceptedView, AskCallback, TicketView},
};
use crate::{
    base::{
        db::Tx,
        id::{BookingId, DossierId, StaffId, TicketId},
    },
    engine::notify::{self, Kind},
    journey::intake::wire::IntakePush,
    registry::{
        audit::Actor,
        dossier::{self, State, Step},
        outbox::{self, Topic},
    },
};

impl Queue {
    /// The customer wants to be called back: the ticket keeps its place, whether the page stays open or not.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], [`QueueError::BadAddress`], [`QueueError::NoCallbacks`], [`QueueError::AgentComing`] when the ticket
    /// lies on a desk already, [`QueueError::AlreadyCalled`].
    pub async fn ask_callback(&self, dossier: DossierId, ticket: TicketId, wanted: &AskCallback) -> Result<TicketView, QueueError> {
        if !self.parts().settings.callbacks {
            return Err(QueueError::NoCallbacks);
        }
        let address = wanted.address.as_ref().map(|address| address.expose().trim()).filter(|address| !address.is_empty());
        let address = match (wanted.way, address) {
            (CallbackWay::Page, _) => None,
            (CallbackWay::Appointment, _) => return Err(QueueError::BadAddress),
            (CallbackWay::Sms, Some(number)) => Some(notify::address_of(Kind::Sms, number).ok_or(QueueError::BadAddress)?),
            (CallbackWay::Email, Some(mailbox)) => Some(notify::address_of(Kind::Email, mailbox).ok_or(QueueError::BadAddress)?),
            (CallbackWay::Sms | CallbackWay::Email, None) => return Err(QueueError::BadAddress),
        };
        self.change_callback(dossier, ticket, Some(wanted.way), address.as_deref()).await
    }

    /// The customer waits on the page after all.
    ///
    /// # Errors
    /// As [`ask_callback`](Self::ask_callback).
    pub async fn stay(&self, dossier: DossierId, ticket: TicketId) -> Result<TicketView, QueueError> {
        let view = self.change_callback(dossier, ticket, None, None).await?;
        self.await_customer(dossier);
        Ok(view)
    }

    /// The time of an appointment has come: its customer stands in line, before those without one, as somebody to be rung by the agent who
    /// takes the offer. Whether it is so now; a customer who stands in line already is left there.
    ///
    /// # Errors
    /// [`QueueError::Draining`], [`QueueError::NoRoom`], [`QueueError::File`] when the file is not ready for a call.
    pub async fn summon(&self, dossier: DossierId, booked: Booked) -> Result<bool, QueueError> {
        self.refuse_new_calls()?;
        let now = self.now();
        let Parts { db, ambient, relay, settings, .. } = self.parts();
        let mut tx = db.begin().await?;
        let file = dossier::find_in(&mut tx, dossier).await?.filter(|file| file.state == State::Booked);
        let Some(file) = file else { return Ok(false) };
        let claim = Claim { is_returning: false, is_on_time: true, has_special_needs: false };
        let ticket = Ticket {
            priority_at: now - claim.boost(chrono::Duration::zero()),
            booking: Some(booked.booking),
            callback: Some(CallbackWay::Appointment),
            ..Ticket::taken(ambient.id(), dossier, &file.locale, Catalogue::of(settings).product(None), now)
        };
        if !store::insert_ticket(&mut tx, &ticket, None).await? {
            return Ok(false);
        }
        let detail = json!({ "ticket": ticket.id, "booking": booked.booking });
        let state = dossier::advance(&mut tx, ambient, &file, Step::Enqueue, Actor::System, detail).await?.state;
        outbox::push(&mut tx, ambient, Topic::Customer(dossier), &IntakePush::ApplicationChanged { state }).await?;
        tx.commit().await?;
        relay.nudge();
        self.tell([self.waits(&ticket, None)]).await;
        self.changed([], []);
        Ok(true)
    }

    /// Takes the customer out of the line whom the time of an appointment put there; whether there was one.
    ///
    /// # Errors
    /// [`QueueError::AlreadyCalled`], [`QueueError::ChangedMeanwhile`].
    pub async fn take_out(&self, booking: BookingId, why: LeaveReason) -> Result<bool, QueueError> {
        let Some(ticket) = store::ticket_of_booking(&self.parts().db, booking).await? else { return Ok(false) };
        self.abandon(ticket, why, Actor::System).await?;
        Ok(true)
    }

    async fn change_callback(&self, dossier: DossierId, ticket: TicketId, way: Option<CallbackWay>, address: Option<&str>) -> Result<TicketView, QueueError> {
        let now = self.now();
        let mut tx = self.parts().db.begin().await?;
        let before = store::ticket_in(&mut tx, ticket).await?.filter(|ticket| ticket.dossier == dossier).ok_or(QueueError::Unknown)?;
        let after = before.after(Command::CallBack(way), now).map_err(|refused| match refused.from {
            Standing::Offered { .. } | Standing::Ringing { .. } => QueueError::AgentComing,
            _ => QueueError::AlreadyCalled,
        })?;
        if !store::update_ticket(&mut tx, &before, &after).await? {
            return Err(QueueError::AgentComing);
        }
        store::keep_address(&mut tx, ticket, address, now).await?;
        let detail = json!({ "ticket": ticket, "way": way.map(CallbackWay::name) });
        dossier::note(&mut tx, &self.parts().ambient, dossier, Actor::Customer(dossier), "ticket.callback", detail).await?;
        tx.commit().await?;
        if before.rests_until.is_some() {
            self.tell([self.waits(&after, None)]).await;
        }
        self.changed([], []);
        Ok(self.view(&after).await?)
    }

    /// The agent takes the offer of a customer to be called back: the customer is rung, and the agent is held for the answer.
    pub(super) async fn ring_back(&self, before: &Ticket, (agent, agent_name): (StaffId, &str)) -> Result<AcceptedView, QueueError> {
        let now = self.now();
        let ambient = &self.parts().ambient;
        let until = now + settings::seconds(self.parts().settings.callback_ring_seconds);
        let after = before.after(Command::Ring { agent, until }, now).map_err(|_| QueueError::OfferWithdrawn)?;
        let ring = Ring {
            id: ambient.id(),
            booking: before.booking.filter(|_| before.callback == Some(CallbackWay::Appointment)),
            ticket: Some(before.id),
            dossier: before.dossier,
            agent,
            agent_name: agent_name.to_owned(),
            until,
            link_nonce: hex::encode(ambient.bytes::<16>()),
        };
        let mut tx = self.parts().db.begin().await?;
        if !store::update_ticket(&mut tx, before, &after).await? {
            return Err(QueueError::OfferWithdrawn);
        }
        self.step_agent(&mut tx, agent, presence::Command::Ring { ring: ring.id, booking: None }).await?;
        if !rings::insert(&mut tx, &ring, now).await? {
            return Err(QueueError::OfferWithdrawn);
        }
        let detail = json!({ "ticket": before.id, "ring": after.rings });
        dossier::note(&mut tx, ambient, before.dossier, Actor::Staff(agent), "ticket.rung", detail).await?;
        self.reach_out(&mut tx, &ring).await?;
        tx.commit().await?;
        self.parts().relay.nudge();
        self.changed([agent], []);
        self.push_ring(&ring);
        Ok(AcceptedView { call_id: None, ringing_until: Some(until) })
    }

    /// What becomes of the ticket whose customer was rung: nobody came, or the ring was withdrawn.
    pub(super) async fn let_ring_go(&self, tx: &mut Tx, ticket: TicketId, agent: StaffId, how: RingEnd) -> Result<Option<Ticket>, QueueError> {
        let Some(before) = store::ticket_in(tx, ticket).await?.filter(|ticket| matches!(ticket.standing, Standing::Ringing { .. })) else { return Ok(None) };
        let chosen = &self.parts().settings;
        let rest = usize::try_from(before.rings.saturating_sub(1)).ok().and_then(|ring| chosen.ring_again_minutes.get(ring));
        let command = match how {
            RingEnd::Expired | RingEnd::Declined => Command::Unreached { agent, rest: rest.map(|minutes| chrono::Duration::minutes(i64::from(*minutes))) },
            RingEnd::Withdrawn | RingEnd::Answered => Command::PutBack { agent, limit: chosen.escalate_after_offers },
        };
        let after = before.after(command, self.now()).map_err(|_| QueueError::ChangedMeanwhile)?;
        if !store::update_ticket(tx, &before, &after).await? {
            return Err(QueueError::ChangedMeanwhile);
        }
        if after.standing.is_over() {
            self.file_left(tx, &after, LeaveReason::NotReached, Actor::System).await?;
            self.take_note(tx, Note::NotReached(ticket)).await?;
            // Who misses an appointment is written to by the appointments.
            if before.callback != Some(CallbackWay::Appointment) {
                let due = reach::Due::GaveUp(ticket);
                outbox::job(tx, &self.parts().ambient, reach::REACH_CUSTOMER, &format!("gave-up:{ticket}"), &due).await?;
            }
        }
        Ok(Some(after))
    }

    /// Whoever rested long enough may be offered again.
    pub(super) async fn end_rests(&self) -> Result<(), QueueError> {
        let now = self.now();
        for before in store::rests_over(&self.parts().db, now).await? {
            let mut tx = self.parts().db.begin().await?;
            let Ok(after) = before.after(Command::Rested, now) else { continue };
            if store::update_ticket(&mut tx, &before, &after).await? {
                tx.commit().await?;
                self.tell([self.waits(&after, None)]).await;
                self.changed([], []);
            }
        }
        Ok(())
    }

    /// Supervisors know once of everybody who waits longer than the settings want.
    pub(super) async fn note_long_waits(&self) -> Result<(), QueueError> {
        let minutes = self.parts().settings.long_wait_minutes;
        if minutes == 0 {
            return Ok(());
        }
        let since = self.now() - chrono::Duration::minutes(i64::from(minutes));
        if !store::has_long(&self.parts().db, since).await? {
            return Ok(());
        }
        let mut tx = self.parts().db.begin().await?;
        let found = store::note_long(&mut tx, since).await?;
        for ticket in &found {
            self.take_note(&mut tx, Note::LongWait(*ticket)).await?;
        }
        tx.commit().await?;
        self.changed([], []);
        Ok(())
    }
}

impl Queue {
    /// The change that tells the index of a ticket that may be offered.
    pub(super) fn offerable(&self, ticket: Option<&Ticket>) -> Option<Change> {
        ticket.filter(|ticket| ticket.is_offerable()).map(|ticket| self.waits(ticket, None))
    }
}
