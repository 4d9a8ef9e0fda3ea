//! Many at once, on every pair of backends: agents who answer the same moment, customers who leave while they are accepted.

use serde_json::json;

use crate::{
    journey::queue::{desk, enqueue, ready, ticket},
    support::{TestHouse, servers::on_every_backend},
};

on_every_backend!(everybody_at_once, the_same_click_many_times);

/// Eight customers and five agents: every offer is accepted twice and its customer leaves in the same moment. Whoever
/// wins, each file is either in exactly one call or back where it was, and no agent has two calls.
pub(crate) async fn everybody_at_once(house: &TestHouse) {
    let mut customers = Vec::new();
    for _ in 0..8 {
        let customer = house.ready_to_call().await;
        house.house.queue.customer_online(customer.id, true);
        enqueue(house, &customer).await;
        customers.push(customer);
    }
    let mut agents = Vec::new();
    for name in ["an", "binh", "chi", "dung", "em"] {
        agents.push(ready(house, name).await);
    }
    let mut running = Vec::new();
    for agent in &agents {
        let offer = desk(house, agent).await["offer"].clone();
        let id = offer["ticket_id"].as_str().expect("an offer for everybody").to_owned();
        let customer = customers.iter().find(|customer| json!(customer.id) == offer["dossier_id"]).unwrap();
        for _ in 0..2 {
            let accept = house.post(&format!("/api/v1/tickets/{id}/accept")).by(agent).json(&json!({ "epoch": offer["epoch"] }));
            running.push(tokio::spawn(accept.send()));
        }
        running.push(tokio::spawn(house.post(&format!("/api/v1/tickets/{id}/leave")).by(customer).send()));
    }
    for answer in running {
        let answer = answer.await.unwrap();
        assert!([200, 409].contains(&answer.status), "{} {}", answer.status, answer.text());
    }
    house.step_queue().await;
    let mut calls = Vec::new();
    for agent in &agents {
        let seen = desk(house, agent).await;
        if let Some(call) = seen["call_id"].as_str() {
            calls.push(call.to_owned());
        } else {
            assert!(["ready", "offered"].contains(&seen["presence"].as_str().unwrap()), "{seen}");
        }
    }
    let in_calls = calls.len();
    calls.sort();
    calls.dedup();
    assert_eq!(calls.len(), in_calls, "no two agents in one call");
    let mut states = std::collections::BTreeMap::<&str, usize>::new();
    for customer in &customers {
        let place = ticket(house, customer).await["state"].clone();
        let wanted = match house.state_of(customer.id).await {
            "in_call" => "accepted",
            "confirmed" => "abandoned",
            _ => "in line",
        };
        assert!(place == wanted || (wanted == "in line" && (place == "waiting" || place == "offered")), "{place} {wanted}");
        *states.entry(wanted).or_default() += 1;
    }
    assert_eq!(states.get("accepted").copied().unwrap_or(0), in_calls, "{states:?}");
    assert_eq!(states.values().sum::<usize>(), 8, "nobody is lost");
}

/// Impatient fingers: one ticket, one appointment, one call.
pub(crate) async fn the_same_click_many_times(house: &TestHouse) {
    let customer = house.ready_to_call().await;
    let clicks = (0..6).map(|_| tokio::spawn(house.post("/api/v1/tickets").by(&customer).send()));
    let mut tickets = std::collections::BTreeSet::new();
    for click in futures_util::future::join_all(clicks).await {
        tickets.insert(click.unwrap().expect(200).json()["id"].to_string());
    }
    assert_eq!(tickets.len(), 1);

    let agent = house.agent("lan").await;
    house.house.bookings.seed_demo_shifts(&[agent.id], 1).await.unwrap();
    let slot = house.get("/api/v1/slots").send().await.json()[0]["id"].clone();
    let later = house.ready_to_call().await;
    let clicks = (0..6).map(|_| tokio::spawn(house.post("/api/v1/bookings").by(&later).json(&json!({ "slot_id": slot })).send()));
    let mut bookings = std::collections::BTreeSet::new();
    for click in futures_util::future::join_all(clicks).await {
        bookings.insert(click.unwrap().expect(200).json()["id"].to_string());
    }
    assert_eq!(bookings.len(), 1);
}
