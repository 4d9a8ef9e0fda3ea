//! SQL of tickets, refusals and presences; the rings have their own beside them.

use super::{
    engine::Contents,
    estimate::WaitRange,
    presence::{Agent, Doing},
    ticket::{Standing, Ticket},
};
use crate::base::{
    Timestamp,
    db::{Arg, Db, DbError, Row, Tx},
    id::{DossierId, StaffId, TicketId},
};

const INSERT_TICKET: &str = "insert into tickets (id, dossier_id, state, epoch, priority_at, enqueued_at, locale, booking_id, is_returning) values ($1, $2, 'waiting', $3, $4, $5, $6, $7, $8) on conflict do nothing";
const TICKET: &str = "select * from tickets where id = $1";
const OPEN_TICKET_OF: &str = "select * from tickets where dossier_id = $1 and state in ('waiting', 'offered', 'accepted')";
const LATEST_TICKET_OF: &str = "select * from tickets where dossier_id = $1 order by id desc limit 1";
const UPDATE_TICKET: &str = "update tickets set state = $4, epoch = epoch + 1, priority_at = $5, enqueued_at = $6, is_returning = $7, agent_id = $8, offered_at = $9, offered_until = $10, call_id = $11, accepted_at = coalesce($12, accepted_at), ended_at = $13, end_reason = $14, wait_low = $15, wait_high = $16 where id = $1 and epoch = $2 and state = $3";
const ACCEPT: &str = "update tickets set state = 'accepted', epoch = epoch + 1, call_id = $4, accepted_at = $5, offered_until = null where id = $1 and state = 'offered' and agent_id = $2 and epoch = $3";
const HOLD_TICKET: &str = "update tickets set epoch = epoch where id = $1 and epoch = $2";
const HOLD_AGENT: &str = "update agent_presences set epoch = epoch where staff_id = $1";
const SHOWN: &str = "update tickets set wait_low = $2, wait_high = $3 where id = $1";
const HANDLED: &str = "update tickets set handled_ms = $3 - accepted_at where id = (select id from tickets where agent_id = $1 and dossier_id = $2 and state = 'ended' and handled_ms is null order by ended_at desc limit 1)";
const LINE: &str = "select * from tickets where state in ('waiting', 'offered') order by priority_at, id";
const OFFERS_OVER: &str = "select * from tickets where state = 'offered' and offered_until <= $1 order by offered_until, id";
const POSITION: &str =
    "select count(*) as position from tickets where state in ('waiting', 'offered') and (priority_at < $1 or (priority_at = $1 and id <= $2))";
const LINE_DEPTH: &str = "select count(*) as waiting, min(enqueued_at) as oldest from tickets where state in ('waiting', 'offered')";
const MEASURED: &str = "select count(*) as calls, cast(coalesce(sum(handled_ms), 0) as bigint) as total from (select handled_ms from tickets where handled_ms is not null and ended_at > $1 order by ended_at desc limit 50) as recent";
const UNDECIDED: &str = "select t.dossier_id from tickets t join dossiers d on d.id = t.dossier_id where t.agent_id = $1 and t.state = 'ended' and d.state = 'called' and not exists (select 1 from decisions n join calls c on c.id = n.call_id where c.ticket_id = t.id) order by t.ended_at desc limit 1";

const REFUSE: &str = "insert into ticket_refusals (ticket_id, agent_id, until, reason) values ($1, $2, $3, $4) on conflict (ticket_id, agent_id) do update set until = excluded.until, reason = excluded.reason";
const REFUSALS: &str = "select ticket_id, agent_id, until from ticket_refusals where until > $1";

const AGENT: &str = "select * from agent_presences where staff_id = $1";
const INSERT_AGENT: &str =
    "insert into agent_presences (staff_id, presence, since, epoch, misses, is_decided) values ($1, 'offline', $2, 0, 0, 0) on conflict do nothing";
const UPDATE_AGENT: &str = "update agent_presences set presence = $3, since = $4, epoch = epoch + 1, misses = $5, reason = $6, idle_since = $7, ticket_id = $8, dossier_id = $9, call_id = $10, ring_id = $11, booking_id = $12, is_decided = $13, wrap_up_until = $14 where staff_id = $1 and epoch = $2";
const AGENTS_HERE: &str = "select * from agent_presences where presence <> 'offline'";
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

