//! Media: what participants send arrives, is recorded without a hole, and becomes files that play.

mod calls;
pub(crate) mod clip;
mod crash;
mod faces;
mod measured;
pub(crate) mod peer;
mod playback;
mod probe;
mod relay;
mod sealing;
mod stills;
