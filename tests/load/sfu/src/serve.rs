//! The measured process: our SFU on one port, recording into sealed logs or not; joins come in as lines.

use std::{
    io::{BufRead, Write},
    path::Path,
    time::Instant,
};

use serde_json::{Value, json};

use crate::{
    base::Ambient,
    engine::{
        sfu::{Join, Packet, Report, Sfu, SfuSettings, Tap, Tape},
        track::LogTape,
        vault::{Folders, Vault},
    },
};

/// Hears everything and keeps nothing.
struct NoTape;

impl Tape for NoTape {
    fn packet(&mut self, _: &Packet) {}
    fn report(&mut self, _: &Report) {}
    fn is_broken(&self) -> bool {
        false
    }
}

/// Serves until its standard input ends. `{"room", "seat", "offer"}` is answered with `{"answer"}`, `{"close": room}` with `{}`.
pub fn serve(ip: &str, recordings: Option<&Path>) {
    // One media thread: what is measured is one core.
    let settings = SfuSettings { udp: format!("{ip}:0").parse().unwrap(), tcp_enabled: false, max_participants: 10_000, threads: 1, ..SfuSettings::loopback() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sfu = Sfu::start(&settings).unwrap();
    let vault = recordings.map(|folder| {
        let folders = Folders { keys: folder.join("keys"), objects: folder.join("objects"), recordings: folder.join("recordings") };
        Vault::open(folders, Ambient::system()).unwrap()
    });
    println!("{}", json!({ "ready": true }));
    let mut logs = 0;
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let asked: Value = serde_json::from_str(&line).unwrap();
        let answer = if let Some(room) = asked["close"].as_u64() {
            sfu.close(room.into());
            json!({})
        } else {
            logs += 1;
            let tap: Tap = match &vault {
                Some(vault) => {
                    let log = runtime.block_on(vault.start_log(&format!("recordings/{logs}.rtplog"))).unwrap();
                    Box::new(LogTape::start(log, Instant::now(), 0).unwrap().0)
                }
                None => Box::new(NoTape),
            };
            let (room, seat) = (asked["room"].as_u64().unwrap().into(), u8::try_from(asked["seat"].as_u64().unwrap()).unwrap());
            let join = Join { room, seat, offer: asked["offer"].as_str().unwrap().to_owned(), tap: Some(tap), ear: None };
            json!({ "answer": runtime.block_on(sfu.join(join)).unwrap() })
        };
        println!("{answer}");
        std::io::stdout().flush().unwrap();
    }
}