/// Files a new waiting ticket; false when the customer already has an open one.
pub(super) async fn insert_ticket(tx: &mut Tx, ticket: &Ticket) -> Result<bool, DbError> {
    let args = [
        ticket.id.into(),
        ticket.dossier.into(),
        ticket.epoch.into(),
        ticket.priority_at.into(),
        ticket.enqueued_at.into(),
        (&ticket.locale).into(),
        ticket.booking.into(),
        ticket.is_returning.into(),
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

pub(super) async fn latest_ticket_of(db: &Db, dossier: DossierId) -> Result<Option<Ticket>, DbError> {
    db.row(LATEST_TICKET_OF, &[dossier.into()]).await?.as_ref().map(read_ticket).transpose()
}

/// Writes `next` if the ticket still stands as `before`; whether it did.
pub(super) async fn update_ticket(tx: &mut Tx, before: &Ticket, next: &Ticket) -> Result<bool, DbError> {
    let none = || Arg::Int(None);
    let (agent, at, until, call, accepted, ended, why): (Option<StaffId>, Arg, Arg, Arg, Arg, Arg, Option<&str>) = match next.standing {
        Standing::Waiting => (None, none(), none(), Arg::Text(None), none(), none(), None),
        Standing::Offered { agent, at, until } => (Some(agent), at.into(), until.into(), Arg::Text(None), none(), none(), None),
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

/// The ticket's place in line, from 1.
pub(super) async fn position(db: &Db, ticket: &Ticket) -> Result<u32, DbError> {
    let row = db.row(POSITION, &[ticket.priority_at.into(), ticket.id.into()]).await?.expect("an aggregate has a row");
    Ok(u32::try_from(row.int("position")?).unwrap_or(u32::MAX))
}

pub(super) async fn offers_over(db: &Db, now: Timestamp) -> Result<Vec<Ticket>, DbError> {
    db.rows(OFFERS_OVER, &[now.into()]).await?.iter().map(read_ticket).collect()
}

pub(super) async fn depth(db: &Db) -> Result<Depth, DbError> {
    let line = db.row(LINE_DEPTH, &[]).await?.expect("an aggregate has a row");
    let agents = db.row(AGENT_COUNTS, &[]).await?.expect("an aggregate has a row");
    let count = |row: &Row, column: &str| Ok::<_, DbError>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
    Ok(Depth {
        waiting: count(&line, "waiting")?,
        oldest_since: line.time_opt("oldest")?,
        ready: count(&agents, "ready")?,
        on_duty: count(&agents, "on_duty")?,
    })
}

/// The number of recent calls whose handling was measured, and their total.
pub(super) async fn measured(db: &Db, since: Timestamp) -> Result<(u32, chrono::Duration), DbError> {
    let row = db.row(MEASURED, &[since.into()]).await?.expect("an aggregate has a row");
    Ok((u32::try_from(row.int("calls")?).unwrap_or(0), chrono::Duration::milliseconds(row.int("total")?)))
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
            columns.booking = Some(booking.to_string());
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

/// Everybody who is not offline.
pub(super) async fn agents_here(db: &Db) -> Result<Vec<Agent>, DbError> {
    db.rows(AGENTS_HERE, &[]).await?.iter().map(read_agent).collect()
}

pub(super) async fn wrap_ups_over(db: &Db, now: Timestamp) -> Result<Vec<Agent>, DbError> {
    db.rows(WRAP_UPS_OVER, &[now.into()]).await?.iter().map(read_agent).collect()
}

/// What the index has to hold.
pub(super) async fn contents(db: &Db, now: Timestamp) -> Result<Contents, DbError> {
    let waiting = line(db).await?.into_iter().filter(|ticket| ticket.standing == Standing::Waiting);
    let ready = agents_here(db).await?.into_iter().filter(|agent| agent.doing == Doing::Ready);
    let barred = db.rows(REFUSALS, &[now.into()]).await?;
    Ok(Contents {
        waiting: waiting.map(|ticket| (ticket.priority_at.timestamp_millis(), ticket.id)).collect(),
        ready: ready.map(|agent| (agent.since.timestamp_millis(), agent.id)).collect(),
        barred: barred.iter().map(|row| Ok((row.id("ticket_id")?, row.id("agent_id")?, row.int("until")?))).collect::<Result<_, DbError>>()?,
    })
}

fn read_ticket(row: &Row) -> Result<Ticket, DbError> {
    let standing = match row.text("state")?.as_str() {
        "offered" => Standing::Offered { agent: row.id("agent_id")?, at: row.time("offered_at")?, until: row.time("offered_until")? },
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
    })
}

fn read_agent(row: &Row) -> Result<Agent, DbError> {
    let doing = match row.text("presence")?.as_str() {
        "ready" => Doing::Ready,
        "offered" => Doing::Offered { ticket: row.id("ticket_id")?, idle_since: row.time("idle_since")? },
        "ringing" => Doing::Ringing { ring: row.id("ring_id")?, booking: row.id("booking_id")? },
        "in_call" => {
            Doing::InCall { ticket: row.id("ticket_id")?, dossier: row.id("dossier_id")?, call: row.id("call_id")?, is_decided: row.flag("is_decided")? }
        }
        "wrap_up" => Doing::WrapUp { dossier: row.id("dossier_id")?, until: row.time("wrap_up_until")? },
        "break" => Doing::Break { reason: row.parsed("reason")? },
        _ => Doing::Offline,
    };
    Ok(Agent { id: row.id("staff_id")?, epoch: row.int("epoch")?, doing, since: row.time("since")?, misses: u32::try_from(row.int("misses")?).unwrap_or(0) })
}
