//! The second reading: after the call a process that never saw the agent's verdict measures the customer's picture in the
//! recording around each check, and that verdict is filed beside the agent's. Where they contradict each other somebody
//! has to look: the file says so.

use serde_json::{Value, json};

use super::{
    Check, Measured, MeasuredVerdict, Noticed, hints, store,
    wire::{CheckKind, CheckState, EvidenceView, HintSource},
};
use crate::{
    base::{
        Ambient,
        db::{Db, DbError},
        id::CallId,
    },
    engine::{
        pose::{
            judge::{Baseline, Film, Outcome, Pose, Prompt, Reason, Rules, Shot, recheck},
            networks,
        },
        track::{ObserveError, Observer},
    },
    journey::{
        call::wire::CallPush,
        recording::{Footage, FootageError},
    },
    registry::{
        audit::Actor,
        dossier,
        outbox::{
            self, DomainEvent, Topic,
            jobs::{Handler, Job, JobError},
        },
    },
};

/// Name of the job; its subject is the call.
pub const MEASURE_CHECKS: &str = "measure_checks";

/// Milliseconds looked at before a prompt, so that the front is seen, and after the last moment a movement can end in.
const AROUND_MS: (i64, i64) = (1_500, 2_000);

/// Does the job [`MEASURE_CHECKS`].
pub struct MeasureChecks {
    ambient: Ambient,
    db: Db,
    footage: Footage,
    observer: Observer,
}

#[derive(Debug, thiserror::Error)]
enum MeasureError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Footage(#[from] FootageError),
    #[error(transparent)]
    Observe(#[from] ObserveError),
}

impl MeasureChecks {
    /// A handler that takes the customer's picture from `footage` and has it measured by `observer`.
    pub fn new(ambient: Ambient, db: Db, footage: Footage, observer: Observer) -> Self {
        Self { ambient, db, footage, observer }
    }

    async fn measure(&self, call: CallId, checks: &[Check]) -> Result<(), MeasureError> {
        let prompts = prompts(checks);
        let Some(made) = self.footage.of_customer(call).await? else {
            return Ok(self.file(checks, &unmeasured(checks, "no_picture")).await?);
        };
        let windows = windows(&prompts, made.offset_ms);
        let shots = self.observer.observe(made.file, &windows).await?;
        let shots: Vec<Shot> = shots.into_iter().map(|shot| shot.later(made.offset_ms)).collect();
        let film = recheck(Rules::default(), &prompts, &shots);
        tracing::info!(call.id = %call, checks = prompts.len(), pictures = shots.len(), passed = film.is_passed(), "the checks of a recording were measured");
        Ok(self.file(checks, &found(&film)).await?)
    }

    /// Files what was found, in the order of asking.
    async fn file(&self, checks: &[Check], found: &[Measured]) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        for (check, measured) in checks.iter().zip(found) {
            if !store::file_measured(&mut tx, check.id, measured, self.ambient.now()).await? {
                continue;
            }
            let measured = Check { measured: Some(measured.clone()), ..check.clone() };
            let view = measured.filed_view();
            if view.measured.as_ref().is_some_and(|measured| measured.disagrees) {
                let detail = json!({ "call": check.call, "check": check.id, "check_kind": check.kind, "media_ms": check.asked_media_ms });
                dossier::note(&mut tx, &self.ambient, check.dossier, Actor::System, "check.disputed", detail).await?;
            }
            outbox::push(&mut tx, &self.ambient, Topic::Staff(check.agent), &CallPush::CheckChanged { call_id: check.call, check: view, plan: None }).await?;
        }
        if let Some(check) = checks.first() {
            let noticed = Noticed { call: check.call, agent: check.agent, source: HintSource::Recording, media_ms: check.asked_media_ms };
            for code in noticed_in(checks, found) {
                hints::note(&mut tx, noticed, code, self.ambient.now()).await?;
            }
            outbox::event(&mut tx, &self.ambient, &DomainEvent::ChecksMeasured { call: check.call }).await?;
        }
        tx.commit().await
    }

    /// The call of a job and those of its checks that were tried.
    async fn checks(&self, job: &Job) -> Result<Option<(CallId, Vec<Check>)>, DbError> {
        let Ok(call) = job.subject.parse() else { return Ok(None) };
        let checks = store::of_call(&self.db, call).await?;
        let tried: Vec<Check> = checks.into_iter().filter(is_to_be_measured).collect();
        Ok(Some((call, tried)).filter(|(_, tried)| !tried.is_empty()))
    }
}

