//! What the reading is not sure of, and photographs that stay poor: how customer and agent come to know of it.

use std::io::Cursor;

use serde_json::{Value, json};

use super::{Card, Holder, Scene, Visit, detail, good, open, photograph};
use crate::support::specimen::{Day, picture};

/// Front and back of two people's cards: they differ in the day of birth alone.
async fn contradicted(house: &crate::support::TestHouse) -> Visit<'_> {
    let other = Holder { birth: Day::new(1995, 1, 14), ..Holder::khai() };
    let mut back = Vec::new();
    picture(&other, Card::CitizenBack, &Scene::CAMERA).write_to(&mut Cursor::new(&mut back), image::ImageFormat::Jpeg).unwrap();
    let visit = Visit::with(house, "citizen_card").await;
    visit.capture("front", good(Card::CitizenFront)).await.expect(201);
    visit.capture("back", back).await.expect(201);
    house.work().await;
    visit
}

fn readings(disagreement: &Value) -> Vec<(String, String)> {
    let text = |reading: &Value, key: &str| reading[key].as_str().unwrap().to_owned();
    disagreement["readings"].as_array().unwrap().iter().map(|reading| (text(reading, "source"), text(reading, "value"))).collect()
}

#[tokio::test]
async fn a_contradiction_is_named_to_the_customer_settled_and_told_to_the_agent() {
    let house = open().await;
    let visit = contradicted(&house).await;
    let view = visit.view().await;
    let birth = detail(&view, "birth_date");
    assert_eq!((&birth["doubtful"], &birth["checked"], &birth["value"]), (&json!(true), &json!(false), &json!("1995-07-14")), "{birth}");
    let differing = birth["disagreements"].as_array().unwrap().iter().find(|one| one["code"] == "sources_differ").unwrap();
    let told = readings(differing);
    assert!(told.contains(&("qr".into(), "1995-07-14".into())) && told.contains(&("mrz".into(), "1995-01-14".into())), "{told:?}");
    let captures: Vec<&str> = differing["readings"].as_array().unwrap().iter().filter_map(|reading| reading["capture"].as_str()).collect();
    assert_eq!(captures.iter().collect::<std::collections::HashSet<_>>().len(), 2, "each reading stands on its own photograph");
    assert_eq!(detail(&view, "number")["disagreements"], json!([]));

    let chosen = |value: &str, checked: bool| json!({ "fields": [{ "name": "birth_date", "value": value, "checked": checked }], "email": null, "phone": null });
    visit.save(&chosen("1995-07-14", true)).await.expect(204);
    let settled = detail(&visit.view().await, "birth_date").clone();
    assert_eq!((&settled["doubtful"], &settled["checked"]), (&json!(false), &json!(true)));
    assert_eq!(settled["disagreements"], birth["disagreements"], "what was read stays said");

    let file = house.house.intake.file_view(visit.customer.id).await.unwrap();
    let listed = serde_json::to_value(&file.disagreements).unwrap();
    assert!(listed.as_array().unwrap().iter().any(|one| one["code"] == "sources_differ" && one["fields"] == json!(["birth_date"])), "{listed}");
}

#[tokio::test]
async fn a_new_round_ends_the_contradictions_of_the_one_before() {
    let house = open().await;
    let visit = contradicted(&house).await;
    visit.choose("passport").await.expect(200);
    assert!(house.house.intake.file_view(visit.customer.id).await.unwrap().disagreements.is_empty());
    visit.choose("citizen_card").await.expect(200);
    visit.capture("front", good(Card::CitizenFront)).await.expect(201);
    visit.capture("back", good(Card::CitizenBack)).await.expect(201);
    house.work().await;
    let view = visit.view().await;
    assert_eq!(detail(&view, "birth_date")["disagreements"], json!([]), "a card that agrees with itself is believed");
}

#[tokio::test]
async fn after_three_refusals_the_next_photograph_is_taken_and_flagged_for_the_agent() {
    let house = open().await;
    let visit = Visit::with(&house, "citizen_card").await;
    let dark = || photograph(Card::CitizenFront, &Scene { light: 0.12, ..Scene::CAMERA });
    for nth in 1..=3 {
        let view = visit.capture("front", dark()).await.expect(201).json();
        assert_eq!((&view["accepted"], &visit.view().await["sides"][0]["refused"]), (&json!(false), &json!(nth)), "{view}");
    }
    let taken = visit.capture("front", dark()).await.expect(201).json();
    assert_eq!((&taken["accepted"], &taken["problems"][0]["refuses"]), (&json!(true), &json!(true)), "the page can tell that it is taken as it is");
    assert_eq!(visit.step().await, "capture_back");

    let file = house.house.intake.file_view(visit.customer.id).await.unwrap();
    let capture = serde_json::to_value(&file.captures[0]).unwrap();
    assert_eq!((&capture["flagged"], &capture["problems"][0]["code"]), (&json!(true), &json!("too_dark")));
    let luma = capture["problems"][0]["value"].as_f64().unwrap();
    assert!(luma > 0.0 && luma < 55.0, "the measured brightness is filed: {luma}");
    let refusals = capture["refusals"].as_array().unwrap();
    assert_eq!(refusals.len(), 3);
    assert!(refusals.iter().all(|refusal| refusal["problems"][0]["value"].as_f64().is_some_and(|value| (value - luma).abs() < 0.01)));

    visit.capture("back", good(Card::CitizenBack)).await.expect(201);
    let back = house.house.intake.file_view(visit.customer.id).await.unwrap().captures[1].clone();
    assert!(!back.flagged && back.refusals.is_empty(), "the other side has its own count");
}
