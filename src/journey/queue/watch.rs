//! What happens by itself: offers run out, wrap-up ends, rings stop, pages stay away, the index is compared with SQL.

use std::{sync::atomic::Ordering, time::Duration as Pause};

use tokio_util::sync::CancellationToken;

use super::{
    Queue, QueueError,
    engine::Change,
    presence::{self, Doing},
    settings, store,
    supervision::Note,
    ticket::LeaveReason,
};
use crate::{
    base::{
        Timestamp,
        db::DbError,
        id::{DossierId, StaffId},
    },
    registry::{audit::Actor, dossier::AdvanceError},
};

/// How often time is looked at.
const TICK: Pause = Pause::from_millis(250);
/// For how long changes are gathered before pages are told.
const GATHER: Pause = Pause::from_millis(100);
/// Every so many ticks the index is compared with SQL.
const COMPARE_EVERY: u32 = 20;

impl Queue {
    /// Fills the index from SQL and starts counting the absence of everybody whose page is not open (a restart closed
    /// them all). To be called before the first customer.
    ///
    /// # Errors
    /// The database's.
    pub async fn rebuild(&self) -> Result<(), DbError> {
        let db = &self.parts().db;
        self.forget_pages().await?;
        for ticket in store::line(db).await? {
            self.await_customer(ticket.dossier);
        }
        for agent in store::agents_here(db).await? {
            self.await_staff(agent.id);
        }
        self.reconcile().await?;
        self.changed([], []);
        Ok(())
    }

    /// Keeps time until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut ticks: u32 = 0;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {
                    ticks = ticks.wrapping_add(1);
                    if ticks.is_multiple_of(COMPARE_EVERY) {
                        self.mark_stale_quietly();
                    }
                    self.step().await
                }
                () = self.0.wake.notified() => {
                    tokio::time::sleep(GATHER).await;
                    // What time brings can wait for the next tick; an index that missed something cannot.
                    if self.0.is_stale.load(Ordering::Acquire) { self.step().await } else { self.publish().await }
                }
            };
            if let Err(error) = done {
                tracing::warn!(error = %error, "queue: will look again");
                tokio::time::sleep(TICK).await;
            }
        }
    }

    fn mark_stale_quietly(&self) {
        self.0.is_stale.store(true, Ordering::Release);
    }

    /// Does what is due now, then tells the pages; tests call it instead of [`run`](Self::run).
    ///
    /// # Errors
    /// The database's.
    pub async fn step(&self) -> Result<(), DbError> {
        if self.0.is_stale.load(Ordering::Acquire) {
            self.parts().calendar.refresh(&self.parts().db).await?;
            self.reconcile().await?;
        }
        self.keep_pages().await?;
        let db = &self.parts().db;
        let now = self.now();
        for ticket in store::offers_over(db, now).await? {
            settled(self.miss(&ticket).await)?;
        }
        for agent in store::wrap_ups_over(db, now).await? {
            settled(self.change_presence(agent.id, presence::Command::WrapUpOver).await)?;
        }
        settled(self.expire_rings().await)?;
        settled(self.end_rests().await)?;
        settled(self.note_long_waits().await)?;
        self.let_absent_customers_go(now).await?;
        self.let_absent_agents_go(now).await?;
        self.tell([Change::Time]).await;
        self.publish().await
    }

    async fn let_absent_customers_go(&self, now: Timestamp) -> Result<(), DbError> {
        let limit = now - settings::seconds(self.parts().settings.customer_grace_seconds);
        let gone: Vec<DossierId> = self.people().customers_gone.iter().filter(|(_, since)| **since <= limit).map(|(id, _)| *id).collect();
        for dossier in gone {
            if let Some(ticket) = store::latest_ticket_of(&self.parts().db, dossier).await?
                && ticket.standing.is_in_line()
                && ticket.callback.is_none()
            {
                settled(self.abandon(ticket.id, LeaveReason::Gone, Actor::System).await)?;
            }
            self.people().customers_gone.remove(&dossier);
        }
        Ok(())
    }

    async fn let_absent_agents_go(&self, now: Timestamp) -> Result<(), DbError> {
        let limit = now - settings::seconds(self.parts().settings.agent_grace_seconds);
        let gone: Vec<StaffId> = self.people().staff_gone.iter().filter(|(_, since)| **since <= limit).map(|(id, _)| *id).collect();
        for agent in gone {
            let stands = store::agent(&self.parts().db, agent, now).await?;
            match stands.doing {
                // A call decides how long it waits for its agent; its end asks again whether the page is open.
                Doing::Offline | Doing::InCall { .. } => {}
                _ => settled(self.lose(agent).await)?,
            }
            self.people().staff_gone.remove(&agent);
        }
        Ok(())
    }
}

impl Queue {
    /// An agent whose pages are gone goes offline, and supervisors know.
    async fn lose(&self, agent: StaffId) -> Result<(), QueueError> {
        self.change_presence(agent, presence::Command::GoOffline).await?;
        let mut tx = self.parts().db.begin().await?;
        self.take_note(&mut tx, Note::AgentLost(agent)).await?;
        Ok(tx.commit().await?)
    }
}

/// Somebody else was faster, or the step no longer exists: what stands now is looked at with the next tick.
fn settled<T>(done: Result<T, QueueError>) -> Result<(), DbError> {
    match done {
        Err(QueueError::Db(error) | QueueError::File(AdvanceError::Db(error))) => Err(error),
        Err(error) => {
            tracing::debug!(error = %error, "queue: settled otherwise");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}
