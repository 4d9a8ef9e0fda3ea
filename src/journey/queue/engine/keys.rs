//! Every key the queue has in Redis. They share one hash tag, so that one script may touch all of them; the tag carries
//! the version of this schema, so that two versions of the server never read each other's index.

/// Counts changes of the schema below.
const SCHEMA: u32 = 1;

/// The keys of one house.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Sorted set: ticket by place (epoch milliseconds).
    pub waiting: String,
    /// Sorted set: agent by idle since (epoch milliseconds).
    pub ready: String,
    /// Sorted set: `ticket|agent` by the end of the refusal (epoch milliseconds).
    pub barred: String,
}

impl Keys {
    /// The keys that begin with `prefix`.
    pub fn of(prefix: &str) -> Self {
        let tag = format!("{{{prefix}:queue:v{SCHEMA}}}");
        Self { waiting: format!("{tag}:waiting"), ready: format!("{tag}:ready"), barred: format!("{tag}:barred") }
    }

    /// In the order the script expects them.
    pub fn all(&self) -> [&str; 3] {
        [&self.waiting, &self.ready, &self.barred]
    }
}
