//! The European numbers: weighted sums over digits.

use chrono::NaiveDate;

use super::Tells;

/// The digits of a text that has exactly `N` of them.
fn digits<const N: usize>(text: &str) -> Option<[u32; N]> {
    let found: Vec<u32> = text.chars().map(|letter| letter.to_digit(10)).collect::<Option<_>>()?;
    found.try_into().ok()
}

fn weighed(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

fn day(digits: &[u32], centuries: &[(u32, i32)]) -> Option<NaiveDate> {
    let pair = |at: usize| digits[at] * 10 + digits[at + 1];
    let month = pair(2);
    let (offset, century) = centuries.iter().copied().find(|(offset, _)| (offset + 1..=offset + 12).contains(&month))?;
    NaiveDate::from_ymd_opt(century + i32::try_from(pair(0)).ok()?, month - offset, pair(4))
}

/// Year, month (+20 before 1900, +40 from 2000), day, two for the region, one for the sex (even: man), check digit.
pub(super) fn egn(number: &str) -> Option<Tells> {
    let digits = digits::<10>(number)?;
    let check = weighed(&digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10;
    let birth = day(&digits, &[(0, 1900), (20, 1800), (40, 2000)])?;
    (check == digits[9]).then_some(tells(birth, digits[8] % 2 == 0))
}

/// Year, month (+80 for 18xx, +20 for 20xx, +40 for 21xx, +60 for 22xx), day, four the last of which tells the sex (odd: man), check digit.
pub(super) fn pesel(number: &str) -> Option<Tells> {
    let digits = digits::<11>(number)?;
    let sum = weighed(&digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    let birth = day(&digits, &[(0, 1900), (20, 2000), (40, 2100), (60, 2200), (80, 1800)])?;
    sum.is_multiple_of(10).then_some(tells(birth, digits[9] % 2 == 1))
}

/// Whether 9a+8b+7c+6d+5e+4f+3g+2h−i is a multiple of eleven.
pub fn is_bsn(number: &str) -> bool {
    let Some(digits) = digits::<9>(number) else { return false };
    let sum = weighed(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    sum > 0 && sum % 11 == digits[8]
}

/// Whether the number of a Polish identity card (three letters, a check digit, five digits) closes: weights 7 3 1 · 7 3 1 7 3.
pub fn is_polish_card_number(number: &str) -> bool {
    let values: Option<Vec<u32>> = number.chars().map(|letter| letter.to_digit(36).filter(|_| !letter.is_ascii_lowercase())).collect();
    let Some(values) = values.filter(|values| values.len() == 9) else { return false };
    let shaped = values[..3].iter().all(|value| *value > 9) && values[3..].iter().all(|value| *value < 10);
    let sum = weighed(&values[..3], &[7, 3, 1]) + weighed(&values[4..], &[7, 3, 1, 7, 3]);
    shaped && sum % 10 == values[3]
}

fn tells(birth: NaiveDate, is_man: bool) -> Tells {
    use chrono::Datelike;
    Tells { birth_year: Some(birth.year()), birth: Some(birth), sex: Some(if is_man { 'M' } else { 'F' }) }
}
