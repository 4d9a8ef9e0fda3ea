//! The index in this process.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Change, Contents, Engine, EngineError, Idle, Match, Moment, Place, Reserve, Waiting, next_draw, tail::Tail};
use crate::{
    base::id::{StaffId, TicketId},
    journey::queue::routing::{Lane, Lanes, MOST_LANES},
};

/// The index behind a lock.
#[derive(Default)]
pub struct Memory(Mutex<Index>);

/// Tickets of one lane, in order.
type Line = Tail<(i64, TicketId), ()>;

struct Index {
    /// By lane: everybody who waits; booked tickets once more.
    lines: Vec<Line>,
    booked: Vec<Line>,
    tickets: Tail<TicketId, Waiting>,
    /// Ready agents, together with those who serve the same lanes, longest idle first.
    idle: BTreeMap<Lanes, BTreeSet<(i64, StaffId)>>,
    agents: HashMap<StaffId, (i64, Lanes)>,
    barred: HashMap<(TicketId, StaffId), i64>,
    /// What happens by itself, by time: ends of refusals, moves to wider lanes.
    unbarring: BTreeSet<(i64, TicketId, StaffId)>,
    relaxing: Tail<(i64, TicketId), ()>,
    reserve: Reserve,
}

/// What a change may have made possible.
#[derive(Clone, Copy)]
enum Scope {
    Nothing,
    Ticket(TicketId),
    Agent(StaffId),
    Everything,
}

impl Default for Index {
    fn default() -> Self {
        let empty = || vec![Line::default(); MOST_LANES];
        Self {
            lines: empty(),
            booked: empty(),
            tickets: Tail::default(),
            idle: BTreeMap::new(),
            agents: HashMap::new(),
            barred: HashMap::new(),
            unbarring: BTreeSet::new(),
            relaxing: Tail::default(),
            reserve: Reserve::default(),
        }
    }
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Index> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// [`Engine::apply`] without waiting: the index is in this process.
    pub fn apply_now(&self, change: Change, moment: Moment) -> Vec<Match> {
        let now = moment.at.timestamp_millis();
        let mut index = self.lock();
        let happened = index.let_happen(now);
        let scope = index.change(change.as_of(moment.at));
        index.pairs(if happened { Scope::Everything } else { scope }, moment.draw)
    }
}

#[async_trait::async_trait]
impl Engine for Memory {
    async fn apply(&self, change: Change, moment: Moment) -> Result<Vec<Match>, EngineError> {
        Ok(self.apply_now(change, moment))
    }

    async fn rebuild(&self, contents: &Contents) -> Result<(), EngineError> {
        let mut index = Index { reserve: contents.reserve.clone(), ..Index::default() };
        let mut waiting: Vec<Waiting> = contents.waiting.iter().copied().collect();
        waiting.sort_unstable_by_key(|waiting| waiting.ticket);
        for waiting in waiting {
            index.add_ticket(waiting);
        }
        for idle in &contents.ready {
            index.add_agent(idle.agent, idle.since, idle.lanes);
        }
        for (ticket, agent, until) in &contents.barred {
            index.bar(*ticket, *agent, *until);
        }
        *self.lock() = index;
        Ok(())
    }

    async fn contents(&self) -> Result<Contents, EngineError> {
        let index = self.lock();
        Ok(Contents {
            waiting: index.tickets.values().copied().collect(),
            ready: index.agents.iter().map(|(agent, (since, lanes))| Idle { since: *since, agent: *agent, lanes: *lanes }).collect(),
            barred: index.barred.iter().map(|((ticket, agent), until)| (*ticket, *agent, *until)).collect(),
            reserve: index.reserve.clone(),
        })
    }
}

fn slot(lane: Lane) -> usize {
    usize::from(lane.number())
}

impl Index {
    /// Ends refusals and widens lanes whose time has come; whether there were any.
    fn let_happen(&mut self, now: i64) -> bool {
        let mut happened = false;
        while let Some((_, ticket, agent)) = self.unbarring.first().copied().filter(|(at, ..)| *at <= now) {
            self.unbarring.pop_first();
            self.barred.remove(&(ticket, agent));
            happened = true;
        }
        while let Some((at, ticket)) = self.relaxing.first().filter(|(at, _)| *at <= now) {
            self.relaxing.remove(&(at, ticket));
            happened = true;
            if let Some(waiting) = self.remove_ticket(ticket)
                && let Some((_, lane)) = waiting.relaxes
            {
                self.add_ticket(Waiting { lane, relaxes: None, ..waiting });
            }
        }
        happened
    }

