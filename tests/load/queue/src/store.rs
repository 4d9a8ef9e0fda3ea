//! The Redis engine under the same crowd, beside what Redis does when it has nothing to do.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    crowd::{AGENTS, Crowd, WAITING},
    journey::queue::engine::{Change, Contents, Engine, redis::Redis},
};

const CLIENTS: usize = 50;
const LENGTH: Duration = Duration::from_secs(4);

pub struct Found {
    pub nop: f64,
    pub cycles: f64,
    pub shallow: f64,
    pub deep: f64,
    pub rebuild_ms: f64,
}

pub async fn redis(url: &str) -> Found {
    let engine = Arc::new(Redis::connect(url, "bench", "bench").await.unwrap());
    let began = Instant::now();
    engine.rebuild(&Crowd::new(3).line(WAITING)).await.unwrap();
    let rebuild_ms = began.elapsed().as_secs_f64() * 1000.0;
    // In turns, so that a busy moment of the machine meets both.
    let (mut nops, mut cycle_rates) = (Vec::new(), Vec::new());
    for seed in 0..3 {
        nops.push(nop(url).await);
        cycle_rates.push(cycles(&engine, seed).await);
    }
    let (mut shallow, mut deep) = (Vec::new(), Vec::new());
    for seed in 0..3 {
        shallow.push(enqueues(&engine, 1_000, seed).await);
        deep.push(enqueues(&engine, 100_000, seed).await);
    }
    engine.rebuild(&Contents::default()).await.unwrap();
    Found { nop: middle(nops), cycles: middle(cycle_rates), shallow: middle(shallow), deep: middle(deep), rebuild_ms }
}

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Calls a second of a script that does nothing.
async fn nop(url: &str) -> f64 {
    let connection = redis::aio::ConnectionManager::new(redis::Client::open(url).unwrap()).await.unwrap();
    let script = Arc::new(redis::Script::new("return 0"));
    let _: i64 = script.invoke_async(&mut connection.clone()).await.unwrap();
    rate(|_| {
        let (script, mut connection) = (script.clone(), connection.clone());
        async move {
            let _: i64 = script.invoke_async(&mut connection).await.unwrap();
        }
    })
    .await
}

/// Each client takes the next agent who has finished: one more customer comes, the agent is given the first, the call begins.
async fn cycles(engine: &Arc<Redis>, seed: u64) -> f64 {
    let crowd = Arc::new(Mutex::new(Crowd::new(seed)));
    let line = crowd.lock().unwrap().line(WAITING);
    engine.rebuild(&line).await.unwrap();
    let next = Arc::new(AtomicU16::new(0));
    rate(move |_| {
        let (engine, crowd) = (engine.clone(), crowd.clone());
        let agent = Crowd::agent(next.fetch_add(1, Ordering::Relaxed) % AGENTS);
        async move {
            let (waits, ready, moment) = {
                let mut crowd = crowd.lock().unwrap();
                (crowd.waits(), crowd.ready(agent), crowd.moment())
            };
            assert!(engine.apply(waits, moment).await.unwrap().is_empty());
            let pairs = engine.apply(ready, moment).await.unwrap();
            engine.apply(Change::Accepted(pairs[0]), moment).await.unwrap();
        }
    })
    .await
}

async fn enqueues(engine: &Arc<Redis>, depth: u32, seed: u64) -> f64 {
    let crowd = Arc::new(Mutex::new(Crowd::new(seed)));
    let line = crowd.lock().unwrap().line(depth);
    engine.rebuild(&line).await.unwrap();
    rate(move |_| {
        let (engine, crowd) = (engine.clone(), crowd.clone());
        async move {
            let (waits, moment) = {
                let mut crowd = crowd.lock().unwrap();
                (crowd.waits(), crowd.moment())
            };
            engine.apply(waits, moment).await.unwrap();
        }
    })
    .await
}

/// How often a second 50 clients get something done.
async fn rate<F: Future<Output = ()> + Send>(work: impl Fn(usize) -> F + Sync + Send) -> f64 {
    let done = AtomicU32::new(0);
    let began = Instant::now();
    let clients = (0..CLIENTS).map(|client| {
        let (done, work) = (&done, &work);
        async move {
            while began.elapsed() < LENGTH {
                work(client).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    futures_util::future::join_all(clients).await;
    f64::from(done.load(Ordering::Relaxed)) / began.elapsed().as_secs_f64()
}
