//! What is filed of an intake, what is logged of it, and that closing the page loses nothing.

use serde_json::json;

use super::{Card, Holder, Visit, detail, form, good, open};
use crate::support::logs::LogTrap;

#[tokio::test]
async fn nothing_personal_is_ever_logged() {
    let trap = LogTrap::set();
    let house = open().await;
    let visit = Visit::with(&house, "passport").await;
    visit.capture("front", good(Card::Passport)).await.expect(201);
    house.work().await;
    let typed = [("surname", "Unloggable"), ("given_names", "Quux"), ("number", "XQ7771234"), ("email", "secret.q@example.org"), ("phone", "+84 999 888 777")];
    visit.save(&form(&typed)).await.expect(204);
    visit.confirm(&form(&[&typed[..], &[("surname", "Unloggable9")]].concat())).await.expect(422);
    visit.confirm(&form(&typed)).await.expect(200);
    let token = visit.begun["resume_token"].as_str().unwrap();
    house.post("/api/v1/application/resume").json(&json!({ "token": token })).send().await.expect(200);
    let cookie = visit.customer.cookie.split('=').nth(1).unwrap();
    trap.holds_none_of(&["Unloggable", "Quux", "XQ7771234", "secret.q", "999 888", "999888777", token, cookie, &Holder::khai().passport_number]);
}

#[tokio::test]
async fn consents_are_filed_word_by_word() {
    let house = open().await;
    let visit = Visit::with(&house, "citizen_card").await;
    visit.post("type-myself", &json!({})).await.expect(200);
    let mut consents = visit.consents().await;
    consents[2]["given"] = json!(false);
    visit.post("confirm", &json!({ "details": form(&[]), "consents": consents })).await.expect(200);

    let texts = house.get("/api/v1/consents?locale=en").send().await.expect(200).json();
    let filed = house.house.intake.filed_consents(visit.customer.id).await.unwrap();
    assert_eq!(filed.len(), 3);
    for text in texts.as_array().unwrap() {
        let consent = filed.iter().find(|consent| text["kind"] == consent.kind).unwrap();
        assert_eq!((text["sha256"].as_str().unwrap(), text["version"].as_str().unwrap()), (consent.text_sha256.as_str(), consent.version.as_str()));
        assert_eq!(consent.given, consent.kind != "biometric");
    }
    assert_ne!(house.get("/api/v1/consents?locale=vi").send().await.expect(200).json()[0]["text"], texts[0]["text"]);
    let shown = visit.view().await["consents"].clone();
    assert_eq!((&shown[0]["given"], &shown[2]["given"]), (&json!(true), &json!(false)));
    let timeline = visavis::registry::dossier::timeline(&house.house.db, visit.customer.id).await.unwrap();
    let kinds: Vec<&str> = timeline.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "consent.given").count(), 2);
    assert_eq!(kinds.last(), Some(&"details.confirmed"));
}

#[tokio::test]
async fn closing_the_page_loses_nothing() {
    let house = open().await;
    let visit = Visit::with(&house, "citizen_card").await;
    visit.post("type-myself", &json!({})).await.expect(200);
    visit.save(&form(&[("residence", "Hẻm 7"), ("email", "half@")])).await.expect(204);

    let token = visit.begun["resume_token"].as_str().unwrap();
    let answer = house.post("/api/v1/application/resume").json(&json!({ "token": token })).send().await.expect(200);
    let elsewhere = crate::support::Person { id: visit.customer.id, cookie: answer.cookie() };
    let view = house.get("/api/v1/application").by(&elsewhere).send().await.expect(200).json();
    assert_eq!((&view["step"], &view["email"]), (&json!("details"), &json!("half@")));
    assert_eq!(detail(&view, "residence")["value"], "Hẻm 7");
    assert_eq!(view["resume_token"], json!(null), "a link is never shown twice");
}
