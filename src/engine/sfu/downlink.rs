//! How much one receiver can take, judged from what it reports. Pure.
//!
//! The sender's own estimate knows the way up only; what is asked of it is the smaller of both ways. Loss moves the cap as
//! in draft-ietf-rmcat-gcc-02 §6 (a little more loss is borne: NACK repairs it), a queue that builds up on the way as a
//! round trip that grows does. Where not even the smallest picture fits, the sound alone is passed on.
//!
//! Radio ways lose packets whatever is sent. Loss that stays when next to nothing is sent any more is the way's own and no
//! reason to send less: without that, a tenth lost at random would in time take the picture away for good.

use std::time::{Duration, Instant};

/// No picture is worth less, in bit/s.
const LEAST: f64 = 100_000.0;
/// More is never sent, in bit/s; a cap up there is no cap.
const MOST: f64 = 2_500_000.0;
/// Room for sound beside the picture, in bit/s.
const SOUND: f64 = 64_000.0;
/// What a sender is told when it is not to send less for anybody's sake.
pub(super) const UNCAPPED: u64 = 2_564_000;
/// Loss beyond the way's own that is congestion.
const HEAVY: f64 = 0.15;
/// Loss beyond the way's own that needs no second look.
const CERTAIN: f64 = 0.35;
/// Loss beyond the way's own that is none.
const LIGHT: f64 = 0.02;
/// What a look leaves of the loss of before, a second later: a second holds few packets, and chance makes one lose a quarter of
/// them on a way that loses a tenth.
const MEMORY: f64 = 0.75;
/// So little, in bit/s, is not what makes a way lose packets …
const LITTLE: f64 = 200_000.0;
/// … unless it loses more than this.
const OWN_AT_MOST: f64 = 0.2;
/// What is left, a second later, of how much the way's own loss is underrated.
const LEARNING: f64 = 0.9;
/// Round trip over the best one seen that is a queue.
const QUEUE: Duration = Duration::from_millis(300);
/// Looks with heavy loss at the least picture, until the picture is left out.
const PATIENCE: u32 = 3;
/// A picture is passed on again from here on, in bit/s.
const AGAIN: f64 = 200_000.0;

/// One receiver's way down.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Downlink {
    cap: f64,
    /// Loss of the last seconds, once there was a look.
    loss: Option<f64>,
    /// How much of it is the way's own.
    own: f64,
    best_rtt: Option<Duration>,
    looked_at: Option<Instant>,
    bad_looks: u32,
    is_sound_only: bool,
    is_capped: bool,
}

impl Default for Downlink {
    fn default() -> Self {
        Self { cap: MOST, loss: None, own: 0.0, best_rtt: None, looked_at: None, bad_looks: 0, is_sound_only: false, is_capped: false }
    }
}

impl Downlink {
    /// Takes what was reported since the last look that had a report: the share that was lost, and the round trip.
    /// Receivers report of pictures every second and of sound every five.
    pub(super) fn look(&mut self, now: Instant, loss: Option<f32>, rtt: Option<Duration>) {
        let Some(loss) = loss.map(f64::from) else { return };
        let since = self.looked_at.replace(now).map_or(1.0, |last| now.saturating_duration_since(last).as_secs_f64().clamp(0.5, 5.0));
        let is_queueing = self.queues(rtt);
        let excess = self.excess(loss, since);
        let per_second = if excess > HEAVY {
            1.0 - excess.min(1.0) / 2.0
        } else if is_queueing {
            0.85
        } else if excess < LIGHT {
            1.08
        } else {
            1.0
        };
        self.cap = (self.cap * per_second.powf(since)).clamp(LEAST, MOST);
        self.bad_looks = if excess > HEAVY && self.cap <= LEAST { self.bad_looks + 1 } else { 0 };
        if self.bad_looks >= PATIENCE {
            self.is_sound_only = true;
        } else if self.cap >= AGAIN {
            self.is_sound_only = false;
        }
    }

    /// What is to be asked of senders now: so many bit/s in all. Nothing while there is no need to say; once there is none
    /// any more, that is said, since a sender remembers the last word.
    pub(super) fn word(&mut self) -> Option<u64> {
        let was_capped = std::mem::replace(&mut self.is_capped, self.cap < MOST);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between the least and the most")]
        (self.is_capped || was_capped).then_some((self.cap + SOUND) as u64)
    }

    /// How many bit/s of pictures it can take.
    pub(super) fn cap(&self) -> f64 {
        self.cap
    }

    /// Whether there is no room for pictures at all.
    pub(super) fn is_sound_only(&self) -> bool {
        self.is_sound_only
    }

    /// How much more is lost than the way loses by itself, so many seconds after the look before.
    fn excess(&mut self, loss: f64, since: f64) -> f64 {
        let toward = |from: f64, to: f64, left: f64| to + (from - to) * left.powf(since);
        let smooth = self.loss.map_or(loss, |before| toward(before, loss, MEMORY));
        self.loss = Some(smooth);
        if smooth < self.own {
            self.own = toward(self.own, smooth, MEMORY);
        } else if self.cap <= LITTLE {
            self.own = toward(self.own, smooth.min(OWN_AT_MOST), LEARNING).max(self.own);
        }
        // A way that is good again is so at once, and nobody loses that much by chance.
        (if loss - self.own > CERTAIN { loss } else { smooth.min(loss) }) - self.own
    }

