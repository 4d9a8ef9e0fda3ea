//! The customer file: the life of one application and everything that is filed under it.
//!
//! ```text
//! draft ─capture→ captured ─read→ read ─confirm→ confirmed ─book→ booked
//!   └──────────────type_myself─────↗        │  ↑leave_queue      │
//!                                            └──enqueue→ waiting ←┘
//! waiting ─accept→ in_call ─hang_up→ called ─approve→ approved | ─reject→ rejected | ─redo→ redo ─capture→ …
//! ```
//! Every step of the journey calls [`advance`]: one guarded UPDATE, one line of the timeline, one line of the journal,
//! in the caller's transaction.

mod life;
pub mod session;
mod store;

pub use life::{Refused, State, Step};

use serde::Serialize;

use crate::{
    base::{
        Ambient, Pii, Timestamp,
        db::{Db, DbError, Tx},
        id::DossierId,
    },
    engine::document::DocumentKind,
    registry::audit::{self, Act, Actor},
};

/// One customer file as it stands. What was captured, booked, said and recorded is filed by the rooms under its id.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// Its id.
    pub id: DossierId,
    /// Counts changes; a change made against an older version is refused.
    pub version: i64,
    /// Where in its life it is.
    pub state: State,
    /// What a person can say on the phone: `VX-7K2M-93QD`. Grants nothing.
    pub reference: String,
    /// `en` or `vi`.
    pub locale: String,
    /// IANA zone of the customer's browser.
    pub time_zone: String,
    /// What is being photographed.
    pub document_kind: Option<DocumentKind>,
    /// Name as confirmed.
    pub holder_name: Option<Pii<String>>,
    /// Document number as confirmed.
    pub document_number: Option<Pii<String>>,
    /// ISO date as confirmed.
    pub birth_date: Option<Pii<String>>,
    /// E-mail address.
    pub email: Option<Pii<String>>,
    /// Phone number.
    pub phone: Option<Pii<String>>,
    /// Coded reason of the decision.
    pub outcome: Option<String>,
    /// What the customer is to do again, by name; none when it is all of it, or nothing.
    pub redo_item: Option<String>,
    /// Since when it is kept although its time may be over.
    pub held_at: Option<Timestamp>,
    /// When its sealed files were deleted because their time was over.
    pub erased_at: Option<Timestamp>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Why a file did not move on.
#[derive(Debug, thiserror::Error)]
pub enum AdvanceError {
    /// The step does not exist in this state.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody else changed the file in between; read it again.
    #[error("the file was changed by somebody else")]
    Conflict,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What the customer confirmed about themselves; searched for later.
#[derive(Debug, Clone, Default)]
pub struct Holder {
    /// Full name with diacritics.
    pub name: Option<Pii<String>>,
    /// Document number.
    pub document_number: Option<Pii<String>>,
    /// ISO date.
    pub birth_date: Option<Pii<String>>,
    /// E-mail address.
    pub email: Option<Pii<String>>,
    /// Phone number.
    pub phone: Option<Pii<String>>,
}

/// One line of a file's timeline.
#[derive(Debug, Clone, Serialize)]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// What, in dotted words.
    pub kind: String,
    /// Who, as text.
    pub actor: String,
    /// Ids and codes.
    pub detail: serde_json::Value,
}

/// A file just begun, with the secret of its resume link (filed only as a digest).
pub struct Begun {
    /// The file.
    pub dossier: Dossier,
    /// The secret in the resume link.
    pub resume_token: String,
}

/// Begins a file.
///
/// # Errors
/// Only the database's own.
pub async fn begin(tx: &mut Tx, ambient: &Ambient, locale: &str, time_zone: &str) -> Result<Begun, DbError> {
    let now = ambient.now();
    let resume_token = ambient.secret();
    let dossier = Dossier {
        id: ambient.id(),
        version: 1,
        state: State::Draft,
        reference: life::reference(ambient.bytes()),
        locale: locale.to_owned(),
        time_zone: time_zone.to_owned(),
        document_kind: None,
        holder_name: None,
        document_number: None,
        birth_date: None,
        email: None,
        phone: None,
        outcome: None,
        redo_item: None,
        held_at: None,
        erased_at: None,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, &dossier, &crate::base::ambient::secret_digest(&resume_token)).await?;
    note(tx, ambient, dossier.id, Actor::Customer(dossier.id), "application.begun", serde_json::json!({})).await?;
    Ok(Begun { dossier, resume_token })
}

