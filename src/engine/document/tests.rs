//! Examples of the standard, and what must hold for every zone.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::{
    mrz::{Alphabet, Check, Format, check_digit},
    *,
};
use crate::base::Pii;

/// ICAO 9303 part 3 §4.9 and appendix A, part 4 appendix B, part 5 appendix A and B, part 6 appendix, part 7 appendices.
const TD3: [&str; 2] = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
const TD2: [&str; 2] = ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"];
const TD1: [&str; 3] = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"];
const TD1_LONG: [&str; 3] = ["I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"];
const MRVA: [&str; 2] = ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"];
const MRVB: [&str; 2] = ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"];

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

#[test]
fn the_standards_check_digit_examples_close() {
    for (text, digit) in [("520727", b'3'), ("AB2134<<<", b'5'), ("L898902C3", b'6'), ("740812", b'2'), ("120415", b'9'), ("ZE184226B<<<<<", b'1')] {
        assert_eq!(check_digit(text.as_bytes()), digit, "{text}");
    }
}

#[test]
fn the_standards_zones_are_valid_and_say_what_they_say() {
    let cases: [(&[&str], Format, &str); 6] = [
        (&TD3, Format::Td3, "L898902C3"),
        (&TD2, Format::Td2, "D23145890"),
        (&TD1, Format::Td1, "D23145890"),
        (&TD1_LONG, Format::Td1, "D23145890734"),
        (&MRVA, Format::MrvA, "L8988901C"),
        (&MRVB, Format::MrvB, "L8988901C"),
    ];
    for (lines, format, number) in cases {
        let zone = Zone::new(lines).unwrap();
        assert_eq!((zone.format(), zone.number().as_str()), (format, number));
        let broken_by_print = format == Format::MrvA;
        assert!(zone.is_valid() || broken_by_print, "{lines:?} {:?}", zone.failed());
    }
    let anna = Zone::new(&TD3).unwrap();
    assert_eq!((anna.issuer().as_str(), anna.nationality().as_str(), anna.sex()), ("UTO", "UTO", Some('F')));
    assert_eq!((anna.birth(today()), anna.expiry()), (NaiveDate::from_ymd_opt(1974, 8, 12), NaiveDate::from_ymd_opt(2012, 4, 15)));
    assert_eq!(anna.optional(), "ZE184226B");
}

#[test]
fn an_empty_optional_field_may_carry_a_filler_or_a_zero() {
    let with = |digit: char| {
        let head = format!("L898902C36UTO7408122F1204159<<<<<<<<<<<<<<{digit}");
        let composite = check_digit(format!("{}{}{}", &head[..10], &head[13..20], &head[21..43]).as_bytes());
        Zone::new(&[TD3[0].to_owned(), format!("{head}{}", char::from(composite))]).unwrap()
    };
    assert!(with('<').is_valid() && with('0').is_valid() && !with('1').is_valid());
}

#[test]
fn a_birth_is_never_in_the_future() {
    let born = |text: &str| {
        let line = format!("D231458907UTO{text}{}F1204159<<<<<<<6", char::from(check_digit(text.as_bytes())));
        Zone::new(&[TD2[0], &line]).unwrap().birth(today())
    };
    assert_eq!(born("261122"), NaiveDate::from_ymd_opt(2026, 11, 22));
    assert_eq!(born("261123"), NaiveDate::from_ymd_opt(1926, 11, 23));
    assert_eq!(born("000229"), NaiveDate::from_ymd_opt(2000, 2, 29));
    assert_eq!(born("990230"), None);
    assert_eq!(born("<<<<<<"), None);
}

#[test]
fn other_shapes_are_no_zone() {
    assert!(Zone::new(&["SHORT", "SHORT"]).is_none());
    assert!(Zone::new(&[TD1[0], TD1[1]]).is_none());
    assert!(Zone::new(&[TD3[0].to_lowercase().as_str(), TD3[1]]).is_none());
    assert!(Zone::new(&[] as &[&str]).is_none());
}

#[test]
fn one_confusable_position_is_repaired_and_two_never() {
    let zone = Zone::new(&[TD3[0], &TD3[1].replace("L898902C3", "L89890ZC3")]).unwrap();
    assert_eq!(zone.failed(), [Check::Number, Check::Composite]);
    let confusable = |_: usize, at: usize| if at == 6 { b"2".to_vec() } else { Vec::new() };
    assert_eq!(zone.repaired(confusable).unwrap().lines()[1], TD3[1]);
    let twice = Zone::new(&[TD3[0], &TD3[1].replace("L898902C3", "L8989OZC3")]).unwrap();
    assert!(twice.repaired(|_, _| b"0123456789OZ".to_vec()).is_none());
}

