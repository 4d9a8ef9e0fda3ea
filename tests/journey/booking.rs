//! Appointments through the router, every scenario on every pair of backends.

use serde_json::{Value, json};
use visavis::{
    base::id::{BookingId, DossierId, Id, StaffId},
    registry::outbox::Topic,
};

use super::queue::{desk, enqueue, presence, ready, ticket};
use crate::support::{Person, TestHouse, servers::on_every_backend};

on_every_backend!(
    an_appointment_is_made_moved_and_cancelled,
    two_customers_never_get_one_seat,
    the_link_does_what_the_session_does,
    at_the_time_the_agent_calls_and_the_page_rings,
    a_ring_nobody_answers_frees_the_agent,
    calling_by_hand_at_the_time_goes_first,
    leaving_the_line_keeps_the_appointment,
    nobody_came,
    the_customer_is_written_and_reminded,
    what_cannot_be_booked,
);

/// Two agents on the roster today and tomorrow.
pub(crate) async fn roster(house: &TestHouse) -> [Person<StaffId>; 2] {
    let agents = [house.agent("lan").await, house.agent("mai").await];
    house.house.bookings.seed_demo_shifts(&[agents[0].id, agents[1].id], 2).await.unwrap();
    house.house.bookings.seed_demo_shifts(&[agents[0].id, agents[1].id], 2).await.unwrap();
    agents
}

pub(super) async fn slots(house: &TestHouse) -> Vec<Value> {
    house.get("/api/v1/slots").send().await.expect(200).json().as_array().unwrap().clone()
}

pub(super) async fn book(house: &TestHouse, customer: &Person<DossierId>, slot: &Value) -> Value {
    house.post("/api/v1/bookings").by(customer).json(&json!({ "slot_id": slot["id"] })).send().await.expect(200).json()
}

fn link(booking: &Value) -> String {
    format!("/api/v1/bookings/by-link/{}", booking["link_token"].as_str().unwrap())
}

pub(super) fn path(booking: &Value, verb: &str) -> String {
    format!("/api/v1/bookings/{}/{verb}", booking["id"].as_str().unwrap())
}

pub(crate) async fn an_appointment_is_made_moved_and_cancelled(house: &TestHouse) {
    let [agent, _] = roster(house).await;
    let customer = house.ready_to_call().await;
    let mut console = house.house.hub.subscribe(Topic::Console);
    let all = slots(house).await;
    // 09:00 on the site; ten minutes of notice: from 09:15 to 22:00 today, and 07:00 to 22:00 tomorrow.
    assert_eq!(all.len(), 51 + 60);
    assert_eq!((&all[0]["starts_at"], &all[0]["minutes"], &all[0]["free"]), (&json!("2026-03-02T02:15:00Z"), &json!(15), &json!(2)));
    let made = book(house, &customer, &all[0]).await;
    assert_eq!((&made["state"], house.state_of(customer.id).await), (&json!("booked"), "booked"));
    assert_eq!(book(house, &customer, &all[0]).await["id"], made["id"], "a double submit is one appointment");
    assert_eq!(slots(house).await[0]["free"], 1);

    let moved = house.post(&path(&made, "reschedule")).by(&customer).json(&json!({ "slot_id": all[5]["id"] })).send().await.expect(200).json();
    assert_eq!((&moved["id"], &moved["starts_at"]), (&made["id"], &all[5]["starts_at"]));
    let now = slots(house).await;
    assert_eq!((&now[0]["free"], &now[5]["free"]), (&json!(2), &json!(1)));

    let day = house.get("/api/v1/bookings?day=2026-03-02").by(&agent).send().await.expect(200).json();
    assert_eq!((&day[0]["id"], &day[0]["is_online"], day.as_array().unwrap().len()), (&made["id"], &json!(false), 1));
    assert_eq!(house.get("/api/v1/bookings?day=2026-03-03").by(&agent).send().await.expect(200).json(), json!([]));

    let stranger = house.ready_to_call().await;
    assert_eq!(house.post(&path(&made, "cancel")).by(&stranger).send().await.status, 404, "somebody else's appointment");
    for _ in 0..2 {
        assert_eq!(house.post(&path(&made, "cancel")).by(&customer).send().await.expect(200).json()["state"], "cancelled");
    }
    assert_eq!((slots(house).await[5]["free"].clone(), house.state_of(customer.id).await), (json!(2), "confirmed"));
    assert_eq!(house.post(&path(&made, "reschedule")).by(&customer).json(&json!({ "slot_id": all[7]["id"] })).send().await.expect(409).code(), "booking_over");
    house.deliver().await;
    let told: Vec<String> =
        std::iter::from_fn(|| console.try_recv().ok()).map(|text| text.to_string()).filter(|text| text.contains("bookings_changed")).collect();
    assert_eq!(told.len(), 3, "made, moved, cancelled: {told:?}");
    let again = book(house, &customer, &all[0]).await;
    assert_ne!(again["id"], made["id"]);
}

