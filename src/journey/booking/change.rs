//! Making, moving and cancelling an appointment; the link that does the same without a session.

use chrono::Duration;
use serde_json::json;

use super::{
    BookingError, Bookings,
    jobs::{CLOSE_BOOKING, Due, SEND_LETTER},
    letters::{Letter, REMINDERS},
    life::Command,
    link,
    store::{self, Booking, Slot},
    wire::{BookingPush, BookingState, BookingView, HoldView},
};
use crate::{
    base::{
        Timestamp,
        db::{DbError, Tx},
        id::{BookingId, DossierId, SlotId},
    },
    journey::{intake::wire::IntakePush, queue::Queue},
    registry::{
        audit::Actor,
        dossier::{self, AdvanceError, State, Step},
        outbox::{self, Topic},
    },
};

/// A link opens its appointment until so long after its end.
const LINK_LIFE: Duration = Duration::days(1);

impl Bookings {
    /// Takes a seat for a confirmed file. The same slot again is the same appointment (double submit).
    ///
    /// # Errors
    /// [`BookingError::Unknown`] slot or file, [`BookingError::TooLate`], [`BookingError::SlotFull`],
    /// [`BookingError::AlreadyBooked`], [`BookingError::File`].
    pub async fn book(&self, dossier: DossierId, slot: SlotId) -> Result<BookingView, BookingError> {
        let ambient = &self.0.ambient;
        let mut tx = self.0.db.begin().await?;
        if let Some(open) = store::open_of_in(&mut tx, dossier).await? {
            return if open.slot == slot { Ok(self.view(&open)) } else { Err(BookingError::AlreadyBooked) };
        }
        let slot = self.bookable_slot(&mut tx, slot).await?;
        let file = dossier::find_in(&mut tx, dossier).await?.ok_or(BookingError::Unknown)?;
        let id: BookingId = ambient.id();
        let nonce = hex::encode(ambient.bytes::<16>());
        if !store::insert(&mut tx, id, dossier, slot.id, &nonce, ambient.now()).await? {
            drop(tx);
            let open = store::open_of(&self.0.db, dossier).await?;
            return open.filter(|open| open.slot == slot.id).map(|open| self.view(&open)).ok_or(BookingError::AlreadyBooked);
        }
        self.refuse_full_day(&mut tx, slot.starts_at).await?;
        self.refuse_unserved(&mut tx, slot, dossier, &file.locale).await?;
        if !store::take_seat(&mut tx, slot, id, dossier, ambient.now()).await? {
            return Err(BookingError::SlotFull);
        }
        let booking = store::find_in(&mut tx, id).await?.ok_or(BookingError::Unknown)?;
        let detail = json!({ "booking": id, "slot": slot.id });
        dossier::advance(&mut tx, ambient, &file, Step::Book, Actor::Customer(dossier), detail).await?;
        self.announce(&mut tx, &booking, State::Booked).await?;
        self.follow_up(&mut tx, &booking, Letter::Booked).await?;
        tx.commit().await?;
        self.0.relay.nudge();
        Ok(self.view(&booking))
    }

    /// Holds a seat of a slot for a customer who is about to decide, or to move an appointment, instead of any other the customer
    /// holds.
    ///
    /// # Errors
    /// [`BookingError::Unknown`], [`BookingError::TooLate`], [`BookingError::SlotFull`], [`BookingError::File`].
    pub async fn hold(&self, dossier: DossierId, slot: SlotId) -> Result<HoldView, BookingError> {
        let now = self.0.ambient.now();
        let until = now + Duration::seconds(i64::from(self.0.settings.hold_seconds));
        let mut tx = self.0.db.begin().await?;
        let slot = self.bookable_slot(&mut tx, slot).await?;
        let file = dossier::find_in(&mut tx, dossier).await?.ok_or(BookingError::Unknown)?;
        match store::open_of_in(&mut tx, dossier).await? {
            Some(booking) => self.refuse_if_near(&booking)?,
            None => drop(file.state.after(Step::Book).map_err(AdvanceError::Refused)?),
        }
        self.refuse_unserved(&mut tx, slot, dossier, &file.locale).await?;
        if !store::hold_seat(&mut tx, slot, dossier, (now, until)).await? {
            return Err(BookingError::SlotFull);
        }
        tx.commit().await?;
        Ok(HoldView { slot_id: slot.id, until })
    }

