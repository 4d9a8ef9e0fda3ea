//! The life of a call and of its two seats. Pure.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::wire::{CallState, Party, PeerState};
use crate::base::Timestamp;

/// How one end is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seat", rename_all = "snake_case")]
pub enum Seat {
    /// Never had media up.
    Joining {
        /// Since the call began.
        since: Timestamp,
    },
    /// Page open, media up.
    Connected,
    /// Was there; page or media (or both) is gone.
    Away {
        /// Since the first of them went.
        since: Timestamp,
        /// Whether the page is open.
        page: bool,
        /// Whether media is up.
        media: bool,
    },
}

/// Both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seats {
    /// The customer's.
    pub customer: Seat,
    /// The agent's.
    pub agent: Seat,
}

/// Where a call stands, with exactly what it has there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Accepted; media was not yet up at both ends at once.
    Connecting(Seats),
    /// Media was up at both ends at once; an end may be away for a moment.
    Live {
        /// Since when.
        since: Timestamp,
        /// Both ends.
        seats: Seats,
    },
    /// Over.
    Ended {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: EndReason,
        /// When it became live, if it did.
        live_at: Option<Timestamp>,
    },
}

/// Why a call is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// One end hung up, or the agent decided. The decision is next.
    HungUp,
    /// The customer did not come back in time. The file goes back to before the queue.
    CustomerLost,
    /// The agent did not come back in time. The customer returns to the front of the queue.
    AgentLost,
    /// The server stopped. The customer returns to the front of the queue.
    ServerLost,
    /// Nothing could be recorded. The customer returns to the front of the queue.
    RecorderFailed,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Media came up at one end.
    MediaUp(Party),
    /// Media stopped at one end.
    MediaDown(Party),
    /// A page of one end is open (again).
    PageOpen(Party),
    /// The last page of one end closed.
    PageGone(Party),
    /// Time passed.
    Tick,
    /// The server came back soon after it had stopped: both ends have to come back too.
    Restart,
    /// Another server carries it from now on: both ends have to set up their media anew. Pages may be open at any server.
    Moved,
    /// It ends for this reason.
    End(EndReason),
}

/// What others are told of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// One end changed, as the other end sees it.
    Peer(Party, PeerState),
    /// Live from now on.
    Live,
    /// Over.
    Ended(EndReason),
}

/// How long an end may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Until media is up for the first time.
    pub joining: Duration,
    /// Until a lost end is back.
    pub away: Duration,
    /// Until a lost agent is back while the customer is there and waits.
    pub agent_away: Duration,
}

/// The call is over; nothing happens to it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{wanted:?} is not possible: the call is over ({reason:?})")]
pub struct Refused {
    /// Why it had ended.
    pub reason: EndReason,
    /// What was to happen.
    pub wanted: Happening,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::HungUp, Self::CustomerLost, Self::AgentLost, Self::ServerLost, Self::RecorderFailed];

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::HungUp => "hung_up",
            Self::CustomerLost => "customer_lost",
            Self::AgentLost => "agent_lost",
            Self::ServerLost => "server_lost",
            Self::RecorderFailed => "recorder_failed",
        }
    }

    /// Whether the customer, who is not to blame, returns to the front of the queue.
    pub fn requeues(self) -> bool {
        matches!(self, Self::AgentLost | Self::ServerLost | Self::RecorderFailed)
    }
}

impl std::str::FromStr for EndReason {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|reason| reason.name() == text).ok_or(())
    }
}

impl Seat {
    /// As the other end sees it.
    pub fn seen(self) -> PeerState {
        match self {
            Self::Joining { .. } => PeerState::Joining,
            Self::Connected => PeerState::Connected,
            Self::Away { .. } => PeerState::Reconnecting,
        }
    }

    fn away(self, now: Timestamp, page: bool, media: bool) -> Self {
        let since = if let Self::Away { since, .. } = self { since } else { now };
        if page && media { Self::Connected } else { Self::Away { since, page, media } }
    }

    /// Media implies a page: an offer only comes from one.
    fn media_up(self) -> Self {
        match self {
            Self::Joining { .. } | Self::Connected => Self::Connected,
            Self::Away { since, page, .. } => self.away(since, page, true),
        }
    }

    fn media_down(self, now: Timestamp) -> Self {
        match self {
            Self::Joining { .. } => self,
            Self::Connected => self.away(now, true, false),
            Self::Away { page, .. } => self.away(now, page, false),
        }
    }

    fn page(self, now: Timestamp, open: bool) -> Self {
        match self {
            Self::Joining { .. } => self,
            Self::Connected => self.away(now, open, true),
            Self::Away { media, .. } => self.away(now, open, media),
        }
    }

    /// Media does not outlive the server, nor does a page that was there (`page`); the wait begins anew. A page that is said to be
    /// there and is not brings no media, either.
    fn restarted(self, now: Timestamp, page: bool) -> Self {
        match self {
            Self::Joining { .. } => Self::Joining { since: now },
            Self::Connected | Self::Away { .. } => Self::Away { since: now, page, media: false },
        }
    }

    fn is_lost(self, now: Timestamp, patience: Patience) -> bool {
        match self {
            Self::Joining { since } => now - since >= patience.joining,
            Self::Connected => false,
            Self::Away { since, .. } => now - since >= patience.away,
        }
    }
}

impl Seats {
    /// The seat of one end.
    pub fn of(&self, party: Party) -> Seat {
        match party {
            Party::Customer => self.customer,
            Party::Agent => self.agent,
        }
    }

