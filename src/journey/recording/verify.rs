//! Whether a sealed recording is still what was filed of it: every file against its SHA-256, every log against the head
//! of its chain.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{
    FootageError, RecordError, Recordings,
    store::{self, Log},
};
use crate::{
    base::{db::Db, id::CallId},
    engine::vault::{LogFault, LogState, Vault, VaultError},
    journey::review::wire::RecordingState,
};

/// So much of a file is read at once.
const PART: usize = 4 << 20;

/// Something about a recording that is not as it was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file or the log.
    pub of: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// It is not there.
    Missing,
    /// It cannot be opened: cut, changed or exchanged.
    Damaged,
    /// It opens, but is not what was filed.
    Changed,
    /// A part of the log.
    Fault(LogFault),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = &self.of;
        match &self.wrong {
            Wrong::Missing => write!(f, "{of} is missing"),
            Wrong::Damaged => write!(f, "{of} is damaged"),
            Wrong::Changed => write!(f, "{of} is not what was filed"),
            Wrong::Fault(fault) => write!(f, "{of}: {fault}"),
        }
    }
}

impl Recordings {
    /// Every recording that is sealed, oldest first.
    ///
    /// # Errors
    /// [`RecordError::Db`].
    pub async fn sealed(&self) -> Result<Vec<CallId>, RecordError> {
        Ok(store::sealed_calls(&self.db).await?)
    }

    /// Reads a sealed recording from end to end; what is not as it was filed.
    ///
    /// # Errors
    /// [`RecordError::Unknown`] when it is not sealed; [`RecordError::Unreadable`] when the disk fails; [`RecordError::Db`].
    pub async fn verify(&self, call: CallId) -> Result<Vec<Finding>, RecordError> {
        let is_sealed = store::find(&self.db, call).await?.is_some_and(|recording| recording.state == RecordingState::Sealed);
        if !is_sealed {
            return Err(RecordError::Unknown);
        }
        let mut findings = Vec::new();
        for filed in store::files(&self.db, call).await? {
            let wrong = match self.hash(&filed.path).await {
                Ok(found) => (found != filed.file.sha256).then_some(Wrong::Changed),
                Err(error) => Some(unopened(error)?),
            };
            findings.extend(wrong.map(|wrong| Finding { of: filed.file.name, wrong }));
        }
        for log in store::logs(&self.db, call).await? {
            let wrong = match self.vault.examine_log(&log.path).await {
                Ok(state) => against(&log, state),
                // A log that was never begun had no head either.
                Err(VaultError::Missing | VaultError::Damaged) if log.head_sha256.is_none() => Vec::new(),
                Err(error) => vec![unopened(error)?],
            };
            findings.extend(wrong.into_iter().map(|wrong| Finding { of: log.name(), wrong }));
        }
        Ok(findings)
    }

    async fn hash(&self, path: &str) -> Result<String, VaultError> {
        let (mut hash, mut at) = (Sha256::new(), 0);
        loop {
            let part = self.vault.read_range(path, at, PART).await?;
            hash.update(&part);
            at += part.len() as u64;
            if part.len() < PART {
                return Ok(hex::encode(hash.finalize()));
            }
        }
    }
}

/// How the logs of a recording are now; one that cannot be read at all is left out.
pub(super) async fn states(db: &Db, vault: &Vault, call: CallId) -> Result<Vec<(Log, LogState)>, FootageError> {
    let mut states = Vec::new();
    for log in store::logs(db, call).await? {
        match vault.examine_log(&log.path).await {
            Ok(state) => states.push((log, state)),
            Err(VaultError::Missing | VaultError::Damaged) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(states)
}

/// What is wrong with a log, beside what was filed of it.
fn against(log: &Log, state: LogState) -> Vec<Wrong> {
    let filed = log.head_sha256.as_ref().zip(log.segments);
    let is_changed = filed.is_some_and(|(head, segments)| *head != state.head_sha256 || segments != i64::from(state.segments));
    is_changed.then_some(Wrong::Changed).into_iter().chain(state.faults.into_iter().map(Wrong::Fault)).collect()
}

fn unopened(error: VaultError) -> Result<Wrong, RecordError> {
    match error {
        VaultError::Missing => Ok(Wrong::Missing),
        VaultError::Damaged | VaultError::BadPath => Ok(Wrong::Damaged),
        VaultError::Disk(_) => Err(RecordError::Unreadable(error)),
    }
}
