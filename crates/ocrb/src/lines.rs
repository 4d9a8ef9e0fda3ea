//! Lines of text: chains of patches of ink that are alike in height and stand side by side.

use image::GrayImage;

use crate::pixels::{ink, patches};

/// A patch of ink that may be a character.
#[derive(Debug, Clone, Copy)]
pub struct Glyph {
    /// Middle.
    pub x: f32,
    /// Middle.
    pub y: f32,
    /// Left edge.
    pub left: f32,
    /// Right edge.
    pub right: f32,
    /// Height.
    pub height: f32,
}

/// A line of text: its middle runs along `y = slope·x + offset` from `left` to `right`.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its glyphs, in no order.
    pub glyphs: Vec<Glyph>,
    /// Rise per pixel.
    pub slope: f32,
    /// Height of its middle at 0.
    pub offset: f32,
    /// Left end.
    pub left: f32,
    /// Right end.
    pub right: f32,
    /// Usual height of its glyphs.
    pub height: f32,
}

impl Line {
    /// Height of the middle of the line at `x`.
    pub fn at(&self, x: f32) -> f32 {
        self.slope * x + self.offset
    }

    /// From end to end.
    pub fn length(&self) -> f32 {
        self.right - self.left
    }

    /// Whether its glyphs stand at one pitch, as only the lines of a zone do: printed words have gaps and narrow letters.
    pub fn is_even(&self) -> bool {
        let mut steps = self.steps();
        steps.sort_by(f32::total_cmp);
        let Some(usual) = steps.get(steps.len() / 2).copied() else { return false };
        let even = steps.iter().filter(|step| (0.8..=1.2).contains(&(**step / usual))).count();
        even * 100 >= steps.len() * 85
    }

    /// Distances between the middles of neighbouring glyphs.
    fn steps(&self) -> Vec<f32> {
        let mut centers: Vec<f32> = self.glyphs.iter().map(|glyph| glyph.x).collect();
        centers.sort_by(f32::total_cmp);
        centers.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

/// Capitals and digits are the taller glyphs of lines; fillers are lower.
pub fn capital(lines: &[Line]) -> f32 {
    let mut heights: Vec<f32> = lines.iter().map(|line| upper(line.glyphs.iter().map(|glyph| glyph.height))).collect();
    heights.sort_by(f32::total_cmp);
    heights[heights.len() / 2]
}

fn upper(heights: impl Iterator<Item = f32>) -> f32 {
    let mut heights: Vec<f32> = heights.collect();
    heights.sort_by(f32::total_cmp);
    heights[heights.len() * 8 / 10]
}

/// The usual distance between neighbours in capitals of `capital` pixels.
pub fn pitch(lines: &[Line], capital: f32) -> Option<f32> {
    let mut steps: Vec<f32> = lines.iter().flat_map(Line::steps).filter(|step| (0.5..1.7).contains(&(step / capital))).collect();
    steps.sort_by(f32::total_cmp);
    steps.get(steps.len() / 2).copied()
}

/// Patches of ink of the size of characters.
pub fn glyphs(grey: &GrayImage, radius: u32, contrast: u8) -> Vec<Glyph> {
    let width = grey.width() as usize;
    let marked = ink(grey, radius, contrast);
    let sized = patches(&marked, width, 8).into_iter().map(|patch| {
        let (left, right, top, bottom) = (patch.left as f32, patch.right as f32, patch.top as f32, patch.bottom as f32);
        Glyph { x: f32::midpoint(left, right), y: f32::midpoint(top, bottom), left, right, height: bottom - top + 1.0 }
    });
    sized.filter(|glyph| (5.0..=70.0).contains(&glyph.height) && (1.5..=glyph.height * 3.2).contains(&(glyph.right - glyph.left + 1.0))).collect()
}

/// The directions in which glyphs have their nearest neighbours, in degrees of 0…180, the commonest first.
pub fn directions(glyphs: &[Glyph]) -> Vec<f32> {
    const STEP: usize = 2;
    let mut votes = [0.0f32; 180 / STEP];
    let mut sorted: Vec<&Glyph> = glyphs.iter().collect();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x));
    for (at, glyph) in sorted.iter().enumerate() {
        let size = glyph.height.max(glyph.right - glyph.left);
        let mut best: Option<(f32, f32)> = None;
        for other in sorted[at + 1..].iter().chain(sorted[..at].iter().rev().take(200)) {
            let (x, y) = (other.x - glyph.x, other.y - glyph.y);
            if x > size * 2.5 {
                break;
            }
            let other_size = other.height.max(other.right - other.left);
            let far = x.hypot(y);
            if (0.6..1.7).contains(&(other_size / size)) && far < size * 2.5 && best.is_none_or(|(least, _)| far < least) {
                best = Some((far, y.atan2(x)));
            }
        }
        if let Some((_, angle)) = best {
            votes[(angle.to_degrees().rem_euclid(180.0) / STEP as f32) as usize % votes.len()] += 1.0;
        }
    }
    let around = |n: usize| (0..5).map(|k| votes[(n + votes.len() + k - 2) % votes.len()] * [0.3, 0.8, 1.0, 0.8, 0.3][k]).sum::<f32>();
    let smooth: Vec<f32> = (0..votes.len()).map(around).collect();
    let mut found: Vec<(f32, usize)> = Vec::new();
    let mut order: Vec<usize> = (0..smooth.len()).collect();
    order.sort_by(|a, b| smooth[*b].total_cmp(&smooth[*a]));
    for n in order {
        let apart = |other: usize| n.abs_diff(other).min(smooth.len() - n.abs_diff(other)) * STEP;
        if smooth[n] > 8.0 && found.iter().all(|(most, other)| apart(*other) > 16 && smooth[n] > 0.25 * most) {
            found.push((smooth[n], n));
        }
    }
    // The weighted middle of the bins around the peak.
    let middle = |n: usize| {
        let (mut sum, mut weight) = (0.0, 0.001);
        for k in 0..5 {
            let count = votes[(n + votes.len() + k - 2) % votes.len()];
            sum += count * (k as f32 - 2.0);
            weight += count;
        }
        ((n as f32 + 0.5 + sum / weight) * STEP as f32).rem_euclid(180.0)
    };
    found.into_iter().take(3).map(|(_, n)| middle(n)).collect()
}

/// Chains of at least `least` glyphs, pieces on one straight line joined.
pub fn lines(glyphs: &[Glyph], least: usize) -> Vec<Line> {
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
            if step > 70.0 * 2.4 {
                break;
            }
            if step > tallest * 2.4 {
                continue;
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
    let count = glyphs.len() as f32;
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
pub fn blocks(lines: &[Line]) -> Vec<Vec<Line>> {
    let long: Vec<&Line> = lines.iter().filter(|line| line.glyphs.len() >= 10 && line.length() > line.height * 11.0).collect();
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
        && (0.4..=2.5).contains(&longer)
        && (0.6..=1.6).contains(&(line.height / first.height))
        && (line.left - first.left).abs() < first.length() * 0.45
}

/// Three full lines of even length beat two; a zone fills at least twenty times its height.
fn likelihood(block: &[Line]) -> f32 {
    let glyphs = block.iter().map(|line| line.glyphs.len()).sum::<usize>() as f32;
    let longest = block.iter().map(Line::length).fold(0.0, f32::max);
    let shortest = block.iter().map(Line::length).fold(f32::MAX, f32::min);
    let slim = block.iter().map(|line| line.length() / line.height).sum::<f32>() / block.len() as f32;
    glyphs * (shortest / longest) * if slim < 20.0 { 0.5 } else { 1.0 }
}
