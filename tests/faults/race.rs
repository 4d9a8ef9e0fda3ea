//! An offer is accepted, abandoned and runs out in the same millisecond, again and again: exactly one of the three happens. Also: sockets
//! that repeat, reorder and replay what was said, a clock that jumps, a worker that is there twice, and a database without connections.

use std::sync::Arc;

use serde_json::{Value, json};
use visavis::{
    base::id::{DossierId, Id, StaffId, TicketId, time_ordered},
    journey::queue::{
        presence::{self, Agent, BreakReason, Doing},
        ticket::{Command, LeaveReason, Standing, Ticket},
    },
};

use crate::{
    journey::queue::{answer, desk, enqueue, hang_up, here, presence as set_presence, ready, ticket},
    support::{TestHouse, servers::Backend},
};

/// Rounds on real databases; the rules below do all 100,000 every time.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for from outside")]
fn rounds() -> usize {
    std::env::var("VISAVIS_RACES").ok().and_then(|text| text.parse().ok()).unwrap_or(25)
}

/// The rules alone: whatever order the three arrive in, the first wins and both others are refused by epoch or state, and agent and
/// ticket always agree about each other. Every order, 100,000 times over.
#[test]
fn of_three_in_one_millisecond_exactly_one_happens() {
    let now = visavis::base::Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
    let id = |number: u8| -> uuid::Uuid { time_ordered(now, [number; 10]) };
    let (me, mine) = (StaffId::from_uuid(id(1)), TicketId::from_uuid(id(2)));
    let (dossier, call) = (DossierId::from_uuid(id(3)), visavis::base::id::CallId::from_uuid(id(4)));
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let (mut ticket, mut agent) = (Ticket::taken(mine, dossier, "vi", "account", now), Agent::unseen(me, now).after(presence::Command::GoReady, now).unwrap());
    for round in 0..100_000_usize {
        let until = now + chrono::Duration::seconds(20);
        ticket = ticket.after(Command::Offer { agent: me, until }, now).unwrap();
        agent = agent.after(presence::Command::Offer(mine), now).unwrap();
        let (offer, desk) = (ticket.clone(), agent.clone());
        let mut happened = Vec::new();
        for what in orders[round % orders.len()] {
            // Each of them read the offer before any of them wrote: it counts only if the row still has that epoch.
            let (wanted, step) = match what {
                0 => (Command::Accept { agent: me, call }, presence::Command::Accept { ticket: mine, dossier, call }),
                1 => (Command::Leave { why: LeaveReason::Left }, presence::Command::Withdraw),
                _ => (Command::PutBack { agent: me, limit: u32::MAX }, presence::Command::Miss { limit: u32::MAX }),
            };
            if ticket.epoch == offer.epoch && agent.epoch == desk.epoch {
                ticket = offer.after(wanted, now).unwrap();
                agent = desk.after(step, now).unwrap();
                happened.push(what);
            }
        }
        assert_eq!(happened.len(), 1, "round {round}");
        match ticket.standing {
            Standing::Accepted { .. } => {
                assert!(matches!(agent.doing, Doing::InCall { ticket, .. } if ticket == mine));
                ticket = ticket.after(Command::Requeue { call }, now).unwrap();
                let end = presence::Command::EndCall { call, is_here: true, wrap_up_until: until };
                agent = agent.after(end, now).unwrap().after(presence::Command::WrapUpOver, now).unwrap();
            }
            Standing::Abandoned { .. } => {
                assert_eq!(agent.doing, Doing::Ready);
                ticket = Ticket { epoch: ticket.epoch, ..Ticket::taken(mine, dossier, "vi", "account", now) };
            }
            Standing::Waiting => assert_eq!(agent.doing, Doing::Ready),
            other => panic!("{other:?}"),
        }
        assert!(!matches!(agent.doing, Doing::Break { reason: BreakReason::Missed }));
    }
}

