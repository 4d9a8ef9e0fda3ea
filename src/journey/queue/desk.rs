//! The agent's side: presence, the offer on the desk, accepting and declining it.

use serde_json::json;

use super::{
    NoCall, OpensCalls, Queue, QueueError,
    engine::Change,
    matching::ready_again,
    presence::{self, Agent, BreakReason, Doing},
    ring::{RingEnd, store as rings},
    settings, store,
    ticket::{Command, Standing, Ticket},
    wire::{AcceptedView, DeskRing, DeskView, OfferView, Presence, SetPresence, WrapUp, WrapUpNote},
};
use crate::{
    base::{
        Timestamp,
        db::{DbError, Tx},
        id::{CallId, DossierId, ObjectId, StaffId, TicketId},
    },
    engine::document::DocumentKind,
    journey::call::{Calls, OpenCallError, Opening},
    registry::{
        audit::{self, Act, Actor},
        dossier::{self, Step},
        outbox::{self, DomainEvent},
    },
};

/// Why an agent may decline.
const DECLINE_REASONS: [&str; 3] = ["busy", "technical", "conflict"];

impl Queue {
    /// What is on an agent's desk.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn desk(&self, agent: StaffId) -> Result<DeskView, DbError> {
        let db = &self.parts().db;
        let now = self.now();
        let depth = store::depth(db).await?;
        let agent = store::agent(db, agent, now).await?;
        let offer = match agent.doing {
            Doing::Offered { ticket, .. } => match store::ticket(db, ticket).await? {
                Some(ticket) => self.offer_view(&ticket).await?,
                None => None,
            },
            _ => None,
        };
        let ringing = match agent.doing {
            Doing::Ringing { ring, .. } => self.ringing_view(ring).await?,
            _ => None,
        };
        let undecided = match agent.doing {
            Doing::InCall { .. } => None,
            Doing::WrapUp { .. } | Doing::Offline | Doing::Ready | Doing::Offered { .. } | Doing::Ringing { .. } | Doing::Break { .. } => {
                store::undecided_of(db, agent.id).await?
            }
        };
        Ok(DeskView { offer, ringing, undecided_dossier_id: undecided, ..Self::bare_desk(&agent, depth) })
    }

    /// A desk without what lies on it.
    pub(super) fn bare_desk(agent: &Agent, depth: store::Depth) -> DeskView {
        DeskView {
            agent_id: agent.id,
            epoch: agent.epoch,
            presence: presence_view(agent.doing),
            since: agent.since,
            reason: reason_view(agent.doing),
            wrap_up_until: if let Doing::WrapUp { until, .. } = agent.doing { Some(until) } else { None },
            offer: None,
            call_id: if let Doing::InCall { call, .. } = agent.doing { Some(call) } else { None },
            ringing_booking_id: if let Doing::Ringing { booking, .. } = agent.doing { booking } else { None },
            ringing: None,
            undecided_dossier_id: None,
            waiting: depth.waiting,
            oldest_since: depth.oldest_since,
            ready_agents: depth.ready,
        }
    }

    pub(super) async fn offer_view(&self, ticket: &Ticket) -> Result<Option<OfferView>, DbError> {
        let db = &self.parts().db;
        let Standing::Offered { until, .. } = ticket.standing else { return Ok(None) };
        let Some(file) = dossier::find(db, ticket.dossier).await? else { return Ok(None) };
        Ok(Some(OfferView {
            ticket_id: ticket.id,
            epoch: ticket.epoch,
            dossier_id: ticket.dossier,
            name: file.holder_name,
            document_kind: file.document_kind.map(|kind: DocumentKind| kind.name().to_owned()),
            locale: ticket.locale.clone(),
            waited_seconds: u32::try_from((self.now() - ticket.enqueued_at).num_seconds()).unwrap_or(0),
            booking_id: ticket.booking,
            is_returning: ticket.is_returning,
            is_callback: ticket.callback.is_some(),
            rung_before: ticket.rings,
            expires_at: until,
        }))
    }

    async fn ringing_view(&self, ring: ObjectId) -> Result<Option<DeskRing>, DbError> {
        let db = &self.parts().db;
        let Some((ring, _)) = rings::ever(db, ring).await? else { return Ok(None) };
        let name = dossier::find(db, ring.dossier).await?.and_then(|file| file.holder_name);
        Ok(Some(DeskRing { dossier_id: ring.dossier, booking_id: ring.booking, name, expires_at: ring.until }))
    }

    /// What an agent chose to be: ready, on a break for a reason, offline. Going offline returns an offer and ends a ring.
    ///
    /// # Errors
    /// [`QueueError::BadReason`], [`QueueError::AgentBusy`] in a call or (for ready and break) with an offer on the desk.
    pub async fn set_presence(&self, agent: StaffId, wanted: &SetPresence) -> Result<DeskView, QueueError> {
        let command = match wanted.presence {
            Presence::Ready => presence::Command::GoReady,
            Presence::Offline => presence::Command::GoOffline,
            Presence::Break => presence::Command::TakeBreak(break_reason(wanted.reason.as_deref())?),
            Presence::Offered | Presence::InCall | Presence::WrapUp => return Err(QueueError::BadReason),
        };
        self.change_presence(agent, command).await?;
        if command != presence::Command::GoOffline {
            self.await_staff(agent);
        }
        Ok(self.desk(agent).await?)
    }

    /// More time to finish the last call, something to write down about it, or both.
    ///
    /// # Errors
    /// [`QueueError::AgentBusy`] outside wrap-up, [`QueueError::BadReason`] for too much of either.
    pub async fn wrap_up(&self, agent: StaffId, wanted: &WrapUp) -> Result<DeskView, QueueError> {
        let now = self.now();
        let most = settings::seconds(self.parts().settings.wrap_up_most_seconds);
        let body = wanted.note.as_ref().map(|note| note.expose().trim()).filter(|body| !body.is_empty());
        if body.is_some_and(|body| body.chars().count() > 2_000) {
            return Err(QueueError::BadReason);
        }
        let mut tx = self.parts().db.begin().await?;
        let before = store::agent_in(&mut tx, agent, now).await?;
        let Doing::WrapUp { dossier, until } = before.doing else { return Err(QueueError::AgentBusy) };
        if let Some(seconds) = wanted.extend_seconds {
            let until = (until + settings::seconds(seconds)).min(before.since + most);
            if until <= now {
                return Err(QueueError::BadReason);
            }
            self.step_agent(&mut tx, agent, presence::Command::ExtendWrapUp { until }).await?;
        }
        if let Some(body) = body {
            store::write_note(&mut tx, self.parts().ambient.id::<ObjectId>(), (dossier, agent), body, now).await?;
            dossier::note(&mut tx, &self.parts().ambient, dossier, Actor::Staff(agent), "call.noted", json!({})).await?;
        }
        tx.commit().await?;
        self.changed([agent], []);
        Ok(self.desk(agent).await?)
    }

    /// What agents wrote down about a file in wrap-up, oldest first. Who reads it stands in the journal before.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn wrap_up_notes(&self, dossier: DossierId, by: StaffId) -> Result<Vec<WrapUpNote>, DbError> {
        let mut tx = self.parts().db.begin().await?;
        let act = Act { actor: Actor::Staff(by), act: "call.notes_read", dossier: Some(dossier), purpose: None, detail: json!({}) };
        audit::write(&mut tx, &self.parts().ambient, act).await?;
        tx.commit().await?;
        store::wrap_up_notes(&self.parts().db, dossier).await
    }

    /// Moves an agent and puts back what lay on the desk, in one transaction.
    pub(super) async fn change_presence(&self, agent: StaffId, command: presence::Command) -> Result<(), QueueError> {
        let now = self.now();
        let mut tx = self.parts().db.begin().await?;
        let before = store::agent_in(&mut tx, agent, now).await?;
        let mut changes = vec![Change::Away(agent)];
        let mut returned = None;
        let mut rung = None;
        if let (Doing::Ringing { ring, booking: None }, presence::Command::GoOffline) = (before.doing, command)
            && let Some(ticket) = rings::find_in(&mut tx, ring).await?.and_then(|ring| ring.ticket)
        {
            let back = self.let_ring_go(&mut tx, ticket, agent, RingEnd::Withdrawn).await?;
            changes.extend(self.offerable(back.as_ref()));
            returned = Some(ticket);
        }
        if let (Doing::Offered { ticket, .. }, presence::Command::GoOffline) = (before.doing, command) {
            let ticket = self.put_back(&mut tx, ticket, agent).await?;
            changes.push(self.waits(&ticket, None));
            returned = Some(ticket.id);
        }
        let after = self.step_agent(&mut tx, agent, command).await?;
        if let (Doing::Ringing { ring, .. }, presence::Command::GoOffline) = (before.doing, command) {
            rung = self.close_ring(&mut tx, ring, RingEnd::Withdrawn).await?;
        }
        tx.commit().await?;
        changes.extend(ready_again(&after));
        self.tell(changes).await;
        self.changed([agent], returned);
        if let Some(ring) = rung {
            self.push_ring_ended(&ring);
        }
        Ok(())
    }

    /// Takes a ticket off an agent's desk, back to its place.
    async fn put_back(&self, tx: &mut Tx, ticket: TicketId, agent: StaffId) -> Result<Ticket, QueueError> {
        let before = store::ticket_in(tx, ticket).await?.ok_or(QueueError::Unknown)?;
        let after =
            before.after(Command::PutBack { agent, limit: self.parts().settings.escalate_after_offers }, self.now()).map_err(|_| QueueError::OfferWithdrawn)?;
        if !store::update_ticket(tx, &before, &after).await? {
            return Err(QueueError::OfferWithdrawn);
        }
        Ok(after)
    }

    /// Accepts an offer: the ticket by the one conditional UPDATE, the agent, the file and the call change together or
    /// not at all.
    ///
    /// # Errors
    /// [`QueueError::OfferWithdrawn`] when the offer with this epoch is not open for this agent, [`QueueError::AgentBusy`],
    /// [`QueueError::NoCall`], [`QueueError::Draining`], [`QueueError::NoRoom`].
    pub async fn accept(&self, (agent, name): (StaffId, &str), ticket: TicketId, epoch: i64) -> Result<AcceptedView, QueueError> {
        self.refuse_new_calls()?;
        self.refuse_while_rebuilding()?;
        match self.try_to_accept((agent, name), ticket, epoch).await {
            Err(QueueError::OfferWithdrawn) => self.accepted_before(agent, ticket, epoch).await?.ok_or(QueueError::OfferWithdrawn),
            other => other,
        }
    }

    /// The call of an offer this agent accepted a moment ago: the same click twice is the same call.
    async fn accepted_before(&self, agent: StaffId, ticket: TicketId, epoch: i64) -> Result<Option<AcceptedView>, DbError> {
        let stands = store::ticket(&self.parts().db, ticket).await?;
        Ok(stands.filter(|ticket| ticket.epoch == epoch + 1).and_then(|ticket| match ticket.standing {
            Standing::Accepted { agent: holder, call, .. } if holder == agent => Some(AcceptedView { call_id: Some(call), ringing_until: None }),
            Standing::Ringing { agent: holder, until, .. } if holder == agent => Some(AcceptedView { call_id: None, ringing_until: Some(until) }),
            _ => None,
        }))
    }

    async fn try_to_accept(&self, (agent, name): (StaffId, &str), ticket: TicketId, epoch: i64) -> Result<AcceptedView, QueueError> {
        let now = self.now();
        let mut tx = self.parts().db.begin().await?;
        let before = store::ticket_in(&mut tx, ticket).await?.ok_or(QueueError::Unknown)?;
        if !before.is_offered_to(agent, epoch, now) {
            return Err(QueueError::OfferWithdrawn);
        }
        if before.callback.is_some() {
            drop(tx);
            return self.ring_back(&before, (agent, name)).await;
        }
        let call = self.begin_call(&mut tx, &before, agent).await?;
        tx.commit().await?;
        self.parts().relay.nudge();
        // The index took both out when it paired them.
        self.changed([agent], [ticket]);
        Ok(AcceptedView { call_id: Some(call), ringing_until: None })
    }

    /// The accepting transaction, for an offer and for an answered ring alike.
    pub(super) async fn begin_call(&self, tx: &mut Tx, before: &Ticket, agent: StaffId) -> Result<CallId, QueueError> {
        let ambient = &self.parts().ambient;
        if !store::hold(tx, before, agent).await? {
            return Err(QueueError::OfferWithdrawn);
        }
        let call = self.parts().calls.open_call(tx, before.id, before.dossier, agent).await.map_err(no_call)?;
        let after = before.after(Command::Accept { agent, call }, self.now()).map_err(|_| QueueError::OfferWithdrawn)?;
        let is_ours = match before.standing {
            Standing::Offered { .. } => store::accept(tx, before, &after).await?,
            _ => store::update_ticket(tx, before, &after).await?,
        };
        if !is_ours {
            return Err(QueueError::OfferWithdrawn);
        }
        self.step_agent(tx, agent, presence::Command::Accept { ticket: before.id, dossier: before.dossier, call }).await?;
        if before.callback.is_some() {
            store::keep_address(tx, before.id, None, self.now()).await?;
        }
        let file = dossier::find_in(tx, before.dossier).await?.ok_or(QueueError::Unknown)?;
        let detail = json!({ "ticket": before.id, "call": call });
        dossier::advance(tx, ambient, &file, Step::Accept, Actor::Staff(agent), detail).await?;
        if let Some(booking) = before.booking {
            outbox::event(tx, ambient, &DomainEvent::BookingKept { booking }).await?;
        }
        Ok(call)
    }

    /// Declines an offer for a coded reason; the ticket stands again where it stood and comes back to this agent after a
    /// pause at the earliest.
    ///
    /// # Errors
    /// [`QueueError::BadReason`], [`QueueError::OfferWithdrawn`].
    pub async fn decline(&self, agent: StaffId, ticket: TicketId, epoch: i64, reason: Option<&str>) -> Result<DeskView, QueueError> {
        let reason = reason.unwrap_or(DECLINE_REASONS[0]);
        if !DECLINE_REASONS.contains(&reason) {
            return Err(QueueError::BadReason);
        }
        let now = self.now();
        let open = store::ticket(&self.parts().db, ticket).await?.ok_or(QueueError::Unknown)?;
        if !open.is_offered_to(agent, epoch, now) {
            return Err(QueueError::OfferWithdrawn);
        }
        self.return_offer(&open, agent, presence::Command::Decline, reason).await?;
        Ok(self.desk(agent).await?)
    }

    /// An offer that ran out.
    pub(super) async fn miss(&self, ticket: &Ticket) -> Result<(), QueueError> {
        let Standing::Offered { agent, .. } = ticket.standing else { return Ok(()) };
        if self.refuse_while_rebuilding().is_err() {
            // The agent could not have accepted.
            return self.return_offer(ticket, agent, presence::Command::Withdraw, "rebuilding").await;
        }
        let limit = self.parts().settings.missed_offers;
        self.return_offer(ticket, agent, presence::Command::Miss { limit }, "missed").await
    }

    async fn return_offer(&self, ticket: &Ticket, agent: StaffId, command: presence::Command, reason: &str) -> Result<(), QueueError> {
        let until = self.now() + settings::seconds(self.parts().settings.refusal_seconds);
        let mut tx = self.parts().db.begin().await?;
        let is_fault = command != presence::Command::Withdraw;
        let stands = store::ticket_in(&mut tx, ticket.id).await?.is_some_and(|stands| stands.epoch == ticket.epoch);
        if !stands {
            return Err(QueueError::OfferWithdrawn);
        }
        let returned = self.put_back(&mut tx, ticket.id, agent).await?;
        if is_fault {
            store::refuse(&mut tx, ticket.id, agent, until, reason).await?;
        }
        let after: Agent = self.step_agent(&mut tx, agent, command).await?;
        self.note_returned(&mut tx, (ticket, &returned), &after).await?;
        let detail = json!({ "ticket": ticket.id, "reason": reason });
        dossier::note(&mut tx, &self.parts().ambient, ticket.dossier, Actor::Staff(agent), "ticket.declined", detail).await?;
        tx.commit().await?;
        let mut changes = vec![self.waits(&returned, is_fault.then_some((agent, until)))];
        changes.extend(ready_again(&after));
        self.tell(changes).await;
        self.changed([agent], [ticket.id]);
        Ok(())
    }
}

