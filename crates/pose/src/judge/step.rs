//! One step: from the prompt to its outcome.

use super::{
    Outcome, Pose, Quality, Reason, Rules,
    calibration::{Baseline, Calibration, median},
    watch::Watch,
};
use crate::Face;

/// From this share of the way on a movement is under way; it started at the last sample below.
const UNDER_WAY: f32 = 0.2;
/// A movement that goes from below the first to beyond the second share within one sample did not pass through between.
const JUMP: (f32, f32) = (0.15, 0.85);
/// Samples farther apart than this may miss what lies between.
const JUMP_MS: i64 = 150;
/// How long the way to the pose is remembered.
const REMEMBERED_MS: i64 = 4_000;
/// A movement was shown before when at least this share of its pictures was, and there are enough of them to say so.
const REPEATED: (f32, usize) = (0.8, 5);

#[derive(Debug, Clone, Copy)]
struct Point {
    at_ms: i64,
    along: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// The head is still turned: it takes up the front first.
    AwaitingFront,
    /// At the front, or on the way.
    Ready,
    /// Entered at this moment, kept until that one.
    Holding { since: i64, last: i64 },
}

/// An open step.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) pose: Pose,
    prompt_ms: Option<i64>,
    phase: Phase,
    /// What was seen along the direction since the front, the front's last point first.
    way: Vec<Point>,
    /// Another direction and since when.
    wrong: Option<(Pose, i64)>,
    several_since: Option<i64>,
    frozen_since: Option<i64>,
    /// How often each flaw was seen.
    flaws: Vec<(Reason, u32)>,
    good: u32,
    /// Scores, widths and lumas of those samples, added up.
    seen: [f32; 3],
    last_ms: Option<i64>,
    peak: f32,
}

type Seen = Result<Face, Reason>;

impl Step {
    pub(super) fn new(pose: Pose, prompt_ms: Option<i64>) -> Self {
        Self {
            pose,
            prompt_ms,
            phase: Phase::AwaitingFront,
            way: Vec::new(),
            wrong: None,
            several_since: None,
            frozen_since: None,
            flaws: Vec::new(),
            good: 0,
            seen: [0.0; 3],
            last_ms: None,
            peak: 0.0,
        }
    }

    /// The step "look straight ahead".
    pub(super) fn calibrate(&mut self, at_ms: i64, seen: Seen, front: &Calibration, watch: &mut Watch, rules: &Rules) -> Option<Outcome> {
        if let Some(outcome) = self.look(at_ms, seen, watch, rules) {
            return Some(outcome);
        }
        let baseline = front.baseline(rules)?;
        let since = baseline.at_ms - rules.calibration_ms;
        Some(Outcome { started_ms: Some(since), entered_ms: Some(since), held_ms: Some(at_ms), returned_ms: Some(at_ms), ..self.outcome(None) })
    }

    /// The step of a direction.
    pub(super) fn take(&mut self, at_ms: i64, seen: Seen, baseline: Option<&Baseline>, watch: &mut Watch, rules: &Rules) -> Option<Outcome> {
        if let Some(outcome) = self.look(at_ms, seen, watch, rules) {
            return Some(outcome);
        }
        let (Ok(face), Some(baseline)) = (seen, baseline) else { return None };
        let (yaw, pitch) = baseline.off(&face);
        if self.is_elsewhere(at_ms, yaw, pitch, rules) {
            return Some(self.outcome(self.wrong.map(|(pose, _)| Reason::WrongDirection(pose))));
        }
        let (along, beside) = self.pose.along(yaw, pitch);
        self.peak = self.peak.max(along);
        self.go_on(at_ms, along, beside, rules);
        match self.phase {
            Phase::Holding { since, last } if last - since >= rules.dwell_ms => Some(self.held(since, at_ms, watch, rules)),
            _ => None,
        }
    }

    /// No more samples will come.
    pub(super) fn given_up(self, is_calibrated: bool) -> Outcome {
        let reason = if self.good == 0 && self.flaws.is_empty() {
            Reason::TooSparse
        } else if !is_calibrated && self.pose != Pose::Frontal {
            self.mostly().unwrap_or(Reason::NotCalibrated)
        } else {
            self.mostly().unwrap_or(Reason::NotSeen)
        };
        self.outcome(Some(reason))
    }

    pub(super) fn progress(&self, front: &Calibration, rules: &Rules) -> f32 {
        match self.phase {
            _ if self.pose == Pose::Frontal => front.progress(rules),
            Phase::Holding { since, last } => ((last - since) as f32 / rules.dwell_ms.max(1) as f32).min(1.0),
            _ => 0.0,
        }
    }

