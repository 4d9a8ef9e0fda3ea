//! Reading the lines of a place: which way up, how high, where each cell stands, what it holds.

use std::cell::RefCell;

use image::GrayImage;

use crate::{
    lines,
    net::{CLASSES, Flow, Likelihoods, NOTHING, Net, Window},
    pixels,
    search::{self, Place},
    track::Track,
};

/// Steps of the grid on which cells are placed, per pitch; every second is looked at.
const GRID: usize = 8;
/// A place is read when this share of its ink looks like OCR-B.
const LEAST_LIKENESS: f32 = 0.45;
/// Below this distance of the two likeliest letters a cell is looked at again.
const CLOSE: f32 = 4.0;

/// The trained reader.
pub struct Reader {
    net: Net,
    flow: RefCell<Flow>,
}

/// What was read at one place as lines of a certain length.
#[derive(Debug, Clone)]
pub struct Cells {
    /// For each line and cell the likelihoods of all letters, as logarithms.
    pub lines: Vec<Vec<Likelihoods>>,
    /// Mean logarithm of the best letter of each cell and of the emptiness beside the lines; 0 is perfect.
    pub fit: f32,
    /// Corners in the picture: top left, top right, bottom right, bottom left, as the text is read.
    pub corners: [(f32, f32); 4],
}

/// A place whose ink looks like OCR-B.
pub struct Block<'a> {
    reader: &'a Reader,
    grey: &'a GrayImage,
    tracks: Vec<Track>,
    rows: Vec<Row>,
}

/// Likelihoods on the grid of a line.
struct Row {
    start: f32,
    step: f32,
    at: Vec<Likelihoods>,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// With the network of this crate.
    pub fn new() -> Self {
        Self::with(Net::trained())
    }

    /// With another network.
    pub fn with(net: Net) -> Self {
        Self { net, flow: RefCell::default() }
    }

    /// Calls `each` with every place that looks like OCR-B, likeliest first, until it answers `true`.
    pub fn blocks(&self, grey: &GrayImage, mut each: impl FnMut(&Block) -> bool) {
        search::places(grey, |place| self.block(grey, place).is_some_and(|block| each(&block)));
    }

    fn look(&self, window: &Window) -> Likelihoods {
        let mut flow = self.flow.borrow_mut();
        self.net.look(window, &mut flow);
        flow.out
    }

    /// The lines of a place the right way up, or `None` when they do not look like OCR-B.
    fn block<'a>(&'a self, grey: &'a GrayImage, place: &Place) -> Option<Block<'a>> {
        let capital = lines::capital(&place.lines);
        let pitch = lines::pitch(&place.lines, capital)?;
        let left = place.lines.iter().map(|line| line.left).fold(f32::MAX, f32::min);
        let right = place.lines.iter().map(|line| line.right).fold(0.0, f32::max);
        let track = |line: &lines::Line| Track::through(&line.glyphs, capital, (left, right), pitch / capital, place.way);
        let mut tracks: Vec<Track> = place.lines.iter().map(track).collect();
        let samples: Vec<Vec<f32>> = place.lines.iter().map(|line| sampled(line, capital, 12)).collect();
        let likeness = |tracks: &[Track]| {
            let seen = tracks.iter().zip(&samples).flat_map(|(track, xs)| xs.iter().step_by(2).map(move |x| (track, *x)));
            let scores: Vec<f32> = seen.map(|(track, x)| sureness(&self.look(&track.window(grey, x, 0.0, 1.0)))).collect();
            scores.iter().sum::<f32>() / scores.len().max(1) as f32
        };
        let upright = likeness(&tracks);
        for track in &mut tracks {
            track.reversed = true;
        }
        let reversed = likeness(&tracks);
        if upright.max(reversed) < LEAST_LIKENESS {
            return None;
        }
        for track in &mut tracks {
            track.reversed = reversed > upright;
        }
        for (track, xs) in tracks.iter_mut().zip(&samples) {
            self.measure(grey, track, xs);
        }
        if reversed > upright {
            tracks.reverse();
        }
        let rows = tracks.iter().map(|track| self.row(grey, track, if tracks.len() == 3 { 30 } else { 44 })).collect();
        Some(Block { reader: self, grey, tracks, rows })
    }

