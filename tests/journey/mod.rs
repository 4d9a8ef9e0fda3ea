//! Journeys through the router, in-process: one file per room.

mod access;
mod call;
mod checks;
mod intake;
mod live;
mod process;
mod review;
mod staff;
