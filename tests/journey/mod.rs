//! Journeys through the router, in-process: one file per room.

mod access;
pub mod booking;
mod call;
mod callback;
mod checks;
mod hours;
mod intake;
mod live;
mod pages;
mod process;
pub mod queue;
mod rehearsal;
mod review;
pub(crate) mod roster;
mod routing;
mod staff;
mod supervision;
mod wake;
