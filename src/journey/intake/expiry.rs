//! The end of files nobody goes on with: the file expires, its photographs, readings and drafts are deleted.

use serde_json::json;

use super::{Intake, IntakeError, details, disagreements, reading, store, unhindered};
use crate::{
    base::{
        Ambient, Timestamp,
        db::{DbError, Tx},
        id::DossierId,
    },
    registry::{
        audit::Actor,
        dossier::{self, State, Step},
        outbox::{
            self,
            jobs::{Handler, Job, JobError},
        },
    },
};

/// Kind of the job that ends a file; its subject is `<dossier>:<when it is due>`.
pub const EXPIRE_APPLICATION: &str = "expire_application";

/// Files the job for a look at `due`.
pub(super) async fn schedule(tx: &mut Tx, ambient: &Ambient, dossier: DossierId, due: Timestamp) -> Result<(), DbError> {
    let subject = format!("{dossier}:{}", due.timestamp_millis());
    outbox::job_at(tx, ambient, EXPIRE_APPLICATION, &subject, &json!({}), due).await
}

/// Ends files nobody goes on with, in the `work` role.
pub struct ExpireApplication(pub Intake);

#[async_trait::async_trait]
impl Handler for ExpireApplication {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let id = job.subject.split(':').next().and_then(|id| id.parse().ok());
        let id: DossierId = id.ok_or_else(|| JobError::Hopeless("no file in the subject".to_owned()))?;
        unhindered!(self.0.try_expire(id)).map_err(|error| match error {
            IntakeError::Db(error) => JobError::Db(error),
            other => JobError::Again(other.to_string()),
        })
    }
}

impl Intake {
    /// Deletes photographs, portraits, readings, the form and what was confirmed of a file whose time is over. Bears repetition.
    ///
    /// # Errors
    /// The vault's or the database's.
    pub async fn erase(&self, id: DossierId) -> Result<(), IntakeError> {
        let Some(dossier) = dossier::find(&self.db, id).await? else { return Ok(()) };
        self.remove_pictures(&dossier).await?;
        let mut tx = self.db.begin().await?;
        reading::store::delete(&mut tx, id).await?;
        details::store::delete(&mut tx, id).await?;
        details::store::delete_confirmed(&mut tx, id).await?;
        disagreements::store::delete(&mut tx, id).await?;
        store::set_draft(&mut tx, id, None, None, None).await?;
        store::end_links(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the file if nobody touched it for long enough, or looks again later. Bears repetition.
    async fn try_expire(&self, id: DossierId) -> Result<(), IntakeError> {
        let now = self.ambient.now();
        let mut tx = self.db.begin().await?;
        let Some(dossier) = dossier::find_in(&mut tx, id).await? else { return Ok(()) };
        let due = dossier.updated_at + self.draft_life();
        match dossier.state {
            State::Approved | State::Rejected => return Ok(()),
            State::Expired => {
                drop(tx);
                return self.remove_pictures(&dossier).await;
            }
            State::Redo if due <= now => {
                let dossier = dossier::advance(&mut tx, &self.ambient, &dossier, Step::Expire, Actor::System, json!({})).await?;
                self.tell(&mut tx, &dossier).await?;
                return Ok(tx.commit().await?);
            }
            State::Booked | State::Waiting | State::InCall | State::Called => {
                schedule(&mut tx, &self.ambient, id, now + self.draft_life()).await?;
                return Ok(tx.commit().await?);
            }
            _ if due > now => {
                schedule(&mut tx, &self.ambient, id, due).await?;
                return Ok(tx.commit().await?);
            }
            State::Draft | State::Captured | State::Read | State::Confirmed | State::Redo => {}
        }
        let dossier = dossier::advance(&mut tx, &self.ambient, &dossier, Step::Expire, Actor::System, json!({})).await?;
        reading::store::delete(&mut tx, id).await?;
        details::store::delete(&mut tx, id).await?;
        disagreements::store::delete(&mut tx, id).await?;
        store::set_draft(&mut tx, id, None, None, None).await?;
        store::end_links(&mut tx, id).await?;
        self.tell(&mut tx, &dossier).await?;
        tx.commit().await?;
        self.remove_pictures(&dossier).await
    }
}