#[test]
fn a_chip_cards_zone_gives_the_twelve_digits_and_its_century() {
    let lines = ["IDVNM1950123452001195012345<<3", "9507144F3507142VNM<<<<<<<<<<<4", "NGUYEN<<THI<MINH<KHAI<<<<<<<<<"];
    let zone = Zone::new(&lines).unwrap();
    assert!(zone.is_valid(), "{:?}", zone.failed());
    let fields = fields_of_zone(&zone, false, None, today());
    let value = |name| fields.iter().find(|field| field.name == name).map(|field| field.value.expose().as_str());
    assert_eq!(value(FieldName::Number), Some("001195012345"));
    assert_eq!(value(FieldName::FullName), Some("NGUYEN THI MINH KHAI"));
    assert_eq!((value(FieldName::BirthDate), value(FieldName::ExpiryDate)), (Some("1995-07-14"), Some("2035-07-14")));
    assert_eq!(value(FieldName::PersonalNumber), None);
}

#[test]
fn a_russian_internal_passports_number_is_put_together() {
    let zone = Zone::new(&["PNRUSIVANOV<<IVAN<<<<<<<<<<<<<<<<<<<<<<<<<<<", "4510000006RUS8001019M<<<<<<<4010101770001<50"]).unwrap();
    let fields = fields_of_zone(&zone, false, None, today());
    let value = |name| fields.iter().find(|field| field.name == name).map(|field| field.value.expose().as_str());
    assert_eq!((value(FieldName::Number), value(FieldName::PersonalNumber)), (Some("4514000000"), None));
}

fn field(name: FieldName, value: &str, source: Source, confidence: f32) -> Field {
    Field { name, value: Pii::new(value.to_owned()), source, confidence, place: None }
}

fn joined(fields: Vec<Field>, mrz: Option<Mrz>) -> Reading {
    merge(DocumentKind::CitizenCard, &[(Side::Front, Reading { fields, mrz, ..Reading::default() })])
}

#[test]
fn a_name_keeps_its_diacritics_when_the_zone_agrees() {
    use FieldName::FullName;
    let agreed = joined(vec![field(FullName, "NGUYEN THI A", Source::Mrz, 0.9), field(FullName, "NGUYỄN THỊ Á", Source::Print, 0.88)], None);
    assert_eq!((agreed.fields[0].value.expose().as_str(), agreed.doubtful.len()), ("NGUYỄN THỊ Á", 0));
    let contradicted = joined(vec![field(FullName, "NGUYEN THI A", Source::Mrz, 0.9), field(FullName, "NGUYỄN THỊ B", Source::Print, 0.88)], None);
    assert_eq!((contradicted.fields[0].value.expose().as_str(), contradicted.doubtful), ("NGUYỄN THỊ A", vec![FullName]));
}

#[test]
fn contradictions_low_confidence_and_broken_zones_are_doubtful() {
    use FieldName::{BirthDate, Number, Sex};
    let number = "001195012345";
    let sure = vec![field(Number, number, Source::Qr, 0.99), field(BirthDate, "1995-07-14", Source::Qr, 0.99), field(Sex, "F", Source::Qr, 0.99)];
    assert_eq!(joined(sure.clone(), None).doubtful, []);
    let mut other = sure.clone();
    other.push(field(Number, "001195012346", Source::Mrz, 0.99));
    assert_eq!(joined(other, None).doubtful, [Number]);
    let mut wrong_year = sure.clone();
    wrong_year[1] = field(BirthDate, "1994-07-14", Source::Qr, 0.99);
    assert_eq!(joined(wrong_year, None).doubtful, [Number, BirthDate]);
    let weak = vec![field(BirthDate, "1995-07-14", Source::Print, 0.6)];
    assert_eq!(joined(weak, None).doubtful, [BirthDate]);
    let zone = |valid, repaired| Some(Mrz { lines: Vec::new(), valid, repaired });
    let from_zone = vec![field(BirthDate, "1995-07-14", Source::Mrz, 0.99)];
    assert_eq!(joined(from_zone.clone(), zone(true, false)).doubtful, []);
    assert_eq!(joined(from_zone.clone(), zone(false, false)).doubtful, [BirthDate]);
    assert_eq!(joined(from_zone, zone(true, true)).doubtful, [BirthDate]);
}

