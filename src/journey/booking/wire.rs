//! What pages are told about appointments.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::base::{
    Pii, Timestamp,
    id::{BookingId, DossierId, ObjectId, SlotId, StaffId},
};
pub use crate::journey::queue::calendar::Closure;

/// A length of time with free seats: `GET /api/v1/slots?from=<rfc3339>&to=<rfc3339>&locale=<bcp47>` answers a list, soonest first; with a
/// locale, of the seats of agents who speak it.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct SlotView {
    /// Its id.
    pub id: SlotId,
    /// When it starts (the page shows it in the customer's zone).
    #[ts(type = "string")]
    pub starts_at: Timestamp,
    /// How long it is.
    pub minutes: u32,
    /// Seats left.
    pub free: u32,
}

/// `POST /api/v1/bookings`, `POST /api/v1/bookings/{id}/reschedule`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ChooseSlot {
    /// Which.
    pub slot_id: SlotId,
}

/// A seat held: `POST /api/v1/slots/{id}/hold`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct HoldView {
    /// Of which slot.
    pub slot_id: SlotId,
    /// Until when.
    #[ts(type = "string")]
    pub until: Timestamp,
}

/// `POST /api/v1/bookings/{id}/call-off`: the house gives an appointment back.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CallOff {
    /// `agent_sick`, `site_closed`, `technical`, `customer_asked`.
    pub reason: String,
}

/// Opening hours of the site: `GET /api/v1/hours`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct HoursView {
    /// IANA zone of the site.
    pub time_zone: String,
    /// Counts changes; goes back with the next.
    #[ts(type = "number")]
    pub version: i64,
    /// Parts of each day, Monday first, `08:00-12:00`; none is closed.
    pub week: Vec<Vec<String>>,
    /// Days closed.
    pub closures: Vec<Closure>,
}

/// `PUT /api/v1/hours`; the same to `POST /api/v1/hours/check` answers the conflicts and changes nothing.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "wire.ts")]
pub struct SetHours {
    /// Of the hours that are changed.
    #[ts(type = "number")]
    pub version: i64,
    /// Parts of each day, Monday first.
    pub week: Vec<Vec<String>>,
    /// Days closed.
    pub closures: Vec<Closure>,
    /// What becomes of appointments outside the hours: called off, or kept; without a word they stop the change.
    #[serde(default)]
    pub call_off: Option<bool>,
}

/// What opening hours come into conflict with.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct HoursConflicts {
    /// Appointments outside the hours.
    pub bookings: Vec<BookingRow>,
    /// Shifts that are not all within the hours.
    pub shifts: Vec<ShiftView>,
}

/// A shift on the roster: `GET /api/v1/shifts?from=YYYY-MM-DD&to=YYYY-MM-DD`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ShiftView {
    /// Its id; `POST /api/v1/shifts/{id}/cut` takes it off.
    pub id: ObjectId,
    /// Whose.
    pub agent_id: StaffId,
    /// The name.
    pub agent_name: String,
    /// From.
    #[ts(type = "string")]
    pub starts_at: Timestamp,
    /// To.
    #[ts(type = "string")]
    pub ends_at: Timestamp,
}

/// `POST /api/v1/shifts`: puts an agent on the roster, in wall-clock times of the site.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct NewShift {
    /// Whose.
    pub agent_id: StaffId,
    /// `YYYY-MM-DD`.
    #[ts(type = "string")]
    pub day: chrono::NaiveDate,
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`, later on the same day.
    pub to: String,
}

/// Answer of `POST /api/v1/shifts/{id}/cut`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CutView {
    /// So many customers lost their appointment and were told, with the way to another.
    pub called_off: u32,
}

/// An appointment as its customer sees it: `GET /api/v1/booking`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct BookingView {
    /// Its id.
    pub id: BookingId,
    /// The slot.
    pub slot_id: SlotId,
    /// When.
    #[ts(type = "string")]
    pub starts_at: Timestamp,
    /// How long.
    pub minutes: u32,
    /// Where it stands.
    pub state: BookingState,
    /// Token of the signed link (`/#/booking/<token>`): `GET|POST /api/v1/bookings/by-link/{token}[/reschedule|/cancel]`.
    pub link_token: String,
}

/// Where an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum BookingState {
    /// To come.
    Booked,
    /// Cancelled by the customer or an agent.
    Cancelled,
    /// The call took place.
    Kept,
    /// Nobody came.
    Missed,
}

/// An appointment as the console lists it: `GET /api/v1/bookings?day=YYYY-MM-DD`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct BookingRow {
    /// Its id.
    pub id: BookingId,
    /// The file.
    pub dossier_id: DossierId,
    /// What the customer can say on the phone.
    pub reference: String,
    /// Name as confirmed.
    #[ts(type = "string | null")]
    pub name: Option<Pii<String>>,
    /// The customer's language.
    pub locale: String,
    /// When.
    #[ts(type = "string")]
    pub starts_at: Timestamp,
    /// How long.
    pub minutes: u32,
    /// Where it stands.
    pub state: BookingState,
    /// Whether the customer's page is open now.
    pub is_online: bool,
    /// Whether the customer stands in line for it and goes to the next agent who is free: nobody need call.
    pub is_in_line: bool,
}

/// Push to consoles.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum BookingPush {
    /// The list of a day changed: made, moved, cancelled.
    BookingsChanged {
        /// The appointment.
        booking_id: BookingId,
        /// When it is now.
        #[ts(type = "string")]
        starts_at: Timestamp,
        /// What it is now.
        state: BookingState,
    },
}
