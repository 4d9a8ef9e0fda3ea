//! Words of photographs that commands use.

#[path = "../../src/journey/call/stills/still.rs"]
pub mod still;
