//! Lays 468 points on a face and reads the angles of the head off four of them.

use crate::{
    PoseError,
    faces::sigmoid,
    frame::{Frame, Square},
    net::Net,
};

const POINTS: usize = 468;
/// Pixels of the mesh network's own picture.
const SIDE: f32 = 192.0;

/// Points with a name (MediaPipe's numbering): the outer corners of the eyes, as they stand in the picture.
const LEFT_EYE: usize = 33;
const RIGHT_EYE: usize = 263;
/// The edges of the face beside the ears.
const LEFT_EDGE: usize = 234;
const RIGHT_EDGE: usize = 454;
/// The top of the forehead and the chin.
const FOREHEAD: usize = 10;
const CHIN: usize = 152;

/// A face with its points in pixels of the picture; the third number is depth in the same unit, away from the camera.
#[derive(Debug, Clone)]
pub(crate) struct Mesh {
    /// Whether there is a face at all, 0–1.
    pub(crate) score: f32,
    pub(crate) points: Vec<[f32; 3]>,
}

/// Degrees; see the crate's page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Angles {
    pub(crate) yaw: f32,
    pub(crate) pitch: f32,
    pub(crate) roll: f32,
}

impl Mesh {
    /// The mesh of what is in the square.
    pub(crate) fn lay(net: &mut Net, frame: &Frame<'_>, square: Square) -> Result<Self, PoseError> {
        let side = net.side();
        let outputs = net.run(|picture| frame.cut(square, side, [1.0 / 255.0, 0.0], picture))?;
        let of_size = |size: usize| outputs.iter().find(|output| output.len() == size).ok_or(PoseError::Model("no face mesh"));
        let (points, score) = (of_size(3 * POINTS)?, of_size(1)?);
        let scale = square.side / SIDE;
        let place = |[x, y, z]: &[f32; 3]| {
            let [across, down] = square.place(x * scale, y * scale);
            [across, down, z * scale]
        };
        let points: Vec<[f32; 3]> = points.as_chunks().0.iter().map(place).collect();
        let is_finite = points.iter().flatten().all(|value| value.is_finite());
        Ok(Self { score: if is_finite { sigmoid(score[0]) } else { 0.0 }, points })
    }

    /// The axes of the head: across through the edges of the face, down from forehead to chin at a right angle to it.
    pub(crate) fn angles(&self) -> Angles {
        let across = unit(from_to(self.points[LEFT_EDGE], self.points[RIGHT_EDGE]));
        let down = from_to(self.points[FOREHEAD], self.points[CHIN]);
        let along = dot(across, down);
        let down = unit([down[0] - across[0] * along, down[1] - across[1] * along, down[2] - across[2] * along]);
        Angles {
            yaw: across[2].atan2(across[0]).to_degrees(),
            pitch: down[2].atan2(down[0].hypot(down[1])).to_degrees(),
            roll: across[1].atan2(across[0]).to_degrees(),
        }
    }

    /// Pixels between the edges of the face, in depth too: it does not shrink when the head turns.
    pub(crate) fn width(&self) -> f32 {
        let across = from_to(self.points[LEFT_EDGE], self.points[RIGHT_EDGE]);
        dot(across, across).sqrt()
    }

    /// The middle of all points.
    pub(crate) fn middle(&self) -> [f32; 2] {
        let count = self.points.len().max(1) as f32;
        [0, 1].map(|axis| self.points.iter().map(|point| point[axis]).sum::<f32>() / count)
    }

    /// Where to look for the same face in the next frame.
    pub(crate) fn square(&self) -> Square {
        let eyes = from_to(self.points[LEFT_EYE], self.points[RIGHT_EYE]);
        let turn = eyes[1].atan2(eyes[0]);
        let (sin, cos) = turn.sin_cos();
        let (mut least, mut most) = ([f32::MAX; 2], [f32::MIN; 2]);
        for point in &self.points {
            let level = [point[0] * cos + point[1] * sin, point[1] * cos - point[0] * sin];
            for axis in 0..2 {
                least[axis] = least[axis].min(level[axis]);
                most[axis] = most[axis].max(level[axis]);
            }
        }
        let middle = [f32::midpoint(least[0], most[0]), f32::midpoint(least[1], most[1])];
        let center = [middle[0] * cos - middle[1] * sin, middle[0] * sin + middle[1] * cos];
        Square { center, side: 1.5 * (most[0] - least[0]).max(most[1] - least[1]), turn }
    }
}

fn from_to(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [b[0] - a[0], b[1] - a[1], b[2] - a[2]]
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn unit(a: [f32; 3]) -> [f32; 3] {
    let length = dot(a, a).sqrt().max(f32::MIN_POSITIVE);
    a.map(|value| value / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A head of the four named points, turned.
    fn turned(yaw: f32, pitch: f32) -> Mesh {
        let (yaw, pitch) = (yaw.to_radians(), pitch.to_radians());
        let turn = |[x, y, z]: [f32; 3]| {
            let (y, z) = (y * pitch.cos() - z * pitch.sin(), y * pitch.sin() + z * pitch.cos());
            [x * yaw.cos() - z * yaw.sin(), y, x * yaw.sin() + z * yaw.cos()]
        };
        let mut points = vec![[0.0; 3]; POINTS];
        for (point, place) in [(LEFT_EDGE, [-50.0, 0.0, 0.0]), (RIGHT_EDGE, [50.0, 0.0, 0.0]), (FOREHEAD, [0.0, -60.0, 0.0]), (CHIN, [0.0, 60.0, 0.0])] {
            points[point] = turn(place);
        }
        Mesh { score: 1.0, points }
    }

    #[test]
    fn a_turned_head_reads_back() {
        for (yaw, pitch) in [(0.0, 0.0), (30.0, 0.0), (-25.0, 0.0), (0.0, 20.0), (0.0, -35.0)] {
            let angles = turned(yaw, pitch).angles();
            assert!((angles.yaw - yaw).abs() < 0.01 && (angles.pitch - pitch).abs() < 0.01, "{yaw} {pitch}: {angles:?}");
            assert!((turned(yaw, pitch).width() - 100.0).abs() < 0.01);
        }
    }
}
