//! The studio: films made of one public-domain photo (NASA's portrait of Eileen Collins, shipped as `astronaut.png` in
//! PyPI's scikit-image), turned with a warp of the 468 points MediaPipe lays on it (`tests/golden/astronaut.json`).
//!
//! `make` fetches the photo into `target/fixtures`; it is not part of the project.

use std::path::{Path, PathBuf};

use image::{RgbImage, imageops};

/// Pixels of a frame.
pub const WIDTH: usize = 640;
/// Pixels of a frame.
pub const HEIGHT: usize = 480;
/// Frames per second.
pub const RATE: i64 = 30;

/// Every so many pixels the warp is worked out; between them it is interpolated.
const GRID: usize = 8;

/// The outline of the face in the mesh.
const OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21,
    54, 103, 67, 109,
];

/// The photo and its mesh.
pub struct Studio {
    /// 640 × 480, RGB.
    pub still: Vec<u8>,
    points: Vec<[f32; 3]>,
}

/// What is done to a frame after it is turned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scene {
    /// Nothing.
    Plain,
    /// A flat print of the photo is turned instead of the head.
    Print,
    /// The head is not turned at all.
    Still,
    /// The same picture again and again, without noise.
    Frozen,
    /// Two heads side by side.
    Two,
    /// Hardly any light.
    Dark,
    /// Left and right changed.
    Mirrored,
    /// Far away.
    Far,
    /// Nobody.
    Empty,
}

/// A moment of a film: when, how the head stands.
pub type Key = (f32, f32, f32);

impl Studio {
    /// Opens the studio.
    ///
    /// # Panics
    /// When the photo has not been fetched.
    pub fn open() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = std::env::var_os("VISAVIS_ASTRONAUT").map_or_else(|| root.join("../../target/fixtures/astronaut.png"), PathBuf::from);
        let photo = image::open(&path).unwrap_or_else(|error| panic!("{}: {error}; run `make fixtures` (fetches the photo from PyPI)", path.display()));
        let cut = imageops::crop_imm(&photo.to_rgb8(), 45, 0, 360, 270).to_image();
        let still: RgbImage = imageops::resize(&cut, 640, 480, imageops::FilterType::CatmullRom);
        let mesh = std::fs::read_to_string(root.join("tests/golden/astronaut.json")).unwrap_or_default();
        Self { still: still.into_raw(), points: serde_json::from_str(&mesh).unwrap_or_default() }
    }

    /// The photo with the head turned about the neck; degrees, signs as the engine's.
    pub fn turned(&self, yaw: f32, pitch: f32) -> Vec<u8> {
        if yaw == 0.0 && pitch == 0.0 {
            return self.still.clone();
        }
        let (from, to) = self.pairs(yaw, pitch);
        let (columns, rows) = (WIDTH / GRID + 1, HEIGHT / GRID + 1);
        let mut shifts = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                shifts.push(shift(&from, &to, (column * GRID) as f32, (row * GRID) as f32));
            }
        }
        let mut frame = vec![0; WIDTH * HEIGHT * 3];
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let (column, row) = (x / GRID, y / GRID);
                let (dx, dy) = ((x % GRID) as f32 / GRID as f32, (y % GRID) as f32 / GRID as f32);
                let at = |c: usize, r: usize| shifts[r * columns + c];
                let mix = |axis: usize| {
                    let top = at(column, row)[axis] * (1.0 - dx) + at(column + 1, row)[axis] * dx;
                    let low = at(column, row + 1)[axis] * (1.0 - dx) + at(column + 1, row + 1)[axis] * dx;
                    top * (1.0 - dy) + low * dy
                };
                let place = (y * WIDTH + x) * 3;
                frame[place..place + 3].copy_from_slice(&sample(&self.still, x as f32 + mix(0), y as f32 + mix(1)));
            }
        }
        frame
    }

    /// Where points of the photo go: the mesh turned, hair and ears half as far, the rest not at all.
    fn pairs(&self, yaw: f32, pitch: f32) -> (Vec<[f32; 2]>, Vec<[f32; 2]>) {
        let points = &self.points;
        let (ears, apart) = ([points[234], points[454]], points[454][0] - points[234][0]);
        let neck = [0, 1, 2].map(|axis| f32::midpoint(ears[0][axis], ears[1][axis]) + if axis == 2 { 0.35 * apart } else { 0.0 });
        let (sin_yaw, cos_yaw) = yaw.to_radians().sin_cos();
        let (sin_pitch, cos_pitch) = pitch.to_radians().sin_cos();
        let turn = |point: &[f32; 3]| {
            let [x, y, z] = [0, 1, 2].map(|axis| point[axis] - neck[axis]);
            let (x, z) = (x * cos_yaw - z * sin_yaw, x * sin_yaw + z * cos_yaw);
            let y = y * cos_pitch - z * sin_pitch;
            [x + neck[0], y + neck[1]]
        };
        let middle = [0, 1].map(|axis| OVAL.iter().map(|point| points[*point][axis]).sum::<f32>() / OVAL.len() as f32);
        let mut from: Vec<[f32; 2]> = points.iter().map(|point| [point[0], point[1]]).collect();
        let mut to: Vec<[f32; 2]> = points.iter().map(turn).collect();
        for point in OVAL {
            let (was, is) = ([points[point][0], points[point][1]], turn(&points[point]));
            for (out, share) in [(1.45, 0.5), (2.4, 0.0)] {
                let ring = [0, 1].map(|axis| middle[axis] + (was[axis] - middle[axis]) * out);
                from.push(ring);
                to.push([0, 1].map(|axis| ring[axis] + (is[axis] - was[axis]) * share));
            }
        }
        for x in [0.0, 160.0, 320.0, 480.0, 639.0] {
            for y in [0.0, 479.0] {
                from.push([x, y]);
                to.push([x, y]);
            }
        }
        (from, to)
    }

    /// The frame at `seconds` of a film of these keys: swaying a little, with the noise of a camera.
    pub fn frame(&self, keys: &[Key], scene: Scene, seconds: f32) -> Vec<u8> {
        let (yaw, pitch) = between(keys, seconds);
        // Two degrees apart nobody sees; the maps are made once.
        let (yaw, pitch) = ((yaw / 2.0).round() * 2.0, (pitch / 2.0).round() * 2.0);
        let mut frame = match scene {
            Scene::Frozen => return self.still.clone(),
            Scene::Empty => vec![110; WIDTH * HEIGHT * 3],
            Scene::Still => self.still.clone(),
            Scene::Print => print(&self.still, yaw, pitch),
            Scene::Two => two(&self.turned(yaw, pitch)),
            Scene::Far => scaled(&self.turned(yaw, pitch), 0.46),
            _ => self.turned(yaw, pitch),
        };
        match scene {
            Scene::Mirrored => frame = mirrored(&frame),
            Scene::Dark => frame.iter_mut().for_each(|value| *value /= 8),
            _ => {}
        }
        let sway = [2.0 * (seconds * 1.7).sin(), 1.5 * (seconds * 1.1).sin()];
        noisy(&moved(&frame, sway), (seconds * 1_000.0) as u64)
    }
}

