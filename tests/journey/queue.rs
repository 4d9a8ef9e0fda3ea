//! The queue through the router, every scenario on every pair of backends.

use serde_json::{Value, json};
use visavis::{
    base::id::{DossierId, StaffId},
    registry::outbox::Topic,
};

use crate::support::{Answer, Person, TestHouse, servers::on_every_backend};

on_every_backend!(
    a_call_is_offered_and_accepted,
    a_declined_call_goes_to_somebody_else,
    missed_offers_are_a_break,
    leaving_frees_the_agent,
    who_stays_away_loses_the_place,
    an_absent_agent_goes_offline,
    wrap_up_ends,
    a_lost_agent_puts_the_customer_in_front,
    two_agents_one_ticket,
    one_agent_never_gets_two_calls,
    the_wait_shown_never_rises,
    bad_requests_are_refused,
    pages_are_told,
    a_restart_changes_nothing,
);

/// A customer who is ready to call and whose page is open.
pub(crate) async fn here(house: &TestHouse) -> Person<DossierId> {
    let customer = house.ready_to_call().await;
    house.house.queue.customer_online(customer.id, true);
    customer
}

pub(crate) async fn enqueue(house: &TestHouse, customer: &Person<DossierId>) -> Value {
    house.post("/api/v1/tickets").by(customer).send().await.expect(200).json()
}

pub(crate) async fn presence(house: &TestHouse, agent: &Person<StaffId>, wanted: &str) -> Answer {
    house.house.queue.staff_online(agent.id, true);
    house.post("/api/v1/presence").by(agent).json(&json!({ "presence": wanted, "reason": "short" })).send().await
}

pub(crate) async fn ready(house: &TestHouse, name: &str) -> Person<StaffId> {
    let agent = house.agent(name).await;
    presence(house, &agent, "ready").await.expect(200);
    agent
}

pub(crate) async fn desk(house: &TestHouse, agent: &Person<StaffId>) -> Value {
    house.get("/api/v1/desk").by(agent).send().await.expect(200).json()
}

pub(crate) async fn ticket(house: &TestHouse, customer: &Person<DossierId>) -> Value {
    house.get("/api/v1/ticket").by(customer).send().await.expect(200).json()
}

/// Answers the offer on the desk.
pub(crate) async fn answer(house: &TestHouse, agent: &Person<StaffId>, verb: &str) -> Answer {
    let offer = desk(house, agent).await["offer"].clone();
    let path = format!("/api/v1/tickets/{}/{verb}", offer["ticket_id"].as_str().expect("an offer on the desk"));
    house.post(&path).by(agent).json(&json!({ "epoch": offer["epoch"] })).send().await
}

pub(crate) async fn hang_up(house: &TestHouse, customer: &Person<DossierId>) {
    house.post("/api/v1/call/hang-up").by(customer).send().await.expect(204);
    house.step_queue().await;
}

pub(crate) async fn a_call_is_offered_and_accepted(house: &TestHouse) {
    let customer = house.ready_to_call().await;
    let waiting = enqueue(house, &customer).await;
    assert_eq!((&waiting["state"], &waiting["position"], &waiting["is_staffed"]), (&json!("waiting"), &json!(1), &json!(false)));
    assert_eq!(enqueue(house, &customer).await["id"], waiting["id"], "a double submit is one ticket");
    assert_eq!(house.state_of(customer.id).await, "waiting");

    let agent = ready(house, "lan").await;
    let seen = desk(house, &agent).await;
    assert_eq!((&seen["presence"], &seen["offer"]["ticket_id"]), (&json!("offered"), &waiting["id"]));
    assert_eq!(ticket(house, &customer).await["state"], "offered");

    let call = answer(house, &agent, "accept").await.expect(200).json()["call_id"].clone();
    assert_eq!(house.state_of(customer.id).await, "in_call");
    let seen = desk(house, &agent).await;
    assert_eq!((&seen["presence"], &seen["call_id"], &seen["offer"]), (&json!("in_call"), &call, &Value::Null));
    assert_eq!((&ticket(house, &customer).await["state"], &ticket(house, &customer).await["position"]), (&json!("accepted"), &json!(0)));
    assert_eq!(house.post(&format!("/api/v1/tickets/{}/leave", waiting["id"].as_str().unwrap())).by(&customer).send().await.code(), "already_called");
}

