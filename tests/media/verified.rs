//! Recordings that were spoilt on the disk: what is good is kept, what is missing is said, and `verify` sees every change.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use visavis::{
    base::id::CallId,
    engine::{
        sfu::{Kind, Packet, Tap},
        vault::LogFault,
    },
    journey::{
        call::wire::Party,
        recording::{Finding, Wrong},
        review::wire::RecordingState,
    },
    registry::dossier,
};

use super::{
    clip::{Clip, Scene},
    sealing::{open, play, play_by, stop},
};
use crate::support::{TestHouse, process::eventually};

/// A call of one clip, 20 MB of packets that are no picture, and the clip again: a log of at least three segments.
async fn recorded(house: &TestHouse) -> (CallId, PathBuf) {
    let call = open(house).await;
    let clip = Clip::make(house.folder(), &Scene { size: (320, 240), seconds: 2, flash_at: 1.0, tone: 1_000 });
    let mut tap = house.house.recordings.tap(call, Party::Customer).await.unwrap();
    let start = Instant::now();
    play(&mut tap, &clip, start, Duration::ZERO, 10, |_| false);
    fill(&mut tap, start + Duration::from_secs(3));
    // The same browser ten seconds later, by its clock as well.
    play_by(1_700_000_010_000_000, &mut tap, &clip, start + Duration::from_secs(10), Duration::ZERO, 20, |_| false);
    drop(tap);
    let log = found(&house.folder().join("recordings"), "customer-000.rtplog").expect("a log");
    // The writing thread has closed it when its last segment does not grow any more.
    let mut last = Vec::new();
    eventually(Duration::from_secs(20), || {
        let now: Vec<u64> = segments(&log).iter().map(|segment| std::fs::metadata(segment).unwrap().len()).collect();
        std::thread::sleep(Duration::from_millis(300));
        if now.len() > 2 && now == last { Ok(()) } else { Err(format!("{:?}", std::mem::replace(&mut last, now))) }
    });
    (call, log)
}

fn fill(tap: &mut Tap, from: Instant) {
    for sequence in 0..20_000_u16 {
        let at = from + Duration::from_micros(u64::from(sequence) * 100);
        let packet = Packet {
            at,
            kind: Kind::Video,
            payload_type: 96,
            is_red: false,
            marker: false,
            sequence: 20_000 + sequence,
            timestamp: 270_000,
            ssrc: 11,
            payload: [0; 1_000].into(),
        };
        tap.packet(&packet);
        if sequence % 200 == 199 {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn found(folder: &std::path::Path, name: &str) -> Option<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.iter().find(|path| path.ends_with(name)).cloned().or_else(|| entries.iter().find_map(|path| found(path, name)))
}

fn segments(log: &std::path::Path) -> Vec<PathBuf> {
    let mut segments: Vec<PathBuf> = std::fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    segments
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_with_a_hole_is_sealed_from_what_is_left_and_the_hole_is_filed() {
    let house = TestHouse::open().await;
    let (call, log) = recorded(&house).await;
    let there = segments(&log);
    // The first clip lies in the first segment, the second clip in the last.
    std::fs::remove_file(&there[1]).unwrap();
    let last = there.last().unwrap();
    std::fs::rename(last, there[0].with_file_name("00099.seg")).unwrap();
    stop(&house, call).await;
    house.work().await;
    let recordings = &house.house.recordings;
    let view = recordings.of_call(call).await.unwrap().unwrap();
    assert_eq!((view.state, view.files.len()), (RecordingState::Sealed, 2));
    assert!((view.duration_ms.unwrap() - 12_000).abs() < 200, "both clips are there: {:?}", view.duration_ms);
    let missing = LogFault::Missing { segment: 1 };
    let moved = LogFault::Moved { segment: u32::try_from(there.len() - 1).unwrap(), found_as: 99 };
    let findings = recordings.verify(call).await.unwrap();
    let of = |wrong| Finding { of: "log/customer-000".into(), wrong };
    assert_eq!(findings, [of(Wrong::Fault(missing)), of(Wrong::Fault(moved))], "as it was filed, but not whole");
    let dossier = house.house.db.row("select dossier_id from recordings", &[]).await.unwrap().unwrap().id("dossier_id").unwrap();
    let told = dossier::timeline(&house.house.db, dossier).await.unwrap();
    let sealed = told.iter().find(|entry| entry.kind == "recording.sealed").unwrap();
    assert!(format!("{sealed:?}").contains("missing") && format!("{sealed:?}").contains("log_damaged"), "{sealed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_sealed_recording_is_seen() {
    let house = TestHouse::open().await;
    let (call, log) = recorded(&house).await;
    stop(&house, call).await;
    let recordings = &house.house.recordings;
    assert!(recordings.verify(call).await.is_err(), "it is not sealed yet");
    house.work().await;
    assert_eq!(recordings.sealed().await.unwrap(), [call]);
    assert_eq!(recordings.verify(call).await.unwrap(), []);

    let (film, customer) = (found(house.folder(), "film.mp4").unwrap(), found(house.folder(), "customer.webm").unwrap());
    let (film_bytes, customer_bytes) = (std::fs::read(&film).unwrap(), std::fs::read(&customer).unwrap());
    let mut flipped = customer_bytes.clone();
    flipped[customer_bytes.len() / 2] ^= 4;
    std::fs::write(&customer, flipped).unwrap();
    std::fs::remove_file(&film).unwrap();
    let finding = |of: &str, wrong| Finding { of: of.into(), wrong };
    assert_eq!(recordings.verify(call).await.unwrap(), [finding("customer.webm", Wrong::Damaged), finding("film.mp4", Wrong::Missing)]);
    std::fs::write(&customer, customer_bytes).unwrap();
    std::fs::write(&film, film_bytes).unwrap();
    assert_eq!(recordings.verify(call).await.unwrap(), []);

    // A log whose end was taken away is a good log, but not the one that was filed.
    std::fs::remove_file(segments(&log).last().unwrap()).unwrap();
    assert_eq!(recordings.verify(call).await.unwrap(), [finding("log/customer-000", Wrong::Changed)]);
    std::fs::remove_dir_all(&log).unwrap();
    assert_eq!(recordings.verify(call).await.unwrap(), [finding("log/customer-000", Wrong::Missing)]);
}
