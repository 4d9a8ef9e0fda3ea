//! Stills filed with checks: sealed as they came, hashed, and gone when their file's time is over.

use super::{
    COMPARE_FACES, Check, CheckError, Checks, Still, store,
    wire::{CheckKind, CheckState, CheckView},
};
use crate::{
    base::id::{CheckId, DossierId, StaffId},
    registry::{audit::Actor, dossier, outbox},
};

impl Checks {
    /// Files the still of the received picture, unread, before the verdict. One per check.
    ///
    /// # Errors
    /// [`CheckError::Unknown`] for somebody else's check, [`CheckError::NotJpeg`], [`CheckError::TooLarge`],
    /// [`CheckError::Judged`] when the check is judged or has a still.
    pub async fn file_still(&self, id: CheckId, agent: StaffId, bytes: Vec<u8>) -> Result<CheckView, CheckError> {
        let check = store::find(&self.db, id).await?.filter(|check| check.agent == agent).ok_or(CheckError::Unknown)?;
        if bytes.len() > self.settings.still_bytes {
            return Err(CheckError::TooLarge);
        }
        if !is_jpeg(&bytes) {
            return Err(CheckError::NotJpeg);
        }
        if check.state != CheckState::Asked || check.still.is_some() {
            return Err(CheckError::Judged);
        }
        let filed = self.vault.put(&format!("stills/{}", check.dossier), bytes).await?;
        let still = Still { path: filed.path, sha256: filed.sha256, size: filed.size };
        let outcome = self.note_still(&check, &still).await;
        if outcome.is_err()
            && let Err(error) = self.vault.remove(&still.path).await
        {
            tracing::warn!(check.id = %id, error = %error, "a still that is not filed stays in the vault");
        }
        outcome
    }

    async fn note_still(&self, check: &Check, still: &Still) -> Result<CheckView, CheckError> {
        let mut tx = self.db.begin().await?;
        if !store::file_still(&mut tx, check.id, still, self.ambient.now()).await? {
            return Err(CheckError::Judged);
        }
        let detail = serde_json::json!({ "check": check.id, "sha256": still.sha256, "size": still.size });
        dossier::note(&mut tx, &self.ambient, check.dossier, Actor::Staff(check.agent), "check.still_filed", detail).await?;
        if check.kind == CheckKind::Frontal {
            outbox::job(&mut tx, &self.ambient, COMPARE_FACES, &check.id.to_string(), &serde_json::json!({})).await?;
        }
        tx.commit().await?;
        Ok(Check { still: Some(still.clone()), ..check.clone() }.view())
    }

    /// Removes stills, places and codes of a file whose time is over; how many stills.
    ///
    /// # Errors
    /// The vault's or the database's.
    pub async fn erase(&self, dossier: DossierId) -> Result<usize, CheckError> {
        let stills = store::more::stills(&self.db, dossier).await?;
        for (check, path) in &stills {
            self.vault.remove(path).await?;
            let mut tx = self.db.begin().await?;
            store::more::forget_still(&mut tx, *check).await?;
            tx.commit().await?;
        }
        let mut tx = self.db.begin().await?;
        store::more::forget(&mut tx, dossier).await?;
        tx.commit().await?;
        Ok(stills.len())
    }

    /// The picture of a still.
    ///
    /// # Errors
    /// The vault's.
    pub async fn still(&self, still: &Still) -> Result<Vec<u8>, CheckError> {
        Ok(self.vault.get(&still.path).await?)
    }
}

/// A JPEG starts with SOI and a marker and ends with EOI (ITU-T T.81 B.1.1.3). Nothing of it is decoded.
fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xD8, 0xFF]) && bytes.ends_with(&[0xFF, 0xD9])
}
