//! What pages say and are told in a call. Commands that change state go by HTTP, signalling and chat by the live socket.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use super::command::LiveCommand;
use super::{
    RehearsalView,
    stills::still::{Camera, StillView},
};
use crate::{
    base::{
        Pii, Timestamp,
        id::{CallId, CaptureId, ChatId, DossierId, StaffId, StillId},
    },
    engine::{
        document::{DisagreementCode, DocumentKind, FieldName, Side, Source},
        reader::Problem,
        turn::IceServer,
    },
    journey::checks::wire::{CheckKind, CheckView, ComparisonLine, HintView, PlanView},
    registry::{dossier::State, person::wire::ListHit},
};

/// Which end of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Party {
    /// The customer.
    Customer,
    /// The agent.
    Agent,
}

impl Party {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
        }
    }

    /// The other end.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Customer => Self::Agent,
            Self::Agent => Self::Customer,
        }
    }
}

/// A call as either end sees it: `GET /api/v1/calls/{id}` (staff) and `GET /api/v1/call` (customer).
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CallView {
    /// Its id.
    pub id: CallId,
    /// Counts joins of this end; goes with the offer and fences older pages.
    pub epoch: i64,
    /// Names the run of the server that carries the media: when it is another than before, the media has to be set up anew.
    pub media_run: String,
    /// Where it stands.
    pub state: CallState,
    /// Name of the agent as shown to customers.
    pub agent_name: String,
    /// Since when.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// The other end.
    pub peer: PeerState,
    /// Everything said so far.
    pub chat: Vec<ChatLine>,
    /// Checks asked so far.
    pub checks: Vec<CheckView>,
    /// The drawn order, as far as it may be known.
    pub plan: Option<PlanView>,
    /// Photographs asked for so far.
    pub stills: Vec<StillView>,
    /// Signs that the picture may not come from a camera; for staff.
    pub hints: Vec<HintView>,
    /// What the agent saw of portrait and live face; for staff.
    pub comparison: Vec<ComparisonLine>,
    /// Relays this page may use, with credentials that end; for an end of the call only.
    pub ice_servers: Vec<IceServer>,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum CallState {
    /// Accepted; media not yet up at both ends.
    Connecting,
    /// Both ends send and receive.
    Live,
    /// Over.
    Ended,
}

/// How the other end is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum PeerState {
    /// Not there yet.
    Joining,
    /// There.
    Connected,
    /// Gone for a moment; the call waits 60 s.
    Reconnecting,
    /// Gone for good.
    Left,
}

/// One line of chat.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ChatLine {
    /// Its id.
    pub id: ChatId,
    /// Who.
    pub from: Party,
    /// What.
    #[ts(type = "string")]
    pub text: Pii<String>,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
}

/// The file beside the live face: `GET /api/v1/calls/{id}/file`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CallFileView {
    /// The file.
    pub dossier_id: DossierId,
    /// What to say on the phone.
    pub reference: String,
    /// Its state.
    pub state: State,
    /// The customer's language.
    pub locale: String,
    /// Document.
    pub document_kind: Option<DocumentKind>,
    /// Photographs: `GET /api/v1/dossiers/{dossier_id}/captures/{id}/image`.
    pub captures: Vec<FileCapture>,
    /// Fields with what was read and what was confirmed.
    pub fields: Vec<FileField>,
    /// What contradicts itself in what was read, whatever the customer said to it.
    pub disagreements: Vec<FileDisagreement>,
    /// E-mail.
    #[ts(type = "string | null")]
    pub email: Option<Pii<String>>,
    /// Phone.
    #[ts(type = "string | null")]
    pub phone: Option<Pii<String>>,
    /// The kinds of checks an identification needs, in the order of the rule profile; movements come in drawn order.
    pub required_checks: Vec<CheckKind>,
    /// What the customer's page found out before the newest call.
    pub rehearsal: Option<RehearsalView>,
    /// The negative list names this person.
    pub listed: Vec<ListHit>,
    /// Agents had a word of suspicion, coded, oldest first. Never for the customer.
    pub suspicions: Vec<String>,
}

/// A photograph of the file.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FileCapture {
    /// Its id.
    pub id: CaptureId,
    /// Which side.
    pub side: Side,
    /// Whether the machine-readable zone on it closed all check digits, if it has one.
    pub mrz_valid: Option<bool>,
    /// SHA-256 of the filed bytes, hex.
    pub sha256: String,
    /// SHA-256 of the portrait cut out of it, hex: `GET /api/v1/dossiers/{dossier_id}/captures/{id}/portrait`. `None`: it has none, or it
    /// could not be found.
    pub portrait_sha256: Option<String>,
    /// Taken although something refuses it, because enough earlier ones were refused.
    pub flagged: bool,
    /// What is wrong or weak, each with the measured value, worst first.
    pub problems: Vec<Problem>,
    /// Photographs of this side that were refused, oldest first.
    pub refusals: Vec<FileRefusal>,
}

/// A photograph that was refused; its picture was not kept.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FileRefusal {
    /// When.
    #[ts(type = "string")]
    pub taken_at: Timestamp,
    /// Why, worst first.
    pub problems: Vec<Problem>,
}

/// A named contradiction in what was read.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FileDisagreement {
    /// Which.
    pub code: DisagreementCode,
    /// The fields it casts doubt on.
    pub fields: Vec<FieldName>,
    /// What was read, best first; no two of one field say the same.
    pub readings: Vec<FileReading>,
}

