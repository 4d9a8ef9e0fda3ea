//! The life of a file: which step is allowed in which state. Pure.

use serde::{Deserialize, Serialize};

/// Where a file is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum State {
    /// Begun; nothing photographed.
    Draft,
    /// At least one good photograph.
    Captured,
    /// Fields are on the form, read or to be typed.
    Read,
    /// The customer confirmed the form and gave consents.
    Confirmed,
    /// An appointment is booked.
    Booked,
    /// In the queue.
    Waiting,
    /// In a call.
    InCall,
    /// The call is over; the agent's decision is outstanding.
    Called,
    /// Identified.
    Approved,
    /// Refused.
    Rejected,
    /// The customer is asked to do it again.
    Redo,
    /// Ended by age.
    Expired,
}

/// A step of the journey as the file sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// A photograph was accepted.
    Capture,
    /// All sides are read.
    Read,
    /// The customer types the fields.
    TypeMyself,
    /// The customer confirmed the form.
    Confirm,
    /// An appointment was made or changed.
    Book,
    /// The appointment was cancelled or missed.
    Unbook,
    /// Into the queue.
    Enqueue,
    /// Out of the queue without a call.
    LeaveQueue,
    /// An agent accepted.
    Accept,
    /// The agent or the server was lost: back to the front of the queue.
    Requeue,
    /// The customer was lost for good, without a decision.
    LoseCall,
    /// The call was hung up; a decision follows.
    HangUp,
    /// Identified.
    Approve,
    /// Refused.
    Reject,
    /// Again, please.
    Redo,
    /// One check again, in another call.
    CallAgain,
    /// The call was broken off; another one may follow.
    BreakOff,
    /// Too old.
    Expire,
}

/// The step does not exist in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{wanted:?} is not possible while {from:?}")]
pub struct Refused {
    /// The state.
    pub from: State,
    /// The step.
    pub wanted: Step,
}

impl State {
    /// Every state, in the order people meet them.
    pub const ALL: [Self; 12] = [
        Self::Draft,
        Self::Captured,
        Self::Read,
        Self::Confirmed,
        Self::Booked,
        Self::Waiting,
        Self::InCall,
        Self::Called,
        Self::Approved,
        Self::Rejected,
        Self::Redo,
        Self::Expired,
    ];

    /// The state after `step`.
    ///
    /// # Errors
    /// [`Refused`] when the step does not exist here.
    pub fn after(self, step: Step) -> Result<Self, Refused> {
        use State as S;
        match (self, step) {
            (S::Draft | S::Captured | S::Read | S::Redo, Step::Capture) => Ok(S::Captured),
            (S::Captured, Step::Read) | (S::Draft | S::Captured | S::Read | S::Redo, Step::TypeMyself) => Ok(S::Read),
            (S::Read, Step::Confirm) | (S::Booked, Step::Unbook) | (S::Waiting, Step::LeaveQueue) | (S::InCall, Step::LoseCall) => Ok(S::Confirmed),
            (S::InCall | S::Called, Step::CallAgain | Step::BreakOff) => Ok(S::Confirmed),
            (S::Confirmed | S::Booked, Step::Book) => Ok(S::Booked),
            (S::Confirmed | S::Booked, Step::Enqueue) | (S::InCall, Step::Requeue) => Ok(S::Waiting),
            (S::Waiting, Step::Accept) => Ok(S::InCall),
            (S::InCall, Step::HangUp) => Ok(S::Called),
            (S::InCall | S::Called, Step::Approve) => Ok(S::Approved),
            (S::InCall | S::Called, Step::Reject) => Ok(S::Rejected),
            (S::InCall | S::Called, Step::Redo) => Ok(S::Redo),
            (S::Draft | S::Captured | S::Read | S::Confirmed | S::Redo, Step::Expire) => Ok(S::Expired),
            _ => Err(Refused { from: self, wanted: step }),
        }
    }

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Captured => "captured",
            Self::Read => "read",
            Self::Confirmed => "confirmed",
            Self::Booked => "booked",
            Self::Waiting => "waiting",
            Self::InCall => "in_call",
            Self::Called => "called",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Redo => "redo",
            Self::Expired => "expired",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or(())
    }
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 18] = [
        Self::Capture,
        Self::Read,
        Self::TypeMyself,
        Self::Confirm,
        Self::Book,
        Self::Unbook,
        Self::Enqueue,
        Self::LeaveQueue,
        Self::Accept,
        Self::Requeue,
        Self::LoseCall,
        Self::HangUp,
        Self::Approve,
        Self::Reject,
        Self::Redo,
        Self::CallAgain,
        Self::BreakOff,
        Self::Expire,
    ];

    /// Its line in the timeline, past tense.
    pub fn event(self) -> &'static str {
        match self {
            Self::Capture => "capture.accepted",
            Self::Read => "document.read",
            Self::TypeMyself => "document.typed",
            Self::Confirm => "details.confirmed",
            Self::Book => "booking.made",
            Self::Unbook => "booking.ended",
            Self::Enqueue => "ticket.enqueued",
            Self::LeaveQueue => "ticket.left",
            Self::Accept => "ticket.accepted",
            Self::Requeue => "ticket.requeued",
            Self::LoseCall => "call.lost",
            Self::HangUp => "call.hung_up",
            Self::Approve => "decision.approved",
            Self::Reject => "decision.rejected",
            Self::Redo => "decision.redo",
            Self::CallAgain => "decision.call_again",
            Self::BreakOff => "decision.aborted",
            Self::Expire => "application.expired",
        }
    }
}

