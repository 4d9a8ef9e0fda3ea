//! The server is killed, or told to stop, while people are in it.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::support::{
    caller::{Caller, Live, confirmed},
    process::{Site, eventually},
};

const SOON: Duration = Duration::from_secs(15);

fn site_with_agent() -> Site {
    let site = Site::new();
    let add = ["staff", "add", "--name", "lan", "--display-name", "Lan", "--role", "agent", "--password-stdin"];
    let (status, _, errors) = site.run(&add, "seven calm lanterns\n");
    assert!(status.success(), "{errors}");
    site
}

/// Signed in, on the live socket and ready.
fn ready(agent: &mut Caller<'_>) -> Live {
    if agent.cookie.is_empty() {
        agent.post("/api/v1/staff/sign-in", &json!({ "name": "lan", "password": "seven calm lanterns" }));
    }
    let mut live = agent.live("/api/v1/live/staff");
    live.hears("hello", SOON);
    agent.post("/api/v1/presence", &json!({ "presence": "ready" }));
    live
}

fn offer(agent: &mut Caller<'_>) -> Value {
    eventually(SOON, || {
        let desk = agent.get("/api/v1/desk");
        if desk["offer"].is_null() { Err(desk.to_string()) } else { Ok(desk["offer"].clone()) }
    })
}

fn accept(agent: &mut Caller<'_>, offer: &Value) -> String {
    let path = format!("/api/v1/tickets/{}/accept", offer["ticket_id"].as_str().unwrap());
    agent.post(&path, &json!({ "epoch": offer["epoch"] }))["call_id"].as_str().unwrap().to_owned()
}

/// A customer and an agent in a call.
fn in_call(site: &Site) -> (Caller<'_>, Live, Caller<'_>, Live, String) {
    let mut customer = confirmed(site);
    let mut page = customer.live("/api/v1/live/customer");
    page.hears("hello", SOON);
    customer.post("/api/v1/tickets", &json!({}));
    let mut agent = Caller::new(site);
    let console = ready(&mut agent);
    let offered = offer(&mut agent);
    let call = accept(&mut agent, &offered);
    assert_eq!(page.hears("call_started", SOON)["call_id"], call.as_str());
    (customer, page, agent, console, call)
}

#[test]
fn a_server_killed_in_a_call_goes_on_with_it() {
    let site = site_with_agent();
    let mut running = site.serve(&["--no-work"]);
    let (mut caught, page, mut agent, console, call) = in_call(&site);
    let before = caught.get("/api/v1/call");
    running.signal(Signal::SIGKILL);
    running.ended(SOON);
    drop((page, console));

    let _again = site.serve(&["--no-work"]);
    let mut page = caught.live("/api/v1/live/customer");
    page.hears("hello", SOON);
    agent.live("/api/v1/live/staff").hears("hello", SOON);
    let after = caught.get("/api/v1/call");
    assert_eq!((&after["id"], &after["state"]), (&before["id"], &before["state"]), "{after}");
    assert!(after["epoch"].as_i64() > before["epoch"].as_i64(), "the page is a new one to the server");
    assert_eq!(agent.get("/api/v1/desk")["call_id"], call.as_str());
    agent.post(&format!("/api/v1/calls/{call}/hang-up"), &json!({}));
    assert_eq!(page.hears("call_ended", SOON)["reason"], "hung_up");
}

#[test]
fn a_server_that_stays_away_too_long_puts_the_customer_at_the_front_of_the_queue() {
    let site = site_with_agent().set("VISAVIS__CALL__GRACE_SECONDS", "1");
    let mut running = site.serve(&["--no-work"]);
    let (mut caught, page, mut agent, console, call) = in_call(&site);
    let mut other = confirmed(&site);
    other.post("/api/v1/tickets", &json!({}));
    assert_eq!(other.get("/api/v1/ticket")["position"], 1);
    running.signal(Signal::SIGKILL);
    running.ended(SOON);
    drop((page, console));
    std::thread::sleep(Duration::from_millis(1_100));

    let _again = site.serve(&["--no-work"]);
    let mut page = caught.live("/api/v1/live/customer");
    page.hears("hello", SOON);
    let ticket = eventually(SOON, || match caught.ask("GET", "/api/v1/ticket", None) {
        (200, ticket) if ticket["state"] == "waiting" => Ok(ticket),
        other => Err(format!("{other:?}")),
    });
    assert_eq!(ticket["position"], 1, "the caught customer is first");
    eventually(SOON, || match other.get("/api/v1/ticket")["position"].as_u64() {
        Some(2) => Ok(()),
        position => Err(format!("the other customer stands at {position:?}")),
    });
    let over = agent.get(&format!("/api/v1/calls/{call}"));
    assert_eq!(over["state"], "ended", "{over}");

    let _console = ready(&mut agent);
    let offered = offer(&mut agent);
    assert_eq!((offered["ticket_id"].clone(), offered["is_returning"].clone()), (ticket["id"].clone(), json!(true)));
    let second = accept(&mut agent, &offered);
    assert_ne!(second, call);
    assert_eq!(page.hears("call_started", SOON)["call_id"], second.as_str());
}

#[test]
fn a_server_told_to_stop_begins_nothing_and_lets_calls_end() {
    let site = site_with_agent().set("VISAVIS__SERVER__DRAIN_SECONDS", "30");
    let mut running = site.serve(&[]);
    let (mut customer, _page, mut agent, _console, call) = in_call(&site);
    let mut late = confirmed(&site);
    running.signal(Signal::SIGTERM);
    eventually(SOON, || match late.ask("POST", "/api/v1/tickets", Some(&json!({}))) {
        (503, refusal) if refusal["code"] == "draining" => Ok(()),
        other => Err(format!("{other:?}")),
    });
    assert_eq!(customer.get("/api/v1/call")["state"], "connecting", "a running call goes on");
    let told = Instant::now();
    agent.post(&format!("/api/v1/calls/{call}/hang-up"), &json!({}));
    let status = running.ended(SOON);
    assert!(status.success(), "{status}\n{}", running.log());
    assert!(told.elapsed() < Duration::from_secs(10), "it waited for nothing");
    let log = running.log();
    for personal in ["Trần Văn Mẫu", "001201012345", "mau@example.org", "84900000001", "lanterns", "12 Phố Mẫu"] {
        assert!(!log.contains(personal), "a personal value was logged: {log}");
    }
}

#[test]
fn calls_that_do_not_end_in_time_are_ended_and_their_customers_come_first() {
    let site = site_with_agent().set("VISAVIS__SERVER__DRAIN_SECONDS", "1");
    let mut running = site.serve(&["--no-work"]);
    let (mut customer, mut page, _agent, _console, _) = in_call(&site);
    running.signal(Signal::SIGTERM);
    assert_eq!(page.hears("call_ended", SOON)["reason"], "server_lost");
    assert!(running.ended(SOON).success(), "{}", running.log());
    let _again = site.serve(&["--no-work"]);
    let (status, ticket) = customer.ask("GET", "/api/v1/ticket", None);
    assert_eq!((status, ticket["state"].as_str(), ticket["position"].as_u64()), (200, Some("waiting"), Some(1)), "{ticket}");
}
