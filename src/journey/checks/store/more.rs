//! SQL of codes, questions, places and hints.

use crate::{
    base::{
        Pii, Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{CallId, CheckId},
    },
    journey::checks::{
        codes::Code,
        questions::Tally,
        wire::{AnswerMark, CodeWay, GivePlace, HintSource, HintView, PlaceOutcome, PlaceView},
    },
};

const PUT_CODE: &str = "insert into check_codes (check_id, way, digest, sends, expires_at) values ($1, $2, $3, 1, $4)
     on conflict (check_id) do update set way = excluded.way, digest = excluded.digest, sends = check_codes.sends + 1, expires_at = excluded.expires_at, sent_at = null, failed_at = null
     where check_codes.sends < $5 and check_codes.matched_at is null";
const SENT: &str = "update check_codes set sent_at = $2 where check_id = $1 and digest = $3";
const NOT_SENT: &str = "update check_codes set failed_at = $2 where check_id = $1 and digest = $3";
const TRY_CODE: &str =
    "update check_codes set attempts = attempts + 1 where check_id = $1 and attempts < $2 and matched_at is null and expires_at > $3 returning digest";
const MATCHED: &str = "update check_codes set matched_at = $2 where check_id = $1 and matched_at is null";
const WAS_ASKED: &str = "select question from asked_questions where person = $1";
const REMEMBER: &str = "insert into asked_questions (person, question, check_id, asked_at) values ($1, $2, $3, $4) on conflict do nothing";
const ASK: &str = "insert into check_questions (check_id, position, question) values ($1, $2, $3)";
const MARK: &str = "update check_questions set mark = $3, marked_media_ms = $4 where check_id = $1 and question = $2";
const QUESTIONS: &str = "select question, mark from check_questions where check_id = $1 order by position";
const PUT_PLACE: &str = "insert into check_places (check_id, outcome, latitude, longitude, accuracy_m, taken_at, filed_at, consent_text) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (check_id) do update set outcome = excluded.outcome, latitude = excluded.latitude, longitude = excluded.longitude, accuracy_m = excluded.accuracy_m, taken_at = excluded.taken_at, filed_at = excluded.filed_at, consent_text = excluded.consent_text";
const PLACE: &str = "select latitude, longitude, accuracy_m, taken_at, consent_text from check_places where check_id = $1 and outcome = 'given'";
const HINT: &str = "insert into call_hints (call_id, source, code, media_ms, noticed_at) values ($1, $2, $3, $4, $5)
     on conflict (call_id, source, code) do update set times = call_hints.times + 1";
const HINTS: &str = "select source, code, media_ms, times from call_hints where call_id = $1 order by noticed_at, source, code";
const STILLS: &str = "select id, still_path from checks where dossier_id = $1 and still_path is not null";
const FORGET_STILL: &str = "update checks set still_path = null, still_sha256 = null where id = $1";
const FORGET: [&str; 3] = [
    "delete from face_likenesses where check_id in (select id from checks where dossier_id = $1)",
    "delete from check_places where check_id in (select id from checks where dossier_id = $1)",
    "delete from check_codes where check_id in (select id from checks where dossier_id = $1)",
];

/// Files a new code beside an asked check, in place of an earlier one; whether another one may be sent.
pub(in crate::journey::checks) async fn put_code(
    tx: &mut Tx,
    check: CheckId,
    (way, digest): (CodeWay, &str),
    until: Timestamp,
    most: u32,
) -> Result<bool, DbError> {
    Ok(tx.execute(PUT_CODE, &[check.into(), way.name().into(), digest.into(), until.into(), i64::from(most).into()]).await? == 1)
}

/// The code with this digest was handed over, or could not be.
pub(in crate::journey::checks) async fn sent(tx: &mut Tx, check: CheckId, digest: &str, is_sent: bool, at: Timestamp) -> Result<(), DbError> {
    tx.execute(if is_sent { SENT } else { NOT_SENT }, &[check.into(), at.into(), digest.into()]).await?;
    Ok(())
}

/// Counts a try; the digest of the code it is compared with, if the code still takes one.
pub(in crate::journey::checks) async fn try_code(tx: &mut Tx, check: CheckId, most: u32, now: Timestamp) -> Result<Option<String>, DbError> {
    tx.row(TRY_CODE, &[check.into(), i64::from(most).into(), now.into()]).await?.map(|row| row.text("digest")).transpose()
}

pub(in crate::journey::checks) async fn matched(tx: &mut Tx, check: CheckId, at: Timestamp) -> Result<(), DbError> {
    tx.execute(MATCHED, &[check.into(), at.into()]).await?;
    Ok(())
}

pub(super) fn code(row: &Row) -> Result<Option<Code>, DbError> {
    let Some(way) = row.text_opt("code_way")? else { return Ok(None) };
    let count = |column: &str| Ok::<_, DbError>(row.int_opt(column)?.and_then(|count| u32::try_from(count).ok()).unwrap_or(0));
    Ok(Some(Code {
        way: if way == CodeWay::Email.name() { CodeWay::Email } else { CodeWay::Sms },
        sends: count("code_sends")?,
        attempts: count("code_attempts")?,
        sent_at: row.time_opt("code_sent_at")?,
        failed_at: row.time_opt("code_failed_at")?,
        expires_at: row.time("code_expires_at")?,
        matched_at: row.time_opt("code_matched_at")?,
    }))
}