#[async_trait::async_trait]
impl OpensCalls for Calls {
    fn has_room(&self) -> bool {
        Self::has_room(self)
    }

    fn can_begin(&self) -> bool {
        Self::can_begin(self)
    }

    async fn open_call(&self, tx: &mut Tx, ticket: TicketId, dossier: DossierId, agent: StaffId) -> Result<CallId, NoCall> {
        self.open(tx, Opening { ticket, dossier, agent }).await.map_err(|error| match error {
            OpenCallError::Busy => NoCall::Busy,
            OpenCallError::Full => NoCall::NoRoom,
            OpenCallError::Db(error) => NoCall::Db(error),
            OpenCallError::Record(error) => {
                tracing::error!(error = %error, "queue: a call cannot begin without its recording");
                NoCall::RecorderNotReady
            }
        })
    }

    async fn paused_until(&self, dossier: DossierId) -> Result<Option<Timestamp>, DbError> {
        self.paused_until(dossier).await
    }
}

fn no_call(error: NoCall) -> QueueError {
    match error {
        NoCall::Busy => QueueError::AgentBusy,
        NoCall::Db(error) => QueueError::Db(error),
        NoCall::NoRoom => QueueError::NoRoom,
        other @ NoCall::RecorderNotReady => QueueError::NoCall(other),
    }
}

fn break_reason(text: Option<&str>) -> Result<BreakReason, QueueError> {
    let reason = text.and_then(|text| text.parse().ok()).ok_or(QueueError::BadReason)?;
    if matches!(reason, BreakReason::Missed | BreakReason::Supervisor) { Err(QueueError::BadReason) } else { Ok(reason) }
}

/// The coded reason of a break.
pub(super) fn reason_view(doing: Doing) -> Option<String> {
    if let Doing::Break { reason } = doing { Some(reason.name().to_owned()) } else { None }
}

pub(super) fn presence_view(doing: Doing) -> Presence {
    match doing {
        Doing::Offline => Presence::Offline,
        Doing::Ready => Presence::Ready,
        Doing::Offered { .. } | Doing::Ringing { .. } => Presence::Offered,
        Doing::InCall { .. } => Presence::InCall,
        Doing::WrapUp { .. } => Presence::WrapUp,
        Doing::Break { .. } => Presence::Break,
    }
}
