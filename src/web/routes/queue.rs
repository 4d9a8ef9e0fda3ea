//! The line, the desk and the ring.

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    base::id::TicketId,
    journey::queue::wire::{AcceptedView, AnswerOffer, DeskView, RingView, SetPresence, TicketView, WaitEstimate},
    registry::staff::Role,
    web::{
        Failure, House,
        doorway::{Access, Doorway},
        extract::{self, Path},
        session::{Customer, Signed},
    },
};

const AGENT: Access = Access::Staff(&[Role::Agent]);

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![
        Doorway::get("/api/v1/queue/estimate", Access::Public, estimate),
        Doorway::post("/api/v1/tickets", Access::Customer, enqueue),
        Doorway::get("/api/v1/ticket", Access::Customer, ticket),
        Doorway::post("/api/v1/tickets/{id}/leave", Access::Customer, leave),
        Doorway::get("/api/v1/ring", Access::Customer, ring),
        Doorway::post("/api/v1/ring/answer", Access::Customer, answer_ring),
        Doorway::post("/api/v1/ring/decline", Access::Customer, decline_ring),
        Doorway::get("/api/v1/desk", AGENT, desk),
        Doorway::post("/api/v1/presence", AGENT, set_presence),
        Doorway::post("/api/v1/tickets/{id}/accept", AGENT, accept),
        Doorway::post("/api/v1/tickets/{id}/decline", AGENT, decline),
    ]
}

async fn estimate(State(house): State<House>) -> Result<Json<WaitEstimate>, Failure> {
    Ok(Json(house.queue.estimate().await?))
}

/// A booked customer who calls by hand goes before the others, so the appointment is looked up first.
async fn enqueue(State(house): State<House>, customer: Customer) -> Result<Json<TicketView>, Failure> {
    let booked = house.bookings.booked(customer.dossier).await?;
    Ok(Json(house.queue.enqueue(customer.dossier, booked).await?))
}

async fn ticket(State(house): State<House>, customer: Customer) -> Result<Json<TicketView>, Failure> {
    house.queue.ticket_of(customer.dossier).await?.map(Json).ok_or_else(Failure::unknown)
}

async fn leave(State(house): State<House>, customer: Customer, Path(id): Path<TicketId>) -> Result<Json<TicketView>, Failure> {
    Ok(Json(house.queue.leave(customer.dossier, id).await?))
}

async fn ring(State(house): State<House>, customer: Customer) -> Result<Json<RingView>, Failure> {
    let ring = house.queue.ring_of(customer.dossier).await?;
    ring.map(Json).ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "not_ringing", "nobody is calling"))
}

async fn answer_ring(State(house): State<House>, customer: Customer) -> Result<Json<AcceptedView>, Failure> {
    Ok(Json(AcceptedView { call_id: house.queue.answer_ring(customer.dossier).await? }))
}

async fn decline_ring(State(house): State<House>, customer: Customer) -> Result<StatusCode, Failure> {
    house.queue.decline_ring(customer.dossier).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn desk(State(house): State<House>, signed: Signed) -> Result<Json<DeskView>, Failure> {
    Ok(Json(house.queue.desk(signed.id).await?))
}

async fn set_presence(State(house): State<House>, signed: Signed, extract::Json(wanted): extract::Json<SetPresence>) -> Result<Json<DeskView>, Failure> {
    Ok(Json(house.queue.set_presence(signed.id, &wanted).await?))
}

async fn accept(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<TicketId>,
    extract::Json(answer): extract::Json<AnswerOffer>,
) -> Result<Json<AcceptedView>, Failure> {
    Ok(Json(AcceptedView { call_id: house.queue.accept(signed.id, id, answer.epoch).await? }))
}

async fn decline(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<TicketId>,
    extract::Json(answer): extract::Json<AnswerOffer>,
) -> Result<Json<DeskView>, Failure> {
    Ok(Json(house.queue.decline(signed.id, id, answer.epoch, answer.reason.as_deref()).await?))
}
