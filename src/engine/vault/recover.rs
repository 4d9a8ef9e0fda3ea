//! Reads a log back, whatever happened to it: everything that is good, in the order it was written, and what is missing.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    VaultError,
    seal::Key,
    segment::{self, End, Place, Walked},
};

/// How a log ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogEnd {
    /// Closed by its writer; nothing is missing.
    Closed,
    /// Not closed: still being written, or cut off. So many bytes at the end could not be used.
    Torn {
        /// Bytes after the last whole chunk.
        unusable: u64,
    },
}

/// Something that no crash does to a log: it was changed, or the disk failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum LogFault {
    /// A segment is not there.
    Missing {
        /// Which, from 0.
        segment: u32,
    },
    /// A file holds no segment of this log, or one that is there already.
    Foreign {
        /// Whose name it has.
        segment: u32,
    },
    /// A part of a segment cannot be used.
    Damaged {
        /// Which.
        segment: u32,
        /// So many bytes of it; 0 when it was cut, nobody knows where.
        bytes: u64,
    },
    /// A segment lies under another's name; it was put back to its place.
    Moved {
        /// Which.
        segment: u32,
        /// Whose name it has.
        found_as: u32,
    },
    /// A segment was not written after the one that is before it now.
    Unlinked {
        /// Which.
        segment: u32,
    },
}

impl fmt::Display for LogFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Missing { segment } => write!(f, "segment {segment} is missing"),
            Self::Foreign { segment } => write!(f, "what lies as segment {segment} is none of this log"),
            Self::Damaged { segment, bytes: 0 } => write!(f, "segment {segment} was cut"),
            Self::Damaged { segment, bytes } => write!(f, "{bytes} bytes of segment {segment} are damaged"),
            Self::Moved { segment, found_as } => write!(f, "segment {segment} lay as segment {found_as}"),
            Self::Unlinked { segment } => write!(f, "segment {segment} does not follow the one before it"),
        }
    }
}

/// What is known of a log after it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// How it ended.
    pub end: LogEnd,
    /// What is missing or out of place; nothing after a mere crash.
    pub faults: Vec<LogFault>,
    /// How many segments there are.
    pub segments: u32,
    /// SHA-256 of the last of them as it lies on disk, hex: it stands for all, for each names the one before it.
    pub head_sha256: String,
}

/// What a log holds.
#[derive(Debug, Clone)]
pub struct LogContents {
    /// The appended bytes, in order.
    pub bytes: Vec<u8>,
    /// How it is.
    pub state: LogState,
}

/// A file of the folder and whether it was opened.
struct Found {
    place: PathBuf,
    /// The number its name stands for.
    named: u32,
}

