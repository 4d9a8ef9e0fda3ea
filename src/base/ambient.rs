//! Time and randomness as arguments. Nothing else in the house reads a clock or the operating system's randomness.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

/// An instant in UTC; stored as epoch milliseconds.
pub type Timestamp = DateTime<Utc>;

/// Where "now" comes from.
pub trait Clock: Send + Sync {
    /// The present instant, truncated to milliseconds so that it survives storage unchanged.
    fn now(&self) -> Timestamp;
}

/// Where unpredictable bytes come from.
pub trait Entropy: Send + Sync {
    /// Fills `out` with random bytes.
    fn fill(&self, out: &mut [u8]);
}

/// The clock and the randomness of one process, handed down from `boot`.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    last_id: Arc<Mutex<(i64, u16)>>,
}

impl Ambient {
    /// Joins a clock and a source of randomness.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy, last_id: Arc::default() }
    }

    /// The machine's clock and the operating system's randomness.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.entropy.fill(&mut out);
        out
    }

    /// A new time-ordered id, greater than every earlier one of this process: what is filed in one millisecond keeps its order.
    pub fn id<I: super::id::Id>(&self) -> I {
        let (millis, count) = self.next_place();
        let mut bytes: [u8; 10] = self.bytes();
        bytes[..2].copy_from_slice(&count.to_be_bytes());
        I::from_uuid(super::id::time_ordered(Timestamp::from_timestamp_millis(millis).unwrap_or_default(), bytes))
    }

    /// The millisecond of the next id and its number in it (RFC 9562 §6.2, method 1: a counter of twelve bits).
    fn next_place(&self) -> (i64, u16) {
        let now = self.now().timestamp_millis();
        let mut last = self.last_id.lock().unwrap_or_else(PoisonError::into_inner);
        *last = match *last {
            (millis, _) if now > millis => (now, 0),
            (millis, 0xfff) => (millis + 1, 0),
            (millis, count) => (millis, count + 1),
        };
        *last
    }

    /// A new secret of 256 bits, URL-safe. File only its [`digest`](secret_digest).
    pub fn secret(&self) -> String {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }
}

/// The form in which a secret token is filed: hex SHA-256. Tokens carry 256 bits, so no salt is needed.
pub fn secret_digest(token: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        truncated(Utc::now())
    }
}

/// The operating system's randomness.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        use rand::TryRngCore;
        rand::rngs::OsRng.try_fill_bytes(out).expect("the operating system gives random bytes");
    }
}

/// A clock that stands still until told to move; for tests.
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// A clock standing at `at`.
    pub fn at(at: Timestamp) -> Arc<Self> {
        Arc::new(Self(Mutex::new(truncated(at))))
    }

    /// Moves the clock forward (or back, with a negative span).
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Puts the clock at `at`.
    pub fn set(&self, at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = truncated(at);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reproducible bytes from a seed; for tests.
pub struct SeededEntropy(Mutex<rand::rngs::StdRng>);

impl SeededEntropy {
    /// The stream of bytes that belongs to `seed`.
    pub fn new(seed: u64) -> Arc<Self> {
        use rand::SeedableRng;
        Arc::new(Self(Mutex::new(rand::rngs::StdRng::seed_from_u64(seed))))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        use rand::RngCore;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(out);
    }
}

fn truncated(at: Timestamp) -> Timestamp {
    Timestamp::from_timestamp_millis(at.timestamp_millis()).expect("a valid instant stays valid without its microseconds")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::ObjectId;

    #[test]
    fn ids_of_one_millisecond_keep_their_order() {
        let clock = FixedClock::at(Timestamp::from_timestamp_millis(1_000).expect("valid"));
        let ambient = Ambient::new(clock.clone(), SeededEntropy::new(1));
        let mut ids: Vec<ObjectId> = (0..10_000).map(|_| ambient.id()).collect();
        clock.advance(Duration::milliseconds(-500));
        ids.extend((0..10).map(|_| ambient.id::<ObjectId>()));
        clock.advance(Duration::seconds(1));
        ids.push(ambient.id());
        assert!(ids.is_sorted_by(|earlier, later| earlier < later && earlier.to_string() < later.to_string()));
    }
}
