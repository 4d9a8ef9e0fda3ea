//! SQL of the journal.

use super::Line;
use crate::base::{
    db::{Db, DbError, Row, Tx},
    id::DossierId,
};

const TAKE_HEAD: &str = "update audit_head set seq = seq + 1 where id = 1 returning seq, hash";
const SET_HEAD: &str = "update audit_head set hash = $1 where id = 1";
const HEAD: &str = "select seq, hash from audit_head where id = 1";
const APPEND: &str =
    "insert into audit_lines (seq, at, actor, act, dossier_id, purpose, detail, previous_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const OF_DOSSIER: &str = "select * from audit_lines where dossier_id = $1 order by seq";
const AFTER: &str = "select * from audit_lines where seq > $1 order by seq limit $2";

pub(super) async fn take_head(tx: &mut Tx) -> Result<(i64, String), DbError> {
    let row = tx.row(TAKE_HEAD, &[]).await?.expect("the migration made the head");
    Ok((row.int("seq")?, row.text("hash")?))
}

pub(super) async fn append(tx: &mut Tx, line: &Line) -> Result<(), DbError> {
    tx.execute(
        APPEND,
        &[
            line.seq.into(),
            line.at.into(),
            (&line.actor).into(),
            (&line.act).into(),
            line.dossier.into(),
            line.purpose.clone().into(),
            (&line.detail).into(),
            (&line.previous_hash).into(),
            (&line.hash).into(),
        ],
    )
    .await?;
    tx.execute(SET_HEAD, &[(&line.hash).into()]).await?;
    Ok(())
}

pub(super) async fn head(db: &Db) -> Result<(i64, String), DbError> {
    let row = db.row(HEAD, &[]).await?.expect("the migration made the head");
    Ok((row.int("seq")?, row.text("hash")?))
}

pub(super) async fn of_dossier(db: &Db, dossier: DossierId) -> Result<Vec<Line>, DbError> {
    db.rows(OF_DOSSIER, &[dossier.into()]).await?.iter().map(line).collect()
}

pub(super) async fn after(db: &Db, seq: i64, limit: i64) -> Result<Vec<Line>, DbError> {
    db.rows(AFTER, &[seq.into(), limit.into()]).await?.iter().map(line).collect()
}

fn line(row: &Row) -> Result<Line, DbError> {
    Ok(Line {
        seq: row.int("seq")?,
        at: row.time("at")?,
        actor: row.text("actor")?,
        act: row.text("act")?,
        dossier: row.id_opt("dossier_id")?,
        purpose: row.text_opt("purpose")?,
        detail: row.text("detail")?,
        previous_hash: row.text("previous_hash")?,
        hash: row.text("hash")?,
    })
}
