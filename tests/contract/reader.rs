//! The reader as the house uses it: through its pool, with the real program as its child.

use std::{path::PathBuf, sync::OnceLock};

use image::{DynamicImage, ImageFormat, RgbImage};
use visavis::{
    base::Ambient,
    engine::{
        document::{DocumentKind, FieldName, Reading, Side, Source, merge},
        reader::{Look, ProblemCode, Reader, ReaderError, ReaderSettings, Transcript},
    },
};

use crate::support::specimen::{self, Card, DOCUMENTS, Drawn, Person, Scene, SetWish, Split, draw_set, picture};

/// Generous limits: tests share the machine with others.
fn reader() -> Reader {
    let settings = ReaderSettings { workers: 1, timeout_seconds: 120, program: PathBuf::from(env!("CARGO_BIN_EXE_visavis")), ..ReaderSettings::default() };
    Reader::new(settings, Ambient::system())
}

fn coded(frame: RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(frame).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn shot(person: &Person, card: Card, scene: Scene) -> Vec<u8> {
    coded(picture(person, card, &scene), ImageFormat::Jpeg)
}

fn asked(card: Card) -> (DocumentKind, Side) {
    (card.kind().parse().unwrap(), card.side().parse().unwrap())
}

fn value(reading: &Reading, name: FieldName) -> Option<&str> {
    reading.fields.iter().find(|field| field.name == name).map(|field| field.value.expose().as_str())
}

async fn read(reader: &Reader, person: &Person, cards: &[Card], scene: Scene) -> Reading {
    let mut sides = Vec::new();
    for card in cards {
        let (kind, side) = asked(*card);
        let look = reader.look(shot(person, *card, scene), kind, side).await.unwrap();
        assert!(look.accepted, "{card:?} {:?} {:?}", look.measures, look.problems);
        sides.push((side, reader.read(look.normal, kind, side).await.unwrap().reading));
    }
    merge(asked(cards[0]).0, &sides)
}

const TILTED: Scene = Scene { tilt: 4.0, fill: 0.82, ..Scene::CAMERA };

#[tokio::test]
async fn a_chip_card_is_read_from_both_sides_without_a_doubt() {
    let reader = reader();
    for (person, scene) in [(Person::khai(), Scene::CAMERA), (Person::uoc(), Scene { tilt: -5.0, ..TILTED })] {
        let reading = read(&reader, &person, &[Card::CitizenFront, Card::CitizenBack], scene).await;
        assert_eq!(value(&reading, FieldName::Number), Some(person.number.as_str()));
        assert_eq!(value(&reading, FieldName::FullName).map(str::to_uppercase), Some(person.name.clone()));
        assert_eq!(value(&reading, FieldName::BirthDate), Some(person.birth.iso().as_str()));
        assert_eq!(value(&reading, FieldName::ExpiryDate), Some(person.expiry.iso().as_str()));
        assert_eq!(value(&reading, FieldName::IssueDate), Some(person.issue.iso().as_str()));
        assert_eq!(value(&reading, FieldName::Residence), Some(person.residence.as_str()));
        assert_eq!(value(&reading, FieldName::Sex), Some(person.sex.to_string().as_str()));
        let lines: Vec<String> = reading.mrz.as_ref().unwrap().lines.iter().map(|line| line.expose().clone()).collect();
        assert_eq!(lines, person.zone(Card::CitizenBack));
        assert!(reading.mrz.as_ref().unwrap().valid && !reading.mrz.as_ref().unwrap().repaired);
        let key = [FieldName::Number, FieldName::BirthDate, FieldName::ExpiryDate, FieldName::FullName];
        assert!(!reading.doubtful.iter().any(|name| key.contains(name)), "{:?}", reading.doubtful);
    }
}

#[tokio::test]
async fn a_passport_and_a_card_of_another_state_are_read() {
    let (reader, person) = (reader(), Person::khai());
    let passport = read(&reader, &person, &[Card::Passport], TILTED).await;
    assert_eq!(value(&passport, FieldName::Number), Some("C1234567"));
    assert_eq!(value(&passport, FieldName::PersonalNumber), Some(person.number.as_str()));
    assert_eq!(value(&passport, FieldName::ExpiryDate), Some(person.expiry.iso().as_str()));
    let other = read(&reader, &person, &[Card::OtherBack], TILTED).await;
    assert_eq!((value(&other, FieldName::Number), value(&other, FieldName::Surname)), (Some("L01X00T47"), Some("NGUYEN")));
    assert_eq!(value(&other, FieldName::Issuer), Some("UTO"));
}

#[tokio::test]
async fn cards_without_a_zone_are_read_by_their_labels() {
    let (reader, person) = (reader(), Person::khai());
    let cmnd = read(&reader, &person, &[Card::CmndFront, Card::CmndBack], TILTED).await;
    assert_eq!(value(&cmnd, FieldName::Number), Some(person.old_number.as_str()));
    assert_eq!((value(&cmnd, FieldName::BirthDate), value(&cmnd, FieldName::IssueDate)), (Some("1995-07-14"), Some("2021-08-10")));
    assert!(cmnd.fields.iter().all(|field| field.source == Source::Print && field.place.is_some()));
    let licence = read(&reader, &person, &[Card::LicenceFront, Card::LicenceBack], TILTED).await;
    assert_eq!(value(&licence, FieldName::Number), Some(person.licence_number.as_str()));
    assert_eq!((value(&licence, FieldName::BirthDate), value(&licence, FieldName::ExpiryDate)), (Some("1995-07-14"), Some("2035-07-14")));
}

/// One holder's document, all its sides.
fn sides_of(document: &str) -> Vec<Drawn> {
    let wish = SetWish { seed: 2, count: 2, split: Split::Tuning, documents: vec![document.to_owned()], bad: 0.0 };
    let mut drawn = Vec::new();
    draw_set(&wish, |one| drawn.push(one));
    drawn.retain(|one| one.truth["holder"] == 0);
    drawn
}

/// Whether a cut-out is the drawn head and shoulders: a dark head in the middle, shoulders below, background in the upper corners.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "positions on a small picture")]
fn is_portrait(bytes: &[u8]) -> bool {
    let cut = image::load_from_memory(bytes).unwrap().into_rgb8();
    let luma = |x: f32, y: f32| {
        let at = |share: f32, side: u32| (share * side as f32) as u32;
        let [red, green, blue] = cut.get_pixel(at(x, cut.width()), at(y, cut.height())).0.map(u32::from);
        (red + green + blue) / 3
    };
    let background = luma(0.12, 0.12).min(luma(0.88, 0.12));
    cut.height() > cut.width() && luma(0.5, 0.15) + 40 < background && luma(0.5, 0.93) + 30 < background
}

/// A new layout is a file beside the others and a specimen in `DOCUMENTS`; this is its test.
async fn is_found_out_and_read(reader: &Reader, face: &specimen::Face) {
    let kind: DocumentKind = face.kind.parse().unwrap();
    let drawn = sides_of(face.document);
    let mut sides = Vec::new();
    for one in &drawn {
        let side: Side = one.truth["side"].as_str().unwrap().parse().unwrap();
        let Transcript { reading, portrait } = reader.read(one.bytes.clone(), kind, side).await.unwrap();
        assert!(reading.layout.as_deref().is_none_or(|layout| layout == face.document), "{} {:?}", one.name, reading.layout);
        assert_eq!(portrait.is_some_and(|portrait| is_portrait(&portrait.bytes)), side == Side::Front, "{}", one.name);
        sides.push((side, reading));
    }
    let merged = merge(kind, &sides);
    assert_eq!(merged.layout.as_deref(), Some(face.document));
    for one in &drawn {
        for (name, wanted) in one.truth["fields"].as_object().unwrap() {
            let name: FieldName = serde_json::from_value(serde_json::json!(name)).unwrap();
            if [FieldName::Number, FieldName::BirthDate, FieldName::FullName, FieldName::Surname, FieldName::GivenNames].contains(&name) {
                let (read, wanted) = (value(&merged, name).unwrap_or_default().to_uppercase(), wanted.as_str().unwrap().to_uppercase());
                assert_eq!(read, wanted, "{} {name:?}", one.name);
            }
        }
    }
}

/// Two halves side by side: each draws and reads with a child of its own.
async fn read_layouts(half: usize) {
    let reader = reader();
    for face in DOCUMENTS.iter().skip(half).step_by(2) {
        is_found_out_and_read(&reader, face).await;
    }
}

#[tokio::test]
async fn every_layout_is_found_out_and_read_from_its_specimen() {
    read_layouts(0).await;
}

#[tokio::test]
async fn every_other_layout_is_found_out_and_read_from_its_specimen() {
    read_layouts(1).await;
}

#[tokio::test]
async fn a_bad_photograph_is_refused_with_its_reason() {
    let (reader, person) = (reader(), Person::khai());
    let cases = [
        (Scene { light: 0.18, ..Scene::CAMERA }, ProblemCode::TooDark),
        (Scene { blur: 3.0, ..Scene::CAMERA }, ProblemCode::Blurred),
        (Scene { shift: 0.3, ..Scene::CAMERA }, ProblemCode::Cropped),
        (Scene { glare: 0.5, ..Scene::CAMERA }, ProblemCode::Glare),
        (Scene { fill: 0.3, ..Scene::CAMERA }, ProblemCode::TooSmall),
        (Scene { empty: true, ..Scene::CAMERA }, ProblemCode::NoDocument),
    ];
    for card in [Card::CitizenFront, Card::CitizenBack] {
        let (kind, side) = asked(card);
        for (scene, code) in cases {
            let look: Look = reader.look(shot(&person, card, scene), kind, side).await.unwrap();
            assert!(!look.accepted, "{card:?} {code:?} {:?}", look.measures);
            assert_eq!(look.problems[0].code, code, "{card:?} {:?} {:?}", look.problems, look.measures);
        }
        for scene in [Scene::CAMERA, TILTED, Scene { lean: 0.06, ..TILTED }, Scene { width: 640, height: 480, fill: 0.95, ..Scene::CAMERA }] {
            let look = reader.look(shot(&person, card, scene), kind, side).await.unwrap();
            assert!(look.accepted, "{card:?} {scene:?} {:?} {:?}", look.problems, look.measures);
        }
    }
    let back = reader.look(shot(&person, Card::CitizenBack, Scene::CAMERA), DocumentKind::CitizenCard, Side::Front).await.unwrap();
    assert_eq!(back.problems[0].code, ProblemCode::WrongSide);
    let front = reader.look(shot(&person, Card::CitizenFront, Scene::CAMERA), DocumentKind::CitizenCard, Side::Back).await.unwrap();
    assert_eq!(front.problems[0].code, ProblemCode::WrongSide);
}

/// A PNG whose header promises `side` × `side` pixels and whose data is a few bytes of nothing.
fn bomb(side: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8], body: &[u8]| {
        let named = [kind, body].concat();
        png.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        png.extend(&named);
        png.extend(crc32fast::hash(&named).to_be_bytes());
    };
    let header = [&side.to_be_bytes()[..], &side.to_be_bytes()[..], &[8, 2, 0, 0, 0]].concat();
    chunk(b"IHDR", &header);
    chunk(b"IDAT", &[0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]);
    chunk(b"IEND", &[]);
    png
}

