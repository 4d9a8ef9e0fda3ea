//! SQL of suspicions, of what speaks against decisions later, and of what goes when a file's time is over.

use super::Place;
use crate::{
    base::{
        Pii, Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{CallId, DossierId, StaffId},
    },
    journey::review::wire::LateFlag,
};

const PUT_SUSPICION: &str = "insert into suspicions (call_id, dossier_id, agent_id, reason, at) values ($1, $2, $3, $4, $5) \
    on conflict (call_id) do update set reason = excluded.reason, at = excluded.at";
const SUSPICIONS: &str = "select reason from suspicions where dossier_id = $1 order by at, call_id";
const RAISE_LATE: &str = "insert into late_flags (call_id, dossier_id, flags, raised_at) values ($1, $2, $3, $4) on conflict do nothing";
const LATE_FLAGS: &str = "select l.call_id, l.dossier_id, l.flags, l.raised_at, d.reference, d.holder_name, s.display_name from late_flags l \
    join dossiers d on d.id = l.dossier_id join calls c on c.id = l.call_id join staff s on s.id = c.agent_id where l.seen_at is null order by l.raised_at, l.call_id";
const SEE_LATE: &str = "update late_flags set seen_by = coalesce(seen_by, $2), seen_at = coalesce(seen_at, $3) where call_id = $1 returning dossier_id";
const FORGET_NOTES: &str = "update decisions set note = null where dossier_id = $1";
const FORGET_SECOND_NOTES: &str = "update second_opinions set note = null where dossier_id = $1";

pub(in crate::journey::review) async fn put_suspicion(tx: &mut Tx, place: Place, reason: &str, at: Timestamp) -> Result<(), DbError> {
    tx.execute(PUT_SUSPICION, &[place.call.into(), place.dossier.into(), place.agent.into(), reason.into(), at.into()]).await?;
    Ok(())
}

pub(in crate::journey::review) async fn suspicions_in(tx: &mut Tx, dossier: DossierId) -> Result<Vec<String>, DbError> {
    tx.rows(SUSPICIONS, &[dossier.into()]).await?.iter().map(|row| row.text("reason")).collect()
}

pub(in crate::journey::review) async fn suspicions(db: &Db, dossier: DossierId) -> Result<Vec<String>, DbError> {
    db.rows(SUSPICIONS, &[dossier.into()]).await?.iter().map(|row| row.text("reason")).collect()
}

/// Whether it is new.
pub(in crate::journey::review) async fn raise_late(tx: &mut Tx, dossier: DossierId, call: CallId, flags: &str, at: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(RAISE_LATE, &[call.into(), dossier.into(), flags.into(), at.into()]).await? == 1)
}

pub(in crate::journey::review) async fn late_flags(db: &Db) -> Result<Vec<LateFlag>, DbError> {
    let late = |row: &Row| {
        Ok(LateFlag {
            call_id: row.id("call_id")?,
            dossier_id: row.id("dossier_id")?,
            reference: row.text("reference")?,
            name: row.text_opt("holder_name")?.map(Pii::new),
            agent_name: row.text("display_name")?,
            flags: row.text("flags")?.split(',').map(str::to_owned).collect(),
            raised_at: row.time("raised_at")?,
        })
    };
    db.rows(LATE_FLAGS, &[]).await?.iter().map(late).collect()
}

/// The file it was about, if anything was raised.
pub(in crate::journey::review) async fn see_late(tx: &mut Tx, call: CallId, by: StaffId, at: Timestamp) -> Result<Option<DossierId>, DbError> {
    tx.row(SEE_LATE, &[call.into(), by.into(), at.into()]).await?.map(|row| row.id("dossier_id")).transpose()
}

/// Removes the free text of every decision on a file.
pub(in crate::journey::review) async fn forget_notes(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    tx.execute(FORGET_NOTES, &[dossier.into()]).await?;
    tx.execute(FORGET_SECOND_NOTES, &[dossier.into()]).await?;
    Ok(())
}
