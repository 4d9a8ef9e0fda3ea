//! Who works here: people, roles, sign-in, sessions.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a member of staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Role {
    /// Takes calls, decides on own calls.
    Agent,
    /// Finds, opens and plays every file.
    Supervisor,
}
