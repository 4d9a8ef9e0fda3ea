//! Finding and reading the machine-readable zone: lines → straightened strips → an even grid of cells → letters → check digits.

use image::{DynamicImage, GrayImage, Luma};
use imageproc::geometric_transformations::{Interpolation, Projection, warp_into};

use super::{
    lines::{self, Line},
    ocrb::{LETTERS, OcrB, Scores},
    tess::Tess,
    views::{MIDDLE_SIDE, resized},
};
use crate::engine::document::{
    Zone,
    mrz::{Alphabet, Format},
};

/// Height of a capital in a strip.
const CAPITAL: f32 = 26.0;
/// Space around a line in capitals.
const AROUND: f32 = 2.6;
/// Letters whose scores are this close may be mistaken for each other.
const CLOSE: f32 = 0.12;
/// Below this mean agreement there is no zone.
const LEAST_AGREEMENT: f32 = 0.5;
/// Above this mean agreement the letters are plainly those of a zone, whatever its digits say: no other turn is tried.
const CLEAR: f32 = 0.78;
/// Blocks of lines that are tried before giving up, so that a page full of text costs no more than a few seconds.
const MOST_LOOKS: u32 = 8;

/// A zone that was read.
pub(super) struct Found {
    pub(super) zone: Zone,
    pub(super) repaired: bool,
    /// Left, top, width, height as fractions of the upright picture.
    pub(super) place: Option<[f32; 4]>,
    agreement: f32,
}

impl Found {
    fn is_clean(&self) -> bool {
        self.zone.is_valid() && !self.repaired
    }
}

/// Reads the zone of a picture in whatever quarter turn it lies. A zone whose digits do not close is better than none.
pub(super) fn read(full: &GrayImage, ocrb: &OcrB, tess: &Tess) -> Option<Found> {
    let mut best: Option<Found> = None;
    let mut looks = MOST_LOOKS;
    for turn in [Turn::Upright, Turn::Half, Turn::Right, Turn::Left] {
        let turned = turn.apply(full);
        let found = read_upright(&turned, ocrb, tess, &mut looks);
        if let Some(mut found) = found
            && best.as_ref().is_none_or(|best| rank(&found) > rank(best))
        {
            if turn != Turn::Upright {
                found.place = None;
            }
            best = Some(found);
        }
        if best.as_ref().is_some_and(|best| best.zone.is_valid() || best.agreement > CLEAR) || looks == 0 {
            break;
        }
    }
    best.filter(|best| best.zone.is_valid() || best.agreement >= LEAST_AGREEMENT)
}

/// A valid zone beats a repaired one beats a broken one; then the clearer.
fn rank(found: &Found) -> f32 {
    let validity = if found.zone.is_valid() { 10.0 } else { -f32::from(u8::try_from(found.zone.failed().len()).unwrap_or(9)) };
    validity - f32::from(u8::from(found.repaired)) * 5.0 + found.agreement
}

#[derive(Clone, Copy, PartialEq)]
enum Turn {
    Upright,
    Half,
    Right,
    Left,
}

impl Turn {
    fn apply(self, grey: &GrayImage) -> GrayImage {
        let grey = DynamicImage::ImageLuma8(grey.clone());
        match self {
            Self::Upright => grey,
            Self::Half => grey.rotate180(),
            Self::Right => grey.rotate90(),
            Self::Left => grey.rotate270(),
        }
        .into_luma8()
    }
}

#[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
fn read_upright(full: &GrayImage, ocrb: &OcrB, tess: &Tess, looks: &mut u32) -> Option<Found> {
    let mut best: Option<Found> = None;
    for (side, radius, contrast) in [(MIDDLE_SIDE, 14, 12), (1500, 18, 14), (MIDDLE_SIDE, 9, 8)] {
        let view = resized(&DynamicImage::ImageLuma8(full.clone()), side).into_luma8();
        let scale = full.width() as f32 / view.width() as f32;
        let text = lines::lines(&lines::glyphs(&view, radius, contrast), 6);
        for block in lines::blocks(&text).iter().take(4) {
            if *looks == 0 {
                return best;
            }
            *looks -= 1;
            let strips: Vec<Strip> = strips(full, block, scale);
            let first = by_cells(&strips, ocrb);
            let is_clear = first.as_ref().is_some_and(|found| found.agreement > CLEAR * 0.7);
            let second = if is_clear && !first.as_ref().is_some_and(Found::is_clean) { by_tesseract(&strips, tess) } else { None };
            for found in [first, second].into_iter().flatten() {
                let found = Found { place: Some(place(full, block, scale)), ..found };
                if found.is_clean() {
                    return Some(found);
                }
                if best.as_ref().is_none_or(|best| rank(&found) > rank(best)) {
                    best = Some(found);
                }
            }
        }
    }
    best
}

