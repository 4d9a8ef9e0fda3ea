//! The fourth step: the life of a call, its two ends, signalling, chat and resume.
//!
//! ```text
//! connecting ─both ends have media→ live ─hung up, lost, stopped→ ended
//!      └──────────hung up, nobody came, recorder failed────────────↗
//! each end:  joining ─media→ connected ⇄ away (page or media gone; back within the grace or the call ends)
//! ```
//! The queue opens a call inside the transaction of an accept. Pages look at it (each look issues an *epoch*), offer with
//! their epoch over the live socket, and are answered by the SFU once the recording of their end is ready. The room tells
//! the checks and the recording what to do, and the queue (an earlier step) by an event. It knows neither HTTP nor
//! sockets. Start reading at [`life`]; the protocol of the pages is written down in `PROTOCOL.md`.

mod asked;
mod captions;
pub mod command;
mod door;
mod elsewhere;
pub mod life;
mod media;
mod observe;
mod probe;
pub mod quality;
mod rehearsal;
mod resume;
pub mod stills;
mod store;
mod turn;
pub mod wire;

pub use door::{Calls, Parts, Takeover};
pub use probe::ProbeCall;
pub use rehearsal::{CameraState, LightState, MediaRoute, MicrophoneState, Rehearsal, RehearsalView, RouteResult};
pub use resume::Recovered;

use serde::{Deserialize, Serialize};

use super::recording::RecordError;
use crate::base::{
    Timestamp,
    db::DbError,
    id::{CallId, DossierId, StaffId, TicketId},
};
use life::{EndReason, Epochs, Life};
use wire::Party;

/// Section `call`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How long an end may take to have media up after the accept, in seconds.
    pub joining_seconds: u32,
    /// How long a lost end is waited for, in seconds.
    pub grace_seconds: u32,
    /// How long a lost agent is waited for while the customer is there, in seconds; then the customer goes to the front of the queue.
    pub agent_grace_seconds: u32,
    /// Most lines of chat in one call.
    pub chat_lines: u32,
    /// Largest photograph a customer's page may send in a call, in bytes.
    pub still_bytes: usize,
    /// The name of this server process among those on the same database. It must keep it over a restart, so that its calls
    /// go on.
    pub node: String,
    /// Most calls this server carries at once; 0 is as many as come.
    pub most: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            joining_seconds: 90,
            grace_seconds: 60,
            agent_grace_seconds: 20,
            chat_lines: 500,
            still_bytes: crate::engine::reader::MOST_BYTES,
            node: "one".to_owned(),
            most: 0,
        }
    }
}

/// One call as it stands.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Counts changes.
    pub version: i64,
    /// The ticket it came of.
    pub ticket: TicketId,
    /// Whose file.
    pub dossier: DossierId,
    /// Who calls.
    pub agent: StaffId,
    /// The server that carries its media.
    pub node: String,
    /// Where it stands.
    pub life: Life,
    /// Pages of the customer.
    pub customer_epochs: Epochs,
    /// Pages of the agent.
    pub agent_epochs: Epochs,
    /// When the agent accepted.
    pub started_at: Timestamp,
}

impl Call {
    /// When and why it ended, if it did.
    pub fn ended(&self) -> Option<(Timestamp, EndReason)> {
        if let Life::Ended { at, reason, .. } = self.life { Some((at, reason)) } else { None }
    }

    pub(crate) fn epochs(&self, party: Party) -> Epochs {
        match party {
            Party::Customer => self.customer_epochs,
            Party::Agent => self.agent_epochs,
        }
    }

    pub(crate) fn epochs_mut(&mut self, party: Party) -> &mut Epochs {
        match party {
            Party::Customer => &mut self.customer_epochs,
            Party::Agent => &mut self.agent_epochs,
        }
    }
}

/// Removes what was said in writing in the calls of a file whose time is over.
///
/// # Errors
/// Only the database's own.
pub async fn forget_chat(tx: &mut crate::base::db::Tx, dossier: DossierId) -> Result<(), DbError> {
    store::forget_chat(tx, dossier).await
}

