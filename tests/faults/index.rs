//! The Redis under the queue is emptied, killed and frozen while people wait: nothing is lost, nobody is in two calls, accepts are
//! refused meanwhile, and the line stands again as SQL has it.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures_util::stream::{FuturesOrdered, StreamExt};
use serde_json::{Value, json};
use tokio::task::unconstrained;
use visavis::{
    base::{
        Timestamp,
        db::Arg,
        id::{DossierId, Id, StaffId, TicketId, time_ordered},
    },
    journey::queue::{
        engine::{Change, Contents, Engine, Match, Moment, Place, redis::Redis},
        routing::{Lane, Lanes},
    },
};

use crate::{
    journey::queue::{answer, desk, enqueue, here, ready, ticket},
    support::{Person, TestHouse, process::free_address, servers},
};

/// A Redis of one test, that may be hurt.
struct Fragile {
    port: u16,
    child: Child,
}

impl Fragile {
    fn start(port: u16) -> Self {
        let port_text = port.to_string();
        let args = ["--bind", "127.0.0.1", "--port", &port_text, "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"];
        let child = Command::new("/usr/bin/redis-server").args(args).stdout(Stdio::null()).spawn().expect("install the Debian package redis-server");
        let until = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "redis-server did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { port, child }
    }

    /// On a port of its own: another test may have taken the free one in between, then the server is gone and it is tried again.
    fn new() -> Self {
        loop {
            let mut redis = Self::start(free_address().port());
            std::thread::sleep(Duration::from_millis(100));
            if redis.child.try_wait().unwrap().is_none() {
                return redis;
            }
        }
    }

