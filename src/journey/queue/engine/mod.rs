//! The index of who waits and who is ready: finds pairs fast, decides nothing. SQL is the truth; whatever the index
//! says is tried there by a guarded UPDATE, and the index is rebuilt from SQL at every start and on every mismatch.
//!
//! The rule, the same in [`memory`] and [`redis`]: tickets in order of their place (priority time, then id) each take the
//! longest idle of the ready agents who serve the ticket's [`Lane`] and are not barred from it, or, when the moment
//! carries a draw, a random one of them; again until no pair is left. Agents are reserved for appointments by lane: while no more are ready
//! who serve a lane than are reserved in it, or who serve any of the reserved lanes than are reserved at all, these are paired with booked
//! tickets only. A ticket whose time has come waits in its wider lane from then on. Every
//! change that adds a ticket or an agent matches in the same step, so that nobody idles beside a waiting customer.

pub mod keys;
pub mod memory;
pub mod redis;
mod tail;

use std::collections::{BTreeMap, BTreeSet};

use super::routing::{Lane, Lanes};
use crate::base::{
    Timestamp,
    id::{StaffId, TicketId},
};

/// Where a ticket waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Earlier goes first.
    pub priority_at: Timestamp,
    /// Who may serve it.
    pub lane: Lane,
    /// Whether it comes of an appointment: agents are reserved for these.
    pub is_booked: bool,
    /// From when it waits in a wider lane.
    pub relaxes: Option<(Timestamp, Lane)>,
}

/// A change of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A ticket waits, or waits at another place.
    Waits {
        /// Which.
        ticket: TicketId,
        /// Where.
        place: Place,
        /// Who shall not be offered it before when.
        barred: Option<(StaffId, Timestamp)>,
    },
    /// A ticket waits no more.
    Gone(TicketId),
    /// An agent is ready.
    Ready {
        /// Who.
        agent: StaffId,
        /// Idle since.
        since: Timestamp,
        /// For whom.
        lanes: Lanes,
    },
    /// An agent is not ready any more.
    Away(StaffId),
    /// So many ready agents who serve a lane are kept for appointments that begin soon.
    Reserve {
        /// Of which lane.
        lane: Lane,
        /// How many; 0 for none any more.
        agents: u32,
    },
    /// Only time passed: refusals may have run out, tickets may look further afield.
    Time,
}

/// When a change happens, and the luck it happens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub at: Timestamp,
    /// With a draw, `1..2^31-1`, the agent is a random one of the eligible; without, the longest idle.
    pub draw: Option<u32>,
}

impl Moment {
    /// A moment in which the longest idle come first.
    pub fn fair(at: Timestamp) -> Self {
        Self { at, draw: None }
    }
}

/// The draw after this one: Park and Miller's generator, exact in the double precision numbers of Lua as well.
pub fn next_draw(draw: u32) -> u32 {
    u32::try_from(u64::from(draw) * 16_807 % 2_147_483_647).expect("a remainder below 2^31")
}

/// A pair the index took out; the caller offers the ticket to the agent in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The ticket.
    pub ticket: TicketId,
    /// The agent.
    pub agent: StaffId,
}

/// A ticket in the index; times in epoch milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// Its place.
    pub priority_at: i64,
    /// Which.
    pub ticket: TicketId,
    /// Who may serve it.
    pub lane: Lane,
    /// Whether it comes of an appointment.
    pub is_booked: bool,
    /// From when it waits in a wider lane.
    pub relaxes: Option<(i64, Lane)>,
}

/// A ready agent in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Idle {
    /// Since when, in epoch milliseconds.
    pub since: i64,
    /// Who.
    pub agent: StaffId,
    /// For whom.
    pub lanes: Lanes,
}

/// Everything the index holds, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Waiting tickets.
    pub waiting: BTreeSet<Waiting>,
    /// Ready agents.
    pub ready: BTreeSet<Idle>,
    /// Who shall not be offered what, and until when (epoch milliseconds).
    pub barred: BTreeSet<(TicketId, StaffId, i64)>,
    /// How many ready agents are kept for appointments.
    pub reserve: Reserve,
}

