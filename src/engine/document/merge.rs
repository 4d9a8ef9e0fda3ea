//! One reading out of several sides: the best value of each field, and every contradiction as doubt.

use chrono::NaiveDate;

use super::{DocumentKind, Field, FieldName, Mrz, Reading, Side, Source, VietnameseNumber, fold_name, is_same_name};

/// Below this the customer is asked to check.
const SURE: f32 = 0.85;
/// Below this a reading does not contradict a better one.
const HEARD: f32 = 0.4;

/// Joins what was read from the sides of one document. Answers one value per field (QR before MRZ before print; names with diacritics
/// before names without, when they agree) and names as doubtful what is unsure, contradicted by another source or implausible.
pub fn merge(kind: DocumentKind, sides: &[(Side, Reading)]) -> Reading {
    let all: Vec<&Field> = sides.iter().flat_map(|(_, reading)| &reading.fields).collect();
    let mrz = best_zone(sides);
    let mut merged = Reading { mrz: mrz.cloned(), ..Reading::default() };
    let mut doubtful: Vec<FieldName> = sides.iter().flat_map(|(_, reading)| reading.doubtful.iter().copied()).collect();
    let mut names: Vec<FieldName> = all.iter().map(|field| field.name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let candidates: Vec<&Field> = all.iter().copied().filter(|field| field.name == name).collect();
        let Some(best) = chosen(name, &candidates) else { continue };
        let contradicted = candidates.iter().any(|other| other.confidence >= HEARD && !agree(name, best, other));
        if contradicted || best.confidence < SURE || zone_doubt(best, mrz) {
            doubtful.push(name);
        }
        merged.fields.push(best.clone());
    }
    doubtful.extend(implausible(kind, &merged));
    doubtful.sort_unstable();
    doubtful.dedup();
    merged.doubtful = doubtful;
    merged
}

fn best_zone(sides: &[(Side, Reading)]) -> Option<&Mrz> {
    let zones = sides.iter().filter_map(|(_, reading)| reading.mrz.as_ref());
    zones.max_by_key(|zone| (zone.valid, !zone.repaired))
}

fn chosen<'a>(name: FieldName, candidates: &[&'a Field]) -> Option<&'a Field> {
    let best = candidates.iter().copied().max_by(|a, b| weight(a).total_cmp(&weight(b)))?;
    if is_name(name) && best.source == Source::Mrz {
        let printed = candidates.iter().copied().filter(|field| field.source == Source::Print);
        let same = printed.filter(|field| is_same_name(field.value.expose(), best.value.expose()));
        return same.max_by(|a, b| a.confidence.total_cmp(&b.confidence)).or(Some(best));
    }
    Some(best)
}

/// Trust in the source first, confidence within it; what is hardly legible loses to everything that is.
fn weight(field: &Field) -> f32 {
    let source = match field.source {
        Source::Qr => 3.0,
        Source::Mrz => 2.0,
        Source::Print => 1.0,
    };
    field.confidence + if field.confidence < HEARD { 0.0 } else { source }
}

fn is_name(name: FieldName) -> bool {
    matches!(name, FieldName::FullName | FieldName::Surname | FieldName::GivenNames)
}

fn agree(name: FieldName, best: &Field, other: &Field) -> bool {
    let (a, b) = (best.value.expose(), other.value.expose());
    match name {
        _ if is_name(name) => is_same_name(a, b) || is_same_name(b, a),
        FieldName::Residence | FieldName::Origin | FieldName::Issuer => fold_name(a) == fold_name(b),
        _ => a == b,
    }
}

/// Whether the value hangs on a zone that does not close or was repaired.
fn zone_doubt(best: &Field, zone: Option<&Mrz>) -> bool {
    best.source == Source::Mrz && zone.is_some_and(|zone| !zone.valid || zone.repaired)
}

/// Fields that contradict each other whatever their source.
fn implausible(kind: DocumentKind, reading: &Reading) -> Vec<FieldName> {
    let value = |name: FieldName| reading.fields.iter().find(|field| field.name == name).map(|field| field.value.expose().as_str());
    let date = |name: FieldName| value(name).and_then(|text| text.parse::<NaiveDate>().ok());
    let mut doubts = Vec::new();
    let (birth, issue, expiry) = (date(FieldName::BirthDate), date(FieldName::IssueDate), date(FieldName::ExpiryDate));
    if let (Some(issue), Some(expiry)) = (issue, expiry)
        && issue >= expiry
    {
        doubts.extend([FieldName::IssueDate, FieldName::ExpiryDate]);
    }
    if let (Some(birth), Some(later)) = (birth, issue.or(expiry))
        && birth > later
    {
        doubts.push(FieldName::BirthDate);
    }
    if kind == DocumentKind::CitizenCard
        && let Some(text) = value(FieldName::Number)
    {
        match VietnameseNumber::parse(text) {
            Some(number) => {
                let wrong_year = birth.is_some_and(|birth| !number.agrees_with_birth(birth));
                let wrong_sex = value(FieldName::Sex).is_some_and(|sex| sex != number.sex.to_string());
                if wrong_year {
                    doubts.push(FieldName::BirthDate);
                }
                if wrong_sex {
                    doubts.push(FieldName::Sex);
                }
                if wrong_year || wrong_sex || !number.is_plausible() {
                    doubts.push(FieldName::Number);
                }
            }
            None => doubts.push(FieldName::Number),
        }
    }
    doubts
}
