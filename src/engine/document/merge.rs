//! One reading out of several sides: the best value of each field, and every contradiction as doubt.

use super::{DocumentKind, Reading, Side, cross_check};

/// Joins what was read from the sides of one document. Answers one value per field and names as doubtful what is unsure, contradicted or
/// implausible; [`cross_check`] also says why.
pub fn merge(kind: DocumentKind, sides: &[(Side, Reading)]) -> Reading {
    cross_check(kind, sides).into_reading()
}
