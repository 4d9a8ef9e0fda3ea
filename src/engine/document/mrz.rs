//! Machine-readable zones (ICAO 9303 parts 3 to 7): formats, check digits, what the positions mean.
//!
//! ```text
//! TD1 3×30   composite = line 1 [6–30] + line 2 [1–7] [9–15] [19–29]
//! TD2 2×36   composite = line 2 [1–10] [14–20] [22–35]
//! TD3 2×44   composite = line 2 [1–10] [14–20] [22–43]
//! MRV-A 2×44, MRV-B 2×36   no composite
//! ```

use chrono::{Datelike, NaiveDate};

use super::FieldName;

/// The five layouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Cards, three lines of 30.
    Td1,
    /// Larger cards, two lines of 36.
    Td2,
    /// Passports, two lines of 44.
    Td3,
    /// Visas, two lines of 44.
    MrvA,
    /// Visas, two lines of 36.
    MrvB,
}

impl Format {
    /// Number of lines and characters per line.
    pub fn size(self) -> (usize, usize) {
        match self {
            Self::Td1 => (3, 30),
            Self::Td2 | Self::MrvB => (2, 36),
            Self::Td3 | Self::MrvA => (2, 44),
        }
    }

    /// The format of lines of these lengths; visas begin with `V`.
    pub fn of(lines: &[Vec<u8>]) -> Option<Self> {
        let length = lines.first()?.len();
        if lines.iter().any(|line| line.len() != length) {
            return None;
        }
        let is_visa = lines[0].first() == Some(&b'V');
        match (lines.len(), length) {
            (3, 30) => Some(Self::Td1),
            (2, 36) => Some(if is_visa { Self::MrvB } else { Self::Td2 }),
            (2, 44) => Some(if is_visa { Self::MrvA } else { Self::Td3 }),
            _ => None,
        }
    }

    /// What may stand at a position (0-based).
    pub fn alphabet(self, line: usize, at: usize) -> Alphabet {
        use Alphabet::{Any, Digit, DigitOrFiller, Letter, LetterOrFiller, Sex};
        match (self, line, at) {
            (_, 0, 0) => Letter,
            (_, 0, 2..=4) | (Self::Td1, 1, 15..=17) | (Self::Td1, 2, _) => LetterOrFiller,
            (Self::Td1, 0, 14) => DigitOrFiller,
            (Self::Td1, 0, _) => Any,
            (_, 0, 5..) => LetterOrFiller,
            (_, 0, _) => Any,
            (Self::Td1, 1, 0..=5) => DigitOrFiller,
            (Self::Td1, 1, 6 | 29) => Digit,
            (Self::Td1, 1, 7) => Sex,
            (Self::Td1, 1, 8..=14) => DigitOrFiller,
            (Self::Td1, _, _) => Any,
            (_, _, 9 | 13..=18 | 21..=27) => DigitOrFiller,
            (_, _, 10..=12) => LetterOrFiller,
            (_, _, 19) => Digit,
            (_, _, 20) => Sex,
            (Self::Td3, _, 42) => DigitOrFiller,
            (Self::Td3, _, 43) | (Self::Td2, _, 35) => Digit,
            _ => Any,
        }
    }

    /// Line and first position of the names.
    pub fn names_at(self) -> (usize, usize) {
        if self == Self::Td1 { (2, 0) } else { (0, 5) }
    }

    /// Line and first position of the nationality.
    pub fn nationality_at(self) -> (usize, usize) {
        if self == Self::Td1 { (1, 15) } else { (1, 10) }
    }

    /// Where the country code begins of which a position is part.
    pub fn country_at(self, line: usize, at: usize) -> Option<usize> {
        [(0, 2), self.nationality_at()].into_iter().find(|(code, from)| *code == line && (*from..from + 3).contains(&at)).map(|(_, from)| from)
    }

