//! The index in Redis: sorted sets and hashes changed by one script, so that several servers share one line.
//!
//! Two scripts are under way at most: one that Redis works on, and one that waits there, so that Redis never waits for us. Changes that come
//! meanwhile are gathered, and the next script does them all, in their order: alone, a change waits for nobody, and the busier the index the
//! less each costs.

use std::{collections::HashMap, time::Duration};

use futures_util::stream::{FuturesOrdered, Stream, StreamExt};
use redis::{
    ErrorKind, Script, ServerErrorKind,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::sync::{mpsc, oneshot};

use super::{Change, Contents, Engine, EngineError, Idle, Match, Moment, Reserve, Waiting, keys::Keys};
use crate::{
    base::id::Id,
    journey::queue::routing::{Lane, Lanes},
};

const RESPONSE_LIMIT: Duration = Duration::from_secs(2);
const CHUNK: usize = 500;

/// Changes done by one script at most, scripts on their way, and changes that may wait.
const AT_ONCE: usize = 64;
const UNDER_WAY: usize = 2;
const WAITING: usize = 4_096;

/// Number of the change in its batch, ticket, agent.
type Found = Vec<(usize, String, String)>;

/// A batch and what the script made of it.
type Tried = (Vec<Asked>, redis::RedisResult<Found>);

/// Meta, line, tickets, ready agents, moves to wider lanes, refusals.
type Answer = (HashMap<String, String>, Vec<String>, HashMap<String, String>, Vec<String>, Vec<(String, f64)>, Vec<(String, f64)>);

/// The index behind connections that heal themselves.
pub struct Redis {
    /// For what is read or written whole; changes have one of their own.
    connection: ConnectionManager,
    changes: mpsc::Sender<Asked>,
    keys: Keys,
}

/// A change on its way.
struct Asked {
    args: [String; FIELDS],
    answer: oneshot::Sender<Result<Vec<Match>, EngineError>>,
}

/// Arguments of the script for one change: the time, the draw, the change and what belongs to it.
const FIELDS: usize = 8;

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
        let connection = ConnectionManager::new_with_config(client.clone(), settings.clone()).await?;
        let (changes, asked) = mpsc::channel(WAITING);
        let keys = Keys::of(prefix, fingerprint);
        let writer = Writer {
            connection: ConnectionManager::new_with_config(client, settings).await?,
            script: Script::new(include_str!("queue.lua")),
            keys: keys.clone(),
        };
        // Ends with the index, which holds the other end.
        tokio::spawn(writer.run(asked));
        Ok(Self { connection, changes, keys })
    }
}

/// Does the changes.
struct Writer {
    connection: ConnectionManager,
    script: Script,
    keys: Keys,
}

impl Writer {
    async fn run(self, mut asked: mpsc::Receiver<Asked>) {
        let mut under_way = FuturesOrdered::new();
        let mut batch = Vec::new();
        // Whether the server at the other end is one that knows the script. If it may be another, one script goes alone until it is done.
        let mut is_known = false;
        loop {
            let most = if is_known { UNDER_WAY } else { 1 };
            tokio::select! {
                // What was asked first is sent first.
                biased;
                Some(tried) = under_way.next() => is_known = self.hear(tried, &mut under_way).await,
                many = asked.recv_many(&mut batch, AT_ONCE), if under_way.len() < most => {
                    if many == 0 {
                        break;
                    }
                    under_way.push_back(self.change(std::mem::take(&mut batch)));
                }
            }
        }
        while let Some(tried) = under_way.next().await {
            self.hear(tried, &mut under_way).await;
        }
    }

    /// Answers a batch; whether it was done. A server that does not know the script (promoted, say) did nothing: it is told, and all that is
    /// under way is asked again in its order.
    async fn hear(&self, tried: Tried, under_way: &mut (impl Stream<Item = Tried> + Unpin)) -> bool {
        if !is_unknown(&tried) {
            return answer(tried);
        }
        let mut again = vec![tried];
        while let Some(tried) = under_way.next().await {
            if is_unknown(&tried) {
                again.push(tried);
            } else {
                answer(tried);
            }
        }
        let mut is_done = true;
        for (batch, refused) in again {
            let loaded = self.script.load_async(&mut self.connection.clone()).await;
            is_done &= answer(if loaded.is_ok() { self.change(batch).await } else { (batch, refused) });
        }
        is_done
    }

    async fn change(&self, batch: Vec<Asked>) -> Tried {
        let keys = self.keys.all();
        let mut command = redis::cmd("EVALSHA");
        command.arg(self.script.get_hash()).arg(keys.len()).arg(&keys[..]);
        for asked in &batch {
            command.arg(&asked.args[..]);
        }
        let done = command.query_async(&mut self.connection.clone()).await;
        (batch, done)
    }
}

fn is_unknown((_, done): &Tried) -> bool {
    done.as_ref().is_err_and(|error| error.kind() == ErrorKind::Server(ServerErrorKind::NoScript))
}

