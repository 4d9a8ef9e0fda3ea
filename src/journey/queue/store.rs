//! SQL of tickets, refusals and presences; the rings have their own beside them.

use std::collections::BTreeSet;

use super::{
    estimate::{Measured, WaitRange},
    presence::{Agent, Doing},
    ticket::{CallbackWay, Standing, Ticket},
    wire::WrapUpNote,
};
use crate::base::{
    Pii, Timestamp,
    db::{Arg, Db, DbError, Row, Tx},
    id::{BookingId, DossierId, ObjectId, StaffId, TicketId},
};

const INSERT_TICKET: &str = "insert into tickets (id, dossier_id, state, epoch, priority_at, enqueued_at, locale, booking_id, is_returning, product, has_special_needs, expected_ms, callback_way) values ($1, $2, 'waiting', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing";
const TICKET: &str = "select * from tickets where id = $1";
const OPEN_TICKET_OF: &str = "select * from tickets where dossier_id = $1 and state in ('waiting', 'offered', 'accepted')";
const TICKET_OF_BOOKING: &str = "select id from tickets where booking_id = $1 and callback_way = 'appointment' and state in ('waiting', 'offered')";
const LATEST_TICKET_OF: &str = "select * from tickets where dossier_id = $1 order by id desc limit 1";
const UPDATE_TICKET: &str = "update tickets set state = $4, epoch = epoch + 1, priority_at = $5, enqueued_at = $6, is_returning = $7, agent_id = $8, offered_at = $9, offered_until = $10, call_id = $11, accepted_at = coalesce($12, accepted_at), ended_at = $13, end_reason = $14, wait_low = $15, wait_high = $16, tries = $17, escalated_at = $18, rung_at = $19, callback_way = $20, rests_until = $21, rings = $22, expected_ms = case when enqueued_at = $6 then expected_ms else null end where id = $1 and epoch = $2 and state = $3";
const ACCEPT: &str = "update tickets set state = 'accepted', epoch = epoch + 1, call_id = $4, accepted_at = $5, offered_until = null, waited_ms = $5 - enqueued_at where id = $1 and state = 'offered' and agent_id = $2 and epoch = $3";
const HOLD_TICKET: &str = "update tickets set epoch = epoch where id = $1 and epoch = $2";
const HOLD_AGENT: &str = "update agent_presences set epoch = epoch where staff_id = $1";
const SHOWN: &str = "update tickets set wait_low = $2, wait_high = $3 where id = $1";
const HANDLED: &str = "update tickets set handled_ms = $3 - accepted_at where id = (select id from tickets where agent_id = $1 and dossier_id = $2 and state = 'ended' and handled_ms is null order by ended_at desc limit 1)";
const LINE: &str = "select * from tickets where state in ('waiting', 'offered') order by priority_at, id";
const OFFERS_OVER: &str = "select * from tickets where state = 'offered' and rung_at is null and offered_until <= $1 order by offered_until, id";
const RESTS_OVER: &str = "select * from tickets where state = 'waiting' and rests_until <= $1 order by rests_until, id";
const HAS_LONG: &str = "select count(*) as found from tickets where state = 'waiting' and is_long_noted = 0 and enqueued_at <= $1";
const NOTE_LONG: &str = "update tickets set is_long_noted = 1 where state = 'waiting' and is_long_noted = 0 and enqueued_at <= $1 returning id";
const KEEP_ADDRESS: &str = "insert into callbacks (ticket_id, address, asked_at) values ($1, $2, $3) on conflict (ticket_id) do update set address = excluded.address, asked_at = excluded.asked_at";
const FORGET_ADDRESS: &str = "delete from callbacks where ticket_id = $1";
const ADDRESS: &str = "select address from callbacks where ticket_id = $1";
const LINE_DEPTH: &str = "select count(*) as waiting, min(enqueued_at) as oldest from tickets where state in ('waiting', 'offered')";
const MEASURED: &str = "select locale, product, count(handled_ms) as calls, cast(coalesce(sum(handled_ms), 0) as bigint) as handled, cast(sum(case when state = 'abandoned' then 1 else 0 end) as bigint) as abandoned, cast(coalesce(sum(case when state = 'abandoned' then ended_at - enqueued_at else waited_ms end), 0) as bigint) as waited from tickets where ended_at > $1 group by locale, product";
const ANSWERED: &str = "select count(*) as calls, cast(coalesce(sum(waited_ms), 0) as bigint) as waited, count(expected_ms) as foretold, cast(coalesce(sum(abs(expected_ms - waited_ms)), 0) as bigint) as error, cast(coalesce(sum(expected_ms - waited_ms), 0) as bigint) as bias, cast(coalesce(sum(case when abs(expected_ms - waited_ms) <= 60000 then 1 else 0 end), 0) as bigint) as within from tickets where waited_ms is not null and accepted_at > $1";
const GAVE_UP: &str = "select count(*) as abandoned from tickets where state = 'abandoned' and ended_at > $1";
const UNDECIDED: &str = "select t.dossier_id from tickets t join dossiers d on d.id = t.dossier_id where t.agent_id = $1 and t.state = 'ended' and d.state = 'called' and not exists (select 1 from decisions n join calls c on c.id = n.call_id where c.ticket_id = t.id) order by t.ended_at desc limit 1";

