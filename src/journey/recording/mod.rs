//! Recording: what both ends of a call sent, kept from before the first packet until a supervisor plays it.
//!
//! ```text
//! recording ─stop→ sealing ─seal→ sealed
//!                     └─give_up→ failed   (the logs are kept)
//! ```
//! The call opens a recording in the transaction that starts it and takes a [`Tap`] for each join of each party before
//! media may flow: a reload, a takeover and a restart of the server each begin a new segment. When it ends, [`Recordings::stop`] leaves a job to the `work` role, which makes one file per party,
//! playable at once, and one film for people, and files their hashes. After a crash [`Recordings::recover`] stops what
//! nobody records any more; the logs are good up to the last half second.
//!
//! What was filed of a recording when it was sealed, the hash of every file and the head of every log's chain, is what
//! [`Recordings::verify`] compares it with later.
//!
//! Media time is milliseconds since `started_at`; a file's `offset_ms` is where its first frame lies on that line.
//! Knows calls and files by id only. Start reading at [`Recordings`].

mod footage;
pub mod room;
mod seal;
mod store;
mod verify;
mod watch;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

pub use footage::{Footage, FootageError};
pub use room::{Room, Settings};
pub use seal::{MAKE_FILM, SEAL_RECORDING, SealRecording};
pub use verify::{Finding, Wrong};
pub use watch::{Purpose, Viewer};

use crate::{
    base::{
        Ambient, Timestamp,
        db::{Db, DbError, Tx},
        id::{CallId, DossierId},
    },
    engine::{
        sfu::Tap,
        track::{Captions, LogTape, Reel},
        vault::{Vault, VaultError},
    },
    journey::{
        call::wire::Party,
        review::wire::{RecordingState, RecordingView},
    },
    registry::{audit::Actor, dossier, outbox},
};

/// How long another server has to close the logs of a call that was ended here.
const CLOSING: chrono::Duration = chrono::Duration::seconds(2);

