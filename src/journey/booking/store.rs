//! SQL of shifts, slots, seats and appointments.

use chrono::Duration;

use super::{
    shift::Shift,
    wire::{BookingRow, BookingState, ShiftView, SlotView},
};
use crate::{
    base::{
        Pii, Timestamp,
        db::{Arg, Db, DbError, Row, Tx},
        id::{BookingId, DossierId, ObjectId, SlotId, StaffId},
    },
    journey::queue::{Booked, hours::Span},
};

const INSERT_SHIFT: &str = "insert into shifts (id, agent_id, starts_at, ends_at, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing";
const SHIFTS: &str = "select agent_id, starts_at, ends_at from shifts where ends_at > $1 and starts_at < $2";
const CLOSE_SLOTS: &str = "update slots set capacity = 0 where starts_at >= $1 and starts_at < $2";
const PUT_SLOT: &str =
    "insert into slots (id, starts_at, ends_at, capacity) values ($1, $2, $3, $4) on conflict (starts_at) do update set capacity = excluded.capacity";
const SLOT: &str = "select id, starts_at, ends_at, capacity from slots where id = $1";
const LOCK: &str = "update slots set capacity = capacity where id = $1";
const SEATED: &str = "select t.slot_id, d.id, d.locale from seats t join slots s on s.id = t.slot_id left join bookings b on b.id = t.booking_id join dossiers d on d.id = coalesce(b.dossier_id, t.held_by) where s.starts_at >= $1 and s.starts_at < $2 and (t.held_until is null or t.held_until > $3) order by t.slot_id, t.seat";
const FREE_SLOTS: &str = "select s.id, s.starts_at, s.ends_at, s.capacity - (select count(*) from seats t where t.slot_id = s.id and (t.held_until is null or t.held_until > $3)) as free from slots s where s.starts_at >= $1 and s.starts_at < $2 and s.capacity > (select count(*) from seats t where t.slot_id = s.id and (t.held_until is null or t.held_until > $3)) order by s.starts_at";
const KEEP_TAKEN: &str = "update slots set capacity = (select count(*) from seats t where t.slot_id = slots.id and t.booking_id is not null) where starts_at >= $1 and starts_at < $2 and capacity < (select count(*) from seats t where t.slot_id = slots.id and t.booking_id is not null)";
const OPEN_BETWEEN: &str = "select b.*, s.starts_at, s.ends_at from bookings b join slots s on s.id = b.slot_id where b.state = 'booked' and s.starts_at >= $1 and s.starts_at < $2 order by s.starts_at, b.id";

const OPEN_IN_ORDER: &str = "select b.*, s.starts_at, s.ends_at, d.locale from bookings b join slots s on s.id = b.slot_id join dossiers d on d.id = b.dossier_id where b.state = 'booked' and s.starts_at >= $1 and s.starts_at < $2 order by b.id";
const SEATS: &str = "select seat from seats where slot_id = $1 order by seat";
const TAKE_SEAT: &str = "insert into seats (slot_id, seat, booking_id) values ($1, $2, $3) on conflict do nothing";
const RELEASE: &str = "delete from seats where slot_id = $1 and held_until <= $2";
const UNHOLD: &str = "delete from seats where held_by = $1";
const HOLD: &str = "insert into seats (slot_id, seat, held_by, held_until) values ($1, $2, $3, $4) on conflict do nothing";
const TAKE_HELD: &str = "update seats set booking_id = $3, held_by = null, held_until = null where slot_id = $1 and held_by = $2";
const KNOW_DAY: &str = "insert into booking_days (day, locked) values ($1, 0) on conflict do nothing";
const LOCK_DAY: &str = "update booking_days set locked = 1 where day = $1";
const MADE_ON: &str =
    "select count(*) as made from bookings b join slots s on s.id = b.slot_id where b.state in ('booked', 'kept') and s.starts_at >= $1 and s.starts_at < $2";
