//! From photographs to a filled form. Each accepted photograph is read by a job of its own, so that the front is read
//! while the customer photographs the back; the job that finds every side read fills the form.

mod proposals;
pub(super) mod store;

use serde_json::json;

use super::{
    Intake, IntakeError, Progress, Stage, captures,
    captures::{Capture, Kept},
    details::{self, Detail},
    disagreements::{self, contradictions},
    portraits, unhindered,
};
use crate::{
    base::{
        Ambient,
        db::{DbError, Tx},
        id::CaptureId,
    },
    engine::{
        document::Reading,
        reader::{ReaderError, Transcript},
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
use proposals::proposals;

/// Kind of the job that reads one photograph; its subject is the photograph's id.
pub const READ_DOCUMENT: &str = "read_document";

/// What was read on one photograph. A failure is a reading without fields.
#[derive(Debug, Clone)]
pub(super) struct SideReading {
    pub(super) capture: CaptureId,
    pub(super) failure: Option<String>,
    pub(super) reading: Reading,
}

/// Files the job for a photograph.
pub(super) async fn begin(tx: &mut Tx, ambient: &Ambient, capture: CaptureId) -> Result<(), DbError> {
    outbox::job(tx, ambient, READ_DOCUMENT, &capture.to_string(), &json!({})).await
}

/// Reads photographs, in the `work` role.
pub struct ReadDocument(pub Intake);

#[async_trait::async_trait]
impl Handler for ReadDocument {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let capture = self.0.capture_of(job).await?;
        let Some((capture, kept)) = capture.and_then(|capture| capture.kept.clone().map(|kept| (capture, kept))) else { return Ok(()) };
        let picture = self.0.vault.get(&kept.path).await.map_err(|error| JobError::Again(error.to_string()))?;
        match self.0.reader.read(picture, capture.kind, capture.side).await {
            Ok(transcript) => self.0.file_transcript(&capture, transcript).await.map_err(again),
            Err(ReaderError::Unavailable) => Err(JobError::Again(ReaderError::Unavailable.to_string())),
            Err(error) if job.attempt < 2 => Err(JobError::Again(error.to_string())),
            Err(error) => self.0.file_reading(&capture, Reading::default(), Some(error.to_string())).await.map_err(again),
        }
    }

    async fn give_up(&self, job: &Job) -> Result<(), DbError> {
        let Some(capture) = self.0.capture_of(job).await? else { return Ok(()) };
        match self.0.file_reading(&capture, Reading::default(), Some("given up".to_owned())).await {
            Err(IntakeError::Db(error)) => Err(error),
            Err(error) => {
                tracing::error!(capture.id = %capture.id, error = %error, "a reading that was given up could not be filed");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

fn again(error: IntakeError) -> JobError {
    match error {
        IntakeError::Db(error) => JobError::Db(error),
        other => JobError::Again(other.to_string()),
    }
}

impl Intake {
    async fn capture_of(&self, job: &Job) -> Result<Option<Capture>, DbError> {
        match job.subject.parse::<CaptureId>() {
            Ok(id) => captures::store::find(&self.db, id).await,
            Err(_) => Ok(None),
        }
    }

    /// Files what was read and the portrait with it.
    async fn file_transcript(&self, capture: &Capture, transcript: Transcript) -> Result<(), IntakeError> {
        let portrait = match transcript.portrait {
            Some(portrait) => Some(self.seal_portrait(capture, portrait).await?),
            None => None,
        };
        let side = SideReading { capture: capture.id, failure: None, reading: transcript.reading };
        let filed = unhindered!(self.try_file_reading(capture, &side, portrait.as_ref()));
        if let Some(kept) = portrait.filter(|_| !matches!(filed, Ok(true))) {
            self.drop_portrait(capture, &kept).await;
        }
        filed.map(drop)
    }

    async fn file_reading(&self, capture: &Capture, reading: Reading, failure: Option<String>) -> Result<(), IntakeError> {
        let side = SideReading { capture: capture.id, failure, reading };
        unhindered!(self.try_file_reading(capture, &side, None)).map(drop)
    }

    /// Files one side's reading and, when it was the last one missing, fills the form. The version of the file counts up
    /// either way, so that of two sides finishing at once the second sees the first. Whether this reading was filed: not when one had been
    /// before, nor in a file that has ended and of which nothing is kept.
    async fn try_file_reading(&self, capture: &Capture, side: &SideReading, portrait: Option<&Kept>) -> Result<bool, IntakeError> {
        let mut tx = self.db.begin().await?;
        let (dossier, progress) = self.open(&mut tx, capture.dossier).await?;
        if dossier.state == State::Expired {
            return Ok(false);
        }
        let is_new = store::insert(&mut tx, &self.ambient, dossier.id, side, self.ambient.now()).await?;
        if let Some(portrait) = portrait.filter(|_| is_new) {
            portraits::store::insert(&mut tx, capture.id, dossier.id, portrait, self.ambient.now()).await?;
        }
        let photographs = captures::store::of_round_in(&mut tx, dossier.id, progress.round).await?;
        let used = captures::used(&photographs, capture.kind);
        let is_open = matches!(dossier.state, State::Captured | State::Read) && dossier.document_kind == Some(capture.kind);
        if !is_open || progress.round != capture.round || !used.iter().any(|u| u.id == capture.id) {
            tx.commit().await?;
            return Ok(is_new);
        }
        let readings = store::of_dossier_in(&mut tx, dossier.id).await?;
        let read: Vec<_> = used.iter().filter_map(|u| readings.iter().find(|r| r.capture == u.id).map(|r| (u.side, u.id, r.reading.clone()))).collect();
        let dossier = if read.len() == capture.kind.sides().len() {
            let found = contradictions(capture.kind, &read);
            let proposed = proposals(capture.kind, &read, &found);
            let stage = if proposed.is_empty() { Stage::Failed } else { Stage::Done };
            self.fill(&mut tx, &dossier, &proposed).await?;
            disagreements::store::replace(&mut tx, &self.ambient, dossier.id, &found, self.ambient.now()).await?;
            super::store::set_progress(&mut tx, dossier.id, &Progress { reading: stage, ..progress }).await?;
            let codes: Vec<_> = found.iter().map(|one| one.code).collect();
            let detail = json!({ "fields": proposed.len(), "doubtful": proposed.iter().filter(|p| p.doubtful).count(), "disagreements": codes });
            if dossier.state == State::Captured {
                dossier::advance(&mut tx, &self.ambient, &dossier, Step::Read, Actor::System, detail).await?
            } else {
                dossier::note(&mut tx, &self.ambient, dossier.id, Actor::System, "document.read_late", detail).await?;
                dossier::describe(&mut tx, &self.ambient, &dossier, |_| {}).await?
            }
        } else {
            dossier::describe(&mut tx, &self.ambient, &dossier, |_| {}).await?
        };
        self.tell(&mut tx, &dossier).await?;
        tx.commit().await?;
        Ok(is_new)
    }

    async fn fill(&self, tx: &mut Tx, dossier: &dossier::Dossier, proposed: &[proposals::Proposal]) -> Result<(), DbError> {
        let standing = details::store::of_dossier_in(tx, dossier.id).await?;
        for proposal in proposed {
            let filled = filled(standing.iter().find(|detail| detail.name == proposal.name), proposal);
            details::store::put(tx, dossier.id, &filled, self.ambient.now()).await?;
        }
        Ok(())
    }
}

/// What stands in a field after a proposal: the customer's own words if there are any, else what was read.
fn filled(standing: Option<&Detail>, proposal: &proposals::Proposal) -> Detail {
    let own = standing.filter(|detail| detail.is_edited).map(|detail| detail.value.clone());
    let is_same = standing.is_some_and(|detail| detail.read_value.as_ref() == Some(&proposal.value));
    Detail {
        name: proposal.name,
        is_edited: own.as_ref().is_some_and(|own| *own != proposal.value),
        value: own.unwrap_or_else(|| proposal.value.clone()),
        read_value: Some(proposal.value.clone()),
        source: Some(proposal.source),
        confidence: Some(proposal.confidence),
        capture: proposal.capture,
        place: proposal.place,
        doubtful: proposal.doubtful,
        is_checked: is_same && standing.is_some_and(|detail| detail.is_checked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::Pii,
        engine::document::{FieldName, Source},
    };

    fn proposal(value: &str) -> proposals::Proposal {
        proposals::Proposal {
            name: FieldName::Residence,
            value: Pii::new(value.to_owned()),
            source: Source::Print,
            confidence: 0.9,
            capture: None,
            place: None,
            doubtful: false,
        }
    }

    #[test]
    fn a_late_reading_never_overwrites_what_was_typed() {
        let empty = filled(None, &proposal("Huế"));
        assert_eq!((empty.value.expose().as_str(), empty.is_edited), ("Huế", false));
        let typed = Detail { value: Pii::new("Hà Nội".to_owned()), is_edited: true, ..empty.clone() };
        let kept = filled(Some(&typed), &proposal("Huế"));
        assert_eq!((kept.value.expose().as_str(), kept.is_edited), ("Hà Nội", true));
        assert_eq!(kept.read_value.as_ref().map(|v| v.expose().as_str()), Some("Huế"));
        let same = filled(Some(&typed), &proposal("Hà Nội"));
        assert!(!same.is_edited, "typed as read is a match");
        let read_again = filled(Some(&empty), &proposal("Huế 2"));
        assert_eq!(read_again.value.expose(), "Huế 2", "a better photograph replaces what was only read");
    }
}
