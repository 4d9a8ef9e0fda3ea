//! SQL of checks.

pub(super) mod faces;
pub(super) mod more;

use super::{
    Check, Measured, Still,
    plan::Seed,
    profile::Profile,
    wire::{CheckKind, CheckState},
};
use crate::base::{
    Timestamp,
    db::{Db, DbError, Row, Tx},
    id::{CallId, CheckId},
};

const INSERT: &str = "insert into checks (id, call_id, dossier_id, agent_id, kind, state, asked_at, asked_media_ms, challenge, chosen_because)
     values ($1, $2, $3, $4, $5, 'asked', $6, $7, $8, $9)";
const INSERT_PLAN: &str = "insert into check_plans (call_id, seed, commitment, profile, created_at, carried_from, carried) values ($1, $2, $3, $4, $5, $6, $7)";
const PLAN: &str = "select * from check_plans where call_id = $1";
const DELETE_PLAN: &str = "delete from check_plans where call_id = $1";
const GIVE_NONCE: &str = "update check_plans set nonce = $2, nonce_at = $3
     where call_id = $1 and nonce is null and is_bound = 0";
const BIND: &str = "update check_plans set is_bound = 1 where call_id = $1";
const FIND: &str = "select c.*, k.way as code_way, k.sends as code_sends, k.attempts as code_attempts, k.sent_at as code_sent_at, k.failed_at as code_failed_at, \
    k.expires_at as code_expires_at, k.matched_at as code_matched_at, p.outcome as place_outcome, f.at as likeness_at, f.distance as likeness_distance, \
    (select count(*) from check_questions q where q.check_id = c.id) as questions_asked, \
    (select count(*) from check_questions q where q.check_id = c.id and q.mark = 'right') as questions_right, \
    (select count(*) from check_questions q where q.check_id = c.id and q.mark = 'wrong') as questions_wrong \
    from checks c left join check_codes k on k.check_id = c.id left join check_places p on p.check_id = c.id left join face_likenesses f on f.check_id = c.id where c.id = $1";
const OF_CALL: &str = "select c.*, k.way as code_way, k.sends as code_sends, k.attempts as code_attempts, k.sent_at as code_sent_at, k.failed_at as code_failed_at, \
    k.expires_at as code_expires_at, k.matched_at as code_matched_at, p.outcome as place_outcome, f.at as likeness_at, f.distance as likeness_distance, \
    (select count(*) from check_questions q where q.check_id = c.id) as questions_asked, \
    (select count(*) from check_questions q where q.check_id = c.id and q.mark = 'right') as questions_right, \
    (select count(*) from check_questions q where q.check_id = c.id and q.mark = 'wrong') as questions_wrong \
    from checks c left join check_codes k on k.check_id = c.id left join check_places p on p.check_id = c.id left join face_likenesses f on f.check_id = c.id where c.call_id = $1 order by c.id";
const VOID: &str = "update checks set void_because = $2 where id = $1 and void_because is null";
const JUDGE: &str = "update checks set state = $2, reason = $3, judged_at = $4, judged_media_ms = $5 where id = $1 and state = 'asked'";
const FILE_STILL: &str =
    "update checks set still_path = $2, still_sha256 = $3, still_size = $4, still_at = $5 where id = $1 and state = 'asked' and still_path is null";
const FILE_MEASURED: &str = "update checks set measured_verdict = $2, measured_detail = $3, measured_at = $4 where id = $1";

pub(super) async fn insert(tx: &mut Tx, check: &Check) -> Result<(), DbError> {
    tx.execute(
        INSERT,
        &[
            check.id.into(),
            check.call.into(),
            check.dossier.into(),
            check.agent.into(),
            check.kind.name().into(),
            check.asked_at.into(),
            check.asked_media_ms.into(),
            check.challenge.as_ref().map(|challenge| serde_json::json!(challenge).to_string()).into(),
            check.chosen_because.clone().into(),
        ],
    )
    .await?;
    Ok(())
}

/// The draw of a call as filed.
pub(super) struct FiledPlan {
    pub seed: Seed,
    pub commitment: String,
    pub nonce: Option<String>,
    pub profile: Profile,
    pub carried_from: Option<CallId>,
    pub carried: Vec<CheckKind>,
}

/// What an earlier call has settled for a new one.
#[derive(Debug, Default, Clone)]
pub(super) struct Carried {
    pub from: Option<CallId>,
    pub kinds: Vec<CheckKind>,
}

pub(super) async fn insert_plan(
    tx: &mut Tx,
    call: CallId,
    (seed, commitment): (&Seed, &str),
    profile: &Profile,
    carried: &Carried,
    at: Timestamp,
) -> Result<(), DbError> {
    let kinds: Vec<&str> = carried.kinds.iter().map(|kind| kind.name()).collect();
    let args = [call.into(), hex::encode(seed).into(), commitment.into(), profile.toml().into(), at.into(), carried.from.into(), kinds.join(",").into()];
    tx.execute(INSERT_PLAN, &args).await?;
    Ok(())
}

/// Says that a check no longer counts; whether it did until now.
pub(super) async fn void(tx: &mut Tx, id: CheckId, because: &str) -> Result<bool, DbError> {
    Ok(tx.execute(VOID, &[id.into(), because.into()]).await? == 1)
}

