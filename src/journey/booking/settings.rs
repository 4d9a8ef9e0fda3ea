//! What an operator can choose about appointments. When they can be held stands in the section `hours`.

use serde::{Deserialize, Serialize};

/// Section `booking`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// An appointment is made, moved or cancelled at least so many minutes before it begins.
    pub notice_minutes: u32,
    /// How many days ahead appointments are offered.
    pub horizon_days: u32,
    /// So many minutes are left free between two appointments.
    pub buffer_minutes: u32,
    /// The most appointments on one day of the site; 0 is no limit.
    pub daily_cap: u32,
    /// How long a seat is held for a customer who is about to decide.
    pub hold_seconds: u32,
    /// So many appointments an agent may call off in 24 hours.
    pub call_offs_per_day: u32,
    /// At the time of an appointment the system keeps the next free agent for it, who then rings the customer; otherwise agents call from
    /// their list.
    pub rings_by_itself: bool,
    /// So many minutes after its end an appointment nobody came to is closed.
    pub missed_after_minutes: u32,
    /// Where links in messages lead, without a slash at the end; empty is the address of the server itself.
    pub link_base: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            notice_minutes: 10,
            horizon_days: 14,
            buffer_minutes: 0,
            daily_cap: 0,
            hold_seconds: 300,
            call_offs_per_day: 5,
            rings_by_itself: true,
            missed_after_minutes: 30,
            link_base: String::new(),
        }
    }
}

impl Settings {
    /// What contradicts itself, in words; empty when nothing does.
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        if !(1..=90).contains(&self.horizon_days) {
            found.push("booking.horizon_days must be 1 to 90".to_owned());
        }
        let is_web = self.link_base.starts_with("http://") || self.link_base.starts_with("https://");
        if !self.link_base.is_empty() && (!is_web || self.link_base.ends_with('/')) {
            found.push("booking.link_base must be an http(s) address without a slash at the end".to_owned());
        }
        found
    }
}
