//! Callbacks: the place is kept without a page, the turn rings, and who does not come meets a defined end. Every scenario on every
//! pair of backends.

use serde_json::{Value, json};
use visavis::{
    base::id::{DossierId, StaffId},
    registry::outbox::Topic,
};

use super::{
    queue::{answer, desk, enqueue, hang_up, presence, ready, ticket},
    roster::letters,
};
use crate::support::{Answer, Person, TestHouse, servers::on_every_backend};

on_every_backend!(
    a_callback_keeps_the_place_and_rings_at_its_turn,
    who_does_not_come_is_rung_again_and_given_up_in_the_end,
    a_ring_back_that_is_withdrawn_does_not_count,
    who_stays_after_all_waits_as_before,
    leaving_while_it_rings_frees_the_agent,
    what_cannot_be_called_back,
    a_long_wait_and_an_empty_house_offer_something_else,
    a_restart_keeps_callbacks,
);

async fn ask(house: &TestHouse, customer: &Person<DossierId>, body: Value) -> Answer {
    let id = ticket(house, customer).await["id"].as_str().unwrap().to_owned();
    house.post(&format!("/api/v1/tickets/{id}/callback")).by(customer).json(&body).send().await
}

/// A customer who asked to be called back by text message and closed the page, behind somebody who stays.
async fn called_back(house: &TestHouse) -> (Person<DossierId>, Person<DossierId>) {
    let (back, stays) = (house.ready_to_call().await, house.ready_to_call().await);
    for customer in [&back, &stays] {
        house.house.queue.customer_online(customer.id, true);
        enqueue(house, customer).await;
        house.pass(1);
    }
    let view = ask(house, &back, json!({ "way": "sms", "address": "+84 (90) 000-0001" })).await.expect(200).json();
    assert_eq!((&view["callback"]["way"], &view["position"], &view["instead"]), (&json!("sms"), &json!(1), &json!([])));
    house.house.queue.customer_online(back.id, false);
    (back, stays)
}

async fn accept_ringing(house: &TestHouse, agent: &Person<StaffId>) {
    let accepted = answer(house, agent, "accept").await.expect(200).json();
    assert_eq!(accepted["call_id"], Value::Null, "nobody is there to talk to yet");
    assert!(accepted["ringing_until"].is_string());
}

pub(crate) async fn a_callback_keeps_the_place_and_rings_at_its_turn(house: &TestHouse) {
    let (back, stays) = called_back(house).await;
    house.pass(3_600);
    house.step_queue().await;
    assert_eq!(ticket(house, &back).await["position"], 1, "without a page for an hour");
    assert_eq!(ticket(house, &stays).await["position"], 2);

    let agent = ready(house, "lan").await;
    let offer = desk(house, &agent).await["offer"].clone();
    assert_eq!((&offer["dossier_id"], &offer["is_callback"]), (&json!(back.id), &json!(true)));
    let mut page = house.house.hub.subscribe(Topic::Customer(back.id));
    accept_ringing(house, &agent).await;
    let again = house.post(&format!("/api/v1/tickets/{}/accept", offer["ticket_id"].as_str().unwrap()));
    let again = again.by(&agent).json(&json!({ "epoch": offer["epoch"] })).send().await.expect(200).json();
    assert!(again["ringing_until"].is_string(), "the same click twice is one ring");
    let told: Value = serde_json::from_str(&page.try_recv().unwrap()).unwrap();
    assert_eq!((&told["type"], &told["ring"]["agent_name"], &told["ring"]["booking_id"]), (&json!("ring"), &json!("lan"), &Value::Null));
    let seen = desk(house, &agent).await;
    assert_eq!((&seen["presence"], &seen["ringing"]["dossier_id"], &seen["offer"]), (&json!("offered"), &json!(back.id), &Value::Null));

    house.work().await;
    let texts: Vec<String> = letters(house).split(' ').filter(|name| name.starts_with("sms-ring-")).map(str::to_owned).collect();
    assert_eq!(texts.len(), 1, "{}", letters(house));
    let text = std::fs::read_to_string(house.settings.storage.data.join("notify").join(&texts[0])).unwrap();
    assert!(text.starts_with("+84900000001\n\nVisavis: it is your turn, lan is calling you now."), "{text}");

    // The link opens the ring on a phone that never saw the page.
    let token = text.split("/#/ring/").nth(1).unwrap().trim().to_owned();
    assert_eq!(house.post(&format!("/api/v1/ring/by-link/{}x", &token[..token.len() - 1])).send().await.status, 404, "a forged link");
    let opened = house.post(&format!("/api/v1/ring/by-link/{token}")).send().await.expect(200);
    let phone = Person { id: back.id, cookie: opened.cookie() };
    assert_eq!(house.get("/api/v1/ring").by(&phone).send().await.expect(200).json()["agent_name"], "lan");
    let call = house.post("/api/v1/ring/answer").by(&phone).send().await.expect(200).json()["call_id"].clone();
    assert_eq!(desk(house, &agent).await["call_id"], call);
    assert_eq!(house.state_of(back.id).await, "in_call");
    hang_up(house, &phone).await;
    assert_eq!(ticket(house, &stays).await["position"], 1);
    house.pass(7_201);
    assert_eq!(house.post(&format!("/api/v1/ring/by-link/{token}")).send().await.status, 404, "a link of long ago");
}

