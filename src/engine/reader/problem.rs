//! What can be wrong with a photograph, and the measures it is judged by.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is wrong with a photograph.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct Problem {
    /// Which; the page has a sentence and an advice for each.
    pub code: ProblemCode,
    /// Whether it alone refuses the picture.
    pub refuses: bool,
    /// The measured value.
    pub value: f32,
}

/// Why a photograph is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum ProblemCode {
    /// No document in the picture.
    NoDocument,
    /// Part of it is outside.
    Cropped,
    /// Not sharp.
    Blurred,
    /// Too dark.
    TooDark,
    /// Too bright.
    TooBright,
    /// A reflection covers part of it.
    Glare,
    /// Too far away: too few pixels.
    TooSmall,
    /// The other side was asked for.
    WrongSide,
    /// Another document than the chosen one.
    WrongDocument,
}

/// What was measured on a photograph.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Variance of the second difference in the direction that is blurred most, in the sharpest tiles of the document over the usual ones.
    pub sharpness: f32,
    /// Mean brightness of the document, 0…255.
    pub luma: f32,
    /// Share of the document covered by the largest blown-out patch, 0…1.
    pub glare: f32,
    /// Width of the document in pixels of the upright picture; 0 when no outline was found.
    pub document_width: f32,
    /// Smallest distance of a corner of the document to the edge of the picture, as a share of the picture; negative when outside.
    pub margin: f32,
}
