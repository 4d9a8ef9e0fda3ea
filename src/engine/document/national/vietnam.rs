//! The twelve digits of Vietnam.

use chrono::{Datelike, NaiveDate};

/// What a Vietnamese twelve-digit number says: province of registration 3, century and sex 1, year of birth 2, six more
/// (Decree 137/2015/NĐ-CP, article 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VietnameseNumber {
    /// Code of the province or country of registration.
    pub province: u16,
    /// `M` or `F`.
    pub sex: char,
    /// Year of birth.
    pub birth_year: i32,
}

/// Codes of the 63 provinces (General Statistics Office, in force until the mergers of 2025 and on every card issued before).
const PROVINCES: [u16; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62,
    64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
];

impl VietnameseNumber {
    /// Twelve digits of that structure; the province is not judged here.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 12 || !text.bytes().all(|letter| letter.is_ascii_digit()) {
            return None;
        }
        let century_and_sex: i32 = text[3..4].parse().ok()?;
        let year: i32 = text[4..6].parse().ok()?;
        Some(Self {
            province: text[..3].parse().ok()?,
            sex: if century_and_sex % 2 == 0 { 'M' } else { 'F' },
            birth_year: 1900 + century_and_sex / 2 * 100 + year,
        })
    }

    /// Whether the province is one of Vietnam's; people registered abroad carry a country's code from 101 on.
    pub fn is_plausible(&self) -> bool {
        PROVINCES.contains(&self.province) || (101..=400).contains(&self.province)
    }

    /// Whether it was given to somebody born on this day.
    pub fn agrees_with_birth(&self, birth: NaiveDate) -> bool {
        self.birth_year == birth.year()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_tells_sex_and_year() {
        for (number, sex, birth_year, province) in
            [("001195012345", 'F', 1995, 1), ("040201067890", 'M', 2001, 40), ("079300000001", 'F', 2000, 79), ("025099123456", 'M', 1999, 25)]
        {
            assert_eq!(VietnameseNumber::parse(number), Some(VietnameseNumber { province, sex, birth_year }), "{number}");
            assert!(VietnameseNumber::parse(number).unwrap().is_plausible());
        }
    }

    #[test]
    fn other_shapes_are_no_number() {
        for text in ["", "00119501234", "0011950123456", "00119501234X", "012345678"] {
            assert_eq!(VietnameseNumber::parse(text), None, "{text}");
        }
        assert!(!VietnameseNumber::parse("003195012345").unwrap().is_plausible(), "no province has the code 003");
    }
}
