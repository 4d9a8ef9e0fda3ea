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

use super::{Track, film, records, webm};
use crate::engine::sandbox;

/// Processor seconds of one child: four hours of call at a tenth of a second each, and plenty.
const CPU_SECONDS: u64 = 3_600;

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
    let parties = parties(&input).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
    drop(input);
    let outcome = make(options.make, parties).map_err(|error| io::Error::other(error.to_string()))?;
    let line = serde_json::to_string(&outcome)?;
    writeln!(io::stderr(), "\n{line}")
}

/// Nothing may be opened any more. Where the kernel has no such walls the limits still stand.
fn enclose() {
    if sandbox::enclose().len() < 3 {
        tracing::debug!("composing without all walls: the kernel lacks landlock or seccomp");
    }
}

fn make(what: Make, parties: [Track; 2]) -> Result<Outcome, ff::Error> {
    ff::init()?;
    ff::log::set_level(ff::log::Level::Fatal);
    let to = Path::new("/proc/self/fd/1");
    let [first, second] = parties;
    let (start, end, broken_pictures) = match what {
        Make::First | Make::Second => {
            let track = if what == Make::First { first } else { second };
            let Some(start) = track.start_us() else { return Ok(Outcome::Nothing) };
            webm::write(&track, to, enclose)?;
            (start, track.end_us(), track.broken_pictures)
        }
        Make::Film if first.is_empty() && second.is_empty() => return Ok(Outcome::Nothing),
        Make::Film => {
            let both = [first, second];
            film::write(&both, to, enclose)?;
            (0, both.iter().map(Track::end_us).max().unwrap_or(0), 0)
        }
    };
    Ok(Outcome::Made { offset_ms: start / 1_000, end_ms: end / 1_000, broken_pictures })
}

/// Appends the log of one join to the input of a child.
pub(super) fn add_join(input: &mut dyn Write, party: u8, log: &[u8]) -> io::Result<()> {
    input.write_all(&[party])?;
    input.write_all(&(log.len() as u64).to_le_bytes())?;
    input.write_all(log)
}

fn parties(mut input: &[u8]) -> Option<[Track; 2]> {
    let mut joins = [Vec::new(), Vec::new()];
    while let Some((party, rest)) = input.split_first() {
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (log, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        joins.get_mut(usize::from(*party))?.push(records(log).0);
        input = rest;
    }
    Some(joins.map(|joins| Track::of(&joins)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_reads_back_and_garbage_is_refused() {
        let mut input = Vec::new();
        add_join(&mut input, 0, &[]).unwrap();
        add_join(&mut input, 1, b"no records").unwrap();
        assert!(parties(&input).is_some_and(|parties| parties.iter().all(Track::is_empty)));
        assert!(parties(&[]).is_some());
        assert!(parties(&[2, 0, 0, 0, 0, 0, 0, 0, 0]).is_none());
        assert!(parties(&input[..input.len() - 1]).is_none());
        assert!(parties(&[0, 255, 255, 255, 255, 255, 255, 255, 255]).is_none());
    }
}
