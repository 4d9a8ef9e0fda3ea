//! Holds, caps, appointments called off and shifts cut, through the router, on every pair of backends.

use serde_json::{Value, json};
use visavis::base::id::{DossierId, StaffId};

use super::booking::roster;
use crate::support::{Answer, Person, TestHouse, servers};

servers::on_backends!([sqlite_memory SqliteMemory, postgres_memory PostgresMemory] [
    a_seat_is_held_for_five_minutes,
    a_seat_is_held_while_an_appointment_is_moved,
    a_day_takes_no_more_than_its_cap,
    a_buffer_lies_between_appointments,
    the_house_calls_an_appointment_off,
    a_cut_shift_calls_off_what_it_cannot_serve,
    seats_are_those_of_agents_who_speak_the_language,
    two_at_once_are_not_both_given_the_one_who_speaks_it,
    supervisors_keep_the_roster,
]);

async fn slots(house: &TestHouse) -> Vec<Value> {
    house.get("/api/v1/slots").send().await.expect(200).json().as_array().unwrap().clone()
}

async fn book(house: &TestHouse, customer: &Person<DossierId>, slot: &Value) -> Answer {
    house.post("/api/v1/bookings").by(customer).json(&json!({ "slot_id": slot["id"] })).send().await
}

/// The free seats of a slot; one that is full is not shown.
async fn free(house: &TestHouse, slot: &Value) -> i64 {
    slots(house).await.iter().find(|shown| shown["id"] == slot["id"]).map_or(0, |shown| shown["free"].as_i64().unwrap())
}

async fn hold(house: &TestHouse, customer: &Person<DossierId>, slot: &Value) -> Answer {
    house.post(&format!("/api/v1/slots/{}/hold", slot["id"].as_str().unwrap())).by(customer).send().await
}

/// Names of the letters laid down so far.
pub(crate) fn letters(house: &TestHouse) -> String {
    let Ok(folder) = std::fs::read_dir(house.settings.storage.data.join("notify")) else { return String::new() };
    let mut names: Vec<String> = folder.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names.join(" ")
}

async fn a_seat_is_held_for_five_minutes(backend: servers::Backend) {
    let house = &TestHouse::on(backend).await;
    roster(house).await;
    let all = slots(house).await;
    let [one, two, three] = [house.ready_to_call().await, house.ready_to_call().await, house.ready_to_call().await];
    let held = hold(house, &one, &all[4]).await.expect(200).json();
    assert_eq!((&held["slot_id"], &held["until"]), (&all[4]["id"], &json!("2026-03-02T02:05:00Z")));
    hold(house, &one, &all[4]).await.expect(200);
    assert_eq!(slots(house).await[4]["free"], 1, "holding twice is holding once");
    hold(house, &two, &all[4]).await.expect(200);
    assert_eq!(hold(house, &three, &all[4]).await.expect(409).code(), "slot_full");
    assert_eq!(book(house, &three, &all[4]).await.expect(409).code(), "slot_full", "a held seat is nobody else's");
    book(house, &one, &all[4]).await.expect(200);
    hold(house, &two, &all[5]).await.expect(200);
    assert_eq!(slots(house).await[4]["free"], 1, "who holds another seat lets the first go");
    hold(house, &two, &all[4]).await.expect(200);
    house.pass(299);
    assert_eq!(book(house, &three, &all[4]).await.expect(409).code(), "slot_full");
    house.pass(1);
    book(house, &three, &all[4]).await.expect(200);
    assert_eq!(book(house, &two, &all[4]).await.expect(409).code(), "slot_full", "a hold that ran out holds nothing");
    let draft = house.customer().await;
    assert_eq!(hold(house, &draft, &all[6]).await.expect(409).code(), "step_refused");
}

