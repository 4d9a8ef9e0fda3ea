//! Peers, rooms, forwarding.