    /// Height of capitals and middle of the line, first as a whole, then at both halves, by what the network sees best.
    fn measure(&self, grey: &GrayImage, track: &mut Track, xs: &[f32]) {
        let stretch = self.best_trial(grey, track, xs, &[0.78, 0.85, 0.92, 1.0, 1.08].map(|stretch| (0.0, stretch))).1;
        track.stretch(stretch, stretch);
        let (before, after) = xs.split_at(xs.len() / 2);
        let halves = |trials: &[(f32, f32)], track: &Track| [before, after].map(|xs| self.best_trial(grey, track, xs, trials));
        let [(before_drop, _), (after_drop, _)] = halves(&[(0.0, 1.0), (-0.16, 1.0), (-0.08, 1.0), (0.08, 1.0), (0.16, 1.0)], track);
        track.drop(before_drop, after_drop);
        let [(_, before_stretch), (_, after_stretch)] = halves(&[(0.0, 1.0), (0.0, 0.95), (0.0, 1.05)], track);
        track.stretch(before_stretch, after_stretch);
        let [(before_drop, _), (after_drop, _)] = halves(&[(0.0, 1.0), (-0.05, 1.0), (0.05, 1.0)], track);
        track.drop(before_drop, after_drop);
    }

    /// The (drop, stretch) at which cells are seen best; the first trial wins unless another is plainly better.
    fn best_trial(&self, grey: &GrayImage, track: &Track, xs: &[f32], trials: &[(f32, f32)]) -> (f32, f32) {
        let rate = |(drop, stretch): (f32, f32)| {
            let mut trial = track.clone();
            trial.stretch(stretch, stretch);
            xs.iter().map(|x| best_of(&self.look(&trial.window(grey, *x, drop, 1.0))).max(-3.0)).sum::<f32>() / xs.len().max(1) as f32
        };
        let rated = trials.iter().enumerate().map(|(n, trial)| (rate(*trial) + if n == 0 { 0.01 } else { 0.0 }, *trial));
        rated.max_by(|a, b| a.0.total_cmp(&b.0)).map_or((0.0, 1.0), |(_, trial)| trial)
    }

    /// Looks along the whole line and beyond its ends, two looks a quarter pitch.
    fn row(&self, grey: &GrayImage, track: &Track, cells: usize) -> Row {
        let length = track.ends.1 - track.ends.0;
        let pitch = track.pitch_at(f32::midpoint(track.ends.0, track.ends.1));
        // What is shorter than the lines of a zone may have lost an end.
        let beyond = pitch * 2.2 + (cells as f32 * pitch - length).max(0.0).min(length * 0.4);
        let start = track.ends.0 - beyond;
        let count = ((length + 2.0 * beyond) / (pitch / GRID as f32)).ceil() as usize;
        let step = pitch / GRID as f32;
        let mut at: Vec<Likelihoods> = Vec::with_capacity(count + 1);
        for n in (0..=count).step_by(2) {
            let fresh = self.look(&track.window(grey, start + n as f32 * step, 0.0, 1.0));
            if let Some(last) = at.last() {
                let mut between = [0.0; CLASSES];
                for k in 0..CLASSES {
                    between[k] = f32::midpoint(last[k], fresh[k]);
                }
                at.push(between);
            }
            at.push(fresh);
        }
        Row { start, step, at }
    }
}

/// Middles of glyphs spread evenly over a line, from left to right.
fn sampled(line: &lines::Line, capital: f32, count: usize) -> Vec<f32> {
    let mut xs: Vec<f32> = line.glyphs.iter().filter(|glyph| glyph.height > capital * 0.5).map(|glyph| glyph.x).collect();
    if xs.is_empty() {
        xs.push(f32::midpoint(line.left, line.right));
    }
    xs.sort_by(f32::total_cmp);
    let count = count.min(xs.len());
    (0..count).map(|n| xs[n * xs.len() / count]).collect()
}

/// Likelihood that it is a letter and which.
fn sureness(out: &Likelihoods) -> f32 {
    best_of(out).exp()
}

fn best_of(out: &Likelihoods) -> f32 {
    out[..NOTHING].iter().copied().fold(f32::MIN, f32::max)
}

