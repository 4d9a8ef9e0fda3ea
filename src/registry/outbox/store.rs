//! SQL of the outbox.

use crate::base::{
    Timestamp,
    db::{Db, DbError, Tx},
    id::ObjectId,
};

const INSERT: &str = "insert into outbox (id, destination, topic, payload, created_at) values ($1, $2, $3, $4, $5)";
const UNDELIVERED: &str = "select id, destination, topic, payload from outbox where delivered_at is null order by id limit $1";
const MARK_DELIVERED: &str = "update outbox set delivered_at = $2, payload = '' where id = $1";

pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) destination: String,
    pub(super) topic: String,
    pub(super) payload: String,
}

pub(super) async fn insert(tx: &mut Tx, id: ObjectId, destination: &str, topic: &str, payload: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(INSERT, &[id.into(), destination.into(), topic.into(), payload.into(), now.into()]).await?;
    Ok(())
}

pub(super) async fn undelivered(db: &Db, limit: i64) -> Result<Vec<Waiting>, DbError> {
    db.rows(UNDELIVERED, &[limit.into()])
        .await?
        .iter()
        .map(|row| Ok(Waiting { id: row.text("id")?, destination: row.text("destination")?, topic: row.text("topic")?, payload: row.text("payload")? }))
        .collect()
}

/// What was told is told: that it was is kept, not what it was.
pub(super) async fn mark_delivered(db: &Db, ids: &[&str], now: Timestamp) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    for id in ids {
        tx.execute(MARK_DELIVERED, &[(*id).into(), now.into()]).await?;
    }
    tx.commit().await
}