pub(super) async fn plan_in(tx: &mut Tx, call: CallId) -> Result<Option<FiledPlan>, DbError> {
    tx.row(PLAN, &[call.into()]).await?.as_ref().map(plan).transpose()
}

pub(super) async fn plan_of(db: &Db, call: CallId) -> Result<Option<FiledPlan>, DbError> {
    db.row(PLAN, &[call.into()]).await?.as_ref().map(plan).transpose()
}

/// From now on the draw stays as it is, also against a nonce that comes at the same moment.
pub(super) async fn bind(tx: &mut Tx, call: CallId) -> Result<(), DbError> {
    tx.execute(BIND, &[call.into()]).await?;
    Ok(())
}

/// Takes the customer's part of the draw if there is none and nothing was asked; whether it was taken.
pub(super) async fn give_nonce(tx: &mut Tx, call: CallId, nonce: &str, at: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(GIVE_NONCE, &[call.into(), nonce.into(), at.into()]).await? == 1)
}

pub(super) async fn delete_plan(tx: &mut Tx, call: CallId) -> Result<(), DbError> {
    tx.execute(DELETE_PLAN, &[call.into()]).await?;
    Ok(())
}

fn plan(row: &Row) -> Result<FiledPlan, DbError> {
    let mut seed = Seed::default();
    // Written by this module: always 32 bytes.
    let _ = hex::decode_to_slice(row.text("seed")?, &mut seed);
    Ok(FiledPlan {
        seed,
        commitment: row.text("commitment")?,
        nonce: row.text_opt("nonce")?,
        profile: row.parsed("profile")?,
        carried_from: row.id_opt("carried_from")?,
        carried: row.text("carried")?.split(',').filter_map(|name| name.parse().ok()).collect(),
    })
}

pub(super) async fn find(db: &Db, id: CheckId) -> Result<Option<Check>, DbError> {
    db.row(FIND, &[id.into()]).await?.as_ref().map(check).transpose()
}

pub(super) async fn find_in(tx: &mut Tx, id: CheckId) -> Result<Option<Check>, DbError> {
    tx.row(FIND, &[id.into()]).await?.as_ref().map(check).transpose()
}

pub(super) async fn of_call(db: &Db, call: CallId) -> Result<Vec<Check>, DbError> {
    db.rows(OF_CALL, &[call.into()]).await?.iter().map(check).collect()
}

pub(super) async fn of_call_in(tx: &mut Tx, call: CallId) -> Result<Vec<Check>, DbError> {
    tx.rows(OF_CALL, &[call.into()]).await?.iter().map(check).collect()
}

/// Files a verdict if the check is still asked; whether it was.
pub(super) async fn judge(tx: &mut Tx, id: CheckId, state: CheckState, reason: Option<&str>, at: Timestamp, media_ms: i64) -> Result<bool, DbError> {
    Ok(tx.execute(JUDGE, &[id.into(), state.name().into(), reason.into(), at.into(), media_ms.into()]).await? == 1)
}

/// Files the still of a check that is asked and has none; whether it was so.
pub(super) async fn file_still(tx: &mut Tx, id: CheckId, still: &Still, at: Timestamp) -> Result<bool, DbError> {
    let args = [id.into(), (&still.path).into(), (&still.sha256).into(), still.size.into(), at.into()];
    Ok(tx.execute(FILE_STILL, &args).await? == 1)
}

pub(super) async fn file_measured(tx: &mut Tx, id: CheckId, measured: &Measured, at: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(FILE_MEASURED, &[id.into(), measured.verdict.name().into(), measured.detail.to_string().into(), at.into()]).await? == 1)
}

/// The database checks that there is no other verdict.
fn measured(row: &Row) -> Result<Option<Measured>, DbError> {
    let Some(verdict) = row.text_opt("measured_verdict")?.and_then(|verdict| verdict.parse().ok()) else { return Ok(None) };
    let detail = row.text_opt("measured_detail")?.and_then(|detail| serde_json::from_str(&detail).ok()).unwrap_or_default();
    Ok(Some(Measured { verdict, detail }))
}

fn check(row: &Row) -> Result<Check, DbError> {
    let still = match (row.text_opt("still_path")?, row.text_opt("still_sha256")?) {
        (Some(path), Some(sha256)) => Some(Still { path, sha256, size: row.int_opt("still_size")?.and_then(|size| size.try_into().ok()).unwrap_or(0) }),
        _ => None,
    };
    Ok(Check {
        id: row.id("id")?,
        call: row.id("call_id")?,
        dossier: row.id("dossier_id")?,
        agent: row.id("agent_id")?,
        kind: row.parsed::<CheckKind>("kind")?,
        state: row.parsed::<CheckState>("state")?,
        reason: row.text_opt("reason")?,
        asked_at: row.time("asked_at")?,
        asked_media_ms: row.int("asked_media_ms")?,
        judged_media_ms: row.int_opt("judged_media_ms")?,
        still,
        measured: measured(row)?,
        challenge: row.text_opt("challenge")?.and_then(|challenge| serde_json::from_str(&challenge).ok()),
        chosen_because: row.text_opt("chosen_because")?,
        void_because: row.text_opt("void_because")?,
        code: more::code(row)?,
        place: row.text_opt("place_outcome")?.and_then(|name| name.parse().ok()),
        questions: more::tally(row)?,
        likeness: faces::likeness(row)?,
    })
}
