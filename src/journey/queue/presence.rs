//! What an agent is doing, and what may happen next. Pure.
//!
//! ```text
//! offline ←go_offline─ ready ─offer→ offered ─accept→ in_call ─end_call→ wrap_up ─ready | decide | over→ ready, ─extend→ wrap_up
//!    └──go_ready──────→  │ ↑────withdraw, decline, miss──┘        ├ (decided already)→ ready
//!                        │ ↑──────────end_ring──┐                 └ (page gone)→ offline
//!         ready, wrap_up, break ─ring→ ringing ─┴accept→ in_call     offered ─ring (to call back)→ ringing
//! ready, wrap_up, offline ─take_break→ break        offered ─miss (too often)→ break(missed)
//! ```

use crate::base::{
    Timestamp,
    id::{BookingId, CallId, DossierId, ObjectId, StaffId, TicketId},
};

/// An agent as the queue sees one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Who.
    pub id: StaffId,
    /// Counts changes.
    pub epoch: i64,
    /// What the agent is doing.
    pub doing: Doing,
    /// Since when.
    pub since: Timestamp,
    /// Offers missed in a row.
    pub misses: u32,
}

/// What an agent is doing, with what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Not here.
    Offline,
    /// May be offered a call.
    Ready,
    /// A ticket is on the desk.
    Offered {
        /// Which.
        ticket: TicketId,
        /// Since when the agent was idle before; kept when the customer withdraws.
        idle_since: Timestamp,
    },
    /// Calling a customer who is booked or asked to be called back.
    Ringing {
        /// Which ring.
        ring: ObjectId,
        /// For which appointment; none when a customer of the line is called back.
        booking: Option<BookingId>,
    },
    /// In a call.
    InCall {
        /// Of which ticket.
        ticket: TicketId,
        /// With whose file.
        dossier: DossierId,
        /// Which call.
        call: CallId,
        /// Whether the decision is already made.
        is_decided: bool,
    },
    /// Finishing the last call.
    WrapUp {
        /// Whose file.
        dossier: DossierId,
        /// When it ends by itself.
        until: Timestamp,
    },
    /// Away.
    Break {
        /// Why.
        reason: BreakReason,
    },
}

/// Why an agent is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakReason {
    /// Lunch.
    Lunch,
    /// A short break.
    Short,
    /// Training.
    Training,
    /// Something does not work.
    Technical,
    /// Put there by the server: offers went unanswered.
    Missed,
    /// Put there by a supervisor.
    Supervisor,
}

impl BreakReason {
    /// The coded name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lunch => "lunch",
            Self::Short => "short",
            Self::Training => "training",
            Self::Technical => "technical",
            Self::Missed => "missed",
            Self::Supervisor => "supervisor",
        }
    }
}

impl std::str::FromStr for BreakReason {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Lunch, Self::Short, Self::Training, Self::Technical, Self::Missed, Self::Supervisor].into_iter().find(|reason| reason.name() == text).ok_or(())
    }
}

/// What can happen to an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Wants calls.
    GoReady,
    /// Goes away for a reason.
    TakeBreak(BreakReason),
    /// Leaves, or the page is gone.
    GoOffline,
    /// A ticket is laid on the desk.
    Offer(TicketId),
    /// A call begins.
    Accept {
        /// Of which ticket.
        ticket: TicketId,
        /// With whose file.
        dossier: DossierId,
        /// Which call.
        call: CallId,
    },
    /// The customer left while the ticket was on the desk.
    Withdraw,
    /// The agent said no.
    Decline,
    /// The agent did not answer; `limit` misses in a row send to a break.
    Miss {
        /// How many misses in a row are one too many.
        limit: u32,
    },
    /// Calls a customer who is booked, or the one on the desk who asked to be called back.
    Ring {
        /// Which ring.
        ring: ObjectId,
        /// For which appointment; none for the customer on the desk.
        booking: Option<BookingId>,
    },
    /// The ring ended without a call.
    EndRing,
    /// The call is over.
    EndCall {
        /// Which.
        call: CallId,
        /// Whether the agent's page is open.
        is_here: bool,
        /// When wrap-up ends by itself.
        wrap_up_until: Timestamp,
    },
    /// The decision about a file is made.
    Decide(DossierId),
    /// More time to finish the last call.
    ExtendWrapUp {
        /// When wrap-up ends by itself instead.
        until: Timestamp,
    },
    /// Wrap-up took its time.
    WrapUpOver,
}

