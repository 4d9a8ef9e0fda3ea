//! SQL of the portraits.

use std::collections::HashMap;

use crate::{
    base::{
        Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{CaptureId, DossierId},
    },
    journey::intake::captures::Kept,
};

const INSERT: &str = "insert into portraits (capture_id, dossier_id, path, sha256, size, cut_at) values ($1, $2, $3, $4, $5, $6)";
const OF_DOSSIER: &str = "select * from portraits where dossier_id = $1 and path is not null order by capture_id";
const SET_REMOVED: &str = "update portraits set path = null, removed_at = $2 where capture_id = $1";

pub(in crate::journey::intake) async fn insert(tx: &mut Tx, capture: CaptureId, dossier: DossierId, kept: &Kept, now: Timestamp) -> Result<(), DbError> {
    let size = i64::try_from(kept.size).unwrap_or(i64::MAX);
    tx.execute(INSERT, &[capture.into(), dossier.into(), kept.path.clone().into(), kept.sha256.clone().into(), size.into(), now.into()]).await?;
    Ok(())
}

/// Portraits of a file that are still kept, by the photograph they were cut out of.
pub(in crate::journey::intake) async fn of_dossier(db: &Db, dossier: DossierId) -> Result<HashMap<CaptureId, Kept>, DbError> {
    db.rows(OF_DOSSIER, &[dossier.into()]).await?.iter().map(portrait).collect()
}

pub(in crate::journey::intake) async fn set_removed(tx: &mut Tx, capture: CaptureId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(SET_REMOVED, &[capture.into(), now.into()]).await?;
    Ok(())
}

fn portrait(row: &Row) -> Result<(CaptureId, Kept), DbError> {
    let size = u64::try_from(row.int("size")?).unwrap_or(0);
    Ok((row.id("capture_id")?, Kept { path: row.text("path")?, sha256: row.text("sha256")?, size }))
}