const REFUSE: &str = "insert into ticket_refusals (ticket_id, agent_id, until, reason) values ($1, $2, $3, $4) on conflict (ticket_id, agent_id) do update set until = excluded.until, reason = excluded.reason";
const REFUSALS: &str = "select ticket_id, agent_id, until from ticket_refusals where until > $1";

const AGENT: &str = "select * from agent_presences where staff_id = $1";
const INSERT_AGENT: &str =
    "insert into agent_presences (staff_id, presence, since, epoch, misses, is_decided) values ($1, 'offline', $2, 0, 0, 0) on conflict do nothing";
const UPDATE_AGENT: &str = "update agent_presences set presence = $3, since = $4, epoch = epoch + 1, misses = $5, reason = $6, idle_since = $7, ticket_id = $8, dossier_id = $9, call_id = $10, ring_id = $11, booking_id = $12, is_decided = $13, wrap_up_until = $14 where staff_id = $1 and epoch = $2";
const WRITE_NOTE: &str = "insert into wrap_up_notes (id, dossier_id, agent_id, body, at) values ($1, $2, $3, $4, $5)";
const FORGET: [&str; 3] = [
    "delete from wrap_up_notes where dossier_id = $1",
    "delete from callbacks where ticket_id in (select id from tickets where dossier_id = $1)",
    "delete from push_subscriptions where dossier_id = $1",
];
const WRAP_UP_NOTES: &str =
    "select n.at, s.display_name, n.body from wrap_up_notes n join staff s on s.id = n.agent_id where n.dossier_id = $1 order by n.id limit 100";
const AGENTS_HERE: &str = "select * from agent_presences where presence <> 'offline'";
const AGENTS_KNOWN: &str = "select * from agent_presences order by staff_id";
const WRAP_UPS_OVER: &str = "select * from agent_presences where presence = 'wrap_up' and wrap_up_until <= $1";
const AGENT_COUNTS: &str = "select cast(coalesce(sum(case when presence = 'ready' then 1 else 0 end), 0) as bigint) as ready, cast(coalesce(sum(case when presence in ('ready', 'offered', 'ringing', 'in_call', 'wrap_up') then 1 else 0 end), 0) as bigint) as on_duty from agent_presences";

/// How full the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Depth {
    pub(super) waiting: u32,
    pub(super) oldest_since: Option<Timestamp>,
    pub(super) ready: u32,
    pub(super) on_duty: u32,
}

/// Files a new waiting ticket with the wait expected of it; false when the customer already has an open one.
pub(super) async fn insert_ticket(tx: &mut Tx, ticket: &Ticket, expected: Option<chrono::Duration>) -> Result<bool, DbError> {
    let args = [
        ticket.id.into(),
        ticket.dossier.into(),
        ticket.epoch.into(),
        ticket.priority_at.into(),
        ticket.enqueued_at.into(),
        (&ticket.locale).into(),
        ticket.booking.into(),
        ticket.is_returning.into(),
        (&ticket.product).into(),
        ticket.has_special_needs.into(),
        expected.map(|wait| wait.num_milliseconds()).into(),
        ticket.callback.map(CallbackWay::name).into(),
    ];
    Ok(tx.execute(INSERT_TICKET, &args).await? == 1)
}

pub(super) async fn ticket(db: &Db, id: TicketId) -> Result<Option<Ticket>, DbError> {
    db.row(TICKET, &[id.into()]).await?.as_ref().map(read_ticket).transpose()
}

