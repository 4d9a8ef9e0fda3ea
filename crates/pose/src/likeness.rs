//! How alike two faces are: 128 numbers for each, and the distance between them. The network is dlib's, which its author
//! gave to the public domain, with weights shortened to a byte each as `@vladmandic/face-api` (MIT) ships them. It was trained
//! on pictures of unknown fairness, so what it says is a hint for a person who looks at both faces, and nothing else.
//!
//! A face is laid out as dlib lays it out before training: corners of the eyes and the base of the nose at fixed places of a
//! picture of 150 × 150 pixels, a quarter of the face around it.

use crate::{
    PoseError, faces,
    frame::{Frame, Square},
    mesh::Mesh,
    net::{Model, Net},
};

/// Distances up to this speak for the same person: of the few pictures it was tried on
/// (`examples/likeness`), different people's were never nearer than 0.79, one person's never further than 0.45.
pub const ALIKE: f32 = 0.50;
/// Distances beyond this speak for different people; between the two nothing is said.
pub const APART: f32 = 0.60;

/// Corners of both eyes and the base of the nose in MediaPipe's numbering, with their places in a face of side 1 (dlib's mean face).
const PLACES: [(usize, [f32; 2]); 5] = [
    (33, [0.120_575, 0.213_727_5]),
    (133, [0.334_085, 0.229_064_2]),
    (362, [0.646_060_5, 0.228_967_4]),
    (263, [0.859_567_5, 0.213_498_2]),
    (2, [0.490_112_3, 0.627_797_5]),
];
/// Room around the face, as a share of its side.
const ROOM: f32 = 0.25;
/// What the network takes away from red, green and blue.
const MEAN: [f32; 3] = [122.782, 117.001, 104.298];

/// A face as 128 numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Features(Vec<f32>);

impl Features {
    /// Features that were read before; none when these numbers cannot be any.
    pub fn of(numbers: Vec<f32>) -> Option<Self> {
        (numbers.len() == 128 && numbers.iter().all(|number| number.is_finite())).then_some(Self(numbers))
    }

    /// The numbers.
    pub fn numbers(&self) -> &[f32] {
        &self.0
    }

    /// Euclidean distance: 0 is the same picture; see [`ALIKE`] and [`APART`].
    pub fn distance(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }
}

/// The three networks: finding a face, laying it out, reading its features.
#[derive(Debug)]
pub struct Likeness {
    detector: Net,
    mesh: Net,
    features: Model,
}

impl Likeness {
    /// The networks built in.
    ///
    /// # Errors
    /// [`PoseError::Model`], which would be a mistake of the build.
    pub fn new() -> Result<Self, PoseError> {
        use crate::networks::{DETECTOR, LIKENESS, LIKENESS_SCALES, MESH};
        Ok(Self { detector: Net::load(DETECTOR)?, mesh: Net::load(MESH)?, features: Model::load(LIKENESS, LIKENESS_SCALES)? })
    }

    /// The features of the largest face of a picture; none where there is no face.
    ///
    /// # Errors
    /// [`PoseError`] when the networks are none.
    pub fn features(&mut self, frame: &Frame<'_>) -> Result<Option<Features>, PoseError> {
        let found = faces::find(&mut self.detector, frame, 0.5)?;
        let Some(largest) = found.iter().max_by(|a, b| a.width().total_cmp(&b.width())) else { return Ok(None) };
        let mut mesh = Mesh::lay(&mut self.mesh, frame, largest.square())?;
        // Laid twice: where the first one stands is a better place than where the detector saw it.
        mesh = Mesh::lay(&mut self.mesh, frame, mesh.square())?;
        if mesh.score < 0.5 {
            return Ok(None);
        }
        let side = self.features.side();
        let mut planes = vec![0.0; 3 * side * side];
        frame.cut(chip(&mesh), side, [1.0, 0.0], &mut planes);
        for (plane, mean) in planes.chunks_mut(side * side).zip(MEAN) {
            for value in plane {
                *value = (*value - mean) / 256.0;
            }
        }
        Ok(Features::of(self.features.run(planes)?))
    }
}

