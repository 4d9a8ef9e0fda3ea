//! Contradictions by name: between two sources of one field, or between fields that say something about each other.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    DocumentKind, Field, FieldName, Reading, Side, Source,
    crosscheck::{HEARD, says_the_same},
    national::{is_polish_card_number, tells},
};

/// What cannot be true at once. Pages have a sentence for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum DisagreementCode {
    /// Two sources of one field differ.
    SourcesDiffer,
    /// A national number holds another day or year of birth.
    NumberBirth,
    /// A national number holds another sex.
    NumberSex,
    /// A national number has not the form or the check digit of one.
    NumberForm,
    /// Dates in an impossible order.
    DatesOrder,
    /// A check digit of the machine-readable zone does not close.
    CheckDigits,
    /// The machine-readable zone closes only after a correction.
    ZoneRepaired,
}

/// One reading and the side it stands on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Witness {
    /// Which side.
    pub side: Side,
    /// What was read there.
    pub field: Field,
}

/// A named contradiction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Disagreement {
    /// Which.
    pub code: DisagreementCode,
    /// The fields it casts doubt on; for [`DisagreementCode::SourcesDiffer`] exactly one.
    pub fields: Vec<FieldName>,
    /// What was read, best first; no two of one field say the same.
    pub readings: Vec<Witness>,
}

/// Every contradiction among what was read on the sides of one document, given the values that were chosen from it.
pub fn disagreements(kind: DocumentKind, sides: &[(Side, Reading)], merged: &Reading) -> Vec<Disagreement> {
    let mut found: Vec<Disagreement> = merged.fields.iter().filter_map(|best| differing(best, sides)).collect();
    let chosen =
        |name: FieldName| merged.fields.iter().find(|field| field.name == name).map(|field| Witness { side: side_of(sides, field), field: field.clone() });
    let name_them = |code: DisagreementCode, fields: &[FieldName]| Disagreement {
        code,
        fields: fields.to_vec(),
        readings: fields.iter().filter_map(|name| chosen(*name)).collect(),
    };
    found.extend(of_dates(merged).iter().map(|fields| name_them(DisagreementCode::DatesOrder, fields)));
    found.extend(of_numbers(kind, merged).iter().map(|(code, fields)| name_them(*code, fields)));
    let zone = merged.mrz.as_ref();
    let from_zone: Vec<FieldName> = merged.fields.iter().filter(|field| field.source == Source::Mrz).map(|field| field.name).collect();
    if !from_zone.is_empty() && zone.is_some_and(|zone| !zone.valid) {
        found.push(name_them(DisagreementCode::CheckDigits, &from_zone));
    } else if !from_zone.is_empty() && zone.is_some_and(|zone| zone.repaired) {
        found.push(name_them(DisagreementCode::ZoneRepaired, &from_zone));
    }
    found
}

/// The readings of one field that say something else than the chosen one.
fn differing(best: &Field, sides: &[(Side, Reading)]) -> Option<Disagreement> {
    let mut readings = vec![Witness { side: side_of(sides, best), field: best.clone() }];
    let mut others: Vec<Witness> =
        sides.iter().flat_map(|(side, reading)| reading.fields.iter().map(|field| Witness { side: *side, field: field.clone() })).collect();
    others.sort_by(|a, b| b.field.confidence.total_cmp(&a.field.confidence));
    for other in others.into_iter().filter(|other| other.field.name == best.name && other.field.confidence >= HEARD) {
        if !readings.iter().any(|seen| says_the_same(&seen.field, &other.field)) {
            readings.push(other);
        }
    }
    (readings.len() > 1).then_some(Disagreement { code: DisagreementCode::SourcesDiffer, fields: vec![best.name], readings })
}

fn side_of(sides: &[(Side, Reading)], field: &Field) -> Side {
    sides.iter().find(|(_, reading)| reading.fields.contains(field)).map_or(Side::Front, |(side, _)| *side)
}

fn value(merged: &Reading, name: FieldName) -> Option<&str> {
    merged.fields.iter().find(|field| field.name == name).map(|field| field.value.expose().as_str())
}

