//! What the customer's page is told about an application.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    base::{
        Pii, Timestamp,
        id::{CaptureId, DossierId},
    },
    engine::document::{DocumentKind, FieldName, Side, Source},
    journey::call::wire::FileDisagreement,
    registry::dossier::State,
};

pub use crate::engine::reader::{Problem, ProblemCode};

/// `POST /api/v1/applications`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct BeginApplication {
    /// `en` or `vi`.
    pub locale: String,
    /// IANA zone of the browser.
    pub time_zone: String,
}

/// The whole application as its customer may see it: `GET /api/v1/application`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ApplicationView {
    /// Its id.
    pub id: DossierId,
    /// What to say on the phone.
    pub reference: String,
    /// Where in its life it is.
    pub state: State,
    /// The screen to show.
    pub step: ApplicationStep,
    /// Language chosen.
    pub locale: String,
    /// Document chosen.
    pub document_kind: Option<DocumentKind>,
    /// The sides to photograph and what is there.
    pub sides: Vec<SideView>,
    /// How the reading goes.
    pub reading: ReadingView,
    /// The form.
    pub details: Vec<DetailView>,
    /// Consents with the exact text version shown.
    pub consents: Vec<ConsentView>,
    /// E-mail address as left.
    #[ts(type = "string | null")]
    pub email: Option<Pii<String>>,
    /// Phone number as left.
    #[ts(type = "string | null")]
    pub phone: Option<Pii<String>>,
    /// Coded reason of an approval or of the wish for a repetition.
    pub outcome: Option<String>,
    /// The one thing to be done again: `photo_front`, `photo_back`, `details` or the kind of a check.
    pub redo_item: Option<String>,
    /// Token of the resume link (`/#/resume/<token>`); only right after beginning, confirming or asking for it anew.
    pub resume_token: Option<String>,
}

/// The screens of the customer's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum ApplicationStep {
    /// Which document.
    Document,
    /// Photograph the front.
    CaptureFront,
    /// Photograph the back.
    CaptureBack,
    /// Being read.
    Reading,
    /// Check your details.
    Details,
    /// What you agree to (same submission as the details).
    Consents,
    /// Now or later.
    When,
    /// Booked; waiting for the day.
    Booked,
    /// In the queue.
    Waiting,
    /// In the call.
    Call,
    /// Under review, approved, rejected or expired.
    Done,
}

/// One side to be photographed.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct SideView {
    /// Which.
    pub side: Side,
    /// The newest accepted picture.
    pub capture: Option<CaptureView>,
    /// How many pictures of this side were refused.
    pub refused: u32,
}

/// One photograph and the judge's verdict: answer of `POST /api/v1/application/captures/{side}` (body: the picture).
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CaptureView {
    /// Its id; `GET /api/v1/application/captures/{id}/image` shows it.
    pub id: CaptureId,
    /// Which side.
    pub side: Side,
    /// Whether the picture is used.
    pub accepted: bool,
    /// What is wrong or weak, worst first.
    pub problems: Vec<Problem>,
    /// Size in pixels, upright.
    pub width: u32,
    /// Size in pixels, upright.
    pub height: u32,
    /// When.
    #[ts(type = "string")]
    pub taken_at: Timestamp,
}

/// How the reading goes: `GET /api/v1/application/reading`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ReadingView {
    /// Where it stands.
    pub state: ReadingState,
    /// Sides read so far.
    pub sides_done: u32,
    /// Sides to read.
    pub sides_total: u32,
}

/// Where the reading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum ReadingState {
    /// Pictures are missing.
    NotStarted,
    /// Under way.
    Running,
    /// Fields are on the form.
    Done,
    /// Nothing could be read; the customer types.
    Failed,
    /// The customer chose to type.
    Typed,
}

/// One field of the form.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct DetailView {
    /// Which.
    pub name: FieldName,
    /// What stands in it now.
    #[ts(type = "string")]
    pub value: Pii<String>,
    /// What the reader read, if anything.
    #[ts(type = "string | null")]
    pub read_value: Option<Pii<String>>,
    /// Where that was read.
    pub source: Option<Source>,
    /// 0…1.
    pub confidence: Option<f32>,
    /// "Please check": low confidence, contradiction, or implausible; no longer once the customer typed or chose.
    pub doubtful: bool,
    /// The customer was asked to look and said what is right.
    pub checked: bool,
    /// What contradicts itself here, with every reading: the customer may choose one of them.
    pub disagreements: Vec<FileDisagreement>,
    /// Whether it must be filled in for this document.
    pub required: bool,
    /// Picture of the place it was read from: `/api/v1/application/captures/{capture}/image` cut to `place`.
    pub crop: Option<CropView>,
}

/// A piece of a picture.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CropView {
    /// The photograph.
    pub capture: CaptureId,
    /// Left, top, width, height as fractions.
    pub place: [f32; 4],
}

/// One consent.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ConsentView {
    /// To what.
    pub kind: ConsentKind,
    /// Version of the text that was shown, e.g. `2026-11-01`: `GET /api/v1/consents?locale=` answers the exact texts.
    pub version: String,
    /// Whether it was given.
    pub given: bool,
    /// Whether the identification is impossible without it.
    pub required: bool,
}

/// The exact text of one consent: `GET /api/v1/consents?locale=en` answers a list, in the order to show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ConsentText {
    /// To what.
    pub kind: ConsentKind,
    /// Its version.
    pub version: String,
    /// Whether the identification is impossible without it.
    pub required: bool,
    /// The words.
    pub text: String,
    /// SHA-256 of the words in UTF-8, hex; filed with the consent.
    pub sha256: String,
}

/// What is consented to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum ConsentKind {
    /// Processing of the data on the document.
    Data,
    /// Recording of the call in sound and vision.
    Recording,
    /// Checks of the face.
    Biometric,
}

impl ConsentKind {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Recording => "recording",
            Self::Biometric => "biometric",
        }
    }
}

/// `POST /api/v1/application/document`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ChooseDocument {
    /// Which.
    pub kind: DocumentKind,
}

/// `PUT /api/v1/application/details`: what stands on the form, saved as the customer types. Nothing is validated but length.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct SaveDetails {
    /// Field by field.
    pub fields: Vec<FieldEdit>,
    /// E-mail address.
    #[ts(type = "string | null")]
    pub email: Option<Pii<String>>,
    /// Phone number.
    #[ts(type = "string | null")]
    pub phone: Option<Pii<String>>,
}

/// One field as typed.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FieldEdit {
    /// Which.
    pub name: FieldName,
    /// What.
    #[ts(type = "string")]
    pub value: Pii<String>,
    /// Whether the customer, asked to look at it, said that this is right.
    #[serde(default)]
    pub checked: bool,
}

/// `POST /api/v1/application/confirm`: the whole form with consents. Bad fields come back as `ErrorView.fields`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ConfirmDetails {
    /// The form.
    pub details: SaveDetails,
    /// The switches, each with the version of the text that was shown.
    pub consents: Vec<ConsentView>,
}

/// `POST /api/v1/application/resume`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ResumeApplication {
    /// Secret of the resume link.
    pub token: String,
}

/// Answer of `POST /api/v1/application/resume-link`: a new link; links given out before end.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ResumeLink {
    /// Secret of the link (`/#/resume/<token>`).
    pub token: String,
}

/// Push to the customer's open page.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum IntakePush {
    /// The application changed; read it again.
    ApplicationChanged {
        /// Its state now.
        state: State,
    },
}
