//! The last step: the decision, and everything a supervisor does with a file afterwards.
pub mod wire;