pub(crate) async fn who_does_not_come_is_rung_again_and_given_up_in_the_end(house: &TestHouse) {
    let (back, stays) = called_back(house).await;
    let boss = house.supervisor("boss").await;
    let agent = ready(house, "lan").await;
    for (ring, rest) in [(1, 120), (2, 300)] {
        accept_ringing(house, &agent).await;
        if ring == 1 {
            house.pass(60);
            house.step_queue().await;
        } else {
            house.post("/api/v1/ring/decline").by(&back).send().await.expect(204);
        }
        let seen = ticket(house, &back).await;
        assert_eq!((&seen["state"], &seen["position"], &seen["callback"]["rings"]), (&json!("waiting"), &json!(1), &json!(ring)), "the place is kept");
        assert!(seen["callback"]["again_at"].is_string());
        if ring == 1 {
            // Meanwhile the agent serves who is there.
            assert_eq!(desk(house, &agent).await["offer"]["dossier_id"], json!(stays.id));
            let id = ticket(house, &stays).await["id"].as_str().unwrap().to_owned();
            house.post(&format!("/api/v1/tickets/{id}/leave")).by(&stays).send().await.expect(200);
        }
        house.pass(rest - 1);
        house.step_queue().await;
        assert_eq!(desk(house, &agent).await["offer"], Value::Null, "not before the rest is over");
        house.pass(1);
        house.step_queue().await;
        assert_eq!(desk(house, &agent).await["offer"]["dossier_id"], json!(back.id));
        assert_eq!(desk(house, &agent).await["offer"]["rung_before"], json!(ring));
    }
    accept_ringing(house, &agent).await;
    house.pass(60);
    house.step_queue().await;
    let seen = ticket(house, &back).await;
    assert_eq!((&seen["state"], house.state_of(back.id).await), (&json!("abandoned"), "confirmed"), "nothing of the file is lost");
    let notes = house.get("/api/v1/queue/notes").by(&boss).send().await.expect(200).json();
    assert!(notes.as_array().unwrap().iter().any(|note| note["kind"] == "not_reached" && note["dossier_id"] == json!(back.id)), "{notes}");
    house.work().await;
    assert!(letters(house).contains("sms-not-reached-"), "{}", letters(house));
    let kept = house.house.db.row("select count(*) as kept from callbacks", &[]).await.unwrap().unwrap();
    assert_eq!(kept.int("kept").unwrap(), 0, "the number was for this callback only");
    enqueue(house, &back).await;
    assert_eq!(ticket(house, &back).await["state"], "offered", "and may call again at once");
}

pub(crate) async fn a_ring_back_that_is_withdrawn_does_not_count(house: &TestHouse) {
    let (back, _) = called_back(house).await;
    let agent = ready(house, "lan").await;
    accept_ringing(house, &agent).await;
    presence(house, &agent, "offline").await.expect(200);
    let seen = ticket(house, &back).await;
    assert_eq!((&seen["state"], &seen["position"], &seen["callback"]["rings"]), (&json!("waiting"), &json!(1), &json!(0)));
    assert_eq!(house.get("/api/v1/ring").by(&back).send().await.code(), "not_ringing");
    let second = ready(house, "mai").await;
    assert_eq!(desk(house, &second).await["offer"]["dossier_id"], json!(back.id), "at once, from the same place");
    house.work().await;
    assert!(!letters(house).contains("sms-ring-"), "what no longer rings is not written about");
}

