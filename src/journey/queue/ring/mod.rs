//! Calling a customer who is booked or asked to be called back: the agent is held, the customer's page rings, notifications and a
//! letter go out, an answer becomes a call at once.

mod browsers;
pub mod reach;
pub(super) mod store;

use serde_json::json;

use super::{
    Queue, QueueError,
    engine::Change,
    matching::ready_again,
    presence,
    routing::Catalogue,
    settings,
    store::{hold, insert_ticket, open_ticket_of, ticket_in},
    ticket::{LeaveReason, Standing, Ticket},
    wire::{QueuePush, RingView},
};
use crate::{
    base::{
        Timestamp,
        db::{DbError, Tx},
        id::{BookingId, CallId, DossierId, ObjectId, StaffId, TicketId},
        link,
    },
    registry::{
        audit::Actor,
        dossier::{self, Step},
        outbox::{self, Topic},
    },
};

/// A ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) id: ObjectId,
    /// For which appointment, for which ticket; for both when the time of the appointment put its customer in line.
    pub(super) booking: Option<BookingId>,
    pub(super) ticket: Option<TicketId>,
    pub(super) dossier: DossierId,
    pub(super) agent: StaffId,
    pub(super) agent_name: String,
    pub(super) until: Timestamp,
    /// Part of the signed link that opens it.
    pub(super) link_nonce: String,
}

/// What has to be known of push services where browsers introduce themselves.
#[derive(Debug, Clone)]
pub struct Push {
    /// The house's public key, base64url.
    pub public_key: String,
    /// Push services notifications may go to.
    pub hosts: Vec<String>,
}

/// What the links of rings are for.
const LINK: &str = "visavis ring link 1";
/// A link works for so long after its ring began: a customer who comes late finds the way, too.
const LINK_LIFE: chrono::Duration = chrono::Duration::hours(2);

/// How a ring ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RingEnd {
    Answered,
    Declined,
    Expired,
    Withdrawn,
}

impl RingEnd {
    fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Who calls whom for which appointment.
#[derive(Debug, Clone)]
pub struct RingRequest {
    /// The appointment.
    pub booking: BookingId,
    /// Its file.
    pub dossier: DossierId,
    /// Who calls.
    pub agent: StaffId,
    /// The name shown to the customer.
    pub agent_name: String,
}

impl Queue {
    /// Rings a booked customer and holds the agent for the answer.
    ///
    /// # Errors
    /// [`QueueError::AgentBusy`], [`QueueError::CustomerWaiting`] when the customer stands in line or is in a call or is
    /// being rung already, [`QueueError::Draining`], [`QueueError::NoRoom`].
    pub async fn ring(&self, request: RingRequest) -> Result<RingView, QueueError> {
        self.refuse_new_calls()?;
        let now = self.now();
        let RingRequest { booking, dossier, agent, agent_name } = request;
        let until = now + settings::seconds(self.parts().settings.ring_seconds);
        let ambient = &self.parts().ambient;
        let link_nonce = hex::encode(ambient.bytes::<16>());
        let ring = Ring { id: ambient.id(), booking: Some(booking), ticket: None, dossier, agent, agent_name, until, link_nonce };
        let mut tx = self.parts().db.begin().await?;
        if open_ticket_of(&mut tx, dossier).await?.is_some() {
            return Err(QueueError::CustomerWaiting);
        }
        self.step_agent(&mut tx, agent, presence::Command::Ring { ring: ring.id, booking: Some(booking) }).await?;
        if !store::insert(&mut tx, &ring, now).await? {
            return Err(QueueError::CustomerWaiting);
        }
        dossier::note(&mut tx, &self.parts().ambient, dossier, Actor::Staff(agent), "booking.rung", json!({ "booking": booking })).await?;
        self.reach_out(&mut tx, &ring).await?;
        tx.commit().await?;
        self.tell([Change::Away(agent)]).await;
        self.changed([agent], []);
        self.push_ring(&ring);
        Ok(view(ring))
    }