    async fn refuse_full_day(&self, tx: &mut Tx, starts_at: Timestamp) -> Result<(), BookingError> {
        let cap = self.0.settings.daily_cap;
        if cap == 0 {
            return Ok(());
        }
        let day = self.hours().day_of(starts_at);
        let made = store::made_on(tx, &day.to_string(), self.hours().day(day)).await?;
        // The appointment that is being made is one of them already.
        if made > cap { Err(BookingError::DayFull) } else { Ok(()) }
    }

    async fn bookable_slot(&self, tx: &mut Tx, slot: SlotId) -> Result<Slot, BookingError> {
        let slot = store::slot(tx, slot).await?.ok_or(BookingError::Unknown)?;
        let (first, last) = self.bookable();
        if slot.starts_at < first {
            return Err(BookingError::TooLate);
        }
        if slot.starts_at >= last { Err(BookingError::Unknown) } else { Ok(slot) }
    }

    /// Moves an appointment to another slot; the old seat is free again.
    ///
    /// # Errors
    /// Like [`book`](Self::book), and [`BookingError::Over`] for one that is not open.
    pub async fn reschedule(&self, dossier: DossierId, booking: BookingId, slot: SlotId) -> Result<BookingView, BookingError> {
        let ambient = &self.0.ambient;
        let mut tx = self.0.db.begin().await?;
        let before = self.own(&mut tx, dossier, booking).await?;
        before.state.after(Command::Move).ok_or(BookingError::Over)?;
        if before.slot == slot {
            return Ok(self.view(&before));
        }
        self.refuse_if_near(&before)?;
        let slot = self.bookable_slot(&mut tx, slot).await?;
        let file = dossier::find_in(&mut tx, dossier).await?.ok_or(BookingError::Unknown)?;
        if !store::update(&mut tx, &before, slot.id, BookingState::Booked, ambient.now()).await? {
            return Err(BookingError::ChangedMeanwhile);
        }
        store::free_seat(&mut tx, booking).await?;
        if self.hours().day_of(before.starts_at) != self.hours().day_of(slot.starts_at) {
            self.refuse_full_day(&mut tx, slot.starts_at).await?;
        }
        self.refuse_unserved(&mut tx, slot, dossier, &file.locale).await?;
        if !store::take_seat(&mut tx, slot, booking, dossier, ambient.now()).await? {
            return Err(BookingError::SlotFull);
        }
        let after = store::find_in(&mut tx, booking).await?.ok_or(BookingError::Unknown)?;
        let detail = json!({ "booking": booking, "slot": slot.id, "from_slot": before.slot });
        dossier::advance(&mut tx, ambient, &file, Step::Book, Actor::Customer(dossier), detail).await?;
        self.announce(&mut tx, &after, State::Booked).await?;
        self.follow_up(&mut tx, &after, Letter::Moved).await?;
        tx.commit().await?;
        self.0.relay.nudge();
        Ok(self.view(&after))
    }

    /// Gives an appointment back. Cancelling twice is cancelling once.
    ///
    /// # Errors
    /// [`BookingError::Unknown`], [`BookingError::Over`] for one that was kept or missed, [`BookingError::TooLate`] once
    /// it began.
    pub async fn cancel(&self, queue: &Queue, dossier: DossierId, booking: BookingId) -> Result<BookingView, BookingError> {
        let mut tx = self.0.db.begin().await?;
        let before = self.own(&mut tx, dossier, booking).await?;
        if before.state == BookingState::Cancelled {
            return Ok(self.view(&before));
        }
        before.state.after(Command::Cancel).ok_or(BookingError::Over)?;
        if before.ends_at <= self.0.ambient.now() {
            return Err(BookingError::TooLate);
        }
        let after = self.end(&mut tx, &before, Command::Cancel, Actor::Customer(dossier)).await?;
        tx.commit().await?;
        self.0.relay.nudge();
        queue.withdraw_ring(booking).await?;
        Ok(self.view(&after))
    }

    /// Ends an open appointment in a transaction: seat, file, pages. A file that went on meanwhile stays where it is.
    pub(super) async fn end(&self, tx: &mut Tx, before: &Booking, command: Command, actor: Actor) -> Result<Booking, BookingError> {
        let ambient = &self.0.ambient;
        let state = before.state.after(command).ok_or(BookingError::Over)?;
        if !store::update(tx, before, before.slot, state, ambient.now()).await? {
            return Err(BookingError::ChangedMeanwhile);
        }
        self.let_go(tx, before, command, actor, Letter::Cancelled).await
    }

