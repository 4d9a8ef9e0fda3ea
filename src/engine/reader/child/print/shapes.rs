//! From printed words to values: each shape accepts only what can be such a value.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use crate::engine::document::{
    fold_name,
    layouts::{Printed, Shape, plain as folded},
};

/// The value in `text`, normalised, and how much its shape vouches for it (0…1).
pub(super) fn value(printed: &Printed, text: &str) -> Option<(String, f32)> {
    let mut text: String = text.nfc().collect();
    if printed.twice {
        text.truncate(text.find(['/', '|', '\\']).unwrap_or(text.len()));
    }
    match printed.shape {
        Shape::Date => date(&text).map(|date| (date.to_string(), 0.9)),
        Shape::Digits => digits(&text, &printed.digits).map(|digits| (digits, 0.9)),
        Shape::Name => name(&text, false).map(|name| (name, 0.0)),
        Shape::Words => name(&text, true).map(|name| (name, 0.0)),
        Shape::Text => plain(&text).map(|text| (text, 0.0)),
        Shape::Sex => sex(&text).map(|sex| (sex.to_owned(), 0.88)),
        Shape::Country => country(&text).map(|country| (country, 0.88)),
        Shape::Code => code(&text, &printed.digits).map(|code| (code, 0.0)),
    }
}

/// `14/07/1995` or `10 MAA/MAR 1965` anywhere in the text, separators as the camera left them.
fn date(text: &str) -> Option<NaiveDate> {
    let tokens: Vec<String> = text.split(|letter: char| !letter.is_alphanumeric()).filter(|token| !token.is_empty()).map(figures).collect();
    let numbers: Vec<&str> = tokens.iter().map(String::as_str).filter(|token| token.bytes().all(|letter| letter.is_ascii_digit())).collect();
    let of = |day: &str, month: u32, year: &str| {
        let fits = day.len() <= 2 && year.len() == 4;
        fits.then(|| NaiveDate::from_ymd_opt(year.parse().ok()?, month, day.parse().ok()?)).flatten()
    };
    let parted = numbers.windows(3).find_map(|parts| if parts[1].len() <= 2 { of(parts[0], parts[1].parse().ok()?, parts[2]) } else { None });
    let whole = || numbers.iter().find(|part| part.len() == 8).and_then(|part| NaiveDate::parse_from_str(part, "%d%m%Y").ok());
    let named = || {
        let month = tokens.iter().find_map(|token| month(token))?;
        numbers.windows(2).find_map(|parts| of(parts[0], month, parts[1]))
    };
    parted.or_else(whole).or_else(named).filter(|date| *date >= NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or(NaiveDate::MIN))
}

/// A token that has a digit in it is one of digits only; a stroke or blank may have been read as its neighbour's letter.
fn figures(token: &str) -> String {
    let is_number = token.chars().any(|letter| letter.is_ascii_digit());
    if is_number { token.chars().map(as_digit).collect() } else { token.to_owned() }
}

/// The month a word names in Dutch, English or French, by its first three letters.
fn month(word: &str) -> Option<u32> {
    const MONTHS: [&[&str]; 12] = [
        &["JAN"],
        &["FEB", "FEV"],
        &["MAA", "MAR", "MRT"],
        &["APR", "AVR"],
        &["MEI", "MAY", "MAI"],
        &["JUN"],
        &["JUL"],
        &["AUG", "AOU"],
        &["SEP"],
        &["OKT", "OCT"],
        &["NOV"],
        &["DEC"],
    ];
    let word = folded(word);
    let at = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name)))?;
    u32::try_from(at + 1).ok()
}