    fn change(&mut self, change: Change) -> Scope {
        match change {
            Change::Waits { ticket, place, barred } => {
                self.waits(ticket, place);
                if let Some((agent, until)) = barred {
                    self.bar(ticket, agent, until.timestamp_millis());
                }
                Scope::Ticket(ticket)
            }
            Change::Gone(ticket) => {
                self.remove_ticket(ticket);
                Scope::Nothing
            }
            Change::Ready { agent, since, lanes } => {
                self.remove_agent(agent);
                self.add_agent(agent, since.timestamp_millis(), lanes);
                // With one more agent than are reserved, a ticket may go to any of them.
                if self.reserve.is_empty() { Scope::Agent(agent) } else { Scope::Everything }
            }
            Change::Away(agent) => {
                self.remove_agent(agent);
                Scope::Nothing
            }
            Change::Reserve { lane, agents } => {
                self.reserve.set(lane, agents);
                Scope::Everything
            }
            Change::Time => Scope::Everything,
        }
    }

    fn waits(&mut self, ticket: TicketId, place: Place) {
        self.remove_ticket(ticket);
        self.add_ticket(Waiting::new(ticket, place));
    }

    fn pairs(&mut self, scope: Scope, mut draw: Option<u32>) -> Vec<Match> {
        let mut found = Vec::new();
        while !self.agents.is_empty() {
            let pair = match scope {
                Scope::Nothing => None,
                Scope::Ticket(ticket) => self.pair_of_ticket(ticket, draw),
                Scope::Agent(agent) => self.pair_of_agent(agent),
                Scope::Everything => self.first_pair(draw),
            };
            let Some(pair) = pair else { break };
            self.remove_ticket(pair.ticket);
            self.remove_agent(pair.agent);
            draw = draw.map(next_draw);
            found.push(pair);
        }
        found
    }

    /// Only this ticket is new: whoever could have served another has done so before.
    fn pair_of_ticket(&self, ticket: TicketId, draw: Option<u32>) -> Option<Match> {
        let waiting = self.tickets.get(&ticket)?;
        let agent = self.agent_for((ticket, waiting.lane), waiting.is_booked, draw)?;
        Some(Match { ticket, agent })
    }

    /// Only this agent is new, and nobody is reserved: the first ticket the agent may serve.
    fn pair_of_agent(&self, agent: StaffId) -> Option<Match> {
        let (_, lanes) = self.agents.get(&agent)?;
        let firsts = lanes.iter().filter_map(|lane| self.lines[slot(lane)].keys().find(|(_, ticket)| !self.is_barred(*ticket, agent)));
        let (_, ticket) = firsts.min()?;
        Some(Match { ticket, agent })
    }

    fn first_pair(&self, draw: Option<u32>) -> Option<Match> {
        let (served, free) = self
            .idle
            .keys()
            .fold((Lanes::default(), Lanes::default()), |(served, free), lanes| (served.or(*lanes), if self.is_kept(*lanes) { free } else { free.or(*lanes) }));
        let firsts = served.iter().filter_map(|lane| {
            // Where everybody is kept, only appointments are looked at.
            let line = if free.has(lane) { &self.lines[slot(lane)] } else { &self.booked[slot(lane)] };
            line.keys().find(|(_, ticket)| self.has_agent((*ticket, lane), self.is_booked(*ticket))).map(|first| (first, lane))
        });
        let ((_, ticket), lane) = firsts.min()?;
        let agent = self.agent_for((ticket, lane), self.is_booked(ticket), draw)?;
        Some(Match { ticket, agent })
    }

    fn is_booked(&self, ticket: TicketId) -> bool {
        self.reserve.is_empty() || self.tickets.get(&ticket).is_some_and(|waiting| waiting.is_booked)
    }

