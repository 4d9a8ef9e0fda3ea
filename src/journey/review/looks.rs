//! Looking: the line in the journal comes before the first byte.

use super::{Review, ReviewError, report, wire::DossierView};
use crate::{
    base::id::{CallId, CaptureId, CheckId, DossierId, StillId},
    journey::{
        call::{stills::still::Still, wire::CallFileView},
        recording::Purpose,
    },
    registry::{
        audit::{self, Act, Actor},
        staff::{Role, Signed},
    },
};

/// The purpose in the journal of whoever opens a file beside the live face.
const BESIDE_CALL: &str = "call";

impl Review {
    /// The whole file, for a purpose.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] when this person may not open it.
    pub async fn open(&self, signed: &Signed, id: DossierId, purpose: Purpose) -> Result<DossierView, ReviewError> {
        self.may_open(signed, id).await?;
        self.note(signed, id, "file.viewed", Some(purpose.code()), serde_json::json!({})).await?;
        self.whole(id).await
    }

    /// The file beside the live face: for the agent of the call while it is undecided, and for supervisors.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`].
    pub async fn open_beside(&self, signed: &Signed, call: CallId) -> Result<CallFileView, ReviewError> {
        let call = self.0.calls.find(call).await?.ok_or(ReviewError::Unknown)?;
        if call.agent != signed.id && !signed.has_any(&[Role::Supervisor]) {
            return Err(ReviewError::Unknown);
        }
        self.may_open(signed, call.dossier).await?;
        self.note(signed, call.dossier, "file.viewed", Some(BESIDE_CALL), serde_json::json!({ "call": call.id })).await?;
        self.file(call.dossier).await
    }

    /// A photograph of a file, as sealed. Pictures of a file that is open need no purpose of their own.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] also for a photograph of another file.
    pub async fn capture_image(&self, signed: &Signed, id: DossierId, capture: CaptureId, purpose: Option<Purpose>) -> Result<Vec<u8>, ReviewError> {
        self.may_open(signed, id).await?;
        self.note(signed, id, "capture.viewed", purpose.map(Purpose::code), serde_json::json!({ "capture": capture })).await?;
        Ok(self.0.intake.capture_image(id, capture).await?)
    }

    /// The portrait cut out of a photograph of a file, as sealed.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] also for a photograph of another file, or one without a portrait.
    pub async fn portrait_image(&self, signed: &Signed, id: DossierId, capture: CaptureId, purpose: Option<Purpose>) -> Result<Vec<u8>, ReviewError> {
        self.may_open(signed, id).await?;
        self.note(signed, id, "portrait.viewed", purpose.map(Purpose::code), serde_json::json!({ "capture": capture })).await?;
        Ok(self.0.intake.portrait_image(id, capture).await?)
    }

    /// The still of a check.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] also when the check has none.
    pub async fn still(&self, signed: &Signed, id: CheckId, purpose: Option<Purpose>) -> Result<Vec<u8>, ReviewError> {
        let check = self.0.checks.find(id).await?.ok_or(ReviewError::Unknown)?;
        self.may_open(signed, check.dossier).await?;
        let still = check.still.ok_or(ReviewError::Unknown)?;
        self.note(signed, check.dossier, "still.viewed", purpose.map(Purpose::code), serde_json::json!({ "check": id })).await?;
        Ok(self.0.checks.still(&still).await?)
    }

    /// A photograph taken in a call.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] also when it was never filed.
    pub async fn call_still(&self, signed: &Signed, id: StillId, purpose: Option<Purpose>) -> Result<Vec<u8>, ReviewError> {
        let still = self.0.calls.still(id).await?.filter(Still::is_filed).ok_or(ReviewError::Unknown)?;
        self.may_open(signed, still.dossier).await?;
        self.note(signed, still.dossier, "still.viewed", purpose.map(Purpose::code), serde_json::json!({ "still": id })).await?;
        Ok(self.0.calls.still_picture(&still).await?)
    }

    /// The file as a page to print: everything in one HTML text, pictures included, without script.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] when this person may not open it.
    pub async fn report(&self, signed: &Signed, id: DossierId, purpose: Purpose, locale: &str) -> Result<String, ReviewError> {
        self.may_open(signed, id).await?;
        self.note(signed, id, "report.viewed", Some(purpose.code()), serde_json::json!({})).await?;
        let view = self.whole(id).await?;
        let mut pictures = report::Pictures::default();
        for capture in &view.file.captures {
            pictures.captures.insert(capture.id, self.0.intake.capture_image(id, capture.id).await?);
            if capture.portrait_sha256.is_some() {
                pictures.portraits.insert(capture.id, self.0.intake.portrait_image(id, capture.id).await?);
            }
        }
        for call in &view.calls {
            for still in self.0.calls.stills_of(call.id).await?.iter().filter(|still| still.is_filed()) {
                pictures.photographs.insert(still.id, self.0.calls.still_picture(still).await?);
            }
            for check in self.0.checks.of_call(call.id).await? {
                if let Some(still) = check.still {
                    let bytes = self.0.checks.still(&still).await?;
                    pictures.stills.insert(check.id, report::StillPicture { bytes, sha256: still.sha256 });
                }
            }
        }
        let journal = audit::of_dossier(&self.0.db, id).await?;
        let seal = report::Seal {
            at: self.0.ambient.now(),
            by: signed.display_name.clone(),
            purpose: purpose.code(),
            journal_line: journal.last().map(|line| (line.seq, line.hash.clone())),
        };
        Ok(report::html(&view, &pictures, &seal, locale))
    }

    async fn note(&self, signed: &Signed, id: DossierId, act: &str, purpose: Option<&str>, detail: serde_json::Value) -> Result<(), ReviewError> {
        let mut tx = self.0.db.begin().await?;
        let act = Act { actor: Actor::Staff(signed.id), act, dossier: Some(id), purpose, detail };
        audit::write(&mut tx, &self.0.ambient, act).await?;
        Ok(tx.commit().await?)
    }
}