fn small() -> &'static Vec<u8> {
    static SMALL: OnceLock<Vec<u8>> = OnceLock::new();
    SMALL.get_or_init(|| shot(&Person::khai(), Card::CitizenFront, Scene { width: 640, height: 480, ..Scene::CAMERA }))
}

#[tokio::test]
async fn every_bad_file_has_its_code_and_costs_no_child() {
    let reader = reader();
    let look = |bytes: Vec<u8>| reader.look(bytes, DocumentKind::CitizenCard, Side::Front);
    let cut = small()[..small().len() / 2].to_vec();
    let png = coded(RgbImage::new(64, 64), ImageFormat::Png);
    let cases: [(&str, Vec<u8>, ReaderError); 11] = [
        ("no byte", Vec::new(), ReaderError::Empty),
        ("too many bytes", vec![0xff; 15 * 1024 * 1024 + 1], ReaderError::TooLarge),
        ("text", b"hello".to_vec(), ReaderError::WrongType),
        ("a program", b"\x7fELF\x02\x01\x01".to_vec(), ReaderError::WrongType),
        ("GIF", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec(), ReaderError::WrongType),
        ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), ReaderError::WrongType),
        ("JPEG cut in half", cut, ReaderError::Damaged),
        ("PNG cut short", png[..png.len() - 20].to_vec(), ReaderError::Damaged),
        ("JPEG of two bytes and a marker", b"\xff\xd8\xff\xe0".to_vec(), ReaderError::Damaged),
        ("PNG of 100 megapixels", bomb(10_000), ReaderError::TooManyPixels),
        ("PNG bomb", bomb(60_000), ReaderError::TooManyPixels),
    ];
    for (name, bytes, wanted) in cases {
        assert_eq!(look(bytes).await.unwrap_err(), wanted, "{name}");
    }
    assert_eq!(look(bomb(5_000)).await.unwrap_err(), ReaderError::Damaged, "a header without pixels");
    let tiny = look(coded(RgbImage::new(1, 1), ImageFormat::Png)).await.unwrap();
    assert!(!tiny.accepted);
}

