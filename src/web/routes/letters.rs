//! What gateways report of the messages they took.

use axum::{extract::State, http::StatusCode};

use crate::{
    registry::letters::Receipt,
    web::{
        Failure, House,
        doorway::{Access, Doorway},
        extract::Json,
    },
};

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![Doorway::post("/api/v1/letters/receipts", Access::Gateway, receive)]
}

async fn receive(State(house): State<House>, Json(receipt): Json<Receipt>) -> Result<StatusCode, Failure> {
    if house.letters.receive(&receipt).await? { Ok(StatusCode::NO_CONTENT) } else { Err(Failure::unknown()) }
}
