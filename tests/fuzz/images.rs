//! Thousands of damaged pictures through the real pool of sandboxed children. `make fuzz-images` looks at all of them, `make test`
//! at a share that moves on by itself every day.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use visavis::{
    base::Ambient,
    engine::{
        document::{DocumentKind, Side},
        reader::{Look, Reader, ReaderError, ReaderSettings},
    },
};

use super::damage::{Damaged, damaged, honest};

/// Every file of the corpus.
const ALL: u64 = 10_800;
/// As many of them in an ordinary run, at most, and so long: about forty seconds of one core.
const SHARE: u64 = 600;
const SHARE_LASTS: Duration = Duration::from_secs(40);
/// Set in the process that does the looking.
const ALONE: &str = "FUZZ_ALONE";
/// What the serving process may grow by over all of them.
const MOST_GROWTH_KB: u64 = 48 * 1024;

fn reader() -> Reader {
    let settings = ReaderSettings { workers: 2, timeout_seconds: 120, program: PathBuf::from(env!("CARGO_BIN_EXE_visavis")), ..ReaderSettings::default() };
    Reader::new(settings, Ambient::system())
}

/// Which files: all of them when asked to, else today's share.
fn numbers() -> (Vec<u64>, Option<Instant>) {
    if std::env::var_os("FUZZ_ALL").is_some() {
        return ((0..ALL).collect(), None);
    }
    let day = u64::try_from(Ambient::system().now().timestamp()).unwrap() / 86_400;
    let from = day * SHARE % ALL;
    ((0..SHARE).map(|nth| (from + nth) % ALL).collect(), Some(Instant::now() + SHARE_LASTS))
}

/// A line of `/proc/self/status` in kB.
fn status_kb(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// What is wrong with an answer, if anything.
fn fault(answer: &Result<Look, ReaderError>) -> Option<String> {
    match answer {
        Ok(look) => {
            let is_upright_jpeg = look.normal.starts_with(&[0xFF, 0xD8, 0xFF]) && look.normal.ends_with(&[0xFF, 0xD9]);
            let is_sized = (1..=4096).contains(&look.width) && (1..=4096).contains(&look.height);
            let is_measured =
                [look.measures.luma, look.measures.sharpness, look.measures.glare, look.measures.margin].iter().all(|measure| measure.is_finite());
            let is_told = look.accepted || look.problems.iter().any(|problem| problem.refuses);
            (!(is_upright_jpeg && is_sized && is_measured && is_told))
                .then(|| format!("{}×{} {:?} {:?}", look.width, look.height, look.measures, look.problems))
        }
        Err(ReaderError::Crashed | ReaderError::TimedOut | ReaderError::Unavailable) => Some(format!("{answer:?}")),
        Err(_) => None,
    }
}

/// Runs in a process of its own: what it grows by and what it leaves open is not mixed with that of other tests.
#[test]
fn every_damaged_picture_gives_a_result_or_a_clear_word() {
    if std::env::var_os(ALONE).is_none() {
        let test = "fuzz::images::every_damaged_picture_gives_a_result_or_a_clear_word";
        let run = Command::new(std::env::current_exe().unwrap()).args([test, "--exact", "--nocapture"]).env(ALONE, "1").output().unwrap();
        let said = [run.stdout.as_slice(), &run.stderr].map(String::from_utf8_lossy).join("\n");
        assert!(run.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(look_at_all());
}

async fn look_at_all() {
    let reader = reader();
    reader.look(honest(), DocumentKind::CitizenCard, Side::Front).await.unwrap();
    let (numbers, until) = numbers();
    let (before_kb, before_files) = (status_kb("VmRSS:"), open_files());
    let (mut answers, mut faults, mut looked) = (BTreeMap::<String, u64>::new(), Vec::new(), 0);
    for number in numbers {
        if until.is_some_and(|until| Instant::now() > until) {
            break;
        }
        let Damaged { how, bytes } = damaged(number);
        let (kind, side) = [(DocumentKind::CitizenCard, Side::Front), (DocumentKind::CitizenCard, Side::Back), (DocumentKind::Passport, Side::Front)]
            [usize::try_from(number % 3).unwrap()];
        let answer = reader.look(bytes, kind, side).await;
        faults.extend(fault(&answer).map(|fault| format!("{number} ({how}): {fault}")));
        let word = match &answer {
            Ok(look) => format!("{how}: {}", if look.accepted { "accepted" } else { "refused" }),
            Err(error) => format!("{how}: {error:?}"),
        };
        *answers.entry(word).or_default() += 1;
        looked += 1;
        if let Ok(look) = answer
            && number % 97 == 0
        {
            let read = reader.read(look.normal, kind, side).await;
            faults.extend(read.err().map(|error| format!("{number} ({how}) read: {error:?}")));
        }
    }
    keep(&answers, looked, &faults);
    assert!(faults.is_empty(), "{} of {looked}:\n{}", faults.len(), faults.join("\n"));
    assert!(looked >= 50, "only {looked} pictures were looked at in {SHARE_LASTS:?}");
    let grown = status_kb("VmRSS:").saturating_sub(before_kb);
    assert!(grown < MOST_GROWTH_KB, "the serving process grew by {grown} kB over {looked} pictures");
    assert!(open_files() <= before_files + 4, "files stay open: {} before, {} after", before_files, open_files());
    let good = reader.look(honest(), DocumentKind::CitizenCard, Side::Front).await.unwrap();
    assert!(good.accepted, "a good photograph is still a good photograph: {:?}", good.problems);
}

/// Leaves what was answered where it can be looked at.
fn keep(answers: &BTreeMap<String, u64>, looked: u64, faults: &[String]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz");
    std::fs::create_dir_all(&folder).unwrap();
    let lines = answers.iter().map(|(word, count)| format!("{count:6} {word}")).collect::<Vec<_>>().join("\n");
    std::fs::write(folder.join("images.txt"), format!("{looked} pictures, {} faults\n{lines}\n{}\n", faults.len(), faults.join("\n"))).unwrap();
}
