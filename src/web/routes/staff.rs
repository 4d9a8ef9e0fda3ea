//! Sign-in, sign-out, who am I.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};

use crate::{
    base::Pii,
    web::{
        Address, Failure, House,
        doorway::{ANY_ACCOUNT, Access, Doorway},
        extract,
        session::{self, STAFF_COOKIE, Signed},
        wire::{SignIn, StaffView},
    },
};

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![
        Doorway::post("/api/v1/staff/sign-in", Access::Public, sign_in),
        Doorway::post("/api/v1/staff/sign-out", Access::Public, sign_out),
        Doorway::get("/api/v1/staff/me", Access::Staff(ANY_ACCOUNT), me),
    ]
}

async fn sign_in(State(house): State<House>, Address(address): Address, extract::Json(body): extract::Json<SignIn>) -> Result<impl IntoResponse, Failure> {
    let opened = house.staff.sign_in(&body.name, &Pii::new(body.password), address).await?;
    let cookie = session::set_cookie(STAFF_COOKIE, &opened.token, house.ambient.now(), opened.expires_at);
    Ok(([cookie], Json(view(opened.signed))))
}

/// Ends the session if there is one; signing out twice is no error.
async fn sign_out(State(house): State<House>, headers: HeaderMap) -> Result<impl IntoResponse, Failure> {
    if let Some(token) = session::cookie(&headers, STAFF_COOKIE) {
        house.staff.sign_out(&token).await?;
    }
    let now = house.ambient.now();
    Ok((StatusCode::NO_CONTENT, [session::set_cookie(STAFF_COOKIE, "", now, now)]))
}

async fn me(signed: Signed) -> Json<StaffView> {
    Json(view(signed))
}

fn view(Signed { id, display_name, roles, .. }: Signed) -> StaffView {
    StaffView { id, display_name, roles }
}