/// Removes what a customer's page found out before its calls, once its file's time is over.
///
/// # Errors
/// Only the database's own.
pub async fn forget_rehearsals(tx: &mut crate::base::db::Tx, dossier: DossierId) -> Result<(), DbError> {
    store::forget_rehearsals(tx, dossier).await
}

/// What an accepted ticket becomes.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// The ticket.
    pub ticket: TicketId,
    /// Whose file.
    pub dossier: DossierId,
    /// Who accepted.
    pub agent: StaffId,
}

/// Why a call was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenCallError {
    /// The agent or the customer is in a call already.
    #[error("one of both is in a call already")]
    Busy,
    /// Every server carries as many calls as it may.
    #[error("no server has room for another call")]
    Full,
    /// The recorder.
    #[error(transparent)]
    Record(RecordError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<RecordError> for OpenCallError {
    fn from(error: RecordError) -> Self {
        if let RecordError::Db(error) = error { Self::Db(error) } else { Self::Record(error) }
    }
}

/// One end of a call as the front door knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The customer of this file.
    Customer(DossierId),
    /// This member of staff.
    Agent(StaffId),
}

impl Who {
    /// Which end.
    pub fn party(self) -> Party {
        match self {
            Self::Customer(_) => Party::Customer,
            Self::Agent(_) => Party::Agent,
        }
    }

    /// Whether this person is an end of `call`.
    pub fn is_in(self, call: &Call) -> bool {
        match self {
            Self::Customer(dossier) => call.dossier == dossier,
            Self::Agent(agent) => call.agent == agent,
        }
    }
}

/// Why something in a call did not work out.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No such call, or somebody else's.
    #[error("there is no such call")]
    Unknown,
    /// The call has ended.
    #[error("the call is over")]
    Over,
    /// The call is not live.
    #[error("the call is not live")]
    NotLive,
    /// A newer page of the same person took over.
    #[error("another page took over")]
    Superseded,
    /// The epoch was never handed out.
    #[error("read the call again before joining")]
    UnknownEpoch,
    /// The offer cannot be answered.
    #[error("the offer cannot be answered")]
    BadOffer,
    /// Nothing can be recorded, so the call has ended.
    #[error("the call cannot be recorded")]
    RecorderFailed,
    /// Media is not available now.
    #[error("media is not available")]
    NoMedia,
    /// Empty, too long, or too many lines.
    #[error("the message cannot be filed")]
    BadChat,
    /// Numbers that cannot be.
    #[error("the numbers are not possible")]
    BadQuality,
    /// A rehearsal that cannot be.
    #[error("this rehearsal is not possible")]
    BadRehearsal,
    /// The recording is still being made.
    #[error("the recording is still being made")]
    NotSealed,
    /// Somebody else changed the call or its file in between, again and again.
    #[error("the call was changed by somebody else")]
    Conflict,
    /// No photograph is asked for, or another one.
    #[error("no such photograph is asked for")]
    StillNotAsked,
    /// Enough photographs for one call.
    #[error("enough photographs were asked for")]
    StillsExhausted,
    /// The photograph has more bytes than are taken.
    #[error("the photograph is too large")]
    StillTooLarge,
    /// What came is not what was announced.
    #[error("the photograph does not hash to what was announced")]
    WrongHash,
    /// No known reason.
    #[error("there is no such reason")]
    BadReason,
    /// What came is no picture.
    #[error(transparent)]
    Picture(crate::engine::reader::ReaderError),
    /// The vault.
    #[error(transparent)]
    Vault(crate::engine::vault::VaultError),
    /// A check.
    #[error(transparent)]
    Check(#[from] super::checks::CheckError),
    /// The recorder.
    #[error(transparent)]
    Record(RecordError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<RecordError> for CallError {
    fn from(error: RecordError) -> Self {
        if let RecordError::Db(error) = error { Self::Db(error) } else { Self::Record(error) }
    }
}
