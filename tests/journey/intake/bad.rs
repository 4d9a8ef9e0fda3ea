//! Pictures that are none, sides that are none, files that are somebody else's.

use std::io::Cursor;

use super::{Card, Visit, good, nothing, open};

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut png = Vec::new();
    image::GrayImage::from_pixel(width, height, image::Luma([90])).write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    png
}

/// A PNG whose header claims `width` × `height` and whose data is a few bytes.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(8, 8);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32fast::hash(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

#[tokio::test]
async fn what_is_no_picture_is_refused_with_its_reason() {
    let house = open().await;
    let visit = Visit::with(&house, "citizen_card").await;
    let card = good(Card::CitizenFront);
    let cases: Vec<(&str, &str, Vec<u8>, u16, &str)> = vec![
        ("zero bytes", "image/jpeg", Vec::new(), 422, "picture_empty"),
        ("another content type", "application/pdf", card.clone(), 415, "wrong_type"),
        ("an image type that is not taken", "image/svg+xml", b"<svg/>".to_vec(), 415, "wrong_type"),
        ("a text that says it is a picture", "image/jpeg", b"hello, I am a picture".to_vec(), 415, "picture_type"),
        ("a GIF", "image/png", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec(), 415, "picture_type"),
        ("a page that says it is a picture", "image/png", b"<html><script>alert(1)</script></html>".to_vec(), 415, "picture_type"),
        ("half a photograph", "image/jpeg", card[..card.len() / 2].to_vec(), 422, "picture_damaged"),
        ("only the beginning", "image/jpeg", card[..200].to_vec(), 422, "picture_damaged"),
        ("a bomb", "image/png", bomb(60_000, 60_000), 422, "picture_too_many_pixels"),
        ("a hundred megapixels", "image/png", bomb(10_000, 10_000), 422, "picture_too_many_pixels"),
        ("more than 15 MB", "image/jpeg", vec![0xff; 15 * 1024 * 1024 + 1], 413, "too_large"),
    ];
    for (what, kind, bytes, status, code) in cases {
        let answer = visit.capture_as("front", kind, bytes).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{what}: {}", answer.text());
    }
    let view = visit.view().await;
    assert_eq!(view["sides"][0]["refused"], 0, "what is no picture does not count as a try");
    visit.capture("front", card).await.expect(201);
}

#[tokio::test]
async fn only_pixels_survive() {
    let house = open().await;
    let visit = Visit::with(&house, "citizen_card").await;
    let mut polyglot = good(Card::CitizenFront);
    polyglot.extend_from_slice(b"PK\x03\x04 <script>alert(1)</script> trailing passenger");
    let capture = visit.capture("front", polyglot).await.expect(201).json();
    let image = house.get(&format!("/api/v1/application/captures/{}/image", capture["id"].as_str().unwrap())).by(&visit.customer).send().await.expect(200);
    assert_eq!(image.header("content-type"), "image/jpeg");
    assert!(!image.body.windows(8).any(|bytes| bytes == b"<script>"), "what hung on the picture is gone");
}

/// The photograph turned on its side, with a note in its EXIF block about how to hold it and who took it where.
fn sideways_with_exif(card: &[u8]) -> Vec<u8> {
    let turned = image::load_from_memory(card).unwrap().rotate270();
    let mut jpeg = Vec::new();
    turned.write_to(&mut Cursor::new(&mut jpeg), image::ImageFormat::Jpeg).unwrap();
    let tiff = b"II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x0e\x01\x02\0\x14\0\0\0\x26\0\0\0\0\0\0\0taken at Hang Bac 7\0";
    let mut exif = b"Exif\0\0".to_vec();
    exif.extend_from_slice(tiff);
    let mut whole = vec![0xff, 0xd8, 0xff, 0xe1];
    whole.extend_from_slice(&u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    whole.extend_from_slice(&exif);
    whole.extend_from_slice(&jpeg[2..]);
    whole
}

#[tokio::test]
async fn what_the_camera_noted_turns_the_picture_and_is_gone() {
    let house = open().await;
    let visit = Visit::with(&house, "citizen_card").await;
    let capture = visit.capture("front", sideways_with_exif(&good(Card::CitizenFront))).await.expect(201).json();
    assert_eq!((&capture["width"], &capture["height"], &capture["accepted"]), (&1280.into(), &720.into(), &true.into()), "{capture}");
    let image = house.get(&format!("/api/v1/application/captures/{}/image", capture["id"].as_str().unwrap())).by(&visit.customer).send().await.expect(200);
    assert!(!image.body.windows(8).any(|bytes| bytes == b"Hang Bac") && !image.body.windows(4).any(|bytes| bytes == b"Exif"));
}

#[tokio::test]
async fn sides_that_are_not_asked_for() {
    let house = open().await;
    let visit = Visit::begin(&house).await;
    assert_eq!(visit.capture("front", good(Card::Passport)).await.expect(409).code(), "document_missing");
    visit.choose("passport").await.expect(200);
    assert_eq!(visit.capture("back", good(Card::Passport)).await.expect(409).code(), "side_not_needed");
    assert_eq!(visit.capture("inside", good(Card::Passport)).await.expect(404).code(), "unknown");
    assert_eq!(visit.choose("library_card").await.expect(422).code(), "malformed");
}

#[tokio::test]
async fn a_file_is_only_its_own_customers() {
    let house = open().await;
    let (mine, other) = (Visit::with(&house, "citizen_card").await, Visit::with(&house, "citizen_card").await);
    let capture = mine.capture("front", good(Card::CitizenFront)).await.expect(201).json();
    let image = format!("/api/v1/application/captures/{}/image", capture["id"].as_str().unwrap());
    house.get(&image).by(&mine.customer).send().await.expect(200);
    house.get(&image).by(&other.customer).send().await.expect(404);
    house.get(&image).send().await.expect(401);
    house.get("/api/v1/application/captures/00000000000000000000000000000000/image").by(&mine.customer).send().await.expect(404);
    house.get("/api/v1/application/captures/not-an-id/image").by(&mine.customer).send().await.expect(404);
    let agent = house.agent("lan").await;
    house.get("/api/v1/application").by(&agent).send().await.expect(401);
}

#[tokio::test]
async fn after_three_refusals_the_next_is_taken_with_a_flag() {
    let house = open().await;
    let visit = Visit::with(&house, "citizen_card").await;
    for refused in 1..=3 {
        let view = visit.capture("front", nothing()).await.expect(201).json();
        assert_eq!((&view["accepted"], &view["problems"][0]["refuses"]), (&serde_json::json!(false), &serde_json::json!(true)), "{view}");
        house.get(&format!("/api/v1/application/captures/{}/image", view["id"].as_str().unwrap())).by(&visit.customer).send().await.expect(404);
        assert_eq!(visit.view().await["sides"][0]["refused"], refused);
    }
    let view = visit.capture("front", nothing()).await.expect(201).json();
    assert_eq!(view["accepted"], true);
    assert_eq!(visit.step().await, "capture_back");
    let timeline = visavis::registry::dossier::timeline(&house.house.db, visit.customer.id).await.unwrap();
    assert_eq!(timeline.iter().filter(|entry| entry.kind == "capture.refused").count(), 3);
    let taken = timeline.iter().find(|entry| entry.kind == "capture.accepted").unwrap();
    assert_eq!(taken.detail["flagged"], true);
}