impl Block<'_> {
    /// Height of a capital in pixels of the picture.
    pub fn capital(&self) -> f32 {
        self.tracks.iter().map(|track| track.capital_at(track.center) * track.way.scale()).sum::<f32>() / self.tracks.len() as f32
    }

    /// Number of lines.
    pub fn height(&self) -> usize {
        self.tracks.len()
    }

    /// The place as lines of `count` cells; `None` when they would not fit.
    pub fn read(&self, count: usize) -> Option<Cells> {
        let (fit, rows) = self.placed(count)?;
        let mut lines = Vec::new();
        let mut ends = Vec::new();
        for (track, xs) in self.tracks.iter().zip(&rows) {
            let xs = smoothed(xs);
            ends.push((xs[0], xs[count - 1]));
            lines.push(xs.iter().map(|x| self.cell(track, *x)).collect());
        }
        Some(Cells { lines, fit, corners: self.corners(&ends) })
    }

    /// The middles of all cells, and how well they fit. Lines of a zone begin below each other: where they seem not to, the beginning that
    /// suits all lines best counts.
    fn placed(&self, count: usize) -> Option<(f32, Vec<Vec<f32>>)> {
        let free: Vec<(Vec<f32>, f32)> =
            self.tracks.iter().zip(&self.rows).map(|(track, row)| placed(row, count, track.reversed, None)).collect::<Option<_>>()?;
        let pitch = self.rows.iter().map(|row| row.step).sum::<f32>() * GRID as f32 / self.rows.len() as f32;
        let starts: Vec<f32> = free.iter().map(|(xs, _)| xs[0]).collect();
        let spread = starts.iter().copied().fold(f32::MIN, f32::max) - starts.iter().copied().fold(f32::MAX, f32::min);
        let mean = |found: &[(Vec<f32>, f32)]| found.iter().map(|(_, score)| score).sum::<f32>() / found.len() as f32;
        let mut best = free;
        if spread > 0.7 * pitch {
            let anchored = starts.iter().filter_map(|start| {
                let lines = self.tracks.iter().zip(&self.rows);
                lines.map(|(track, row)| placed(row, count, track.reversed, Some((*start, 0.6 * pitch)))).collect::<Option<Vec<_>>>()
            });
            if let Some(anchored) = anchored.max_by(|a, b| mean(a).total_cmp(&mean(b))) {
                best = anchored;
            }
        }
        Some((mean(&best), best.into_iter().map(|(xs, _)| xs).collect()))
    }

    /// A cell that is not clear at the first look is looked at from around.
    fn cell(&self, track: &Track, x: f32) -> Likelihoods {
        let first = self.reader.look(&track.window(self.grey, x, 0.0, 1.0));
        let mut order = first;
        order[..NOTHING].sort_by(|a, b| b.total_cmp(a));
        if order[0] - order[1] > CLOSE {
            return first;
        }
        let pitch = track.pitch_at(x);
        let around = [(-0.07, 0.0, 1.0), (0.07, 0.0, 1.0), (0.0, -0.06, 1.0), (0.0, 0.06, 1.0), (0.0, 0.0, 0.94), (0.0, 0.0, 1.06)];
        let mut sum = first;
        for (aside, drop, stretch) in around {
            let other = self.reader.look(&track.window(self.grey, x + aside * pitch, drop, stretch));
            for k in 0..CLASSES {
                sum[k] += other[k];
            }
        }
        // A geometric mean would not sum to 1; what counts is the distance between letters.
        sum.map(|value| value / (around.len() + 1) as f32)
    }

    fn corners(&self, ends: &[(f32, f32)]) -> [(f32, f32); 4] {
        let (Some(first), Some(last)) = (self.tracks.first(), self.tracks.last()) else { return [(0.0, 0.0); 4] };
        let corner = |track: &Track, x: f32, down: f32, aside: f32| {
            let turn = if track.reversed { -1.0 } else { 1.0 };
            let capital = track.capital_at(x);
            track.way.back((x + aside * capital * turn, track.middle(x) + down * capital * turn))
        };
        let (top, bottom) = (ends[0], ends[ends.len() - 1]);
        [corner(first, top.0, -0.9, -0.9), corner(first, top.1, -0.9, 0.9), corner(last, bottom.1, 0.9, 0.9), corner(last, bottom.0, 0.9, -0.9)]
    }

    /// The lines as straight pictures of this height of capitals, for another reader.
    pub fn strips(&self, capital: f32) -> Vec<GrayImage> {
        self.tracks.iter().map(|track| strip(self.grey, track, capital)).collect()
    }
}