/// How many ready agents are kept for appointments, by the lane of the appointments; lanes with none are not named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reserve(BTreeMap<Lane, u32>);

impl Reserve {
    /// Keeps so many in a lane instead of however many before.
    pub fn set(&mut self, lane: Lane, agents: u32) {
        if agents == 0 {
            self.0.remove(&lane);
        } else {
            self.0.insert(lane, agents);
        }
    }

    /// Keeps one more in a lane.
    pub fn add(&mut self, lane: Lane) {
        *self.0.entry(lane).or_default() += 1;
    }

    /// How many are kept in a lane.
    pub fn of(&self, lane: Lane) -> u32 {
        self.0.get(&lane).copied().unwrap_or(0)
    }

    /// Whether nobody is kept.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every lane with how many are kept in it.
    pub fn iter(&self) -> impl Iterator<Item = (Lane, u32)> {
        self.0.iter().map(|(lane, agents)| (*lane, *agents))
    }

    /// What changes on the way to another reserve.
    pub fn changes_to(&self, later: &Self) -> Vec<Change> {
        let lanes: BTreeSet<Lane> = self.0.keys().chain(later.0.keys()).copied().collect();
        lanes.into_iter().filter(|lane| self.of(*lane) != later.of(*lane)).map(|lane| Change::Reserve { lane, agents: later.of(lane) }).collect()
    }
}

/// Why the index is of no use now; SQL still holds everything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// It is empty: its server was restarted, emptied, or replaced by one that never heard of it.
    #[error("the queue's index is gone")]
    Lost,
    /// It does not answer, or not in words that are understood.
    #[error("the queue's index does not answer: {0}")]
    Silent(String),
}

/// An index of the queue. The first thing done to it is [`rebuild`](Self::rebuild).
#[async_trait::async_trait]
pub trait Engine: Send + Sync {
    /// Applies a change and takes out every pair that fits then, in order.
    async fn apply(&self, change: Change, moment: Moment) -> Result<Vec<Match>, EngineError>;
    /// Replaces everything. Matches nothing; follow with [`Change::Time`].
    async fn rebuild(&self, contents: &Contents) -> Result<(), EngineError>;
    /// Everything it holds; refusals that ran out may still be in.
    async fn contents(&self) -> Result<Contents, EngineError>;
}

impl Change {
    /// The same change without what is over already.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        let Self::Waits { ticket, place, barred } = self else { return self };
        Self::Waits { ticket, place: place.as_of(now), barred: barred.filter(|(_, until)| *until > now) }
    }
}

impl Place {
    fn as_of(self, now: Timestamp) -> Self {
        match self.relaxes {
            Some((at, lane)) if at <= now => Self { lane, relaxes: None, ..self },
            _ => self,
        }
    }
}

impl Waiting {
    /// A ticket at its place.
    pub fn new(ticket: TicketId, place: Place) -> Self {
        let relaxes = place.relaxes.map(|(at, lane)| (at.timestamp_millis(), lane));
        Self { priority_at: place.priority_at.timestamp_millis(), ticket, lane: place.lane, is_booked: place.is_booked, relaxes }
    }

    /// The change that puts it where it is.
    pub fn waits(self, barred: Option<(StaffId, Timestamp)>) -> Change {
        let at = |millis: i64| Timestamp::from_timestamp_millis(millis).unwrap_or_default();
        let relaxes = self.relaxes.map(|(when, lane)| (at(when), lane));
        Change::Waits { ticket: self.ticket, place: Place { priority_at: at(self.priority_at), lane: self.lane, is_booked: self.is_booked, relaxes }, barred }
    }
}

impl Contents {
    /// The same without what is over by `now` (epoch milliseconds): what an index holds after a change at that time.
    #[must_use]
    pub fn as_of(mut self, now: i64) -> Self {
        self.barred.retain(|(_, _, until)| *until > now);
        self.waiting = self
            .waiting
            .into_iter()
            .map(|waiting| match waiting.relaxes {
                Some((at, lane)) if at <= now => Waiting { lane, relaxes: None, ..waiting },
                _ => waiting,
            })
            .collect();
        self
    }
}
