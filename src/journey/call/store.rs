//! SQL of calls, chat and quality.

use super::{
    Call,
    life::{EndReason, Epochs, Life, Seat, Seats},
    rehearsal::Rehearsal,
    wire::{ChatLine, Party},
};
use crate::base::{
    Pii, Timestamp,
    db::{Arg, Db, DbError, Row, Tx},
    id::{CallId, ChatId, DossierId, RehearsalId, StaffId},
};

const INSERT: &str = "insert into calls (id, version, ticket_id, dossier_id, agent_id, state, customer_seat, agent_seat, started_at, node) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const FIND: &str = "select * from calls where id = $1";
const OPEN_OF_DOSSIER: &str = "select * from calls where dossier_id = $1 and ended_at is null";
const OPEN_OF_AGENT: &str = "select * from calls where agent_id = $1 and ended_at is null";
const LAST_OF_DOSSIER: &str = "select * from calls where dossier_id = $1 order by started_at desc, id desc limit 1";
const OF_DOSSIER: &str = "select * from calls where dossier_id = $1 order by started_at, id";
const OF_AGENT: &str = "select * from calls where agent_id = $1 order by id";
const OPEN_IDS: &str = "select id from calls where ended_at is null";
const OPEN_WITH_AGENTS: &str = "select calls.*, staff.display_name as agent_name from calls join staff on staff.id = calls.agent_id where calls.ended_at is null order by calls.started_at, calls.id";
const OPEN_AT: &str = "select * from calls where node = $1 and ended_at is null order by id";
const OPEN_ELSEWHERE: &str = "select * from calls where node <> $1 and ended_at is null order by id";
const DELETE: [&str; 6] = [
    "delete from chat_lines where call_id = $1",
    "delete from call_qualities where call_id = $1",
    "delete from call_quality_marks where call_id = $1",
    "delete from rehearsals where call_id = $1",
    "delete from call_stills where call_id = $1",
    "delete from calls where id = $1",
];
const UPDATE: &str = "update calls set version = $3, state = $4, customer_seat = $5, agent_seat = $6, customer_issued = $7, customer_joined = $8, agent_issued = $9, agent_joined = $10, live_at = $11, ended_at = $12, end_reason = $13, node = $14 where id = $1 and version = $2";
const AGENT_NAME: &str = "select display_name from staff where id = $1";
const INSERT_CHAT: &str = "insert into chat_lines (id, call_id, party, body, at) values ($1, $2, $3, $4, $5)";
const CHAT: &str = "select id, party, body, at from chat_lines where call_id = $1 order by id";
const FORGET_REHEARSALS: &str = "delete from rehearsals where dossier_id = $1";
const FORGET_CHAT: &str = "delete from chat_lines where call_id in (select id from calls where dossier_id = $1)";
const CHAT_COUNT: &str = "select count(*) as lines from chat_lines where call_id = $1";
const PUT_REHEARSAL: &str = "insert into rehearsals (id, dossier_id, report, at) values ($1, $2, $3, $4) on conflict (dossier_id) where call_id is null do update set report = excluded.report, at = excluded.at";
const TAKE_REHEARSAL: &str = "update rehearsals set call_id = $2 where dossier_id = $1 and call_id is null";
const LAST_REHEARSAL: &str = "select report, at from rehearsals where dossier_id = $1 order by at desc, id desc limit 1";
const REHEARSAL_OF_CALL: &str = "select report, at from rehearsals where call_id = $1";

