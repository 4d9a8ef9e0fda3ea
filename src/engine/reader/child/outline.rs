//! Where the card or page lies: the best four-sided figure out of straight edges.

use image::GrayImage;
use imageproc::{
    distance_transform::Norm,
    edges::canny,
    hough::{LineDetectionOptions, PolarLine, detect_lines},
    morphology::dilate,
};
use ocrb::views::percentile;

/// Corners as fractions of width and height: top left, top right, bottom right, bottom left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outline {
    pub(super) corners: [(f32, f32); 4],
    /// Share of the weakest side that is seen as an edge.
    pub(super) support: f32,
    /// Whether two opposite sides run on to the edge of the picture: the figure is a part of a document that is cut off there.
    pub(super) is_cut: bool,
}

/// Sides less visible than this do not count.
const LEAST_SUPPORT: f32 = 0.45;
/// Smallest share of the picture a document covers.
const LEAST_AREA: f32 = 0.08;
/// Width by height of ID-1 (1.586) and of a passport page (1.42), with tilt.
const ASPECT: std::ops::Range<f32> = 1.2..1.95;
const CANDIDATES: usize = 9;
/// Share of the way from a corner to the edge of the picture that must be an edge for a side to run on.
const RUNS_ON: f32 = 0.7;
/// The same for the last quarter of that way.
const RUNS_OUT: f32 = 0.6;
/// Shortest piece of a cut-off document, as a share of its width.
const LEAST_RUN: f32 = 0.3;
/// The same for the sides of a document without a figure of four.
const RUNS_OFF: f32 = 0.85;

impl Outline {
    /// Mean length of the two horizontal sides in pixels of a picture of this size.
    pub(super) fn width_in(&self, width: f32, height: f32) -> f32 {
        let [a, b, c, d] = self.corners.map(|(x, y)| (x * width, y * height));
        f32::midpoint(distance(a, b), distance(d, c))
    }

    /// Mean length of the two vertical sides in pixels of a picture of this size.
    pub(super) fn height_in(&self, width: f32, height: f32) -> f32 {
        let [a, b, c, d] = self.corners.map(|(x, y)| (x * width, y * height));
        f32::midpoint(distance(a, d), distance(b, c))
    }

    /// Smallest distance of a corner to the edge of the picture, as a fraction; negative outside.
    pub(super) fn margin(&self) -> f32 {
        self.corners.iter().flat_map(|(x, y)| [*x, 1.0 - x, *y, 1.0 - y]).fold(1.0, f32::min)
    }

    /// Left, top, right, bottom as fractions inside the picture.
    pub(super) fn bounds(&self) -> [f32; 4] {
        let xs = self.corners.map(|corner| corner.0.clamp(0.0, 1.0));
        let ys = self.corners.map(|corner| corner.1.clamp(0.0, 1.0));
        let least = |of: [f32; 4]| of.into_iter().fold(1.0, f32::min);
        let most = |of: [f32; 4]| of.into_iter().fold(0.0, f32::max);
        [least(xs), least(ys), most(xs), most(ys)]
    }
}

/// Finds the outline on a picture of about 400 pixels. Documents lie upright, give or take 30°; the aspect may also be that of a page turned by 90°.
pub(super) fn find(small: &GrayImage) -> Option<Outline> {
    let (seen, rows, columns) = edges(small);
    let mut best: Option<(f32, Outline)> = None;
    for (top, bottom) in pairs(&rows) {
        for (left, right) in pairs(&columns) {
            if let Some((score, outline)) = seen.figure(top, bottom, left, right)
                && best.as_ref().is_none_or(|(most, _)| score > *most)
            {
                best = Some((score, outline));
            }
        }
    }
    best.map(|(_, outline)| outline)
}

/// Whether a document runs out of the picture: two parallel sides go on to its edge from one side across them.
pub(super) fn is_cut_off(small: &GrayImage) -> bool {
    let (seen, rows, columns) = edges(small);
    let runs_off = |sides: &[PolarLine], across: &[PolarLine]| pairs(sides).any(|(one, other)| across.iter().any(|line| seen.runs_off(one, other, line)));
    runs_off(&rows, &columns) || runs_off(&columns, &rows)
}

