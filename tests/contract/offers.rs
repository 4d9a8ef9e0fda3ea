//! How soon an offer is on the desk: two real servers, agents' pages at both, customers coming at a steady pace to both in turn.
//! `make bench-queue` lets it run longer and takes the figures; here it is asserted that every offer arrives and none twice.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};
use visavis::base::{Ambient, id::DossierId};

use crate::{
    faults::nodes::Pair,
    support::{Person, TestHouse},
};

const A_SECOND: u32 = 20;
const AGENTS: usize = 12;

/// When each ticket was offered first, by its id, and how often.
type Seen = Arc<Mutex<HashMap<String, (Instant, usize)>>>;

/// Listens to one agent's page.
async fn listen(at: std::net::SocketAddr, cookie: &str, seen: Seen) {
    let mut request = format!("ws://{at}/api/v1/live/staff").into_client_request().unwrap();
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    request.headers_mut().insert("origin", format!("http://{at}").parse().unwrap());
    let stream = tokio::net::TcpStream::connect(at).await.unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    tokio::spawn(async move {
        let (mut last, mut newest) = (Value::Null, 0);
        let mut alive = tokio::time::interval(Duration::from_secs(5));
        loop {
            let message = tokio::select! {
                message = socket.next() => message,
                _ = alive.tick() => {
                    // A page that is silent for long counts as gone.
                    let said = socket.send(Message::text(json!({ "type": "ping" }).to_string())).await;
                    if said.is_err() {
                        return;
                    }
                    continue;
                }
            };
            let Some(Ok(message)) = message else { return };
            let Message::Text(text) = message else { continue };
            let now = Instant::now();
            let Ok(push) = serde_json::from_str::<Value>(&text) else { continue };
            // As the console does: what was overtaken on its way between the servers is late.
            let Some(epoch) = push["desk"]["epoch"].as_i64().filter(|epoch| *epoch >= newest) else { continue };
            newest = epoch;
            let offer = &push["desk"]["offer"];
            // A desk is told anew when anything on it changes; only another offer counts.
            if offer.is_object() && (&offer["ticket_id"], &offer["epoch"]) != (&last["ticket_id"], &last["epoch"]) {
                let id = offer["ticket_id"].as_str().unwrap().to_owned();
                seen.lock().unwrap().entry(id).or_insert((now, 0)).1 += 1;
            }
            last = offer.clone();
        }
    });
}

async fn run(pair: &Pair, house: &TestHouse, count: usize) -> Vec<Duration> {
    let (seen, client) = (Seen::default(), reqwest::Client::builder().no_proxy().build().unwrap());
    let post = async |site: usize, path: &str, cookie: &str, body: Value| {
        let at = pair.sites[site].http;
        let request = client.post(format!("http://{at}{path}")).header("cookie", cookie).header("origin", format!("http://{at}"));
        let answer = request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {} {}", answer.status(), answer.text().await.unwrap());
        serde_json::from_slice::<Value>(&answer.bytes().await.unwrap()).unwrap_or_default()
    };
    for number in 0..AGENTS {
        let agent = house.agent(&format!("agent{number}")).await;
        listen(pair.sites[number % 2].http, &agent.cookie, Arc::clone(&seen)).await;
        post(number % 2, "/api/v1/presence", &agent.cookie, json!({ "presence": "ready" })).await;
    }
    let mut customers: Vec<Person<DossierId>> = Vec::new();
    for _ in 0..count {
        customers.push(house.ready_to_call().await);
    }
    let pace = Duration::from_secs(1) / A_SECOND;
    let began = Instant::now();
    let coming = customers.iter().enumerate().map(|(number, customer)| {
        let (post, seen) = (&post, Arc::clone(&seen));
        async move {
            tokio::time::sleep_until((began + pace * u32::try_from(number).unwrap()).into()).await;
            let asked = Instant::now();
            let ticket = post(number % 2, "/api/v1/tickets", &customer.cookie, json!({})).await;
            let id = ticket["id"].as_str().unwrap().to_owned();
            let limit = Instant::now() + Duration::from_secs(20);
            let offered = loop {
                if let Some((at, _)) = seen.lock().unwrap().get(&id) {
                    break *at;
                }
                assert!(Instant::now() < limit, "never offered");
                tokio::time::sleep(Duration::from_millis(2)).await;
            };
            // The customer goes, and the agent is ready for the next.
            post(number % 2, &format!("/api/v1/tickets/{id}/leave"), &customer.cookie, json!({})).await;
            offered - asked
        }
    });
    let waits = futures_util::future::join_all(coming).await;
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), count);
    let again: Vec<usize> = seen.values().map(|(_, times)| *times).filter(|times| *times != 1).collect();
    assert!(again.is_empty(), "every ticket was offered to one agent, once: {again:?}");
    waits
}

/// How many customers come; the bench lets more come.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for from outside")]
fn customers() -> usize {
    std::env::var("VISAVIS_OFFERS").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

#[test]
fn offers_reach_the_desk_soon() {
    let count = customers();
    let pair = Pair::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut waits = runtime.block_on(async {
        // A third house on the same database makes the people; it runs nothing.
        let database = pair.database.clone();
        let house = TestHouse::with(|settings| settings.storage.database_url = database).await;
        house.clock.set(Ambient::system().now());
        run(&pair, &house, count).await
    });
    waits.sort_unstable();
    let at = |share: usize| waits[(waits.len() * share / 100).min(waits.len() - 1)].as_secs_f64() * 1_000.0;
    let figures = json!({ "offer_p50_ms": at(50).round(), "offer_p99_ms": at(99).round(), "offers": count });
    eprintln!("offers at {A_SECOND} calls a second on two servers: {figures}");
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench/offers.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, figures.to_string()).unwrap();
}