    /// The check digits: name, positions covered, position of the digit; all as (line, 0-based position).
    fn checks(self) -> Vec<(Check, Vec<(usize, usize)>, (usize, usize))> {
        let span = |line: usize, from: usize, to: usize| (from..to).map(move |at| (line, at));
        let join = |spans: Vec<(usize, usize, usize)>| spans.into_iter().flat_map(|(line, from, to)| span(line, from, to)).collect::<Vec<_>>();
        if self == Self::Td1 {
            return vec![
                (Check::Number, join(vec![(0, 5, 14)]), (0, 14)),
                (Check::Birth, join(vec![(1, 0, 6)]), (1, 6)),
                (Check::Expiry, join(vec![(1, 8, 14)]), (1, 14)),
                (Check::Composite, join(vec![(0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)]), (1, 29)),
            ];
        }
        let mut checks = vec![
            (Check::Number, join(vec![(1, 0, 9)]), (1, 9)),
            (Check::Birth, join(vec![(1, 13, 19)]), (1, 19)),
            (Check::Expiry, join(vec![(1, 21, 27)]), (1, 27)),
        ];
        match self {
            Self::Td3 => {
                checks.push((Check::Optional, join(vec![(1, 28, 42)]), (1, 42)));
                checks.push((Check::Composite, join(vec![(1, 0, 10), (1, 13, 20), (1, 21, 43)]), (1, 43)));
            }
            Self::Td2 => checks.push((Check::Composite, join(vec![(1, 0, 10), (1, 13, 20), (1, 21, 35)]), (1, 35))),
            _ => {}
        }
        checks
    }
}

/// Which characters a position may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// A…Z.
    Letter,
    /// A…Z and `<`.
    LetterOrFiller,
    /// 0…9.
    Digit,
    /// 0…9 and `<`.
    DigitOrFiller,
    /// `M`, `F`, `X` and `<`.
    Sex,
    /// All.
    Any,
}

impl Alphabet {
    /// Whether `letter` may stand here.
    pub fn allows(self, letter: u8) -> bool {
        match self {
            Self::Letter => letter.is_ascii_uppercase(),
            Self::LetterOrFiller => letter.is_ascii_uppercase() || letter == b'<',
            Self::Digit => letter.is_ascii_digit(),
            Self::DigitOrFiller => letter.is_ascii_digit() || letter == b'<',
            Self::Sex => b"MFX<".contains(&letter),
            Self::Any => letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == b'<',
        }
    }
}

/// What a check digit protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// Document number.
    Number,
    /// Date of birth.
    Birth,
    /// Date of expiry.
    Expiry,
    /// Optional data of a passport.
    Optional,
    /// All of these together.
    Composite,
}

/// The check digit of ICAO 9303 part 3 §4.9: weights 7, 3, 1; digits as themselves, A…Z as 10…35, `<` as 0.
pub fn check_digit(text: &[u8]) -> u8 {
    let value = |letter: u8| match letter {
        b'0'..=b'9' => u32::from(letter - b'0'),
        b'A'..=b'Z' => u32::from(letter - b'A') + 10,
        _ => 0,
    };
    let sum: u32 = text.iter().zip([7, 3, 1].into_iter().cycle()).map(|(letter, weight)| value(*letter) * weight).sum();
    b'0' + u8::try_from(sum % 10).unwrap_or(0)
}

/// A zone of the right size and alphabet. Whether its digits close is [`Zone::failed`].
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    format: Format,
    lines: Vec<Vec<u8>>,
}

impl Zone {
    /// Lines of equal, known length out of `A…Z 0…9 <`; anything else is no zone.
    pub fn new(lines: &[impl AsRef<[u8]>]) -> Option<Self> {
        let lines: Vec<Vec<u8>> = lines.iter().map(|line| line.as_ref().to_vec()).collect();
        let format = Format::of(&lines)?;
        lines.iter().flatten().all(|letter| Alphabet::Any.allows(*letter)).then_some(Self { format, lines })
    }

    /// Its layout.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Its lines as text.
    pub fn lines(&self) -> Vec<String> {
        self.lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    }

    /// The check digits that do not close.
    pub fn failed(&self) -> Vec<Check> {
        let checks = self.format.checks().into_iter();
        checks.filter(|(check, covered, digit)| !self.closes(*check, covered, *digit)).map(|(check, ..)| check).collect()
    }