#[async_trait::async_trait]
impl Handler for MeasureChecks {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let Some((call, checks)) = self.checks(job).await? else { return Ok(()) };
        match self.measure(call, &checks).await {
            Ok(()) => Ok(()),
            Err(MeasureError::Db(error) | MeasureError::Footage(FootageError::Db(error))) => Err(error.into()),
            Err(error) => Err(JobError::Again(error.to_string())),
        }
    }

    async fn give_up(&self, job: &Job) -> Result<(), DbError> {
        match self.checks(job).await? {
            Some((_, checks)) => self.file(&checks, &unmeasured(&checks, "not_measured")).await,
            None => Ok(()),
        }
    }
}

fn prompts(checks: &[Check]) -> Vec<Prompt> {
    checks.iter().filter_map(|check| Some(Prompt { pose: pose(check.kind)?, at_ms: check.asked_media_ms })).collect()
}

fn is_to_be_measured(check: &Check) -> bool {
    matches!(check.state, CheckState::Passed | CheckState::Failed) && check.void_because.is_none() && check.kind.is_measured()
}

fn pose(kind: CheckKind) -> Option<Pose> {
    Some(match kind {
        CheckKind::Frontal => Pose::Frontal,
        CheckKind::Left => Pose::Left,
        CheckKind::Right => Pose::Right,
        CheckKind::Up => Pose::Up,
        CheckKind::Down => Pose::Down,
        CheckKind::Hand
        | CheckKind::Digits
        | CheckKind::DocumentTilt
        | CheckKind::DocumentCover
        | CheckKind::DocumentNumber
        | CheckKind::Code
        | CheckKind::Questions
        | CheckKind::Location => return None,
    })
}

/// Which milliseconds of the film are looked at: around each prompt until it is over or the next one comes.
fn windows(prompts: &[Prompt], offset_ms: i64) -> Vec<(i64, i64)> {
    let mut windows: Vec<(i64, i64)> = Vec::new();
    for prompt in prompts {
        let from = (prompt.at_ms - AROUND_MS.0 - offset_ms).max(0);
        let to = (prompt.at_ms + Rules::default().timeout_ms + AROUND_MS.1 - offset_ms).max(from);
        match windows.last_mut() {
            Some(last) if from <= last.1 => last.1 = to.max(last.1),
            _ => windows.push((from, to)),
        }
    }
    windows
}

fn found(film: &Film) -> Vec<Measured> {
    film.outcomes
        .iter()
        .map(|outcome| {
            let verdict = match outcome.reason {
                None => MeasuredVerdict::Passed,
                Some(reason) if reason.is_unclear() => MeasuredVerdict::Unclear,
                Some(_) => MeasuredVerdict::Failed,
            };
            Measured { verdict, detail: detail(outcome, film.baseline.as_ref()) }
        })
        .collect()
}

/// Figures and codes; milliseconds on the line of the recording.
fn detail(outcome: &Outcome, front: Option<&Baseline>) -> Value {
    let tenth = |value: f32| (f64::from(value) * 10.0).round() / 10.0;
    let hundredth = |value: f32| (f64::from(value) * 100.0).round() / 100.0;
    json!({
        "rules": Rules::VERSION,
        "networks": [networks::DETECTOR_SHA256, networks::MESH_SHA256],
        "reason": outcome.reason.map(Reason::code),
        "shown": outcome.reason.and_then(Reason::shown).map(Pose::name),
        "started_ms": outcome.started_ms, "entered_ms": outcome.entered_ms,
        "held_ms": outcome.held_ms, "returned_ms": outcome.returned_ms,
        "peak_deg": tenth(outcome.peak),
        "quality": outcome.quality.map(|seen| json!({ "score": hundredth(seen.score), "width": tenth(seen.width), "luma": tenth(seen.luma) })),
        "front": front.map(|front| json!({ "yaw": tenth(front.yaw), "pitch": tenth(front.pitch), "roll": tenth(front.roll) })),
    })
}

