//! A thousand customers want one quarter of an hour with seven seats, all in the same moment, on both databases.

use serde_json::json;
use visavis::base::id::DossierId;

use crate::support::{Person, TestHouse, servers::Backend};

const CUSTOMERS: usize = 1_000;
const SEATS: usize = 7;

async fn granted(backend: Backend) -> usize {
    let house = TestHouse::on(backend).await;
    let mut agents = Vec::new();
    for number in 0..SEATS {
        agents.push(house.agent(&format!("agent{number}")).await.id);
    }
    house.house.bookings.seed_demo_shifts(&agents, 1).await.unwrap();
    let slot = house.get("/api/v1/slots").send().await.expect(200).json()[3].clone();
    assert_eq!(slot["free"], SEATS);
    let mut customers: Vec<Person<DossierId>> = Vec::new();
    for _ in 0..CUSTOMERS {
        customers.push(house.ready_to_call().await);
    }
    let wants = customers.iter().map(|customer| tokio::spawn(house.post("/api/v1/bookings").by(customer).json(&json!({ "slot_id": slot["id"] })).send()));
    let mut granted = 0;
    for (answer, customer) in futures_util::future::join_all(wants).await.into_iter().zip(&customers) {
        let mut answer = answer.unwrap();
        // A database with no connection free says so and asks to try again; so a page does.
        while answer.status == 503 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            answer = house.post("/api/v1/bookings").by(customer).json(&json!({ "slot_id": slot["id"] })).send().await;
        }
        assert!(answer.status == 200 || answer.code() == "slot_full", "{} {}", answer.status, answer.text());
        granted += usize::from(answer.status == 200);
    }
    let after = house.get("/api/v1/slots").send().await.expect(200).json();
    assert!(after.as_array().unwrap().iter().all(|free| free["id"] != slot["id"]), "nothing is left of it");
    let mut booked = 0;
    for customer in &customers {
        booked += usize::from(house.state_of(customer.id).await == "booked");
    }
    assert_eq!(booked, granted, "who was told so has a seat, and nobody else");
    granted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_customers_and_seven_seats() {
    let (sqlite, postgres) = (granted(Backend::SqliteMemory).await, granted(Backend::PostgresMemory).await);
    eprintln!("granted of {SEATS} seats to {CUSTOMERS} at once: SQLite {sqlite}, PostgreSQL {postgres}");
    let figures = json!({ "seats_granted": sqlite.max(postgres), "seats_granted_sqlite": sqlite, "seats_granted_postgres": postgres });
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench/seats.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, figures.to_string()).unwrap();
    assert_eq!((sqlite, postgres), (SEATS, SEATS));
}
