//! Composes the house: settings → engines → rooms → servers; drains it when it is told to stop.
//!
//! [`compose`] builds, [`serve`](serve::serve) and [`work`](work::work) run the two roles, [`seed`] fills a demo.
//! Nothing here decides anything about a journey.

mod appointments;
mod child;
pub mod compose;
mod lan;
mod nodes;
pub mod pose;
pub mod read;
pub mod seed;
pub mod serve;
pub mod settings;
mod signals;
pub mod verify;
pub mod work;

pub use compose::{BootError, Engines, engines, house};
pub use settings::Settings;
