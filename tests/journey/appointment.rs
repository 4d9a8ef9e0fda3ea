//! The time of an appointment comes: the system keeps the next free agent for it, whose press rings the customer. Every scenario on every
//! pair of backends.

use serde_json::{Value, json};
use visavis::{
    base::id::{DossierId, StaffId},
    registry::outbox::Topic,
};

use super::{
    booking::{book, path, roster, slots},
    queue::{answer, desk, enqueue, here, presence, ticket},
    roster::letters,
};
use crate::support::{Person, TestHouse, servers::on_every_backend};

on_every_backend!(
    the_next_free_agent_is_given_the_appointment_and_rings,
    who_does_not_come_is_rung_twice_more_and_has_missed_it,
    who_calls_by_hand_at_the_time_has_the_same_place,
    a_cancelled_appointment_rings_nobody,
    nobody_is_rung_before_the_time_or_twice,
    where_nobody_was_free_the_customer_is_told_the_same_day,
);

/// An appointment whose time it is, its customer, and an agent who is ready.
async fn due(house: &TestHouse) -> (Value, Person<DossierId>, Person<StaffId>) {
    let [agent, _] = roster(house).await;
    let customer = house.ready_to_call().await;
    let made = book(house, &customer, &slots(house).await[0]).await;
    // Somebody without an appointment is there five minutes before, in vain: the agent is still away.
    house.clock.set(made["starts_at"].as_str().unwrap().parse().unwrap());
    house.pass(-300);
    enqueue(house, &here(house).await).await;
    house.pass(300);
    look(house).await;
    presence(house, &agent, "ready").await.expect(200);
    (made, customer, agent)
}

/// What the server does every few seconds.
async fn look(house: &TestHouse) {
    house.house.bookings.ring_due(&house.house.queue).await.unwrap();
    house.step_queue().await;
}

/// Whether the agents' list has the appointment in line.
async fn is_in_line(house: &TestHouse, agent: &Person<StaffId>) -> Value {
    house.get("/api/v1/bookings").by(agent).send().await.expect(200).json()[0]["is_in_line"].clone()
}

async fn booking(house: &TestHouse, customer: &Person<DossierId>) -> Value {
    house.get("/api/v1/booking").by(customer).send().await.expect(200).json()["state"].clone()
}

pub(crate) async fn the_next_free_agent_is_given_the_appointment_and_rings(house: &TestHouse) {
    let (made, customer, agent) = due(house).await;
    let offer = desk(house, &agent).await["offer"].clone();
    let wanted = (&json!(customer.id), &made["id"], &json!(true));
    assert_eq!((&offer["dossier_id"], &offer["booking_id"], &offer["is_callback"]), wanted, "before who was there first");
    let own = ticket(house, &customer).await;
    assert_eq!((&own["state"], &own["callback"]["way"]), (&json!("offered"), &json!("appointment")));

    assert_eq!(is_in_line(house, &agent).await, json!(true), "nobody need call");

    let mut page = house.house.hub.subscribe(Topic::Customer(customer.id));
    answer(house, &agent, "accept").await.expect(200);
    let told: Value = serde_json::from_str(&page.try_recv().unwrap()).unwrap();
    assert_eq!((&told["type"], &told["ring"]["booking_id"]), (&json!("ring"), &made["id"]), "the page says that it is the appointment");
    house.work().await;
    assert_eq!(letters(house).split(' ').filter(|name| name.starts_with("email-ring-")).count(), 1, "the page was closed: {}", letters(house));
    let call = house.post("/api/v1/ring/answer").by(&customer).send().await.expect(200).json()["call_id"].clone();
    assert_eq!(desk(house, &agent).await["call_id"], call);
    assert_eq!(is_in_line(house, &agent).await, json!(false));
    house.deliver().await;
    assert_eq!((booking(house, &customer).await, house.state_of(customer.id).await), (json!("kept"), "in_call"));
}

pub(crate) async fn who_does_not_come_is_rung_twice_more_and_has_missed_it(house: &TestHouse) {
    let (_, customer, agent) = due(house).await;
    for rest in [120, 300, 0] {
        assert_eq!(desk(house, &agent).await["offer"]["dossier_id"], json!(customer.id));
        answer(house, &agent, "accept").await.expect(200);
        house.pass(60);
        look(house).await;
        if rest > 0 {
            let seen = ticket(house, &customer).await;
            assert!(seen["callback"]["again_at"].is_string(), "{seen}");
            assert_ne!(desk(house, &agent).await["offer"]["dossier_id"], json!(customer.id), "not before the rest is over");
            // Who was there first is served meanwhile, and back in line.
            answer(house, &agent, "decline").await.expect(200);
        }
        house.pass(rest);
        look(house).await;
    }
    look(house).await;
    assert_eq!((booking(house, &customer).await, house.state_of(customer.id).await), (json!("missed"), "confirmed"));
    assert_eq!(ticket(house, &customer).await["state"], "abandoned");
    house.work().await;
    let written = letters(house);
    assert!(written.contains("-missed") && !written.contains("not-reached"), "one letter, with the way to another time: {written}");
}

