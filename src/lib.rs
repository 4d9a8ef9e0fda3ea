//! Visavis, a self-hosted server for video identification. This is the map of the house, ground floor first: an arrow
//! between rooms may only run **down**, to a floor listed earlier. `tests/architecture.rs` reads the imports and fails on
//! one that runs up.
//!
//! | Floor | Room | What happens there |
//! |---|---|---|
//! | [`base`] | | ids, clock, randomness, personal-data types, the database handle |
//! | [`engine`] | [`document`](engine::document) | MRZ, QR payloads, check digits, names, national numbers (pure) |
//! | | [`reader`](engine::reader) | pictures in, readings out: always in a sandboxed child process |
//! | | [`pose`](engine::pose) | faces, head angles and their judge: the door to `crates/pose`, which browsers share |
//! | | [`sfu`](engine::sfu) | peers, rooms, forwarding rules; a machine without clock or socket and the sockets that feed it |
//! | | [`track`](engine::track) | the log of what was sent, and the files made of it |
//! | | [`turn`](engine::turn) | relays for browsers behind firewalls: credentials that end |
//! | | [`vault`](engine::vault) | envelope encryption, sealed files |
//! | | [`notify`](engine::notify) | messages to people outside |
//! | | [`sandbox`](engine::sandbox) | the walls around child processes |
//! | [`registry`] | [`dossier`](registry::dossier) | the customer file: the life of an application and all that is filed under it |
//! | | [`staff`](registry::staff) | people, roles, sign-in, sessions |
//! | | [`audit`](registry::audit) | the hash-chained journal of who did what, why |
//! | | [`person`](registry::person) | who a file is about, as keyed digests: tries, pauses, the negative list |
//! | | [`letters`](registry::letters) | what was written to customers, and what became of it |
//! | | [`outbox`](registry::outbox) | what leaves a transaction: pushes, events, jobs |
//! | | [`nodes`](registry::nodes) | the servers of the house: who is alive, who has room, how they ask one another |
//! | [`journey`] | [`intake`](journey::intake) | choose, photograph, read, check, agree |
//! | | [`booking`](journey::booking) | shifts, slots, seats, appointments |
//! | | [`queue`](journey::queue) | tickets, presence, offers, rings; SQL is the truth, an engine the index |
//! | | [`call`](journey::call) | the life of a call: rehearsal, seats, signalling, chat, photographs, quality, resume |
//! | | [`checks`](journey::checks) | what is checked in a call and how it went |
//! | | [`recording`](journey::recording) | sealed logs → playable files, playback |
//! | | [`review`](journey::review) | the decision, and finding and opening a file afterwards |
//! | [`web`] | | the front door: routes and who may use them, sessions, errors → status, live sockets, static apps |
//! | [`boot`] | | composes the house and drains it |
//! | [`probe`] | | stands outside: a caller that knows the address only |
//!
//! Rooms know no HTTP: a room's edge is `web/routes/<room>.rs`, which parses, asks the door and answers. A step of the
//! journey may call a later step through its door, never an earlier one; news for an earlier step travels as a
//! [`DomainEvent`](registry::outbox::DomainEvent). `review` may read every step.

pub mod base;

pub mod engine;

pub mod registry;

pub mod journey;

pub mod web;

pub mod boot;

pub mod probe;
