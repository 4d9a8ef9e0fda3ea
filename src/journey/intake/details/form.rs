//! The form of each document: which fields, which of them must be filled in, and what a believable value is. Pure.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use crate::engine::document::{DocumentKind, FieldName};

/// How a value is bad; the text is the code on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing stands where something must.
    Required,
    /// Not in the form such a value has.
    Malformed,
    /// More letters than any real value has.
    TooLong,
    /// Well formed and impossible.
    Implausible,
    /// The document is no longer valid.
    Expired,
    /// The page showed an older text.
    Outdated,
}

impl Fault {
    /// The code on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Malformed => "malformed",
            Self::TooLong => "too_long",
            Self::Implausible => "implausible",
            Self::Expired => "expired",
            Self::Outdated => "outdated",
        }
    }
}

/// Longest value of a field of the document, in characters.
pub const VALUE_MAX: usize = 300;
/// Longest e-mail address (RFC 5321 §4.5.3.1.3).
pub const EMAIL_MAX: usize = 254;
/// Longest phone number as typed.
pub const PHONE_MAX: usize = 40;

/// The fields of a document's form in the order they are shown, each with whether it must be filled in.
pub fn fields(kind: DocumentKind) -> &'static [(FieldName, bool)] {
    use FieldName as F;
    match kind {
        DocumentKind::CitizenCard => &[
            (F::FullName, true),
            (F::Number, true),
            (F::BirthDate, true),
            (F::Sex, true),
            (F::Nationality, true),
            (F::Origin, false),
            (F::Residence, false),
            (F::IssueDate, false),
            (F::ExpiryDate, false),
            (F::PersonalNumber, false),
        ],
        DocumentKind::Cmnd => &[
            (F::FullName, true),
            (F::Number, true),
            (F::BirthDate, true),
            (F::Origin, false),
            (F::Residence, false),
            (F::IssueDate, false),
            (F::Issuer, false),
        ],
        DocumentKind::Passport | DocumentKind::OtherCard => &[
            (F::Surname, true),
            (F::GivenNames, false),
            (F::Number, true),
            (F::BirthDate, true),
            (F::Sex, true),
            (F::Nationality, true),
            (F::ExpiryDate, true),
            (F::Issuer, false),
            (F::PersonalNumber, false),
        ],
        DocumentKind::DrivingLicence => &[
            (F::FullName, true),
            (F::Number, true),
            (F::BirthDate, true),
            (F::Nationality, false),
            (F::Residence, false),
            (F::IssueDate, false),
            (F::ExpiryDate, false),
            (F::Issuer, false),
        ],
    }
}

/// A value as it is filed: composed letters (NFC), single spaces, no control characters; numbers and codes in capitals.
pub fn normalised(name: FieldName, value: &str) -> String {
    let text: String = value.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match name {
        FieldName::Number | FieldName::PersonalNumber => capitals(&text.replace(' ', "")),
        FieldName::Sex | FieldName::Nationality => capitals(&text),
        _ => text,
    }
}

/// In capitals, composed again: some capitals come apart (`ῒ`).
fn capitals(text: &str) -> String {
    text.to_uppercase().nfc().collect()
}

/// What is wrong with one normalised value on the form of `kind`, seen on the day `today`.
///
/// # Errors
/// The fault, if there is one.
pub fn check(kind: DocumentKind, name: FieldName, value: &str, today: NaiveDate) -> Result<(), Fault> {
    if value.is_empty() {
        let is_required = fields(kind).iter().any(|(field, required)| *field == name && *required);
        return if is_required { Err(Fault::Required) } else { Ok(()) };
    }
    if value.chars().count() > VALUE_MAX {
        return Err(Fault::TooLong);
    }
    match name {
        FieldName::Number => number(kind, value, today),
        FieldName::PersonalNumber => plain_code(value, 1, 30),
        FieldName::FullName | FieldName::Surname | FieldName::GivenNames => person_name(value),
        FieldName::BirthDate => birth_date(value, today),
        FieldName::IssueDate => date(value).and_then(|day| if day > today || day.year() < 1900 { Err(Fault::Implausible) } else { Ok(()) }),
        FieldName::ExpiryDate => date(value).and_then(|day| match day {
            _ if day < today => Err(Fault::Expired),
            _ if day.year() > today.year() + 60 => Err(Fault::Implausible),
            _ => Ok(()),
        }),
        FieldName::Sex => {
            if matches!(value, "M" | "F" | "X") {
                Ok(())
            } else {
                Err(Fault::Malformed)
            }
        }
        FieldName::Nationality => {
            if value.len() <= 3 && value.bytes().all(|b| b.is_ascii_uppercase()) {
                Ok(())
            } else {
                Err(Fault::Malformed)
            }
        }
        FieldName::Issuer | FieldName::Residence | FieldName::Origin => Ok(()),
    }
}

