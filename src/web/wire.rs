//! What every answer has in common.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    base::id::{CallId, StaffId},
    engine::document::FieldName,
    registry::staff::Role,
};

/// Every error. `code` is stable; pages translate it (`error.<code>`), `message` is English for developers.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ErrorView {
    /// Stable code.
    pub code: String,
    /// English sentence without personal data.
    pub message: String,
    /// Names the request in the server's log.
    pub request_id: String,
    /// Which fields of a form are bad and how (`required`, `malformed`, `too_long`, `implausible`).
    pub fields: Vec<FieldProblem>,
}

/// One bad field.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct FieldProblem {
    /// A field of the document, or null for `part`.
    pub name: Option<FieldName>,
    /// `email`, `phone`, `consent.recording`, … where it is no field of the document.
    pub part: Option<String>,
    /// How it is bad.
    pub problem: String,
}

/// `POST /api/v1/staff/sign-in`.
#[derive(Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct SignIn {
    /// Sign-in name.
    pub name: String,
    /// Password.
    pub password: String,
}

/// Who is signed in: `GET /api/v1/staff/me`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct StaffView {
    /// Id.
    pub id: StaffId,
    /// As shown to customers and colleagues.
    pub display_name: String,
    /// `agent`, `supervisor`; `probe` alone for the account of a probe.
    pub roles: Vec<Role>,
}

/// `POST /api/v1/probe/calls`.
#[derive(Debug, Serialize)]
pub struct ProbeCallView {
    /// The call, with the asker at both ends.
    pub call_id: CallId,
}

/// What the pages need before anybody signs in: `GET /api/v1/brand`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct BrandView {
    /// Name of the house.
    pub name: String,
    /// Colour of accents, CSS.
    pub accent: String,
    /// Address a phone on the local network can open, if HTTPS is offered.
    pub phone_url: Option<String>,
    /// The same as a QR code, SVG.
    pub phone_qr_svg: Option<String>,
}
