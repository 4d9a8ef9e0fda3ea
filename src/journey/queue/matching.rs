//! Between the index and SQL: every pair the index takes out is tried as an offer; where SQL disagrees, SQL wins.

use std::sync::atomic::Ordering;

use super::{
    Queue, QueueError,
    engine::{Change, Contents, EngineError, Idle, Match, Moment, Place, Waiting},
    presence,
    routing::{Catalogue, Lanes, Skills},
    settings::{self, Choice},
    skills, store,
    ticket::{Command, Ticket},
};
use crate::{
    base::{Timestamp, db::DbError, id::StaffId},
    journey::queue::presence::{Agent, Doing},
};

/// How often in a row a pair may turn out stale before the whole index is compared with SQL.
const PATIENCE: usize = 8;

impl Queue {
    /// Tells the index what SQL already holds, and offers what it pairs. Failing is not the caller's business: the
    /// change is committed; the index is compared with SQL at the next step.
    pub(super) async fn tell(&self, changes: impl IntoIterator<Item = Change>) {
        // Beside other servers no turn of this one keeps anything in order: SQL does, and the comparison with it.
        let _turn = if self.parts().node.is_none() { Some(self.0.turn.lock().await) } else { None };
        if self.refuse_while_rebuilding().is_err() {
            // It will be rebuilt from SQL, which has the change.
            return self.mark_stale();
        }
        for change in changes {
            let mut done = self.apply(change).await;
            if matches!(done, Err(IndexError::Engine(EngineError::Lost))) {
                // Empty: SQL has this change and all before it, and so has the index after this.
                tracing::warn!("queue: the index is gone and is rebuilt from the database");
                self.0.is_lost.store(true, Ordering::Release);
                done = self.compare().await;
            }
            if let Err(error) = done {
                tracing::warn!(error = %error, "queue: the index will be compared with the database");
                if matches!(error, IndexError::Engine(_)) {
                    self.0.is_lost.store(true, Ordering::Release);
                }
                self.mark_stale();
            }
        }
    }

