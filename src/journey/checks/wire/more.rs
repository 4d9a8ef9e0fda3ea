//! Codes, questions, places and hints.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::base::{Pii, Timestamp, id::CheckId};

/// How a one-time code travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum CodeWay {
    /// Text message.
    Sms,
    /// E-mail.
    Email,
}

/// How a one-time code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum CodeState {
    /// On its way out of the house.
    Sending,
    /// Handed over; waits to be typed.
    Sent,
    /// It could not be handed over.
    Failed,
    /// Typed as sent.
    Matched,
    /// Too old; another one may be sent.
    Expired,
    /// Typed wrong too often.
    Spent,
}

/// A one-time code as both ends see it; never the code itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CodeView {
    /// How it stands.
    pub state: CodeState,
    /// How it travelled.
    pub way: CodeWay,
    /// How often it may still be typed wrong.
    pub attempts_left: u32,
    /// How often another one may still be sent.
    pub sends_left: u32,
    /// Until when it is good.
    #[ts(type = "string")]
    pub expires_at: Timestamp,
}

/// `POST /api/v1/call/code`: what the customer typed; answered with a `CodeView`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct TypeCode {
    /// Figures; anything between them does not count.
    #[ts(type = "string")]
    pub code: Pii<String>,
}

/// `POST /api/v1/checks/{id}/code` (agent) and `POST /api/v1/call/code/again` (customer): another code, the old one ends.
#[derive(Debug, Default, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ResendCode {
    /// The other way, if the file has an address for it.
    pub way: Option<CodeWay>,
}

/// How the questions of a check were answered so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct QuestionsView {
    /// How many.
    pub asked: u32,
    /// Answered right.
    pub right: u32,
    /// Answered wrong.
    pub wrong: u32,
    /// So many may be wrong.
    pub may_be_wrong: u32,
}

/// How a question was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum AnswerMark {
    /// As the file says.
    Right,
    /// Otherwise, or not at all, or prompted by somebody.
    Wrong,
}

/// `PUT /api/v1/checks/{id}/questions/{question}`: the agent's mark.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct MarkAnswer {
    /// Right or wrong.
    pub mark: AnswerMark,
}

/// One question with what the file says to it.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct QuestionLine {
    /// Which; its words stand in the catalogue under `question.<code>`.
    pub question: String,
    /// What the file says.
    #[ts(type = "string")]
    pub answer: Pii<String>,
    /// The agent's mark.
    pub mark: Option<AnswerMark>,
}

/// Whether the customer's browser said where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum PlaceOutcome {
    /// With the customer's consent.
    Given,
    /// The customer would not.
    Declined,
    /// The browser could not.
    Unavailable,
}

/// `POST /api/v1/call/place`: the customer's answer when asked for the place.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct GivePlace {
    /// Yes, no, or not possible.
    pub outcome: PlaceOutcome,
    /// Degrees north; with `given` only.
    pub latitude: Option<f64>,
    /// Degrees east; with `given` only.
    pub longitude: Option<f64>,
    /// Radius in metres within which the browser is with a probability of 95 %; with `given` only.
    pub accuracy_m: Option<f64>,
}

/// A place as filed.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct PlaceView {
    /// Degrees north.
    #[ts(type = "number")]
    pub latitude: Pii<f64>,
    /// Degrees east.
    #[ts(type = "number")]
    pub longitude: Pii<f64>,
    /// Radius in metres.
    pub accuracy_m: f64,
    /// When.
    #[ts(type = "string")]
    pub taken_at: Timestamp,
    /// SHA-256 of the words the customer agreed to, hex.
    pub consent_sha256: String,
}

/// What of a check is personal and so is told only when asked for: `GET /api/v1/checks/{id}/sheet`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CheckSheet {
    /// The check.
    pub check_id: CheckId,
    /// Questions in the order of asking.
    pub questions: Vec<QuestionLine>,
    /// Where the browser was.
    pub place: Option<PlaceView>,
}

/// Who noticed a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum HintSource {
    /// The customer's page; it may have been changed by whoever holds it.
    Customer,
    /// The agent's page, in the picture it received.
    Agent,
    /// The server, in the recording.
    Recording,
}

/// A sign that a picture may not come from a camera. A hint for people: it decides nothing.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct HintView {
    /// Who noticed.
    pub source: HintSource,
    /// `virtual_camera`, `frames_frozen`, `frames_repeated`, `times_even`, `reacted_at_once`, `reacted_alike`.
    pub code: String,
    /// Milliseconds from the start of the recording, the first time.
    pub media_ms: i64,
    /// How often.
    pub times: u32,
}

/// `POST /api/v1/call/hints` (customer) and `POST /api/v1/calls/{id}/hints` (agent).
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct GiveHints {
    /// Codes as in `HintView`.
    pub codes: Vec<String>,
}

/// What a network says of the portrait and a live face. Advice: the agent decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Light {
    /// Green: near one another.
    Alike,
    /// Amber: nothing can be said.
    Unsure,
    /// Red: far apart.
    Apart,
    /// There was no face in one of the two.
    Unseen,
}

/// How alike the portrait and the still of a check are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct LikenessView {
    /// What it means.
    pub light: Light,
    /// Distance of the two faces: 0 is the same picture.
    pub distance: Option<f64>,
}

/// What an agent sees of one feature in both faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum ComparisonMark {
    /// The same in both.
    Alike,
    /// Not the same.
    Differs,
    /// Hidden in one of them.
    NotVisible,
}

/// `PUT /api/v1/calls/{id}/comparison`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CompareFace {
    /// `face_shape`, `hairline`, `brows`, `eyes`, `nose`, `mouth`, `ears`, `marks`.
    pub item: String,
    /// What is seen.
    pub mark: ComparisonMark,
}

/// One feature as the agent saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ComparisonLine {
    /// Which.
    pub item: String,
    /// What was seen.
    pub mark: ComparisonMark,
}

/// What a measured verdict rests on. Moments are milliseconds from the start of the recording, angles degrees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct EvidenceView {
    /// Version of the rules and their thresholds.
    pub rules: String,
    /// SHA-256 of the networks: detector, mesh.
    pub networks: Vec<String>,
    /// This person's own front; none when it was not seen.
    pub front: Option<FrontView>,
    /// When the movement began.
    pub started_ms: Option<i64>,
    /// When the pose was entered.
    pub entered_ms: Option<i64>,
    /// When it had been held for long enough.
    pub held_ms: Option<i64>,
    /// When the front was seen again.
    pub returned_ms: Option<i64>,
    /// The farthest along the asked direction, off the front.
    pub peak_deg: f64,
    /// How well the face could be seen; none when it never was.
    pub quality: Option<SeenView>,
}

/// Angles of somebody who looks straight ahead.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FrontView {
    /// Positive to the person's own left.
    pub yaw: f64,
    /// Positive down.
    pub pitch: f64,
    /// Tilt.
    pub roll: f64,
}

/// How well a face could be seen, on the average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct SeenView {
    /// How sure the mesh is, 0…1.
    pub score: f64,
    /// Width of the face in pixels.
    pub width: f64,
    /// Brightness of the face, 0…255.
    pub luma: f64,
}
