//! Lines of text: chains of patches of ink that are alike in height and stand side by side.

use image::GrayImage;

use super::views::{ink, patches};

/// A patch of ink that may be a character.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) height: f32,
}

/// A line of text: its middle runs along `y = slope·x + offset` from `left` to `right`.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) slope: f32,
    pub(super) offset: f32,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) height: f32,
}

impl Line {
    /// Height of the middle of the line at `x`.
    pub(super) fn at(&self, x: f32) -> f32 {
        self.slope * x + self.offset
    }

    pub(super) fn length(&self) -> f32 {
        self.right - self.left
    }

    /// Whether its glyphs stand at one pitch, as only the lines of a zone do: printed words have gaps and narrow letters.
    pub(super) fn is_even(&self) -> bool {
        let mut centers: Vec<f32> = self.glyphs.iter().map(|glyph| glyph.x).collect();
        centers.sort_by(f32::total_cmp);
        let mut steps: Vec<f32> = centers.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_by(f32::total_cmp);
        let Some(usual) = steps.get(steps.len() / 2).copied() else { return false };
        let even = steps.iter().filter(|step| (0.8..=1.2).contains(&(**step / usual))).count();
        even * 100 >= steps.len() * 85
    }
}

/// Patches of ink of the size of characters.
#[expect(clippy::cast_precision_loss, reason = "pixel positions")]
pub(super) fn glyphs(grey: &GrayImage, radius: u32, contrast: u8) -> Vec<Glyph> {
    let width = grey.width() as usize;
    let marked = ink(grey, radius, contrast);
    let sized = patches(&marked, width, 8).into_iter().map(|patch| {
        let (left, right, top, bottom) = (patch.left as f32, patch.right as f32, patch.top as f32, patch.bottom as f32);
        Glyph { x: f32::midpoint(left, right), y: f32::midpoint(top, bottom), left, right, height: bottom - top + 1.0 }
    });
    sized.filter(|glyph| (5.0..=70.0).contains(&glyph.height) && (1.5..=glyph.height * 3.2).contains(&(glyph.right - glyph.left + 1.0))).collect()
}

/// Chains of at least `least` glyphs, pieces on one straight line joined.
pub(super) fn lines(glyphs: &[Glyph], least: usize) -> Vec<Line> {
    let mut sorted = glyphs.to_vec();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x));
    let (next, is_followed) = neighbours(&sorted);
    let mut found = Vec::new();
    for start in 0..sorted.len() {
        if is_followed[start] {
            continue;
        }
        let chain: Vec<Glyph> = std::iter::successors(Some(start), |at| next[*at]).map(|at| sorted[at]).collect();
        if chain.len() >= least
            && let Some(line) = fitted(chain)
        {
            found.push(line);
        }
    }
    found.sort_by(|a, b| a.left.total_cmp(&b.left));
    joined(found)
}

/// For each glyph its right neighbour on the same line, and whether it is somebody's neighbour.
fn neighbours(sorted: &[Glyph]) -> (Vec<Option<usize>>, Vec<bool>) {
    let mut next = vec![None; sorted.len()];
    let mut is_followed = vec![false; sorted.len()];
    for (at, glyph) in sorted.iter().enumerate() {
        let mut best: Option<(f32, usize)> = None;
        for (other, candidate) in sorted.iter().enumerate().skip(at + 1) {
            let (step, tallest) = (candidate.x - glyph.x, glyph.height.max(candidate.height));
            if step > tallest * 2.4 {
                break;
            }
            let (ratio, drop) = (candidate.height / glyph.height, (candidate.y - glyph.y).abs());
            if is_followed[other] || step < glyph.height * 0.3 || !(0.5..=2.0).contains(&ratio) || drop > 0.42 * tallest {
                continue;
            }
            let cost = step + 2.0 * drop + 3.0 * (candidate.height - glyph.height).abs();
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, other));
            }
        }
        if let Some((_, other)) = best {
            next[at] = Some(other);
            is_followed[other] = true;
        }
    }
    (next, is_followed)
}

