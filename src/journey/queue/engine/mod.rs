//! The index of who waits and who is ready: finds pairs fast, decides nothing. SQL is the truth; whatever the index
//! says is tried there by a guarded UPDATE, and the index is rebuilt from SQL at every start and on every mismatch.
//!
//! The rule, the same in [`memory`] and [`redis`]: the first waiting ticket (lowest priority time, then id) that some
//! ready agent is not barred from goes to the longest idle of those agents; again until no pair is left. Every change
//! that adds a ticket or an agent matches in the same step, so that nobody idles beside a waiting customer.

pub mod keys;
pub mod memory;
pub mod redis;

use std::collections::BTreeSet;

use crate::base::{
    Timestamp,
    id::{StaffId, TicketId},
};

/// A change of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A ticket waits, or waits at another place.
    Waits {
        /// Which.
        ticket: TicketId,
        /// Its place.
        priority_at: Timestamp,
        /// Who shall not be offered it before when.
        barred: Option<(StaffId, Timestamp)>,
    },
    /// A ticket waits no more.
    Gone(TicketId),
    /// An agent is ready.
    Ready {
        /// Who.
        agent: StaffId,
        /// Idle since.
        since: Timestamp,
    },
    /// An agent is not ready any more.
    Away(StaffId),
    /// Only time passed: refusals may have run out.
    Time,
}

/// A pair the index took out; the caller offers the ticket to the agent in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The ticket.
    pub ticket: TicketId,
    /// The agent.
    pub agent: StaffId,
}

/// Everything the index holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Waiting tickets in order: epoch milliseconds of the place, id.
    pub waiting: BTreeSet<(i64, TicketId)>,
    /// Ready agents in order: epoch milliseconds since when, id.
    pub ready: BTreeSet<(i64, StaffId)>,
    /// Who shall not be offered what, and until when (epoch milliseconds).
    pub barred: BTreeSet<(TicketId, StaffId, i64)>,
}

/// The index does not answer; SQL still holds everything.
#[derive(Debug, thiserror::Error)]
#[error("the queue's index does not answer: {0}")]
pub struct EngineError(pub String);

/// An index of the queue.
#[async_trait::async_trait]
pub trait Engine: Send + Sync {
    /// Applies a change and takes out every pair that fits then, in order.
    async fn apply(&self, change: Change, now: Timestamp) -> Result<Vec<Match>, EngineError>;
    /// Replaces everything. Matches nothing; follow with [`Change::Time`].
    async fn rebuild(&self, contents: &Contents) -> Result<(), EngineError>;
    /// Everything it holds; refusals that ran out may still be in.
    async fn contents(&self) -> Result<Contents, EngineError>;
}
