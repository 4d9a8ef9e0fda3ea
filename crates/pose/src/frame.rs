//! A picture in memory, and what is cut out of it.

use crate::PoseError;

/// Largest side in pixels; beyond that a frame is refused.
const LARGEST_SIDE: usize = 8_192;

/// How pixels stand in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Three bytes: red, green, blue.
    Rgb,
    /// Four bytes: red, green, blue and one that is not looked at.
    Rgba,
}

impl Layout {
    fn bytes(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// A picture: rows from the top, without gaps.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    pixels: &'a [u8],
    width: usize,
    height: usize,
    step: usize,
}

/// A square in a picture, turned about its middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Square {
    pub(crate) center: [f32; 2],
    pub(crate) side: f32,
    /// Radians, clockwise in the picture.
    pub(crate) turn: f32,
}

impl Square {
    /// The place in the picture of a place in the square, both in pixels of the picture, from its top left corner.
    pub(crate) fn place(&self, across: f32, down: f32) -> [f32; 2] {
        let (sin, cos) = self.turn.sin_cos();
        let (u, v) = (across - self.side / 2.0, down - self.side / 2.0);
        [self.center[0] + u * cos - v * sin, self.center[1] + u * sin + v * cos]
    }

    fn is_sane(&self) -> bool {
        let all = [self.center[0], self.center[1], self.side, self.turn];
        all.iter().all(|value| value.is_finite() && value.abs() < 1e6) && self.side >= 1.0
    }
}

impl<'a> Frame<'a> {
    /// A picture of `width × height` pixels.
    ///
    /// # Errors
    /// [`PoseError::Frame`] when the bytes are not as many as the pixels need, or the size is none.
    pub fn new(pixels: &'a [u8], width: usize, height: usize, layout: Layout) -> Result<Self, PoseError> {
        if !(1..=LARGEST_SIDE).contains(&width) || !(1..=LARGEST_SIDE).contains(&height) {
            return Err(PoseError::Frame("empty or too large"));
        }
        if pixels.len() != width * height * layout.bytes() {
            return Err(PoseError::Frame("not as many bytes as its size needs"));
        }
        Ok(Self { pixels, width, height, step: layout.bytes() })
    }

    /// Pixels across.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels down.
    pub fn height(&self) -> usize {
        self.height
    }

    /// A number that differs when the pictures differ: equal for a frame that was sent twice.
    pub fn fingerprint(&self) -> u64 {
        // FNV-1a over every eleventh byte: no camera repeats its noise. Four of them side by side, because each waits for itself.
        const PRIME: u64 = 0x0100_0000_01b3;
        let mut hashes = [0xcbf2_9ce4_8422_2325_u64; 4];
        for bytes in self.pixels.chunks(44) {
            for (hash, byte) in hashes.iter_mut().zip(bytes.iter().step_by(11)) {
                *hash = (*hash ^ u64::from(*byte)).wrapping_mul(PRIME);
            }
        }
        hashes.into_iter().fold(0, |all, hash| (all ^ hash).wrapping_mul(PRIME))
    }

