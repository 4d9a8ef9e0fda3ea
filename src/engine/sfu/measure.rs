//! How the way to a participant is, out of what the stack counts. Pure.

use std::time::{Duration, Instant};

use str0m::stats::{MediaEgressStats, MediaIngressStats, PeerStats};

use super::{Kind, Measured};

/// How often the caller is told.
const EVERY: Duration = Duration::from_millis(4_900);

/// Gathers the counts of one participant.
#[derive(Debug, Default)]
pub(super) struct Meter {
    found: Measured,
    has_media: bool,
    begun: Option<Instant>,
    sent: Bytes,
    video: Bytes,
}

impl Meter {
    /// A round of counts begins; what the rounds of the last seconds found, when it is time and there was media.
    pub(super) fn peer(&mut self, stats: &PeerStats) -> Option<Measured> {
        let now = stats.timestamp;
        self.sent.count(now, stats.peer_bytes_tx);
        if now.saturating_duration_since(*self.begun.get_or_insert(now)) < EVERY {
            return None;
        }
        self.begun = Some(now);
        let done = Measured { video_kbps: self.video.kbps(), sent_kbps: self.sent.kbps(), ..self.found };
        self.found = Measured { rtt_us: done.rtt_us, ..Measured::default() };
        std::mem::take(&mut self.has_media).then_some(done)
    }

    /// A packet was dropped that should have been sound.
    pub(super) fn malformed(&mut self) {
        self.found.malformed = self.found.malformed.saturating_add(1);
    }

    /// What was reported of something sent.
    pub(super) fn outgoing(&mut self, stats: &MediaEgressStats) {
        self.found.rtt_us = stats.rtt.map_or(self.found.rtt_us, |rtt| u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX));
    }

    /// What came in of a kind.
    pub(super) fn incoming(&mut self, kind: Kind, stats: &MediaIngressStats) {
        self.has_media = true;
        self.found.loss_ppm = self.found.loss_ppm.max(share(stats.loss));
        match kind {
            Kind::Audio => self.found.jitter_us = micros(stats.jitter, kind.clock_rate()),
            Kind::Video => self.video.count(stats.timestamp, stats.bytes),
        }
    }
}

/// A count that grows, and what it was when it was last asked for its rate.
#[derive(Debug, Default)]
struct Bytes {
    asked: Option<(Instant, u64)>,
    last: Option<(Instant, u64)>,
}

impl Bytes {
    fn count(&mut self, at: Instant, bytes: u64) {
        self.asked.get_or_insert((at, bytes));
        self.last = Some((at, bytes));
    }

    /// Kilobits a second since it was last asked.
    fn kbps(&mut self) -> u32 {
        let (Some((since, before)), Some((at, now))) = (self.asked, self.last) else { return 0 };
        self.asked = self.last;
        let millis = u64::try_from(at.saturating_duration_since(since).as_millis()).unwrap_or(u64::MAX);
        u32::try_from((now.saturating_sub(before) * 8).checked_div(millis).unwrap_or(0)).unwrap_or(u32::MAX)
    }
}

/// A share in millionths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0…1 before")]
fn share(loss: Option<f32>) -> u32 {
    (loss.unwrap_or(0.0).clamp(0.0, 1.0) * 1e6) as u32
}

/// Units of a clock as µs.
fn micros(units: u32, clock_rate: u32) -> u32 {
    u32::try_from(u64::from(units) * 1_000_000 / u64::from(clock_rate)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_become_rates() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut bytes = Bytes::default();
        assert_eq!(bytes.kbps(), 0);
        bytes.count(start, 1_000_000);
        assert_eq!(bytes.kbps(), 0, "the first count says nothing");
        bytes.count(after(1), 1_100_000);
        bytes.count(after(5), 1_625_000);
        assert_eq!(bytes.kbps(), 1_000, "over all the time since it was asked");
        assert_eq!(bytes.kbps(), 0, "no time went by");
        bytes.count(after(10), 0);
        assert_eq!(bytes.kbps(), 0, "a count that fell");
        assert_eq!((share(None), share(Some(0.25)), share(Some(7.0)), share(Some(f32::NAN))), (0, 250_000, 1_000_000, 0));
        assert_eq!(micros(480, 48_000), 10_000);
    }
}
