//! SQL of how far intakes are, and of resume links.

use super::Progress;
use crate::base::{
    Timestamp,
    db::{Db, DbError, Row, Tx},
    id::DossierId,
};

const INSERT: &str = "insert into intakes (dossier_id, round, is_typed, is_restarted, reading) values ($1, 1, 0, 0, 'not_started') on conflict do nothing";
const FIND: &str = "select * from intakes where dossier_id = $1";
const SET_PROGRESS: &str = "update intakes set round = $2, is_typed = $3, is_restarted = $4, reading = $5 where dossier_id = $1";
const SET_DRAFT: &str = "update intakes set draft_email = $2, draft_phone = $3, draft_saved_at = $4 where dossier_id = $1";
const INSERT_LINK: &str = "insert into resume_links (digest, dossier_id, created_at, expires_at) values ($1, $2, $3, $4)";
const LINKED: &str = "select dossier_id from resume_links where digest = $1 and expires_at > $2";
const END_LINKS: &str = "delete from resume_links where dossier_id = $1";

/// How far an intake is; one that nobody touched yet is at its beginning.
pub(super) async fn find(db: &Db, dossier: DossierId) -> Result<Progress, DbError> {
    db.row(FIND, &[dossier.into()]).await?.as_ref().map_or_else(|| Ok(Progress::default()), progress)
}

/// The same within a transaction; from here on there is a row to change.
pub(super) async fn open(tx: &mut Tx, dossier: DossierId) -> Result<Progress, DbError> {
    tx.execute(INSERT, &[dossier.into()]).await?;
    tx.row(FIND, &[dossier.into()]).await?.as_ref().map_or_else(|| Ok(Progress::default()), progress)
}

pub(super) async fn set_progress(tx: &mut Tx, dossier: DossierId, progress: &Progress) -> Result<(), DbError> {
    let args = [dossier.into(), progress.round.into(), progress.is_typed.into(), progress.is_restarted.into(), progress.reading.name().into()];
    tx.execute(SET_PROGRESS, &args).await?;
    Ok(())
}

pub(super) async fn set_draft(tx: &mut Tx, dossier: DossierId, email: Option<&str>, phone: Option<&str>, saved_at: Option<Timestamp>) -> Result<(), DbError> {
    tx.execute(SET_DRAFT, &[dossier.into(), email.into(), phone.into(), saved_at.into()]).await?;
    Ok(())
}

pub(super) async fn insert_link(tx: &mut Tx, digest: &str, dossier: DossierId, now: Timestamp, until: Timestamp) -> Result<(), DbError> {
    tx.execute(INSERT_LINK, &[digest.into(), dossier.into(), now.into(), until.into()]).await?;
    Ok(())
}

pub(super) async fn linked(db: &Db, digest: &str, now: Timestamp) -> Result<Option<DossierId>, DbError> {
    db.row(LINKED, &[digest.into(), now.into()]).await?.map(|row| row.id("dossier_id")).transpose()
}

pub(super) async fn end_links(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    tx.execute(END_LINKS, &[dossier.into()]).await?;
    Ok(())
}

fn progress(row: &Row) -> Result<Progress, DbError> {
    Ok(Progress {
        round: row.int("round")?,
        is_typed: row.flag("is_typed")?,
        is_restarted: row.flag("is_restarted")?,
        reading: row.parsed("reading")?,
        draft_email: row.text_opt("draft_email")?.map(crate::base::Pii::new),
        draft_phone: row.text_opt("draft_phone")?.map(crate::base::Pii::new),
        draft_saved_at: row.time_opt("draft_saved_at")?,
    })
}
