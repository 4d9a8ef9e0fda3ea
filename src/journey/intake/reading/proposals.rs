//! From readings to the form: one proposal per field, with the place it was read from. Pure.

use crate::{
    base::{Pii, id::CaptureId},
    engine::document::{self, DisagreementCode, DocumentKind, Field, FieldName, Reading, Side, Source},
    journey::intake::{details::form, disagreements::Contradiction},
};

/// What the reading puts on the form.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Proposal {
    /// Which field.
    pub(super) name: FieldName,
    /// Its value.
    pub(super) value: Pii<String>,
    /// Where it was read.
    pub(super) source: Source,
    /// 0…1.
    pub(super) confidence: f32,
    /// The photograph it stands on.
    pub(super) capture: Option<CaptureId>,
    /// Where on that photograph, as fractions.
    pub(super) place: Option<[f32; 4]>,
    /// Please check.
    pub(super) doubtful: bool,
}

/// Under this confidence the customer is asked to check.
const SURE: f32 = 0.85;

/// Merges what was read on the sides of one document into proposals for its form; a contradicted field is to be checked. Empty when
/// nothing useful was read.
pub(super) fn proposals(kind: DocumentKind, sides: &[(Side, CaptureId, Reading)], contradictions: &[Contradiction]) -> Vec<Proposal> {
    let plain: Vec<(Side, Reading)> = sides.iter().map(|(side, _, reading)| (*side, reading.clone())).collect();
    let merged = document::merge(kind, &plain);
    form::fields(kind)
        .iter()
        .filter_map(|(name, _)| {
            let field = best(&merged, *name).cloned().or_else(|| derived(&merged, *name))?;
            let value = form::normalised(*name, field.value.expose());
            if value.is_empty() || value.chars().count() > form::VALUE_MAX {
                return None;
            }
            // What is said of a zone as a whole is weighed field by field in the merged reading: one that another source confirms stands.
            let of_fields = || contradictions.iter().filter(|one| !matches!(one.code, DisagreementCode::CheckDigits | DisagreementCode::ZoneRepaired));
            let is_contradicted = |name: &FieldName| merged.doubtful.contains(name) || of_fields().any(|one| one.fields.contains(name));
            let doubtful = field.confidence < SURE || is_contradicted(name) || is_contradicted(&field.name);
            Some(Proposal {
                name: *name,
                capture: origin(sides, &field),
                value: Pii::new(value),
                source: field.source,
                confidence: field.confidence,
                place: field.place,
                doubtful,
            })
        })
        .collect()
}

fn best(merged: &Reading, name: FieldName) -> Option<&Field> {
    merged.fields.iter().find(|field| field.name == name)
}

/// A full name put together from the parts of a machine-readable zone. It lacks the marks of the real name: to be checked.
fn derived(merged: &Reading, name: FieldName) -> Option<Field> {
    if name != FieldName::FullName {
        return None;
    }
    let surname = best(merged, FieldName::Surname)?;
    let given = best(merged, FieldName::GivenNames).map(|field| field.value.expose().as_str()).unwrap_or_default();
    let value = format!("{} {given}", surname.value.expose()).trim().to_owned();
    Some(Field { value: Pii::new(value), confidence: surname.confidence.min(SURE - 0.01), ..surname.clone() })
}

/// The photograph a merged field came from.
fn origin(sides: &[(Side, CaptureId, Reading)], merged: &Field) -> Option<CaptureId> {
    let holder = |same: &dyn Fn(&Field) -> bool| sides.iter().find(|(_, _, reading)| reading.fields.iter().any(same)).map(|(_, capture, _)| *capture);
    holder(&|field| field.name == merged.name && field.source == merged.source && field.place == merged.place && field.value == merged.value)
        .or_else(|| holder(&|field| field.name == merged.name && field.source == merged.source && field.place == merged.place))
        .or_else(|| holder(&|field| field.name == merged.name && field.source == merged.source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;

    fn field(name: FieldName, value: &str, source: Source, confidence: f32) -> Field {
        Field { name, value: Pii::new(value.to_owned()), source, confidence, place: Some([0.1, 0.2, 0.3, 0.1]) }
    }

    fn capture(number: u128) -> CaptureId {
        CaptureId::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn a_proposal_knows_the_photograph_it_stands_on() {
        let front = Reading { fields: vec![field(FieldName::Residence, "Hà Nội", Source::Print, 0.6)], ..Reading::default() };
        let back = Reading { fields: vec![field(FieldName::Number, "001187000123", Source::Mrz, 0.99)], ..Reading::default() };
        let found = proposals(DocumentKind::CitizenCard, &[(Side::Front, capture(1), front), (Side::Back, capture(2), back)], &[]);
        let of = |name| found.iter().find(|p| p.name == name).expect("proposed");
        assert_eq!(of(FieldName::Number).capture, Some(capture(2)));
        assert_eq!(of(FieldName::Residence).capture, Some(capture(1)));
        assert!(of(FieldName::Residence).doubtful, "a weak reading is to be checked");
    }

    #[test]
    fn a_name_from_the_machine_readable_zone_is_to_be_checked() {
        let back = Reading {
            fields: vec![field(FieldName::Surname, "NGUYEN", Source::Mrz, 0.99), field(FieldName::GivenNames, "THI MINH KHAI", Source::Mrz, 0.99)],
            ..Reading::default()
        };
        let found = proposals(DocumentKind::CitizenCard, &[(Side::Back, capture(2), back)], &[]);
        let name = found.iter().find(|p| p.name == FieldName::FullName).expect("put together");
        assert_eq!(name.value.expose(), "NGUYEN THI MINH KHAI");
        assert!(name.doubtful);
    }

    #[test]
    fn nothing_read_proposes_nothing() {
        for kind in DocumentKind::ALL {
            assert_eq!(proposals(kind, &[(Side::Front, capture(1), Reading::default())], &[]), vec![]);
        }
    }
}
