//! A call: looking at it, looking on, hanging up. Signalling and chat go by the live socket.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    base::id::CallId,
    engine::turn::IceServer,
    journey::call::{
        Who,
        wire::{CallView, LiveCallView},
    },
    registry::staff::Role,
    web::{
        Failure, House,
        doorway::{ANY_ACCOUNT, Access, Doorway},
        extract::{self, Path},
        session::{Customer, Signed},
    },
};

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![
        Doorway::get("/api/v1/call", Access::Customer, own),
        Doorway::post("/api/v1/call/hang-up", Access::Customer, hang_up_own),
        Doorway::get("/api/v1/calls/{id}", Access::Staff(ANY_ACCOUNT), one),
        Doorway::post("/api/v1/calls/{id}/observe", Access::Staff(&[Role::Supervisor]), observe),
        Doorway::get("/api/v1/live-calls", Access::Staff(&[Role::Supervisor]), live),
        Doorway::post("/api/v1/calls/{id}/hang-up", Access::Staff(&[Role::Agent, Role::Probe]), hang_up),
    ]
}

/// The calls going on now: `GET /api/v1/live-calls`.
#[derive(Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct LiveCalls {
    /// Oldest first.
    pub calls: Vec<LiveCallView>,
    /// Relays for looking on; empty when there is none.
    pub ice_servers: Vec<IceServer>,
}

/// The session of one who looks on: `POST /api/v1/calls/{id}/observe`, and its answer.
#[derive(Serialize, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
#[serde(deny_unknown_fields)]
pub struct ObservedSdp {
    /// SDP with two sections of sound and two of pictures, to be received only: the customer's, then the agent's.
    pub sdp: String,
}

async fn live(State(house): State<House>, signed: Signed) -> Result<Json<LiveCalls>, Failure> {
    Ok(Json(LiveCalls { calls: house.calls.live().await?, ice_servers: house.calls.observer_servers(signed.id) }))
}

/// Looks on at somebody's call. The journal has its line before the first packet.
async fn observe(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<CallId>,
    extract::Json(offer): extract::Json<ObservedSdp>,
) -> Result<Json<ObservedSdp>, Failure> {
    Ok(Json(ObservedSdp { sdp: house.calls.observe(signed.id, id, offer.sdp).await? }))
}

/// The customer's call, if there is one now; issues the page's epoch.
async fn own(State(house): State<House>, customer: Customer) -> Result<Json<CallView>, Failure> {
    let who = Who::Customer(customer.dossier);
    let call = house.calls.current(who).await?.ok_or_else(Failure::unknown)?;
    Ok(Json(house.calls.look(who, call.id).await?))
}

/// Hanging up when nothing is going on is no error: the other end may have been faster.
async fn hang_up_own(State(house): State<House>, customer: Customer) -> Result<StatusCode, Failure> {
    let who = Who::Customer(customer.dossier);
    if let Some(call) = house.calls.current(who).await? {
        house.calls.hang_up(who, call.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The agent's own call, with the page's epoch; anybody's for a supervisor, from outside.
async fn one(State(house): State<House>, signed: Signed, Path(id): Path<CallId>) -> Result<Json<CallView>, Failure> {
    let call = house.calls.find(id).await?.ok_or_else(Failure::unknown)?;
    let view = if call.agent == signed.id && signed.has_any(&[Role::Agent, Role::Probe]) {
        house.calls.look(Who::Agent(signed.id), id).await?
    } else if signed.has_any(&[Role::Supervisor]) {
        house.calls.look_from_outside(id).await?
    } else {
        return Err(Failure::unknown());
    };
    Ok(Json(view))
}

async fn hang_up(State(house): State<House>, signed: Signed, Path(id): Path<CallId>) -> Result<StatusCode, Failure> {
    house.calls.hang_up(Who::Agent(signed.id), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