/// A line of the zone, straightened: its middle runs through the middle of the strip.
struct Strip {
    grey: GrayImage,
    /// Centres of patches of ink.
    centers: Vec<f32>,
}

/// Cuts the lines of a block out of the full picture, all from the left end to the right end of the block.
fn strips(full: &GrayImage, block: &[Line], scale: f32) -> Vec<Strip> {
    let left = block.iter().map(|line| line.left).fold(f32::MAX, f32::min);
    let right = block.iter().map(|line| line.right).fold(0.0, f32::max);
    let mut heights: Vec<f32> = block.iter().map(capital_height).collect();
    heights.sort_by(f32::total_cmp);
    let capital = heights[heights.len() / 2];
    block.iter().filter_map(|line| strip(full, line, (left, right), capital, scale)).collect()
}

/// Capitals and digits are the taller glyphs of a line; fillers are lower.
fn capital_height(line: &Line) -> f32 {
    let mut heights: Vec<f32> = line.glyphs.iter().map(|glyph| glyph.height).collect();
    heights.sort_by(f32::total_cmp);
    heights[heights.len() * 8 / 10]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a strip of known size")]
fn strip(full: &GrayImage, line: &Line, (left, right): (f32, f32), capital: f32, scale: f32) -> Option<Strip> {
    let zoom = CAPITAL / (capital * scale);
    let angle = line.slope.atan();
    let (sin, cos) = angle.sin_cos();
    let length = (right - left) / cos * scale * zoom + 2.0 * AROUND * CAPITAL;
    let (width, height) = (length.clamp(40.0, 4000.0) as u32, (2.0 * CAPITAL) as u32);
    let tall: Vec<&lines::Glyph> = line.glyphs.iter().filter(|glyph| glyph.height > capital * 0.8).collect();
    let drift =
        if tall.len() >= 4 { tall.iter().map(|glyph| glyph.y - line.at(glyph.x)).sum::<f32>() / f32::from(u16::try_from(tall.len()).ok()?) } else { 0.0 };
    let start = (left * scale, (line.at(left) + drift) * scale);
    let origin = (start.0 - AROUND * CAPITAL / zoom * cos + CAPITAL / zoom * sin, start.1 - AROUND * CAPITAL / zoom * sin - CAPITAL / zoom * cos);
    let back = Projection::from_matrix([cos / zoom, -sin / zoom, origin.0, sin / zoom, cos / zoom, origin.1, 0.0, 0.0, 1.0])?;
    let mut grey = GrayImage::from_pixel(width, height, Luma([200]));
    warp_into(full, &back.invert(), Interpolation::Bilinear, Luma([200]), &mut grey);
    let glyphs = lines::glyphs(&grey, 20, 14);
    let centers = glyphs.iter().filter(|glyph| (glyph.y - CAPITAL).abs() < CAPITAL * 0.5 && glyph.height > CAPITAL * 0.45).map(|glyph| glyph.x);
    let mut centers: Vec<f32> = centers.collect();
    centers.sort_by(f32::total_cmp);
    Some(Strip { grey, centers })
}

/// Reads every cell by its pattern.
fn by_cells(strips: &[Strip], ocrb: &OcrB) -> Option<Found> {
    let sizes: &[usize] = if strips.len() == 3 { &[30] } else { &[44, 36] };
    let mut best: Option<Found> = None;
    for &count in sizes {
        let Some(cells) = strips.iter().map(|strip| cells(strip, count, ocrb)).collect::<Option<Vec<_>>>() else { continue };
        let is_visa = letter(&cells[0][0], Alphabet::Letter) == b'V';
        let format = match (strips.len(), count, is_visa) {
            (3, ..) => Format::Td1,
            (_, 36, false) => Format::Td2,
            (_, 36, true) => Format::MrvB,
            (_, _, false) => Format::Td3,
            (_, _, true) => Format::MrvA,
        };
        let Some(found) = closed(format, &cells) else { continue };
        if best.as_ref().is_none_or(|best| rank(&found) > rank(best)) {
            best = Some(found);
        }
    }
    best
}

fn closed(format: Format, cells: &[Vec<Scores>]) -> Option<Found> {
    let mut lines: Vec<Vec<u8>> = cells
        .iter()
        .enumerate()
        .map(|(line, cells)| cells.iter().enumerate().map(|(at, scores)| letter(scores, format.alphabet(line, at))).collect())
        .collect();
    for (line, cells) in cells.iter().enumerate() {
        in_company(&mut lines[line], cells, |at| format.alphabet(line, at));
    }
    let count = f32::from(u16::try_from(cells.iter().map(Vec::len).sum::<usize>()).ok()?);
    let score = |scores: &Scores, letter: u8| LETTERS.iter().position(|other| *other == letter).map_or(-1.0, |n| scores[n]);
    let sum: f32 = lines.iter().flatten().zip(cells.iter().flatten()).map(|(letter, scores)| score(scores, *letter)).sum();
    tidy(&mut lines);
    let zone = Zone::new(&lines)?;
    let found = |zone, repaired| Some(Found { zone, repaired, place: None, agreement: sum / count });
    if zone.is_valid() {
        return found(zone, false);
    }
    let alternatives = |line: usize, at: usize| {
        let scores = &cells[line][at];
        let best = score(scores, lines[line][at]);
        LETTERS.iter().zip(scores).filter(|(_, score)| best - **score < CLOSE).map(|(letter, _)| *letter).collect()
    };
    match zone.repaired(alternatives) {
        Some(repaired) => found(repaired, true),
        None => found(zone, false),
    }
}

/// `0` and `O`, `1` and `I` differ by a hair in OCR-B: where both may stand, a close call goes the way of the neighbours.
fn in_company(letters: &mut [u8], cells: &[Scores], alphabet: impl Fn(usize) -> Alphabet) {
    const TWINS: [(u8, u8); 2] = [(b'0', b'O'), (b'1', b'I')];
    let original = letters.to_vec();
    let is_twin = |letter: u8| TWINS.iter().any(|(digit, capital)| letter == *digit || letter == *capital);
    for at in 0..letters.len() {
        let Some((digit, capital)) = TWINS.into_iter().find(|(digit, capital)| [*digit, *capital].contains(&original[at])) else { continue };
        if alphabet(at) != Alphabet::Any {
            continue;
        }
        let score = |letter: u8| LETTERS.iter().position(|other| *other == letter).map_or(-1.0, |n| cells[at][n]);
        let telling = |letter: &&u8| letter.is_ascii_alphanumeric() && !is_twin(**letter);
        let before = original[..at].iter().rev().take(4).find(telling);
        let after = original[at + 1..].iter().take(4).find(telling);
        let votes = [before, after].into_iter().flatten().map(|letter| if letter.is_ascii_digit() { 1i8 } else { -1 }).sum::<i8>();
        let close = (score(digit) - score(capital)).abs() < CLOSE;
        if close && votes != 0 {
            letters[at] = if votes > 0 { digit } else { capital };
        }
    }
}

/// An unreadable sex is unspecified rather than a reason to refuse; everything else stays as read.
fn tidy(lines: &mut [Vec<u8>]) {
    let (line, at) = if lines.len() == 3 { (1, 7) } else { (1, 20) };
    if let Some(sex) = lines.get_mut(line).and_then(|line| line.get_mut(at))
        && !b"MFX<".contains(sex)
    {
        *sex = b'<';
    }
}

fn letter(scores: &Scores, alphabet: Alphabet) -> u8 {
    let allowed = LETTERS.iter().zip(scores).filter(|(letter, _)| alphabet.allows(**letter));
    allowed.max_by(|a, b| a.1.total_cmp(b.1)).map_or(b'<', |(letter, _)| *letter)
}

/// The scores of `count` cells on the even grid that fits the ink best.
fn cells(strip: &Strip, count: usize, ocrb: &OcrB) -> Option<Vec<Scores>> {
    let (first, pitch) = grid(&strip.centers, count)?;
    let at = |n: usize| first + pitch * f32::from(u16::try_from(n).unwrap_or(0));
    let near = |x: f32| strip.centers.iter().copied().find(|center| (center - x).abs() < pitch * 0.3);
    let (y, capital) = measured(strip, (0..count).filter_map(|n| near(at(n))), ocrb);
    Some((0..count).map(|n| ocrb.compare(&strip.grey, near(at(n)).map_or(at(n), |center| f32::midpoint(center, at(n))), y, capital)).collect())
}

/// Middle of the line and height of a capital at which a few letters of the strip agree best with their patterns: the height by the line
/// finder is off by the blur of the camera, which would make a round `O` of a narrow `0`.
fn measured(strip: &Strip, centers: impl Iterator<Item = f32>, ocrb: &OcrB) -> (f32, f32) {
    let centers: Vec<f32> = centers.collect();
    let sample: Vec<f32> = centers.iter().copied().step_by((centers.len() / 7).max(1)).collect();
    let mut best = (f32::MIN, CAPITAL, CAPITAL);
    for capital in [0.84, 0.89, 0.94, 1.0, 1.06].map(|share| share * CAPITAL) {
        for y in [-2.6, -1.3, 0.0, 1.3, 2.6].map(|shift| CAPITAL + shift) {
            let agreement: f32 = sample.iter().map(|x| ocrb.best(&strip.grey, *x, y, capital)).sum();
            if agreement > best.0 {
                best = (agreement, y, capital);
            }
        }
    }
    (best.1, best.2)
}

/// First centre and pitch of `count` cells so that most ink stands in the middle of a cell.
fn grid(centers: &[f32], count: usize) -> Option<(f32, f32)> {
    if centers.len() * 10 < count * 6 {
        return None;
    }
    let cells = f32::from(u16::try_from(count - 1).ok()?);
    let mut best: Option<(f32, f32, f32)> = None;
    for skipped_first in 0..3usize {
        for skipped_last in 0..3usize {
            let (first, last) = (centers.get(skipped_first)?, centers.get(centers.len().checked_sub(1 + skipped_last)?)?);
            for missing in [0.0, 1.0, 2.0] {
                let pitch = (last - first) / (cells - missing);
                if !(CAPITAL * 0.62..CAPITAL * 1.5).contains(&pitch) {
                    continue;
                }
                for lead in [0.0, 1.0, 2.0].into_iter().filter(|lead| *lead <= missing) {
                    let (start, pitch) = polished(centers, first - lead * pitch, pitch, cells);
                    let score = fit(centers, start, pitch, cells);
                    if best.is_none_or(|(most, ..)| score > most) {
                        best = Some((score, start, pitch));
                    }
                }
            }
        }
    }
    best.map(|(_, start, pitch)| (start, pitch))
}

/// How many centres stand in the middle of a cell, less those outside the grid.
fn fit(centers: &[f32], start: f32, pitch: f32, cells: f32) -> f32 {
    let rate = |center: &f32| {
        let cell = (center - start) / pitch;
        if cell < -0.5 || cell > cells + 0.5 { -1.0 } else { 1.0 - 3.0 * (cell - cell.round()).abs() }
    };
    centers.iter().map(rate).sum()
}

/// Least squares over the centres that stand near the middle of a cell.
fn polished(centers: &[f32], start: f32, pitch: f32, cells: f32) -> (f32, f32) {
    let near: Vec<(f32, f32)> = centers
        .iter()
        .map(|center| (((center - start) / pitch).round(), *center))
        .filter(|(cell, center)| (0.0..=cells).contains(cell) && (center - start - cell * pitch).abs() < pitch * 0.3)
        .collect();
    let Ok(count) = u16::try_from(near.len()).map(f32::from) else { return (start, pitch) };
    if count < 8.0 {
        return (start, pitch);
    }
    let mean_cell = near.iter().map(|pair| pair.0).sum::<f32>() / count;
    let mean_center = near.iter().map(|pair| pair.1).sum::<f32>() / count;
    let along: f32 = near.iter().map(|pair| (pair.0 - mean_cell).powi(2)).sum();
    let across: f32 = near.iter().map(|pair| (pair.0 - mean_cell) * (pair.1 - mean_center)).sum();
    if along < 1.0 {
        return (start, pitch);
    }
    let pitch = across / along;
    (mean_center - mean_cell * pitch, pitch)
}

/// The second opinion: tesseract's letters, forced into the positions' alphabets. It loses and invents characters that no check digit
/// betrays, so what it alone has read always counts as repaired.
fn by_tesseract(strips: &[Strip], tess: &Tess) -> Option<Found> {
    let texts: Vec<String> = strips.iter().map(|strip| tess.zone_line(&strip.grey)).collect();
    let sizes: &[usize] = if strips.len() == 3 { &[30] } else { &[44, 36] };
    let found = sizes.iter().filter_map(|count| {
        let lines: Vec<Vec<u8>> = texts.iter().map(|text| fitted(text, *count)).collect::<Option<_>>()?;
        let format = Format::of(&lines)?;
        let forced: Vec<Vec<u8>> = lines
            .iter()
            .enumerate()
            .map(|(line, letters)| letters.iter().enumerate().map(|(at, letter)| forced(*letter, format.alphabet(line, at))).collect())
            .collect();
        Zone::new(&forced).map(|zone| Found { zone, repaired: true, place: None, agreement: LEAST_AGREEMENT })
    });
    found.max_by(|a, b| rank(a).total_cmp(&rank(b)))
}

/// A text of `count` letters; up to four are added to or taken from its longest run of fillers.
fn fitted(text: &str, count: usize) -> Option<Vec<u8>> {
    let mut letters: Vec<u8> = text.bytes().filter(|letter| Alphabet::Any.allows(*letter)).collect();
    if letters.len().abs_diff(count) > 4 {
        return None;
    }
    while letters.len() != count {
        let (start, length) = longest_run(&letters)?;
        if letters.len() < count {
            letters.insert(start, b'<');
        } else if length > 1 {
            letters.remove(start);
        } else {
            return None;
        }
    }
    Some(letters)
}

fn longest_run(letters: &[u8]) -> Option<(usize, usize)> {
    let mut best = None;
    let mut at = 0;
    for run in letters.chunk_by(|a, b| (*a == b'<') == (*b == b'<')) {
        if run[0] == b'<' && best.is_none_or(|(_, length)| run.len() >= length) {
            best = Some((at, run.len()));
        }
        at += run.len();
    }
    best
}

/// The letter that looks like this one and may stand here.
fn forced(letter: u8, alphabet: Alphabet) -> u8 {
    const ALIKE: [(u8, u8); 12] = [
        (b'O', b'0'),
        (b'Q', b'0'),
        (b'D', b'0'),
        (b'I', b'1'),
        (b'L', b'1'),
        (b'Z', b'2'),
        (b'S', b'5'),
        (b'B', b'8'),
        (b'G', b'6'),
        (b'A', b'4'),
        (b'T', b'7'),
        (b'J', b'1'),
    ];
    if alphabet.allows(letter) {
        return letter;
    }
    let partner = ALIKE.iter().find_map(|(a, b)| {
        if *a == letter {
            Some(*b)
        } else if *b == letter {
            Some(*a)
        } else {
            None
        }
    });
    partner.filter(|other| alphabet.allows(*other)).unwrap_or(letter)
}

#[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
fn place(full: &GrayImage, block: &[Line], scale: f32) -> [f32; 4] {
    let (width, height) = (full.width() as f32, full.height() as f32);
    let ends = |line: &Line| [line.at(line.left), line.at(line.right)];
    let left = block.iter().map(|line| line.left).fold(f32::MAX, f32::min);
    let right = block.iter().map(|line| line.right).fold(0.0, f32::max);
    let top = block.iter().flat_map(ends).fold(f32::MAX, f32::min);
    let bottom = block.iter().flat_map(ends).fold(0.0, f32::max);
    let around = block.iter().map(|line| line.height).fold(0.0, f32::max);
    let [left, top, right, bottom] = [left - around, top - around, right + around, bottom + around].map(|length| length * scale);
    let (x, y) = ((left / width).clamp(0.0, 1.0), (top / height).clamp(0.0, 1.0));
    [x, y, ((right / width).min(1.0) - x).max(0.0), ((bottom / height).min(1.0) - y).max(0.0)]
}
