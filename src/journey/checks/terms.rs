//! The terms of a rule profile that reach beyond the checks themselves. Data of its file, with what is meant where it
//! says nothing.

use serde::{Deserialize, Serialize};

/// What a broken connection means for the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReconnectPolicy {
    /// What was passed stays passed.
    Continue,
    /// The last check before the break comes again.
    RepeatLastCheck,
    /// The call ends; the next one begins from the front.
    FreshSession,
}

/// Section `reconnect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reconnect {
    /// What counts afterwards.
    pub policy: ReconnectPolicy,
    /// A call that follows so soon after one that broke off goes on where that one was.
    pub within_minutes: u32,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self { policy: ReconnectPolicy::FreshSession, within_minutes: 30 }
    }
}

/// Section `attempts`: calls that identify nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Attempts {
    /// So many.
    pub most: u32,
    /// Within so many hours.
    pub within_hours: u32,
    /// Then the person has to pause so many minutes.
    pub pause_minutes: u32,
}

impl Default for Attempts {
    fn default() -> Self {
        Self { most: 5, within_hours: 24, pause_minutes: 60 }
    }
}

impl Attempts {
    /// As the registry of persons counts them.
    pub fn limit(self) -> crate::registry::person::Limit {
        crate::registry::person::Limit {
            most: self.most,
            window: chrono::Duration::hours(i64::from(self.within_hours)),
            pause: chrono::Duration::minutes(i64::from(self.pause_minutes)),
        }
    }
}

/// Section `code`: a one-time code sent to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CodeTerms {
    /// How long one lives.
    pub minutes: u32,
    /// How often one check may be answered wrong, over all its codes.
    pub attempts: u32,
    /// How often one may be sent in one check.
    pub sends: u32,
}

impl Default for CodeTerms {
    fn default() -> Self {
        Self { minutes: 5, attempts: 5, sends: 3 }
    }
}

/// Section `questions`: questions about what is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct QuestionTerms {
    /// How many in one check.
    pub ask: usize,
    /// So many of them may be answered wrong.
    pub wrong: usize,
}

impl Default for QuestionTerms {
    fn default() -> Self {
        Self { ask: 3, wrong: 0 }
    }
}
