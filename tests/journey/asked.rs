//! Codes, questions, places and hints through the router.

use serde_json::{Value, json};
use visavis::{engine::sfu::What, journey::call::wire::Party, registry::dossier};

use crate::support::{TestHouse, calls::Page};

async fn type_code(house: &TestHouse, customer: &crate::support::Person<visavis::base::id::DossierId>, code: &str) -> Value {
    house.post("/api/v1/call/code").by(customer).json(&json!({ "code": code })).send().await.expect(200).json()
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn a_code_is_sent_typed_and_only_then_the_check_is_passed() {
    let house = TestHouse::open().await;
    let (lan, room) = house.live_call().await;
    house.post("/api/v1/call/code").by(&room.customer).json(&json!({ "code": "123456" })).send().await.expect(404);
    let asked = house.ask_for(room.call, &lan, "code").await.expect(201).json();
    let id = asked["id"].as_str().unwrap();
    let code = house.code_sent(id, 1);
    let seen = house.get("/api/v1/call").by(&room.customer).send().await.expect(200).json();
    assert_eq!((&seen["checks"][0]["code"]["state"], &seen["checks"][0]["code"]["way"]), (&json!("sent"), &json!("sms")));
    assert!(!seen.to_string().contains(&code), "the code goes out of the house by its own way only");
    assert_eq!(house.judge(id, &lan, "passed", None).await.expect(409).code(), "check_not_met", "the agent's word is not enough");
    let first = type_code(&house, &room.customer, &wrong(&code)).await;
    assert_eq!((&first["state"], &first["attempts_left"]), (&json!("sent"), &json!(4)));
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert_eq!(type_code(&house, &room.customer, &spaced).await["state"], "matched");
    assert_eq!(type_code(&house, &room.customer, &wrong(&code)).await["state"], "matched", "what was right stays right");
    house.judge(id, &lan, "passed", None).await.expect(200);

    let mut tx = house.house.db.begin().await.unwrap();
    let filed = tx.row("select digest from check_codes", &[]).await.unwrap().unwrap().text("digest").unwrap();
    drop(tx);
    assert!(filed.len() == 64 && !filed.contains(&code));
    let told: Vec<String> = dossier::timeline(&house.house.db, room.customer.id).await.unwrap().into_iter().map(|e| e.kind).collect();
    for kind in ["check.code_made", "check.code_sent", "check.code_wrong", "check.code_matched", "check.passed"] {
        assert!(told.iter().any(|one| one == kind), "{kind} in {told:?}");
    }
}

#[tokio::test]
async fn a_code_ends_by_age_by_tries_and_by_another_one() {
    let house = TestHouse::open().await;
    let (lan, room) = house.live_call().await;
    let asked = house.ask_for(room.call, &lan, "code").await.expect(201).json();
    let id = asked["id"].as_str().unwrap();
    let first = house.code_sent(id, 1);
    house.pass(5 * 60);
    assert_eq!(type_code(&house, &room.customer, &first).await["state"], "expired");
    let again = house.post("/api/v1/call/code/again").by(&room.customer).send().await.expect(200).json();
    assert_eq!((&again["state"], &again["sends_left"]), (&json!("sent"), &json!(1)));
    let second = house.code_sent(id, 2);
    if first != second {
        assert_eq!(type_code(&house, &room.customer, &first).await["state"], "sent", "the earlier one has ended");
    }
    let resend = async |way: Option<&str>| house.post(&format!("/api/v1/checks/{id}/code")).by(&lan).json(&json!({ "way": way })).send().await;
    assert_eq!(resend(Some("email")).await.expect(200).json()["way"], "email");
    assert_eq!(resend(None).await.expect(409).code(), "code_spent", "three in all");
    for _ in 0..4 {
        type_code(&house, &room.customer, "abc").await;
    }
    assert_eq!(type_code(&house, &room.customer, &second).await["state"], "spent", "tries are counted over all codes");
    assert_eq!(house.judge(id, &lan, "passed", None).await.expect(409).code(), "check_not_met");
    house.judge(id, &lan, "failed", Some("not_followed")).await.expect(200);
    house.post("/api/v1/call/code").by(&room.customer).json(&json!({ "code": second })).send().await.expect(404);

    let mut tx = house.house.db.begin().await.unwrap();
    tx.execute("update dossiers set phone = null, email = null", &[]).await.unwrap();
    tx.commit().await.unwrap();
    let open = house.ask_for(room.call, &lan, "code").await.expect(201).json();
    assert_eq!(open["code"], json!(null), "without an address none goes out");
    let path = format!("/api/v1/checks/{}/code", open["id"].as_str().unwrap());
    assert_eq!(house.post(&path).by(&lan).json(&json!({ "way": null })).send().await.expect(409).code(), "no_address");
    house.judge(open["id"].as_str().unwrap(), &lan, "skipped", Some("cannot")).await.expect(200);
}

#[tokio::test]
async fn questions_are_drawn_from_the_file_and_never_come_twice() {
    let house = TestHouse::with(|settings| "in-vcip".clone_into(&mut settings.checks.profile)).await;
    let (lan, room) = house.live_call().await;
    let mai = house.agent("mai").await;
    let mut known = std::collections::BTreeSet::new();
    let asked = house.ask_for(room.call, &lan, "questions").await.expect(201).json();
    let sheet_of = async |asked: &Value| house.get(&format!("/api/v1/checks/{}/sheet", asked["id"].as_str().unwrap())).by(&lan).send().await;
    let sheet = sheet_of(&asked).await.expect(200).json();
    let lines = sheet["questions"].as_array().unwrap().clone();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| !line["answer"].as_str().unwrap().is_empty()), "{lines:?}");
    house.get(&format!("/api/v1/checks/{}/sheet", asked["id"].as_str().unwrap())).by(&mai).send().await.expect(404);
    let customer = house.get("/api/v1/call").by(&room.customer).send().await.expect(200).json();
    assert_eq!(customer["checks"][0]["questions"], json!(null));
    let id = asked["id"].as_str().unwrap();
    let mark =
        async |question: &str, mark: &str| house.put(&format!("/api/v1/checks/{id}/questions/{question}")).by(&lan).json(&json!({ "mark": mark })).send().await;
    assert_eq!(house.judge(id, &lan, "passed", None).await.expect(409).code(), "check_not_met", "nothing is marked");
    mark("no_such", "right").await.expect(404);
    for line in &lines {
        mark(line["question"].as_str().unwrap(), "right").await.expect(204);
        known.insert(line["question"].as_str().unwrap().to_owned());
    }
    mark(lines[0]["question"].as_str().unwrap(), "wrong").await.expect(204);
    assert_eq!(house.judge(id, &lan, "passed", None).await.expect(409).code(), "check_not_met", "one is wrong");
    house.judge(id, &lan, "failed", Some("not_followed")).await.expect(200);
    mark(lines[0]["question"].as_str().unwrap(), "right").await.expect(409);

    // The same person in another file, under another spelling of the number.
    house.house.calls.hang_up(visavis::journey::call::Who::Agent(lan.id), room.call).await.unwrap();
    house.deliver().await;
    let next = house.call(&lan, "Nguyen Van A", "c-123 4567").await;
    house.live(next.call).await;
    let mut rounds = 0;
    loop {
        let asked = house.ask_for(next.call, &lan, "questions").await;
        if asked.status == 409 {
            assert_eq!(asked.code(), "no_questions", "better none than one that was asked before");
            break;
        }
        let asked = asked.expect(201).json();
        for line in sheet_of(&asked).await.expect(200).json()["questions"].as_array().unwrap() {
            assert!(known.insert(line["question"].as_str().unwrap().to_owned()), "{} comes twice", line["question"]);
        }
        house.judge(asked["id"].as_str().unwrap(), &lan, "skipped", Some("technical")).await.expect(200);
        rounds += 1;
    }
    assert!(rounds >= 1);
    let left_out = json!({ "kind": "questions", "because": "leave_out" });
    house.post(&format!("/api/v1/calls/{}/checks", next.call)).by(&lan).json(&left_out).send().await.expect(201);
}

