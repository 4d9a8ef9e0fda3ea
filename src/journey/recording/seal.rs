//! The jobs that make the files for people, seal them and file their hashes: first each side's, which is quick and plays at once,
//! then the film of both, which is slow.

use tokio::sync::watch;

use super::{
    footage::{self, FootageError},
    store::{self, FiledFile, Recording},
    verify,
};
use crate::{
    base::{
        Ambient,
        db::{Db, DbError},
    },
    engine::{
        track::{ComposeError, Composer, Gap, Made, Make, Reels},
        vault::{Vault, VaultError},
    },
    journey::{
        call::wire::Party,
        review::wire::{RecordingFile, RecordingGap, RecordingState},
    },
    registry::{
        audit::Actor,
        dossier,
        outbox::{
            self, DomainEvent,
            jobs::{Handler, Job, JobError},
        },
    },
};

/// Name of the job that comes first; its subject is the call.
pub const SEAL_RECORDING: &str = "seal_recording";
/// Name of the job that comes second; its subject is the call.
pub const MAKE_FILM: &str = "make_film";

/// A file of a recording: name, what the composer makes, whose picture.
type What = (&'static str, Make, Option<Party>);

const SIDES: [What; 2] = [("customer.webm", Make::First, Some(Party::Customer)), ("agent.webm", Make::Second, Some(Party::Agent))];
const FILM: What = ("film.mp4", Make::Film, None);

/// Calls from here on have their sides made one after the other.
const LONG: chrono::Duration = chrono::Duration::minutes(30);

/// Which of the two jobs a handler does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    /// [`SEAL_RECORDING`].
    Sides,
    /// [`MAKE_FILM`].
    Film,
}

/// Does one of the jobs [`SEAL_RECORDING`] and [`MAKE_FILM`].
#[derive(Clone)]
pub struct SealRecording {
    share: Share,
    ambient: Ambient,
    db: Db,
    vault: Vault,
    composer: Composer,
}

/// Why a recording could not be sealed this time.
#[derive(Debug, thiserror::Error)]
enum SealError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error(transparent)]
    Footage(FootageError),
    /// Neither party sent anything: a defined end, not a fault.
    #[error("nothing_recorded")]
    Nothing,
}

impl From<FootageError> for SealError {
    fn from(error: FootageError) -> Self {
        match error {
            FootageError::Db(error) => Self::Db(error),
            other => Self::Footage(other),
        }
    }
}

impl SealRecording {
    /// Handlers of both jobs that make files with `composer` and seal them in `vault`.
    pub fn both(ambient: Ambient, db: Db, vault: Vault, composer: Composer) -> [Self; 2] {
        let sides = Self { share: Share::Sides, ambient, db, vault, composer };
        let film = Self { share: Share::Film, ..sides.clone() };
        [sides, film]
    }

    /// Makes what is not made yet of this job's share: each party's file, both at once so that they play soon after the call, or
    /// the film.
    async fn seal(&self, recording: &Recording) -> Result<(), SealError> {
        let mut filed = store::files(&self.db, recording.call).await?;
        let wanted = |what: What| (what, filed.iter().any(|filed| filed.file.name == what.0));
        if self.share == Share::Film {
            let made = self.filed(recording, wanted(FILM)).await?;
            filed.extend(made);
            return if filed.is_empty() { Err(SealError::Nothing) } else { Ok(self.file(recording, &filed).await?) };
        }
        let [customer, agent] = SIDES.map(wanted);
        let (of_customer, of_agent) = if self.ambient.now() - recording.started_at < LONG {
            tokio::join!(self.filed(recording, customer), self.filed(recording, agent))
        } else {
            // Each side of a long call takes much memory.
            (self.filed(recording, customer).await, self.filed(recording, agent).await)
        };
        filed.extend(of_customer?);
        filed.extend(of_agent?);
        if filed.is_empty() { Err(SealError::Nothing) } else { Ok(self.ask_film(recording).await?) }
    }

