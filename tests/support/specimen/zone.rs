//! Machine-readable zones of the specimens (ICAO 9303 parts 3 to 5).

use unicode_normalization::UnicodeNormalization;

use super::{Person, people::Holder};

/// Weights 7, 3, 1; digits as themselves, A…Z as 10…35, `<` as 0.
pub fn check_digit(text: &str) -> char {
    let sum: u32 = text.chars().zip([7, 3, 1].into_iter().cycle()).map(|(c, weight)| weight * c.to_digit(36).unwrap_or(0)).sum();
    char::from_digit(sum % 10, 10).expect("a remainder of ten")
}

/// In the letters of a zone: without diacritics, in capitals.
pub fn folded(name: &str) -> String {
    let plain = name.replace(['Đ', 'đ'], "D").replace(['Ł', 'ł'], "L").replace(['Ö', 'ö'], "OE").replace(['Ü', 'ü'], "UE");
    plain.nfd().filter(char::is_ascii).collect::<String>().to_uppercase()
}

/// `NGUYỄN THỊ` → `Nguyễn Thị`.
pub fn capitalised(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_string() + &letters.as_str().to_lowercase())
    };
    name.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

pub(super) fn citizen(person: &Person) -> Vec<String> {
    let short = &person.number[3..];
    let first = format!("IDVNM{short}{}{}<<{}", check_digit(short), person.number, check_digit(&person.number));
    td1(&first, "VNM", person)
}

pub(super) fn other(person: &Person) -> Vec<String> {
    let number = format!("{:<<9}", person.card_number);
    td1(&format!("IDUTO{number}{}", check_digit(&number)), "UTO", person)
}

/// Three lines of thirty: `head` (kind, state, number and its check digit, optional data), dates, names.
pub(super) fn td1_of(head: &str, nationality: &str, holder: &Holder, optional: &str) -> Vec<String> {
    let first = filled(head, 30);
    let (birth, expiry) = (dated(&holder.birth().zone()), dated(&holder.expiry().zone()));
    let second = filled(&format!("{birth}{}{expiry}{nationality}{optional}", holder.sex()), 29);
    let composite = check_digit(&format!("{}{}{}{}", &first[5..30], &second[..7], &second[8..15], &second[18..29]));
    vec![first, format!("{second}{composite}"), filled(&names_of(holder), 30)]
}

/// Two lines of forty-four.
pub(super) fn td3_of(kind: &str, state: &str, holder: &Holder, personal: &str) -> Vec<String> {
    let number = format!("{:<<9}", holder.number);
    let personal = filled(personal, 14);
    let check = if personal.starts_with('<') { '<' } else { check_digit(&personal) };
    let (birth, expiry) = (dated(&holder.birth().zone()), dated(&holder.expiry().zone()));
    let second = format!("{number}{}{state}{birth}{}{expiry}{personal}{check}", check_digit(&number), holder.sex());
    let composite = check_digit(&format!("{}{}{}", &second[..10], &second[13..20], &second[21..43]));
    vec![filled(&format!("{kind}{state}{}", names_of(holder)), 44), format!("{second}{composite}")]
}

fn names_of(holder: &Holder) -> String {
    let words = |name: &str| name.replace([' ', '-'], "<").replace('\'', "");
    format!("{}<<{}", words(&holder.surname_latin), words(&holder.given_latin))
}

fn td1(first: &str, nationality: &str, person: &Person) -> Vec<String> {
    let first = filled(first, 30);
    let (birth, expiry) = (dated(&person.birth.zone()), dated(&person.expiry.zone()));
    let second = filled(&format!("{birth}{}{expiry}{nationality}", person.sex), 29);
    let composite = check_digit(&format!("{}{}{}{}", &first[5..30], &second[..7], &second[8..15], &second[18..29]));
    vec![first, format!("{second}{composite}"), filled(&names(person), 30)]
}

pub(super) fn passport(person: &Person) -> Vec<String> {
    let number = format!("{:<<9}", person.passport_number);
    let personal = filled(&person.number, 14);
    let second = format!(
        "{number}{}VNM{}{}{}{personal}{}",
        check_digit(&number),
        dated(&person.birth.zone()),
        person.sex,
        dated(&person.expiry.zone()),
        check_digit(&personal)
    );
    let composite = check_digit(&format!("{}{}{}", &second[..10], &second[13..20], &second[21..43]));
    vec![filled(&format!("P<VNM{}", names(person)), 44), format!("{second}{composite}")]
}

fn names(person: &Person) -> String {
    format!("{}<<{}", folded(person.surname()), folded(person.given_names()).replace(' ', "<"))
}

fn dated(date: &str) -> String {
    format!("{date}{}", check_digit(date))
}

fn filled(text: &str, length: usize) -> String {
    format!("{text:<<length$}").chars().take(length).collect()
}
