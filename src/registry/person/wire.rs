//! What the console is told about people the house knows again.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::KeyKind;
use crate::base::{Pii, Timestamp, id::ObjectId};

/// What consoles are told about risks: that there is something new to read, never about whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum RiskPush {
    /// The negative list, its hits, or what speaks against approvals changed.
    RiskChanged,
}

/// `POST /api/v1/negative-list`: a document number, a name with a birth date, or both.
///
/// Reasons: `forged_document`, `stolen_document`, `impersonation`, `court_order`, `other`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct AddToList {
    /// Number of the document; spaces and dashes do not count.
    #[ts(type = "string | null")]
    pub document_number: Option<Pii<String>>,
    /// Name; marks and capitals do not count.
    #[ts(type = "string | null")]
    pub name: Option<Pii<String>>,
    /// ISO date.
    #[ts(type = "string | null")]
    pub birth_date: Option<Pii<String>>,
    /// Coded reason.
    pub reason: String,
}

/// One entry of the negative list: only a digest is kept, so nothing of the person can be shown.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ListEntry {
    /// Its id.
    pub id: ObjectId,
    /// What is known of the person.
    pub key_kind: KeyKind,
    /// Coded reason.
    pub reason: String,
    /// Who put it there.
    pub added_by: String,
    /// When.
    #[ts(type = "string")]
    pub added_at: Timestamp,
    /// In how many calls it was met.
    pub hits: u32,
}

/// `POST /api/v1/negative-list/import`.
#[derive(Debug, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ImportList {
    /// CSV with the columns `document_number,name,birth_date,reason`.
    #[ts(type = "string")]
    pub csv: Pii<String>,
}

/// Answer of `POST /api/v1/negative-list/import`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ImportReport {
    /// Rows that were new.
    pub added: u32,
    /// Rows that stood there already.
    pub known: u32,
    /// Lines that make no sense, from 1.
    pub bad_lines: Vec<u32>,
}

/// The negative list named the person of a file as a call began.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct ListHit {
    /// By what.
    pub key_kind: KeyKind,
    /// Coded reason.
    pub reason: String,
    /// Since when the entry stands there.
    #[ts(type = "string")]
    pub listed_at: Timestamp,
    /// When the call began.
    #[ts(type = "string")]
    pub at: Timestamp,
}
