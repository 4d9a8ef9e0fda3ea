//! Every key the queue has in Redis. They share one hash tag, so that one script may touch all of them; the tag carries
//! the version of this schema and the fingerprint of the catalogue of lanes, so that two versions of the server, or two
//! servers that number their lanes differently, never read each other's index.

/// Counts changes of the schema below.
const SCHEMA: u32 = 4;

/// The keys of one house.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Sorted set by name: `lane|place|ticket` (2 and 15 digits, 32 hex digits).
    pub line: String,
    /// The same of booked tickets only.
    pub booked: String,
    /// Hash: ticket to `lane|place|` and `b` (booked) or `w`, then the wider lane if any.
    pub tickets: String,
    /// Sorted set by name: `lanes|since|agent`, lanes as `00,03,`.
    pub ready: String,
    /// Hash: agent to `since|lanes`.
    pub agents: String,
    /// Hash: lanes to the number of ready agents with exactly these.
    pub profiles: String,
    /// Sorted set by epoch milliseconds: `r|ticket` moves to the wider lane then.
    pub due: String,
    /// Sorted set by epoch milliseconds: `ticket|agent` is a refusal that ends then.
    pub bars: String,
    /// Hash: `generation` is there as long as the index is whole; `reserve`: how many are kept by lane, as `00:2,03:1,`.
    pub meta: String,
}

impl Keys {
    /// The keys that begin with `prefix`, for lanes numbered as `fingerprint` says.
    pub fn of(prefix: &str, fingerprint: &str) -> Self {
        let key = |name: &str| format!("{{{prefix}:queue:v{SCHEMA}:{fingerprint}}}:{name}");
        Self {
            line: key("line"),
            booked: key("booked"),
            tickets: key("tickets"),
            ready: key("ready"),
            agents: key("agents"),
            profiles: key("profiles"),
            due: key("due"),
            bars: key("bars"),
            meta: key("meta"),
        }
    }

    /// In the order the script expects them.
    pub fn all(&self) -> [&str; 9] {
        [&self.line, &self.booked, &self.tickets, &self.ready, &self.agents, &self.profiles, &self.due, &self.bars, &self.meta]
    }
}
