//! The queue, as far as it knows no database.

#[path = "../../../../src/journey/queue/engine/mod.rs"]
pub mod engine;
#[path = "../../../../src/journey/queue/estimate.rs"]
pub mod estimate;
#[path = "../../../../src/journey/queue/presence.rs"]
pub mod presence;
#[path = "../../../../src/journey/queue/routing.rs"]
pub mod routing;
#[path = "../../../../src/journey/queue/settings.rs"]
pub mod settings;
#[path = "../../../../src/journey/queue/ticket.rs"]
pub mod ticket;
