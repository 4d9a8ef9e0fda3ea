//! SQL of contradictions.

use super::Contradiction;
use crate::{
    base::{
        Ambient, Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{DossierId, ObjectId},
    },
    journey::intake::word::{Word, word},
};

const END: &str = "update disagreements set ended_at = $2 where dossier_id = $1 and ended_at is null";
const INSERT: &str = "insert into disagreements (id, dossier_id, code, fields, readings, found_at) values ($1, $2, $3, $4, $5, $6)";
const STANDING: &str = "select * from disagreements where dossier_id = $1 and ended_at is null order by id";
const DELETE: &str = "delete from disagreements where dossier_id = $1";

/// Files what the newest reading contradicts itself in; what earlier ones did is ended.
pub(in crate::journey::intake) async fn replace(
    tx: &mut Tx,
    ambient: &Ambient,
    dossier: DossierId,
    found: &[Contradiction],
    now: Timestamp,
) -> Result<(), DbError> {
    end(tx, dossier, now).await?;
    for one in found {
        let fields = serde_json::to_string(&one.fields).expect("names serialise");
        let readings = serde_json::to_string(&one.readings).expect("readings serialise");
        tx.execute(INSERT, &[ambient.id::<ObjectId>().into(), dossier.into(), word(one.code).into(), fields.into(), readings.into(), now.into()]).await?;
    }
    Ok(())
}

/// Ends what stands.
pub(in crate::journey::intake) async fn end(tx: &mut Tx, dossier: DossierId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(END, &[dossier.into(), now.into()]).await?;
    Ok(())
}

/// What stands, in the order it was found.
pub(in crate::journey::intake) async fn standing(db: &Db, dossier: DossierId) -> Result<Vec<Contradiction>, DbError> {
    db.rows(STANDING, &[dossier.into()]).await?.iter().map(contradiction).collect()
}

pub(in crate::journey::intake) async fn delete(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    tx.execute(DELETE, &[dossier.into()]).await?;
    Ok(())
}

fn contradiction(row: &Row) -> Result<Contradiction, DbError> {
    Ok(Contradiction { code: row.parsed::<Word<_>>("code")?.0, fields: row.json("fields")?, readings: row.json("readings")? })
}
