//! What pages say.

#[path = "call.rs"]
pub mod call;