fn date(merged: &Reading, name: FieldName) -> Option<NaiveDate> {
    value(merged, name)?.parse().ok()
}

/// Pairs of dates of which the first must come before the second, and does not.
fn of_dates(merged: &Reading) -> Vec<[FieldName; 2]> {
    [(FieldName::BirthDate, FieldName::IssueDate), (FieldName::IssueDate, FieldName::ExpiryDate), (FieldName::BirthDate, FieldName::ExpiryDate)]
        .into_iter()
        .filter(|(first, second)| date(merged, *first).zip(date(merged, *second)).is_some_and(|(earlier, later)| earlier >= later))
        .map(|(first, second)| [first, second])
        .collect()
}

/// What the numbers of persons say beside what else stands on the document, and whether they are such numbers at all.
fn of_numbers(kind: DocumentKind, merged: &Reading) -> Vec<(DisagreementCode, Vec<FieldName>)> {
    let state = value(merged, FieldName::Nationality).unwrap_or_default();
    let is_old = |name: FieldName| value(merged, name).is_some_and(|number| number.len() == 9);
    let mut found = Vec::new();
    match kind {
        DocumentKind::CitizenCard => found.extend(of_number(merged, "VNM", FieldName::Number)),
        DocumentKind::Cmnd if !is_old(FieldName::Number) => found.extend(of_number(merged, "VNM", FieldName::Number)),
        DocumentKind::Passport | DocumentKind::OtherCard if !(state == "VNM" && is_old(FieldName::PersonalNumber)) => {
            found.extend(of_number(merged, state, FieldName::PersonalNumber));
        }
        _ => {}
    }
    let is_polish_card = kind == DocumentKind::OtherCard && state == "POL";
    if is_polish_card && value(merged, FieldName::Number).is_some_and(|number| !is_polish_card_number(number)) {
        found.push((DisagreementCode::NumberForm, vec![FieldName::Number]));
    }
    found
}

