//! Presence and offers as supervisors see them, through the router, on every pair of backends.

use serde_json::{Value, json};
use visavis::registry::outbox::Topic;

use super::queue::{answer, desk, enqueue, hang_up, here, presence, ready, ticket};
use crate::support::{Person, TestHouse, servers::on_every_backend};

on_every_backend!(
    two_misses_are_noted,
    five_offers_that_came_to_nothing_are_escalated,
    a_lost_agent_is_noted,
    a_supervisor_puts_agents_where_they_belong,
    wrap_up_is_extended_and_noted,
    several_pages_are_one_agent,
    estimates_answer_for_themselves,
);

async fn notes(house: &TestHouse, boss: &Person<visavis::base::id::StaffId>) -> Vec<Value> {
    house.get("/api/v1/queue/notes").by(boss).send().await.expect(200).json().as_array().unwrap().clone()
}

pub(crate) async fn two_misses_are_noted(house: &TestHouse) {
    let boss = house.supervisor("boss").await;
    let customer = here(house).await;
    let agent = ready(house, "lan").await;
    enqueue(house, &customer).await;
    house.pass(21);
    house.step_queue().await;
    assert!(notes(house, &boss).await.is_empty(), "one is not two");
    house.pass(61);
    house.step_queue().await;
    let mut console = house.house.hub.subscribe(Topic::Console);
    house.pass(20);
    house.step_queue().await;
    let found = notes(house, &boss).await;
    assert_eq!((found.len(), &found[0]["kind"], &found[0]["agent_id"], &found[0]["agent_name"]), (1, &json!("missed_offers"), &json!(agent.id), &json!("lan")));
    let told: Vec<String> = std::iter::from_fn(|| console.try_recv().ok()).map(|text| text.to_string()).collect();
    assert!(told.iter().any(|text| text.contains("notes_changed") && text.contains("\"unseen\":1")), "{told:?}");
    assert_eq!(house.get("/api/v1/queue/notes").by(&agent).send().await.status, 403);
    let seen = format!("/api/v1/queue/notes/{}/seen", found[0]["id"].as_str().unwrap());
    for _ in 0..2 {
        house.post(&seen).by(&boss).send().await.expect(204);
    }
    assert!(notes(house, &boss).await.is_empty());
}

pub(crate) async fn five_offers_that_came_to_nothing_are_escalated(house: &TestHouse) {
    let boss = house.supervisor("boss").await;
    let customer = here(house).await;
    enqueue(house, &customer).await;
    for (number, name) in ["an", "binh", "chi", "dung", "em"].into_iter().enumerate() {
        assert!(notes(house, &boss).await.is_empty(), "after {number}");
        let agent = ready(house, name).await;
        answer(house, &agent, "decline").await.expect(200);
    }
    let found = notes(house, &boss).await;
    assert_eq!((found.len(), &found[0]["kind"], &found[0]["dossier_id"]), (1, &json!("ticket_escalated"), &json!(customer.id)));
    assert_eq!(ticket(house, &customer).await["position"], 1, "the place is kept");
}

pub(crate) async fn a_lost_agent_is_noted(house: &TestHouse) {
    let boss = house.supervisor("boss").await;
    let agent = ready(house, "lan").await;
    house.house.queue.staff_online(agent.id, false);
    house.pass(15);
    house.step_queue().await;
    let found = notes(house, &boss).await;
    assert_eq!((found.len(), &found[0]["kind"]), (1, &json!("agent_lost")));
    presence(house, &agent, "ready").await.expect(200);
    presence(house, &agent, "offline").await.expect(200);
    assert_eq!(notes(house, &boss).await.len(), 1, "who goes by choice is not lost");
}

pub(crate) async fn a_supervisor_puts_agents_where_they_belong(house: &TestHouse) {
    let boss = house.supervisor("boss").await;
    let agent = ready(house, "lan").await;
    let force =
        |wanted: &str| house.post(&format!("/api/v1/agents/{}/presence", agent.id)).by(&boss).json(&json!({ "presence": wanted, "reason": null })).send();
    let customer = here(house).await;
    let waiting = enqueue(house, &customer).await;
    assert!(desk(house, &agent).await["offer"].is_object());
    force("break").await.expect(204);
    let seen = desk(house, &agent).await;
    assert_eq!((&seen["presence"], &seen["reason"], &seen["offer"]), (&json!("break"), &json!("supervisor"), &Value::Null));
    assert_eq!(ticket(house, &customer).await["state"], "waiting", "the offer went back into the line");
    force("ready").await.expect(204);
    assert_eq!(desk(house, &agent).await["offer"]["ticket_id"], waiting["id"]);
    answer(house, &agent, "accept").await.expect(200);
    for wanted in ["break", "offline", "ready"] {
        assert_eq!(force(wanted).await.expect(409).code(), "agent_busy", "a call is never taken away");
    }
    assert_eq!(force("in_call").await.expect(422).code(), "bad_reason");
    let own = house.post(&format!("/api/v1/agents/{}/presence", agent.id)).by(&agent).json(&json!({ "presence": "offline", "reason": null })).send().await;
    assert_eq!(own.status, 403);
    hang_up(house, &customer).await;
    force("offline").await.expect(204);
    assert_eq!(desk(house, &agent).await["presence"], "offline");
}

