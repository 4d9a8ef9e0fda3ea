//! What leaves a transaction: pushes to open pages, events for earlier steps, jobs for the `work` role.
//!
//! All three are rows written in the transaction that causes them, so none is lost and none is sent for a change that
//! was undone. `serve` delivers pushes and events ([`Relay`]); `work` claims jobs ([`jobs`]). What need not survive
//! a restart, such as a queue position, goes straight to the [`Hub`].

mod hub;
pub mod jobs;
mod relay;
mod store;

pub use hub::{Hub, Topic};
pub use relay::{Consumer, Relay};

use serde::{Deserialize, Serialize};

use crate::base::{
    Ambient,
    db::{DbError, Tx},
    id::{BookingId, CallId, DossierId, JobId, ObjectId, StaffId, TicketId},
};

/// News for an earlier step (a step may call the next one directly, never an earlier one). Ids and codes only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DomainEvent {
    /// A call is over; the queue frees its agent, and puts the customer back to the front where `requeue` says so.
    CallEnded {
        /// The call.
        call: CallId,
        /// Its file.
        dossier: DossierId,
        /// Its ticket.
        ticket: TicketId,
        /// Its agent.
        agent: StaffId,
        /// Whether the customer goes back to the front of the queue (the agent or the server was lost).
        requeue: bool,
    },
    /// The agent has decided; wrap-up may end early.
    DossierDecided {
        /// The file.
        dossier: DossierId,
        /// Who decided.
        agent: StaffId,
    },
    /// A customer left the line without a call; an appointment that is still ahead stands again.
    TicketLeft {
        /// The file.
        dossier: DossierId,
        /// The appointment.
        booking: BookingId,
        /// Whether the customer was rung for it until the end and did not come.
        #[serde(default)]
        unreached: bool,
    },
    /// A booked customer's call began or its slot passed; booking closes the appointment.
    BookingKept {
        /// The appointment.
        booking: BookingId,
    },
    /// The checks of a call were measured in its recording, or cannot be; a decision that waits for it goes on.
    ChecksMeasured {
        /// The call.
        call: CallId,
    },
    /// The recording of a call is playable.
    RecordingSealed {
        /// The call.
        call: CallId,
    },
}

/// Files a push; delivered to open pages after the commit. `message` is one of the rooms' wire types.
///
/// # Errors
/// Only the database's own.
pub async fn push(tx: &mut Tx, ambient: &Ambient, topic: Topic, message: &impl Serialize) -> Result<(), DbError> {
    let payload = serde_json::to_string(message).expect("wire types serialise");
    store::insert(tx, ambient.id::<ObjectId>(), "push", &topic.to_string(), &payload, ambient.now()).await
}

/// Files an event; handed to its [`Consumer`]s after the commit, at least once.
///
/// # Errors
/// Only the database's own.
pub async fn event(tx: &mut Tx, ambient: &Ambient, event: &DomainEvent) -> Result<(), DbError> {
    let payload = serde_json::to_string(event).expect("events serialise");
    store::insert(tx, ambient.id::<ObjectId>(), "event", "", &payload, ambient.now()).await
}

/// Files a job for the `work` role, due at once. A job of the same kind and subject that is still open is enough.
///
/// # Errors
/// Only the database's own.
pub async fn job(tx: &mut Tx, ambient: &Ambient, kind: &str, subject: &str, payload: &impl Serialize) -> Result<(), DbError> {
    job_at(tx, ambient, kind, subject, payload, ambient.now()).await
}

/// Takes back the jobs of a kind whose subject begins so and which nobody has begun.
///
/// # Errors
/// Only the database's own.
pub async fn withdraw(tx: &mut Tx, kind: &str, subject: &str) -> Result<(), DbError> {
    jobs::withdraw(tx, kind, subject).await
}

/// Like [`job`], due at `run_at`.
///
/// # Errors
/// Only the database's own.
pub async fn job_at(
    tx: &mut Tx,
    ambient: &Ambient,
    kind: &str,
    subject: &str,
    payload: &impl Serialize,
    run_at: crate::base::Timestamp,
) -> Result<(), DbError> {
    let payload = serde_json::to_string(payload).expect("job payloads serialise");
    jobs::insert(tx, ambient.id::<JobId>(), kind, subject, &payload, run_at, ambient.now()).await
}