/// Edges, and the strongest level and upright lines among them.
#[expect(clippy::cast_precision_loss, reason = "a small picture's sides")]
fn edges(small: &GrayImage) -> (Seen, Vec<PolarLine>, Vec<PolarLine>) {
    let range = f32::from(percentile(small, 0.95).saturating_sub(percentile(small, 0.05)));
    let edges = canny(small, (range * 0.12).max(5.0), (range * 0.3).max(14.0));
    let (near, loose) = (dilate(&edges, Norm::LInf, 1), dilate(&edges, Norm::LInf, 3));
    let shortest = small.width().min(small.height());
    let lines = detect_lines(&edges, LineDetectionOptions { vote_threshold: shortest / 5, suppression_radius: 6 });
    let seen = Seen { edges: near, loose, width: small.width() as f32, height: small.height() as f32 };
    let rows = seen.strongest(&lines, |degrees| (60..=120).contains(&degrees));
    let columns = seen.strongest(&lines, |degrees| degrees <= 30 || degrees >= 150);
    (seen, rows, columns)
}

struct Seen {
    edges: GrayImage,
    /// The same, wider: lines are found to a degree, and go astray where they are followed far.
    loose: GrayImage,
    width: f32,
    height: f32,
}

impl Seen {
    fn strongest(&self, lines: &[PolarLine], wanted: impl Fn(u32) -> bool) -> Vec<PolarLine> {
        let mut rated: Vec<(f32, PolarLine)> = lines.iter().filter(|line| wanted(line.angle_in_degrees)).map(|line| (self.length(line), *line)).collect();
        rated.sort_by(|a, b| b.0.total_cmp(&a.0));
        rated.into_iter().take(CANDIDATES).map(|(_, line)| line).collect()
    }

    /// How many of a hundred points along the whole line are edges.
    fn length(&self, line: &PolarLine) -> f32 {
        let (sin, cos) = radians(line).sin_cos();
        let ends = if cos.abs() > sin.abs() {
            [(line.r / cos, 0.0), ((line.r - self.height * sin) / cos, self.height)]
        } else {
            [(0.0, line.r / sin), (self.width, (line.r - self.width * cos) / sin)]
        };
        self.support(ends[0], ends[1], 100)
    }

    fn support(&self, from: (f32, f32), to: (f32, f32), steps: u16) -> f32 {
        self.support_in(&self.edges, from, to, steps)
    }

