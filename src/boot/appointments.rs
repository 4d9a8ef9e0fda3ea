//! Builds the queue and the appointments.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{BootError, Settings, compose::Engines};
use crate::{
    engine::notify::Folder,
    journey::{
        booking::{self, Bookings, CLOSE_BOOKING, CloseBooking, SEND_CONFIRMATION, SendConfirmation},
        call::Calls,
        queue::{
            self, Queue,
            engine::{Engine, memory::Memory, redis::Redis},
        },
    },
    registry::outbox::{Hub, Relay, jobs::Worker},
};

/// The queue over its index: Redis when there is an address, else memory.
pub(super) async fn queue(
    settings: &Settings,
    engines: &Engines,
    (hub, relay): (Hub, Relay),
    calls: Calls,
    draining: CancellationToken,
) -> Result<Queue, BootError> {
    let chosen = &settings.queue;
    let engine: Arc<dyn Engine> = if chosen.redis_url.is_empty() {
        Arc::new(Memory::default())
    } else {
        Arc::new(Redis::connect(&chosen.redis_url, &chosen.redis_prefix).await.map_err(|error| BootError::Redis(Box::new(error)))?)
    };
    Ok(Queue::new(queue::Parts {
        ambient: engines.ambient.clone(),
        db: engines.db.clone(),
        hub,
        relay,
        engine,
        calls: Arc::new(calls),
        settings: chosen.clone(),
        hours: settings.hours.clone(),
        draining,
    }))
}

/// The appointments.
pub(super) fn bookings(settings: &Settings, engines: &Engines, relay: Relay) -> Bookings {
    let mut chosen = settings.booking.clone();
    if chosen.link_base.is_empty() {
        chosen.link_base = settings.server.address();
    }
    Bookings::new(booking::Parts {
        ambient: engines.ambient.clone(),
        db: engines.db.clone(),
        relay,
        settings: chosen,
        hours: settings.hours.clone(),
        link_key: engines.vault.key_for("booking links"),
    })
}

/// The jobs of appointments.
pub(super) fn with_jobs(worker: Worker, settings: &Settings, engines: &Engines) -> Worker {
    let relay = Relay::new(engines.db.clone(), engines.ambient.clone(), Hub::default());
    let bookings = bookings(settings, engines, relay);
    let notifier = Arc::new(Folder::new(settings.storage.data.join("notify")));
    worker.with(SEND_CONFIRMATION, Arc::new(SendConfirmation { bookings: bookings.clone(), notifier })).with(CLOSE_BOOKING, Arc::new(CloseBooking { bookings }))
}
