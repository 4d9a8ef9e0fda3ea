//! The first step: choose a document, photograph it, have it read, check the details, agree, leave contacts.
//!
//! ```text
//! begin → choose_document → capture (front, back) ──read_document job──→ form
//!                        └→ type_myself ─────────────────────────────→ form → save_details … confirm → booking or queue
//! ```
//! **Lives here:** photographs and their verdicts, what was read on them, the form with every edit beside the reading,
//! consents with the exact words, resume links, and the end of files nobody goes on with. **Must not know:** HTTP,
//! pixels (the reader's children see those), what happens in a call.
//!
//! **Start reading** at [`Intake`]; then `step.rs` (which screen), `captures` (photograph to verdict), `reading`
//! (the job that fills the form), `details` (form, consents, confirmation), `expiry.rs`.
//!
//! A reading that comes late only fills what the customer left empty; nothing typed is ever overwritten.

mod captures;
pub mod details;
mod disagreements;
mod expiry;
mod portraits;
mod progress;
mod reading;
mod settings;
pub mod step;
mod store;
mod view;
pub mod wire;
mod word;

pub use captures::PICTURE_MAX;
pub use details::{BadField, Part, Provenance, consents::texts as consent_texts};
pub use expiry::{EXPIRE_APPLICATION, ExpireApplication};
pub use reading::{READ_DOCUMENT, ReadDocument};
pub use settings::IntakeSettings;
pub use view::FileParts;

use chrono::Duration;
use serde_json::json;

use crate::{
    base::{
        Ambient, Pii,
        ambient::secret_digest,
        db::{Db, DbError, Tx},
        id::DossierId,
    },
    engine::{
        document::DocumentKind,
        reader::{Reader, ReaderError},
        vault::{Vault, VaultError},
    },
    registry::{
        audit::Actor,
        dossier::{self, AdvanceError, Dossier, Refused, State, Step},
        outbox::{self, Topic},
    },
};
use progress::{Progress, Stage};
use wire::{ApplicationView, BeginApplication, IntakePush};

/// Why an intake did not go on.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// No such file, or no such photograph in it.
    #[error("there is no such thing in this file")]
    Unknown,
    /// The resume link is unknown, too old, ended, or its file is decided.
    #[error("this link is unknown or has ended")]
    LinkUnknown,
    /// Language or zone of the browser are none.
    #[error("the language or the time zone is not known")]
    BadLocale,
    /// No document was chosen yet.
    #[error("no document was chosen yet")]
    DocumentMissing,
    /// This document has no such side.
    #[error("this document has no such side")]
    SideNotNeeded,
    /// Sides are still to be photographed.
    #[error("not every side was photographed")]
    SideMissing,
    /// The picture cannot be judged.
    #[error(transparent)]
    Picture(#[from] ReaderError),
    /// So many photographs were taken that something else must be wrong.
    #[error("too many photographs")]
    CapturesExhausted,
    /// The step does not exist in this state.
    #[error(transparent)]
    NotNow(#[from] Refused),
    /// Some fields need another look.
    #[error("some fields need another look")]
    Bad(Vec<BadField>),
    /// Somebody else changed the file again and again.
    #[error("the file was changed by somebody else")]
    Conflict,
    /// A photograph could not be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<AdvanceError> for IntakeError {
    fn from(error: AdvanceError) -> Self {
        match error {
            AdvanceError::Refused(refused) => Self::NotNow(refused),
            AdvanceError::Conflict => Self::Conflict,
            AdvanceError::Db(error) => Self::Db(error),
        }
    }
}

/// The door of the room. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    db: Db,
    ambient: Ambient,
    vault: Vault,
    reader: Reader,
    settings: IntakeSettings,
}

/// Repeats a change that lost a race against another one of the same file.
macro_rules! unhindered {
    ($change:expr) => {{
        let mut tries = 0;
        loop {
            match $change.await {
                Err(IntakeError::Conflict) if tries < 5 => tries += 1,
                other => break other,
            }
        }
    }};
}
use unhindered;

impl Intake {
    /// The room over its engines.
    pub fn new(db: Db, ambient: Ambient, vault: Vault, reader: Reader, settings: IntakeSettings) -> Self {
        Self { db, ambient, vault, reader, settings }
    }

    /// Begins an application; the view carries the secret of its first resume link.
    ///
    /// # Errors
    /// [`IntakeError::BadLocale`], or the database's.
    pub async fn begin(&self, wish: &BeginApplication) -> Result<ApplicationView, IntakeError> {
        if !details::consents::LOCALES.contains(&wish.locale.as_str()) || wish.time_zone.parse::<chrono_tz::Tz>().is_err() {
            return Err(IntakeError::BadLocale);
        }
        let now = self.ambient.now();
        let mut tx = self.db.begin().await?;
        let begun = dossier::begin(&mut tx, &self.ambient, &wish.locale, &wish.time_zone).await?;
        let id = begun.dossier.id;
        store::insert_link(&mut tx, &secret_digest(&begun.resume_token), id, now, now + self.link_life()).await?;
        expiry::schedule(&mut tx, &self.ambient, id, now + self.draft_life()).await?;
        tx.commit().await?;
        let view = self.view(id).await?;
        Ok(ApplicationView { resume_token: Some(begun.resume_token), ..view })
    }

