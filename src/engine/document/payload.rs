//! The QR code of the Vietnamese chip card. It is not signed: it proves nothing, it only reads well.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// What the QR code says: `number|old number|name|ddmmyyyy|Nam/Nữ|residence|ddmmyyyy`; the cards of 2024 add fields, which are passed over.
#[derive(Clone, PartialEq, Eq)]
pub struct CitizenCode {
    /// Twelve digits.
    pub number: String,
    /// The number of an earlier card, nine digits as a rule.
    pub old_number: Option<String>,
    /// Full name with diacritics.
    pub name: String,
    /// Date of birth.
    pub birth: Option<NaiveDate>,
    /// `M` or `F`.
    pub sex: Option<char>,
    /// Place of residence.
    pub residence: Option<String>,
    /// Date of issue.
    pub issue: Option<NaiveDate>,
}

impl CitizenCode {
    /// Reads a payload; `None` when it is no citizen card's.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().nfc().collect();
        let parts: Vec<&str> = text.split('|').map(str::trim).collect();
        let [number, old_number, name, birth, sex, residence, ..] = parts.as_slice() else { return None };
        let is_number = number.len() == 12 && number.bytes().all(|letter| letter.is_ascii_digit());
        let is_name = !name.is_empty() && name.chars().count() <= 120 && !name.chars().any(|letter| letter.is_ascii_digit() || letter.is_control());
        if !is_number || !is_name || parts.len() > 40 {
            return None;
        }
        let filled = |text: &str| (!text.is_empty() && text.chars().count() <= 300).then(|| text.to_owned());
        Some(Self {
            number: (*number).to_owned(),
            old_number: filled(old_number).filter(|old| old.bytes().all(|letter| letter.is_ascii_digit())),
            name: (*name).to_owned(),
            birth: day(birth),
            sex: match sex.to_lowercase().as_str() {
                "nam" => Some('M'),
                "nữ" => Some('F'),
                _ => None,
            },
            residence: filled(residence),
            issue: parts.get(6).and_then(|text| day(text)),
        })
    }
}

/// Never prints the person.
impl std::fmt::Debug for CitizenCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CitizenCode").finish_non_exhaustive()
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    (text.len() == 8).then(|| NaiveDate::parse_from_str(text, "%d%m%Y").ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "001195012345|012345678|Nguyễn Thị Minh Khai|14071995|Nữ|Tổ 5, Bến Nghé, Quận 1|10082021";

    #[test]
    fn the_payload_of_2021_is_read() {
        let code = CitizenCode::parse(OLD).unwrap();
        assert_eq!((code.number.as_str(), code.old_number.as_deref(), code.name.as_str()), ("001195012345", Some("012345678"), "Nguyễn Thị Minh Khai"));
        assert_eq!((code.birth, code.sex), (NaiveDate::from_ymd_opt(1995, 7, 14), Some('F')));
        assert_eq!((code.residence.as_deref(), code.issue), (Some("Tổ 5, Bến Nghé, Quận 1"), NaiveDate::from_ymd_opt(2021, 8, 10)));
    }

    #[test]
    fn the_payload_of_2024_with_more_fields_is_read() {
        let code = CitizenCode::parse(&format!("{OLD}||Nguyễn Văn Cha|Trần Thị Mẹ|")).unwrap();
        assert_eq!(code.issue, NaiveDate::from_ymd_opt(2021, 8, 10));
        let empty = CitizenCode::parse("001195012345||Nguyễn A|14071995|Nữ|").unwrap();
        assert_eq!((empty.old_number, empty.residence, empty.issue), (None, None, None));
    }

    #[test]
    fn decomposed_letters_are_composed() {
        let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(OLD).collect();
        assert_eq!(CitizenCode::parse(&decomposed), CitizenCode::parse(OLD));
    }

    #[test]
    fn other_payloads_are_none() {
        for text in ["", "https://example.org", "1|2|3|4|5|6|7", "001195012345|||14071995|Nữ|x|10082021", "001195012345|1|A1|14071995|Nữ|x|10082021"] {
            assert_eq!(CitizenCode::parse(text), None, "{text}");
        }
        let absurd = format!("001195012345||A|{}", "|".repeat(100));
        assert_eq!(CitizenCode::parse(&absurd), None);
    }
}