fn zones() -> impl Strategy<Value = Vec<String>> {
    let number = "[A-Z0-9]{5,9}";
    let date = (0u32..100, 1u32..13, 1u32..29).prop_map(|(year, month, day)| format!("{year:02}{month:02}{day:02}"));
    let names = "[A-Z]{2,12}<<[A-Z]{2,10}(<[A-Z]{2,6})?";
    (number, date.clone(), date, "[MFX<]", names, 0usize..3)
        .prop_map(|(number, birth, expiry, sex, names, format)| drawn(&number, &birth, &expiry, &sex, &names, format))
}

fn drawn(number: &str, birth: &str, expiry: &str, sex: &str, names: &str, format: usize) -> Vec<String> {
    let digit = |text: &str| char::from(check_digit(text.as_bytes()));
    let filled = |text: String, length: usize| format!("{text:<<length$}").chars().take(length).collect::<String>();
    let number = filled(number.to_owned(), 9);
    let dates = format!("{birth}{}{sex}{expiry}{}", digit(birth), digit(expiry));
    if format == 0 {
        let first = filled(format!("IDUTO{number}{}", digit(&number)), 30);
        let second = filled(format!("{dates}UTO"), 29);
        let composite = digit(&format!("{}{}{}{}", &first[5..], &second[..7], &second[8..15], &second[18..29]));
        return vec![first, format!("{second}{composite}"), filled(names.to_owned(), 30)];
    }
    let (width, kind) = if format == 1 { (36, "I<") } else { (44, "P<") };
    let mut second = filled(format!("{number}{}UTO{dates}", digit(&number)), width - 1);
    if format == 2 {
        second.replace_range(42..43, "0");
    }
    let composite = digit(&format!("{}{}{}", &second[..10], &second[13..20], &second[21..width - 1]));
    vec![filled(format!("{kind}UTO{names}"), width), format!("{second}{composite}")]
}

proptest! {
    #[test]
    fn any_generated_zone_is_read_back(lines in zones()) {
        let zone = Zone::new(&lines).unwrap();
        prop_assert!(zone.is_valid(), "{:?} {:?}", lines, zone.failed());
        prop_assert_eq!(zone.lines(), lines);
    }

    /// The weights catch every substitution whose values differ by anything but a multiple of ten.
    #[test]
    fn a_single_wrong_character_in_a_checked_field_is_caught(lines in zones(), line in 0usize..2, at in 0usize..44, letter in "[A-Z0-9<]") {
        let zone = Zone::new(&lines).unwrap();
        let td1 = zone.format() == Format::Td1;
        let checked = match (td1, line) {
            (true, 0) => (5..15).contains(&at),
            (true, _) => (0..7).contains(&at) || (8..15).contains(&at),
            (false, 0) => false,
            (false, _) => (0..10).contains(&at) || (13..20).contains(&at) || (21..28).contains(&at),
        };
        prop_assume!(checked);
        let new = letter.as_bytes()[0];
        let value = |letter: u8| match letter { b'0'..=b'9' => i32::from(letter - b'0'), b'A'..=b'Z' => i32::from(letter - b'A') + 10, _ => 0 };
        let mut wrong: Vec<Vec<u8>> = lines.iter().map(|line| line.clone().into_bytes()).collect();
        let old = wrong[line][at];
        prop_assume!((value(old) - value(new)) % 10 != 0);
        wrong[line][at] = new;
        prop_assert!(!Zone::new(&wrong).unwrap().is_valid(), "{} at {line},{at} for {}", char::from(new), char::from(old));
    }

    #[test]
    fn nothing_panics_on_any_lines(lines in proptest::collection::vec("[A-Z0-9<]{30}|[A-Z0-9<]{36}|[A-Z0-9<]{44}|.{0,50}", 0..4)) {
        if let Some(zone) = Zone::new(&lines) {
            let _ = (zone.failed(), zone.names(), fields_of_zone(&zone, false, None, today()), zone.repaired(|_, _| b"01".to_vec()));
        }
    }

    #[test]
    fn nothing_panics_on_any_payload(text in "\\PC{0,200}") {
        let _ = CitizenCode::parse(&text).map(|code| fields_of_code(&code, None));
    }

    #[test]
    fn positions_of_a_valid_zone_fit_their_alphabets(lines in zones()) {
        let zone = Zone::new(&lines).unwrap();
        for (n, line) in lines.iter().enumerate() {
            for (at, letter) in line.bytes().enumerate() {
                prop_assert!(zone.format().alphabet(n, at).allows(letter) || zone.format().alphabet(n, at) == Alphabet::Any);
            }
        }
    }
}
