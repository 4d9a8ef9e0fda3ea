//! SQL of the photographs.

use super::{Capture, Kept};
use crate::base::{
    Timestamp,
    db::{Db, DbError, Row, Tx},
    id::{CaptureId, DossierId},
};

const INSERT: &str = "insert into captures (id, dossier_id, round, kind, side, accepted, is_flagged, problems, width, height, path, sha256, size, taken_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const OF_ROUND: &str = "select * from captures where dossier_id = $1 and round = $2 order by id";
const FIND: &str = "select * from captures where id = $1";
const COUNT: &str = "select count(*) as n from captures where dossier_id = $1";
const KEPT_PATHS: &str = "select id, path from captures where dossier_id = $1 and path is not null";
const SET_REMOVED: &str = "update captures set path = null, removed_at = $2 where id = $1";

pub(in crate::journey::intake) async fn insert(tx: &mut Tx, capture: &Capture) -> Result<(), DbError> {
    let kept = capture.kept.as_ref();
    tx.execute(
        INSERT,
        &[
            capture.id.into(),
            capture.dossier.into(),
            capture.round.into(),
            capture.kind.name().into(),
            capture.side.name().into(),
            capture.accepted.into(),
            capture.is_flagged.into(),
            serde_json::to_string(&capture.problems).expect("problems serialise").into(),
            capture.width.into(),
            capture.height.into(),
            kept.map(|kept| kept.path.clone()).into(),
            kept.map(|kept| kept.sha256.clone()).into(),
            kept.map(|kept| i64::try_from(kept.size).unwrap_or(i64::MAX)).into(),
            capture.taken_at.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(in crate::journey::intake) async fn of_round(db: &Db, dossier: DossierId, round: i64) -> Result<Vec<Capture>, DbError> {
    db.rows(OF_ROUND, &[dossier.into(), round.into()]).await?.iter().map(capture).collect()
}

pub(in crate::journey::intake) async fn of_round_in(tx: &mut Tx, dossier: DossierId, round: i64) -> Result<Vec<Capture>, DbError> {
    tx.rows(OF_ROUND, &[dossier.into(), round.into()]).await?.iter().map(capture).collect()
}

pub(in crate::journey::intake) async fn find(db: &Db, id: CaptureId) -> Result<Option<Capture>, DbError> {
    db.row(FIND, &[id.into()]).await?.as_ref().map(capture).transpose()
}

pub(in crate::journey::intake) async fn count(db: &Db, dossier: DossierId) -> Result<i64, DbError> {
    db.row(COUNT, &[dossier.into()]).await?.map_or(Ok(0), |row| row.int("n"))
}

/// Photographs of a file whose picture is still kept, with where.
pub(in crate::journey::intake) async fn kept_paths(db: &Db, dossier: DossierId) -> Result<Vec<(CaptureId, String)>, DbError> {
    db.rows(KEPT_PATHS, &[dossier.into()]).await?.iter().map(|row| Ok((row.id("id")?, row.text("path")?))).collect()
}

pub(in crate::journey::intake) async fn set_removed(tx: &mut Tx, id: CaptureId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(SET_REMOVED, &[id.into(), now.into()]).await?;
    Ok(())
}

fn capture(row: &Row) -> Result<Capture, DbError> {
    let whole = |column: &str| Ok::<_, DbError>(u32::try_from(row.int(column)?).unwrap_or(0));
    let kept = match (row.text_opt("path")?, row.text_opt("sha256")?, row.int_opt("size")?) {
        (Some(path), Some(sha256), Some(size)) => Some(Kept { path, sha256, size: u64::try_from(size).unwrap_or(0) }),
        _ => None,
    };
    Ok(Capture {
        id: row.id("id")?,
        dossier: row.id("dossier_id")?,
        round: row.int("round")?,
        kind: row.parsed("kind")?,
        side: row.parsed("side")?,
        accepted: row.flag("accepted")?,
        is_flagged: row.flag("is_flagged")?,
        problems: row.json("problems")?,
        width: whole("width")?,
        height: whole("height")?,
        kept,
        taken_at: row.time("taken_at")?,
    })
}
