//! Where lines of OCR-B may stand: views of the picture at several sizes and contrasts, turned so that the text lies level.

use image::{GrayImage, Luma};

use crate::{
    lines::{self, Line},
    pixels::darkness,
    views::resized,
};

/// Long side of the view, radius of the surroundings, contrast of ink.
const VIEWS: [(u32, u32, u8); 4] = [(1000, 14, 12), (1500, 18, 14), (1000, 9, 8), (1800, 14, 10)];
/// Text closer to level than this is not turned.
const LEVEL: f32 = 2.5;
const MOST_BLOCKS: usize = 5;

/// The way from a view to the picture: scale, turn and shift.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    cos: f32,
    sin: f32,
    shift: (f32, f32),
}

impl Way {
    /// A point of the view in the picture.
    pub(crate) fn back(&self, (x, y): (f32, f32)) -> (f32, f32) {
        (self.cos * x - self.sin * y + self.shift.0, self.sin * x + self.cos * y + self.shift.1)
    }

    /// Pixels of the picture to a pixel of the view.
    pub(crate) fn scale(&self) -> f32 {
        self.cos.hypot(self.sin)
    }
}

/// Lines that may be a zone, in a view.
pub(crate) struct Place {
    /// Two or three lines from top to bottom.
    pub(crate) lines: Vec<Line>,
    /// The way back.
    pub(crate) way: Way,
}

/// Calls `each` with every place, likeliest first, until it answers `true`.
pub(crate) fn places(grey: &GrayImage, mut each: impl FnMut(&Place) -> bool) {
    for (side, radius, contrast) in VIEWS {
        let view = resized(grey, side);
        let scale = grey.width() as f32 / view.width() as f32;
        let glyphs = lines::glyphs(&view, radius, contrast);
        for direction in lines::directions(&glyphs) {
            let (lines, way) = if (LEVEL..=180.0 - LEVEL).contains(&direction) {
                let (turned, way) = turned(&view, direction, scale);
                (lines::lines(&lines::glyphs(&turned, radius, contrast), 5), way)
            } else {
                (lines::lines(&glyphs, 5), Way { cos: scale, sin: 0.0, shift: (0.0, 0.0) })
            };
            for block in lines::blocks(&lines).into_iter().take(MOST_BLOCKS) {
                if each(&Place { lines: block, way }) {
                    return;
                }
            }
        }
    }
}

/// The view turned so that lines running down at `degrees` lie level.
fn turned(view: &GrayImage, degrees: f32, scale: f32) -> (GrayImage, Way) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (view.width() as f32, view.height() as f32);
    let (wide, high) = ((width * cos.abs() + height * sin.abs()).ceil(), (width * sin.abs() + height * cos.abs()).ceil());
    let shift = (width / 2.0 - cos * wide / 2.0 + sin * high / 2.0, height / 2.0 - sin * wide / 2.0 - cos * high / 2.0);
    let turned = GrayImage::from_fn(wide as u32, high as u32, |x, y| {
        let (x, y) = (x as f32, y as f32);
        let (x, y) = (cos * x - sin * y + shift.0, sin * x + cos * y + shift.1);
        Luma([(255.0 - 255.0 * darkness(view, x, y)) as u8])
    });
    (turned, Way { cos: cos * scale, sin: sin * scale, shift: (shift.0 * scale, shift.1 * scale) })
}