pub(crate) async fn a_declined_call_goes_to_somebody_else(house: &TestHouse) {
    let customer = here(house).await;
    let first = ready(house, "lan").await;
    let waiting = enqueue(house, &customer).await;
    answer(house, &first, "decline").await.expect(200);
    let seen = desk(house, &first).await;
    assert_eq!((&seen["presence"], &seen["offer"]), (&json!("ready"), &Value::Null), "not offered again at once");
    assert_eq!(ticket(house, &customer).await["position"], 1);

    let second = ready(house, "mai").await;
    assert_eq!(desk(house, &second).await["offer"]["ticket_id"], waiting["id"]);
    answer(house, &second, "decline").await.expect(200);
    house.pass(59);
    house.step_queue().await;
    assert_eq!(desk(house, &first).await["offer"], Value::Null);
    house.pass(2);
    house.step_queue().await;
    assert_eq!(desk(house, &first).await["offer"]["ticket_id"], waiting["id"], "after a minute it comes back to the longest idle");
}

pub(crate) async fn missed_offers_are_a_break(house: &TestHouse) {
    let customer = here(house).await;
    let agent = ready(house, "lan").await;
    enqueue(house, &customer).await;
    house.pass(21);
    house.step_queue().await;
    let seen = desk(house, &agent).await;
    assert_eq!((&seen["presence"], &seen["offer"]), (&json!("ready"), &Value::Null));
    house.pass(61);
    house.step_queue().await;
    assert_eq!(desk(house, &agent).await["presence"], "offered");
    house.pass(20);
    house.step_queue().await;
    let seen = desk(house, &agent).await;
    assert_eq!((&seen["presence"], &seen["reason"]), (&json!("break"), &json!("missed")));
    assert_eq!((&ticket(house, &customer).await["state"], &ticket(house, &customer).await["position"]), (&json!("waiting"), &json!(1)));
}

pub(crate) async fn leaving_frees_the_agent(house: &TestHouse) {
    let (customer, next) = (house.ready_to_call().await, house.ready_to_call().await);
    let agent = ready(house, "lan").await;
    let waiting = enqueue(house, &customer).await;
    let offer = desk(house, &agent).await["offer"].clone();
    let later = enqueue(house, &next).await;
    let leave = format!("/api/v1/tickets/{}/leave", waiting["id"].as_str().unwrap());
    assert_eq!(house.post(&leave).by(&next).send().await.status, 404, "somebody else's ticket");
    assert_eq!(house.post(&leave).by(&customer).send().await.expect(200).json()["state"], "abandoned");
    assert_eq!(house.post(&leave).by(&customer).send().await.status, 200, "leaving twice is leaving once");
    assert_eq!(house.state_of(customer.id).await, "confirmed");
    assert_eq!(desk(house, &agent).await["offer"]["ticket_id"], later["id"], "nobody idles beside a waiting customer");
    let accept = format!("/api/v1/tickets/{}/accept", waiting["id"].as_str().unwrap());
    assert_eq!(house.post(&accept).by(&agent).json(&json!({ "epoch": offer["epoch"] })).send().await.expect(409).code(), "offer_withdrawn");
}

