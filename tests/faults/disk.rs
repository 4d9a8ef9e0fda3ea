//! A disk that fails in a call: full, or with an error for what was written already. The call ends and says why, at once; what was recorded
//! until then is filed and plays; and once the disk works, so does the next call.

use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    carried::{End, runtime},
    killed::{Call, engines, site},
};
use crate::media::clip::{Clip, Scene};

/// How soon both ends know.
const SOON: Duration = Duration::from_secs(5);

/// Why the call of this end is over, when it is.
async fn why_over(end: &mut End) -> String {
    let over = async {
        loop {
            let push = end.heard.recv().await.expect("the socket stays open");
            if push["type"] == "call_ended" {
                return push["reason"].as_str().unwrap().to_owned();
            }
        }
    };
    tokio::time::timeout(SOON, over).await.unwrap_or_else(|_| panic!("{}: nothing was said within {SOON:?}", end.party))
}

#[test]
fn a_disk_that_fails_ends_the_call_aloud_and_loses_nothing_before_it() {
    let site = site();
    let path = |name: &str| site.folder().join(name).to_str().unwrap().to_owned();
    let (source, failing, fault) = (concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/disk.c"), path("disk.so"), path("fault"));
    assert!(Command::new("cc").args(["-shared", "-fPIC", "-o", &failing, source, "-ldl"]).status().unwrap().success());
    let site = site.set("LD_PRELOAD", &failing).set("DISK_FAULT", &fault);
    let running = site.serve(&[]);
    let clip = Arc::new(Clip::make(site.folder(), &Scene { size: (160, 120), seconds: 4, flash_at: 1.0, tone: 700 }));
    runtime().block_on(async {
        let engines = engines(&site).await;
        for word in ["write 28", "sync 5"] {
            let mut call = Call::open(&site, &clip).await;
            let voices = call.speak();
            call.flows(Instant::now()).await;
            let spoken = Duration::from_secs(4);
            tokio::time::sleep(spoken).await;
            std::fs::write(&fault, word).unwrap();
            for end in &mut call.ends {
                assert_eq!(why_over(end).await, "recorder_failed", "{word}: {}", end.party);
            }
            drop(voices);
            std::fs::remove_file(&fault).unwrap();
            call.see_it_filed(&engines, spoken).await;
            assert!(running.log().contains("a recording cannot be written"), "the operator is told");
        }
        let call = Call::open(&site, &clip).await;
        let voices = call.speak();
        call.flows(Instant::now()).await;
        let spoken = Duration::from_secs(2);
        tokio::time::sleep(spoken).await;
        drop(voices);
        call.end(&engines, spoken).await;
    });
}
