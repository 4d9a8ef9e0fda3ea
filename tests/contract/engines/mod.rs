//! Both queue engines under the same long random run: same pairs, same contents, and what must always hold.

mod lost;
mod plain;

use futures_util::stream::{FuturesOrdered, StreamExt};
use plain::{Ledger, Plain};
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::task::unconstrained;
use visavis::{
    base::{
        Timestamp,
        id::{Id, StaffId, TicketId, time_ordered},
    },
    journey::queue::{
        engine::{Change, Contents, Engine, Idle, Match, Moment, Place, Reserve, Waiting, memory::Memory, redis::Redis},
        routing::{Lane, Lanes},
    },
};

use crate::support::servers::{redis_url, unique};

/// Steps of one run in `make test`; `make soak` asks for a million and more with `VISAVIS_SOAK`.
const STEPS: u32 = 30_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
}

fn id<I: Id>(number: u8) -> I {
    I::from_uuid(time_ordered(at(0), [number; 10]))
}

fn fair(millis: i64) -> Moment {
    Moment::fair(at(millis))
}

fn lane(number: u8) -> Lane {
    Lane::of(number).unwrap()
}

fn waits(ticket: TicketId, priority_at: i64) -> Change {
    Change::Waits { ticket, place: Place { priority_at: at(priority_at), lane: lane(0), is_booked: false, relaxes: None }, barred: None }
}

fn ready(agent: StaffId) -> Change {
    Change::Ready { agent, since: at(0), lanes: Lanes::ALL }
}

fn given(wanted: &str) -> Option<u64> {
    std::env::vars().find(|(name, _)| name == wanted).map(|(_, value)| value.parse().unwrap())
}

/// A new seed every run; the message of a failure names it, `VISAVIS_SEED` repeats it.
fn seed() -> u64 {
    given("VISAVIS_SEED").unwrap_or_else(|| rand::rng().random())
}

async fn empty_redis() -> Redis {
    let url = tokio::task::spawn_blocking(redis_url).await.unwrap();
    Redis::connect(&url, &unique("engine"), "test").await.unwrap()
}

async fn redis() -> Redis {
    let redis = empty_redis().await;
    redis.rebuild(&Contents::default()).await.unwrap();
    redis
}

/// How crowded a stretch of the run is.
struct Shape {
    tickets: u8,
    agents: u8,
    lanes: u8,
    is_random: bool,
    reserves: bool,
}

impl Shape {
    fn drawn(dice: &mut StdRng) -> Self {
        Self {
            tickets: dice.random_range(3..60),
            agents: dice.random_range(1..20),
            lanes: dice.random_range(1..9),
            is_random: dice.random_bool(0.3),
            reserves: dice.random_bool(0.3),
        }
    }

    fn moment(&self, now: i64, dice: &mut StdRng) -> Moment {
        Moment { at: at(now), draw: self.is_random.then(|| dice.random_range(1..2_147_483_647)) }
    }

    fn change(&self, now: i64, dice: &mut StdRng) -> Change {
        let (ticket, agent) = (id(dice.random_range(0..self.tickets)), id(100 + dice.random_range(0..self.agents)));
        match dice.random_range(0..100) {
            0..35 => {
                let boost = [0, 0, 0, 900_000][dice.random_range(0..4)];
                let barred = dice.random_bool(0.3).then(|| (agent, at(now + dice.random_range(0..5_000))));
                let relaxes = dice.random_bool(0.4).then(|| (at(now + dice.random_range(-10..9_000)), lane(dice.random_range(0..self.lanes))));
                let place = Place { priority_at: at(now - boost), lane: lane(dice.random_range(0..self.lanes)), is_booked: dice.random_bool(0.2), relaxes };
                Change::Waits { ticket, place, barred }
            }
            35..42 => Change::Gone(ticket),
            42..72 => {
                let lanes = (0..self.lanes).filter(|_| dice.random_bool(0.5)).map(lane).collect();
                Change::Ready { agent, since: at(now - dice.random_range(0..100)), lanes }
            }
            72..80 => Change::Away(agent),
            80..84 if self.reserves => Change::Reserve { lane: lane(dice.random_range(0..self.lanes)), agents: dice.random_range(0..4) },
            _ => Change::Time,
        }
    }
}

/// A soak is four runs side by side, each from a seed of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_redis_and_the_plain_rule_agree() {
    let (seed, asked) = (seed(), given("VISAVIS_SOAK"));
    let (runs, steps) = asked.map_or((1, STEPS), |steps| (4, u32::try_from(steps.div_ceil(4)).unwrap()));
    let running: Vec<_> = (0..runs).map(|run| tokio::spawn(agree(seed.wrapping_add(run), steps))).collect();
    for run in running {
        run.await.unwrap();
    }
}

/// Changes of Redis that are asked at once, in the order they were made, as many servers' tasks do: what comes of them, and where each was made.
#[derive(Default)]
struct Burst {
    size: usize,
    changes: Vec<(Change, Moment, Vec<Match>, String)>,
}

impl Burst {
    /// Asks them, in their order also where tokio would have a busy task let others go first; whatever came of each is what the rule says.
    async fn done(&mut self, redis: &Redis, dice: &mut StdRng) {
        let mut asked: FuturesOrdered<_> = self.changes.iter().map(|(change, moment, ..)| unconstrained(redis.apply(*change, *moment))).collect();
        for (.., wanted, place) in &self.changes {
            assert_eq!(asked.next().await.unwrap().unwrap(), *wanted, "redis: {place}");
        }
        drop(asked);
        self.changes.clear();
        // Alone, a few, or more than one script takes.
        self.size = [1, 1, 2, 10, 50, 200][dice.random_range(0..6)];
    }
}