    /// The file a resume link leads to.
    ///
    /// # Errors
    /// [`IntakeError::LinkUnknown`], or the database's.
    pub async fn resume(&self, token: &str) -> Result<DossierId, IntakeError> {
        let linked = store::linked(&self.db, &secret_digest(token), self.ambient.now()).await?.ok_or(IntakeError::LinkUnknown)?;
        let dossier = dossier::find(&self.db, linked).await?.ok_or(IntakeError::LinkUnknown)?;
        match dossier.state {
            State::Approved | State::Rejected | State::Expired => Err(IntakeError::LinkUnknown),
            _ => Ok(linked),
        }
    }

    /// Gives out a new resume link and ends every earlier one.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn renew_link(&self, id: DossierId) -> Result<String, IntakeError> {
        let mut tx = self.db.begin().await?;
        store::end_links(&mut tx, id).await?;
        let token = self.add_link(&mut tx, id).await?;
        dossier::note(&mut tx, &self.ambient, id, Actor::Customer(id), "resume_link.renewed", json!({})).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Chooses what is photographed. Another document, or the same one after the wish for a repetition, begins a new
    /// round: photographs taken so far are kept and no longer used.
    ///
    /// # Errors
    /// [`IntakeError::NotNow`] once the form is confirmed, [`IntakeError::Unknown`], [`IntakeError::Conflict`].
    pub async fn choose_document(&self, id: DossierId, kind: DocumentKind) -> Result<ApplicationView, IntakeError> {
        unhindered!(self.try_choose_document(id, kind))?;
        self.view(id).await
    }

    async fn try_choose_document(&self, id: DossierId, kind: DocumentKind) -> Result<(), IntakeError> {
        let mut tx = self.db.begin().await?;
        let (dossier, mut progress) = self.open(&mut tx, id).await?;
        dossier.state.after(Step::Capture)?;
        if dossier.document_kind == Some(kind) && (dossier.state != State::Redo || progress.is_restarted) {
            return Ok(());
        }
        if dossier.document_kind.is_some() {
            progress.round += 1;
            details::forget_reading(&mut tx, &self.ambient, id, dossier.document_kind == Some(kind)).await?;
        }
        progress.is_typed = false;
        progress.is_restarted = matches!(dossier.state, State::Read | State::Redo);
        progress.reading = Stage::NotStarted;
        store::set_progress(&mut tx, id, &progress).await?;
        store::set_draft(&mut tx, id, exposed(progress.draft_email.as_ref()), exposed(progress.draft_phone.as_ref()), None).await?;
        let dossier = dossier::describe(&mut tx, &self.ambient, &dossier, |d| d.document_kind = Some(kind)).await?;
        dossier::note(&mut tx, &self.ambient, id, Actor::Customer(id), "document.chosen", json!({ "kind": kind })).await?;
        self.tell(&mut tx, &dossier).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The customer types the fields instead of waiting for, or beside, the reading.
    ///
    /// # Errors
    /// [`IntakeError::DocumentMissing`], [`IntakeError::NotNow`], [`IntakeError::Unknown`], [`IntakeError::Conflict`].
    pub async fn type_myself(&self, id: DossierId) -> Result<ApplicationView, IntakeError> {
        unhindered!(self.try_type_myself(id))?;
        self.view(id).await
    }

    async fn try_type_myself(&self, id: DossierId) -> Result<(), IntakeError> {
        let mut tx = self.db.begin().await?;
        let (dossier, mut progress) = self.open(&mut tx, id).await?;
        dossier.document_kind.ok_or(IntakeError::DocumentMissing)?;
        if dossier.state == State::Read && progress.is_typed && !progress.is_restarted {
            return Ok(());
        }
        let dossier = dossier::advance(&mut tx, &self.ambient, &dossier, Step::TypeMyself, Actor::Customer(id), json!({})).await?;
        progress.is_typed = true;
        progress.is_restarted = false;
        store::set_progress(&mut tx, id, &progress).await?;
        self.tell(&mut tx, &dossier).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The file and how far it is, within a transaction.
    async fn open(&self, tx: &mut Tx, id: DossierId) -> Result<(Dossier, Progress), IntakeError> {
        let dossier = dossier::find_in(tx, id).await?.ok_or(IntakeError::Unknown)?;
        let progress = store::open(tx, id).await?;
        Ok((dossier, progress))
    }

    async fn add_link(&self, tx: &mut Tx, id: DossierId) -> Result<String, DbError> {
        let (token, now) = (self.ambient.secret(), self.ambient.now());
        store::insert_link(tx, &secret_digest(&token), id, now, now + self.link_life()).await?;
        Ok(token)
    }

    /// Tells the customer's open pages that the file changed.
    async fn tell(&self, tx: &mut Tx, dossier: &Dossier) -> Result<(), DbError> {
        outbox::push(tx, &self.ambient, Topic::Customer(dossier.id), &IntakePush::ApplicationChanged { state: dossier.state }).await
    }

    fn link_life(&self) -> Duration {
        Duration::days(i64::from(self.settings.resume_link_days))
    }

    fn draft_life(&self) -> Duration {
        Duration::days(i64::from(self.settings.draft_days))
    }
}

fn exposed(value: Option<&Pii<String>>) -> Option<&str> {
    value.map(|value| value.expose().as_str())
}
