//! Media: what participants send arrives, is recorded without a hole, and becomes files that play.

mod clip;
mod crash;
mod playback;
mod sealing;
