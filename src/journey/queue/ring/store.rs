//! SQL of the rings.

use super::{Ring, RingEnd};
use crate::{
    base::{
        Pii, Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{BookingId, DossierId, ObjectId, StaffId, TicketId},
    },
    engine::notify::push::Subscription,
};

const INSERT: &str = "insert into rings (id, booking_id, ticket_id, dossier_id, agent_id, agent_name, state, started_at, until, link_nonce) values ($1, $2, $3, $4, $5, $6, 'ringing', $7, $8, $9) on conflict do nothing";
const OF_CUSTOMER: &str = "select r.*, coalesce(r.booking_id, t.booking_id) as appointment from rings r left join tickets t on t.id = r.ticket_id and t.callback_way = 'appointment' where r.dossier_id = $1 and r.state = 'ringing'";
const FIND: &str = "select r.*, coalesce(r.booking_id, t.booking_id) as appointment from rings r left join tickets t on t.id = r.ticket_id and t.callback_way = 'appointment' where r.id = $1 and r.state = 'ringing'";
const OF_BOOKING: &str = "select r.*, r.booking_id as appointment from rings r where r.booking_id = $1 and r.state = 'ringing'";
const OF_TICKET: &str = "select r.*, coalesce(r.booking_id, t.booking_id) as appointment from rings r left join tickets t on t.id = r.ticket_id and t.callback_way = 'appointment' where r.ticket_id = $1 and r.state = 'ringing'";
const EVER: &str = "select r.*, r.booking_id as appointment from rings r where r.id = $1";
const OVER: &str = "select r.*, coalesce(r.booking_id, t.booking_id) as appointment from rings r left join tickets t on t.id = r.ticket_id and t.callback_way = 'appointment' where r.state = 'ringing' and r.until <= $1 order by r.until";
const BROWSERS_OF: &str = "select id from push_subscriptions where dossier_id = $1 order by created_at, id";
const BROWSER: &str = "select endpoint, p256dh, auth from push_subscriptions where id = $1";
const KEEP_BROWSER: &str = "insert into push_subscriptions (id, dossier_id, endpoint, p256dh, auth, created_at) values ($1, $2, $3, $4, $5, $6) on conflict (endpoint) do update set dossier_id = excluded.dossier_id, p256dh = excluded.p256dh, auth = excluded.auth, created_at = excluded.created_at";
const FORGET_OLDEST: &str = "delete from push_subscriptions where dossier_id = $1 and id not in (select id from push_subscriptions where dossier_id = $1 order by created_at desc, id desc limit $2)";
const FORGET_ENDPOINT: &str = "delete from push_subscriptions where dossier_id = $1 and endpoint = $2";
const FORGET_BROWSER: &str = "delete from push_subscriptions where id = $1";
const HOLD_AGENT: &str = "update agent_presences set epoch = epoch where staff_id = $1";
const END: &str = "update rings set state = $2, ended_at = $3 where id = $1 and state = 'ringing'";

/// Files a ring; false when the customer is being rung already.
pub(in crate::journey::queue) async fn insert(tx: &mut Tx, ring: &Ring, now: Timestamp) -> Result<bool, DbError> {
    let args = [
        ring.id.into(),
        // A ring of a ticket has the appointment of its ticket.
        ring.booking.filter(|_| ring.ticket.is_none()).into(),
        ring.ticket.into(),
        ring.dossier.into(),
        ring.agent.into(),
        (&ring.agent_name).into(),
        now.into(),
        ring.until.into(),
        (&ring.link_nonce).into(),
    ];
    Ok(tx.execute(INSERT, &args).await? == 1)
}

pub(in crate::journey::queue) async fn of_customer(db: &Db, dossier: DossierId) -> Result<Option<Ring>, DbError> {
    db.row(OF_CUSTOMER, &[dossier.into()]).await?.as_ref().map(read).transpose()
}

pub(in crate::journey::queue) async fn of_booking(db: &Db, booking: BookingId) -> Result<Option<Ring>, DbError> {
    db.row(OF_BOOKING, &[booking.into()]).await?.as_ref().map(read).transpose()
}

