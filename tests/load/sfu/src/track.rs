//! The recorder without the making of files.

#[path = "../../../../src/engine/track/log.rs"]
mod log;
#[path = "../../../../src/engine/track/tape.rs"]
mod tape;

pub use tape::LogTape;
