//! Real sockets and presence: several pages of one agent are one agent, and what becomes of an offer or a call whose agent is gone.

use serde_json::{Value, json};
use visavis::{
    engine::sfu::What,
    journey::call::{Who, wire::Party},
};

use super::queue::{answer, desk, enqueue, presence, ticket};
use crate::support::{
    TestHouse,
    calls::{Page, eventually},
};

const CUSTOMER: &str = "/api/v1/live/customer";
const STAFF: &str = "/api/v1/live/staff";

/// Waits until the server has seen that somebody's last page closed, or the first opened.
async fn seen(house: &TestHouse, who: Who, wanted: bool) {
    eventually(|| async { if house.house.pages.has(who).await == wanted { Ok(()) } else { Err(format!("{who:?} is not {wanted}")) } }).await;
}

#[tokio::test]
async fn three_tabs_are_one_agent() {
    let house = &TestHouse::open().await;
    let at = house.listen().await;
    let lan = house.agent("lan").await;
    let mut tabs = [Page::open(at, STAFF, &lan).await, Page::open(at, STAFF, &lan).await, Page::open(at, STAFF, &lan).await];
    house.post("/api/v1/presence").by(&lan).json(&json!({ "presence": "ready" })).send().await.expect(200);
    let customer = house.ready_to_call().await;
    let theirs = Page::open(at, CUSTOMER, &customer).await;
    let waiting = enqueue(house, &customer).await;
    house.step_queue().await;
    let mut epochs = Vec::new();
    for tab in &mut tabs {
        let offered = loop {
            let heard = tab.hear_of("desk_changed").await;
            if heard["desk"]["offer"].is_object() {
                break heard;
            }
        };
        assert_eq!(offered["desk"]["offer"]["ticket_id"], waiting["id"]);
        epochs.push(offered["desk"]["offer"]["epoch"].clone());
    }
    assert!(epochs.windows(2).all(|pair| pair[0] == pair[1]), "one offer, not three: {epochs:?}");

    let [first, mut second, third] = tabs;
    first.close().await;
    third.close().await;
    house.pass(16);
    house.step_queue().await;
    assert_eq!(desk(house, &lan).await["presence"], "offered", "one page is enough");
    answer(house, &lan, "accept").await.expect(200);
    house.step_queue().await;
    loop {
        let heard = second.hear_of("desk_changed").await;
        if heard["desk"]["call_id"].is_string() {
            break;
        }
    }
    second.close().await;
    theirs.close().await;
}

#[tokio::test]
async fn an_offer_does_not_wait_for_an_agent_whose_pages_are_gone() {
    let house = &TestHouse::open().await;
    let at = house.listen().await;
    let (lan, mai) = (house.agent("lan").await, house.agent("mai").await);
    let tabs = [Page::open(at, STAFF, &lan).await, Page::open(at, STAFF, &lan).await];
    house.post("/api/v1/presence").by(&lan).json(&json!({ "presence": "ready" })).send().await.expect(200);
    let customer = house.ready_to_call().await;
    let _theirs = Page::open(at, CUSTOMER, &customer).await;
    let waiting = enqueue(house, &customer).await;
    let _other = Page::open(at, STAFF, &mai).await;
    presence(house, &mai, "ready").await.expect(200);
    for tab in tabs {
        tab.close().await;
    }
    seen(house, Who::Agent(lan.id), false).await;
    house.pass(14);
    house.step_queue().await;
    assert_eq!(desk(house, &lan).await["presence"], "offered", "a page may come back");
    house.pass(2);
    house.step_queue().await;
    assert_eq!(desk(house, &lan).await["presence"], "offline");
    assert_eq!(desk(house, &mai).await["offer"]["ticket_id"], waiting["id"], "within 16 seconds");
}

#[tokio::test]
async fn an_agent_gone_in_a_call_has_twenty_seconds_and_then_the_customer_is_first() {
    let house = &TestHouse::open().await;
    let at = house.listen().await;
    let lan = house.agent("lan").await;
    let (mut kept, gone) = (Page::open(at, STAFF, &lan).await, Page::open(at, STAFF, &lan).await);
    house.post("/api/v1/presence").by(&lan).json(&json!({ "presence": "ready" })).send().await.expect(200);
    let customer = house.ready_to_call().await;
    let mut theirs = Page::open(at, CUSTOMER, &customer).await;
    enqueue(house, &customer).await;
    let call: visavis::base::id::CallId = answer(house, &lan, "accept").await.expect(200).json()["call_id"].as_str().unwrap().parse().unwrap();
    house.deliver().await;
    theirs.hear_of("call_started").await;
    for party in [Party::Customer, Party::Agent] {
        house.media(call, party, What::Connected).await;
    }
    kept.hear_of("call_changed").await;
    let (one, two) = (house.ready_to_call().await, house.ready_to_call().await);
    for other in [&one, &two] {
        house.house.queue.customer_online(other.id, true);
        enqueue(house, other).await;
    }

    gone.close().await;
    house.pass(60);
    house.look_after_calls().await;
    assert_eq!(house.get("/api/v1/call").by(&customer).send().await.expect(200).json()["state"], "live", "the other page is the same agent");

    kept.close().await;
    seen(house, Who::Agent(lan.id), false).await;
    house.media(call, Party::Agent, What::Disconnected).await;
    house.pass(19);
    house.look_after_calls().await;
    assert_eq!(house.get("/api/v1/call").by(&customer).send().await.expect(200).json()["state"], "live", "the agent may come back");
    house.pass(1);
    house.look_after_calls().await;
    house.step_queue().await;
    assert_eq!(theirs.hear_of("call_ended").await["reason"], "agent_lost");
    let again = ticket(house, &customer).await;
    assert_eq!((&again["state"], &again["position"]), (&json!("waiting"), &json!(1)), "before those who came earlier");
    assert_eq!(desk(house, &lan).await["presence"], "offline");
    seen(house, Who::Customer(customer.id), true).await;
    let mai = house.agent("mai").await;
    presence(house, &mai, "ready").await.expect(200);
    let offer = desk(house, &mai).await["offer"].clone();
    assert_eq!((&offer["dossier_id"], &offer["is_returning"], &offer["is_callback"]), (&json!(customer.id), &json!(true), &json!(false)));
    assert_eq!(desk(house, &lan).await["offer"], Value::Null);
}
