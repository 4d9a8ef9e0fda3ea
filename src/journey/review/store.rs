//! SQL of decisions and of the search over all files.

pub(super) mod more;

use super::{
    decision::Ruling,
    search::{Filter, PAGE},
    wire::{DossierRow, FiledDecision, Outcome, SecondOpinion},
};
use crate::base::{
    Pii, Timestamp,
    db::{Arg, Db, DbError, Row, Tx},
    id::{CallId, DossierId, ObjectId, StaffId},
};

const INSERT: &str = "insert into decisions (id, dossier_id, call_id, agent_id, outcome, reason, note, at, needs_second, flags, item) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const OF_CALL: &str = "select d.call_id, d.outcome, d.reason, d.item, d.note, d.at, d.agent_id, d.needs_second, d.flags, s.display_name, \
    o.outcome as second_outcome, o.reason as second_reason, o.item as second_item, o.note as second_note, o.at as second_at, o.checker_id, c.display_name as second_name \
    from decisions d join staff s on s.id = d.agent_id left join second_opinions o on o.call_id = d.call_id left join staff c on c.id = o.checker_id \
    where d.call_id = $1";
const OF_DOSSIER: &str = "select d.call_id, d.outcome, d.reason, d.item, d.note, d.at, d.agent_id, d.needs_second, d.flags, s.display_name, \
    o.outcome as second_outcome, o.reason as second_reason, o.item as second_item, o.note as second_note, o.at as second_at, o.checker_id, c.display_name as second_name \
    from decisions d join staff s on s.id = d.agent_id left join second_opinions o on o.call_id = d.call_id left join staff c on c.id = o.checker_id \
    where d.dossier_id = $1 order by d.at, d.id";
const REFLAG: &str = "update decisions set flags = $2, needs_second = $3 where call_id = $1";
const INSERT_SECOND: &str =
    "insert into second_opinions (call_id, dossier_id, agent_id, checker_id, outcome, reason, note, at, item) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const NEAR_BOOKINGS: &str = "select count(*) as bookings from bookings b join slots s on s.id = b.slot_id where b.dossier_id = $1 and b.state = 'booked' and s.starts_at >= $2 and s.starts_at < $3";
const SEARCH: &str = "select d.id, d.reference, d.state, d.holder_name, d.document_number, d.document_kind, d.outcome, d.updated_at, \
    (select s.display_name from calls c join staff s on s.id = c.agent_id where c.dossier_id = d.id order by c.started_at desc, c.id desc limit 1) as agent_name, \
    (select count(*) from recordings r where r.dossier_id = d.id and r.state <> 'failed') as recordings, \
    (select count(*) from decisions n where n.dossier_id = d.id and n.needs_second = 1 and not exists (select 1 from second_opinions o where o.call_id = n.call_id)) as seconds \
    from dossiers d where \
    (d.state = cast($1 as text) or (cast($1 as text) = 'second_person' and exists (select 1 from decisions n where n.dossier_id = d.id and n.needs_second = 1 and not exists (select 1 from second_opinions o where o.call_id = n.call_id))) or (cast($1 as text) is null and d.state <> 'draft')) \
    and (cast($2 as bigint) is null or d.updated_at >= cast($2 as bigint)) \
    and (cast($3 as bigint) is null or d.updated_at < cast($3 as bigint)) \
    and (cast($4 as text) is null or d.holder_name_folded like cast($4 as text) escape '\\' or upper(replace(replace(d.document_number, ' ', ''), '-', '')) like cast($5 as text) escape '\\' or replace(d.reference, '-', '') like cast($5 as text) escape '\\') \
    and (cast($6 as text) is null or exists (select 1 from calls c where c.dossier_id = d.id and cast($6 as text) like '%' || c.agent_id || '%')) \
    order by d.updated_at desc, d.id desc limit $7 offset $8";
const COUNT: &str = "select count(*) as files from dossiers d where \
    (d.state = cast($1 as text) or (cast($1 as text) = 'second_person' and exists (select 1 from decisions n where n.dossier_id = d.id and n.needs_second = 1 and not exists (select 1 from second_opinions o where o.call_id = n.call_id))) or (cast($1 as text) is null and d.state <> 'draft')) \
    and (cast($2 as bigint) is null or d.updated_at >= cast($2 as bigint)) \
    and (cast($3 as bigint) is null or d.updated_at < cast($3 as bigint)) \
    and (cast($4 as text) is null or d.holder_name_folded like cast($4 as text) escape '\\' or upper(replace(replace(d.document_number, ' ', ''), '-', '')) like cast($5 as text) escape '\\' or replace(d.reference, '-', '') like cast($5 as text) escape '\\') \
    and (cast($6 as text) is null or exists (select 1 from calls c where c.dossier_id = d.id and cast($6 as text) like '%' || c.agent_id || '%'))";

