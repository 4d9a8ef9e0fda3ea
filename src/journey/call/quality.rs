//! How a call looked from one end, and what the media server saw of it: samples in, marks and one summary out. The rules are
//! pure; `filing.rs` is where the call room takes samples and files what came of them.

mod filing;
pub mod marks;
pub mod mos;
mod store;

use serde::{Deserialize, Serialize};

pub use filing::{CallQuality, EndQuality, QualityMark};

/// One report of a page.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Sample {
    /// Round trip in ms.
    pub rtt_ms: f32,
    /// Share of packets lost, 0…1.
    pub loss: f32,
    /// Jitter in ms.
    pub jitter_ms: f32,
    /// Received video, kbit/s.
    pub video_kbps: f32,
    /// Share of packets of sound lost, 0…1.
    pub audio_loss: f32,
    /// How long sound waits before it is played, in ms.
    pub playout_ms: f32,
    /// Sent video, kbit/s.
    pub sent_kbps: f32,
    /// How often the picture stood still since the report before.
    pub freezes: u32,
    /// For how long, in ms.
    pub frozen_ms: f32,
}

impl Sample {
    /// Whether every number is finite and possible.
    pub fn is_plausible(&self) -> bool {
        let within = |value: f32, most: f32| value.is_finite() && (0.0..=most).contains(&value);
        within(self.rtt_ms, 60_000.0)
            && within(self.loss, 1.0)
            && within(self.jitter_ms, 60_000.0)
            && within(self.video_kbps, 1_000_000.0)
            && within(self.audio_loss, 1.0)
            && within(self.playout_ms, 60_000.0)
            && within(self.sent_kbps, 1_000_000.0)
            && self.freezes <= 10_000
            && within(self.frozen_ms, 600_000.0)
    }
}

/// What is filed of all samples of one end.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    /// How many samples.
    pub samples: u32,
    /// Mean round trip in ms.
    pub rtt_ms_mean: f64,
    /// Longest round trip in ms.
    pub rtt_ms_worst: f64,
    /// Mean share lost.
    pub loss_mean: f64,
    /// Largest share lost.
    pub loss_worst: f64,
    /// Mean jitter in ms.
    pub jitter_ms_mean: f64,
    /// Mean received video, kbit/s.
    pub video_kbps_mean: f64,
    /// Least received video, kbit/s.
    pub video_kbps_least: f64,
    /// Mean sent video, kbit/s.
    pub sent_kbps_mean: f64,
    /// How often the picture stood still.
    pub freezes: u64,
    /// For how long, in ms.
    pub frozen_ms: f64,
    /// Mean of the mean opinion score, where there is one.
    pub mos_mean: Option<f64>,
    /// Lowest.
    pub mos_worst: Option<f64>,
}

impl Summary {
    /// With one more sample.
    #[must_use]
    pub fn and(self, sample: &Sample, mos: Option<f64>) -> Self {
        let samples = self.samples.saturating_add(1);
        let mean = |mean: f64, value: f32| mean + (f64::from(value) - mean) / f64::from(samples);
        let video = f64::from(sample.video_kbps);
        Self {
            samples,
            rtt_ms_mean: mean(self.rtt_ms_mean, sample.rtt_ms),
            rtt_ms_worst: self.rtt_ms_worst.max(sample.rtt_ms.into()),
            loss_mean: mean(self.loss_mean, sample.loss),
            loss_worst: self.loss_worst.max(sample.loss.into()),
            jitter_ms_mean: mean(self.jitter_ms_mean, sample.jitter_ms),
            video_kbps_mean: mean(self.video_kbps_mean, sample.video_kbps),
            video_kbps_least: if self.samples == 0 { video } else { self.video_kbps_least.min(video) },
            sent_kbps_mean: mean(self.sent_kbps_mean, sample.sent_kbps),
            freezes: self.freezes + u64::from(sample.freezes),
            frozen_ms: self.frozen_ms + f64::from(sample.frozen_ms),
            mos_mean: mos.map(|mos| self.mos_mean.map_or(mos, |before| before + (mos - before) / f64::from(samples))),
            mos_worst: mos.map(|mos| self.mos_worst.map_or(mos, |worst| worst.min(mos))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Sample =
        Sample { rtt_ms: 40.0, loss: 0.0, jitter_ms: 4.0, video_kbps: 900.0, audio_loss: 0.0, playout_ms: 60.0, sent_kbps: 800.0, freezes: 0, frozen_ms: 0.0 };

    #[test]
    fn a_summary_keeps_the_mean_and_the_worst() {
        let poor = Sample { rtt_ms: 120.0, loss: 0.5, jitter_ms: 8.0, video_kbps: 100.0, sent_kbps: 200.0, freezes: 2, frozen_ms: 900.0, ..GOOD };
        let filed = Summary::default().and(&GOOD, Some(4.4)).and(&poor, Some(2.4));
        assert_eq!((filed.samples, filed.rtt_ms_mean, filed.rtt_ms_worst), (2, 80.0, 120.0));
        assert_eq!((filed.loss_mean, filed.loss_worst, filed.jitter_ms_mean), (0.25, 0.5, 6.0));
        assert_eq!((filed.video_kbps_mean, filed.video_kbps_least, filed.sent_kbps_mean), (500.0, 100.0, 500.0));
        assert_eq!((filed.freezes, filed.frozen_ms, filed.mos_worst), (2, 900.0, Some(2.4)));
        assert!((filed.mos_mean.unwrap() - 3.4).abs() < 1e-9);
    }

    #[test]
    fn impossible_numbers_are_refused() {
        assert!(GOOD.is_plausible());
        for bad in [f32::NAN, f32::INFINITY, -1.0] {
            assert!(!Sample { rtt_ms: bad, ..GOOD }.is_plausible());
            assert!(!Sample { video_kbps: bad, ..GOOD }.is_plausible());
        }
        assert!(!Sample { loss: 1.5, ..GOOD }.is_plausible());
        assert!(!Sample { audio_loss: 1.5, ..GOOD }.is_plausible());
        assert!(!Sample { frozen_ms: f32::NAN, ..GOOD }.is_plausible());
        assert!(!Sample { freezes: 1_000_000, ..GOOD }.is_plausible());
    }
}
