//! A crowd of tickets and agents of eight classes, and the memory engine under it.

use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::{
    base::{
        Timestamp,
        id::{Id, StaffId, TicketId, time_ordered},
    },
    journey::queue::{
        engine::{Change, Contents, Engine, Match, Moment, Place, Waiting, memory::Memory},
        routing::{Lane, Lanes},
    },
};

/// Lanes of the house: two languages, three products, one lane of each language for who has waited long.
const LANES: u8 = 8;
pub const AGENTS: u16 = 500;
pub const WAITING: u32 = 10_000;

pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
}

pub fn now(millis: i64) -> Moment {
    Moment::fair(at(millis))
}

/// Tickets and agents as they come.
pub struct Crowd {
    dice: StdRng,
    clock: i64,
    count: u64,
    lanes: Vec<Lanes>,
}

impl Crowd {
    pub fn new(seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        // A quarter serves everybody, the others one language, and of its products two of three.
        let lanes = (0..AGENTS)
            .map(|agent| {
                let language = u8::try_from(agent % 2).unwrap() * 4;
                let (all, left_out) = (agent % 4 == 0, dice.random_range(1..4));
                (0..LANES).filter(|lane| all || (*lane / 4 * 4 == language && *lane % 4 != left_out)).map(|lane| Lane::of(lane).unwrap()).collect()
            })
            .collect();
        Self { dice, clock: 0, count: 0, lanes }
    }

    pub fn agent(number: u16) -> StaffId {
        StaffId::from_uuid(uuid::Uuid::from_u128(0x7000 << 64 | u128::from(number)))
    }

    pub fn lanes_of(&self, agent: StaffId) -> Lanes {
        self.lanes[usize::try_from(agent.uuid().as_u128() & 0xffff).unwrap()]
    }

    /// The next customer.
    pub fn ticket(&mut self) -> (TicketId, Place) {
        let language = self.dice.random_range(0..2_u8) * 4;
        let lane = language + self.dice.random_range(1..4_u8);
        self.ticket_in(lane)
    }

    fn ticket_in(&mut self, lane: u8) -> (TicketId, Place) {
        let language = lane / 4 * 4;
        self.clock += 1;
        self.count += 1;
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.count.to_be_bytes());
        random[9] = lane;
        let boost = if self.dice.random_bool(0.1) { 900_000 } else { 0 };
        let place = Place {
            priority_at: at(self.clock - boost),
            lane: Lane::of(lane).unwrap(),
            is_booked: boost > 0,
            relaxes: Some((at(self.clock + 1_000_000_000), Lane::of(language).unwrap())),
        };
        (TicketId::from_uuid(time_ordered(at(self.clock), random)), place)
    }

    pub fn waits(&mut self) -> Change {
        let (ticket, place) = self.ticket();
        Change::Waits { ticket, place, barred: None }
    }

    /// Somebody of the class that was just served: the line stays as it is.
    pub fn waits_after(&mut self, served: Match) -> Change {
        let (ticket, place) = self.ticket_in(u8::try_from(served.ticket.uuid().as_u128() & 7).unwrap());
        Change::Waits { ticket, place, barred: None }
    }

    pub fn ready(&self, agent: StaffId) -> Change {
        Change::Ready { agent, since: at(self.clock), lanes: self.lanes_of(agent) }
    }

    pub fn moment(&self) -> Moment {
        now(self.clock)
    }

    pub fn line(&mut self, length: u32) -> Contents {
        let waiting = (0..length).map(|_| self.ticket()).map(|(ticket, place)| Waiting::new(ticket, place));
        Contents { waiting: waiting.collect(), ..Contents::default() }
    }
}

fn filled(memory: &Memory, contents: &Contents) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(memory.rebuild(contents)).unwrap();
}

/// Cycles a second with 10,000 waiting and 500 agents who finish one after the other: the best of three runs, as others share
/// the machine.
pub fn memory_cycles() -> f64 {
    (0..3)
        .map(|seed| {
            let (memory, mut crowd) = (Memory::default(), Crowd::new(seed));
            filled(&memory, &crowd.line(WAITING));
            let mut cycles = 0_u32;
            let began = Instant::now();
            while began.elapsed() < Duration::from_secs(3) {
                for agent in 0..AGENTS {
                    let change = crowd.ready(Crowd::agent(agent));
                    let pairs = memory.apply_now(change, crowd.moment());
                    let change = crowd.waits_after(pairs[0]);
                    assert!(memory.apply_now(change, crowd.moment()).is_empty());
                    cycles += 1;
                }
            }
            f64::from(cycles) / began.elapsed().as_secs_f64()
        })
        .fold(0.0, f64::max)
}

/// Enqueues a second with 1,000 and with 100,000 waiting, measured in turns.
pub fn memory_depth() -> (f64, f64) {
    let mut best = (0.0_f64, 0.0_f64);
    for seed in 0..5 {
        best.0 = best.0.max(enqueues(1_000, seed));
        best.1 = best.1.max(enqueues(100_000, seed));
    }
    best
}

/// As many tickets as come are let go again beyond the clock, so that the depth stays.
fn enqueues(depth: u32, seed: u64) -> f64 {
    const BATCH: usize = 200;
    let (memory, mut crowd) = (Memory::default(), Crowd::new(seed));
    filled(&memory, &crowd.line(depth));
    let (mut count, mut spent) = (0_u32, Duration::ZERO);
    for _ in 0..500 {
        let batch: Vec<Change> = (0..BATCH).map(|_| crowd.waits()).collect();
        let began = Instant::now();
        for change in &batch {
            memory.apply_now(*change, crowd.moment());
        }
        spent += began.elapsed();
        count += u32::try_from(BATCH).unwrap();
        for change in &batch {
            if let Change::Waits { ticket, .. } = change {
                memory.apply_now(Change::Gone(*ticket), crowd.moment());
            }
        }
    }
    f64::from(count) / spent.as_secs_f64()
}
