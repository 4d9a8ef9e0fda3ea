//! The second step, when the customer prefers later: shifts make slots, slots have seats, a seat is an appointment.
//!
//! The roster ([`Bookings::add_shift`], from wall-clock times in the site's zone) is turned into slots of a quarter of an
//! hour ([`shift`]). Taking a seat is inserting its row: the primary key keeps two customers off one seat. An appointment
//! is changed by its customer's session or by the signed [`link`] in each letter: the customer is written when it is made, moved,
//! cancelled or missed, with an invitation for the calendar, and reminded 24 hours, one hour and ten minutes before. At its time the queue offers
//! it to the next free agent ([`Bookings::ring_due`]), or an agent calls from the list ([`Bookings::call`]), and the customer's page rings; a
//! customer who calls by hand goes before the others.
//!
//! It must not know what was photographed, nor how a call works. Start reading at [`Bookings::book`].

mod change;
mod crew;
mod day;
mod ics;
mod jobs;
mod letters;
pub mod life;
mod link;
mod news;
mod opening;
mod roster;
mod settings;
pub mod shift;
mod store;
pub mod wire;

use std::sync::Arc;

use chrono::{Duration, NaiveDate, NaiveTime};

pub use jobs::{CLOSE_BOOKING, CloseBooking, SEND_LETTER, SendLetter};
pub use settings::Settings;
use shift::Shift;
use wire::{BookingView, SlotView};

use crate::{
    base::{
        Ambient, Timestamp,
        db::{Db, DbError},
        id::{DossierId, StaffId},
    },
    journey::queue::{
        Booked, QueueError,
        calendar::{BadHours, Calendar},
        hours::{self, Span},
    },
    registry::{dossier::AdvanceError, outbox::Relay},
};