pub(super) async fn ticket_in(tx: &mut Tx, id: TicketId) -> Result<Option<Ticket>, DbError> {
    tx.row(TICKET, &[id.into()]).await?.as_ref().map(read_ticket).transpose()
}

pub(super) async fn open_ticket_of(tx: &mut Tx, dossier: DossierId) -> Result<Option<Ticket>, DbError> {
    tx.row(OPEN_TICKET_OF, &[dossier.into()]).await?.as_ref().map(read_ticket).transpose()
}

/// The ticket that the time of an appointment took.
pub(super) async fn ticket_of_booking(db: &Db, booking: BookingId) -> Result<Option<TicketId>, DbError> {
    db.row(TICKET_OF_BOOKING, &[booking.into()]).await?.map(|row| row.id("id")).transpose()
}

pub(super) async fn latest_ticket_of(db: &Db, dossier: DossierId) -> Result<Option<Ticket>, DbError> {
    db.row(LATEST_TICKET_OF, &[dossier.into()]).await?.as_ref().map(read_ticket).transpose()
}

/// Writes `next` if the ticket still stands as `before`; whether it did.
pub(super) async fn update_ticket(tx: &mut Tx, before: &Ticket, next: &Ticket) -> Result<bool, DbError> {
    let none = || Arg::Int(None);
    let rung_at = if let Standing::Ringing { at, .. } = next.standing { at.into() } else { none() };
    let (agent, at, until, call, accepted, ended, why): (Option<StaffId>, Arg, Arg, Arg, Arg, Arg, Option<&str>) = match next.standing {
        Standing::Waiting => (None, none(), none(), Arg::Text(None), none(), none(), None),
        Standing::Offered { agent, at, until } | Standing::Ringing { agent, at, until } => {
            (Some(agent), at.into(), until.into(), Arg::Text(None), none(), none(), None)
        }
        Standing::Accepted { agent, call, at } => (Some(agent), none(), none(), call.into(), at.into(), none(), None),
        Standing::Abandoned { at, why } => (None, none(), none(), Arg::Text(None), none(), at.into(), Some(why.name())),
        Standing::Ended { agent, call, at } => (Some(agent), none(), none(), call.into(), none(), at.into(), None),
    };
    let args = [
        before.id.into(),
        before.epoch.into(),
        before.standing.name().into(),
        next.standing.name().into(),
        next.priority_at.into(),
        next.enqueued_at.into(),
        next.is_returning.into(),
        agent.into(),
        at,
        until,
        call,
        accepted,
        ended,
        why.into(),
        next.shown.map(|range| range.low).into(),
        next.shown.map(|range| range.high).into(),
        next.tries.into(),
        next.escalated_at.into(),
        rung_at,
        next.callback.map(CallbackWay::name).into(),
        next.rests_until.into(),
        next.rings.into(),
    ];
    Ok(tx.execute(UPDATE_TICKET, &args).await? == 1)
}

/// The one statement that gives a call to an agent: it touches a row only while the offer with this epoch is open.
pub(super) async fn accept(tx: &mut Tx, before: &Ticket, next: &Ticket) -> Result<bool, DbError> {
    let Standing::Accepted { agent, call, at } = next.standing else { return Ok(false) };
    Ok(tx.execute(ACCEPT, &[before.id.into(), agent.into(), before.epoch.into(), call.into(), at.into()]).await? == 1)
}

/// Keeps others from changing a ticket and an agent until the transaction ends, in the order everybody takes them
/// (ticket, agent, file, journal), so that no two transactions wait for each other. False when the ticket changed.
pub(super) async fn hold(tx: &mut Tx, ticket: &Ticket, agent: StaffId) -> Result<bool, DbError> {
    let stands = tx.execute(HOLD_TICKET, &[ticket.id.into(), ticket.epoch.into()]).await? == 1;
    tx.execute(HOLD_AGENT, &[agent.into()]).await?;
    Ok(stands)
}

/// Remembers what the customer was shown, in one transaction for all.
pub(super) async fn set_shown(db: &Db, shown: &[(TicketId, WaitRange)]) -> Result<(), DbError> {
    if shown.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    for (ticket, range) in shown {
        tx.execute(SHOWN, &[(*ticket).into(), range.low.into(), range.high.into()]).await?;
    }
    tx.commit().await
}

