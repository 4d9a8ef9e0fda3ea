//! Who gets whom: skills, claims, reserves and full lines, through the router, on every pair of backends.

use serde_json::{Value, json};
use visavis::base::id::{DossierId, StaffId};

use super::{
    queue::{answer, desk, enqueue, hang_up, presence, ready, ticket},
    roster::{roster_of_languages, speaking},
};
use crate::support::{Person, TestHouse, servers};

servers::on_backends!([sqlite_memory SqliteMemory, sqlite_redis SqliteRedis, postgres_memory PostgresMemory, postgres_redis PostgresRedis] [
    skills_decide_who_is_offered_what,
    after_a_while_the_language_is_enough,
    claims_go_before_those_who_came_a_little_earlier,
    who_comes_back_after_a_broken_call_goes_first,
    a_full_line_takes_nobody_more,
    an_agent_is_kept_for_an_appointment,
    who_is_kept_speaks_the_language_of_the_appointment,
    supervisors_file_skills,
]);

async fn open(backend: servers::Backend, change: impl FnOnce(&mut visavis::boot::Settings)) -> TestHouse {
    TestHouse::on_with(backend, |settings| {
        settings.queue.products = ["account:1", "credit:3"].into_iter().map(|text| text.parse().unwrap()).collect();
        change(settings);
    })
    .await
}

async fn file_skills(house: &TestHouse, boss: &Person<StaffId>, agent: &Person<StaffId>, skills: Value) {
    house.put(&format!("/api/v1/agents/{}/skills", agent.id)).by(boss).json(&skills).send().await.expect(204);
}

async fn enqueue_for(house: &TestHouse, customer: &Person<DossierId>, body: Value) -> Value {
    house.house.queue.customer_online(customer.id, true);
    house.post("/api/v1/tickets").by(customer).json(&body).send().await.expect(200).json()
}

async fn skills_decide_who_is_offered_what(backend: servers::Backend) {
    let house = &open(backend, |_| {}).await;
    let boss = house.supervisor("boss").await;
    let (novice, expert) = (house.agent("novice").await, house.agent("expert").await);
    file_skills(house, &boss, &novice, json!({ "languages": { "en": 2 }, "products": { "account": 2, "credit": 2 } })).await;
    file_skills(house, &boss, &expert, json!({ "languages": {}, "products": { "credit": 3 } })).await;
    presence(house, &novice, "ready").await.expect(200);
    presence(house, &expert, "ready").await.expect(200);
    let (simple, dear) = (house.ready_to_call().await, house.ready_to_call().await);
    let first = enqueue_for(house, &dear, json!({ "product": "credit" })).await;
    assert_eq!(desk(house, &novice).await["offer"], Value::Null, "level 2 is not level 3");
    assert_eq!(desk(house, &expert).await["offer"]["ticket_id"], first["id"], "longest idle counts among the eligible only");
    let second = enqueue_for(house, &simple, json!({})).await;
    assert_eq!(desk(house, &novice).await["offer"]["ticket_id"], second["id"], "who names nothing calls about the first product");
}

async fn after_a_while_the_language_is_enough(backend: servers::Backend) {
    let house = &open(backend, |_| {}).await;
    let boss = house.supervisor("boss").await;
    let (speaks, foreign) = (house.agent("speaks").await, house.agent("foreign").await);
    file_skills(house, &boss, &speaks, json!({ "languages": { "en": 1 }, "products": { "account": 1 } })).await;
    file_skills(house, &boss, &foreign, json!({ "languages": { "vi": 9 }, "products": {} })).await;
    presence(house, &foreign, "ready").await.expect(200);
    presence(house, &speaks, "ready").await.expect(200);
    let customer = house.ready_to_call().await;
    let waiting = enqueue_for(house, &customer, json!({ "product": "credit" })).await;
    house.pass(119);
    house.step_queue().await;
    assert_eq!(ticket(house, &customer).await["state"], "waiting");
    house.pass(1);
    house.step_queue().await;
    assert_eq!(desk(house, &speaks).await["offer"]["ticket_id"], waiting["id"]);
    assert_eq!(desk(house, &foreign).await["offer"], Value::Null, "a language is never given up");
}

