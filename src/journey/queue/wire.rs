//! What pages are told about the queue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

mod push;

pub use push::{PushKeyView, Subscribe, Unsubscribe};

pub use super::{settings::Instead, ticket::CallbackWay};
use crate::base::{
    Pii, Timestamp,
    id::{BookingId, CallId, DossierId, ObjectId, StaffId, TicketId},
};

/// A place in the queue as its customer sees it: answer of `POST /api/v1/tickets`, `GET /api/v1/ticket`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct TicketView {
    /// Its id; `POST /api/v1/tickets/{id}/leave` gives it up.
    pub id: TicketId,
    /// Where it stands.
    pub state: TicketState,
    /// 1 is next; 0 when no longer waiting.
    pub position: u32,
    /// Estimated wait, from.
    pub wait_low_minutes: u32,
    /// Estimated wait, to.
    pub wait_high_minutes: u32,
    /// Whether any agent is on duty now.
    pub is_staffed: bool,
    /// Since when.
    #[ts(type = "string")]
    pub enqueued_at: Timestamp,
    /// How the customer is called back, if so.
    pub callback: Option<CallbackView>,
    /// What the customer may do instead of waiting, best first.
    pub instead: Vec<Instead>,
    /// Why the customer should think of it.
    pub because: Option<Because>,
}

/// A customer who keeps the place without an open page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CallbackView {
    /// How the customer hears of it.
    pub way: CallbackWay,
    /// How often the customer was rung and did not come.
    pub rings: u32,
    /// When it rings again at the earliest, after a ring to which nobody came.
    #[ts(type = "string | null")]
    pub again_at: Option<Timestamp>,
}

/// Why a customer should think of something else than waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Because {
    /// The wait is long already.
    LongWait,
    /// Nobody is on duty.
    Unstaffed,
}

/// `POST /api/v1/tickets/{id}/callback`: the customer wants to be called back; `/stay` takes it back. Answered with the ticket.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "wire.ts")]
pub struct AskCallback {
    /// How the customer hears of it.
    pub way: CallbackWay,
    /// The number or address, for the ways that need one.
    #[serde(default)]
    #[ts(type = "string | null")]
    pub address: Option<Pii<String>>,
}

/// What a customer says when taking a ticket: body of `POST /api/v1/tickets`, which may be empty.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(export, export_to = "wire.ts", optional_fields)]
pub struct TakeTicket {
    /// What it is about, as the house's settings name it.
    pub product: Option<String>,
    /// Whether the customer needs more time or special help.
    pub has_special_needs: bool,
}

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum TicketState {
    /// In line.
    Waiting,
    /// On the desk of one agent, who has not accepted yet.
    Offered,
    /// A call came of it.
    Accepted,
    /// The customer left.
    Abandoned,
}

/// How long a call now would take to be answered: `GET /api/v1/queue/estimate`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct WaitEstimate {
    /// Whether the queue takes customers now (opening hours, and the server is not about to stop).
    pub is_open: bool,
    /// Whether any agent is on duty now.
    pub is_staffed: bool,
    /// From.
    pub wait_low_minutes: u32,
    /// To.
    pub wait_high_minutes: u32,
    /// Waiting now.
    pub waiting: u32,
    /// Why the line takes nobody without an appointment although it is open.
    pub refusal: Option<Refusal>,
}

/// Why the line takes nobody without an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Refusal {
    /// So many wait already.
    Full,
    /// Nobody is on duty.
    Unstaffed,
}

/// How the queue does, for supervisors: `GET /api/v1/queue/health`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct QueueHealth {
    /// Sums below count from here.
    #[ts(type = "string")]
    pub since: Timestamp,
    /// Waiting now.
    pub waiting: u32,
    /// Since when the oldest waits.
    #[ts(type = "string | null")]
    pub oldest_since: Option<Timestamp>,
    /// Agents ready now.
    pub ready_agents: u32,
    /// Agents on duty now.
    pub on_duty: u32,
    /// Calls answered.
    pub answered: u32,
    /// Customers who gave up.
    pub abandoned: u32,
    /// Mean wait of those who were answered.
    pub mean_wait_seconds: i32,
    /// How true the estimates were; none before the first call.
    pub estimate_error: Option<EstimateError>,
    /// Whether there is room for the recordings of new calls.
    pub takes_calls: bool,
    /// Whether the index is being rebuilt and nothing is accepted.
    pub is_rebuilding: bool,
}

