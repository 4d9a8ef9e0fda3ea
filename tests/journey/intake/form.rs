//! The form: faults, double submission, typing beside a reading, repetition, resume links, the end of drafts.

use serde_json::json;
use visavis::registry::dossier::Step;

use super::{Card, TestHouse, Visit, detail, form, good, open, open_with, problems};

async fn typed(house: &TestHouse) -> Visit<'_> {
    let visit = Visit::with(house, "citizen_card").await;
    visit.post("type-myself", &json!({})).await.expect(200);
    visit
}

#[tokio::test]
async fn every_bad_part_is_named_and_nothing_is_lost() {
    let house = open().await;
    let visit = typed(&house).await;
    let bad = form(&[("number", "12"), ("birth_date", "2027-01-01"), ("expiry_date", "2020-01-01"), ("full_name", ""), ("email", "x"), ("phone", "")]);
    let answer = visit.post("confirm", &json!({ "details": bad, "consents": [] })).await.expect(422);
    assert_eq!(answer.code(), "bad_fields");
    assert_eq!(
        problems(&answer),
        [
            "full_name: required",
            "number: malformed",
            "birth_date: implausible",
            "expiry_date: expired",
            "email: malformed",
            "phone: required",
            "consent.data: required",
            "consent.recording: required",
            "consent.biometric: required",
        ]
    );
    let long = "x".repeat(301);
    let answer = visit.save(&form(&[("residence", &long)])).await.expect(422);
    assert_eq!(problems(&answer), ["residence: too_long"]);
    let mut old = visit.consents().await;
    old[0]["version"] = json!("2001-01-01");
    let answer = visit.post("confirm", &json!({ "details": form(&[]), "consents": old })).await.expect(422);
    assert_eq!(problems(&answer), ["consent.data: outdated"]);
    visit.confirm(&form(&[])).await.expect(200);
}

#[tokio::test]
async fn sent_twice_it_is_confirmed_once() {
    let house = open().await;
    let visit = typed(&house).await;
    let first = visit.confirm(&form(&[])).await.expect(200).json();
    let again = visit.confirm(&form(&[("full_name", " Nguyễn  Thị Minh Khai ")])).await.expect(200).json();
    assert!(first["resume_token"].is_string() && again["resume_token"].is_null());
    assert_eq!(visit.confirm(&form(&[("residence", "elsewhere")])).await.expect(409).code(), "step_refused");
    assert_eq!(visit.save(&form(&[])).await.expect(409).code(), "step_refused");
    assert_eq!(house.house.intake.filed_consents(visit.customer.id).await.unwrap().len(), 3, "one confirmation, three consents");

    let other = typed(&house).await;
    let (body, text) = (form(&[]), other.consents().await);
    let body = json!({ "details": body, "consents": text });
    let (a, b) = tokio::join!(other.post("confirm", &body), other.post("confirm", &body));
    assert_eq!((a.status, b.status), (200, 200), "{} {}", a.text(), b.text());
    assert_eq!(house.house.intake.filed_consents(other.customer.id).await.unwrap().len(), 3);
}

