//! The machines.

#[path = "../../src/engine/document/mod.rs"]
pub mod document;
#[path = "../../src/engine/sfu/mod.rs"]
pub mod sfu;
#[path = "track.rs"]
pub mod track;
