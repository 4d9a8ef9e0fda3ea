//! The corpora of the fuzzer, replayed through the same questions: what it once found stays found.

use std::path::Path;

use visavis::{
    base::Pii,
    engine::{document, sfu, track},
    journey::call::command,
};

#[path = "../../fuzz/src/media.rs"]
mod media;
#[path = "../../fuzz/src/targets.rs"]
mod targets;

/// `places` of each file are where its neighbours differ from it: fewer for targets that are slow.
fn replay(name: &str, places: usize, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let data = std::fs::read(&path).unwrap();
        let outcome = std::panic::catch_unwind(|| target(&data));
        assert!(outcome.is_ok(), "{}", path.display());
        // What lies beside it: an end cut off, a byte another.
        for at in (0..data.len()).step_by(data.len().div_ceil(places).max(1)) {
            target(&data[..at]);
            let mut other = data.clone();
            other[at] ^= 1 << (at % 8);
            target(&other);
        }
        count += 1;
    }
    assert!(count >= 5, "{} holds {count} files", folder.display());
}

#[test]
fn machine_readable_zones() {
    replay("mrz", 400, targets::mrz);
}

#[test]
fn payloads_of_codes() {
    replay("payload", 400, targets::payload);
}

#[test]
fn print_against_layouts() {
    replay("layout", 10, targets::layout);
}

#[test]
fn readings_against_each_other() {
    replay("cross_check", 30, targets::cross_check);
}

#[test]
fn offers() {
    replay("offer", 60, media::offer);
}

#[test]
fn candidates_in_offers() {
    replay("candidates", 60, media::candidates);
}

#[test]
fn packets_of_strangers() {
    replay("datagrams", 60, media::datagrams);
}

#[test]
fn logs_of_recordings() {
    replay("log", 200, media::log);
}

#[test]
fn payloads_into_pictures_and_sounds() {
    replay("payloads", 200, media::payloads);
}

#[test]
fn words_of_pages() {
    replay("command", 200, media::command);
}
