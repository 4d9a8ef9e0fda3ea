//! Two real servers on one PostgreSQL and one Redis: an offer made at one reaches an agent's page at the other, an agent with a page at
//! each is one agent, and when one is killed nobody who waits is lost.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::support::{
    caller::{Caller, Live, confirmed},
    process::{Running, Site, eventually},
    servers,
};

const SOON: Duration = Duration::from_secs(20);
/// So long a server that is told to stop waits for its calls to end.
pub(crate) const DRAIN: Duration = Duration::from_secs(5);

/// Two servers of one house, on one data folder.
pub(crate) struct Pair {
    pub(crate) sites: [Site; 2],
    pub(crate) running: Vec<Running>,
    pub(crate) database: String,
}

impl Pair {
    pub(crate) fn start() -> Self {
        Self::start_with([&["--no-work"], &["--no-work"]])
    }

    /// The same with arguments of their own.
    pub(crate) fn start_with(args: [&[&str]; 2]) -> Self {
        let mut pair = Self::built();
        pair.running = pair.sites.iter().zip(args).map(|(site, args)| site.serve(args)).collect();
        pair
    }

    /// With the first of them only.
    pub(crate) fn starting_with_one() -> Self {
        let mut pair = Self::built();
        pair.running.push(pair.sites[0].serve(&["--no-work"]));
        pair
    }

    /// Then comes the second.
    pub(crate) fn start_the_other(&mut self) {
        let other = self.sites[1].serve(&["--no-work"]);
        self.running.push(other);
    }

    fn built() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (database, prefix) = (runtime.block_on(servers::fresh_database()), servers::unique("nodes"));
        let shared = |site: Site, node: &str| {
            let site = site.set("DATABASE_URL", &database).set("REDIS_URL", &servers::redis_url()).set("VISAVIS__QUEUE__REDIS_PREFIX", &prefix);
            site.set("VISAVIS__CALL__NODE", node).set("VISAVIS__SERVER__DRAIN_SECONDS", &DRAIN.as_secs().to_string())
        };
        let first = shared(Site::new(), "one");
        let second = shared(first.beside(), "two");
        for name in ["lan", "mai"] {
            let add = ["staff", "add", "--name", name, "--display-name", name, "--role", "agent", "--password-stdin"];
            let (status, _, errors) = first.run(&add, "seven calm lanterns\n");
            assert!(status.success(), "{errors}");
        }
        Self { sites: [first, second], running: Vec::new(), database }
    }
}

fn signed_in<'a>(site: &'a Site, name: &str) -> Caller<'a> {
    let mut agent = Caller::new(site);
    agent.post("/api/v1/staff/sign-in", &json!({ "name": name, "password": "seven calm lanterns" }));
    agent
}

fn page(who: &Caller<'_>, path: &str) -> Live {
    let mut live = who.live(path);
    live.hears("hello", SOON);
    live
}

fn ready(agent: &mut Caller<'_>) -> Live {
    let live = page(agent, "/api/v1/live/staff");
    agent.post("/api/v1/presence", &json!({ "presence": "ready" }));
    live
}

/// The next offer a page is told of.
fn offered(page: &mut Live) -> Value {
    let until = Instant::now() + SOON;
    while Instant::now() < until {
        let heard = page.hears("desk_changed", SOON);
        if heard["desk"]["offer"].is_object() {
            return heard["desk"]["offer"].clone();
        }
    }
    panic!("no offer within {SOON:?}");
}

#[test]
fn an_offer_made_at_one_server_reaches_the_page_at_the_other() {
    let pair = Pair::start();
    let [one, two] = &pair.sites;
    let mut agent = signed_in(two, "lan");
    let mut console = ready(&mut agent);
    let mut customer = confirmed(one);
    let mut theirs = page(&customer, "/api/v1/live/customer");
    let began = Instant::now();
    customer.post("/api/v1/tickets", &json!({}));
    let offer = offered(&mut console);
    eprintln!("offered at the other server after {} ms", began.elapsed().as_millis());
    let path = format!("/api/v1/tickets/{}/decline", offer["ticket_id"].as_str().unwrap());
    agent.post(&path, &json!({ "epoch": offer["epoch"], "reason": "busy" }));
    loop {
        if theirs.hears("ticket_changed", SOON)["ticket"]["state"] == "waiting" {
            break;
        }
    }
}

