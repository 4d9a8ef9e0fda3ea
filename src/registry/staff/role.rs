//! What a member of staff may do.

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
    /// No person: the account of `visavis probe`. Makes calls with itself, sees nobody's.
    Probe,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Supervisor, Self::Probe];

    /// The name in the database, on the wire and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Probe => "probe",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| "a role is agent, supervisor or probe".to_owned())
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