/// The film of an order of movements: each held for 1.8 s, the front between them; as truth: from, to, pose.
pub fn film(order: &[&'static str]) -> (Vec<Key>, Vec<(f32, f32, &'static str)>) {
    let (mut keys, mut truth, mut now) = (vec![(0.0, 0.0, 0.0)], Vec::new(), 0.0);
    let mut hold = |now: &mut f32, seconds: f32, (yaw, pitch): (f32, f32), pose| {
        truth.push((*now, *now + seconds, pose));
        *now += seconds;
        keys.push((*now, yaw, pitch));
        keys.last().copied()
    };
    let mut moves = Vec::new();
    hold(&mut now, 2.4, (0.0, 0.0), "frontal");
    for pose in order {
        let aim = match *pose {
            "left" => (28.0, 0.0),
            "right" => (-28.0, 0.0),
            "down" => (0.0, 26.0),
            _ => (0.0, -26.0),
        };
        for (aim, pose) in [(aim, *pose), ((0.0, 0.0), "frontal")] {
            now += 0.6;
            moves.push((now, aim.0, aim.1));
            hold(&mut now, 1.8, aim, pose);
        }
    }
    keys.extend(moves);
    keys.sort_by(|a, b| a.0.total_cmp(&b.0));
    (keys, truth)
}

fn between(keys: &[Key], seconds: f32) -> (f32, f32) {
    let after = keys.iter().position(|key| key.0 >= seconds).unwrap_or(keys.len() - 1);
    let (a, b) = (keys[after.saturating_sub(1)], keys[after]);
    let share = if b.0 > a.0 { ((seconds - a.0) / (b.0 - a.0)).clamp(0.0, 1.0) } else { 1.0 };
    (a.1 + (b.1 - a.1) * share, a.2 + (b.2 - a.2) * share)
}

