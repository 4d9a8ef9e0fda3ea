//! Composes the house: settings → engines → rooms → servers; drains it when it is told to stop.

pub mod compose;
pub mod settings;

pub use compose::{Engines, engines, house};
pub use settings::Settings;
