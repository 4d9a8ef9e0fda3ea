//! The index in Redis: sorted sets and hashes changed by one script, so that several servers share one line.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use redis::{
    Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::{Change, Contents, Engine, EngineError, Idle, Match, Moment, Waiting, keys::Keys};
use crate::{
    base::id::Id,
    journey::queue::routing::{Lane, Lanes},
};

const RESPONSE_LIMIT: Duration = Duration::from_secs(2);
const CHUNK: usize = 500;

/// Meta, line, tickets, ready agents, what is due.
type Answer = (HashMap<String, String>, Vec<String>, HashMap<String, String>, Vec<String>, Vec<(String, f64)>);

/// Connections of one server. One alone is filled by a single task of the client library, which is then the limit.
const CONNECTIONS: usize = 8;

/// The index behind connections that heal themselves.
pub struct Redis {
    connections: Vec<ConnectionManager>,
    next: AtomicUsize,
    keys: Keys,
    change: Script,
}

impl From<redis::RedisError> for EngineError {
    fn from(error: redis::RedisError) -> Self {
        if error.code() == Some("LOST") { Self::Lost } else { Self::Silent(error.to_string()) }
    }
}

impl Redis {
    /// Connects to `redis://…`; all keys begin with `prefix` and belong to the catalogue of `fingerprint`.
    ///
    /// # Errors
    /// When the address is malformed or the server does not answer.
    pub async fn connect(url: &str, prefix: &str, fingerprint: &str) -> Result<Self, EngineError> {
        let settings = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(RESPONSE_LIMIT))
            .set_response_timeout(Some(RESPONSE_LIMIT))
            .set_number_of_retries(2)
            .set_max_delay(Duration::from_millis(500));
        let client = redis::Client::open(url)?;
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(ConnectionManager::new_with_config(client.clone(), settings.clone()).await?);
        }
        Ok(Self { connections, next: AtomicUsize::new(0), keys: Keys::of(prefix, fingerprint), change: Script::new(include_str!("queue.lua")) })
    }
}

impl Redis {
    /// A connection of the house, each in its turn.
    fn connection(&self) -> ConnectionManager {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.connections[turn % self.connections.len()].clone()
    }
}

#[async_trait::async_trait]
impl Engine for Redis {
    async fn apply(&self, change: Change, moment: Moment) -> Result<Vec<Match>, EngineError> {
        let mut call = self.change.prepare_invoke();
        for key in self.keys.all() {
            call.key(key);
        }
        call.arg(moment.at.timestamp_millis()).arg(moment.draw.unwrap_or(0));
        match change.as_of(moment.at) {
            Change::Waits { ticket, place, barred } => {
                let waiting = Waiting::new(ticket, place);
                call.arg("waits").arg(text(ticket)).arg(ticket_value(&waiting));
                match waiting.relaxes {
                    Some((at, _)) => call.arg(at),
                    None => call.arg(""),
                };
                match barred {
                    Some((agent, until)) => call.arg(text(agent)).arg(until.timestamp_millis()),
                    None => call.arg("").arg(0),
                };
            }
            Change::Gone(ticket) => drop(call.arg("gone").arg(text(ticket))),
            Change::Ready { agent, since, lanes } => drop(call.arg("ready").arg(text(agent)).arg(agent_value(since.timestamp_millis(), lanes))),
            Change::Away(agent) => drop(call.arg("away").arg(text(agent))),
            Change::Reserve(reserve) => drop(call.arg("reserve").arg(reserve)),
            Change::Time => drop(call.arg("time")),
        }
        let flat: Vec<String> = call.invoke_async(&mut self.connection()).await?;
        flat.chunks_exact(2).map(|pair| Ok(Match { ticket: id(&pair[0])?, agent: id(&pair[1])? })).collect()
    }

    async fn rebuild(&self, contents: &Contents) -> Result<(), EngineError> {
        let keys = &self.keys;
        let mut all = redis::pipe();
        all.atomic().del(&keys.all()).ignore();
        all.hset_multiple(&keys.meta, &[("generation", "whole".to_owned()), ("reserve", contents.reserve.to_string())]).ignore();
        let mut sets: HashMap<&str, Vec<(i64, String)>> = HashMap::new();
        let mut hashes: HashMap<&str, Vec<(String, String)>> = HashMap::new();
        let mut profiles: HashMap<String, u32> = HashMap::new();
        for waiting in &contents.waiting {
            let (ticket, value) = (text(waiting.ticket), ticket_value(waiting));
            let member = format!("{}{ticket}", &value[..19]);
            if waiting.is_booked {
                sets.entry(&keys.booked).or_default().push((0, member.clone()));
            }
            if let Some((at, _)) = waiting.relaxes {
                sets.entry(&keys.due).or_default().push((at, format!("r|{ticket}")));
            }
            sets.entry(&keys.line).or_default().push((0, member));
            hashes.entry(&keys.tickets).or_default().push((ticket, value));
        }
        for idle in &contents.ready {
            let lanes = lanes_text(idle.lanes);
            sets.entry(&keys.ready).or_default().push((0, format!("{lanes}|{:015}|{}", idle.since, text(idle.agent))));
            hashes.entry(&keys.agents).or_default().push((text(idle.agent), agent_value(idle.since, idle.lanes)));
            *profiles.entry(lanes).or_default() += 1;
        }
        hashes.insert(&keys.profiles, profiles.into_iter().map(|(lanes, count)| (lanes, count.to_string())).collect());
        let bars = contents.barred.iter().map(|(ticket, agent, until)| (*until, format!("b|{}|{}", text(*ticket), text(*agent))));
        sets.entry(&keys.due).or_default().extend(bars);
        for (key, members) in &sets {
            for chunk in members.chunks(CHUNK) {
                all.zadd_multiple(key, chunk).ignore();
            }
        }
        for (key, fields) in &hashes {
            for chunk in fields.chunks(CHUNK) {
                all.hset_multiple(key, chunk).ignore();
            }
        }
        let () = all.query_async(&mut self.connection()).await?;
        Ok(())
    }