/// What one source says of one field.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FileReading {
    /// Which field.
    pub name: FieldName,
    /// What it says.
    #[ts(type = "string")]
    pub value: Pii<String>,
    /// Where.
    pub source: Source,
    /// 0…1.
    pub confidence: f32,
    /// The photograph it stands on.
    pub capture: Option<CaptureId>,
    /// Left, top, width, height on it, as fractions.
    pub place: Option<[f32; 4]>,
}

/// A field of the file.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FileField {
    /// Which.
    pub name: FieldName,
    /// As confirmed by the customer.
    #[ts(type = "string")]
    pub value: Pii<String>,
    /// As read.
    #[ts(type = "string | null")]
    pub read_value: Option<Pii<String>>,
    /// Where it was read.
    pub source: Option<Source>,
    /// 0…1.
    pub confidence: Option<f32>,
    /// `match`, `changed` (the customer edited what was read) or `new` (typed).
    pub origin: FieldOrigin,
    /// Sources contradict each other or a rule fails.
    pub doubtful: bool,
}

/// How a confirmed value relates to the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum FieldOrigin {
    /// Confirmed as read.
    Match,
    /// Edited by the customer.
    Changed,
    /// Typed; nothing was read.
    New,
}

/// A call that goes on now, for supervisors who may look on.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct LiveCallView {
    /// The call.
    pub call_id: CallId,
    /// Its agent.
    pub agent_id: StaffId,
    /// The agent's name.
    pub agent_name: String,
    /// When it was accepted.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// Whether both ends had media at once.
    pub is_live: bool,
}

/// What pages are told in a call.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum CallPush {
    /// First message on every socket.
    Hello {
        /// Names the run of the server that speaks: when it changes, media of before is gone and must be set up anew.
        run: String,
        /// The server's clock.
        #[ts(type = "string")]
        server_time: Timestamp,
    },
    /// Answer to `ping`.
    Pong,
    /// To the customer: an agent accepted; read `GET /api/v1/call` and send an offer.
    CallStarted {
        /// The call.
        call_id: CallId,
        /// Who.
        agent_name: String,
    },
    /// SDP answer to an offer of this socket.
    Answer {
        /// The call.
        call_id: CallId,
        /// Of the offer.
        epoch: i64,
        /// The server's description.
        sdp: String,
    },
    /// The other end changed.
    PeerChanged {
        /// The call.
        call_id: CallId,
        /// How it is doing.
        peer: PeerState,
    },
    /// Another server carries the call from now on, as the one before died or stops: read the call again, and set up its media anew.
    CallMoved {
        /// The call.
        call_id: CallId,
    },
    /// The call changed state.
    CallChanged {
        /// The call.
        call_id: CallId,
        /// Where it stands.
        state: CallState,
    },
    /// A line of chat from either end.
    Chat {
        /// The call.
        call_id: CallId,
        /// The line.
        line: ChatLine,
    },
    /// A check was asked or judged.
    CheckChanged {
        /// The call.
        call_id: CallId,
        /// As it is now.
        check: CheckView,
        /// What is left, for the agent.
        plan: Option<PlanView>,
    },
    /// A photograph was asked for, or is over.
    StillChanged {
        /// The call.
        call_id: CallId,
        /// As it is now.
        still: StillView,
    },
    /// To the agent: so much of a photograph has come.
    StillProgress {
        /// The call.
        call_id: CallId,
        /// Which.
        id: StillId,
        /// Bytes.
        received: usize,
        /// Of so many.
        size: usize,
    },
    /// To the customer: show this camera.
    CameraAsked {
        /// The call.
        call_id: CallId,
        /// Which.
        camera: Camera,
        /// Whether its lamp should be on.
        torch: bool,
    },
    /// To the agent: which camera of the customer is on.
    CameraChanged {
        /// The call.
        call_id: CallId,
        /// Which.
        camera: Camera,
        /// Whether it has a lamp.
        has_torch: bool,
        /// Whether the lamp is on.
        torch: bool,
        /// Why the one that was asked for is not on.
        trouble: Option<String>,
    },
    /// Something was noticed about the picture; to the agent.
    HintsChanged {
        /// The call.
        call_id: CallId,
        /// All that was noticed.
        hints: Vec<HintView>,
    },
    /// How the other end receives us.
    PeerQuality {
        /// The call.
        call_id: CallId,
        /// Round trip in ms.
        rtt_ms: f32,
        /// Share lost, 0…1.
        loss: f32,
        /// Received video, kbit/s.
        video_kbps: f32,
        /// How long its picture stood still in the last 2 s, in ms.
        frozen_ms: f32,
        /// Mean opinion score of what it hears, 1…5 (ITU-T G.107).
        mos: f64,
        /// The same at the end that is told, once it reported.
        own_mos: Option<f64>,
    },
    /// The call is over.
    CallEnded {
        /// The call.
        call_id: CallId,
        /// `hung_up`, `customer_lost`, `agent_lost`, `server_lost`, `recorder_failed`.
        reason: String,
    },
    /// Another page of the same person took over; this one stops.
    Superseded {
        /// The call.
        call_id: CallId,
    },
    /// A message on this socket was refused; `code` as in `ErrorView`.
    Refused {
        /// Stable code.
        code: String,
        /// English sentence.
        message: String,
    },
}