    fn with(mut self, party: Party, seat: Seat) -> Self {
        match party {
            Party::Customer => self.customer = seat,
            Party::Agent => self.agent = seat,
        }
        self
    }

    fn both_connected(self) -> bool {
        self.customer == Seat::Connected && self.agent == Seat::Connected
    }

    /// A customer who is there is not kept waiting for long; while both are away, as after a restart, there is time.
    fn patience_with_agent(self, patience: Patience) -> Patience {
        if self.customer == Seat::Connected { Patience { away: patience.agent_away.min(patience.away), ..patience } } else { patience }
    }

    /// The customer's absence is looked at first: who is not there cannot return to the queue.
    fn lost(self, now: Timestamp, patience: Patience) -> Option<EndReason> {
        if self.customer.is_lost(now, patience) {
            Some(EndReason::CustomerLost)
        } else if self.agent.is_lost(now, self.patience_with_agent(patience)) {
            Some(EndReason::AgentLost)
        } else {
            None
        }
    }
}

impl Life {
    /// A call that begins now.
    pub fn begin(now: Timestamp) -> Self {
        let seat = Seat::Joining { since: now };
        Self::Connecting(Seats { customer: seat, agent: seat })
    }

    /// Where it stands, for the wire and the database.
    pub fn state(self) -> CallState {
        match self {
            Self::Connecting(_) => CallState::Connecting,
            Self::Live { .. } => CallState::Live,
            Self::Ended { .. } => CallState::Ended,
        }
    }

    /// How one end is doing, as the other end sees it.
    pub fn seen(self, party: Party) -> PeerState {
        match self {
            Self::Connecting(seats) | Self::Live { seats, .. } => seats.of(party).seen(),
            Self::Ended { .. } => PeerState::Left,
        }
    }

    fn restarted(before: Seats, live_at: Option<Timestamp>, now: Timestamp, pages: bool) -> (Self, Vec<News>) {
        let seats = Seats { customer: before.customer.restarted(now, pages), agent: before.agent.restarted(now, pages) };
        let changed = [Party::Customer, Party::Agent].into_iter().filter(|party| seats.of(*party).seen() != before.of(*party).seen());
        let news = changed.map(|party| News::Peer(party, seats.of(party).seen())).collect();
        (live_at.map_or(Self::Connecting(seats), |since| Self::Live { since, seats }), news)
    }

    /// The seat of one end while the call lasts.
    pub fn seat(self, party: Party) -> Option<Seat> {
        match self {
            Self::Connecting(seats) | Self::Live { seats, .. } => Some(seats.of(party)),
            Self::Ended { .. } => None,
        }
    }

    /// The life after `happening`, and what is to be told of it. No news and an equal life: nothing changed.
    ///
    /// # Errors
    /// [`Refused`] when the call is over.
    pub fn after(self, happening: Happening, now: Timestamp, patience: Patience) -> Result<(Self, Vec<News>), Refused> {
        let (seats, live_at) = match self {
            Self::Connecting(seats) => (seats, None),
            Self::Live { since, seats } => (seats, Some(since)),
            Self::Ended { reason, .. } => return Err(Refused { reason, wanted: happening }),
        };
        let ended = |reason| Ok((Self::Ended { at: now, reason, live_at }, vec![News::Ended(reason)]));
        let (party, seat) = match happening {
            Happening::MediaUp(party) => (party, seats.of(party).media_up()),
            Happening::MediaDown(party) => (party, seats.of(party).media_down(now)),
            Happening::PageOpen(party) => (party, seats.of(party).page(now, true)),
            Happening::PageGone(party) => (party, seats.of(party).page(now, false)),
            Happening::Tick => return seats.lost(now, patience).map_or(Ok((self, Vec::new())), ended),
            Happening::Restart => return Ok(Self::restarted(seats, live_at, now, false)),
            Happening::Moved => return Ok(Self::restarted(seats, live_at, now, true)),
            Happening::End(reason) => return ended(reason),
        };
        let mut news = Vec::new();
        if seat.seen() != seats.of(party).seen() {
            news.push(News::Peer(party, seat.seen()));
        }
        let seats = seats.with(party, seat);
        Ok(match live_at {
            Some(since) => (Self::Live { since, seats }, news),
            None if seats.both_connected() => {
                news.push(News::Live);
                (Self::Live { since: now, seats }, news)
            }
            None => (Self::Connecting(seats), news),
        })
    }
}

/// Which pages of one end may speak: each look at the call issues a number, an offer joins with it, and an older page
/// than the one that joined last is fenced off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Epochs {
    /// The last number handed out.
    pub issued: i64,
    /// The number of the page that joined last.
    pub joined: i64,
}

/// Why a page may not join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fenced {
    /// A newer page of the same person joined.
    Superseded,
    /// The number was never handed out.
    Unknown,
}

impl Epochs {
    /// Hands out the next number.
    #[must_use]
    pub fn issue(self) -> Self {
        Self { issued: self.issued + 1, ..self }
    }

    /// Joins with a number that was handed out.
    pub fn join(self, epoch: i64) -> Result<Self, Fenced> {
        match epoch {
            e if e < 1 || e > self.issued => Err(Fenced::Unknown),
            e if e < self.joined => Err(Fenced::Superseded),
            joined => Ok(Self { joined, ..self }),
        }
    }
}

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;
