//! Live sockets against a loopback listener: who may open one, what is heard, what nonsense leads to.

use serde_json::json;
use visavis::{
    base::Pii,
    engine::sfu::What,
    journey::call::{Who, life::EndReason, wire::Party},
};

use crate::support::{
    TestHouse,
    calls::{Page, eventually, offer},
};

const CUSTOMER: &str = "/api/v1/live/customer";
const STAFF: &str = "/api/v1/live/staff";

#[tokio::test]
async fn only_our_own_pages_with_a_session_get_a_socket() {
    let house = TestHouse::open().await;
    let at = house.listen().await;
    let (lan, customer) = (house.agent("lan").await, house.customer().await);
    let own = format!("http://{at}");
    let knock = async |path: &str, cookie: &str, origin: &str| Page::try_open(at, path, cookie, origin).await.err();
    assert_eq!(knock(CUSTOMER, &customer.cookie, &own).await, None);
    assert_eq!(knock(STAFF, &lan.cookie, &own).await, None);
    assert_eq!(knock(CUSTOMER, &customer.cookie, "http://evil.example").await, Some(403));
    assert_eq!(knock(STAFF, &lan.cookie, "null").await, Some(403));
    assert_eq!(knock(STAFF, &customer.cookie, &own).await, Some(401));
    assert_eq!(knock(CUSTOMER, &lan.cookie, &own).await, Some(401));
    assert_eq!(knock(CUSTOMER, "", &own).await, Some(401));
}