/// Reads a file.
///
/// # Errors
/// Only the database's own.
pub async fn find(db: &Db, id: DossierId) -> Result<Option<Dossier>, DbError> {
    store::find(db, id).await
}

/// Reads a file within a transaction.
///
/// # Errors
/// Only the database's own.
pub async fn find_in(tx: &mut Tx, id: DossierId) -> Result<Option<Dossier>, DbError> {
    store::find_in(tx, id).await
}

/// The file whose resume link carries `token`.
///
/// # Errors
/// Only the database's own.
pub async fn by_resume_token(db: &Db, token: &str) -> Result<Option<Dossier>, DbError> {
    store::by_resume_digest(db, &crate::base::ambient::secret_digest(token)).await
}

/// Replaces the secret of the resume link (the old link ends) and returns it.
///
/// # Errors
/// Only the database's own.
pub async fn renew_resume_token(tx: &mut Tx, ambient: &Ambient, id: DossierId) -> Result<String, DbError> {
    let token = ambient.secret();
    store::set_resume_digest(tx, id, &crate::base::ambient::secret_digest(&token)).await?;
    Ok(token)
}

/// Moves a file on by one step: guarded UPDATE, timeline and journal in the caller's transaction.
///
/// # Errors
/// [`AdvanceError::Refused`] when the state does not know the step, [`AdvanceError::Conflict`] when `dossier` is stale.
pub async fn advance(tx: &mut Tx, ambient: &Ambient, dossier: &Dossier, step: Step, actor: Actor, detail: serde_json::Value) -> Result<Dossier, AdvanceError> {
    let mut next = dossier.clone();
    next.state = dossier.state.after(step)?;
    next.version += 1;
    next.updated_at = ambient.now();
    if !store::update(tx, &next, dossier.version).await? {
        return Err(AdvanceError::Conflict);
    }
    note(tx, ambient, next.id, actor, step.event(), detail).await?;
    Ok(next)
}

/// Files what the customer chose or confirmed, without a step. The version counts up.
///
/// # Errors
/// [`AdvanceError::Conflict`] when `dossier` is stale.
pub async fn describe(tx: &mut Tx, ambient: &Ambient, dossier: &Dossier, change: impl FnOnce(&mut Dossier)) -> Result<Dossier, AdvanceError> {
    let mut next = dossier.clone();
    change(&mut next);
    next.version = dossier.version + 1;
    next.updated_at = ambient.now();
    if !store::update(tx, &next, dossier.version).await? {
        return Err(AdvanceError::Conflict);
    }
    Ok(next)
}

/// Says that the sealed files of a file are kept until `until` at least.
///
/// # Errors
/// Only the database's own.
pub async fn keep_until(tx: &mut Tx, id: DossierId, until: Timestamp) -> Result<(), DbError> {
    store::keep_until(tx, id, until).await
}

/// Until when its sealed files are kept; none before its first call ended.
///
/// # Errors
/// Only the database's own.
pub async fn kept_until(db: &Db, id: DossierId) -> Result<Option<Timestamp>, DbError> {
    store::kept_until(db, id).await
}

/// Adds a line to the timeline and the same line to the journal.
///
/// # Errors
/// Only the database's own.
pub async fn note(tx: &mut Tx, ambient: &Ambient, id: DossierId, actor: Actor, kind: &str, detail: serde_json::Value) -> Result<(), DbError> {
    store::insert_event(tx, ambient, id, actor, kind, &detail).await?;
    audit::write(tx, ambient, Act { actor, act: kind, dossier: Some(id), purpose: None, detail }).await
}

/// Removes a file that holds nothing of a person, with its sessions and its timeline; what the rooms filed under it must
/// be gone already. The journal keeps its lines.
///
/// # Errors
/// Only the database's own.
pub async fn remove(tx: &mut Tx, id: DossierId) -> Result<(), DbError> {
    session::end_all(tx, id).await?;
    store::delete(tx, id).await
}

/// The timeline, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn timeline(db: &Db, id: DossierId) -> Result<Vec<TimelineEntry>, DbError> {
    store::timeline(db, id).await
}

/// Letters without marks, lower case, single spaces: what names are searched by ("Nguyễn Đức" → "nguyen duc").
pub fn folded(name: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    let plain: String = name
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            'đ' | 'Đ' => 'd',
            'ł' | 'Ł' => 'l',
            'ø' | 'Ø' => 'o',
            other => other,
        })
        .collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_fold_for_search() {
        assert_eq!(super::folded("  NGUYỄN  Thị Đẹp "), "nguyen thi dep");
        assert_eq!(super::folded("Łukasz Żółć"), "lukasz zolc");
    }
}