/// What the measured checks show of a picture that may not come from a camera.
fn noticed_in(checks: &[Check], found: &[Measured]) -> Vec<&'static str> {
    let reasons = || found.iter().filter_map(|measured| measured.detail["reason"].as_str());
    let started: Vec<i64> = checks
        .iter()
        .zip(found)
        .filter(|(check, measured)| check.kind.is_movement() && measured.verdict == MeasuredVerdict::Passed)
        .filter_map(|(check, measured)| Some(measured.detail["started_ms"].as_i64()? - check.asked_media_ms))
        .collect();
    let mut noticed = hints::reactions(&started);
    noticed.extend(reasons().any(|reason| reason == "repeated").then_some("frames_repeated"));
    noticed.extend(reasons().any(|reason| reason == "frozen").then_some("frames_frozen"));
    noticed
}

/// What was measured, for whoever looks at the file; none when nothing could be.
pub(super) fn evidence(detail: &Value) -> Option<EvidenceView> {
    detail.get("peak_deg").and_then(|_| serde_json::from_value(detail.clone()).ok())
}

fn unmeasured(checks: &[Check], reason: &str) -> Vec<Measured> {
    checks.iter().map(|_| Measured { verdict: MeasuredVerdict::Unclear, detail: json!({ "rules": Rules::VERSION, "reason": reason }) }).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::wire::SeenView, *};
    use crate::engine::pose::judge::Quality;

    #[test]
    fn windows_lie_on_the_film_and_join() {
        let at = |at_ms| Prompt { pose: Pose::Left, at_ms };
        assert_eq!(windows(&[], 0), []);
        assert_eq!(windows(&[at(1_000), at(5_000), at(60_000)], 300), [(0, 14_700), (58_200, 69_700)]);
        // Asked before the customer's picture began.
        assert_eq!(windows(&[at(1_000)], 40_000), [(0, 0)]);
    }

    #[test]
    fn what_the_picture_hides_is_unclear() {
        let of = |reason| {
            let quality = Some(Quality { score: 0.987, width: 160.04, luma: 91.26 });
            let moments = [Some(900), Some(1_400), None, None];
            let [started_ms, entered_ms, held_ms, returned_ms] = moments;
            let outcome = Outcome { pose: Pose::Left, prompt_ms: Some(0), reason, started_ms, entered_ms, held_ms, returned_ms, peak: 13.26, quality };
            found(&Film { baseline: None, outcomes: vec![outcome] }).remove(0)
        };
        assert_eq!(of(None).verdict, MeasuredVerdict::Passed);
        assert_eq!(of(Some(Reason::TooDark)).verdict, MeasuredVerdict::Unclear);
        let wrong = of(Some(Reason::WrongDirection(Pose::Right)));
        assert_eq!(wrong.verdict, MeasuredVerdict::Failed);
        assert_eq!((&wrong.detail["reason"], &wrong.detail["shown"], &wrong.detail["peak_deg"]), (&json!("wrong_direction"), &json!("right"), &json!(13.3)));
        let evidence = evidence(&wrong.detail).unwrap();
        assert_eq!((evidence.started_ms, evidence.entered_ms, evidence.held_ms, evidence.peak_deg), (Some(900), Some(1_400), None, 13.3));
        assert_eq!(evidence.quality, Some(SeenView { score: 0.99, width: 160.0, luma: 91.3 }));
        assert_eq!((evidence.rules.as_str(), evidence.networks.len()), (Rules::VERSION, 2));
        assert_eq!(super::evidence(&json!({ "rules": "1", "reason": "not_measured" })), None, "nothing was measured");
    }
}
