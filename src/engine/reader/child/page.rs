//! The document laid flat: print is read on it, codes are looked for on it, the portrait is cut out of it.

use image::{GrayImage, RgbImage};
use imageproc::geometric_transformations::Projection;
use ocrb::views::{flattened, flattened_colour, resized};

use super::outline::Outline;

/// Width at which print is read: capitals of a card are about 30 pixels high.
const PAGE_WIDTH: f32 = 1280.0;
/// A whole picture whose sides differ no more than this from a document's is taken for a scan of the document alone.
const LIKE_A_SCAN: f32 = 0.09;
/// What is shown where a page reaches out of its photograph.
const BESIDE: u8 = 200;
/// Long side of a portrait in pixels: of no use beyond it, and never more than the photograph has.
const PORTRAIT_SIDE: f32 = 900.0;

/// How far the document is turned clockwise in the picture, in right angles: 0 upright, 2 upside down.
pub(super) type Quarters = usize;

/// A document laid flat and upright, and the way back to the photograph.
pub(super) struct Page {
    grey: GrayImage,
    /// From pixels of the page to pixels of the photograph.
    back: Projection,
    photo: (f32, f32),
    /// Whether its four sides were found; else the whole picture is the page.
    has_outline: bool,
}

impl Page {
    /// Straightens the document; without an outline, or when that stands upright where the document lies, the whole picture is the page.
    #[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
    pub(super) fn flat(full: &GrayImage, outline: Option<&Outline>, turned: Quarters) -> Self {
        let photo = (full.width() as f32, full.height() as f32);
        let of = |corners: [(f32, f32); 4], has_outline: bool| Self::laid(full, photo, corners, turned, has_outline);
        let whole = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        outline
            .and_then(|outline| of(outline.corners, true))
            .filter(|page| page.grey.width() > page.grey.height())
            .or_else(|| of(whole, false))
            .unwrap_or_else(|| Self { grey: full.clone(), back: Projection::scale(1.0, 1.0), photo, has_outline: false })
    }

