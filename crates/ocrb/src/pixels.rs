//! The few operations on pixels that everything here shares.

use image::GrayImage;

/// Which pixels are darker than the mean of their surroundings by at least `contrast`.
pub fn ink(grey: &GrayImage, radius: u32, contrast: u8) -> Vec<bool> {
    let (radius_x, radius_y) = (radius.min(grey.width() / 2), radius.min(grey.height() / 2));
    let mean = imageproc::filter::box_filter(grey, radius_x, radius_y);
    grey.as_raw().iter().zip(mean.as_raw()).map(|(pixel, mean)| pixel.saturating_add(contrast) < *mean).collect()
}

/// Marked pixels and all that lie at most `by` rows and columns from one.
pub fn grown(marked: &[bool], width: usize, by: usize) -> Vec<bool> {
    let mut level = vec![false; marked.len()];
    for (row, into) in marked.chunks(width).zip(level.chunks_mut(width)) {
        for at in row.iter().enumerate().filter_map(|(at, is_marked)| is_marked.then_some(at)) {
            into[at.saturating_sub(by)..(at + by + 1).min(row.len())].fill(true);
        }
    }
    let mut whole = level.clone();
    for (n, row) in level.chunks(width).enumerate() {
        for other in (n.saturating_sub(by)..=n + by).filter(|other| *other != n) {
            if let Some(into) = whole.get_mut(other * width..).filter(|rest| !rest.is_empty()) {
                into.iter_mut().zip(row).for_each(|(into, is_marked)| *into |= *is_marked);
            }
        }
    }
    whole
}

/// Connected patches of marked pixels as bounding boxes with their pixel count (8-connected).
pub fn patches(marked: &[bool], width: usize, least: usize) -> Vec<Patch> {
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
pub struct Patch {
    /// Leftmost column.
    pub left: usize,
    /// Rightmost column.
    pub right: usize,
    /// Topmost row.
    pub top: usize,
    /// Lowest row.
    pub bottom: usize,
    /// Marked pixels.
    pub pixels: usize,
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

/// Darkness 0…1 between pixels; outside the picture its edge goes on.
#[inline]
pub fn darkness(grey: &GrayImage, x: f32, y: f32) -> f32 {
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let (x, y) = (x.clamp(0.0, width as f32 - 1.001), y.clamp(0.0, height as f32 - 1.001));
    let (left, top) = (x as usize, y as usize);
    let (right, low) = (x - left as f32, y - top as f32);
    let raw = grey.as_raw();
    let at = top * width + left;
    let below = if top + 1 < height { at + width } else { at };
    let next = usize::from(left + 1 < width);
    let (a, b) = (f32::from(raw[at]), f32::from(raw[at + next]));
    let (c, d) = (f32::from(raw[below]), f32::from(raw[below + next]));
    1.0 - ((a * (1.0 - right) + b * right) * (1.0 - low) + (c * (1.0 - right) + d * right) * low) / 255.0
}

/// Variance of the second difference across the direction in which it is smallest: shake blurs one direction only. The 90th percentile over
/// tiles of 50 pixels, so that what counts is the sharpest of what is printed; where hardly anything is printed, the 98th.
pub fn sharpness(grey: &GrayImage) -> f32 {
    const TILE: usize = 50;
    /// Tiles with less than this show paper.
    const EMPTY: f32 = 5.0;
    /// Right, down and the two diagonals, whose steps are longer.
    const DIRECTIONS: [(isize, isize, f32); 4] = [(1, 0, 1.0), (0, 1, 1.0), (1, 1, 0.5), (1, -1, 0.5)];
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let raw = grey.as_raw();
    let mut tiles = Vec::new();
    for top in (1..height.saturating_sub(TILE)).step_by(TILE) {
        for left in (1..width.saturating_sub(TILE)).step_by(TILE) {
            let weakest = DIRECTIONS.map(|(across, down, share)| {
                let step = down * width as isize + across;
                let (mut sum, mut squares) = (0i32, 0i64);
                for y in top..top + TILE {
                    for at in y * width + left..y * width + left + TILE {
                        let around = i32::from(raw[at.wrapping_add_signed(step)]) + i32::from(raw[at.wrapping_add_signed(-step)]);
                        let bend = around - 2 * i32::from(raw[at]);
                        sum += bend;
                        squares += i64::from(bend * bend);
                    }
                }
                let count = (TILE * TILE) as f32;
                share * (squares as f32 / count - (sum as f32 / count).powi(2))
            });
            tiles.push(weakest.into_iter().fold(f32::MAX, f32::min));
        }
    }
    tiles.sort_by(f32::total_cmp);
    let at = |percent: usize| tiles.get(tiles.len() * percent / 100).copied().unwrap_or(0.0);
    if at(90) < EMPTY { at(98) } else { at(90) }
}
