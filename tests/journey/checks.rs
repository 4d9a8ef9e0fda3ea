//! Checks through the router: when they may be asked, how they are judged, what is filed with them.

use serde_json::json;
use visavis::{
    engine::sfu::What,
    journey::{
        call::wire::Party,
        checks::{Measured, MeasuredVerdict},
    },
    registry::dossier,
};

use crate::support::TestHouse;

fn jpeg(bytes: usize) -> Vec<u8> {
    let mut jpeg = vec![0x55; bytes];
    jpeg[..3].copy_from_slice(&[0xFF, 0xD8, 0xFF]);
    jpeg[bytes - 2..].copy_from_slice(&[0xFF, 0xD9]);
    jpeg
}

#[tokio::test]
async fn a_check_is_asked_shown_and_judged_on_the_time_of_the_recording() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let asking = format!("/api/v1/calls/{}/checks", room.call);
    let ask = async |kind: &str| house.ask_for(room.call, &lan, kind).await;
    assert_eq!(ask("left").await.expect(409).code(), "call_not_live");
    house.live(room.call).await;
    house.pass(12);
    let check = ask("left").await.expect(201).json();
    assert_eq!((&check["state"], &check["media_ms"], &check["has_still"]), (&json!("asked"), &json!(12_000), &json!(false)));
    assert_eq!(ask("up").await.expect(409).code(), "check_open");
    let id = check["id"].as_str().unwrap();
    let (still, verdict) = (format!("/api/v1/checks/{id}/still"), format!("/api/v1/checks/{id}/verdict"));

    let put = async |body: Vec<u8>| house.put(&still).by(&lan).body("image/jpeg", body).send().await;
    assert_eq!(put(b"GIF89a not a jpeg".to_vec()).await.expect(415).code(), "wrong_type");
    assert_eq!(put(Vec::new()).await.expect(415).code(), "wrong_type");
    assert_eq!(put(jpeg(2 * 1024 * 1024 + 1)).await.expect(413).code(), "too_large");
    put(jpeg(5 * 1024 * 1024)).await.expect(413);
    assert_eq!(put(jpeg(1000)).await.expect(200).json()["has_still"], true);
    assert_eq!(put(jpeg(1000)).await.expect(409).code(), "check_judged", "a still is never replaced");

    house.pass(3);
    let judge = async |body: serde_json::Value| house.post(&verdict).by(&lan).json(&body).send().await;
    for nonsense in
        [json!({ "verdict": "asked", "reason": null }), json!({ "verdict": "failed", "reason": null }), json!({ "verdict": "skipped", "reason": "mood" })]
    {
        assert_eq!(judge(nonsense).await.expect(422).code(), "bad_verdict");
    }
    assert_eq!(judge(json!({ "verdict": "great" })).await.expect(422).code(), "malformed");
    assert_eq!(judge(json!({ "verdict": "passed", "reason": null })).await.expect(200).json()["state"], "passed");
    assert_eq!(judge(json!({ "verdict": "failed", "reason": "cannot" })).await.expect(409).code(), "check_judged");
    assert_eq!(ask("dance").await.expect(422).code(), "malformed");
    let because = async |body: serde_json::Value| house.post(&asking).by(&lan).json(&body).send().await;
    assert_eq!(because(json!({ "kind": "up" })).await.expect(422).code(), "choice_without_reason");
    assert_eq!(because(json!({ "kind": "up", "because": "mood" })).await.expect(422).code(), "choice_without_reason");
    let filed = house.house.checks.of_call(room.call).await.unwrap();
    assert_eq!((filed[0].asked_media_ms, filed[0].judged_media_ms), (12_000, Some(15_000)));
    assert_eq!(filed[0].still.as_ref().unwrap().size, 1000);
    let view = house.get(&format!("/api/v1/calls/{}", room.call)).by(&lan).send().await.json();
    assert_eq!(view["checks"][0]["state"], "passed");
    let told: Vec<String> =
        dossier::timeline(&house.house.db, room.customer.id).await.unwrap().into_iter().map(|e| e.kind).filter(|k| k.starts_with("check.")).collect();
    assert_eq!(told, ["check.asked", "check.still_filed", "check.passed"]);
}

