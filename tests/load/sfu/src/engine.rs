//! The measured rooms: the same source files as in the server.

#[path = "../../../../src/engine/sfu/mod.rs"]
pub mod sfu;
#[path = "track.rs"]
pub mod track;
#[path = "../../../../src/engine/vault/mod.rs"]
pub mod vault;