    /// Whether agents of these lanes are kept for appointments.
    fn is_kept(&self, lanes: Lanes) -> bool {
        if self.reserve.is_empty() {
            return false;
        }
        let ready = |serves: &dyn Fn(Lanes) -> bool| self.idle.iter().filter(|(lanes, _)| serves(**lanes)).map(|(_, group)| group.len()).sum::<usize>();
        let is_short = |ready: usize, kept: u32| ready <= usize::try_from(kept).unwrap_or(usize::MAX);
        let reserved: Lanes = self.reserve.iter().map(|(lane, _)| lane).collect();
        let all = self.reserve.iter().map(|(_, agents)| agents).sum();
        let mut own = self.reserve.iter().filter(|(lane, _)| lanes.has(*lane)).peekable();
        own.peek().is_some()
            && (is_short(ready(&|any| !any.and(reserved).is_empty()), all) || own.any(|(lane, kept)| is_short(ready(&|any| any.has(lane)), kept)))
    }

    fn is_barred(&self, ticket: TicketId, agent: StaffId) -> bool {
        !self.barred.is_empty() && self.barred.contains_key(&(ticket, agent))
    }

    /// Ready agents who may be offered the ticket, grouped, each group longest idle first.
    fn groups(&self, (ticket, lane): (TicketId, Lane), is_booked: bool) -> impl Iterator<Item = impl Iterator<Item = &(i64, StaffId)>> {
        let serving = self.idle.iter().filter(move |(lanes, _)| lanes.has(lane) && (is_booked || !self.is_kept(**lanes)));
        serving.map(move |(_, group)| group.iter().filter(move |(_, agent)| !self.is_barred(ticket, *agent)))
    }

    fn has_agent(&self, waiting: (TicketId, Lane), is_booked: bool) -> bool {
        self.groups(waiting, is_booked).flatten().next().is_some()
    }

    fn agent_for(&self, waiting: (TicketId, Lane), is_booked: bool, draw: Option<u32>) -> Option<StaffId> {
        let Some(draw) = draw else {
            return self.groups(waiting, is_booked).filter_map(|mut group| group.next()).min().map(|(_, agent)| *agent);
        };
        let mut eligible: Vec<&(i64, StaffId)> = self.groups(waiting, is_booked).flatten().collect();
        eligible.sort_unstable();
        let chosen = usize::try_from(draw).ok()?.checked_rem(eligible.len())?;
        eligible.get(chosen).map(|(_, agent)| *agent)
    }

    fn add_ticket(&mut self, waiting: Waiting) {
        let at = (waiting.priority_at, waiting.ticket);
        self.lines[slot(waiting.lane)].insert(at, ());
        if waiting.is_booked {
            self.booked[slot(waiting.lane)].insert(at, ());
        }
        if let Some((when, _)) = waiting.relaxes {
            self.relaxing.insert((when, waiting.ticket), ());
        }
        self.tickets.insert(waiting.ticket, waiting);
    }

    fn remove_ticket(&mut self, ticket: TicketId) -> Option<Waiting> {
        let waiting = self.tickets.remove(&ticket)?;
        let at = (waiting.priority_at, ticket);
        self.lines[slot(waiting.lane)].remove(&at);
        if waiting.is_booked {
            self.booked[slot(waiting.lane)].remove(&at);
        }
        if let Some((when, _)) = waiting.relaxes {
            self.relaxing.remove(&(when, ticket));
        }
        Some(waiting)
    }

    fn add_agent(&mut self, agent: StaffId, since: i64, lanes: Lanes) {
        self.idle.entry(lanes).or_default().insert((since, agent));
        self.agents.insert(agent, (since, lanes));
    }

    fn remove_agent(&mut self, agent: StaffId) {
        let Some((since, lanes)) = self.agents.remove(&agent) else { return };
        if let Some(group) = self.idle.get_mut(&lanes) {
            group.remove(&(since, agent));
            if group.is_empty() {
                self.idle.remove(&lanes);
            }
        }
    }

    fn bar(&mut self, ticket: TicketId, agent: StaffId, until: i64) {
        if let Some(before) = self.barred.insert((ticket, agent), until) {
            self.unbarring.remove(&(before, ticket, agent));
        }
        self.unbarring.insert((until, ticket, agent));
    }
}
