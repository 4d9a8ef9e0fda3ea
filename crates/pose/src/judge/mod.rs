//! The judge: what a trace of angles shows about the movements that were asked for. Pure: it takes samples and prompts with
//! their moments and answers; it knows no clock, no frame, no network. The browser and the server's re-measurement of the
//! recording use the same one.
//!
//! ```text
//! prompt ─▶ wait for front ─▶ ready ──enter──▶ holding ──dwell──▶ held ─▶ passed, or failed for how it came about
//!                              ▲                  │ (let go)                 then: back to the front before the next
//!                              └──────────────────┘
//! failed on the way: another direction held, too late, two faces, frozen picture, another face, face lost
//! ```
//! Rules (figures in [`Rules`]): the front is calibrated per person. A movement is *entered* at 12° off the person's own
//! front, *kept* down to 8.4°, held for half a second, with the other axis below 12°. It starts 0.25–6 s after the prompt,
//! passes through what lies between, and is over 8 s after the prompt at the latest. Exactly one face, near and bright
//! enough, that neither jumps nor vanishes, in pictures that are neither frozen nor were shown before.
//!
//! Three drivers: [`Judge`] for who feeds as it comes (the console), [`recheck`] for a recording with known prompts, and
//! [`unprompted`] for a film of which only the order is known.

mod calibration;
mod film;
mod step;
#[cfg(test)]
mod tests;
mod watch;

use crate::Sight;
pub use calibration::Baseline;
pub use film::{Film, Prompt, Shot, recheck, unprompted};
use step::Step;
use watch::Watch;

/// What the customer is asked to do; left and right are the customer's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pose {
    /// Look straight into the camera.
    Frontal,
    /// Turn to the left.
    Left,
    /// Turn to the right.
    Right,
    /// Look up.
    Up,
    /// Look down.
    Down,
}

impl Pose {
    /// Every pose, the front first.
    pub const ALL: [Self; 5] = [Self::Frontal, Self::Left, Self::Right, Self::Up, Self::Down];
    /// The four movements.
    pub const DIRECTIONS: [Self; 4] = [Self::Left, Self::Right, Self::Up, Self::Down];

    /// Its name on the command line and in evidence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frontal => "frontal",
            Self::Left => "left",
            Self::Right => "right",
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// How far `(yaw, pitch)` off the front lies in this direction, and how far beside it.
    pub fn along(self, yaw: f32, pitch: f32) -> (f32, f32) {
        match self {
            Self::Frontal => (0.0, yaw.abs().max(pitch.abs())),
            Self::Left => (yaw, pitch.abs()),
            Self::Right => (-yaw, pitch.abs()),
            Self::Down => (pitch, yaw.abs()),
            Self::Up => (-pitch, yaw.abs()),
        }
    }

    /// What a camera that mirrors makes of it.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
            other => other,
        }
    }
}

impl std::str::FromStr for Pose {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|pose| pose.name() == text).ok_or(())
    }
}

/// The figures of the rules. Degrees, milliseconds, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Calibration: how long the front is looked at.
    pub calibration_ms: i64,
    /// Calibration: the front is within these of the camera's axis (yaw, pitch, roll).
    pub frontal_within: [f32; 3],
    /// Calibration: the head moves no more than this meanwhile.
    pub calibration_spread: f32,
    /// A direction is entered here.
    pub enter: f32,
    /// And kept down to here.
    pub keep: f32,
    /// The other axis stays below.
    pub beside: f32,
    /// Both axes below: the front.
    pub front: f32,
    /// How long a direction is held.
    pub dwell_ms: i64,
    /// How long the front is seen before the next movement.
    pub return_ms: i64,
    /// From the prompt to the end of the dwell.
    pub timeout_ms: i64,
    /// A movement starts no earlier after the prompt.
    pub earliest_ms: i64,
    /// And no later.
    pub latest_ms: i64,
    /// Another direction held for longer than this fails.
    pub wrong_ms: i64,
    /// More than one face for so long fails.
    pub several_ms: i64,
    /// The same picture for so long is a frozen one.
    pub frozen_ms: i64,
    /// No face for longer than this between steps: it may be another one now.
    pub lost_ms: i64,
    /// Samples farther apart do not carry a dwell (8 a second and some are needed).
    pub gap_ms: i64,
    /// Least width of the face.
    pub width: f32,
    /// Least score of the mesh.
    pub score: f32,
    /// Least brightness of the face.
    pub luma: f32,
}