#[tokio::test]
async fn nothing_of_the_file_survives_but_its_pixels() {
    let reader = reader();
    // An EXIF segment that turns the picture by 90° and carries a secret, and a web page after the end: a polyglot.
    let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    tiff.extend(b"GPS-SECRET");
    let mut bytes = small()[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(tiff.len() + 2).unwrap().to_be_bytes());
    bytes.extend(&tiff);
    bytes.extend(&small()[2..]);
    bytes.extend(b"<script>alert(1)</script>PK\x03\x04");
    let look = reader.look(bytes, DocumentKind::CitizenCard, Side::Front).await.unwrap();
    assert_eq!((look.width, look.height), (480, 640), "turned as EXIF says");
    let holds = |needle: &[u8]| look.normal.windows(needle.len()).any(|part| part == needle);
    assert!(look.normal.starts_with(b"\xff\xd8\xff") && !holds(b"GPS-SECRET") && !holds(b"Exif") && !holds(b"<script>"));
}

#[tokio::test]
async fn a_slow_child_is_killed_and_replaced() {
    let settings = ReaderSettings { workers: 1, timeout_seconds: 0, program: PathBuf::from(env!("CARGO_BIN_EXE_visavis")), ..ReaderSettings::default() };
    let hasty = Reader::new(settings, Ambient::system());
    let look = hasty.look(small().clone(), DocumentKind::CitizenCard, Side::Front).await;
    assert_eq!(look.unwrap_err(), ReaderError::TimedOut);
    let program = PathBuf::from("/bin/false");
    let absent = Reader::new(ReaderSettings { workers: 1, program, ..ReaderSettings::default() }, Ambient::system());
    let look = absent.look(small().clone(), DocumentKind::CitizenCard, Side::Front).await;
    assert_eq!(look.unwrap_err(), ReaderError::Unavailable);
}
