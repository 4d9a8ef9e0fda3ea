use std::{fs, path::Path};

use proptest::prelude::*;

use super::{
    LogEnd, LogFault, LogState, Vault, VaultError, segment,
    tests::{patterned, vault},
};

const LOG: &str = "recordings/log";

fn folder_of(vault: &Vault) -> std::path::PathBuf {
    vault.inside.place(LOG).unwrap()
}

/// A log of so many segments, each with two chunks of a thousand bytes: `[number; 1000]`.
async fn written(vault: &Vault, segments: u8, is_closed: bool) {
    let mut log = vault.start_log(LOG).await.unwrap();
    for chunk in 0..2 * segments {
        log.append(&[chunk; 1_000]).unwrap();
        if chunk % 2 == 1 {
            // The next chunk belongs into another segment.
            log.make_older(segment::OLDEST);
        }
    }
    if is_closed {
        log.close().unwrap();
    } else {
        std::mem::forget(log);
    }
}

/// Which chunks are there, and how the log is.
async fn read(vault: &Vault) -> (Vec<u8>, LogState) {
    let contents = vault.read_log(LOG).await.unwrap();
    let chunks = contents.bytes.chunks(1_000).map(|chunk| {
        assert!(chunk.len() == 1_000 && chunk.iter().all(|byte| *byte == chunk[0]), "whole chunks only");
        chunk[0]
    });
    assert_eq!(vault.examine_log(LOG).await.unwrap(), contents.state);
    let is_said_closed = vault.is_log_closed(LOG).await.unwrap();
    assert!(contents.state.end == LogEnd::Closed || !is_said_closed, "what is torn is never said to be closed");
    (chunks.collect(), contents.state)
}

fn named(folder: &Path, number: u32) -> std::path::PathBuf {
    folder.join(segment::name(number))
}

fn all_but(missing: &[u8], of: u8) -> Vec<u8> {
    (0..of).filter(|chunk| !missing.contains(chunk)).collect()
}

#[tokio::test]
async fn a_log_grows_in_segments_that_name_each_other_and_reads_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    written(&vault, 4, true).await;
    let (chunks, state) = read(&vault).await;
    assert_eq!((chunks, state.end, state.faults, state.segments), (all_but(&[], 8), LogEnd::Closed, Vec::new(), 4));
    assert!(vault.is_log_closed(LOG).await.unwrap());
    let last = fs::read(named(&folder_of(&vault), 3)).unwrap();
    assert_eq!(state.head_sha256, hex::encode(<sha2::Sha256 as sha2::Digest>::digest(last)));
    assert!(vault.start_log(LOG).await.is_err(), "a log is never continued: its nonces would repeat");
    assert!(vault.remove_log(LOG).await.unwrap() && !vault.remove_log(LOG).await.unwrap());
    assert!(matches!(vault.read_log(LOG).await, Err(VaultError::Missing)));
}

#[tokio::test]
async fn no_segment_is_longer_than_eight_mebibytes() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let (mut log, piece) = (vault.start_log(LOG).await.unwrap(), patterned(100_000));
    for _ in 0..200 {
        log.append(&piece).unwrap();
    }
    log.close().unwrap();
    let lengths: Vec<u64> = (0..3).map(|number| fs::metadata(named(&folder_of(&vault), number)).unwrap().len()).collect();
    assert!(lengths.iter().all(|length| *length <= segment::LONGEST) && lengths[0] > segment::LONGEST - 200_000, "{lengths:?}");
    assert_eq!(vault.read_log(LOG).await.unwrap().bytes, piece.repeat(200));
}

#[tokio::test]
async fn what_was_written_survives_a_writer_that_never_closes() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let mut log = vault.start_log(LOG).await.unwrap();
    log.append(b"early").unwrap();
    log.append(b" and late").unwrap();
    std::mem::forget(log);
    let contents = vault.read_log(LOG).await.unwrap();
    assert_eq!((contents.bytes.as_slice(), contents.state.end), (b"early and late".as_slice(), LogEnd::Torn { unusable: 0 }));
    assert!(contents.state.faults.is_empty(), "a crash is no fault");
}

#[tokio::test]
async fn a_log_torn_anywhere_in_its_last_segment_is_good_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    written(&vault, 3, false).await;
    let place = named(&folder_of(&vault), 2);
    let whole = fs::read(&place).unwrap();
    let chunk = 4 + 1_000 + 16;
    assert_eq!(whole.len(), segment::HEADER + 2 * chunk, "the writer had no time to end it");
    for length in (0..=whole.len()).step_by(7).chain([whole.len() - 1, whole.len(), segment::HEADER - 1, segment::HEADER]) {
        fs::write(&place, &whole[..length]).unwrap();
        let (chunks, state) = read(&vault).await;
        let of_last = length.saturating_sub(segment::HEADER) / chunk;
        assert_eq!(chunks.len(), 4 + of_last, "cut at {length}");
        let unusable = length.checked_sub(segment::HEADER).map_or(length, |rest| rest % chunk) as u64;
        assert_eq!((state.end, state.faults), (LogEnd::Torn { unusable }, Vec::new()), "cut at {length}: that is what a crash does");
    }
    fs::remove_file(&place).unwrap();
    let (chunks, state) = read(&vault).await;
    assert_eq!((chunks.len(), state.end, state.segments), (4, LogEnd::Torn { unusable: 0 }, 2));
}