pub(crate) async fn who_stays_away_loses_the_place(house: &TestHouse) {
    let (stays, goes, never) = (house.ready_to_call().await, house.ready_to_call().await, house.ready_to_call().await);
    for customer in [&stays, &goes] {
        house.house.queue.customer_online(customer.id, true);
        enqueue(house, customer).await;
    }
    enqueue(house, &never).await;
    house.house.queue.customer_online(goes.id, false);
    house.pass(29);
    house.step_queue().await;
    assert_eq!(ticket(house, &goes).await["state"], "waiting");
    house.pass(1);
    house.step_queue().await;
    assert_eq!(ticket(house, &stays).await["state"], "waiting");
    for customer in [&goes, &never] {
        assert_eq!(ticket(house, customer).await["state"], "abandoned");
        assert_eq!(house.state_of(customer.id).await, "confirmed");
    }
}

pub(crate) async fn an_absent_agent_goes_offline(house: &TestHouse) {
    let customer = here(house).await;
    let agent = ready(house, "lan").await;
    let waiting = enqueue(house, &customer).await;
    house.house.queue.staff_online(agent.id, false);
    house.pass(14);
    house.step_queue().await;
    assert_eq!(desk(house, &agent).await["presence"], "offered");
    house.pass(1);
    house.step_queue().await;
    assert_eq!(desk(house, &agent).await["presence"], "offline");
    assert_eq!((&ticket(house, &customer).await["state"], &ticket(house, &customer).await["id"]), (&json!("waiting"), &waiting["id"]));
    let other = ready(house, "mai").await;
    assert_eq!(desk(house, &other).await["offer"]["ticket_id"], waiting["id"]);
}

pub(crate) async fn wrap_up_ends(house: &TestHouse) {
    let agent = ready(house, "lan").await;
    for ending in ["ready", "time"] {
        let customer = house.ready_to_call().await;
        enqueue(house, &customer).await;
        answer(house, &agent, "accept").await.expect(200);
        assert_eq!(presence(house, &agent, "ready").await.code(), "agent_busy");
        assert_eq!(presence(house, &agent, "break").await.code(), "agent_busy");
        house.pass(100);
        hang_up(house, &customer).await;
        let seen = desk(house, &agent).await;
        assert_eq!((&seen["presence"], &seen["undecided_dossier_id"]), (&json!("wrap_up"), &json!(customer.id)));
        assert!(seen["wrap_up_until"].is_string());
        if ending == "ready" {
            presence(house, &agent, "ready").await.expect(200);
        } else {
            house.pass(119);
            house.step_queue().await;
            assert_eq!(desk(house, &agent).await["presence"], "wrap_up");
            house.pass(1);
            house.step_queue().await;
        }
        assert_eq!(desk(house, &agent).await["presence"], "ready");
    }
}

pub(crate) async fn a_lost_agent_puts_the_customer_in_front(house: &TestHouse) {
    let (lost, others) = (house.ready_to_call().await, [house.ready_to_call().await, house.ready_to_call().await]);
    let agent = ready(house, "lan").await;
    enqueue(house, &lost).await;
    answer(house, &agent, "accept").await.expect(200);
    for customer in &others {
        house.house.queue.customer_online(customer.id, true);
        enqueue(house, customer).await;
    }
    // The server itself went: its recovery ends every call and asks for the customers to return.
    house.house.calls.recover().await.unwrap();
    house.step_queue().await;
    assert_eq!(house.state_of(lost.id).await, "waiting");
    let again = ticket(house, &lost).await;
    assert_eq!(again["state"], "waiting", "{again}");
    assert_eq!(again["position"], 1, "before everybody else");
    assert_eq!(ticket(house, &others[0]).await["position"], 2);
    let other = ready(house, "mai").await;
    let offer = desk(house, &other).await["offer"].clone();
    assert_eq!((&offer["dossier_id"], &offer["is_returning"]), (&json!(lost.id), &json!(true)));
    answer(house, &other, "accept").await.expect(200);
}

