//! The printed portrait of a document: cut out when the photograph is read, sealed, filed beside it, erased with it.
//!
//! A portrait is filed in the transaction that files the reading it came with. One that is not filed, because the reading had been before
//! or the file has ended, does not stay on disk.

pub(super) mod store;

use super::{
    Intake, IntakeError,
    captures::{Capture, Kept},
};
use crate::{
    base::id::{CaptureId, DossierId},
    engine::reader::Portrait,
    registry::dossier::Dossier,
};

impl Intake {
    /// Seals a portrait beside the photograph it was cut out of; it is not filed yet.
    pub(super) async fn seal_portrait(&self, capture: &Capture, portrait: Portrait) -> Result<Kept, IntakeError> {
        let filed = self.vault.put(&format!("captures/{}", capture.dossier), portrait.bytes).await?;
        Ok(Kept { path: filed.path, sha256: filed.sha256, size: filed.size })
    }

    /// Removes what was sealed and then not filed.
    pub(super) async fn drop_portrait(&self, capture: &Capture, kept: &Kept) {
        if let Err(left) = self.vault.remove(&kept.path).await {
            tracing::warn!(capture.id = %capture.id, error = %left, "a portrait that was not filed could not be removed");
        }
    }

    /// The JPEG of the portrait cut out of a photograph of this file; its hash was checked.
    ///
    /// # Errors
    /// [`IntakeError::Unknown`] when the photograph is another file's, has no portrait, or it is deleted.
    pub async fn portrait_image(&self, dossier: DossierId, capture: CaptureId) -> Result<Vec<u8>, IntakeError> {
        let kept = store::of_dossier(&self.db, dossier).await?.remove(&capture).ok_or(IntakeError::Unknown)?;
        Ok(self.vault.get(&kept.path).await?)
    }

    /// Deletes every portrait of a file; the rows stay and say when.
    pub(super) async fn remove_portraits(&self, dossier: &Dossier) -> Result<(), IntakeError> {
        for (capture, kept) in store::of_dossier(&self.db, dossier.id).await? {
            self.vault.remove(&kept.path).await?;
            let mut tx = self.db.begin().await?;
            store::set_removed(&mut tx, capture, self.ambient.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
