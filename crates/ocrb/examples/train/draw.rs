//! Windows as a camera may see them: letters of OCR-B with their neighbours, distorted, worn, blurred, lit and soiled.

use ab_glyph::{Font, FontVec, Point, PxScale, ScaleFont};
use ocrb::net::{HIGH, LETTERS, NOTHING, UNIT, WIDE, Window};

use crate::chance::Chance;

/// Height of a capital and width of a pitch in drawn glyphs.
const CAPITAL: f32 = 40.0;
const SIDE: usize = 96;
/// Drawn around the window, so that blur has something to take from.
const FRAME: usize = 5;
const BIG_WIDE: usize = WIDE + 2 * FRAME;
const BIG_HIGH: usize = HIGH + 2 * FRAME;

/// One letter in five weights, centred by its advance, darkness 0…1.
struct Glyph {
    weights: Vec<Vec<f32>>,
}

/// The letters of one font file.
struct Face {
    glyphs: Vec<Glyph>,
    /// Pitch in capitals.
    pitch: f32,
}

/// All faces.
pub(crate) struct Pen {
    faces: Vec<Face>,
}

impl Pen {
    pub(crate) fn load(paths: &[&str]) -> Self {
        Self { faces: paths.iter().map(|path| Face::load(path)).collect() }
    }

    /// A window that shows `class`.
    pub(crate) fn window(&self, class: usize, chance: &mut Chance) -> Window {
        let look = Look::of(class, self, chance);
        let mut big = look.drawn(self);
        soil(&mut big, chance);
        camera(&mut big, chance);
        normal(&big)
    }
}

impl Face {
    fn load(path: &str) -> Self {
        let font = FontVec::try_from_vec(std::fs::read(path).expect("install fonts-ocr-b")).expect("a font");
        let bounds = |scale: f32, letter: char| {
            let glyph = font.glyph_id(letter).with_scale_and_position(PxScale::from(scale), Point { x: 0.0, y: 0.0 });
            font.outline_glyph(glyph).expect("a letter").px_bounds()
        };
        let scale = 1000.0 * CAPITAL / bounds(1000.0, 'H').height();
        let middle = f32::midpoint(bounds(scale, 'H').min.y, bounds(scale, 'H').max.y);
        let scaled = font.as_scaled(PxScale::from(scale));
        let pitch = scaled.h_advance(font.glyph_id('H')) / CAPITAL;
        let draw = |letter: char| {
            let id = font.glyph_id(letter);
            let at = Point { x: SIDE as f32 / 2.0 - scaled.h_advance(id) / 2.0, y: SIDE as f32 / 2.0 - middle };
            let outline = font.outline_glyph(id.with_scale_and_position(PxScale::from(scale), at)).expect("a letter");
            let origin = outline.px_bounds().min;
            let mut sheet = vec![0.0f32; SIDE * SIDE];
            outline.draw(|x, y, cover| {
                let (x, y) = (origin.x as i32 + x as i32, origin.y as i32 + y as i32);
                if (0..SIDE as i32).contains(&x) && (0..SIDE as i32).contains(&y) {
                    sheet[y as usize * SIDE + x as usize] = cover.min(1.0);
                }
            });
            Glyph::of(&sheet)
        };
        Self { glyphs: LETTERS.iter().map(|letter| draw(char::from(*letter))).collect(), pitch }
    }
}

impl Glyph {
    /// Thin to bold: a blurred drawing cut at different heights.
    fn of(sheet: &[f32]) -> Self {
        let soft = blurred(sheet, SIDE, SIDE, 2.4);
        let cut = |at: f32| soft.iter().map(|value| ((value - at) * 5.0 + 0.5).clamp(0.0, 1.0)).collect();
        Self { weights: [0.78, 0.64, 0.5, 0.36, 0.2].map(cut).into_iter().collect() }
    }

