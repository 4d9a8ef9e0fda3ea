//! The measured rules: the same source files as in the server.

#[path = "queue.rs"]
pub mod queue;