/// The command does not exist here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{wanted:?} is not possible while {from:?}")]
pub struct Refused {
    /// What the agent is doing.
    pub from: Doing,
    /// What was wanted.
    pub wanted: Command,
}

impl Agent {
    /// Somebody who was never seen: offline.
    pub fn unseen(id: StaffId, now: Timestamp) -> Self {
        Self { id, epoch: 0, doing: Doing::Offline, since: now, misses: 0 }
    }

    /// The agent after `command`, one epoch later.
    ///
    /// # Errors
    /// [`Refused`] when the command does not exist here.
    pub fn after(&self, command: Command, now: Timestamp) -> Result<Self, Refused> {
        use Doing as D;
        let mut next = Self { epoch: self.epoch + 1, since: now, ..self.clone() };
        next.doing = match (self.doing, command) {
            (D::Ready, Command::GoReady) => {
                next.since = self.since;
                D::Ready
            }
            (D::Offline | D::WrapUp { .. } | D::Break { .. }, Command::GoReady)
            | (D::WrapUp { .. }, Command::WrapUpOver)
            | (D::Offered { .. }, Command::Decline)
            | (D::Ringing { .. }, Command::EndRing) => D::Ready,
            (D::WrapUp { dossier, .. }, Command::ExtendWrapUp { until }) => {
                next.since = self.since;
                D::WrapUp { dossier, until }
            }
            (D::WrapUp { dossier, .. }, Command::Decide(decided)) if dossier == decided => D::Ready,
            (D::Offline | D::Ready | D::WrapUp { .. } | D::Break { .. }, Command::TakeBreak(reason)) => D::Break { reason },
            (D::Offline | D::Ready | D::Offered { .. } | D::Ringing { .. } | D::WrapUp { .. } | D::Break { .. }, Command::GoOffline) => {
                next.misses = 0;
                D::Offline
            }
            (D::Ready, Command::Offer(ticket)) => D::Offered { ticket, idle_since: self.since },
            (D::Offered { ticket: desk, .. }, Command::Accept { ticket, dossier, call }) if desk == ticket => next.begin(ticket, dossier, call),
            (D::Ringing { .. }, Command::Accept { ticket, dossier, call }) => next.begin(ticket, dossier, call),
            (D::Offered { idle_since, .. }, Command::Withdraw) => {
                next.since = idle_since;
                D::Ready
            }
            (D::Offered { .. }, Command::Miss { limit }) => next.missed(limit),
            (D::Ready | D::WrapUp { .. } | D::Break { .. }, Command::Ring { ring, booking: Some(booking) }) => D::Ringing { ring, booking: Some(booking) },
            (D::Offered { .. }, Command::Ring { ring, booking: None }) => {
                next.misses = 0;
                D::Ringing { ring, booking: None }
            }
            (D::InCall { call: running, dossier, is_decided, .. }, Command::EndCall { call, is_here, wrap_up_until }) if running == call => {
                match (is_here, is_decided) {
                    (false, _) => D::Offline,
                    (true, true) => D::Ready,
                    (true, false) => D::WrapUp { dossier, until: wrap_up_until },
                }
            }
            (D::InCall { ticket, dossier, call, .. }, Command::Decide(decided)) if dossier == decided => {
                next.since = self.since;
                D::InCall { ticket, dossier, call, is_decided: true }
            }
            (from, wanted) => return Err(Refused { from, wanted }),
        };
        Ok(next)
    }

    fn begin(&mut self, ticket: TicketId, dossier: DossierId, call: CallId) -> Doing {
        self.misses = 0;
        Doing::InCall { ticket, dossier, call, is_decided: false }
    }

    fn missed(&mut self, limit: u32) -> Doing {
        self.misses += 1;
        if self.misses < limit {
            return Doing::Ready;
        }
        self.misses = 0;
        Doing::Break { reason: BreakReason::Missed }
    }

    /// Whether the agent counts as staff on duty for the estimate of waits.
    pub fn is_on_duty(&self) -> bool {
        !matches!(self.doing, Doing::Offline | Doing::Break { .. })
    }
}

impl Doing {
    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Ready => "ready",
            Self::Offered { .. } => "offered",
            Self::Ringing { .. } => "ringing",
            Self::InCall { .. } => "in_call",
            Self::WrapUp { .. } => "wrap_up",
            Self::Break { .. } => "break",
        }
    }
}

#[cfg(test)]
#[path = "presence_tests.rs"]
mod tests;
