//! Photographs: retaken, unreadable, too many.

use serde_json::json;

use super::{Card, Scene, Visit, detail, good, nothing, open, open_with, photograph};

#[tokio::test]
async fn weak_photographs_say_what_is_wrong() {
    let house = open().await;
    for (scene, wanted) in [(Scene { light: 0.12, ..Scene::CAMERA }, "too_dark"), (Scene { blur: 6.0, ..Scene::CAMERA }, "blurred")] {
        let visit = Visit::with(&house, "citizen_card").await;
        let view = visit.capture("front", photograph(Card::CitizenFront, &scene)).await.expect(201).json();
        let codes: Vec<&str> = view["problems"].as_array().unwrap().iter().filter_map(|problem| problem["code"].as_str()).collect();
        assert!(view["accepted"] == false && codes.contains(&wanted), "{wanted}: {view}");
    }
}

#[tokio::test]
async fn a_photograph_taken_again_replaces_the_earlier_one() {
    let house = open().await;
    let visit = Visit::with(&house, "passport").await;
    visit.capture("front", good(Card::Passport)).await.expect(201);
    house.work().await;
    let first = visit.view().await;
    assert_eq!(first["step"], "details");
    visit.capture("front", photograph(Card::Passport, &Scene { tilt: 1.0, ..Scene::CAMERA })).await.expect(201);
    let view = visit.view().await;
    assert_eq!((&view["step"], &view["reading"]["sides_done"]), (&json!("reading"), &json!(0)));
    assert_ne!(view["sides"][0]["capture"]["id"], first["sides"][0]["capture"]["id"]);
    house.work().await;
    assert_eq!(visit.step().await, "details");
}

#[tokio::test]
async fn what_cannot_be_read_is_typed() {
    let house = open_with(|settings| settings.intake.refusals_before_flag = 0).await;
    let visit = Visit::with(&house, "passport").await;
    visit.capture("front", nothing()).await.expect(201);
    house.work().await;
    let view = visit.view().await;
    assert_eq!((&view["step"], &view["reading"]["state"]), (&json!("details"), &json!("failed")), "{view}");
    assert_eq!(detail(&view, "number")["value"], "");
}

#[tokio::test]
async fn so_many_photographs_and_no_more() {
    let house = open_with(|settings| settings.intake.captures_max = 2).await;
    let visit = Visit::with(&house, "passport").await;
    visit.capture("front", nothing()).await.expect(201);
    visit.capture("front", nothing()).await.expect(201);
    assert_eq!(visit.capture("front", good(Card::Passport)).await.expect(429).code(), "captures_exhausted");
}

#[tokio::test]
async fn pages_are_told_of_every_change() {
    let house = open().await;
    let visit = Visit::with(&house, "passport").await;
    house.deliver().await;
    let mut told = house.house.hub.subscribe(visavis::registry::outbox::Topic::Customer(visit.customer.id));
    visit.capture("front", good(Card::Passport)).await.expect(201);
    house.work().await;
    let mut states = Vec::new();
    while let Ok(message) = told.try_recv() {
        states.push(serde_json::from_str::<serde_json::Value>(&message).unwrap()["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states, ["captured", "read"]);
}