    /// Rings open pages.
    pub(super) fn push_ring(&self, ring: &Ring) {
        self.parts().hub.publish_json(Topic::Customer(ring.dossier), &QueuePush::Ring { ring: view(ring.clone()) });
    }

    /// Files what goes out of the house to reach the customer: notifications of browsers, and a letter unless it is an appointment
    /// whose page is open.
    pub(super) async fn reach_out(&self, tx: &mut Tx, ring: &Ring) -> Result<(), DbError> {
        self.wake(tx, ring).await?;
        let is_written = ring.booking.is_none() || !self.is_customer_online(ring.dossier);
        if is_written {
            let due = reach::Due::Letter(ring.id);
            outbox::job(tx, &self.parts().ambient, reach::REACH_CUSTOMER, &format!("letter:{}", ring.id), &due).await?;
        }
        Ok(())
    }

    /// The file a link in a message opens.
    ///
    /// # Errors
    /// [`QueueError::Unknown`] for a forged link or one of long ago.
    pub async fn ring_by_link(&self, token: &str) -> Result<DossierId, QueueError> {
        let claimed = link::claimed(token).ok_or(QueueError::Unknown)?;
        let (ring, started_at) = store::ever(&self.parts().db, claimed).await?.ok_or(QueueError::Unknown)?;
        let is_genuine = !ring.link_nonce.is_empty() && link::is_genuine(&self.parts().link_key, LINK, token, (ring.id, &ring.link_nonce));
        if is_genuine && self.now() < started_at + LINK_LIFE { Ok(ring.dossier) } else { Err(QueueError::Unknown) }
    }

    /// Who is ringing a customer now.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn ring_of(&self, dossier: DossierId) -> Result<Option<RingView>, DbError> {
        let now = self.now();
        Ok(store::of_customer(&self.parts().db, dossier).await?.filter(|ring| now < ring.until).map(view))
    }

    /// The customer answers: a ticket that is accepted by the ringing agent at once.
    ///
    /// # Errors
    /// [`QueueError::NotRinging`] when it stopped, [`QueueError::Draining`], [`QueueError::NoRoom`], [`QueueError::NoCall`], [`QueueError::File`].
    pub async fn answer_ring(&self, dossier: DossierId) -> Result<CallId, QueueError> {
        self.refuse_new_calls()?;
        let now = self.now();
        let ring = store::of_customer(&self.parts().db, dossier).await?.filter(|ring| now < ring.until).ok_or(QueueError::NotRinging)?;
        let mut tx = self.parts().db.begin().await?;
        // Ticket and agent are taken before the ring, as where a ring ends.
        let waiting = match ring.ticket {
            Some(ticket) => ticket_in(&mut tx, ticket).await?.filter(|ticket| matches!(ticket.standing, Standing::Ringing { .. })),
            None => None,
        };
        let is_held = match &waiting {
            Some(ticket) => hold(&mut tx, ticket, ring.agent).await?,
            None => store::hold_agent(&mut tx, ring.agent).await.map(|()| ring.ticket.is_none())?,
        };
        if !is_held || !store::end(&mut tx, ring.id, RingEnd::Answered, now).await? {
            return Err(QueueError::NotRinging);
        }
        let ticket = if let Some(ticket) = waiting { ticket } else { self.ticket_of_ring(&mut tx, &ring, now).await? };
        let call = self.begin_call(&mut tx, &ticket, ring.agent).await?;
        tx.commit().await?;
        self.parts().relay.nudge();
        self.changed([ring.agent], [ticket.id]);
        Ok(call)
    }

    async fn ticket_of_ring(&self, tx: &mut Tx, ring: &Ring, now: Timestamp) -> Result<Ticket, QueueError> {
        let ambient = &self.parts().ambient;
        let file = dossier::find_in(tx, ring.dossier).await?.ok_or(QueueError::Unknown)?;
        let product = Catalogue::of(&self.parts().settings).product(None);
        let ticket = Ticket { booking: ring.booking, ..Ticket::taken(ambient.id(), ring.dossier, &file.locale, product, now) };
        if !insert_ticket(tx, &ticket, None).await? {
            return Err(QueueError::CustomerWaiting);
        }
        let detail = json!({ "ticket": ticket.id, "booking": ring.booking });
        dossier::advance(tx, ambient, &file, Step::Enqueue, Actor::Customer(ring.dossier), detail).await?;
        ticket_in(tx, ticket.id).await?.ok_or(QueueError::Unknown)
    }

