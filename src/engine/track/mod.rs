//! Recordings: the RTP log that grows while a call runs, and the files for people that are made from it afterwards.
//!
//! While the call runs [`LogTape`] writes what each participant sent, as it came. No decision is taken then: reordering,
//! gaps, clocks and pictures are the business of the files made afterwards, and a torn tail is just cut.
//!
//! Afterwards a [`Composer`] starts a child process per file: `timeline.rs` lays the packets on one line of time, `webm.rs`
//! copies one party into a seekable WebM, `film.rs` composes both into one MP4 with a line of captions.
//!
//! An [`Observer`] starts a child process that decodes a film and lets the pose engine look at its pictures (`sight.rs`).
//!
//! Knows packets and times only. Start reading at `log.rs` for the format, then `timeline.rs`.

mod caption;
pub mod child;
mod compare;
mod composer;
mod ff;
mod film;
mod log;
mod observer;
mod opus;
mod pane;
pub mod sight;
mod sound;
mod tape;
mod timeline;
mod vp8;
mod webm;

pub use caption::{Captions, Mark};
pub use child::{Gap, Make};
pub use composer::{ComposeError, Composer, Made, Reels};
pub use log::{Entry, Record, records};
pub use observer::{ObserveError, Observer};
pub use opus::duration_us;
pub use tape::{LogTape, Reel};
pub use timeline::{Frame, Track};
