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
pub(crate) fn find(net: &Net, frame: &Frame<'_>, least: f32) -> Result<Vec<Found>, PoseError> {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let whole = Square { center: [width / 2.0, height / 2.0], side: width.max(height), turn: 0.0 };
    let outputs = net.run(frame.cut(whole, net.side(), 1.0 / 127.5, -1.0))?;
    let of_size = |size: usize| outputs.iter().find(|output| output.len() == size).ok_or(PoseError::Model("no face detector"));
    let (boxes, scores) = (of_size(ANCHORS * NUMBERS)?, of_size(ANCHORS)?);
    let mut found: Vec<Found> = boxes
        .as_chunks::<NUMBERS>()
        .0
        .iter()
        .zip(scores)
        .zip(anchors())
        .map(|((numbers, score), anchor)| decode(numbers, sigmoid(*score), anchor, whole))
        .filter(|found| found.score >= least && found.edges.iter().all(|edge| edge.is_finite()))
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

/// Middles of the anchors, 0–1: two at each of 16 × 16 places, six at each of 8 × 8.
fn anchors() -> impl Iterator<Item = [f32; 2]> {
    [(16_u8, 2), (8, 6)].into_iter().flat_map(|(grid, each)| {
        let middle = move |place: u8| (f32::from(place) + 0.5) / f32::from(grid);
        (0..grid).flat_map(move |y| (0..grid).flat_map(move |x| std::iter::repeat_n([middle(x), middle(y)], each)))
    })
}

pub(crate) fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value.clamp(-80.0, 80.0)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_anchors_as_the_detector_answers() {
        assert_eq!(anchors().count(), ANCHORS);
        assert_eq!(anchors().next(), Some([0.03125, 0.03125]));
        assert_eq!(anchors().last(), Some([0.9375, 0.9375]));
    }

    #[test]
    fn overlap_is_of_the_union() {
        let at = |left: f32| Found { score: 1.0, edges: [left, 0.0, left + 10.0, 10.0], eyes: [[0.0; 2]; 2] };
        assert!((at(0.0).shared(&at(0.0)) - 1.0).abs() < 1e-6);
        assert!((at(0.0).shared(&at(5.0)) - 1.0 / 3.0).abs() < 1e-6);
        assert!(at(0.0).shared(&at(20.0)) == 0.0);
    }
}
