//! Journeys through the router, in-process: one file per room.

mod access;
pub mod booking;
mod call;
mod checks;
mod intake;
mod live;
mod process;
pub mod queue;
mod review;
mod roster;
mod routing;
mod staff;
mod supervision;
