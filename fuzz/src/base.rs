//! The ground floor under the rooms.

#[path = "../../src/base/ambient.rs"]
pub mod ambient;
#[path = "../../src/base/id.rs"]
pub mod id;
#[path = "../../src/base/pii.rs"]
pub mod pii;

/// Ids know how to become arguments of SQL; there is none here.
pub mod db {
    /// An argument.
    pub enum Arg {
        /// A text.
        Text(Option<String>),
    }
}

pub use ambient::{Ambient, Timestamp};
pub use pii::Pii;
