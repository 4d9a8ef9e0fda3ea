//! Opening hours and days closed as supervisors set them, through the router, on every pair of backends.

use serde_json::{Value, json};
use visavis::base::id::{DossierId, StaffId};

use super::{booking::roster, queue::enqueue, roster::letters};
use crate::support::{Answer, Person, TestHouse, servers::on_every_backend};

on_every_backend!(supervisors_set_hours, what_lies_outside_is_shown_and_nothing_is_lost_unasked, hours_that_are_none_are_refused);

fn week(monday: &[&str]) -> Value {
    let mut days = vec![json!(["00:00-24:00"]); 7];
    days[0] = json!(monday);
    json!(days)
}

async fn set(house: &TestHouse, boss: &Person<StaffId>, body: &Value) -> Answer {
    house.put("/api/v1/hours").by(boss).json(body).send().await
}

async fn times(house: &TestHouse) -> Vec<String> {
    let all = house.get("/api/v1/slots").send().await.expect(200).json();
    all.as_array().unwrap().iter().map(|slot| slot["starts_at"].as_str().unwrap().to_owned()).collect()
}

/// An appointment at 09:15 and one at 10:15 of today, Monday, in Vietnam.
async fn booked(house: &TestHouse) -> [Person<DossierId>; 2] {
    let all = house.get("/api/v1/slots").send().await.expect(200).json();
    let mut customers = Vec::new();
    for slot in [0, 4] {
        let customer = house.ready_to_call().await;
        house.post("/api/v1/bookings").by(&customer).json(&json!({ "slot_id": all[slot]["id"] })).send().await.expect(200);
        customers.push(customer);
    }
    customers.try_into().unwrap()
}

pub(crate) async fn supervisors_set_hours(house: &TestHouse) {
    let [agent, _] = roster(house).await;
    let boss = house.supervisor("boss").await;
    let seen = house.get("/api/v1/hours").by(&agent).send().await.expect(200).json();
    assert_eq!((&seen["time_zone"], &seen["version"], &seen["week"][6]), (&json!("Asia/Ho_Chi_Minh"), &json!(0), &json!(["00:00-24:00"])), "those of the file");
    let wanted = json!({ "version": 0, "week": week(&["10:00-11:00"]), "closures": [{ "day": "2026-03-03", "name": "Founder's day" }] });
    assert_eq!(set(house, &agent, &wanted).await.status, 403);
    let now = set(house, &boss, &wanted).await.expect(200).json();
    assert_eq!((&now["version"], &now["week"][0], &now["closures"][0]["name"]), (&json!(1), &json!(["10:00-11:00"]), &json!("Founder's day")));
    assert_eq!(
        times(house).await,
        ["2026-03-02T03:00:00Z", "2026-03-02T03:15:00Z", "2026-03-02T03:30:00Z", "2026-03-02T03:45:00Z"],
        "today an hour, tomorrow nothing"
    );
    let customer = house.ready_to_call().await;
    assert_eq!(house.post("/api/v1/tickets").by(&customer).send().await.expect(409).code(), "queue_closed", "it is nine o'clock");
    for _ in 0..2 {
        house.pass(1_800);
        house.get("/api/v1/hours").by(&boss).send().await.expect(200);
    }
    enqueue(house, &customer).await;
    assert_eq!(set(house, &boss, &wanted).await.expect(409).code(), "changed_meanwhile", "somebody else was faster");

    let again = house.reopened().await;
    again.house.bookings.rebuild().await.unwrap();
    assert_eq!(again.get("/api/v1/hours").by(&boss).send().await.expect(200).json(), now, "a restart keeps them");
    // Another server of the house hears of it by itself.
    let later = json!({ "version": 1, "week": week(&[]), "closures": [] });
    set(&again, &boss, &later).await.expect(200);
    house.house.bookings.rebuild().await.unwrap();
    let late = house.ready_to_call().await;
    assert_eq!(house.post("/api/v1/tickets").by(&late).send().await.expect(409).code(), "queue_closed");
}

pub(crate) async fn what_lies_outside_is_shown_and_nothing_is_lost_unasked(house: &TestHouse) {
    roster(house).await;
    let boss = house.supervisor("boss").await;
    let [early, late] = booked(house).await;
    let mut wanted = json!({ "version": 0, "week": week(&["10:00-11:00"]), "closures": [] });
    let conflicts = house.post("/api/v1/hours/check").by(&boss).json(&wanted).send().await.expect(200).json();
    let outside: Vec<&Value> = conflicts["bookings"].as_array().unwrap().iter().map(|row| &row["dossier_id"]).collect();
    assert_eq!(outside, [&json!(early.id)]);
    assert_eq!(conflicts["shifts"].as_array().unwrap().len(), 2, "both agents were to be there all Monday");
    assert_eq!(set(house, &boss, &wanted).await.expect(409).code(), "hours_conflict");
    assert_eq!(house.get("/api/v1/hours").by(&boss).send().await.expect(200).json()["version"], 0, "nothing changed");

    wanted["call_off"] = json!(false);
    set(house, &boss, &wanted).await.expect(200);
    assert_eq!(house.state_of(early.id).await, "booked", "kept as an exception");
    wanted["version"] = json!(1);
    wanted["call_off"] = json!(true);
    set(house, &boss, &wanted).await.expect(200);
    assert_eq!((house.state_of(early.id).await, house.state_of(late.id).await), ("confirmed", "booked"));
    house.work().await;
    assert!(letters(house).contains("called-off"), "the customer is told: {}", letters(house));
}

pub(crate) async fn hours_that_are_none_are_refused(house: &TestHouse) {
    let boss = house.supervisor("boss").await;
    let wrong = [
        json!({ "version": 0, "week": [[]], "closures": [] }),
        json!({ "version": 0, "week": week(&["17:00-08:00"]), "closures": [] }),
        json!({ "version": 0, "week": week(&["08:00-12:00", "11:00-13:00"]), "closures": [] }),
        json!({ "version": 0, "week": week(&[]), "closures": [{ "day": "2026-03-03", "name": "a" }, { "day": "2026-03-03", "name": "b" }] }),
    ];
    for body in wrong {
        assert_eq!(set(house, &boss, &body).await.expect(422).code(), "bad_hours", "{body}");
    }
    assert_eq!(
        set(house, &boss, &json!({ "version": 0, "week": week(&[]), "closures": [{ "day": "2026-02-30", "name": "a" }] })).await.status,
        422,
        "no such day"
    );
}
