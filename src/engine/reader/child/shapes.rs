//! From printed words to values: each shape accepts only what can be such a value.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use super::layouts::Shape;
use crate::engine::document::fold_name;

/// The value in `text`, normalised, and how much its shape vouches for it (0…1).
pub(super) fn value(shape: Shape, text: &str) -> Option<(String, f32)> {
    let text: String = text.nfc().collect();
    match shape {
        Shape::Date => date(&text).map(|date| (date.to_string(), 0.9)),
        Shape::Digits(lengths) => digits(&text, lengths).map(|digits| (digits, 0.9)),
        Shape::Name => name(&text).map(|name| (name, 0.0)),
        Shape::Text => plain(&text).map(|text| (text, 0.0)),
        Shape::Sex => sex(&text).map(|sex| (sex.to_owned(), 0.88)),
        Shape::Country => country(&text).map(|country| (country, 0.88)),
        Shape::Code => code(&text).map(|code| (code, 0.0)),
    }
}

/// `14/07/1995` anywhere in the text, separators as the camera left them.
fn date(text: &str) -> Option<NaiveDate> {
    let like_digits: String = text.chars().map(as_digit).filter(|letter| !letter.is_whitespace()).collect();
    let numbers: Vec<&str> = like_digits.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let parted = numbers.windows(3).find_map(|parts| {
        let [day, month, year] = parts else { return None };
        let fits = day.len() <= 2 && month.len() <= 2 && year.len() == 4;
        fits.then(|| NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)).flatten()
    });
    let whole = || numbers.iter().find(|part| part.len() == 8).and_then(|part| NaiveDate::parse_from_str(part, "%d%m%Y").ok());
    parted.or_else(whole).filter(|date| *date >= NaiveDate::MIN.max(NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or(NaiveDate::MIN)))
}

/// A run of digits of one of these lengths; blanks within are forgiven.
fn digits(text: &str, lengths: &[usize]) -> Option<String> {
    let exact = text.split(|letter: char| !letter.is_ascii_alphanumeric()).map(|part| part.chars().map(as_digit).collect::<String>());
    let is_number = |part: &String| lengths.contains(&part.len()) && part.bytes().all(|letter| letter.is_ascii_digit());
    exact.clone().find(is_number).or_else(|| Some(exact.filter(|part| part.bytes().all(|letter| letter.is_ascii_digit())).collect()).filter(is_number))
}

fn as_digit(letter: char) -> char {
    match letter {
        'O' | 'o' | 'Q' => '0',
        'I' | 'l' | '|' => '1',
        'S' => '5',
        'B' => '8',
        'Z' => '2',
        other => other,
    }
}

/// Words of capital letters; the first word that is not one ends the name.
fn name(text: &str) -> Option<String> {
    let cleaned = text.trim_matches(|letter: char| !letter.is_alphabetic());
    let is_word = |word: &&str| word.chars().all(|letter| letter.is_alphabetic() && !letter.is_lowercase() || matches!(letter, '-' | '\''));
    let words: Vec<&str> = cleaned.split_whitespace().take_while(is_word).collect();
    let joined = words.join(" ");
    (joined.chars().count() >= 2 && joined.chars().count() <= 80).then_some(joined)
}

fn plain(text: &str) -> Option<String> {
    let trimmed = text.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != ')').trim();
    let letters = trimmed.chars().filter(|letter| letter.is_alphanumeric()).count();
    (letters >= 3 && trimmed.chars().count() <= 200).then(|| trimmed.to_owned())
}

fn sex(text: &str) -> Option<&'static str> {
    let words = fold_name(text);
    words.split(' ').find_map(|word| match word {
        "NU" | "F" | "FEMALE" => Some("F"),
        "NAM" | "M" | "MALE" => Some("M"),
        "X" => Some("X"),
        _ => None,
    })
}

fn country(text: &str) -> Option<String> {
    let folded = fold_name(text);
    if folded.replace(' ', "").starts_with("VIETNAM") {
        return Some("VNM".to_owned());
    }
    let is_code = |word: &&str| word.len() == 3 && word.bytes().all(|letter| letter.is_ascii_uppercase());
    text.split_whitespace().find(is_code).map(str::to_owned)
}

fn code(text: &str) -> Option<String> {
    let is_code = |word: &&str| {
        (6..=12).contains(&word.len())
            && word.bytes().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
            && word.bytes().filter(u8::is_ascii_digit).count() >= 3
    };
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).find(is_code).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_accept_only_what_can_be_such_a_value() {
        let read = |shape, text: &str| value(shape, text).map(|(value, _)| value);
        let cases: [(Shape, &str, Option<&str>); 19] = [
            (Shape::Date, ": 14/07/1995", Some("1995-07-14")),
            (Shape::Date, "l4.O7.1995", Some("1995-07-14")),
            (Shape::Date, "14 / 07 / 1995", Some("1995-07-14")),
            (Shape::Date, "31/02/1995", None),
            (Shape::Date, "14/07/95", None),
            (Shape::Digits(&[12]), "001195012345", Some("001195012345")),
            (Shape::Digits(&[12]), "0011950 12345", Some("001195012345")),
            (Shape::Digits(&[12]), "00119501234", None),
            (Shape::Digits(&[9, 12]), "SỐ 012345678", Some("012345678")),
            (Shape::Name, "NGUYỄN THỊ MINH KHAI", Some("NGUYỄN THỊ MINH KHAI")),
            (Shape::Name, ": ĐẶNG QUỐC ƯỚC — x", Some("ĐẶNG QUỐC ƯỚC")),
            (Shape::Name, "12", None),
            (Shape::Text, "Tổ 5, Quận 1.", Some("Tổ 5, Quận 1")),
            (Shape::Sex, "Nữ", Some("F")),
            (Shape::Sex, "NAM / M", Some("M")),
            (Shape::Sex, "?", None),
            (Shape::Country, "Việt Nam", Some("VNM")),
            (Shape::Country, "UTO", Some("UTO")),
            (Shape::Code, "C1234567", Some("C1234567")),
        ];
        for (shape, text, wanted) in cases {
            assert_eq!(read(shape, text).as_deref(), wanted, "{shape:?} {text}");
        }
    }
}
