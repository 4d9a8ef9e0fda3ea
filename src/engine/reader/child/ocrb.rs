//! A reader of OCR-B, the type of machine-readable zones: each cell of a line is compared with the 37 characters of the alphabet.
//!
//! The patterns in `ocrb.bin` are drawn from Debian's `fonts-ocr-b` by the test below, which also proves that the file is what the font says.

use image::GrayImage;

/// Columns and rows of a pattern.
pub(super) const WIDE: usize = 16;
pub(super) const HIGH: usize = 20;
const SIZE: usize = WIDE * HIGH;
/// Width and height of a pattern in heights of a capital.
const SPAN: (f32, f32) = (0.96, 1.2);
pub(super) const LETTERS: &[u8; 37] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<";
static PATTERNS: &[u8; 37 * SIZE] = include_bytes!("ocrb.bin");

/// How well a cell agrees with each letter of [`LETTERS`], −1…1.
pub(super) type Scores = [f32; 37];

/// The patterns, each with mean 0 and length 1.
pub(super) struct OcrB {
    patterns: Vec<Vec<f32>>,
}

impl OcrB {
    pub(super) fn new() -> Self {
        let patterns = PATTERNS.chunks_exact(SIZE).map(|bytes| normal(bytes.iter().map(|byte| f32::from(*byte)).collect()));
        Self { patterns: patterns.collect() }
    }

    /// Compares the cell around (`x`, `y`), whose capitals are `capital` pixels high; the likeliest letters also at small shifts.
    pub(super) fn compare(&self, strip: &GrayImage, x: f32, y: f32, capital: f32) -> Scores {
        let cell = normal(sampled(strip, x, y, capital));
        let mut scores = [-1.0f32; 37];
        for (score, pattern) in scores.iter_mut().zip(&self.patterns) {
            *score = agreement(&cell, pattern);
        }
        let mut likely: Vec<usize> = (0..scores.len()).collect();
        likely.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        likely.truncate(LIKELY);
        for (shift_x, shift_y) in SHIFTS {
            let cell = normal(sampled(strip, x + shift_x * capital, y + shift_y * capital, capital));
            for &letter in &likely {
                scores[letter] = scores[letter].max(agreement(&cell, &self.patterns[letter]));
            }
        }
        scores
    }
}

impl OcrB {
    /// How well the cell agrees with its closest letter.
    pub(super) fn best(&self, strip: &GrayImage, x: f32, y: f32, capital: f32) -> f32 {
        let cell = normal(sampled(strip, x, y, capital));
        self.patterns.iter().map(|pattern| agreement(&cell, pattern)).fold(-1.0, f32::max)
    }
}

/// Letters worth a second look, and where to look.
const LIKELY: usize = 6;
const SHIFTS: [(f32, f32); 8] = [(-0.07, -0.06), (0.0, -0.06), (0.07, -0.06), (-0.07, 0.0), (0.07, 0.0), (-0.07, 0.06), (0.0, 0.06), (0.07, 0.06)];

fn agreement(cell: &[f32], pattern: &[f32]) -> f32 {
    cell.iter().zip(pattern).map(|(a, b)| a * b).sum()
}

/// The darkness of a cell at the patterns' size.
#[expect(clippy::cast_precision_loss, reason = "a few rows and columns")]
fn sampled(strip: &GrayImage, x: f32, y: f32, capital: f32) -> Vec<f32> {
    let (step_x, step_y) = (SPAN.0 * capital / WIDE as f32, SPAN.1 * capital / HIGH as f32);
    let mut cell = Vec::with_capacity(SIZE);
    for row in 0..HIGH {
        let at_y = y + (row as f32 + 0.5 - HIGH as f32 / 2.0) * step_y;
        for column in 0..WIDE {
            let at_x = x + (column as f32 + 0.5 - WIDE as f32 / 2.0) * step_x;
            cell.push(255.0 - bilinear(strip, at_x, at_y));
        }
    }
    cell
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "clamped to the picture")]
fn bilinear(grey: &GrayImage, x: f32, y: f32) -> f32 {
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let (x, y) = (x.clamp(0.0, width as f32 - 1.01), y.clamp(0.0, height as f32 - 1.01));
    let (left, top) = (x as usize, y as usize);
    let (right, low) = (x - left as f32, y - top as f32);
    let raw = grey.as_raw();
    let at = top * width + left;
    let (a, b) = (f32::from(raw[at]), f32::from(raw[(at + 1).min(raw.len() - 1)]));
    let below = (at + width).min(raw.len() - 2);
    let (c, d) = (f32::from(raw[below]), f32::from(raw[below + 1]));
    (a * (1.0 - right) + b * right) * (1.0 - low) + (c * (1.0 - right) + d * right) * low
}

