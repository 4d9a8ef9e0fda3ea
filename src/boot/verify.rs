//! `visavis verify`: whether the journal and the sealed recordings are still what was filed.

use super::{BootError, Engines, Settings};
use crate::{
    base::id::CallId,
    journey::recording::{RecordError, Recordings},
    registry::audit,
};

/// What to verify.
#[derive(Debug, Clone, clap::Args)]
pub struct VerifyOptions {
    /// Only the recording of this call; otherwise the journal and every sealed recording
    #[arg(long)]
    pub call: Option<CallId>,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The house.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// The journal cannot be read.
    #[error("the journal cannot be read")]
    Journal(#[source] crate::base::db::DbError),
    /// The recordings cannot be listed.
    #[error("the recordings cannot be listed")]
    Recordings(#[source] RecordError),
    /// A recording cannot be read.
    #[error("the recording of call {0} cannot be verified")]
    Recording(CallId, #[source] RecordError),
}

/// Reads everything, hands a line for each thing that is wrong and one for the end to `say`; whether all is well.
///
/// # Errors
/// See [`VerifyError`].
pub async fn verify(options: &VerifyOptions, settings: &Settings, engines: &Engines, say: fn(&str)) -> Result<bool, VerifyError> {
    let recordings = Recordings::new(engines.ambient.clone(), engines.db.clone(), engines.vault.clone(), settings.recording.clone());
    let mut is_well = true;
    let calls = if let Some(call) = options.call {
        vec![call]
    } else {
        match audit::verify(&engines.db).await.map_err(VerifyError::Journal)? {
            Ok(lines) => say(&format!("journal: {lines} lines, unbroken")),
            Err(broken) => {
                is_well = false;
                say(&format!("journal: {broken}"));
            }
        }
        recordings.sealed().await.map_err(VerifyError::Recordings)?
    };
    let mut good = 0;
    for call in &calls {
        let findings = recordings.verify(*call).await.map_err(|error| VerifyError::Recording(*call, error))?;
        good += usize::from(findings.is_empty());
        for finding in findings {
            say(&format!("recording {call}: {finding}"));
        }
    }
    say(&format!("recordings: {good} of {} are as they were filed", calls.len()));
    Ok(is_well && good == calls.len())
}