pub(crate) async fn two_customers_never_get_one_seat(house: &TestHouse) {
    roster(house).await;
    let slot = slots(house).await[3]["id"].clone();
    let mut customers = Vec::new();
    for _ in 0..32 {
        customers.push(house.ready_to_call().await);
    }
    let answers = futures_util::future::join_all(customers.iter().map(|customer| {
        let request = house.post("/api/v1/bookings").by(customer).json(&json!({ "slot_id": slot }));
        tokio::spawn(request.send())
    }))
    .await;
    let mut granted = 0;
    for (answer, customer) in answers.into_iter().zip(&customers) {
        let answer = answer.unwrap();
        if answer.status == 200 {
            granted += 1;
            assert_eq!(house.state_of(customer.id).await, "booked");
        } else {
            assert_eq!((answer.status, answer.code().as_str()), (409, "slot_full"), "{}", answer.text());
            assert_eq!(house.state_of(customer.id).await, "confirmed");
        }
    }
    assert_eq!(granted, 2, "as many as there are agents");
}

pub(crate) async fn the_link_does_what_the_session_does(house: &TestHouse) {
    roster(house).await;
    let customer = house.ready_to_call().await;
    let all = slots(house).await;
    let made = book(house, &customer, &all[0]).await;
    assert_eq!(house.get(&link(&made)).send().await.expect(200).json(), made);
    let moved = house.post(&format!("{}/reschedule", link(&made))).json(&json!({ "slot_id": all[9]["id"] })).send().await.expect(200).json();
    assert_eq!(moved["starts_at"], all[9]["starts_at"]);
    let forged = format!("{}A", &link(&made)[..link(&made).len() - 1]);
    for bad in [forged.as_str(), "/api/v1/bookings/by-link/x", "/api/v1/bookings/by-link/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        if bad != link(&made) {
            assert_eq!(house.get(bad).send().await.status, 404, "{bad}");
        }
    }
    for _ in 0..2 {
        assert_eq!(house.post(&format!("{}/cancel", link(&made))).send().await.expect(200).json()["state"], "cancelled");
    }
    assert_eq!(house.post(&format!("{}/reschedule", link(&made))).json(&json!({ "slot_id": all[2]["id"] })).send().await.expect(409).code(), "booking_over");
    let foreign = house.post(&format!("{}/cancel", link(&made))).origin(Some("https://evil.example")).send().await;
    assert_eq!(foreign.status, 403, "another page cannot press it");
    house.pass(3 * 86_400);
    assert_eq!(house.get(&link(&made)).send().await.expect(410).code(), "link_expired");
}

pub(crate) async fn at_the_time_the_agent_calls_and_the_page_rings(house: &TestHouse) {
    let [agent, _] = roster(house).await;
    let customer = house.ready_to_call().await;
    let made = book(house, &customer, &slots(house).await[2]).await;
    let call = || house.post(&path(&made, "call")).by(&agent).send();
    assert_eq!(call().await.expect(409).code(), "booking_not_due", "three quarters of an hour before");
    house.pass(2_400);
    assert_eq!(call().await.expect(409).code(), "agent_busy", "an agent who is offline calls nobody");
    presence(house, &agent, "ready").await.expect(200);
    let mut page = house.house.hub.subscribe(Topic::Customer(customer.id));
    let ring = call().await.expect(200).json();
    assert_eq!((&ring["booking_id"], &ring["agent_name"]), (&made["id"], &json!("lan")));
    let told: Value = serde_json::from_str(&page.try_recv().unwrap()).unwrap();
    assert_eq!(told, json!({ "type": "ring", "ring": ring }));
    assert_eq!(house.get("/api/v1/ring").by(&customer).send().await.expect(200).json(), ring, "a page that was reloaded");
    let seen = desk(house, &agent).await;
    assert_eq!((&seen["presence"], &seen["ringing_booking_id"], &seen["offer"]), (&json!("offered"), &made["id"], &Value::Null));
    let other = house.ready_to_call().await;
    enqueue(house, &other).await;
    assert_eq!(desk(house, &agent).await["offer"], Value::Null, "who calls somebody is offered nobody");

    let answered = house.post("/api/v1/ring/answer").by(&customer).send().await.expect(200).json();
    assert_eq!(desk(house, &agent).await["call_id"], answered["call_id"]);
    assert_eq!(house.post("/api/v1/ring/answer").by(&customer).send().await.expect(409).code(), "not_ringing");
    house.deliver().await;
    assert_eq!(house.get("/api/v1/booking").by(&customer).send().await.expect(200).json()["state"], "kept");
    assert_eq!(house.state_of(customer.id).await, "in_call");
}

