//! Journeys through the router, in-process: one file per room.

mod access;
mod intake;
mod process;
mod staff;
