//! Appointments: of the customer's session, of the signed link, of the agents' day.

use axum::{Json, extract::State, http::StatusCode};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    base::{
        Timestamp,
        id::{BookingId, ObjectId, SlotId},
    },
    journey::{
        booking::wire::{BookingRow, BookingView, CallOff, ChooseSlot, CutView, HoldView, HoursConflicts, HoursView, NewShift, SetHours, ShiftView, SlotView},
        queue::wire::RingView,
    },
    registry::staff::Role,
    web::{
        Failure, House,
        doorway::{ANY_ROLE, Access, Doorway},
        extract::{self, Path, Query},
        limits::Limit,
        session::{Customer, Signed},
    },
};

/// A link is pressed by a person, not guessed by a machine.
const LINKS: Limit = Limit { burst: 30, per_minute: 30 };

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![
        Doorway::get("/api/v1/slots", Access::Public, slots),
        Doorway::post("/api/v1/bookings", Access::Customer, book),
        Doorway::get("/api/v1/booking", Access::Customer, own),
        Doorway::post("/api/v1/bookings/{id}/reschedule", Access::Customer, reschedule),
        Doorway::post("/api/v1/bookings/{id}/cancel", Access::Customer, cancel),
        Doorway::get("/api/v1/bookings/by-link/{token}", Access::Public, by_link).limited(LINKS),
        Doorway::post("/api/v1/bookings/by-link/{token}/reschedule", Access::Public, reschedule_by_link).limited(LINKS),
        Doorway::post("/api/v1/bookings/by-link/{token}/hold", Access::Public, hold_by_link).limited(LINKS),
        Doorway::post("/api/v1/bookings/by-link/{token}/cancel", Access::Public, cancel_by_link).limited(LINKS),
        Doorway::get("/api/v1/bookings", Access::Staff(ANY_ROLE), day),
        Doorway::post("/api/v1/bookings/{id}/call", Access::Staff(&[Role::Agent]), call),
        Doorway::post("/api/v1/bookings/{id}/call-off", Access::Staff(&[Role::Agent, Role::Supervisor]), call_off),
        Doorway::post("/api/v1/slots/{id}/hold", Access::Customer, hold),
        Doorway::get("/api/v1/hours", Access::Staff(ANY_ROLE), hours),
        Doorway::put("/api/v1/hours", Access::Staff(&[Role::Supervisor]), set_hours),
        Doorway::post("/api/v1/hours/check", Access::Staff(&[Role::Supervisor]), check_hours),
        Doorway::get("/api/v1/shifts", Access::Staff(ANY_ROLE), roster),
        Doorway::post("/api/v1/shifts", Access::Staff(&[Role::Supervisor]), plan),
        Doorway::post("/api/v1/shifts/{id}/cut", Access::Staff(&[Role::Supervisor]), cut),
    ]
}

#[derive(Deserialize)]
struct Stretch {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    locale: Option<String>,
}

async fn slots(State(house): State<House>, Query(stretch): Query<Stretch>) -> Result<Json<Vec<SlotView>>, Failure> {
    Ok(Json(house.bookings.slots(stretch.from, stretch.to, stretch.locale.as_deref()).await?))
}

async fn book(State(house): State<House>, customer: Customer, extract::Json(choice): extract::Json<ChooseSlot>) -> Result<Json<BookingView>, Failure> {
    Ok(Json(house.bookings.book(customer.dossier, choice.slot_id).await?))
}

async fn hold(State(house): State<House>, customer: Customer, Path(id): Path<SlotId>) -> Result<Json<HoldView>, Failure> {
    Ok(Json(house.bookings.hold(customer.dossier, id).await?))
}

async fn hold_by_link(
    State(house): State<House>,
    Path(token): Path<String>,
    extract::Json(choice): extract::Json<ChooseSlot>,
) -> Result<Json<HoldView>, Failure> {
    let (dossier, _) = house.bookings.by_link(&token).await?;
    Ok(Json(house.bookings.hold(dossier, choice.slot_id).await?))
}

