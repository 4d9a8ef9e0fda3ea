//! The front door: router, sessions, error → status, limits, live sockets, static apps.
pub mod wire;
