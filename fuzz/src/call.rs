//! What pages say in a call.

#[path = "../../src/journey/call/command.rs"]
pub mod command;
#[path = "stills.rs"]
pub mod stills;