    fn support_in(&self, edges: &GrayImage, from: (f32, f32), to: (f32, f32), steps: u16) -> f32 {
        let hit = |step: u16| {
            let share = f32::from(step) / f32::from(steps);
            let (x, y) = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            if x < 0.0 || y < 0.0 || x >= self.width || y >= self.height {
                return false;
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the picture")]
            let pixel = edges.get_pixel(x as u32, y as u32);
            pixel.0[0] > 0
        };
        f32::from(u16::try_from((0..=steps).filter(|step| hit(*step)).count()).unwrap_or(0)) / f32::from(steps + 1)
    }

    fn figure(&self, row: &PolarLine, other_row: &PolarLine, column: &PolarLine, other_column: &PolarLine) -> Option<(f32, Outline)> {
        let mut corners = [crossing(row, column)?, crossing(row, other_column)?, crossing(other_row, other_column)?, crossing(other_row, column)?];
        if corners[0].1 > corners[3].1 {
            corners = [corners[3], corners[2], corners[1], corners[0]];
        }
        if corners[0].0 > corners[1].0 {
            corners = [corners[1], corners[0], corners[3], corners[2]];
        }
        let outline = Outline { corners: corners.map(|(x, y)| (x / self.width, y / self.height)), support: 0.0, is_cut: false };
        let (wide, high) = (outline.width_in(self.width, self.height), outline.height_in(self.width, self.height));
        let aspect = if wide > high { wide / high } else { high / wide };
        let area = wide * high / (self.width * self.height);
        if outline.margin() < -0.02 || !ASPECT.contains(&aspect) || area < LEAST_AREA {
            return None;
        }
        let sides = [0, 1, 2, 3].map(|n| self.support(corners[n], corners[(n + 1) % 4], 40));
        let weakest = sides.into_iter().fold(1.0, f32::min);
        let mean = sides.iter().sum::<f32>() / 4.0;
        let closeness = if wide > high { 1.0 - (aspect - 1.5).abs() } else { 0.6 };
        (weakest >= LEAST_SUPPORT)
            .then(|| ((weakest + mean) * (0.5 + area) * closeness, Outline { support: weakest, is_cut: self.runs_on(corners), ..outline }))
    }

    /// Whether both sides are seen from where `across` meets them to the edge of the picture, on the same hand, far enough apart and long
    /// enough to be a document's.
    fn runs_off(&self, one: &PolarLine, other: &PolarLine, across: &PolarLine) -> bool {
        let (Some(a), Some(b)) = (crossing(one, across), crossing(other, across)) else { return false };
        let apart = distance(a, b);
        let inside = |(x, y): (f32, f32)| (0.0..self.width).contains(&x) && (0.0..self.height).contains(&y);
        if !inside(a) || !inside(b) || apart < 0.3 * self.height || self.support(a, b, 40) < LEAST_SUPPORT {
            return false;
        }
        [1.0, -1.0].into_iter().any(|hand| {
            let (to_a, to_b) = (self.edge_from(a, one, hand), self.edge_from(b, other, hand));
            let along = distance(a, to_a).min(distance(b, to_b));
            along > LEAST_RUN * apart && self.support_in(&self.loose, a, to_a, 60) > RUNS_OFF && self.support_in(&self.loose, b, to_b, 60) > RUNS_OFF
        })
    }

    /// Where a line leaves the picture, going one way or the other from a point of it.
    fn edge_from(&self, (x, y): (f32, f32), line: &PolarLine, hand: f32) -> (f32, f32) {
        let (sin, cos) = radians(line).sin_cos();
        let (step_x, step_y) = (-sin * hand, cos * hand);
        let reach = |at: f32, step: f32, most: f32| if step.abs() < 1e-4 { f32::MAX } else { (if step > 0.0 { most - 1.0 - at } else { -at }) / step };
        let far = reach(x, step_x, self.width).min(reach(y, step_y, self.height)).max(0.0);
        (x + step_x * far, y + step_y * far)
    }

    /// Whether both rows, or both columns, are seen beyond the figure in the same direction, most of the way to the edge of the picture.
    fn runs_on(&self, [a, b, c, d]: [(f32, f32); 4]) -> bool {
        let beyond = |from: (f32, f32), corner: (f32, f32)| {
            let (step_x, step_y) = (corner.0 - from.0, corner.1 - from.1);
            let reach = |at: f32, step: f32, most: f32| {
                if step > 0.01 {
                    (most - at) / step
                } else if step < -0.01 {
                    -at / step
                } else {
                    f32::MAX
                }
            };
            let share = reach(corner.0, step_x, self.width).min(reach(corner.1, step_y, self.height));
            let end = (corner.0 + step_x * share, corner.1 + step_y * share);
            // A document that ends short of the edge leaves the last piece of the way empty.
            let last = (corner.0 + (end.0 - corner.0) * 0.75, corner.1 + (end.1 - corner.1) * 0.75);
            let runs = |from: (f32, f32), least: f32| self.support_in(&self.loose, from, end, 40) > least;
            share > 0.0 && distance(corner, end) > 0.04 * self.width && runs(corner, RUNS_ON) && runs(last, RUNS_OUT)
        };
        let directions = [[(a, b), (d, c)], [(b, a), (c, d)], [(a, d), (b, c)], [(d, a), (c, b)]];
        directions.iter().any(|sides| sides.iter().all(|(from, corner)| beyond(*from, *corner)))
    }
}

fn pairs(lines: &[PolarLine]) -> impl Iterator<Item = (&PolarLine, &PolarLine)> {
    lines.iter().enumerate().flat_map(move |(n, first)| lines[n + 1..].iter().map(move |second| (first, second)))
}

fn crossing(a: &PolarLine, b: &PolarLine) -> Option<(f32, f32)> {
    let ((sin_a, cos_a), (sin_b, cos_b)) = (radians(a).sin_cos(), radians(b).sin_cos());
    let determinant = cos_a * sin_b - sin_a * cos_b;
    (determinant.abs() > 1e-3).then(|| ((a.r * sin_b - b.r * sin_a) / determinant, (b.r * cos_a - a.r * cos_b) / determinant))
}

fn radians(line: &PolarLine) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "degrees below 180")]
    let degrees = line.angle_in_degrees as f32;
    degrees.to_radians()
}

fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}