/// What contradicts itself between the dates of one form: nobody's document was issued before birth, or ends before it began.
pub fn contradictions(values: &[(FieldName, String)]) -> Vec<(FieldName, Fault)> {
    let day = |name| values.iter().find(|(field, _)| *field == name).and_then(|(_, value)| date(value).ok());
    let mut found = Vec::new();
    if let (Some(birth), Some(issue)) = (day(FieldName::BirthDate), day(FieldName::IssueDate))
        && issue < birth
    {
        found.push((FieldName::IssueDate, Fault::Implausible));
    }
    if let (Some(issue), Some(expiry)) = (day(FieldName::IssueDate), day(FieldName::ExpiryDate))
        && expiry <= issue
    {
        found.push((FieldName::ExpiryDate, Fault::Implausible));
    }
    found
}

/// An e-mail address as it is filed.
///
/// # Errors
/// The fault, if there is one. Only the shape is looked at; whether it is the customer's is proved elsewhere.
pub fn email(typed: &str) -> Result<String, Fault> {
    let address = typed.trim();
    if address.is_empty() {
        return Err(Fault::Required);
    }
    if address.len() > EMAIL_MAX {
        return Err(Fault::TooLong);
    }
    let Some((local, domain)) = address.rsplit_once('@') else { return Err(Fault::Malformed) };
    let is_label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let is_local = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    if is_local && domain.contains('.') && domain.split('.').all(is_label) { Ok(address.to_owned()) } else { Err(Fault::Malformed) }
}

/// A phone number as it is filed: digits with an optional leading plus (ITU-T E.164: at most 15 digits).
///
/// # Errors
/// The fault, if there is one.
pub fn phone(typed: &str) -> Result<String, Fault> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(Fault::Required);
    }
    if typed.chars().count() > PHONE_MAX {
        return Err(Fault::TooLong);
    }
    let bare: String = typed.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '/')).collect();
    let digits = bare.strip_prefix('+').unwrap_or(&bare);
    if (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) { Ok(bare) } else { Err(Fault::Malformed) }
}

/// The holder's full name in the order of the holder's country: the field itself, or the parts of a machine-readable zone put together.
pub fn holder_name(values: &[(FieldName, String)]) -> Option<String> {
    let value = |name| values.iter().find(|(field, value)| *field == name && !value.is_empty()).map(|(_, value)| value.as_str());
    if let Some(full) = value(FieldName::FullName) {
        return Some(full.to_owned());
    }
    let surname = value(FieldName::Surname)?;
    let Some(given) = value(FieldName::GivenNames) else { return Some(surname.to_owned()) };
    let country = value(FieldName::Nationality).or_else(|| value(FieldName::Issuer)).unwrap_or_default();
    Some(if SURNAME_FIRST.contains(&country) { format!("{surname} {given}") } else { format!("{given} {surname}") })
}

/// Countries whose people write the family name first.
const SURNAME_FIRST: [&str; 9] = ["VNM", "CHN", "HKG", "TWN", "KOR", "PRK", "JPN", "HUN", "KHM"];

fn number(kind: DocumentKind, value: &str, today: NaiveDate) -> Result<(), Fault> {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    match kind {
        DocumentKind::CitizenCard | DocumentKind::Cmnd if digits && value.len() == 12 => citizen_number(value, today),
        DocumentKind::Cmnd if digits && value.len() == 9 => Ok(()),
        DocumentKind::CitizenCard | DocumentKind::Cmnd => Err(Fault::Malformed),
        DocumentKind::Passport => plain_code(value, 5, 20),
        DocumentKind::DrivingLicence | DocumentKind::OtherCard => plain_code(value, 4, 30),
    }
}

/// Province 001–096, then century and sex, then the year (Decree 137/2015, article 13): nobody is born in the future.
fn citizen_number(value: &str, today: NaiveDate) -> Result<(), Fault> {
    let part = |from: usize, to: usize| value[from..to].parse::<i32>().unwrap_or(i32::MAX);
    let (province, century, year) = (part(0, 3), part(3, 4) / 2, part(4, 6));
    let born = 1900 + century * 100 + year;
    if (1..=96).contains(&province) && born <= today.year() { Ok(()) } else { Err(Fault::Implausible) }
}

fn plain_code(value: &str, min: usize, max: usize) -> Result<(), Fault> {
    match value.len() {
        length if length > max => Err(Fault::TooLong),
        length if length >= min && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"-/.".contains(&b)) => Ok(()),
        _ => Err(Fault::Malformed),
    }
}

fn person_name(value: &str) -> Result<(), Fault> {
    let only_letters = value.chars().all(|c| c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c) || " '’-.,".contains(c));
    match value.chars().count() {
        120.. => Err(Fault::TooLong),
        _ if only_letters && value.chars().any(char::is_alphabetic) => Ok(()),
        _ => Err(Fault::Malformed),
    }
}

fn birth_date(value: &str, today: NaiveDate) -> Result<(), Fault> {
    let day = date(value)?;
    if day > today || day.year() < today.year() - 130 { Err(Fault::Implausible) } else { Ok(()) }
}

fn date(value: &str) -> Result<NaiveDate, Fault> {
    if value.len() != 10 {
        return Err(Fault::Malformed);
    }
    NaiveDate::parse_from_str(value, "%Y-%m-%d").map_err(|_| Fault::Malformed)
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
