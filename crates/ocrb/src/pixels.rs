//! The few operations on pixels that everything here shares.

use image::GrayImage;

/// Which pixels are darker than the mean of their surroundings, a square of `radius` around each, by more than `contrast`.
pub fn ink(grey: &GrayImage, radius: u32, contrast: u8) -> Vec<bool> {
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    if width == 0 || height == 0 {
        return Vec::new();
    }
    let (radius_x, radius_y) = ((radius as usize).min(width / 2), (radius as usize).min(height / 2));
    let area = ((2 * radius_x + 1) * (2 * radius_y + 1)) as u32;
    let row = |y: usize| &grey.as_raw()[y * width..][..width];
    // Sums of the columns around a row; outside the picture its edge goes on. `padded` has them with the edges repeated.
    let mut columns = vec![0u32; width];
    for y in 0..=2 * radius_y {
        columns.iter_mut().zip(row(y.saturating_sub(radius_y).min(height - 1))).for_each(|(sum, pixel)| *sum += u32::from(*pixel));
    }
    let mut padded = vec![0u32; width + 2 * radius_x + 1];
    let mut marked = Vec::with_capacity(width * height);
    for y in 0..height {
        padded[..=radius_x].fill(columns[0]);
        padded[radius_x + 1..][..width].copy_from_slice(&columns);
        padded[radius_x + 1 + width..].fill(columns[width - 1]);
        let mut sum: u32 = padded[..=2 * radius_x].iter().sum();
        let steps = padded.iter().zip(&padded[2 * radius_x + 1..]);
        marked.extend(row(y).iter().zip(steps).map(|(pixel, (gone, come))| {
            sum = sum + come - gone;
            2 * sum >= (2 * (u32::from(*pixel) + u32::from(contrast)) + 3) * area
        }));
        let (gone, come) = (row(y.saturating_sub(radius_y)), row((y + radius_y + 1).min(height - 1)));
        for (sum, (gone, come)) in columns.iter_mut().zip(gone.iter().zip(come)) {
            *sum = *sum + u32::from(*come) - u32::from(*gone);
        }
    }
    marked
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
    /// How many pixels of its bounding box are marked.
    pub fn inked(&self, marked: &[bool], width: usize) -> usize {
        self.rows(marked, width).map(|row| row.iter().filter(|is_marked| **is_marked).count()).sum()
    }

    /// How many of its rows cross a finder pattern of a QR code: ink and paper in runs of 1 : 1 : 3 : 1 : 1 (ISO/IEC 18004 §6.3.3).
    pub fn finder_rows(&self, marked: &[bool], width: usize) -> usize {
        self.rows(marked, width).filter(|row| has_finder(row)).count()
    }

    fn rows<'a>(&self, marked: &'a [bool], width: usize) -> impl Iterator<Item = &'a [bool]> {
        let (left, right) = (self.left, self.right);
        (self.top..=self.bottom).map(move |y| &marked[y * width + left..=y * width + right])
    }

    fn take(&mut self, x: usize, y: usize) {
        self.left = self.left.min(x);
        self.right = self.right.max(x);
        self.top = self.top.min(y);
        self.bottom = self.bottom.max(y);
        self.pixels += 1;
    }
}

fn has_finder(row: &[bool]) -> bool {
    let mut runs = [0usize; 5];
    let is_finder = |runs: &[usize; 5]| {
        let module = runs.iter().sum::<usize>() as f32 / 7.0;
        let near = |run: usize, modules: f32| (run as f32 - modules * module).abs() <= 0.5 * modules * module;
        runs[0] > 0 && module >= 1.5 && near(runs[0], 1.0) && near(runs[1], 1.0) && near(runs[2], 3.0) && near(runs[3], 1.0) && near(runs[4], 1.0)
    };
    let mut at = 0;
    while at < row.len() {
        let length = row[at..].iter().take_while(|is_ink| **is_ink == row[at]).count();
        runs.rotate_left(1);
        runs[4] = length;
        if row[at] && is_finder(&runs) {
            return true;
        }
        at += length;
    }
    false
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

/// The same where the four pixels around are known to be inside.
#[inline]
pub fn darkness_within(grey: &GrayImage, x: f32, y: f32) -> f32 {
    let (left, top) = (x as u32, y as u32);
    let (right, low) = (x - left as f32, y - top as f32);
    let width = grey.width() as usize;
    let at = top as usize * width + left as usize;
    let (above, below) = (&grey.as_raw()[at..at + 2], &grey.as_raw()[at + width..at + width + 2]);
    let (a, b) = (f32::from(above[0]), f32::from(above[1]));
    let (c, d) = (f32::from(below[0]), f32::from(below[1]));
    let (upper, lower) = (a + (b - a) * right, c + (d - c) * right);
    1.0 - (upper + (lower - upper) * low) / 255.0
}

/// Variance of the second difference across the direction in which it is smallest: shake blurs one direction only. Over tiles of 50 pixels
/// the 97th percentile, so that what counts is the sharpest of what is printed, above the median: the noise of the camera is in every tile.
pub fn sharpness(grey: &GrayImage) -> f32 {
    const TILE: usize = 50;
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
    at(97) - at(50)
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn ink_is_what_is_darker_than_its_surroundings() {
        let grey = GrayImage::from_fn(53, 41, |x, y| Luma([((x * 37 + y * 91 + x * y) % 251) as u8]));
        let mean = imageproc::filter::box_filter(&grey, 5, 5);
        let ours = ink(&grey, 5, 12);
        // The library truncates twice on its way to the mean: a pixel at the very limit may fall on either side.
        let is_plain = |at: usize| (f32::from(grey.as_raw()[at]) + 12.0 - f32::from(mean.as_raw()[at])).abs() > 1.6;
        for at in (0..ours.len()).filter(|at| is_plain(*at)) {
            assert_eq!(ours[at], grey.as_raw()[at].saturating_add(12) < mean.as_raw()[at], "{at}");
        }
        assert!(ink(&GrayImage::from_pixel(30, 1, Luma([9])), 14, 8).iter().all(|is_ink| !is_ink));
    }

    #[test]
    fn marks_grow_to_all_sides_and_stay_in_the_picture() {
        let mut marked = vec![false; 7 * 6];
        marked[0] = true;
        marked[3 * 7 + 4] = true;
        let grown: String =
            grown(&marked, 7, 1).chunks(7).map(|row| row.iter().map(|on| if *on { '#' } else { '.' }).chain(['\n']).collect::<String>()).collect();
        assert_eq!(grown, "##.....\n##.....\n...###.\n...###.\n...###.\n.......\n");
    }
}