    /// Darkness at capitals from the middle.
    fn at(&self, weight: usize, x: f32, y: f32) -> f32 {
        let (x, y) = (x * CAPITAL + SIDE as f32 / 2.0 - 0.5, y * CAPITAL + SIDE as f32 / 2.0 - 0.5);
        if x < 0.0 || y < 0.0 || x >= (SIDE - 1) as f32 || y >= (SIDE - 1) as f32 {
            return 0.0;
        }
        let (left, top) = (x as usize, y as usize);
        let (right, low) = (x - left as f32, y - top as f32);
        let ink = &self.weights[weight];
        let at = top * SIDE + left;
        (ink[at] * (1.0 - right) + ink[at + 1] * right) * (1.0 - low) + (ink[at + SIDE] * (1.0 - right) + ink[at + SIDE + 1] * right) * low
    }
}

/// How a window is drawn.
struct Look {
    face: usize,
    /// The cell and two neighbours on either side; `None` is blank paper.
    cells: [Option<usize>; 5],
    weight: usize,
    pitch: f32,
    scale: (f32, f32),
    shift: (f32, f32),
    turn: f32,
    shear: f32,
    wave: [f32; 6],
    /// Lines above and below.
    other_lines: Option<f32>,
    above: [Option<usize>; 5],
}

impl Look {
    fn of(class: usize, pen: &Pen, chance: &mut Chance) -> Self {
        let face = chance.below(pen.faces.len());
        let neighbour = |chance: &mut Chance| if chance.often(0.4) { Some(36) } else { Some(chance.below(37)) };
        let mut cells = [0; 5].map(|_| neighbour(chance));
        let blank_from = chance.share();
        if blank_from < 0.07 {
            cells[..2].fill(None);
        } else if blank_from < 0.14 {
            cells[3..].fill(None);
        }
        let mut shift = (chance.normal(0.055), chance.normal(0.055));
        let mut scale = (chance.between(0.86, 1.12), chance.between(0.88, 1.12));
        cells[2] = Some(class);
        if class < NOTHING && chance.often(0.12) {
            cells = [Some(class); 5];
        }
        if class == NOTHING {
            cells[2] = neighbour(chance);
            match chance.below(10) {
                0..=4 => shift.0 = chance.between(0.36, 0.5) * if chance.often(0.5) { 1.0 } else { -1.0 },
                5 => shift.1 = chance.between(0.5, 1.1) * if chance.often(0.5) { 1.0 } else { -1.0 },
                6 => cells = [None; 5],
                7 => cells[2] = None,
                8 => scale = (scale.0 * 0.5, scale.1 * 0.5),
                _ => cells[1..4].fill(None),
            }
        }
        let above = [0; 5].map(|_| if chance.often(0.5) { None } else { Some(chance.below(37)) });
        let other_lines = chance.often(0.35).then(|| chance.between(1.45, 2.2));
        Self {
            face,
            cells,
            weight: chance.below(5),
            pitch: pen.faces[face].pitch * chance.between(0.95, 1.06),
            scale,
            shift,
            turn: chance.normal(0.03),
            shear: chance.normal(0.06),
            wave: [0; 6].map(|_| chance.normal(0.02)),
            other_lines,
            above,
        }
    }

