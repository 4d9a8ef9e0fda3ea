//! How far an intake is, as filed.

use super::word::{Word, word};
use crate::base::{Pii, Timestamp};

/// How the reading of the photographs of this round goes, as filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    NotStarted,
    Running,
    Done,
    Failed,
}

impl Stage {
    pub(super) fn name(self) -> String {
        word(self)
    }
}

impl std::str::FromStr for Stage {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        text.parse::<Word<Self>>().map(|word| word.0)
    }
}

/// How far an intake is.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    /// Counts the documents begun with; photographs of earlier rounds are not used.
    pub(super) round: i64,
    /// The customer chose to type.
    pub(super) is_typed: bool,
    /// The round was begun after an earlier one had been read, and nothing of it is photographed yet.
    pub(super) is_restarted: bool,
    pub(super) reading: Stage,
    pub(super) draft_email: Option<Pii<String>>,
    pub(super) draft_phone: Option<Pii<String>>,
    pub(super) draft_saved_at: Option<Timestamp>,
}

impl Default for Progress {
    fn default() -> Self {
        Self { round: 1, is_typed: false, is_restarted: false, reading: Stage::NotStarted, draft_email: None, draft_phone: None, draft_saved_at: None }
    }
}