async fn claims_go_before_those_who_came_a_little_earlier(backend: servers::Backend) {
    let house = &open(backend, |_| {}).await;
    let (first, later, needy) = (house.ready_to_call().await, house.ready_to_call().await, house.ready_to_call().await);
    enqueue_for(house, &first, json!({})).await;
    house.pass(5 * 60);
    enqueue_for(house, &later, json!({})).await;
    house.pass(5 * 60 - 1);
    assert_eq!(enqueue_for(house, &needy, json!({ "has_special_needs": true })).await["position"], 1, "ten minutes of boost");
    assert_eq!((&ticket(house, &first).await["position"], &ticket(house, &later).await["position"]), (&json!(2), &json!(3)));
    house.pass(60);
    let late = house.ready_to_call().await;
    assert_eq!(enqueue_for(house, &late, json!({ "has_special_needs": true })).await["position"], 3, "who waited longer than the boost stays ahead");
    let nonsense = house.ready_to_call().await;
    assert_eq!(house.post("/api/v1/tickets").by(&nonsense).json(&json!({ "tier": 9 })).send().await.code(), "malformed", "nobody chooses a tier");
}

async fn who_comes_back_after_a_broken_call_goes_first(backend: servers::Backend) {
    let house = &open(backend, |_| {}).await;
    let agent = ready(house, "lan").await;
    let dropped = house.ready_to_call().await;
    enqueue(house, &dropped).await;
    answer(house, &agent, "accept").await.expect(200);
    let other = house.ready_to_call().await;
    enqueue_for(house, &other, json!({})).await;
    // The customer's own line broke: the call ends and the file may be called again.
    hang_up(house, &dropped).await;
    let mut tx = house.house.db.begin().await.unwrap();
    let file = visavis::registry::dossier::find_in(&mut tx, dropped.id).await.unwrap().unwrap();
    let is_over = file.state.name();
    drop(tx);
    if is_over == "confirmed" {
        house.pass(300);
        assert_eq!(enqueue_for(house, &dropped, json!({})).await["position"], 1);
    }
}

async fn a_full_line_takes_nobody_more(backend: servers::Backend) {
    let house = &open(backend, |settings| {
        settings.queue.most_waiting = 2;
        settings.queue.takes_unstaffed = false;
    })
    .await;
    let customers = [house.ready_to_call().await, house.ready_to_call().await, house.ready_to_call().await];
    let ask = |customer: &Person<DossierId>| house.post("/api/v1/tickets").by(customer).send();
    assert_eq!(ask(&customers[0]).await.expect(409).code(), "nobody_on_duty");
    assert_eq!(house.state_of(customers[0].id).await, "confirmed", "nothing is lost: an appointment can be made");
    let agent = ready(house, "lan").await;
    let talking = house.ready_to_call().await;
    enqueue(house, &talking).await;
    answer(house, &agent, "accept").await.expect(200);
    for customer in &customers[..2] {
        ask(customer).await.expect(200);
    }
    assert_eq!(ask(&customers[2]).await.expect(409).code(), "queue_full");
    ask(&customers[0]).await.expect(200);
}

