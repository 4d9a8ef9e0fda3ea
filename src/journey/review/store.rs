//! SQL of decisions and of the search over all files.

use super::{
    decision::Ruling,
    search::{Filter, PAGE},
    wire::{DossierRow, FiledDecision, Outcome},
};
use crate::base::{
    Pii, Timestamp,
    db::{Arg, Db, DbError, Row, Tx},
    id::{CallId, DossierId, ObjectId, StaffId},
};

const INSERT: &str = "insert into decisions (id, dossier_id, call_id, agent_id, outcome, reason, note, at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
const OF_CALL: &str =
    "select d.outcome, d.reason, d.note, d.at, d.agent_id, s.display_name from decisions d join staff s on s.id = d.agent_id where d.call_id = $1";
const OF_DOSSIER: &str = "select d.outcome, d.reason, d.note, d.at, d.agent_id, s.display_name from decisions d join staff s on s.id = d.agent_id where d.dossier_id = $1 order by d.at, d.id";
const NEAR_BOOKINGS: &str = "select count(*) as bookings from bookings b join slots s on s.id = b.slot_id where b.dossier_id = $1 and b.state = 'booked' and s.starts_at >= $2 and s.starts_at < $3";
const SEARCH: &str = "select d.id, d.reference, d.state, d.holder_name, d.document_number, d.document_kind, d.outcome, d.updated_at, \
    (select s.display_name from calls c join staff s on s.id = c.agent_id where c.dossier_id = d.id order by c.started_at desc, c.id desc limit 1) as agent_name, \
    (select count(*) from recordings r where r.dossier_id = d.id and r.state <> 'failed') as recordings \
    from dossiers d where \
    (d.state = cast($1 as text) or (cast($1 as text) is null and d.state <> 'draft')) \
    and (cast($2 as bigint) is null or d.updated_at >= cast($2 as bigint)) \
    and (cast($3 as bigint) is null or d.updated_at < cast($3 as bigint)) \
    and (cast($4 as text) is null or d.holder_name_folded like cast($4 as text) escape '\\' or upper(replace(replace(d.document_number, ' ', ''), '-', '')) like cast($5 as text) escape '\\' or replace(d.reference, '-', '') like cast($5 as text) escape '\\') \
    and (cast($6 as text) is null or exists (select 1 from calls c where c.dossier_id = d.id and cast($6 as text) like '%' || c.agent_id || '%')) \
    order by d.updated_at desc, d.id desc limit $7 offset $8";
const COUNT: &str = "select count(*) as files from dossiers d where \
    (d.state = cast($1 as text) or (cast($1 as text) is null and d.state <> 'draft')) \
    and (cast($2 as bigint) is null or d.updated_at >= cast($2 as bigint)) \
    and (cast($3 as bigint) is null or d.updated_at < cast($3 as bigint)) \
    and (cast($4 as text) is null or d.holder_name_folded like cast($4 as text) escape '\\' or upper(replace(replace(d.document_number, ' ', ''), '-', '')) like cast($5 as text) escape '\\' or replace(d.reference, '-', '') like cast($5 as text) escape '\\') \
    and (cast($6 as text) is null or exists (select 1 from calls c where c.dossier_id = d.id and cast($6 as text) like '%' || c.agent_id || '%'))";

/// A decision with who made it.
pub(super) struct Filed {
    pub(super) agent: StaffId,
    pub(super) view: FiledDecision,
}

pub(super) async fn insert(tx: &mut Tx, id: ObjectId, dossier: DossierId, call: CallId, agent: StaffId, ruling: &Ruling, at: Timestamp) -> Result<(), DbError> {
    let note = ruling.note.as_ref().map(|note| note.expose().clone());
    tx.execute(INSERT, &[id.into(), dossier.into(), call.into(), agent.into(), ruling.outcome.name().into(), ruling.reason.into(), note.into(), at.into()])
        .await?;
    Ok(())
}

pub(super) async fn of_call_in(tx: &mut Tx, call: CallId) -> Result<Option<Filed>, DbError> {
    tx.row(OF_CALL, &[call.into()]).await?.as_ref().map(filed).transpose()
}

pub(super) async fn of_dossier(db: &Db, dossier: DossierId) -> Result<Vec<FiledDecision>, DbError> {
    db.rows(OF_DOSSIER, &[dossier.into()]).await?.iter().map(|row| Ok(filed(row)?.view)).collect()
}

/// Whether the file has an appointment that starts in this span.
pub(super) async fn is_booked_between(db: &Db, dossier: DossierId, from: Timestamp, before: Timestamp) -> Result<bool, DbError> {
    Ok(db.row(NEAR_BOOKINGS, &[dossier.into(), from.into(), before.into()]).await?.map_or(Ok(0), |row| row.int("bookings"))? > 0)
}

/// One page of rows, newest change first, and how many there are in all. `agents` narrows to files these agents called.
pub(super) async fn search(db: &Db, filter: &Filter, agents: Option<&[StaffId]>) -> Result<(Vec<DossierRow>, u32), DbError> {
    let exposed = |pattern: &Option<Pii<String>>| pattern.as_ref().map(|pattern| pattern.expose().clone());
    let agents = agents.map(|agents| agents.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    let narrow: [Arg; 6] =
        [filter.state.into(), filter.from.into(), filter.before.into(), exposed(&filter.name).into(), exposed(&filter.number).into(), agents.into()];
    let total = db.row(COUNT, &narrow).await?.map_or(Ok(0), |row| row.int("files"))?;
    let mut args = narrow.to_vec();
    args.extend([Arg::from(PAGE), Arg::from((filter.page - 1) * PAGE)]);
    let rows = db.rows(SEARCH, &args).await?.iter().map(row).collect::<Result<_, _>>()?;
    Ok((rows, u32::try_from(total).unwrap_or(u32::MAX)))
}

fn row(row: &Row) -> Result<DossierRow, DbError> {
    Ok(DossierRow {
        id: row.id("id")?,
        reference: row.text("reference")?,
        state: row.parsed("state")?,
        name: row.text_opt("holder_name")?.map(Pii::new),
        document_number: row.text_opt("document_number")?.map(Pii::new),
        document_kind: row.text_opt("document_kind")?,
        agent_name: row.text_opt("agent_name")?,
        outcome: row.text_opt("outcome")?,
        has_recording: row.int("recordings")? > 0,
        updated_at: row.time("updated_at")?,
    })
}

fn filed(row: &Row) -> Result<Filed, DbError> {
    let view = FiledDecision {
        outcome: row.parsed::<Outcome>("outcome")?,
        reason: row.text("reason")?,
        note: row.text_opt("note")?.map(Pii::new),
        agent_name: row.text("display_name")?,
        at: row.time("at")?,
    };
    Ok(Filed { agent: row.id("agent_id")?, view })
}