async fn agree(seed: u64, steps: u32) {
    let mut dice = StdRng::seed_from_u64(seed);
    let (memory, redis, mut plain, mut ledger) = (Memory::default(), redis().await, Plain::default(), Ledger::default());
    let mut shape = Shape::drawn(&mut dice);
    let (mut now, mut pairs, mut burst) = (0, 0, Burst::default());
    for step in 0..steps {
        if step % 2_000 == 1_999 {
            // A new crowd; the index is made anew, as at a start.
            shape = Shape::drawn(&mut dice);
            (plain, ledger) = (Plain::default(), Ledger::default());
            burst.done(&redis, &mut dice).await;
            memory.rebuild(&Contents::default()).await.unwrap();
            redis.rebuild(&Contents::default()).await.unwrap();
        }
        now += [0, 1, 7, 400, 2_000][dice.random_range(0..5)];
        let (change, moment) = (shape.change(now, &mut dice), shape.moment(now, &mut dice));
        let place = format!("seed {seed}, step {step}, {change:?}, {moment:?}");
        let wanted = plain.apply(change, moment);
        assert_eq!(memory.apply(change, moment).await.unwrap(), wanted, "memory: {place}");
        assert!(!plain.is_work_left(), "somebody idles beside a waiting customer: {place}");
        let contents = plain.contents();
        ledger.write((change, at(now).timestamp_millis()), &wanted, &contents, &place);
        assert_eq!(memory.contents().await.unwrap(), contents, "memory: {place}");
        pairs += wanted.len();
        burst.changes.push((change, moment, wanted, place));
        let is_looked_at = step % 97 == 0 || step % 1_013 == 0;
        if burst.changes.len() >= burst.size || is_looked_at {
            burst.done(&redis, &mut dice).await;
        }
        if is_looked_at {
            let place = format!("seed {seed}, step {step}");
            assert_eq!(redis.contents().await.unwrap(), contents, "redis: {place}");
        }
        if step % 1_013 == 0 {
            memory.rebuild(&contents).await.unwrap();
            redis.rebuild(&contents).await.unwrap();
        }
    }
    assert!(pairs > steps as usize / 20, "only {pairs} pairs: the run proves little");
    eprintln!("seed {seed}: {steps} steps, {pairs} pairs, 0 differences");
}

#[tokio::test]
async fn a_long_line_is_rebuilt_whole() {
    let redis = redis().await;
    let ticket = |number| TicketId::from_uuid(time_ordered(at(number), [1; 10]));
    let waiting = |number: i64| {
        let place = Place { priority_at: at(number), lane: lane(3), is_booked: number % 7 == 0, relaxes: (number % 3 == 0).then(|| (at(90_000), lane(0))) };
        Waiting::new(ticket(number), place)
    };
    let contents = Contents {
        waiting: (0..2_500).map(waiting).collect(),
        ready: [Idle { since: 5, agent: id(101), lanes: [lane(60)].into_iter().collect() }].into(),
        barred: (0..700).map(|number| (ticket(number), id(100), 2_000_000_000_000)).collect(),
        reserve: Reserve::default(),
    };
    redis.rebuild(&contents).await.unwrap();
    assert_eq!(redis.contents().await.unwrap(), contents);
    // The first 700 are barred from this agent: the script looks past them.
    let pairs = redis.apply(ready(id(100)), fair(0)).await.unwrap();
    assert_eq!(pairs, [Match { ticket: ticket(700), agent: id(100) }]);
    redis.rebuild(&Contents::default()).await.unwrap();
    assert_eq!(redis.contents().await.unwrap(), Contents::default());
}

#[tokio::test]
async fn two_houses_share_one_redis_without_seeing_each_other() {
    let (one, other) = (redis().await, redis().await);
    one.apply(waits(id(1), 0), fair(0)).await.unwrap();
    assert!(other.apply(ready(id(100)), fair(0)).await.unwrap().is_empty());
    assert_eq!(one.apply(ready(id(101)), fair(0)).await.unwrap(), [Match { ticket: id(1), agent: id(101) }]);
}

/// Among five equal agents everybody is drawn about as often.
#[tokio::test]
async fn a_draw_favours_nobody() {
    let memory = Memory::default();
    let mut dice = StdRng::seed_from_u64(7);
    let mut drawn = [0_i32; 5];
    for _ in 0..5_000 {
        memory.rebuild(&Contents::default()).await.unwrap();
        for agent in 0..5 {
            memory.apply_now(ready(id(agent)), fair(0));
        }
        let moment = Moment { at: at(0), draw: Some(dice.random_range(1..2_147_483_647)) };
        let found = memory.apply_now(waits(id(50), 0), moment)[0].agent;
        drawn[(0..5).position(|agent| id::<StaffId>(u8::try_from(agent).unwrap()) == found).unwrap()] += 1;
    }
    assert!(drawn.iter().all(|times| (times - 1_000).abs() < 150), "{drawn:?}");
}

/// Whoever waits long enough is served before anybody who came later with a claim, and nobody starves.
#[tokio::test]
async fn waiting_wins_in_the_end() {
    let memory = Memory::default();
    let minute = 60_000;
    memory.apply_now(waits(id(1), 0), fair(0));
    // Every minute a booked customer comes with 15 minutes of boost and every minute one agent is free.
    let mut served_at = None;
    for now in 1..40 {
        let number = u8::try_from(now + 1).unwrap();
        memory.apply_now(waits(id(number), (now - 15) * minute), fair(now * minute));
        if memory.apply_now(ready(id(100)), fair(now * minute))[0].ticket == id(1) {
            served_at = Some(now);
            break;
        }
    }
    assert_eq!(served_at, Some(16), "after the boost is used up, and not one minute later");
}