pub(crate) async fn who_calls_by_hand_at_the_time_has_the_same_place(house: &TestHouse) {
    let [agent, _] = roster(house).await;
    let customer = house.ready_to_call().await;
    let made = book(house, &customer, &slots(house).await[0]).await;
    house.clock.set(made["starts_at"].as_str().unwrap().parse().unwrap());
    house.deliver().await;
    let mut page = house.house.hub.subscribe(Topic::Customer(customer.id));
    look(house).await;
    let told: Value = serde_json::from_str(&page.try_recv().unwrap()).unwrap();
    assert_eq!((&told["type"], &told["state"]), (&json!("application_changed"), &json!("waiting")), "an open page shows it at once");
    let summoned = ticket(house, &customer).await;
    house.house.queue.customer_online(customer.id, true);
    let own = enqueue(house, &customer).await;
    assert_eq!((&own["id"], &own["callback"]), (&summoned["id"], &Value::Null));
    presence(house, &agent, "ready").await.expect(200);
    let accepted = answer(house, &agent, "accept").await.expect(200).json();
    assert!(accepted["call_id"].is_string(), "nobody has to be rung: {accepted}");
    house.deliver().await;
    assert_eq!(booking(house, &customer).await, "kept");
}

pub(crate) async fn a_cancelled_appointment_rings_nobody(house: &TestHouse) {
    let (made, customer, agent) = due(house).await;
    answer(house, &agent, "accept").await.expect(200);
    house.post(&path(&made, "cancel")).by(&customer).send().await.expect(200);
    house.step_queue().await;
    assert_eq!(ticket(house, &customer).await["state"], "abandoned");
    assert_eq!(house.post("/api/v1/ring/answer").by(&customer).send().await.expect(409).code(), "not_ringing");
    assert_eq!(house.state_of(customer.id).await, "confirmed");
    assert_ne!(desk(house, &agent).await["offer"]["dossier_id"], json!(customer.id), "the agent is there for others");
    look(house).await;
    assert_eq!(ticket(house, &customer).await["state"], "abandoned");
}

pub(crate) async fn nobody_is_rung_before_the_time_or_twice(house: &TestHouse) {
    roster(house).await;
    let customer = house.ready_to_call().await;
    let made = book(house, &customer, &slots(house).await[0]).await;
    house.clock.set(made["starts_at"].as_str().unwrap().parse().unwrap());
    house.pass(-1);
    look(house).await;
    assert_eq!(house.state_of(customer.id).await, "booked");
    house.pass(1);
    look(house).await;
    assert_eq!(house.state_of(customer.id).await, "waiting");
    let id = ticket(house, &customer).await["id"].as_str().unwrap().to_owned();
    house.post(&format!("/api/v1/tickets/{id}/leave")).by(&customer).send().await.expect(200);
    look(house).await;
    look(house).await;
    assert_eq!(house.state_of(customer.id).await, "booked", "who left at the time is not rung for it again");
}

pub(crate) async fn where_nobody_was_free_the_customer_is_told_the_same_day(house: &TestHouse) {
    roster(house).await;
    let customer = house.ready_to_call().await;
    let made = book(house, &customer, &slots(house).await[0]).await;
    house.clock.set(made["starts_at"].as_str().unwrap().parse().unwrap());
    house.pass(14 * 60);
    look(house).await;
    house.pass(60 + 30 * 60 - 1);
    look(house).await;
    assert_eq!((house.state_of(customer.id).await, booking(house, &customer).await), ("waiting", json!("booked")), "an agent may still come");
    house.pass(1);
    look(house).await;
    look(house).await;
    assert_eq!((house.state_of(customer.id).await, booking(house, &customer).await), ("confirmed", json!("missed")));
    house.work().await;
    assert!(letters(house).contains("-missed"), "{}", letters(house));
}

#[tokio::test]
async fn agents_who_call_from_their_list_are_left_to_it() {
    let house = TestHouse::with(|settings| settings.booking.rings_by_itself = false).await;
    let (_, customer, agent) = due(&house).await;
    assert_ne!(desk(&house, &agent).await["offer"]["dossier_id"], json!(customer.id));
    assert_eq!(house.state_of(customer.id).await, "booked");
}
