//! What the customer's page, the call and the review are shown of an intake.

use super::{
    Intake, IntakeError, Progress, Stage, captures,
    captures::Capture,
    details::{self, Detail, consents, form},
    disagreements::{self, Contradiction},
    portraits, reading, step, store,
    wire::{ApplicationView, ConsentView, CropView, DetailView, ReadingState, ReadingView, SideView},
};
use crate::{
    base::id::DossierId,
    engine::document::{DocumentKind, Side},
    journey::{
        call::wire::{FileCapture, FileDisagreement, FileField, FileRefusal},
        review::wire::FiledConsent,
    },
    registry::dossier::{self, Dossier},
};

/// What the file beside the live face shows of the intake.
#[derive(Debug, Clone, Default)]
pub struct FileParts {
    /// The photographs that are used, in the order of the sides.
    pub captures: Vec<FileCapture>,
    /// The fields as confirmed (before that: as they stand), in the order of the form.
    pub fields: Vec<FileField>,
    /// What contradicts itself in what was read.
    pub disagreements: Vec<FileDisagreement>,
}

impl Intake {
    /// The whole application as its customer may see it.
    ///
    /// # Errors
    /// [`IntakeError::Unknown`], or the database's.
    pub async fn view(&self, id: DossierId) -> Result<ApplicationView, IntakeError> {
        let dossier = dossier::find(&self.db, id).await?.ok_or(IntakeError::Unknown)?;
        let progress = store::find(&self.db, id).await?;
        let photographs = captures::store::of_round(&self.db, id, progress.round).await?;
        let form = match dossier.document_kind {
            Some(kind) => details::whole(kind, &details::store::of_dossier(&self.db, id).await?),
            None => Vec::new(),
        };
        let reading = self.reading_view(&dossier, &progress, &photographs).await?;
        let contradictions = disagreements::store::standing(&self.db, id).await?;
        Ok(ApplicationView {
            id,
            state: dossier.state,
            step: self.step(&dossier, &progress, &photographs, reading.state, &form),
            sides: dossier.document_kind.map(|kind| sides(kind, &photographs)).unwrap_or_default(),
            reading,
            details: dossier.document_kind.map(|kind| self.form_view(kind, &form, &contradictions)).unwrap_or_default(),
            consents: self.consents_view(&dossier).await?,
            email: progress.draft_email.or_else(|| dossier.email.clone()),
            phone: progress.draft_phone.or_else(|| dossier.phone.clone()),
            reference: dossier.reference,
            locale: dossier.locale,
            document_kind: dossier.document_kind,
            // Why somebody was refused is not for them to learn here: a suspicion stays with those who have it.
            outcome: dossier.outcome.filter(|_| dossier.state != crate::registry::dossier::State::Rejected),
            redo_item: dossier.redo_item,
            resume_token: None,
        })
    }

    /// How the reading goes.
    ///
    /// # Errors
    /// [`IntakeError::Unknown`], or the database's.
    pub async fn reading(&self, id: DossierId) -> Result<ReadingView, IntakeError> {
        let dossier = dossier::find(&self.db, id).await?.ok_or(IntakeError::Unknown)?;
        let progress = store::find(&self.db, id).await?;
        let photographs = captures::store::of_round(&self.db, id, progress.round).await?;
        self.reading_view(&dossier, &progress, &photographs).await
    }

    /// Photographs and fields for the call and the review.
    ///
    /// # Errors
    /// [`IntakeError::Unknown`], or the database's.
    pub async fn file_view(&self, id: DossierId) -> Result<FileParts, IntakeError> {
        let dossier = dossier::find(&self.db, id).await?.ok_or(IntakeError::Unknown)?;
        let progress = store::find(&self.db, id).await?;
        let Some(kind) = dossier.document_kind else { return Ok(FileParts::default()) };
        let photographs = captures::store::of_round(&self.db, id, progress.round).await?;
        let readings = reading::store::of_dossier(&self.db, id).await?;
        let portraits = portraits::store::of_dossier(&self.db, id).await?;
        let file_capture = |capture: &Capture| {
            let kept = capture.kept.as_ref()?;
            let read = readings.iter().find(|reading| reading.capture == capture.id);
            let mrz_valid = read.and_then(|side| side.reading.mrz.as_ref()).map(|mrz| mrz.valid);
            let refused = photographs.iter().filter(|other| other.side == capture.side && !other.accepted && other.kind == kind);
            Some(FileCapture {
                id: capture.id,
                side: capture.side,
                mrz_valid,
                sha256: kept.sha256.clone(),
                portrait_sha256: portraits.get(&capture.id).map(|portrait| portrait.sha256.clone()),
                flagged: capture.is_flagged,
                problems: capture.problems.clone(),
                refusals: refused.map(|other| FileRefusal { taken_at: other.taken_at, problems: other.problems.clone() }).collect(),
            })
        };
        let captures = captures::used(&photographs, kind).into_iter().filter_map(file_capture).collect();
        let fields = match self.latest_confirmation(id).await? {
            Some(confirmed) => confirmed.fields.iter().map(confirmed_field).collect(),
            None => details::whole(kind, &details::store::of_dossier(&self.db, id).await?).iter().filter_map(standing_field).collect(),
        };
        let disagreements = disagreements::store::standing(&self.db, id).await?.iter().map(Contradiction::view).collect();
        Ok(FileParts { captures, fields: in_order(kind, fields), disagreements })
    }

