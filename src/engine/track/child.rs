//! The child process that makes the files: other people's packets meet libav in here and nowhere else.
//!
//! Standard input is a file with the logs of all joins, standard output the file to be made (both without a name on
//! disk), the last line on standard error says what became of it.

use std::{
    io::{self, Read, Write},
    path::Path,
};

use ffmpeg_next as ff;
use nix::sys::resource::{Resource, setrlimit};
use serde::{Deserialize, Serialize};

use super::{Captions, Entry, Record, Track, film, records, webm};
use crate::engine::sandbox;

/// Processor seconds of one child: four hours of call at a tenth of a second each, and plenty.
const CPU_SECONDS: u64 = 3_600;
/// A party's picture is missing when none comes for so long: the slowest camera sends several a second.
const GAP_US: i64 = 1_500_000;

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Make {
    /// The WebM of the first party.
    First,
    /// The WebM of the second party.
    Second,
    /// The composed film.
    Film,
}

/// What the server says on the command line.
#[derive(Debug, Clone, clap::Args)]
pub struct ChildOptions {
    /// What to make.
    #[arg(long)]
    pub make: Make,
    /// Address space in MiB.
    #[arg(long, default_value_t = 4096)]
    pub memory_mib: u64,
}

/// A time in which a party's picture is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// From this moment of the recording, in ms.
    pub from_ms: i64,
    /// To this one.
    pub to_ms: i64,
}

/// What the child says, a line each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
pub(super) enum Says {
    /// This share is done.
    Progress {
        /// 0…1.
        share: f64,
    },
    /// It is over.
    Outcome(Outcome),
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The file is whole.
    Made {
        /// From the start of the recording to its first frame.
        offset_ms: i64,
        /// From the start of the recording to the end of its last frame.
        end_ms: i64,
        /// Pictures that could not be put together.
        broken_pictures: u32,
        /// Packets the recorder could not keep up with.
        lost_packets: u64,
        /// Times without a picture.
        gaps: Vec<Gap>,
    },
    /// There is nothing to make it of.
    Nothing,
}

/// The body of the hidden subcommand `compose-child`.
///
/// # Errors
/// When the input is no input or libav fails.
pub fn run(options: &ChildOptions) -> io::Result<()> {
    sandbox::limit(options.memory_mib)?;
    setrlimit(Resource::RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS)?;
    let mut input = Vec::new();
    io::stdin().lock().read_to_end(&mut input)?;
    let (captions, parties) = parties(&input).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
    drop(input);
    let outcome = make(options.make, parties, &captions).map_err(|error| io::Error::other(error.to_string()))?;
    say(&Says::Outcome(outcome))
}

fn say(says: &Says) -> io::Result<()> {
    let line = serde_json::to_string(says)?;
    writeln!(io::stderr(), "\n{line}")
}

/// Nothing may be opened any more. Where the kernel has no such walls the limits still stand.
fn enclose() {
    if sandbox::enclose().len() < 3 {
        tracing::debug!("composing without all walls: the kernel lacks landlock or seccomp");
    }
}

fn make(what: Make, parties: [(Track, u64); 2], captions: &Captions) -> Result<Outcome, ff::Error> {
    ff::init()?;
    ff::log::set_level(ff::log::Level::Fatal);
    let to = Path::new("/proc/self/fd/1");
    let [first, second] = parties;
    let outcome = match what {
        Make::First | Make::Second => {
            let (track, lost_packets) = if what == Make::First { first } else { second };
            let Some(start) = track.start_us() else { return Ok(Outcome::Nothing) };
            webm::write(&track, to, enclose)?;
            let gaps = track.gaps_us(GAP_US).into_iter().map(|(from, to)| Gap { from_ms: from / 1_000, to_ms: to / 1_000 }).collect();
            Outcome::Made { offset_ms: start / 1_000, end_ms: track.end_us() / 1_000, broken_pictures: track.broken_pictures, lost_packets, gaps }
        }
        Make::Film if first.0.is_empty() && second.0.is_empty() => Outcome::Nothing,
        Make::Film => {
            let both = [first.0, second.0];
            // A server that does not listen any more is no reason to stop.
            film::write(&both, captions, to, enclose, |share| drop(say(&Says::Progress { share })))?;
            let end = both.iter().map(Track::end_us).max().unwrap_or(0);
            Outcome::Made { offset_ms: 0, end_ms: end / 1_000, broken_pictures: 0, lost_packets: 0, gaps: Vec::new() }
        }
    };
    Ok(outcome)
}

/// Begins the input of a child.
pub(super) fn add_captions(input: &mut dyn Write, captions: &Captions) -> io::Result<()> {
    let text = serde_json::to_vec(captions)?;
    input.write_all(&(text.len() as u64).to_le_bytes())?;
    input.write_all(&text)
}

/// Appends the log of one join to the input of a child.
pub(super) fn add_join(input: &mut dyn Write, party: u8, log: &[u8]) -> io::Result<()> {
    input.write_all(&[party])?;
    input.write_all(&(log.len() as u64).to_le_bytes())?;
    input.write_all(log)
}

fn parties(input: &[u8]) -> Option<(Captions, [(Track, u64); 2])> {
    let (length, rest) = input.split_first_chunk::<8>()?;
    let (captions, mut input) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let captions = serde_json::from_slice(captions).ok()?;
    let mut joins = [Vec::new(), Vec::new()];
    while let Some((party, rest)) = input.split_first() {
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (log, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        joins.get_mut(usize::from(*party))?.push(records(log).0);
        input = rest;
    }
    Some((captions, joins.map(|joins| (Track::of(&joins), lost(&joins)))))
}

/// What the recorder itself says that it lost.
fn lost(joins: &[Vec<Record>]) -> u64 {
    let of = |record: &Record| if let Entry::Lost { audio, video } = record.entry { u64::from(audio) + u64::from(video) } else { 0 };
    joins.iter().flatten().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_reads_back_and_garbage_is_refused() {
        let captions = Captions { names: ["Mỹ".into(), "Lan".into()], ..Captions::default() };
        let mut input = Vec::new();
        add_captions(&mut input, &captions).unwrap();
        let begun = input.clone();
        let mut bytes = Vec::new();
        Record { at_us: 1, entry: Entry::Lost { audio: 2, video: 40 } }.write(&mut bytes);
        add_join(&mut input, 0, &bytes).unwrap();
        add_join(&mut input, 1, b"no records").unwrap();
        let (read, [first, second]) = parties(&input).unwrap();
        assert_eq!((read, first.1, second.1), (captions, 42, 0));
        assert!(first.0.is_empty() && second.0.is_empty());
        assert!(parties(&begun).is_some());
        for garbage in [&[2, 0, 0, 0, 0, 0, 0, 0, 0][..], &[0, 255, 255, 255, 255, 255, 255, 255, 255]] {
            assert!(parties(&[&begun, garbage].concat()).is_none());
            assert!(parties(garbage).is_none());
        }
        assert!(parties(&[]).is_none());
        assert!(parties(&input[..input.len() - 1]).is_none());
    }
}