const CALL_OFF: &str = "insert into booking_call_offs (booking_id, staff_id, reason, at) values ($1, $2, $3, $4)";
const CALLED_OFF_BY: &str = "select count(*) as called_off from booking_call_offs where staff_id = $1 and at > $2";
const CUT_SHIFT: &str = "delete from shifts where id = $1 returning agent_id, starts_at, ends_at";
const ROSTER: &str = "select h.id, h.agent_id, p.display_name, h.starts_at, h.ends_at from shifts h join staff p on p.id = h.agent_id where h.ends_at > $1 and h.starts_at < $2 order by h.starts_at, p.display_name, h.id";
const FREE_SEAT: &str = "delete from seats where booking_id = $1";

const INSERT: &str = "insert into bookings (id, dossier_id, slot_id, state, version, link_nonce, created_at, updated_at) values ($1, $2, $3, 'booked', 1, $4, $5, $5) on conflict do nothing";
const UPDATE: &str = "update bookings set slot_id = $3, state = $4, version = version + 1, updated_at = $5 where id = $1 and version = $2 and state = 'booked'";
const FIND: &str = "select b.*, s.starts_at, s.ends_at from bookings b join slots s on s.id = b.slot_id where b.id = $1";
const OPEN_OF: &str = "select b.*, s.starts_at, s.ends_at from bookings b join slots s on s.id = b.slot_id where b.dossier_id = $1 and b.state = 'booked'";
const LATEST_OF: &str =
    "select b.*, s.starts_at, s.ends_at from bookings b join slots s on s.id = b.slot_id where b.dossier_id = $1 order by b.id desc limit 1";
const BETWEEN: &str = "select b.id, b.dossier_id, b.state, s.starts_at, s.ends_at, d.reference, d.holder_name, d.locale, (select count(*) from tickets t where t.booking_id = b.id and t.state in ('waiting', 'offered')) as in_line from bookings b join slots s on s.id = b.slot_id join dossiers d on d.id = b.dossier_id where s.starts_at >= $1 and s.starts_at < $2 order by s.starts_at, b.id";

const DUE_SOON: &str = "select d.locale from bookings b join slots s on s.id = b.slot_id join dossiers d on d.id = b.dossier_id where b.state = 'booked' and d.state = 'booked' and s.starts_at > $1 and s.starts_at <= $2 order by b.id";

const DUE_NOW: &str = "select b.id, b.dossier_id, s.starts_at from bookings b join slots s on s.id = b.slot_id join dossiers d on d.id = b.dossier_id where b.state = 'booked' and d.state = 'booked' and s.starts_at <= $1 and s.ends_at > $1 and not exists (select 1 from tickets t where t.booking_id = b.id and t.enqueued_at >= s.starts_at) order by s.starts_at, b.id limit 100";
const UNMET: &str = "select b.id from bookings b join slots s on s.id = b.slot_id join tickets t on t.booking_id = b.id where b.state = 'booked' and t.callback_way = 'appointment' and t.state = 'waiting' and s.ends_at <= $1 order by s.ends_at, b.id limit 100";

/// A slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) id: SlotId,
    pub(super) starts_at: Timestamp,
    pub(super) ends_at: Timestamp,
    pub(super) capacity: i64,
}

/// An appointment with the time of its slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Booking {
    pub(super) id: BookingId,
    pub(super) dossier: DossierId,
    pub(super) slot: SlotId,
    pub(super) state: BookingState,
    pub(super) version: i64,
    pub(super) link_nonce: String,
    pub(super) starts_at: Timestamp,
    pub(super) ends_at: Timestamp,
}

pub(super) async fn insert_shift(tx: &mut Tx, id: ObjectId, shift: Shift, now: Timestamp) -> Result<bool, DbError> {
    let args = [id.into(), shift.agent.into(), shift.span.starts_at.into(), shift.span.ends_at.into(), now.into()];
    Ok(tx.execute(INSERT_SHIFT, &args).await? == 1)
}

