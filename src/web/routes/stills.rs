//! Photographs in a call over HTTP: asking, taking back, and the way of a picture that found none over the data channel.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
};
use serde::Deserialize;
use ts_rs::TS;

use crate::{
    base::id::{CallId, StillId},
    engine::reader,
    journey::{
        call::stills::still::{Camera, StillView, StillWay},
        recording::Purpose,
    },
    registry::staff::Role,
    web::{
        Failure, House,
        doorway::{ANY_ROLE, Access, Doorway},
        extract::{self, Body, Path, Query},
        limits::Limit,
        session::{Customer, Signed},
    },
};

/// How often one address may send a whole picture.
const PICTURES: Limit = Limit { burst: 10, per_minute: 20 };

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    let agents = Access::Staff(&[Role::Agent]);
    vec![
        Doorway::post("/api/v1/calls/{id}/stills", agents, ask),
        Doorway::post("/api/v1/stills/{id}/withdraw", agents, withdraw),
        Doorway::get("/api/v1/stills/{id}/image", Access::Staff(ANY_ROLE), image),
        Doorway::put("/api/v1/call/stills/{id}", Access::Customer, upload).body(reader::MOST_BYTES).limited(PICTURES),
        Doorway::post("/api/v1/call/stills/{id}/decline", Access::Customer, decline),
    ]
}

/// Asks for a photograph: `POST /api/v1/calls/{id}/stills`.
#[derive(Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
#[serde(deny_unknown_fields)]
pub struct AskStill {
    /// Of which camera.
    pub camera: Camera,
}

/// Gives none: `POST /api/v1/call/stills/{id}/decline`.
#[derive(Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
#[serde(deny_unknown_fields)]
pub struct DeclineStill {
    /// `not_now`, `no_camera` or `failed`.
    pub reason: String,
}

async fn ask(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<CallId>,
    extract::Json(body): extract::Json<AskStill>,
) -> Result<(StatusCode, Json<StillView>), Failure> {
    Ok((StatusCode::CREATED, Json(house.calls.ask_still(signed.id, id, body.camera).await?)))
}

async fn withdraw(State(house): State<House>, signed: Signed, Path(id): Path<StillId>) -> Result<Json<StillView>, Failure> {
    Ok(Json(house.calls.withdraw_still(signed.id, id).await?))
}

#[derive(Deserialize)]
struct Announced {
    sha256: String,
}

async fn upload(
    State(house): State<House>,
    customer: Customer,
    Path(id): Path<StillId>,
    Query(announced): Query<Announced>,
    Body(body): Body,
) -> Result<Json<StillView>, Failure> {
    Ok(Json(house.calls.take_still(customer.dossier, id, StillWay::Upload, body.to_vec(), &announced.sha256).await?))
}

async fn decline(
    State(house): State<House>,
    customer: Customer,
    Path(id): Path<StillId>,
    extract::Json(body): extract::Json<DeclineStill>,
) -> Result<Json<StillView>, Failure> {
    Ok(Json(house.calls.decline_still(customer.dossier, id, &body.reason).await?))
}

#[derive(Deserialize)]
struct Asked {
    purpose: Option<Purpose>,
}

async fn image(State(house): State<House>, signed: Signed, Path(id): Path<StillId>, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Failure> {
    Ok(([(CONTENT_TYPE, "image/jpeg")], house.review.call_still(&signed, id, asked.purpose).await?))
}