pub(crate) async fn two_agents_one_ticket(house: &TestHouse) {
    let customer = house.ready_to_call().await;
    let (first, second) = (ready(house, "lan").await, ready(house, "mai").await);
    enqueue(house, &customer).await;
    let holder = if desk(house, &first).await["offer"].is_object() { (&first, &second) } else { (&second, &first) };
    let offer = desk(house, holder.0).await["offer"].clone();
    let accept = format!("/api/v1/tickets/{}/accept", offer["ticket_id"].as_str().unwrap());
    let by = |agent: &Person<StaffId>| house.post(&accept).by(agent).json(&json!({ "epoch": offer["epoch"] })).send();
    assert_eq!(by(holder.1).await.expect(409).code(), "offer_withdrawn");
    let (one, two, three) = tokio::join!(by(holder.0), by(holder.1), by(holder.0));
    assert_eq!(two.status, 409);
    let call = one.expect(200).json();
    assert_eq!(three.expect(200).json(), call, "the same click twice is the same call");
}

pub(crate) async fn one_agent_never_gets_two_calls(house: &TestHouse) {
    let customers = [house.ready_to_call().await, house.ready_to_call().await];
    let agent = ready(house, "lan").await;
    for customer in &customers {
        enqueue(house, customer).await;
    }
    answer(house, &agent, "accept").await.expect(200);
    house.step_queue().await;
    assert_eq!(desk(house, &agent).await["offer"], Value::Null);
    assert_eq!((&ticket(house, &customers[1]).await["state"], &ticket(house, &customers[1]).await["position"]), (&json!("waiting"), &json!(1)));
}

pub(crate) async fn the_wait_shown_never_rises(house: &TestHouse) {
    let agent = ready(house, "busy").await;
    let talking = house.ready_to_call().await;
    enqueue(house, &talking).await;
    answer(house, &agent, "accept").await.expect(200);
    let patient = here(house).await;
    let first = enqueue(house, &patient).await;
    assert_eq!((&first["wait_low_minutes"], &first["wait_high_minutes"]), (&json!(3), &json!(7)), "{first}");
    house.step_queue().await;
    // The call before takes long; the measured handling time is long now.
    house.pass(3_000);
    hang_up(house, &talking).await;
    presence(house, &agent, "break").await.expect(200);
    house.step_queue().await;
    let later = ticket(house, &patient).await;
    assert_eq!((&later["wait_low_minutes"], &later["wait_high_minutes"]), (&json!(3), &json!(7)), "{later}");
    let new = house.get("/api/v1/queue/estimate").send().await.expect(200).json();
    assert!(new["wait_high_minutes"].as_u64() > Some(7), "{new}");
    assert_eq!((&new["is_open"], &new["is_staffed"], &new["waiting"]), (&json!(true), &json!(false), &json!(1)));
}

pub(crate) async fn bad_requests_are_refused(house: &TestHouse) {
    let draft = house.customer().await;
    assert_eq!(house.post("/api/v1/tickets").by(&draft).send().await.expect(409).code(), "step_refused");
    assert_eq!(house.get("/api/v1/ticket").by(&draft).send().await.status, 404);
    let agent = house.agent("lan").await;
    for wanted in ["in_call", "offered", "wrap_up"] {
        assert_eq!(presence(house, &agent, wanted).await.expect(422).code(), "bad_reason", "{wanted}");
    }
    let away = |reason: Value| house.post("/api/v1/presence").by(&agent).json(&json!({ "presence": "break", "reason": reason })).send();
    for reason in [json!(null), json!("missed"), json!("because")] {
        assert_eq!(away(reason).await.expect(422).code(), "bad_reason");
    }
    let unknown = format!("/api/v1/tickets/{}/accept", "0190a6e0000070008000000000000000");
    assert_eq!(house.post(&unknown).by(&agent).json(&json!({ "epoch": 1 })).send().await.status, 404);
    assert_eq!(house.post("/api/v1/tickets/nonsense/accept").by(&agent).json(&json!({ "epoch": 1 })).send().await.status, 404);
    assert_eq!(house.post(&unknown).by(&agent).json(&json!({ "epoch": "x" })).send().await.code(), "malformed");
    let customer = house.ready_to_call().await;
    enqueue(house, &customer).await;
    presence(house, &agent, "ready").await.expect(200);
    let offer = desk(house, &agent).await["offer"].clone();
    let decline = format!("/api/v1/tickets/{}/decline", offer["ticket_id"].as_str().unwrap());
    let body = json!({ "epoch": offer["epoch"], "reason": "no mood" });
    assert_eq!(house.post(&decline).by(&agent).json(&body).send().await.expect(422).code(), "bad_reason");
    house.house.draining.cancel();
    assert_eq!(answer(house, &agent, "accept").await.expect(503).code(), "draining");
    let late = house.ready_to_call().await;
    assert_eq!(house.post("/api/v1/tickets").by(&late).send().await.expect(503).code(), "draining");
    assert_eq!(house.get("/api/v1/queue/estimate").send().await.json()["is_open"], false);
}

