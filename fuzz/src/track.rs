//! What reads recordings, without libav.

#[path = "../../src/engine/track/log.rs"]
mod log;
#[path = "../../src/engine/track/opus.rs"]
mod opus;
#[path = "../../src/engine/track/timeline.rs"]
mod timeline;
#[path = "../../src/engine/track/vp8.rs"]
mod vp8;

pub use log::{Entry, Record, records};
pub use opus::duration_us;
pub use timeline::{Frame, Track};