/// A run of digits of one of these lengths; blanks within are forgiven, and what stands before it.
fn digits(text: &str, lengths: &[usize]) -> Option<String> {
    let tokens: Vec<String> = text.split(|letter: char| !letter.is_ascii_alphanumeric()).map(|part| part.chars().map(as_digit).collect()).collect();
    let figures: Vec<&str> = tokens.iter().map(String::as_str).filter(|part| !part.is_empty() && part.bytes().all(|letter| letter.is_ascii_digit())).collect();
    let is_number = |part: &&str| lengths.contains(&part.len());
    let joined = || (0..figures.len()).map(|from| figures[from..].concat()).find(|part| is_number(&part.as_str()));
    figures.iter().copied().find(is_number).map(str::to_owned).or_else(joined)
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

/// Words of letters, capitals unless `small`; the first word that is not one ends the name.
fn name(text: &str, small: bool) -> Option<String> {
    let cleaned = text.trim_matches(|letter: char| !letter.is_alphabetic());
    let is_letter = |letter: char| letter.is_alphabetic() && (small || !letter.is_lowercase());
    let is_word = |word: &&str| !word.is_empty() && word.chars().all(|letter| is_letter(letter) || matches!(letter, '-' | '\'' | '’'));
    let words: Vec<&str> = cleaned.split_whitespace().map(|word| word.trim_end_matches(|letter: char| !letter.is_alphanumeric())).take_while(is_word).collect();
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
        "NU" | "F" | "FEMALE" | "V" | "K" | "ZH" | "ZHEN" => Some("F"),
        "NAM" | "M" | "MALE" | "MUZH" => Some("M"),
        "X" => Some("X"),
        // `Ж/F` read as one word.
        short if short.len() <= 4 && short.starts_with("ZH") => Some("F"),
        short if short.len() <= 3 && short.starts_with('M') => Some("M"),
        short if short.len() <= 3 && (short.starts_with('K') || short.starts_with('V')) => Some("F"),
        _ => None,
    })
}

fn country(text: &str) -> Option<String> {
    const NAMES: [(&str, &str); 9] = [
        ("VIETNAM", "VNM"),
        ("NEDERLAND", "NLD"),
        ("POLSK", "POL"),
        ("POLISH", "POL"),
        ("BIELGAR", "BGR"),
        ("BULGAR", "BGR"),
        ("BGR", "BGR"),
        ("ROSSIISK", "RUS"),
        ("RUSSIAN", "RUS"),
    ];
    let spelt = folded(text);
    if let Some((_, code)) = NAMES.iter().find(|(name, _)| spelt.contains(name)) {
        return Some((*code).to_owned());
    }
    let is_code = |word: &&str| word.len() == 3 && word.bytes().all(|letter| letter.is_ascii_uppercase());
    text.split_whitespace().find(is_code).map(str::to_owned)
}

/// A token of capitals and digits; `DAB 123456` in two pieces, too. A model of Cyrillic script sees its own letters in it.
fn code(text: &str, lengths: &[usize]) -> Option<String> {
    let text: String = text.chars().map(latin).collect();
    let is_code = |word: &str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let is_long = if lengths.is_empty() { (6..=12).contains(&word.len()) } else { lengths.contains(&word.len()) };
        is_long && word.bytes().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit()) && (digits >= 2 || digits == 1 && word.len() == 9)
    };
    let tokens: Vec<&str> = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|token| !token.is_empty()).collect();
    let is_head = |token: &str| (2..=3).contains(&token.len()) && token.bytes().all(|letter| letter.is_ascii_uppercase());
    let pair = tokens.windows(2).find(|pair| is_head(pair[0]) && pair[1].bytes().all(|letter| letter.is_ascii_digit())).map(<[&str]>::concat);
    let whole = tokens.iter().find(|token| is_code(token)).map(|token| (*token).to_owned());
    pair.filter(|pair| is_code(pair)).or(whole)
}

