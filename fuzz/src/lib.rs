//! The rooms of the product that bytes from outside reach, as they stand in its tree, and what is asked of them.
#![allow(dead_code, unused_imports, missing_docs, reason = "rooms are taken in whole, targets use a part")]

pub mod base;
pub mod engine;
pub mod journey;
pub mod media;
pub mod targets;

use base::Pii;
use engine::{document, sfu, track};
use journey::call::command;
