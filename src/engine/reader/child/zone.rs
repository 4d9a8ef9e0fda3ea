//! The machine-readable zone of a picture: places that look like OCR-B are read until one closes; what stays unsure is shown to tesseract.

use image::GrayImage;
use ocrb::Block;

use super::{
    second,
    spell::{Spelt, spell},
    tess::Tess,
};
use crate::engine::document::FieldName;

/// Below this fit there is no zone.
const LEAST_FIT: f32 = -0.55;
/// Above this fit the letters are plainly those of a zone, whatever its digits say: few other looks are worth their time.
const CLEAR: f32 = -0.12;
/// Places that are read before giving up, and after a clear one that does not close.
const MOST_LOOKS: u32 = 9;
const MOST_LOOKS_WHEN_CLEAR: u32 = 3;
/// Capitals lower than this many pixels are never trusted to one reader alone.
const SMALL: f32 = 11.0;
/// Capitals lower than this many pixels are never taken for sure: strokes that tell letters apart are thinner than a pixel.
const TINY: f32 = 8.5;

/// What a zone says.
const EVERY: [FieldName; 9] = [
    FieldName::Number,
    FieldName::FullName,
    FieldName::Surname,
    FieldName::GivenNames,
    FieldName::BirthDate,
    FieldName::Sex,
    FieldName::Nationality,
    FieldName::ExpiryDate,
    FieldName::Issuer,
];

/// A zone that was read.
pub(super) struct Found {
    pub(super) spelt: Spelt,
    /// Left, top, width, height as fractions of the upright picture.
    pub(super) place: [f32; 4],
    /// Its corners in pixels of the picture, as one reads it: start and end of its first line, end and start of its last.
    pub(super) corners: [(f32, f32); 4],
    /// Whether its letters are too small to be sure of any.
    pub(super) is_tiny: bool,
}

impl Found {
    /// Fields whose letters might be others without a check digit noticing.
    pub(super) fn doubtful(&self) -> Vec<FieldName> {
        use FieldName::{FullName, GivenNames, Surname};
        let zone = &self.spelt.zone;
        if self.is_tiny {
            return EVERY.to_vec();
        }
        let mut names: Vec<FieldName> = self.spelt.unsure.iter().filter_map(|(line, at)| zone.field_at(*line, *at)).collect();
        if names.contains(&FullName) {
            names.extend([Surname, GivenNames]);
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// A reading with what is needed to look at it again.
struct Candidate {
    spelt: Spelt,
    strips: Vec<GrayImage>,
    corners: [(f32, f32); 4],
    capital: f32,
}

/// Reads the zone of a picture however it lies. A zone whose digits do not close is better than none.
pub(super) fn read(grey: &GrayImage, reader: &ocrb::Reader, tess: &Tess) -> Option<Found> {
    let mut best: Option<Candidate> = None;
    let mut looks = 0;
    reader.blocks(grey, |block| {
        looks += 1;
        if let Some((spelt, corners)) = read_block(block)
            && best.as_ref().is_none_or(|best| spelt.rank() > best.spelt.rank())
        {
            best = Some(Candidate { spelt, strips: block.strips(second::CAPITAL), corners, capital: block.capital() });
        }
        let is_clear = best.as_ref().is_some_and(|best| best.spelt.fit > CLEAR);
        best.as_ref().is_some_and(|best| best.spelt.is_clean()) || looks >= if is_clear { MOST_LOOKS_WHEN_CLEAR } else { MOST_LOOKS }
    });
    let best = best.filter(|best| best.spelt.zone.is_valid() || best.spelt.fit > LEAST_FIT)?;
    let spelt =
        if best.spelt.is_clean() && best.spelt.unsure.is_empty() && best.capital > SMALL { best.spelt } else { second::heard(best.spelt, &best.strips, tess) };
    Some(Found { spelt, place: place(grey, best.corners), corners: best.corners, is_tiny: best.capital < TINY })
}

/// The likeliest reading of a place in any format.
fn read_block(block: &Block) -> Option<(Spelt, [(f32, f32); 4])> {
    let sizes: &[usize] = if block.height() == 3 { &[30] } else { &[44, 36] };
    let read = sizes.iter().filter_map(|count| {
        let cells = block.read(*count)?;
        Some((spell(&cells)?, cells.corners))
    });
    read.max_by(|a, b| a.0.rank().total_cmp(&b.0.rank()))
}

fn place(grey: &GrayImage, corners: [(f32, f32); 4]) -> [f32; 4] {
    #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
    let (width, height) = (grey.width() as f32, grey.height() as f32);
    let inside = corners.map(|(x, y)| ((x / width).clamp(0.0, 1.0), (y / height).clamp(0.0, 1.0)));
    let (left, top) = inside.iter().fold((1.0f32, 1.0f32), |least, corner| (least.0.min(corner.0), least.1.min(corner.1)));
    let (right, bottom) = inside.iter().fold((0.0f32, 0.0f32), |most, corner| (most.0.max(corner.0), most.1.max(corner.1)));
    [left, top, right - left, bottom - top]
}
