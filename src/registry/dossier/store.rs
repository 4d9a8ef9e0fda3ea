//! SQL of the customer files.

use super::{Dossier, TimelineEntry, folded};
use crate::{
    base::{
        Ambient, Pii, Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{DossierId, ObjectId},
    },
    engine::document::DocumentKind,
    registry::audit::Actor,
};

const INSERT: &str = "insert into dossiers (id, version, state, reference, locale, time_zone, resume_digest, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
const FIND: &str = "select * from dossiers where id = $1";
const BY_RESUME_DIGEST: &str = "select * from dossiers where resume_digest = $1";
const SET_RESUME_DIGEST: &str = "update dossiers set resume_digest = $2 where id = $1";
const UPDATE: &str = "update dossiers set version = $3, state = $4, locale = $5, time_zone = $6, document_kind = $7, holder_name = $8, holder_name_folded = $9, document_number = $10, birth_date = $11, email = $12, phone = $13, outcome = $14, updated_at = $15, redo_item = $16, held_at = $17, erased_at = $18 where id = $1 and version = $2";
const INSERT_EVENT: &str = "insert into dossier_events (id, dossier_id, at, kind, actor, detail) values ($1, $2, $3, $4, $5, $6)";
const TIMELINE: &str = "select at, kind, actor, detail from dossier_events where dossier_id = $1 order by id";
const KEEP_UNTIL: &str = "update dossiers set keep_until = $2 where id = $1 and (keep_until is null or keep_until < $2)";
const KEPT_UNTIL: &str = "select keep_until from dossiers where id = $1";
const DELETE_EVENTS: &str = "delete from dossier_events where dossier_id = $1";
const DELETE: &str = "delete from dossiers where id = $1";

pub(super) async fn insert(tx: &mut Tx, dossier: &Dossier, resume_digest: &str) -> Result<(), DbError> {
    tx.execute(
        INSERT,
        &[
            dossier.id.into(),
            dossier.version.into(),
            dossier.state.name().into(),
            (&dossier.reference).into(),
            (&dossier.locale).into(),
            (&dossier.time_zone).into(),
            resume_digest.into(),
            dossier.created_at.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn find(db: &Db, id: DossierId) -> Result<Option<Dossier>, DbError> {
    db.row(FIND, &[id.into()]).await?.as_ref().map(dossier).transpose()
}

pub(super) async fn find_in(tx: &mut Tx, id: DossierId) -> Result<Option<Dossier>, DbError> {
    tx.row(FIND, &[id.into()]).await?.as_ref().map(dossier).transpose()
}

pub(super) async fn by_resume_digest(db: &Db, digest: &str) -> Result<Option<Dossier>, DbError> {
    db.row(BY_RESUME_DIGEST, &[digest.into()]).await?.as_ref().map(dossier).transpose()
}

pub(super) async fn set_resume_digest(tx: &mut Tx, id: DossierId, digest: &str) -> Result<(), DbError> {
    tx.execute(SET_RESUME_DIGEST, &[id.into(), digest.into()]).await?;
    Ok(())
}

/// Writes the whole file if it still has `version`; whether it had.
pub(super) async fn update(tx: &mut Tx, next: &Dossier, version: i64) -> Result<bool, DbError> {
    let exposed = |value: &Option<Pii<String>>| value.as_ref().map(|v| v.expose().clone());
    let changed = tx
        .execute(
            UPDATE,
            &[
                next.id.into(),
                version.into(),
                next.version.into(),
                next.state.name().into(),
                (&next.locale).into(),
                (&next.time_zone).into(),
                next.document_kind.map(DocumentKind::name).into(),
                exposed(&next.holder_name).into(),
                next.holder_name.as_ref().map(|name| folded(name.expose())).into(),
                exposed(&next.document_number).into(),
                exposed(&next.birth_date).into(),
                exposed(&next.email).into(),
                exposed(&next.phone).into(),
                next.outcome.clone().into(),
                next.updated_at.into(),
                next.redo_item.clone().into(),
                next.held_at.into(),
                next.erased_at.into(),
            ],
        )
        .await?;
    Ok(changed == 1)
}

pub(super) async fn insert_event(tx: &mut Tx, ambient: &Ambient, id: DossierId, actor: Actor, kind: &str, detail: &serde_json::Value) -> Result<(), DbError> {
    let now: Timestamp = ambient.now();
    tx.execute(INSERT_EVENT, &[ambient.id::<ObjectId>().into(), id.into(), now.into(), kind.into(), actor.to_string().into(), detail.to_string().into()])
        .await?;
    Ok(())
}

/// Removes the file's row and timeline; what other rooms filed under it must be gone.
pub(super) async fn delete(tx: &mut Tx, id: DossierId) -> Result<(), DbError> {
    tx.execute(DELETE_EVENTS, &[id.into()]).await?;
    tx.execute(DELETE, &[id.into()]).await?;
    Ok(())
}

pub(super) async fn keep_until(tx: &mut Tx, id: DossierId, until: Timestamp) -> Result<(), DbError> {
    tx.execute(KEEP_UNTIL, &[id.into(), until.into()]).await?;
    Ok(())
}

pub(super) async fn kept_until(db: &Db, id: DossierId) -> Result<Option<Timestamp>, DbError> {
    db.row(KEPT_UNTIL, &[id.into()]).await?.map_or(Ok(None), |row| row.time_opt("keep_until"))
}

pub(super) async fn timeline(db: &Db, id: DossierId) -> Result<Vec<TimelineEntry>, DbError> {
    db.rows(TIMELINE, &[id.into()])
        .await?
        .iter()
        .map(|row| Ok(TimelineEntry { at: row.time("at")?, kind: row.text("kind")?, actor: row.text("actor")?, detail: row.json("detail")? }))
        .collect()
}

fn dossier(row: &Row) -> Result<Dossier, DbError> {
    let personal = |column: &str| Ok::<_, DbError>(row.text_opt(column)?.map(Pii::new));
    Ok(Dossier {
        id: row.id("id")?,
        version: row.int("version")?,
        state: row.parsed("state")?,
        reference: row.text("reference")?,
        locale: row.text("locale")?,
        time_zone: row.text("time_zone")?,
        document_kind: row.text_opt("document_kind")?.and_then(|name| name.parse().ok()),
        holder_name: personal("holder_name")?,
        document_number: personal("document_number")?,
        birth_date: personal("birth_date")?,
        email: personal("email")?,
        phone: personal("phone")?,
        outcome: row.text_opt("outcome")?,
        redo_item: row.text_opt("redo_item")?,
        held_at: row.time_opt("held_at")?,
        erased_at: row.time_opt("erased_at")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