async fn a_seat_is_held_while_an_appointment_is_moved(backend: servers::Backend) {
    let house = &TestHouse::on(backend).await;
    roster(house).await;
    let all = slots(house).await;
    let [one, two, three] = [house.ready_to_call().await, house.ready_to_call().await, house.ready_to_call().await];
    let booked = book(house, &one, &all[4]).await.expect(200).json();
    hold(house, &one, &all[5]).await.expect(200);
    book(house, &two, &all[5]).await.expect(200);
    assert_eq!(book(house, &three, &all[5]).await.expect(409).code(), "slot_full", "the other seat is held for who moves there");
    assert_eq!(free(house, &all[4]).await, 1, "and the old one is not given up before");
    let path = format!("/api/v1/bookings/{}/reschedule", booked["id"].as_str().unwrap());
    house.post(&path).by(&one).json(&json!({ "slot_id": all[5]["id"] })).send().await.expect(200);
    // The same by the link of the invitation, by somebody who is known by nothing else.
    let path = format!("/api/v1/bookings/by-link/{}", booked["link_token"].as_str().unwrap());
    let wanted = json!({ "slot_id": all[6]["id"] });
    let held = house.post(&format!("{path}/hold")).json(&wanted).send().await.expect(200).json();
    assert_eq!(held["slot_id"], all[6]["id"]);
    book(house, &three, &all[6]).await.expect(200);
    assert_eq!(free(house, &all[6]).await, 0);
    house.post(&format!("{path}/reschedule")).json(&wanted).send().await.expect(200);
    house.post(&format!("{path}/cancel")).json(&json!({})).send().await.expect(200);
    assert_eq!(free(house, &all[6]).await, 1);
}

async fn a_day_takes_no_more_than_its_cap(backend: servers::Backend) {
    let house = &TestHouse::on_with(backend, |settings| settings.booking.daily_cap = 3).await;
    roster(house).await;
    let all = slots(house).await;
    let mut customers = Vec::new();
    for _ in 0..8 {
        customers.push(house.ready_to_call().await);
    }
    let wants = customers.iter().enumerate().map(|(at, customer)| {
        let request = house.post("/api/v1/bookings").by(customer).json(&json!({ "slot_id": all[at / 2]["id"] }));
        tokio::spawn(request.send())
    });
    let answers: Vec<Answer> = futures_util::future::join_all(wants).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 3, "all at once");
    assert!(answers.iter().filter(|answer| answer.status != 200).all(|answer| answer.code() == "day_full"));
    let next_day = all.iter().find(|slot| slot["starts_at"] == "2026-03-03T03:00:00Z").unwrap();
    let refused = customers.iter().zip(&answers).find(|(_, answer)| answer.status != 200).unwrap().0;
    book(house, refused, next_day).await.expect(200);
}

async fn a_buffer_lies_between_appointments(backend: servers::Backend) {
    let house = &TestHouse::on_with(backend, |settings| settings.booking.buffer_minutes = 5).await;
    roster(house).await;
    let starts: Vec<String> = slots(house).await.iter().take(4).map(|slot| slot["starts_at"].as_str().unwrap()[11..16].to_owned()).collect();
    assert_eq!(starts, ["02:20", "02:40", "03:00", "03:20"]);
}

async fn the_house_calls_an_appointment_off(backend: servers::Backend) {
    let house = &TestHouse::on_with(backend, |settings| settings.booking.call_offs_per_day = 2).await;
    let [agent, _] = roster(house).await;
    let boss = house.supervisor("boss").await;
    let all = slots(house).await;
    let mut made = Vec::new();
    for at in 0..3 {
        let customer = house.ready_to_call().await;
        made.push((book(house, &customer, &all[at]).await.expect(200).json(), customer));
    }
    let call_off = |at: usize, by: &Person<StaffId>, reason: &str| {
        let path = format!("/api/v1/bookings/{}/call-off", made[at].0["id"].as_str().unwrap());
        house.post(&path).by(by).json(&json!({ "reason": reason })).send()
    };
    assert_eq!(call_off(0, &agent, "no mood").await.expect(422).code(), "bad_reason");
    call_off(0, &agent, "agent_sick").await.expect(204);
    assert_eq!(call_off(0, &agent, "agent_sick").await.expect(409).code(), "booking_over");
    assert_eq!(house.state_of(made[0].1.id).await, "confirmed", "the customer may choose again");
    assert_eq!(slots(house).await[0]["free"], 2);
    call_off(1, &agent, "technical").await.expect(204);
    assert_eq!(call_off(2, &agent, "technical").await.expect(409).code(), "too_many_called_off");
    call_off(2, &boss, "site_closed").await.expect(204);
    house.work().await;
    assert_eq!(letters(house).matches("called-off").count(), 3, "{}", letters(house));
}

