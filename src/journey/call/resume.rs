//! Calls and the death of servers: what a server carried goes on when it comes back within the grace, and ends when it
//! stays away, whoever notices.

use std::time::Duration;

use super::{
    CallError,
    door::Calls,
    life::{EndReason, Happening},
    store,
};
use crate::{
    base::{db::DbError, id::CallId},
    registry::audit::Actor,
};

/// How often a node says that it is alive.
pub(super) const BEAT: Duration = Duration::from_secs(5);

/// What became of the calls that the process before this one left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// They go on as soon as both ends are back.
    pub resumed: usize,
    /// The server was away for too long; the customers are at the front of the queue.
    pub ended: usize,
}

impl Calls {
    /// Says that this node is alive. `run` calls it every five seconds.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn beat(&self) -> Result<(), DbError> {
        store::beat(&self.db, &self.settings.node, self.ambient.now()).await
    }

    /// At a start, before anybody may come in: calls that the process before this one carried go on when it was away for no
    /// longer than a lost end is waited for; their ends then have that long to come back, and what they send is recorded
    /// into new segments. Otherwise the calls are over.
    ///
    /// # Errors
    /// The first call's that could not be looked after.
    pub async fn recover(&self) -> Result<Recovered, CallError> {
        let alive_at = store::alive_at(&self.db, &self.settings.node).await?;
        let is_soon = alive_at.is_some_and(|at| self.ambient.now() - at <= self.patience().away);
        let mut recovered = Recovered::default();
        for call in store::open_at(&self.db, &self.settings.node).await? {
            if is_soon {
                self.turn(call.id, Happening::Restart, Actor::System).await?;
                recovered.resumed += 1;
            } else {
                self.end(call.id, EndReason::ServerLost, Actor::System).await?;
                recovered.ended += 1;
            }
        }
        self.beat().await?;
        Ok(recovered)
    }

    /// Every call that is not over, whichever node carries it.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn open_everywhere(&self) -> Result<Vec<CallId>, DbError> {
        store::open_ids(&self.db).await
    }

    /// Ends calls of other nodes that did not say for longer than the grace that they are alive.
    pub(super) async fn end_orphans(&self) -> Result<(), CallError> {
        let since = self.ambient.now() - self.patience().away;
        for call in store::orphans(&self.db, &self.settings.node, since).await? {
            self.end(call.id, EndReason::ServerLost, Actor::System).await?;
        }
        Ok(())
    }
}
