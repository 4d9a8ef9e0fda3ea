//! The house's side of the roster: shifts put on and cut, appointments called off. Whoever loses an appointment is told at once and
//! shown the way to another.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate, NaiveTime};
use serde_json::json;

use super::{
    BookingError, Bookings,
    crew::Crew,
    letters::Letter,
    life::Command,
    store::{self, Booking},
    wire::{BookingState, NewShift, ShiftView},
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::{BookingId, ObjectId, SlotId, StaffId},
    },
    journey::queue::{Queue, hours::Span},
    registry::audit::{self, Act, Actor},
};

/// Why an agent may call an appointment off.
const CALL_OFF_REASONS: [&str; 4] = ["agent_sick", "site_closed", "technical", "customer_asked"];

impl Bookings {
    /// Gives an appointment back to its customer, who is told and shown the way to another time.
    ///
    /// # Errors
    /// [`BookingError::Unknown`], [`BookingError::Over`], [`BookingError::BadReason`], [`BookingError::TooManyCalledOff`] unless
    /// `is_supervisor`.
    pub async fn call_off(&self, queue: &Queue, booking: BookingId, (by, is_supervisor): (StaffId, bool), reason: &str) -> Result<(), BookingError> {
        if !CALL_OFF_REASONS.contains(&reason) {
            return Err(BookingError::BadReason);
        }
        let now = self.0.ambient.now();
        let mut tx = self.0.db.begin().await?;
        let before = store::find_in(&mut tx, booking).await?.ok_or(BookingError::Unknown)?;
        before.state.after(Command::Cancel).ok_or(BookingError::Over)?;
        if !is_supervisor && store::called_off_by(&mut tx, by, now - Duration::days(1)).await? >= self.0.settings.call_offs_per_day {
            return Err(BookingError::TooManyCalledOff);
        }
        self.give_back(&mut tx, &before, Some(by), reason).await?;
        tx.commit().await?;
        self.0.relay.nudge();
        queue.withdraw_ring(booking).await?;
        Ok(())
    }

    /// Appointments of a stretch that whoever is on shift cannot all hold: of each slot the last made.
    async fn unserved(&self, tx: &mut Tx, span: Span) -> Result<Vec<Booking>, DbError> {
        let crews = self.crews(tx, span, self.0.ambient.now()).await?;
        let mut slots: BTreeMap<SlotId, Crew> = BTreeMap::new();
        let mut unserved = Vec::new();
        for (booking, locale) in store::open_in_order(tx, span).await? {
            let crew = slots.entry(booking.slot).or_insert_with(|| crews.of(Span { starts_at: booking.starts_at, ends_at: booking.ends_at }));
            if !crew.seat(self.lane_of(&locale)) {
                unserved.push(booking);
            }
        }
        Ok(unserved)
    }

    pub(super) async fn give_back(&self, tx: &mut Tx, before: &Booking, by: Option<StaffId>, reason: &str) -> Result<(), BookingError> {
        let now = self.0.ambient.now();
        let actor = by.map_or(Actor::System, Actor::Staff);
        if !store::update(tx, before, before.slot, BookingState::Cancelled, now).await? {
            return Err(BookingError::ChangedMeanwhile);
        }
        store::call_off(tx, before.id, by, reason, now).await?;
        self.let_go(tx, before, Command::Cancel, actor, Letter::CalledOff).await?;
        Ok(())
    }

    /// The shifts of some days of the site, soonest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn roster(&self, from: NaiveDate, to: NaiveDate) -> Result<Vec<ShiftView>, DbError> {
        let span = Span { starts_at: self.hours().day(from).starts_at, ends_at: self.hours().day(to).ends_at };
        store::roster(&self.0.db, span).await
    }

    /// Puts an agent on the roster.
    ///
    /// # Errors
    /// [`BookingError::BadReason`] for times that are none.
    pub async fn plan(&self, wanted: &NewShift, by: StaffId) -> Result<(), BookingError> {
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| BookingError::BadReason);
        let (from, to) = (time(&wanted.from)?, time(&wanted.to)?);
        if from >= to {
            return Err(BookingError::BadReason);
        }
        self.add_shift(wanted.agent_id, wanted.day, from, to).await?;
        let mut tx = self.0.db.begin().await?;
        let detail = json!({ "staff": wanted.agent_id, "day": wanted.day });
        audit::write(&mut tx, &self.0.ambient, Act { actor: Actor::Staff(by), act: "booking.shift_planned", dossier: None, purpose: None, detail }).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a shift off the roster. Where too few agents are left for the appointments, or too few who speak their languages, the last
    /// made are called off; how many.
    ///
    /// # Errors
    /// [`BookingError::Unknown`].
    pub async fn cut(&self, queue: &Queue, shift: ObjectId, by: StaffId) -> Result<u32, BookingError> {
        let mut tx = self.0.db.begin().await?;
        let cut = store::cut_shift(&mut tx, shift).await?.ok_or(BookingError::Unknown)?;
        // What has begun is not touched any more.
        let span = Span { starts_at: cut.span.starts_at.max(self.0.ambient.now()), ends_at: cut.span.ends_at };
        let mut lost = Vec::new();
        if span.starts_at < span.ends_at {
            self.make_slots(&mut tx, span).await?;
            for booking in self.unserved(&mut tx, span).await? {
                self.give_back(&mut tx, &booking, None, "shift_cut").await?;
                lost.push(booking.id);
            }
            store::keep_taken(&mut tx, span).await?;
        }
        let detail = json!({ "staff": cut.agent, "called_off": lost.len() });
        audit::write(&mut tx, &self.0.ambient, Act { actor: Actor::Staff(by), act: "booking.shift_cut", dossier: None, purpose: None, detail }).await?;
        tx.commit().await?;
        self.0.relay.nudge();
        for booking in &lost {
            queue.withdraw_ring(*booking).await?;
        }
        Ok(u32::try_from(lost.len()).unwrap_or(u32::MAX))
    }
}
