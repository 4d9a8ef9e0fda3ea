//! The index in this process.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Change, Contents, Engine, EngineError, Match};
use crate::base::{
    Timestamp,
    id::{StaffId, TicketId},
};

/// The index behind a lock.
#[derive(Default)]
pub struct Memory(Mutex<Index>);

#[derive(Default)]
struct Index {
    waiting: BTreeSet<(i64, TicketId)>,
    places: HashMap<TicketId, i64>,
    ready: BTreeSet<(i64, StaffId)>,
    idle: HashMap<StaffId, i64>,
    barred: HashMap<(TicketId, StaffId), i64>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Index> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Engine for Memory {
    async fn apply(&self, change: Change, now: Timestamp) -> Result<Vec<Match>, EngineError> {
        let mut index = self.lock();
        index.change(change);
        Ok(index.take_pairs(now.timestamp_millis()))
    }

    async fn rebuild(&self, contents: &Contents) -> Result<(), EngineError> {
        *self.lock() = Index {
            waiting: contents.waiting.clone(),
            places: contents.waiting.iter().map(|(place, ticket)| (*ticket, *place)).collect(),
            ready: contents.ready.clone(),
            idle: contents.ready.iter().map(|(since, agent)| (*agent, *since)).collect(),
            barred: contents.barred.iter().map(|(ticket, agent, until)| ((*ticket, *agent), *until)).collect(),
        };
        Ok(())
    }

    async fn contents(&self) -> Result<Contents, EngineError> {
        let index = self.lock();
        Ok(Contents {
            waiting: index.waiting.clone(),
            ready: index.ready.clone(),
            barred: index.barred.iter().map(|((ticket, agent), until)| (*ticket, *agent, *until)).collect(),
        })
    }
}

impl Index {
    fn change(&mut self, change: Change) {
        match change {
            Change::Waits { ticket, priority_at, barred } => {
                self.remove_ticket(ticket);
                self.waiting.insert((priority_at.timestamp_millis(), ticket));
                self.places.insert(ticket, priority_at.timestamp_millis());
                if let Some((agent, until)) = barred {
                    self.barred.insert((ticket, agent), until.timestamp_millis());
                }
            }
            Change::Gone(ticket) => self.remove_ticket(ticket),
            Change::Ready { agent, since } => {
                self.remove_agent(agent);
                self.ready.insert((since.timestamp_millis(), agent));
                self.idle.insert(agent, since.timestamp_millis());
            }
            Change::Away(agent) => self.remove_agent(agent),
            Change::Time => {}
        }
    }

    fn take_pairs(&mut self, now: i64) -> Vec<Match> {
        self.barred.retain(|_, until| *until > now);
        let mut pairs = Vec::new();
        while let Some(pair) = self.first_pair() {
            self.remove_ticket(pair.ticket);
            self.remove_agent(pair.agent);
            pairs.push(pair);
        }
        pairs
    }

    fn first_pair(&self) -> Option<Match> {
        if self.ready.is_empty() {
            return None;
        }
        self.waiting.iter().find_map(|(_, ticket)| {
            let agent = self.ready.iter().map(|(_, agent)| *agent).find(|agent| !self.barred.contains_key(&(*ticket, *agent)))?;
            Some(Match { ticket: *ticket, agent })
        })
    }

    fn remove_ticket(&mut self, ticket: TicketId) {
        if let Some(place) = self.places.remove(&ticket) {
            self.waiting.remove(&(place, ticket));
        }
    }

    fn remove_agent(&mut self, agent: StaffId) {
        if let Some(since) = self.idle.remove(&agent) {
            self.ready.remove(&(since, agent));
        }
    }
}
