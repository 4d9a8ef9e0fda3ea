//! What the rule says, written down once more in the plainest way, and what must hold whatever the rule says.

use std::collections::{BTreeMap, BTreeSet};

use visavis::{
    base::id::{StaffId, TicketId},
    journey::queue::{
        engine::{Change, Contents, Idle, Match, Moment, Reserve, Waiting, next_draw},
        routing::Lane,
    },
};

#[derive(Default)]
pub(super) struct Plain {
    waiting: BTreeMap<TicketId, Waiting>,
    ready: BTreeMap<StaffId, Idle>,
    barred: BTreeMap<(TicketId, StaffId), i64>,
    reserve: Reserve,
}

impl Plain {
    pub(super) fn apply(&mut self, change: Change, moment: Moment) -> Vec<Match> {
        let now = moment.at.timestamp_millis();
        match change {
            Change::Waits { ticket, place, barred } => {
                self.waiting.insert(ticket, Waiting::new(ticket, place));
                if let Some((agent, until)) = barred.filter(|(_, until)| *until > moment.at) {
                    self.barred.insert((ticket, agent), until.timestamp_millis());
                }
            }
            Change::Gone(ticket) => drop(self.waiting.remove(&ticket)),
            Change::Ready { agent, since, lanes } => drop(self.ready.insert(agent, Idle { since: since.timestamp_millis(), agent, lanes })),
            Change::Away(agent) => drop(self.ready.remove(&agent)),
            Change::Reserve { lane, agents } => self.reserve.set(lane, agents),
            Change::Time => {}
        }
        self.barred.retain(|_, until| *until > now);
        for waiting in self.waiting.values_mut() {
            if let Some((_, lane)) = waiting.relaxes.filter(|(at, _)| *at <= now) {
                (waiting.lane, waiting.relaxes) = (lane, None);
            }
        }
        let mut draw = moment.draw;
        std::iter::from_fn(|| {
            let found = self.pair(draw);
            draw = draw.map(next_draw);
            found
        })
        .collect()
    }

    fn may(&self, waiting: &Waiting, idle: &Idle) -> bool {
        let is_free = waiting.is_booked || !self.is_kept(idle);
        is_free && idle.lanes.has(waiting.lane) && !self.barred.contains_key(&(waiting.ticket, idle.agent))
    }

    fn is_kept(&self, idle: &Idle) -> bool {
        let ready = |lanes: &[Lane]| self.ready.values().filter(|idle| lanes.iter().any(|lane| idle.lanes.has(*lane))).count();
        let reserved: Vec<(Lane, u32)> = self.reserve.iter().collect();
        let is_in_one = reserved.iter().any(|(lane, _)| idle.lanes.has(*lane));
        let lanes: Vec<Lane> = reserved.iter().map(|(lane, _)| *lane).collect();
        let is_short_of_all = ready(&lanes) <= reserved.iter().map(|(_, agents)| *agents as usize).sum();
        let is_short_of_one = reserved.iter().any(|(lane, agents)| idle.lanes.has(*lane) && ready(&[*lane]) <= *agents as usize);
        is_in_one && (is_short_of_all || is_short_of_one)
    }

    fn pair(&mut self, draw: Option<u32>) -> Option<Match> {
        let line: BTreeSet<Waiting> = self.waiting.values().copied().collect();
        let idle: BTreeSet<Idle> = self.ready.values().copied().collect();
        let found = line.iter().find_map(|waiting| {
            let eligible: Vec<&Idle> = idle.iter().filter(|idle| self.may(waiting, idle)).collect();
            let chosen = draw.map_or(0, |draw| draw as usize % eligible.len().max(1));
            eligible.get(chosen).map(|idle| Match { ticket: waiting.ticket, agent: idle.agent })
        })?;
        self.waiting.remove(&found.ticket);
        self.ready.remove(&found.agent);
        Some(found)
    }

    pub(super) fn contents(&self) -> Contents {
        Contents {
            waiting: self.waiting.values().copied().collect(),
            ready: self.ready.values().copied().collect(),
            barred: self.barred.iter().map(|((ticket, agent), until)| (*ticket, *agent, *until)).collect(),
            reserve: self.reserve.clone(),
        }
    }

    /// Nobody idles beside a waiting customer.
    pub(super) fn is_work_left(&self) -> bool {
        self.waiting.values().any(|waiting| self.ready.values().any(|idle| self.may(waiting, idle)))
    }
}

/// A book of who is where, kept from the changes and the answers alone.
#[derive(Default)]
pub(super) struct Ledger {
    waiting: BTreeMap<TicketId, Waiting>,
    ready: BTreeMap<StaffId, Idle>,
}

impl Ledger {
    /// Writes a change and its pairs down.
    ///
    /// # Panics
    /// When a pair breaks a promise.
    pub(super) fn write(&mut self, (change, now): (Change, i64), pairs: &[Match], contents: &Contents, place: &str) {
        match change {
            Change::Waits { ticket, place, .. } => drop(self.waiting.insert(ticket, Waiting::new(ticket, place))),
            Change::Gone(ticket) => drop(self.waiting.remove(&ticket)),
            Change::Ready { agent, since, lanes } => drop(self.ready.insert(agent, Idle { since: since.timestamp_millis(), agent, lanes })),
            Change::Away(agent) => drop(self.ready.remove(&agent)),
            Change::Reserve { .. } | Change::Time => {}
        }
        for waiting in self.waiting.values_mut() {
            if let Some((_, lane)) = waiting.relaxes.filter(|(at, _)| *at <= now) {
                (waiting.lane, waiting.relaxes) = (lane, None);
            }
        }
        for pair in pairs {
            let waited = self.waiting.remove(&pair.ticket).unwrap_or_else(|| panic!("offered a ticket that does not wait, or twice: {place}"));
            let idled = self.ready.remove(&pair.agent).unwrap_or_else(|| panic!("offered to somebody who is not ready, or twice: {place}"));
            assert!(idled.lanes.has(waited.lane), "served by somebody who cannot: {place}");
            let overtaken = contents.waiting.iter().find(|left| {
                let is_ahead = (left.priority_at, left.ticket) < (waited.priority_at, waited.ticket);
                let is_like = left.lane == waited.lane && left.is_booked == waited.is_booked;
                let is_barred = contents.barred.iter().any(|(ticket, agent, _)| *ticket == left.ticket && *agent == pair.agent);
                is_ahead && is_like && !is_barred
            });
            assert!(overtaken.is_none(), "{overtaken:?} of the same class was overtaken: {place}");
        }
        let line: BTreeSet<TicketId> = contents.waiting.iter().map(|waiting| waiting.ticket).collect();
        assert!(line.iter().eq(self.waiting.keys()), "somebody is lost, or waits who left: {place}");
        let ready: BTreeSet<StaffId> = contents.ready.iter().map(|idle| idle.agent).collect();
        assert!(ready.iter().eq(self.ready.keys()), "an agent is lost: {place}");
    }
}