pub(super) async fn insert(tx: &mut Tx, call: &Call) -> Result<(), DbError> {
    let (customer, agent) = seats(call);
    tx.execute(
        INSERT,
        &[
            call.id.into(),
            call.version.into(),
            call.ticket.into(),
            call.dossier.into(),
            call.agent.into(),
            state(call).into(),
            customer.into(),
            agent.into(),
            call.started_at.into(),
            (&call.node).into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes the call if it still has the version before `next.version`; whether it had.
pub(super) async fn update(tx: &mut Tx, next: &Call) -> Result<bool, DbError> {
    let (customer, agent) = seats(next);
    let (live_at, ended) = match next.life {
        Life::Connecting(_) => (None, None),
        Life::Live { since, .. } => (Some(since), None),
        Life::Ended { at, reason, live_at } => (live_at, Some((at, reason))),
    };
    let changed = tx
        .execute(
            UPDATE,
            &[
                next.id.into(),
                (next.version - 1).into(),
                next.version.into(),
                state(next).into(),
                customer.into(),
                agent.into(),
                next.customer_epochs.issued.into(),
                next.customer_epochs.joined.into(),
                next.agent_epochs.issued.into(),
                next.agent_epochs.joined.into(),
                live_at.into(),
                ended.map(|(at, _)| at).into(),
                ended.map(|(_, reason)| reason.name()).into(),
                (&next.node).into(),
            ],
        )
        .await?;
    Ok(changed == 1)
}

pub(super) async fn find(db: &Db, id: CallId) -> Result<Option<Call>, DbError> {
    one(db, FIND, id.into()).await
}

pub(super) async fn find_in(tx: &mut Tx, id: CallId) -> Result<Option<Call>, DbError> {
    tx.row(FIND, &[id.into()]).await?.as_ref().map(call).transpose()
}

/// Every call that is not over, with the name of its agent.
pub(super) async fn open_with_agents(db: &Db) -> Result<Vec<(Call, String)>, DbError> {
    db.rows(OPEN_WITH_AGENTS, &[]).await?.iter().map(|row| Ok((call(row)?, row.text("agent_name")?))).collect()
}

pub(super) async fn open_of_dossier(db: &Db, dossier: DossierId) -> Result<Option<Call>, DbError> {
    one(db, OPEN_OF_DOSSIER, dossier.into()).await
}

pub(super) async fn last_of_dossier_in(tx: &mut Tx, dossier: DossierId) -> Result<Option<Call>, DbError> {
    tx.row(LAST_OF_DOSSIER, &[dossier.into()]).await?.as_ref().map(call).transpose()
}

pub(super) async fn open_of_dossier_in(tx: &mut Tx, dossier: DossierId) -> Result<Option<Call>, DbError> {
    tx.row(OPEN_OF_DOSSIER, &[dossier.into()]).await?.as_ref().map(call).transpose()
}

pub(super) async fn open_of_agent(db: &Db, agent: StaffId) -> Result<Option<Call>, DbError> {
    one(db, OPEN_OF_AGENT, agent.into()).await
}

pub(super) async fn of_dossier(db: &Db, dossier: DossierId) -> Result<Vec<Call>, DbError> {
    db.rows(OF_DOSSIER, &[dossier.into()]).await?.iter().map(call).collect()
}

pub(super) async fn of_agent(db: &Db, agent: StaffId) -> Result<Vec<Call>, DbError> {
    db.rows(OF_AGENT, &[agent.into()]).await?.iter().map(call).collect()
}

/// Removes a call with what was said in it and how it looked.
pub(super) async fn delete(tx: &mut Tx, id: CallId) -> Result<(), DbError> {
    for sql in DELETE {
        tx.execute(sql, &[id.into()]).await?;
    }
    Ok(())
}

/// Every call that is not over, wherever it is carried.
pub(super) async fn open_ids(db: &Db) -> Result<Vec<CallId>, DbError> {
    db.rows(OPEN_IDS, &[]).await?.iter().map(|row| row.id("id")).collect()
}

/// Calls of one node that are not over.
pub(super) async fn open_at(db: &Db, node: &str) -> Result<Vec<Call>, DbError> {
    db.rows(OPEN_AT, &[node.into()]).await?.iter().map(call).collect()
}

/// Calls of other nodes that are not over.
pub(super) async fn open_elsewhere(db: &Db, node: &str) -> Result<Vec<Call>, DbError> {
    db.rows(OPEN_ELSEWHERE, &[node.into()]).await?.iter().map(call).collect()
}

/// Name of a member of staff as shown to customers; empty when there is none.
pub(super) async fn agent_name(db: &Db, agent: StaffId) -> Result<String, DbError> {
    db.row(AGENT_NAME, &[agent.into()]).await?.map_or(Ok(String::new()), |row| row.text("display_name"))
}

pub(super) async fn agent_name_in(tx: &mut Tx, agent: StaffId) -> Result<String, DbError> {
    tx.row(AGENT_NAME, &[agent.into()]).await?.map_or(Ok(String::new()), |row| row.text("display_name"))
}

pub(super) async fn insert_chat(tx: &mut Tx, id: CallId, line: &ChatLine) -> Result<(), DbError> {
    tx.execute(INSERT_CHAT, &[line.id.into(), id.into(), line.from.name().into(), line.text.expose().into(), line.at.into()]).await?;
    Ok(())
}

pub(super) async fn forget_chat(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    tx.execute(FORGET_CHAT, &[dossier.into()]).await?;
    Ok(())
}

pub(super) async fn forget_rehearsals(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    tx.execute(FORGET_REHEARSALS, &[dossier.into()]).await?;
    Ok(())
}

pub(super) async fn chat_count_in(tx: &mut Tx, id: CallId) -> Result<i64, DbError> {
    tx.row(CHAT_COUNT, &[id.into()]).await?.map_or(Ok(0), |row| row.int("lines"))
}

pub(super) async fn chat(db: &Db, id: CallId) -> Result<Vec<ChatLine>, DbError> {
    let line = |row: &Row| {
        Ok(ChatLine {
            id: row.id::<ChatId>("id")?,
            from: if row.text("party")? == Party::Agent.name() { Party::Agent } else { Party::Customer },
            text: Pii::new(row.text("body")?),
            at: row.time("at")?,
        })
    };
    db.rows(CHAT, &[id.into()]).await?.iter().map(line).collect()
}

pub(super) async fn put_rehearsal(tx: &mut Tx, id: RehearsalId, dossier: DossierId, report: &str, at: Timestamp) -> Result<(), DbError> {
    tx.execute(PUT_REHEARSAL, &[id.into(), dossier.into(), report.into(), at.into()]).await?;
    Ok(())
}

/// Gives the rehearsal that is not yet followed by a call to this one.
pub(super) async fn take_rehearsal(tx: &mut Tx, dossier: DossierId, call: CallId) -> Result<(), DbError> {
    tx.execute(TAKE_REHEARSAL, &[dossier.into(), call.into()]).await?;
    Ok(())
}

pub(super) async fn last_rehearsal(db: &Db, dossier: DossierId) -> Result<Option<(Rehearsal, Timestamp)>, DbError> {
    db.row(LAST_REHEARSAL, &[dossier.into()]).await?.as_ref().map(rehearsal).transpose()
}

pub(super) async fn rehearsal_of_call(db: &Db, call: CallId) -> Result<Option<(Rehearsal, Timestamp)>, DbError> {
    db.row(REHEARSAL_OF_CALL, &[call.into()]).await?.as_ref().map(rehearsal).transpose()
}

fn rehearsal(row: &Row) -> Result<(Rehearsal, Timestamp), DbError> {
    Ok((row.json("report")?, row.time("at")?))
}

async fn one(db: &Db, sql: &'static str, arg: Arg) -> Result<Option<Call>, DbError> {
    db.row(sql, &[arg]).await?.as_ref().map(call).transpose()
}

fn state(call: &Call) -> &'static str {
    match call.life {
        Life::Connecting(_) => "connecting",
        Life::Live { .. } => "live",
        Life::Ended { .. } => "ended",
    }
}

fn seats(call: &Call) -> (Option<String>, Option<String>) {
    let text = |seat: Seat| Some(serde_json::to_string(&seat).expect("seats serialise"));
    match call.life {
        Life::Connecting(seats) | Life::Live { seats, .. } => (text(seats.customer), text(seats.agent)),
        Life::Ended { .. } => (None, None),
    }
}

fn call(row: &Row) -> Result<Call, DbError> {
    let live_at = row.time_opt("live_at")?;
    let life = if let Some(at) = row.time_opt("ended_at")? {
        Life::Ended { at, reason: row.parsed::<EndReason>("end_reason")?, live_at }
    } else {
        let seats = Seats { customer: row.json("customer_seat")?, agent: row.json("agent_seat")? };
        live_at.map_or(Life::Connecting(seats), |since| Life::Live { since, seats })
    };
    Ok(Call {
        id: row.id("id")?,
        version: row.int("version")?,
        ticket: row.id("ticket_id")?,
        dossier: row.id("dossier_id")?,
        agent: row.id("agent_id")?,
        node: row.text("node")?,
        life,
        customer_epochs: Epochs { issued: row.int("customer_issued")?, joined: row.int("customer_joined")? },
        agent_epochs: Epochs { issued: row.int("agent_issued")?, joined: row.int("agent_joined")? },
        started_at: row.time("started_at")?,
    })
}
