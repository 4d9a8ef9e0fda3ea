//! A day in a house of 500 agents and 30,000 customers, on the server's own rules and its memory engine: nobody is lost, nobody
//! is in two calls, nobody idles beside a waiting customer, and how true the estimates were.
//!
//! Customers come in two waves, half of them for one product in one language and the rest spread over five more classes;
//! handling times are lognormal (sigma 0.6, as contact centres report them), a mean of seven minutes for most and nine for one
//! product; agents come in three shifts with a break each, miss one offer in a hundred and decline one in two hundred.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap, VecDeque},
};

use chrono::Duration;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::{
    base::{
        Timestamp,
        id::{CallId, DossierId, Id, StaffId, TicketId, time_ordered},
    },
    crowd::at,
    journey::queue::{
        engine::{Change, Contents, Engine, Moment, Place, memory::Memory},
        estimate::{self, Measured, Outlook, Staffing},
        presence::{self, Agent, BreakReason, Doing},
        routing::{Lane, Lanes},
        ticket::{self, LeaveReason, Standing, Ticket},
    },
};

const AGENTS: usize = 500;
const CALLS: usize = 30_000;
const HOURS: i64 = 12;
const HOUR: i64 = 3_600_000;
const PATIENCE_MS: f64 = 900_000.0;
const OFFER_MS: i64 = 20_000;
const REFUSAL_MS: i64 = 60_000;
const RELAX_MS: i64 = 120_000;
/// Estimates look back so far.
const WINDOW_MS: i64 = 8 * HOUR;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives(usize),
    GivesUp(TicketId),
    Answers(TicketId, StaffId, i64, Answer),
    HangsUp(StaffId, CallId),
    Comes(usize),
    Breaks(usize),
    Returns(usize),
    Leaves(usize),
    Tick,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Accepts,
    Declines,
    Misses,
}

struct Customer {
    ticket: Ticket,
    lane: Lane,
    wider: Lane,
    expected: Option<i64>,
    waited: Option<i64>,
    calls: u32,
}

struct Day {
    dice: StdRng,
    engine: Memory,
    events: BinaryHeap<Reverse<(i64, u64, Event)>>,
    count: u64,
    now: i64,
    agents: HashMap<StaffId, Agent>,
    lanes: HashMap<StaffId, Lanes>,
    /// Who goes on a break or home as soon as the call is over.
    wants: HashMap<StaffId, Doing>,
    customers: HashMap<TicketId, Customer>,
    /// Tickets in line, in order: what the database holds.
    line: BTreeMap<(Timestamp, TicketId), Lane>,
    /// Handling times and waits of late, per lane.
    recent: VecDeque<(i64, Lane, Option<i64>, i64, bool)>,
    measured: BTreeMap<Lane, Measured>,
    lost: u32,
    double: u32,
    idle_beside_waiting: u32,
}

fn lane(number: u8) -> Lane {
    Lane::of(number).unwrap()
}

fn agent_id(number: usize) -> StaffId {
    StaffId::from_uuid(uuid::Uuid::from_u128(0x7000 << 64 | number as u128))
}

pub fn figures() -> Vec<(String, Value)> {
    let mut day = Day::new(20_261_125);
    day.run();
    day.report()
}

