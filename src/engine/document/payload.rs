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
    /// Date of expiry, in the codes that carry one.
    pub expiry: Option<NaiveDate>,
    /// How many fields it had: seven in 2021, ten or more in 2024.
    pub parts: usize,
}

impl CitizenCode {
    /// Reads a payload; `None` when it is no citizen card's. Fields may be empty or missing at the end, and unknown ones may follow; a date
    /// after the holder's birth and the issue that is the last of all is taken for the expiry.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().trim_start_matches('\u{feff}').nfc().collect();
        let parts: Vec<&str> = text.split('|').map(str::trim).collect();
        let [number, old_number, name, ..] = parts.as_slice() else { return None };
        let is_number = number.len() == 12 && number.bytes().all(|letter| letter.is_ascii_digit());
        let is_name = !name.is_empty() && name.chars().count() <= 120 && !name.chars().any(|letter| letter.is_ascii_digit() || letter.is_control());
        if !is_number || !is_name || parts.len() > 40 {
            return None;
        }
        let filled = |text: &str| (!text.is_empty() && text.chars().count() <= 300).then(|| text.to_owned());
        let part = |at: usize| parts.get(at).copied().unwrap_or_default();
        let issue = day(part(6));
        let later = || parts.iter().skip(7).filter_map(|text| day(text)).filter(|date| issue.is_some_and(|issue| *date > issue)).max();
        Some(Self {
            number: (*number).to_owned(),
            old_number: filled(old_number).filter(|old| old.bytes().all(|letter| letter.is_ascii_digit())),
            name: name.split_whitespace().collect::<Vec<_>>().join(" "),
            birth: day(part(3)),
            sex: match part(4).to_lowercase().as_str() {
                "nam" => Some('M'),
                "nữ" => Some('F'),
                _ => None,
            },
            residence: filled(part(5)),
            issue,
            expiry: later(),
            parts: parts.len(),
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
        let short = CitizenCode::parse("\u{feff}001195012345||Nguyễn  A").unwrap();
        assert_eq!((short.name.as_str(), short.birth, short.sex, short.parts), ("Nguyễn A", None, None, 3));
        let long = CitizenCode::parse(&format!("{OLD}||Cha|Mẹ|14072035|")).unwrap();
        assert_eq!((long.expiry, long.parts), (NaiveDate::from_ymd_opt(2035, 7, 14), 12));
    }

    #[test]
    fn decomposed_letters_are_composed() {
        let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(OLD).collect();
        assert_eq!(CitizenCode::parse(&decomposed), CitizenCode::parse(OLD));
    }

    #[test]
    fn other_payloads_are_none() {
        for text in
            ["", "https://example.org", "1|2|3|4|5|6|7", "001195012345|||14071995|Nữ|x|10082021", "001195012345|1|A1|14071995|Nữ|x|10082021", "001195012345|"]
        {
            assert_eq!(CitizenCode::parse(text), None, "{text}");
        }
        let absurd = format!("001195012345||A|{}", "|".repeat(100));
        assert_eq!(CitizenCode::parse(&absurd), None);
    }
}
