//! SQL of what was read.

use super::SideReading;
use crate::{
    base::{
        Ambient, Pii, Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{CaptureId, DossierId, ObjectId},
    },
    engine::document::{Field, Mrz, Reading},
    journey::intake::word::{Word, word},
};

const INSERT: &str = "insert into readings (capture_id, dossier_id, failure, mrz_lines, mrz_valid, mrz_repaired, doubtful, read_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
const INSERT_FIELD: &str = "insert into reading_fields (id, capture_id, name, value, source, confidence, place) values ($1, $2, $3, $4, $5, $6, $7)";
const OF_DOSSIER: &str = "select * from readings where dossier_id = $1 order by capture_id";
const FIELDS_OF_DOSSIER: &str =
    "select f.* from reading_fields f join readings r on r.capture_id = f.capture_id where r.dossier_id = $1 order by f.capture_id, f.id";
const DELETE_FIELDS: &str = "delete from reading_fields where capture_id in (select capture_id from readings where dossier_id = $1)";
const DELETE: &str = "delete from readings where dossier_id = $1";

/// Files what was read from one photograph; whether it was not filed before.
pub(in crate::journey::intake) async fn insert(
    tx: &mut Tx,
    ambient: &Ambient,
    dossier: DossierId,
    side: &SideReading,
    now: Timestamp,
) -> Result<bool, DbError> {
    let mrz = side.reading.mrz.as_ref();
    let lines = mrz.map(|mrz| serde_json::to_string(&mrz.lines).expect("texts serialise"));
    let doubtful = serde_json::to_string(&side.reading.doubtful).expect("names serialise");
    let args = [
        side.capture.into(),
        dossier.into(),
        side.failure.clone().into(),
        lines.into(),
        mrz.map(|mrz| mrz.valid).into(),
        mrz.map(|mrz| mrz.repaired).into(),
        doubtful.into(),
        now.into(),
    ];
    if tx.execute(INSERT, &args).await? == 0 {
        return Ok(false);
    }
    for field in &side.reading.fields {
        let args = [
            ambient.id::<ObjectId>().into(),
            side.capture.into(),
            word(field.name).into(),
            field.value.expose().into(),
            word(field.source).into(),
            f64::from(field.confidence).into(),
            field.place.map(|place| serde_json::to_string(&place).expect("numbers serialise")).into(),
        ];
        tx.execute(INSERT_FIELD, &args).await?;
    }
    Ok(true)
}

pub(in crate::journey::intake) async fn of_dossier(db: &Db, dossier: DossierId) -> Result<Vec<SideReading>, DbError> {
    assembled(&db.rows(OF_DOSSIER, &[dossier.into()]).await?, &db.rows(FIELDS_OF_DOSSIER, &[dossier.into()]).await?)
}

pub(in crate::journey::intake) async fn of_dossier_in(tx: &mut Tx, dossier: DossierId) -> Result<Vec<SideReading>, DbError> {
    let sides = tx.rows(OF_DOSSIER, &[dossier.into()]).await?;
    assembled(&sides, &tx.rows(FIELDS_OF_DOSSIER, &[dossier.into()]).await?)
}

pub(in crate::journey::intake) async fn delete(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    tx.execute(DELETE_FIELDS, &[dossier.into()]).await?;
    tx.execute(DELETE, &[dossier.into()]).await?;
    Ok(())
}

fn assembled(sides: &[Row], fields: &[Row]) -> Result<Vec<SideReading>, DbError> {
    let mut found = Vec::with_capacity(sides.len());
    for row in sides {
        let capture: CaptureId = row.id("capture_id")?;
        let mut of_side = Vec::new();
        for row in fields {
            if row.id::<CaptureId>("capture_id")? == capture {
                of_side.push(field(row)?);
            }
        }
        let mrz = match row.text_opt("mrz_lines")? {
            None => None,
            Some(_) => {
                Some(Mrz { lines: row.json("mrz_lines")?, valid: row.int_opt("mrz_valid")? == Some(1), repaired: row.int_opt("mrz_repaired")? == Some(1) })
            }
        };
        let reading = Reading { fields: of_side, mrz, doubtful: row.json("doubtful")?, layout: None };
        found.push(SideReading { capture, failure: row.text_opt("failure")?, reading });
    }
    Ok(found)
}

fn field(row: &Row) -> Result<Field, DbError> {
    #[expect(clippy::cast_possible_truncation, reason = "it was stored from this width")]
    let confidence = row.real_opt("confidence")?.unwrap_or(0.0) as f32;
    let place = row.text_opt("place")?.and_then(|text| serde_json::from_str(&text).ok());
    let (name, source) = (row.parsed::<Word<_>>("name")?.0, row.parsed::<Word<_>>("source")?.0);
    Ok(Field { name, value: Pii::new(row.text("value")?), source, confidence, place })
}
