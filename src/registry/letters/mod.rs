//! What is written to customers and what became of it: handed over, refused, and, where a gateway says so, arrived or lost. The customer
//! file's timeline tells it. It must not know what a letter says or why it is written.
//!
//! A gateway reports by
//! ```text
//! POST /api/v1/letters/receipts
//! authorization: Bearer <notify.receipts_token>
//! {"id": "<name of the message>", "status": "delivered"}
//! ```
//! `status` is `delivered` or `failed`. Reports may come twice, in any order and before the gateway's own answer: that something arrived is
//! final, that it is lost can still be put right.

mod store;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{audit::Actor, dossier};
use crate::{
    base::{
        Ambient, Pii,
        db::{Db, DbError},
        id::DossierId,
    },
    engine::notify::{Message, Notifier, NotifyError},
};

/// What is known of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is being handed over.
    Handing,
    /// Somebody outside took it.
    Handed,
    /// Nobody will take it.
    Refused,
    /// It arrived.
    Arrived,
    /// It did not arrive.
    Lost,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Handing => "handing",
            Self::Handed => "handed",
            Self::Refused => "refused",
            Self::Arrived => "arrived",
            Self::Lost => "lost",
        }
    }

    /// States that this one may follow.
    fn after(self) -> &'static [Self] {
        match self {
            Self::Handing => &[Self::Refused],
            Self::Handed | Self::Refused => &[Self::Handing],
            Self::Arrived => &[Self::Handing, Self::Handed, Self::Lost],
            Self::Lost => &[Self::Handing, Self::Handed],
        }
    }
}

/// What a gateway says of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The device or mailbox has it.
    Delivered,
    /// It will not get there.
    Failed,
}

/// `POST /api/v1/letters/receipts`.
#[derive(Debug, Deserialize)]
pub struct Receipt {
    /// The message by the `id` it was handed over with.
    pub id: String,
    /// What became of it.
    pub status: Status,
}

/// What the room is built of.
pub struct Parts {
    /// Time and randomness.
    pub ambient: Ambient,
    /// The database.
    pub db: Db,
    /// The ways out of the house.
    pub notifier: Arc<dyn Notifier>,
    /// What gateways that report must show; empty lets nobody report.
    pub receipts_token: String,
}

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Letters(Arc<Parts>);

impl Letters {
    /// The letters of a house.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Hands a message to the customer of a file over and files that.
    ///
    /// # Errors
    /// What the way out says; a database that cannot file it makes it [`NotifyError::Again`] before anything went out.
    pub async fn send(&self, file: DossierId, message: &Message) -> Result<(), NotifyError> {
        let parts = &self.0;
        let db_failed = |_: DbError| NotifyError::Again(std::io::Error::other("the letter could not be filed"));
        store::begin(&parts.db, &message.name, file, message.kind.name(), parts.ambient.now()).await.map_err(db_failed)?;
        let outcome = parts.notifier.send(message).await;
        let state = match &outcome {
            Ok(()) => State::Handed,
            Err(NotifyError::Again(_)) => return outcome,
            Err(NotifyError::BadAddress | NotifyError::Refused(_)) => State::Refused,
        };
        // It is out of the house: that its timeline could not say so is no reason to send it again.
        if let Err(error) = self.turn(&message.name, state).await {
            tracing::warn!(error = %error, "what became of a letter could not be filed");
        }
        outcome
    }

    /// What a gateway says became of a message; whether there is such a message.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn receive(&self, receipt: &Receipt) -> Result<bool, DbError> {
        self.turn(&receipt.id, if receipt.status == Status::Delivered { State::Arrived } else { State::Lost }).await
    }

    /// Whether this is the token of a gateway that may report. Takes as long whatever is wrong with it.
    pub fn is_gateway(&self, token: &str) -> bool {
        let known = &self.0.receipts_token;
        !known.is_empty() && Sha256::digest(token) == Sha256::digest(known)
    }

    /// Removes what was kept of messages in which one of these words stands.
    ///
    /// # Errors
    /// What the way out says.
    pub async fn forget(&self, words: &[Pii<String>]) -> Result<(), NotifyError> {
        self.0.notifier.forget(words).await
    }

    /// Files a state where it may follow the one before; whether there is such a message.
    async fn turn(&self, name: &str, state: State) -> Result<bool, DbError> {
        let Parts { ambient, db, .. } = &*self.0;
        let mut tx = db.begin().await?;
        let Some((file, way)) = store::find(&mut tx, name).await? else { return Ok(false) };
        if store::turn(&mut tx, name, state, ambient.now()).await? {
            dossier::note(&mut tx, ambient, file, Actor::System, &format!("letter.{}", state.name()), json!({ "letter": name, "way": way })).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn an_arrival_is_final_and_a_loss_is_not() {
        const ALL: [State; 5] = [State::Handing, State::Handed, State::Refused, State::Arrived, State::Lost];
        let next = |before: State| ALL.into_iter().filter(|state| state.after().contains(&before)).map(State::name).collect::<Vec<_>>();
        assert_eq!(next(State::Handing), ["handed", "refused", "arrived", "lost"]);
        assert_eq!(next(State::Handed), ["arrived", "lost"]);
        assert_eq!(next(State::Lost), ["arrived"]);
        assert_eq!(next(State::Refused), ["handing"], "another address may take it");
        assert!(next(State::Arrived).is_empty());
    }
}
