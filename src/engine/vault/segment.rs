//! One segment of a log.
//!
//! ```text
//! header  as of every sealed file, then
//!      4  number of the segment, u32 LE
//!     32  SHA-256 of the whole segment before it, as it lies on disk; zeros in the first
//! chunk   length u32 LE ‖ sealed chunk, again and again
//! end     a chunk marked last: one byte, 0 when another segment follows, 1 when the log is closed
//! ```
//! Number and hash are bound to the segment's key: a segment of this log in another place, or after another one than it
//! was written after, is seen.

use std::{
    fs::File,
    io::{self, Write},
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};

use super::seal::{self, Key, Sealer, Shape};
use crate::base::Ambient;

/// No segment is longer …
pub(super) const LONGEST: u64 = 8 * 1024 * 1024;
/// … and none is written to after so long.
pub(super) const OLDEST: Duration = Duration::from_secs(10);
/// Bytes before the first chunk.
pub(super) const HEADER: usize = seal::HEADER + PLACE;

/// Bytes before a sealed chunk: how long it is.
pub(super) const LENGTH: usize = 4;

const PLACE: usize = 4 + 32;
/// What the last chunk of a segment says.
const GOES_ON: u8 = 0;
const CLOSED: u8 = 1;

/// Where a segment stands in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: u32,
    pub(super) before: [u8; 32],
}

impl Place {
    pub(super) const FIRST: Self = Self { number: 0, before: [0; 32] };

    fn bytes(self) -> Vec<u8> {
        [self.number.to_le_bytes().as_slice(), &self.before].concat()
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let (number, before) = bytes.split_first_chunk::<4>()?;
        Some(Self { number: u32::from_le_bytes(*number), before: before.try_into().ok()? })
    }

    /// Paths have no zero byte.
    fn bound_to(self, log: &str) -> Vec<u8> {
        [log.as_bytes(), &[0], &self.bytes()].concat()
    }
}

/// The file name of a segment.
pub(super) fn name(number: u32) -> String {
    format!("{number:05}.seg")
}

/// The number a file name stands for.
pub(super) fn number(name: &str) -> Option<u32> {
    name.strip_suffix(".seg")?.parse().ok()
}

/// A segment that is written.
pub(super) struct Segment {
    pub(super) file: File,
    sealer: Sealer,
    hash: Sha256,
    index: u64,
    size: u64,
    place: Place,
    begun: Instant,
}

impl Segment {
    /// Begins a segment in an empty file.
    pub(super) fn begin(kek: &Key, ambient: &Ambient, file: File, log: &str, place: Place) -> io::Result<Self> {
        let (mut segment, header) = Self::prepare(kek, ambient, file, log, place);
        segment.put(&header)?;
        Ok(segment)
    }

    /// A segment and the header that belongs before its first chunk.
    pub(super) fn prepare(kek: &Key, ambient: &Ambient, file: File, log: &str, place: Place) -> (Self, Vec<u8>) {
        let (sealer, header) = Sealer::begin(kek, ambient, Shape::Log, &place.bound_to(log));
        let segment = Self { file, sealer, hash: Sha256::new(), index: 0, size: 0, place, begun: Instant::now() };
        (segment, [header, place.bytes()].concat())
    }

    /// Whether the next chunk, so many bytes, belongs into another segment.
    pub(super) fn is_full(&self, more: usize) -> bool {
        self.index > 0 && (self.begun.elapsed() >= OLDEST || self.size + more as u64 + 64 > LONGEST)
    }

    /// Seals a chunk where it lies, behind [`LENGTH`] bytes of room, and writes it; `chunk` is of no use afterwards.
    pub(super) fn chunk(&mut self, chunk: &mut Vec<u8>) -> io::Result<()> {
        self.write(false, chunk)
    }

    /// Marks the end; the place of the segment that may follow.
    pub(super) fn end(&mut self, is_closed: bool) -> io::Result<Place> {
        let mut said = vec![0; LENGTH];
        said.push(if is_closed { CLOSED } else { GOES_ON });
        self.write(true, &mut said)?;
        Ok(Place { number: self.place.number + 1, before: self.hash.clone().finalize().into() })
    }

    /// As if it had been begun so much earlier.
    #[cfg(test)]
    pub(super) fn make_older(&mut self, by: Duration) {
        self.begun = self.begun.checked_sub(by).unwrap_or(self.begun);
    }

    fn write(&mut self, last: bool, chunk: &mut Vec<u8>) -> io::Result<()> {
        self.sealer.seal_in_place(self.index, last, LENGTH, chunk);
        self.index += 1;
        let length = u32::try_from(chunk.len() - LENGTH).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        chunk[..LENGTH].copy_from_slice(&length.to_le_bytes());
        self.put(chunk)
    }

    /// One write, so that a crash of this process alone never tears a chunk.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }
}

/// What opens the chunks of a segment of `log`, and where the segment says it stands; nothing when its header was changed
/// or is of another log.
pub(super) fn open(kek: &Key, bytes: &[u8], log: &str) -> Option<(Place, Sealer)> {
    let (header, place) = bytes.get(..HEADER)?.split_at(seal::HEADER);
    let place = Place::of(place)?;
    Some((place, Sealer::resume(kek, header, Shape::Log, &place.bound_to(log)).ok()?))
}

/// How a segment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Another one follows.
    GoesOn,
    /// The log is over.
    Closed,
    /// It has no end.
    Torn,
}

/// What was found in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Walked {
    pub(super) end: End,
    /// Bytes before the last good chunk that could not be used.
    pub(super) lost: u64,
    /// Bytes after it.
    pub(super) tail: u64,
}

/// Gives every good chunk after the header to `take`. A damaged one is left out as long as its length tells where the next begins.
pub(super) fn walk<E>(sealer: &Sealer, mut rest: &[u8], mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<Walked, E> {
    let (mut index, mut lost, mut bad) = (0, 0, 0);
    while let Some((chunk, after)) = split(rest) {
        if after.is_empty()
            && let Ok(said) = sealer.open(index, true, chunk)
        {
            let end = if said == [CLOSED] { End::Closed } else { End::GoesOn };
            return Ok(Walked { end, lost: lost + bad, tail: 0 });
        }
        match sealer.open(index, false, chunk) {
            Ok(plain) => {
                take(&plain)?;
                (lost, bad) = (lost + bad, 0);
            }
            Err(_) => bad += (rest.len() - after.len()) as u64,
        }
        (rest, index) = (after, index + 1);
    }
    Ok(Walked { end: End::Torn, lost, tail: bad + rest.len() as u64 })
}

fn split(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| *length > 0)?;
    rest.split_at_checked(length)
}
