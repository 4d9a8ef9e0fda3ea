//! What pages are told about checks.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

mod more;

pub use more::{
    AnswerMark, CheckSheet, CodeState, CodeView, CodeWay, CompareFace, ComparisonLine, ComparisonMark, EvidenceView, FrontView, GiveHints, GivePlace,
    HintSource, HintView, Light, LikenessView, MarkAnswer, PlaceOutcome, PlaceView, QuestionLine, QuestionsView, ResendCode, SeenView, TypeCode,
};

use super::profile::Evidence;
use crate::base::{
    Timestamp,
    id::{CallId, CheckId},
};

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
    /// Show so many fingers beside the face: for who cannot turn the head.
    Hand,
    /// Read figures aloud.
    Digits,
    /// Tilt the document, so that its features show.
    DocumentTilt,
    /// Put a finger over a part of the document.
    DocumentCover,
    /// Read the number of the document aloud.
    DocumentNumber,
    /// Type the one-time code that was sent to phone or mailbox.
    Code,
    /// Answer questions about what is in the file.
    Questions,
    /// Let the browser say where it is.
    Location,
}

/// What exactly is asked, drawn anew for every check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Challenge {
    /// Figures to be read aloud.
    Digits {
        /// Six of them.
        digits: String,
    },
    /// Fingers to be shown.
    Hand {
        /// How many, 1 to 5.
        fingers: u8,
        /// Of which hand.
        side: HandSide,
    },
    /// What has to be seen while the document is tilted. The agent is told; the customer only tilts.
    Features {
        /// Three of them.
        features: Vec<Feature>,
    },
    /// A one-time code to be typed, and its terms.
    Code {
        /// How long one lives.
        minutes: u32,
        /// How often it may be typed wrong.
        attempts: u32,
        /// How often one may be sent.
        sends: u32,
    },
    /// Questions to be answered: which, stands in the sheet of the check.
    Questions {
        /// How many.
        ask: usize,
        /// So many of them may be answered wrong.
        may_be_wrong: usize,
    },
    /// What is covered.
    Cover {
        /// Which part, as the customer sees the document.
        corner: Corner,
    },
}

/// A hand, the customer's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum HandSide {
    /// Left.
    Left,
    /// Right.
    Right,
}

/// An optical feature of identity documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Feature {
    /// A picture that changes with the angle.
    Hologram,
    /// A colour that changes with the angle.
    ColourShift,
    /// The second, paler portrait.
    GhostPortrait,
    /// Raised print that throws a shadow.
    Relief,
    /// Fine lines that run unbroken through the portrait.
    FineLines,
    /// A gloss that differs from that of the card.
    Gloss,
}

impl Feature {
    /// Those that change with the angle (optically variable).
    pub const VARIABLE: [Self; 3] = [Self::Hologram, Self::ColourShift, Self::Gloss];
    /// Those that do not.
    pub const FIXED: [Self; 3] = [Self::GhostPortrait, Self::Relief, Self::FineLines];
}

/// A quarter of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Corner {
    /// Top left.
    TopLeft,
    /// Top right.
    TopRight,
    /// Bottom right.
    BottomRight,
    /// Bottom left.
    BottomLeft,
}

impl Corner {
    /// Every quarter.
    pub const ALL: [Self; 4] = [Self::TopLeft, Self::TopRight, Self::BottomRight, Self::BottomLeft];
}

/// When a second person decides as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum FourEyes {
    /// Never.
    Never,
    /// When something raised a flag.
    Flagged,
    /// Always.
    Always,
}

/// The drawn order of a call while it lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct PlanView {
    /// The rule profile.
    pub profile: String,
    /// What the server is bound by: SHA-256, hex.
    pub commitment: String,
    /// The customer's page gave its part of the draw: `POST /api/v1/call/nonce`.
    pub has_nonce: bool,
    /// How many checks are still to be passed; what they are is drawn when the agent presses Go.
    pub left: usize,
    /// Kinds of which the tries are used up: they can only be left out with a reason.
    pub spent: Vec<CheckKind>,
    /// Kinds an earlier call of the file has settled for this one.
    pub carried: Vec<CheckKind>,
}

/// The drawn order of a call that is over, opened: everything that is needed to draw it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct PlanProof {
    /// The rule profile.
    pub profile: String,
    /// Its title.
    pub title: String,
    /// That it is no legal advice.
    pub warning: String,
    /// Its title in Vietnamese, where the profile says it.
    pub title_vi: Option<String>,
    /// The warning in Vietnamese, where the profile says it.
    pub warning_vi: Option<String>,
    /// SHA-256 of call and seed, hex, told before the first check.
    pub commitment: String,
    /// 32 bytes, hex.
    pub seed: String,
    /// What the customer's page gave, hex.
    pub nonce: Option<String>,
    /// The commitment is that of the seed, and every check the agent did not choose is the one the draw asked for.
    pub is_proved: bool,
    /// The clauses of the profile, met or not.
    pub clauses: Vec<ClauseView>,
    /// Kinds an earlier call has settled for this one.
    pub carried: Vec<CheckKind>,
    /// That call.
    pub carried_from: Option<CallId>,
}

/// A clause of the rule a profile was written from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ClauseView {
    /// Its number or name.
    pub clause: String,
    /// What it asks for, in a sentence.
    pub says: String,
    /// Its name in Vietnamese, where it is a name and the profile says it.
    pub clause_vi: Option<String>,
    /// The sentence in Vietnamese, where the profile says it.
    pub says_vi: Option<String>,
    /// Whether this call meets it.
    pub is_met: bool,
    /// Evidence that is not there.
    pub lacking: Vec<Evidence>,
}

/// `POST /api/v1/call/nonce`: the customer's part of the draw; the first one counts.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct GiveNonce {
    /// 32 bytes, lower-case hex.
    pub nonce: String,
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
    /// What exactly was asked.
    pub challenge: Option<Challenge>,
    /// Why the agent asked for this kind, where it was not drawn.
    pub chosen_because: Option<String>,
    /// What the server measured in the recording after the call; in the file only.
    pub measured: Option<MeasuredView>,
    /// How the one-time code stands.
    pub code: Option<CodeView>,
    /// How the questions were answered so far; for staff.
    pub questions: Option<QuestionsView>,
    /// Whether the browser said where it is; where, stands in the sheet of the check.
    pub place: Option<PlaceOutcome>,
    /// How alike its still and the portrait of the document are; for staff.
    pub likeness: Option<LikenessView>,
    /// Why it no longer counts and comes again: `reconnected`.
    pub void_because: Option<String>,
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
    /// What the verdict rests on; none when nothing could be measured.
    pub evidence: Option<EvidenceView>,
}

/// `POST /api/v1/calls/{id}/checks`. Empty, the server draws what is asked.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct AskCheck {
    /// What, if the agent has to choose.
    pub kind: Option<CheckKind>,
    /// Why the agent chooses: `leave_out`, `customer_need`, `technical`.
    pub because: Option<String>,
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
