//! SQL of photographs asked for in calls.

use super::still::{Kept, Still, StillState};
use crate::base::{
    Timestamp,
    db::{Db, DbError, Row, Tx},
    id::{CallId, DossierId, StillId},
};

const INSERT: &str =
    "insert into call_stills (id, call_id, dossier_id, agent_id, state, camera, asked_at, asked_media_ms) values ($1, $2, $3, $4, $5, $6, $7, $8)";
const FIND: &str = "select * from call_stills where id = $1";
const OF_CALL: &str = "select * from call_stills where call_id = $1 order by id";
const ASKED_OF_CALL: &str = "select * from call_stills where call_id = $1 and state = 'asked'";
const FILED_OF_DOSSIER: &str = "select id, path from call_stills where dossier_id = $1 and path is not null order by id";
const FORGET: &str = "delete from call_stills where dossier_id = $1";
const COUNT: &str = "select count(*) as stills from call_stills where call_id = $1";
const END: &str = "update call_stills set state = $2, reason = $3, ended_at = $4, ended_media_ms = $5, way = $6, sent_sha256 = $7, sent_size = $8, path = $9, sha256 = $10, size = $11, width = $12, height = $13 where id = $1 and state = 'asked'";

pub(super) async fn insert(tx: &mut Tx, still: &Still) -> Result<(), DbError> {
    let args = [
        still.id.into(),
        still.call.into(),
        still.dossier.into(),
        still.agent.into(),
        still.state.name().into(),
        still.camera.name().into(),
        still.asked_at.into(),
        still.asked_media_ms.into(),
    ];
    tx.execute(INSERT, &args).await?;
    Ok(())
}

/// Files the end of a still if it is still asked for; whether it was.
pub(super) async fn end(tx: &mut Tx, still: &Still, at: Timestamp) -> Result<bool, DbError> {
    let kept = still.kept.as_ref();
    let args = [
        still.id.into(),
        still.state.name().into(),
        still.reason.clone().into(),
        at.into(),
        still.ended_media_ms.into(),
        kept.map(|kept| kept.way.name()).into(),
        kept.map(|kept| kept.sent_sha256.clone()).into(),
        kept.map(|kept| i64::try_from(kept.sent_size).unwrap_or(i64::MAX)).into(),
        kept.map(|kept| kept.path.clone()).into(),
        kept.map(|kept| kept.sha256.clone()).into(),
        kept.map(|kept| i64::try_from(kept.size).unwrap_or(i64::MAX)).into(),
        kept.map(|kept| i64::from(kept.width)).into(),
        kept.map(|kept| i64::from(kept.height)).into(),
    ];
    Ok(tx.execute(END, &args).await? == 1)
}

pub(super) async fn find(db: &Db, id: StillId) -> Result<Option<Still>, DbError> {
    db.row(FIND, &[id.into()]).await?.as_ref().map(still).transpose()
}

pub(super) async fn find_in(tx: &mut Tx, id: StillId) -> Result<Option<Still>, DbError> {
    tx.row(FIND, &[id.into()]).await?.as_ref().map(still).transpose()
}

pub(super) async fn asked_in(tx: &mut Tx, call: CallId) -> Result<Option<Still>, DbError> {
    tx.row(ASKED_OF_CALL, &[call.into()]).await?.as_ref().map(still).transpose()
}

pub(super) async fn count_in(tx: &mut Tx, call: CallId) -> Result<i64, DbError> {
    tx.row(COUNT, &[call.into()]).await?.map_or(Ok(0), |row| row.int("stills"))
}

pub(super) async fn of_call(db: &Db, call: CallId) -> Result<Vec<Still>, DbError> {
    db.rows(OF_CALL, &[call.into()]).await?.iter().map(still).collect()
}

/// Where the photographs of a file lie in the vault.
pub(super) async fn paths_of(db: &Db, dossier: DossierId) -> Result<Vec<String>, DbError> {
    db.rows(FILED_OF_DOSSIER, &[dossier.into()]).await?.iter().map(|row| row.text("path")).collect()
}

pub(super) async fn forget(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    tx.execute(FORGET, &[dossier.into()]).await?;
    Ok(())
}

fn still(row: &Row) -> Result<Still, DbError> {
    let number = |column: &str| Ok::<_, DbError>(row.int_opt(column)?.unwrap_or_default());
    let state: StillState = row.parsed("state")?;
    let kept = if state == StillState::Filed {
        Some(Kept {
            way: row.parsed("way")?,
            sent_sha256: row.text("sent_sha256")?,
            sent_size: number("sent_size")?.unsigned_abs(),
            path: row.text("path")?,
            sha256: row.text("sha256")?,
            size: number("size")?.unsigned_abs(),
            width: u32::try_from(number("width")?).unwrap_or_default(),
            height: u32::try_from(number("height")?).unwrap_or_default(),
        })
    } else {
        None
    };
    Ok(Still {
        id: row.id("id")?,
        call: row.id("call_id")?,
        dossier: row.id("dossier_id")?,
        agent: row.id("agent_id")?,
        state,
        reason: row.text_opt("reason")?,
        camera: row.parsed("camera")?,
        asked_at: row.time("asked_at")?,
        asked_media_ms: row.int("asked_media_ms")?,
        ended_media_ms: row.int_opt("ended_media_ms")?,
        kept,
    })
}