    /// Compares the index with SQL and rebuilds it where they differ.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn reconcile(&self) -> Result<(), DbError> {
        self.0.is_stale.store(false, Ordering::Release);
        let compared = if self.parts().node.is_some() && self.refuse_while_rebuilding().is_ok() {
            self.compare_beside_others().await
        } else {
            let _turn = self.0.turn.lock().await;
            self.compare().await
        };
        if let Err(error) = compared {
            self.mark_stale();
            match error {
                IndexError::Db(error) => return Err(error),
                IndexError::Engine(error) => {
                    self.0.is_lost.store(true, Ordering::Release);
                    tracing::warn!(error = %error, "queue: the index does not answer");
                }
            }
        }
        Ok(())
    }

    /// The caller has the turn.
    async fn compare(&self) -> Result<(), IndexError> {
        let (truth, index) = self.both().await?;
        match index {
            Some(index) if is_whole(&truth, &index) => {}
            Some(index) if self.parts().node.is_some() => {
                let changes = self.differences((&truth, &index)).await?;
                self.apply_all(changes).await?;
            }
            _ => {
                tracing::debug!(waiting = truth.waiting.len(), ready = truth.ready.len(), "queue: the index is rebuilt from the database");
                self.parts().engine.rebuild(&truth).await?;
            }
        }
        self.0.is_lost.store(false, Ordering::Release);
        self.apply(Change::Time).await
    }

    /// The same beside other servers, whom no turn of this one holds up: nor does it hold up offers, but for what has to be mended.
    async fn compare_beside_others(&self) -> Result<(), IndexError> {
        let (truth, index) = self.both().await?;
        let Some(index) = index else {
            let _turn = self.0.turn.lock().await;
            return self.compare().await;
        };
        let changes = if is_whole(&truth, &index) { Vec::new() } else { self.differences((&truth, &index)).await? };
        let _turn = self.0.turn.lock().await;
        self.apply_all(changes).await?;
        self.apply(Change::Time).await
    }

    /// What SQL holds and, if it is there, what the index holds.
    async fn both(&self) -> Result<(Contents, Option<Contents>), IndexError> {
        let now = self.now().timestamp_millis();
        let truth = self.truth().await?;
        match self.parts().engine.contents().await {
            Ok(index) => Ok((truth, Some(index.as_of(now)))),
            Err(EngineError::Lost) => Ok((truth, None)),
            Err(silent) => Err(silent.into()),
        }
    }

    async fn apply_all(&self, changes: Vec<Change>) -> Result<(), IndexError> {
        if !changes.is_empty() {
            tracing::debug!(changes = changes.len(), "queue: the index is mended from the database");
        }
        for change in changes {
            self.apply(change).await?;
        }
        Ok(())
    }

    /// Beside other servers a change may stand in SQL and be on its way into the index, and a rebuild would undo what they do meanwhile:
    /// what still differs, in the same way, a moment later is mended piece by piece.
    async fn differences(&self, (truth, index): (&Contents, &Contents)) -> Result<Vec<Change>, IndexError> {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let later = self.truth().await?;
        let found = self.parts().engine.contents().await?.as_of(self.now().timestamp_millis());
        let mut changes = Vec::new();
        for extra in index.waiting.difference(&truth.waiting).filter(|extra| found.waiting.contains(extra) && !later.waiting.contains(extra)) {
            changes.push(Change::Gone(extra.ticket));
        }
        for extra in index.ready.difference(&truth.ready).filter(|extra| found.ready.contains(extra) && !later.ready.contains(extra)) {
            changes.push(Change::Away(extra.agent));
        }
        for missing in truth.waiting.difference(&index.waiting).filter(|missing| later.waiting.contains(missing) && !found.waiting.contains(missing)) {
            changes.push(missing.waits(None));
        }
        for (ticket, agent, until) in truth.barred.difference(&index.barred).filter(|bar| later.barred.contains(bar) && !found.barred.contains(bar)) {
            let until = Timestamp::from_timestamp_millis(*until).unwrap_or_default();
            changes.extend(later.waiting.iter().find(|waiting| waiting.ticket == *ticket).map(|waiting| waiting.waits(Some((*agent, until)))));
        }
        for missing in truth.ready.difference(&index.ready).filter(|missing| later.ready.contains(missing) && !found.ready.contains(missing)) {
            let since = Timestamp::from_timestamp_millis(missing.since).unwrap_or_default();
            changes.push(Change::Ready { agent: missing.agent, since, lanes: missing.lanes });
        }
        changes.extend(found.reserve.changes_to(&later.reserve));
        Ok(changes)
    }

    /// What the index has to hold.
    async fn truth(&self) -> Result<Contents, DbError> {
        let (db, now) = (&self.parts().db, self.now());
        let catalogue = Catalogue::of(&self.parts().settings);
        let line = store::line(db).await?;
        let waiting = line.iter().filter(|ticket| ticket.is_offerable());
        let skills = skills::of_all(db).await?;
        let ready = store::agents_here(db).await?.into_iter().filter(|agent| agent.doing == Doing::Ready);
        let idle = |agent: Agent| Idle {
            since: agent.since.timestamp_millis(),
            agent: agent.id,
            lanes: catalogue.lanes(skills.get(&agent.id).unwrap_or(&Skills::default())),
        };
        let contents = Contents {
            waiting: waiting.map(|ticket| Waiting::new(ticket.id, self.place(ticket))).collect(),
            ready: ready.map(idle).collect(),
            barred: store::refusals(db, now).await?,
            reserve: self.0.reserve.borrow().clone(),
        };
        Ok(contents.as_of(now.timestamp_millis()))
    }

    /// The change that tells the index of a waiting ticket.
    pub(super) fn waits(&self, ticket: &Ticket, barred: Option<(StaffId, Timestamp)>) -> Change {
        Change::Waits { ticket: ticket.id, place: self.place(ticket), barred }
    }

    fn place(&self, ticket: &Ticket) -> Place {
        let settings = &self.parts().settings;
        let catalogue = Catalogue::of(settings);
        let wider = catalogue.relaxed(&ticket.locale);
        let relaxes = (settings.relax_seconds > 0).then(|| (ticket.enqueued_at + settings::seconds(settings.relax_seconds), wider));
        let (lane, relaxes) = if ticket.escalated_at.is_some() { (wider, None) } else { (catalogue.strict(&ticket.locale, &ticket.product), relaxes) };
        Place { priority_at: ticket.priority_at, lane, is_booked: ticket.booking.is_some(), relaxes }
    }

    /// Fills in what only SQL knows of an agent who is ready.
    async fn informed(&self, change: Change) -> Result<Change, DbError> {
        let Change::Ready { agent, since, .. } = change else { return Ok(change) };
        let lanes = Catalogue::of(&self.parts().settings).lanes(&skills::of(&self.parts().db, agent).await?);
        Ok(Change::Ready { agent, since, lanes })
    }

    /// This moment, with a draw where agents are drawn by lot.
    fn moment(&self) -> Moment {
        let draw = (self.parts().settings.choice == Choice::Random).then(|| {
            let number = u32::from_be_bytes(self.parts().ambient.bytes::<4>());
            number % 2_147_483_646 + 1
        });
        Moment { at: self.now(), draw }
    }

    async fn apply(&self, change: Change) -> Result<(), IndexError> {
        let mut todo = vec![change];
        let mut stale_pairs = 0;
        while let Some(change) = todo.pop() {
            let change = self.informed(change).await?;
            for pair in self.parts().engine.apply(change, self.moment()).await? {
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
        if !self.parts().calls.can_begin() {
            // Nobody misses an offer that could not become a call; both are looked at again with the next tick.
            self.0.is_stale.store(true, Ordering::Release);
            return Ok(true);
        }
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
            // The desk hears of it at once; everything else is gathered for a moment.
            if let Err(error) = self.push_offer(&busy, &offered).await {
                tracing::debug!(error = %error, "queue: the desk will be told with the next publication");
                self.changed([pair.agent], []);
            }
            self.changed([], [pair.ticket]);
        }
        Ok(both)
    }

    /// What SQL says about a pair that could not be offered.
    async fn as_it_stands(&self, pair: Match) -> Result<Vec<Change>, DbError> {
        let db = &self.parts().db;
        let mut changes = Vec::new();
        if let Some(ticket) = store::ticket(db, pair.ticket).await?
            && ticket.is_offerable()
        {
            changes.push(self.waits(&ticket, None));
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

fn is_whole(truth: &Contents, index: &Contents) -> bool {
    index.waiting == truth.waiting && index.ready == truth.ready && index.reserve == truth.reserve && truth.barred.is_subset(&index.barred)
}

/// The change that tells the index of an agent who is ready now; the lanes are looked up when it is told.
pub(super) fn ready_again(agent: &Agent) -> Option<Change> {
    (agent.doing == Doing::Ready).then_some(Change::Ready { agent: agent.id, since: agent.since, lanes: Lanes::ALL })
}

#[derive(Debug, thiserror::Error)]
enum IndexError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Db(#[from] DbError),
}
