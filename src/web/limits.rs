//! Counts expensive requests per address: a token bucket per (path, address), in this process.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use super::Address;
use crate::base::Timestamp;

/// How often one address may pass one doorway.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// At once.
    pub burst: u32,
    /// Lastingly.
    pub per_minute: u32,
}

/// The buckets. Cheap to clone.
#[derive(Clone, Default)]
pub struct Limiter {
    buckets: Arc<Mutex<HashMap<(&'static str, IpAddr), Bucket>>>,
}

struct Bucket {
    tokens: f64,
    at: Timestamp,
}

const MOST_BUCKETS: usize = 50_000;

impl Limiter {
    /// Takes one token.
    ///
    /// # Errors
    /// The seconds until the next one, when there is none.
    pub fn take(&self, path: &'static str, Address(ip): Address, limit: Limit, now: Timestamp) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_BUCKETS {
            buckets.retain(|_, bucket| (now - bucket.at).num_seconds() < 120);
        }
        let per_second = f64::from(limit.per_minute) / 60.0;
        let bucket = buckets.entry((path, ip)).or_insert_with(|| Bucket { tokens: f64::from(limit.burst), at: now });
        let passed = (now - bucket.at).as_seconds_f64().max(0.0);
        bucket.tokens = (bucket.tokens + passed * per_second).min(f64::from(limit.burst));
        bucket.at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        let missing = (1.0 - bucket.tokens) / per_second;
        Err(std::time::Duration::try_from_secs_f64(missing.ceil().max(1.0)).map_or(60, |wait| wait.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limiter = Limiter::default();
        let start = Timestamp::from_timestamp_millis(1_000_000).expect("an instant");
        let address = |last: u8| Address(IpAddr::from([192, 0, 2, last]));
        let take = |last: u8, seconds: i64| limiter.take("/p", address(last), Limit { burst: 2, per_minute: 6 }, start + chrono::Duration::seconds(seconds));
        assert_eq!([take(1, 0), take(1, 0), take(1, 0)], [Ok(()), Ok(()), Err(10)]);
        assert_eq!(take(2, 0), Ok(()), "another address has its own bucket");
        assert_eq!(take(1, 5), Err(5));
        assert_eq!(take(1, 10), Ok(()));
        assert_eq!([take(1, 600), take(1, 600), take(1, 600)], [Ok(()), Ok(()), Err(10)], "never more than the burst");
    }
}