/// Why an appointment was refused.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    /// The house takes no more appointments on this day.
    #[error("no more appointments are taken on this day")]
    DayFull,
    /// Somebody gave back as many appointments as one may in a day.
    #[error("you called off as many appointments as one may in a day; ask a supervisor")]
    TooManyCalledOff,
    /// A coded reason is missing or unknown.
    #[error("the reason is missing or unknown")]
    BadReason,
    /// What was written is no opening hours.
    #[error(transparent)]
    BadHours(#[from] BadHours),
    /// Appointments lie outside the hours, and nobody said what becomes of them.
    #[error("appointments lie outside these hours")]
    HoursConflict,
    /// There is no such thing, or it is somebody else's, or the link is forged.
    #[error("there is no such appointment")]
    Unknown,
    /// The link ran out.
    #[error("this link ran out")]
    LinkExpired,
    /// Somebody else took the last seat.
    #[error("the last seat of this time is taken")]
    SlotFull,
    /// The time is too near, or past.
    #[error("this time is too near")]
    TooLate,
    /// The agent may not call yet.
    #[error("the appointment is not due yet")]
    TooEarly,
    /// The file has an appointment at another time already.
    #[error("there is an appointment already")]
    AlreadyBooked,
    /// Cancelled, kept or missed.
    #[error("this appointment is over")]
    Over,
    /// Somebody else changed it in between.
    #[error("it was changed in between")]
    ChangedMeanwhile,
    /// The file does not allow the step.
    #[error(transparent)]
    File(#[from] AdvanceError),
    /// The queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What appointments stand on.
pub struct Parts {
    /// Clock and randomness.
    pub ambient: Ambient,
    /// The database.
    pub db: Db,
    /// Delivers what transactions left behind.
    pub relay: Relay,
    /// What the operator chose.
    pub settings: Settings,
    /// When appointments can be held.
    pub calendar: Calendar,
    /// Languages and products of the house.
    pub routing: crate::journey::queue::Settings,
    /// Signs links.
    pub link_key: crate::base::link::LinkKey,
}

/// The door of appointments. Cheap to clone.
#[derive(Clone)]
pub struct Bookings(Arc<Parts>);

impl Bookings {
    /// A door over its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Slots with free seats that begin in `[from, to)`, no sooner than the notice allows and within the horizon; with a locale, only the seats
    /// of agents who speak it.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn slots(&self, from: Option<Timestamp>, to: Option<Timestamp>, locale: Option<&str>) -> Result<Vec<SlotView>, DbError> {
        let (now, (first, last)) = (self.0.ambient.now(), self.bookable());
        let span = Span { starts_at: from.map_or(first, |from| from.max(first)), ends_at: to.map_or(last, |to| to.min(last)) };
        let mut tx = self.0.db.begin().await?;
        let mut slots = store::free_slots(&mut tx, span.starts_at, span.ends_at, now).await?;
        if let Some(locale) = locale {
            let (crews, lane) = (self.crews(&mut tx, span, now).await?, self.lane_of(locale));
            for slot in &mut slots {
                let crew =
                    crews.seated(slot.id, Span { starts_at: slot.starts_at, ends_at: slot.starts_at + Duration::minutes(i64::from(slot.minutes)) }, None);
                slot.free = slot.free.min(crew.room_for(lane));
            }
            slots.retain(|slot| slot.free > 0);
        }
        Ok(slots)
    }

    fn hours(&self) -> hours::Settings {
        self.0.calendar.hours()
    }

    fn bookable(&self) -> (Timestamp, Timestamp) {
        let now = self.0.ambient.now();
        let settings = &self.0.settings;
        (now + Duration::minutes(i64::from(settings.notice_minutes)), now + Duration::days(i64::from(settings.horizon_days)))
    }

    /// The customer's latest appointment.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn booking_of(&self, dossier: DossierId) -> Result<Option<BookingView>, DbError> {
        Ok(store::latest_of(&self.0.db, dossier).await?.map(|booking| self.view(&booking)))
    }

    /// The customer's open appointment, as the queue wants to know it when the customer calls by hand.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn booked(&self, dossier: DossierId) -> Result<Option<Booked>, DbError> {
        Ok(store::open_of(&self.0.db, dossier).await?.map(|booking| Booked { booking: booking.id, starts_at: booking.starts_at }))
    }

    fn view(&self, booking: &store::Booking) -> BookingView {
        BookingView {
            id: booking.id,
            slot_id: booking.slot,
            starts_at: booking.starts_at,
            minutes: store::minutes(booking.starts_at, booking.ends_at),
            state: booking.state,
            link_token: link::token(&self.0.link_key, booking.id, &booking.link_nonce),
        }
    }

    /// Puts an agent on the roster from one wall-clock time of the site to another on the same day, and makes the slots.
    /// The same beginning twice is once.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn add_shift(&self, agent: StaffId, day: NaiveDate, from: NaiveTime, to: NaiveTime) -> Result<(), DbError> {
        let span = self.hours().between(day.and_time(from), day.and_time(to));
        if span.starts_at >= span.ends_at {
            return Ok(());
        }
        let mut tx = self.0.db.begin().await?;
        store::insert_shift(&mut tx, self.0.ambient.id(), Shift { agent, span }, self.0.ambient.now()).await?;
        self.make_slots(&mut tx, span).await?;
        store::keep_taken(&mut tx, span).await?;
        tx.commit().await
    }

    /// Makes the slots of the coming weeks again from roster and opening hours; to be called at start, when settings may
    /// have changed. Seats already taken stay with their customers.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn rebuild(&self) -> Result<(), DbError> {
        self.0.calendar.refresh(&self.0.db).await?;
        let now = self.0.ambient.now();
        let span = Span { starts_at: now, ends_at: now + Duration::days(i64::from(self.0.settings.horizon_days) + 1) };
        let mut tx = self.0.db.begin().await?;
        self.make_slots(&mut tx, span).await?;
        store::keep_taken(&mut tx, span).await?;
        tx.commit().await
    }

    async fn make_slots(&self, tx: &mut crate::base::db::Tx, span: Span) -> Result<(), DbError> {
        self.make_slots_of(tx, &self.hours(), span).await
    }

    async fn make_slots_of(&self, tx: &mut crate::base::db::Tx, hours: &hours::Settings, span: Span) -> Result<(), DbError> {
        store::close_slots(tx, span).await?;
        let shifts = store::shifts(tx, span).await?;
        let buffer = Duration::minutes(i64::from(self.0.settings.buffer_minutes));
        for (starts_at, capacity) in shift::slots(hours, &shifts, span, buffer) {
            store::put_slot(tx, self.0.ambient.id(), starts_at, shift::SLOT, capacity).await?;
        }
        Ok(())
    }

    /// Puts these agents on the roster from 07:00 to 22:00 of the coming days, today included.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn seed_demo_shifts(&self, agents: &[StaffId], days: u32) -> Result<(), DbError> {
        let (from, to) = (NaiveTime::from_hms_opt(7, 0, 0).expect("a time"), NaiveTime::from_hms_opt(22, 0, 0).expect("a time"));
        let today = self.hours().day_of(self.0.ambient.now());
        for day in today.iter_days().take(days as usize) {
            for agent in agents {
                self.add_shift(*agent, day, from, to).await?;
            }
        }
        Ok(())
    }
}
