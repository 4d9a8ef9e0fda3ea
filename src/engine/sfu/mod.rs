//! The selective forwarding unit: two participants in a room see and hear each other, and everything they send is put
//! on tape.

mod tap;

pub use tap::{Kind, Packet, Report, Tap, Tape};
