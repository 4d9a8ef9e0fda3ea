//! The steps, in the order people meet them. A step may call the next one through its door, never an earlier one;
//! news for an earlier step travels as a [`DomainEvent`](crate::registry::outbox::DomainEvent).

pub mod booking;
pub mod call;
pub mod checks;
pub mod intake;
pub mod queue;
pub mod recording;
pub mod review;