    /// Darkness of the framed window.
    fn drawn(&self, pen: &Pen) -> Vec<f32> {
        let face = &pen.faces[self.face];
        let mut big = Vec::with_capacity(BIG_WIDE * BIG_HIGH);
        let (sin, cos) = self.turn.sin_cos();
        for row in 0..BIG_HIGH {
            for column in 0..BIG_WIDE {
                let mut sum = 0.0;
                for (sub_x, sub_y) in [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)] {
                    let x = (column as f32 + 0.5 + sub_x - BIG_WIDE as f32 / 2.0) / UNIT - self.shift.0;
                    let y = (row as f32 + 0.5 + sub_y - BIG_HIGH as f32 / 2.0) / UNIT - self.shift.1;
                    let (x, y) = (cos * x + sin * y, cos * y - sin * x);
                    let [a, b, c, d, e, f] = self.wave;
                    let (x, y) = (x + self.shear * y + a * (4.0 * y + 20.0 * b).sin() + c * x * x, y + d * (4.0 * x + 20.0 * e).sin() + f * x);
                    sum += self.ink(face, x, y);
                }
                big.push(sum / 4.0);
            }
        }
        big
    }

    /// `x` in pitches, `y` in capitals, from the middle of the cell.
    fn ink(&self, face: &Face, x: f32, y: f32) -> f32 {
        let mut most = 0.0f32;
        let (cells, y) = match self.other_lines {
            Some(step) if y > step / 2.0 => (&self.above, y - step),
            Some(step) if y < -step / 2.0 => (&self.above, y + step),
            _ => (&self.cells, y),
        };
        let near = x.round();
        for step in [near - 1.0, near, near + 1.0] {
            let Some(Some(letter)) = cells.get((step + 2.0).max(0.0) as usize).filter(|_| step >= -2.0) else { continue };
            let (glyph, offset) = (&face.glyphs[*letter], x - step);
            most = most.max(glyph.at(self.weight, offset * self.pitch / self.scale.0, y / self.scale.1));
        }
        most
    }
}

/// Broken print, specks and the pattern of the paper, then contrast and light.
fn soil(big: &mut [f32], chance: &mut Chance) {
    let spots = if chance.often(0.35) { chance.below(5) } else { 0 };
    for _ in 0..spots {
        let (x, y, radius) = (chance.between(0.0, BIG_WIDE as f32), chance.between(0.0, BIG_HIGH as f32), chance.between(0.5, 2.2));
        let ink = if chance.often(0.6) { 0.0 } else { 1.0 };
        let strength = chance.between(0.4, 1.0);
        each(big, |column, row, value| {
            let far = (column - x).hypot(row - y);
            let cover = (radius - far + 0.5).clamp(0.0, 1.0) * strength;
            value * (1.0 - cover) + ink * cover
        });
    }
    if chance.often(0.12) {
        // Worn print: ink comes and goes in stripes.
        let (a, b, phase, depth) = (chance.normal(0.7), chance.normal(0.7), chance.between(0.0, 6.0), chance.between(0.2, 0.6));
        each(big, |x, y, value| value * (1.0 - depth * (0.5 + 0.5 * (a * x + b * y + phase).sin())));
    }
    let contrast = chance.between(0.25, 1.0);
    for value in big.iter_mut() {
        *value *= contrast;
    }
    let waves = if chance.often(0.5) { 1 + chance.below(2) } else { 0 };
    for _ in 0..waves {
        let (a, b, phase) = (chance.normal(0.8), chance.normal(0.8), chance.between(0.0, 6.0));
        let (depth, bend) = (chance.between(0.0, 0.22) * contrast.max(0.4), chance.normal(0.02));
        each(big, |x, y, value| {
            let wave = (a * x + b * y + bend * x * y + phase).sin();
            value + depth * if a.abs() > 0.8 { wave.max(0.0).powi(3) } else { wave }
        });
    }
    if chance.often(0.12) {
        // A stroke of the background, a box, a signature.
        let (nx, ny) = (chance.normal(1.0), chance.normal(1.0));
        let length = nx.hypot(ny).max(0.1);
        let (far, wide, dark) = (chance.between(-14.0, 14.0), chance.between(0.5, 1.6), chance.between(0.2, 0.9) * contrast);
        each(big, |x, y, value| {
            let off = (((x - BIG_WIDE as f32 / 2.0) * nx + (y - BIG_HIGH as f32 / 2.0) * ny) / length - far).abs();
            value.max(dark * (wide - off + 0.5).clamp(0.0, 1.0))
        });
    }
    let (right, down) = (chance.normal(0.12), chance.normal(0.12));
    each(big, |x, y, value| value + right * (x / BIG_WIDE as f32 - 0.5) + down * (y / BIG_HIGH as f32 - 0.5));
}

