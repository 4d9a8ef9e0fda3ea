//! The course of one line through the picture: where its middle runs, how high its capitals are, and windows cut along it.

use image::GrayImage;

use crate::{
    lines::Glyph,
    net::{HIGH, UNIT, WIDE, Window, normalise},
    pixels::{darkness, darkness_within},
    search::Way,
};

/// A line in a view, measured along `x`; lengths are pixels of the view.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    /// Middle of the line: offset, slope, bow.
    pub(crate) course: [f32; 3],
    /// Around which `course` is developed.
    pub(crate) center: f32,
    /// Height of a capital at the left and the right end.
    pub(crate) capital: (f32, f32),
    /// Ends between which `capital` is given.
    pub(crate) ends: (f32, f32),
    /// Width of a cell in capitals of this line.
    pub(crate) pitch: f32,
    /// The way to the picture.
    pub(crate) way: Way,
    /// Whether the line is read from right to left, head down.
    pub(crate) reversed: bool,
}

impl Track {
    /// A track through the middles of glyphs.
    pub(crate) fn through(glyphs: &[Glyph], capital: f32, ends: (f32, f32), pitch: f32, way: Way) -> Self {
        let center = f32::midpoint(ends.0, ends.1);
        let mut course = curve(glyphs, center, capital);
        // Fillers and dots stand a little off the middle of capitals.
        let tall: Vec<f32> = glyphs.iter().filter(|glyph| glyph.height > capital * 0.8).map(|glyph| glyph.y - value(course, glyph.x - center)).collect();
        if tall.len() >= 4 {
            course[0] += tall.iter().sum::<f32>() / tall.len() as f32;
        }
        Self { course, center, capital: (capital, capital), ends, pitch, way, reversed: false }
    }

    /// Makes capitals so many times as high at a quarter and at three quarters of the line; the pitch stays.
    pub(crate) fn stretch(&mut self, before: f32, after: f32) {
        let (left, right) = (1.25 * before - 0.25 * after, 1.25 * after - 0.25 * before);
        self.capital = (self.capital.0 * left, self.capital.1 * right);
        self.pitch /= f32::midpoint(before, after);
    }

    /// Moves the line down by shares of a capital at a quarter and at three quarters.
    pub(crate) fn drop(&mut self, before: f32, after: f32) {
        let turn = if self.reversed { -1.0 } else { 1.0 };
        let mean = f32::midpoint(self.capital.0, self.capital.1) * turn;
        self.course[0] += f32::midpoint(before, after) * mean;
        self.course[1] += (after - before) * mean / ((self.ends.1 - self.ends.0) / 2.0).max(1.0);
    }

    /// Height of a capital at `x`.
    pub(crate) fn capital_at(&self, x: f32) -> f32 {
        let share = ((x - self.ends.0) / (self.ends.1 - self.ends.0).max(1.0)).clamp(-0.2, 1.2);
        self.capital.0 + (self.capital.1 - self.capital.0) * share
    }

    /// Width of a cell at `x`.
    pub(crate) fn pitch_at(&self, x: f32) -> f32 {
        self.pitch * self.capital_at(x)
    }

    /// Middle of the line at `x`.
    pub(crate) fn middle(&self, x: f32) -> f32 {
        value(self.course, x - self.center)
    }