impl Rules {
    /// Names these figures in evidence; changes with any of them.
    pub const VERSION: &str = "pose-rules-1";
    /// How often a step may be tried again, each time with a new draw.
    pub const RETRIES: usize = 2;
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            calibration_ms: 1_000,
            frontal_within: [20.0, 25.0, 15.0],
            calibration_spread: 8.0,
            enter: 12.0,
            keep: 8.4,
            beside: 12.0,
            front: 8.5,
            dwell_ms: 500,
            return_ms: 200,
            timeout_ms: 8_000,
            earliest_ms: 250,
            latest_ms: 6_000,
            wrong_ms: 1_000,
            several_ms: 500,
            frozen_ms: 1_000,
            lost_ms: 2_000,
            gap_ms: 250,
            width: 80.0,
            score: 0.5,
            luma: 35.0,
        }
    }
}

/// What one frame showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Its moment; moments rise.
    pub at_ms: i64,
    /// What was measured.
    pub sight: Sight,
}

/// Why a step did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Nothing of the kind in the time there was.
    NotSeen,
    /// Another direction was held.
    WrongDirection(Pose),
    /// The movement was under way before anybody can have heard the prompt.
    TooEarly,
    /// It started too late.
    TooLate,
    /// From the front into the pose without anything between: a cut film.
    Jumped,
    /// The pictures of the movement had been shown before.
    Repeated,
    /// The front was not taken up again.
    NotReturned,
    /// The picture stood still.
    Frozen,
    /// More than one face.
    SeveralFaces,
    /// The face sprang to another place or size.
    FaceChanged,
    /// The face was away for too long.
    FaceLost,
    /// No face to be seen.
    NoFace,
    /// The face was too far away.
    TooSmall,
    /// The face was too dark.
    TooDark,
    /// Too few pictures.
    TooSparse,
    /// The front of this person is not known.
    NotCalibrated,
    /// An earlier step did not pass.
    NotReached,
}

impl Reason {
    /// Every code, in an order that stays: the browser knows them by place.
    pub const CODES: [&str; 17] = [
        "not_seen",
        "wrong_direction",
        "too_early",
        "too_late",
        "jumped",
        "repeated",
        "not_returned",
        "frozen",
        "several_faces",
        "face_changed",
        "face_lost",
        "no_face",
        "too_small",
        "too_dark",
        "too_sparse",
        "not_calibrated",
        "not_reached",
    ];

    /// Its code in evidence.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotSeen => "not_seen",
            Self::WrongDirection(_) => "wrong_direction",
            Self::TooEarly => "too_early",
            Self::TooLate => "too_late",
            Self::Jumped => "jumped",
            Self::Repeated => "repeated",
            Self::NotReturned => "not_returned",
            Self::Frozen => "frozen",
            Self::SeveralFaces => "several_faces",
            Self::FaceChanged => "face_changed",
            Self::FaceLost => "face_lost",
            Self::NoFace => "no_face",
            Self::TooSmall => "too_small",
            Self::TooDark => "too_dark",
            Self::TooSparse => "too_sparse",
            Self::NotCalibrated => "not_calibrated",
            Self::NotReached => "not_reached",
        }
    }

    /// The pose that was shown instead.
    pub fn shown(self) -> Option<Pose> {
        match self {
            Self::WrongDirection(pose) => Some(pose),
            _ => None,
        }
    }

    /// Whether the picture, not the customer, is to blame: there is no verdict then.
    pub fn is_unclear(self) -> bool {
        matches!(self, Self::TooSmall | Self::TooDark | Self::TooSparse | Self::NotCalibrated | Self::NotReached)
    }
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// What was asked.
    pub pose: Pose,
    /// When, if anybody asked.
    pub prompt_ms: Option<i64>,
    /// Why it did not pass; `None`: it passed.
    pub reason: Option<Reason>,
    /// When the movement began.
    pub started_ms: Option<i64>,
    /// When the pose was entered.
    pub entered_ms: Option<i64>,
    /// When it had been held for long enough.
    pub held_ms: Option<i64>,
    /// When the front was seen again.
    pub returned_ms: Option<i64>,
    /// The farthest along the asked direction, in degrees off the front.
    pub peak: f32,
    /// How well the face could be seen meanwhile; `None`: never.
    pub quality: Option<Quality>,
}