async fn a_cut_shift_calls_off_what_it_cannot_serve(backend: servers::Backend) {
    let house = &TestHouse::on(backend).await;
    roster(house).await;
    let boss = house.supervisor("boss").await;
    let all = slots(house).await;
    let mut made = Vec::new();
    for at in [2, 2, 3] {
        let customer = house.ready_to_call().await;
        book(house, &customer, &all[at]).await.expect(200);
        made.push(customer);
    }
    let shifts = house.get("/api/v1/shifts?from=2026-03-02&to=2026-03-02").by(&boss).send().await.expect(200).json();
    assert_eq!(shifts.as_array().unwrap().len(), 2);
    let cut = |at: usize| house.post(&format!("/api/v1/shifts/{}/cut", shifts[at]["id"].as_str().unwrap())).by(&boss).send();
    assert_eq!(cut(0).await.expect(200).json()["called_off"], 1, "two sat on one seat's worth");
    assert_eq!(cut(0).await.status, 404, "cut once");
    let stand = |at: usize| house.state_of(made[at].id);
    assert_eq!((stand(0).await, stand(1).await, stand(2).await), ("booked", "confirmed", "booked"), "who came first keeps the seat");
    let left = slots(house).await;
    let of = |slot: &Value| left.iter().find(|free| free["id"] == slot["id"]).map_or(0, |free| free["free"].as_u64().unwrap());
    assert_eq!((of(&all[2]), of(&all[3]), of(&all[4])), (0, 0, 1));
    house.work().await;
    assert_eq!(letters(house).matches("called-off").count(), 1);
    // A restart with shorter opening hours takes nobody's seat away.
    assert_eq!(cut(1).await.expect(200).json()["called_off"], 2);
    assert_eq!((stand(0).await, stand(2).await), ("confirmed", "confirmed"));
    book(house, &made[0], left.last().unwrap()).await.expect(200);
}

/// Lan speaks Vietnamese alone, Mai also English.
pub(super) async fn roster_of_languages(house: &TestHouse, boss: &Person<StaffId>) -> [Person<StaffId>; 2] {
    let [lan, mai] = roster(house).await;
    for (agent, languages) in [(&lan, json!({ "vi": 5 })), (&mai, json!({ "vi": 5, "en": 5 }))] {
        let path = format!("/api/v1/agents/{}/skills", agent.id);
        house.put(&path).by(boss).json(&json!({ "languages": languages, "products": {} })).send().await.expect(204);
    }
    [lan, mai]
}

pub(super) async fn speaking(house: &TestHouse, locale: &str) -> Person<DossierId> {
    let customer = house.ready_to_call().await;
    let mut tx = house.house.db.begin().await.unwrap();
    tx.execute("update dossiers set locale = $1 where id = $2", &[locale.into(), customer.id.into()]).await.unwrap();
    tx.commit().await.unwrap();
    customer
}

async fn free_for(house: &TestHouse, locale: &str, slot: &Value) -> u64 {
    let free = house.get(&format!("/api/v1/slots?locale={locale}")).send().await.expect(200).json();
    free.as_array().unwrap().iter().find(|shown| shown["id"] == slot["id"]).map_or(0, |shown| shown["free"].as_u64().unwrap())
}

