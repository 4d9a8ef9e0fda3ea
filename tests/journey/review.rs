//! Decisions, search and looking at files through the router; the journal is asked what it heard first.

use serde_json::{Value, json};
use visavis::{
    base::{Pii, id::DossierId},
    engine::sfu::What,
    journey::{
        call::{Who, quality::Sample, wire::Party},
        checks::{Measured, MeasuredVerdict},
    },
    registry::{
        audit, dossier,
        outbox::{self, DomainEvent},
        staff::Role,
    },
};

use crate::support::{
    Person, TestHouse,
    calls::{heard_events, offer},
};

fn approve() -> Value {
    json!({ "outcome": "approve", "reason": "all_checks_passed", "note": null })
}

async fn views(house: &TestHouse, id: DossierId) -> Vec<(String, Option<String>)> {
    let lines = audit::of_dossier(&house.house.db, id).await.unwrap();
    lines.into_iter().filter(|line| line.act.ends_with(".viewed")).map(|line| (line.act, line.purpose)).collect()
}

#[tokio::test]
async fn a_file_is_approved_only_with_every_check() {
    let house = TestHouse::open().await;
    let (lan, room) = house.live_call().await;
    let id = room.customer.id;
    let refused = house.decide(id, &lan, &approve()).await.expect(409);
    assert_eq!(refused.code(), "checks_missing");
    assert!(refused.text().contains("frontal, left, right, up, down"));
    house.check(room.call, &lan, "frontal", "failed", Some("not_visible")).await;
    assert_eq!(house.decide(id, &lan, &approve()).await.expect(409).code(), "checks_missing");
    house.check(room.call, &lan, "down", "skipped", Some("cannot")).await;
    let drawn = house.pass_all_checks(room.call, &lan).await;
    assert_eq!(drawn.first().map(String::as_str), Some("frontal"), "what failed comes again");
    assert!(drawn.iter().any(|kind| kind == "hand") && !drawn.iter().any(|kind| kind == "down"), "who cannot look down shows fingers: {drawn:?}");

    let filed = house.decide(id, &lan, &approve()).await.expect(200).json();
    assert_eq!((&filed["outcome"], &filed["agent_name"]), (&json!("approve"), &json!("lan")));
    let file = dossier::find(&house.house.db, id).await.unwrap().unwrap();
    assert_eq!((file.state.name(), file.outcome.as_deref()), ("approved", Some("all_checks_passed")));
    let call = house.house.calls.find(room.call).await.unwrap().unwrap();
    assert!(call.ended().is_some(), "the call is over");
    let heard = heard_events(&house).await;
    assert!(heard.contains(&DomainEvent::DossierDecided { dossier: id, agent: lan.id }));
    assert!(heard.iter().any(|event| matches!(event, DomainEvent::CallEnded { requeue: false, .. })));

    let again = house.decide(id, &lan, &approve()).await.expect(200).json();
    assert_eq!(again, filed, "sent twice, filed once");
    let other = json!({ "outcome": "reject", "reason": "person_mismatch", "note": null });
    assert_eq!(house.decide(id, &lan, &other).await.expect(409).code(), "already_decided");
}

