//! What the console is told about files.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    base::{
        Pii, Timestamp,
        id::{CallId, DossierId},
    },
    journey::{
        call::{
            RehearsalView,
            quality::CallQuality,
            stills::still::StillView,
            wire::{CallFileView, ChatLine, Party},
        },
        checks::wire::{CheckSheet, CheckView, ComparisonLine, HintView, PlanProof},
    },
    registry::dossier::State,
};

/// What an agent decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Outcome {
    /// Identified.
    Approve,
    /// Refused.
    Reject,
    /// The customer is asked to do it again: all of it, or one thing by name.
    Redo,
    /// Something is wrong with this person or picture: a second person decides, and the customer does not learn why.
    Suspect,
    /// The call was broken off; the customer may try again.
    Abort,
}

/// `POST /api/v1/dossiers/{id}/decision`.
///
/// Reasons: approve: `all_checks_passed`; reject: `person_mismatch`, `document_invalid`, `suspected_fraud`,
/// `checks_failed`, `other`; redo: `document_unreadable`, `poor_connection`, `customer_request`, `details_wrong`,
/// `check_unclear`, `other`; suspect: `forged_document`, `impersonation`, `injected_video`, `coached`, `other`; abort: `light`,
/// `picture`, `sound`, `connection`, `customer_left`, `customer_request`, `other`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct Decide {
    /// What.
    pub outcome: Outcome,
    /// Coded reason.
    pub reason: String,
    /// With `redo`, the one thing to be done again: `photo_front`, `photo_back`, `details` or the kind of a check; nothing else
    /// is lost. Left out, all of it.
    #[serde(default)]
    #[ts(optional)]
    pub item: Option<String>,
    /// Free text for the file, at most 2000 characters; required for `other`.
    #[ts(type = "string | null")]
    pub note: Option<Pii<String>>,
}

/// `GET /api/v1/dossiers?q=&from=&to=&agent=&outcome=&page=`: one page of 50.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct DossierPage {
    /// The rows, newest first.
    pub rows: Vec<DossierRow>,
    /// How many there are in all.
    pub total: u32,
    /// This page, from 1.
    pub page: u32,
}

/// One file in a list.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct DossierRow {
    /// Its id.
    pub id: DossierId,
    /// What to say on the phone.
    pub reference: String,
    /// Its state.
    pub state: State,
    /// Name as confirmed.
    #[ts(type = "string | null")]
    pub name: Option<Pii<String>>,
    /// Document number as confirmed.
    #[ts(type = "string | null")]
    pub document_number: Option<Pii<String>>,
    /// Document kind.
    pub document_kind: Option<String>,
    /// Agent of the last call.
    pub agent_name: Option<String>,
    /// Coded reason of the decision.
    pub outcome: Option<String>,
    /// Whether a recording is filed.
    pub has_recording: bool,
    /// Whether its decision waits for a second person.
    pub waits_for_second: bool,
    /// When it last changed.
    #[ts(type = "string")]
    pub updated_at: Timestamp,
}

/// The whole file: `GET /api/v1/dossiers/{id}?purpose=<code>`; purposes: `review`, `complaint`, `audit`, `legal_request`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct DossierView {
    /// Fields, photographs, contacts.
    pub file: CallFileView,
    /// Consents as filed.
    pub consents: Vec<FiledConsent>,
    /// Until when its sealed files are kept at least.
    #[ts(type = "string | null")]
    pub keep_until: Option<Timestamp>,
    /// Since when it is kept whatever its time: `PUT /api/v1/dossiers/{id}/legal-hold`.
    #[ts(type = "string | null")]
    pub held_at: Option<Timestamp>,
    /// When its sealed files were deleted.
    #[ts(type = "string | null")]
    pub erased_at: Option<Timestamp>,
    /// Calls, oldest first.
    pub calls: Vec<FiledCall>,
    /// Decisions, oldest first.
    pub decisions: Vec<FiledDecision>,
    /// The timeline.
    pub timeline: Vec<TimelineView>,
    /// Who looked and why, newest first.
    pub views: Vec<ViewedBy>,
}

/// A consent as filed.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FiledConsent {
    /// To what.
    pub kind: String,
    /// Version of the text.
    pub version: String,
    /// SHA-256 of the exact text, hex.
    pub text_sha256: String,
    /// Language of the text.
    pub locale: String,
    /// Whether given.
    pub given: bool,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
}

/// A call as filed.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FiledCall {
    /// Its id.
    pub id: CallId,
    /// Who.
    pub agent_name: String,
    /// From.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// To.
    #[ts(type = "string | null")]
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// Checks with their media time.
    pub checks: Vec<CheckView>,
    /// The drawn order, opened; once the call is over.
    pub plan: Option<PlanProof>,
    /// Signs that the picture may not come from a camera.
    pub hints: Vec<HintView>,
    /// What the agent saw of portrait and live face, feature by feature.
    pub comparison: Vec<ComparisonLine>,
    /// Questions and places of its checks.
    pub sheets: Vec<CheckSheet>,
    /// Everything said in writing.
    pub chat: Vec<ChatLine>,
    /// The recording.
    pub recording: Option<RecordingView>,
    /// What the customer's page found out before it.
    pub rehearsal: Option<RehearsalView>,
    /// Photographs taken in it: `GET /api/v1/stills/{id}/image?purpose=<code>`.
    pub stills: Vec<StillView>,
    /// How it looked.
    pub quality: CallQuality,
}

