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
        // FNV-1a over every eleventh byte: no camera repeats its noise.
        self.pixels.iter().step_by(11).fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
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
    pub(crate) fn cut(&self, square: Square, pixels: usize, scale: f32, shift: f32) -> Vec<f32> {
        let mut planes = vec![shift; 3 * pixels * pixels];
        if !square.is_sane() {
            return planes;
        }
        let (red, rest) = planes.split_at_mut(pixels * pixels);
        let (green, blue) = rest.split_at_mut(pixels * pixels);
        let (sin, cos) = square.turn.sin_cos();
        let step = square.side / pixels as f32;
        let is_inside = self.holds(square);
        for row in 0..pixels {
            let v = row as f32 * step - square.side / 2.0;
            for column in 0..pixels {
                let u = column as f32 * step - square.side / 2.0;
                let (x, y) = (square.center[0] + u * cos - v * sin, square.center[1] + u * sin + v * cos);
                let [r, g, b] = if is_inside { self.between_inside(x, y) } else { self.between(x, y) };
                let at = row * pixels + column;
                red[at] = scale * r + shift;
                green[at] = scale * g + shift;
                blue[at] = scale * b + shift;
            }
        }
        planes
    }

    /// Whether every sample of the square, and the pixels around it, lies in the picture.
    fn holds(&self, square: Square) -> bool {
        let corners = [(0.0, 0.0), (square.side, 0.0), (0.0, square.side), (square.side, square.side)];
        let (width, height) = (self.width as f32 - 2.0, self.height as f32 - 2.0);
        corners.into_iter().map(|(across, down)| square.place(across, down)).all(|[x, y]| x >= 1.0 && y >= 1.0 && x < width && y < height)
    }

    /// [`between`](Self::between) where all four pixels are there.
    #[inline]
    fn between_inside(&self, x: f32, y: f32) -> [f32; 3] {
        let (left, top) = (x as usize, y as usize);
        let (dx, dy) = (x - left as f32, y - top as f32);
        let weights = [(1.0 - dx) * (1.0 - dy), dx * (1.0 - dy), (1.0 - dx) * dy, dx * dy];
        let at = (top * self.width + left) * self.step;
        let below = at + self.width * self.step;
        let (Some(upper), Some(lower)) = (self.pixels.get(at..at + self.step + 3), self.pixels.get(below..below + self.step + 3)) else {
            return self.between(x, y);
        };
        [0, 1, 2].map(|colour| {
            let of = |row: &[u8], weight: f32, place: usize| weight * f32::from(row[place]);
            of(upper, weights[0], colour)
                + of(upper, weights[1], colour + self.step)
                + of(lower, weights[2], colour)
                + of(lower, weights[3], colour + self.step)
        })
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

    #[test]
    fn a_square_is_cut_where_it_stands() {
        // Four pixels: red, green / blue, white.
        let pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
        let frame = Frame::new(&pixels, 2, 2, Layout::Rgb).unwrap();
        let whole = Square { center: [1.0, 1.0], side: 2.0, turn: 0.0 };
        assert_eq!(frame.cut(whole, 2, 1.0, 0.0), [255.0, 0.0, 0.0, 255.0, 0.0, 255.0, 0.0, 255.0, 0.0, 0.0, 255.0, 255.0]);
        let outside = Square { center: [100.0, 1.0], side: 2.0, turn: 0.0 };
        assert!(frame.cut(outside, 2, 1.0, -1.0).iter().all(|value| value.to_bits() == (-1.0_f32).to_bits()));
        let broken = Square { center: [f32::NAN, 1.0], side: f32::INFINITY, turn: 0.0 };
        assert_eq!(frame.cut(broken, 2, 1.0, -1.0).len(), 12);
    }

    #[test]
    fn the_short_way_inside_a_picture_is_the_long_one() {
        let pixels: Vec<u8> = (0..40 * 30 * 3).map(|at| (at * 37 % 251) as u8).collect();
        let frame = Frame::new(&pixels, 40, 30, Layout::Rgb).unwrap();
        let square = Square { center: [19.3, 14.8], side: 14.0, turn: 0.3 };
        assert!(frame.holds(square) && !frame.holds(Square { center: [3.0, 14.0], ..square }));
        for (x, y) in [(12.25, 9.5), (1.0, 1.0), (37.9, 27.9), (20.0, 13.0)] {
            let (short, long) = (frame.between_inside(x, y), frame.between(x, y));
            assert!(short.iter().zip(long).all(|(a, b)| (a - b).abs() < 1e-3), "{x} {y}: {short:?} {long:?}");
        }
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