#[tokio::test]
async fn what_failed_may_be_asked_again() {
    let house = TestHouse::open().await;
    let (lan, room) = house.live_call().await;
    assert_eq!(house.check(room.call, &lan, "up", "failed", Some("not_followed")).await["reason"], "not_followed");
    assert_eq!(house.check(room.call, &lan, "up", "skipped", Some("cannot")).await["state"], "skipped");
    assert_eq!(house.check(room.call, &lan, "up", "passed", None).await["state"], "passed");
}

#[tokio::test]
async fn the_order_is_drawn_and_can_be_proved_afterwards() {
    let house = TestHouse::open().await;
    let (lan, chief) = (house.agent("lan").await, house.supervisor("chief").await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let nonce = "5e".repeat(32);
    let give = async |nonce: &str| house.post("/api/v1/call/nonce").by(&room.customer).json(&json!({ "nonce": nonce })).send().await;
    let view = house.get("/api/v1/call").by(&room.customer).send().await.expect(200).json();
    let commitment = view["plan"]["commitment"].as_str().unwrap().to_owned();
    assert_eq!((commitment.len(), &view["plan"]["has_nonce"]), (64, &json!(false)));
    for wrong in ["", "5E", &"5E".repeat(32), &"5e".repeat(31), &"zz".repeat(32)] {
        assert_eq!(give(wrong).await.expect(409).code(), "nonce_refused");
    }
    give(&nonce).await.expect(204);
    give(&nonce).await.expect(204);
    assert_eq!(give(&"00".repeat(32)).await.expect(409).code(), "nonce_refused", "the first one counts");
    house.live(room.call).await;

    let mut page = view["plan"].clone();
    let drawn = house.pass_all_checks(room.call, &lan).await;
    assert!(drawn.len() >= 6 && drawn[0] == "frontal", "{drawn:?}");
    page["left"] = json!(0);
    page["has_nonce"] = json!(true);
    let seen = house.get(&format!("/api/v1/calls/{}", room.call)).by(&lan).send().await.expect(200).json();
    assert_eq!(seen["plan"], page, "while the call lasts nothing more is told than what is bound");
    assert!(!seen.to_string().contains("seed"));
    let file = async || house.get(&format!("/api/v1/dossiers/{}?purpose=audit", room.customer.id)).by(&chief).send().await.expect(200).json();
    assert_eq!(file().await["calls"][0]["plan"], json!(null), "the seed is closed while the call lasts");
    house.house.calls.hang_up(visavis::journey::call::Who::Agent(lan.id), room.call).await.unwrap();

    let proof = file().await["calls"][0]["plan"].clone();
    assert_eq!((&proof["is_proved"], &proof["commitment"], &proof["nonce"]), (&json!(true), &json!(commitment), &json!(nonce)));
    // Anybody's own arithmetic, from what is filed.
    let seed = hex::decode(proof["seed"].as_str().unwrap()).unwrap();
    use sha2::{Digest, Sha256};
    let again = Sha256::new().chain_update(b"visavis plan 1").chain_update(room.call.to_string()).chain_update(&seed).finalize();
    assert_eq!(hex::encode(again), commitment);
    // An order that was changed afterwards is not the drawn one.
    let mut tx = house.house.db.begin().await.unwrap();
    tx.execute("update checks set kind = 'frontal' where call_id = $1 and kind <> 'frontal'", &[room.call.into()]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(file().await["calls"][0]["plan"]["is_proved"], false);
}

#[tokio::test]
async fn what_the_agent_looks_for_is_not_told_to_the_customer() {
    let house = TestHouse::with(|settings| "de-videoident".clone_into(&mut settings.checks.profile)).await;
    let (lan, room) = house.live_call().await;
    let drawn = house.pass_all_checks(room.call, &lan).await;
    let of = |view: &serde_json::Value, kind: &str| view["checks"].as_array().unwrap().iter().find(|check| check["kind"] == kind).unwrap()["challenge"].clone();
    let agent = house.get(&format!("/api/v1/calls/{}", room.call)).by(&lan).send().await.expect(200).json();
    let customer = house.get("/api/v1/call").by(&room.customer).send().await.expect(200).json();
    assert!(drawn.contains(&"document_tilt".to_owned()) && drawn.contains(&"document_cover".to_owned()), "{drawn:?}");
    assert_eq!((of(&agent, "document_tilt")["features"].as_array().unwrap().len(), of(&customer, "document_tilt")), (3, json!(null)));
    assert_eq!(of(&agent, "document_cover"), of(&customer, "document_cover"));
    let late = house.post("/api/v1/call/nonce").by(&room.customer).json(&json!({ "nonce": "5e".repeat(32) })).send().await;
    assert_eq!(late.expect(409).code(), "nonce_refused", "nothing of the draw changes once something was drawn");
}

#[tokio::test]
async fn checks_of_others_do_not_exist() {
    let house = TestHouse::open().await;
    let (lan, mai, chief) = (house.agent("lan").await, house.agent("mai").await, house.supervisor("chief").await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.live(room.call).await;
    let check = house.ask_for(room.call, &lan, "up").await.expect(201).json();
    let path = format!("/api/v1/checks/{}", check["id"].as_str().unwrap());
    let verdict = json!({ "verdict": "passed", "reason": null });
    house.post(&format!("{path}/verdict")).by(&mai).json(&verdict).send().await.expect(404);
    house.put(&format!("{path}/still")).by(&mai).body("image/jpeg", jpeg(100)).send().await.expect(404);
    house.post(&format!("{path}/verdict")).by(&chief).json(&verdict).send().await.expect(403);
    house.get(&format!("{path}/still")).by(&mai).send().await.expect(404);
    house.get(&format!("{path}/still")).by(&lan).send().await.expect(404);
    house.put(&format!("{path}/still")).by(&lan).body("image/jpeg", jpeg(100)).send().await.expect(200);
    let still = house.get(&format!("{path}/still")).by(&lan).send().await.expect(200);
    assert_eq!((still.body, still.headers["content-type"].to_str().unwrap()), (jpeg(100), "image/jpeg"));
    house.get(&format!("{path}/still")).by(&mai).send().await.expect(404);
}

#[tokio::test]
async fn a_call_that_ends_leaves_no_check_open() {
    let house = TestHouse::open().await;
    let (lan, room) = house.live_call().await;
    house.ask_for(room.call, &lan, "up").await.expect(201);
    house.media(room.call, Party::Customer, What::Gone).await;
    house.pass(60);
    house.look_after_calls().await;
    let filed = house.house.checks.of_call(room.call).await.unwrap().remove(0);
    assert_eq!((filed.view().state, filed.reason.as_deref()), (visavis::journey::checks::wire::CheckState::Skipped, Some("technical")));
}

#[tokio::test]
async fn a_measured_verdict_stands_beside_the_agents() {
    let house = TestHouse::open().await;
    let (lan, room) = house.live_call().await;
    house.check(room.call, &lan, "up", "passed", None).await;
    let id = house.house.checks.of_call(room.call).await.unwrap()[0].id;
    let mut tx = house.house.db.begin().await.unwrap();
    let measured = Measured { verdict: MeasuredVerdict::Failed, detail: json!({ "pitch_degrees": 3.5 }) };
    house.house.checks.file_measured(&mut tx, id, &measured).await.unwrap();
    assert!(house.house.checks.file_measured(&mut tx, house.engines.ambient.id(), &measured).await.is_err());
    tx.commit().await.unwrap();
    let filed = house.house.checks.find(id).await.unwrap().unwrap();
    assert_eq!((filed.state, filed.measured), (visavis::journey::checks::wire::CheckState::Passed, Some(measured)));
}