pub(super) async fn shifts(tx: &mut Tx, span: Span) -> Result<Vec<Shift>, DbError> {
    tx.rows(SHIFTS, &[span.starts_at.into(), span.ends_at.into()])
        .await?
        .iter()
        .map(|row| Ok(Shift { agent: row.id::<StaffId>("agent_id")?, span: Span { starts_at: row.time("starts_at")?, ends_at: row.time("ends_at")? } }))
        .collect()
}

/// Takes the seats of all slots of a stretch away; taken ones stay with their customers.
pub(super) async fn close_slots(tx: &mut Tx, span: Span) -> Result<(), DbError> {
    tx.execute(CLOSE_SLOTS, &[span.starts_at.into(), span.ends_at.into()]).await?;
    Ok(())
}

pub(super) async fn put_slot(tx: &mut Tx, id: SlotId, starts_at: Timestamp, length: Duration, capacity: u32) -> Result<(), DbError> {
    tx.execute(PUT_SLOT, &[id.into(), starts_at.into(), (starts_at + length).into(), capacity.into()]).await?;
    Ok(())
}

pub(super) async fn slot(tx: &mut Tx, id: SlotId) -> Result<Option<Slot>, DbError> {
    tx.row(SLOT, &[id.into()])
        .await?
        .map(|row| Ok(Slot { id: row.id("id")?, starts_at: row.time("starts_at")?, ends_at: row.time("ends_at")?, capacity: row.int("capacity")? }))
        .transpose()
}

/// Nobody else changes the slot, or takes a seat of it, until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, slot: SlotId) -> Result<(), DbError> {
    tx.execute(LOCK, &[slot.into()]).await.map(drop)
}

/// Who has a seat, or holds one, in slots that begin within a stretch, and the language of each.
pub(super) async fn seated(tx: &mut Tx, span: Span, now: Timestamp) -> Result<Vec<(SlotId, DossierId, String)>, DbError> {
    let rows = tx.rows(SEATED, &[span.starts_at.into(), span.ends_at.into(), now.into()]).await?;
    rows.iter().map(|row| Ok((row.id("slot_id")?, row.id("id")?, row.text("locale")?))).collect()
}

pub(super) async fn free_slots(tx: &mut Tx, from: Timestamp, to: Timestamp, now: Timestamp) -> Result<Vec<SlotView>, DbError> {
    tx.rows(FREE_SLOTS, &[from.into(), to.into(), now.into()])
        .await?
        .iter()
        .map(|row| {
            let starts_at = row.time("starts_at")?;
            Ok(SlotView { id: row.id("id")?, starts_at, minutes: minutes(starts_at, row.time("ends_at")?), free: u32::try_from(row.int("free")?).unwrap_or(0) })
        })
        .collect()
}

/// Takes the seat the customer holds, else the first free one of a slot; false when none is left. The primary key decides
/// between two who want the same.
pub(super) async fn take_seat(tx: &mut Tx, slot: Slot, booking: BookingId, dossier: DossierId, now: Timestamp) -> Result<bool, DbError> {
    if tx.execute(TAKE_HELD, &[slot.id.into(), dossier.into(), booking.into()]).await? == 1 {
        return Ok(true);
    }
    tx.execute(UNHOLD, &[dossier.into()]).await?;
    seat(tx, slot, now, TAKE_SEAT, &[booking.into()]).await
}

/// Holds a seat for a customer until then, instead of any other the customer holds; false when none is left.
pub(super) async fn hold_seat(tx: &mut Tx, slot: Slot, dossier: DossierId, (now, until): (Timestamp, Timestamp)) -> Result<bool, DbError> {
    tx.execute(UNHOLD, &[dossier.into()]).await?;
    seat(tx, slot, now, HOLD, &[dossier.into(), until.into()]).await
}

