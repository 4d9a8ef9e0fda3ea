//! Numbers that states give to their people and that say something about them.
//!
//! | State | Number | Says | Source |
//! |---|---|---|---|
//! | VNM | 12 digits | province, sex, year of birth | Decree 137/2015/NĐ-CP, article 13 |
//! | BGR | EGN, 10 digits | day of birth, sex, check digit | Ordinance RD-02-20-9/2012 of the Bulgarian ministry of regional development, articles 102–106 |
//! | POL | PESEL, 11 digits | day of birth, sex, check digit | Act on the register of persons of 24 September 2010, article 15 |
//! | NLD | BSN, 9 digits | check digit | Decree on the citizen service number (Besluit burgerservicenummer), the test of eleven |

use chrono::NaiveDate;

mod digits;
mod vietnam;

pub use digits::{is_bsn, is_polish_card_number};
pub use vietnam::VietnameseNumber;

/// What a number says about its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tells {
    /// Year of birth.
    pub birth_year: Option<i32>,
    /// Day of birth.
    pub birth: Option<NaiveDate>,
    /// `M` or `F`.
    pub sex: Option<char>,
}

impl Tells {
    /// Whether somebody born on this day can have the number.
    pub fn agrees_with_birth(&self, birth: NaiveDate) -> bool {
        use chrono::Datelike;
        self.birth.is_none_or(|told| told == birth) && self.birth_year.is_none_or(|year| year == birth.year())
    }

    /// Whether somebody of this sex (`M`, `F` or `X`) can have the number.
    pub fn agrees_with_sex(&self, sex: &str) -> bool {
        self.sex.is_none_or(|told| sex.chars().eq([told]) || sex == "X")
    }
}

/// What the personal number of a state says; `None` when it is not one of its numbers (form, check digit, province, a day that never was).
/// States without a rule here tell nothing and refuse nothing.
pub fn tells(state: &str, number: &str) -> Option<Tells> {
    match state {
        "VNM" => {
            let number = VietnameseNumber::parse(number).filter(VietnameseNumber::is_plausible)?;
            Some(Tells { birth_year: Some(number.birth_year), birth: None, sex: Some(number.sex) })
        }
        "BGR" => digits::egn(number),
        "POL" => digits::pesel(number),
        "NLD" => is_bsn(number).then_some(Tells { birth_year: None, birth: None, sex: None }),
        _ => Some(Tells { birth_year: None, birth: None, sex: None }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(birth: (i32, u32, u32), sex: char) -> Tells {
        let birth = NaiveDate::from_ymd_opt(birth.0, birth.1, birth.2);
        Tells { birth_year: birth.map(|birth| chrono::Datelike::year(&birth)), birth, sex: Some(sex) }
    }

    #[test]
    fn numbers_of_each_state_say_what_their_rule_says() {
        // EGN: the example of the Bulgarian civil registry (7523169263) and its cases before 1900 and after 2000.
        // PESEL: the example of the Polish ministry of digital affairs (02070803628 for 8 July 1902), 44051401359 of the rule's first text.
        let cases = [
            ("BGR", "7523169263", Some(told((1875, 3, 16), 'M'))),
            ("BGR", "8001010008", Some(told((1980, 1, 1), 'M'))),
            ("BGR", "7501020018", Some(told((1975, 1, 2), 'F'))),
            ("BGR", "7552010005", Some(told((2075, 12, 1), 'M'))),
            ("BGR", "7501020011", None),
            ("BGR", "7513020018", None),
            ("POL", "44051401359", Some(told((1944, 5, 14), 'M'))),
            ("POL", "02070803628", Some(told((1902, 7, 8), 'F'))),
            ("POL", "44051401358", None),
            ("POL", "4405140135", None),
            ("NLD", "111222333", Some(Tells { birth_year: None, birth: None, sex: None })),
            ("NLD", "123456782", Some(Tells { birth_year: None, birth: None, sex: None })),
            ("NLD", "123456783", None),
            ("NLD", "000000000", None),
            ("VNM", "001195012345", Some(Tells { birth_year: Some(1995), birth: None, sex: Some('F') })),
            ("VNM", "003195012345", None),
            ("UTO", "anything", Some(Tells { birth_year: None, birth: None, sex: None })),
        ];
        for (state, number, wanted) in cases {
            assert_eq!(tells(state, number), wanted, "{state} {number}");
        }
    }

    #[test]
    fn the_number_of_a_polish_card_closes() {
        // The specimen of the Polish ministry of the interior is ABA300000.
        for (number, closes) in [("ABA300000", true), ("ABA400000", false), ("ABA30000", false), ("AB1300000", false)] {
            assert_eq!(is_polish_card_number(number), closes, "{number}");
        }
    }

    proptest! {
        /// The weights of all three are prime to their modulus but for known gaps: a wrong digit is caught or names another day.
        #[test]
        fn a_wrong_digit_is_never_taken_for_the_right_number(at in 0usize..9, digit in 0u8..10) {
            let number = "123456782";
            let mut wrong = number.as_bytes().to_vec();
            prop_assume!(wrong[at] != b'0' + digit);
            wrong[at] = b'0' + digit;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert!(!is_bsn(&wrong), "{}", wrong);
        }

        #[test]
        fn nothing_panics(state in "VNM|BGR|POL|NLD|UTO", number in "\\PC{0,20}|[0-9]{9,12}") {
            let _ = (tells(&state, &number), is_polish_card_number(&number));
        }
    }
}