/// Two sides read by two lanes at once, and a form sent twice at once, on the database where transactions really overlap.
#[tokio::test]
async fn on_postgres_what_happens_at_once_happens_once() {
    let url = crate::support::servers::fresh_database().await;
    let house = open_with(|settings| settings.storage.database_url = url).await;
    let visit = Visit::with(&house, "citizen_card").await;
    visit.capture("front", good(Card::CitizenFront)).await.expect(201);
    visit.capture("back", good(Card::CitizenBack)).await.expect(201);
    tokio::join!(house.work(), house.work());
    let view = visit.view().await;
    assert_eq!((&view["step"], &view["reading"]["sides_done"]), (&json!("details"), &json!(2)), "{view}");
    let body = json!({ "details": form(&[]), "consents": visit.consents().await });
    let (a, b) = tokio::join!(visit.post("confirm", &body), visit.post("confirm", &body));
    assert_eq!((a.status, b.status), (200, 200), "{} {}", a.text(), b.text());
    assert_eq!(house.house.intake.filed_consents(visit.customer.id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_form_waits_for_its_photographs_unless_it_is_typed() {
    let house = open().await;
    let visit = Visit::begin(&house).await;
    assert_eq!(visit.confirm(&form(&[])).await.expect(409).code(), "document_missing");
    assert_eq!(visit.post("type-myself", &json!({})).await.expect(409).code(), "document_missing");
    visit.choose("citizen_card").await.expect(200);
    visit.capture("front", good(Card::CitizenFront)).await.expect(201);
    assert_eq!(visit.confirm(&form(&[])).await.expect(409).code(), "side_missing");
}

#[tokio::test]
async fn another_document_begins_a_new_round() {
    let house = open().await;
    let visit = Visit::with(&house, "citizen_card").await;
    visit.capture("front", good(Card::CitizenFront)).await.expect(201);
    let view = visit.choose("passport").await.expect(200).json();
    assert_eq!((&view["step"], &view["sides"][0]["capture"]), (&json!("capture_front"), &json!(null)));
    visit.capture("front", good(Card::Passport)).await.expect(201);
    house.work().await;
    assert_eq!(visit.step().await, "details");
    let view = visit.choose("cmnd").await.expect(200).json();
    assert_eq!(view["step"], "capture_front", "also after a reading");
    assert!(view["details"].as_array().unwrap().iter().all(|detail| detail["value"] == ""));
    assert_eq!(visit.confirm(&form(&[])).await.expect(409).code(), "side_missing");
    assert_eq!(visit.post("type-myself", &json!({})).await.expect(200).json()["step"], "details");
}

#[tokio::test]
async fn a_repetition_goes_on_where_its_reason_says() {
    let house = open().await;
    let called = [Step::Enqueue, Step::Accept, Step::HangUp, Step::Redo];
    let visit = typed(&house).await;
    visit.confirm(&form(&[])).await.expect(200);
    visit.set_state(&called, Some("details_wrong")).await;
    let view = visit.view().await;
    assert_eq!((&view["step"], &view["outcome"]), (&json!("details"), &json!("details_wrong")));
    assert_eq!(detail(&view, "number")["value"], "001195012345", "the form is kept");
    visit.confirm(&form(&[("residence", "corrected")])).await.expect(200);
    assert_eq!(visit.view().await["outcome"], json!(null));

    visit.set_state(&called, Some("document_unreadable")).await;
    assert_eq!(visit.step().await, "document");
    assert_eq!(visit.choose("citizen_card").await.expect(200).json()["step"], "capture_front");
    visit.capture("front", good(Card::CitizenFront)).await.expect(201);
    visit.capture("back", good(Card::CitizenBack)).await.expect(201);
    house.work().await;
    let view = visit.view().await;
    assert_eq!((&view["step"], &view["state"]), (&json!("details"), &json!("read")));
    visit.confirm(&form(&[])).await.expect(200);
}

#[tokio::test]
async fn links_end_when_they_should() {
    let house = open().await;
    let resume = async |token: &str| house.post("/api/v1/application/resume").json(&json!({ "token": token })).send().await;
    let visit = typed(&house).await;
    let first = visit.begun["resume_token"].as_str().unwrap().to_owned();
    assert_eq!(resume("nonsense").await.expect(404).code(), "link_unknown");
    assert_eq!(resume("").await.expect(404).code(), "link_unknown");
    let confirmed = visit.confirm(&form(&[])).await.expect(200).json();
    resume(&first).await.expect(200);
    resume(confirmed["resume_token"].as_str().unwrap()).await.expect(200);

    let renewed = visit.post("resume-link", &json!({})).await.expect(200).json();
    assert_eq!(resume(&first).await.expect(404).code(), "link_unknown");
    resume(renewed["token"].as_str().unwrap()).await.expect(200);
    house.pass(31 * 86_400);
    assert_eq!(resume(renewed["token"].as_str().unwrap()).await.expect(404).code(), "link_unknown");

    let decided = typed(&house).await;
    decided.confirm(&form(&[])).await.expect(200);
    decided.set_state(&[Step::Enqueue, Step::Accept, Step::Approve], Some("all_checks_passed")).await;
    assert_eq!(resume(decided.begun["resume_token"].as_str().unwrap()).await.expect(404).code(), "link_unknown");
}

#[tokio::test]
async fn forgotten_drafts_end_and_their_pictures_with_them() {
    let house = open().await;
    let visit = Visit::with(&house, "citizen_card").await;
    let capture = visit.capture("front", good(Card::CitizenFront)).await.expect(201).json();
    let image = format!("/api/v1/application/captures/{}/image", capture["id"].as_str().unwrap());
    house.work().await;
    let folder = house.settings.storage.data.join("objects/captures").join(visit.customer.id.to_string());
    let on_disk = || std::fs::read_dir(&folder).map_or(0, Iterator::count);
    assert_eq!(on_disk(), 2, "the photograph and the portrait cut out of it");
    house.pass(29 * 86_400);
    visit.choose("citizen_card").await.expect(200);
    visit.capture("front", good(Card::CitizenFront)).await.expect(201);
    house.work().await;
    house.pass(2 * 86_400);
    house.work().await;
    let fresh = house.customer_of(visit.customer.id).await;
    house.get(&image).by(&fresh).send().await.expect(200);

    house.pass(30 * 86_400);
    assert_eq!(house.work().await, 1);
    let fresh = house.customer_of(visit.customer.id).await;
    let view = house.get("/api/v1/application").by(&fresh).send().await.expect(200).json();
    assert_eq!((&view["state"], &view["step"]), (&json!("expired"), &json!("done")));
    house.get(&image).by(&fresh).send().await.expect(404);
    assert_eq!(on_disk(), 0, "no picture is left on disk");
    house.pass(40 * 86_400);
    assert_eq!(house.work().await, 0, "nothing is left to do");
}

#[tokio::test]
async fn beginning_needs_a_language_and_a_zone() {
    let house = open().await;
    for (locale, zone) in [("xx", "Asia/Ho_Chi_Minh"), ("en", "Mars/Olympus"), ("", "")] {
        let answer = house.post("/api/v1/applications").json(&json!({ "locale": locale, "time_zone": zone })).send().await.expect(400);
        assert_eq!(answer.code(), "bad_locale");
    }
    house.get("/api/v1/application").send().await.expect(401);
}