async fn seats_are_those_of_agents_who_speak_the_language(backend: servers::Backend) {
    let house = &TestHouse::on(backend).await;
    let boss = house.supervisor("boss").await;
    let [_, mai] = roster_of_languages(house, &boss).await;
    let slot = &slots(house).await[4];
    assert_eq!((free_for(house, "vi", slot).await, free_for(house, "en", slot).await), (2, 1));
    let [viet, english, second] = [speaking(house, "vi").await, speaking(house, "en").await, speaking(house, "en").await];
    book(house, &viet, slot).await.expect(200);
    assert_eq!((free_for(house, "vi", slot).await, free_for(house, "en", slot).await), (1, 1), "Lan takes the first");
    hold(house, &english, slot).await.expect(200);
    assert_eq!(hold(house, &second, slot).await.expect(409).code(), "slot_full", "nobody who speaks English is left");
    book(house, &english, slot).await.expect(200);
    assert_eq!((free_for(house, "vi", slot).await, free_for(house, "en", slot).await), (0, 0));
    let next = &slots(house).await[4];
    book(house, &second, next).await.expect(200);
    let third = speaking(house, "en").await;
    let refused = book(house, &third, next).await;
    assert_eq!(refused.expect(409).code(), "slot_full", "a Vietnamese seat is left, but none for English");
    let viet_too = speaking(house, "vi").await;
    book(house, &viet_too, next).await.expect(200);
    // Mai falls ill: Lan can hold one appointment of each time, and none in English.
    let shifts = house.get("/api/v1/shifts?from=2026-03-02&to=2026-03-02").by(&boss).send().await.expect(200).json();
    let of_mai = shifts.as_array().unwrap().iter().find(|shift| shift["agent_id"] == json!(mai.id)).unwrap();
    let cut = house.post(&format!("/api/v1/shifts/{}/cut", of_mai["id"].as_str().unwrap())).by(&boss).send().await.expect(200).json();
    assert_eq!(cut["called_off"], 2, "both in English, though the second was made before the other of its time");
    for (who, stands) in [(&viet, "booked"), (&english, "confirmed"), (&second, "confirmed"), (&viet_too, "booked")] {
        assert_eq!(house.state_of(who.id).await, stands);
    }
}

async fn two_at_once_are_not_both_given_the_one_who_speaks_it(backend: servers::Backend) {
    let house = &TestHouse::on(backend).await;
    roster_of_languages(house, &house.supervisor("boss").await).await;
    for at in 4..10 {
        let slot = &slots(house).await[at];
        let (one, two) = (speaking(house, "en").await, speaking(house, "en").await);
        let (first, other) = tokio::join!(book(house, &one, slot), book(house, &two, slot));
        let mut answers = [first.status, other.status];
        answers.sort_unstable();
        assert_eq!(answers, [200, 409], "slot {at}");
    }
}

async fn supervisors_keep_the_roster(backend: servers::Backend) {
    let house = &TestHouse::on(backend).await;
    let (boss, agent) = (house.supervisor("boss").await, house.agent("lan").await);
    let plan = |by: &Person<StaffId>, from: &str, to: &str| {
        let shift = json!({ "agent_id": agent.id, "day": "2026-03-02", "from": from, "to": to });
        house.post("/api/v1/shifts").by(by).json(&shift).send()
    };
    assert!(slots(house).await.is_empty());
    assert_eq!(plan(&agent, "10:00", "11:00").await.status, 403);
    for (from, to) in [("11:00", "10:00"), ("10:00", "10:00"), ("ten", "11:00"), ("10:00", "24:30")] {
        assert_eq!(plan(&boss, from, to).await.expect(422).code(), "bad_reason", "{from} {to}");
    }
    plan(&boss, "10:00", "11:00").await.expect(204);
    plan(&boss, "10:00", "11:00").await.expect(204);
    let starts: Vec<Value> = slots(house).await.iter().map(|slot| slot["starts_at"].clone()).collect();
    assert_eq!(starts, ["2026-03-02T03:00:00Z", "2026-03-02T03:15:00Z", "2026-03-02T03:30:00Z", "2026-03-02T03:45:00Z"]);
    let seen = house.get("/api/v1/shifts?from=2026-03-01&to=2026-03-03").by(&agent).send().await.expect(200).json();
    assert_eq!((seen.as_array().unwrap().len(), &seen[0]["agent_name"], &seen[0]["starts_at"]), (1, &json!("lan"), &json!("2026-03-02T03:00:00Z")));
}
