//! A window that slides over one plane at a time.
//!
//! The plane is laid out with its margin around it, and its columns sorted by their remainder after division by the stride:
//! then what a tap of the window meets stands in one piece, and vectors are read without asking where the margin is.

#![expect(clippy::inline_always, reason = "only what is inlined into the dispatched function is compiled with its vectors")]

use rten_simd::{Simd, ops::NumOps};

use super::tflite::Sliding;

/// Numbers of the widest vector.
const LANES: usize = 16;
/// Numbers of a plane with its margin; both networks keep far below.
const MOST_NUMBERS: usize = 4 << 20;

/// Geometry, and the plane that is laid out.
#[derive(Debug)]
pub(super) struct Window {
    height: usize,
    width: usize,
    out: [usize; 2],
    stride: [usize; 2],
    /// Margin above and on the left.
    margin: [usize; 2],
    /// Numbers of one row of one remainder.
    span: usize,
    rows: usize,
    /// Where each tap stands from the first one of the window, row by row.
    taps: Vec<usize>,
    plane: Vec<f32>,
}

impl Window {
    /// Of a window that slides over `[height, width]` in a margin of `around`; `None` when there is no place for it.
    pub(super) fn of([height, width]: [usize; 2], sliding: Sliding, around: f32) -> Option<Self> {
        let Sliding { window, stride, is_same } = sliding;
        let places =
            |size: usize, axis: usize| if is_same { Some(size.div_ceil(stride[axis])) } else { Some(size.checked_sub(window[axis])? / stride[axis] + 1) };
        let out = [places(height, 0)?, places(width, 1)?];
        // TensorFlow's SAME: the odd pixel of the margin is at the end.
        let before = |size: usize, axis: usize| ((out[axis] - 1) * stride[axis] + window[axis]).saturating_sub(size) / 2;
        let margin = if is_same { [before(height, 0), before(width, 1)] } else { [0, 0] };
        let rows = (out[0] - 1) * stride[0] + window[0];
        let span = out[1].next_multiple_of(LANES) + (window[1] - 1) / stride[1];
        let numbers = rows.checked_mul(stride[1])?.checked_mul(span).filter(|numbers| *numbers <= MOST_NUMBERS)?;
        let taps = (0..window[0]).flat_map(|y| (0..window[1]).map(move |x| (y * stride[1] + x % stride[1]) * span + x / stride[1])).collect();
        Some(Self { height, width, out, stride, margin, span, rows, taps, plane: vec![around; numbers] })
    }

    /// Rows and columns of what comes out.
    pub(super) fn out(&self) -> [usize; 2] {
        self.out
    }

    /// Numbers of a plane.
    pub(super) fn numbers(&self) -> usize {
        self.height * self.width
    }

    /// Numbers from one place of the window to the one below it.
    fn row_step(&self) -> usize {
        self.stride[0] * self.stride[1] * self.span
    }

    /// Lays out a plane.
    #[inline(always)]
    pub(super) fn lay(&mut self, plane: &[f32]) {
        let [above, left] = self.margin;
        let across = self.stride[1];
        for (y, from) in plane.chunks_exact(self.width).take(self.height).enumerate() {
            if y + above >= self.rows {
                break;
            }
            let row = &mut self.plane[(y + above) * across * self.span..][..across * self.span];
            if across == 1 {
                let count = self.width.min(self.span - left);
                row[left..left + count].copy_from_slice(&from[..count]);
            } else if across == 2 && left == 0 {
                let (even, odd) = row.split_at_mut(self.span);
                for ((pair, even), odd) in from.as_chunks::<2>().0.iter().zip(even).zip(odd) {
                    [*even, *odd] = *pair;
                }
                if self.width % 2 == 1 && self.width / 2 < self.span {
                    row[self.width / 2] = from[self.width - 1];
                }
            } else {
                for (x, value) in from.iter().enumerate() {
                    let place = (x + left) / across;
                    if place < self.span {
                        row[(x + left) % across * self.span + place] = *value;
                    }
                }
            }
        }
    }

    /// Folds what the taps meet, at every place of the window: `fold(so far, which tap, what it meets)`.
    #[inline(always)]
    pub(super) fn slide<O: NumOps<f32>>(&self, ops: O, out: &mut [f32], start: O::Simd, fold: impl Fn(O::Simd, usize, O::Simd) -> O::Simd) {
        match <&[usize; 9]>::try_from(&self.taps[..]) {
            // Nine by far most of the time: the loop over them is unrolled.
            Ok(taps) => self.slide_over(taps, ops, out, start, fold),
            Err(_) => self.slide_over(&self.taps[..], ops, out, start, fold),
        }
    }

    #[inline(always)]
    fn slide_over<'t, O: NumOps<f32>>(
        &self,
        taps: impl IntoIterator<Item = &'t usize> + Copy,
        ops: O,
        out: &mut [f32],
        start: O::Simd,
        fold: impl Fn(O::Simd, usize, O::Simd) -> O::Simd,
    ) {
        let (across, lanes) = (self.out[1], ops.len());
        for (y, to) in out.chunks_exact_mut(across).enumerate() {
            let rows = &self.plane[y * self.row_step()..];
            let mut x = 0;
            loop {
                let mut sum = start;
                for (tap, place) in taps.into_iter().enumerate() {
                    sum = fold(sum, tap, ops.load(&rows[place + x..]));
                }
                if across < lanes {
                    to.copy_from_slice(&sum.to_array().as_ref()[..across]);
                    break;
                }
                ops.store(sum, &mut to[x..]);
                if x + lanes >= across {
                    break;
                }
                // The last vector of a row may begin before the one before it ends.
                x = (x + lanes).min(across - lanes);
            }
        }
    }

    /// Writes a row for each tap: what the tap meets at every place of the window.
    #[inline(always)]
    pub(super) fn columns(&self, rows: &mut [f32]) {
        let [down, across] = self.out;
        for (tap, row) in self.taps.iter().zip(rows.chunks_exact_mut(down * across)) {
            for (y, to) in row.chunks_exact_mut(across).enumerate() {
                to.copy_from_slice(&self.plane[y * self.row_step() + tap..][..across]);
            }
        }
    }
}
