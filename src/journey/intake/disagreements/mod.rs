//! Contradictions between what was read on the photographs of a file: found with every reading, filed, shown to the customer
//! beside the field and to the agent as a list. A newer reading ends those of the one before; nothing is overwritten.

pub(super) mod store;

use serde::{Deserialize, Serialize};

use super::details::form;
use crate::{
    base::{Pii, id::CaptureId},
    engine::document::{self, DisagreementCode, DocumentKind, FieldName, Reading, Side, Source, Witness},
    journey::call::wire::{FileDisagreement, FileReading},
};

/// A contradiction as filed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Contradiction {
    pub(super) code: DisagreementCode,
    /// The fields it casts doubt on.
    pub(super) fields: Vec<FieldName>,
    /// What was read, best first.
    pub(super) readings: Vec<Said>,
}

/// What one source says of one field, as the form would hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) name: FieldName,
    pub(super) value: Pii<String>,
    pub(super) source: Source,
    pub(super) confidence: f32,
    pub(super) capture: Option<CaptureId>,
    pub(super) place: Option<[f32; 4]>,
}

impl Contradiction {
    pub(super) fn view(&self) -> FileDisagreement {
        let reading = |said: &Said| FileReading {
            name: said.name,
            value: said.value.clone(),
            source: said.source,
            confidence: said.confidence,
            capture: said.capture,
            place: said.place,
        };
        FileDisagreement { code: self.code, fields: self.fields.clone(), readings: self.readings.iter().map(reading).collect() }
    }
}

/// The contradictions among what was read on the sides of one document.
pub(super) fn contradictions(kind: DocumentKind, sides: &[(Side, CaptureId, Reading)]) -> Vec<Contradiction> {
    let plain: Vec<(Side, Reading)> = sides.iter().map(|(side, _, reading)| (*side, reading.clone())).collect();
    let found = document::disagreements(kind, &plain, &document::merge(kind, &plain));
    let said = |witness: &Witness| Said {
        name: witness.field.name,
        value: Pii::new(form::normalised(witness.field.name, witness.field.value.expose())),
        source: witness.field.source,
        confidence: witness.field.confidence,
        capture: sides.iter().find(|(side, ..)| *side == witness.side).map(|(_, capture, _)| *capture),
        place: witness.field.place,
    };
    found
        .into_iter()
        .map(|one| {
            let mut readings: Vec<Said> = Vec::new();
            for said in one.readings.iter().map(said) {
                if !readings.iter().any(|seen| seen.name == said.name && seen.value == said.value) {
                    readings.push(said);
                }
            }
            Contradiction { code: one.code, fields: one.fields, readings }
        })
        .filter(|one| one.code != DisagreementCode::SourcesDiffer || one.readings.len() > 1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::id::Id, engine::document::Field};

    fn read(name: FieldName, value: &str, source: Source) -> Reading {
        Reading { fields: vec![Field { name, value: Pii::new(value.to_owned()), source, confidence: 0.95, place: None }], ..Reading::default() }
    }

    fn capture(number: u128) -> CaptureId {
        CaptureId::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn each_reading_knows_its_photograph() {
        let sides = [
            (Side::Front, capture(1), read(FieldName::BirthDate, "1995-07-14", Source::Print)),
            (Side::Back, capture(2), read(FieldName::BirthDate, "1995-01-14", Source::Mrz)),
        ];
        let found = contradictions(DocumentKind::OtherCard, &sides);
        assert_eq!(found.len(), 1);
        let told: Vec<_> = found[0].readings.iter().map(|said| (said.value.expose().as_str(), said.source, said.capture)).collect();
        assert_eq!(told, [("1995-01-14", Source::Mrz, Some(capture(2))), ("1995-07-14", Source::Print, Some(capture(1)))]);
    }

    #[test]
    fn readings_that_the_form_writes_alike_do_not_contradict() {
        let sides = [
            (Side::Front, capture(1), read(FieldName::Number, "l01x00t47", Source::Print)),
            (Side::Back, capture(2), read(FieldName::Number, "L01X00T47", Source::Mrz)),
        ];
        assert_eq!(contradictions(DocumentKind::OtherCard, &sides), vec![]);
    }
}
