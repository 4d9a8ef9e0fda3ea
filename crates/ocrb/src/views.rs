//! The same picture otherwise: at another size, a part of it, laid flat. Compiled optimised in every profile, as all of this crate.

use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image, images::ImageRef};
use image::{GrayImage, RgbImage};
use imageproc::geometric_transformations::Projection;

/// Pixels between two points whose place is worked out exactly; between them it is a straight line's.
const SPAN: usize = 16;

/// `grey` with its long side at `side` pixels: averages when that is smaller, Catmull-Rom when it is larger.
pub fn resized(grey: &GrayImage, side: u32) -> GrayImage {
    let (wide, high) = scaled(grey.dimensions(), side);
    resized_to(grey, wide, high)
}

/// `grey` at this size.
pub fn resized_to(grey: &GrayImage, wide: u32, high: u32) -> GrayImage {
    let pixels = scale(grey.as_raw(), grey.dimensions(), (wide, high), PixelType::U8);
    pixels.and_then(|pixels| GrayImage::from_raw(wide, high, pixels)).unwrap_or_else(|| GrayImage::new(wide, high))
}

/// A picture in colour with its long side at `side` pixels.
pub fn resized_colour(picture: &RgbImage, side: u32) -> RgbImage {
    let (wide, high) = scaled(picture.dimensions(), side);
    let pixels = scale(picture.as_raw(), picture.dimensions(), (wide, high), PixelType::U8x3);
    pixels.and_then(|pixels| RgbImage::from_raw(wide, high, pixels)).unwrap_or_else(|| RgbImage::new(wide, high))
}

/// The luma of a picture (ITU-R BT.709, as the `image` crate weighs it).
pub fn grey(picture: &RgbImage) -> GrayImage {
    let luma = |pixel: &[u8]| ((2126 * u32::from(pixel[0]) + 7152 * u32::from(pixel[1]) + 722 * u32::from(pixel[2])) / 10_000) as u8;
    let pixels = picture.as_raw().chunks_exact(3).map(luma).collect();
    GrayImage::from_raw(picture.width(), picture.height(), pixels).unwrap_or_default()
}

fn scaled((wide, high): (u32, u32), side: u32) -> (u32, u32) {
    let long = wide.max(high).max(1);
    let scaled = |length: u32| u32::try_from(u64::from(length) * u64::from(side) / u64::from(long)).unwrap_or(1).max(1);
    (scaled(wide), scaled(high))
}

fn scale(pixels: &[u8], from: (u32, u32), to: (u32, u32), kind: PixelType) -> Option<Vec<u8>> {
    let filter = if to.0 < from.0 { FilterType::Bilinear } else { FilterType::CatmullRom };
    let source = ImageRef::new(from.0, from.1, pixels, kind).ok()?;
    let mut target = Image::new(to.0, to.1, kind);
    Resizer::new().resize(&source, &mut target, &ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).use_alpha(false)).ok()?;
    Some(target.into_vec())
}

/// The part of a picture from (`left`, `top`) on, at most so large; what lies outside is left out.
pub fn crop(grey: &GrayImage, (left, top): (u32, u32), (wide, high): (u32, u32)) -> GrayImage {
    let (left, top) = (left.min(grey.width()), top.min(grey.height()));
    let (wide, high) = (wide.min(grey.width() - left), high.min(grey.height() - top));
    let row = |y: u32| &grey.as_raw()[(y as usize * grey.width() as usize + left as usize)..][..wide as usize];
    let pixels = (top..top + high).flat_map(|y| row(y).iter().copied()).collect();
    GrayImage::from_raw(wide, high, pixels).unwrap_or_default()
}

/// A page of this size, each of whose pixels is at `back` of it in `photo`; `outside` where that is not in the photograph.
pub fn flattened(photo: &GrayImage, back: &Projection, (wide, high): (u32, u32), outside: u8) -> GrayImage {
    let pixels = flat(photo.as_raw(), photo.dimensions(), back, (wide, high), [outside]);
    GrayImage::from_raw(wide, high, pixels).unwrap_or_default()
}

/// The same in colour.
pub fn flattened_colour(photo: &RgbImage, back: &Projection, (wide, high): (u32, u32), outside: [u8; 3]) -> RgbImage {
    let pixels = flat(photo.as_raw(), photo.dimensions(), back, (wide, high), outside);
    RgbImage::from_raw(wide, high, pixels).unwrap_or_default()
}

