//! The line, the desk and the ring.

use axum::{Json, body::Bytes, extract::State, http::StatusCode, response::IntoResponse};
use serde::Deserialize;

use crate::{
    base::id::{DossierId, ObjectId, StaffId, TicketId},
    journey::queue::wire::{
        AcceptedView, AgentView, AnswerOffer, AskCallback, CatalogueView, DeskView, NoteView, PushKeyView, QueueHealth, RingView, SetPresence, SkillsView,
        Subscribe, TakeTicket, TicketView, Unsubscribe, WaitEstimate, WrapUp, WrapUpNote,
    },
    registry::staff::Role,
    web::{
        Failure, House,
        doorway::{ANY_ROLE, Access, Doorway},
        extract::{self, Path, Query},
        limits::Limit,
        session::{self, Customer, Signed},
    },
};

const AGENT: Access = Access::Staff(&[Role::Agent]);
const SUPERVISOR: Access = Access::Staff(&[Role::Supervisor]);

/// A link is pressed by a person, not guessed by a machine.
const LINKS: Limit = Limit { burst: 30, per_minute: 30 };

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![
        Doorway::get("/api/v1/queue/estimate", Access::Public, estimate),
        Doorway::get("/api/v1/queue/health", SUPERVISOR, health),
        Doorway::post("/api/v1/tickets", Access::Customer, enqueue),
        Doorway::get("/api/v1/ticket", Access::Customer, ticket),
        Doorway::post("/api/v1/tickets/{id}/leave", Access::Customer, leave),
        Doorway::post("/api/v1/tickets/{id}/callback", Access::Customer, ask_callback),
        Doorway::post("/api/v1/tickets/{id}/stay", Access::Customer, stay),
        Doorway::get("/api/v1/ring", Access::Customer, ring),
        Doorway::post("/api/v1/ring/by-link/{token}", Access::Public, ring_by_link).limited(LINKS),
        Doorway::post("/api/v1/ring/answer", Access::Customer, answer_ring),
        Doorway::post("/api/v1/ring/decline", Access::Customer, decline_ring),
        Doorway::get("/api/v1/push", Access::Public, push_key),
        Doorway::post("/api/v1/push/subscriptions", Access::Customer, subscribe),
        Doorway::post("/api/v1/push/subscriptions/forget", Access::Customer, unsubscribe),
        Doorway::get("/api/v1/desk", AGENT, desk),
        Doorway::post("/api/v1/presence", AGENT, set_presence),
        Doorway::get("/api/v1/agents", SUPERVISOR, agents),
        Doorway::get("/api/v1/queue/catalogue", Access::Staff(ANY_ROLE), catalogue),
        Doorway::put("/api/v1/agents/{id}/skills", SUPERVISOR, set_skills),
        Doorway::post("/api/v1/agents/{id}/presence", SUPERVISOR, force_presence),
        Doorway::get("/api/v1/queue/notes", SUPERVISOR, notes),
        Doorway::post("/api/v1/queue/notes/{id}/seen", SUPERVISOR, see_note),
        Doorway::post("/api/v1/wrap-up", AGENT, wrap_up),
        Doorway::get("/api/v1/dossiers/{id}/wrap-up-notes", Access::Staff(ANY_ROLE), wrap_up_notes),
        Doorway::post("/api/v1/tickets/{id}/accept", AGENT, accept),
        Doorway::post("/api/v1/tickets/{id}/decline", AGENT, decline),
    ]
}

/// What a call would be about; both may be left out.
#[derive(Deserialize)]
struct Class {
    #[serde(default)]
    locale: String,
    product: Option<String>,
}

async fn estimate(State(house): State<House>, Query(class): Query<Class>) -> Result<Json<WaitEstimate>, Failure> {
    Ok(Json(house.queue.estimate(&class.locale, class.product.as_deref()).await?))
}

/// A booked customer who calls by hand goes before the others, so the appointment is looked up first.
async fn enqueue(State(house): State<House>, customer: Customer, body: Bytes) -> Result<Json<TicketView>, Failure> {
    let wish: TakeTicket = if body.is_empty() { TakeTicket::default() } else { serde_json::from_slice(&body).map_err(|_| Failure::malformed())? };
    let booked = house.bookings.booked(customer.dossier).await?;
    Ok(Json(house.queue.enqueue(customer.dossier, booked, &wish).await?))
}

async fn ticket(State(house): State<House>, customer: Customer) -> Result<Json<TicketView>, Failure> {
    house.queue.ticket_of(customer.dossier).await?.map(Json).ok_or_else(Failure::unknown)
}

async fn leave(State(house): State<House>, customer: Customer, Path(id): Path<TicketId>) -> Result<Json<TicketView>, Failure> {
    Ok(Json(house.queue.leave(customer.dossier, id).await?))
}

async fn ask_callback(
    State(house): State<House>,
    customer: Customer,
    Path(id): Path<TicketId>,
    extract::Json(wanted): extract::Json<AskCallback>,
) -> Result<Json<TicketView>, Failure> {
    Ok(Json(house.queue.ask_callback(customer.dossier, id, &wanted).await?))
}

