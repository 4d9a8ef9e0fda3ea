//! What everything stands on: ids, time, randomness, personal-data types, the words people read and the database handle.
//!
//! Knows nothing of identification. Start reading at [`Ambient`]: it is how time and randomness reach a rule.

pub mod ambient;
pub mod db;
pub mod id;
pub mod link;
pub mod pii;
pub mod words;

pub use ambient::{Ambient, Clock, Entropy, Timestamp};
pub use pii::Pii;
