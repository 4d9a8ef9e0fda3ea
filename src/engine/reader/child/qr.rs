//! QR codes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{GrayImage, Luma};
use ocrb::{
    pixels::{Patch, grown, ink, patches},
    views::{crop, percentile, resized, resized_to},
};
use rxing::{BarcodeFormat, DecodeHints, helpers::detect_in_luma_with_hints};

/// Sides of a code on a page 1280 pixels wide.
const SIDES: std::ops::RangeInclusive<usize> = 110..=420;
/// Long sides at which a whole photograph is searched.
const SIZES: [u32; 2] = [1280, 2400];
/// A code whose corners are seen at all shows them in this many rows.
const LEAST_FINDERS: usize = 3;
/// Most places of a page that are looked at.
const MOST_PLACES: usize = 3;

/// A decoded code and where it stands: left, top, width, height in pixels.
pub(super) struct Code {
    pub(super) text: String,
    pub(super) place: [f32; 4],
}

/// The QR code of a picture. The decoder is foreign code that may panic over odd pixels; that counts as "no code".
pub(super) fn find(grey: &GrayImage) -> Option<Code> {
    catch_unwind(AssertUnwindSafe(|| decode(grey))).ok().flatten()
}

/// The code of a whole photograph: at a middling size, then as large as one helps.
#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
pub(super) fn find_hard(grey: &GrayImage) -> Option<Code> {
    let long = grey.width().max(grey.height());
    SIZES.iter().find_map(|side| {
        let view = if long == *side { None } else { Some(resized(grey, (*side).min(2 * long))) };
        let mut code = find(view.as_ref().unwrap_or(grey))?;
        let scale = view.map_or(1.0, |view| grey.width() as f32 / view.width() as f32);
        code.place = code.place.map(|length| length * scale);
        Some(code)
    })
}

/// The QR code of a flat page about 1280 pixels wide: only where something looks like a code, and there by every means. Cheap on pages
/// without one.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "positions on a page")]
pub(super) fn find_on_page(page: &GrayImage) -> Option<Code> {
    places(page).into_iter().take(MOST_PLACES).find_map(|(place, finders)| {
        let around = (place.right - place.left) / 8;
        let (left, top) = (place.left.saturating_sub(around), place.top.saturating_sub(around));
        let (wide, high) = (place.right + around - left, place.bottom + around - top);
        let piece = crop(page, (left as u32, top as u32), (wide as u32, high as u32));
        let by_all_means = || find_larger(&parted(&piece), 2).or_else(|| find_larger(&piece, 3)).or_else(|| find(&piece));
        // Fingerprints and stamps are as dense and square as codes, but have no corners of a code.
        let mut code = find_larger(&piece, 2).or_else(|| (finders >= LEAST_FINDERS).then(by_all_means).flatten())?;
        code.place[0] += left as f32;
        code.place[1] += top as f32;
        Some(code)
    })
}

fn find_larger(grey: &GrayImage, times: u16) -> Option<Code> {
    let (width, height) = (grey.width() * u32::from(times), grey.height() * u32::from(times));
    let mut code = find(&resized_to(grey, width, height))?;
    code.place = code.place.map(|length| length / f32::from(times));
    Some(code)
}

/// Black and white by the mean of the surroundings: light that falls unevenly does no harm.
fn parted(grey: &GrayImage) -> GrayImage {
    let dark = ink(grey, 13, 3);
    GrayImage::from_fn(grey.width(), grey.height(), |x, y| Luma([if dark[(y * grey.width() + x) as usize] { 0 } else { 255 }]))
}

/// Squares densely filled with ink, the largest first, and how many of their rows cross a corner of a code.
fn places(page: &GrayImage) -> Vec<(Patch, usize)> {
    let width = page.width() as usize;
    let range = percentile(page, 0.95).saturating_sub(percentile(page, 0.02));
    let dark = ink(page, 15, (range / 8).clamp(7, 40));
    // Modules of a code touch or lie a module apart: marks grown by a few pixels make one patch of it.
    let whole = grown(&dark, width, 3);
    let is_code = |patch: &Patch| {
        let (wide, high) = (patch.right + 1 - patch.left, patch.bottom + 1 - patch.top);
        let is_square = 4 * wide.abs_diff(high) <= wide.max(high) && SIDES.contains(&wide) && SIDES.contains(&high);
        is_square && (25..=70).contains(&(patch.inked(&dark, width) * 100 / (wide * high)))
    };
    let mut found: Vec<Patch> = patches(&whole, width, 4000).into_iter().filter(is_code).collect();
    found.sort_by_key(|patch| std::cmp::Reverse(patch.pixels));
    found.into_iter().map(|patch| (patch, patch.finder_rows(&dark, width))).collect()
}

fn decode(grey: &GrayImage) -> Option<Code> {
    let mut hints = DecodeHints { TryHarder: Some(true), AlsoInverted: Some(false), CharacterSet: Some("UTF-8".into()), ..DecodeHints::default() };
    let found = detect_in_luma_with_hints(grey.as_raw().clone(), grey.width(), grey.height(), Some(BarcodeFormat::QR_CODE), &mut hints).ok()?;
    let points = found.getPoints();
    let (left, right) = points.iter().fold((f32::MAX, 0.0f32), |(least, most), point| (least.min(point.x), most.max(point.x)));
    let (top, bottom) = points.iter().fold((f32::MAX, 0.0f32), |(least, most), point| (least.min(point.y), most.max(point.y)));
    let around = (right - left).max(bottom - top) * 0.15;
    Some(Code { text: found.getText().to_owned(), place: [left - around, top - around, right - left + 2.0 * around, bottom - top + 2.0 * around] })
}
