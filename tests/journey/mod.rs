//! Journeys through the router, in-process: one file per room.

mod access;
mod appointment;
mod asked;
pub mod booking;
mod call;
mod callback;
mod checks;
mod hours;
mod intake;
pub mod letters;
mod live;
mod observe;
mod outcomes;
mod pages;
mod process;
mod profiles;
pub mod queue;
mod rehearsal;
mod resume;
mod retention;
mod review;
pub(crate) mod roster;
mod routing;
mod staff;
mod supervision;
mod wake;