/// The Latin letter that looks the same.
fn latin(letter: char) -> char {
    const ALIKE: [(char, char); 12] =
        [('А', 'A'), ('В', 'B'), ('Е', 'E'), ('К', 'K'), ('М', 'M'), ('Н', 'H'), ('О', 'O'), ('Р', 'P'), ('С', 'C'), ('Т', 'T'), ('Х', 'X'), ('У', 'Y')];
    ALIKE.iter().find(|(own, _)| *own == letter).map_or(letter, |(_, latin)| *latin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::document::FieldName;

    fn printed(shape: Shape, digits: &[usize], twice: bool) -> Printed {
        Printed { name: FieldName::Number, labels: Vec::new(), shape, digits: digits.to_vec(), rows: 1, at: [0.0, 0.0, 1.0, 1.0], twice }
    }

    #[test]
    fn shapes_accept_only_what_can_be_such_a_value() {
        let cases: [(Shape, &[usize], &str, Option<&str>); 36] = [
            (Shape::Date, &[], ": 14/07/1995", Some("1995-07-14")),
            (Shape::Date, &[], "l4.O7.1995", Some("1995-07-14")),
            (Shape::Date, &[], "14 / 07 / 1995", Some("1995-07-14")),
            (Shape::Date, &[], "Hà Nội, ngày/date 10 tháng/month 08 năm/year 2021", Some("2021-08-10")),
            (Shape::Date, &[], "10 MAA/MAR 1965", Some("1965-03-10")),
            (Shape::Date, &[], "05 OKT/OCT 1999", Some("1999-10-05")),
            (Shape::Date, &[], "31/02/1995", None),
            (Shape::Date, &[], "14/07/95", None),
            (Shape::Digits, &[12], "001195012345", Some("001195012345")),
            (Shape::Digits, &[12], "0011950 12345", Some("001195012345")),
            (Shape::Digits, &[12], "00119501234", None),
            (Shape::Digits, &[9, 12], "SỐ 012345678", Some("012345678")),
            (Shape::Digits, &[9], "71 6798825", Some("716798825")),
            (Shape::Name, &[], "NGUYỄN THỊ MINH KHAI", Some("NGUYỄN THỊ MINH KHAI")),
            (Shape::Name, &[], ": ĐẶNG QUỐC ƯỚC — x", Some("ĐẶNG QUỐC ƯỚC")),
            (Shape::Name, &[], "VÕ KHẮC KHOA_", Some("VÕ KHẮC KHOA")),
            (Shape::Name, &[], "12", None),
            (Shape::Words, &[], "van den Berg", Some("van den Berg")),
            (Shape::Text, &[], "Tổ 5, Quận 1.", Some("Tổ 5, Quận 1")),
            (Shape::Sex, &[], "Nữ", Some("F")),
            (Shape::Sex, &[], "NAM / M", Some("M")),
            (Shape::Sex, &[], "Ж/F", Some("F")),
            (Shape::Sex, &[], "МУЖ.", Some("M")),
            (Shape::Sex, &[], "V/F", Some("F")),
            (Shape::Sex, &[], "?", None),
            (Shape::Country, &[], "Việt Nam", Some("VNM")),
            (Shape::Country, &[], "Nederlandse", Some("NLD")),
            (Shape::Country, &[], "РОССИЙСКАЯ ФЕДЕРАЦИЯ", Some("RUS")),
            (Shape::Country, &[], "България / BGR", Some("BGR")),
            (Shape::Country, &[], "UTO", Some("UTO")),
            (Shape::Code, &[], "C1234567", Some("C1234567")),
            (Shape::Code, &[], "DAB 123456", Some("DAB123456")),
            (Shape::Code, &[], "PASSPORT", None),
            (Shape::Code, &[9], "КТ4376418", Some("KT4376418")),
            (Shape::Code, &[9], "4376418", None),
            (Shape::Code, &[], "SPECI2014", Some("SPECI2014")),
        ];
        for (shape, digits, text, wanted) in cases {
            let read = value(&printed(shape, digits, false), text).map(|(value, _)| value);
            assert_eq!(read.as_deref(), wanted, "{shape:?} {text}");
        }
        let twice = value(&printed(Shape::Name, &[], true), "ИВАНОВА / IVANOVA").map(|(value, _)| value);
        assert_eq!(twice.as_deref(), Some("ИВАНОВА"));
    }
}
