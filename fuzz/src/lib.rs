//! The pure rooms of the product as they stand in its tree, and what is asked of them.
#![allow(dead_code, unused_imports, missing_docs, reason = "rooms are taken in whole, targets use a part")]

#[path = "../../src/engine/document/mod.rs"]
pub mod document;
#[path = "../../src/base/pii.rs"]
pub mod pii;
pub mod targets;

/// The floor under them.
pub mod base {
    pub use crate::pii::Pii;
}

/// The machines.
pub mod engine {
    pub use crate::document;
}

use base::Pii;
