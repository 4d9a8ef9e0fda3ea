//! The third step: tickets, presence of agents, offers. SQL is the truth; the engine is an index rebuilt at every start.
pub mod wire;
