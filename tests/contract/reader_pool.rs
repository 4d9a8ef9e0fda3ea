//! What a reader child may cost: one picture. It is killed, frozen, starved and lied to; the pool goes on.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use visavis::{
    base::Ambient,
    engine::{
        document::{DocumentKind, Side},
        reader::{Look, Reader, ReaderError, ReaderSettings},
    },
};

use crate::support::specimen::{Card, Person, Scene, picture};

/// A pool of one child that is told from others by its memory limit.
fn pool(memory_mib: u64, timeout_seconds: u64) -> Reader {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_visavis"));
    Reader::new(ReaderSettings { workers: 1, timeout_seconds, memory_mib, program, ..ReaderSettings::default() }, Ambient::system())
}

/// The child with this memory limit.
fn child(memory_mib: u64) -> Option<Pid> {
    let limit = memory_mib.to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()).find_map(|pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        (words.get(1) == Some(&b"reader-child".as_slice()) && words.contains(&limit.as_bytes())).then(|| Pid::from_raw(pid))
    })
}

/// The child once it is another than `before`.
async fn successor(memory_mib: u64, before: Option<Pid>) -> Pid {
    let until = Instant::now() + Duration::from_secs(120);
    loop {
        match child(memory_mib) {
            Some(pid) if Some(pid) != before => return pid,
            _ => assert!(Instant::now() < until, "no child has taken the seat"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn card() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let frame = picture(&Person::khai(), Card::CitizenBack, &Scene::CAMERA);
    image::DynamicImage::ImageRgb8(frame).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

async fn look(reader: &Reader) -> Result<Look, ReaderError> {
    reader.look(card(), DocumentKind::CitizenCard, Side::Back).await
}

/// The time a process has worked, in clock ticks (proc(5): `utime` and `stime`).
fn ticks(pid: Pid) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields.get(11..13).unwrap_or_default().iter().filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// Sends `signal` to the child while it is at work.
async fn struck(reader: &Reader, memory_mib: u64, signal: Signal) -> (Result<(), ReaderError>, Pid) {
    reader.warm().await.unwrap();
    let pid = successor(memory_mib, None).await;
    let (picture, before) = (card(), ticks(pid));
    let busy = {
        let reader = reader.clone();
        tokio::spawn(async move { reader.read(picture, DocumentKind::CitizenCard, Side::Back).await.map(drop) })
    };
    while ticks(pid) == before && !busy.is_finished() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    kill(pid, signal).unwrap();
    (busy.await.unwrap(), pid)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_dies_over_a_picture_costs_that_picture() {
    let reader = pool(1537, 120);
    for signal in [Signal::SIGKILL, Signal::SIGABRT] {
        let (outcome, dead) = struck(&reader, 1537, signal).await;
        assert_eq!(outcome.unwrap_err(), ReaderError::Crashed, "{signal}");
        assert!(look(&reader).await.unwrap().accepted, "the next picture is read by another child after {signal}");
        assert_ne!(successor(1537, None).await, dead);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_hangs_is_killed_in_time_and_replaced() {
    let reader = pool(1538, 3);
    let began = Instant::now();
    let (outcome, frozen) = struck(&reader, 1538, Signal::SIGSTOP).await;
    assert_eq!(outcome.unwrap_err(), ReaderError::TimedOut);
    assert!(began.elapsed() >= Duration::from_secs(3));
    let fresh = successor(1538, Some(frozen)).await;
    assert_ne!(fresh, frozen);
    successor_or_none_is_gone(frozen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_child_that_died_is_noticed_at_the_next_picture() {
    let reader = pool(1539, 120);
    reader.warm().await.unwrap();
    let pid = successor(1539, None).await;
    kill(pid, Signal::SIGKILL).unwrap();
    successor_or_none_is_gone(pid).await;
    assert!(look(&reader).await.unwrap().accepted, "a child that died idle costs nobody a picture");
}

async fn successor_or_none_is_gone(pid: Pid) {
    let until = Instant::now() + Duration::from_secs(10);
    while std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(Instant::now() < until, "the child does not die");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_child_has_walls_and_little_of_everything() {
    let reader = pool(1540, 120);
    reader.warm().await.unwrap();
    let pid = successor(1540, None).await;
    assert!(look(&reader).await.unwrap().accepted);
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let soft = |name: &str| limits.lines().find(|line| line.starts_with(name)).and_then(|line| line[26..].split_whitespace().next()?.parse::<u64>().ok());
    assert_eq!(soft("Max address space"), Some(1540 * 1024 * 1024));
    assert_eq!((soft("Max file size"), soft("Max core file size"), soft("Max open files")), (Some(0), Some(0), Some(16)));
    assert!(soft("Max cpu time").is_some_and(|seconds| seconds <= 120), "{limits}");
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let says = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if std::path::Path::new("/proc/sys/kernel/seccomp").exists() {
        assert_eq!(says("Seccomp:"), Some("2"));
    }
    let kilobytes = says("VmHWM:").and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap();
    assert!(kilobytes < 400 * 1024, "a reader child takes {kilobytes} kB");
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    let names: Vec<&str> = std::str::from_utf8(&environment).unwrap().split_terminator('\0').filter_map(|one| one.split('=').next()).collect();
    assert_eq!(names, ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "OMP_THREAD_LIMIT"], "nothing of the server's own");
}

#[tokio::test]
async fn a_program_that_is_no_reader_is_told_from_a_bad_picture() {
    let liar = ReaderSettings { workers: 1, program: PathBuf::from("/bin/cat"), ..ReaderSettings::default() };
    assert_eq!(look(&Reader::new(liar, Ambient::system())).await.unwrap_err(), ReaderError::Unavailable);
}