    /// Whether every check digit closes, the dates are dates and the document code is one of the standard's letters.
    pub fn is_valid(&self) -> bool {
        let is_date = |text: &[u8]| text.iter().all(|letter| *letter == b'<') || date_parts(text).is_some() || text.ends_with(b"0229");
        let (birth, expiry) = (self.birth_text(), self.expiry_text());
        self.failed().is_empty() && b"PIACV".contains(&self.lines[0][0]) && is_date(expiry) && (birth.contains(&b'<') || is_date(birth))
    }

    fn closes(&self, check: Check, covered: &[(usize, usize)], (line, at): (usize, usize)) -> bool {
        let text: Vec<u8> = covered.iter().map(|(line, at)| self.lines[*line][*at]).collect();
        let digit = self.lines[line][at];
        match check {
            // An empty optional field may carry `<` instead of 0 (part 4 §4.2.2.2); an absent date may, too.
            Check::Optional | Check::Expiry | Check::Birth if digit == b'<' => text.iter().all(|letter| *letter == b'<'),
            // A TD1 number of more than nine characters puts `<` here and continues in the optional field (part 5 §4.2.2.1).
            Check::Number if digit == b'<' && self.format == Format::Td1 => self.long_number().is_some(),
            _ => check_digit(&text) == digit,
        }
    }

    /// A TD1 number that runs on into the optional field, its own check digit verified.
    fn long_number(&self) -> Option<String> {
        let rest = self.text(0, 15, 30);
        let rest = rest.split('<').next().filter(|rest| !rest.is_empty())?;
        let (more, digit) = rest.split_at(rest.len() - 1);
        let number = format!("{}{more}", self.text(0, 5, 14));
        (check_digit(number.as_bytes()) == digit.as_bytes()[0]).then_some(number)
    }

    fn text(&self, line: usize, from: usize, to: usize) -> String {
        String::from_utf8_lossy(&self.lines[line][from..to]).into_owned()
    }

    fn plain(&self, line: usize, from: usize, to: usize) -> String {
        self.text(line, from, to).trim_matches('<').replace('<', " ")
    }

    /// Issuing state or organisation, three letters (`D` for Germany).
    pub fn issuer(&self) -> String {
        self.plain(0, 2, 5)
    }

    /// Document number without fillers.
    pub fn number(&self) -> String {
        match self.format {
            Format::Td1 if self.lines[0][14] == b'<' => self.long_number().unwrap_or_else(|| self.plain(0, 5, 14)),
            Format::Td1 => self.plain(0, 5, 14),
            _ => self.plain(1, 0, 9),
        }
    }

    /// Nationality, three letters.
    pub fn nationality(&self) -> String {
        if self.format == Format::Td1 { self.plain(1, 15, 18) } else { self.plain(1, 10, 13) }
    }

    /// Optional data of the line with the number (TD1) or of line 2.
    pub fn optional(&self) -> String {
        match self.format {
            Format::Td1 => self.plain(0, 15, 30),
            Format::Td2 => self.plain(1, 28, 35),
            Format::Td3 => self.plain(1, 28, 42),
            Format::MrvA => self.plain(1, 28, 44),
            Format::MrvB => self.plain(1, 28, 36),
        }
    }

    /// `M`, `F` or `X` (unspecified).
    pub fn sex(&self) -> Option<char> {
        match if self.format == Format::Td1 { self.lines[1][7] } else { self.lines[1][20] } {
            b'M' => Some('M'),
            b'F' => Some('F'),
            b'<' | b'X' => Some('X'),
            _ => None,
        }
    }

    /// Primary and secondary identifier, fillers as spaces.
    pub fn names(&self) -> (String, String) {
        let text = if self.format == Format::Td1 { self.text(2, 0, 30) } else { self.text(0, 5, self.format.size().1) };
        let spaced = |part: &str| part.split('<').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let text = text.trim_matches('<');
        text.split_once("<<").map_or_else(|| (spaced(text), String::new()), |(primary, secondary)| (spaced(primary), spaced(secondary)))
    }

