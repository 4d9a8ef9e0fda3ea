//! Everything that crosses a room, in one binary so that it links once: journeys through the router in-process,
//! the contract of both databases and both queue engines, media with independent peers, and the floors of the house.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
#![allow(unreachable_pub, reason = "one binary, nobody else reaches in")]
#![allow(clippy::cast_precision_loss, clippy::items_after_statements, reason = "a test says what it needs where it needs it")]
#![allow(missing_docs, reason = "tests tell their story by name")]

mod architecture;
mod contract;
mod faults;
mod fuzz;
mod journey;
mod media;
mod support;
