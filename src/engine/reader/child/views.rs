//! The same picture at the sizes the measures need, made once. Heavy loops are `ocrb`'s, which is compiled optimised in every profile.

use image::{GrayImage, RgbImage};
use ocrb::views::resized;

use super::outline::{self, Outline};

/// Long side of [`Views::middle`].
pub(super) const MIDDLE_SIDE: u32 = 1000;
/// Long side of [`Views::small`].
const SMALL_SIDE: u32 = 400;

/// A picture in grey at three sizes, and where a document seems to lie in it.
pub(super) struct Views {
    /// As it is.
    pub(super) full: GrayImage,
    /// 1000 pixels on its long side: texture and text.
    pub(super) middle: GrayImage,
    /// 400 pixels on its long side: outlines.
    pub(super) small: GrayImage,
    pub(super) outline: Option<Outline>,
}

impl Views {
    pub(super) fn of(picture: &RgbImage) -> Self {
        let full = ocrb::views::grey(picture);
        let middle = resized(&full, MIDDLE_SIDE);
        let small = resized(&full, SMALL_SIDE);
        let outline = outline::find(&small);
        Self { full, middle, small, outline }
    }
}
