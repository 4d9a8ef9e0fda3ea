//! The same picture at the sizes the measures need, and the few pixel operations they share.
//! Heavy loops go through `image` and `imageproc`, which are compiled optimised in every profile.

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

/// Which pixels are darker than the mean of their surroundings by at least `contrast`.
pub(super) fn ink(grey: &GrayImage, radius: u32, contrast: u8) -> Vec<bool> {
    let (radius_x, radius_y) = (radius.min(grey.width() / 2), radius.min(grey.height() / 2));
    let mean = imageproc::filter::box_filter(grey, radius_x, radius_y);
    grey.as_raw().iter().zip(mean.as_raw()).map(|(pixel, mean)| pixel.saturating_add(contrast) < *mean).collect()
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

/// Connected patches of marked pixels as bounding boxes with their pixel count (8-connected).
pub(super) fn patches(marked: &[bool], width: usize, least: usize) -> Vec<Patch> {
    let mut open = marked.to_vec();
    let mut stack = Vec::new();
    let mut found = Vec::new();
    for start in 0..open.len() {
        if !open[start] {
            continue;
        }
        open[start] = false;
        stack.push(start);
        let mut patch = Patch { left: width, right: 0, top: usize::MAX, bottom: 0, pixels: 0 };
        while let Some(at) = stack.pop() {
            patch.take(at % width, at / width);
            let (near_left, near_right) = (usize::from(at % width > 0), usize::from(at % width + 1 < width));
            for row in [at.checked_sub(width), Some(at), Some(at + width)].into_iter().flatten().filter(|row| *row < marked.len()) {
                for next in row - near_left..=row + near_right {
                    if open[next] {
                        open[next] = false;
                        stack.push(next);
                    }
                }
            }
        }
        if patch.pixels >= least {
            found.push(patch);
        }
    }
    found
}

/// A connected patch: its bounding box, borders included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patch {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) top: usize,
    pub(super) bottom: usize,
    pub(super) pixels: usize,
}

impl Patch {
    fn take(&mut self, x: usize, y: usize) {
        self.left = self.left.min(x);
        self.right = self.right.max(x);
        self.top = self.top.min(y);
        self.bottom = self.bottom.max(y);
        self.pixels += 1;
    }
}
