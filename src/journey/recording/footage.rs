//! What was recorded, straight from the logs: for whoever cannot wait until the files for people are made.

use std::time::Duration;

use super::store;
use crate::{
    base::{
        db::{Db, DbError},
        id::CallId,
    },
    engine::{
        track::{Captions, ComposeError, Composer, Made, Make, Reels},
        vault::{LogEnd, Vault, VaultError},
    },
    journey::call::wire::Party,
};

/// How long the writer of a log may need to close it.
const CLOSING: Duration = Duration::from_secs(4);

/// Why there is no footage.
#[derive(Debug, thiserror::Error)]
pub enum FootageError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The logs.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The composing child.
    #[error(transparent)]
    Compose(#[from] ComposeError),
}

/// Gives out what the customer sent in a call that has ended.
#[derive(Clone)]
pub struct Footage {
    db: Db,
    vault: Vault,
    composer: Composer,
}

impl Footage {
    /// Footage out of the logs of `vault`.
    pub fn new(db: Db, vault: Vault, composer: Composer) -> Self {
        Self { db, vault, composer }
    }

    /// The customer's sound and picture as one WebM without a name; `None` when the customer sent nothing.
    ///
    /// # Errors
    /// [`FootageError`].
    pub async fn of_customer(&self, call: CallId) -> Result<Option<Made>, FootageError> {
        let reels = reels(&self.db, &self.vault, call, &Captions::default(), Some(Party::Customer)).await?;
        Ok(self.composer.make(Make::First, &reels, self.vault.scratch().await?, |_| {}).await?)
    }
}

/// The logs of a call, or of one party of it, ready for the composing child.
pub(super) async fn reels(db: &Db, vault: &Vault, call: CallId, captions: &Captions, only: Option<Party>) -> Result<Reels, FootageError> {
    let logs = logs(db, vault, call, only).await?;
    let (scratch, captions) = (vault.scratch().await?, captions.clone());
    let written = tokio::task::spawn_blocking(move || Reels::write(scratch, &captions, &logs)).await;
    let written = written.map_err(|gone| VaultError::Disk(std::io::Error::other(gone.to_string())))?;
    Ok(written.map_err(VaultError::Disk)?)
}

/// Every log, as far as it is good. One that is still being closed is waited for; one that a crash tore is taken as it is;
/// one that was never begun is left out.
async fn logs(db: &Db, vault: &Vault, call: CallId, only: Option<Party>) -> Result<Vec<(u8, Vec<u8>)>, FootageError> {
    let mut logs = Vec::new();
    let patience = tokio::time::Instant::now() + CLOSING;
    let joins = store::logs(db, call).await?.into_iter().filter(|log| only.is_none_or(|only| only == log.party));
    for store::Log { party, path, .. } in joins {
        while !matches!(vault.is_log_closed(&path).await, Ok(true) | Err(_)) && tokio::time::Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        match vault.read_log(&path).await {
            Ok(log) => {
                if let LogEnd::Torn { unusable } = log.state.end {
                    tracing::warn!(call.id = %call, party = party.name(), unusable, "a log was torn; what is whole is kept");
                }
                for fault in &log.state.faults {
                    tracing::error!(call.id = %call, party = party.name(), %fault, "a log is damaged; what is good is kept");
                }
                logs.push((u8::from(party == Party::Agent), log.bytes));
            }
            Err(VaultError::Missing | VaultError::Damaged) => {
                tracing::warn!(call.id = %call, party = party.name(), "a log was never begun or is damaged");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(logs)
}
