//! The life of a ticket. Pure.
//!
//! ```text
//!            ┌────────put_back──────┐
//! waiting ─offer→ offered ─accept→ accepted ─end→ ended
//!    │               │                └─requeue→ waiting (at the front)
//!    └────leave──────┴→ abandoned
//! waiting ─accept→ accepted   (a booked customer who answers a ring was never offered)
//!
//! a customer to be called back: offered ─ring→ ringing ─accept→ accepted
//!                                                 ├─put_back→ waiting
//!                                                 └─unreached→ waiting (after a rest) | abandoned
//! ```

use chrono::Duration;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::estimate::WaitRange;
use crate::base::{
    Timestamp,
    id::{BookingId, CallId, DossierId, StaffId, TicketId},
};

/// A place in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Whose it is.
    pub dossier: DossierId,
    /// Counts changes; late messages carry an older one.
    pub epoch: i64,
    /// Where it stands.
    pub standing: Standing,
    /// Place in line: earlier goes first. The time of enqueueing minus a boost.
    pub priority_at: Timestamp,
    /// Since when the customer waits.
    pub enqueued_at: Timestamp,
    /// The customer's language.
    pub locale: String,
    /// The appointment it comes of, if any.
    pub booking: Option<BookingId>,
    /// Whether the customer returns after a call that broke.
    pub is_returning: bool,
    /// The wait last shown; it never rises.
    pub shown: Option<WaitRange>,
    /// What the customer calls about.
    pub product: String,
    /// Whether the customer said to need special help.
    pub has_special_needs: bool,
    /// Offers made so far.
    pub tries: u32,
    /// When offers that came to nothing were too many.
    pub escalated_at: Option<Timestamp>,
    /// How the customer is to be called back, if so: the place is kept without an open page.
    pub callback: Option<CallbackWay>,
    /// Not before this the customer is rung again.
    pub rests_until: Option<Timestamp>,
    /// How often the customer was rung without coming.
    pub rings: u32,
}

/// How a customer who is called back hears of it, beside the open page and its notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum CallbackWay {
    /// In no other way.
    Page,
    /// By text message.
    Sms,
    /// By e-mail.
    Email,
    /// As the customer of an appointment: nobody asks for it, its time has come.
    #[serde(skip_deserializing)]
    Appointment,
}

impl CallbackWay {
    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Appointment => "appointment",
        }
    }
}

impl std::str::FromStr for CallbackWay {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Page, Self::Sms, Self::Email, Self::Appointment].into_iter().find(|way| way.name() == text).ok_or(())
    }
}

/// Where a ticket stands, with what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In line.
    Waiting,
    /// On the desk of one agent.
    Offered {
        /// Whose desk.
        agent: StaffId,
        /// When the offer was made.
        at: Timestamp,
        /// When it ends by itself.
        until: Timestamp,
    },
    /// The agent took the offer of a customer to be called back, and the customer is being rung.
    Ringing {
        /// Who rings.
        agent: StaffId,
        /// Since when.
        at: Timestamp,
        /// When it ends by itself.
        until: Timestamp,
    },
    /// A call came of it and runs.
    Accepted {
        /// Who accepted.
        agent: StaffId,
        /// The call.
        call: CallId,
        /// When.
        at: Timestamp,
    },
    /// The customer left.
    Abandoned {
        /// When.
        at: Timestamp,
        /// How.
        why: LeaveReason,
    },
    /// The call is over.
    Ended {
        /// Who had it.
        agent: StaffId,
        /// The call.
        call: CallId,
        /// When.
        at: Timestamp,
    },
}

/// How a customer left the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaveReason {
    /// Pressed "leave".
    Left,
    /// The page was gone too long.
    Gone,
    /// The file can no longer be called (it ended elsewhere).
    FileClosed,
    /// Asked to be called back, and did not come however often it rang.
    NotReached,
}

impl LeaveReason {
    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Gone => "gone",
            Self::FileClosed => "file_closed",
            Self::NotReached => "not_reached",
        }
    }
}

impl std::str::FromStr for LeaveReason {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Left, Self::Gone, Self::FileClosed, Self::NotReached].into_iter().find(|reason| reason.name() == text).ok_or(())
    }
}

/// What can happen to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Lay it on an agent's desk.
    Offer {
        /// Whose.
        agent: StaffId,
        /// When the offer ends by itself.
        until: Timestamp,
    },
    /// The call begins.
    Accept {
        /// Who accepts.
        agent: StaffId,
        /// The call.
        call: CallId,
    },
    /// Declined, missed, or the agent is gone: back to its place.
    PutBack {
        /// Whose desk it was on.
        agent: StaffId,
        /// After so many offers supervisors have to know.
        limit: u32,
    },
    /// The customer leaves.
    Leave {
        /// How.
        why: LeaveReason,
    },
    /// The customer wants to be called back, or no longer.
    CallBack(Option<CallbackWay>),
    /// The agent takes the offer of a customer to be called back, who is rung now.
    Ring {
        /// Whose desk it was on.
        agent: StaffId,
        /// When the ring ends by itself.
        until: Timestamp,
    },
    /// The customer who was rung did not come.
    Unreached {
        /// Who rang.
        agent: StaffId,
        /// After what rest it is tried again; without one the ticket is given up.
        rest: Option<Duration>,
    },
    /// The rest is over.
    Rested,
    /// The call is over.
    End {
        /// The call.
        call: CallId,
    },
    /// The call broke through no fault of the customer: to the front.
    Requeue {
        /// The call.
        call: CallId,
    },
}