pub(crate) async fn pages_are_told(house: &TestHouse) {
    let (first, second) = (house.ready_to_call().await, house.ready_to_call().await);
    let agent = house.agent("lan").await;
    let mut console = house.house.hub.subscribe(Topic::Console);
    let mut own = house.house.hub.subscribe(Topic::Staff(agent.id));
    let mut page = house.house.hub.subscribe(Topic::Customer(second.id));
    let mut said = move |from: &str| -> Vec<Value> {
        let heard = match from {
            "console" => &mut console,
            "own" => &mut own,
            _ => &mut page,
        };
        std::iter::from_fn(|| heard.try_recv().ok()).map(|text| serde_json::from_str(&text).unwrap()).collect()
    };
    enqueue(house, &first).await;
    enqueue(house, &second).await;
    house.step_queue().await;
    let depth = said("console").pop().expect("the depth is told");
    assert_eq!((&depth["type"], &depth["waiting"], &depth["ready_agents"]), (&json!("queue_changed"), &json!(2), &json!(0)));
    assert_eq!(said("page").pop().expect("the place is told")["ticket"]["position"], 2);
    house.step_queue().await;
    assert!(said("page").is_empty() && said("console").is_empty(), "nothing changed, nothing is told");

    presence(house, &agent, "ready").await.expect(200);
    house.step_queue().await;
    let told = said("own").pop().expect("the desk is told");
    assert_eq!((&told["type"], &told["desk"]["offer"]["dossier_id"]), (&json!("desk_changed"), &json!(first.id)));
    answer(house, &agent, "accept").await.expect(200);
    house.step_queue().await;
    assert_eq!(said("page").pop().expect("the place is told")["ticket"]["position"], 1);
}

pub(crate) async fn a_restart_changes_nothing(house: &TestHouse) {
    let customers = [house.ready_to_call().await, house.ready_to_call().await, house.ready_to_call().await];
    for customer in &customers {
        enqueue(house, customer).await;
    }
    let refusing = ready(house, "lan").await;
    answer(house, &refusing, "decline").await.expect(200);
    presence(house, &refusing, "ready").await;
    let before: Vec<Value> = [ticket(house, &customers[0]).await, ticket(house, &customers[1]).await, ticket(house, &customers[2]).await].to_vec();

    let again = house.reopened().await;
    again.house.queue.rebuild().await.unwrap();
    let mut after = Vec::new();
    for customer in &customers {
        after.push(again.get("/api/v1/ticket").by(customer).send().await.expect(200).json());
    }
    assert_eq!(after, before);
    // Everybody has the grace period to come back; who does not is let go.
    again.house.queue.customer_online(customers[0].id, true);
    again.pass(30);
    again.step_queue().await;
    assert_eq!(ticket(&again, &customers[0]).await["state"], "waiting");
    assert_eq!(ticket(&again, &customers[1]).await["state"], "abandoned");
    assert_eq!(desk(&again, &refusing).await["presence"], "offline");
}
