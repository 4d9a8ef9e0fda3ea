//! SQL of shifts, slots, seats and appointments.

use chrono::Duration;

use super::{
    shift::Shift,
    wire::{BookingRow, BookingState, SlotView},
};
use crate::{
    base::{
        Pii, Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{BookingId, DossierId, ObjectId, SlotId, StaffId},
    },
    journey::queue::hours::Span,
};

const INSERT_SHIFT: &str = "insert into shifts (id, agent_id, starts_at, ends_at, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing";
const SHIFTS: &str = "select agent_id, starts_at, ends_at from shifts where ends_at > $1 and starts_at < $2";
const CLOSE_SLOTS: &str = "update slots set capacity = 0 where starts_at >= $1 and starts_at < $2";
const PUT_SLOT: &str =
    "insert into slots (id, starts_at, ends_at, capacity) values ($1, $2, $3, $4) on conflict (starts_at) do update set capacity = excluded.capacity";
const SLOT: &str = "select id, starts_at, ends_at, capacity from slots where id = $1";
const FREE_SLOTS: &str = "select s.id, s.starts_at, s.ends_at, s.capacity - (select count(*) from seats t where t.slot_id = s.id) as free from slots s where s.starts_at >= $1 and s.starts_at < $2 and s.capacity > (select count(*) from seats t where t.slot_id = s.id) order by s.starts_at";

const SEATS: &str = "select seat from seats where slot_id = $1 order by seat";
const TAKE_SEAT: &str = "insert into seats (slot_id, seat, booking_id) values ($1, $2, $3) on conflict do nothing";
const FREE_SEAT: &str = "delete from seats where booking_id = $1";

const INSERT: &str = "insert into bookings (id, dossier_id, slot_id, state, version, link_nonce, created_at, updated_at) values ($1, $2, $3, 'booked', 1, $4, $5, $5) on conflict do nothing";
const UPDATE: &str = "update bookings set slot_id = $3, state = $4, version = version + 1, updated_at = $5 where id = $1 and version = $2 and state = 'booked'";
const FIND: &str = "select b.*, s.starts_at, s.ends_at from bookings b join slots s on s.id = b.slot_id where b.id = $1";
const OPEN_OF: &str = "select b.*, s.starts_at, s.ends_at from bookings b join slots s on s.id = b.slot_id where b.dossier_id = $1 and b.state = 'booked'";
const LATEST_OF: &str =
    "select b.*, s.starts_at, s.ends_at from bookings b join slots s on s.id = b.slot_id where b.dossier_id = $1 order by b.id desc limit 1";
const BETWEEN: &str = "select b.id, b.dossier_id, b.state, s.starts_at, s.ends_at, d.reference, d.holder_name, d.locale from bookings b join slots s on s.id = b.slot_id join dossiers d on d.id = b.dossier_id where s.starts_at >= $1 and s.starts_at < $2 order by s.starts_at, b.id";

const DUE_SOON: &str = "select count(*) as due from bookings b join slots s on s.id = b.slot_id join dossiers d on d.id = b.dossier_id where b.state = 'booked' and d.state = 'booked' and s.starts_at > $1 and s.starts_at <= $2";

/// A slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) id: SlotId,
    pub(super) starts_at: Timestamp,
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
    tx.row(SLOT, &[id.into()]).await?.map(|row| Ok(Slot { id: row.id("id")?, starts_at: row.time("starts_at")?, capacity: row.int("capacity")? })).transpose()
}

pub(super) async fn free_slots(db: &Db, from: Timestamp, to: Timestamp) -> Result<Vec<SlotView>, DbError> {
    db.rows(FREE_SLOTS, &[from.into(), to.into()])
        .await?
        .iter()
        .map(|row| {
            let starts_at = row.time("starts_at")?;
            Ok(SlotView { id: row.id("id")?, starts_at, minutes: minutes(starts_at, row.time("ends_at")?), free: u32::try_from(row.int("free")?).unwrap_or(0) })
        })
        .collect()
}

/// Takes the first free seat of a slot; false when none is left. The primary key decides between two who want the same.
pub(super) async fn take_seat(tx: &mut Tx, slot: Slot, booking: BookingId) -> Result<bool, DbError> {
    loop {
        let taken: Vec<i64> = tx.rows(SEATS, &[slot.id.into()]).await?.iter().map(|row| row.int("seat")).collect::<Result<_, _>>()?;
        let Some(free) = (0..slot.capacity).find(|seat| !taken.contains(seat)) else { return Ok(false) };
        if i64::try_from(taken.len()).unwrap_or(i64::MAX) >= slot.capacity {
            return Ok(false);
        }
        if tx.execute(TAKE_SEAT, &[slot.id.into(), free.into(), booking.into()]).await? == 1 {
            return Ok(true);
        }
    }
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
            })
        })
        .collect()
}

/// Open appointments that begin in `(from, to]` and whose customers are not in line yet.
pub(super) async fn due_soon(db: &Db, from: Timestamp, to: Timestamp) -> Result<u32, DbError> {
    let row = db.row(DUE_SOON, &[from.into(), to.into()]).await?.expect("an aggregate has a row");
    Ok(u32::try_from(row.int("due")?).unwrap_or(0))
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
