//! The second step, when the customer prefers later: shifts make slots, slots have seats, a seat is a booking.
pub mod wire;