/// The agent is free again: how long the last call with this file took up the agent.
pub(super) async fn set_handled(tx: &mut Tx, agent: StaffId, dossier: DossierId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(HANDLED, &[agent.into(), dossier.into(), now.into()]).await?;
    Ok(())
}

/// Everybody in line, first first.
pub(super) async fn line(db: &Db) -> Result<Vec<Ticket>, DbError> {
    db.rows(LINE, &[]).await?.iter().map(read_ticket).collect()
}

pub(super) async fn offers_over(db: &Db, now: Timestamp) -> Result<Vec<Ticket>, DbError> {
    db.rows(OFFERS_OVER, &[now.into()]).await?.iter().map(read_ticket).collect()
}

/// Tickets whose customers may be rung again.
pub(super) async fn rests_over(db: &Db, now: Timestamp) -> Result<Vec<Ticket>, DbError> {
    db.rows(RESTS_OVER, &[now.into()]).await?.iter().map(read_ticket).collect()
}

/// Whether anybody waits since then or longer without having been marked.
pub(super) async fn has_long(db: &Db, since: Timestamp) -> Result<bool, DbError> {
    let row = db.row(HAS_LONG, &[since.into()]).await?.expect("an aggregate has a row");
    Ok(row.int("found")? > 0)
}

/// Marks the tickets of everybody who waits since then or longer; those that were not marked before.
pub(super) async fn note_long(tx: &mut Tx, since: Timestamp) -> Result<Vec<TicketId>, DbError> {
    tx.rows(NOTE_LONG, &[since.into()]).await?.iter().map(|row| row.id("id")).collect()
}

/// Files where a customer is written to when the turn comes, or forgets it.
pub(super) async fn keep_address(tx: &mut Tx, ticket: TicketId, address: Option<&str>, now: Timestamp) -> Result<(), DbError> {
    match address {
        Some(address) => tx.execute(KEEP_ADDRESS, &[ticket.into(), address.into(), now.into()]).await.map(drop),
        None => tx.execute(FORGET_ADDRESS, &[ticket.into()]).await.map(drop),
    }
}

/// Where a customer is written to when the turn comes.
pub(super) async fn address(db: &Db, ticket: TicketId) -> Result<Option<Pii<String>>, DbError> {
    db.row(ADDRESS, &[ticket.into()]).await?.map(|row| Ok(Pii::new(row.text("address")?))).transpose()
}

pub(super) async fn depth(db: &Db) -> Result<Depth, DbError> {
    let line = db.row(LINE_DEPTH, &[]).await?.expect("an aggregate has a row");
    let agents = db.row(AGENT_COUNTS, &[]).await?.expect("an aggregate has a row");
    Ok(Depth {
        waiting: count(&line, "waiting")?,
        oldest_since: line.time_opt("oldest")?,
        ready: count(&agents, "ready")?,
        on_duty: count(&agents, "on_duty")?,
    })
}

/// What was measured since, per language and product.
pub(super) async fn measured(db: &Db, since: Timestamp) -> Result<Vec<(String, String, Measured)>, DbError> {
    let rows = db.rows(MEASURED, &[since.into()]).await?;
    let class = |row: &Row| {
        let millis = |column: &str| Ok::<_, DbError>(chrono::Duration::milliseconds(row.int(column)?));
        let found = Measured { calls: count(row, "calls")?, handled: millis("handled")?, abandoned: count(row, "abandoned")?, waited: millis("waited")? };
        Ok((row.text("locale")?, row.text("product")?, found))
    };
    rows.iter().map(class).collect()
}

/// Answered customers and what they had been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) calls: u32,
    pub(super) abandoned: u32,
    pub(super) waited_ms: i64,
    pub(super) foretold: u32,
    pub(super) error_ms: i64,
    pub(super) bias_ms: i64,
    pub(super) within: u32,
}

pub(super) async fn answered(db: &Db, since: Timestamp) -> Result<Answered, DbError> {
    let row = db.row(ANSWERED, &[since.into()]).await?.expect("an aggregate has a row");
    let gave_up = db.row(GAVE_UP, &[since.into()]).await?.expect("an aggregate has a row");
    Ok(Answered {
        calls: count(&row, "calls")?,
        abandoned: count(&gave_up, "abandoned")?,
        waited_ms: row.int("waited")?,
        foretold: count(&row, "foretold")?,
        error_ms: row.int("error")?,
        bias_ms: row.int("bias")?,
        within: count(&row, "within")?,
    })
}