#[tokio::test]
async fn both_pages_hear_the_call_and_each_other() {
    let house = TestHouse::open().await;
    let at = house.listen().await;
    let lan = house.agent("lan").await;
    let dossier = house.confirmed("Nguyễn Văn A", "C1234567").await;
    let customer = house.customer_of(dossier).await;
    let mut theirs = Page::open(at, CUSTOMER, &customer).await;
    let mut ours = Page::open(at, STAFF, &lan).await;
    theirs.say(json!({ "type": "ping" })).await;
    assert_eq!(theirs.hear().await["type"], "pong");

    let call = house.accept(&lan, dossier).await;
    house.deliver().await;
    let started = theirs.hear_of("call_started").await;
    assert_eq!((&started["call_id"], &started["agent_name"]), (&json!(call), &json!("lan")));
    let view = house.get("/api/v1/call").by(&customer).send().await.expect(200).json();
    theirs.say(json!({ "type": "offer", "call_id": call, "epoch": view["epoch"], "sdp": offer() })).await;
    let answer = theirs.hear_of("answer").await;
    assert_eq!((&answer["call_id"], &answer["epoch"]), (&json!(call), &view["epoch"]));
    assert!(answer["sdp"].as_str().unwrap().contains("m=video"));

    house.media(call, Party::Customer, What::Connected).await;
    assert_eq!(ours.hear_of("peer_changed").await["peer"], "connected");
    house.media(call, Party::Agent, What::Connected).await;
    assert_eq!(theirs.hear_of("peer_changed").await["peer"], "connected");
    for page in [&mut theirs, &mut ours] {
        assert_eq!(page.hear_of("call_changed").await["state"], "live");
    }

    ours.say(json!({ "type": "chat", "call_id": call, "text": "  Chào bạn <b>  " })).await;
    for page in [&mut theirs, &mut ours] {
        let line = page.hear_of("chat").await["line"].clone();
        assert_eq!((&line["from"], &line["text"]), (&json!("agent"), &json!("Chào bạn <b>")));
    }
    theirs.say(json!({ "type": "quality", "call_id": call, "rtt_ms": 40.0, "loss": 0.01, "jitter_ms": 2.0, "video_kbps": 800.0 })).await;
    assert_eq!(ours.hear_of("peer_quality").await["video_kbps"], 800.0);

    house.post("/api/v1/call/hang-up").by(&customer).send().await.expect(204);
    house.deliver().await;
    assert_eq!(ours.hear_of("call_ended").await["reason"], "hung_up");
    assert_eq!(theirs.hear_of("application_changed").await["state"], "called");
    assert_eq!(theirs.hear_of("call_ended").await["reason"], "hung_up");
    theirs.say(json!({ "type": "chat", "call_id": call, "text": "hello?" })).await;
    assert_eq!(theirs.hear_of("refused").await["code"], "call_over");
    assert_eq!(house.house.calls.chat_of(call).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_changed_page_says_about_the_head_is_not_heard() {
    let house = TestHouse::open().await;
    let at = house.listen().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.live(room.call).await;
    let (mut theirs, mut ours) = (Page::open(at, CUSTOMER, &room.customer).await, Page::open(at, STAFF, &lan).await);
    let asked = house.post(&format!("/api/v1/calls/{}/checks", room.call)).by(&lan).json(&json!({})).send().await.expect(201).json();
    let id = asked["id"].as_str().unwrap();
    house.deliver().await;
    theirs.hear_of("check_changed").await;
    ours.hear_of("check_changed").await;

    // What a page could make up: angles, outcomes, verdicts, the check itself as settled.
    for kind in ["pose", "reading", "outcome", "judge", "measured", "check_changed"] {
        let forged = json!({
            "type": kind, "call_id": room.call, "check_id": id, "id": id, "state": "passed", "verdict": "passed", "passed": true,
            "yaw": 20.0, "pitch": 0.0, "check": { "id": id, "state": "passed", "measured": { "verdict": "passed" } },
        });
        // A page of its own each: the third nonsense would close it.
        let mut changed = Page::open(at, CUSTOMER, &room.customer).await;
        changed.say(forged).await;
        assert_eq!(changed.hear_of("refused").await["code"], "malformed", "{kind}");
        changed.say(json!({ "type": "ping" })).await;
        changed.hear_of("pong").await;
    }
    for (path, body) in
        [(format!("/api/v1/checks/{id}/judge"), json!({ "verdict": "passed", "reason": null })), (format!("/api/v1/calls/{}/checks", room.call), json!({}))]
    {
        let status = house.post(&path).by(&room.customer).json(&body).send().await.status;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    house.post("/api/v1/call/hints").by(&room.customer).json(&json!({ "codes": ["passed", "yaw"] })).send().await;
    house.deliver().await;
    ours.say(json!({ "type": "ping" })).await;
    assert_eq!(ours.hear().await["type"], "pong", "the agent's page heard nothing of all that");
    let view = house.get(&format!("/api/v1/calls/{}", room.call)).by(&lan).send().await.expect(200).json();
    assert_eq!(view["hints"], json!([]), "what is no hint is none");
    let [check] = &house.house.checks.of_call(room.call).await.unwrap()[..] else { panic!("one check was asked") };
    assert_eq!((check.state.name(), check.measured.is_none()), ("asked", true));
}

#[tokio::test]
async fn a_newer_page_takes_over_and_the_older_one_is_told() {
    let house = TestHouse::open().await;
    let at = house.listen().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let (mut older, mut newer) = (Page::open(at, CUSTOMER, &room.customer).await, Page::open(at, CUSTOMER, &room.customer).await);
    for (page, epoch, session) in [(&mut older, 1, "1"), (&mut newer, 2, "2")] {
        house.get("/api/v1/call").by(&room.customer).send().await.expect(200);
        let sdp = offer().replace("4611731400430051336", session);
        page.say(json!({ "type": "offer", "call_id": room.call, "epoch": epoch, "sdp": sdp })).await;
        page.hear_of("answer").await;
    }
    assert_eq!(older.hear_of("superseded").await["call_id"], json!(room.call));
    older.say(json!({ "type": "offer", "call_id": room.call, "epoch": 1, "sdp": offer() })).await;
    older.hear_of("superseded").await;
    newer.say(json!({ "type": "ping" })).await;
    assert_eq!(newer.hear().await["type"], "pong", "the newer page hears nothing of it");
}

#[tokio::test]
async fn what_cannot_be_done_is_said_and_does_not_end_the_socket() {
    let house = TestHouse::open().await;
    let at = house.listen().await;
    let (lan, mai) = (house.agent("lan").await, house.agent("mai").await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let other = house.call(&mai, "Trần Thị B", "C7654321").await;
    house.get("/api/v1/call").by(&room.customer).send().await.expect(200);
    let mut page = Page::open(at, CUSTOMER, &room.customer).await;
    let own = room.call;
    let table = [
        (json!({ "type": "chat", "call_id": other.call, "text": "hello" }), "unknown"),
        (json!({ "type": "offer", "call_id": other.call, "epoch": 1, "sdp": offer() }), "unknown"),
        (json!({ "type": "offer", "call_id": own, "epoch": 7, "sdp": offer() }), "epoch_unknown"),
        (json!({ "type": "offer", "call_id": own, "epoch": -1, "sdp": offer() }), "epoch_unknown"),
        (json!({ "type": "offer", "call_id": own, "epoch": 1, "sdp": "v=0\r\nnonsense" }), "bad_offer"),
        (json!({ "type": "chat", "call_id": own, "text": "   " }), "bad_chat"),
        (json!({ "type": "chat", "call_id": own, "text": "x".repeat(1001) }), "bad_chat"),
        (json!({ "type": "quality", "call_id": own, "rtt_ms": -1.0, "loss": 0.0, "jitter_ms": 0.0, "video_kbps": 0.0 }), "bad_quality"),
    ];
    for (command, code) in table {
        page.say(command.clone()).await;
        let heard = page.hear_of("refused").await;
        assert_eq!(heard["code"], code, "{command}");
        assert!(!heard["message"].as_str().unwrap().is_empty());
    }
    page.say(json!({ "type": "ping" })).await;
    page.hear_of("pong").await;
}

#[tokio::test]
async fn the_third_nonsense_closes() {
    let house = TestHouse::open().await;
    let at = house.listen().await;
    let customer = house.customer().await;
    let mut page = Page::open(at, CUSTOMER, &customer).await;
    page.say_text("{\"type\":\"dance\"}".to_owned()).await;
    assert_eq!(page.hear().await["code"], "malformed");
    page.say_bytes(vec![0; 100]).await;
    assert_eq!(page.hear().await["code"], "malformed");
    page.say_text(format!("{{\"type\":\"ping\",\"more\":\"{}\"}}", "x".repeat(65_536))).await;
    assert_eq!(page.hear().await["code"], "too_large");
    assert_eq!(page.hear_close().await, 1008);

    let mut page = Page::open(at, CUSTOMER, &customer).await;
    page.say_text("x".repeat(300_000)).await;
    page.hear_close().await;
    let mut page = Page::open(at, CUSTOMER, &customer).await;
    for _ in 0..200 {
        page.say(json!({ "type": "ping" })).await;
    }
    assert_eq!(page.hear_of("refused").await["code"], "limited");
    assert_eq!(page.hear_close().await, 1008);
    Page::open(at, CUSTOMER, &customer).await;
}

#[tokio::test]
async fn a_page_that_falls_behind_is_sent_to_read_anew() {
    let house = TestHouse::open().await;
    let at = house.listen().await;
    let customer = house.customer().await;
    let mut page = Page::open(at, CUSTOMER, &customer).await;
    let topic = visavis::registry::outbox::Topic::Customer(customer.id);
    for number in 0..2000 {
        house.house.hub.publish_json(topic, &json!({ "type": "number", "number": number }));
    }
    assert_eq!(page.hear_close().await, 4000);
}

#[tokio::test]
async fn the_last_page_that_closes_is_missed_and_the_next_one_heals_it() {
    let house = TestHouse::open().await;
    let at = house.listen().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let (page, second) = (Page::open(at, CUSTOMER, &room.customer).await, Page::open(at, CUSTOMER, &room.customer).await);
    house.live(room.call).await;
    let seen = async |wanted: &str| {
        eventually(async || {
            let view = house.house.calls.look_from_outside(room.call).await.unwrap();
            let peer = serde_json::to_value(view.peer).unwrap();
            if peer == wanted { Ok(()) } else { Err(peer.to_string()) }
        })
        .await;
    };
    page.close().await;
    seen("connected").await;
    second.close().await;
    seen("reconnecting").await;
    let _page = Page::open(at, CUSTOMER, &room.customer).await;
    seen("connected").await;
    assert!(house.house.pages.has(Who::Customer(room.customer.id)).await);
}

#[tokio::test]
async fn what_is_said_is_never_logged() {
    let trap = crate::support::logs::LogTrap::set();
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Ngô Thị Kín", "K9900112").await;
    house.live(room.call).await;
    let who = Who::Customer(room.customer.id);
    house.house.calls.say(who, room.call, &Pii::new("my secret word is qwopzx".to_owned())).await.unwrap();
    house.house.calls.end(room.call, EndReason::HungUp, visavis::registry::audit::Actor::System).await.unwrap();
    house.deliver().await;
    trap.holds_none_of(&["Ngô Thị Kín", "K9900112", "qwopzx"]);
}
