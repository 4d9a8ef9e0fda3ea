//! SQL of the recordings.

use crate::{
    base::{
        Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{CallId, DossierId},
    },
    engine::{track::Captions, vault::LogState},
    journey::{
        call::wire::Party,
        review::wire::{RecordingFile, RecordingState},
    },
};

const INSERT: &str = "insert into recordings (call_id, dossier_id, state, folder, started_at) values ($1, $2, 'recording', $3, $4)";
const FIND: &str = "select * from recordings where call_id = $1";
const OF_DOSSIER: &str = "select call_id from recordings where dossier_id = $1 and state in ('sealed', 'failed') order by call_id";
const UNFINISHED: &str = "select call_id, state from recordings where state in ('recording', 'sealing') order by call_id";
const STOP: &str = "update recordings set state = 'sealing', stopped_at = $2, captions = $3 where call_id = $1 and state = 'recording' returning dossier_id";
const NOTE_PROGRESS: &str = "update recordings set progress = $2 where call_id = $1 and state = 'sealing'";
const SEALED: &str = "update recordings set state = 'sealed', finished_at = $2, duration_ms = $3 where call_id = $1 and state = 'sealing'";
const FAILED: &str = "update recordings set state = 'failed', finished_at = $2, failure = $3 where call_id = $1 and state = 'sealing'";
const NEXT_SEGMENT: &str = "select count(*) as taken from recording_segments where call_id = $1 and party = $2";
const INSERT_SEGMENT: &str = "insert into recording_segments (call_id, party, seq, path, opened_at) values ($1, $2, $3, $4, $5)";
const LOGS: &str = "select * from recording_segments where call_id = $1 order by party, seq";
const FILE_LOG: &str = "update recording_segments set segments = $4, head_sha256 = $5, faults = $6 where call_id = $1 and party = $2 and seq = $3";
const SEALED_CALLS: &str = "select call_id from recordings where state = 'sealed' order by call_id";
const PUT_FILE: &str = "insert into recording_files (call_id, name, party, path, size, sha256, offset_ms, end_ms, lost_packets, gaps) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (call_id, name) do update set path = excluded.path, size = excluded.size, sha256 = excluded.sha256, offset_ms = excluded.offset_ms, end_ms = excluded.end_ms, lost_packets = excluded.lost_packets, gaps = excluded.gaps";
const DELETE: [&str; 3] =
    ["delete from recording_files where call_id = $1", "delete from recording_segments where call_id = $1", "delete from recordings where call_id = $1"];
const FILES: &str = "select * from recording_files where call_id = $1 order by name";

/// A recording as stored.
pub(super) struct Recording {
    pub(super) call: CallId,
    pub(super) dossier: DossierId,
    pub(super) state: RecordingState,
    pub(super) folder: String,
    pub(super) started_at: Timestamp,
    pub(super) duration_ms: Option<i64>,
    pub(super) progress: i64,
    pub(super) captions: Captions,
}

/// A file for people and where the vault keeps it.
pub(super) struct FiledFile {
    pub(super) file: RecordingFile,
    pub(super) path: String,
}

/// The log of one join of one party.
pub(super) struct Log {
    pub(super) party: Party,
    pub(super) seq: i64,
    pub(super) path: String,
    /// As it was when the recording was sealed.
    pub(super) segments: Option<i64>,
    pub(super) head_sha256: Option<String>,
}

impl Log {
    /// What people call it.
    pub(super) fn name(&self) -> String {
        format!("log/{}-{:03}", self.party.name(), self.seq)
    }
}

pub(super) async fn insert(tx: &mut Tx, call: CallId, dossier: DossierId, folder: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(INSERT, &[call.into(), dossier.into(), folder.into(), now.into()]).await?;
    Ok(())
}

pub(super) async fn find(db: &Db, call: CallId) -> Result<Option<Recording>, DbError> {
    db.row(FIND, &[call.into()]).await?.as_ref().map(recording).transpose()
}

pub(super) async fn find_in(tx: &mut Tx, call: CallId) -> Result<Option<Recording>, DbError> {
    tx.row(FIND, &[call.into()]).await?.as_ref().map(recording).transpose()
}

/// The calls of a file whose recordings are finished.
pub(super) async fn of_dossier(db: &Db, dossier: DossierId) -> Result<Vec<CallId>, DbError> {
    db.rows(OF_DOSSIER, &[dossier.into()]).await?.iter().map(|row| row.id("call_id")).collect()
}

pub(super) async fn unfinished(db: &Db) -> Result<Vec<(CallId, RecordingState)>, DbError> {
    db.rows(UNFINISHED, &[]).await?.iter().map(|row| Ok((row.id("call_id")?, state(&row.text("state")?)))).collect()
}

/// Recording → sealing; the file it belongs to, or nothing if it was not recording.
pub(super) async fn stop(tx: &mut Tx, call: CallId, now: Timestamp, captions: &Captions) -> Result<Option<DossierId>, DbError> {
    let captions = serde_json::to_string(captions).expect("captions serialise");
    tx.row(STOP, &[call.into(), now.into(), captions.into()]).await?.map(|row| row.id("dossier_id")).transpose()
}

/// How much of the film is made, in percent.
pub(super) async fn note_progress(db: &Db, call: CallId, percent: i64) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.execute(NOTE_PROGRESS, &[call.into(), percent.into()]).await?;
    tx.commit().await
}