    /// Every consent that was filed, oldest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn filed_consents(&self, id: DossierId) -> Result<Vec<FiledConsent>, IntakeError> {
        Ok(details::store::consents(&self.db, id).await?)
    }

    fn step(&self, dossier: &Dossier, progress: &Progress, photographs: &[Capture], reading: ReadingState, form: &[Detail]) -> super::wire::ApplicationStep {
        let captured: Vec<Side> = dossier.document_kind.map(|kind| captures::used(photographs, kind).iter().map(|c| c.side).collect()).unwrap_or_default();
        let (email, phone) =
            (super::exposed(progress.draft_email.as_ref()).unwrap_or_default(), super::exposed(progress.draft_phone.as_ref()).unwrap_or_default());
        let today = self.ambient.now().date_naive();
        let is_form_complete =
            progress.draft_saved_at.is_some() && dossier.document_kind.is_some_and(|kind| details::faults(kind, form, email, phone, today).is_empty());
        step::step(&step::Standing {
            state: dossier.state,
            kind: dossier.document_kind,
            captured: &captured,
            reading,
            is_form_complete,
            outcome: dossier.outcome.as_deref(),
            redo_item: dossier.redo_item.as_deref(),
            is_restarted: progress.is_restarted,
        })
    }

    async fn reading_view(&self, dossier: &Dossier, progress: &Progress, photographs: &[Capture]) -> Result<ReadingView, IntakeError> {
        let Some(kind) = dossier.document_kind else { return Ok(ReadingView { state: ReadingState::NotStarted, sides_done: 0, sides_total: 0 }) };
        let readings = reading::store::of_dossier(&self.db, dossier.id).await?;
        let used = captures::used(photographs, kind);
        let done = used.iter().filter(|capture| readings.iter().any(|reading| reading.capture == capture.id)).count();
        let state = match progress.reading {
            _ if progress.is_typed => ReadingState::Typed,
            Stage::Running if used.len() < kind.sides().len() => ReadingState::NotStarted,
            Stage::NotStarted => ReadingState::NotStarted,
            Stage::Running => ReadingState::Running,
            Stage::Done => ReadingState::Done,
            Stage::Failed => ReadingState::Failed,
        };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(ReadingView { state, sides_done: count(done), sides_total: count(kind.sides().len()) })
    }

    fn form_view(&self, kind: DocumentKind, whole: &[Detail], contradictions: &[Contradiction]) -> Vec<DetailView> {
        let today = self.ambient.now().date_naive();
        let required = |name| form::fields(kind).iter().any(|(field, required)| *field == name && *required);
        let view = |detail: &Detail| {
            let value = detail.value.expose();
            let is_implausible = !value.is_empty() && form::check(kind, detail.name, value, today).is_err();
            DetailView {
                name: detail.name,
                value: detail.value.clone(),
                read_value: detail.read_value.clone(),
                source: detail.source,
                confidence: detail.confidence,
                doubtful: is_implausible || (detail.doubtful && !detail.is_edited && !detail.is_checked),
                checked: detail.is_checked,
                disagreements: contradictions.iter().filter(|one| one.fields.contains(&detail.name)).map(Contradiction::view).collect(),
                required: required(detail.name),
                crop: detail.capture.zip(detail.place).map(|(capture, place)| CropView { capture, place }),
            }
        };
        whole.iter().map(view).collect()
    }

    /// The switches with the current texts, on where the customer agreed to exactly these words.
    async fn consents_view(&self, dossier: &Dossier) -> Result<Vec<ConsentView>, IntakeError> {
        let filed = details::store::consents(&self.db, dossier.id).await?;
        let view = |text: super::wire::ConsentText| {
            let latest = filed.iter().rfind(|consent| consent.kind == text.kind.name());
            ConsentView { kind: text.kind, given: latest.is_some_and(|c| c.given && c.version == text.version), version: text.version, required: text.required }
        };
        Ok(consents::texts(&dossier.locale).into_iter().map(view).collect())
    }
}

fn sides(kind: DocumentKind, photographs: &[Capture]) -> Vec<SideView> {
    let used = captures::used(photographs, kind);
    let view = |side: &Side| SideView {
        side: *side,
        capture: used.iter().find(|capture| capture.side == *side).map(|capture| capture.view()),
        refused: captures::refused(photographs, kind, *side),
    };
    kind.sides().iter().map(view).collect()
}

fn confirmed_field(field: &details::ConfirmedField) -> FileField {
    FileField {
        name: field.name,
        value: field.value.clone(),
        read_value: field.read_value.clone(),
        source: field.source,
        confidence: field.confidence,
        origin: field.origin,
        doubtful: field.doubtful,
    }
}

fn standing_field(detail: &Detail) -> Option<FileField> {
    let is_empty = detail.value.expose().is_empty() && detail.read_value.is_none();
    (!is_empty).then(|| FileField {
        name: detail.name,
        value: detail.value.clone(),
        read_value: detail.read_value.clone(),
        source: detail.source,
        confidence: detail.confidence,
        origin: detail.origin(),
        doubtful: detail.doubtful,
    })
}

fn in_order(kind: DocumentKind, mut fields: Vec<FileField>) -> Vec<FileField> {
    let place = |field: &FileField| form::fields(kind).iter().position(|(name, _)| *name == field.name);
    fields.sort_by_key(|field| place(field).unwrap_or(usize::MAX));
    fields
}