    /// The rest of an end: seat, file, news, and for a cancelled one the letter that says why.
    pub(super) async fn let_go(&self, tx: &mut Tx, before: &Booking, command: Command, actor: Actor, letter: Letter) -> Result<Booking, BookingError> {
        let ambient = &self.0.ambient;
        let state = before.state.after(command).ok_or(BookingError::Over)?;
        store::free_seat(tx, before.id).await?;
        let mut stands = State::Confirmed;
        if let Some(file) = dossier::find_in(tx, before.dossier).await? {
            stands = file.state;
            if file.state == State::Booked && command != Command::Keep {
                let detail = json!({ "booking": before.id, "how": state.name() });
                stands = dossier::advance(tx, ambient, &file, Step::Unbook, actor, detail).await?.state;
            }
        }
        let after = Booking { state, version: before.version + 1, ..before.clone() };
        self.announce(tx, &after, stands).await?;
        match command {
            Command::Cancel => self.write(tx, &after, letter, ambient.now()).await?,
            Command::Miss => self.write(tx, &after, Letter::Missed, ambient.now()).await?,
            Command::Move | Command::Keep => {}
        }
        Ok(after)
    }

    pub(super) async fn announce(&self, tx: &mut Tx, booking: &Booking, state: State) -> Result<(), DbError> {
        self.tell_consoles(tx, booking).await?;
        outbox::push(tx, &self.0.ambient, Topic::Customer(booking.dossier), &IntakePush::ApplicationChanged { state }).await
    }

    pub(super) async fn tell_consoles(&self, tx: &mut Tx, booking: &Booking) -> Result<(), DbError> {
        let message = BookingPush::BookingsChanged { booking_id: booking.id, starts_at: booking.starts_at, state: booking.state };
        outbox::push(tx, &self.0.ambient, Topic::Console, &message).await
    }

    /// What is to be done about an appointment that was made or moved: the letter, reminders as far as their time is to come, and
    /// closing it when nobody came.
    async fn follow_up(&self, tx: &mut Tx, booking: &Booking, letter: Letter) -> Result<(), DbError> {
        let now = self.0.ambient.now();
        self.write(tx, booking, letter, now).await?;
        for minutes in REMINDERS {
            let at = booking.starts_at - Duration::minutes(i64::from(minutes));
            if at > now {
                self.write(tx, booking, Letter::Reminder(minutes), at).await?;
            }
        }
        let close_at = booking.ends_at + Duration::minutes(i64::from(self.0.settings.missed_after_minutes));
        outbox::job_at(tx, &self.0.ambient, CLOSE_BOOKING, &format!("{}:{}", booking.id, booking.version), &booking.id, close_at).await
    }

    async fn write(&self, tx: &mut Tx, booking: &Booking, letter: Letter, at: Timestamp) -> Result<(), DbError> {
        let subject = format!("{}:{}:{}", booking.id, booking.version, letter.name());
        let due = Due { booking: booking.id, version: booking.version, letter };
        outbox::job_at(tx, &self.0.ambient, SEND_LETTER, &subject, &due, at).await
    }

    async fn own(&self, tx: &mut Tx, dossier: DossierId, booking: BookingId) -> Result<Booking, BookingError> {
        store::find_in(tx, booking).await?.filter(|booking| booking.dossier == dossier).ok_or(BookingError::Unknown)
    }

    fn refuse_if_near(&self, booking: &Booking) -> Result<(), BookingError> {
        if booking.ends_at <= self.0.ambient.now() { Err(BookingError::TooLate) } else { Ok(()) }
    }

    /// The appointment a link opens, with its file.
    ///
    /// # Errors
    /// [`BookingError::Unknown`] for a forged or revoked one, [`BookingError::LinkExpired`] a day after the appointment.
    pub async fn by_link(&self, token: &str) -> Result<(DossierId, BookingView), BookingError> {
        let claimed = crate::base::link::claimed(token).ok_or(BookingError::Unknown)?;
        let booking = store::find(&self.0.db, claimed).await?.ok_or(BookingError::Unknown)?;
        if !link::is_genuine(&self.0.link_key, token, booking.id, &booking.link_nonce) {
            return Err(BookingError::Unknown);
        }
        if booking.ends_at + LINK_LIFE < self.0.ambient.now() {
            return Err(BookingError::LinkExpired);
        }
        Ok((booking.dossier, self.view(&booking)))
    }
}
