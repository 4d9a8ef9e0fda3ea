//! From a zone or a payload to fields.

use chrono::NaiveDate;

use super::{CitizenCode, Field, FieldName, Source, VietnameseNumber, Zone};
use crate::base::Pii;

const CHECKED: f32 = 0.99;
const UNCHECKED: f32 = 0.9;
const BROKEN: f32 = 0.5;

/// The fields of a zone. `today` decides the century of birth, unless a Vietnamese number does.
pub fn fields_of_zone(zone: &Zone, repaired: bool, place: Option<[f32; 4]>, today: NaiveDate) -> Vec<Field> {
    let closed = zone.is_valid();
    let confidence = |usual: f32| {
        if !closed {
            BROKEN
        } else if repaired {
            usual.min(0.8)
        } else {
            usual
        }
    };
    let national = national_number(zone);
    let (surname, given) = zone.names();
    let full = [surname.as_str(), given.as_str()].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let birth = zone.birth(today).map(|birth| in_century_of(birth, national.as_deref()));
    let is_chip_card = zone.lines().len() == 3 && national.is_some();
    let internal = russian_internal_number(zone);
    let number = if is_chip_card { national.clone().unwrap_or_default() } else { internal.clone().unwrap_or_else(|| zone.number()) };
    let personal = if is_chip_card || internal.is_some() { String::new() } else { national.unwrap_or_else(|| personal_number(zone)) };
    [
        (FieldName::Number, number, CHECKED),
        (FieldName::FullName, full, UNCHECKED),
        (FieldName::Surname, surname, UNCHECKED),
        (FieldName::GivenNames, given, UNCHECKED),
        (FieldName::BirthDate, birth.map(|date| date.to_string()).unwrap_or_default(), CHECKED),
        (FieldName::Sex, zone.sex().map(String::from).unwrap_or_default(), UNCHECKED),
        (FieldName::Nationality, zone.nationality(), UNCHECKED),
        (FieldName::ExpiryDate, zone.expiry().map(|date| date.to_string()).unwrap_or_default(), CHECKED),
        (FieldName::Issuer, zone.issuer(), UNCHECKED),
        (FieldName::PersonalNumber, personal, CHECKED),
    ]
    .into_iter()
    .filter(|(_, value, _)| !value.is_empty())
    .map(|(name, value, usual)| Field { name, value: Pii::new(value), source: Source::Mrz, confidence: confidence(usual), place })
    .collect()
}

/// The fields of a citizen card's QR code.
pub fn fields_of_code(code: &CitizenCode, place: Option<[f32; 4]>) -> Vec<Field> {
    let date = |date: Option<NaiveDate>| date.map(|date| date.to_string());
    [
        (FieldName::Number, Some(code.number.clone())),
        (FieldName::PersonalNumber, code.old_number.clone()),
        (FieldName::FullName, Some(code.name.clone())),
        (FieldName::BirthDate, date(code.birth)),
        (FieldName::Sex, code.sex.map(String::from)),
        (FieldName::Residence, code.residence.clone()),
        (FieldName::IssueDate, date(code.issue)),
        (FieldName::ExpiryDate, date(code.expiry)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(Field { name, value: Pii::new(value?), source: Source::Qr, confidence: CHECKED, place }))
    .collect()
}

/// The twelve digits in the optional field of a Vietnamese zone. On the chip card their last nine are the document number.
fn national_number(zone: &Zone) -> Option<String> {
    if zone.issuer() != "VNM" {
        return None;
    }
    let digits: String = zone.optional().chars().take(12).collect();
    VietnameseNumber::parse(&digits)?;
    (zone.lines().len() == 2 || digits[3..] == zone.number()).then_some(digits)
}

/// The internal passport of Russia has a number of ten digits, of which the zone's field holds nine: the fourth begins the optional data.
fn russian_internal_number(zone: &Zone) -> Option<String> {
    let is_internal = zone.lines().first().is_some_and(|line| line.starts_with("PNRUS"));
    let (number, optional) = (zone.number(), zone.optional());
    let fourth = optional.chars().next().filter(char::is_ascii_digit)?;
    (is_internal && number.len() == 9 && number.bytes().all(|letter| letter.is_ascii_digit())).then(|| format!("{}{fourth}{}", &number[..3], &number[3..]))
}

fn in_century_of(birth: NaiveDate, national: Option<&str>) -> NaiveDate {
    use chrono::Datelike;
    let year = national.and_then(VietnameseNumber::parse).map(|number| number.birth_year).filter(|year| year % 100 == birth.year() % 100);
    year.and_then(|year| birth.with_year(year)).unwrap_or(birth)
}

/// Optional data that is not the tail of a long document number.
fn personal_number(zone: &Zone) -> String {
    let optional = zone.optional();
    if zone.number().len() > 9 { String::new() } else { optional }
}