/// From a place in the turned picture to its place in the photo: near points count most.
fn shift(from: &[[f32; 2]], to: &[[f32; 2]], x: f32, y: f32) -> [f32; 2] {
    let (mut sum, mut weights) = ([0.0_f32; 2], 0.0_f32);
    for (was, is) in from.iter().zip(to) {
        let near = (x - is[0]).powi(2) + (y - is[1]).powi(2) + 25.0;
        let weight = 1.0 / (near * near);
        weights += weight;
        sum[0] += weight * (was[0] - is[0]);
        sum[1] += weight * (was[1] - is[1]);
    }
    sum.map(|value| value / weights)
}

fn sample(frame: &[u8], x: f32, y: f32) -> [u8; 3] {
    let (x, y) = (x.clamp(0.0, (WIDTH - 1) as f32), y.clamp(0.0, (HEIGHT - 1) as f32));
    let (left, top) = (x as usize, y as usize);
    let (right, low) = ((left + 1).min(WIDTH - 1), (top + 1).min(HEIGHT - 1));
    let (dx, dy) = (x - left as f32, y - top as f32);
    [0, 1, 2].map(|colour| {
        let at = |x: usize, y: usize| f32::from(frame[(y * WIDTH + x) * 3 + colour]);
        let mixed = (at(left, top) * (1.0 - dx) + at(right, top) * dx) * (1.0 - dy) + (at(left, low) * (1.0 - dx) + at(right, low) * dx) * dy;
        mixed.round() as u8
    })
}

fn redrawn(place: impl Fn(f32, f32) -> Option<[u8; 3]>) -> Vec<u8> {
    let mut frame = Vec::with_capacity(WIDTH * HEIGHT * 3);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            frame.extend(place(x as f32, y as f32).unwrap_or([110; 3]));
        }
    }
    frame
}

fn moved(frame: &[u8], by: [f32; 2]) -> Vec<u8> {
    redrawn(|x, y| Some(sample(frame, x - by[0], y - by[1])))
}

fn mirrored(frame: &[u8]) -> Vec<u8> {
    redrawn(|x, y| Some(sample(frame, (WIDTH - 1) as f32 - x, y)))
}

fn scaled(frame: &[u8], scale: f32) -> Vec<u8> {
    redrawn(|x, y| inside((x - 320.0) / scale + 320.0, (y - 240.0) / scale + 240.0).map(|[x, y]| sample(frame, x, y)))
}

fn two(frame: &[u8]) -> Vec<u8> {
    redrawn(|x, y| inside((x % 320.0) * 2.0, (y - 120.0) * 2.0).map(|[x, y]| sample(frame, x, y)))
}

/// A flat print, 900 pixels from the eye, turned about its middle.
fn print(frame: &[u8], yaw: f32, pitch: f32) -> Vec<u8> {
    let ((sin_yaw, cos_yaw), (sin_pitch, cos_pitch)) = (yaw.to_radians().sin_cos(), pitch.to_radians().sin_cos());
    redrawn(|x, y| {
        let (u, v) = ((x - 320.0) / 900.0, (y - 240.0) / 900.0);
        // The ray (u, v, 1) meets the plane through (0, 0, 900) with the turned normal.
        let normal = [sin_yaw * cos_pitch, sin_pitch, cos_yaw * cos_pitch];
        let along = 900.0 * normal[2] / (u * normal[0] + v * normal[1] + normal[2]);
        let (px, py, pz) = (u * along, v * along, along - 900.0);
        let across = px * cos_yaw - pz * sin_yaw;
        let depth = px * sin_yaw + pz * cos_yaw;
        inside(across + 320.0, py * cos_pitch - depth * sin_pitch + 240.0).map(|[x, y]| sample(frame, x, y))
    })
}

fn inside(x: f32, y: f32) -> Option<[f32; 2]> {
    ((0.0..WIDTH as f32).contains(&x) && (0.0..HEIGHT as f32).contains(&y)).then_some([x, y])
}

/// The noise of a camera, the same for the same seed (SplitMix64).
fn noisy(frame: &[u8], seed: u64) -> Vec<u8> {
    let mut state = seed;
    frame
        .chunks(8)
        .flat_map(|eight| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed ^= mixed >> 27;
            eight.iter().enumerate().map(move |(place, value)| value.saturating_add((mixed >> (8 * place)) as u8 % 5).saturating_sub(2)).collect::<Vec<_>>()
        })
        .collect()
}

/// The poses of the golden figures.
pub fn golden_poses() -> Vec<(f32, f32)> {
    let mut poses = Vec::new();
    for yaw in [-32.0, -20.0, -8.0, 0.0, 8.0, 20.0, 32.0] {
        for pitch in [-24.0, -12.0, 0.0, 12.0, 24.0] {
            poses.push((yaw, pitch));
        }
    }
    poses
}
