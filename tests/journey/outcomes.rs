//! What an agent may decide besides yes and no, and what the house remembers of people.

use serde_json::{Value, json};
use visavis::{
    journey::checks::{Measured, MeasuredVerdict},
    registry::{audit, dossier, outbox},
};

use crate::support::{Person, TestHouse};

fn decision(outcome: &str, reason: &str, item: Option<&str>) -> Value {
    json!({ "outcome": outcome, "reason": reason, "item": item, "note": null })
}

fn approve() -> Value {
    decision("approve", "all_checks_passed", None)
}

async fn application(house: &TestHouse, customer: &Person<visavis::base::id::DossierId>) -> Value {
    house.get("/api/v1/application").by(customer).send().await.expect(200).json()
}

#[tokio::test]
async fn one_thing_is_done_again_and_nothing_else_is_lost() {
    for (item, screen, state) in
        [("photo_front", "capture_front", "redo"), ("details", "details", "redo"), ("left", "when", "confirmed"), ("frontal", "when", "confirmed")]
    {
        let house = TestHouse::open().await;
        let (lan, room) = house.live_call().await;
        house.pass_all_checks(room.call, &lan).await;
        let id = room.customer.id;
        let bad = house.decide(id, &lan, &decision("redo", "check_unclear", Some("photo_back"))).await.expect(422).json();
        assert_eq!(bad["fields"][0]["part"], "item", "a passport has no back");
        house.decide(id, &lan, &decision("redo", "check_unclear", Some("digits"))).await.expect(422);
        house.decide(id, &lan, &decision("reject", "other", Some(item))).await.expect(422);
        let filed = house.decide(id, &lan, &decision("redo", "check_unclear", Some(item))).await.expect(200).json();
        assert_eq!(filed["item"], item);
        let view = application(&house, &room.customer).await;
        assert_eq!((&view["step"], &view["state"], &view["redo_item"]), (&json!(screen), &json!(state), &json!(item)));
        assert_eq!(view["details"].as_array().unwrap().iter().find(|field| field["name"] == "number").unwrap()["value"], "C1234567");
        if state == "confirmed" {
            let call = house.accept(&lan, id).await;
            house.live(call).await;
            let wanted: &[&str] = if item == "left" { &["frontal", "left"] } else { &["frontal"] };
            assert_eq!(house.pass_all_checks(call, &lan).await, wanted, "what was passed stays passed");
            house.decide(id, &lan, &approve()).await.expect(200);
            assert_eq!(house.state_of(id).await, "approved");
        }
    }
}

