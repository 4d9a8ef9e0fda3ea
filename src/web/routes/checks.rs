//! Checks: asking, filing the still, the verdict.

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    base::id::{CallId, CheckId},
    journey::{
        call::Who,
        checks::wire::{AskCheck, CheckSheet, CheckView, CodeView, CompareFace, GiveHints, GiveNonce, GivePlace, JudgeCheck, MarkAnswer, ResendCode, TypeCode},
    },
    registry::staff::Role,
    web::{
        Failure, House,
        doorway::{Access, Doorway},
        extract::{self, Body, Path},
        session::{Customer, Signed},
    },
};

/// Bytes of a still the doorway takes; the room has its own, smaller limit.
const STILL: usize = 4 * 1024 * 1024;

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    let agents = Access::Staff(&[Role::Agent]);
    vec![
        Doorway::post("/api/v1/calls/{id}/checks", agents, ask),
        Doorway::post("/api/v1/call/nonce", Access::Customer, give_nonce),
        Doorway::put("/api/v1/checks/{id}/still", agents, file_still).body(STILL),
        Doorway::post("/api/v1/checks/{id}/verdict", agents, judge),
        Doorway::get("/api/v1/checks/{id}/sheet", agents, sheet),
        Doorway::post("/api/v1/checks/{id}/code", agents, send_code),
        Doorway::put("/api/v1/checks/{id}/questions/{question}", agents, mark_answer),
        Doorway::post("/api/v1/calls/{id}/hints", agents, notice),
        Doorway::put("/api/v1/calls/{id}/comparison", agents, compare),
        Doorway::post("/api/v1/call/code", Access::Customer, type_code),
        Doorway::post("/api/v1/call/code/again", Access::Customer, send_code_again),
        Doorway::post("/api/v1/call/place", Access::Customer, give_place),
        Doorway::post("/api/v1/call/hints", Access::Customer, notice_own),
    ]
}

async fn ask(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<CallId>,
    extract::Json(body): extract::Json<AskCheck>,
) -> Result<(StatusCode, Json<CheckView>), Failure> {
    let view = house.calls.ask_check(signed.id, id, &body).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

async fn give_nonce(State(house): State<House>, customer: Customer, extract::Json(body): extract::Json<GiveNonce>) -> Result<StatusCode, Failure> {
    house.calls.give_nonce(customer.dossier, &body.nonce).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn file_still(State(house): State<House>, signed: Signed, Path(id): Path<CheckId>, Body(body): Body) -> Result<Json<CheckView>, Failure> {
    Ok(Json(house.checks.file_still(id, signed.id, body.to_vec()).await?))
}

async fn judge(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<CheckId>,
    extract::Json(body): extract::Json<JudgeCheck>,
) -> Result<Json<CheckView>, Failure> {
    Ok(Json(house.checks.judge(id, signed.id, &body).await?))
}

async fn sheet(State(house): State<House>, signed: Signed, Path(id): Path<CheckId>) -> Result<Json<CheckSheet>, Failure> {
    Ok(Json(house.checks.own_sheet(id, signed.id).await?))
}

async fn send_code(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<CheckId>,
    extract::Json(body): extract::Json<ResendCode>,
) -> Result<Json<CodeView>, Failure> {
    Ok(Json(house.checks.send_code(id, signed.id, body.way).await?))
}

async fn mark_answer(
    State(house): State<House>,
    signed: Signed,
    Path((id, question)): Path<(CheckId, String)>,
    extract::Json(body): extract::Json<MarkAnswer>,
) -> Result<StatusCode, Failure> {
    house.checks.mark_answer(id, signed.id, &question, body.mark).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Of the call the agent is in; the path names it so that a page left behind says nothing about the next one.
async fn notice(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<CallId>,
    extract::Json(body): extract::Json<GiveHints>,
) -> Result<StatusCode, Failure> {
    let who = Who::Agent(signed.id);
    house.calls.current(who).await?.filter(|call| call.id == id).ok_or_else(Failure::unknown)?;
    house.calls.notice(who, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn type_code(State(house): State<House>, customer: Customer, extract::Json(body): extract::Json<TypeCode>) -> Result<Json<CodeView>, Failure> {
    Ok(Json(house.calls.type_code(customer.dossier, &body.code).await?))
}

async fn send_code_again(State(house): State<House>, customer: Customer) -> Result<Json<CodeView>, Failure> {
    Ok(Json(house.calls.send_code_again(customer.dossier).await?))
}

async fn give_place(State(house): State<House>, customer: Customer, extract::Json(body): extract::Json<GivePlace>) -> Result<StatusCode, Failure> {
    house.calls.give_place(customer.dossier, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn notice_own(State(house): State<House>, customer: Customer, extract::Json(body): extract::Json<GiveHints>) -> Result<StatusCode, Failure> {
    house.calls.notice(Who::Customer(customer.dossier), &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn compare(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<CallId>,
    extract::Json(body): extract::Json<CompareFace>,
) -> Result<StatusCode, Failure> {
    house.calls.compare(signed.id, id, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}
