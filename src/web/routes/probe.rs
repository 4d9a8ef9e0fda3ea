//! What `visavis probe` asks for beyond what pages ask: a call with itself, and to be rid of it.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};

use crate::{
    base::id::CallId,
    journey::review::wire::RecordingView,
    registry::staff::Role,
    web::{
        Failure, House,
        doorway::{Access, Doorway},
        extract::Path,
        session::{self, Signed},
        wire::ProbeCallView,
    },
};

const PROBE: Access = Access::Staff(&[Role::Probe]);

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![
        Doorway::post("/api/v1/probe/calls", PROBE, open),
        Doorway::get("/api/v1/probe/calls/{id}", PROBE, look),
        Doorway::delete("/api/v1/probe/calls/{id}", PROBE, remove),
    ]
}

/// The caller becomes the customer of the call, by cookie, beside being its agent.
async fn open(State(house): State<House>, signed: Signed) -> Result<impl IntoResponse, Failure> {
    if house.draining.is_cancelled() {
        return Err(Failure::unavailable("draining", "the server is about to stop and takes no new calls"));
    }
    let opened = house.calls.open_probe(signed.id).await?;
    let cookie = session::begin_customer(&house, opened.dossier).await?;
    Ok((StatusCode::CREATED, [cookie], Json(ProbeCallView { call_id: opened.call })))
}

async fn look(State(house): State<House>, signed: Signed, Path(id): Path<CallId>) -> Result<Json<RecordingView>, Failure> {
    Ok(Json(house.calls.probed(signed.id, id).await?))
}

async fn remove(State(house): State<House>, signed: Signed, Path(id): Path<CallId>) -> Result<StatusCode, Failure> {
    house.calls.remove_probe(signed.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
