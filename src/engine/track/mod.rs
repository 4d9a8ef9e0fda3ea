//! Recordings: the RTP log that grows while a call runs, and the files for people that are made from it afterwards.
//!
//! While the call runs [`LogTape`] writes what each participant sent, as it came. No decision is taken then: reordering,
//! gaps, clocks and pictures are the business of the files made afterwards, and a torn tail is just cut.
//!
//! Knows packets and times only. Start reading at `log.rs` for the format.

mod log;
mod tape;

pub use log::{Entry, Record, records};
pub use tape::{LogTape, Reel};