/// Gives every whole chunk of the log in `folder` to `take`, in order.
pub(super) fn read(kek: &Key, folder: &Path, log: &str, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> Result<LogState, VaultError> {
    let (segments, mut faults, torn) = arrange(kek, folder, log)?;
    let Some(last) = segments.keys().next_back().copied() else { return Err(VaultError::Damaged) };
    let (mut end, mut before, mut expected) = (LogEnd::Torn { unusable: torn }, Some(Place::FIRST.before), 0);
    let mut head = [0; 32];
    for (number, found) in &segments {
        for segment in expected..*number {
            // What is there but cannot be read was named already.
            if !faults.contains(&LogFault::Foreign { segment }) {
                faults.push(LogFault::Missing { segment });
            }
            before = None;
        }
        let raw = std::fs::read(&found.place)?;
        let (place, sealer) = segment::open(kek, &raw, log).ok_or(VaultError::Damaged)?;
        if before.is_some_and(|before| before != place.before) {
            faults.push(LogFault::Unlinked { segment: *number });
        }
        let walked = segment::walk(&sealer, raw.get(segment::HEADER..).unwrap_or_default(), &mut take)?;
        let damage = judge(*number, &walked, *number == last);
        // A segment that is damaged has another hash: that the next one does not follow it says nothing new.
        head = Sha256::digest(&raw).into();
        before = damage.is_none().then_some(head);
        faults.extend(damage);
        if *number == last {
            end = if walked.end == End::Closed { LogEnd::Closed } else { LogEnd::Torn { unusable: walked.tail + torn } };
        }
        expected = number + 1;
    }
    faults.sort_by_key(LogFault::segment);
    Ok(LogState { end, faults, segments: u32::try_from(segments.len()).unwrap_or(u32::MAX), head_sha256: hex::encode(head) })
}

/// Whether the writer of the log in `folder` has closed it; only its last segment is looked at.
pub(super) fn is_closed(kek: &Key, folder: &Path, log: &str) -> Result<bool, VaultError> {
    let Some(last) = files(folder)?.pop() else { return Ok(false) };
    let raw = std::fs::read(&last.place)?;
    let Some((_, sealer)) = segment::open(kek, &raw, log) else { return Ok(false) };
    let walked = segment::walk(&sealer, raw.get(segment::HEADER..).unwrap_or_default(), |_| Ok::<_, VaultError>(()))?;
    Ok(walked.end == End::Closed)
}

/// The damage of a segment. Only the last one may have no end: then it was torn.
fn judge(number: u32, walked: &Walked, is_last: bool) -> Option<LogFault> {
    let is_cut = !is_last && walked.end == End::Torn;
    let bytes = walked.lost + if is_cut { walked.tail } else { 0 };
    (is_cut || bytes > 0).then_some(LogFault::Damaged { segment: number, bytes })
}

type Arranged = (BTreeMap<u32, Found>, Vec<LogFault>, u64);

/// The segments by the numbers they bear inside, the files that are none, and the bytes of one that was only begun.
fn arrange(kek: &Key, folder: &Path, log: &str) -> Result<Arranged, VaultError> {
    let (mut segments, mut faults, mut torn) = (BTreeMap::<u32, Found>::new(), Vec::new(), 0);
    let files = files(folder)?;
    let highest = files.iter().map(|found| found.named).max();
    for found in files {
        let (bytes, length) = beginning(&found.place)?;
        match segment::open(kek, &bytes, log) {
            Some((place, _)) if segments.get(&place.number).is_none_or(|there| there.named != place.number) => {
                if let Some(other) = segments.insert(place.number, found) {
                    faults.push(LogFault::Foreign { segment: other.named });
                }
            }
            None if length < segment::HEADER as u64 && Some(found.named) == highest && found.named > 0 => torn = length,
            _ => faults.push(LogFault::Foreign { segment: found.named }),
        }
    }
    let moved = segments.iter().filter(|(number, found)| **number != found.named);
    faults.extend(moved.map(|(number, found)| LogFault::Moved { segment: *number, found_as: found.named }));
    Ok((segments, faults, torn))
}

/// Everything in the folder that is named like a segment, by name.
fn files(folder: &Path) -> Result<Vec<Found>, VaultError> {
    let entries = std::fs::read_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => VaultError::Missing,
        io::ErrorKind::NotADirectory => VaultError::Damaged,
        _ => error.into(),
    })?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Some(named) = entry.file_name().to_str().and_then(segment::number) {
            found.push(Found { place: entry.path(), named });
        }
    }
    found.sort_by_key(|found| found.named);
    Ok(found)
}

/// The first bytes of a file, at most a header, and its length.
fn beginning(place: &Path) -> io::Result<(Vec<u8>, u64)> {
    use std::io::Read;
    let file = std::fs::File::open(place)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(segment::HEADER);
    file.take(segment::HEADER as u64).read_to_end(&mut bytes)?;
    Ok((bytes, length))
}

impl LogFault {
    /// The segment it concerns.
    pub fn segment(&self) -> u32 {
        match *self {
            Self::Missing { segment }
            | Self::Foreign { segment }
            | Self::Damaged { segment, .. }
            | Self::Moved { segment, .. }
            | Self::Unlinked { segment } => segment,
        }
    }
}