pub(crate) async fn a_ring_nobody_answers_frees_the_agent(house: &TestHouse) {
    let [agent, _] = roster(house).await;
    let customer = house.ready_to_call().await;
    let made = book(house, &customer, &slots(house).await[0]).await;
    presence(house, &agent, "ready").await.expect(200);
    let call = || house.post(&path(&made, "call")).by(&agent).send();
    call().await.expect(200);
    house.pass(44);
    house.step_queue().await;
    assert_eq!(desk(house, &agent).await["presence"], "offered");
    house.pass(1);
    assert_eq!(house.post("/api/v1/ring/answer").by(&customer).send().await.expect(409).code(), "not_ringing");
    let mut page = house.house.hub.subscribe(Topic::Customer(customer.id));
    house.step_queue().await;
    assert!(page.try_recv().unwrap().contains("ring_ended"));
    assert_eq!(desk(house, &agent).await["presence"], "ready");

    call().await.expect(200);
    house.post("/api/v1/ring/decline").by(&customer).send().await.expect(204);
    house.post("/api/v1/ring/decline").by(&customer).send().await.expect(204);
    assert_eq!(desk(house, &agent).await["presence"], "ready", "and may try again");
    call().await.expect(200);
    house.post(&path(&made, "cancel")).by(&customer).send().await.expect(200);
    assert_eq!(desk(house, &agent).await["presence"], "ready", "a cancelled appointment stops ringing");
    call().await.expect(409);
}

pub(crate) async fn calling_by_hand_at_the_time_goes_first(house: &TestHouse) {
    let [agent, _] = roster(house).await;
    let (booked, walk_in) = (house.ready_to_call().await, house.ready_to_call().await);
    book(house, &booked, &slots(house).await[1]).await;
    for customer in [&booked, &walk_in] {
        house.house.queue.customer_online(customer.id, true);
    }
    house.pass(60);
    enqueue(house, &walk_in).await;
    house.pass(14 * 60);
    assert_eq!(enqueue(house, &booked).await["position"], 1);
    assert_eq!(ticket(house, &walk_in).await["position"], 2);
    presence(house, &agent, "ready").await.expect(200);
    let offer = desk(house, &agent).await["offer"].clone();
    assert_eq!(offer["dossier_id"], json!(booked.id));
    assert!(offer["booking_id"].is_string());
}

pub(crate) async fn leaving_the_line_keeps_the_appointment(house: &TestHouse) {
    roster(house).await;
    let customer = house.ready_to_call().await;
    let made = book(house, &customer, &slots(house).await[40]).await;
    let waiting = enqueue(house, &customer).await;
    house.post(&format!("/api/v1/tickets/{}/leave", waiting["id"].as_str().unwrap())).by(&customer).send().await.expect(200);
    house.deliver().await;
    assert_eq!(house.state_of(customer.id).await, "booked", "the appointment stands again");
    assert_eq!(house.get("/api/v1/booking").by(&customer).send().await.expect(200).json(), made);
}

pub(crate) async fn nobody_came(house: &TestHouse) {
    roster(house).await;
    let customer = house.ready_to_call().await;
    let all = slots(house).await;
    let made = book(house, &customer, &all[0]).await;
    house.post(&path(&made, "reschedule")).by(&customer).json(&json!({ "slot_id": all[8]["id"] })).send().await.expect(200);
    house.pass(70 * 60);
    house.work().await;
    assert_eq!(house.state_of(customer.id).await, "booked", "the first time does not count any more");
    house.pass(140 * 60);
    house.work().await;
    assert_eq!(house.get("/api/v1/booking").by(&customer).send().await.expect(200).json()["state"], "missed");
    assert_eq!(house.state_of(customer.id).await, "confirmed");
    let agent = ready(house, "thu").await;
    assert_eq!(house.post(&path(&made, "call")).by(&agent).send().await.expect(409).code(), "booking_over");
    book(house, &customer, &slots(house).await[0]).await;
}