pub(crate) async fn wrap_up_is_extended_and_noted(house: &TestHouse) {
    let agent = ready(house, "lan").await;
    let ask = |body: Value| house.post("/api/v1/wrap-up").by(&agent).json(&body).send();
    assert_eq!(ask(json!({ "extend_seconds": 60 })).await.expect(409).code(), "agent_busy");
    let customer = house.ready_to_call().await;
    enqueue(house, &customer).await;
    answer(house, &agent, "accept").await.expect(200);
    hang_up(house, &customer).await;
    house.pass(100);
    ask(json!({ "extend_seconds": 120 })).await.expect(200);
    house.pass(139);
    house.step_queue().await;
    assert_eq!(desk(house, &agent).await["presence"], "wrap_up");
    let until = ask(json!({ "extend_seconds": 100_000, "note": "  hologram hard to see  " })).await.expect(200).json()["wrap_up_until"].clone();
    assert_eq!(until, "2026-03-02T02:15:00Z", "a quarter of an hour is the most");
    let notes = house.get(&format!("/api/v1/dossiers/{}/wrap-up-notes", customer.id)).by(&agent).send().await.expect(200).json();
    assert_eq!((&notes[0]["body"], &notes[0]["agent_name"]), (&json!("hologram hard to see"), &json!("lan")));
    assert_eq!(ask(json!({ "note": "x".repeat(2_001) })).await.expect(422).code(), "bad_reason");
    house.pass(15 * 60);
    house.step_queue().await;
    assert_eq!(desk(house, &agent).await["presence"], "ready");
}

pub(crate) async fn several_pages_are_one_agent(house: &TestHouse) {
    let agent = ready(house, "lan").await;
    let customer = here(house).await;
    enqueue(house, &customer).await;
    // The same agent signs in on a second page: the same desk, the same offer, one answer.
    let (one, two) = (desk(house, &agent).await, desk(house, &agent).await);
    assert_eq!(one["offer"]["epoch"], two["offer"]["epoch"]);
    // Both pages have read the offer before either answers.
    let path = format!("/api/v1/tickets/{}/accept", one["offer"]["ticket_id"].as_str().unwrap());
    let accept = async || house.post(&path).by(&agent).json(&json!({ "epoch": one["offer"]["epoch"] })).send().await;
    let (first, second) = tokio::join!(accept(), accept());
    let calls = [first, second].map(|answer| answer.expect(200).json()["call_id"].clone());
    assert_eq!(calls[0], calls[1]);
}

pub(crate) async fn estimates_answer_for_themselves(house: &TestHouse) {
    let boss = house.supervisor("boss").await;
    let health = || house.get("/api/v1/queue/health").by(&boss).send();
    let before = health().await.expect(200).json();
    assert_eq!((&before["answered"], &before["estimate_error"]), (&json!(0), &Value::Null));
    let agent = ready(house, "lan").await;
    let (first, second) = (house.ready_to_call().await, house.ready_to_call().await);
    for customer in [&first, &second] {
        house.house.queue.customer_online(customer.id, true);
        enqueue(house, customer).await;
    }
    house.pass(10);
    answer(house, &agent, "accept").await.expect(200);
    house.pass(200);
    hang_up(house, &first).await;
    presence(house, &agent, "ready").await.expect(200);
    answer(house, &agent, "accept").await.expect(200);
    // Told 0 s and waited 10; told 300 and some for the second, who waited 210.
    let seen = health().await.expect(200).json();
    assert_eq!((&seen["answered"], &seen["abandoned"], &seen["mean_wait_seconds"]), (&json!(2), &json!(0), &json!(110)), "{seen}");
    let error = &seen["estimate_error"];
    assert_eq!((&error["calls"], &error["within_a_minute_percent"]), (&json!(2), &json!(50)), "{seen}");
    assert_eq!(health().await.json(), seen);
    assert_eq!(house.get("/api/v1/queue/health").by(&agent).send().await.status, 403);
}
