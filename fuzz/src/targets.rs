//! What must hold whatever comes in. The fuzzer calls these; `tests/fuzz/corpora.rs` replays the corpora through the same ones.

use chrono::NaiveDate;

use super::document::{
    CitizenCode, DocumentKind, Field, FieldName, Mrz, Reading, Side, Source, VietnameseNumber, Zone, disagreements, fields_of_code, fields_of_zone, fold_name,
    is_same_name,
    layouts::{Evidence, fits, plain},
    merge,
};

/// Lines of a machine-readable zone, parted by line feeds.
pub fn mrz(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').take(8).collect();
    let Some(zone) = Zone::new(&lines) else { return };
    let again = Zone::new(&zone.lines()).expect("a zone's own lines are a zone");
    assert_eq!(again.lines(), zone.lines());
    assert_eq!(again.is_valid(), zone.is_valid());
    assert!(!zone.is_valid() || zone.failed().is_empty());
    let today = NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day of the calendar");
    for repaired in [false, true] {
        for field in fields_of_zone(&zone, repaired, None, today) {
            sound(&field);
            assert!(field.source == Source::Mrz && (zone.is_valid() || field.confidence <= 0.5), "an open zone is never trusted: {:?}", field.name);
        }
    }
    let alike = |line: usize, at: usize| match zone.lines()[line].as_bytes()[at] {
        b'0' => b"OQD".to_vec(),
        b'1' => b"I7".to_vec(),
        b'8' => b"B".to_vec(),
        b'5' => b"S".to_vec(),
        _ => Vec::new(),
    };
    if let Some(mended) = zone.repaired(alike) {
        let differing = |(one, other): (String, String)| one.bytes().zip(other.bytes()).filter(|(a, b)| a != b).count();
        assert!(mended.is_valid());
        assert_eq!(zone.lines().into_iter().zip(mended.lines()).map(differing).sum::<usize>(), 1, "one position, never two");
    }
}

/// The text of a QR code.
pub fn payload(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some(code) = CitizenCode::parse(&text) else { return };
    assert!(code.number.len() == 12 && code.number.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(VietnameseNumber::parse(&code.number).is_some());
    assert!(!code.name.chars().any(char::is_control));
    for field in fields_of_code(&code, None) {
        sound(&field);
        assert_eq!(field.source, Source::Qr);
    }
}

/// Readings of two sides, one per line: `<side><source><field><confidence>value`, each of the first four one byte.
pub fn cross_check(data: &[u8]) {
    const NAMES: [FieldName; 13] = [
        FieldName::Number,
        FieldName::FullName,
        FieldName::Surname,
        FieldName::GivenNames,
        FieldName::BirthDate,
        FieldName::Sex,
        FieldName::Nationality,
        FieldName::ExpiryDate,
        FieldName::IssueDate,
        FieldName::Issuer,
        FieldName::Residence,
        FieldName::Origin,
        FieldName::PersonalNumber,
    ];
    let mut sides = [(Side::Front, Reading::default()), (Side::Back, Reading::default())];
    for line in data.split(|byte| *byte == b'\n').take(40) {
        let [side, source, name, confidence, value @ ..] = line else { continue };
        let field = Field {
            name: NAMES[usize::from(*name) % NAMES.len()],
            value: super::Pii::new(String::from_utf8_lossy(value).into_owned()),
            source: [Source::Qr, Source::Mrz, Source::Print][usize::from(*source) % 3],
            confidence: f32::from(*confidence) / 255.0,
            place: None,
        };
        let reading = &mut sides[usize::from(*side) % 2].1;
        if field.source == Source::Mrz && reading.mrz.is_none() {
            reading.mrz = Some(Mrz { lines: Vec::new(), valid: side & 4 == 0, repaired: side & 8 != 0 });
        }
        reading.fields.push(field);
    }
    for kind in DocumentKind::ALL {
        let merged = merge(kind, &sides);
        // A name may be put together from the letters of the zone and the marks of the print: then both were read.
        let is_name = |field: &Field| matches!(field.name, FieldName::FullName | FieldName::Surname | FieldName::GivenNames);
        let read: Vec<&Field> = sides.iter().flat_map(|(_, reading)| &reading.fields).collect();
        for (nth, field) in merged.fields.iter().enumerate() {
            assert!(is_name(field) || read.iter().any(|one| one.name == field.name && one.value == field.value), "nothing is made up: {:?}", field.name);
            assert!((0.0..=1.0).contains(&field.confidence), "{:?}", field.name);
            assert!(merged.fields[..nth].iter().all(|other| other.name != field.name), "one value per field: {:?}", field.name);
        }
        for one in disagreements(kind, &sides, &merged) {
            assert!(!one.fields.is_empty() && !one.readings.is_empty());
            let was_read =
                |field: &Field| is_name(field) || read.iter().any(|one| one.name == field.name && one.value == field.value && one.source == field.source);
            assert!(one.readings.iter().all(|witness| was_read(&witness.field)), "every witness was read");
        }
    }
    let text = String::from_utf8_lossy(data);
    let folded = fold_name(&text);
    assert!(folded.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '), "{folded}");
    assert_eq!(fold_name(&folded), folded, "folding is done once");
    assert!(folded.is_empty() || is_same_name(&text, &folded), "{folded}");
}

/// Lines of print as read, after one byte that says what else is known.
pub fn layout(data: &[u8]) {
    let [known, rest @ ..] = data else { return };
    let text = String::from_utf8_lossy(rest);
    let print: Vec<String> = text.lines().take(60).map(str::to_owned).collect();
    let zone = Zone::new(&print.iter().filter(|line| line.contains('<')).collect::<Vec<_>>());
    let kind = DocumentKind::ALL.get(usize::from(known % 8)).copied();
    let evidence = Evidence {
        zone: zone.as_ref(),
        code_fields: (known & 8 != 0).then_some(usize::from(known >> 4)),
        print: &print,
        aspect: (known & 16 != 0).then(|| 1.0 + f32::from(*known) / 255.0),
    };
    let found = fits(evidence, kind);
    assert!(!found.is_empty() && found.iter().all(|fit| fit.score.is_finite() && kind.is_none_or(|kind| fit.layout.kind == kind)));
    assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score), "best first");
    assert!(found.iter().all(|fit| fit.face().is_some_and(|face| face.side == fit.side)));
    for line in &print {
        assert!(plain(line).bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()), "{line}");
    }
}

fn sound(field: &Field) {
    let value = field.value.expose();
    assert!(!value.is_empty() && value.len() <= 4_000 && (0.0..=1.0).contains(&field.confidence));
    if matches!(field.name, FieldName::BirthDate | FieldName::ExpiryDate | FieldName::IssueDate) {
        assert!(value.parse::<NaiveDate>().is_ok(), "a date is a date: {:?}", field.name);
    }
    if field.name == FieldName::Sex {
        assert!(["M", "F", "X"].contains(&value.as_str()));
    }
}
