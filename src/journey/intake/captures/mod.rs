//! A photograph from the camera to its verdict: judged in a sandboxed child, made upright and harmless, sealed, filed.
//!
//! A refused photograph is filed without its picture. After some refusals of one side the next photograph is taken as it
//! is, flagged for the agent, so that nobody is stuck with a worn card or a poor camera.

pub(super) mod store;

use serde_json::json;

use super::{Intake, IntakeError, Progress, Stage, reading, unhindered, wire::CaptureView};
use crate::{
    base::{
        Timestamp,
        id::{CaptureId, DossierId},
    },
    engine::{
        document::{DocumentKind, Side},
        reader::{Look, Problem},
    },
    registry::{
        audit::Actor,
        dossier::{self, Dossier, Step},
    },
};

/// Largest photograph taken, in bytes.
pub const PICTURE_MAX: usize = 15 * 1024 * 1024;

/// One photograph as filed.
#[derive(Debug, Clone)]
pub(super) struct Capture {
    pub(super) id: CaptureId,
    pub(super) dossier: DossierId,
    pub(super) round: i64,
    pub(super) kind: DocumentKind,
    pub(super) side: Side,
    pub(super) accepted: bool,
    /// Accepted although something is wrong with it.
    pub(super) is_flagged: bool,
    pub(super) problems: Vec<Problem>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) kept: Option<Kept>,
    pub(super) taken_at: Timestamp,
}

/// Where a picture lies and what it must hash to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) path: String,
    pub(super) sha256: String,
    pub(super) size: u64,
}

impl Capture {
    pub(super) fn view(&self) -> CaptureView {
        CaptureView {
            id: self.id,
            side: self.side,
            accepted: self.accepted,
            problems: self.problems.clone(),
            width: self.width,
            height: self.height,
            taken_at: self.taken_at,
        }
    }
}

/// The photograph of each side that is used: the newest accepted one.
pub(super) fn used(captures: &[Capture], kind: DocumentKind) -> Vec<&Capture> {
    let newest = |side: &Side| captures.iter().filter(|c| c.side == *side && c.accepted && c.kind == kind).max_by_key(|c| c.id);
    kind.sides().iter().filter_map(newest).collect()
}

/// How many photographs of a side were refused.
pub(super) fn refused(captures: &[Capture], kind: DocumentKind, side: Side) -> u32 {
    let count = captures.iter().filter(|c| c.side == side && !c.accepted && c.kind == kind).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Intake {
    /// Judges a photograph of one side and files it; when it is used its reading begins.
    ///
    /// # Errors
    /// [`IntakeError::Picture`] for bytes that are no picture (not counted as a refusal), [`IntakeError::DocumentMissing`],
    /// [`IntakeError::SideNotNeeded`], [`IntakeError::CapturesExhausted`], [`IntakeError::NotNow`],
    /// [`IntakeError::Conflict`] when another document was chosen meanwhile.
    pub async fn capture(&self, id: DossierId, side: Side, bytes: Vec<u8>) -> Result<CaptureView, IntakeError> {
        let dossier = dossier::find(&self.db, id).await?.ok_or(IntakeError::Unknown)?;
        let progress = super::store::find(&self.db, id).await?;
        let kind = dossier.document_kind.ok_or(IntakeError::DocumentMissing)?;
        if !kind.sides().contains(&side) {
            return Err(IntakeError::SideNotNeeded);
        }
        dossier.state.after(Step::Capture)?;
        if store::count(&self.db, id).await? >= i64::from(self.settings.captures_max) {
            return Err(IntakeError::CapturesExhausted);
        }
        let look = self.reader.look(bytes, kind, side).await?;
        let earlier = store::of_round(&self.db, id, progress.round).await?;
        let capture = self.judged(id, progress.round, kind, side, look, refused(&earlier, kind, side)).await?;
        if let Err(error) = unhindered!(self.try_file(&capture)) {
            if let Some(kept) = &capture.kept
                && let Err(left) = self.vault.remove(&kept.path).await
            {
                tracing::warn!(capture.id = %capture.id, error = %left, "a picture that was not filed could not be removed");
            }
            return Err(error);
        }
        Ok(capture.view())
    }

    async fn judged(&self, dossier: DossierId, round: i64, kind: DocumentKind, side: Side, look: Look, refused: u32) -> Result<Capture, IntakeError> {
        let accepted = look.accepted || refused >= self.settings.refusals_before_flag;
        let kept = if accepted {
            let filed = self.vault.put(&format!("captures/{dossier}"), look.normal).await?;
            Some(Kept { path: filed.path, sha256: filed.sha256, size: filed.size })
        } else {
            None
        };
        Ok(Capture {
            id: self.ambient.id(),
            dossier,
            round,
            kind,
            side,
            accepted,
            is_flagged: accepted && !look.accepted,
            problems: look.problems,
            width: look.width,
            height: look.height,
            kept,
            taken_at: self.ambient.now(),
        })
    }

    async fn try_file(&self, capture: &Capture) -> Result<(), IntakeError> {
        let id = capture.dossier;
        let mut tx = self.db.begin().await?;
        let (dossier, progress) = self.open(&mut tx, id).await?;
        if dossier.document_kind != Some(capture.kind) || progress.round != capture.round {
            return Err(IntakeError::NotNow(dossier::Refused { from: dossier.state, wanted: Step::Capture }));
        }
        store::insert(&mut tx, capture).await?;
        let codes: Vec<_> = capture.problems.iter().map(|problem| problem.code).collect();
        let detail = json!({ "capture": capture.id, "side": capture.side, "problems": codes, "flagged": capture.is_flagged });
        if capture.accepted {
            let dossier = dossier::advance(&mut tx, &self.ambient, &dossier, Step::Capture, Actor::Customer(id), detail).await?;
            let progress = Progress { is_typed: false, is_restarted: false, reading: Stage::Running, ..progress };
            super::store::set_progress(&mut tx, id, &progress).await?;
            reading::begin(&mut tx, &self.ambient, capture.id).await?;
            self.tell(&mut tx, &dossier).await?;
        } else {
            dossier::note(&mut tx, &self.ambient, id, Actor::Customer(id), "capture.refused", detail).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The upright JPEG of a photograph of this file; its hash was checked.
    ///
    /// # Errors
    /// [`IntakeError::Unknown`] when it is another file's, was refused, or is deleted.
    pub async fn capture_image(&self, dossier: DossierId, capture: CaptureId) -> Result<Vec<u8>, IntakeError> {
        let found: Option<Capture> = store::find(&self.db, capture).await?.filter(|found| found.dossier == dossier);
        let kept = found.and_then(|found| found.kept).ok_or(IntakeError::Unknown)?;
        Ok(self.vault.get(&kept.path).await?)
    }

    /// Deletes every photograph of a file and every portrait cut out of one; the rows stay and say when.
    pub(super) async fn remove_pictures(&self, dossier: &Dossier) -> Result<(), IntakeError> {
        for (capture, path) in store::kept_paths(&self.db, dossier.id).await? {
            self.vault.remove(&path).await?;
            let mut tx = self.db.begin().await?;
            store::set_removed(&mut tx, capture, self.ambient.now()).await?;
            tx.commit().await?;
        }
        self.remove_portraits(dossier).await
    }
}
