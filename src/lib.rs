//! Visavis, a self-hosted server for video identification. This is the map of the house, top floor last:
//! an arrow between rooms may only point to a room listed **above** it.

pub mod base;
pub mod engine;
pub mod registry;

pub mod journey;

pub mod web;

pub mod boot;