    /// Whether packets wait somewhere. The best round trip is forgotten slowly: the way may have changed.
    fn queues(&mut self, rtt: Option<Duration>) -> bool {
        let Some(rtt) = rtt else { return false };
        let best = self.best_rtt.map_or(rtt, |best| (best + best / 200).min(rtt));
        self.best_rtt = Some(best);
        rtt > best + QUEUE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    /// One look a second.
    fn after(looks: u32, loss: f32, rtt_ms: u64, mut link: Downlink) -> Downlink {
        let start = link.looked_at.unwrap_or_else(Instant::now);
        (1..=looks).for_each(|second| link.look(start + Duration::from_secs(second.into()), Some(loss), Some(Duration::from_millis(rtt_ms))));
        link
    }

    #[test]
    fn loss_and_queues_narrow_and_a_good_way_widens() {
        let fresh = Downlink::default();
        assert_eq!(after(60, 0.0, 40, fresh.clone()).word(), None, "a good way is not capped");
        assert_eq!(after(60, 0.1, 40, fresh.clone()).word(), None, "what NACK repairs is no congestion");
        let mut narrow = after(4, 0.6, 40, fresh.clone());
        assert_eq!(narrow.word(), Some(664_249), "2.5 Mbit/s × 0.7⁴, and room for sound");
        assert!(!narrow.is_sound_only());
        let mut queued = after(3, 0.0, 900, after(1, 0.0, 40, fresh.clone()));
        assert!(queued.word().is_some_and(|cap| cap < 1_700_000), "{queued:?}");
        let mut wide = after(20, 0.0, 40, narrow);
        assert_eq!([wide.word(), wide.word()], [Some(UNCAPPED), None], "and comes back, which is said once");
        let mut silent = fresh.clone();
        silent.look(Instant::now(), None, None);
        assert_eq!(silent, fresh, "no report says nothing");
    }

    #[test]
    fn where_nothing_fits_the_sound_is_kept_and_the_picture_returns() {
        let nothing = after(20, 0.7, 40, Downlink::default());
        assert!(nothing.is_sound_only());
        let better = after(8, 0.0, 40, nothing);
        assert!(better.is_sound_only(), "not yet: {better:?}");
        assert!(!after(2, 0.0, 40, better).is_sound_only());
    }

    /// Looks at a way on which, of `packets` each second, each is lost with this chance, and more where more is sent than `room`
    /// bit/s: the lowest cap of the last half, and for how many looks there was sound only.
    fn over(seed: u64, looks: u32, packets: u32, chance: f64, room: f64) -> (f64, u32) {
        let mut rng = StdRng::seed_from_u64(seed);
        let (start, mut link, mut lowest, mut without) = (Instant::now(), Downlink::default(), MOST, 0);
        for second in 1..=looks {
            let sent = if link.is_sound_only() { SOUND } else { link.cap + SOUND };
            let all = 1.0 - (1.0 - chance) * (room / sent).min(1.0);
            let lost = (0..packets).filter(|_| rng.random_bool(all)).count();
            #[expect(clippy::cast_precision_loss, reason = "a few packets")]
            link.look(start + Duration::from_secs(second.into()), Some(lost as f32 / packets as f32), None);
            without += u32::from(link.is_sound_only());
            lowest = if second > looks / 2 { lowest.min(link.cap) } else { lowest };
        }
        (lowest, without)
    }

    #[test]
    fn a_way_that_loses_a_tenth_whatever_is_sent_keeps_its_picture() {
        for seed in 0..20 {
            for packets in [15, 60] {
                let (lowest, without) = over(seed, 1_200, packets, 0.1, 1e9);
                assert!(without == 0 && lowest > 150_000.0, "seed {seed}, {packets} packets: {lowest} bit/s, {without} looks without a picture");
            }
            let (lowest, without) = over(seed, 600, 40, 0.0, 500_000.0);
            assert!(without == 0 && lowest > 250_000.0, "seed {seed}: a narrow way that loses nothing else: {lowest} bit/s, {without}");
            let (_, without) = over(seed, 600, 40, 0.0, 80_000.0);
            assert!(without > 300, "seed {seed}: where nothing fits, no loss is the way's own: {without}");
        }
    }

    proptest! {
        #[test]
        fn the_cap_stays_in_its_bounds_and_never_jumps_up(looks in prop::collection::vec((0.0_f32..1.5, 0_u64..5_000), 1..200)) {
            let mut link = Downlink::default();
            let start = Instant::now();
            for (second, (loss, rtt)) in (1..).zip(looks) {
                let before = link.cap;
                link.look(start + Duration::from_secs(second), Some(loss), Some(Duration::from_millis(rtt)));
                prop_assert!((LEAST..=MOST).contains(&link.cap) && link.cap <= before * 1.081);
                prop_assert!(!(link.is_sound_only() && link.cap >= AGAIN));
            }
        }
    }
}
