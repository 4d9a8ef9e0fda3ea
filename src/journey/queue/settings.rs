//! What an operator can choose about the queue.

use chrono::Duration;
use serde::{Deserialize, Serialize};

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
    /// Patience assumed in the estimate of waits.
    pub patience_seconds: u32,
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
            customer_grace_seconds: 30,
            agent_grace_seconds: 15,
            ring_seconds: 45,
            booked_minutes_before: 15,
            usual_handling_seconds: 300,
            patience_seconds: 900,
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
        ];
        for (key, value) in positive {
            if value == 0 {
                found.push(format!("queue.{key} must be at least 1"));
            }
        }
        if self.redis_prefix.is_empty() || !self.redis_prefix.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c)) {
            found.push("queue.redis_prefix must be letters, digits, - _ . :".to_owned());
        }
        found
    }
}

/// Whole seconds as a span.
pub(super) fn seconds(count: u32) -> Duration {
    Duration::seconds(i64::from(count))
}
