//! Calls and the death of servers: what a server carried goes on when it comes back within the grace, or at another that notices; it
//! ends when nobody can carry it.

use super::{
    Call, CallError,
    door::Calls,
    life::{EndReason, Happening},
    store,
    wire::CallPush,
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::CallId,
    },
    registry::{audit::Actor, dossier},
};

/// What became of the calls that the process before this one left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// They go on as soon as both ends are back.
    pub resumed: usize,
    /// The server was away for too long; the customers are at the front of the queue.
    pub ended: usize,
}

impl Calls {
    /// Says that this node is alive. `run` calls it every two seconds.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn beat(&self) -> Result<(), DbError> {
        self.nodes.beat().await
    }

    /// At a start, before anybody may come in: calls that the process before this one carried go on when it was away for no
    /// longer than a lost end is waited for; their ends then have that long to come back, and what they send is recorded
    /// into new segments. Otherwise the calls are over.
    ///
    /// # Errors
    /// The first call's that could not be looked after.
    pub async fn recover(&self) -> Result<Recovered, CallError> {
        let alive_at = self.nodes.alive_at(self.nodes.name()).await?;
        let is_soon = alive_at.is_some_and(|at| self.ambient.now() - at <= self.patience().away);
        let mut recovered = Recovered::default();
        for call in store::open_at(&self.db, self.nodes.name()).await? {
            if is_soon {
                self.resume(&call).await?;
                recovered.resumed += 1;
            } else {
                self.end(call.id, EndReason::ServerLost, Actor::System).await?;
                recovered.ended += 1;
            }
        }
        self.nodes.begin(self.open_count().await?).await?;
        Ok(recovered)
    }

    /// A call of the process before this one goes on. Pages at other servers did not go with that process, and are told.
    async fn resume(&self, call: &Call) -> Result<(), CallError> {
        if self.nodes.is_alone() {
            return self.turn(call.id, Happening::Restart, Actor::System).await.map(drop);
        }
        let mut tx = self.db.begin().await?;
        self.moved_in(&mut tx, call, self.nodes.name()).await?;
        Ok(tx.commit().await?)
    }

    /// Every call that is not over, whichever node carries it.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn open_everywhere(&self) -> Result<Vec<CallId>, DbError> {
        store::open_ids(&self.db).await
    }

    /// Calls of other nodes that are dead: another one carries them, as long as a lost end would be waited for; what was silent for
    /// longer is over.
    pub(super) async fn look_after_orphans(&self) -> Result<(), CallError> {
        let now = self.ambient.now();
        for call in store::open_elsewhere(&self.db, self.nodes.name()).await? {
            let alive_at = self.nodes.alive_at(&call.node).await?;
            let is_late = alive_at.is_none_or(|at| now - at > self.patience().away);
            let is_dead = self.nodes.is_alone() || self.nodes.is_dead(&call.node);
            match (is_dead, is_late) {
                (false, _) => {}
                (true, true) => self.end(call.id, EndReason::ServerLost, Actor::System).await?,
                (true, false) if self.nodes.is_alone() => {}
                (true, false) => drop(self.hand_over(call.id, &call.node).await?),
            }
        }
        Ok(())
    }

    /// Hands every call of this node to others; how many.
    pub(super) async fn hand_over_all(&self) -> Result<usize, CallError> {
        let mut moved = 0;
        for call in store::open_at(&self.db, self.nodes.name()).await? {
            moved += usize::from(self.hand_over(call.id, self.nodes.name()).await?);
        }
        Ok(moved)
    }

    /// Another server carries a call from now on; whether this one saw to it. Both ends hear of it and set up their media anew, and
    /// what they send is recorded into new segments.
    async fn hand_over(&self, id: CallId, from: &str) -> Result<bool, CallError> {
        let mut tx = self.db.begin().await?;
        let Some(call) = store::find_in(&mut tx, id).await?.filter(|call| call.node == from && call.ended().is_none()) else { return Ok(false) };
        let to = self.nodes.take_over(&mut tx).await?;
        if to == from {
            // This server stops, and no other has room.
            return Ok(false);
        }
        self.nodes.release(&mut tx, from).await?;
        let moved = match self.moved_in(&mut tx, &call, &to).await {
            // Somebody else was faster; it is looked at again in a second.
            Err(CallError::Conflict) => return Ok(false),
            moved => moved?,
        };
        tx.commit().await?;
        self.relay.nudge();
        if from == self.nodes.name() {
            self.part_from(id).await?;
        }
        tracing::info!(call.id = %id, from, to = moved.node, "a call goes on at another server");
        Ok(true)
    }

    async fn moved_in(&self, tx: &mut Tx, call: &Call, to: &str) -> Result<Call, CallError> {
        let mut moved = self.turn_in(tx, call, Happening::Moved, Actor::System).await?;
        moved.node.clear();
        moved.node.push_str(to);
        moved.version += 1;
        if !store::update(tx, &moved).await? {
            return Err(CallError::Conflict);
        }
        dossier::note(tx, &self.ambient, call.dossier, Actor::System, "call.moved", serde_json::json!({ "call": call.id })).await?;
        self.push_both(tx, &moved, &CallPush::CallMoved { call_id: call.id }).await?;
        Ok(moved)
    }
}