/// What the recorder can fail with. Where a tap fails, the call must not start.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The disk is too full for another call.
    #[error("there is no room for another recording")]
    Full,
    /// There is no recording of this call, or no such file of it.
    #[error("there is no such recording")]
    Unknown,
    /// The recording was stopped; nothing can be added.
    #[error("the recording is stopped")]
    Stopped,
    /// The log cannot be written.
    #[error("the recorder cannot write")]
    Disk(#[source] VaultError),
    /// A file is damaged or gone.
    #[error("the recording cannot be read")]
    Unreadable(#[source] VaultError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Recordings {
    ambient: Ambient,
    db: Db,
    vault: Vault,
    settings: Settings,
    running: Arc<Mutex<HashMap<CallId, Vec<Reel>>>>,
    watching: watch::Watching,
}

impl Recordings {
    /// A recorder that keeps its logs and files in `vault`.
    pub fn new(ambient: Ambient, db: Db, vault: Vault, settings: Settings) -> Self {
        Self { ambient, db, vault, settings, running: Arc::default(), watching: watch::Watching::default() }
    }

    /// Opens the recording of a call in the caller's transaction; media time begins now.
    ///
    /// # Errors
    /// [`RecordError::Full`], [`RecordError::Db`]; the call has a recording already: [`DbError::Unique`].
    pub async fn open(&self, tx: &mut Tx, call: CallId, dossier: DossierId) -> Result<(), RecordError> {
        if !self.room().takes_calls {
            return Err(RecordError::Full);
        }
        let now = self.ambient.now();
        let folder = format!("recordings/{}/{call}", now.format("%Y/%m/%d"));
        Ok(store::insert(tx, call, dossier, &folder, now).await?)
    }

    /// A log for one join of one party, on disk and ready for the first packet.
    ///
    /// # Errors
    /// Any means that this join must not get media.
    pub async fn tap(&self, call: CallId, party: Party) -> Result<Tap, RecordError> {
        let recording = store::find(&self.db, call).await?.ok_or(RecordError::Unknown)?;
        if recording.state != RecordingState::Recording {
            return Err(RecordError::Stopped);
        }
        let now = self.ambient.now();
        let mut tx = self.db.begin().await?;
        let path = store::add_segment(&mut tx, &recording, party, now).await?;
        tx.commit().await?;
        let log = self.vault.start_log(&path).await.map_err(RecordError::Disk)?;
        let since_start = u64::try_from((now - recording.started_at).num_microseconds().unwrap_or(0)).unwrap_or(0);
        let (tape, reel) = LogTape::start(log, Instant::now(), since_start).map_err(|error| RecordError::Disk(error.into()))?;
        self.running.lock().unwrap_or_else(PoisonError::into_inner).entry(call).or_default().push(reel);
        Ok(Box::new(tape))
    }

    /// Stops recording, in the transaction that ends the call: closes the logs and leaves the sealing to the `work`
    /// role. The film will have these captions; where it begins is filled in here. Nothing happens when it is stopped already.
    /// When the logs are written by another server (`is_here` false), it has a moment to close them before they are sealed.
    ///
    /// # Errors
    /// [`RecordError::Unknown`], [`RecordError::Db`].
    pub async fn stop(&self, tx: &mut Tx, call: CallId, captions: Captions, is_here: bool) -> Result<(), RecordError> {
        self.let_go(call);
        let began_at = store::find_in(tx, call).await?.ok_or(RecordError::Unknown)?.started_at;
        let Some(dossier) = store::stop(tx, call, self.ambient.now(), &Captions { began_at, ..captions }).await? else { return Ok(()) };
        dossier::note(tx, &self.ambient, dossier, Actor::System, "recording.stopped", serde_json::json!({ "call": call })).await?;
        let at = if is_here { self.ambient.now() } else { self.ambient.now() + CLOSING };
        Ok(outbox::job_at(tx, &self.ambient, SEAL_RECORDING, &call.to_string(), &serde_json::json!({}), at).await?)
    }

    /// Closes the logs this process writes of a call: it is over, or recorded by another server from now on.
    pub fn let_go(&self, call: CallId) {
        for reel in self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&call).into_iter().flatten() {
            reel.stop();
        }
    }

    /// At start, before the first call: stops every recording that was left running but for those of calls that go on
    /// (`open`), and asks again for the sealing of those that were stopped but have no job. How many.
    ///
    /// # Errors
    /// [`RecordError::Db`].
    pub async fn recover(&self, open: &[CallId]) -> Result<usize, RecordError> {
        let unfinished: Vec<_> = store::unfinished(&self.db).await?.into_iter().filter(|(call, _)| !open.contains(call)).collect();
        for (call, state) in &unfinished {
            let mut tx = self.db.begin().await?;
            match state {
                RecordingState::Recording => self.stop(&mut tx, *call, Captions::default(), true).await?,
                _ => outbox::job(&mut tx, &self.ambient, SEAL_RECORDING, &call.to_string(), &serde_json::json!({})).await?,
            }
            tx.commit().await?;
        }
        Ok(unfinished.len())
    }

    /// Removes a finished recording: logs and files first, then its rows, in the caller's transaction. Whether it is gone;
    /// one that is not sealed yet stays.
    ///
    /// # Errors
    /// [`RecordError::Disk`], [`RecordError::Db`].
    pub async fn remove(&self, tx: &mut Tx, call: CallId) -> Result<bool, RecordError> {
        let Some(recording) = store::find_in(tx, call).await? else { return Ok(true) };
        if matches!(recording.state, RecordingState::Recording | RecordingState::Sealing) {
            return Ok(false);
        }
        for log in store::logs(&self.db, call).await? {
            self.vault.remove_log(&log.path).await.map_err(RecordError::Disk)?;
        }
        for filed in store::files(&self.db, call).await? {
            self.vault.remove(&filed.path).await.map_err(RecordError::Disk)?;
        }
        store::delete(tx, call).await?;
        Ok(true)
    }

    /// Removes the finished recordings of a file whose time is over; how many.
    ///
    /// # Errors
    /// [`RecordError::Disk`], [`RecordError::Db`].
    pub async fn erase(&self, dossier: DossierId) -> Result<usize, RecordError> {
        let calls = store::of_dossier(&self.db, dossier).await?;
        for call in &calls {
            let mut tx = self.db.begin().await?;
            self.remove(&mut tx, *call).await?;
            tx.commit().await?;
        }
        Ok(calls.len())
    }

    /// The recording of a call as it stands.
    ///
    /// # Errors
    /// [`RecordError::Db`].
    pub async fn of_call(&self, call: CallId) -> Result<Option<RecordingView>, RecordError> {
        let Some(recording) = store::find(&self.db, call).await? else { return Ok(None) };
        let files = store::files(&self.db, call).await?.into_iter().map(|filed| filed.file).collect();
        Ok(Some(RecordingView { state: recording.state, progress: recording.progress, duration_ms: recording.duration_ms, files }))
    }

    /// Where media time begins.
    ///
    /// # Errors
    /// [`RecordError::Db`].
    pub async fn started_at(&self, call: CallId) -> Result<Option<Timestamp>, RecordError> {
        Ok(store::find(&self.db, call).await?.map(|recording| recording.started_at))
    }
}