fn flat<const N: usize>(pixels: &[u8], (photo_wide, photo_high): (u32, u32), back: &Projection, (wide, high): (u32, u32), outside: [u8; N]) -> Vec<u8> {
    let mut page = Vec::with_capacity(wide as usize * high as usize * N);
    let stride = photo_wide as usize * N;
    let (most_x, most_y) = (photo_wide as f32 - 1.0, photo_high as f32 - 1.0);
    let mut take = |x: f32, y: f32| {
        if !(x >= 0.0 && y >= 0.0 && x <= most_x && y <= most_y) {
            page.extend_from_slice(&outside);
            return;
        }
        let (left, top) = (x as usize, y as usize);
        let (right, low) = (x - left as f32, y - top as f32);
        let at = top * stride + left * N;
        let next = if (left as f32) < most_x { N } else { 0 };
        let below = if (top as f32) < most_y { at + stride } else { at };
        for n in at..at + N {
            let under = below + n - at;
            let (a, b) = (f32::from(pixels[n]), f32::from(pixels[n + next]));
            let (c, d) = (f32::from(pixels[under]), f32::from(pixels[under + next]));
            let (upper, lower) = (a + (b - a) * right, c + (d - c) * right);
            page.push((upper + (lower - upper) * low + 0.5) as u8);
        }
    };
    for y in 0..high {
        let place = |x: usize| *back * (x as f32, y as f32);
        let mut from = place(0);
        for start in (0..wide as usize).step_by(SPAN) {
            let to = place(start + SPAN);
            let step = ((to.0 - from.0) / SPAN as f32, (to.1 - from.1) / SPAN as f32);
            for n in 0..SPAN.min(wide as usize - start) {
                take(from.0 + step.0 * n as f32, from.1 + step.1 * n as f32);
            }
            from = to;
        }
    }
    page
}

/// The value below which `share` of the pixels lie.
pub fn percentile(grey: &GrayImage, share: f32) -> u8 {
    let mut counts = [0u32; 256];
    for pixel in grey.as_raw() {
        counts[usize::from(*pixel)] += 1;
    }
    let rank = (grey.as_raw().len() as f32 * share) as u32;
    let mut seen = 0;
    (0..=255u8)
        .find(|value| {
            seen += counts[usize::from(*value)];
            seen > rank
        })
        .unwrap_or(255)
}

#[cfg(test)]
mod tests {
    use image::Luma;
    use imageproc::geometric_transformations::{Interpolation, warp_into};

    use super::*;

    fn photo() -> GrayImage {
        GrayImage::from_fn(90, 70, |x, y| Luma([((x * 7 + y * 13) % 200) as u8 + 20]))
    }

    #[test]
    fn a_page_is_what_the_library_lays_flat() {
        let corners = [(10.0, 8.0), (80.0, 4.0), (86.0, 60.0), (4.0, 66.0)];
        let there = Projection::from_control_points(corners, [(0.0, 0.0), (100.0, 0.0), (100.0, 60.0), (0.0, 60.0)]).expect("a projection");
        let mut wanted = GrayImage::from_pixel(100, 60, Luma([200]));
        warp_into(&photo(), &there, Interpolation::Bilinear, Luma([200]), &mut wanted);
        let ours = flattened(&photo(), &there.invert(), (100, 60), 200);
        let apart = ours.as_raw().iter().zip(wanted.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(apart <= Some(6), "{apart:?}");
    }

    #[test]
    fn sizes_and_parts_are_as_asked() {
        assert_eq!(resized(&photo(), 45).dimensions(), (45, 35));
        assert_eq!(resized(&photo(), 180).dimensions(), (180, 140));
        assert_eq!(resized(&GrayImage::new(1, 400), 40).dimensions(), (1, 40));
        let part = crop(&photo(), (80, 60), (50, 50));
        assert_eq!((part.dimensions(), part.get_pixel(3, 2)), ((10, 10), photo().get_pixel(83, 62)));
        let even = resized(&GrayImage::from_pixel(90, 70, Luma([77])), 40);
        assert!(even.as_raw().iter().all(|pixel| *pixel == 77));
        assert_eq!(percentile(&GrayImage::from_fn(10, 10, |x, _| Luma([x as u8])), 0.5), 5);
    }
}
