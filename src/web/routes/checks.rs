//! Checks: asking, filing the still, the verdict.

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    base::id::{CallId, CheckId},
    journey::checks::wire::{AskCheck, CheckView, GiveNonce, JudgeCheck},
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