#[tokio::test]
async fn a_flipped_bit_costs_its_chunk_or_its_segment_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    written(&vault, 3, true).await;
    let place = named(&folder_of(&vault), 1);
    let whole = fs::read(&place).unwrap();
    let first = segment::HEADER;
    let flips: [(usize, &[u8], LogFault); 5] = [
        (first + 4 + 500, &[2], LogFault::Damaged { segment: 1, bytes: 1_020 }),
        (first + 1_020 + 4 + 3, &[3], LogFault::Damaged { segment: 1, bytes: 1_020 }),
        // Without its length nobody knows where the next chunk begins.
        (first, &[2, 3], LogFault::Damaged { segment: 1, bytes: 2_040 + 4 + 17 }),
        (40, &[2, 3], LogFault::Foreign { segment: 1 }),
        (segment::HEADER - 1, &[2, 3], LogFault::Foreign { segment: 1 }),
    ];
    for (at, lost, fault) in flips {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(&place, &flipped).unwrap();
        let (chunks, state) = read(&vault).await;
        assert_eq!((chunks, state.end, state.faults), (all_but(lost, 6), LogEnd::Closed, vec![fault]), "flipped at {at}");
    }
    fs::write(&place, &whole[..first + 1_020]).unwrap();
    let (chunks, state) = read(&vault).await;
    assert_eq!(
        (chunks, state.faults),
        (all_but(&[3], 6), vec![LogFault::Damaged { segment: 1, bytes: 0 }]),
        "cut where nobody sees it but for the missing end"
    );
}

#[tokio::test]
async fn segments_removed_moved_copied_or_of_another_log_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    written(&vault, 5, true).await;
    let at = folder_of(&vault);
    let whole: Vec<Vec<u8>> = (0..5).map(|number| fs::read(named(&at, number)).unwrap()).collect();
    let restore = || (0_u32..).zip(&whole).for_each(|(number, bytes)| fs::write(named(&at, number), bytes).unwrap());

    fs::remove_file(named(&at, 2)).unwrap();
    let (chunks, state) = read(&vault).await;
    assert_eq!((chunks, state.end, state.faults), (all_but(&[4, 5], 10), LogEnd::Closed, vec![LogFault::Missing { segment: 2 }]));
    restore();
    fs::remove_file(named(&at, 0)).unwrap();
    assert_eq!(read(&vault).await.1.faults, [LogFault::Missing { segment: 0 }]);
    restore();

    fs::write(named(&at, 1), &whole[3]).unwrap();
    fs::write(named(&at, 3), &whole[1]).unwrap();
    let (chunks, state) = read(&vault).await;
    assert_eq!(chunks, all_but(&[], 10), "all of it, in the order it was written");
    assert_eq!(state.faults, [LogFault::Moved { segment: 1, found_as: 3 }, LogFault::Moved { segment: 3, found_as: 1 }]);
    fs::write(named(&at, 3), &whole[3]).unwrap();
    let (chunks, state) = read(&vault).await;
    assert_eq!((chunks, state.faults), (all_but(&[2, 3], 10), vec![LogFault::Foreign { segment: 1 }]), "a copy counts once");
    restore();

    // The last segments taken away: the log looks like one that a crash cut off, but its head is another.
    let head = read(&vault).await.1.head_sha256;
    fs::remove_file(named(&at, 4)).unwrap();
    let (_, state) = read(&vault).await;
    assert_eq!((state.end, state.segments), (LogEnd::Torn { unusable: 0 }, 4));
    assert_ne!(state.head_sha256, head);
}

#[tokio::test]
async fn a_segment_of_an_earlier_log_of_the_same_name_does_not_follow() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    written(&vault, 3, true).await;
    let other = fs::read(named(&folder_of(&vault), 1)).unwrap();
    vault.remove_log(LOG).await.unwrap();
    written(&vault, 3, true).await;
    fs::write(named(&folder_of(&vault), 1), other).unwrap();
    assert_eq!(read(&vault).await.1.faults, [LogFault::Unlinked { segment: 1 }, LogFault::Unlinked { segment: 2 }]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever happens to the files: no panic, only chunks that were written, in order, each once; and what is missing is named.
    #[test]
    fn however_a_log_is_spoilt_what_is_read_is_true(
        harms in proptest::collection::vec((0_u32..4, 0_usize..3_000, 0_u8..4, any::<u8>()), 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let vault = vault(folder.path());
            written(&vault, 4, true).await;
            let at = folder_of(&vault);
            for (number, place, kind, byte) in harms {
                let Ok(mut bytes) = fs::read(named(&at, number)) else { continue };
                match kind {
                    0 => bytes.truncate(place),
                    1 if place < bytes.len() => bytes[place] ^= byte,
                    2 => bytes.splice(place.min(bytes.len()).., [byte; 9]).for_each(drop),
                    _ => {
                        fs::rename(named(&at, number), named(&at, u32::from(byte) % 6)).unwrap();
                        continue;
                    }
                }
                fs::write(named(&at, number), bytes).unwrap();
            }
            if vault.read_log(LOG).await.is_err() {
                return;
            }
            let (chunks, state) = read(&vault).await;
            assert!(chunks.windows(2).all(|pair| pair[0] < pair[1]), "{chunks:?}");
            let is_whole = chunks == all_but(&[], 8);
            assert!(is_whole || !state.faults.is_empty() || state.end != LogEnd::Closed, "{chunks:?} without a word");
        });
    }
}
