//! Intake over HTTP: begin, choose, photograph, read, type, confirm, resume.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use serde::Deserialize;

use crate::{
    base::{Pii, id::CaptureId},
    engine::document::Side,
    journey::intake::{
        self, PICTURE_MAX, Provenance,
        wire::{
            ApplicationView, BeginApplication, CaptureView, ChooseDocument, ConfirmDetails, ConsentText, ReadingView, ResumeApplication, ResumeLink,
            SaveDetails,
        },
    },
    web::{
        Address, Failure, House,
        doorway::{Access, Doorway},
        extract,
        limits::Limit,
        session::{self, Customer},
    },
};

/// How often one address may begin or resume.
const FREELY: Limit = Limit { burst: 20, per_minute: 30 };
/// How often one address may send photographs: judging one costs a good part of a second.
const PHOTOGRAPHS: Limit = Limit { burst: 20, per_minute: 60 };

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    use Access::{Customer, Public};
    vec![
        Doorway::post("/api/v1/applications", Public, begin).limited(FREELY),
        Doorway::get("/api/v1/consents", Public, consents),
        Doorway::post("/api/v1/application/resume", Public, resume).limited(FREELY),
        Doorway::get("/api/v1/application", Customer, view),
        Doorway::post("/api/v1/application/document", Customer, choose_document),
        Doorway::post("/api/v1/application/captures/{side}", Customer, capture).body(PICTURE_MAX).limited(PHOTOGRAPHS),
        Doorway::get("/api/v1/application/captures/{id}/image", Customer, image),
        Doorway::get("/api/v1/application/reading", Customer, reading),
        Doorway::post("/api/v1/application/type-myself", Customer, type_myself),
        Doorway::put("/api/v1/application/details", Customer, save_details),
        Doorway::post("/api/v1/application/confirm", Customer, confirm),
        Doorway::post("/api/v1/application/resume-link", Customer, renew_link),
    ]
}

async fn begin(State(house): State<House>, extract::Json(wish): extract::Json<BeginApplication>) -> Result<impl IntoResponse, Failure> {
    let view = house.intake.begin(&wish).await?;
    let cookie = session::begin_customer(&house, view.id).await?;
    Ok((StatusCode::CREATED, [cookie], Json(view)))
}

#[derive(Deserialize)]
struct Language {
    #[serde(default)]
    locale: String,
}

async fn consents(extract::Query(language): extract::Query<Language>) -> Json<Vec<ConsentText>> {
    Json(intake::consent_texts(&language.locale))
}

async fn resume(State(house): State<House>, extract::Json(link): extract::Json<ResumeApplication>) -> Result<impl IntoResponse, Failure> {
    let dossier = house.intake.resume(&link.token).await?;
    let view = house.intake.view(dossier).await?;
    Ok(([session::begin_customer(&house, dossier).await?], Json(view)))
}

async fn view(State(house): State<House>, customer: Customer) -> Result<Json<ApplicationView>, Failure> {
    Ok(Json(house.intake.view(customer.dossier).await?))
}

async fn choose_document(
    State(house): State<House>,
    customer: Customer,
    extract::Json(choice): extract::Json<ChooseDocument>,
) -> Result<Json<ApplicationView>, Failure> {
    let view = house.intake.choose_document(customer.dossier, choice.kind).await?;
    house.relay.nudge();
    Ok(Json(view))
}

/// The body is the picture itself; what it really is decides the reader by its first bytes.
async fn capture(
    State(house): State<House>,
    customer: Customer,
    extract::Path(side): extract::Path<Side>,
    headers: HeaderMap,
    extract::Body(picture): extract::Body,
) -> Result<(StatusCode, Json<CaptureView>), Failure> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !matches!(kind, "image/jpeg" | "image/png" | "image/webp") {
        return Err(Failure::wrong_type());
    }
    let view = house.intake.capture(customer.dossier, side, picture.to_vec()).await?;
    house.relay.nudge();
    Ok((StatusCode::CREATED, Json(view)))
}

async fn image(State(house): State<House>, customer: Customer, extract::Path(id): extract::Path<CaptureId>) -> Result<impl IntoResponse, Failure> {
    let picture = house.intake.capture_image(customer.dossier, id).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, no-store")], picture))
}

async fn reading(State(house): State<House>, customer: Customer) -> Result<Json<ReadingView>, Failure> {
    Ok(Json(house.intake.reading(customer.dossier).await?))
}

async fn type_myself(State(house): State<House>, customer: Customer) -> Result<Json<ApplicationView>, Failure> {
    let view = house.intake.type_myself(customer.dossier).await?;
    house.relay.nudge();
    Ok(Json(view))
}

async fn save_details(State(house): State<House>, customer: Customer, extract::Json(form): extract::Json<SaveDetails>) -> Result<StatusCode, Failure> {
    house.intake.save_details(customer.dossier, &form).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn confirm(
    State(house): State<House>,
    customer: Customer,
    Address(address): Address,
    extract::Json(sent): extract::Json<ConfirmDetails>,
) -> Result<Json<ApplicationView>, Failure> {
    let provenance = Provenance { address: Some(Pii::new(address.to_string())), session: Some(customer.session) };
    let view = house.intake.confirm(customer.dossier, &sent, &provenance).await?;
    house.relay.nudge();
    Ok(Json(view))
}

async fn renew_link(State(house): State<House>, customer: Customer) -> Result<Json<ResumeLink>, Failure> {
    Ok(Json(ResumeLink { token: house.intake.renew_link(customer.dossier).await? }))
}