/// What customers were told when they came, beside what they waited.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct EstimateError {
    /// Calls counted.
    pub calls: u32,
    /// Mean absolute error.
    pub mean_seconds: i32,
    /// Mean error; positive is told too long.
    pub bias_seconds: i32,
    /// Share that was right within a minute.
    pub within_a_minute_percent: u32,
}

/// What an agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Presence {
    /// Not here.
    Offline,
    /// May be offered a call.
    Ready,
    /// A call is on the desk.
    Offered,
    /// In a call.
    InCall,
    /// Finishing the last call.
    WrapUp,
    /// Away, with a reason.
    Break,
}

/// `POST /api/v1/presence`: what an agent may choose: ready, break, offline. Answered with the desk.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct SetPresence {
    /// Which.
    pub presence: Presence,
    /// Coded reason of a break: `lunch`, `short`, `training`, `technical`.
    pub reason: Option<String>,
}

/// What an agent can do, level 1 to 9 by coded name: `PUT /api/v1/agents/{id}/skills`. Nothing filed about languages means
/// every language, nothing about products every product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "wire.ts")]
pub struct SkillsView {
    /// Languages.
    #[ts(type = "Record<string, number>")]
    pub languages: BTreeMap<String, u32>,
    /// Products.
    #[ts(type = "Record<string, number>")]
    pub products: BTreeMap<String, u32>,
}

/// An agent as supervisors see one: `GET /api/v1/agents`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct AgentView {
    /// Who.
    pub agent_id: StaffId,
    /// The name.
    pub name: String,
    /// What the agent is doing.
    pub presence: Presence,
    /// Since when.
    #[ts(type = "string")]
    pub since: Timestamp,
    /// Coded reason of a break.
    pub reason: Option<String>,
    /// What the agent can do.
    pub skills: SkillsView,
    /// Whether a page of the agent is open.
    pub is_online: bool,
}

/// What skills can be filed for: `GET /api/v1/queue/catalogue`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CatalogueView {
    /// Languages calls are held in.
    pub languages: Vec<String>,
    /// What customers call about.
    pub products: Vec<ProductView>,
}

/// What customers call about.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ProductView {
    /// Coded name.
    pub name: String,
    /// The level of skill it asks of an agent.
    pub tier: u32,
}

/// An agent's own desk: `GET /api/v1/desk`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct DeskView {
    /// Who.
    pub agent_id: StaffId,
    /// Counts changes of the agent's state: what carries a lower number than was seen already is late, and not shown.
    #[ts(type = "number")]
    pub epoch: i64,
    /// What the agent is doing.
    pub presence: Presence,
    /// Since when.
    #[ts(type = "string")]
    pub since: Timestamp,
    /// Coded reason of a break.
    pub reason: Option<String>,
    /// When wrap-up ends by itself.
    #[ts(type = "string | null")]
    pub wrap_up_until: Option<Timestamp>,
    /// The call on the desk.
    pub offer: Option<OfferView>,
    /// The call under way.
    pub call_id: Option<CallId>,
    /// The appointment whose customer is being rung.
    pub ringing_booking_id: Option<BookingId>,
    /// Who is being rung.
    pub ringing: Option<DeskRing>,
    /// The file whose decision is outstanding.
    pub undecided_dossier_id: Option<DossierId>,
    /// Waiting in the queue.
    pub waiting: u32,
    /// Since when the oldest waits.
    #[ts(type = "string | null")]
    pub oldest_since: Option<Timestamp>,
    /// Agents ready now.
    pub ready_agents: u32,
}

/// A customer the agent is ringing.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct DeskRing {
    /// The file.
    pub dossier_id: DossierId,
    /// The appointment; none for a customer of the line who is called back.
    pub booking_id: Option<BookingId>,
    /// Name as confirmed.
    #[ts(type = "string | null")]
    pub name: Option<Pii<String>>,
    /// When it stops ringing by itself.
    #[ts(type = "string")]
    pub expires_at: Timestamp,
}

