//! Media: what participants send arrives, is recorded without a hole, and becomes files that play.

mod calls;
pub(crate) mod clip;
mod crash;
mod faces;
mod flood;
mod measured;
pub(crate) mod peer;
mod playable;
mod playback;
mod probe;
mod relay;
mod sealing;
mod stills;
mod verified;
