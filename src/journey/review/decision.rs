//! Which reasons belong to which outcome, and what a decision must carry. Pure.

use super::wire::{Decide, Outcome};
use crate::{
    base::Pii,
    engine::document::Side,
    journey::checks::wire::{CheckKind, FourEyes},
    registry::dossier::{State, Step},
};

/// Longest note, in characters.
const NOTE_CHARACTERS: usize = 2000;

const APPROVE: [&str; 1] = ["all_checks_passed"];
const REJECT: [&str; 5] = ["person_mismatch", "document_invalid", "suspected_fraud", "checks_failed", "other"];
const REDO: [&str; 6] = ["document_unreadable", "poor_connection", "customer_request", "details_wrong", "check_unclear", "other"];
pub(super) const SUSPECT: [&str; 5] = ["forged_document", "impersonation", "injected_video", "coached", "other"];
const ABORT: [&str; 7] = ["light", "picture", "sound", "connection", "customer_left", "customer_request", "other"];

/// Flags that want a second person whatever the rule profile says.
const RISKS: [&str; 2] = ["fraud_suspected", "on_negative_list"];
/// Flags that people see and that make nobody wait.
const ADVICE: [&str; 2] = ["camera_hints", "face_apart"];

/// The one thing a customer is to do again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedoItem {
    /// The photograph of this side.
    Photo(Side),
    /// The form.
    Details,
    /// This check, in another call.
    Check(CheckKind),
}

impl RedoItem {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Photo(Side::Front) => "photo_front",
            Self::Photo(Side::Back) => "photo_back",
            Self::Details => "details",
            Self::Check(kind) => kind.name(),
        }
    }
}

impl std::str::FromStr for RedoItem {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "photo_front" => Ok(Self::Photo(Side::Front)),
            "photo_back" => Ok(Self::Photo(Side::Back)),
            "details" => Ok(Self::Details),
            other => other.parse().map(Self::Check),
        }
    }
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Approve, Self::Reject, Self::Redo, Self::Suspect, Self::Abort];

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Redo => "redo",
            Self::Suspect => "suspect",
            Self::Abort => "abort",
        }
    }

    /// The coded reasons it may have.
    pub fn reasons(self) -> &'static [&'static str] {
        match self {
            Self::Approve => &APPROVE,
            Self::Reject => &REJECT,
            Self::Redo => &REDO,
            Self::Suspect => &SUSPECT,
            Self::Abort => &ABORT,
        }
    }

    /// Whether it identifies nobody, so that the person's tries are counted.
    pub fn is_try(self) -> bool {
        matches!(self, Self::Reject | Self::Redo | Self::Abort)
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
    /// The one thing to be done again.
    pub item: Option<RedoItem>,
    /// Free text, trimmed, never empty.
    pub note: Option<Pii<String>>,
}

impl Ruling {
    /// The step of the file it is; a suspicion moves nothing.
    pub fn step(&self) -> Option<Step> {
        match (self.outcome, self.item) {
            (Outcome::Approve, _) => Some(Step::Approve),
            (Outcome::Reject, _) => Some(Step::Reject),
            (Outcome::Redo, Some(RedoItem::Check(_))) => Some(Step::CallAgain),
            (Outcome::Redo, _) => Some(Step::Redo),
            (Outcome::Abort, _) => Some(Step::BreakOff),
            (Outcome::Suspect, _) => None,
        }
    }
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
    /// No such thing to be done again, or not with this outcome.
    Item,
    /// A second person cannot say this.
    Outcome,
}

/// Reads a decision.
pub(super) fn ruling(decide: &Decide) -> Result<Ruling, Incomplete> {
    let reason = decide.outcome.reasons().iter().find(|reason| **reason == decide.reason).ok_or(Incomplete::Reason)?;
    let note = decide.note.as_ref().map(|note| note.expose().trim()).filter(|note| !note.is_empty());
    let item = decide.item.as_deref().map(str::parse::<RedoItem>).transpose().map_err(|()| Incomplete::Item)?;
    if item.is_some() && decide.outcome != Outcome::Redo {
        return Err(Incomplete::Item);
    }
    match note {
        None if *reason == "other" => Err(Incomplete::NoteMissing),
        Some(note) if note.chars().count() > NOTE_CHARACTERS => Err(Incomplete::NoteTooLong),
        note => Ok(Ruling { outcome: decide.outcome, reason, item, note: note.map(|note| Pii::new(note.to_owned())) }),
    }
}

/// Whether an approval with these flags counts only when a second person agrees.
pub(super) fn needs_second(four_eyes: FourEyes, flags: &[String]) -> bool {
    let any = |of: &[&str]| flags.iter().any(|flag| of.contains(&flag.as_str()));
    match four_eyes {
        FourEyes::Never => any(&RISKS),
        FourEyes::Flagged => flags.iter().any(|flag| !ADVICE.contains(&flag.as_str())),
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
        Decide { outcome, reason: reason.to_owned(), item: None, note: note.map(|note| Pii::new(note.to_owned())) }
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
            "check_unclear",
            "forged_document",
            "impersonation",
            "injected_video",
            "coached",
            "light",
            "picture",
            "sound",
            "connection",
            "customer_left",
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
            assert!(needs_second(four_eyes, &["fraud_suspected".to_owned()]) && needs_second(four_eyes, &["on_negative_list".to_owned()]));
            assert_eq!(needs_second(four_eyes, &["camera_hints".to_owned()]), four_eyes == FourEyes::Always, "a hint is only a hint");
        }
    }

    #[test]
    fn only_a_call_or_its_end_waits_for_a_decision() {
        let undecided: Vec<State> = State::ALL.into_iter().filter(|state| is_undecided(*state)).collect();
        assert_eq!(undecided, [State::InCall, State::Called]);
        for state in State::ALL {
            for outcome in Outcome::ALL {
                for item in [None, Some(RedoItem::Details), Some(RedoItem::Check(CheckKind::Left))] {
                    let ruling = Ruling { outcome, reason: "other", item, note: None };
                    assert_eq!(ruling.step().is_some_and(|step| state.after(step).is_ok()), is_undecided(state) && outcome != Outcome::Suspect);
                }
            }
        }
    }

    #[test]
    fn only_a_redo_names_one_thing_and_only_one_there_is() {
        let with = |outcome, item: &str| ruling(&Decide { item: Some(item.to_owned()), ..decide(outcome, "other", Some("words")) }).map(|ruling| ruling.item);
        for name in ["photo_front", "photo_back", "details", "left", "document_tilt", "code"] {
            assert_eq!(with(Outcome::Redo, name).map(|item| item.map(RedoItem::name)), Ok(Some(name)));
            assert_eq!(with(Outcome::Reject, name), Err(Incomplete::Item));
        }
        assert_eq!(with(Outcome::Redo, "everything"), Err(Incomplete::Item));
    }
}