/// A reference for the phone from 5 random bytes: no letters that look or sound alike (Crockford's base 32).
pub(super) fn reference(random: [u8; 5]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let number = random.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let letters: String = (0..8).rev().map(|at| char::from(ALPHABET[usize::try_from(number >> (at * 5) & 31).unwrap_or(0)])).collect();
    format!("VX-{}-{}", &letters[..4], &letters[4..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use State as S;

    fn allowed(state: State) -> Vec<(Step, State)> {
        Step::ALL.into_iter().filter_map(|step| state.after(step).ok().map(|next| (step, next))).collect()
    }

    #[test]
    fn every_state_knows_exactly_its_steps() {
        for state in State::ALL {
            let wanted: Vec<(Step, State)> = match state {
                S::Draft | S::Redo => vec![(Step::Capture, S::Captured), (Step::TypeMyself, S::Read), (Step::Expire, S::Expired)],
                S::Captured => vec![(Step::Capture, S::Captured), (Step::Read, S::Read), (Step::TypeMyself, S::Read), (Step::Expire, S::Expired)],
                S::Read => vec![(Step::Capture, S::Captured), (Step::TypeMyself, S::Read), (Step::Confirm, S::Confirmed), (Step::Expire, S::Expired)],
                S::Confirmed => vec![(Step::Book, S::Booked), (Step::Enqueue, S::Waiting), (Step::Expire, S::Expired)],
                S::Booked => vec![(Step::Book, S::Booked), (Step::Unbook, S::Confirmed), (Step::Enqueue, S::Waiting)],
                S::Waiting => vec![(Step::LeaveQueue, S::Confirmed), (Step::Accept, S::InCall)],
                S::InCall => vec![
                    (Step::Requeue, S::Waiting),
                    (Step::LoseCall, S::Confirmed),
                    (Step::HangUp, S::Called),
                    (Step::Approve, S::Approved),
                    (Step::Reject, S::Rejected),
                    (Step::Redo, S::Redo),
                    (Step::CallAgain, S::Confirmed),
                    (Step::BreakOff, S::Confirmed),
                ],
                S::Called => vec![
                    (Step::Approve, S::Approved),
                    (Step::Reject, S::Rejected),
                    (Step::Redo, S::Redo),
                    (Step::CallAgain, S::Confirmed),
                    (Step::BreakOff, S::Confirmed),
                ],
                S::Approved | S::Rejected | S::Expired => vec![],
            };
            assert_eq!(allowed(state), wanted, "steps of {state:?}");
        }
    }

    #[test]
    fn names_read_back() {
        for state in State::ALL {
            assert_eq!(state.name().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).expect("serialises"), state.name());
        }
    }

    #[test]
    fn references_are_sayable() {
        assert_eq!(reference([0; 5]), "VX-0000-0000");
        assert_eq!(reference([255; 5]), "VX-ZZZZ-ZZZZ");
    }
}
