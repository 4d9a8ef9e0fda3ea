//! SQL of faces: what the network said, what the agent saw.

use crate::{
    base::{
        Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{CallId, CheckId},
    },
    journey::checks::{
        likeness::Likeness,
        wire::{ComparisonLine, ComparisonMark},
    },
};

const PUT_LIKENESS: &str = "insert into face_likenesses (check_id, distance, portrait_sha256, still_sha256, network, at) values ($1, $2, $3, $4, $5, $6)
     on conflict (check_id) do update set distance = excluded.distance, portrait_sha256 = excluded.portrait_sha256, still_sha256 = excluded.still_sha256, network = excluded.network, at = excluded.at";
const COMPARE: &str = "insert into face_comparisons (call_id, item, mark, marked_media_ms) values ($1, $2, $3, $4)
     on conflict (call_id, item) do update set mark = excluded.mark, marked_media_ms = excluded.marked_media_ms";
const COMPARISON: &str = "select item, mark from face_comparisons where call_id = $1";

pub(in crate::journey::checks) async fn put_likeness(
    tx: &mut Tx,
    check: CheckId,
    found: Likeness,
    (portrait, still, network): (&str, &str, &str),
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(PUT_LIKENESS, &[check.into(), found.distance.into(), portrait.into(), still.into(), network.into(), at.into()]).await?;
    Ok(())
}

pub(super) fn likeness(row: &Row) -> Result<Option<Likeness>, DbError> {
    let is_there = row.int_opt("likeness_at")?.is_some();
    Ok(if is_there { Some(Likeness { distance: row.real_opt("likeness_distance")? }) } else { None })
}

pub(in crate::journey::checks) async fn compare(tx: &mut Tx, call: CallId, item: &str, mark: ComparisonMark, media_ms: i64) -> Result<(), DbError> {
    tx.execute(COMPARE, &[call.into(), item.into(), mark.name().into(), media_ms.into()]).await?;
    Ok(())
}

pub(in crate::journey::checks) async fn comparison(db: &Db, call: CallId) -> Result<Vec<ComparisonLine>, DbError> {
    db.rows(COMPARISON, &[call.into()]).await?.iter().map(line).collect()
}

pub(in crate::journey::checks) async fn comparison_in(tx: &mut Tx, call: CallId) -> Result<Vec<ComparisonLine>, DbError> {
    tx.rows(COMPARISON, &[call.into()]).await?.iter().map(line).collect()
}

fn line(row: &Row) -> Result<ComparisonLine, DbError> {
    Ok(ComparisonLine { item: row.text("item")?, mark: row.parsed("mark")? })
}
