//! QR codes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, GrayImage};
use rxing::{BarcodeFormat, DecodeHints, helpers::detect_in_luma_with_hints};

/// A decoded code and where it stands: left, top, width, height in pixels.
pub(super) struct Code {
    pub(super) text: String,
    pub(super) place: [f32; 4],
}

/// The QR code of a picture. The decoder is foreign code that may panic over odd pixels; that counts as "no code".
pub(super) fn find(grey: &GrayImage) -> Option<Code> {
    catch_unwind(AssertUnwindSafe(|| decode(grey))).ok().flatten()
}

/// Tries the picture as it is, then twice as large.
pub(super) fn find_hard(grey: &GrayImage) -> Option<Code> {
    find(grey).or_else(|| {
        let twice = DynamicImage::ImageLuma8(grey.clone()).resize_exact(grey.width() * 2, grey.height() * 2, image::imageops::FilterType::CatmullRom);
        let mut code = find(&twice.into_luma8())?;
        code.place = code.place.map(|length| length / 2.0);
        Some(code)
    })
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
