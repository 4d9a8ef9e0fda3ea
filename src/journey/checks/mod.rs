//! Which checks a call needs and how they went.
pub mod wire;