fn fitted(glyphs: Vec<Glyph>) -> Option<Line> {
    let count = f32::from(u16::try_from(glyphs.len()).ok()?);
    let mean_x = glyphs.iter().map(|glyph| glyph.x).sum::<f32>() / count;
    let mean_y = glyphs.iter().map(|glyph| glyph.y).sum::<f32>() / count;
    let (mut across, mut along) = (0.0, 0.0);
    for glyph in &glyphs {
        across += (glyph.x - mean_x) * (glyph.y - mean_y);
        along += (glyph.x - mean_x).powi(2);
    }
    if along < 1.0 {
        return None;
    }
    let mut heights: Vec<f32> = glyphs.iter().map(|glyph| glyph.height).collect();
    heights.sort_by(f32::total_cmp);
    let (slope, height) = (across / along, heights[heights.len() * 6 / 10]);
    let left = glyphs.iter().map(|glyph| glyph.left).fold(f32::MAX, f32::min);
    let right = glyphs.iter().map(|glyph| glyph.right).fold(0.0, f32::max);
    Some(Line { slope, offset: mean_y - slope * mean_x, left, right, height, glyphs })
}

fn joined(pieces: Vec<Line>) -> Vec<Line> {
    let mut whole: Vec<Line> = Vec::new();
    for piece in pieces {
        let partner = whole.iter_mut().find(|line| {
            let gap = piece.left - line.right;
            let middle = f32::midpoint(piece.left, line.right);
            let alike = (0.65..=1.5).contains(&(piece.height / line.height)) && (piece.slope - line.slope).abs() < 0.08;
            alike && gap > -line.height && gap < line.height * 6.0 && (line.at(middle) - piece.at(middle)).abs() < 0.5 * line.height
        });
        match partner {
            Some(line) => {
                let glyphs = line.glyphs.iter().chain(&piece.glyphs).copied().collect();
                if let Some(longer) = fitted(glyphs) {
                    *line = longer;
                }
            }
            None => whole.push(piece),
        }
    }
    whole
}

/// Groups of two or three long parallel lines below each other: where a machine-readable zone may stand, likeliest first.
pub(super) fn blocks(lines: &[Line]) -> Vec<Vec<Line>> {
    let long: Vec<&Line> = lines.iter().filter(|line| line.glyphs.len() >= 12 && line.length() > line.height * 11.0).collect();
    let mut found: Vec<Vec<Line>> = Vec::new();
    for first in &long {
        let mut below: Vec<&&Line> = long.iter().filter(|line| line.at(first.left) - first.at(first.left) > first.height * 0.8).collect();
        below.sort_by(|a, b| a.at(first.left).total_cmp(&b.at(first.left)));
        let mut group = vec![(*first).clone()];
        for line in below {
            if group.len() < 3 && follows(line, group.last().unwrap_or(first), first) {
                group.push((*line).clone());
            }
        }
        if group.len() == 3 {
            found.push(group[..2].to_vec());
        }
        if group.len() >= 2 {
            found.push(group);
        }
    }
    found.sort_by(|a, b| likelihood(b).total_cmp(&likelihood(a)));
    found
}

fn follows(line: &Line, last: &Line, first: &Line) -> bool {
    let middle = f32::midpoint(last.left, last.right);
    let step = line.at(middle) - last.at(middle);
    let longer = line.length() / first.length();
    step > last.height * 1.05
        && step < last.height * 3.8
        && (line.slope - first.slope).abs() < 0.06
        && (0.5..=1.9).contains(&longer)
        && (0.6..=1.6).contains(&(line.height / first.height))
        && (line.left - first.left).abs() < first.length() * 0.4
}

/// Three full lines of even length beat two; a zone fills at least twenty times its height.
#[expect(clippy::cast_precision_loss, reason = "a few dozen glyphs")]
fn likelihood(block: &[Line]) -> f32 {
    let glyphs = block.iter().map(|line| line.glyphs.len()).sum::<usize>() as f32;
    let longest = block.iter().map(Line::length).fold(0.0, f32::max);
    let shortest = block.iter().map(Line::length).fold(f32::MAX, f32::min);
    let slim = block.iter().map(|line| line.length() / line.height).sum::<f32>() / block.len() as f32;
    glyphs * (shortest / longest) * if slim < 20.0 { 0.5 } else { 1.0 }
}
