//! Settings of the section `intake`.

use serde::{Deserialize, Serialize};

/// Limits of an intake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IntakeSettings {
    /// After so many refused photographs of one side the next is taken as it is, with a flag for the agent.
    pub refusals_before_flag: u32,
    /// So many photographs one file may hold, refused ones included.
    pub captures_max: u32,
    /// A file that nobody touched for so many days before its call ends, and its photographs are deleted.
    pub draft_days: u32,
    /// So many days a resume link works.
    pub resume_link_days: u32,
}

impl Default for IntakeSettings {
    fn default() -> Self {
        Self { refusals_before_flag: 3, captures_max: 60, draft_days: 30, resume_link_days: 30 }
    }
}