    async fn contents(&self) -> Result<Contents, EngineError> {
        let keys = &self.keys;
        let mut all = redis::pipe();
        all.atomic();
        all.hgetall(&keys.meta).zrange(&keys.line, 0, -1).hgetall(&keys.tickets).zrange(&keys.ready, 0, -1).zrange_withscores(&keys.due, 0, -1);
        let (meta, line, tickets, ready, due): Answer = all.query_async(&mut self.connection()).await?;
        if !meta.contains_key("generation") {
            return Err(EngineError::Lost);
        }
        let reserve = meta.get("reserve").and_then(|reserve| reserve.parse().ok()).ok_or_else(|| unreadable("reserve"))?;
        let mut contents = Contents { reserve, ..Contents::default() };
        let mut relaxing: HashMap<&str, i64> = HashMap::new();
        for (what, at) in &due {
            match (what.strip_prefix("r|"), what.strip_prefix("b|").and_then(|pair| pair.split_once('|'))) {
                (Some(ticket), _) => drop(relaxing.insert(ticket, millis(*at))),
                (_, Some((ticket, agent))) => drop(contents.barred.insert((id(ticket)?, id(agent)?, millis(*at)))),
                _ => return Err(unreadable(what)),
            }
        }
        for member in &line {
            contents.waiting.insert(read_waiting(member, &tickets, &relaxing).ok_or_else(|| unreadable(member))?);
        }
        for member in &ready {
            contents.ready.insert(read_idle(member).ok_or_else(|| unreadable(member))?);
        }
        Ok(contents)
    }
}

/// 32 hexadecimal digits.
fn text<I: Id>(id: I) -> String {
    id.uuid().simple().to_string()
}

fn ticket_value(waiting: &Waiting) -> String {
    let flag = if waiting.is_booked { 'b' } else { 'w' };
    let wider = waiting.relaxes.map_or_else(String::new, |(_, lane)| format!("{:02}", lane.number()));
    format!("{:02}|{:015}|{flag}{wider}", waiting.lane.number(), waiting.priority_at)
}

fn agent_value(since: i64, lanes: Lanes) -> String {
    format!("{since:015}|{}", lanes_text(lanes))
}

fn lanes_text(lanes: Lanes) -> String {
    lanes.iter().fold(String::new(), |text, lane| text + &format!("{:02},", lane.number()))
}

fn lane(digits: &str) -> Option<Lane> {
    digits.parse().ok().and_then(Lane::of)
}

fn read_waiting(member: &str, tickets: &HashMap<String, String>, relaxing: &HashMap<&str, i64>) -> Option<Waiting> {
    let ticket = member.get(19..)?;
    let value = tickets.get(ticket).filter(|value| value.get(..19) == member.get(..19))?;
    let relaxes = match value.get(20..)? {
        "" => None,
        wider => Some((*relaxing.get(ticket)?, lane(wider)?)),
    };
    let is_booked = value.get(19..20)? == "b";
    Some(Waiting { priority_at: member.get(3..18)?.parse().ok()?, ticket: ticket.parse().ok()?, lane: lane(member.get(..2)?)?, is_booked, relaxes })
}

fn read_idle(member: &str) -> Option<Idle> {
    let mut parts = member.split('|');
    let (lanes, since, agent) = (parts.next()?, parts.next()?, parts.next()?);
    let lanes = lanes.split_terminator(',').map(lane).collect::<Option<Lanes>>()?;
    Some(Idle { since: since.parse().ok()?, agent: agent.parse().ok()?, lanes })
}

#[expect(clippy::cast_possible_truncation, reason = "scores are epoch milliseconds, far below 2^53")]
fn millis(score: f64) -> i64 {
    score as i64
}

fn id<I: Id>(text: &str) -> Result<I, EngineError> {
    text.parse().map_err(|_| unreadable(text))
}

fn unreadable(text: &str) -> EngineError {
    EngineError::Silent(format!("unreadable member {text:?}"))
}