async fn call_off(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<BookingId>,
    extract::Json(wanted): extract::Json<CallOff>,
) -> Result<StatusCode, Failure> {
    let is_supervisor = signed.has_any(&[Role::Supervisor]);
    house.bookings.call_off(&house.queue, id, (signed.id, is_supervisor), &wanted.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Days {
    from: NaiveDate,
    to: NaiveDate,
}

async fn roster(State(house): State<House>, Query(days): Query<Days>) -> Result<Json<Vec<ShiftView>>, Failure> {
    Ok(Json(house.bookings.roster(days.from, days.to).await?))
}

async fn plan(State(house): State<House>, signed: Signed, extract::Json(wanted): extract::Json<NewShift>) -> Result<StatusCode, Failure> {
    house.staff.find(wanted.agent_id).await?.ok_or_else(Failure::unknown)?;
    house.bookings.plan(&wanted, signed.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn hours(State(house): State<House>) -> Result<Json<HoursView>, Failure> {
    Ok(Json(house.bookings.hours_view().await?))
}

async fn check_hours(State(house): State<House>, extract::Json(wanted): extract::Json<SetHours>) -> Result<Json<HoursConflicts>, Failure> {
    Ok(Json(house.bookings.check_hours(&wanted).await?))
}

async fn set_hours(State(house): State<House>, signed: Signed, extract::Json(wanted): extract::Json<SetHours>) -> Result<Json<HoursView>, Failure> {
    Ok(Json(house.bookings.set_hours(&house.queue, &wanted, signed.id).await?))
}

async fn cut(State(house): State<House>, signed: Signed, Path(id): Path<ObjectId>) -> Result<Json<CutView>, Failure> {
    Ok(Json(CutView { called_off: house.bookings.cut(&house.queue, id, signed.id).await? }))
}

async fn own(State(house): State<House>, customer: Customer) -> Result<Json<BookingView>, Failure> {
    house.bookings.booking_of(customer.dossier).await?.map(Json).ok_or_else(Failure::unknown)
}

async fn reschedule(
    State(house): State<House>,
    customer: Customer,
    Path(id): Path<BookingId>,
    extract::Json(choice): extract::Json<ChooseSlot>,
) -> Result<Json<BookingView>, Failure> {
    Ok(Json(house.bookings.reschedule(customer.dossier, id, choice.slot_id).await?))
}

async fn cancel(State(house): State<House>, customer: Customer, Path(id): Path<BookingId>) -> Result<Json<BookingView>, Failure> {
    Ok(Json(house.bookings.cancel(&house.queue, customer.dossier, id).await?))
}

async fn by_link(State(house): State<House>, Path(token): Path<String>) -> Result<Json<BookingView>, Failure> {
    let (_, booking) = house.bookings.by_link(&token).await?;
    Ok(Json(booking))
}

async fn reschedule_by_link(
    State(house): State<House>,
    Path(token): Path<String>,
    extract::Json(choice): extract::Json<ChooseSlot>,
) -> Result<Json<BookingView>, Failure> {
    let (dossier, booking) = house.bookings.by_link(&token).await?;
    Ok(Json(house.bookings.reschedule(dossier, booking.id, choice.slot_id).await?))
}

async fn cancel_by_link(State(house): State<House>, Path(token): Path<String>) -> Result<Json<BookingView>, Failure> {
    let (dossier, booking) = house.bookings.by_link(&token).await?;
    Ok(Json(house.bookings.cancel(&house.queue, dossier, booking.id).await?))
}

#[derive(Deserialize)]
struct Day {
    day: Option<NaiveDate>,
}

async fn day(State(house): State<House>, Query(Day { day }): Query<Day>) -> Result<Json<Vec<BookingRow>>, Failure> {
    Ok(Json(house.bookings.day(&house.queue, day).await?))
}

async fn call(State(house): State<House>, signed: Signed, Path(id): Path<BookingId>) -> Result<Json<RingView>, Failure> {
    Ok(Json(house.bookings.call(&house.queue, id, signed.id, signed.display_name).await?))
}