#[test]
fn a_page_at_each_server_is_one_agent() {
    let pair = Pair::start();
    let [one, two] = &pair.sites;
    let mut agent = signed_in(one, "lan");
    let first = ready(&mut agent);
    let mut elsewhere = Caller::new(two);
    elsewhere.cookie.clone_from(&agent.cookie);
    let second = page(&elsewhere, "/api/v1/live/staff");
    // The other server hears of it within its next look.
    std::thread::sleep(Duration::from_secs(2));
    drop(first);
    std::thread::sleep(Duration::from_secs(17));
    assert_eq!(elsewhere.get("/api/v1/desk")["presence"], "ready", "the page at the other server is enough");
    drop(second);
    eventually(SOON, || match elsewhere.get("/api/v1/desk")["presence"].as_str() {
        Some("offline") => Ok(()),
        other => Err(format!("{other:?}")),
    });
}

#[test]
fn a_killed_server_loses_nobody_who_waits() {
    let mut pair = Pair::start();
    let [one, two] = &pair.sites;
    let mut lost = signed_in(one, "lan");
    let console = ready(&mut lost);
    let mut customers: Vec<Caller<'_>> = (0..20).map(|_| confirmed(one)).collect();
    let pages: Vec<Live> = customers.iter().map(|customer| page(customer, "/api/v1/live/customer")).collect();
    for customer in &mut customers {
        customer.post("/api/v1/tickets", &json!({}));
    }
    eventually(SOON, || if lost.get("/api/v1/desk")["offer"].is_object() { Ok(()) } else { Err("no offer yet".to_owned()) });
    let first = customers[0].get("/api/v1/ticket")["id"].clone();
    assert_eq!(customers[0].get("/api/v1/ticket")["state"], "offered");
    // The other server has heard of everybody.
    std::thread::sleep(Duration::from_secs(2));
    pair.running[0].signal(Signal::SIGKILL);
    pair.running[0].ended(SOON);
    let killed = Instant::now();
    drop((console, pages));

    // Pages come back at the other server, as behind a proxy they would by themselves.
    let mut back: Vec<Caller<'_>> = Vec::new();
    let mut open = Vec::new();
    for customer in &customers {
        let mut again = Caller::new(two);
        again.cookie.clone_from(&customer.cookie);
        open.push(page(&again, "/api/v1/live/customer"));
        back.push(again);
    }
    let mut mai = signed_in(two, "mai");
    let mut desk = ready(&mut mai);
    let offer = offered(&mut desk);
    eprintln!("the first offer after the kill: {} ms", killed.elapsed().as_millis());
    // Whoever is offered first: within 16 seconds the ticket that lay with the lost agent is in line again.
    eventually(Duration::from_secs(25), || match back[0].get("/api/v1/ticket")["state"].as_str() {
        Some("waiting") => Ok(()),
        Some("offered") if offer["ticket_id"] == first => Ok(()),
        other => Err(format!("{other:?}")),
    });
    eprintln!("the ticket of the lost agent was in line again {} ms after the kill", killed.elapsed().as_millis());
    let mut ids = Vec::new();
    for customer in &mut back {
        let ticket = customer.get("/api/v1/ticket");
        assert!(["waiting", "offered"].contains(&ticket["state"].as_str().unwrap()), "{ticket}");
        ids.push(ticket["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 20, "nobody is lost");
    let accept = format!("/api/v1/tickets/{}/accept", offer["ticket_id"].as_str().unwrap());
    let call = mai.post(&accept, &json!({ "epoch": offer["epoch"] }));
    assert!(call["call_id"].is_string());
}

#[test]
fn a_second_server_on_embedded_engines_is_refused_with_the_reason() {
    let site = Site::new();
    let _running = site.serve(&["--no-work"]);
    let (status, _, errors) = site.beside().run(&["serve", "--no-work"], "");
    assert!(!status.success());
    for word in ["PostgreSQL", "Redis", "call.node"] {
        assert!(errors.contains(word), "{word} in {errors}");
    }
}
