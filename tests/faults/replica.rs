//! A replica is cut off from its Redis, the queue goes on, and then the stale replica is promoted: no call has two agents, no agent two
//! calls, and nobody who waits is forgotten.

use std::{
    collections::BTreeSet,
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::{
    journey::queue::{answer, desk, enqueue, here, presence, ready, ticket},
    support::{TestHouse, process::free_address, servers},
};

struct Redis {
    port: u16,
    child: Child,
}

impl Redis {
    /// On a port of its own: another test may have taken the free one in between, then the server is gone and it is tried again.
    fn start(more: &[&str]) -> Self {
        loop {
            let mut redis = Self::tried(more);
            std::thread::sleep(Duration::from_millis(100));
            if redis.child.try_wait().unwrap().is_none() {
                return redis;
            }
        }
    }

    fn tried(more: &[&str]) -> Self {
        let port = free_address().port();
        let port_text = port.to_string();
        let folder = tempfile::tempdir().unwrap().keep();
        let dir = folder.display().to_string();
        let args = ["--bind", "127.0.0.1", "--port", &port_text, "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0", "--dir", &dir];
        let child = Command::new("/usr/bin/redis-server").args(args).args(more).stdout(Stdio::null()).spawn().expect("install the Debian package redis-server");
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "redis-server did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { port, child }
    }

    async fn ask(&self, words: &[&str]) -> String {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut command = redis::cmd(words[0]);
        for word in &words[1..] {
            command.arg(*word);
        }
        let value: redis::Value = command.query_async(&mut connection).await.unwrap();
        redis::from_redis_value::<String>(value).unwrap_or_default()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address of the house's Redis, which a failover points elsewhere: connections that are open are cut then.
struct Address {
    at: SocketAddr,
    target: Arc<Mutex<(u16, Vec<TcpStream>)>>,
}

impl Address {
    fn of(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let target = Arc::new(Mutex::new((port, Vec::new())));
        let shared = Arc::clone(&target);
        std::thread::spawn(move || {
            for incoming in listener.incoming().map_while(Result::ok) {
                let Ok(outgoing) = TcpStream::connect(("127.0.0.1", shared.lock().unwrap().0)) else { continue };
                {
                    let mut open = shared.lock().unwrap();
                    open.1.extend([incoming.try_clone().unwrap(), outgoing.try_clone().unwrap()]);
                }
                for (mut from, mut to) in [(incoming.try_clone().unwrap(), outgoing.try_clone().unwrap()), (outgoing, incoming)] {
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(std::net::Shutdown::Both);
                    });
                }
            }
        });
        Self { at, target }
    }

    fn point_to(&self, port: u16) {
        let mut target = self.target.lock().unwrap();
        target.0 = port;
        for stream in target.1.drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_replica_that_is_promoted_gives_nobody_two_calls() {
    let primary = Redis::start(&[]);
    let link = Address::of(primary.port);
    let link_port = link.at.port().to_string();
    let replica = Redis::start(&["--replicaof", "127.0.0.1", &link_port, "--repl-timeout", "60"]);
    let address = Address::of(primary.port);
    let house = &TestHouse::with(|settings| {
        settings.queue.redis_url = format!("redis://{}", address.at);
        settings.queue.redis_prefix = servers::unique("replica");
    })
    .await;
    house.house.queue.rebuild().await.unwrap();

    let mut customers = Vec::new();
    for _ in 0..12 {
        let customer = here(house).await;
        enqueue(house, &customer).await;
        customers.push(customer);
    }
    let until = Instant::now() + Duration::from_secs(20);
    while !replica.ask(&["INFO", "replication"]).await.contains("master_link_status:up") {
        assert!(Instant::now() < until, "the replica does not follow");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    primary.ask(&["WAIT", "1", "2000"]).await;

    // A real cut: the replica keeps what it has, the primary goes on acknowledging.
    link.point_to(1);
    let mut agents = Vec::new();
    for name in ["an", "binh", "chi", "dung", "em", "giang"] {
        agents.push(ready(house, name).await);
    }
    for agent in &agents {
        answer(house, agent, "accept").await.expect(200);
    }
    for _ in 0..3 {
        let customer = here(house).await;
        enqueue(house, &customer).await;
        customers.push(customer);
    }

    // The primary dies, the stale replica is promoted: it still has everybody in line who is in a call by now.
    drop(primary);
    replica.ask(&["REPLICAOF", "NO", "ONE"]).await;
    address.point_to(replica.port);
    for name in ["hoa", "khoa", "linh"] {
        let agent = house.agent(name).await;
        presence(house, &agent, "ready").await.expect(200);
        agents.push(agent);
    }
    let began = Instant::now();
    let waiting = loop {
        house.step_queue().await;
        let mut offered = BTreeSet::new();
        for agent in &agents {
            if let Some(id) = desk(house, agent).await["offer"]["ticket_id"].as_str() {
                offered.insert(id.to_owned());
            }
        }
        if offered.len() == 3 {
            break offered;
        }
        assert!(began.elapsed() < Duration::from_secs(15), "the line does not stand again: {offered:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    eprintln!("whole again {} ms after the promotion", began.elapsed().as_millis());

    let mut calls = Vec::new();
    for agent in &agents {
        let seen = desk(house, agent).await;
        assert!(seen["call_id"].is_null() || seen["offer"].is_null(), "an offer beside a call: {seen}");
        calls.extend(seen["call_id"].as_str().map(str::to_owned));
    }
    assert_eq!((calls.len(), calls.iter().collect::<BTreeSet<_>>().len()), (6, 6), "six calls, six agents");
    let (mut in_call, mut in_line) = (0, 0);
    for customer in &customers {
        match ticket(house, customer).await["state"].as_str().unwrap() {
            "accepted" => in_call += 1,
            "waiting" | "offered" => in_line += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((in_call, in_line, waiting.len()), (6, 9, 3), "nobody is forgotten");
    // Those who came first are offered first.
    for customer in &customers[6..9] {
        assert!(waiting.contains(ticket(house, customer).await["id"].as_str().unwrap()), "order holds");
    }
}
