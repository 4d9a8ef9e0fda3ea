//! Measures one frame after the other: which faces are there and how the largest one is turned.
//!
//! The mesh is laid where the last one was. Tracking alone can lock in to a wrong place and stay there (at 2 frames per
//! second it read +35° where the head stood at −15°), so the detector says anew where the face is: on every frame when
//! frames are sparse, at least on every second one when they come ten times a second.

use crate::{
    PoseError,
    faces::{self, Found},
    frame::{Frame, Square},
    mesh::Mesh,
    net::Net,
};

/// A face counts from this score of the detector on.
const LEAST_SCORE: f32 = 0.5;
/// A mesh counts from this score on.
const LEAST_MESH_SCORE: f32 = 0.5;
/// Sizes are told as if the longer side of every frame had so many pixels.
const MEASURED_SIDE: f32 = 640.0;
/// Frames closer than this may do with the last mesh, every second time.
const DENSE_MS: i64 = 150;

/// The largest face of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// Degrees; `> 0` is the customer's own left in a picture that is not mirrored.
    pub yaw: f32,
    /// Degrees; `> 0` is down.
    pub pitch: f32,
    /// Degrees; `> 0` is clockwise in the picture.
    pub roll: f32,
    /// How sure the mesh is that this is a face, 0–1.
    pub score: f32,
    /// Width of the face in pixels, were the longer side of the frame 640 pixels.
    pub width: f32,
    /// Mean brightness of the face, 0–255.
    pub luma: f32,
    /// The middle of the face, in the same pixels.
    pub middle: [f32; 2],
}

/// What a frame shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Faces the detector found when it last looked.
    pub faces: u32,
    /// The largest of them.
    pub face: Option<Face>,
    /// Equal for frames that are the same picture.
    pub fingerprint: u64,
}

/// The two networks and where the face was.
#[derive(Debug)]
pub struct Engine {
    detector: Net,
    mesh: Net,
    last: Option<Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    at_ms: i64,
    square: Square,
    faces: u32,
    /// Whether the detector looked at that frame.
    is_seeded: bool,
}

impl Engine {
    /// An engine of the networks built in.
    ///
    /// # Errors
    /// [`PoseError::Model`], which would be a mistake of the build.
    pub fn new() -> Result<Self, PoseError> {
        Self::of(crate::networks::DETECTOR, crate::networks::MESH)
    }

    /// An engine of these networks: bytes of `.tflite` files.
    ///
    /// # Errors
    /// [`PoseError::Model`] when they are damaged or others.
    pub fn of(detector: &[u8], mesh: &[u8]) -> Result<Self, PoseError> {
        Ok(Self { detector: Net::load(detector)?, mesh: Net::load(mesh)?, last: None })
    }

    /// Forgets where the face was: another film begins.
    pub fn reset(&mut self) {
        self.last = None;
    }

    /// Measures the frame of the moment `at_ms`; moments rise.
    ///
    /// # Errors
    /// [`PoseError`] when the networks are none; a frame without a face is no error.
    pub fn look(&mut self, frame: &Frame<'_>, at_ms: i64) -> Result<Sight, PoseError> {
        let fingerprint = frame.fingerprint();
        let near = self.last.take().filter(|last| last.is_seeded && (1..=DENSE_MS).contains(&(at_ms - last.at_ms)));
        let (mut seeded, mut faces) = (false, 0);
        let mut square = near.map(|last| {
            faces = last.faces;
            last.square
        });
        for _ in 0..2 {
            if square.is_none() && !seeded {
                let found = faces::find(&mut self.detector, frame, LEAST_SCORE)?;
                faces = u32::try_from(found.len()).unwrap_or(u32::MAX);
                square = largest(&found).map(Found::square);
                seeded = true;
            }
            let Some(place) = square else { break };
            let mesh = Mesh::lay(&mut self.mesh, frame, place)?;
            if mesh.score >= LEAST_MESH_SCORE {
                self.last = Some(Last { at_ms, square: mesh.square(), faces, is_seeded: seeded });
                return Ok(Sight { faces, face: Some(face(&mesh, frame)), fingerprint });
            }
            // Lost: the detector is asked once, unless it has just been asked.
            square = None;
        }
        Ok(Sight { faces, face: None, fingerprint })
    }
}

fn largest(found: &[Found]) -> Option<&Found> {
    found.iter().max_by(|a, b| a.width().total_cmp(&b.width()))
}

fn face(mesh: &Mesh, frame: &Frame<'_>) -> Face {
    let angles = mesh.angles();
    let scale = MEASURED_SIDE / frame.width().max(frame.height()) as f32;
    Face {
        yaw: angles.yaw,
        pitch: angles.pitch,
        roll: angles.roll,
        score: mesh.score,
        width: mesh.width() * scale,
        luma: frame.luma(mesh.points.iter().step_by(3).map(|point| [point[0], point[1]])),
        middle: mesh.middle().map(|place| place * scale),
    }
}
