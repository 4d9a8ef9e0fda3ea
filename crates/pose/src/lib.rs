//! Head pose: faces and angles out of frames, and the judge of what the angles show. One crate for the server's
//! re-measurement of a recording and for the browser (wasm32), so that both see the same numbers.
//!
//! ```text
//! Frame ──Engine::look──▶ Sight ──Sample──▶ judge::{Plan, Judge} ──▶ Verdict
//!          (networks)    faces, yaw,        calibration, steps        passed / failed, why
//!                        pitch, roll, …     pure: no clock, no frame
//! ```
//! The crate knows nothing of calls, customers or files. Start at [`engine`] for the measuring, at [`judge`] for the
//! rules.
//!
//! **Angles** are degrees of the head against the camera: `yaw > 0` is the nose to the right of the picture, which is
//! the customer's own *left* in a picture that is not mirrored; `pitch > 0` is down; `roll > 0` is the head tipped
//! clockwise in the picture. Looking straight ahead is not zero (cameras stand high or low): every person is calibrated.
//!
//! **The networks** are MediaPipe's face detector (short range) and face mesh (468 points), Apache-2.0, cut out of the
//! npm package `@mediapipe/face_mesh` at build (`build.rs`, `NOTICE`) with their SHA-256 checked before and after.
//!
//! **Likeness** (native only) tells how alike two faces are, by dlib's face-recognition network out of the npm package
//! `@vladmandic/face-api` ([`likeness`]): advice for a person, never a verdict.
//!
//! What it cannot do: tell a live face from a face swapped in live or a virtual camera playing a film of the right
//! movements. Prints and photos fail, because they do not turn.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels, degrees and milliseconds: all small, all checked where they come in"
)]

pub mod engine;
mod faces;
mod frame;
pub mod judge;
#[cfg(not(target_arch = "wasm32"))]
pub mod likeness;
mod mesh;
mod net;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use engine::{Engine, Face, Sight};
pub use frame::{Frame, Layout};

/// The networks built in.
pub mod networks {
    /// SHA-256 of [`DETECTOR`].
    pub const DETECTOR_SHA256: &str = "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633";
    /// SHA-256 of [`MESH`].
    pub const MESH_SHA256: &str = "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1";
    /// SHA-256 of [`LIKENESS`].
    #[cfg(not(target_arch = "wasm32"))]
    pub const LIKENESS_SHA256: &str = "b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589";
    /// Answers 128 numbers for a face: 150 × 150 in.
    #[cfg(not(target_arch = "wasm32"))]
    pub static LIKENESS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/face_recognition_model.bin"));
    /// How the bytes of [`LIKENESS`] become numbers.
    #[cfg(not(target_arch = "wasm32"))]
    pub static LIKENESS_SCALES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/face_recognition_model.scales"));
    /// Finds faces: 128 × 128 in, 896 anchors out.
    pub static DETECTOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/face_detection_short_range.tflite"));
    /// Lays 468 points on one face: 192 × 192 in.
    pub static MESH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/face_landmark.tflite"));
}

/// Why nothing was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoseError {
    /// The network is damaged or of another kind.
    Model(&'static str),
    /// The frame is not what it says it is.
    Frame(&'static str),
}

impl std::fmt::Display for PoseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Model(why) => write!(f, "the network is {why}"),
            Self::Frame(why) => write!(f, "the frame is {why}"),
        }
    }
}

impl std::error::Error for PoseError {}
