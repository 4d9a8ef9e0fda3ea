//! The database crashes and comes back while people talk: calls that are live go on and are recorded whole, nothing new is begun
//! meanwhile, and nobody is lost.

use std::{sync::atomic::Ordering, time::Duration};

use serde_json::json;
use sqlx::PgPool;

use super::carried::{CONNECTED, End, SOON, get, maker, opened, page, post, recorded_closed, runtime, sounds, until};
use crate::{
    media::peer::Kind,
    support::{
        process::Site,
        servers::{self, OwnPostgres},
    },
};

#[test]
fn a_database_that_crashes_costs_no_call_and_nobody_a_place() {
    runtime().block_on(async {
        let mut database = OwnPostgres::start().await;
        let site = Site::new().set("DATABASE_URL", &database.url()).set("REDIS_URL", &servers::redis_url());
        let site = site.set("VISAVIS__QUEUE__REDIS_PREFIX", &servers::unique("crash"));
        let _running = tokio::task::block_in_place(|| site.serve(&["--no-work"]));
        let house = maker(&database.url()).await;
        let clip = sounds(house.folder());
        let (customer, agent, call) = opened(&house, site.http, "lan").await;
        let mut customer = End::new(site.http, &customer, "customer", &call, 100).await;
        let mut agent = End::new(site.http, &agent, "agent", &call, 200).await;
        customer.join().await;
        agent.join().await;
        // Somebody else lies on a desk, and one more waits.
        let (mai, offered, waiting) = (house.agent("mai").await, house.ready_to_call().await, house.ready_to_call().await);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let _pages = (page(site.http, &offered.cookie, "customer").await, page(site.http, &waiting.cookie, "customer").await);
        let (_say, mut desk) = page(site.http, &mai.cookie, "agent").await;
        post(&client, site.http, "/api/v1/presence", &mai.cookie, json!({ "presence": "ready" })).await;
        for person in [&offered, &waiting] {
            post(&client, site.http, "/api/v1/tickets", &person.cookie, json!({})).await;
        }
        let offer = loop {
            let push = tokio::time::timeout(SOON, desk.recv()).await.unwrap().unwrap();
            if push["desk"]["offer"].is_object() {
                break push["desk"]["offer"].clone();
            }
        };
        let pool = PgPool::connect(&database.url()).await.unwrap();
        until(&pool, SOON, CONNECTED, 1).await;
        pool.close().await;
        house.engines.db.close().await;
        let voices = [customer.speak(&clip), agent.speak(&clip)];
        tokio::time::sleep(Duration::from_secs(1)).await;

        database.crash();
        let accept = |epoch: serde_json::Value| {
            let path = format!("http://{}/api/v1/tickets/{}/accept", site.http, offer["ticket_id"].as_str().unwrap());
            let request = client.post(path).header("cookie", &mai.cookie).header("origin", format!("http://{}", site.http));
            request.header("content-type", "application/json").body(json!({ "epoch": epoch }).to_string()).send()
        };
        let heard = [&customer, &agent].map(|end| end.peer.heard(Kind::Audio).len());
        let refused = accept(offer["epoch"].clone()).await.unwrap();
        assert_eq!(refused.status(), 503, "nothing is begun without the database");
        tokio::time::sleep(Duration::from_secs(3)).await;
        for (end, before) in [&customer, &agent].into_iter().zip(heard) {
            let now = end.peer.heard(Kind::Audio).len();
            assert!(now - before > 120, "{} goes on hearing: {} sounds in 3 s and more", end.party, now - before);
        }
        database.come_back().await;

        // The same press works when the database is back, as often as the page repeats it.
        let began = std::time::Instant::now();
        loop {
            let answer = accept(offer["epoch"].clone()).await.unwrap();
            if answer.status().is_success() {
                break;
            }
            assert_eq!(answer.status(), 503, "{}", answer.text().await.unwrap());
            assert!(began.elapsed() < SOON, "the database is back, and accepts are refused");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        eprintln!("an accept worked {} ms after the database was back", began.elapsed().as_millis());
        assert_eq!(get(&client, site.http, "/api/v1/ticket", &waiting.cookie).await["state"], "waiting", "nobody lost a place");
        customer.say.send(json!({ "type": "chat", "call_id": call, "text": "Still there?" })).unwrap();
        assert_eq!(agent.hears("chat").await["line"]["text"], "Still there?");
        for (end, voice) in [&customer, &agent].into_iter().zip(voices) {
            end.sent.stop.store(true, Ordering::Relaxed);
            voice.await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let pool = PgPool::connect(&database.url()).await.unwrap();
        until(&pool, SOON, "select count(*) from calls where ended_at is null", 2).await;
        post(&client, site.http, &format!("/api/v1/calls/{call}/hang-up"), &agent.cookie, json!({})).await;
        let accepted = get(&client, site.http, "/api/v1/desk", &mai.cookie).await["call_id"].as_str().unwrap().to_owned();
        post(&client, site.http, &format!("/api/v1/calls/{accepted}/hang-up"), &mai.cookie, json!({})).await;
        let logs = recorded_closed(site.folder(), &database.url(), &pool).await;
        for end in [&customer, &agent] {
            let segments = &logs[&(call.clone(), end.party.to_owned())];
            let sent = end.sent.numbers.lock().unwrap().len();
            let held: usize = segments.iter().map(Vec::len).sum();
            assert!(segments.len() == 1 && held * 100 >= sent * 99, "{} segments with {held} of {sent} sounds of the {}", segments.len(), end.party);
        }
        pool.close().await;
    });
}
