//! SQL of the rings.

use super::{Ring, RingEnd};
use crate::base::{
    Timestamp,
    db::{Db, DbError, Row, Tx},
    id::{BookingId, DossierId, ObjectId, StaffId},
};

const INSERT: &str = "insert into rings (id, booking_id, dossier_id, agent_id, agent_name, state, started_at, until) values ($1, $2, $3, $4, $5, 'ringing', $6, $7) on conflict do nothing";
const OF_CUSTOMER: &str = "select * from rings where dossier_id = $1 and state = 'ringing'";
const FIND: &str = "select * from rings where id = $1 and state = 'ringing'";
const OF_BOOKING: &str = "select * from rings where booking_id = $1 and state = 'ringing'";
const OVER: &str = "select * from rings where state = 'ringing' and until <= $1 order by until";
const HOLD_AGENT: &str = "update agent_presences set epoch = epoch where staff_id = $1";
const END: &str = "update rings set state = $2, ended_at = $3 where id = $1 and state = 'ringing'";

/// Files a ring; false when the customer is being rung already.
pub(super) async fn insert(tx: &mut Tx, ring: &Ring, now: Timestamp) -> Result<bool, DbError> {
    let args = [ring.id.into(), ring.booking.into(), ring.dossier.into(), ring.agent.into(), (&ring.agent_name).into(), now.into(), ring.until.into()];
    Ok(tx.execute(INSERT, &args).await? == 1)
}

pub(super) async fn of_customer(db: &Db, dossier: DossierId) -> Result<Option<Ring>, DbError> {
    db.row(OF_CUSTOMER, &[dossier.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn of_booking(db: &Db, booking: BookingId) -> Result<Option<Ring>, DbError> {
    db.row(OF_BOOKING, &[booking.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn find_in(tx: &mut Tx, id: ObjectId) -> Result<Option<Ring>, DbError> {
    tx.row(FIND, &[id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn over(db: &Db, now: Timestamp) -> Result<Vec<Ring>, DbError> {
    db.rows(OVER, &[now.into()]).await?.iter().map(read).collect()
}

/// Keeps others from changing the agent until the transaction ends; agents are taken before files and the journal.
pub(super) async fn hold_agent(tx: &mut Tx, agent: StaffId) -> Result<(), DbError> {
    tx.execute(HOLD_AGENT, &[agent.into()]).await?;
    Ok(())
}

/// Ends a ring that still rings; whether it did.
pub(super) async fn end(tx: &mut Tx, id: ObjectId, end: RingEnd, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(END, &[id.into(), end.name().into(), now.into()]).await? == 1)
}

fn read(row: &Row) -> Result<Ring, DbError> {
    Ok(Ring {
        id: row.id("id")?,
        booking: row.id("booking_id")?,
        dossier: row.id("dossier_id")?,
        agent: row.id("agent_id")?,
        agent_name: row.text("agent_name")?,
        until: row.time("until")?,
    })
}