/// Tells everybody in the batch; whether it was done.
fn answer((batch, done): Tried) -> bool {
    let mut answers: Vec<Vec<Match>> = vec![Vec::new(); batch.len()];
    let failed = done.map_err(EngineError::from).and_then(|found| sort_into(&mut answers, &found)).err();
    for (asked, pairs) in batch.into_iter().zip(answers) {
        // Nobody waiting for the answer any more is fine: what is in SQL is compared with the index again and again.
        drop(asked.answer.send(failed.clone().map_or(Ok(pairs), Err)));
    }
    failed.is_none()
}

/// Gives every change the pairs that came of it.
fn sort_into(answers: &mut [Vec<Match>], found: &Found) -> Result<(), EngineError> {
    for (number, ticket, agent) in found {
        answers.get_mut(*number).ok_or_else(|| unreadable(ticket))?.push(Match { ticket: id(ticket)?, agent: id(agent)? });
    }
    Ok(())
}

fn args(change: Change, moment: Moment) -> [String; FIELDS] {
    let mut args = <[String; FIELDS]>::default();
    args[0] = moment.at.timestamp_millis().to_string();
    args[1] = moment.draw.unwrap_or(0).to_string();
    let mut say = |name: &str, more: &[String]| {
        name.clone_into(&mut args[2]);
        args[3..3 + more.len()].clone_from_slice(more);
    };
    match change.as_of(moment.at) {
        Change::Waits { ticket, place, barred } => {
            let waiting = Waiting::new(ticket, place);
            let widens = waiting.relaxes.map(|(at, _)| at.to_string()).unwrap_or_default();
            let (agent, until) = barred.map(|(agent, until)| (text(agent), until.timestamp_millis().to_string())).unwrap_or_default();
            say("waits", &[text(ticket), ticket_value(&waiting), widens, agent, until]);
        }
        Change::Gone(ticket) => say("gone", &[text(ticket)]),
        Change::Ready { agent, since, lanes } => say("ready", &[text(agent), agent_value(since.timestamp_millis(), lanes)]),
        Change::Away(agent) => say("away", &[text(agent)]),
        Change::Reserve { lane, agents } => say("reserve", &[format!("{:02}", lane.number()), agents.to_string()]),
        Change::Time => say("time", &[]),
    }
    args
}

#[async_trait::async_trait]
impl Engine for Redis {
    async fn apply(&self, change: Change, moment: Moment) -> Result<Vec<Match>, EngineError> {
        let (answer, answered) = oneshot::channel();
        let gone = || EngineError::Silent("nobody does the changes any more".to_owned());
        self.changes.send(Asked { args: args(change, moment), answer }).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    async fn rebuild(&self, contents: &Contents) -> Result<(), EngineError> {
        let keys = &self.keys;
        let mut all = redis::pipe();
        all.atomic().del(&keys.all()).ignore();
        all.hset_multiple(&keys.meta, &[("generation", "whole".to_owned()), ("reserve", reserve_text(&contents.reserve))]).ignore();
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
        let bars = contents.barred.iter().map(|(ticket, agent, until)| (*until, format!("{}|{}", text(*ticket), text(*agent))));
        sets.entry(&keys.bars).or_default().extend(bars);
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
        let () = all.query_async(&mut self.connection.clone()).await?;
        Ok(())
    }

    async fn contents(&self) -> Result<Contents, EngineError> {
        let keys = &self.keys;
        let mut all = redis::pipe();
        all.atomic();
        all.hgetall(&keys.meta).zrange(&keys.line, 0, -1).hgetall(&keys.tickets).zrange(&keys.ready, 0, -1).zrange_withscores(&keys.due, 0, -1);
        all.zrange_withscores(&keys.bars, 0, -1);
        let (meta, line, tickets, ready, due, bars): Answer = all.query_async(&mut self.connection.clone()).await?;
        if !meta.contains_key("generation") {
            return Err(EngineError::Lost);
        }
        let reserve = meta.get("reserve").and_then(|reserve| read_reserve(reserve)).ok_or_else(|| unreadable("reserve"))?;
        let mut contents = Contents { reserve, ..Contents::default() };
        let mut relaxing: HashMap<&str, i64> = HashMap::new();
        for (what, at) in &due {
            relaxing.insert(what.strip_prefix("r|").ok_or_else(|| unreadable(what))?, millis(*at));
        }
        for (pair, until) in &bars {
            let (ticket, agent) = pair.split_once('|').ok_or_else(|| unreadable(pair))?;
            contents.barred.insert((id(ticket)?, id(agent)?, millis(*until)));
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

fn reserve_text(reserve: &Reserve) -> String {
    reserve.iter().fold(String::new(), |text, (lane, agents)| text + &format!("{:02}:{agents},", lane.number()))
}

fn read_reserve(text: &str) -> Option<Reserve> {
    let mut reserve = Reserve::default();
    for part in text.split_terminator(',') {
        let (digits, agents) = part.split_once(':')?;
        reserve.set(lane(digits)?, agents.parse().ok()?);
    }
    Some(reserve)
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