    /// What fails a step whatever it asks for.
    fn look(&mut self, at_ms: i64, seen: Seen, watch: &mut Watch, rules: &Rules) -> Option<Outcome> {
        self.last_ms = Some(at_ms);
        match seen {
            Ok(face) => {
                self.good += 1;
                self.seen = [self.seen[0] + face.score, self.seen[1] + face.width, self.seen[2] + face.luma];
            }
            Err(flaw) => self.note(flaw),
        }
        self.several_since = (seen == Err(Reason::SeveralFaces)).then(|| self.several_since.unwrap_or(at_ms));
        self.frozen_since = (seen == Err(Reason::Frozen)).then(|| self.frozen_since.unwrap_or(at_ms));
        let lasts = |since: Option<i64>, limit: i64| since.is_some_and(|since| at_ms - since >= limit);
        let reason = if let Some(broken) = watch.broken.take() {
            // Before the front is known there is nobody to be mistaken for.
            (self.pose != Pose::Frontal).then_some(broken)
        } else if lasts(self.several_since, rules.several_ms) {
            Some(Reason::SeveralFaces)
        } else if lasts(self.frozen_since, rules.frozen_ms) {
            Some(Reason::Frozen)
        } else if self.prompt_ms.is_some_and(|prompt| at_ms - prompt > rules.timeout_ms) {
            Some(self.mostly().unwrap_or(Reason::NotSeen))
        } else {
            None
        };
        reason.map(|reason| self.outcome(Some(reason)))
    }

    fn go_on(&mut self, at_ms: i64, along: f32, beside: f32, rules: &Rules) {
        let is_front = along.abs() < rules.front && beside < rules.front;
        let is_beside = beside < rules.beside;
        self.phase = match self.phase {
            Phase::AwaitingFront if is_front => Phase::Ready,
            Phase::AwaitingFront => return,
            Phase::Ready if along >= rules.enter && is_beside => Phase::Holding { since: at_ms, last: at_ms },
            Phase::Ready => Phase::Ready,
            Phase::Holding { since, last } if along >= rules.keep && is_beside && at_ms - last <= rules.gap_ms => Phase::Holding { since, last: at_ms },
            Phase::Holding { .. } if along >= rules.enter && is_beside => Phase::Holding { since: at_ms, last: at_ms },
            Phase::Holding { .. } => Phase::Ready,
        };
        if !matches!(self.phase, Phase::Holding { .. }) {
            self.way.retain(|point| at_ms - point.at_ms <= REMEMBERED_MS);
        }
        self.way.push(Point { at_ms, along });
    }

    /// Whether another direction has been held for too long.
    fn is_elsewhere(&mut self, at_ms: i64, yaw: f32, pitch: f32, rules: &Rules) -> bool {
        let is_at = |pose: Pose, from: f32| {
            let (along, beside) = pose.along(yaw, pitch);
            along >= from && beside < rules.beside
        };
        self.wrong = match self.wrong {
            Some((pose, since)) if is_at(pose, rules.keep) => Some((pose, since)),
            _ => Pose::DIRECTIONS.into_iter().find(|pose| *pose != self.pose && is_at(*pose, rules.enter)).map(|pose| (pose, at_ms)),
        };
        // A head that has not come back yet from the step before is not blamed for that.
        self.wrong = self.wrong.filter(|_| self.phase != Phase::AwaitingFront);
        self.wrong.is_some_and(|(_, since)| at_ms - since > rules.wrong_ms)
    }

    /// The dwell is done: whether it came about as movements do.
    fn held(&self, since: i64, at_ms: i64, watch: &Watch, rules: &Rules) -> Outcome {
        let dwelt = median(self.way.iter().filter(|point| point.at_ms >= since).map(|point| point.along));
        let before: Vec<&Point> = self.way.iter().filter(|point| point.at_ms <= since).collect();
        let started = before.iter().rev().find(|point| point.along < UNDER_WAY * dwelt).or(before.first()).map_or(since, |point| point.at_ms);
        let reason = if let Some(prompt) = self.prompt_ms
            && started - prompt < rules.earliest_ms
        {
            Some(Reason::TooEarly)
        } else if self.prompt_ms.is_some_and(|prompt| started - prompt > rules.latest_ms) {
            Some(Reason::TooLate)
        } else if self.has_jumped(dwelt) {
            Some(Reason::Jumped)
        } else if watch.was_shown(started, REPEATED) {
            Some(Reason::Repeated)
        } else {
            None
        };
        Outcome { started_ms: Some(started), entered_ms: Some(since), held_ms: Some(at_ms), ..self.outcome(reason) }
    }

    fn has_jumped(&self, dwelt: f32) -> bool {
        self.way.iter().zip(self.way.iter().skip(1)).any(|(a, b)| a.along < JUMP.0 * dwelt && b.along > JUMP.1 * dwelt && b.at_ms - a.at_ms <= JUMP_MS)
    }

    /// The flaw that more than half of the samples have.
    fn mostly(&self) -> Option<Reason> {
        let all = self.good + self.flaws.iter().map(|(_, count)| count).sum::<u32>();
        let (reason, _) = self.flaws.iter().max_by_key(|(_, count)| *count)?;
        (self.good * 2 < all).then_some(*reason)
    }

    fn note(&mut self, flaw: Reason) {
        match self.flaws.iter_mut().find(|(known, _)| *known == flaw) {
            Some((_, count)) => *count += 1,
            None => self.flaws.push((flaw, 1)),
        }
    }

    fn outcome(&self, reason: Option<Reason>) -> Outcome {
        let count = self.good as f32;
        let quality = (self.good > 0).then(|| self.seen.map(|sum| sum / count)).map(|[score, width, luma]| Quality { score, width, luma });
        Outcome { peak: self.peak, quality, reason, ..Outcome::failed(self.pose, self.prompt_ms, Reason::NotSeen) }
    }
}