async fn stay(State(house): State<House>, customer: Customer, Path(id): Path<TicketId>) -> Result<Json<TicketView>, Failure> {
    Ok(Json(house.queue.stay(customer.dossier, id).await?))
}

/// The link in a message lets this browser act for the file, as a resume link does, and the page rings there.
async fn ring_by_link(State(house): State<House>, Path(token): Path<String>) -> Result<impl IntoResponse, Failure> {
    let dossier = house.queue.ring_by_link(&token).await?;
    let view = house.intake.view(dossier).await?;
    Ok(([session::begin_customer(&house, dossier).await?], Json(view)))
}

async fn ring(State(house): State<House>, customer: Customer) -> Result<Json<RingView>, Failure> {
    let ring = house.queue.ring_of(customer.dossier).await?;
    ring.map(Json).ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "not_ringing", "nobody is calling"))
}

async fn answer_ring(State(house): State<House>, customer: Customer) -> Result<Json<AcceptedView>, Failure> {
    Ok(Json(AcceptedView { call_id: Some(house.queue.answer_ring(customer.dossier).await?), ringing_until: None }))
}

async fn decline_ring(State(house): State<House>, customer: Customer) -> Result<StatusCode, Failure> {
    house.queue.decline_ring(customer.dossier).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn push_key(State(house): State<House>) -> Json<PushKeyView> {
    Json(house.queue.push_key())
}

async fn subscribe(State(house): State<House>, customer: Customer, extract::Json(browser): extract::Json<Subscribe>) -> Result<StatusCode, Failure> {
    house.queue.subscribe(customer.dossier, &browser).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unsubscribe(State(house): State<House>, customer: Customer, extract::Json(browser): extract::Json<Unsubscribe>) -> Result<StatusCode, Failure> {
    house.queue.unsubscribe(customer.dossier, &browser.endpoint).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn desk(State(house): State<House>, signed: Signed) -> Result<Json<DeskView>, Failure> {
    Ok(Json(house.queue.desk(signed.id).await?))
}

async fn set_presence(State(house): State<House>, signed: Signed, extract::Json(wanted): extract::Json<SetPresence>) -> Result<Json<DeskView>, Failure> {
    Ok(Json(house.queue.set_presence(signed.id, &wanted).await?))
}

async fn health(State(house): State<House>) -> Result<Json<QueueHealth>, Failure> {
    Ok(Json(house.queue.health().await?))
}

async fn agents(State(house): State<House>) -> Result<Json<Vec<AgentView>>, Failure> {
    let members = house.staff.list().await?.into_iter().filter(|member| member.roles.contains(&Role::Agent));
    Ok(Json(house.queue.agents(members.map(|member| (member.id, member.display_name)).collect()).await?))
}

async fn catalogue(State(house): State<House>) -> Json<CatalogueView> {
    Json(house.queue.catalogue())
}

async fn set_skills(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<StaffId>,
    extract::Json(skills): extract::Json<SkillsView>,
) -> Result<StatusCode, Failure> {
    house.staff.find(id).await?.ok_or_else(Failure::unknown)?;
    house.queue.set_skills(id, &skills, signed.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn force_presence(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<StaffId>,
    extract::Json(wanted): extract::Json<SetPresence>,
) -> Result<StatusCode, Failure> {
    house.staff.find(id).await?.ok_or_else(Failure::unknown)?;
    house.queue.force_presence(id, &wanted, signed.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn notes(State(house): State<House>) -> Result<Json<Vec<NoteView>>, Failure> {
    Ok(Json(house.queue.notes().await?))
}

async fn see_note(State(house): State<House>, signed: Signed, Path(id): Path<ObjectId>) -> Result<StatusCode, Failure> {
    house.queue.see_note(id, signed.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn wrap_up(State(house): State<House>, signed: Signed, extract::Json(wanted): extract::Json<WrapUp>) -> Result<Json<DeskView>, Failure> {
    Ok(Json(house.queue.wrap_up(signed.id, &wanted).await?))
}

async fn wrap_up_notes(State(house): State<House>, signed: Signed, Path(id): Path<DossierId>) -> Result<Json<Vec<WrapUpNote>>, Failure> {
    Ok(Json(house.queue.wrap_up_notes(id, signed.id).await?))
}

async fn accept(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<TicketId>,
    extract::Json(answer): extract::Json<AnswerOffer>,
) -> Result<Json<AcceptedView>, Failure> {
    Ok(Json(house.queue.accept((signed.id, &signed.display_name), id, answer.epoch).await?))
}

async fn decline(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<TicketId>,
    extract::Json(answer): extract::Json<AnswerOffer>,
) -> Result<Json<DeskView>, Failure> {
    Ok(Json(house.queue.decline(signed.id, id, answer.epoch, answer.reason.as_deref()).await?))
}
