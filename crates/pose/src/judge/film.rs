//! A whole film: one with known prompts, and one of which only the order is known.

use super::{Baseline, Judge, Outcome, Pose, Reason, Rules, Sample};

/// One frame of a film.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shot {
    /// It was measured.
    Measured(Sample),
    /// It went by; only its fingerprint is known.
    Passed {
        /// Its moment.
        at_ms: i64,
        /// Its fingerprint.
        fingerprint: u64,
    },
}

/// What was asked, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompt {
    /// What.
    pub pose: Pose,
    /// The moment, on the line of the samples.
    pub at_ms: i64,
}

/// What a film shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Film {
    /// The person's own front as last calibrated.
    pub baseline: Option<Baseline>,
    /// One for each prompt or expected pose, in order.
    pub outcomes: Vec<Outcome>,
}

impl Film {
    /// Whether every step passed, and there was one.
    pub fn is_passed(&self) -> bool {
        !self.outcomes.is_empty() && self.outcomes.iter().all(Outcome::is_passed)
    }

    /// A hint only: the first step that failed showed the mirror image of what was asked, so the camera may mirror.
    pub fn looks_mirrored(&self) -> bool {
        let first = self.outcomes.iter().find_map(|outcome| Some((outcome.pose, outcome.reason?)));
        matches!(first, Some((pose, Reason::WrongDirection(shown))) if shown == pose.mirrored())
    }
}

impl Shot {
    /// The same shot on a line that begins `ms` earlier.
    #[must_use]
    pub fn later(self, ms: i64) -> Self {
        match self {
            Self::Measured(sample) => Self::Measured(Sample { at_ms: sample.at_ms + ms, ..sample }),
            Self::Passed { at_ms, fingerprint } => Self::Passed { at_ms: at_ms + ms, fingerprint },
        }
    }

    fn at_ms(&self) -> i64 {
        match self {
            Self::Measured(sample) => sample.at_ms,
            Self::Passed { at_ms, .. } => *at_ms,
        }
    }

    fn show(&self, judge: &mut Judge) -> Option<Outcome> {
        match self {
            Self::Measured(sample) => judge.take(sample),
            Self::Passed { at_ms, fingerprint } => {
                judge.pass_by(*at_ms, *fingerprint);
                None
            }
        }
    }
}

/// Judges a recording: each prompt until it is decided or the next one comes. `prompts` and `shots` rise; shots may be
/// missing between steps.
pub fn recheck(rules: Rules, prompts: &[Prompt], shots: &[Shot]) -> Film {
    let mut judge = Judge::new(rules);
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(prompts.len());
    let (mut coming, mut is_open) = (prompts.iter().peekable(), false);
    for shot in shots {
        while let Some(prompt) = coming.next_if(|prompt| prompt.at_ms <= shot.at_ms()) {
            outcomes.extend(judge.end().filter(|_| is_open));
            judge.prompt(prompt.pose, Some(prompt.at_ms));
            is_open = true;
        }
        if let Some(outcome) = shot.show(&mut judge) {
            outcomes.push(outcome);
            is_open = false;
        } else if !is_open {
            note_return(&mut outcomes, &judge);
        }
    }
    outcomes.extend(judge.end().filter(|_| is_open));
    outcomes.extend(coming.map(|prompt| Outcome::failed(prompt.pose, Some(prompt.at_ms), Reason::TooSparse)));
    Film { baseline: judge.baseline().copied(), outcomes }
}

/// Judges a film whose prompts nobody noted: the poses of `order` one after the other, the front before and between them.
/// Nothing is said about when movements started, because nobody knows when they were asked for.
pub fn unprompted(rules: Rules, order: &[Pose], shots: &[Shot]) -> Film {
    if order.first() == Some(&Pose::Frontal) {
        return in_order(rules, order, shots);
    }
    // The front comes first whether it is asked for or not; where it fails, the first step does.
    let whole: Vec<Pose> = std::iter::once(Pose::Frontal).chain(order.iter().copied()).collect();
    let mut film = in_order(rules, &whole, shots);
    let front = film.outcomes.remove(0);
    if let (Some(first), Some(reason)) = (film.outcomes.first_mut(), front.reason) {
        first.reason = Some(reason);
    }
    film
}

fn in_order(rules: Rules, order: &[Pose], shots: &[Shot]) -> Film {
    let mut judge = Judge::new(rules);
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(order.len());
    let (mut coming, mut is_open) = (order.iter(), false);
    for shot in shots {
        if !is_open {
            match next_pose(&judge, &mut outcomes, &mut coming, shot.at_ms(), &rules) {
                Next::Prompt(pose) => {
                    judge.prompt(pose, None);
                    is_open = true;
                }
                Next::NotYet => {}
                Next::Over => break,
            }
        }
        if let Some(outcome) = shot.show(&mut judge) {
            is_open = false;
            outcomes.push(outcome);
            if !outcome.is_passed() {
                break;
            }
        } else if !is_open {
            note_return(&mut outcomes, &judge);
        }
    }
    outcomes.extend(judge.end().filter(|_| is_open));
    outcomes.extend(order.iter().skip(outcomes.len()).map(|pose| Outcome::failed(*pose, None, Reason::NotReached)).collect::<Vec<_>>());
    Film { baseline: judge.baseline().copied(), outcomes }
}

enum Next {
    Prompt(Pose),
    /// The head is not back at the front.
    NotYet,
    Over,
}

fn next_pose(judge: &Judge, outcomes: &mut [Outcome], coming: &mut std::slice::Iter<'_, Pose>, at_ms: i64, rules: &Rules) -> Next {
    let last = outcomes.last_mut().filter(|last| last.pose != Pose::Frontal);
    let is_back = last.is_none() || judge.front_since().is_some_and(|since| at_ms - since >= rules.return_ms);
    if is_back {
        return coming.next().map_or(Next::Over, |pose| Next::Prompt(*pose));
    }
    if let Some(last) = last.filter(|last| last.held_ms.is_some_and(|held| at_ms - held > rules.timeout_ms)) {
        last.reason = Some(Reason::NotReturned);
        return Next::Over;
    }
    Next::NotYet
}

fn note_return(outcomes: &mut [Outcome], judge: &Judge) {
    if let Some(last) = outcomes.last_mut().filter(|last| last.returned_ms.is_none()) {
        last.returned_ms = judge.front_since();
    }
}