pub(crate) async fn who_stays_after_all_waits_as_before(house: &TestHouse) {
    let (back, _) = called_back(house).await;
    let id = ticket(house, &back).await["id"].as_str().unwrap().to_owned();
    let view = house.post(&format!("/api/v1/tickets/{id}/stay")).by(&back).send().await.expect(200).json();
    assert_eq!((&view["callback"], &view["position"]), (&Value::Null, &json!(1)));
    house.house.queue.customer_online(back.id, true);
    let agent = ready(house, "lan").await;
    let call = answer(house, &agent, "accept").await.expect(200).json()["call_id"].clone();
    assert!(call.is_string(), "connected at once");
}

pub(crate) async fn leaving_while_it_rings_frees_the_agent(house: &TestHouse) {
    let (back, stays) = called_back(house).await;
    let agent = ready(house, "lan").await;
    accept_ringing(house, &agent).await;
    let id = ticket(house, &back).await["id"].as_str().unwrap().to_owned();
    house.post(&format!("/api/v1/tickets/{id}/leave")).by(&back).send().await.expect(200);
    assert_eq!(house.state_of(back.id).await, "confirmed");
    assert_eq!(desk(house, &agent).await["offer"]["dossier_id"], json!(stays.id), "nobody idles beside a waiting customer");
    assert_eq!(house.post("/api/v1/ring/answer").by(&back).send().await.code(), "not_ringing");
}

pub(crate) async fn what_cannot_be_called_back(house: &TestHouse) {
    let (customer, other) = (house.ready_to_call().await, house.ready_to_call().await);
    house.house.queue.customer_online(customer.id, true);
    let waiting = enqueue(house, &customer).await;
    for body in [json!({ "way": "sms", "address": "12" }), json!({ "way": "email", "address": "mau" }), json!({ "way": "sms" })] {
        assert_eq!(ask(house, &customer, body).await.expect(422).code(), "bad_address");
    }
    assert_eq!(ask(house, &customer, json!({ "way": "pigeon" })).await.status, 422);
    let path = format!("/api/v1/tickets/{}/callback", waiting["id"].as_str().unwrap());
    assert_eq!(house.post(&path).by(&other).json(&json!({ "way": "page" })).send().await.status, 404, "somebody else's ticket");
    let agent = ready(house, "lan").await;
    assert_eq!(ask(house, &customer, json!({ "way": "page" })).await.expect(409).code(), "agent_coming");
    answer(house, &agent, "accept").await.expect(200);
    assert_eq!(ask(house, &customer, json!({ "way": "page" })).await.expect(409).code(), "already_called");
}

pub(crate) async fn a_long_wait_and_an_empty_house_offer_something_else(house: &TestHouse) {
    let boss = house.supervisor("boss").await;
    let agent = ready(house, "lan").await;
    let (first, second) = (house.ready_to_call().await, house.ready_to_call().await);
    for customer in [&first, &second] {
        house.house.queue.customer_online(customer.id, true);
        enqueue(house, customer).await;
    }
    answer(house, &agent, "accept").await.expect(200);
    let seen = ticket(house, &second).await;
    assert_eq!((&seen["because"], &seen["instead"]), (&Value::Null, &json!(["callback", "slot"])));
    house.pass(599);
    house.step_queue().await;
    assert_eq!(ticket(house, &second).await["because"], Value::Null);
    let mut page = house.house.hub.subscribe(Topic::Customer(second.id));
    house.pass(1);
    house.step_queue().await;
    assert_eq!(ticket(house, &second).await["because"], "long_wait");
    assert!(page.try_recv().unwrap().contains("long_wait"), "the page is told");
    house.step_queue().await;
    let notes = house.get("/api/v1/queue/notes").by(&boss).send().await.expect(200).json();
    let long: Vec<&Value> = notes.as_array().unwrap().iter().filter(|note| note["kind"] == "long_wait").collect();
    assert_eq!((long.len(), &long[0]["dossier_id"]), (1, &json!(second.id)), "told once");
    hang_up(house, &first).await;
    presence(house, &agent, "offline").await.expect(200);
    let seen = ticket(house, &second).await;
    assert_eq!((&seen["because"], &seen["instead"]), (&json!("unstaffed"), &json!(["slot", "callback"])));
}

pub(crate) async fn a_restart_keeps_callbacks(house: &TestHouse) {
    let (back, _) = called_back(house).await;
    let after = house.reopened().await;
    after.house.queue.rebuild().await.unwrap();
    after.pass(3_600);
    after.step_queue().await;
    let seen = ticket(&after, &back).await;
    assert_eq!((&seen["state"], &seen["position"]), (&json!("waiting"), &json!(1)));
    let agent = ready(&after, "lan").await;
    assert_eq!(desk(&after, &agent).await["offer"]["is_callback"], true);
}