#[tokio::test]
async fn a_decision_is_complete_and_ones_own() {
    let house = TestHouse::open().await;
    let (lan, mai, chief) = (house.agent("lan").await, house.agent("mai").await, house.supervisor("chief").await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let id = room.customer.id;
    let redo = json!({ "outcome": "redo", "reason": "poor_connection", "note": null });
    house.decide(id, &mai, &redo).await.expect(404);
    house.decide(id, &chief, &redo).await.expect(403);
    house.decide("0190a6e0000070008000000000000000".parse().unwrap(), &lan, &redo).await.expect(404);
    let bad = |outcome: &str, reason: &str, note: Value| json!({ "outcome": outcome, "reason": reason, "note": note });
    for (body, part, problem) in [
        (bad("reject", "poor_connection", Value::Null), "reason", "malformed"),
        (bad("reject", "other", Value::Null), "note", "required"),
        (bad("redo", "other", json!("x".repeat(2001))), "note", "too_long"),
    ] {
        let field = house.decide(id, &lan, &body).await.expect(422).json()["fields"][0].clone();
        assert_eq!((&field["part"], &field["problem"]), (&json!(part), &json!(problem)));
    }
    house.decide(id, &lan, &bad("maybe", "other", Value::Null)).await.expect(422);
    house.decide(id, &lan, &redo).await.expect(200);
    let file = dossier::find(&house.house.db, id).await.unwrap().unwrap();
    assert_eq!((file.state.name(), file.outcome.as_deref()), ("redo", Some("poor_connection")));
    let waiting = house.confirmed("Trần Thị B", "C7654321").await;
    house.decide(waiting, &lan, &redo).await.expect(404);
}

#[tokio::test]
async fn two_decisions_at_once_file_one() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let reject = json!({ "outcome": "reject", "reason": "document_invalid", "note": "torn" });
    let redo = json!({ "outcome": "redo", "reason": "customer_request", "note": null });
    let id = room.customer.id;
    let (a, b, c) = tokio::join!(house.decide(id, &lan, &reject), house.decide(id, &lan, &redo), house.decide(id, &lan, &reject));
    let mut statuses = [a.status, b.status, c.status];
    statuses.sort_unstable();
    assert!(matches!(statuses, [200, 200 | 409, 409]), "{statuses:?}");
    let chief = house.supervisor("chief").await;
    let view = house.get(&format!("/api/v1/dossiers/{id}?purpose=audit")).by(&chief).send().await.expect(200).json();
    assert_eq!(view["decisions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_supervisor_finds_files_by_what_people_remember() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let first = house.call(&lan, "Nguyễn Thị Đẹp", "C1234567").await;
    house.decide(first.customer.id, &lan, &json!({ "outcome": "reject", "reason": "document_invalid", "note": null })).await.expect(200);
    house.pass(86_400);
    let (mai, chief) = (house.agent("mai").await, house.supervisor("chief").await);
    let second = house.call(&mai, "Łukasz 100%", "079-203 001 234").await;
    house.customer().await;
    let find = async |query: &str| -> Vec<String> {
        let page = house.get(&format!("/api/v1/dossiers{query}")).by(&chief).send().await.expect(200).json();
        let names: Vec<String> = page["rows"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap_or("-").to_owned()).collect();
        assert_eq!(page["total"], names.len());
        names
    };
    let (dep, lukasz) = ("Nguyễn Thị Đẹp".to_owned(), "Łukasz 100%".to_owned());
    assert_eq!(find("").await, [lukasz.clone(), dep.clone()], "newest first, drafts left out");
    assert_eq!(find("?outcome=draft").await, ["-"]);
    let reference = dossier::find(&house.house.db, first.customer.id).await.unwrap().unwrap().reference;
    for (query, wanted) in [
        ("?q=thi%20dep", vec![&dep]),
        ("?q=%C4%90%E1%BA%B9p", vec![&dep]),
        ("?q=c12345", vec![&dep]),
        (&format!("?q={}", reference.to_lowercase()), vec![&dep]),
        ("?q=079203", vec![&lukasz]),
        ("?q=100%25", vec![&lukasz]),
        ("?q=%25", vec![&lukasz]),
        ("?q=_", vec![]),
        ("?q=nobody", vec![]),
        ("?q=", vec![&lukasz, &dep]),
        ("?outcome=rejected", vec![&dep]),
        ("?outcome=reject", vec![&dep]),
        ("?outcome=in_call", vec![&lukasz]),
        ("?agent=LAN", vec![&dep]),
        (&format!("?agent={}", mai.id), vec![&lukasz]),
        ("?agent=nobody", vec![]),
        ("?from=2026-03-03", vec![&lukasz]),
        ("?to=2026-03-02", vec![&dep]),
        ("?from=2026-03-02&to=2026-03-02&zone=Asia/Ho_Chi_Minh", vec![&dep]),
        ("?from=2026-03-02&to=2026-03-02&zone=America/Los_Angeles", vec![&lukasz]),
        ("?page=2", vec![]),
    ] {
        let page = house.get(&format!("/api/v1/dossiers{query}")).by(&chief).send().await.expect(200).json();
        let found: Vec<&str> = page["rows"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap_or("-")).collect();
        assert_eq!(found, wanted, "{query}");
    }
    for query in ["?outcome=maybe", "?from=yesterday", "?zone=Nowhere&from=2026-01-01", "?page=0", "?page=x", "?to=2026-02-31"] {
        house.get(&format!("/api/v1/dossiers{query}")).by(&chief).send().await.expect(400);
    }
    let rows = house.get("/api/v1/dossiers").by(&mai).send().await.expect(200).json()["rows"].clone();
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["id"]), (1, &json!(second.customer.id)), "an agent lists the own calls");
    assert_eq!((&rows[0]["has_recording"], &rows[0]["agent_name"]), (&json!(true), &json!("mai")));
}

