//! The first step: choose a document, photograph it, have it read, check the details, agree, leave contacts.
pub mod wire;