/// The command does not exist where the ticket stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{wanted:?} is not possible while {from:?}")]
pub struct Refused {
    /// Where it stands.
    pub from: Standing,
    /// What was wanted.
    pub wanted: Command,
}

/// So long before everybody else stands who returns after a broken call; among themselves they keep their order,
/// and who returns twice keeps the first place.
const FRONT: Duration = Duration::days(1_000);

impl Ticket {
    /// A ticket just taken.
    pub fn taken(id: TicketId, dossier: DossierId, locale: &str, product: &str, now: Timestamp) -> Self {
        Self {
            id,
            dossier,
            epoch: 1,
            standing: Standing::Waiting,
            priority_at: now,
            enqueued_at: now,
            locale: locale.to_owned(),
            booking: None,
            is_returning: false,
            shown: None,
            product: product.to_owned(),
            has_special_needs: false,
            tries: 0,
            escalated_at: None,
            callback: None,
            rests_until: None,
            rings: 0,
        }
    }

    /// The ticket after `command`, one epoch later.
    ///
    /// # Errors
    /// [`Refused`] when the command does not exist here, or names another agent or call.
    pub fn after(&self, command: Command, now: Timestamp) -> Result<Self, Refused> {
        use Standing as S;
        let mut next = Self { epoch: self.epoch + 1, ..self.clone() };
        next.standing = match (self.standing, command) {
            (S::Waiting, Command::Offer { agent, until }) if self.rests_until.is_none() => {
                next.tries = self.tries.saturating_add(1);
                S::Offered { agent, at: now, until }
            }
            (S::Waiting, Command::Accept { agent, call }) => S::Accepted { agent, call, at: now },
            (S::Offered { agent: desk, .. } | S::Ringing { agent: desk, .. }, Command::Accept { agent, call }) if desk == agent => {
                S::Accepted { agent, call, at: now }
            }
            (S::Offered { agent: desk, .. }, Command::PutBack { agent, limit }) if desk == agent => {
                next.escalated_at = self.escalated_at.or_else(|| (self.tries >= limit).then_some(now));
                S::Waiting
            }
            (S::Waiting | S::Offered { .. } | S::Ringing { .. }, Command::Leave { why }) => S::Abandoned { at: now, why },
            (S::Waiting, Command::CallBack(way)) => {
                next.callback = way;
                next.rests_until = None;
                S::Waiting
            }
            (S::Offered { agent: desk, .. }, Command::Ring { agent, until }) if desk == agent && self.callback.is_some() => {
                next.rings = self.rings.saturating_add(1);
                S::Ringing { agent, at: now, until }
            }
            (S::Ringing { agent: desk, .. }, Command::PutBack { agent, .. }) if desk == agent => {
                next.rings = self.rings.saturating_sub(1);
                S::Waiting
            }
            (S::Ringing { agent: desk, .. }, Command::Unreached { agent, rest }) if desk == agent => match rest {
                Some(rest) => {
                    next.rests_until = Some(now + rest);
                    S::Waiting
                }
                None => S::Abandoned { at: now, why: LeaveReason::NotReached },
            },
            (S::Waiting, Command::Rested) if self.rests_until.is_some() => {
                next.rests_until = None;
                S::Waiting
            }
            (S::Accepted { agent, call: running, .. }, Command::End { call }) if running == call => S::Ended { agent, call, at: now },
            (S::Accepted { call: running, .. }, Command::Requeue { call }) if running == call => {
                next.priority_at = self.priority_at.min(now - FRONT);
                next.is_returning = true;
                next.enqueued_at = now;
                next.shown = None;
                next.tries = 0;
                next.callback = None;
                next.rings = 0;
                S::Waiting
            }
            (from, wanted) => return Err(Refused { from, wanted }),
        };
        Ok(next)
    }

    /// Whether it may be offered to somebody now.
    pub fn is_offerable(&self) -> bool {
        self.standing == Standing::Waiting && self.rests_until.is_none()
    }

    /// Whether this agent may still answer the offer that carried `epoch`.
    pub fn is_offered_to(&self, agent: StaffId, epoch: i64, now: Timestamp) -> bool {
        self.epoch == epoch && matches!(self.standing, Standing::Offered { agent: desk, until, .. } if desk == agent && now < until)
    }
}

impl Standing {
    /// The name in the database: a ticket whose customer is being rung counts as offered to the agent who rings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered { .. } | Self::Ringing { .. } => "offered",
            Self::Accepted { .. } => "accepted",
            Self::Abandoned { .. } => "abandoned",
            Self::Ended { .. } => "ended",
        }
    }

    /// Whether nothing can come of the ticket any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Abandoned { .. } | Self::Ended { .. })
    }

    /// Whether the customer is still in line.
    pub fn is_in_line(self) -> bool {
        matches!(self, Self::Waiting | Self::Offered { .. } | Self::Ringing { .. })
    }
}

#[cfg(test)]
#[path = "ticket_tests.rs"]
mod tests;
