//! SQL of open pages. The servers themselves are filed by the call room; here they only say that they are alive.

use std::collections::BTreeMap;

use crate::base::{
    Timestamp,
    db::{Db, DbError, Tx},
};

const OPEN: &str = "insert into open_pages (node, who) values ($1, $2) on conflict do nothing";
const CLOSE: &str = "delete from open_pages where node = $1 and who = $2";
const FORGET: &str = "delete from open_pages where node = $1";
const ELSEWHERE: &str = "select p.who, max(n.alive_at) as alive_at from open_pages p join nodes n on n.name = p.node where p.node <> $1 group by p.who";
const BEAT: &str = "insert into nodes (name, alive_at) values ($1, $2) on conflict (name) do update set alive_at = excluded.alive_at";

pub(super) async fn open(tx: &mut Tx, node: &str, who: &str) -> Result<(), DbError> {
    tx.execute(OPEN, &[node.into(), who.into()]).await.map(drop)
}

pub(super) async fn close(tx: &mut Tx, node: &str, who: &str) -> Result<(), DbError> {
    tx.execute(CLOSE, &[node.into(), who.into()]).await.map(drop)
}

pub(super) async fn forget(tx: &mut Tx, node: &str) -> Result<(), DbError> {
    tx.execute(FORGET, &[node.into()]).await.map(drop)
}

pub(super) async fn beat(tx: &mut Tx, node: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(BEAT, &[node.into(), now.into()]).await.map(drop)
}

/// Who has a page at another server, and when the last of these servers was alive.
pub(super) async fn elsewhere(db: &Db, node: &str) -> Result<BTreeMap<String, Timestamp>, DbError> {
    db.rows(ELSEWHERE, &[node.into()]).await?.iter().map(|row| Ok((row.text("who")?, row.time("alive_at")?))).collect()
}