/// A call on the desk: `POST /api/v1/tickets/{ticket_id}/accept|decline`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct OfferView {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Fences late messages; goes back with accept and decline.
    pub epoch: i64,
    /// The file.
    pub dossier_id: DossierId,
    /// Name as confirmed.
    #[ts(type = "string | null")]
    pub name: Option<Pii<String>>,
    /// Document kind.
    pub document_kind: Option<String>,
    /// The customer's language.
    pub locale: String,
    /// How long the customer has waited.
    pub waited_seconds: u32,
    /// Whether it is a booked call.
    pub booking_id: Option<BookingId>,
    /// Whether the customer returns after a drop.
    pub is_returning: bool,
    /// Whether accepting rings the customer, who asked to be called back.
    pub is_callback: bool,
    /// How often the customer was rung before and did not come.
    pub rung_before: u32,
    /// When the offer ends.
    #[ts(type = "string")]
    pub expires_at: Timestamp,
}

/// Body of accept and decline.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct AnswerOffer {
    /// From the offer.
    pub epoch: i64,
    /// Coded reason of a decline: `busy`, `technical`, `conflict`.
    pub reason: Option<String>,
}

/// Answer of accept.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct AcceptedView {
    /// The call to join.
    pub call_id: Option<CallId>,
    /// Instead of a call: the customer is being rung until then.
    #[ts(type = "string | null")]
    pub ringing_until: Option<Timestamp>,
}

/// The agent who is calling a customer: `GET /api/v1/ring` (404 `not_ringing` when nobody is).
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct RingView {
    /// Its id.
    pub id: ObjectId,
    /// The appointment; none for a customer of the line who is called back.
    pub booking_id: Option<BookingId>,
    /// Who calls.
    pub agent_name: String,
    /// When it stops ringing by itself.
    #[ts(type = "string")]
    pub expires_at: Timestamp,
}

/// What supervisors have to know: `GET /api/v1/queue/notes`; `POST /api/v1/queue/notes/{id}/seen` takes it off the list.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct NoteView {
    /// Which.
    pub id: ObjectId,
    /// Since when.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// `missed_offers`, `ticket_escalated`, `agent_lost`, `long_wait`, `not_reached`.
    pub kind: String,
    /// The agent it is about.
    pub agent_id: Option<StaffId>,
    /// The agent's name.
    pub agent_name: Option<String>,
    /// The file it is about.
    pub dossier_id: Option<DossierId>,
}

/// `POST /api/v1/wrap-up`: more time to finish a call, something to write down, or both. Answered with the desk.
#[derive(Debug, Default, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(export, export_to = "wire.ts", optional_fields)]
pub struct WrapUp {
    /// So many seconds more.
    pub extend_seconds: Option<u32>,
    /// What whoever decides about the file should know; at most 2,000 characters.
    #[ts(type = "string")]
    pub note: Option<Pii<String>>,
}

/// A note an agent wrote in wrap-up: `GET /api/v1/dossiers/{id}/wrap-up-notes`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct WrapUpNote {
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// Who wrote it.
    pub agent_name: String,
    /// What.
    #[ts(type = "string")]
    pub body: Pii<String>,
}

/// Pushes of the queue.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum QueuePush {
    /// To the customer: the place in line changed.
    TicketChanged {
        /// As it is now.
        ticket: TicketView,
    },
    /// To one agent: the own desk changed.
    DeskChanged {
        /// As it is now.
        desk: DeskView,
    },
    /// To every console: depth changed.
    QueueChanged {
        /// Waiting now.
        waiting: u32,
        /// Since when the oldest waits.
        #[ts(type = "string | null")]
        oldest_since: Option<Timestamp>,
        /// Agents ready now.
        ready_agents: u32,
    },
    /// To every console: so many notes wait for a supervisor.
    NotesChanged {
        /// How many.
        unseen: u32,
    },
    /// To the customer: the agent is calling. Answer with `POST /api/v1/ring/answer` (gives [`AcceptedView`]) or
    /// `POST /api/v1/ring/decline`.
    Ring {
        /// Which ring, and who calls.
        ring: RingView,
    },
    /// To the customer: nobody is calling any more.
    RingEnded {
        /// Which ring.
        ring_id: ObjectId,
    },
}
