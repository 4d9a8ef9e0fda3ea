//! The last step: the decision, and everything that is done with a file afterwards.
//!
//! * An agent decides on the own call ([`Review::decide`]): approve, reject or ask to redo, with a coded reason. A file is
//!   approved only when every required check is passed or left out with a reason. Where the rule profile wants a second
//!   person, the approval counts only when somebody else has said so ([`Review::second`]); the database holds them apart.
//!   One that waits only for the recording to be measured counts by itself then ([`measured`]).
//! * What speaks against an approval that counts already goes onto a list of supervisors ([`Review::late_flags`]).
//! * When a file's time is over, its sealed files go ([`EndRetention`]), unless somebody holds it ([`Review::hold`]).
//! * A supervisor finds every file, an agent the own ones ([`Review::search`]).
//! * Whoever opens a file or a picture of it does so for a purpose, and the journal says so **before** the first byte
//!   leaves ([`Review::open`], [`Review::capture_image`], [`Review::portrait_image`], [`Review::still`], [`Review::report`]).
//!
//! As the reader of all it may ask the door of every earlier room; no room may know it. Start reading at [`Review`].

mod decide;
mod decision;
mod file;
mod looks;
mod measured;
pub mod report;
mod retention;
pub mod search;
mod store;
pub mod wire;
mod words;

pub use decision::{Incomplete, RedoItem, Ruling};
pub use retention::EndRetention;

use crate::{
    base::{
        Ambient,
        db::{Db, DbError},
        id::{DossierId, StaffId},
    },
    engine::vault::VaultError,
    journey::{
        call::{CallError, Calls},
        checks::{CheckError, Checks, wire::CheckKind},
        intake::{Intake, IntakeError},
        recording::{RecordError, Recordings},
    },
    registry::{
        dossier::{AdvanceError, Refused},
        outbox::Relay,
        person::Persons,
        staff::{Role, Signed, Staff},
    },
};
use search::{Senseless, Wanted};
use wire::DossierPage;

/// Why a file was not decided, found or shown.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// No such file, or none this person may open.
    #[error("there is no such file")]
    Unknown,
    /// Decided before, differently or by somebody else.
    #[error("the file is decided already")]
    Decided,
    /// Who decided cannot be the second person.
    #[error("the own decision is for somebody else to check")]
    OwnDecision,
    /// The file does not wait for a decision.
    #[error(transparent)]
    NotNow(#[from] Refused),
    /// The decision lacks something.
    #[error("the decision is not complete")]
    Incomplete(Incomplete),
    /// Required checks are neither passed nor left out with a reason.
    #[error("required checks are missing")]
    ChecksMissing(Vec<CheckKind>),
    /// The search makes no sense.
    #[error("the search makes no sense")]
    Senseless(Senseless),
    /// Somebody else changed the file in between, again and again.
    #[error("the file was changed by somebody else")]
    Conflict,
    /// A sealed picture cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// An earlier room.
    #[error(transparent)]
    Intake(IntakeError),
    /// An earlier room.
    #[error(transparent)]
    Call(CallError),
    /// An earlier room.
    #[error(transparent)]
    Record(RecordError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<IntakeError> for ReviewError {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Unknown => Self::Unknown,
            IntakeError::Db(error) => Self::Db(error),
            other => Self::Intake(other),
        }
    }
}

impl From<CallError> for ReviewError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Conflict => Self::Conflict,
            CallError::Db(error) => Self::Db(error),
            other => Self::Call(other),
        }
    }
}

impl From<CheckError> for ReviewError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Vault(error) => Self::Vault(error),
            CheckError::Db(error) => Self::Db(error),
            other => Self::Call(CallError::Check(other)),
        }
    }
}

impl From<RecordError> for ReviewError {
    fn from(error: RecordError) -> Self {
        if let RecordError::Db(error) = error { Self::Db(error) } else { Self::Record(error) }
    }
}

impl From<AdvanceError> for ReviewError {
    fn from(error: AdvanceError) -> Self {
        match error {
            AdvanceError::Refused(refused) => Self::NotNow(refused),
            AdvanceError::Conflict => Self::Conflict,
            AdvanceError::Db(error) => Self::Db(error),
        }
    }
}

/// What the room is built of: the doors it reads.
#[derive(Clone)]
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Time and randomness.
    pub ambient: Ambient,
    /// The outbox.
    pub relay: Relay,
    /// Who works here.
    pub staff: Staff,
    /// Photographs, fields, consents.
    pub intake: Intake,
    /// Calls and chat.
    pub calls: Calls,
    /// Checks and stills.
    pub checks: Checks,
    /// Recordings.
    pub recordings: Recordings,
    /// Who a file is about.
    pub persons: Persons,
}

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Review(Parts);

impl Review {
    /// The room over the doors it reads.
    pub fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// One page of files, newest change first: all of them for a supervisor, those of own calls for an agent. Drafts
    /// are listed only when asked for.
    ///
    /// # Errors
    /// [`ReviewError::Senseless`].
    pub async fn search(&self, signed: &Signed, wanted: &Wanted) -> Result<DossierPage, ReviewError> {
        let filter = search::filter(wanted).map_err(ReviewError::Senseless)?;
        let agents = if signed.has_any(&[Role::Supervisor]) {
            match &filter.agent {
                Some(name) => Some(self.agents_called(name).await?),
                None => None,
            }
        } else {
            Some(vec![signed.id])
        };
        let (rows, total) = store::search(&self.0.db, &filter, agents.as_deref()).await?;
        Ok(DossierPage { rows, total, page: filter.page })
    }

    /// Everybody whose name contains `name` (folded), or whose id it is.
    async fn agents_called(&self, name: &str) -> Result<Vec<StaffId>, DbError> {
        let everybody = self.0.staff.list().await?;
        let fits = |id: StaffId, display_name: &str| crate::registry::dossier::folded(display_name).contains(name) || id.to_string() == name;
        Ok(everybody.into_iter().filter(|member| fits(member.id, &member.display_name)).map(|member| member.id).collect())
    }

    /// Whether this person may open the file: a supervisor any; an agent that of the own call while it is undecided, and
    /// that of an appointment from twelve hours ago to a day ahead.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] when not.
    pub async fn may_open(&self, signed: &Signed, id: DossierId) -> Result<(), ReviewError> {
        let dossier = crate::registry::dossier::find(&self.0.db, id).await?.ok_or(ReviewError::Unknown)?;
        if signed.has_any(&[Role::Supervisor]) {
            return Ok(());
        }
        let now = self.0.ambient.now();
        let last_call = self.0.calls.of_dossier(id).await?.pop();
        let is_own = decision::is_undecided(dossier.state) && last_call.is_some_and(|call| call.agent == signed.id);
        let (from, before) = (now - chrono::Duration::hours(12), now + chrono::Duration::hours(24));
        if is_own || store::is_booked_between(&self.0.db, id, from, before).await? { Ok(()) } else { Err(ReviewError::Unknown) }
    }
}
