//! The rehearsal before a call: which ways there are, trying one, filing what was found.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    engine::turn::IceServer,
    journey::call::Rehearsal,
    web::{
        Failure, House,
        doorway::{Access, Doorway},
        extract,
        limits::Limit,
        session::Customer,
    },
};

/// How often one address may try a way: three ways a rehearsal, and many people behind one address.
const TRIES: Limit = Limit { burst: 60, per_minute: 60 };

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![
        Doorway::get("/api/v1/application/rehearsal", Access::Customer, servers),
        Doorway::post("/api/v1/application/rehearsal", Access::Customer, file),
        Doorway::post("/api/v1/application/rehearsal/offer", Access::Customer, offer).limited(TRIES),
    ]
}

/// Which relays a page may try: `GET /api/v1/application/rehearsal`.
#[derive(Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct RehearsalServers {
    /// TURN servers with credentials that end; empty when there is none.
    pub ice_servers: Vec<IceServer>,
}

/// A description of a session: `POST /api/v1/application/rehearsal/offer`, and its answer.
#[derive(Serialize, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
#[serde(deny_unknown_fields)]
pub struct RehearsalSdp {
    /// SDP with one section of data channels.
    pub sdp: String,
}

async fn servers(State(house): State<House>, _: Customer) -> Json<RehearsalServers> {
    Json(RehearsalServers { ice_servers: house.calls.rehearsal_servers() })
}

async fn offer(State(house): State<House>, _: Customer, extract::Json(offer): extract::Json<RehearsalSdp>) -> Result<Json<RehearsalSdp>, Failure> {
    Ok(Json(RehearsalSdp { sdp: house.calls.rehearse(offer.sdp).await? }))
}

async fn file(State(house): State<House>, customer: Customer, extract::Json(found): extract::Json<Rehearsal>) -> Result<StatusCode, Failure> {
    house.calls.file_rehearsal(customer.dossier, &found).await?;
    Ok(StatusCode::NO_CONTENT)
}
