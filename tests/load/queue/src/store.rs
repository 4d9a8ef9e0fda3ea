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
const LENGTH: Duration = Duration::from_secs(3);

/// What was found: the engine as one server has it, with its few connections for all 50 clients, beside what Redis does of nothing with
/// a connection for each of them, and with one for all.
pub struct Found {
    pub nop: f64,
    pub nop_alone: f64,
    pub cycles: f64,
    pub shallow: f64,
    pub deep: f64,
    pub rebuild_ms: f64,
}

pub async fn redis(url: &str) -> Found {
    let engines = vec![Arc::new(Redis::connect(url, "bench", "bench").await.unwrap()); CLIENTS];
    let began = Instant::now();
    engines[0].rebuild(&Crowd::new(3).line(WAITING)).await.unwrap();
    let rebuild_ms = began.elapsed().as_secs_f64() * 1000.0;
    // In turns, so that a busy moment of the machine meets all.
    let mut rates = [const { Vec::new() }; 5];
    for seed in 0..3 {
        rates[0].push(nop(url, CLIENTS).await);
        rates[1].push(cycles(&engines, seed).await);
        rates[2].push(nop(url, 1).await);
        rates[3].push(enqueues(&engines, 1_000, seed).await);
        rates[4].push(enqueues(&engines, 100_000, seed).await);
    }
    engines[0].rebuild(&Contents::default()).await.unwrap();
    let [nop, cycles, nop_alone, shallow, deep] = rates.map(middle);
    Found { nop, nop_alone, cycles, shallow, deep, rebuild_ms }
}

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Calls a second of a script that does nothing.
async fn nop(url: &str, connections: usize) -> f64 {
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(redis::aio::ConnectionManager::new(redis::Client::open(url).unwrap()).await.unwrap());
    }
    let script = Arc::new(redis::Script::new("return 0"));
    let _: i64 = script.invoke_async(&mut open[0].clone()).await.unwrap();
    rate(|client| {
        let (script, mut connection) = (script.clone(), open[client % connections].clone());
        async move {
            let _: i64 = script.invoke_async(&mut connection).await.unwrap();
        }
    })
    .await
}

/// Each client takes the next agent who has finished: the agent is given the first, the call begins, one more customer comes.
async fn cycles(engines: &[Arc<Redis>], seed: u64) -> f64 {
    let crowd = Arc::new(Mutex::new(Crowd::new(seed)));
    let line = crowd.lock().unwrap().line(WAITING);
    engines[0].rebuild(&line).await.unwrap();
    let next = Arc::new(AtomicU16::new(0));
    rate(move |client| {
        let (engine, crowd) = (engines[client].clone(), crowd.clone());
        let agent = Crowd::agent(next.fetch_add(1, Ordering::Relaxed) % AGENTS);
        async move {
            let (ready, moment) = {
                let crowd = crowd.lock().unwrap();
                (crowd.ready(agent), crowd.moment())
            };
            let pairs = engine.apply(ready, moment).await.unwrap();
            let waits = crowd.lock().unwrap().waits_after(pairs[0]);
            assert!(engine.apply(waits, moment).await.unwrap().is_empty());
        }
    })
    .await
}

/// 500 at a time come and are let go again beyond the clock, so that the depth stays.
async fn enqueues(engines: &[Arc<Redis>], depth: u32, seed: u64) -> f64 {
    let mut crowd = Crowd::new(seed);
    engines[0].rebuild(&crowd.line(depth)).await.unwrap();
    let (mut spent, mut count) = (Duration::ZERO, 0_u32);
    for _ in 0..40 {
        let batch: Vec<Change> = (0..500).map(|_| crowd.waits()).collect();
        let moment = crowd.moment();
        let parts = || batch.chunks(batch.len() / CLIENTS).zip(engines);
        let began = Instant::now();
        futures_util::future::join_all(parts().map(|(part, engine)| async move {
            for change in part {
                engine.apply(*change, moment).await.unwrap();
            }
        }))
        .await;
        spent += began.elapsed();
        count += 500;
        futures_util::future::join_all(parts().map(|(part, engine)| async move {
            for change in part {
                if let Change::Waits { ticket, .. } = change {
                    engine.apply(Change::Gone(*ticket), moment).await.unwrap();
                }
            }
        }))
        .await;
    }
    f64::from(count) / spent.as_secs_f64()
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
