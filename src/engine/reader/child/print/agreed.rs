//! Print that spells what the zone says: on a document whose labels nobody knows it is found wherever it stands.

use super::{
    super::tess::Word,
    is_name,
    labels::{Value, judged},
};
use crate::engine::document::{
    FieldName, is_same_name,
    layouts::{Printed, Shape},
};

/// Most words of one value.
const MOST_WORDS: usize = 6;
/// How much of a zone's length its print may lack or have more: `AE` is one letter in print.
const LENGTH: std::ops::RangeInclusive<usize> = 65..=125;

/// The run of words that spells the zone's value of a field; the surest of several.
pub(super) fn spelt<'a>(printed: &Printed, zone: &str, rows: &'a [Vec<Word>]) -> Option<Value<'a>> {
    let wanted = letters(zone);
    let is_long_enough = |run: &[Word]| LENGTH.contains(&(100 * run.iter().map(|word| letters(&word.text)).sum::<usize>() / wanted.max(1)));
    let found = runs(rows).filter(|run| is_date(printed) || is_long_enough(run)).filter_map(|run| judged(printed, run.iter().collect()));
    found.filter(|(value, ..)| is_same(printed.name, value, zone)).max_by(|(_, one, _), (_, other, _)| one.total_cmp(other))
}

/// The one date on the page that is none of the zone's, when it lies between them.
pub(super) fn between<'a>(printed: &Printed, (birth, expiry): (&str, &str), rows: &'a [Vec<Word>]) -> Option<Value<'a>> {
    let dates = runs(rows).filter_map(|run| judged(printed, run.iter().collect()));
    let mut inside = dates.filter(|(date, ..)| birth < date.as_str() && date.as_str() < expiry);
    let first = inside.next()?;
    inside.all(|(date, ..)| date == first.0).then_some(first)
}

/// Words side by side on a row.
fn runs(rows: &[Vec<Word>]) -> impl Iterator<Item = &[Word]> {
    rows.iter().flat_map(|row| (0..row.len()).flat_map(move |from| (from + 1..=row.len().min(from + MOST_WORDS)).map(move |to| &row[from..to])))
}

/// Whether print says what the zone says.
pub(super) fn is_same(name: FieldName, print: &str, zone: &str) -> bool {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    if is_name(name) { is_same_name(print, zone) } else { plain(print) == plain(zone) }
}

fn is_date(printed: &Printed) -> bool {
    printed.shape == Shape::Date
}

fn letters(text: &str) -> usize {
    text.chars().filter(|letter| letter.is_alphanumeric()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, left: f32, top: f32) -> Word {
        Word { text: text.to_owned(), confidence: 0.9, left, top, right: left + 90.0, bottom: top + 30.0 }
    }

    #[test]
    fn a_value_of_the_zone_is_found_in_any_row_with_the_marks_of_its_print() {
        let rows = [
            vec![word("Příjmení", 0.0, 0.0), word("/", 100.0, 0.0), word("Surname", 200.0, 0.0)],
            vec![word("DVOŘÁKOVÁ,", 0.0, 40.0), word("NOVÁ", 100.0, 40.0), word("a", 200.0, 40.0)],
            vec![word("No.", 0.0, 80.0), word("99003853", 100.0, 80.0), word("9900385", 200.0, 80.0)],
        ];
        let of = |name, shape| Printed { name, labels: Vec::new(), shape, digits: Vec::new(), rows: 1, at: [0.0, 0.0, 1.0, 1.0], twice: false };
        let surname = of(FieldName::Surname, Shape::Name);
        let value = |printed: &Printed, zone: &str| spelt(printed, zone, &rows).map(|(value, ..)| value);
        assert_eq!(value(&surname, "DVORAKOVA NOVA").as_deref(), Some("DVOŘÁKOVÁ NOVÁ"));
        assert_eq!(value(&surname, "NOVA").as_deref(), Some("NOVÁ"));
        assert_eq!(value(&surname, "NOVAK"), None);
        assert_eq!(value(&of(FieldName::Number, Shape::Code), "99003853").as_deref(), Some("99003853"));
        assert_eq!(value(&of(FieldName::Number, Shape::Code), "99003858"), None);
    }

    #[test]
    fn the_date_of_issue_is_the_one_that_the_zone_does_not_have() {
        let issued =
            Printed { name: FieldName::IssueDate, labels: Vec::new(), shape: Shape::Date, digits: Vec::new(), rows: 1, at: [0.0, 0.0, 1.0, 1.0], twice: false };
        let row = |text: &str| text.split(' ').zip(0_u8..).map(|(text, n)| word(text, f32::from(n) * 100.0, 0.0)).collect::<Vec<_>>();
        let value = |lines: &[&str]| {
            let rows: Vec<Vec<Word>> = lines.iter().map(|line| row(line)).collect();
            between(&issued, ("1969-06-22", "2016-03-01"), &rows).map(|(value, ..)| value)
        };
        assert_eq!(value(&["22.06.1969 PRAHA", "01.03.2006 01.03.2016"]).as_deref(), Some("2006-03-01"));
        assert_eq!(value(&["22 JUN 1969", "01 MAR 2006", "x 01/03/2006"]).as_deref(), Some("2006-03-01"));
        assert_eq!(value(&["22.06.1969", "01.03.2016"]), None);
        assert_eq!(value(&["01.03.2006", "02.03.2006"]), None, "either might be it");
    }
}
