//! Which check may be asked, how one may be judged, what is still missing. Pure.

use super::wire::{CheckKind, CheckState, MeasuredVerdict};

/// Why a check failed or was left out, in coded words.
pub const REASONS: [&str; 4] = ["not_followed", "not_visible", "cannot", "technical"];

impl CheckKind {
    /// Every kind, in the order an agent is led.
    pub const ALL: [Self; 5] = [Self::Frontal, Self::Left, Self::Right, Self::Up, Self::Down];

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frontal => "frontal",
            Self::Left => "left",
            Self::Right => "right",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl std::str::FromStr for CheckKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(())
    }
}

impl CheckState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Passed, Self::Failed, Self::Skipped];

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// The state after the agent's verdict: only an asked check is judged, only by one of the three verdicts, and what
    /// is not passed needs a coded reason.
    pub fn judged(self, verdict: Self, reason: Option<&str>) -> Result<Self, Unjudgeable> {
        if self != Self::Asked {
            return Err(Unjudgeable::Over);
        }
        match (verdict, reason) {
            (Self::Passed, None) => Ok(Self::Passed),
            (Self::Failed | Self::Skipped, Some(reason)) if REASONS.contains(&reason) => Ok(verdict),
            _ => Err(Unjudgeable::Verdict),
        }
    }
}

impl std::str::FromStr for CheckState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or(())
    }
}

impl MeasuredVerdict {
    const ALL: [Self; 3] = [Self::Passed, Self::Failed, Self::Unclear];

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Unclear => "unclear",
        }
    }

    /// Whether it contradicts the agent's verdict and its reason. What was left out, or failed for the line's sake,
    /// contradicts nothing.
    pub fn disagrees(self, agent: CheckState, reason: Option<&str>) -> bool {
        match (self, agent) {
            (Self::Failed, CheckState::Passed) => true,
            (Self::Passed, CheckState::Failed) => reason == Some("not_followed"),
            _ => false,
        }
    }
}

impl std::str::FromStr for MeasuredVerdict {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == text).ok_or(())
    }
}

/// Why a verdict is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unjudgeable {
    /// The check is no longer asked.
    Over,
    /// No verdict, or one without the reason it needs, or with one it must not have.
    Verdict,
}

/// Why a check may not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unaskable {
    /// Another one is asked just now.
    OneIsOpen,
    /// This kind is passed.
    Done,
}

/// Whether `kind` may be asked, given everything asked in the call so far. The order is free; what failed or was left
/// out may be asked again.
pub(super) fn may_ask(so_far: &[(CheckKind, CheckState)], kind: CheckKind) -> Result<(), Unaskable> {
    if so_far.iter().any(|(_, state)| *state == CheckState::Asked) {
        return Err(Unaskable::OneIsOpen);
    }
    if so_far.contains(&(kind, CheckState::Passed)) {
        return Err(Unaskable::Done);
    }
    Ok(())
}

/// The required kinds that are neither passed nor, as their last word, left out with a reason. `so_far` is in the
/// order of asking.
pub(super) fn missing(required: &[CheckKind], so_far: &[(CheckKind, CheckState)]) -> Vec<CheckKind> {
    let settled = |kind: CheckKind| {
        let last = so_far.iter().rev().find(|(other, _)| *other == kind).map(|(_, state)| *state);
        so_far.contains(&(kind, CheckState::Passed)) || last == Some(CheckState::Skipped)
    };
    required.iter().copied().filter(|kind| !settled(*kind)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use CheckKind as K;
    use CheckState as S;

    #[test]
    fn every_state_takes_exactly_its_verdicts() {
        for from in S::ALL {
            for verdict in S::ALL {
                for reason in [None, Some("cannot"), Some("because")] {
                    let wanted = match (from, verdict, reason) {
                        (S::Asked, S::Passed, None) | (S::Asked, S::Failed | S::Skipped, Some("cannot")) => Ok(verdict),
                        (S::Asked, ..) => Err(Unjudgeable::Verdict),
                        _ => Err(Unjudgeable::Over),
                    };
                    assert_eq!(from.judged(verdict, reason), wanted, "{from:?} {verdict:?} {reason:?}");
                }
            }
        }
    }

    #[test]
    fn one_at_a_time_and_done_once_passed() {
        assert_eq!(may_ask(&[], K::Up), Ok(()));
        assert_eq!(may_ask(&[(K::Left, S::Asked)], K::Up), Err(Unaskable::OneIsOpen));
        assert_eq!(may_ask(&[(K::Up, S::Passed)], K::Up), Err(Unaskable::Done));
        assert_eq!(may_ask(&[(K::Up, S::Failed)], K::Up), Ok(()));
        assert_eq!(may_ask(&[(K::Up, S::Skipped)], K::Up), Ok(()));
    }

    #[test]
    fn missing_is_what_is_neither_passed_nor_left_out_at_last() {
        assert_eq!(missing(&K::ALL, &[]), K::ALL);
        let so_far =
            [(K::Frontal, S::Failed), (K::Frontal, S::Passed), (K::Left, S::Skipped), (K::Right, S::Skipped), (K::Right, S::Failed), (K::Up, S::Asked)];
        assert_eq!(missing(&K::ALL, &so_far), [K::Right, K::Up, K::Down]);
        assert_eq!(missing(&[K::Frontal], &so_far), []);
    }

    #[test]
    fn only_opposite_verdicts_disagree() {
        use MeasuredVerdict as M;
        for agent in S::ALL {
            for (measured, reason, wanted) in [
                (M::Failed, None, agent == S::Passed),
                (M::Passed, Some("not_followed"), agent == S::Failed),
                (M::Passed, Some("technical"), false),
                (M::Unclear, None, false),
                (M::Unclear, Some("not_followed"), false),
            ] {
                assert_eq!(measured.disagrees(agent, reason), wanted, "{measured:?} {agent:?} {reason:?}");
            }
        }
        for verdict in M::ALL {
            assert_eq!(verdict.name().parse(), Ok(verdict));
        }
    }

    #[test]
    fn names_read_back() {
        for kind in K::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        for state in S::ALL {
            assert_eq!(state.name().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }

    proptest! {
        #[test]
        fn asking_and_judging_never_leaves_two_open_or_two_passed(steps in prop::collection::vec((0..5_usize, 0..3_usize, any::<bool>()), 0..60)) {
            let mut so_far: Vec<(K, S)> = Vec::new();
            for (kind, verdict, judge) in steps {
                if may_ask(&so_far, K::ALL[kind]).is_ok() {
                    so_far.push((K::ALL[kind], S::Asked));
                }
                if judge && let Some(open) = so_far.iter_mut().find(|(_, state)| *state == S::Asked) {
                    let (verdict, reason) = [(S::Passed, None), (S::Failed, Some("technical")), (S::Skipped, Some("cannot"))][verdict];
                    open.1 = open.1.judged(verdict, reason).unwrap();
                }
                prop_assert!(so_far.iter().filter(|(_, s)| *s == S::Asked).count() <= 1);
                for kind in K::ALL {
                    prop_assert!(so_far.iter().filter(|c| **c == (kind, S::Passed)).count() <= 1);
                }
            }
            for kind in missing(&K::ALL, &so_far) {
                prop_assert!(!so_far.contains(&(kind, S::Passed)));
            }
        }
    }
}
