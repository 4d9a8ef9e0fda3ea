//! `make bench-queue`: how many cycles (enqueue, offer, accept, finish) either engine does with 10,000 waiting and 500 agents,
//! beside what Redis can do at all and what PostgreSQL's SKIP LOCKED does in the same run; what depth costs; and a day of
//! 500 agents and 30,000 calls.
//!
//! `bench-queue OUT.json [MORE.json…]` leaves all figures in OUT.json, with those of others (the booking race, offers on two servers).
//! Nothing is asserted: figures depend on the machine, ratios less so.
#![allow(dead_code, unused_imports, reason = "rooms of the server are used in part")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measuring program may fail loudly")]

mod base;
mod crowd;
mod day;
mod journey;
mod postgres;
mod servers;
mod store;

use serde_json::{Map, Value, json};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let out = args.first().expect("bench-queue OUT.json [MORE.json…]");
    let mut figures = Map::new();
    let mut say = |key: &str, value: Value| {
        println!("{key:<28} {value}");
        figures.insert(key.to_owned(), value);
    };
    let only = std::env::var("ONLY").unwrap_or_default();
    let wants = |part: &str| only.is_empty() || only.split(',').any(|word| word == part);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if wants("memory") {
        let cycles = crowd::memory_cycles();
        say("memory_cycles_s", json!(cycles.round()));
        let depth = crowd::memory_depth();
        say("memory_enqueue_1k_s", json!(depth.0.round()));
        say("memory_enqueue_100k_s", json!(depth.1.round()));
        say("memory_depth_ratio", json!(rounded(depth.1 / depth.0)));
    }
    if wants("redis") {
        let redis = servers::Redis::start();
        let found = runtime.block_on(store::redis(&redis.url()));
        say("redis_nop_s", json!(found.nop.round()));
        say("redis_cycles_s", json!(found.cycles.round()));
        say("redis_nop_one_connection_s", json!(found.nop_alone.round()));
        // Whichever way Redis does nothing faster is the limit.
        say("redis_vs_limit", json!(rounded(found.cycles / (found.nop.max(found.nop_alone) / 4.0))));
        say("redis_enqueue_1k_s", json!(found.shallow.round()));
        say("redis_enqueue_100k_s", json!(found.deep.round()));
        say("redis_depth_ratio", json!(rounded(found.deep / found.shallow)));
        say("redis_rebuild_10k_ms", json!(found.rebuild_ms.round()));
    }
    if wants("postgres") {
        match postgres::cycles() {
            Some(cycles) => say("postgres_skip_locked_s", json!(cycles.round())),
            None => say("postgres_skip_locked_s", Value::Null),
        }
    }
    if wants("day") {
        for (key, value) in day::figures() {
            say(&key, value);
        }
    }
    // The bar is for the line whose depth costs more.
    let ratios = ["memory_depth_ratio", "redis_depth_ratio"].map(|key| figures.get(key).and_then(Value::as_f64).unwrap_or(f64::INFINITY));
    let least = ratios.into_iter().fold(f64::INFINITY, f64::min);
    if least.is_finite() {
        println!("{:<28} {least}", "depth_ratio");
        figures.insert("depth_ratio".to_owned(), json!(least));
    }
    for more in args.iter().skip(1).filter_map(|file| std::fs::read_to_string(file).ok()) {
        let more: Map<String, Value> = serde_json::from_str(&more).unwrap();
        for (key, value) in &more {
            println!("{key:<28} {value}");
        }
        figures.extend(more);
    }
    std::fs::write(out, serde_json::to_string_pretty(&figures).unwrap() + "\n").unwrap();
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