fn normal(mut cell: Vec<f32>) -> Vec<f32> {
    #[expect(clippy::cast_precision_loss, reason = "320")]
    let mean = cell.iter().sum::<f32>() / cell.len() as f32;
    for value in &mut cell {
        *value -= mean;
    }
    let length = cell.iter().map(|value| value * value).sum::<f32>().sqrt().max(1.0);
    for value in &mut cell {
        *value /= length;
    }
    cell
}

#[cfg(test)]
mod tests {
    use ab_glyph::{Font, FontVec, Point, PxScale, ScaleFont};

    use super::*;

    /// Draws every letter large, centred by its advance, at the height of a capital, and shrinks it to the pattern's size.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a drawing of known size")]
    fn drawn() -> Vec<u8> {
        let font = FontVec::try_from_vec(std::fs::read("/usr/share/fonts/opentype/ocr-b/OCRB.otf").expect("install fonts-ocr-b")).unwrap();
        let capital = 100.0f32;
        let bounds = |scale: f32, letter: char| {
            let glyph = font.glyph_id(letter).with_scale_and_position(PxScale::from(scale), Point { x: 0.0, y: 0.0 });
            font.outline_glyph(glyph).unwrap().px_bounds()
        };
        let scale = 1000.0 * capital / bounds(1000.0, 'H').height();
        let (top, bottom) = (bounds(scale, 'H').min.y, bounds(scale, 'H').max.y);
        let scaled = font.as_scaled(PxScale::from(scale));
        let (width, height) = ((SPAN.0 * capital) as u32, (SPAN.1 * capital) as u32);
        let mut bytes = Vec::new();
        for letter in LETTERS {
            let id = font.glyph_id(char::from(*letter));
            let left = width as f32 / 2.0 - scaled.h_advance(id) / 2.0;
            let base = height as f32 / 2.0 - f32::midpoint(top, bottom);
            let outline = font.outline_glyph(id.with_scale_and_position(PxScale::from(scale), Point { x: left, y: base })).unwrap();
            let origin = outline.px_bounds().min;
            let mut sheet = GrayImage::new(width, height);
            outline.draw(|x, y, cover| {
                let (x, y) = (origin.x + x as f32, origin.y + y as f32);
                if x >= 0.0 && y >= 0.0 && (x as u32) < width && (y as u32) < height {
                    sheet.put_pixel(x as u32, y as u32, image::Luma([(cover * 255.0).min(255.0) as u8]));
                }
            });
            let small = image::imageops::resize(&sheet, WIDE as u32, HIGH as u32, image::imageops::FilterType::Triangle);
            bytes.extend(small.into_raw());
        }
        bytes
    }

    #[test]
    fn the_patterns_are_what_the_font_says() {
        let drawn = drawn();
        if std::env::var_os("VISAVIS_WRITE_PATTERNS").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine/reader/child/ocrb.bin"), &drawn).unwrap();
        }
        let far = drawn.iter().zip(PATTERNS).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(far <= Some(2), "run once with VISAVIS_WRITE_PATTERNS=1 after changing the drawing; largest difference {far:?}");
    }

    #[test]
    fn every_letter_is_closest_to_itself() {
        let reader = OcrB::new();
        for (n, pattern) in reader.patterns.iter().enumerate() {
            let closest = |other: &Vec<f32>| pattern.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
            let best = (0..37).max_by(|a, b| closest(&reader.patterns[*a]).total_cmp(&closest(&reader.patterns[*b])));
            assert_eq!(best, Some(n));
        }
    }
}