impl Day {
    fn new(seed: u64) -> Self {
        let mut day = Self {
            dice: StdRng::seed_from_u64(seed),
            engine: Memory::default(),
            events: BinaryHeap::new(),
            count: 0,
            now: 0,
            agents: HashMap::new(),
            lanes: HashMap::new(),
            wants: HashMap::new(),
            customers: HashMap::new(),
            line: BTreeMap::new(),
            recent: VecDeque::new(),
            measured: BTreeMap::new(),
            lost: 0,
            double: 0,
            idle_beside_waiting: 0,
        };
        for number in 0..AGENTS {
            let id = agent_id(number);
            day.agents.insert(id, Agent::unseen(id, at(0)));
            let lanes: Lanes = day.skills(number).into_iter().map(lane).collect();
            day.lanes.insert(id, lanes);
            // Shifts of eight hours from 0, 2 and 4 o'clock, a break of half an hour in the middle of each.
            let from = [0, 2, 4][number % 3] * HOUR + day.dice.random_range(0..300_000);
            let pause = from + 3 * HOUR + day.dice.random_range(0..2 * HOUR);
            day.at(from, Event::Comes(number));
            day.at(pause, Event::Breaks(number));
            day.at(pause + HOUR / 2, Event::Returns(number));
            day.at(from + 8 * HOUR, Event::Leaves(number));
        }
        for number in 0..CALLS {
            // Two waves over the day.
            let when = loop {
                let when = day.dice.random_range(600_000..(HOURS * HOUR - HOUR));
                let hour = when as f64 / HOUR as f64;
                let rate = 0.55 + 0.45 * (-(hour - 4.2) * (hour - 4.2) / 1.2).exp() + 0.40 * (-(hour - 7.5) * (hour - 7.5) / 1.2).exp();
                let staffed = if hour < 2.0 { 0.5 } else if hour > 10.0 { 0.3 } else { 1.0 };
                if day.dice.random_bool((rate * staffed).min(1.0)) {
                    break when;
                }
            };
            day.at(when, Event::Arrives(number));
        }
        for second in 0..(HOURS + 2) * 3_600 {
            day.at(second * 1_000, Event::Tick);
        }
        day
    }

    /// Lanes 0 and 4 are those of each language for who waited long.
    fn skills(&mut self, number: usize) -> Vec<u8> {
        match number % 10 {
            0..5 => vec![0, 1, 2, 3],
            5..7 => vec![0, 1, 2],
            7 => vec![4, 5, 6, 7],
            _ => (0..8).collect(),
        }
    }

    fn class(&mut self) -> Lane {
        lane(match self.dice.random_range(0..100) {
            0..50 => 1,
            50..68 => 2,
            68..77 => 3,
            77..88 => 5,
            88..95 => 6,
            _ => 7,
        })
    }

    fn at(&mut self, when: i64, event: Event) {
        self.count += 1;
        self.events.push(Reverse((when, self.count, event)));
    }

