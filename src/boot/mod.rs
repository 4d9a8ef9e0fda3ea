//! Composes the house: settings, engines, rooms, servers; drains it.