fn of_number(merged: &Reading, state: &str, name: FieldName) -> Vec<(DisagreementCode, Vec<FieldName>)> {
    let Some(number) = value(merged, name) else { return Vec::new() };
    let Some(told) = tells(state, number) else { return vec![(DisagreementCode::NumberForm, vec![name])] };
    let mut found = Vec::new();
    if date(merged, FieldName::BirthDate).is_some_and(|birth| !told.agrees_with_birth(birth)) {
        found.push((DisagreementCode::NumberBirth, vec![name, FieldName::BirthDate]));
    }
    if value(merged, FieldName::Sex).is_some_and(|sex| !told.agrees_with_sex(sex)) {
        found.push((DisagreementCode::NumberSex, vec![name, FieldName::Sex]));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{super::merge, *};
    use crate::base::Pii;

    fn field(name: FieldName, value: &str, source: Source) -> Field {
        Field { name, value: Pii::new(value.to_owned()), source, confidence: 0.95, place: None }
    }

    fn named(kind: DocumentKind, front: &[Field], back: &[Field]) -> Vec<(DisagreementCode, Vec<FieldName>, Vec<String>)> {
        let side = |fields: &[Field]| Reading { fields: fields.to_vec(), ..Reading::default() };
        let sides = [(Side::Front, side(front)), (Side::Back, side(back))];
        let found = disagreements(kind, &sides, &merge(kind, &sides));
        found.into_iter().map(|one| (one.code, one.fields, one.readings.iter().map(|witness| witness.field.value.expose().clone()).collect())).collect()
    }

    #[test]
    fn each_contradiction_has_its_name() {
        use DisagreementCode as D;
        use FieldName as F;
        let card = DocumentKind::CitizenCard;
        let number = field(F::Number, "001195012345", Source::Qr);
        let cases: [(&[Field], &[Field], Vec<(D, Vec<F>, Vec<&str>)>); 7] = [
            (&[number.clone(), field(F::BirthDate, "1995-07-14", Source::Qr)], &[field(F::Sex, "F", Source::Mrz)], vec![]),
            (
                &[field(F::BirthDate, "1995-07-14", Source::Qr)],
                &[field(F::BirthDate, "1995-01-14", Source::Mrz)],
                vec![(D::SourcesDiffer, vec![F::BirthDate], vec!["1995-07-14", "1995-01-14"])],
            ),
            (&[field(F::FullName, "Đặng Quốc Ước", Source::Qr)], &[field(F::FullName, "DANG QUOC UOC", Source::Mrz)], vec![]),
            (
                &[number.clone(), field(F::BirthDate, "1996-07-14", Source::Qr)],
                &[],
                vec![(D::NumberBirth, vec![F::Number, F::BirthDate], vec!["001195012345", "1996-07-14"])],
            ),
            (&[number], &[field(F::Sex, "M", Source::Mrz)], vec![(D::NumberSex, vec![F::Number, F::Sex], vec!["001195012345", "M"])]),
            (&[field(F::Number, "999195012345", Source::Print)], &[], vec![(D::NumberForm, vec![F::Number], vec!["999195012345"])]),
            (
                &[field(F::IssueDate, "2031-01-01", Source::Print), field(F::ExpiryDate, "2030-01-01", Source::Print)],
                &[],
                vec![(D::DatesOrder, vec![F::IssueDate, F::ExpiryDate], vec!["2031-01-01", "2030-01-01"])],
            ),
        ];
        for (front, back, wanted) in cases {
            let wanted: Vec<_> = wanted.into_iter().map(|(code, fields, values)| (code, fields, values.into_iter().map(String::from).collect())).collect();
            assert_eq!(named(card, front, back), wanted, "{front:?} {back:?}");
        }
    }

    #[test]
    fn numbers_of_other_states_are_weighed_too() {
        use DisagreementCode as D;
        use FieldName as F;
        let codes = |state: &str, fields: &[(F, &str)]| {
            let mut front: Vec<Field> = fields.iter().map(|(name, value)| field(*name, value, Source::Print)).collect();
            front.push(field(F::Nationality, state, Source::Mrz));
            named(DocumentKind::OtherCard, &front, &[]).into_iter().map(|(code, ..)| code).collect::<Vec<_>>()
        };
        let born = (F::BirthDate, "1944-05-14");
        assert_eq!(codes("POL", &[(F::PersonalNumber, "44051401359"), born, (F::Sex, "M"), (F::Number, "ABA300000")]), vec![]);
        assert_eq!(codes("POL", &[(F::PersonalNumber, "44051401359"), (F::BirthDate, "1944-05-15")]), vec![D::NumberBirth]);
        assert_eq!(codes("POL", &[(F::PersonalNumber, "44051401359"), (F::Sex, "F")]), vec![D::NumberSex]);
        assert_eq!(codes("POL", &[(F::Number, "ABA400000")]), vec![D::NumberForm]);
        assert_eq!(codes("BGR", &[(F::PersonalNumber, "7501020011")]), vec![D::NumberForm]);
        assert_eq!(codes("NLD", &[(F::PersonalNumber, "123456783")]), vec![D::NumberForm]);
        assert_eq!(codes("UTO", &[(F::PersonalNumber, "ZE184226B"), born]), vec![]);
    }

    #[test]
    fn three_sources_name_every_other_reading_once() {
        use FieldName::BirthDate;
        let front = [field(BirthDate, "1995-07-14", Source::Qr), field(BirthDate, "1995-07-16", Source::Print)];
        let back = [field(BirthDate, "1995-07-16", Source::Mrz)];
        let found = named(DocumentKind::CitizenCard, &front, &back);
        assert_eq!(found, vec![(DisagreementCode::SourcesDiffer, vec![BirthDate], vec!["1995-07-14".to_owned(), "1995-07-16".to_owned()])]);
    }

    #[test]
    fn what_is_hardly_legible_contradicts_nothing() {
        let weak = Field { confidence: 0.2, ..field(FieldName::BirthDate, "1999-01-01", Source::Print) };
        assert_eq!(named(DocumentKind::CitizenCard, &[field(FieldName::BirthDate, "1995-07-14", Source::Qr), weak], &[]), vec![]);
    }
}
