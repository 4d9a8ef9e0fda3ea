//! The corpora of the fuzzer, replayed through the same questions: what it once found stays found.

use std::path::Path;

use visavis::{base::Pii, engine::document};

#[path = "../../fuzz/src/targets.rs"]
mod targets;

fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let data = std::fs::read(&path).unwrap();
        let outcome = std::panic::catch_unwind(|| target(&data));
        assert!(outcome.is_ok(), "{}", path.display());
        // What lies beside it: every end cut off, every byte once another.
        for at in 0..data.len().min(400) {
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
    replay("mrz", targets::mrz);
}

#[test]
fn payloads_of_codes() {
    replay("payload", targets::payload);
}

#[test]
fn print_against_layouts() {
    replay("layout", targets::layout);
}

#[test]
fn readings_against_each_other() {
    replay("cross_check", targets::cross_check);
}
