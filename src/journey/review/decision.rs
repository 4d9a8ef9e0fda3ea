//! Which reasons belong to which outcome, and what a decision must carry. Pure.

use super::wire::{Decide, Outcome};
use crate::{
    base::Pii,
    journey::checks::wire::FourEyes,
    registry::dossier::{State, Step},
};

/// Longest note, in characters.
const NOTE_CHARACTERS: usize = 2000;

const APPROVE: [&str; 1] = ["all_checks_passed"];
const REJECT: [&str; 5] = ["person_mismatch", "document_invalid", "suspected_fraud", "checks_failed", "other"];
const REDO: [&str; 5] = ["document_unreadable", "poor_connection", "customer_request", "details_wrong", "other"];

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Reject, Self::Redo];

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Redo => "redo",
        }
    }

    /// The coded reasons it may have.
    pub fn reasons(self) -> &'static [&'static str] {
        match self {
            Self::Approve => &APPROVE,
            Self::Reject => &REJECT,
            Self::Redo => &REDO,
        }
    }

    /// The step of the file it is.
    pub fn step(self) -> Step {
        match self {
            Self::Approve => Step::Approve,
            Self::Reject => Step::Reject,
            Self::Redo => Step::Redo,
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == text).ok_or(())
    }
}

/// A decision that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// What.
    pub outcome: Outcome,
    /// Coded reason, one of the outcome's.
    pub reason: &'static str,
    /// Free text, trimmed, never empty.
    pub note: Option<Pii<String>>,
}

/// What is missing from a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incomplete {
    /// No reason of this outcome.
    Reason,
    /// `other` needs words.
    NoteMissing,
    /// Too many words.
    NoteTooLong,
}

/// Reads a decision.
pub(super) fn ruling(decide: &Decide) -> Result<Ruling, Incomplete> {
    let reason = decide.outcome.reasons().iter().find(|reason| **reason == decide.reason).ok_or(Incomplete::Reason)?;
    let note = decide.note.as_ref().map(|note| note.expose().trim()).filter(|note| !note.is_empty());
    match note {
        None if *reason == "other" => Err(Incomplete::NoteMissing),
        Some(note) if note.chars().count() > NOTE_CHARACTERS => Err(Incomplete::NoteTooLong),
        note => Ok(Ruling { outcome: decide.outcome, reason, note: note.map(|note| Pii::new(note.to_owned())) }),
    }
}

/// Whether an approval with these flags counts only when a second person agrees.
pub(super) fn needs_second(four_eyes: FourEyes, flags: &[String]) -> bool {
    match four_eyes {
        FourEyes::Never => false,
        FourEyes::Flagged => !flags.is_empty(),
        FourEyes::Always => true,
    }
}

/// Whether a file in this state waits for a decision.
pub(super) fn is_undecided(state: State) -> bool {
    matches!(state, State::InCall | State::Called)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(outcome: Outcome, reason: &str, note: Option<&str>) -> Decide {
        Decide { outcome, reason: reason.to_owned(), note: note.map(|note| Pii::new(note.to_owned())) }
    }

    #[test]
    fn every_outcome_takes_exactly_its_reasons() {
        let all = [
            "all_checks_passed",
            "person_mismatch",
            "document_invalid",
            "suspected_fraud",
            "checks_failed",
            "other",
            "document_unreadable",
            "poor_connection",
            "customer_request",
            "details_wrong",
            "because",
            "",
        ];
        for outcome in Outcome::ALL {
            for reason in all {
                let ok = ruling(&decide(outcome, reason, Some("words"))).is_ok();
                assert_eq!(ok, outcome.reasons().contains(&reason), "{outcome:?} {reason}");
            }
            assert_eq!(outcome.name().parse(), Ok(outcome));
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.name());
        }
    }

    #[test]
    fn other_needs_words_and_words_have_an_end() {
        assert_eq!(ruling(&decide(Outcome::Reject, "other", None)), Err(Incomplete::NoteMissing));
        assert_eq!(ruling(&decide(Outcome::Redo, "other", Some("  \n"))), Err(Incomplete::NoteMissing));
        assert_eq!(ruling(&decide(Outcome::Redo, "other", Some(&"ă".repeat(2001)))), Err(Incomplete::NoteTooLong));
        let filed = ruling(&decide(Outcome::Redo, "other", Some(" the lamp failed "))).unwrap();
        assert_eq!(filed.note.unwrap().expose(), "the lamp failed");
        assert_eq!(ruling(&decide(Outcome::Approve, "all_checks_passed", Some(" "))).unwrap().note, None);
    }

    #[test]
    fn the_second_person_comes_as_the_profile_says() {
        let flagged = ["left_out".to_owned()];
        for (four_eyes, without, with) in [(FourEyes::Never, false, false), (FourEyes::Flagged, false, true), (FourEyes::Always, true, true)] {
            assert_eq!((needs_second(four_eyes, &[]), needs_second(four_eyes, &flagged)), (without, with), "{four_eyes:?}");
        }
    }

    #[test]
    fn only_a_call_or_its_end_waits_for_a_decision() {
        let undecided: Vec<State> = State::ALL.into_iter().filter(|state| is_undecided(*state)).collect();
        assert_eq!(undecided, [State::InCall, State::Called]);
        for state in State::ALL {
            for outcome in Outcome::ALL {
                assert_eq!(state.after(outcome.step()).is_ok(), is_undecided(state));
            }
        }
    }
}