/// Sealing → sealed; whether it was sealing.
pub(super) async fn sealed(tx: &mut Tx, call: CallId, now: Timestamp, duration_ms: i64) -> Result<bool, DbError> {
    Ok(tx.execute(SEALED, &[call.into(), now.into(), duration_ms.into()]).await? == 1)
}

/// Sealing → failed; whether it was sealing.
pub(super) async fn failed(tx: &mut Tx, call: CallId, now: Timestamp, failure: &str) -> Result<bool, DbError> {
    Ok(tx.execute(FAILED, &[call.into(), now.into(), failure.into()]).await? == 1)
}

/// Takes the next segment of a party; the path of its log.
pub(super) async fn add_segment(tx: &mut Tx, recording: &Recording, party: Party, now: Timestamp) -> Result<String, DbError> {
    let taken = tx.row(NEXT_SEGMENT, &[recording.call.into(), party.name().into()]).await?.map_or(Ok(0), |row| row.int("taken"))?;
    let path = format!("{}/log/{}-{taken:03}.rtplog", recording.folder, party.name());
    tx.execute(INSERT_SEGMENT, &[recording.call.into(), party.name().into(), taken.into(), (&path).into(), now.into()]).await?;
    Ok(path)
}

/// The logs of a recording, in order of joining.
pub(super) async fn logs(db: &Db, call: CallId) -> Result<Vec<Log>, DbError> {
    db.rows(LOGS, &[call.into()]).await?.iter().map(log).collect()
}

/// Files how a log was when its recording was sealed.
pub(super) async fn file_log(tx: &mut Tx, call: CallId, log: &Log, state: &LogState) -> Result<(), DbError> {
    let faults = serde_json::to_string(&state.faults).expect("faults serialise");
    let args = [call.into(), log.party.name().into(), log.seq.into(), i64::from(state.segments).into(), state.head_sha256.as_str().into(), faults.into()];
    tx.execute(FILE_LOG, &args).await?;
    Ok(())
}

/// The calls whose recordings are sealed.
pub(super) async fn sealed_calls(db: &Db) -> Result<Vec<CallId>, DbError> {
    db.rows(SEALED_CALLS, &[]).await?.iter().map(|row| row.id("call_id")).collect()
}

pub(super) async fn put_file(tx: &mut Tx, call: CallId, filed: &FiledFile) -> Result<(), DbError> {
    let RecordingFile { name, party, size, sha256, offset_ms, end_ms, lost_packets, gaps } = &filed.file;
    let gaps = serde_json::to_string(gaps).expect("gaps serialise");
    let args = [
        call.into(),
        name.into(),
        party.map(Party::name).into(),
        (&filed.path).into(),
        (*size).into(),
        sha256.into(),
        (*offset_ms).into(),
        (*end_ms).into(),
        (*lost_packets).into(),
        gaps.into(),
    ];
    tx.execute(PUT_FILE, &args).await?;
    Ok(())
}

/// Removes the recording and what it lists.
pub(super) async fn delete(tx: &mut Tx, call: CallId) -> Result<(), DbError> {
    for sql in DELETE {
        tx.execute(sql, &[call.into()]).await?;
    }
    Ok(())
}

pub(super) async fn files(db: &Db, call: CallId) -> Result<Vec<FiledFile>, DbError> {
    db.rows(FILES, &[call.into()]).await?.iter().map(file).collect()
}

fn recording(row: &Row) -> Result<Recording, DbError> {
    Ok(Recording {
        call: row.id("call_id")?,
        dossier: row.id("dossier_id")?,
        state: state(&row.text("state")?),
        folder: row.text("folder")?,
        started_at: row.time("started_at")?,
        duration_ms: row.int_opt("duration_ms")?,
        progress: row.int("progress")?,
        // What cannot be read is a film without names, not a film that is not made.
        captions: row.text_opt("captions")?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
    })
}

fn log(row: &Row) -> Result<Log, DbError> {
    Ok(Log {
        party: party(&row.text("party")?),
        seq: row.int("seq")?,
        path: row.text("path")?,
        segments: row.int_opt("segments")?,
        head_sha256: row.text_opt("head_sha256")?,
    })
}

fn file(row: &Row) -> Result<FiledFile, DbError> {
    Ok(FiledFile {
        file: RecordingFile {
            name: row.text("name")?,
            party: row.text_opt("party")?.as_deref().map(party),
            size: u64::try_from(row.int("size")?).unwrap_or(0),
            sha256: row.text("sha256")?,
            offset_ms: row.int("offset_ms")?,
            end_ms: row.int("end_ms")?,
            lost_packets: u64::try_from(row.int("lost_packets")?).unwrap_or(0),
            gaps: serde_json::from_str(&row.text("gaps")?).unwrap_or_default(),
        },
        path: row.text("path")?,
    })
}

/// The database checks that there is no other name.
fn state(name: &str) -> RecordingState {
    match name {
        "recording" => RecordingState::Recording,
        "sealing" => RecordingState::Sealing,
        "sealed" => RecordingState::Sealed,
        _ => RecordingState::Failed,
    }
}

fn party(name: &str) -> Party {
    if name == "agent" { Party::Agent } else { Party::Customer }
}
