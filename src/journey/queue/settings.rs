//! What an operator can choose about the queue.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::routing::{Catalogue, MOST_LANES, Product, is_coded};

/// Section `queue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `redis://…`: keeps the index in Redis; empty keeps it in memory.
    pub redis_url: String,
    /// Begins the names of all keys in Redis, so that several houses can share one server.
    pub redis_prefix: String,
    /// How long an offer lies on a desk.
    pub offer_seconds: u32,
    /// Missed offers in a row that send an agent to a break.
    pub missed_offers: u32,
    /// How long a ticket is not offered again to an agent who declined or missed it.
    pub refusal_seconds: u32,
    /// How long wrap-up lasts when the agent does not end it.
    pub wrap_up_seconds: u32,
    /// How long wrap-up lasts at most, with all extensions.
    pub wrap_up_most_seconds: u32,
    /// How long a waiting customer's page may be gone before the place is given up.
    pub customer_grace_seconds: u32,
    /// How long an agent's page may be gone before the agent is offline.
    pub agent_grace_seconds: u32,
    /// How long a booked customer's page rings.
    pub ring_seconds: u32,
    /// From how many minutes before the appointment a booked customer goes before the others.
    pub booked_minutes_before: u32,
    /// Handling time assumed until enough calls are measured.
    pub usual_handling_seconds: u32,
    /// Patience assumed in the estimate of waits until enough is measured.
    pub patience_seconds: u32,
    /// Languages calls are held in; a customer of another language is served by those who speak the first.
    pub languages: Vec<String>,
    /// What customers call about, `name:tier`; the tier is the level of skill it asks of an agent. The first is what
    /// somebody calls about who names nothing.
    pub products: Vec<Product>,
    /// Who gets a call among the agents who may serve it.
    pub choice: Choice,
    /// After so long a ticket goes to anybody who speaks the language; 0 is never.
    pub relax_seconds: u32,
    /// So many minutes before others goes who said to need special help.
    pub special_needs_minutes: u32,
    /// So many minutes before an appointment a ready agent is kept for it; 0 keeps nobody.
    pub reserve_minutes: u32,
    /// So many offers of one ticket came to nothing before supervisors are told and every agent of the language may have it.
    pub escalate_after_offers: u32,
    /// The line takes nobody any more while so many wait; 0 is no limit.
    pub most_waiting: u32,
    /// Whether customers are let into the line while nobody is on duty.
    pub takes_unstaffed: bool,
    /// Whether customers may ask to be called back.
    pub callbacks: bool,
    /// How long a customer who is called back is rung.
    pub callback_ring_seconds: u32,
    /// After so many minutes a customer who did not come is rung again; after the last of them the ticket is given up.
    pub ring_again_minutes: Vec<u32>,
    /// From so many minutes on a wait is long: supervisors know, and the page offers something else; 0 is never.
    pub long_wait_minutes: u32,
    /// What a customer is offered instead of a long wait.
    pub long_wait_offers: Vec<Instead>,
    /// What a customer is offered while nobody is on duty.
    pub unstaffed_offers: Vec<Instead>,
}

/// What a customer may do instead of waiting on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Instead {
    /// Choose an appointment.
    Slot,
    /// Be called back, at the same place in line.
    Callback,
}

/// Who gets a call among the agents who may serve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Whoever has been idle longest.
    LongestIdle,
    /// Anybody, so that nobody can tell beforehand who will have a customer.
    Random,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            redis_url: String::new(),
            redis_prefix: "visavis".to_owned(),
            offer_seconds: 20,
            missed_offers: 2,
            refusal_seconds: 60,
            wrap_up_seconds: 120,
            wrap_up_most_seconds: 900,
            customer_grace_seconds: 30,
            agent_grace_seconds: 15,
            ring_seconds: 45,
            booked_minutes_before: 15,
            usual_handling_seconds: 300,
            patience_seconds: 900,
            languages: vec!["vi".to_owned(), "en".to_owned()],
            products: vec![Product { name: "identification".to_owned(), tier: 1 }],
            choice: Choice::LongestIdle,
            relax_seconds: 120,
            special_needs_minutes: 10,
            reserve_minutes: 0,
            escalate_after_offers: 5,
            most_waiting: 0,
            takes_unstaffed: true,
            callbacks: true,
            callback_ring_seconds: 60,
            ring_again_minutes: vec![2, 5],
            long_wait_minutes: 10,
            long_wait_offers: vec![Instead::Callback, Instead::Slot],
            unstaffed_offers: vec![Instead::Slot, Instead::Callback],
        }
    }
}

impl Settings {
    /// What contradicts itself, in words; empty when nothing does.
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        let positive = [
            ("offer_seconds", self.offer_seconds),
            ("missed_offers", self.missed_offers),
            ("wrap_up_seconds", self.wrap_up_seconds),
            ("customer_grace_seconds", self.customer_grace_seconds),
            ("agent_grace_seconds", self.agent_grace_seconds),
            ("ring_seconds", self.ring_seconds),
            ("usual_handling_seconds", self.usual_handling_seconds),
            ("patience_seconds", self.patience_seconds),
            ("escalate_after_offers", self.escalate_after_offers),
            ("callback_ring_seconds", self.callback_ring_seconds),
        ];
        for (key, value) in positive {
            if value == 0 {
                found.push(format!("queue.{key} must be at least 1"));
            }
        }
        if self.redis_prefix.is_empty() || !self.redis_prefix.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c)) {
            found.push("queue.redis_prefix must be letters, digits, - _ . :".to_owned());
        }
        let catalogue = Catalogue::of(self);
        if catalogue.is_empty() || self.products.is_empty() || catalogue.len() > MOST_LANES {
            found.push(format!("queue.languages times (queue.products + 1) must be 2 to {MOST_LANES}"));
        }
        let names: std::collections::BTreeSet<&str> = self.products.iter().map(|product| product.name.as_str()).collect();
        if names.len() < self.products.len() || self.languages.iter().any(|language| !is_coded(language)) {
            found.push("queue.languages must be coded names such as vi, and queue.products must differ in name".to_owned());
        }
        found
    }
}

/// Whole seconds as a span.
pub(super) fn seconds(count: u32) -> Duration {
    Duration::seconds(i64::from(count))
}