#[tokio::test]
async fn a_suspicion_is_decided_by_somebody_else_and_the_customer_never_learns() {
    let house = TestHouse::open().await;
    let (lan, room) = house.live_call().await;
    let (mai, chief) = (house.agent("mai").await, house.supervisor("chief").await);
    let id = room.customer.id;
    house.pass_all_checks(room.call, &lan).await;
    let path = format!("/api/v1/dossiers/{id}/suspicion");
    house.post(&path).by(&mai).json(&json!({ "reason": "coached" })).send().await.expect(404);
    house.post(&path).by(&lan).json(&json!({ "reason": "mood" })).send().await.expect(422);
    house.post(&path).by(&lan).json(&json!({ "reason": "coached" })).send().await.expect(204);
    let before = house.get("/api/v1/call").by(&room.customer).send().await.expect(200).json();
    assert!(!before.to_string().contains("coached"));
    let filed = house.decide(id, &lan, &approve()).await.expect(200).json();
    assert_eq!((&filed["waits_for_second"], &filed["flags"][0]), (&json!(true), &json!("fraud_suspected")), "whatever the profile says");
    let beside = house.get(&format!("/api/v1/dossiers/{id}?purpose=review")).by(&chief).send().await.expect(200).json();
    assert_eq!(beside["file"]["suspicions"], json!(["coached"]));
    let second = format!("/api/v1/dossiers/{id}/second-opinion");
    house.post(&second).by(&chief).json(&decision("abort", "light", None)).send().await.expect(422);
    house.post(&second).by(&chief).json(&decision("reject", "suspected_fraud", None)).send().await.expect(200);
    let view = application(&house, &room.customer).await;
    assert_eq!((&view["state"], &view["outcome"]), (&json!("rejected"), &json!(null)));
    assert!(!view.to_string().contains("fraud"));

    let other = house.call(&mai, "Trần Thị B", "C7654321").await;
    house.live(other.call).await;
    let filed = house.decide(other.customer.id, &mai, &decision("suspect", "injected_video", None)).await.expect(200).json();
    assert_eq!(filed["waits_for_second"], true);
    let view = application(&house, &other.customer).await;
    assert_eq!((&view["state"], &view["step"], &view["outcome"]), (&json!("called"), &json!("done"), &json!(null)), "under review, as after any call");
    let approved = house.post(&format!("/api/v1/dossiers/{}/second-opinion", other.customer.id)).by(&chief).json(&approve()).send().await;
    assert_eq!(approved.expect(409).code(), "checks_missing", "a second person cannot approve what was never checked");
    assert!(audit::verify(&house.house.db).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_call_that_is_broken_off_may_be_tried_again() {
    let house = TestHouse::open().await;
    let (lan, room) = house.live_call().await;
    house.decide(room.customer.id, &lan, &decision("abort", "document_unreadable", None)).await.expect(422);
    house.decide(room.customer.id, &lan, &decision("abort", "light", None)).await.expect(200);
    assert_eq!(house.state_of(room.customer.id).await, "confirmed");
    let call = house.accept(&lan, room.customer.id).await;
    house.live(call).await;
    assert_eq!(house.pass_all_checks(call, &lan).await[0], "frontal");
}

#[tokio::test]
async fn who_tries_too_often_has_to_pause() {
    let house = TestHouse::with(|settings| "de-videoident".clone_into(&mut settings.checks.profile)).await;
    let lan = house.agent("lan").await;
    let mut last = None;
    for (at, number) in ["C1234567", "C-1234567", "c 1234567"].into_iter().enumerate() {
        // A file of its own each time: who it is, the number says.
        let room = house.call(&lan, "Nguyễn Văn A", number).await;
        assert_eq!(house.house.calls.paused_until(room.customer.id).await.unwrap(), None, "try {at}");
        house.decide(room.customer.id, &lan, &decision("abort", "picture", None)).await.expect(200);
        house.pass(60);
        last = Some(room);
    }
    let customer = last.unwrap().customer;
    house.post("/api/v1/presence").by(&lan).json(&json!({ "presence": "ready", "reason": null })).send().await;
    let refused = house.post("/api/v1/tickets").by(&customer).json(&json!({})).send().await.expect(409);
    assert_eq!(refused.code(), "paused");
    assert!((3400..=3600).contains(&refused.header("retry-after").parse::<i64>().unwrap()));
    let told = dossier::timeline(&house.house.db, customer.id).await.unwrap();
    assert!(told.iter().any(|line| line.kind == "person.paused"));
    let somebody_else = house.call(&lan, "Trần Thị B", "C7654321").await;
    assert_eq!(house.house.calls.paused_until(somebody_else.customer.id).await.unwrap(), None);
    house.pass(3600);
    assert_eq!(house.house.calls.paused_until(customer.id).await.unwrap(), None);
    house.post("/api/v1/tickets").by(&customer).json(&json!({})).send().await.expect(200);
}

#[tokio::test]
async fn the_negative_list_is_looked_up_as_a_call_begins() {
    let house = TestHouse::open().await;
    let (lan, chief) = (house.agent("lan").await, house.supervisor("chief").await);
    let entry = |number: Option<&str>, name: Option<&str>, born: Option<&str>, reason: &str| json!({ "document_number": number, "name": name, "birth_date": born, "reason": reason });
    let add = async |body: Value| house.post("/api/v1/negative-list").by(&chief).json(&body).send().await;
    house.post("/api/v1/negative-list").by(&lan).json(&entry(Some("C1"), None, None, "other")).send().await.expect(403);
    for bad in [entry(None, Some("A"), None, "other"), entry(Some("C1"), None, None, "mood"), entry(Some("C1"), None, Some("yesterday"), "other")] {
        assert_eq!(add(bad).await.expect(422).code(), "bad_entry");
    }
    add(entry(Some("c 123-4567"), None, None, "stolen_document")).await.expect(201);
    assert_eq!(add(entry(Some("C1234567"), None, None, "other")).await.expect(409).code(), "listed_already");
    let csv = "document_number,name,birth_date,reason\nX1,,,court_order\n,NGUYEN VAN A,1990-03-03,impersonation\nX1,,,other\nbad line\n";
    let report = house.post("/api/v1/negative-list/import").by(&chief).json(&json!({ "csv": csv })).send().await.expect(200).json();
    assert_eq!(report, json!({ "added": 2, "known": 1, "bad_lines": [5] }));

    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.live(room.call).await;
    let beside = house.get(&format!("/api/v1/calls/{}/file", room.call)).by(&lan).send().await.expect(200).json();
    let reasons: Vec<&str> = beside["listed"].as_array().unwrap().iter().map(|hit| hit["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["stolen_document", "impersonation"]);
    house.pass_all_checks(room.call, &lan).await;
    let filed = house.decide(room.customer.id, &lan, &approve()).await.expect(200).json();
    assert_eq!((&filed["flags"][0], &filed["waits_for_second"]), (&json!("on_negative_list"), &json!(true)));

    let list = house.get("/api/v1/negative-list").by(&chief).send().await.expect(200).json();
    assert_eq!((list.as_array().unwrap().len(), &list[2]["hits"]), (3, &json!(1)));
    assert!(!list.to_string().contains("1234567") && !list.to_string().to_lowercase().contains("nguyen"), "the list names nobody");
    let mut tx = house.house.db.begin().await.unwrap();
    let kept = tx.rows("select digest from negative_list union all select detail from audit_lines where act like 'negative_list%'", &[]).await.unwrap();
    assert!(kept.iter().all(|row| !row.text("digest").unwrap().contains("1234567")));
    drop(tx);
    house.request("DELETE", &format!("/api/v1/negative-list/{}", list[2]["id"].as_str().unwrap())).by(&chief).send().await.expect(204);
    house.request("DELETE", &format!("/api/v1/negative-list/{}", list[2]["id"].as_str().unwrap())).by(&chief).send().await.expect(404);
    let clean = house.call(&lan, "Somebody Else", "C1234567").await;
    let beside = house.get(&format!("/api/v1/calls/{}/file", clean.call)).by(&lan).send().await.expect(200).json();
    assert_eq!(beside["listed"], json!([]), "who was taken off is not met any more");
    assert!(audit::verify(&house.house.db).await.unwrap().is_ok());
}

#[tokio::test]
async fn what_speaks_against_an_approval_that_counts_comes_to_supervisors() {
    let house = TestHouse::open().await;
    let (lan, room) = house.live_call().await;
    let chief = house.supervisor("chief").await;
    house.pass_all_checks(room.call, &lan).await;
    house.decide(room.customer.id, &lan, &approve()).await.expect(200);
    assert_eq!(house.state_of(room.customer.id).await, "approved");
    let late = async || house.get("/api/v1/late-flags").by(&chief).send().await.expect(200).json();
    assert_eq!(late().await, json!([]));
    let movement = house.house.checks.of_call(room.call).await.unwrap().into_iter().find(|check| check.kind.is_movement()).unwrap();
    let mut tx = house.house.db.begin().await.unwrap();
    let measured = Measured { verdict: MeasuredVerdict::Failed, detail: json!({ "reason": "not_seen" }) };
    house.house.checks.file_measured(&mut tx, movement.id, &measured).await.unwrap();
    outbox::event(&mut tx, &house.engines.ambient, &outbox::DomainEvent::ChecksMeasured { call: room.call }).await.unwrap();
    outbox::event(&mut tx, &house.engines.ambient, &outbox::DomainEvent::ChecksMeasured { call: room.call }).await.unwrap();
    tx.commit().await.unwrap();
    house.deliver().await;
    let found = late().await;
    assert_eq!((found.as_array().unwrap().len(), &found[0]["flags"], &found[0]["agent_name"]), (1, &json!(["measured_otherwise"]), &json!("lan")));
    assert_eq!(house.state_of(room.customer.id).await, "approved", "nothing is undone by a machine");
    house.get("/api/v1/late-flags").by(&lan).send().await.expect(403);
    let seen = format!("/api/v1/late-flags/{}/seen", room.call);
    house.post(&seen).by(&chief).send().await.expect(204);
    house.post(&seen).by(&chief).send().await.expect(204);
    assert_eq!(late().await, json!([]));
    let told: Vec<String> = dossier::timeline(&house.house.db, room.customer.id).await.unwrap().into_iter().map(|line| line.kind).collect();
    assert_eq!(told.iter().filter(|kind| *kind == "decision.contradicted").count(), 1);
}
