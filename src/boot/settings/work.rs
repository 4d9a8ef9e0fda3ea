//! The role that does jobs.

use serde::{Deserialize, Serialize};

/// Section `work`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkSettings {
    /// Jobs done at the same time.
    pub lanes: usize,
}

impl Default for WorkSettings {
    fn default() -> Self {
        Self { lanes: 2 }
    }
}
