//! The person's own front: cameras stand high or low and nobody's straight ahead is zero.

use std::collections::VecDeque;

use super::Rules;
use crate::Face;

/// Degrees of the front of one person before one camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// Yaw of the front.
    pub yaw: f32,
    /// Pitch of the front.
    pub pitch: f32,
    /// Roll of the front.
    pub roll: f32,
    /// When the front had been seen for long enough.
    pub at_ms: i64,
}

impl Baseline {
    /// Yaw and pitch off the front.
    pub fn off(&self, face: &Face) -> (f32, f32) {
        (face.yaw - self.yaw, face.pitch - self.pitch)
    }
}

/// The newest unbroken look at the front.
#[derive(Debug, Clone, Default)]
pub(super) struct Calibration {
    samples: VecDeque<(i64, [f32; 3])>,
}

impl Calibration {
    pub(super) fn restart(&mut self) {
        self.samples.clear();
    }

    pub(super) fn add(&mut self, at_ms: i64, face: &Face, rules: &Rules) {
        let angles = [face.yaw, face.pitch, face.roll];
        if angles.iter().zip(rules.frontal_within).any(|(angle, within)| angle.abs() >= within) {
            return self.restart();
        }
        self.miss(at_ms, rules);
        self.samples.push_back((at_ms, angles));
        while self.samples.len() > 1 && (self.samples[1].0 <= at_ms - rules.calibration_ms || !self.is_still(rules)) {
            self.samples.pop_front();
        }
    }

    /// A sample that shows no face: a short gap is bridged, a long one begins anew.
    pub(super) fn miss(&mut self, at_ms: i64, rules: &Rules) {
        if self.samples.back().is_some_and(|(last, _)| at_ms - last > rules.gap_ms) {
            self.restart();
        }
    }

    /// How much of the look is done, 0–1.
    pub(super) fn progress(&self, rules: &Rules) -> f32 {
        match (self.samples.front(), self.samples.back()) {
            (Some((first, _)), Some((last, _))) => ((last - first) as f32 / rules.calibration_ms.max(1) as f32).min(1.0),
            _ => 0.0,
        }
    }

    pub(super) fn baseline(&self, rules: &Rules) -> Option<Baseline> {
        let (first, last) = (self.samples.front()?.0, self.samples.back()?.0);
        if last - first < rules.calibration_ms {
            return None;
        }
        let [yaw, pitch, roll] = [0, 1, 2].map(|axis| median(self.samples.iter().map(|(_, angles)| angles[axis])));
        Some(Baseline { yaw, pitch, roll, at_ms: last })
    }

    fn is_still(&self, rules: &Rules) -> bool {
        [0, 1].into_iter().all(|axis| {
            let of_axis = || self.samples.iter().map(|(_, angles)| angles[axis]);
            of_axis().fold(f32::MIN, f32::max) - of_axis().fold(f32::MAX, f32::min) <= rules.calibration_spread
        })
    }
}

/// The middle one; 0 of none.
pub(super) fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
