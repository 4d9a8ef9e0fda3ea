//! Builds the queue and the appointments.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{
    BootError, Settings,
    compose::{self, Engines},
};
use crate::{
    engine::notify::{
        Letterhead,
        push::{VapidKey, WebPush},
    },
    journey::{
        booking::{self, Bookings, CLOSE_BOOKING, CloseBooking, SEND_LETTER, SendLetter},
        call::Calls,
        queue::{
            self, Queue,
            calendar::Calendar,
            engine::{Engine, memory::Memory, redis::Redis},
            ring::{
                Push,
                reach::{REACH_CUSTOMER, ReachCustomer},
            },
            routing::Catalogue,
        },
    },
    registry::outbox::{Hub, Relay, jobs::Worker},
};

/// Names the key that signs links to rings.
const RING_LINKS: &str = "ring links";

/// Whether other servers may stand beside this one: the database and the index are shared.
pub(super) fn is_one_of_several(settings: &Settings) -> bool {
    settings.storage.database_url.starts_with("postgres") && !settings.queue.redis_url.is_empty()
}

/// The queue over its index: Redis when there is an address, else memory.
pub(super) async fn queue(
    settings: &Settings,
    engines: &Engines,
    (hub, relay): (Hub, Relay),
    calls: Calls,
    (calendar, draining): (Calendar, CancellationToken),
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
        calendar,
        push: vapid_key(settings, engines).map(|key| Push { public_key: key.public(), hosts: settings.notify.push_hosts.clone() }),
        link_key: engines.vault.key_for(RING_LINKS),
        node: is_one_of_several(settings).then(|| settings.call.node.clone()),
        draining,
    }))
}

/// The key that says who wakes browsers, if any are woken.
fn vapid_key(settings: &Settings, engines: &Engines) -> Option<VapidKey> {
    if settings.notify.push_hosts.is_empty() {
        return None;
    }
    let key = VapidKey::of(&engines.vault.key_for("web push"));
    if key.is_none() {
        tracing::error!("no key for web push can be made of this vault's; browsers are not woken");
    }
    key
}

/// The appointments.
pub(super) fn bookings(settings: &Settings, engines: &Engines, relay: Relay, calendar: Calendar) -> Bookings {
    Bookings::new(booking::Parts {
        ambient: engines.ambient.clone(),
        db: engines.db.clone(),
        relay,
        settings: settings.booking.clone(),
        calendar,
        routing: settings.queue.clone(),
        link_key: engines.vault.key_for("booking links"),
    })
}

/// The jobs of appointments.
pub(super) fn with_jobs(worker: Worker, settings: &Settings, engines: &Engines) -> Result<Worker, BootError> {
    let relay = Relay::new(engines.db.clone(), engines.ambient.clone(), Hub::default());
    let bookings = bookings(settings, engines, relay, Calendar::new(settings.hours.clone()));
    let letters = compose::letters(settings, engines)?;
    let chosen = &settings.booking.link_base;
    let home = if chosen.is_empty() { settings.server.address() } else { chosen.clone() };
    let head = Letterhead { house: settings.brand.name.clone(), organizer: settings.notify.sender_address(), home };
    let push = match vapid_key(settings, engines) {
        Some(key) => {
            let contact = settings.notify.sender_address();
            Some(WebPush::new(key, &contact, &settings.notify.push_hosts, engines.ambient.clone()).map_err(BootError::Notify)?)
        }
        None => None,
    };
    let reach = ReachCustomer {
        ambient: engines.ambient.clone(),
        db: engines.db.clone(),
        head: head.clone(),
        link_key: engines.vault.key_for(RING_LINKS),
        letters: letters.clone(),
        push,
    };
    Ok(worker
        .with(SEND_LETTER, Arc::new(SendLetter { bookings: bookings.clone(), head, letters }))
        .with(CLOSE_BOOKING, Arc::new(CloseBooking { bookings }))
        .with(REACH_CUSTOMER, Arc::new(reach)))
}