/// How well a face could be seen, on the average of the samples that count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// How sure the mesh is that it lies on a face, 0…1.
    pub score: f32,
    /// Width of the face in pixels.
    pub width: f32,
    /// Brightness of the face, 0…255.
    pub luma: f32,
}

impl Outcome {
    /// Whether it passed.
    pub fn is_passed(&self) -> bool {
        self.reason.is_none()
    }

    /// An outcome of nothing seen.
    pub(crate) fn failed(pose: Pose, prompt_ms: Option<i64>, reason: Reason) -> Self {
        Self { pose, prompt_ms, reason: Some(reason), started_ms: None, entered_ms: None, held_ms: None, returned_ms: None, peak: 0.0, quality: None }
    }
}

/// The judge that is fed as it comes: a prompt, samples, an outcome; then the next prompt.
#[derive(Debug, Clone)]
pub struct Judge {
    rules: Rules,
    watch: Watch,
    calibration: calibration::Calibration,
    baseline: Option<Baseline>,
    step: Option<Step>,
    front_since: Option<i64>,
}

impl Judge {
    /// A judge who has seen nothing.
    pub fn new(rules: Rules) -> Self {
        Self { rules, watch: Watch::default(), calibration: calibration::Calibration::default(), baseline: None, step: None, front_since: None }
    }

    /// Asks for a pose; an earlier step that is still open is dropped. `at_ms` is the moment of the prompt, or `None` when
    /// nobody asked and only the order is known: then nothing is said about when the movement starts.
    pub fn prompt(&mut self, pose: Pose, at_ms: Option<i64>) {
        if pose == Pose::Frontal {
            self.calibration.restart();
        } else if self.baseline.is_none() {
            self.baseline = self.calibration.baseline(&self.rules);
        }
        self.watch.begin_step();
        self.step = Some(Step::new(pose, at_ms));
    }

    /// A frame that went by without being measured: only whether its picture was shown before counts.
    pub fn pass_by(&mut self, at_ms: i64, fingerprint: u64) {
        self.watch.pass_by(at_ms, fingerprint);
    }

    /// Takes a sample; the outcome once the step is decided.
    pub fn take(&mut self, sample: &Sample) -> Option<Outcome> {
        let seen = self.watch.look(sample, &self.rules);
        if let Ok(face) = &seen {
            self.calibration.add(sample.at_ms, face, &self.rules);
        } else {
            self.calibration.miss(sample.at_ms, &self.rules);
        }
        self.note_front(sample.at_ms, seen.as_ref().ok());
        let step = self.step.as_mut()?;
        let outcome = if step.pose == Pose::Frontal {
            let outcome = step.calibrate(sample.at_ms, seen, &self.calibration, &mut self.watch, &self.rules);
            if outcome.is_some_and(|outcome| outcome.is_passed()) {
                self.baseline = self.calibration.baseline(&self.rules);
            }
            outcome
        } else {
            step.take(sample.at_ms, seen, self.baseline.as_ref(), &mut self.watch, &self.rules)
        };
        if outcome.is_some() {
            self.step = None;
            self.front_since = None;
        }
        outcome
    }

    /// Ends the open step: there will be no more samples for it.
    pub fn end(&mut self) -> Option<Outcome> {
        let step = self.step.take()?;
        Some(step.given_up(self.baseline.is_some()))
    }

    /// The person's own front, once it is known.
    pub fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }

    /// Since when the head has been back at the front, since the last outcome.
    pub fn front_since(&self) -> Option<i64> {
        self.front_since
    }

    /// How much of the dwell is done, 0–1; for the ring that fills.
    pub fn progress(&self) -> f32 {
        self.step.as_ref().map_or(0.0, |step| step.progress(&self.calibration, &self.rules))
    }

    fn note_front(&mut self, at_ms: i64, face: Option<&crate::Face>) {
        let (Some(baseline), Some(face)) = (&self.baseline, face) else { return };
        let (yaw, pitch) = baseline.off(face);
        let is_front = yaw.abs() < self.rules.front && pitch.abs() < self.rules.front;
        self.front_since = if is_front { self.front_since.or(Some(at_ms)) } else { None };
    }
}