    /// The customer does not want to talk now; the agent is free again. Declining what no longer rings is no error.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn decline_ring(&self, dossier: DossierId) -> Result<(), QueueError> {
        match store::of_customer(&self.parts().db, dossier).await? {
            Some(ring) => self.end_ring(&ring, RingEnd::Declined).await,
            None => Ok(()),
        }
    }

    /// The appointment ended while it rang, or while its customer stood in line to be rung.
    ///
    /// # Errors
    /// Only the database's own, and [`QueueError::ChangedMeanwhile`].
    pub async fn withdraw_ring(&self, booking: BookingId) -> Result<(), QueueError> {
        // Whose call has begun meanwhile stays in it.
        match self.take_out(booking, LeaveReason::Left).await {
            Ok(false) | Err(QueueError::AlreadyCalled) => {}
            taken => return taken.map(drop),
        }
        match store::of_booking(&self.parts().db, booking).await? {
            Some(ring) => self.end_ring(&ring, RingEnd::Withdrawn).await,
            None => Ok(()),
        }
    }

    /// Ends every ring nobody answered in time.
    pub(super) async fn expire_rings(&self) -> Result<(), QueueError> {
        for ring in store::over(&self.parts().db, self.now()).await? {
            self.end_ring(&ring, RingEnd::Expired).await?;
        }
        Ok(())
    }

    async fn end_ring(&self, ring: &Ring, how: RingEnd) -> Result<(), QueueError> {
        let mut tx = self.parts().db.begin().await?;
        let ticket = match ring.ticket {
            Some(ticket) => self.let_ring_go(&mut tx, ticket, ring.agent, how).await?,
            None => None,
        };
        let agent = match self.step_agent(&mut tx, ring.agent, presence::Command::EndRing).await {
            Err(QueueError::AgentBusy) => None,
            stepped => Some(stepped?),
        };
        if self.close_ring(&mut tx, ring.id, how).await?.is_none() {
            return Ok(());
        }
        tx.commit().await?;
        self.parts().relay.nudge();
        let changes = self.offerable(ticket.as_ref()).into_iter().chain(agent.as_ref().and_then(ready_again));
        self.tell(changes.collect::<Vec<_>>()).await;
        self.changed([ring.agent], ticket.map(|ticket| ticket.id));
        self.push_ring_ended(ring);
        Ok(())
    }

    /// Ends a ring in a transaction; what it was, when it still rang.
    pub(super) async fn close_ring(&self, tx: &mut Tx, id: ObjectId, how: RingEnd) -> Result<Option<Ring>, QueueError> {
        let Some(ring) = store::find_in(tx, id).await? else { return Ok(None) };
        if !store::end(tx, id, how, self.now()).await? {
            return Ok(None);
        }
        let actor = if how == RingEnd::Declined { Actor::Customer(ring.dossier) } else { Actor::System };
        let detail = json!({ "booking": ring.booking, "ticket": ring.ticket, "how": how.name() });
        let act = if ring.booking.is_some() { "booking.ring_ended" } else { "ticket.ring_ended" };
        dossier::note(tx, &self.parts().ambient, ring.dossier, actor, act, detail).await?;
        Ok(Some(ring))
    }

    /// Tells the customer's page that nobody calls any more; to be sent after the commit.
    pub(super) fn push_ring_ended(&self, ring: &Ring) {
        self.parts().hub.publish_json(Topic::Customer(ring.dossier), &QueuePush::RingEnded { ring_id: ring.id });
    }
}

fn view(ring: Ring) -> RingView {
    RingView { id: ring.id, booking_id: ring.booking, agent_name: ring.agent_name, expires_at: ring.until }
}
