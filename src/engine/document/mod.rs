//! What identity documents say and how they say it: MRZ, QR payloads, check digits, national numbers. Pure: no pixels.
//!
//! Start reading at [`Reading`]: what the reader found on one side, field by field with source and confidence.

mod merge;
mod reading;

pub use merge::merge;
pub use reading::{DocumentKind, Field, FieldName, Mrz, Reading, Side, Source};
