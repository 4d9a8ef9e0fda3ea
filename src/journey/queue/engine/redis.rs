//! The index in Redis: three sorted sets and one script, so that several servers share one line.

use std::{collections::BTreeSet, time::Duration};

use redis::{
    Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::{Change, Contents, Engine, EngineError, Match, keys::Keys};
use crate::base::{Timestamp, id::Id};

const RESPONSE_LIMIT: Duration = Duration::from_secs(2);
const CHUNK: usize = 500;

/// The index behind a connection that heals itself.
pub struct Redis {
    connection: ConnectionManager,
    keys: Keys,
    change: Script,
}

impl From<redis::RedisError> for EngineError {
    fn from(error: redis::RedisError) -> Self {
        Self(error.to_string())
    }
}

impl Redis {
    /// Connects to `redis://…`; all keys begin with `prefix`.
    ///
    /// # Errors
    /// When the address is malformed or the server does not answer.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, EngineError> {
        let settings = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(RESPONSE_LIMIT))
            .set_response_timeout(Some(RESPONSE_LIMIT))
            .set_number_of_retries(2)
            .set_max_delay(Duration::from_millis(500));
        let connection = ConnectionManager::new_with_config(redis::Client::open(url)?, settings).await?;
        Ok(Self { connection, keys: Keys::of(prefix), change: Script::new(include_str!("queue.lua")) })
    }
}

#[async_trait::async_trait]
impl Engine for Redis {
    async fn apply(&self, change: Change, now: Timestamp) -> Result<Vec<Match>, EngineError> {
        let mut call = self.change.prepare_invoke();
        for key in self.keys.all() {
            call.key(key);
        }
        call.arg(now.timestamp_millis());
        match change {
            Change::Waits { ticket, priority_at, barred } => {
                call.arg("waits").arg(ticket.to_string()).arg(priority_at.timestamp_millis());
                match barred {
                    Some((agent, until)) => call.arg(agent.to_string()).arg(until.timestamp_millis()),
                    None => call.arg("").arg(0),
                };
            }
            Change::Gone(ticket) => drop(call.arg("gone").arg(ticket.to_string())),
            Change::Ready { agent, since } => drop(call.arg("ready").arg(agent.to_string()).arg(since.timestamp_millis())),
            Change::Away(agent) => drop(call.arg("away").arg(agent.to_string())),
            Change::Time => drop(call.arg("time")),
        }
        let flat: Vec<String> = call.invoke_async(&mut self.connection.clone()).await?;
        flat.chunks_exact(2).map(|pair| Ok(Match { ticket: id(&pair[0])?, agent: id(&pair[1])? })).collect()
    }

    async fn rebuild(&self, contents: &Contents) -> Result<(), EngineError> {
        let mut all = redis::pipe();
        all.atomic().del(&self.keys.all()).ignore();
        let waiting: Vec<(i64, String)> = contents.waiting.iter().map(|(place, ticket)| (*place, ticket.to_string())).collect();
        let ready: Vec<(i64, String)> = contents.ready.iter().map(|(since, agent)| (*since, agent.to_string())).collect();
        let barred: Vec<(i64, String)> = contents.barred.iter().map(|(ticket, agent, until)| (*until, format!("{ticket}|{agent}"))).collect();
        for (key, members) in [(&self.keys.waiting, &waiting), (&self.keys.ready, &ready), (&self.keys.barred, &barred)] {
            for chunk in members.chunks(CHUNK) {
                all.zadd_multiple(key, chunk).ignore();
            }
        }
        let () = all.query_async(&mut self.connection.clone()).await?;
        Ok(())
    }

    async fn contents(&self) -> Result<Contents, EngineError> {
        let mut all = redis::pipe();
        all.atomic();
        for key in self.keys.all() {
            all.zrange_withscores(key, 0, -1);
        }
        let (waiting, ready, barred): (Vec<(String, f64)>, Vec<(String, f64)>, Vec<(String, f64)>) = all.query_async(&mut self.connection.clone()).await?;
        let barred: Result<BTreeSet<_>, EngineError> = barred
            .iter()
            .map(|(pair, until)| {
                let (ticket, agent) = pair.split_once('|').ok_or_else(|| unreadable(pair))?;
                Ok((id(ticket)?, id(agent)?, millis(*until)))
            })
            .collect();
        Ok(Contents { waiting: scored(&waiting)?, ready: scored(&ready)?, barred: barred? })
    }
}

fn scored<I: Id + Ord>(members: &[(String, f64)]) -> Result<BTreeSet<(i64, I)>, EngineError> {
    members.iter().map(|(member, score)| Ok((millis(*score), id(member)?))).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "scores are epoch milliseconds, far below 2^53")]
fn millis(score: f64) -> i64 {
    score as i64
}

fn id<I: Id>(text: &str) -> Result<I, EngineError> {
    text.parse().map_err(|_| unreadable(text))
}

fn unreadable(text: &str) -> EngineError {
    EngineError(format!("unreadable member {text:?}"))
}