/// A ring that may be over, and when it began.
pub(in crate::journey::queue) async fn ever(db: &Db, id: ObjectId) -> Result<Option<(Ring, Timestamp)>, DbError> {
    db.row(EVER, &[id.into()]).await?.map(|row| Ok((read(&row)?, row.time("started_at")?))).transpose()
}

pub(in crate::journey::queue) async fn ringing(db: &Db, id: ObjectId) -> Result<Option<Ring>, DbError> {
    db.row(FIND, &[id.into()]).await?.as_ref().map(read).transpose()
}

pub(in crate::journey::queue) async fn of_ticket(tx: &mut Tx, ticket: TicketId) -> Result<Option<Ring>, DbError> {
    tx.row(OF_TICKET, &[ticket.into()]).await?.as_ref().map(read).transpose()
}

pub(in crate::journey::queue) async fn find_in(tx: &mut Tx, id: ObjectId) -> Result<Option<Ring>, DbError> {
    tx.row(FIND, &[id.into()]).await?.as_ref().map(read).transpose()
}

pub(in crate::journey::queue) async fn over(db: &Db, now: Timestamp) -> Result<Vec<Ring>, DbError> {
    db.rows(OVER, &[now.into()]).await?.iter().map(read).collect()
}

/// Keeps others from changing the agent until the transaction ends; agents are taken before files and the journal.
pub(in crate::journey::queue) async fn hold_agent(tx: &mut Tx, agent: StaffId) -> Result<(), DbError> {
    tx.execute(HOLD_AGENT, &[agent.into()]).await?;
    Ok(())
}

/// Ends a ring that still rings; whether it did.
pub(in crate::journey::queue) async fn end(tx: &mut Tx, id: ObjectId, end: RingEnd, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(END, &[id.into(), end.name().into(), now.into()]).await? == 1)
}

/// Browsers of a customer that let themselves be woken.
pub(in crate::journey::queue) async fn browsers_of(tx: &mut Tx, dossier: DossierId) -> Result<Vec<ObjectId>, DbError> {
    tx.rows(BROWSERS_OF, &[dossier.into()]).await?.iter().map(|row| row.id("id")).collect()
}

pub(in crate::journey::queue) async fn browser(db: &Db, id: ObjectId) -> Result<Option<Subscription>, DbError> {
    let row = db.row(BROWSER, &[id.into()]).await?;
    row.map(|row| Ok(Subscription { endpoint: Pii::new(row.text("endpoint")?), p256dh: row.text("p256dh")?, auth: Pii::new(row.text("auth")?) })).transpose()
}

pub(in crate::journey::queue) async fn keep_browser(
    tx: &mut Tx,
    id: ObjectId,
    dossier: DossierId,
    browser: &Subscription,
    now: Timestamp,
) -> Result<(), DbError> {
    let args = [id.into(), dossier.into(), browser.endpoint.expose().into(), (&browser.p256dh).into(), browser.auth.expose().into(), now.into()];
    tx.execute(KEEP_BROWSER, &args).await.map(drop)
}

pub(in crate::journey::queue) async fn forget_oldest(tx: &mut Tx, dossier: DossierId, most: i64) -> Result<(), DbError> {
    tx.execute(FORGET_OLDEST, &[dossier.into(), most.into()]).await.map(drop)
}

pub(in crate::journey::queue) async fn forget_endpoint(tx: &mut Tx, dossier: DossierId, endpoint: &str) -> Result<(), DbError> {
    tx.execute(FORGET_ENDPOINT, &[dossier.into(), endpoint.into()]).await.map(drop)
}

pub(in crate::journey::queue) async fn forget_browser(db: &Db, id: ObjectId) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.execute(FORGET_BROWSER, &[id.into()]).await?;
    tx.commit().await
}

fn read(row: &Row) -> Result<Ring, DbError> {
    Ok(Ring {
        id: row.id("id")?,
        booking: row.id_opt("appointment")?,
        ticket: row.id_opt("ticket_id")?,
        dossier: row.id("dossier_id")?,
        agent: row.id("agent_id")?,
        agent_name: row.text("agent_name")?,
        until: row.time("until")?,
        link_nonce: row.text("link_nonce")?,
    })
}