pub(super) fn tally(row: &Row) -> Result<Tally, DbError> {
    let count = |column: &str| Ok::<_, DbError>(usize::try_from(row.int(column)?).unwrap_or(0));
    Ok(Tally { asked: count("questions_asked")?, right: count("questions_right")?, wrong: count("questions_wrong")? })
}

pub(in crate::journey::checks) async fn was_asked(tx: &mut Tx, person: &str) -> Result<Vec<String>, DbError> {
    tx.rows(WAS_ASKED, &[person.into()]).await?.iter().map(|row| row.text("question")).collect()
}

/// Files what is asked, and that these persons were asked it.
pub(in crate::journey::checks) async fn ask(tx: &mut Tx, check: CheckId, persons: &[String], questions: &[&str], at: Timestamp) -> Result<(), DbError> {
    for (position, question) in questions.iter().enumerate() {
        tx.execute(ASK, &[check.into(), i64::try_from(position).unwrap_or(i64::MAX).into(), (*question).into()]).await?;
        for person in persons {
            tx.execute(REMEMBER, &[person.into(), (*question).into(), check.into(), at.into()]).await?;
        }
    }
    Ok(())
}

/// Whether such a question was asked in this check.
pub(in crate::journey::checks) async fn mark(tx: &mut Tx, check: CheckId, question: &str, mark: AnswerMark, media_ms: i64) -> Result<bool, DbError> {
    Ok(tx.execute(MARK, &[check.into(), question.into(), mark.name().into(), media_ms.into()]).await? == 1)
}

/// What was asked, in order, with the agent's marks.
pub(in crate::journey::checks) async fn questions(db: &Db, check: CheckId) -> Result<Vec<(String, Option<AnswerMark>)>, DbError> {
    let line = |row: &Row| Ok((row.text("question")?, row.text_opt("mark")?.and_then(|name| name.parse().ok())));
    db.rows(QUESTIONS, &[check.into()]).await?.iter().map(line).collect()
}

/// Files where the browser was, or that it did not say. `consent` are the words the customer agreed to.
pub(in crate::journey::checks) async fn put_place(tx: &mut Tx, check: CheckId, place: &GivePlace, consent: &str, now: Timestamp) -> Result<(), DbError> {
    let is_given = place.outcome == PlaceOutcome::Given;
    let args = [
        check.into(),
        place.outcome.name().into(),
        place.latitude.into(),
        place.longitude.into(),
        place.accuracy_m.into(),
        is_given.then_some(now).into(),
        now.into(),
        is_given.then(|| consent.to_owned()).into(),
    ];
    tx.execute(PUT_PLACE, &args).await?;
    Ok(())
}

pub(in crate::journey::checks) async fn place(db: &Db, check: CheckId) -> Result<Option<PlaceView>, DbError> {
    let Some(row) = db.row(PLACE, &[check.into()]).await? else { return Ok(None) };
    let real = |column: &str| Ok::<_, DbError>(row.real_opt(column)?.unwrap_or_default());
    Ok(Some(PlaceView {
        latitude: Pii::new(real("latitude")?),
        longitude: Pii::new(real("longitude")?),
        accuracy_m: real("accuracy_m")?,
        taken_at: row.time("taken_at")?,
        consent_sha256: crate::base::ambient::secret_digest(&row.text("consent_text")?),
    }))
}

pub(in crate::journey::checks) async fn hint(tx: &mut Tx, call: CallId, source: HintSource, code: &str, media_ms: i64, now: Timestamp) -> Result<(), DbError> {
    tx.execute(HINT, &[call.into(), source.name().into(), code.into(), media_ms.into(), now.into()]).await?;
    Ok(())
}

pub(in crate::journey::checks) async fn hints(db: &Db, call: CallId) -> Result<Vec<HintView>, DbError> {
    db.rows(HINTS, &[call.into()]).await?.iter().map(hint_view).collect()
}

pub(in crate::journey::checks) async fn hints_in(tx: &mut Tx, call: CallId) -> Result<Vec<HintView>, DbError> {
    tx.rows(HINTS, &[call.into()]).await?.iter().map(hint_view).collect()
}

fn hint_view(row: &Row) -> Result<HintView, DbError> {
    Ok(HintView {
        source: row.parsed("source")?,
        code: row.text("code")?,
        media_ms: row.int("media_ms")?,
        times: u32::try_from(row.int("times")?).unwrap_or(u32::MAX),
    })
}

/// The stills of every check of a file.
pub(in crate::journey::checks) async fn stills(db: &Db, dossier: crate::base::id::DossierId) -> Result<Vec<(CheckId, String)>, DbError> {
    db.rows(STILLS, &[dossier.into()]).await?.iter().map(|row| Ok((row.id("id")?, row.text("still_path")?))).collect()
}

pub(in crate::journey::checks) async fn forget_still(tx: &mut Tx, check: CheckId) -> Result<(), DbError> {
    tx.execute(FORGET_STILL, &[check.into()]).await?;
    Ok(())
}

/// Removes places and codes of a file.
pub(in crate::journey::checks) async fn forget(tx: &mut Tx, dossier: crate::base::id::DossierId) -> Result<(), DbError> {
    for sql in FORGET {
        tx.execute(sql, &[dossier.into()]).await?;
    }
    Ok(())
}
