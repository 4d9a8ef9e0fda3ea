//! SQL of the jobs.

use chrono::Duration;

use super::Job;
use crate::base::{
    Timestamp,
    db::{Db, DbError, Tx},
    id::JobId,
};

const INSERT: &str =
    "insert into jobs (id, kind, subject, payload, state, attempts, run_at, created_at) values ($1, $2, $3, $4, 'queued', 0, $5, $6) on conflict do nothing";
const DUE: &str = "select id from jobs where ((state = 'queued' and run_at <= $1) or (state = 'running' and lease_until <= $1)) and $2 like '%,' || kind || ',%' order by run_at, id limit 8";
const CLAIM: &str = "update jobs set state = 'running', attempts = attempts + 1, lease_until = $3 where id = $1 and ((state = 'queued' and run_at <= $2) or (state = 'running' and lease_until <= $2)) returning id, kind, subject, payload, attempts";
const RENEW: &str = "update jobs set lease_until = $2 where id = $1 and state = 'running'";
const FINISH: &str = "update jobs set state = 'done', finished_at = $2, lease_until = null where id = $1";
const FAIL: &str = "update jobs set state = 'failed', finished_at = $2, last_error = $3, lease_until = null where id = $1";
const PUT_BACK: &str = "update jobs set state = 'queued', run_at = $2, last_error = $3, lease_until = null where id = $1";
const WITHDRAW: &str = "delete from jobs where kind = $1 and state = 'queued' and subject like $2 || '%'";
const OPEN_NOW: &str = "select count(*) as due from jobs where state = 'running' or (state = 'queued' and run_at <= $1)";

pub(in crate::registry::outbox) async fn insert(
    tx: &mut Tx,
    id: JobId,
    kind: &str,
    subject: &str,
    payload: &str,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(INSERT, &[id.into(), kind.into(), subject.into(), payload.into(), run_at.into(), now.into()]).await?;
    Ok(())
}

pub(in crate::registry::outbox) async fn withdraw(tx: &mut Tx, kind: &str, subject: &str) -> Result<(), DbError> {
    tx.execute(WITHDRAW, &[kind.into(), subject.into()]).await?;
    Ok(())
}

pub(super) async fn claim(db: &Db, kinds: &[&str], now: Timestamp, lease: Duration) -> Result<Option<Job>, DbError> {
    for due in db.rows(DUE, &[now.into(), format!(",{},", kinds.join(",")).into()]).await? {
        let mut tx = db.begin().await?;
        let claimed = tx.row(CLAIM, &[due.id::<JobId>("id")?.into(), now.into(), (now + lease).into()]).await?;
        tx.commit().await?;
        if let Some(row) = claimed {
            return Ok(Some(Job {
                id: row.id("id")?,
                kind: row.text("kind")?,
                subject: row.text("subject")?,
                payload: row.text("payload")?,
                attempt: row.int("attempts")?,
            }));
        }
    }
    Ok(None)
}

pub(super) async fn renew(db: &Db, id: JobId, until: Timestamp) -> Result<(), DbError> {
    change(db, RENEW, &[id.into(), until.into()]).await
}

pub(super) async fn finish(db: &Db, id: JobId, now: Timestamp) -> Result<(), DbError> {
    change(db, FINISH, &[id.into(), now.into()]).await
}

pub(super) async fn fail(db: &Db, id: JobId, error: &str, now: Timestamp) -> Result<(), DbError> {
    change(db, FAIL, &[id.into(), now.into(), error.into()]).await
}

pub(super) async fn put_back(db: &Db, id: JobId, error: &str, run_at: Timestamp) -> Result<(), DbError> {
    change(db, PUT_BACK, &[id.into(), run_at.into(), error.into()]).await
}

async fn change(db: &Db, sql: &'static str, args: &[crate::base::db::Arg]) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.execute(sql, args).await?;
    tx.commit().await
}

pub(super) async fn due(db: &Db, now: Timestamp) -> Result<i64, DbError> {
    db.row(OPEN_NOW, &[now.into()]).await?.map_or(Ok(0), |row| row.int("due"))
}
