//! SQL of customers' sessions.

use crate::base::{
    Timestamp,
    db::{Db, DbError, Tx},
    id::{DossierId, SessionId},
};

const INSERT: &str = "insert into customer_sessions (id, dossier_id, token_digest, created_at, expires_at) values ($1, $2, $3, $4, $5)";
const DOSSIER_OF: &str = "select id, dossier_id from customer_sessions where token_digest = $1 and expires_at > $2";
const DELETE: &str = "delete from customer_sessions where dossier_id = $1";

pub(super) async fn insert(tx: &mut Tx, id: SessionId, dossier: DossierId, digest: &str, now: Timestamp, expires_at: Timestamp) -> Result<(), DbError> {
    tx.execute(INSERT, &[id.into(), dossier.into(), digest.into(), now.into(), expires_at.into()]).await?;
    Ok(())
}

pub(super) async fn dossier_of(db: &Db, digest: &str, now: Timestamp) -> Result<Option<(DossierId, SessionId)>, DbError> {
    db.row(DOSSIER_OF, &[digest.into(), now.into()]).await?.map(|row| Ok((row.id("dossier_id")?, row.id("id")?))).transpose()
}

pub(super) async fn delete(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    tx.execute(DELETE, &[dossier.into()]).await?;
    Ok(())
}
