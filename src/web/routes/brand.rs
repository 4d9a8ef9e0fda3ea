//! What the pages need before anybody signs in, and whether the server is well.

use axum::{Json, extract::State, http::StatusCode};

use crate::web::{
    House,
    doorway::{Access, Doorway},
    wire::BrandView,
};

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![Doorway::get("/api/v1/brand", Access::Public, brand), Doorway::get("/health", Access::Public, health), Doorway::get("/ready", Access::Public, ready)]
}

async fn brand(State(house): State<House>) -> Json<BrandView> {
    Json((*house.brand).clone())
}

/// The process lives.
async fn health() -> &'static str {
    "ok\n"
}

/// The process takes new work: the database answers and nobody asked it to stop.
async fn ready(State(house): State<House>) -> (StatusCode, &'static str) {
    if house.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    if house.staff.is_reachable().await { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "no database\n") }
}