fn strip(grey: &GrayImage, track: &Track, capital: f32) -> GrayImage {
    let own = track.capital_at(track.center);
    let zoom = capital / own;
    let around = 1.5 * own;
    let (from, to) = (track.ends.0 - around, track.ends.1 + around);
    let (width, height) = (((to - from) * zoom).clamp(40.0, 4000.0) as u32, (2.2 * capital) as u32);
    GrayImage::from_fn(width, height, |column, row| {
        let along = column as f32 / zoom;
        let x = if track.reversed { to - along } else { from + along };
        let down = (row as f32 - height as f32 / 2.0) / zoom * if track.reversed { -1.0 } else { 1.0 };
        let (x, y) = track.way.back((x, track.middle(x) + down));
        image::Luma([(255.0 * (1.0 - pixels::darkness(grey, x, y))) as u8])
    })
}

/// The best way to set `count` cells on the grid of a line, and how well it fits. From the right end when the line is read backwards.
/// `anchor` is where the first cell has to be, and how far off it may be.
fn placed(row: &Row, count: usize, reversed: bool, anchor: Option<(f32, f32)>) -> Option<(Vec<f32>, f32)> {
    const STEPS: [(usize, f32); 5] = [(6, 0.9), (7, 0.25), (8, 0.0), (9, 0.25), (10, 0.9)];
    /// Weight of the emptiness beside the line.
    const BESIDE: f32 = 2.0;
    let length = row.at.len();
    if length < (count - 1) * GRID * 9 / 10 + 1 {
        return None;
    }
    let letter: Vec<f32> = row.at.iter().map(|out| best_of(out).max(-6.0)).collect();
    let empty = |at: isize| usize::try_from(at).ok().and_then(|at| row.at.get(at)).map_or(-0.1, |out| out[NOTHING].max(-4.0));
    let pitch = GRID as isize;
    let mut best: Vec<f32> = (0..length as isize).map(|at| letter[at as usize] + BESIDE * empty(at - pitch)).collect();
    let place = |at: usize| row.start + at as f32 * row.step;
    let is_free = |at: usize| anchor.is_none_or(|(wanted, most)| (place(at) - wanted).abs() <= most);
    if !reversed {
        (0..length).filter(|at| !is_free(*at)).for_each(|at| best[at] = f32::MIN);
    }
    let mut from: Vec<Vec<u8>> = Vec::with_capacity(count);
    for _ in 1..count {
        let mut next = vec![f32::MIN; length];
        let mut back = vec![0u8; length];
        for at in 0..length {
            for (step, cost) in STEPS {
                if at >= step && best[at - step] > f32::MIN {
                    let score = best[at - step] - cost + letter[at];
                    if score > next[at] {
                        next[at] = score;
                        back[at] = step as u8;
                    }
                }
            }
        }
        best = next;
        from.push(back);
    }
    let end = |at: usize| best[at] + BESIDE * empty(at as isize + pitch);
    let last = (0..length).filter(|at| best[*at] > f32::MIN && (!reversed || is_free(*at))).max_by(|a, b| end(*a).total_cmp(&end(*b)))?;
    let score = end(last) / (count as f32 + 2.0 * BESIDE);
    let mut places = vec![last];
    for back in from.iter().rev() {
        let at = places[places.len() - 1];
        places.push(at - usize::from(back[at]));
    }
    if !reversed {
        places.reverse();
    }
    Some((places.into_iter().map(place).collect(), score))
}

/// Each position by a straight line through its neighbours, so that one odd cell does not stand out of the row.
fn smoothed(xs: &[f32]) -> Vec<f32> {
    const REACH: usize = 5;
    (0..xs.len())
        .map(|n| {
            let (from, to) = (n.saturating_sub(REACH), (n + REACH + 1).min(xs.len()));
            let count = (to - from) as f32;
            let mean_n = (from..to).map(|k| k as f32).sum::<f32>() / count;
            let mean_x = xs[from..to].iter().sum::<f32>() / count;
            let (mut across, mut along) = (0.0, 0.0);
            for k in from..to {
                across += (k as f32 - mean_n) * (xs[k] - mean_x);
                along += (k as f32 - mean_n).powi(2);
            }
            mean_x + across / along.max(1.0) * (n as f32 - mean_n)
        })
        .collect()
}