    fn signal(&self, signal: nix::sys::signal::Signal) {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    async fn house(&self) -> TestHouse {
        let url = self.url();
        let house = TestHouse::with(|settings| {
            settings.queue.redis_url = url;
            settings.queue.redis_prefix = servers::unique("fragile");
        })
        .await;
        house.house.queue.rebuild().await.unwrap();
        house
    }

    async fn flush(&self) {
        self.does(&redis::cmd("FLUSHALL")).await;
    }

    async fn does(&self, command: &redis::Cmd) {
        let mut connection = redis::Client::open(self.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
        let () = command.query_async(&mut connection).await.unwrap();
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two who wait, an agent in a call, and an agent with an offer on the desk.
struct Scene {
    talking: Person<DossierId>,
    waiting: [Person<DossierId>; 2],
    offered: Person<StaffId>,
    in_call: Person<StaffId>,
    call: Value,
}

async fn scene(house: &TestHouse) -> Scene {
    let mut customers = Vec::new();
    for _ in 0..3 {
        let customer = here(house).await;
        enqueue(house, &customer).await;
        customers.push(customer);
    }
    let in_call = ready(house, "an").await;
    answer(house, &in_call, "accept").await.expect(200);
    let call = desk(house, &in_call).await["call_id"].clone();
    let offered = ready(house, "binh").await;
    assert!(desk(house, &offered).await["offer"].is_object());
    let [talking, one, two] = customers.try_into().unwrap();
    Scene { talking, waiting: [one, two], offered, in_call, call }
}

/// The index is found missing by the next change; nothing is accepted then.
async fn is_refused(house: &TestHouse, scene: &Scene) {
    let late = here(house).await;
    enqueue(house, &late).await;
    let refusal = answer(house, &scene.offered, "accept").await.expect(503);
    assert_eq!(refusal.code(), "queue_rebuilding");
    assert!(refusal.text().contains("put in order"), "{}", refusal.text());
    assert_eq!(desk(house, &scene.in_call).await["call_id"], scene.call, "a call in progress is untouched");
    assert_eq!(house.state_of(scene.talking.id).await, "in_call");
}

async fn is_whole(house: &TestHouse, scene: &Scene) {
    answer(house, &scene.offered, "accept").await.expect(200);
    let other = ready(house, "chi").await;
    let offer = desk(house, &other).await["offer"].clone();
    assert_eq!(offer["dossier_id"], json!(scene.waiting[1].id), "who came first of those who wait");
    assert_eq!(ticket(house, &scene.waiting[0]).await["state"], "accepted");
    assert_eq!(desk(house, &scene.in_call).await["call_id"], scene.call);
}

#[tokio::test]
async fn an_emptied_redis_loses_nobody() {
    let redis = Fragile::new();
    let house = &redis.house().await;
    let scene = scene(house).await;
    redis.flush().await;
    // The next change finds out and puts the line in order before anything else.
    let late = here(house).await;
    enqueue(house, &late).await;
    assert_eq!(ticket(house, &late).await["position"], 3);
    is_whole(house, &scene).await;
}

#[tokio::test]
async fn a_killed_redis_loses_nobody() {
    let mut redis = Fragile::new();
    let house = &redis.house().await;
    let scene = scene(house).await;
    redis.signal(nix::sys::signal::Signal::SIGKILL);
    redis.child.wait().unwrap();
    is_refused(house, &scene).await;
    house.step_queue().await;
    assert_eq!(answer(house, &scene.offered, "accept").await.expect(503).code(), "queue_rebuilding", "as long as it is gone");
    let port = redis.port;
    redis = Fragile::start(port);
    let began = Instant::now();
    while answer(house, &scene.offered, "accept").await.status == 503 {
        assert!(began.elapsed() < Duration::from_secs(10), "the line does not stand again");
        house.step_queue().await;
    }
    eprintln!("whole again {} ms after the start", began.elapsed().as_millis());
    let other = ready(house, "chi").await;
    assert_eq!(desk(house, &other).await["offer"]["dossier_id"], json!(scene.waiting[1].id));
    drop(redis);
}

#[tokio::test]
async fn a_frozen_redis_stops_offers_and_nothing_else() {
    let redis = Fragile::new();
    let house = &redis.house().await;
    let scene = scene(house).await;
    redis.signal(nix::sys::signal::Signal::SIGSTOP);
    is_refused(house, &scene).await;
    // An offer that runs out meanwhile is nobody's fault.
    house.pass(21);
    house.house.queue.step().await.unwrap();
    let seen = desk(house, &scene.offered).await;
    assert_eq!((&seen["presence"], &seen["offer"]), (&json!("ready"), &Value::Null));
    redis.signal(nix::sys::signal::Signal::SIGCONT);
    let began = Instant::now();
    while desk(house, &scene.offered).await["offer"].is_null() {
        assert!(began.elapsed() < Duration::from_secs(10), "the line does not stand again");
        house.step_queue().await;
    }
    assert_eq!(desk(house, &scene.offered).await["offer"]["dossier_id"], json!(scene.waiting[0].id), "offered again at once: it was not missed");
    is_whole(house, &scene).await;
}

#[tokio::test]
async fn ten_thousand_waiting_stand_again_within_five_seconds() {
    let redis = Fragile::new();
    let house = &redis.house().await;
    let template = house.ready_to_call().await;
    let mut tx = house.house.db.begin().await.unwrap();
    let copy_file = "insert into dossiers (id, version, state, locale, time_zone, reference, resume_digest, created_at, updated_at) select $1, version, 'waiting', locale, time_zone, $1, $1, created_at, updated_at from dossiers where id = $2";
    let add_ticket = "insert into tickets (id, dossier_id, state, epoch, priority_at, enqueued_at, locale, is_returning, product) values ($1, $1, 'waiting', 1, $2, $2, 'en', 0, 'identification')";
    let start = house.now().timestamp_millis();
    for number in 0..10_000_i64 {
        let id: DossierId = house.engines.ambient.id();
        tx.execute(copy_file, &[id.into(), template.id.into()]).await.unwrap();
        tx.execute(add_ticket, &[id.into(), Arg::Int(Some(start + number))]).await.unwrap();
    }
    tx.commit().await.unwrap();
    house.house.queue.rebuild().await.unwrap();
    redis.flush().await;
    let began = Instant::now();
    house.house.queue.rebuild().await.unwrap();
    let took = began.elapsed();
    eprintln!("10,000 waiting stand again after {} ms", took.as_millis());
    assert!(took < Duration::from_secs(5), "{took:?}");
    let agent = ready(house, "an").await;
    assert!(desk(house, &agent).await["offer"].is_object());
}

/// A replica that was promoted has the data and no script: what was asked meanwhile is done all the same, in its order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_forgot_the_script_is_told_it_again() {
    let server = Fragile::new();
    let index = Redis::connect(&server.url(), &servers::unique("index"), "test").await.unwrap();
    index.rebuild(&Contents::default()).await.unwrap();
    let at = |millis| Moment::fair(Timestamp::from_timestamp_millis(1_800_000_000_000 + millis).unwrap());
    let ticket = |number: u8| TicketId::from_uuid(time_ordered(at(0).at, [number; 10]));
    let waits = |number: u8| {
        let place = Place { priority_at: at(i64::from(number)).at, lane: Lane::of(0).unwrap(), is_booked: false, relaxes: None };
        Change::Waits { ticket: ticket(number), place, barred: None }
    };
    let agent = StaffId::from_uuid(time_ordered(at(0).at, [200; 10]));
    for round in 0..20 {
        server.does(redis::cmd("SCRIPT").arg("FLUSH")).await;
        // More than two scripts take; of each pair of changes the second undoes the first.
        let mut asked = FuturesOrdered::new();
        for number in 0..200 {
            asked.push_back(unconstrained(index.apply(waits(number), at(round))));
            if number > 0 {
                asked.push_back(unconstrained(index.apply(Change::Gone(ticket(number)), at(round))));
            }
        }
        while let Some(done) = asked.next().await {
            assert_eq!(done, Ok(Vec::new()));
        }
        drop(asked);
        assert_eq!(index.apply(Change::Ready { agent, since: at(0).at, lanes: Lanes::ALL }, at(round)).await.unwrap(), [Match { ticket: ticket(0), agent }]);
        assert_eq!(index.contents().await.unwrap(), Contents::default());
    }
}
