//! SQL of the servers.

use crate::base::{
    Timestamp,
    db::{Db, DbError, Row, Tx},
};

const BEAT: &str = "insert into nodes (name, alive_at, run, beats, most, is_draining) values ($1, $2, $3, 1, $4, $5) on conflict (name) do update set alive_at = excluded.alive_at, run = excluded.run, beats = nodes.beats + 1, most = excluded.most, is_draining = excluded.is_draining";
const ALL: &str = "select name, alive_at, run, beats, calls, most, is_draining from nodes order by name";
const RUN: &str = "select run from nodes where name = $1";
const ALIVE_AT: &str = "select alive_at from nodes where name = $1";
const RESERVE: &str = "update nodes set calls = calls + 1 where name = $1 and calls < most and is_draining = 0";
const TAKE: &str = "update nodes set calls = calls + 1 where name = $1";
const RELEASE: &str = "update nodes set calls = calls - 1 where name = $1 and calls > 0";
const RECOUNT: &str = "update nodes set calls = $2 where name = $1";

/// A server as it stands in the table.
#[derive(Debug, Clone)]
pub(super) struct Filed {
    pub(super) name: String,
    pub(super) alive_at: Timestamp,
    pub(super) beats: i64,
    pub(super) calls: i64,
    pub(super) most: i64,
    pub(super) is_draining: bool,
}

/// What a server says of itself.
pub(super) struct Word<'a> {
    pub(super) name: &'a str,
    pub(super) run: &'a str,
    pub(super) most: i64,
    pub(super) is_draining: bool,
}

pub(super) async fn beat(tx: &mut Tx, word: &Word<'_>, now: Timestamp) -> Result<(), DbError> {
    tx.execute(BEAT, &[word.name.into(), now.into(), word.run.into(), word.most.into(), word.is_draining.into()]).await.map(drop)
}

pub(super) async fn all(db: &Db) -> Result<Vec<Filed>, DbError> {
    db.rows(ALL, &[]).await?.iter().map(filed).collect()
}

pub(super) async fn all_in(tx: &mut Tx) -> Result<Vec<Filed>, DbError> {
    tx.rows(ALL, &[]).await?.iter().map(filed).collect()
}

pub(super) async fn run(db: &Db, name: &str) -> Result<Option<String>, DbError> {
    db.row(RUN, &[name.into()]).await?.map(|row| row.text("run")).transpose()
}

pub(super) async fn alive_at(db: &Db, name: &str) -> Result<Option<Timestamp>, DbError> {
    db.row(ALIVE_AT, &[name.into()]).await?.map(|row| row.time("alive_at")).transpose()
}

/// Keeps room for one more call; whether there was some.
pub(super) async fn reserve(tx: &mut Tx, name: &str) -> Result<bool, DbError> {
    Ok(tx.execute(RESERVE, &[name.into()]).await? == 1)
}

/// The same whether there is room or not; whether there is such a server.
pub(super) async fn take(tx: &mut Tx, name: &str) -> Result<bool, DbError> {
    Ok(tx.execute(TAKE, &[name.into()]).await? == 1)
}

pub(super) async fn release(tx: &mut Tx, name: &str) -> Result<(), DbError> {
    tx.execute(RELEASE, &[name.into()]).await.map(drop)
}

pub(super) async fn recount(tx: &mut Tx, name: &str, calls: i64) -> Result<(), DbError> {
    tx.execute(RECOUNT, &[name.into(), calls.into()]).await.map(drop)
}

fn filed(row: &Row) -> Result<Filed, DbError> {
    Ok(Filed {
        name: row.text("name")?,
        alive_at: row.time("alive_at")?,
        beats: row.int("beats")?,
        calls: row.int("calls")?,
        most: row.int("most")?,
        is_draining: row.int("is_draining")? != 0,
    })
}
