//! The end of a file's time. How long the sealed files of an identification are kept, its rule profile says; every call
//! counts from its own end. Then a job deletes recording, stills, photographs and portraits, and what names the person.
//! What stays is that there was an identification, how it went and who decided, with every line of the journal.
//!
//! A supervisor may hold a file: nothing of it is deleted until the hold is lifted.

use chrono::Duration;
use serde_json::json;

use super::{Review, ReviewError, store};
use crate::{
    base::{Ambient, Pii, db::Db, id::DossierId},
    engine::vault::Vault,
    journey::{
        call,
        checks::{Checks, END_RETENTION},
        intake::Intake,
        queue,
        recording::Recordings,
    },
    registry::{
        audit::Actor,
        dossier::{self, Dossier, State},
        letters::Letters,
        outbox::{
            self,
            jobs::{Handler, Job, JobError},
        },
        staff::Signed,
    },
};

impl Review {
    /// Holds a file, or lifts the hold; one whose time is over meanwhile is deleted then.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`], [`ReviewError::Conflict`].
    pub async fn hold(&self, signed: &Signed, id: DossierId, is_held: bool) -> Result<(), ReviewError> {
        let parts = &self.0;
        let now = parts.ambient.now();
        let mut tx = parts.db.begin().await?;
        let file = dossier::find_in(&mut tx, id).await?.ok_or(ReviewError::Unknown)?;
        if file.held_at.is_some() == is_held {
            return Ok(());
        }
        dossier::describe(&mut tx, &parts.ambient, &file, |file| file.held_at = is_held.then_some(now)).await?;
        dossier::note(&mut tx, &parts.ambient, id, Actor::Staff(signed.id), if is_held { "file.held" } else { "file.released" }, json!({})).await?;
        if !is_held {
            outbox::job(&mut tx, &parts.ambient, END_RETENTION, &format!("{id}:{}", now.timestamp_millis()), &json!({})).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Does the job [`END_RETENTION`].
pub struct EndRetention {
    /// The database.
    pub db: Db,
    /// Time and randomness.
    pub ambient: Ambient,
    /// Photographs and the form.
    pub intake: Intake,
    /// Stills, places.
    pub checks: Checks,
    /// Recordings.
    pub recordings: Recordings,
    /// Photographs taken in calls.
    pub vault: Vault,
    /// Letters that were laid down.
    pub letters: Letters,
}

#[async_trait::async_trait]
impl Handler for EndRetention {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let id = job.subject.split(':').next().and_then(|id| id.parse().ok());
        let id: DossierId = id.ok_or_else(|| JobError::Hopeless("no file in the subject".to_owned()))?;
        let Some(file) = dossier::find(&self.db, id).await? else { return Ok(()) };
        let now = self.ambient.now();
        // A later call has a job of its own; so has the end of a hold.
        let is_over = dossier::kept_until(&self.db, id).await?.is_some_and(|until| until <= now);
        if !is_over || file.held_at.is_some() || file.erased_at.is_some() {
            return Ok(());
        }
        if matches!(file.state, State::Booked | State::Waiting | State::InCall) {
            return self.look_again(id).await;
        }
        self.erase(&file).await
    }
}

impl EndRetention {
    async fn look_again(&self, id: DossierId) -> Result<(), JobError> {
        let mut tx = self.db.begin().await?;
        let due = self.ambient.now() + Duration::days(1);
        outbox::job_at(&mut tx, &self.ambient, END_RETENTION, &format!("{id}:{}", due.timestamp_millis()), &json!({}), due).await?;
        Ok(tx.commit().await?)
    }

    /// Sealed files first, then what the database knows of the person, then the line that says so. Bears repetition.
    async fn erase(&self, file: &Dossier) -> Result<(), JobError> {
        let again = |error: &dyn std::fmt::Display| JobError::Again(error.to_string());
        let recordings = self.recordings.erase(file.id).await.map_err(|error| again(&error))?;
        let stills = self.checks.erase(file.id).await.map_err(|error| again(&error))?;
        let photographs = call::stills::erase(&self.db, &self.vault, file.id).await.map_err(|error| again(&error))?;
        self.intake.erase(file.id).await.map_err(|error| again(&error))?;
        let mut words: Vec<Pii<String>> = [&file.email, &file.phone].into_iter().flatten().cloned().collect();
        words.push(Pii::new(file.reference.clone()));
        self.letters.forget(&words).await.map_err(|error| again(&error))?;
        let mut tx = self.db.begin().await?;
        let Some(file) = dossier::find_in(&mut tx, file.id).await? else { return Ok(()) };
        if file.held_at.is_some() {
            return Ok(());
        }
        call::forget_chat(&mut tx, file.id).await?;
        call::forget_rehearsals(&mut tx, file.id).await?;
        queue::forget(&mut tx, file.id).await?;
        store::more::forget_notes(&mut tx, file.id).await?;
        let now = self.ambient.now();
        let forget = |file: &mut Dossier| {
            (file.holder_name, file.document_number, file.birth_date) = (None, None, None);
            (file.email, file.phone) = (None, None);
            file.erased_at = Some(now);
        };
        dossier::describe(&mut tx, &self.ambient, &file, forget).await.map_err(|error| again(&error))?;
        let detail = json!({ "recordings": recordings, "stills": stills + photographs });
        dossier::note(&mut tx, &self.ambient, file.id, Actor::System, "file.erased", detail).await?;
        tx.commit().await?;
        if let Err(error) = self.db.let_go().await {
            // It does so by itself as the log goes round.
            tracing::warn!(%error, "the log of the database still remembers what was deleted");
        }
        Ok(())
    }
}