/// A decision with who made it.
pub(super) struct Filed {
    pub(super) call: CallId,
    pub(super) agent: StaffId,
    pub(super) checker: Option<StaffId>,
    pub(super) view: FiledDecision,
}

/// Where a decision belongs and whose it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) dossier: DossierId,
    pub(super) call: CallId,
    pub(super) agent: StaffId,
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: ObjectId,
    place: Place,
    ruling: &Ruling,
    flags: &[String],
    needs_second: bool,
    at: Timestamp,
) -> Result<(), DbError> {
    let Place { dossier, call, agent } = place;
    let note = ruling.note.as_ref().map(|note| note.expose().clone());
    let (needs_second, flags) = (i64::from(needs_second), flags.join(","));
    let args: [Arg; 11] = [
        id.into(),
        dossier.into(),
        call.into(),
        agent.into(),
        ruling.outcome.name().into(),
        ruling.reason.into(),
        note.into(),
        at.into(),
        needs_second.into(),
        flags.into(),
        ruling.item.map(super::decision::RedoItem::name).into(),
    ];
    tx.execute(INSERT, &args).await?;
    Ok(())
}

/// Files what the flags of a decision are now, and whether it still waits.
pub(super) async fn reflag(tx: &mut Tx, call: CallId, flags: &[String], needs_second: bool) -> Result<(), DbError> {
    tx.execute(REFLAG, &[call.into(), flags.join(",").into(), i64::from(needs_second).into()]).await?;
    Ok(())
}

/// Files the second person's word. The database refuses it from who decided.
pub(super) async fn insert_second(tx: &mut Tx, place: Place, checker: StaffId, ruling: &Ruling, at: Timestamp) -> Result<(), DbError> {
    let Place { dossier, call, agent } = place;
    let note = ruling.note.as_ref().map(|note| note.expose().clone());
    let args = [
        call.into(),
        dossier.into(),
        agent.into(),
        checker.into(),
        ruling.outcome.name().into(),
        ruling.reason.into(),
        note.into(),
        at.into(),
        ruling.item.map(super::decision::RedoItem::name).into(),
    ];
    tx.execute(INSERT_SECOND, &args).await?;
    Ok(())
}

pub(super) async fn of_call_in(tx: &mut Tx, call: CallId) -> Result<Option<Filed>, DbError> {
    tx.row(OF_CALL, &[call.into()]).await?.as_ref().map(filed).transpose()
}

pub(super) async fn of_dossier(db: &Db, dossier: DossierId) -> Result<Vec<Filed>, DbError> {
    db.rows(OF_DOSSIER, &[dossier.into()]).await?.iter().map(filed).collect()
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
        waits_for_second: row.int("seconds")? > 0,
        updated_at: row.time("updated_at")?,
    })
}

fn filed(row: &Row) -> Result<Filed, DbError> {
    let second = match row.text_opt("second_outcome")? {
        None => None,
        Some(_) => Some(SecondOpinion {
            outcome: row.parsed::<Outcome>("second_outcome")?,
            reason: row.text("second_reason")?,
            item: row.text_opt("second_item")?,
            note: row.text_opt("second_note")?.map(Pii::new),
            checker_name: row.text("second_name")?,
            at: row.time("second_at")?,
        }),
    };
    let view = FiledDecision {
        outcome: row.parsed::<Outcome>("outcome")?,
        reason: row.text("reason")?,
        item: row.text_opt("item")?,
        note: row.text_opt("note")?.map(Pii::new),
        agent_name: row.text("display_name")?,
        at: row.time("at")?,
        flags: row.text("flags")?.split(',').filter(|flag| !flag.is_empty()).map(str::to_owned).collect(),
        waits_for_second: second.is_none() && row.int("needs_second")? == 1,
        second,
    };
    let checker = if view.second.is_some() { Some(row.id("checker_id")?) } else { None };
    Ok(Filed { call: row.id("call_id")?, agent: row.id("agent_id")?, checker, view })
}