fn each(big: &mut [f32], change: impl Fn(f32, f32, f32) -> f32) {
    for (row, line) in big.chunks_exact_mut(BIG_WIDE).enumerate() {
        for (column, value) in line.iter_mut().enumerate() {
            *value = change(column as f32 + 0.5, row as f32 + 0.5, *value);
        }
    }
}

/// Few pixels, blur in one direction more than in the other, noise, sharpening, compression in blocks.
fn camera(big: &mut Vec<f32>, chance: &mut Chance) {
    if chance.often(0.6) {
        let share = chance.between(0.28, 0.95);
        let (small_wide, small_high) = (((BIG_WIDE as f32 * share) as usize).max(9), ((BIG_HIGH as f32 * share) as usize).max(10));
        let mut small = shrunk(big, small_wide, small_high);
        noise(&mut small, small_wide, chance, 0.05);
        if chance.often(0.3) {
            compressed(&mut small, small_wide, small_high, chance);
        }
        *big = stretched(&small, small_wide, small_high);
    } else if chance.often(0.25) {
        compressed(big, BIG_WIDE, BIG_HIGH, chance);
    }
    if chance.often(0.7) {
        let sigma = chance.normal(0.8).abs();
        let soft = blurred(big, BIG_WIDE, BIG_HIGH, sigma);
        let sharpen = if chance.often(0.15) { chance.between(0.3, 1.2) } else { 0.0 };
        *big = big.iter().zip(&soft).map(|(value, soft)| soft + sharpen * (value - soft)).collect();
    }
    noise(big, BIG_WIDE, chance, 0.06);
}

fn noise(values: &mut [f32], width: usize, chance: &mut Chance, most: f32) {
    let deviation = chance.between(0.0, most);
    let correlated = chance.often(0.5);
    let mut last = 0.0;
    for (n, value) in values.iter_mut().enumerate() {
        let fresh = chance.normal(deviation);
        last = if correlated && n % width != 0 { 0.6 * last + 0.8 * fresh } else { fresh };
        *value += last;
    }
}

/// The cosine transform of 8×8 blocks, coarsely rounded, from a random corner.
fn compressed(values: &mut [f32], width: usize, height: usize, chance: &mut Chance) {
    let (from_x, from_y, step) = (chance.below(8), chance.below(8), chance.between(0.02, 0.14));
    let cosine = |k: usize, n: usize| {
        let scale = if k == 0 { (1.0f32 / 8.0).sqrt() } else { 0.5 };
        scale * (std::f32::consts::PI * (2 * n + 1) as f32 * k as f32 / 16.0).cos()
    };
    let basis: Vec<f32> = (0..64).map(|at| cosine(at / 8, at % 8)).collect();
    for top in (0..height + 8).step_by(8) {
        for left in (0..width + 8).step_by(8) {
            let at = |x: usize, y: usize| {
                let (x, y) = ((left + x) as i32 - from_x as i32, (top + y) as i32 - from_y as i32);
                (x.clamp(0, width as i32 - 1) as usize, y.clamp(0, height as i32 - 1) as usize, x >= 0 && y >= 0 && x < width as i32 && y < height as i32)
            };
            let mut block = [0.0f32; 64];
            for n in 0..64 {
                let (x, y, _) = at(n % 8, n / 8);
                block[n] = values[y * width + x];
            }
            let mut turned = [0.0f32; 64];
            for (v, u) in (0..8).flat_map(|v| (0..8).map(move |u| (v, u))) {
                let sum: f32 = (0..64).map(|n| block[n] * basis[u * 8 + n % 8] * basis[v * 8 + n / 8]).sum();
                let coarse = step * (1.0 + (u + v) as f32 * 0.6);
                turned[v * 8 + u] = (sum / coarse).round() * coarse;
            }
            for n in 0..64 {
                let (x, y, inside) = at(n % 8, n / 8);
                if inside {
                    values[y * width + x] = (0..64).map(|k| turned[k] * basis[(k % 8) * 8 + n % 8] * basis[(k / 8) * 8 + n / 8]).sum();
                }
            }
        }
    }
}