/// The square of the picture that puts the points of a face nearest to their places: a turn, a size, a shift (least squares).
fn chip(mesh: &Mesh) -> Square {
    let count = PLACES.len() as f32;
    let point = |at: usize| [mesh.points[at][0], mesh.points[at][1]];
    let mean = |of: &dyn Fn(&(usize, [f32; 2])) -> [f32; 2], axis: usize| PLACES.iter().map(|place| of(place)[axis]).sum::<f32>() / count;
    let (seen, wanted) = (|place: &(usize, [f32; 2])| point(place.0), |place: &(usize, [f32; 2])| place.1);
    let (from, to) = ([mean(&wanted, 0), mean(&wanted, 1)], [mean(&seen, 0), mean(&seen, 1)]);
    let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
    for place in &PLACES {
        let (a, b) = (wanted(place), seen(place));
        let (a, b) = ([a[0] - from[0], a[1] - from[1]], [b[0] - to[0], b[1] - to[1]]);
        along += a[0] * b[0] + a[1] * b[1];
        across += a[0] * b[1] - a[1] * b[0];
        spread += a[0] * a[0] + a[1] * a[1];
    }
    let (turn, scale) = (across.atan2(along), along.hypot(across) / spread.max(f32::MIN_POSITIVE));
    let (sin, cos) = turn.sin_cos();
    // The middle of the face is at one half and one half of its side.
    let off = [(0.5 - from[0]) * scale, (0.5 - from[1]) * scale];
    let center = [to[0] + off[0] * cos - off[1] * sin, to[1] + off[0] * sin + off[1] * cos];
    Square { center, side: scale * (1.0 + 2.0 * ROOM), turn }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(turn: f32, scale: f32, shift: [f32; 2]) -> Mesh {
        let mut points = vec![[0.0; 3]; 468];
        let (sin, cos) = turn.sin_cos();
        for (at, [x, y]) in PLACES {
            points[at] = [(x * cos - y * sin) * scale + shift[0], (x * sin + y * cos) * scale + shift[1], 0.0];
        }
        Mesh { score: 1.0, points }
    }

    #[test]
    fn a_face_is_laid_out_wherever_it_stands() {
        for (turn, scale, shift) in [(0.0, 100.0, [0.0, 0.0]), (0.4, 80.0, [300.0, 20.0]), (-0.7, 220.0, [-5.0, 90.0])] {
            let square = chip(&face(turn, scale, shift));
            assert!((square.turn - turn).abs() < 1e-4 && (square.side - 1.5 * scale).abs() < 1e-2, "{square:?}");
            // The corner of an eye comes out at its place in the chip.
            let at = square.place((PLACES[0].1[0] + ROOM) * scale, (PLACES[0].1[1] + ROOM) * scale);
            let seen = face(turn, scale, shift).points[PLACES[0].0];
            assert!((at[0] - seen[0]).abs() < 1e-2 && (at[1] - seen[1]).abs() < 1e-2);
        }
    }

    #[test]
    fn a_damaged_network_is_refused() {
        use crate::networks::{LIKENESS, LIKENESS_SCALES};
        assert!(Model::load(LIKENESS, LIKENESS_SCALES).is_ok());
        for (weights, scales) in [
            (&LIKENESS[..LIKENESS.len() - 1], LIKENESS_SCALES),
            (LIKENESS, &LIKENESS_SCALES[..LIKENESS_SCALES.len() - 12]),
            (&LIKENESS[..0], LIKENESS_SCALES),
            (LIKENESS, &LIKENESS_SCALES[..0]),
            (LIKENESS, &LIKENESS_SCALES[12..]),
        ] {
            assert!(Model::load(weights, scales).is_err());
        }
    }
}