async fn races(backend: Backend) {
    let house = Arc::new(TestHouse::on(backend).await);
    let agent = ready(&house, "lan").await;
    let (mut accepted, mut left, mut missed) = (0, 0, 0);
    for round in 0..rounds() {
        let customer = here(&house).await;
        let waiting = enqueue(&house, &customer).await;
        let offer = desk(&house, &agent).await["offer"].clone();
        assert_eq!(offer["ticket_id"], waiting["id"], "round {round}");
        let id = waiting["id"].as_str().unwrap().to_owned();
        let accept = tokio::spawn(house.post(&format!("/api/v1/tickets/{id}/accept")).by(&agent).json(&json!({ "epoch": offer["epoch"] })).send());
        let leave = tokio::spawn(house.post(&format!("/api/v1/tickets/{id}/leave")).by(&customer).send());
        let over = {
            let house = Arc::clone(&house);
            tokio::spawn(async move {
                house.pass(20);
                house.house.queue.step().await
            })
        };
        let (accept, leave) = (accept.await.unwrap(), leave.await.unwrap());
        over.await.unwrap().unwrap();
        assert!([200, 409].contains(&accept.status) && [200, 409].contains(&leave.status), "{} {}", accept.text(), leave.text());
        house.step_queue().await;
        let (stands, seen) = (ticket(&house, &customer).await, desk(&house, &agent).await);
        match stands["state"].as_str().unwrap() {
            "accepted" => {
                accepted += 1;
                assert!(seen["call_id"].is_string(), "{seen}");
                hang_up(&house, &customer).await;
            }
            "abandoned" => {
                left += 1;
                assert_eq!(seen["call_id"], Value::Null);
                assert_eq!(house.state_of(customer.id).await, "confirmed");
            }
            _ => {
                missed += 1;
                assert_eq!(seen["call_id"], Value::Null);
                house.post(&format!("/api/v1/tickets/{id}/leave")).by(&customer).send().await.expect(200);
            }
        }
        set_presence(&house, &agent, "ready").await.expect(200);
    }
    eprintln!("{backend:?}: accepted {accepted}, left {left}, ran out {missed}");
    assert_eq!(accepted + left + missed, rounds());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accept_leave_and_timeout_at_once_on_sqlite() {
    races(Backend::SqliteMemory).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accept_leave_and_timeout_at_once_on_postgres_and_redis() {
    races(Backend::PostgresRedis).await;
}

/// What a page says twice, late or in another order counts once: epochs fence it.
#[tokio::test]
async fn repeated_reordered_and_replayed_answers_count_once() {
    let house = &TestHouse::open().await;
    let (lan, mai) = (ready(house, "lan").await, house.agent("mai").await);
    let customer = here(house).await;
    let id = enqueue(house, &customer).await["id"].as_str().unwrap().to_owned();
    let say = |who: &crate::support::Person<StaffId>, verb: &str, epoch: &Value| {
        house.post(&format!("/api/v1/tickets/{id}/{verb}")).by(who).json(&json!({ "epoch": epoch, "reason": "busy" })).send()
    };
    let first = desk(house, &lan).await["offer"]["epoch"].clone();
    say(&lan, "decline", &first).await.expect(200);
    // Replayed: the decline again, and an accept that was sent before it and arrives after it.
    assert_eq!(say(&lan, "decline", &first).await.expect(409).code(), "offer_withdrawn");
    assert_eq!(say(&lan, "accept", &first).await.expect(409).code(), "offer_withdrawn");
    set_presence(house, &mai, "ready").await.expect(200);
    let second = desk(house, &mai).await["offer"]["epoch"].clone();
    assert!(second.as_i64() > first.as_i64(), "epochs only rise");
    assert_eq!(say(&mai, "accept", &first).await.expect(409).code(), "offer_withdrawn", "the epoch of another offer");
    assert_eq!(say(&lan, "accept", &second).await.expect(409).code(), "offer_withdrawn", "somebody else's offer");
    let call = say(&mai, "accept", &second).await.expect(200).json();
    for _ in 0..3 {
        assert_eq!(say(&mai, "accept", &second).await.expect(200).json(), call, "said again it is the same call");
    }
    assert_eq!(say(&mai, "decline", &second).await.expect(409).code(), "offer_withdrawn", "too late to change one's mind");
    assert_eq!(desk(house, &mai).await["call_id"], call["call_id"]);
}

/// The clock jumps an hour ahead and two back: offers run out or stay, nobody is lost, nobody gets two.
#[tokio::test]
async fn a_clock_that_jumps_loses_nobody() {
    let house = &TestHouse::with(|settings| settings.staff.session_idle_minutes = 600).await;
    let (lan, mai) = (ready(house, "lan").await, ready(house, "mai").await);
    let mut customers = Vec::new();
    for _ in 0..4 {
        let customer = here(house).await;
        enqueue(house, &customer).await;
        customers.push(customer);
    }
    answer(house, &lan, "accept").await.expect(200);
    for jump in [3_600, -7_200, 3_600, -3_600, 3_600] {
        house.pass(jump);
        house.step_queue().await;
        house.house.queue.rebuild().await.unwrap();
        let (one, two) = (desk(house, &lan).await, desk(house, &mai).await);
        assert!(one["call_id"].is_string(), "a call goes on: {one}");
        assert!(two["offer"].is_null() || two["offer"]["dossier_id"] != json!(customers[0].id), "one customer, one agent");
        for customer in &customers[1..] {
            let stands = ticket(house, customer).await;
            assert!(["waiting", "offered"].contains(&stands["state"].as_str().unwrap()), "after {jump}: {stands}");
        }
        house.house.queue.staff_online(mai.id, true);
        if two["presence"] != "offered" {
            set_presence(house, &mai, "ready").await.expect(200);
        }
    }
    // When it stands right again the line moves on.
    house.pass(61);
    house.step_queue().await;
    if desk(house, &mai).await["offer"].is_null() {
        set_presence(house, &mai, "ready").await.expect(200);
        house.step_queue().await;
    }
    answer(house, &mai, "accept").await.expect(200);
}

/// Two workers on one database: every letter goes out once.
#[tokio::test]
async fn a_worker_that_is_there_twice_does_every_job_once() {
    let house = TestHouse::on(Backend::PostgresMemory).await;
    let twin = house.reopened().await;
    let agents = [house.agent("lan").await];
    house.house.bookings.seed_demo_shifts(&[agents[0].id], 1).await.unwrap();
    let slots = house.get("/api/v1/slots").send().await.expect(200).json();
    for slot in 0..8 {
        let customer = house.ready_to_call().await;
        house.post("/api/v1/bookings").by(&customer).json(&json!({ "slot_id": slots[slot]["id"] })).send().await.expect(200);
    }
    let (one, two) = tokio::join!(house.work(), twin.work());
    let done =
        house.house.db.row("select count(*) as done, cast(sum(attempts) as bigint) as tries from jobs where state = 'done'", &[]).await.unwrap().unwrap();
    assert_eq!(done.int("done").unwrap(), done.int("tries").unwrap(), "no job was taken twice");
    let folder = std::fs::read_dir(house.settings.storage.data.join("notify")).unwrap();
    let letters = folder.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains("-booked")).count();
    assert_eq!((letters, one + two >= 8), (8, true));
}

/// Every connection of the database is taken: an accept answers 503 and changes nothing; when they are back it works.
#[tokio::test]
async fn a_database_without_connections_refuses_and_loses_nothing() {
    let house = &TestHouse::on(Backend::PostgresMemory).await;
    let (lan, mai) = (ready(house, "lan").await, house.agent("mai").await);
    let (talking, customer) = (house.ready_to_call().await, house.ready_to_call().await);
    house.house.queue.customer_online(customer.id, true);
    enqueue(house, &talking).await;
    answer(house, &lan, "accept").await.expect(200);
    let call = desk(house, &lan).await["call_id"].clone();
    enqueue(house, &customer).await;
    set_presence(house, &mai, "ready").await.expect(200);
    let offer = desk(house, &mai).await["offer"].clone();
    let path = format!("/api/v1/tickets/{}/accept", offer["ticket_id"].as_str().unwrap());
    let accept = || house.post(&path).by(&mai).json(&json!({ "epoch": offer["epoch"] })).send();

    let mut taken = Vec::new();
    for _ in 0..16 {
        taken.push(house.house.db.begin().await.unwrap());
    }
    let refused = accept().await.expect(503);
    assert!(!refused.text().contains("sqlx"), "nothing of the inside is said: {}", refused.text());
    drop(taken);
    assert_eq!(desk(house, &lan).await["call_id"], call, "a call in progress is untouched");
    assert_eq!(ticket(house, &customer).await["state"], "offered", "nothing is lost");
    // The connections come back one after the other.
    let mut accepted = accept().await;
    for _ in 0..5 {
        if accepted.status == 503 {
            accepted = accept().await;
        }
    }
    accepted.expect(200);
}

/// The database ends every connection, as it does when it is restarted: what is asked meanwhile is refused with 503 or works, and
/// everything stands as it stood.
#[tokio::test]
async fn a_database_that_restarts_loses_nothing() {
    let house = &TestHouse::on(Backend::PostgresRedis).await;
    let (lan, mai) = (ready(house, "lan").await, house.agent("mai").await);
    let (talking, customer) = (here(house).await, here(house).await);
    enqueue(house, &talking).await;
    answer(house, &lan, "accept").await.expect(200);
    let call = desk(house, &lan).await["call_id"].clone();
    enqueue(house, &customer).await;
    set_presence(house, &mai, "ready").await.expect(200);
    let offer = desk(house, &mai).await["offer"].clone();
    let path = format!("/api/v1/tickets/{}/accept", offer["ticket_id"].as_str().unwrap());

    let mut tx = house.house.db.begin().await.unwrap();
    // All but this one: the order of plain conditions is the planner's.
    let end_others = "select pid from pg_stat_activity where datname = current_database() and case when pid = pg_backend_pid() then false else pg_terminate_backend(pid) end";
    tx.rows(end_others, &[]).await.unwrap();
    drop(tx);
    let mut refused = 0;
    loop {
        let accept = house.post(&path).by(&mai).json(&json!({ "epoch": offer["epoch"] })).send().await;
        if accept.status == 200 {
            break;
        }
        assert_eq!(accept.status, 503, "{}", accept.text());
        refused += 1;
        assert!(refused < 30, "the connections do not come back");
    }
    eprintln!("refused {refused} times while the connections came back");
    assert_eq!(desk(house, &lan).await["call_id"], call, "a call in progress is untouched");
    assert_eq!(house.state_of(customer.id).await, "in_call");
    house.step_queue().await;
}
