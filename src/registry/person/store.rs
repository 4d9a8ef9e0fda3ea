//! SQL of persons: tries, pauses, the negative list.

use super::{
    Key,
    wire::{ListEntry, ListHit},
};
use crate::base::{
    Timestamp,
    db::{Db, DbError, Row, Tx},
    id::{CallId, DossierId, ObjectId, StaffId},
};

const INSERT_TRY: &str = "insert into person_tries (person, call_id, at) values ($1, $2, $3) on conflict do nothing";
const TRIES_SINCE: &str = "select count(*) as tries from person_tries where person = $1 and at > $2";
const PAUSE: &str = "insert into person_pauses (person, until) values ($1, $2) on conflict (person) do update set until = excluded.until";
const PAUSED_UNTIL: &str = "select until from person_pauses where person = $1";
const INSERT: &str = "insert into negative_list (id, key_kind, digest, reason, added_by, added_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
const LIST: &str = "select l.id, l.key_kind, l.reason, l.added_at, s.display_name, \
    (select count(*) from list_hits h where h.entry_id = l.id) as hits \
    from negative_list l join staff s on s.id = l.added_by where l.ended_at is null order by l.id desc limit 1000";
const END: &str = "update negative_list set ended_by = $2, ended_at = $3 where id = $1 and ended_at is null";
const ENTRIES_OF: &str = "select id, key_kind, reason from negative_list where key_kind = $1 and digest = $2 and ended_at is null";
const INSERT_HIT: &str = "insert into list_hits (call_id, entry_id, dossier_id, at) values ($1, $2, $3, $4) on conflict do nothing";
const HITS: &str =
    "select l.key_kind, l.reason, l.added_at, h.at from list_hits h join negative_list l on l.id = h.entry_id where h.dossier_id = $1 order by h.at, l.id";
const HITS_OF_CALL: &str = "select count(*) as hits from list_hits where call_id = $1";

pub(super) async fn insert_try(tx: &mut Tx, person: &str, call: CallId, at: Timestamp) -> Result<(), DbError> {
    tx.execute(INSERT_TRY, &[person.into(), call.into(), at.into()]).await?;
    Ok(())
}

pub(super) async fn tries_since(tx: &mut Tx, person: &str, since: Timestamp) -> Result<i64, DbError> {
    tx.row(TRIES_SINCE, &[person.into(), since.into()]).await?.map_or(Ok(0), |row| row.int("tries"))
}

pub(super) async fn pause(tx: &mut Tx, person: &str, until: Timestamp) -> Result<(), DbError> {
    tx.execute(PAUSE, &[person.into(), until.into()]).await?;
    Ok(())
}

pub(super) async fn paused_until(db: &Db, person: &str) -> Result<Option<Timestamp>, DbError> {
    db.row(PAUSED_UNTIL, &[person.into()]).await?.map(|row| row.time("until")).transpose()
}

/// Whether it was new.
pub(super) async fn insert(tx: &mut Tx, id: ObjectId, key: &Key, reason: &str, by: StaffId, at: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(INSERT, &[id.into(), key.kind.name().into(), (&key.digest).into(), reason.into(), by.into(), at.into()]).await? == 1)
}

pub(super) async fn list(db: &Db) -> Result<Vec<ListEntry>, DbError> {
    let entry = |row: &Row| {
        Ok(ListEntry {
            id: row.id("id")?,
            key_kind: row.parsed("key_kind")?,
            reason: row.text("reason")?,
            added_by: row.text("display_name")?,
            added_at: row.time("added_at")?,
            hits: u32::try_from(row.int("hits")?).unwrap_or(u32::MAX),
        })
    };
    db.rows(LIST, &[]).await?.iter().map(entry).collect()
}

/// Whether it stood there.
pub(super) async fn end(tx: &mut Tx, id: ObjectId, by: StaffId, at: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(END, &[id.into(), by.into(), at.into()]).await? == 1)
}

/// An entry as a call looks it up.
pub(super) struct Entry {
    pub id: ObjectId,
    pub key_kind: String,
    pub reason: String,
}

pub(super) async fn entries_of(tx: &mut Tx, key: &Key) -> Result<Vec<Entry>, DbError> {
    let entry = |row: &Row| Ok(Entry { id: row.id("id")?, key_kind: row.text("key_kind")?, reason: row.text("reason")? });
    tx.rows(ENTRIES_OF, &[key.kind.name().into(), (&key.digest).into()]).await?.iter().map(entry).collect()
}

pub(super) async fn insert_hit(tx: &mut Tx, call: CallId, entry: ObjectId, dossier: DossierId, at: Timestamp) -> Result<(), DbError> {
    tx.execute(INSERT_HIT, &[call.into(), entry.into(), dossier.into(), at.into()]).await?;
    Ok(())
}

pub(super) async fn hits(db: &Db, dossier: DossierId) -> Result<Vec<ListHit>, DbError> {
    let hit = |row: &Row| Ok(ListHit { key_kind: row.parsed("key_kind")?, reason: row.text("reason")?, listed_at: row.time("added_at")?, at: row.time("at")? });
    db.rows(HITS, &[dossier.into()]).await?.iter().map(hit).collect()
}

pub(super) async fn hits_of_call(tx: &mut Tx, call: CallId) -> Result<i64, DbError> {
    tx.row(HITS_OF_CALL, &[call.into()]).await?.map_or(Ok(0), |row| row.int("hits"))
}