/// A recording as filed. Media: `GET /api/v1/recordings/{call_id}/{name}?purpose=<code>` with HTTP ranges.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct RecordingView {
    /// Where it stands.
    pub state: RecordingState,
    /// While the film is being made: how much of it is, in percent.
    pub progress: i64,
    /// Length in ms.
    pub duration_ms: Option<i64>,
    /// Its files.
    pub files: Vec<RecordingFile>,
}

/// Where a recording stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum RecordingState {
    /// The call runs.
    Recording,
    /// Files are being made.
    Sealing,
    /// Playable and hashed.
    Sealed,
    /// Files could not be made; the logs are kept.
    Failed,
}

/// One file of a recording.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct RecordingFile {
    /// `customer.webm`, `agent.webm`, `film.mp4`.
    pub name: String,
    /// Whose picture, where it is one party's.
    pub party: Option<Party>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the playable bytes, hex.
    pub sha256: String,
    /// Milliseconds from the start of the recording to the file's first frame.
    pub offset_ms: i64,
    /// Milliseconds from the start of the recording to the end of its last frame.
    pub end_ms: i64,
    /// Packets that were received and that the recorder could not write, because the disk was too slow.
    pub lost_packets: u64,
    /// Times without a picture: what was not received is a gap, never a still.
    pub gaps: Vec<RecordingGap>,
}

/// A time in which a party's picture is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct RecordingGap {
    /// Milliseconds from the start of the recording.
    pub from_ms: i64,
    /// Milliseconds from the start of the recording.
    pub to_ms: i64,
}

/// A decision as filed.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FiledDecision {
    /// What.
    pub outcome: Outcome,
    /// Coded reason.
    pub reason: String,
    /// The one thing to be done again.
    pub item: Option<String>,
    /// Free text.
    #[ts(type = "string | null")]
    pub note: Option<Pii<String>>,
    /// Who.
    pub agent_name: String,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What a second person should look at first: `fraud_suspected`, `on_negative_list`, `chosen_by_agent`, `left_out`,
    /// `carried_over`, `order_unbound`, `measured_otherwise`, `unmeasured` (until the recording was measured, and where it
    /// cannot be), `contradiction`, `face_differs`, and `camera_hints` and `face_apart`, which alone make nobody wait.
    pub flags: Vec<String>,
    /// It does not count before a second person has said so: `POST /api/v1/dossiers/{id}/second-opinion`.
    pub waits_for_second: bool,
    /// The second person's word.
    pub second: Option<SecondOpinion>,
}

/// What somebody else than the agent decided.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct SecondOpinion {
    /// What.
    pub outcome: Outcome,
    /// Coded reason.
    pub reason: String,
    /// The one thing to be done again.
    pub item: Option<String>,
    /// Free text.
    #[ts(type = "string | null")]
    pub note: Option<Pii<String>>,
    /// Who.
    pub checker_name: String,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
}

/// One line of the timeline.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct TimelineView {
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What, in dotted words; the catalogue has a sentence under `event.<kind>`.
    pub kind: String,
    /// `customer`, `system` or the name of a member of staff.
    pub actor: String,
    /// Ids and codes.
    #[ts(type = "Record<string, unknown>")]
    pub detail: serde_json::Value,
}

/// Who looked at a file.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ViewedBy {
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// Name of a member of staff.
    pub actor: String,
    /// `file.viewed`, `recording.viewed`, `call.viewed`, `capture.viewed`, `portrait.viewed`.
    pub act: String,
    /// Why.
    pub purpose: Option<String>,
}

/// `POST /api/v1/dossiers/{id}/suspicion`: a quiet word during the call or before the decision; reasons as those of `suspect`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct RaiseSuspicion {
    /// Coded reason.
    pub reason: String,
}

/// `PUT /api/v1/dossiers/{id}/legal-hold`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct SetLegalHold {
    /// Whether the file is kept whatever its time.
    pub is_held: bool,
}

/// Something speaks against an approval that counts already: `GET /api/v1/late-flags`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct LateFlag {
    /// The call whose recording was measured: `POST /api/v1/late-flags/{call_id}/seen`.
    pub call_id: CallId,
    /// Its file.
    pub dossier_id: DossierId,
    /// What to say on the phone.
    pub reference: String,
    /// Name as confirmed.
    #[ts(type = "string | null")]
    pub name: Option<Pii<String>>,
    /// Who called.
    pub agent_name: String,
    /// What speaks against it, coded as in `FiledDecision.flags`.
    pub flags: Vec<String>,
    /// Since when.
    #[ts(type = "string")]
    pub raised_at: Timestamp,
}
