//! What every step of the journey writes to. Knows no step.

pub mod audit;
pub mod dossier;
pub mod letters;
pub mod nodes;
pub mod outbox;
pub mod person;
pub mod staff;
