//! One reading out of several sides.

use super::{DocumentKind, Reading, Side};

/// Joins what was read from the sides of one document: values by trust, contradictions as doubt.
pub fn merge(kind: DocumentKind, sides: &[(Side, Reading)]) -> Reading {
    let _ = kind;
    let mut all = Reading::default();
    for (_, reading) in sides {
        all.fields.extend(reading.fields.iter().cloned());
        all.mrz = all.mrz.or_else(|| reading.mrz.clone());
        all.doubtful.extend(reading.doubtful.iter().copied());
    }
    all
}
