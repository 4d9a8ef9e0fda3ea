//! Two participants on another stack in a call of ours: media flows both ways, and the log has all of it.

use std::{collections::BTreeSet, time::Duration};

use visavis::{
    base::id::{CallId, Id},
    engine::{
        sfu::{Join, SfuEvent, What},
        track::{Entry, records},
        vault::LogEnd,
    },
    journey::{call::wire::Party, review::wire::RecordingState},
};

use super::{
    clip::{Clip, Scene},
    peer::{Kind, Peer},
    sealing::{open, stop},
};
use crate::support::TestHouse;

async fn join(house: &TestHouse, call: CallId, party: Party, peer: &Peer) {
    let tap = house.house.recordings.tap(call, party).await.unwrap();
    let seat = u8::from(party == Party::Agent);
    let join = Join { room: call.uuid().as_u128(), seat, offer: peer.offer().await, tap: Some(tap), ear: None };
    peer.answered(house.house.sfu.join(join).await.unwrap()).await;
}

/// Paths of the logs in the vault, by name.
fn logs(house: &TestHouse) -> Vec<String> {
    fn walk(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rtplog") {
                found.push(path);
            } else if path.is_dir() {
                walk(&path, found);
            }
        }
    }
    let (root, mut found) = (house.folder().join("recordings"), Vec::new());
    walk(&root, &mut found);
    let mut logs: Vec<String> = found.iter().map(|path| format!("recordings/{}", path.strip_prefix(&root).unwrap().display())).collect();
    logs.sort();
    logs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn media_flows_both_ways_survives_a_reload_and_is_recorded_whole() {
    let house = TestHouse::open().await;
    let clip = Clip::make(house.folder(), &Scene { size: (320, 240), seconds: 3, flash_at: 1.0, tone: 800 });
    let call = open(&house).await;
    let mut news = house.house.sfu.subscribe();
    let (customer, agent) = (Peer::new(100).await, Peer::new(200).await);
    join(&house, call, Party::Customer, &customer).await;
    join(&house, call, Party::Agent, &agent).await;
    let (from_customer, from_agent) = tokio::join!(customer.play(&clip), agent.play(&clip));
    customer.close().await;
    let reloaded = Peer::new(300).await;
    join(&house, call, Party::Customer, &reloaded).await;
    let (again, from_agent_again) = tokio::join!(reloaded.play(&clip), agent.play(&clip));
    tokio::time::sleep(Duration::from_millis(500)).await;

    for (peer, sent) in [(&customer, from_agent), (&reloaded, from_agent_again), (&agent, (from_customer.0 + again.0, from_customer.1 + again.1))] {
        let (audio, video) = (peer.heard(Kind::Audio).len(), peer.heard(Kind::Video).len());
        assert!(audio * 100 >= sent.0 * 97 && video * 100 >= sent.1 * 97, "received {audio} and {video} of {sent:?}");
    }
    let numbers: BTreeSet<u16> = agent.heard(Kind::Video).into_iter().collect();
    let span = usize::from(numbers.last().unwrap() - numbers.first().unwrap()) + 1;
    assert!(span - numbers.len() < span / 50, "the agent sees one stream across the reload: {span} numbers, {} packets", numbers.len());
    house.house.sfu.close(call.uuid().as_u128());
    stop(&house, call).await;
    let expected =
        [("agent-000", (from_agent.0 + from_agent_again.0, from_agent.1 + from_agent_again.1)), ("customer-000", from_customer), ("customer-001", again)];
    let paths = logs(&house);
    assert_eq!(paths.len(), 3);
    for (path, (name, sent)) in paths.iter().zip(expected) {
        assert!(path.contains(name), "{path}");
        let log = house.engines.vault.read_log(path).await.unwrap();
        let (entries, left) = records(&log.bytes);
        assert_eq!(left, 0);
        let of = |wanted: u8| -> BTreeSet<u16> {
            let number = |entry: &Entry| match entry {
                Entry::Packet { payload_type, sequence, .. } if *payload_type == wanted => Some(*sequence),
                _ => None,
            };
            entries.iter().filter_map(|record| number(&record.entry)).collect()
        };
        let (audio, video) = (of(111).len(), of(96).len());
        assert_eq!(audio, sent.0, "{name}: every sound is on tape");
        assert_eq!(video, sent.1, "{name}: every picture packet is on tape");
        assert!(entries.iter().any(|record| matches!(record.entry, Entry::Report { .. })), "{name}: sender reports are on tape");
    }
    house.work().await;
    let view = house.house.recordings.of_call(call).await.unwrap().unwrap();
    assert_eq!((view.state, view.files.len()), (RecordingState::Sealed, 3));
    for path in &paths {
        assert_eq!(house.engines.vault.read_log(path).await.unwrap().state.end, LogEnd::Closed);
    }
    let mut told = Vec::new();
    while let Ok(SfuEvent { seat, what, .. }) = news.try_recv() {
        told.push((seat, what));
    }
    for wanted in [(0, What::Connected), (1, What::Connected), (0, What::Gone), (1, What::Gone)] {
        assert!(told.contains(&wanted), "{wanted:?} in {told:?}");
    }
}
