//! Finds faces: the detector's 896 anchors become boxes, and boxes that overlap become one face.

use crate::{
    PoseError,
    frame::{Frame, Square},
    net::Net,
};

/// Boxes that share more than this of their union are one face.
const OVERLAP: f32 = 0.3;
/// Pixels of the detector's own picture.
const SIDE: f32 = 128.0;
const ANCHORS: usize = 896;
/// Numbers per anchor: middle, size, six points.
const NUMBERS: usize = 16;

/// A face found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// 0–1.
    pub(crate) score: f32,
    /// Left, top, right, bottom in pixels.
    pub(crate) edges: [f32; 4],
    /// The eyes: that on the left of the picture, that on the right.
    pub(crate) eyes: [[f32; 2]; 2],
}

impl Found {
    pub(crate) fn width(&self) -> f32 {
        self.edges[2] - self.edges[0]
    }

    /// The square the mesh is laid into: half as large again, the eyes level.
    pub(crate) fn square(&self) -> Square {
        let [left, top, right, bottom] = self.edges;
        let [one, other] = self.eyes;
        let turn = (other[1] - one[1]).atan2(other[0] - one[0]);
        Square { center: [f32::midpoint(left, right), f32::midpoint(top, bottom)], side: 1.5 * (right - left).max(bottom - top), turn }
    }

    fn shared(&self, other: &Self) -> f32 {
        let across = (self.edges[2].min(other.edges[2]) - self.edges[0].max(other.edges[0])).max(0.0);
        let down = (self.edges[3].min(other.edges[3]) - self.edges[1].max(other.edges[1])).max(0.0);
        let area = |found: &Self| found.width() * (found.edges[3] - found.edges[1]);
        let both = across * down;
        both / (area(self) + area(other) - both).max(f32::MIN_POSITIVE)
    }
}

/// Faces of `frame` that score at least `least`, the surest first.
pub(crate) fn find(net: &mut Net, frame: &Frame<'_>, least: f32) -> Result<Vec<Found>, PoseError> {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let whole = Square { center: [width / 2.0, height / 2.0], side: width.max(height), turn: 0.0 };
    let side = net.side();
    let outputs = net.run(|picture| frame.cut(whole, side, [1.0 / 127.5, -1.0], picture))?;
    let of_size = |size: usize| outputs.iter().find(|output| output.len() == size).ok_or(PoseError::Model("no face detector"));
    let (boxes, scores) = (of_size(ANCHORS * NUMBERS)?, of_size(ANCHORS)?);
    let mut found: Vec<Found> = boxes
        .as_chunks::<NUMBERS>()
        .0
        .iter()
        .zip(*scores)
        .enumerate()
        .map(|(number, (numbers, score))| (number, numbers, sigmoid(*score)))
        .filter(|(.., score)| *score >= least)
        .map(|(number, numbers, score)| decode(numbers, score, anchor(number), whole))
        .filter(|found| found.edges.iter().all(|edge| edge.is_finite()))
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut faces: Vec<Found> = Vec::new();
    for candidate in found {
        if faces.iter().all(|face| face.shared(&candidate) < OVERLAP) {
            faces.push(candidate);
        }
    }
    Ok(faces)
}

fn decode(numbers: &[f32; NUMBERS], score: f32, anchor: [f32; 2], whole: Square) -> Found {
    let corner = whole.place(0.0, 0.0);
    let place = |x: f32, y: f32| [(x / SIDE + anchor[0]) * whole.side + corner[0], (y / SIDE + anchor[1]) * whole.side + corner[1]];
    let [x, y] = place(numbers[0], numbers[1]);
    let (width, height) = (numbers[2] / SIDE * whole.side, numbers[3] / SIDE * whole.side);
    Found {
        score,
        edges: [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0],
        eyes: [place(numbers[4], numbers[5]), place(numbers[6], numbers[7])],
    }
}

/// The middle of an anchor, 0–1: two at each of 16 × 16 places, then six at each of 8 × 8.
fn anchor(number: usize) -> [f32; 2] {
    let (place, grid) = match number.checked_sub(512) {
        None => (number / 2, 16),
        Some(rest) => (rest / 6, 8),
    };
    [place % grid, place / grid].map(|place| (place as f32 + 0.5) / grid as f32)
}

pub(crate) fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value.clamp(-80.0, 80.0)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_stand_in_two_grids() {
        assert_eq!((anchor(0), anchor(1), anchor(2)), ([0.03125, 0.03125], [0.03125, 0.03125], [0.09375, 0.03125]));
        assert_eq!((anchor(511), anchor(512)), ([0.96875, 0.96875], [0.0625, 0.0625]));
        assert_eq!((anchor(518), anchor(ANCHORS - 1)), ([0.1875, 0.0625], [0.9375, 0.9375]));
    }

    #[test]
    fn overlap_is_of_the_union() {
        let at = |left: f32| Found { score: 1.0, edges: [left, 0.0, left + 10.0, 10.0], eyes: [[0.0; 2]; 2] };
        assert!((at(0.0).shared(&at(0.0)) - 1.0).abs() < 1e-6);
        assert!((at(0.0).shared(&at(5.0)) - 1.0 / 3.0).abs() < 1e-6);
        assert!(at(0.0).shared(&at(20.0)) == 0.0);
    }
}
