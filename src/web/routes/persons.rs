//! The negative list: kept by supervisors.

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    base::id::ObjectId,
    registry::{
        person::wire::{AddToList, ImportList, ImportReport, ListEntry},
        staff::Role,
    },
    web::{
        Failure, House,
        doorway::{Access, Doorway},
        extract::{self, Path},
        session::Signed,
    },
};

/// Bytes of an import.
const IMPORT: usize = 2 * 1024 * 1024;

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    let supervisors = Access::Staff(&[Role::Supervisor]);
    vec![
        Doorway::get("/api/v1/negative-list", supervisors, list),
        Doorway::post("/api/v1/negative-list", supervisors, add),
        Doorway::post("/api/v1/negative-list/import", supervisors, import).body(IMPORT),
        Doorway::delete("/api/v1/negative-list/{id}", supervisors, remove),
    ]
}

async fn list(State(house): State<House>) -> Result<Json<Vec<ListEntry>>, Failure> {
    Ok(Json(house.persons.list().await?))
}

async fn add(State(house): State<House>, signed: Signed, extract::Json(body): extract::Json<AddToList>) -> Result<StatusCode, Failure> {
    house.persons.list_person(signed.id, &body).await?;
    Ok(StatusCode::CREATED)
}

async fn import(State(house): State<House>, signed: Signed, extract::Json(body): extract::Json<ImportList>) -> Result<Json<ImportReport>, Failure> {
    Ok(Json(house.persons.import(signed.id, &body.csv).await?))
}

async fn remove(State(house): State<House>, signed: Signed, Path(id): Path<ObjectId>) -> Result<StatusCode, Failure> {
    house.persons.unlist(signed.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
