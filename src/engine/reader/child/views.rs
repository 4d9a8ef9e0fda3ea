//! The same picture at the sizes the measures need. Heavy loops go through `image`, `imageproc` and `ocrb`, which are compiled optimised
//! in every profile.

use image::{DynamicImage, GrayImage, imageops::FilterType};

/// Long side of [`Views::middle`].
pub(super) const MIDDLE_SIDE: u32 = 1000;
/// Long side of [`Views::small`].
pub(super) const SMALL_SIDE: u32 = 400;

/// A picture in grey at three sizes.
pub(super) struct Views {
    /// As it is.
    pub(super) full: GrayImage,
    /// 1000 pixels on its long side: texture and text.
    pub(super) middle: GrayImage,
    /// 400 pixels on its long side: outlines.
    pub(super) small: GrayImage,
}

impl Views {
    pub(super) fn of(picture: &DynamicImage) -> Self {
        let full = DynamicImage::ImageLuma8(picture.to_luma8());
        let middle = resized(&full, MIDDLE_SIDE);
        let small = resized(&middle, SMALL_SIDE);
        Self { full: full.into_luma8(), middle: middle.into_luma8(), small: small.into_luma8() }
    }
}

/// `picture` with its long side at `side` pixels.
pub(super) fn resized(picture: &DynamicImage, side: u32) -> DynamicImage {
    let long = picture.width().max(picture.height());
    let scaled = |length: u32| u32::try_from(u64::from(length) * u64::from(side) / u64::from(long)).unwrap_or(1).max(1);
    let filter = if side < long { FilterType::Triangle } else { FilterType::CatmullRom };
    picture.resize_exact(scaled(picture.width()), scaled(picture.height()), filter)
}

/// The value below which `share` of the pixels lie.
pub(super) fn percentile(grey: &GrayImage, share: f32) -> u8 {
    let mut counts = [0u32; 256];
    for pixel in grey.as_raw() {
        counts[usize::from(*pixel)] += 1;
    }
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank among at most forty million pixels")]
    let rank = (grey.as_raw().len() as f32 * share) as u32;
    let mut seen = 0;
    (0..=255u8)
        .find(|value| {
            seen += counts[usize::from(*value)];
            seen > rank
        })
        .unwrap_or(255)
}