/// Means of areas.
fn shrunk(big: &[f32], wide: usize, high: usize) -> Vec<f32> {
    let (step_x, step_y) = (BIG_WIDE as f32 / wide as f32, BIG_HIGH as f32 / high as f32);
    let mut small = Vec::with_capacity(wide * high);
    for row in 0..high {
        for column in 0..wide {
            let mut sum = 0.0;
            for (a, b) in (0..3).flat_map(|a| (0..3).map(move |b| (a, b))) {
                let x = (column as f32 + (a as f32 + 0.5) / 3.0) * step_x - 0.5;
                let y = (row as f32 + (b as f32 + 0.5) / 3.0) * step_y - 0.5;
                sum += bilinear(big, BIG_WIDE, BIG_HIGH, x, y);
            }
            small.push(sum / 9.0);
        }
    }
    small
}

fn stretched(small: &[f32], wide: usize, high: usize) -> Vec<f32> {
    let (step_x, step_y) = (wide as f32 / BIG_WIDE as f32, high as f32 / BIG_HIGH as f32);
    let at = |n: usize, step: f32| (n as f32 + 0.5) * step - 0.5;
    (0..BIG_HIGH)
        .flat_map(|row| (0..BIG_WIDE).map(move |column| (at(column, step_x), at(row, step_y))))
        .map(|(x, y)| bilinear(small, wide, high, x, y))
        .collect()
}

fn bilinear(values: &[f32], wide: usize, high: usize, x: f32, y: f32) -> f32 {
    let (x, y) = (x.clamp(0.0, (wide - 1) as f32), y.clamp(0.0, (high - 1) as f32));
    let (left, top) = ((x as usize).min(wide - 2), (y as usize).min(high - 2));
    let (right, low) = (x - left as f32, y - top as f32);
    let at = top * wide + left;
    (values[at] * (1.0 - right) + values[at + 1] * right) * (1.0 - low) + (values[at + wide] * (1.0 - right) + values[at + wide + 1] * right) * low
}

fn blurred(values: &[f32], wide: usize, high: usize, sigma: f32) -> Vec<f32> {
    if sigma < 0.2 {
        return values.to_vec();
    }
    let reach = (sigma * 2.5).ceil() as i32;
    let weights: Vec<f32> = (-reach..=reach).map(|n| (-(n * n) as f32 / (2.0 * sigma * sigma)).exp()).collect();
    let sum: f32 = weights.iter().sum();
    let pass = |from: &[f32], across: bool| -> Vec<f32> {
        let mut to = vec![0.0; from.len()];
        for row in 0..high {
            for column in 0..wide {
                let mut value = 0.0;
                for (n, weight) in weights.iter().enumerate() {
                    let off = n as i32 - reach;
                    let x = if across { (column as i32 + off).clamp(0, wide as i32 - 1) as usize } else { column };
                    let y = if across { row } else { (row as i32 + off).clamp(0, high as i32 - 1) as usize };
                    value += weight * from[y * wide + x];
                }
                to[row * wide + column] = value / sum;
            }
        }
        to
    };
    pass(&pass(values, true), false)
}

/// The window without its frame, mean 0, deviation 1.
fn normal(big: &[f32]) -> Window {
    let mut window = [0.0; WIDE * HIGH];
    for (row, line) in window.chunks_exact_mut(WIDE).enumerate() {
        line.copy_from_slice(&big[(row + FRAME) * BIG_WIDE + FRAME..][..WIDE]);
    }
    // Light clips at white and black.
    ocrb::net::normalise(&mut window);
    window
}
