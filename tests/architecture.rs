//! The floors of the house, read from the sources: who may know whom, where each foreign machine may stand, how long a
//! file may grow. The map these rules belong to is `src/lib.rs`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// From below. The probe stands outside and knows nobody, as if it lay below the ground.
const FLOORS: [&str; 7] = ["probe", "base", "engine", "registry", "journey", "web", "boot"];

/// Sideways arrows between rooms of one floor: who may know whom.
const SIDEWAYS: [(&str, &[(&str, &str)]); 3] = [
    (
        "engine",
        &[("reader", "document"), ("reader", "sandbox"), ("sfu", "track"), ("track", "pose"), ("track", "sandbox"), ("track", "sfu"), ("track", "vault")],
    ),
    (
        "registry",
        &[
            ("dossier", "audit"),
            ("staff", "audit"),
            ("dossier", "outbox"),
            ("staff", "outbox"),
            ("outbox", "audit"),
            ("person", "audit"),
            ("person", "dossier"),
            ("person", "outbox"),
            ("letters", "audit"),
            ("letters", "dossier"),
        ],
    ),
    ("journey", &[("intake", "booking"), ("booking", "queue"), ("queue", "call"), ("call", "checks"), ("call", "recording"), ("checks", "recording")]),
];

/// Where a foreign machine may be spoken to: crate → prefixes of files.
const WALLS: [(&str, &[&str]); 12] = [
    ("axum", &["web/", "boot/"]),
    ("str0m", &["engine/sfu/"]),
    ("webrtc", &["probe/"]),
    ("rtc", &["probe/"]),
    ("tokio_tungstenite", &["probe/"]),
    ("ffmpeg_next", &["engine/track/"]),
    ("tesseract_rs", &["engine/reader/child/"]),
    ("imageproc", &["engine/reader/child/"]),
    ("image", &["engine/reader/child/"]),
    ("redis", &["journey/queue/", "boot/"]),
    ("sqlx", &["base/db/"]),
    ("visavis_pose", &["engine/pose/"]),
];

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    found.into_iter().map(|path| (path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), code(&std::fs::read_to_string(&path).unwrap()))).collect()
}

/// The text without line comments (doc links are not arrows).
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every path that starts at `crate::`, use-trees spread out, as segments.
fn crate_paths(text: &str) -> BTreeSet<Vec<String>> {
    let mut paths = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with('$') || !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            spread(&text[at + "crate::".len()..], &mut Vec::new(), &mut paths);
        }
    }
    paths
}

/// Reads one use-tree or path at the start of `text`; returns how many bytes it took.
fn spread(text: &str, prefix: &mut Vec<String>, paths: &mut BTreeSet<Vec<String>>) -> usize {
    let depth = prefix.len();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        if let Some(inner) = rest.strip_prefix('{') {
            let mut inside = 1;
            let _ = inner;
            loop {
                inside += text[at + inside..].len() - text[at + inside..].trim_start_matches([' ', '\n', ',']).len();
                if at + inside >= text.len() || text[at + inside..].starts_with('}') {
                    at += inside + 1;
                    break;
                }
                let taken = spread(&text[at + inside..], prefix, paths);
                if taken == 0 {
                    at += inside;
                    break;
                }
                inside += taken;
            }
            break;
        }
        let word: usize = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if word == 0 {
            break;
        }
        prefix.push(rest[..word].to_owned());
        at += word;
        if text[at..].starts_with("::") {
            at += 2;
        } else {
            paths.insert(prefix.clone());
            if text[at..].starts_with(" as ") {
                at += 4 + text[at + 4..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(0);
            }
            break;
        }
    }
    prefix.truncate(depth);
    at
}

fn room_of(file: &str) -> (&str, &str) {
    let mut parts = file.trim_end_matches(".rs").split('/');
    (parts.next().unwrap_or(""), parts.next().unwrap_or(""))
}

fn forbidden(file: &str, text: &str) -> Vec<String> {
    let (floor, room) = room_of(file);
    let Some(height) = FLOORS.iter().position(|f| *f == floor) else { return Vec::new() };
    let mut found = Vec::new();
    for path in crate_paths(text) {
        let Some(target) = FLOORS.iter().position(|f| *f == path[0]) else { continue };
        let other = path.get(1).map_or("", String::as_str);
        if target > height {
            found.push(format!("{file}: {} lies above {floor}", path.join("::")));
        } else if target == height && other != room && !other.is_empty() && !room.is_empty() {
            let Some((_, allowed)) = SIDEWAYS.iter().find(|(f, _)| *f == floor) else { continue };
            let reader_of_all = floor == "journey" && room == "review";
            let wire = path.get(2).is_some_and(|third| third == "wire");
            if !reader_of_all && !wire && !allowed.contains(&(room, other)) {
                found.push(format!("{file}: {room} may not know {other} ({})", path.join("::")));
            }
        }
    }
    found
}

#[test]
fn arrows_between_rooms_only_run_down() {
    let found: Vec<String> = sources().iter().flat_map(|(file, text)| forbidden(file, text)).collect();
    assert!(found.is_empty(), "forbidden arrows:\n{}", found.join("\n"));
}

#[test]
fn an_arrow_up_would_be_found() {
    assert_eq!(forbidden("engine/sfu/mod.rs", "use crate::{base::db::Db, registry::{audit, staff::Role}};").len(), 2);
    assert_eq!(forbidden("journey/call/mod.rs", "use crate::journey::queue::Queue;").len(), 1);
    assert_eq!(forbidden("journey/call/mod.rs", "use crate::journey::{checks::Checks, queue::wire::TicketView};").len(), 0);
    assert_eq!(forbidden("journey/queue/store.rs", "fn f() { crate::web::house::House::new() }").len(), 1);
}

#[test]
fn foreign_machines_stand_in_their_rooms() {
    let mut found = Vec::new();
    for (file, text) in sources() {
        for (machine, homes) in WALLS {
            let named = text.match_indices(&format!("{machine}::")).any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
            if named && !homes.iter().any(|home| file.starts_with(home)) {
                found.push(format!("{file} speaks to {machine}, which lives in {homes:?}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn sql_stands_only_in_stores() {
    let mut found = Vec::new();
    for (file, text) in sources() {
        if file.ends_with("store.rs") || file.contains("/store/") || file.starts_with("base/db/") {
            continue;
        }
        for verb in ["\"select ", "\"insert into ", "\"update ", "\"delete from "] {
            if text.to_lowercase().contains(verb) {
                found.push(format!("{file} holds SQL ({verb}…)"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(file, text)| (text.lines().count(), file))
        .filter(|(lines, _)| *lines > 500)
        .map(|(lines, file)| format!("{file}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "over 500 lines of code:\n{}", long.join("\n"));
}

/// A rule profile names, for each of its clauses, the test that shows it: each is there.
#[test]
fn every_clause_names_a_test_that_is_there() {
    fn sources(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut all = String::new();
    for folder in ["src", "tests"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut all);
    }
    for name in visavis::journey::checks::Profile::built_in() {
        for test in visavis::journey::checks::Profile::load(name).unwrap().tests() {
            let function = test.rsplit("::").next().unwrap();
            assert!(all.contains(&format!("fn {function}()")), "{name}: {test} is not there");
        }
    }
}
