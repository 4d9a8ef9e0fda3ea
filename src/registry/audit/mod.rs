//! The journal: who did what to which file, and why. Each line carries the hash of the line before it, so that a line
//! cannot be changed or taken out unnoticed.
//!
//! A state change writes its line in the same transaction; a look at evidence writes its line **before** the first byte.
//! Start reading at [`write`]; [`verify`] walks the chain.

mod store;

use sha2::{Digest, Sha256};

use crate::base::{
    Ambient, Timestamp,
    db::{Db, DbError, Tx},
    id::{DossierId, StaffId},
};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The customer of a file.
    Customer(DossierId),
    /// A member of staff.
    Staff(StaffId),
    /// The server by itself: a timer, a job, a recovery.
    System,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Customer(id) => write!(f, "customer:{id}"),
            Self::Staff(id) => write!(f, "staff:{id}"),
            Self::System => f.write_str("system"),
        }
    }
}

impl std::str::FromStr for Actor {
    type Err = crate::base::id::MalformedId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("customer", id)) => Ok(Self::Customer(id.parse()?)),
            Some(("staff", id)) => Ok(Self::Staff(id.parse()?)),
            _ if text == "system" => Ok(Self::System),
            _ => Err(crate::base::id::MalformedId),
        }
    }
}

/// One act to be journalled. `detail` holds ids and codes, never personal data.
#[derive(Debug, Clone)]
pub struct Act<'a> {
    /// Who.
    pub actor: Actor,
    /// What, in dotted words: `recording.viewed`.
    pub act: &'a str,
    /// On which file.
    pub dossier: Option<DossierId>,
    /// Why, where a reason is asked for.
    pub purpose: Option<&'a str>,
    /// Ids and codes.
    pub detail: serde_json::Value,
}

/// One line of the journal.
#[derive(Debug, Clone)]
pub struct Line {
    /// Position, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who, as text.
    pub actor: String,
    /// What.
    pub act: String,
    /// On which file.
    pub dossier: Option<DossierId>,
    /// Why.
    pub purpose: Option<String>,
    /// Ids and codes as JSON text.
    pub detail: String,
    /// Hash of the line before.
    pub previous_hash: String,
    /// Hash over this line and `previous_hash`.
    pub hash: String,
}

impl Line {
    fn computed_hash(&self) -> String {
        let dossier = self.dossier.map(|id| id.to_string()).unwrap_or_default();
        let purpose = self.purpose.as_deref().unwrap_or_default();
        let mut hash = Sha256::new();
        for part in
            [&self.previous_hash, &self.seq.to_string(), &self.at.timestamp_millis().to_string(), &self.actor, &self.act, &dossier, purpose, &self.detail]
        {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hex::encode(hash.finalize())
    }
}

/// Where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the journal is broken at line {seq}")]
pub struct Broken {
    /// The first line that does not fit.
    pub seq: i64,
}

/// Appends a line within the caller's transaction.
///
/// # Errors
/// Only the database's own.
pub async fn write(tx: &mut Tx, ambient: &Ambient, act: Act<'_>) -> Result<(), DbError> {
    let (seq, previous_hash) = store::take_head(tx).await?;
    let mut line = Line {
        seq,
        at: ambient.now(),
        actor: act.actor.to_string(),
        act: act.act.to_owned(),
        dossier: act.dossier,
        purpose: act.purpose.map(str::to_owned),
        detail: act.detail.to_string(),
        previous_hash,
        hash: String::new(),
    };
    line.hash = line.computed_hash();
    store::append(tx, &line).await
}

/// The lines about one file, oldest first.
pub async fn of_dossier(db: &Db, dossier: DossierId) -> Result<Vec<Line>, DbError> {
    store::of_dossier(db, dossier).await
}

/// Walks the whole chain; the number of lines when it holds.
pub async fn verify(db: &Db) -> Result<Result<i64, Broken>, DbError> {
    let mut previous = String::new();
    let mut seq = 0;
    loop {
        let lines = store::after(db, seq, 500).await?;
        if lines.is_empty() {
            return Ok(if store::head(db).await? == (seq, previous) { Ok(seq) } else { Err(Broken { seq: seq + 1 }) });
        }
        for line in lines {
            if line.seq != seq + 1 || line.previous_hash != previous || line.computed_hash() != line.hash {
                return Ok(Err(Broken { seq: seq + 1 }));
            }
            seq = line.seq;
            previous = line.hash;
        }
    }
}