    /// Mean brightness (BT.601 luma, 0–255) at `places`, those outside left out.
    pub(crate) fn luma(&self, places: impl Iterator<Item = [f32; 2]>) -> f32 {
        let (mut sum, mut count) = (0.0, 0.0);
        for [x, y] in places {
            if let Some([red, green, blue]) = self.pixel(x.floor(), y.floor()) {
                sum += 0.299 * red + 0.587 * green + 0.114 * blue;
                count += 1.0;
            }
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// The square as three planes of `pixels × pixels` values `scale × byte + shift`; black outside of the picture.
    /// Samples are taken at the corners of the pixels, as MediaPipe takes them: in their middles the angles are off by half
    /// as much again.
    pub(crate) fn cut(&self, square: Square, pixels: usize, [scale, shift]: [f32; 2], planes: &mut [f32]) {
        if !square.is_sane() {
            planes.fill(shift);
            return;
        }
        let (red, rest) = planes.split_at_mut(pixels * pixels);
        let (green, blue) = rest.split_at_mut(pixels * pixels);
        let (sin, cos) = square.turn.sin_cos();
        let step = square.side / pixels as f32;
        let u = -square.side / 2.0;
        for row in 0..pixels {
            let v = row as f32 * step - square.side / 2.0;
            let at = [square.center[0] + u * cos - v * sin, square.center[1] + u * sin + v * cos];
            let along = [step * cos, step * sin];
            let inside = self.inside(at, along, pixels);
            for column in 0..pixels {
                let (x, y) = (at[0] + column as f32 * along[0], at[1] + column as f32 * along[1]);
                let [r, g, b] = if inside.contains(&column) { self.between_inside(x, y) } else { self.between(x, y) };
                let at = row * pixels + column;
                red[at] = scale * r + shift;
                green[at] = scale * g + shift;
                blue[at] = scale * b + shift;
            }
        }
    }

    /// Which of `count` samples, from `at` on and each `along` further, have all four pixels around them in the picture;
    /// the outermost ones are left to those who ask each time.
    fn inside(&self, at: [f32; 2], along: [f32; 2], count: usize) -> std::ops::Range<usize> {
        let (mut first, mut end) = (0.0_f32, count as f32);
        for (axis, size) in [self.width, self.height].into_iter().enumerate() {
            let most = size as f32 - 2.0;
            if along[axis].abs() < 1e-6 {
                if !(0.5..most).contains(&at[axis]) {
                    return 0..0;
                }
                continue;
            }
            let (a, b) = (-at[axis] / along[axis], (most - at[axis]) / along[axis]);
            first = first.max(a.min(b) + 1.0);
            end = end.min(a.max(b) - 1.0);
        }
        if first < end { first.ceil() as usize..end.floor() as usize } else { 0..0 }
    }

    /// [`between`](Self::between) where all four pixels are there.
    #[inline]
    fn between_inside(&self, x: f32, y: f32) -> [f32; 3] {
        let (left, top) = (x as u32 as usize, y as u32 as usize);
        let (dx, dy) = (x - left as f32, y - top as f32);
        let at = (top * self.width + left) * self.step;
        let below = at + self.width * self.step;
        let (Some(upper), Some(lower)) = (self.pixels.get(at..at + self.step + 3), self.pixels.get(below..below + self.step + 3)) else {
            return self.between(x, y);
        };
        let mix = |a: u8, b: u8, share: f32| f32::from(a) + (f32::from(b) - f32::from(a)) * share;
        let of = |colour: usize| {
            let (above, under) = (mix(upper[colour], upper[colour + self.step], dx), mix(lower[colour], lower[colour + self.step], dx));
            above + (under - above) * dy
        };
        [of(0), of(1), of(2)]
    }

    /// Bilinear: what stands between four pixels.
    fn between(&self, x: f32, y: f32) -> [f32; 3] {
        let (left, top) = (x.floor(), y.floor());
        let (dx, dy) = (x - left, y - top);
        let corners = [(0.0, 0.0, (1.0 - dx) * (1.0 - dy)), (1.0, 0.0, dx * (1.0 - dy)), (0.0, 1.0, (1.0 - dx) * dy), (1.0, 1.0, dx * dy)];
        let mut mixed = [0.0; 3];
        for (right, below, weight) in corners {
            if let Some(pixel) = self.pixel(left + right, top + below) {
                for (sum, value) in mixed.iter_mut().zip(pixel) {
                    *sum += weight * value;
                }
            }
        }
        mixed
    }

    /// The pixel whose corner is at `(x, y)`, whole numbers.
    #[inline]
    fn pixel(&self, x: f32, y: f32) -> Option<[f32; 3]> {
        if !(x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32) {
            return None;
        }
        let at = (y as usize * self.width + x as usize) * self.step;
        let &[red, green, blue] = self.pixels.get(at..at + 3)?.first_chunk()?;
        Some([f32::from(red), f32::from(green), f32::from(blue)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_as_large_as_it_says() {
        assert!(Frame::new(&[0; 12], 2, 2, Layout::Rgb).is_ok());
        for (bytes, width, height) in [(11, 2, 2), (13, 2, 2), (0, 0, 0), (0, 0, 2), (0, 1 << 40, 1 << 40), (3, usize::MAX, 1)] {
            assert!(Frame::new(&vec![0; bytes], width, height, Layout::Rgb).is_err(), "{bytes} {width} {height}");
        }
    }

    fn cut(frame: &Frame<'_>, square: Square, pixels: usize, shift: f32) -> Vec<f32> {
        let mut planes = vec![7.0; 3 * pixels * pixels];
        frame.cut(square, pixels, [1.0, shift], &mut planes);
        planes
    }

    #[test]
    fn a_square_is_cut_where_it_stands() {
        // Four pixels: red, green / blue, white.
        let pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
        let frame = Frame::new(&pixels, 2, 2, Layout::Rgb).unwrap();
        let whole = Square { center: [1.0, 1.0], side: 2.0, turn: 0.0 };
        assert_eq!(cut(&frame, whole, 2, 0.0), [255.0, 0.0, 0.0, 255.0, 0.0, 255.0, 0.0, 255.0, 0.0, 0.0, 255.0, 255.0]);
        let outside = Square { center: [100.0, 1.0], side: 2.0, turn: 0.0 };
        assert!(cut(&frame, outside, 2, -1.0).iter().all(|value| value.to_bits() == (-1.0_f32).to_bits()));
        let broken = Square { center: [f32::NAN, 1.0], side: f32::INFINITY, turn: 0.0 };
        assert!(cut(&frame, broken, 2, -1.0).iter().all(|value| value.to_bits() == (-1.0_f32).to_bits()));
    }

    #[test]
    fn the_short_way_inside_a_picture_is_the_long_one() {
        let pixels: Vec<u8> = (0..40 * 30 * 3).map(|at| (at * 37 % 251) as u8).collect();
        let frame = Frame::new(&pixels, 40, 30, Layout::Rgb).unwrap();
        let mut short_ones = 0;
        for at in 0..4_000 {
            let of = |step: usize, from: f32, to: f32| from + (at * step % 997) as f32 / 997.0 * (to - from);
            let square = Square { center: [of(7, -10.0, 50.0), of(13, -10.0, 40.0)], side: of(29, 1.0, 60.0), turn: of(41, -3.2, 3.2) };
            let (sin, cos) = if at % 5 == 0 { (0.0, 1.0) } else { square.turn.sin_cos() };
            let along = [square.side / 16.0 * cos, square.side / 16.0 * sin];
            for column in frame.inside(square.center, along, 16) {
                let [x, y] = [0, 1].map(|axis| square.center[axis] + column as f32 * along[axis]);
                let (short, long) = (frame.between_inside(x, y), frame.between(x, y));
                assert!(short.iter().zip(long).all(|(a, b)| (a - b).abs() < 2e-3), "{x} {y}: {short:?} {long:?}");
                short_ones += 1;
            }
        }
        assert!(short_ones > 8_000, "{short_ones}");
    }

    #[test]
    fn another_picture_has_another_fingerprint() {
        let (mut a, b) = (vec![7; 300], vec![7; 300]);
        let print = |pixels: &[u8]| Frame::new(pixels, 10, 10, Layout::Rgb).unwrap().fingerprint();
        assert_eq!(print(&a), print(&b));
        a[11] = 8;
        assert_ne!(print(&a), print(&b));
    }
}
