//! What pages are told about checks.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::base::{Timestamp, id::CheckId};

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum CheckKind {
    /// Look straight into the camera.
    Frontal,
    /// Turn to your left.
    Left,
    /// Turn to your right.
    Right,
    /// Look up.
    Up,
    /// Look down.
    Down,
}

/// How a check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum CheckState {
    /// The customer is asked now.
    Asked,
    /// Done.
    Passed,
    /// Not done.
    Failed,
    /// Left out, with a reason.
    Skipped,
}

/// One check of a call.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CheckView {
    /// Its id.
    pub id: CheckId,
    /// What.
    pub kind: CheckKind,
    /// How it stands.
    pub state: CheckState,
    /// When it was asked.
    #[ts(type = "string")]
    pub asked_at: Timestamp,
    /// Milliseconds from the start of the recording.
    pub media_ms: i64,
    /// Coded reason of a failure or of leaving it out.
    pub reason: Option<String>,
    /// Whether a still is filed: `GET /api/v1/checks/{id}/still`.
    pub has_still: bool,
    /// What the server measured in the recording after the call; in the file only.
    pub measured: Option<MeasuredView>,
}

/// The verdict of a measuring engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum MeasuredVerdict {
    /// The movement was seen.
    Passed,
    /// It was not seen.
    Failed,
    /// The picture does not allow a verdict.
    Unclear,
}

/// What was measured of one check.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct MeasuredView {
    /// Seen, not seen, or nothing to be said.
    pub verdict: MeasuredVerdict,
    /// Coded reason when it is not passed.
    pub reason: Option<String>,
    /// Whether it contradicts the agent: somebody has to look.
    pub disagrees: bool,
}

/// `POST /api/v1/calls/{id}/checks`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct AskCheck {
    /// What.
    pub kind: CheckKind,
}

/// `POST /api/v1/checks/{id}/verdict`; the still goes before it as `PUT /api/v1/checks/{id}/still` (body: JPEG).
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct JudgeCheck {
    /// Passed, failed or skipped.
    pub verdict: CheckState,
    /// Coded reason of a failure or of leaving it out: `not_followed`, `not_visible`, `cannot`, `technical`.
    pub reason: Option<String>,
}
