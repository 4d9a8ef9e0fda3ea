//! Which check may be asked, how one may be judged, what is still missing. Pure.

use super::wire::{CheckKind, CheckState, MeasuredVerdict};

/// Why a check failed or was left out, in coded words.
pub const REASONS: [&str; 5] = ["not_followed", "not_visible", "cannot", "technical", "declined"];

/// Why an agent asks for something that was not drawn, in coded words.
pub const CHOICES: [&str; 3] = ["leave_out", "customer_need", "technical"];

impl CheckKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Frontal,
        Self::Left,
        Self::Right,
        Self::Up,
        Self::Down,
        Self::Hand,
        Self::Digits,
        Self::DocumentTilt,
        Self::DocumentCover,
        Self::DocumentNumber,
        Self::Code,
        Self::Questions,
        Self::Location,
    ];
    /// The movements of the head.
    pub const MOVEMENTS: [Self; 4] = [Self::Left, Self::Right, Self::Up, Self::Down];

    /// Whether it is a movement of the head.
    pub fn is_movement(self) -> bool {
        Self::MOVEMENTS.contains(&self)
    }

    /// Whether it is measured in the picture.
    pub fn is_measured(self) -> bool {
        self == Self::Frontal || self.is_movement()
    }

    /// Whether it is over in a moment that both ends have to see: what is typed, answered or taken by the browser is kept
    /// whoever looks away.
    pub fn is_watched(self) -> bool {
        !matches!(self, Self::Code | Self::Questions | Self::Location)
    }

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frontal => "frontal",
            Self::Left => "left",
            Self::Right => "right",
            Self::Up => "up",
            Self::Down => "down",
            Self::Hand => "hand",
            Self::Digits => "digits",
            Self::DocumentTilt => "document_tilt",
            Self::DocumentCover => "document_cover",
            Self::DocumentNumber => "document_number",
            Self::Code => "code",
            Self::Questions => "questions",
            Self::Location => "location",
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

#[cfg(test)]
mod tests {
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
}
