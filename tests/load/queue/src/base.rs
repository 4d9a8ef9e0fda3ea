//! The ground floor, as far as the queue's rules stand on it.

#[path = "../../../../src/base/ambient.rs"]
pub mod ambient;
#[path = "../../../../src/base/id.rs"]
pub mod id;

/// Ids know how to become arguments of SQL; there is none here.
pub mod db {
    /// An argument.
    pub enum Arg {
        /// A text.
        Text(Option<String>),
    }
}

pub use ambient::Timestamp;
