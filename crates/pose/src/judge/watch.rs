//! Whether a sample can be judged at all, and what no single sample shows: frozen and repeated pictures, a face that
//! springs or vanishes.

use std::collections::HashSet;

use super::{Reason, Rules, Sample};
use crate::Face;

/// Faces farther apart in time are not compared.
const COMPARED_MS: i64 = 500;
/// A face that moves by more than so many of its widths between two samples is another one.
const SPRING: f32 = 1.2;
/// So is one whose width changes by more than this factor.
const GROWTH: f32 = 1.8;

/// What has been seen so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch {
    last_print: Option<(u64, i64)>,
    last_face: Option<(Face, i64)>,
    lost: Option<(i64, i64)>,
    /// Pictures before this step.
    before: HashSet<u64>,
    /// Pictures of this step.
    during: Vec<(i64, u64)>,
    /// What broke the watch; stays until a step takes it.
    pub(super) broken: Option<Reason>,
}

impl Watch {
    pub(super) fn begin_step(&mut self) {
        self.before.extend(self.during.drain(..).map(|(_, print)| print));
    }

    pub(super) fn pass_by(&mut self, at_ms: i64, fingerprint: u64) {
        self.during.push((at_ms, fingerprint));
    }

    /// Whether at least this share of the pictures since `since_ms`, and at least so many, were shown before this step.
    pub(super) fn was_shown(&self, since_ms: i64, (share, least): (f32, usize)) -> bool {
        let pictures = self.during.iter().filter(|(at_ms, _)| *at_ms >= since_ms);
        let (all, known) = pictures.fold((0_usize, 0_usize), |(all, known), (_, print)| (all + 1, known + usize::from(self.before.contains(print))));
        all >= least && known as f32 >= share * all as f32
    }

    /// The face of the sample, or why it cannot be judged.
    pub(super) fn look(&mut self, sample: &Sample, rules: &Rules) -> Result<Face, Reason> {
        let (at_ms, sight) = (sample.at_ms, &sample.sight);
        let frozen_since = match self.last_print {
            Some((print, since)) if print == sight.fingerprint => since,
            _ => at_ms,
        };
        self.last_print = Some((sight.fingerprint, frozen_since));
        self.during.push((at_ms, sight.fingerprint));
        let Some(face) = sight.face.filter(|face| face.score >= rules.score) else {
            self.miss(at_ms, rules);
            return Err(if sight.faces > 1 { Reason::SeveralFaces } else { Reason::NoFace });
        };
        self.lost = None;
        if sight.faces > 1 {
            return Err(Reason::SeveralFaces);
        }
        self.compare(&face, at_ms);
        if at_ms - frozen_since >= rules.frozen_ms {
            return Err(Reason::Frozen);
        }
        if face.width < rules.width {
            return Err(Reason::TooSmall);
        }
        if face.luma < rules.luma {
            return Err(Reason::TooDark);
        }
        Ok(face)
    }

    fn compare(&mut self, face: &Face, at_ms: i64) {
        if let Some((last, then)) = self.last_face.replace((*face, at_ms))
            && at_ms - then <= COMPARED_MS
        {
            let moved = (face.middle[0] - last.middle[0]).hypot(face.middle[1] - last.middle[1]);
            let (small, large) = (face.width.min(last.width), face.width.max(last.width));
            if moved > SPRING * large || large > GROWTH * small {
                self.broken = Some(Reason::FaceChanged);
            }
        }
    }

    fn miss(&mut self, at_ms: i64, rules: &Rules) {
        // Only what is looked at without a hole counts: between steps nobody may be looking.
        let since = match self.lost {
            Some((since, last)) if at_ms - last <= COMPARED_MS => since,
            _ => at_ms,
        };
        self.lost = Some((since, at_ms));
        if at_ms - since > rules.lost_ms {
            self.broken = Some(Reason::FaceLost);
        }
    }
}