/// Inserts the first free seat; what follows slot and seat are `more`.
async fn seat(tx: &mut Tx, slot: Slot, now: Timestamp, insert: &'static str, more: &[Arg]) -> Result<bool, DbError> {
    tx.execute(RELEASE, &[slot.id.into(), now.into()]).await?;
    loop {
        let taken: Vec<i64> = tx.rows(SEATS, &[slot.id.into()]).await?.iter().map(|row| row.int("seat")).collect::<Result<_, _>>()?;
        let Some(free) = (0..slot.capacity).find(|seat| !taken.contains(seat)) else { return Ok(false) };
        if i64::try_from(taken.len()).unwrap_or(i64::MAX) >= slot.capacity {
            return Ok(false);
        }
        let args: Vec<Arg> = [slot.id.into(), free.into()].into_iter().chain(more.iter().cloned()).collect();
        if tx.execute(insert, &args).await? == 1 {
            return Ok(true);
        }
    }
}

/// Appointments made on a day so far; nobody else makes one on it until the transaction ends.
pub(super) async fn made_on(tx: &mut Tx, day: &str, span: Span) -> Result<u32, DbError> {
    tx.execute(KNOW_DAY, &[day.into()]).await?;
    tx.execute(LOCK_DAY, &[day.into()]).await?;
    let row = tx.row(MADE_ON, &[span.starts_at.into(), span.ends_at.into()]).await?.expect("an aggregate has a row");
    Ok(u32::try_from(row.int("made")?).unwrap_or(u32::MAX))
}

/// Notes that the house gave an appointment back.
pub(super) async fn call_off(tx: &mut Tx, booking: BookingId, by: Option<StaffId>, reason: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(CALL_OFF, &[booking.into(), by.into(), reason.into(), now.into()]).await.map(drop)
}

/// How many appointments somebody gave back since then.
pub(super) async fn called_off_by(tx: &mut Tx, by: StaffId, since: Timestamp) -> Result<u32, DbError> {
    let row = tx.row(CALLED_OFF_BY, &[by.into(), since.into()]).await?.expect("an aggregate has a row");
    Ok(u32::try_from(row.int("called_off")?).unwrap_or(u32::MAX))
}

/// Takes a shift off the roster; what it was.
pub(super) async fn cut_shift(tx: &mut Tx, id: ObjectId) -> Result<Option<Shift>, DbError> {
    let row = tx.row(CUT_SHIFT, &[id.into()]).await?;
    row.map(|row| Ok(Shift { agent: row.id("agent_id")?, span: Span { starts_at: row.time("starts_at")?, ends_at: row.time("ends_at")? } })).transpose()
}

pub(super) async fn roster(db: &Db, span: Span) -> Result<Vec<ShiftView>, DbError> {
    let rows = db.rows(ROSTER, &[span.starts_at.into(), span.ends_at.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(ShiftView {
                id: row.id("id")?,
                agent_id: row.id("agent_id")?,
                agent_name: row.text("display_name")?,
                starts_at: row.time("starts_at")?,
                ends_at: row.time("ends_at")?,
            })
        })
        .collect()
}

/// Open appointments that begin within a stretch, soonest first.
pub(super) async fn open_between(tx: &mut Tx, span: Span) -> Result<Vec<Booking>, DbError> {
    tx.rows(OPEN_BETWEEN, &[span.starts_at.into(), span.ends_at.into()]).await?.iter().map(read).collect()
}

/// The same, first made first, with the language of each.
pub(super) async fn open_in_order(tx: &mut Tx, span: Span) -> Result<Vec<(Booking, String)>, DbError> {
    let rows = tx.rows(OPEN_IN_ORDER, &[span.starts_at.into(), span.ends_at.into()]).await?;
    rows.iter().map(|row| Ok((read(row)?, row.text("locale")?))).collect()
}

/// No slot of a stretch has fewer seats than appointments.
pub(super) async fn keep_taken(tx: &mut Tx, span: Span) -> Result<(), DbError> {
    tx.execute(KEEP_TAKEN, &[span.starts_at.into(), span.ends_at.into()]).await.map(drop)
}

pub(super) async fn free_seat(tx: &mut Tx, booking: BookingId) -> Result<(), DbError> {
    tx.execute(FREE_SEAT, &[booking.into()]).await?;
    Ok(())
}