pub(crate) async fn what_cannot_be_booked(house: &TestHouse) {
    let [agent, _] = roster(house).await;
    let all = slots(house).await;
    let book = |customer: &Person<DossierId>, slot: &Value| house.post("/api/v1/bookings").by(customer).json(&json!({ "slot_id": slot })).send();
    let draft = house.customer().await;
    assert_eq!(book(&draft, &all[0]["id"]).await.expect(409).code(), "step_refused");
    let customer = house.ready_to_call().await;
    assert_eq!(book(&customer, &json!("0190a6e0000070008000000000000000")).await.status, 404);
    assert_eq!(book(&customer, &json!("x")).await.code(), "malformed");
    book(&customer, &all[4]["id"]).await.expect(200);
    assert_eq!(book(&customer, &all[5]["id"]).await.expect(409).code(), "already_booked");
    house.pass(6 * 60);
    let late = house.ready_to_call().await;
    assert_eq!(book(&late, &all[0]["id"]).await.expect(409).code(), "slot_too_near");
    let unknown = BookingId::from_uuid(agent.id.uuid());
    assert_eq!(house.post(&format!("/api/v1/bookings/{unknown}/call")).by(&agent).send().await.status, 404);
    assert_eq!(house.get("/api/v1/bookings?day=soon").by(&agent).send().await.expect(400).code(), "bad_query");
    assert_eq!(house.get("/api/v1/slots?from=soon").send().await.expect(400).code(), "bad_query");
}

/// The letters laid down so far, oldest name first: what their names say after the appointment, with their texts.
fn letters(house: &TestHouse) -> Vec<(String, String)> {
    let Ok(folder) = std::fs::read_dir(house.settings.storage.data.join("notify")) else { return Vec::new() };
    let mut found: Vec<(String, String)> = folder
        .map(|file| file.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().splitn(4, '-').nth(3).unwrap().to_owned();
            (name, String::from_utf8(std::fs::read(path).unwrap()).unwrap().replace("\r\n ", ""))
        })
        .collect();
    found.sort();
    found
}

pub(crate) async fn the_customer_is_written_and_reminded(house: &TestHouse) {
    roster(house).await;
    let customer = house.ready_to_call().await;
    let all = slots(house).await;
    let names = |house: &TestHouse| letters(house).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    // Tomorrow at 12:00 of the site: 27 hours ahead.
    let slot = all.iter().find(|slot| slot["starts_at"] == "2026-03-03T05:00:00Z").unwrap();
    let made = book(house, &customer, slot).await;
    house.work().await;
    assert_eq!(names(house), ["1-booked"]);
    assert_eq!(super::letters::told(house, customer.id).await, ["handed"], "the file says so");
    let (_, booked) = &letters(house)[0];
    for part in ["METHOD:REQUEST", "SEQUENCE:0", "DTSTART:20260303T050000Z", "DTEND:20260303T051500Z", "method=REQUEST"] {
        assert!(booked.contains(part), "{part} in {booked}");
    }
    house.pass(3 * 3600 + 60);
    house.work().await;
    assert_eq!(names(house), ["1-booked", "1-reminder-1440"]);
    let moved = all.iter().find(|slot| slot["starts_at"] == "2026-03-03T06:00:00Z").unwrap();
    house.post(&path(&made, "reschedule")).by(&customer).json(&json!({ "slot_id": moved["id"] })).send().await.expect(200);
    house.work().await;
    assert_eq!(names(house), ["1-booked", "1-reminder-1440", "2-moved"]);
    assert!(letters(house)[2].1.contains("SEQUENCE:1") && letters(house)[2].1.contains("DTSTART:20260303T060000Z"));
    let uid = |text: &str| text.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned();
    assert_eq!(uid(&letters(house)[2].1), uid(booked), "one appointment keeps one UID");

    // The server was down until twenty minutes before: one reminder, not all that were missed.
    house.pass(24 * 3600 + 39 * 60);
    house.work().await;
    assert_eq!(names(house), ["1-booked", "1-reminder-1440", "2-moved", "2-reminder-60"]);
    house.post(&path(&made, "cancel")).by(&customer).send().await.expect(200);
    house.pass(3600);
    house.work().await;
    assert_eq!(names(house), ["1-booked", "1-reminder-1440", "2-moved", "2-reminder-60", "3-cancelled"], "what is cancelled is not reminded of");
    let (_, cancelled) = letters(house).pop().unwrap();
    assert!(cancelled.contains("METHOD:CANCEL") && cancelled.contains("STATUS:CANCELLED") && cancelled.contains("SEQUENCE:2"), "{cancelled}");
    assert_eq!(uid(&cancelled), uid(booked));
}