    /// Lays these corners of the photograph, fractions of its sides, on a page.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a page of known size")]
    fn laid(full: &GrayImage, photo: (f32, f32), mut corners: [(f32, f32); 4], turned: Quarters, has_outline: bool) -> Option<Self> {
        corners.rotate_left(turned % 4);
        let from = corners.map(|(x, y)| (x * photo.0, y * photo.1));
        let side = |a: usize, b: usize| (from[a].0 - from[b].0).hypot(from[a].1 - from[b].1);
        let (wide, high) = (f32::midpoint(side(0, 1), side(3, 2)), f32::midpoint(side(0, 3), side(1, 2)));
        // A document lies on its long side; of a whole picture the longer side counts, however it stands.
        let scale = PAGE_WIDTH / if has_outline { wide } else { wide.max(high) }.max(1.0);
        let (width, height) = ((wide * scale).round().max(8.0), (high * scale).round().clamp(8.0, 4.0 * PAGE_WIDTH));
        let back = Projection::from_control_points([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)], from)?;
        let size = (width as u32, height as u32);
        // A photograph much finer than the page is averaged first: single pixels of it are noise.
        let times = (1.0 / scale).floor();
        let grey = if times < 2.0 {
            flattened(full, &back, size, BESIDE)
        } else {
            let reduced = resized(full, (photo.0.max(photo.1) / times) as u32);
            let share = Projection::scale(reduced.width() as f32 / photo.0, reduced.height() as f32 / photo.1);
            flattened(&reduced, &back.and_then(share), size, BESIDE)
        };
        Some(Self { grey, back, photo, has_outline })
    }

    /// The page in grey.
    pub(super) fn grey(&self) -> &GrayImage {
        &self.grey
    }

    /// Where a part of the page (left, top, right, bottom in its pixels) lies: left, top, width, height as fractions of the photograph.
    pub(super) fn place_of(&self, part: [f32; 4]) -> [f32; 4] {
        let corners = self.corners_of(part).map(|(x, y)| ((x / self.photo.0).clamp(0.0, 1.0), (y / self.photo.1).clamp(0.0, 1.0)));
        let (x, y) = corners.iter().fold((1.0f32, 1.0f32), |least, corner| (least.0.min(corner.0), least.1.min(corner.1)));
        let (far_x, far_y) = corners.iter().fold((0.0f32, 0.0f32), |most, corner| (most.0.max(corner.0), most.1.max(corner.1)));
        [x, y, far_x - x, far_y - y]
    }

    /// Whether a place on the photograph (left, top, width, height as fractions) is in the lower half of the page.
    pub(super) fn is_lower(&self, [x, y, wide, high]: [f32; 4]) -> bool {
        let there = self.back.invert() * ((x + wide / 2.0) * self.photo.0, (y + high / 2.0) * self.photo.1);
        let [_, middle, ..] = self.pixels_of([0.0, 0.5, 0.0, 0.5]);
        there.1 > middle
    }

    fn corners_of(&self, [left, top, right, bottom]: [f32; 4]) -> [(f32, f32); 4] {
        [(left, top), (right, top), (right, bottom), (left, bottom)].map(|corner| self.back * corner)
    }

    /// A part of the page from (`left`, `top`) on, so many times as large, straight from the photograph: where that is finer than the page,
    /// more is seen.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a part of a page")]
    pub(super) fn enlarged(&self, full: &GrayImage, (left, top): (u32, u32), (wide, high): (u32, u32), times: f32) -> GrayImage {
        let onto_page = Projection::scale(1.0 / times, 1.0 / times).and_then(Projection::translate(left as f32, top as f32));
        flattened(full, &onto_page.and_then(self.back), ((wide as f32 * times) as u32, (high as f32 * times) as u32), BESIDE)
    }

    /// Whether it is known where the document ends.
    pub(super) fn is_bounded(&self) -> bool {
        self.has_outline
    }

    /// Shares of the page in its pixels.
    #[expect(clippy::cast_precision_loss, reason = "sides of a page")]
    pub(super) fn pixels_of(&self, [left, top, right, bottom]: [f32; 4]) -> [f32; 4] {
        let (wide, high) = (self.grey.width() as f32, self.grey.height() as f32);
        [left * wide, top * high, right * wide, bottom * high]
    }

    /// Cuts a part of the page, given as shares of it, out of the photograph in colour and upright. `None` when it is not known where the
    /// document ends, so that the part could be anything.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a picture of known size")]
    pub(super) fn cut(&self, photograph: &RgbImage, part: [f32; 4], aspect: f32) -> Option<([f32; 4], RgbImage)> {
        let own = self.grey.width() as f32 / self.grey.height() as f32;
        if !self.has_outline && (own / aspect - 1.0).abs() > LIKE_A_SCAN {
            return None;
        }
        let part = self.pixels_of(part);
        let from = self.corners_of(part);
        let is_seen = |(x, y): &(f32, f32)| (-0.02..1.02).contains(&(x / self.photo.0)) && (-0.02..1.02).contains(&(y / self.photo.1));
        if !from.iter().all(is_seen) {
            return None;
        }
        let side = |a: usize, b: usize| (from[a].0 - from[b].0).hypot(from[a].1 - from[b].1);
        let (wide, high) = (f32::midpoint(side(0, 1), side(3, 2)), f32::midpoint(side(0, 3), side(1, 2)));
        let scale = (PORTRAIT_SIDE / wide.max(high)).min(1.0);
        let (wide, high) = ((wide * scale).round(), (high * scale).round());
        if wide < 16.0 || high < 16.0 {
            return None;
        }
        let back = Projection::from_control_points([(0.0, 0.0), (wide, 0.0), (wide, high), (0.0, high)], from)?;
        Some((self.place_of(part), flattened_colour(photograph, &back, (wide as u32, high as u32), [128; 3])))
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// A picture of one colour per quarter, upright: red, green over blue, white; turned clockwise by so many right angles.
    fn quarters(turned: Quarters) -> RgbImage {
        let upright = RgbImage::from_fn(320, 200, |x, y| match (x < 160, y < 100) {
            (true, true) => Rgb([250, 0, 0]),
            (false, true) => Rgb([0, 250, 0]),
            (true, false) => Rgb([0, 0, 250]),
            (false, false) => Rgb([250, 250, 250]),
        });
        (0..turned).fold(upright, |picture, _| image::imageops::rotate90(&picture))
    }

    #[test]
    fn however_the_document_lies_its_page_is_upright_and_its_part_is_cut_where_it_stands() {
        for turned in 0..4 {
            let photograph = quarters(turned);
            let grey = ocrb::views::grey(&photograph);
            let page = Page::flat(&grey, None, turned);
            assert_eq!(page.grey().dimensions(), (1280, 800), "{turned}");
            let (place, cut) = page.cut(&photograph, [0.05, 0.05, 0.45, 0.45], 1.6).unwrap();
            let middle = cut.get_pixel(cut.width() / 2, cut.height() / 2).0;
            assert!(middle[0] > 200 && middle[1] < 40 && middle[2] < 40, "{turned}: {middle:?}");
            let corner = [(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5)][turned];
            assert!(
                place[0] >= corner.0 && place[0] + place[2] <= corner.0 + 0.5 && place[1] >= corner.1 && place[1] + place[3] <= corner.1 + 0.5,
                "{place:?}"
            );
        }
    }

    #[test]
    fn without_an_outline_only_a_scan_has_parts() {
        let photograph = RgbImage::new(400, 400);
        let page = Page::flat(&GrayImage::new(400, 400), None, 0);
        assert!(page.cut(&photograph, [0.1, 0.1, 0.4, 0.6], 1.585).is_none());
    }
}