/// Files an appointment; false when the file has an open one.
pub(super) async fn insert(tx: &mut Tx, id: BookingId, dossier: DossierId, slot: SlotId, nonce: &str, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(INSERT, &[id.into(), dossier.into(), slot.into(), nonce.into(), now.into()]).await? == 1)
}

/// Changes an open appointment that still has its version; whether it had.
pub(super) async fn update(tx: &mut Tx, before: &Booking, slot: SlotId, state: BookingState, now: Timestamp) -> Result<bool, DbError> {
    let args = [before.id.into(), before.version.into(), slot.into(), state.name().into(), now.into()];
    Ok(tx.execute(UPDATE, &args).await? == 1)
}

pub(super) async fn find(db: &Db, id: BookingId) -> Result<Option<Booking>, DbError> {
    db.row(FIND, &[id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn find_in(tx: &mut Tx, id: BookingId) -> Result<Option<Booking>, DbError> {
    tx.row(FIND, &[id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn open_of(db: &Db, dossier: DossierId) -> Result<Option<Booking>, DbError> {
    db.row(OPEN_OF, &[dossier.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn open_of_in(tx: &mut Tx, dossier: DossierId) -> Result<Option<Booking>, DbError> {
    tx.row(OPEN_OF, &[dossier.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn latest_of(db: &Db, dossier: DossierId) -> Result<Option<Booking>, DbError> {
    db.row(LATEST_OF, &[dossier.into()]).await?.as_ref().map(read).transpose()
}

/// The console's list of a stretch; who is online is filled in by the door.
pub(super) async fn between(db: &Db, span: Span) -> Result<Vec<BookingRow>, DbError> {
    db.rows(BETWEEN, &[span.starts_at.into(), span.ends_at.into()])
        .await?
        .iter()
        .map(|row| {
            let starts_at = row.time("starts_at")?;
            Ok(BookingRow {
                id: row.id("id")?,
                dossier_id: row.id("dossier_id")?,
                reference: row.text("reference")?,
                name: row.text_opt("holder_name")?.map(Pii::new),
                locale: row.text("locale")?,
                starts_at,
                minutes: minutes(starts_at, row.time("ends_at")?),
                state: row.parsed("state")?,
                is_online: false,
                is_in_line: row.int("in_line")? > 0,
            })
        })
        .collect()
}

/// The languages of open appointments that begin in `(from, to]` and whose customers are not in line yet, one for each.
pub(super) async fn due_soon(db: &Db, from: Timestamp, to: Timestamp) -> Result<Vec<String>, DbError> {
    db.rows(DUE_SOON, &[from.into(), to.into()]).await?.iter().map(|row| row.text("locale")).collect()
}

/// Appointments whose time it is and whose customers were not in line since it began.
pub(super) async fn due_now(db: &Db, now: Timestamp) -> Result<Vec<(DossierId, Booked)>, DbError> {
    let due = |row: &Row| Ok((row.id("dossier_id")?, Booked { booking: row.id("id")?, starts_at: row.time("starts_at")? }));
    db.rows(DUE_NOW, &[now.into()]).await?.iter().map(due).collect()
}

/// Appointments that were over by `ended` and whose customers still stand in line to be rung.
pub(super) async fn unmet(db: &Db, ended: Timestamp) -> Result<Vec<BookingId>, DbError> {
    db.rows(UNMET, &[ended.into()]).await?.iter().map(|row| row.id("id")).collect()
}

/// Whole minutes from one instant to another.
pub(super) fn minutes(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from((to - from).num_minutes()).unwrap_or(0)
}

fn read(row: &Row) -> Result<Booking, DbError> {
    Ok(Booking {
        id: row.id("id")?,
        dossier: row.id("dossier_id")?,
        slot: row.id("slot_id")?,
        state: row.parsed("state")?,
        version: row.int("version")?,
        link_nonce: row.text("link_nonce")?,
        starts_at: row.time("starts_at")?,
        ends_at: row.time("ends_at")?,
    })
}