fn count(row: &Row, column: &str) -> Result<u32, DbError> {
    Ok(u32::try_from(row.int(column)?).unwrap_or(u32::MAX))
}

/// The file of the agent's last call whose decision is outstanding.
pub(super) async fn undecided_of(db: &Db, agent: StaffId) -> Result<Option<DossierId>, DbError> {
    db.row(UNDECIDED, &[agent.into()]).await?.map(|row| row.id("dossier_id")).transpose()
}

pub(super) async fn refuse(tx: &mut Tx, ticket: TicketId, agent: StaffId, until: Timestamp, reason: &str) -> Result<(), DbError> {
    tx.execute(REFUSE, &[ticket.into(), agent.into(), until.into(), reason.into()]).await?;
    Ok(())
}

pub(super) async fn agent(db: &Db, id: StaffId, now: Timestamp) -> Result<Agent, DbError> {
    let row = db.row(AGENT, &[id.into()]).await?;
    row.as_ref().map_or_else(|| Ok(Agent::unseen(id, now)), read_agent)
}

/// The agent's row, made when missing.
pub(super) async fn agent_in(tx: &mut Tx, id: StaffId, now: Timestamp) -> Result<Agent, DbError> {
    if let Some(row) = tx.row(AGENT, &[id.into()]).await? {
        return read_agent(&row);
    }
    tx.execute(INSERT_AGENT, &[id.into(), now.into()]).await?;
    Ok(Agent::unseen(id, now))
}

/// Writes `next` if the agent still stands as `before`; whether so.
pub(super) async fn update_agent(tx: &mut Tx, before: &Agent, next: &Agent) -> Result<bool, DbError> {
    let mut columns = AgentColumns::default();
    match next.doing {
        Doing::Offline | Doing::Ready => {}
        Doing::Offered { ticket, idle_since } => {
            columns.ticket = Some(ticket.to_string());
            columns.idle_since = Some(idle_since);
        }
        Doing::Ringing { ring, booking } => {
            columns.ring = Some(ring.to_string());
            columns.booking = booking.map(|booking| booking.to_string());
        }
        Doing::InCall { ticket, dossier, call, is_decided } => {
            columns.ticket = Some(ticket.to_string());
            columns.dossier = Some(dossier.to_string());
            columns.call = Some(call.to_string());
            columns.is_decided = is_decided;
        }
        Doing::WrapUp { dossier, until } => {
            columns.dossier = Some(dossier.to_string());
            columns.wrap_up_until = Some(until);
        }
        Doing::Break { reason } => columns.reason = Some(reason.name()),
    }
    let args = [
        before.id.into(),
        before.epoch.into(),
        next.doing.name().into(),
        next.since.into(),
        next.misses.into(),
        columns.reason.into(),
        columns.idle_since.into(),
        columns.ticket.into(),
        columns.dossier.into(),
        columns.call.into(),
        columns.ring.into(),
        columns.booking.into(),
        columns.is_decided.into(),
        columns.wrap_up_until.into(),
    ];
    Ok(tx.execute(UPDATE_AGENT, &args).await? == 1)
}

#[derive(Default)]
struct AgentColumns {
    reason: Option<&'static str>,
    idle_since: Option<Timestamp>,
    ticket: Option<String>,
    dossier: Option<String>,
    call: Option<String>,
    ring: Option<String>,
    booking: Option<String>,
    is_decided: bool,
    wrap_up_until: Option<Timestamp>,
}

/// Files what an agent wrote down in wrap-up.
pub(super) async fn write_note(tx: &mut Tx, id: ObjectId, (dossier, agent): (DossierId, StaffId), body: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(WRITE_NOTE, &[id.into(), dossier.into(), agent.into(), body.into(), now.into()]).await.map(drop)
}

pub(super) async fn forget(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    for sql in FORGET {
        tx.execute(sql, &[dossier.into()]).await?;
    }
    Ok(())
}

pub(super) async fn wrap_up_notes(db: &Db, dossier: DossierId) -> Result<Vec<WrapUpNote>, DbError> {
    let rows = db.rows(WRAP_UP_NOTES, &[dossier.into()]).await?;
    rows.iter().map(|row| Ok(WrapUpNote { at: row.time("at")?, agent_name: row.text("display_name")?, body: Pii::new(row.text("body")?) })).collect()
}

