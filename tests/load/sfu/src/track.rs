//! The recorder without the making of files.

#[path = "../../../../src/engine/track/log.rs"]
mod log;
#[path = "../../../../src/engine/track/opus.rs"]
mod opus;
#[path = "../../../../src/engine/track/tape.rs"]
mod tape;

pub use log::{Entry, Record};
pub use opus::duration_us;
pub use tape::LogTape;
