//! What goes wrong on a real site, done to the real program: killed and stopped in the middle of a call.

mod carried;
mod database;
mod disk;
mod drained;
mod index;
mod killed;
pub(crate) mod nodes;
mod race;
mod replica;
mod stopped;
