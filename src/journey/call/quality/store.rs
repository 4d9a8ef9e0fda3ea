//! SQL of how calls looked.

use super::{
    Summary,
    marks::{Mark, Viewer},
};
use crate::{
    base::{
        db::{Arg, Db, DbError, Row, Tx},
        id::CallId,
    },
    journey::call::wire::Party,
};

const PUT: &str = "insert into call_qualities (call_id, party, samples, rtt_ms_mean, rtt_ms_worst, loss_mean, loss_worst, jitter_ms_mean, video_kbps_mean, video_kbps_least, sent_kbps_mean, freezes, frozen_ms, mos_mean, mos_worst) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict (call_id, party) do update set samples = excluded.samples, rtt_ms_mean = excluded.rtt_ms_mean, rtt_ms_worst = excluded.rtt_ms_worst, loss_mean = excluded.loss_mean, loss_worst = excluded.loss_worst, jitter_ms_mean = excluded.jitter_ms_mean, video_kbps_mean = excluded.video_kbps_mean, video_kbps_least = excluded.video_kbps_least, sent_kbps_mean = excluded.sent_kbps_mean, freezes = excluded.freezes, frozen_ms = excluded.frozen_ms, mos_mean = excluded.mos_mean, mos_worst = excluded.mos_worst";
const FIND: &str = "select * from call_qualities where call_id = $1 and party = $2";
const PUT_MARK: &str = "insert into call_quality_marks (call_id, party, viewer, at_ms, mos, rtt_ms, loss, jitter_ms, video_kbps, sent_kbps, frozen_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (call_id, party, viewer, at_ms) do update set mos = excluded.mos, rtt_ms = excluded.rtt_ms, loss = excluded.loss, jitter_ms = excluded.jitter_ms, video_kbps = excluded.video_kbps, sent_kbps = excluded.sent_kbps, frozen_ms = excluded.frozen_ms";
const MARKS: &str = "select * from call_quality_marks where call_id = $1 order by at_ms, party, viewer";

pub(super) async fn put(tx: &mut Tx, id: CallId, party: Party, summary: &Summary) -> Result<(), DbError> {
    let args: [Arg; 15] = [
        id.into(),
        party.name().into(),
        i64::from(summary.samples).into(),
        summary.rtt_ms_mean.into(),
        summary.rtt_ms_worst.into(),
        summary.loss_mean.into(),
        summary.loss_worst.into(),
        summary.jitter_ms_mean.into(),
        summary.video_kbps_mean.into(),
        summary.video_kbps_least.into(),
        summary.sent_kbps_mean.into(),
        i64::try_from(summary.freezes).unwrap_or(i64::MAX).into(),
        summary.frozen_ms.into(),
        summary.mos_mean.into(),
        summary.mos_worst.into(),
    ];
    tx.execute(PUT, &args).await?;
    Ok(())
}

pub(super) async fn find(db: &Db, id: CallId, party: Party) -> Result<Option<Summary>, DbError> {
    let Some(row) = db.row(FIND, &[id.into(), party.name().into()]).await? else { return Ok(None) };
    Ok(Some(Summary {
        samples: u32::try_from(row.int("samples")?).unwrap_or(u32::MAX),
        rtt_ms_mean: real(&row, "rtt_ms_mean")?,
        rtt_ms_worst: real(&row, "rtt_ms_worst")?,
        loss_mean: real(&row, "loss_mean")?,
        loss_worst: real(&row, "loss_worst")?,
        jitter_ms_mean: real(&row, "jitter_ms_mean")?,
        video_kbps_mean: real(&row, "video_kbps_mean")?,
        video_kbps_least: real(&row, "video_kbps_least")?,
        sent_kbps_mean: real(&row, "sent_kbps_mean")?,
        freezes: row.int("freezes")?.unsigned_abs(),
        frozen_ms: real(&row, "frozen_ms")?,
        mos_mean: row.real_opt("mos_mean")?,
        mos_worst: row.real_opt("mos_worst")?,
    }))
}

pub(super) async fn put_mark(tx: &mut Tx, id: CallId, party: Party, viewer: Viewer, mark: &Mark) -> Result<(), DbError> {
    let args: [Arg; 11] = [
        id.into(),
        party.name().into(),
        viewer.name().into(),
        mark.at_ms.into(),
        mark.mos.into(),
        mark.rtt_ms.into(),
        mark.loss.into(),
        mark.jitter_ms.into(),
        mark.video_kbps.into(),
        mark.sent_kbps.into(),
        mark.frozen_ms.into(),
    ];
    tx.execute(PUT_MARK, &args).await?;
    Ok(())
}

pub(super) async fn marks(db: &Db, id: CallId) -> Result<Vec<(Party, Viewer, Mark)>, DbError> {
    db.rows(MARKS, &[id.into()]).await?.iter().map(mark).collect()
}

fn mark(row: &Row) -> Result<(Party, Viewer, Mark), DbError> {
    let party = if row.text("party")? == Party::Agent.name() { Party::Agent } else { Party::Customer };
    let viewer = if row.text("viewer")? == Viewer::Server.name() { Viewer::Server } else { Viewer::Page };
    let mark = Mark {
        at_ms: row.int("at_ms")?,
        mos: row.real_opt("mos")?,
        rtt_ms: real(row, "rtt_ms")?,
        loss: real(row, "loss")?,
        jitter_ms: real(row, "jitter_ms")?,
        video_kbps: real(row, "video_kbps")?,
        sent_kbps: real(row, "sent_kbps")?,
        frozen_ms: real(row, "frozen_ms")?,
    };
    Ok((party, viewer, mark))
}

fn real(row: &Row, column: &str) -> Result<f64, DbError> {
    Ok(row.real_opt(column)?.unwrap_or_default())
}