#[tokio::test]
async fn a_place_is_taken_with_consent_and_stays_out_of_what_is_kept_in_passing() {
    let house = TestHouse::open().await;
    let (lan, chief) = (house.agent("lan").await, house.supervisor("chief").await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.live(room.call).await;
    let give = async |body: Value| house.post("/api/v1/call/place").by(&room.customer).json(&body).send().await;
    let place = json!({ "outcome": "given", "latitude": 10.7761, "longitude": 106.7012, "accuracy_m": 12.5 });
    give(place.clone()).await.expect(404);
    let asked = house.ask_for(room.call, &lan, "location").await.expect(201).json();
    let id = asked["id"].as_str().unwrap();
    assert_eq!(give(json!({ "outcome": "given", "latitude": 91, "longitude": 0, "accuracy_m": 1 })).await.expect(422).code(), "bad_place");
    give(json!({ "outcome": "declined" })).await.expect(204);
    assert_eq!(house.judge(id, &lan, "passed", None).await.expect(409).code(), "check_not_met", "who would not is not said to be anywhere");
    give(place).await.expect(204);
    let sheet = house.get(&format!("/api/v1/checks/{id}/sheet")).by(&lan).send().await.expect(200).json();
    assert_eq!((&sheet["place"]["latitude"], &sheet["place"]["accuracy_m"]), (&json!(10.7761), &json!(12.5)));
    house.judge(id, &lan, "passed", None).await.expect(200);
    let view = house.get(&format!("/api/v1/dossiers/{}?purpose=audit", room.customer.id)).by(&chief).send().await.expect(200).json();
    assert_eq!(view["calls"][0]["sheets"][0]["place"], sheet["place"]);
    assert!(!view["timeline"].to_string().contains("10.77"), "the timeline says that, not where");
    let mut tx = house.house.db.begin().await.unwrap();
    let passing = tx.rows("select payload from outbox union all select detail from audit_lines", &[]).await.unwrap();
    assert!(passing.iter().all(|row| !row.text("payload").unwrap().contains("10.77")));
    let words = tx.row("select consent_text from check_places", &[]).await.unwrap().unwrap().text("consent_text").unwrap();
    use sha2::{Digest, Sha256};
    assert_eq!(sheet["place"]["consent_sha256"], hex::encode(Sha256::digest(words.as_bytes())), "of exactly these words");
}

#[tokio::test]
async fn hints_are_told_to_the_agent_alone() {
    let house = TestHouse::open().await;
    let at = house.listen().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.live(room.call).await;
    house.deliver().await;
    let mut desk = Page::open(at, "/api/v1/live/staff", &lan).await;
    house.pass(7);
    let own = json!({ "codes": ["virtual_camera", "reacted_at_once", "nonsense"] });
    house.post("/api/v1/call/hints").by(&room.customer).json(&own).send().await.expect(204);
    house.post("/api/v1/call/hints").by(&room.customer).json(&own).send().await.expect(204);
    house.post(&format!("/api/v1/calls/{}/hints", room.call)).by(&lan).json(&json!({ "codes": ["frames_frozen", "virtual_camera"] })).send().await.expect(204);
    house.deliver().await;
    let heard = desk.hear_of("hints_changed").await;
    assert_eq!((&heard["hints"][0]["code"], &heard["hints"][0]["media_ms"]), (&json!("virtual_camera"), &json!(7_000)));
    let seen = house.get(&format!("/api/v1/calls/{}", room.call)).by(&lan).send().await.expect(200).json()["hints"].clone();
    let of = |hint: &Value| (hint["source"].as_str().unwrap().to_owned(), hint["code"].as_str().unwrap().to_owned(), hint["times"].as_i64().unwrap());
    let seen: Vec<_> = seen.as_array().unwrap().iter().map(of).collect();
    assert_eq!(
        seen,
        [("agent".to_owned(), "frames_frozen".to_owned(), 1), ("customer".to_owned(), "virtual_camera".to_owned(), 2)],
        "each page what it can know"
    );
    assert_eq!(house.get("/api/v1/call").by(&room.customer).send().await.expect(200).json()["hints"], json!([]));
    house.media(room.call, Party::Customer, What::Connected).await;
    house.pass_all_checks(room.call, &lan).await;
    let decision = house.decide(room.customer.id, &lan, &json!({ "outcome": "approve", "reason": "all_checks_passed", "note": null })).await.expect(200).json();
    assert!(decision["flags"].to_string().contains("camera_hints"));
    assert_eq!(decision["waits_for_second"], false, "a hint decides nothing");
    house.post("/api/v1/call/hints").by(&room.customer).json(&own).send().await.expect(404);
}