    fn id<I: Id>(&mut self) -> I {
        self.count += 1;
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.count.to_be_bytes());
        I::from_uuid(time_ordered(at(self.now), random))
    }

    fn run(&mut self) {
        while let Some(Reverse((when, _, event))) = self.events.pop() {
            self.now = when;
            match event {
                Event::Arrives(_) => self.arrives(),
                Event::GivesUp(ticket) => self.gives_up(ticket),
                Event::Answers(ticket, agent, epoch, answer) => self.answers(ticket, agent, epoch, answer),
                Event::HangsUp(agent, call) => self.hangs_up(agent, call),
                Event::Comes(number) | Event::Returns(number) => self.comes(agent_id(number)),
                Event::Breaks(number) => self.goes(agent_id(number), Doing::Break { reason: BreakReason::Lunch }),
                Event::Leaves(number) => self.goes(agent_id(number), Doing::Offline),
                Event::Tick => {
                    self.tell(Change::Time);
                    self.look();
                }
            }
        }
    }

    fn arrives(&mut self) {
        let lane = self.class();
        let wider = Lane::of(lane.number() / 4 * 4).unwrap();
        let (id, dossier): (TicketId, DossierId) = (self.id(), self.id());
        let ticket = Ticket::taken(id, dossier, "vi", "product", at(self.now));
        let expected = estimate::expected(self.outlook().situation(lane)).num_milliseconds();
        let patience = -(1.0 - self.dice.random::<f64>()).ln() * PATIENCE_MS;
        self.at(self.now + patience as i64, Event::GivesUp(id));
        self.line.insert((ticket.priority_at, id), lane);
        let place = Place { priority_at: ticket.priority_at, lane, is_booked: false, relaxes: Some((at(self.now + RELAX_MS), wider)) };
        self.customers.insert(id, Customer { ticket, lane, wider, expected: Some(expected), waited: None, calls: 0 });
        self.tell(Change::Waits { ticket: id, place, barred: None });
    }

    fn outlook(&mut self) -> Outlook {
        while let Some((_, lane, handled, waited, left)) = self.recent.front().copied().filter(|(when, ..)| *when < self.now - WINDOW_MS) {
            self.recent.pop_front();
            self.count_in(lane, handled, waited, left, -1);
        }
        let mut staffing = Staffing::default();
        for agent in self.agents.values().filter(|agent| agent.is_on_duty()) {
            staffing.add(self.lanes[&agent.id], agent.doing == Doing::Ready);
        }
        let mut outlook = Outlook::new(staffing, self.measured.clone(), (Duration::seconds(300), Duration::seconds(900)));
        self.line.values().for_each(|lane| outlook.pass(*lane));
        outlook
    }

    fn count_in(&mut self, lane: Lane, handled: Option<i64>, waited: i64, left: bool, sign: i32) {
        let entry = self.measured.entry(lane).or_default();
        let step = |count: u32, by: bool| if by { count.saturating_add_signed(sign) } else { count };
        entry.calls = step(entry.calls, handled.is_some());
        entry.abandoned = step(entry.abandoned, left);
        entry.handled = entry.handled + Duration::milliseconds(handled.unwrap_or(0)) * sign;
        entry.waited = entry.waited + Duration::milliseconds(waited) * sign;
    }

    fn remember(&mut self, lane: Lane, handled: Option<i64>, waited: i64, left: bool) {
        self.recent.push_back((self.now, lane, handled, waited, left));
        self.count_in(lane, handled, waited, left, 1);
    }

    fn gives_up(&mut self, id: TicketId) {
        let now = at(self.now);
        let customer = self.customers.get_mut(&id).unwrap();
        let Ok(after) = customer.ticket.after(ticket::Command::Leave { why: LeaveReason::Left }, now) else { return };
        let before = std::mem::replace(&mut customer.ticket, after);
        let (lane, waited) = (customer.lane, (now - before.enqueued_at).num_milliseconds());
        self.line.remove(&(before.priority_at, id));
        self.remember(lane, None, waited, true);
        self.tell(Change::Gone(id));
        if let Standing::Offered { agent, .. } = before.standing {
            self.step(agent, presence::Command::Withdraw);
        }
    }

    fn comes(&mut self, agent: StaffId) {
        self.wants.remove(&agent);
        if matches!(self.agents[&agent].doing, Doing::Offline | Doing::Break { .. }) {
            self.step(agent, presence::Command::GoReady);
        }
    }

    fn goes(&mut self, agent: StaffId, wanted: Doing) {
        match self.agents[&agent].doing {
            Doing::Ready | Doing::WrapUp { .. } | Doing::Break { .. } => {
                let command = if wanted == Doing::Offline { presence::Command::GoOffline } else { presence::Command::TakeBreak(BreakReason::Lunch) };
                self.step(agent, command);
            }
            Doing::Offline => {}
            _ => drop(self.wants.insert(agent, wanted)),
        }
    }

    fn answers(&mut self, id: TicketId, agent: StaffId, epoch: i64, answer: Answer) {
        let now = at(self.now);
        let is_open = self.customers[&id].ticket.epoch == epoch;
        if !is_open {
            return;
        }
        if answer == Answer::Accepts {
            let call: CallId = self.id();
            let busy = self.agents.values().filter(|other| matches!(other.doing, Doing::InCall { ticket, .. } if ticket == id)).count();
            self.double += u32::from(busy > 0 || matches!(self.agents[&agent].doing, Doing::InCall { .. }));
            let customer = self.customers.get_mut(&id).unwrap();
            let after = customer.ticket.after(ticket::Command::Accept { agent, call }, now).unwrap();
            let before = std::mem::replace(&mut customer.ticket, after);
            customer.calls += 1;
            let waited = (now - before.enqueued_at).num_milliseconds();
            customer.waited = Some(waited);
            let (dossier, lane) = (customer.ticket.dossier, customer.lane);
            self.line.remove(&(before.priority_at, id));
            self.step(agent, presence::Command::Accept { ticket: id, dossier, call });
            let mean: f64 = if lane.number() % 4 == 3 { 540_000.0 } else { 420_000.0 };
            let handled = self.lognormal(mean, 0.6) as i64;
            self.remember(lane, None, waited, false);
            self.at(self.now + handled, Event::HangsUp(agent, call));
            return;
        }
        let customer = self.customers.get_mut(&id).unwrap();
        customer.ticket = customer.ticket.after(ticket::Command::PutBack { agent, limit: 5 }, now).unwrap();
        let enqueued_at = customer.ticket.enqueued_at;
        let relaxes = customer.ticket.escalated_at.is_none().then_some((enqueued_at + Duration::milliseconds(RELAX_MS), customer.wider));
        let lane = if relaxes.is_some() { customer.lane } else { customer.wider };
        let place = Place { priority_at: customer.ticket.priority_at, lane, is_booked: false, relaxes };
        self.tell(Change::Waits { ticket: id, place, barred: Some((agent, at(self.now + REFUSAL_MS))) });
        let command = if answer == Answer::Misses { presence::Command::Miss { limit: 2 } } else { presence::Command::Decline };
        self.step(agent, command);
        if matches!(self.agents[&agent].doing, Doing::Break { .. }) {
            let number = usize::try_from(agent.uuid().as_u128() & 0xffff).unwrap();
            self.at(self.now + 300_000, Event::Returns(number));
        }
    }

    fn lognormal(&mut self, mean: f64, sigma: f64) -> f64 {
        let (one, two): (f64, f64) = (1.0 - self.dice.random::<f64>(), self.dice.random());
        let normal = (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * two).cos();
        (mean.ln() - sigma * sigma / 2.0 + sigma * normal).exp()
    }

    fn hangs_up(&mut self, agent: StaffId, call: CallId) {
        let now = at(self.now);
        let Doing::InCall { ticket, .. } = self.agents[&agent].doing else { panic!("a call without an agent") };
        let customer = self.customers.get_mut(&ticket).unwrap();
        let Standing::Accepted { at: since, .. } = customer.ticket.standing else { panic!("a call without a ticket") };
        customer.ticket = customer.ticket.after(ticket::Command::End { call }, now).unwrap();
        let lane = customer.lane;
        let handled = (now - since).num_milliseconds();
        self.recent.push_back((self.now, lane, Some(handled), 0, false));
        self.count_in(lane, Some(handled), 0, false, 1);
        let is_here = self.wants.get(&agent) != Some(&Doing::Offline);
        // Wrap-up is part of the handling time drawn.
        let end = presence::Command::EndCall { call, is_here, wrap_up_until: now };
        self.agents.entry(agent).and_modify(|stands| *stands = stands.after(end, now).unwrap());
        match self.wants.remove(&agent) {
            Some(Doing::Offline) => {}
            Some(_) => self.step(agent, presence::Command::TakeBreak(BreakReason::Lunch)),
            None => self.step(agent, presence::Command::WrapUpOver),
        }
    }

    fn step(&mut self, agent: StaffId, command: presence::Command) {
        let after = self.agents[&agent].after(command, at(self.now)).unwrap();
        self.agents.insert(agent, after);
        let stands = &self.agents[&agent];
        let change = if stands.doing == Doing::Ready {
            Change::Ready { agent, since: stands.since, lanes: self.lanes[&agent] }
        } else {
            Change::Away(agent)
        };
        // Who was asked to go while an offer lay on the desk goes now.
        if stands.doing == Doing::Ready
            && let Some(wanted) = self.wants.remove(&agent)
        {
            return self.goes(agent, wanted);
        }
        self.tell(change);
    }

    /// Tells the engine and makes offers of its pairs, as the server does by guarded updates.
    fn tell(&mut self, change: Change) {
        let now = at(self.now);
        for pair in self.engine.apply_now(change, Moment::fair(now)) {
            let customer = self.customers.get_mut(&pair.ticket).unwrap();
            let until = at(self.now + OFFER_MS);
            let offered = customer.ticket.after(ticket::Command::Offer { agent: pair.agent, until }, now);
            let busy = self.agents[&pair.agent].after(presence::Command::Offer(pair.ticket), now);
            let (Ok(offered), Ok(busy)) = (offered, busy) else {
                self.double += 1;
                continue;
            };
            let epoch = offered.epoch;
            customer.ticket = offered;
            self.agents.insert(pair.agent, busy);
            let (answer, after) = match self.dice.random_range(0..200) {
                0..2 => (Answer::Misses, OFFER_MS),
                2 => (Answer::Declines, 6_000),
                _ => (Answer::Accepts, self.dice.random_range(1_500..6_000)),
            };
            self.at(self.now + after, Event::Answers(pair.ticket, pair.agent, epoch, answer));
        }
    }

    /// Once a second: does anybody idle beside a customer they could serve and are not barred from?
    fn look(&mut self) {
        let ready: Vec<&Agent> = self.agents.values().filter(|agent| agent.doing == Doing::Ready).collect();
        if ready.is_empty() {
            return;
        }
        let contents = futures_util::FutureExt::now_or_never(self.engine.contents()).unwrap().unwrap();
        let waits = self.customers_waiting();
        self.lost += u32::try_from(waits.abs_diff(contents.waiting.len())).unwrap();
        for waiting in &contents.waiting {
            let free = ready.iter().any(|agent| {
                self.lanes[&agent.id].has(waiting.lane) && !contents.barred.iter().any(|(ticket, barred, _)| *ticket == waiting.ticket && *barred == agent.id)
            });
            self.idle_beside_waiting += u32::from(free);
        }
    }

    fn customers_waiting(&self) -> usize {
        self.line.keys().filter(|(_, id)| self.customers[id].ticket.standing == Standing::Waiting).count()
    }

    fn report(&self) -> Vec<(String, Value)> {
        let over = |customer: &&Customer| matches!(customer.ticket.standing, Standing::Ended { .. } | Standing::Abandoned { .. });
        let lost = self.customers.values().filter(|customer| !over(customer)).count() + CALLS.abs_diff(self.customers.len());
        let twice = self.customers.values().filter(|customer| customer.calls > 1).count();
        let told: Vec<(i64, i64)> = self.customers.values().filter_map(|customer| customer.expected.zip(customer.waited)).collect();
        let within = |pairs: &[(i64, i64)]| pairs.iter().filter(|(expected, waited)| (expected - waited).abs() <= 60_000).count() as f64 / pairs.len().max(1) as f64;
        let queued: Vec<(i64, i64)> = told.iter().copied().filter(|(_, waited)| *waited > 10_000).collect();
        let mean_error = |pairs: &[(i64, i64)]| pairs.iter().map(|(expected, waited)| (expected - waited).abs()).sum::<i64>() as f64 / 1000.0 / pairs.len().max(1) as f64;
        let mean_wait = queued.iter().map(|(_, waited)| *waited).sum::<i64>() as f64 / 1000.0 / queued.len().max(1) as f64;
        let abandoned = self.customers.values().filter(|customer| matches!(customer.ticket.standing, Standing::Abandoned { .. })).count();
        let round = |value: f64| json!((value * 1000.0).round() / 1000.0);
        [
            ("day_calls", json!(self.customers.len())),
            ("day_answered", json!(told.len())),
            ("day_abandoned", json!(abandoned)),
            ("day_queued", json!(queued.len())),
            ("day_mean_wait_of_queued_s", round(mean_wait)),
            ("day_lost", json!(lost + self.lost as usize)),
            ("day_double", json!(self.double as usize + twice)),
            ("day_idle_beside_waiting", json!(self.idle_beside_waiting)),
            ("ewt_within_60s", round(within(&told))),
            ("ewt_within_60s_of_queued", round(within(&queued))),
            ("ewt_mean_error_of_queued_s", round(mean_error(&queued))),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
    }
}