async fn an_agent_is_kept_for_an_appointment(backend: servers::Backend) {
    let house = &open(backend, |settings| settings.queue.reserve_minutes = 5).await;
    let (one, two) = (house.agent("lan").await, house.agent("mai").await);
    house.house.bookings.seed_demo_shifts(&[one.id, two.id], 1).await.unwrap();
    let booked = house.ready_to_call().await;
    let slot = house.get("/api/v1/slots").send().await.expect(200).json()[0].clone();
    house.post("/api/v1/bookings").by(&booked).json(&json!({ "slot_id": slot["id"] })).send().await.expect(200);
    presence(house, &one, "ready").await.expect(200);
    house.pass(10 * 60);
    house.house.bookings.reserve(&house.house.queue).await.unwrap();
    let walk_in = house.ready_to_call().await;
    enqueue_for(house, &walk_in, json!({})).await;
    assert_eq!(desk(house, &one).await["offer"], Value::Null, "the one agent is kept for who comes in five minutes");
    presence(house, &two, "ready").await.expect(200);
    let offers = [desk(house, &one).await["offer"].clone(), desk(house, &two).await["offer"].clone()];
    assert_eq!(offers.iter().filter(|offer| offer.is_object()).count(), 1, "the second agent may serve who is here");
    let came = enqueue_for(house, &booked, json!({})).await;
    let mut on_desks = Vec::new();
    for agent in [&one, &two] {
        on_desks.push(desk(house, agent).await["offer"]["ticket_id"].clone());
    }
    assert!(on_desks.contains(&came["id"]), "and the first was there for the appointment");
}

async fn who_is_kept_speaks_the_language_of_the_appointment(backend: servers::Backend) {
    let house = &open(backend, |settings| settings.queue.reserve_minutes = 5).await;
    let boss = house.supervisor("boss").await;
    let [lan, mai] = roster_of_languages(house, &boss).await;
    let booked = speaking(house, "en").await;
    let slot = house.get("/api/v1/slots?locale=en").send().await.expect(200).json()[0].clone();
    house.post("/api/v1/bookings").by(&booked).json(&json!({ "slot_id": slot["id"] })).send().await.expect(200);
    presence(house, &mai, "ready").await.expect(200);
    house.pass(10 * 60);
    presence(house, &lan, "ready").await.expect(200);
    house.house.bookings.reserve(&house.house.queue).await.unwrap();
    let (one, two) = (speaking(house, "vi").await, speaking(house, "vi").await);
    let first = enqueue_for(house, &one, json!({})).await;
    assert_eq!(desk(house, &lan).await["offer"]["ticket_id"], first["id"], "Mai was idle for longer, but is kept for who comes and speaks English");
    enqueue_for(house, &two, json!({})).await;
    assert_eq!(desk(house, &mai).await["offer"], Value::Null);
    let came = enqueue_for(house, &booked, json!({})).await;
    assert_eq!(desk(house, &mai).await["offer"]["ticket_id"], came["id"]);
}

async fn supervisors_file_skills(backend: servers::Backend) {
    let house = &open(backend, |_| {}).await;
    let (boss, agent) = (house.supervisor("boss").await, house.agent("lan").await);
    let path = format!("/api/v1/agents/{}/skills", agent.id);
    let skills = json!({ "languages": { "vi": 9 }, "products": { "account": 1 } });
    assert_eq!(house.put(&path).by(&agent).json(&skills).send().await.status, 403, "not one's own");
    house.put(&path).by(&boss).json(&skills).send().await.expect(204);
    house.put(&path).by(&boss).json(&skills).send().await.expect(204);
    let seen = house.get("/api/v1/agents").by(&boss).send().await.expect(200).json();
    let own = seen.as_array().unwrap().iter().find(|row| row["agent_id"] == json!(agent.id)).unwrap();
    assert_eq!((&own["skills"], &own["presence"]), (&skills, &json!("offline")));
    for bad in [json!({ "languages": { "vi": 0 }, "products": {} }), json!({ "languages": { "Việt": 1 }, "products": {} })] {
        assert_eq!(house.put(&path).by(&boss).json(&bad).send().await.expect(422).code(), "bad_reason", "{bad}");
    }
    assert_eq!(house.put("/api/v1/agents/0190a6e0000070008000000000000000/skills").by(&boss).json(&skills).send().await.status, 404);
    // A ready agent is routed by new skills at once.
    let customer = house.ready_to_call().await;
    enqueue_for(house, &customer, json!({})).await;
    presence(house, &agent, "ready").await.expect(200);
    assert_eq!(desk(house, &agent).await["offer"], Value::Null, "the customer speaks English");
    house.put(&path).by(&boss).json(&json!({ "languages": {}, "products": {} })).send().await.expect(204);
    assert!(desk(house, &agent).await["offer"].is_object());
}
