//! Between the index and SQL: every pair the index takes out is tried as an offer; where SQL disagrees, SQL wins.

use std::sync::atomic::Ordering;

use super::{
    Queue, QueueError,
    engine::{Change, EngineError, Match},
    presence, settings, store,
    ticket::{Command, Standing},
};
use crate::{
    base::{db::DbError, id::StaffId},
    journey::queue::presence::{Agent, Doing},
};

/// How often in a row a pair may turn out stale before the whole index is compared with SQL.
const PATIENCE: usize = 8;

impl Queue {
    /// Tells the index what SQL already holds, and offers what it pairs. Failing is not the caller's business: the
    /// change is committed; the index is compared with SQL at the next step.
    pub(super) async fn tell(&self, changes: impl IntoIterator<Item = Change>) {
        let _turn = self.0.turn.lock().await;
        for change in changes {
            if let Err(error) = self.apply(change).await {
                tracing::warn!(error = %error, "queue: the index will be compared with the database");
                self.mark_stale();
            }
        }
    }

    /// Compares the index with SQL and rebuilds it where they differ.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn reconcile(&self) -> Result<(), DbError> {
        let _turn = self.0.turn.lock().await;
        self.0.is_stale.store(false, Ordering::Release);
        if let Err(error) = self.compare().await {
            self.mark_stale();
            match error {
                IndexError::Db(error) => return Err(error),
                IndexError::Engine(error) => tracing::warn!(error = %error, "queue: the index does not answer"),
            }
        }
        Ok(())
    }

    async fn compare(&self) -> Result<(), IndexError> {
        let now = self.now();
        let truth = store::contents(&self.parts().db, now).await?;
        let mut index = self.parts().engine.contents().await?;
        index.barred.retain(|(_, _, until)| *until > now.timestamp_millis());
        let has_all_bars = truth.barred.is_subset(&index.barred);
        if index.waiting != truth.waiting || index.ready != truth.ready || !has_all_bars {
            tracing::debug!(waiting = truth.waiting.len(), ready = truth.ready.len(), "queue: the index is rebuilt from the database");
            self.parts().engine.rebuild(&truth).await?;
        }
        self.apply(Change::Time).await
    }

    async fn apply(&self, change: Change) -> Result<(), IndexError> {
        let mut todo = vec![change];
        let mut stale_pairs = 0;
        while let Some(change) = todo.pop() {
            for pair in self.parts().engine.apply(change, self.now()).await? {
                if !self.offer(pair).await? {
                    stale_pairs += 1;
                    if stale_pairs > PATIENCE {
                        self.mark_stale();
                        return Ok(());
                    }
                    todo.extend(self.as_it_stands(pair).await?);
                }
            }
        }
        Ok(())
    }

    /// Lays a ticket on an agent's desk; false when SQL does not have them waiting and ready.
    async fn offer(&self, pair: Match) -> Result<bool, DbError> {
        let now = self.now();
        let until = now + settings::seconds(self.parts().settings.offer_seconds);
        let mut tx = self.parts().db.begin().await?;
        let Some(ticket) = store::ticket_in(&mut tx, pair.ticket).await? else { return Ok(false) };
        let agent = store::agent_in(&mut tx, pair.agent, now).await?;
        let (Ok(offered), Ok(busy)) = (ticket.after(Command::Offer { agent: pair.agent, until }, now), agent.after(presence::Command::Offer(pair.ticket), now))
        else {
            return Ok(false);
        };
        let both = store::update_ticket(&mut tx, &ticket, &offered).await? && store::update_agent(&mut tx, &agent, &busy).await?;
        if both {
            tx.commit().await?;
            self.changed([pair.agent], [pair.ticket]);
        }
        Ok(both)
    }

    /// What SQL says about a pair that could not be offered.
    async fn as_it_stands(&self, pair: Match) -> Result<Vec<Change>, DbError> {
        let db = &self.parts().db;
        let mut changes = Vec::new();
        if let Some(ticket) = store::ticket(db, pair.ticket).await?
            && ticket.standing == Standing::Waiting
        {
            changes.push(Change::Waits { ticket: ticket.id, priority_at: ticket.priority_at, barred: None });
        }
        changes.extend(ready_again(&store::agent(db, pair.agent, self.now()).await?));
        Ok(changes)
    }

    /// Moves an agent in a transaction; measures the handling time of the call that ends with it.
    pub(super) async fn step_agent(&self, tx: &mut crate::base::db::Tx, agent: StaffId, command: presence::Command) -> Result<Agent, QueueError> {
        let now = self.now();
        let before = store::agent_in(tx, agent, now).await?;
        let after = before.after(command, now).map_err(|_| QueueError::AgentBusy)?;
        if !store::update_agent(tx, &before, &after).await? {
            return Err(QueueError::ChangedMeanwhile);
        }
        let (Doing::InCall { dossier, .. } | Doing::WrapUp { dossier, .. }) = before.doing else { return Ok(after) };
        if !matches!(after.doing, Doing::InCall { .. } | Doing::WrapUp { .. }) {
            store::set_handled(tx, agent, dossier, now).await?;
        }
        Ok(after)
    }
}

/// The change that tells the index of an agent who is ready now.
pub(super) fn ready_again(agent: &Agent) -> Option<Change> {
    (agent.doing == Doing::Ready).then_some(Change::Ready { agent: agent.id, since: agent.since })
}

#[derive(Debug, thiserror::Error)]
enum IndexError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Db(#[from] DbError),
}
