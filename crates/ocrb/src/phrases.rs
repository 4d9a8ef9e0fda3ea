//! Where print of any kind stands on a page: ink that stands closely side by side is a phrase. Cheap, so that the expensive reading looks at few places.

use crate::{
    pixels::{Patch, ink, patches},
    views::percentile,
};
use image::GrayImage;

/// Ink this close along a row belongs together, in pixels of a page 1280 wide.
const TOGETHER: usize = 15;
/// Heights of letters on such a page.
const HEIGHTS: std::ops::RangeInclusive<usize> = 11..=66;

/// A piece of text that stands by itself: left, top, right, bottom in pixels of the page, its last ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrase {
    /// Its first column.
    pub left: usize,
    /// Its first row.
    pub top: usize,
    /// Its last column.
    pub right: usize,
    /// Its last row.
    pub bottom: usize,
}

impl Phrase {
    /// Rows.
    pub fn height(&self) -> usize {
        self.bottom + 1 - self.top
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.right + 1 - self.left
    }

    fn take(&mut self, other: &Self) {
        self.left = self.left.min(other.left);
        self.top = self.top.min(other.top);
        self.right = self.right.max(other.right);
        self.bottom = self.bottom.max(other.bottom);
    }

    /// Whether the two stand on one row, near each other.
    fn continues(&self, other: &Self) -> bool {
        let (low, high) = (self.height().min(other.height()), self.height().max(other.height()));
        let shared = (self.bottom.min(other.bottom) + 1).saturating_sub(self.top.max(other.top));
        let gap = self.left.max(other.left).saturating_sub(self.right.min(other.right));
        2 * shared >= low && 5 * high <= 12 * low && 10 * gap <= 9 * low.max(TOGETHER)
    }
}

/// Every phrase of a page about 1280 pixels wide.
pub fn phrases(page: &GrayImage) -> Vec<Phrase> {
    let width = page.width() as usize;
    let range = percentile(page, 0.95).saturating_sub(percentile(page, 0.02));
    let inked = ink(page, 15, (range / 6).clamp(9, 40));
    let mut smeared = inked.clone();
    for row in smeared.chunks_mut(width) {
        smear(row);
    }
    let found = patches(&smeared, width, 40).into_iter().flat_map(|patch| halves(&inked, width, &patch));
    let letters = found.filter(|phrase| HEIGHTS.contains(&phrase.height()) && phrase.width() * 3 >= phrase.height());
    let mut joined = join(letters.collect());
    joined.retain(|phrase| phrase.width() >= 14 && phrase.width() * 2 >= phrase.height());
    joined.sort_by_key(|phrase| (phrase.top, phrase.left));
    joined
}

/// Fills gaps between ink along a row.
fn smear(row: &mut [bool]) {
    let mut last: Option<usize> = None;
    for at in 0..row.len() {
        if row[at] {
            if let Some(last) = last.filter(|last| at - last <= TOGETHER) {
                row[last..at].fill(true);
            }
            last = Some(at);
        }
    }
}

/// A patch too high for one row of text is cut where it has least ink, when that is little.
fn halves(inked: &[bool], width: usize, patch: &Patch) -> Vec<Phrase> {
    let whole = Phrase { left: patch.left, top: patch.top, right: patch.right, bottom: patch.bottom };
    if whole.height() <= *HEIGHTS.end() || whole.height() > 3 * HEIGHTS.end() || whole.width() < 2 * whole.height() {
        return vec![whole];
    }
    let amount = |row: usize| inked[row * width + whole.left..=row * width + whole.right].iter().filter(|is_ink| **is_ink).count();
    let third = whole.height() / 4;
    let cut = (whole.top + third..whole.bottom - third).min_by_key(|row| amount(*row)).unwrap_or(whole.top);
    let most = (whole.top..=whole.bottom).map(amount).max().unwrap_or(0);
    if amount(cut) * 6 > most {
        return vec![whole];
    }
    vec![Phrase { bottom: cut, ..whole }, Phrase { top: cut + 1, ..whole }]
}

fn join(mut open: Vec<Phrase>) -> Vec<Phrase> {
    open.sort_by_key(|phrase| phrase.left);
    let mut done: Vec<Phrase> = Vec::new();
    for phrase in open {
        match done.iter_mut().rev().find(|other| other.continues(&phrase)) {
            Some(other) => other.take(&phrase),
            None => done.push(phrase),
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// Bars as letters: `count` of them from `x` on.
    fn write(page: &mut GrayImage, x: u32, y: u32, count: u32) {
        for n in 0..count {
            for (dx, dy) in (0..6).flat_map(|dx| (0..24).map(move |dy| (dx, dy))) {
                page.put_pixel(x + n * 14 + dx, y + dy, Luma([30]));
            }
        }
    }

    #[test]
    fn columns_and_rows_are_phrases_of_their_own() {
        let mut page = GrayImage::from_pixel(1280, 400, Luma([210]));
        write(&mut page, 100, 50, 20);
        write(&mut page, 600, 50, 10);
        write(&mut page, 100, 100, 20);
        let found = phrases(&page);
        let places: Vec<(usize, usize)> = found.iter().map(|phrase| (phrase.left, phrase.top)).collect();
        assert_eq!(places, [(100, 50), (600, 50), (100, 100)]);
        assert!(phrases(&GrayImage::from_pixel(1280, 400, Luma([210]))).is_empty());
    }
}