    /// Date of expiry: years 00…69 are 2000…2069. The zone is younger than 1980.
    pub fn expiry(&self) -> Option<NaiveDate> {
        let (year, month, day) = date_parts(self.expiry_text())?;
        NaiveDate::from_ymd_opt(if year < 70 { 2000 + year } else { 1900 + year }, month, day)
    }

    /// Date of birth: the latest century that does not put it after `today`.
    pub fn birth(&self, today: NaiveDate) -> Option<NaiveDate> {
        let (year, month, day) = date_parts(self.birth_text())?;
        let this_century = today.year() / 100 * 100;
        let candidates = [this_century + year, this_century - 100 + year].into_iter();
        candidates.filter_map(|year| NaiveDate::from_ymd_opt(year, month, day)).find(|date| *date <= today)
    }

    /// The field that a position belongs to: check digits to what they protect, the document's code to its issuer.
    pub fn field_at(&self, line: usize, at: usize) -> Option<FieldName> {
        field_at(self.format, line, at)
    }

    fn birth_text(&self) -> &[u8] {
        if self.format == Format::Td1 { &self.lines[1][0..6] } else { &self.lines[1][13..19] }
    }

    fn expiry_text(&self) -> &[u8] {
        if self.format == Format::Td1 { &self.lines[1][8..14] } else { &self.lines[1][21..27] }
    }

    /// The zone with one position replaced by one of its likely alternatives so that everything closes; `None` when no such position
    /// exists or more than one would do. Two replacements make false zones valid, so there is never a second one.
    pub fn repaired(&self, alternatives: impl Fn(usize, usize) -> Vec<u8>) -> Option<Self> {
        let covered: std::collections::BTreeSet<(usize, usize)> =
            self.format.checks().into_iter().flat_map(|(_, covered, digit)| covered.into_iter().chain([digit])).collect();
        let mut found: Option<Self> = None;
        for (line, at) in covered {
            for letter in alternatives(line, at) {
                if letter == self.lines[line][at] || !self.format.alphabet(line, at).allows(letter) {
                    continue;
                }
                let mut other = self.clone();
                other.lines[line][at] = letter;
                if other.is_valid() {
                    if found.is_some() {
                        return None;
                    }
                    found = Some(other);
                }
            }
        }
        found
    }
}

/// Never prints the person.
impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Zone").field("format", &self.format).finish_non_exhaustive()
    }
}

fn field_at(format: Format, line: usize, at: usize) -> Option<FieldName> {
    use FieldName::{BirthDate, ExpiryDate, FullName, Issuer, Nationality, Number, PersonalNumber, Sex};
    if format == Format::Td1 {
        return match (line, at) {
            (0, ..=4) => Some(Issuer),
            (0, 5..=14) => Some(Number),
            (0, 15..) => Some(PersonalNumber),
            (1, 0..=6) => Some(BirthDate),
            (1, 7) => Some(Sex),
            (1, 8..=14) => Some(ExpiryDate),
            (1, 15..=17) => Some(Nationality),
            (2, _) => Some(FullName),
            _ => None,
        };
    }
    match (line, at) {
        (0, ..=4) => Some(Issuer),
        (0, _) => Some(FullName),
        (1, 0..=9) => Some(Number),
        (1, 10..=12) => Some(Nationality),
        (1, 13..=19) => Some(BirthDate),
        (1, 20) => Some(Sex),
        (1, 21..=27) => Some(ExpiryDate),
        (1, 28..) => Some(PersonalNumber),
        _ => None,
    }
}

fn date_parts(text: &[u8]) -> Option<(i32, u32, u32)> {
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u32>().ok().filter(|_| digits.iter().all(u8::is_ascii_digit));
    let (year, month, day) = (number(text.get(0..2)?)?, number(text.get(2..4)?)?, number(text.get(4..6)?)?);
    // Leap days exist in one of the centuries; 2000 stands for both.
    NaiveDate::from_ymd_opt(2000 + i32::try_from(year).ok()?, month, day)?;
    Some((i32::try_from(year).ok()?, month, day))
}