/// Everybody who ever was on duty.
pub(super) async fn agents_known(db: &Db) -> Result<Vec<Agent>, DbError> {
    db.rows(AGENTS_KNOWN, &[]).await?.iter().map(read_agent).collect()
}

/// Everybody who is not offline.
pub(super) async fn agents_here(db: &Db) -> Result<Vec<Agent>, DbError> {
    db.rows(AGENTS_HERE, &[]).await?.iter().map(read_agent).collect()
}

pub(super) async fn wrap_ups_over(db: &Db, now: Timestamp) -> Result<Vec<Agent>, DbError> {
    db.rows(WRAP_UPS_OVER, &[now.into()]).await?.iter().map(read_agent).collect()
}

/// Who shall not be offered what, and until when.
pub(super) async fn refusals(db: &Db, now: Timestamp) -> Result<BTreeSet<(TicketId, StaffId, i64)>, DbError> {
    let rows = db.rows(REFUSALS, &[now.into()]).await?;
    rows.iter().map(|row| Ok((row.id("ticket_id")?, row.id("agent_id")?, row.int("until")?))).collect()
}

fn read_ticket(row: &Row) -> Result<Ticket, DbError> {
    let standing = match row.text("state")?.as_str() {
        "offered" => match row.time_opt("rung_at")? {
            Some(at) => Standing::Ringing { agent: row.id("agent_id")?, at, until: row.time("offered_until")? },
            None => Standing::Offered { agent: row.id("agent_id")?, at: row.time("offered_at")?, until: row.time("offered_until")? },
        },
        "accepted" => Standing::Accepted { agent: row.id("agent_id")?, call: row.id("call_id")?, at: row.time("accepted_at")? },
        "abandoned" => Standing::Abandoned { at: row.time("ended_at")?, why: row.parsed("end_reason")? },
        "ended" => Standing::Ended { agent: row.id("agent_id")?, call: row.id("call_id")?, at: row.time("ended_at")? },
        _ => Standing::Waiting,
    };
    let minutes = |column: &str| Ok::<_, DbError>(row.int_opt(column)?.and_then(|minutes| u32::try_from(minutes).ok()));
    Ok(Ticket {
        id: row.id("id")?,
        dossier: row.id("dossier_id")?,
        epoch: row.int("epoch")?,
        standing,
        priority_at: row.time("priority_at")?,
        enqueued_at: row.time("enqueued_at")?,
        locale: row.text("locale")?,
        booking: row.id_opt("booking_id")?,
        is_returning: row.flag("is_returning")?,
        shown: minutes("wait_low")?.zip(minutes("wait_high")?).map(|(low, high)| WaitRange { low, high }),
        product: row.text("product")?,
        has_special_needs: row.flag("has_special_needs")?,
        tries: u32::try_from(row.int("tries")?).unwrap_or(u32::MAX),
        escalated_at: row.time_opt("escalated_at")?,
        callback: row.text_opt("callback_way")?.and_then(|way| way.parse().ok()),
        rests_until: row.time_opt("rests_until")?,
        rings: u32::try_from(row.int("rings")?).unwrap_or(u32::MAX),
    })
}

fn read_agent(row: &Row) -> Result<Agent, DbError> {
    let doing = match row.text("presence")?.as_str() {
        "ready" => Doing::Ready,
        "offered" => Doing::Offered { ticket: row.id("ticket_id")?, idle_since: row.time("idle_since")? },
        "ringing" => Doing::Ringing { ring: row.id("ring_id")?, booking: row.id_opt("booking_id")? },
        "in_call" => {
            Doing::InCall { ticket: row.id("ticket_id")?, dossier: row.id("dossier_id")?, call: row.id("call_id")?, is_decided: row.flag("is_decided")? }
        }
        "wrap_up" => Doing::WrapUp { dossier: row.id("dossier_id")?, until: row.time("wrap_up_until")? },
        "break" => Doing::Break { reason: row.parsed("reason")? },
        _ => Doing::Offline,
    };
    Ok(Agent { id: row.id("staff_id")?, epoch: row.int("epoch")?, doing, since: row.time("since")?, misses: u32::try_from(row.int("misses")?).unwrap_or(0) })
}