#[tokio::test]
async fn a_list_has_pages_of_fifty() {
    let house = TestHouse::open().await;
    let chief = house.supervisor("chief").await;
    for number in 0..53 {
        house.confirmed(&format!("Person {number}"), &format!("N{number:04}")).await;
        house.pass(1);
    }
    let page = async |number: u32| house.get(&format!("/api/v1/dossiers?page={number}")).by(&chief).send().await.expect(200).json();
    let (first, second) = (page(1).await, page(2).await);
    assert_eq!((first["rows"].as_array().unwrap().len(), second["rows"].as_array().unwrap().len()), (50, 3));
    assert_eq!((&first["total"], &first["rows"][0]["name"], &second["rows"][2]["name"]), (&json!(53), &json!("Person 52"), &json!("Person 0")));
}

#[tokio::test]
async fn nobody_opens_a_file_without_a_purpose_and_a_line() {
    let house = TestHouse::open().await;
    let (lan, mai, chief) = (house.agent("lan").await, house.agent("mai").await, house.supervisor("chief").await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let id = room.customer.id;
    house.live(room.call).await;
    let drawn = house.pass_all_checks(room.call, &lan).await;
    let path = format!("/api/v1/dossiers/{id}");
    assert_eq!(house.get(&path).by(&chief).send().await.expect(400).code(), "purpose_required");
    house.get(&format!("{path}?purpose=curiosity")).by(&chief).send().await.expect(400);
    house.get(&format!("{path}?purpose=review")).by(&mai).send().await.expect(404);
    assert!(views(&house, id).await.is_empty(), "who is refused has seen nothing");

    let beside = house.get(&format!("/api/v1/calls/{}/file", room.call)).by(&lan).send().await.expect(200).json();
    assert_eq!((&beside["dossier_id"], &beside["required_checks"]), (&json!(id), &json!(["frontal", "left", "right", "up", "down"])));
    house.get(&format!("{path}?purpose=review")).by(&lan).send().await.expect(200);
    house.decide(id, &lan, &approve()).await.expect(200);
    house.get(&format!("{path}?purpose=review")).by(&lan).send().await.expect(404);
    house.get(&format!("/api/v1/calls/{}/file", room.call)).by(&lan).send().await.expect(404);

    let view = house.get(&format!("{path}?purpose=complaint")).by(&chief).send().await.expect(200).json();
    assert_eq!(view["calls"][0]["checks"].as_array().unwrap().len(), drawn.len());
    assert_eq!((&view["calls"][0]["agent_name"], &view["calls"][0]["end_reason"]), (&json!("lan"), &json!("hung_up")));
    assert_eq!(view["decisions"][0]["outcome"], "approve");
    let kinds: Vec<&str> = view["timeline"].as_array().unwrap().iter().map(|line| line["kind"].as_str().unwrap()).collect();
    for kind in ["application.begun", "details.confirmed", "ticket.accepted", "call.started", "call.live", "check.passed", "call.ended", "decision.approved"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    assert_eq!((&view["views"][0]["actor"], &view["views"][0]["purpose"]), (&json!("chief"), &json!("complaint")), "the line stood before the answer");
    let seen = |act: &str, purpose: &str| (act.to_owned(), Some(purpose.to_owned()));
    assert_eq!(views(&house, id).await, [seen("file.viewed", "call"), seen("file.viewed", "review"), seen("file.viewed", "complaint")]);
    house.get("/api/v1/dossiers/0190a6e0000070008000000000000000?purpose=audit").by(&chief).send().await.expect(404);
}

#[tokio::test]
async fn who_checks_is_not_who_called() {
    let house = TestHouse::with(|settings| "in-vcip".clone_into(&mut settings.checks.profile)).await;
    let (lan, chief) = (house.staff("lan", &[Role::Agent, Role::Supervisor]).await, house.supervisor("chief").await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let id = room.customer.id;
    house.live(room.call).await;
    let second = async |by: &Person<visavis::base::id::StaffId>, body: &Value| {
        house.post(&format!("/api/v1/dossiers/{id}/second-opinion")).by(by).json(body).send().await
    };
    second(&chief, &approve()).await.expect(404);
    let drawn = house.pass_all_checks(room.call, &lan).await;
    assert!(["digits", "document_tilt", "document_number"].iter().all(|kind| drawn.iter().any(|one| one == kind)), "{drawn:?}");
    let filed = house.decide(id, &lan, &approve()).await.expect(200).json();
    assert_eq!((&filed["waits_for_second"], &filed["flags"][0]), (&json!(true), &json!("order_unbound")));
    let state = async || dossier::find(&house.house.db, id).await.unwrap().unwrap().state.name();
    assert_eq!(state().await, "called", "it does not count yet");
    assert_eq!(house.decide(id, &lan, &approve()).await.expect(200).json(), filed, "sent twice, filed once");

    let found = house.get("/api/v1/dossiers?outcome=second_person").by(&chief).send().await.expect(200).json();
    assert_eq!((&found["total"], &found["rows"][0]["waits_for_second"]), (&json!(1), &json!(true)));
    assert_eq!(second(&lan, &approve()).await.expect(409).code(), "own_decision");
    assert_eq!(second(&chief, &json!({ "outcome": "approve", "reason": "mood", "note": null })).await.expect(422).code(), "bad_fields");
    let (call, agent) = (room.call.to_string(), lan.id.to_string());
    let forged = "insert into second_opinions (call_id, dossier_id, agent_id, checker_id, outcome, reason, at) values ($1, $2, $3, $4, 'approve', 'all_checks_passed', 1)";
    let mut tx = house.house.db.begin().await.unwrap();
    assert!(tx.execute(forged, &[call.clone().into(), id.into(), agent.clone().into(), agent.into()]).await.is_err(), "the database holds them apart");
    drop(tx);
    let mut tx = house.house.db.begin().await.unwrap();
    let chiefs = chief.id.to_string();
    assert!(tx.execute(forged, &[call.into(), id.into(), chiefs.into(), lan.id.into()]).await.is_err(), "and knows who decided");
    drop(tx);

    let confirmed = second(&chief, &approve()).await.expect(200).json();
    assert_eq!((&confirmed["second"]["checker_name"], &confirmed["waits_for_second"]), (&json!("chief"), &json!(false)));
    assert_eq!(state().await, "approved");
    assert_eq!(second(&chief, &approve()).await.expect(409).code(), "already_decided");
    let view = house.get(&format!("/api/v1/dossiers/{id}?purpose=audit")).by(&chief).send().await.expect(200).json();
    let clause = |name: &str| view["calls"][0]["plan"]["clauses"].as_array().unwrap().iter().find(|clause| clause["clause"] == name).cloned().unwrap();
    assert_eq!(clause("P.13")["is_met"], true);
    assert_eq!((&clause("P.3")["is_met"], &clause("P.3")["lacking"]), (&json!(false), &json!(["drawn"])), "nobody bound the order");
}

#[tokio::test]
async fn an_approval_without_a_flag_counts_once_the_recording_was_measured() {
    for (measured, state, flags) in [
        (MeasuredVerdict::Passed, "approved", json!([])),
        (MeasuredVerdict::Failed, "called", json!(["measured_otherwise"])),
        (MeasuredVerdict::Unclear, "called", json!(["unmeasured"])),
    ] {
        let house = TestHouse::with(|settings| "eu-etsi-119461".clone_into(&mut settings.checks.profile)).await;
        let (lan, chief) = (house.agent("lan").await, house.supervisor("chief").await);
        let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
        let id = room.customer.id;
        house.post("/api/v1/call/nonce").by(&room.customer).json(&json!({ "nonce": "0f".repeat(32) })).send().await.expect(204);
        house.live(room.call).await;
        house.pass_all_checks(room.call, &lan).await;
        let filed = house.decide(id, &lan, &approve()).await.expect(200).json();
        assert_eq!((&filed["waits_for_second"], &filed["flags"]), (&json!(true), &json!(["unmeasured"])));
        let checks = house.house.checks.of_call(room.call).await.unwrap();
        for _ in 0..2 {
            let mut tx = house.house.db.begin().await.unwrap();
            for check in checks.iter().filter(|check| check.kind.is_measured()) {
                house.house.checks.file_measured(&mut tx, check.id, &Measured { verdict: measured, detail: json!({}) }).await.unwrap();
            }
            outbox::event(&mut tx, &house.engines.ambient, &DomainEvent::ChecksMeasured { call: room.call }).await.unwrap();
            tx.commit().await.unwrap();
            house.deliver().await;
        }
        let file = dossier::find(&house.house.db, id).await.unwrap().unwrap();
        assert_eq!(file.state.name(), state, "{measured:?}");
        let view = house.get(&format!("/api/v1/dossiers/{id}?purpose=audit")).by(&chief).send().await.expect(200).json();
        assert_eq!((&view["decisions"][0]["flags"], &view["decisions"][0]["waits_for_second"]), (&flags, &json!(state == "called")));
    }
}

#[tokio::test]
async fn somebody_who_is_both_sees_as_a_supervisor() {
    let house = TestHouse::open().await;
    let (lan, both) = (house.agent("lan").await, house.staff("both", &[Role::Agent, Role::Supervisor]).await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.get(&format!("/api/v1/dossiers/{}?purpose=audit", room.customer.id)).by(&both).send().await.expect(200);
    house.decide(room.customer.id, &both, &json!({ "outcome": "redo", "reason": "customer_request", "note": null })).await.expect(404);
}

#[tokio::test]
async fn a_report_is_one_page_without_script() {
    let house = TestHouse::open().await;
    let (lan, chief) = (house.agent("lan").await, house.supervisor("chief").await);
    let room = house.call(&lan, "<script>alert(1)</script>", "C1234567").await;
    let id = room.customer.id;
    house.live(room.call).await;
    let check = house.ask_for(room.call, &lan, "up").await.expect(201).json();
    let jpeg = vec![0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xD9];
    house.put(&format!("/api/v1/checks/{}/still", check["id"].as_str().unwrap())).by(&lan).body("image/jpeg", jpeg).send().await.expect(200);
    let reject = json!({ "outcome": "reject", "reason": "other", "note": "<script>alert(2)</script>" });
    house.decide(id, &lan, &reject).await.expect(200);
    house.get(&format!("/api/v1/dossiers/{id}/report")).by(&chief).send().await.expect(400);
    let report = house.get(&format!("/api/v1/dossiers/{id}/report?purpose=legal_request&locale=vi")).by(&chief).send().await.expect(200);
    assert_eq!(report.header("content-type"), "text/html; charset=utf-8");
    assert!(report.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(report.headers.get_all("content-security-policy").iter().count(), 1);
    let text = report.text();
    assert!(!text.contains("<script") && text.contains("&lt;script&gt;alert(2)"));
    assert!(text.contains("data:image/jpeg;base64,/9j/4P/Z") && text.contains("Đã từ chối") && text.contains("Báo cáo định danh"));
    assert_eq!(views(&house, id).await, [("report.viewed".to_owned(), Some("legal_request".to_owned()))]);
    house.get(&format!("/api/v1/dossiers/{id}/report?purpose=review")).by(&lan).send().await.expect(404);
}

#[tokio::test]
async fn the_journal_holds_after_a_whole_call() {
    let house = TestHouse::open().await;
    let (lan, room) = house.live_call().await;
    house.pass_all_checks(room.call, &lan).await;
    house.decide(room.customer.id, &lan, &approve()).await.expect(200);
    assert!(audit::verify(&house.house.db).await.unwrap().unwrap() > 20);
}

/// From the accept to the report, with every statement of calls, checks and review run.
async fn a_call_is_held_decided_found_and_printed(house: &TestHouse) {
    let (lan, chief) = (house.agent("lan").await, house.supervisor("chief").await);
    let room = house.call(&lan, "Nguyễn Thị Đẹp", "C1234567").await;
    let (id, calls) = (room.customer.id, &house.house.calls);
    house.get("/api/v1/call").by(&room.customer).send().await.expect(200);
    calls.join(Who::Customer(id), room.call, 1, offer()).await.unwrap();
    house.live(room.call).await;
    calls.say(Who::Agent(lan.id), room.call, &Pii::new("Chào bạn".to_owned())).await.unwrap();
    let sample = Sample { rtt_ms: 20.0, loss: 0.0, jitter_ms: 1.0, video_kbps: 800.0, ..Sample::default() };
    calls.report_quality(Who::Customer(id), room.call, sample).await.unwrap();
    house.media(room.call, Party::Customer, What::Disconnected).await;
    house.media(room.call, Party::Customer, What::Connected).await;
    house.pass_all_checks(room.call, &lan).await;
    house.look_after_calls().await;
    house.decide(id, &lan, &approve()).await.expect(200);
    let found = house.get("/api/v1/dossiers?q=dep&agent=lan&outcome=approved&from=2026-03-02&to=2026-03-02").by(&chief).send().await.expect(200).json();
    assert_eq!((&found["total"], &found["rows"][0]["id"], &found["rows"][0]["has_recording"]), (&json!(1), &json!(id), &json!(true)));
    let view = house.get(&format!("/api/v1/dossiers/{id}?purpose=audit")).by(&chief).send().await.expect(200).json();
    assert_eq!((&view["calls"][0]["chat"][0]["text"], &view["decisions"][0]["reason"]), (&json!("Chào bạn"), &json!("all_checks_passed")));
    house.get(&format!("/api/v1/dossiers/{id}/report?purpose=audit")).by(&chief).send().await.expect(200);
    assert_eq!(calls.quality_of(room.call, Party::Customer).await.unwrap().unwrap().samples, 1);
    audit::verify(&house.house.db).await.unwrap().unwrap();
}

crate::support::servers::on_every_backend!(a_call_is_held_decided_found_and_printed);
