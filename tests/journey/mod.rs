//! journey.

mod access;
mod staff;
