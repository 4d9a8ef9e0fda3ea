//! The fourth step: the life of a call, its participants, signalling, chat and resume.
pub mod wire;
