//! Machines that know nothing of the journey: they take bytes, frames, times and ids, and answer.

pub mod document;
pub mod notify;
pub mod pose;
pub mod reader;
pub mod sandbox;
pub mod sfu;
pub mod track;
pub mod turn;
pub mod vault;
