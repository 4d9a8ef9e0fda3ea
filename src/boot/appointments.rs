//! Builds the queue and the appointments.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{BootError, Settings, compose::Engines};
use crate::{
    engine::notify,
    journey::{
        booking::{self, Bookings, CLOSE_BOOKING, CloseBooking, Letterhead, SEND_LETTER, SendLetter},
        call::Calls,
        queue::{
            self, Queue,
            engine::{Engine, memory::Memory, redis::Redis},
            routing::Catalogue,
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
        Arc::new(
            Redis::connect(&chosen.redis_url, &chosen.redis_prefix, &Catalogue::of(chosen).fingerprint())
                .await
                .map_err(|error| BootError::Redis(Box::new(error)))?,
        )
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
    Bookings::new(booking::Parts {
        ambient: engines.ambient.clone(),
        db: engines.db.clone(),
        relay,
        settings: settings.booking.clone(),
        hours: settings.hours.clone(),
        link_key: engines.vault.key_for("booking links"),
    })
}

/// The jobs of appointments.
pub(super) fn with_jobs(worker: Worker, settings: &Settings, engines: &Engines) -> Result<Worker, BootError> {
    let relay = Relay::new(engines.db.clone(), engines.ambient.clone(), Hub::default());
    let bookings = bookings(settings, engines, relay);
    let notifier = notify::way_out(&settings.notify, settings.storage.data.join("notify")).map_err(BootError::Notify)?;
    let chosen = &settings.booking.link_base;
    let home = if chosen.is_empty() { settings.server.address() } else { chosen.clone() };
    let head = Letterhead { house: settings.brand.name.clone(), organizer: settings.notify.sender_address(), home };
    Ok(worker.with(SEND_LETTER, Arc::new(SendLetter { bookings: bookings.clone(), head, notifier })).with(CLOSE_BOOKING, Arc::new(CloseBooking { bookings })))
}