    /// The window around `x`, moved down by `drop` capitals and with capitals `stretch` times as high.
    pub(crate) fn window(&self, grey: &GrayImage, x: f32, drop: f32, stretch: f32) -> Window {
        let (slope, capital) = (self.course[1] + 2.0 * self.course[2] * (x - self.center), self.capital_at(x));
        let length = slope.hypot(1.0);
        let (along_x, along_y) = (1.0 / length, slope / length);
        let turn = if self.reversed { -1.0 } else { 1.0 };
        let (step_x, step_y) = (turn * self.pitch * capital / UNIT, turn * capital * stretch / UNIT);
        let middle = self.middle(x) + turn * drop * capital;
        // One step to the right and one down, in the picture.
        let origin = self.way.back((x, middle));
        let ahead = self.way.back((x + along_x * step_x, middle + along_y * step_x));
        let below = self.way.back((x - along_y * step_y, middle + along_x * step_y));
        let (right, down) = ((ahead.0 - origin.0, ahead.1 - origin.1), (below.0 - origin.0, below.1 - origin.1));
        let mut window = [0.0; WIDE * HIGH];
        let at = |u: f32, v: f32| (origin.0 + right.0 * u + down.0 * v, origin.1 + right.1 * u + down.1 * v);
        let (far_u, far_v) = (WIDE as f32 / 2.0, HIGH as f32 / 2.0);
        let (most_x, most_y) = (grey.width() as f32 - 1.01, grey.height() as f32 - 1.01);
        let is_inside = |(x, y): (f32, f32)| x >= 0.0 && y >= 0.0 && x < most_x && y < most_y;
        let is_within = [at(-far_u, -far_v), at(far_u, -far_v), at(-far_u, far_v), at(far_u, far_v)].into_iter().all(is_inside);
        for (row, line) in window.chunks_exact_mut(WIDE).enumerate() {
            let v = row as f32 + 0.5 - far_v;
            for (column, value) in line.iter_mut().enumerate() {
                let (x, y) = at(column as f32 + 0.5 - far_u, v);
                *value = if is_within { darkness_within(grey, x, y) } else { darkness(grey, x, y) };
            }
        }
        normalise(&mut window);
        window
    }
}

fn value([offset, slope, bow]: [f32; 3], x: f32) -> f32 {
    offset + slope * x + bow * x * x
}

/// A straight line, or a bow where that is plainly closer.
fn curve(glyphs: &[Glyph], center: f32, capital: f32) -> [f32; 3] {
    let points: Vec<(f32, f32)> = glyphs.iter().map(|glyph| (glyph.x - center, glyph.y)).collect();
    let straight = trimmed(&points, 1);
    if points.len() < 15 {
        return straight;
    }
    let bowed = trimmed(&points, 2);
    let error = |course: [f32; 3]| (points.iter().map(|(x, y)| (y - value(course, *x)).abs().min(capital * 0.3)).sum::<f32>()) / points.len() as f32;
    if error(straight) > capital * 0.07 && error(bowed) < error(straight) * 0.65 { bowed } else { straight }
}

/// Least squares, twice: the second time without what lies far off.
fn trimmed(points: &[(f32, f32)], degree: usize) -> [f32; 3] {
    let first = fitted(points, degree);
    let mut errors: Vec<f32> = points.iter().map(|(x, y)| (y - value(first, *x)).abs()).collect();
    errors.sort_by(f32::total_cmp);
    let limit = errors.get(errors.len() * 8 / 10).copied().unwrap_or(f32::MAX).max(0.5);
    let near: Vec<(f32, f32)> = points.iter().copied().filter(|(x, y)| (y - value(first, *x)).abs() <= limit).collect();
    if near.len() > degree + 3 { fitted(&near, degree) } else { first }
}

fn fitted(points: &[(f32, f32)], degree: usize) -> [f32; 3] {
    let size = degree + 1;
    // Normal equations in units of the longest reach, solved by elimination.
    let reach = points.iter().map(|(x, _)| x.abs()).fold(1.0, f32::max);
    let mut rows = [[0.0f64; 4]; 3];
    for (x, y) in points {
        let x = f64::from(x / reach);
        for i in 0..size {
            for j in 0..size {
                rows[i][j] += x.powi((i + j) as i32);
            }
            rows[i][3] += x.powi(i as i32) * f64::from(*y);
        }
    }
    for pivot in 0..size {
        if rows[pivot][pivot].abs() < 1e-9 {
            continue;
        }
        for other in 0..size {
            if other != pivot {
                let factor = rows[other][pivot] / rows[pivot][pivot];
                for k in 0..4 {
                    rows[other][k] -= factor * rows[pivot][k];
                }
            }
        }
    }
    let mut course = [0.0f32; 3];
    for n in 0..size {
        if rows[n][n].abs() >= 1e-9 {
            course[n] = (rows[n][3] / rows[n][n]) as f32 / reach.powi(n as i32);
        }
    }
    course
}
