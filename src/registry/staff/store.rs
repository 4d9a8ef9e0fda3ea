//! SQL of staff, their sessions and their tries.

use super::{Member, Role, Signed};
use crate::base::{
    Timestamp,
    db::{Db, DbError, Row, Tx},
    id::{ObjectId, SessionId, StaffId},
};

const INSERT: &str = "insert into staff (id, sign_in_name, display_name, password_hash, roles, languages, created_at) values ($1, $2, $3, $4, $5, $6, $7)";
const BY_NAME: &str = "select * from staff where sign_in_name = $1";
const FIND: &str = "select * from staff where id = $1";
const LIST: &str = "select * from staff where disabled_at is null order by display_name, id";
const IS_ANY: &str = "select 1 as found from staff limit 1";
const SET_PASSWORD: &str = "update staff set password_hash = $2 where sign_in_name = $1 returning id";
const END_SESSIONS_OF: &str = "update staff_sessions set ended_at = $2 where staff_id = $1 and ended_at is null";
const INSERT_SESSION: &str = "insert into staff_sessions (id, staff_id, token_digest, created_at, seen_at, expires_at) values ($1, $2, $3, $4, $4, $5)";
const SESSION_BY_DIGEST: &str = "select s.id as session_id, s.seen_at, p.id, p.display_name, p.roles from staff_sessions s join staff p on p.id = s.staff_id \
     where s.token_digest = $1 and s.ended_at is null and s.expires_at > $2 and s.seen_at > $3 and p.disabled_at is null";
const SESSION_SEEN_AT: &str = "select s.seen_at from staff_sessions s join staff p on p.id = s.staff_id \
     where s.id = $1 and s.ended_at is null and s.expires_at > $2 and s.seen_at > $3 and p.disabled_at is null";
const TOUCH_SESSION: &str = "update staff_sessions set seen_at = $2 where id = $1 and ended_at is null and seen_at < $2";
const END_SESSION: &str = "update staff_sessions set ended_at = $2 where token_digest = $1 and ended_at is null returning staff_id";
const TRIES: &str = "select at from sign_in_attempts where bucket = $1 order by at";
const ADD_TRY: &str = "insert into sign_in_attempts (id, bucket, at) values ($1, $2, $3)";
const FORGET_TRIES_BEFORE: &str = "delete from sign_in_attempts where at <= $1";
const FORGET_TRIES_OF: &str = "delete from sign_in_attempts where bucket = $1";

pub(super) struct Known {
    pub(super) member: Member,
    pub(super) password_hash: String,
    pub(super) is_disabled: bool,
}

pub(super) async fn insert(tx: &mut Tx, member: &Member, password_hash: &str, now: Timestamp) -> Result<(), DbError> {
    let roles = member.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(",");
    let languages = member.languages.join(",");
    let args = [member.id.into(), (&member.name).into(), (&member.display_name).into(), password_hash.into(), roles.into(), languages.into(), now.into()];
    tx.execute(INSERT, &args).await.map(drop)
}

pub(super) async fn by_name(db: &Db, name: &str) -> Result<Option<Known>, DbError> {
    let Some(row) = db.row(BY_NAME, &[name.into()]).await? else { return Ok(None) };
    Ok(Some(Known { member: member(&row)?, password_hash: row.text("password_hash")?, is_disabled: row.int_opt("disabled_at")?.is_some() }))
}

pub(super) async fn find(db: &Db, id: StaffId) -> Result<Option<Member>, DbError> {
    db.row(FIND, &[id.into()]).await?.as_ref().map(member).transpose()
}

pub(super) async fn list(db: &Db) -> Result<Vec<Member>, DbError> {
    db.rows(LIST, &[]).await?.iter().map(member).collect()
}

pub(super) async fn set_password(tx: &mut Tx, name: &str, hash: &str, now: Timestamp) -> Result<Option<StaffId>, DbError> {
    let Some(row) = tx.row(SET_PASSWORD, &[name.into(), hash.into()]).await? else { return Ok(None) };
    let staff = row.id::<StaffId>("id")?;
    tx.execute(END_SESSIONS_OF, &[staff.into(), now.into()]).await?;
    Ok(Some(staff))
}

pub(super) async fn is_any(db: &Db) -> Result<bool, DbError> {
    Ok(db.row(IS_ANY, &[]).await?.is_some())
}

pub(super) async fn insert_session(tx: &mut Tx, id: SessionId, staff: StaffId, digest: &str, now: Timestamp, expires_at: Timestamp) -> Result<(), DbError> {
    tx.execute(INSERT_SESSION, &[id.into(), staff.into(), digest.into(), now.into(), expires_at.into()]).await.map(drop)
}

pub(super) async fn session_by_digest(db: &Db, digest: &str, now: Timestamp, idle_since: Timestamp) -> Result<Option<(Signed, Timestamp)>, DbError> {
    let Some(row) = db.row(SESSION_BY_DIGEST, &[digest.into(), now.into(), idle_since.into()]).await? else { return Ok(None) };
    let signed = Signed { id: row.id("id")?, session: row.id("session_id")?, display_name: row.text("display_name")?, roles: roles(&row)? };
    Ok(Some((signed, row.time("seen_at")?)))
}

pub(super) async fn session_seen_at(db: &Db, id: SessionId, now: Timestamp, idle_since: Timestamp) -> Result<Option<Timestamp>, DbError> {
    db.row(SESSION_SEEN_AT, &[id.into(), now.into(), idle_since.into()]).await?.map(|row| row.time("seen_at")).transpose()
}

pub(super) async fn touch_session(tx: &mut Tx, id: SessionId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(TOUCH_SESSION, &[id.into(), now.into()]).await.map(drop)
}

pub(super) async fn end_session(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<Option<StaffId>, DbError> {
    tx.row(END_SESSION, &[digest.into(), now.into()]).await?.map(|row| row.id("staff_id")).transpose()
}

pub(super) async fn tries(tx: &mut Tx, bucket: &str) -> Result<Vec<Timestamp>, DbError> {
    tx.rows(TRIES, &[bucket.into()]).await?.iter().map(|row| row.time("at")).collect()
}

pub(super) async fn add_try(tx: &mut Tx, id: ObjectId, bucket: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(ADD_TRY, &[id.into(), bucket.into(), now.into()]).await.map(drop)
}

pub(super) async fn forget_tries_before(tx: &mut Tx, since: Timestamp) -> Result<(), DbError> {
    tx.execute(FORGET_TRIES_BEFORE, &[since.into()]).await.map(drop)
}

pub(super) async fn forget_tries_of(tx: &mut Tx, bucket: &str) -> Result<(), DbError> {
    tx.execute(FORGET_TRIES_OF, &[bucket.into()]).await.map(drop)
}

fn member(row: &Row) -> Result<Member, DbError> {
    let languages = row.text("languages")?.split(',').filter(|text| !text.is_empty()).map(str::to_owned).collect();
    Ok(Member { id: row.id("id")?, name: row.text("sign_in_name")?, display_name: row.text("display_name")?, roles: roles(row)?, languages })
}

/// An unknown role in the database gives no right.
fn roles(row: &Row) -> Result<Vec<Role>, DbError> {
    Ok(row.text("roles")?.split(',').filter_map(|name| name.parse().ok()).collect())
}
