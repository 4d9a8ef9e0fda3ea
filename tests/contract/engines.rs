//! Both queue engines under the same long random run: same pairs, same contents, and what must always hold.

use std::collections::{BTreeMap, BTreeSet};

use rand::{Rng, SeedableRng, rngs::StdRng};
use visavis::{
    base::{
        Timestamp,
        id::{Id, StaffId, TicketId, time_ordered},
    },
    journey::queue::engine::{Change, Contents, Engine, Match, memory::Memory, redis::Redis},
};

use crate::support::servers::{redis_url, unique};

const STEPS: u32 = 20_000;
const TICKETS: u8 = 30;
const AGENTS: u8 = 7;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
}

fn id<I: Id>(number: u8) -> I {
    I::from_uuid(time_ordered(at(0), [number; 10]))
}

/// A new seed every run; the message of a failure names it, `VISAVIS_SEED` repeats it.
fn seed() -> u64 {
    std::env::vars().find(|(name, _)| name == "VISAVIS_SEED").map_or_else(|| rand::rng().random(), |(_, value)| value.parse().unwrap())
}

async fn redis() -> Redis {
    let url = tokio::task::spawn_blocking(redis_url).await.unwrap();
    Redis::connect(&url, &unique("engine")).await.unwrap()
}

/// What the rule says, written down once more in the plainest way.
#[derive(Default)]
struct Plain {
    waiting: BTreeMap<TicketId, i64>,
    ready: BTreeMap<StaffId, i64>,
    barred: BTreeMap<(TicketId, StaffId), i64>,
}

impl Plain {
    fn apply(&mut self, change: Change, now: i64) -> Vec<Match> {
        match change {
            Change::Waits { ticket, priority_at, barred } => {
                self.waiting.insert(ticket, priority_at.timestamp_millis());
                if let Some((agent, until)) = barred {
                    self.barred.insert((ticket, agent), until.timestamp_millis());
                }
            }
            Change::Gone(ticket) => drop(self.waiting.remove(&ticket)),
            Change::Ready { agent, since } => drop(self.ready.insert(agent, since.timestamp_millis())),
            Change::Away(agent) => drop(self.ready.remove(&agent)),
            Change::Time => {}
        }
        self.barred.retain(|_, until| *until > now);
        std::iter::from_fn(|| self.pair()).collect()
    }

    fn pair(&mut self) -> Option<Match> {
        let mut line: Vec<(i64, TicketId)> = self.waiting.iter().map(|(ticket, place)| (*place, *ticket)).collect();
        let mut idle: Vec<(i64, StaffId)> = self.ready.iter().map(|(agent, since)| (*since, *agent)).collect();
        line.sort_unstable();
        idle.sort_unstable();
        let found = line.iter().find_map(|(_, ticket)| {
            idle.iter().find(|(_, agent)| !self.barred.contains_key(&(*ticket, *agent))).map(|(_, agent)| Match { ticket: *ticket, agent: *agent })
        })?;
        self.waiting.remove(&found.ticket);
        self.ready.remove(&found.agent);
        Some(found)
    }

    fn contents(&self) -> Contents {
        Contents {
            waiting: self.waiting.iter().map(|(ticket, place)| (*place, *ticket)).collect(),
            ready: self.ready.iter().map(|(agent, since)| (*since, *agent)).collect(),
            barred: self.barred.iter().map(|((ticket, agent), until)| (*ticket, *agent, *until)).collect(),
        }
    }
}

fn random_change(dice: &mut StdRng, now: i64) -> Change {
    let (ticket, agent) = (id(dice.random_range(0..TICKETS)), id(100 + dice.random_range(0..AGENTS)));
    match dice.random_range(0..100) {
        0..35 => {
            let boost = [0, 0, 0, 3_600_000][dice.random_range(0..4)];
            let barred = dice.random_bool(0.3).then(|| (agent, at(now + dice.random_range(0..5_000))));
            Change::Waits { ticket, priority_at: at(now - boost), barred }
        }
        35..45 => Change::Gone(ticket),
        45..80 => Change::Ready { agent, since: at(now - dice.random_range(0..100)) },
        80..90 => Change::Away(agent),
        _ => Change::Time,
    }
}

#[tokio::test]
async fn memory_redis_and_the_plain_rule_agree() {
    let seed = seed();
    let mut dice = StdRng::seed_from_u64(seed);
    let (memory, redis, mut plain) = (Memory::default(), redis().await, Plain::default());
    let mut now = 0;
    let mut pairs = 0;
    for step in 0..STEPS {
        now += [0, 1, 7, 400, 2_000][dice.random_range(0..5)];
        let change = random_change(&mut dice, now);
        let place = format!("seed {seed}, step {step}, {change:?}");
        let wanted = plain.apply(change, at(now).timestamp_millis());
        assert_eq!(memory.apply(change, at(now)).await.unwrap(), wanted, "memory: {place}");
        assert_eq!(redis.apply(change, at(now)).await.unwrap(), wanted, "redis: {place}");
        let agents: BTreeSet<StaffId> = wanted.iter().map(|pair| pair.agent).collect();
        let tickets: BTreeSet<TicketId> = wanted.iter().map(|pair| pair.ticket).collect();
        assert!(agents.len() == wanted.len() && tickets.len() == wanted.len(), "an agent or a ticket twice: {place}");
        pairs += wanted.len();
        if step % 97 == 0 {
            let contents = plain.contents();
            assert_eq!(memory.contents().await.unwrap(), contents, "memory: {place}");
            assert_eq!(redis.contents().await.unwrap(), contents, "redis: {place}");
        }
        if step % 1_999 == 0 {
            memory.rebuild(&plain.contents()).await.unwrap();
            redis.rebuild(&plain.contents()).await.unwrap();
        }
    }
    assert!(pairs > 1_000, "only {pairs} pairs: the run proves little");
}

#[tokio::test]
async fn a_long_line_is_rebuilt_whole() {
    let redis = redis().await;
    let contents = Contents {
        waiting: (0..2_500).map(|number| (number, TicketId::from_uuid(time_ordered(at(number), [1; 10])))).collect(),
        ready: BTreeSet::new(),
        barred: (0..700).map(|number| (TicketId::from_uuid(time_ordered(at(number), [1; 10])), id(100), 2_000_000_000_000)).collect(),
    };
    redis.rebuild(&contents).await.unwrap();
    assert_eq!(redis.contents().await.unwrap(), contents);
    // The first 700 are barred from this agent: the script looks past them.
    let pairs = redis.apply(Change::Ready { agent: id(100), since: at(0) }, at(0)).await.unwrap();
    assert_eq!(pairs, [Match { ticket: TicketId::from_uuid(time_ordered(at(700), [1; 10])), agent: id(100) }]);
    redis.rebuild(&Contents::default()).await.unwrap();
    assert_eq!(redis.contents().await.unwrap(), Contents::default());
}

#[tokio::test]
async fn two_houses_share_one_redis_without_seeing_each_other() {
    let (one, other) = (redis().await, redis().await);
    one.apply(Change::Waits { ticket: id(1), priority_at: at(0), barred: None }, at(0)).await.unwrap();
    assert!(other.apply(Change::Ready { agent: id(100), since: at(0) }, at(0)).await.unwrap().is_empty());
    assert_eq!(one.apply(Change::Ready { agent: id(101), since: at(0) }, at(0)).await.unwrap(), [Match { ticket: id(1), agent: id(101) }]);
}