    async fn ask_film(&self, recording: &Recording) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        outbox::job(&mut tx, &self.ambient, MAKE_FILM, &recording.call.to_string(), &serde_json::json!({})).await?;
        tx.commit().await
    }

    /// Makes a file and files it, unless it is there already; nothing when nothing was sent.
    async fn filed(&self, recording: &Recording, ((name, make, party), is_there): (What, bool)) -> Result<Option<FiledFile>, SealError> {
        if is_there {
            return Ok(None);
        }
        let reels = footage::reels(&self.db, &self.vault, recording.call, &recording.captions, party).await?;
        let Some(made) = self.make(recording, make, &reels).await? else { return Ok(None) };
        let Made { file, offset_ms, end_ms, lost_packets, gaps } = made;
        let sealed = self.vault.put_file(&format!("{}/{name}", recording.folder), file).await?;
        let gaps = gaps.into_iter().map(|Gap { from_ms, to_ms }| RecordingGap { from_ms, to_ms }).collect();
        let file = RecordingFile { name: name.to_owned(), party, size: sealed.size, sha256: sealed.sha256, offset_ms, end_ms, lost_packets, gaps };
        let made = FiledFile { file, path: sealed.path };
        let mut tx = self.db.begin().await?;
        store::put_file(&mut tx, recording.call, &made).await?;
        tx.commit().await?;
        Ok(Some(made))
    }

    /// Makes one file, and notes how far a film is meanwhile.
    async fn make(&self, recording: &Recording, what: Make, reels: &Reels) -> Result<Option<Made>, SealError> {
        let (tell, mut told) = watch::channel(0.0);
        let scratch = self.vault.scratch().await?;
        let making = self.composer.make(what, reels, scratch, |share| {
            tell.send_replace(share);
        });
        let noting = async {
            while told.changed().await.is_ok() {
                let share = *told.borrow_and_update();
                self.note_progress(recording, share).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            made = making => Ok(made?),
            () = noting => Ok(None),
        }
    }

    /// How far the film is; a word that is lost is made good by the next.
    async fn note_progress(&self, recording: &Recording, share: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "a whole percentage")]
        let percent = (share.clamp(0.0, 1.0) * 100.0) as i64;
        if let Err(error) = store::note_progress(&self.db, recording.call, percent).await {
            tracing::debug!(error = %error, "the progress of a film was not noted");
        }
    }

    /// Sealing → sealed, with everything that tells later whether it is still the same.
    async fn file(&self, recording: &Recording, filed: &[FiledFile]) -> Result<(), SealError> {
        let logs = verify::states(&self.db, &self.vault, recording.call).await?;
        let duration_ms = filed.iter().map(|filed| filed.file.end_ms).max().unwrap_or(0);
        let mut tx = self.db.begin().await?;
        if !store::sealed(&mut tx, recording.call, self.ambient.now(), duration_ms).await? {
            return Ok(());
        }
        let hashes: serde_json::Map<_, _> = filed.iter().map(|filed| (filed.file.name.clone(), filed.file.sha256.clone().into())).collect();
        let mut heads = serde_json::Map::new();
        for (log, state) in &logs {
            store::file_log(&mut tx, recording.call, log, state).await?;
            let head = serde_json::json!({ "segments": state.segments, "head_sha256": state.head_sha256, "faults": state.faults });
            heads.insert(log.name(), head);
        }
        let mut detail = serde_json::json!({ "call": recording.call, "duration_ms": duration_ms, "sha256": hashes, "logs": heads });
        if logs.iter().any(|(_, state)| !state.faults.is_empty()) {
            detail["reason"] = "log_damaged".into();
        }
        dossier::note(&mut tx, &self.ambient, recording.dossier, Actor::System, "recording.sealed", detail).await?;
        outbox::event(&mut tx, &self.ambient, &DomainEvent::RecordingSealed { call: recording.call }).await?;
        Ok(tx.commit().await?)
    }

    /// Sealing → failed; the logs stay where they are.
    async fn fail(&self, recording: &Recording, reason: &str) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        if store::failed(&mut tx, recording.call, self.ambient.now(), reason).await? {
            let detail = serde_json::json!({ "call": recording.call, "reason": reason });
            dossier::note(&mut tx, &self.ambient, recording.dossier, Actor::System, "recording.failed", detail).await?;
        }
        tx.commit().await
    }

    async fn recording(&self, job: &Job) -> Result<Option<Recording>, DbError> {
        let Ok(call) = job.subject.parse() else { return Ok(None) };
        Ok(store::find(&self.db, call).await?.filter(|recording| recording.state == RecordingState::Sealing))
    }
}

#[async_trait::async_trait]
impl Handler for SealRecording {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let Some(recording) = self.recording(job).await? else { return Ok(()) };
        match self.seal(&recording).await {
            Ok(()) => Ok(()),
            Err(SealError::Nothing) => Ok(self.fail(&recording, "nothing_recorded").await?),
            Err(SealError::Db(error)) => Err(error.into()),
            Err(error) => Err(JobError::Again(error.to_string())),
        }
    }

    async fn give_up(&self, job: &Job) -> Result<(), DbError> {
        match self.recording(job).await? {
            Some(recording) => self.fail(&recording, "not_composed").await,
            None => Ok(()),
        }
    }

    fn is_slow(&self) -> bool {
        self.share == Share::Film
    }
}
