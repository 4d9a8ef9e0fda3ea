//! Decisions, the search over files, opening them.

use axum::{
    Json,
    extract::State,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::IntoResponse,
};
use serde::Deserialize;

use crate::{
    base::{
        Pii,
        id::{CallId, CaptureId, CheckId, DossierId},
    },
    journey::{
        call::wire::CallFileView,
        recording::Purpose,
        review::{
            report,
            search::Wanted,
            wire::{Decide, DossierPage, DossierView, FiledDecision, LateFlag, RaiseSuspicion, SetLegalHold},
        },
    },
    registry::staff::Role,
    web::{
        Failure, House,
        doorway::{ANY_ROLE, Access, Doorway},
        extract::{self, Path, Query},
        session::Signed,
    },
};

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    let everybody = Access::Staff(ANY_ROLE);
    vec![
        Doorway::get("/api/v1/dossiers", everybody, search),
        Doorway::get("/api/v1/dossiers/{id}", everybody, open),
        Doorway::post("/api/v1/dossiers/{id}/decision", Access::Staff(&[Role::Agent]), decide),
        Doorway::post("/api/v1/dossiers/{id}/second-opinion", Access::Staff(&[Role::Supervisor]), second),
        Doorway::post("/api/v1/dossiers/{id}/suspicion", Access::Staff(&[Role::Agent]), raise_suspicion),
        Doorway::put("/api/v1/dossiers/{id}/legal-hold", Access::Staff(&[Role::Supervisor]), hold),
        Doorway::get("/api/v1/late-flags", Access::Staff(&[Role::Supervisor]), late_flags),
        Doorway::post("/api/v1/late-flags/{call_id}/seen", Access::Staff(&[Role::Supervisor]), see_late),
        Doorway::get("/api/v1/dossiers/{id}/report", everybody, print),
        Doorway::get("/api/v1/dossiers/{id}/captures/{capture}/image", everybody, capture_image),
        Doorway::get("/api/v1/dossiers/{id}/captures/{capture}/portrait", everybody, portrait_image),
        Doorway::get("/api/v1/calls/{id}/file", everybody, open_beside),
        Doorway::get("/api/v1/checks/{id}/still", everybody, still),
    ]
}

#[derive(Deserialize)]
struct Search {
    q: Option<Pii<String>>,
    from: Option<String>,
    to: Option<String>,
    agent: Option<String>,
    outcome: Option<String>,
    page: Option<u32>,
    zone: Option<String>,
}

async fn search(State(house): State<House>, signed: Signed, Query(search): Query<Search>) -> Result<Json<DossierPage>, Failure> {
    let Search { q, from, to, agent, outcome, page, zone } = search;
    Ok(Json(house.review.search(&signed, &Wanted { q, from, to, agent, outcome, page, zone }).await?))
}

#[derive(Deserialize)]
struct Asked {
    purpose: Option<Purpose>,
    locale: Option<String>,
}

impl Asked {
    fn purpose(&self) -> Result<Purpose, Failure> {
        self.purpose.ok_or_else(|| Failure::bad_request("purpose_required", "say why: ?purpose=review, complaint, audit or legal_request"))
    }
}

async fn open(State(house): State<House>, signed: Signed, Path(id): Path<DossierId>, Query(asked): Query<Asked>) -> Result<Json<DossierView>, Failure> {
    Ok(Json(house.review.open(&signed, id, asked.purpose()?).await?))
}

async fn decide(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<DossierId>,
    extract::Json(body): extract::Json<Decide>,
) -> Result<Json<FiledDecision>, Failure> {
    Ok(Json(house.review.decide(&signed, id, &body).await?))
}

async fn second(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<DossierId>,
    extract::Json(body): extract::Json<Decide>,
) -> Result<Json<FiledDecision>, Failure> {
    Ok(Json(house.review.second(&signed, id, &body).await?))
}

async fn raise_suspicion(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<DossierId>,
    extract::Json(body): extract::Json<RaiseSuspicion>,
) -> Result<StatusCode, Failure> {
    house.review.raise_suspicion(&signed, id, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn hold(
    State(house): State<House>,
    signed: Signed,
    Path(id): Path<DossierId>,
    extract::Json(body): extract::Json<SetLegalHold>,
) -> Result<StatusCode, Failure> {
    house.review.hold(&signed, id, body.is_held).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn late_flags(State(house): State<House>) -> Result<Json<Vec<LateFlag>>, Failure> {
    Ok(Json(house.review.late_flags().await?))
}

async fn see_late(State(house): State<House>, signed: Signed, Path(call): Path<CallId>) -> Result<StatusCode, Failure> {
    house.review.see_late(&signed, call).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn print(State(house): State<House>, signed: Signed, Path(id): Path<DossierId>, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Failure> {
    let page = house.review.report(&signed, id, asked.purpose()?, asked.locale.as_deref().unwrap_or("en")).await?;
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, report::CONTENT_SECURITY_POLICY), (CONTENT_DISPOSITION, "inline")];
    Ok((headers, page))
}

async fn capture_image(
    State(house): State<House>,
    signed: Signed,
    Path((id, capture)): Path<(DossierId, CaptureId)>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, Failure> {
    Ok(([(CONTENT_TYPE, "image/jpeg")], house.review.capture_image(&signed, id, capture, asked.purpose).await?))
}

async fn portrait_image(
    State(house): State<House>,
    signed: Signed,
    Path((id, capture)): Path<(DossierId, CaptureId)>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, Failure> {
    Ok(([(CONTENT_TYPE, "image/jpeg")], house.review.portrait_image(&signed, id, capture, asked.purpose).await?))
}

async fn open_beside(State(house): State<House>, signed: Signed, Path(id): Path<CallId>) -> Result<Json<CallFileView>, Failure> {
    Ok(Json(house.review.open_beside(&signed, id).await?))
}

async fn still(State(house): State<House>, signed: Signed, Path(id): Path<CheckId>, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Failure> {
    Ok(([(CONTENT_TYPE, "image/jpeg")], house.review.still(&signed, id, asked.purpose).await?))
}
