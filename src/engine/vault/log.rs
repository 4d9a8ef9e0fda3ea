//! Logs that grow while something is recorded: good up to the last whole chunk whatever happens to the process.
//!
//! After the header: `length u32 LE ‖ sealed chunk`, again and again; an empty chunk marked last closes the log.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
    time::{Duration, Instant},
};

use super::{
    VaultError, file,
    seal::{HEADER, Key, Sealer, Shape},
};
use crate::base::Ambient;

/// What is held back at most before it is sealed and written.
const FLUSH_BYTES: usize = 128 * 1024;
/// How long something is held back at most.
const FLUSH_AFTER: Duration = Duration::from_millis(300);
/// How often the disk is asked to make things lasting, at most.
const SYNC_AFTER: Duration = Duration::from_secs(1);
/// No chunk is longer than this; more is damage.
const LONGEST: usize = 16 * 1024 * 1024;

/// Writes a log. Call [`tick`](Self::tick) every 100 ms or so, [`close`](Self::close) at the end; dropped without it the
/// log reads as torn, but whole up to the last chunk.
pub struct LogWriter {
    file: File,
    sealer: Sealer,
    index: u64,
    held: Vec<u8>,
    held_since: Option<Instant>,
    synced_at: Instant,
    dirty: bool,
}

impl LogWriter {
    pub(super) fn create(kek: &Key, ambient: &Ambient, place: &Path, path: &str) -> Result<Self, VaultError> {
        let mut file = file::create_new(place)?;
        let (sealer, header) = Sealer::begin(kek, ambient, Shape::Log, path);
        file.write_all(&header)?;
        file.sync_all()?;
        file::sync_folder(place.parent().unwrap_or(Path::new(".")))?;
        Ok(Self { file, sealer, index: 0, held: Vec::new(), held_since: None, synced_at: Instant::now(), dirty: false })
    }

    /// A log on a file that was opened otherwise.
    #[cfg(test)]
    pub(crate) fn on(file: File) -> Self {
        let ambient = Ambient::system();
        let (sealer, _) = Sealer::begin(&zeroize::Zeroizing::new([7; 32]), &ambient, Shape::Log, "recordings/test");
        Self { file, sealer, index: 0, held: Vec::new(), held_since: None, synced_at: Instant::now(), dirty: false }
    }

    /// Adds bytes at the end. They are read back together or not at all.
    ///
    /// # Errors
    /// The disk's.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.held.len() + bytes.len() > FLUSH_BYTES {
            self.flush()?;
        }
        self.held.extend_from_slice(bytes);
        self.held_since.get_or_insert_with(Instant::now);
        self.tick()
    }

    /// Writes what was held back for long enough and makes it lasting once a second.
    ///
    /// # Errors
    /// The disk's.
    pub fn tick(&mut self) -> io::Result<()> {
        if self.held_since.is_some_and(|since| since.elapsed() >= FLUSH_AFTER) {
            self.flush()?;
        }
        if self.dirty && self.synced_at.elapsed() >= SYNC_AFTER {
            self.sync()?;
        }
        Ok(())
    }

    /// Writes what is left, marks the end and makes it lasting.
    ///
    /// # Errors
    /// The disk's.
    pub fn close(mut self) -> io::Result<()> {
        self.flush()?;
        self.write_chunk(true, &[])?;
        self.sync()
    }

    /// As if what is held back had been there for so much longer.
    #[cfg(test)]
    pub(super) fn make_older(&mut self, by: Duration) {
        self.held_since = self.held_since.and_then(|since| since.checked_sub(by));
    }

    fn flush(&mut self) -> io::Result<()> {
        self.held_since = None;
        if self.held.is_empty() {
            return Ok(());
        }
        let held = std::mem::take(&mut self.held);
        self.write_chunk(false, &held)
    }

    fn write_chunk(&mut self, last: bool, plain: &[u8]) -> io::Result<()> {
        let sealed = self.sealer.seal(self.index, last, plain);
        self.index += 1;
        let length = u32::try_from(sealed.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        // One write, so that a crash of this process alone never tears a chunk.
        self.file.write_all(&[length.to_le_bytes().as_slice(), &sealed].concat())?;
        self.dirty = true;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.dirty = false;
        self.synced_at = Instant::now();
        Ok(())
    }
}

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

/// What a log holds.
#[derive(Debug, Clone)]
pub struct LogContents {
    /// The appended bytes, in order.
    pub bytes: Vec<u8>,
    /// How it ended.
    pub end: LogEnd,
}

/// Reads every whole chunk.
pub(super) fn read(kek: &Key, place: &Path, path: &str) -> Result<LogContents, VaultError> {
    let mut raw = Vec::new();
    File::open(place).map_err(|error| if error.kind() == io::ErrorKind::NotFound { VaultError::Missing } else { error.into() })?.read_to_end(&mut raw)?;
    let header = raw.get(..HEADER).ok_or(VaultError::Damaged)?;
    let sealer = Sealer::resume(kek, header, Shape::Log, path)?;
    let (mut rest, mut bytes, mut index) = (&raw[HEADER..], Vec::new(), 0);
    while let Some((chunk, after)) = split_chunk(rest) {
        if sealer.open(index, true, chunk).is_ok_and(|plain| plain.is_empty()) && after.is_empty() {
            return Ok(LogContents { bytes, end: LogEnd::Closed });
        }
        let Ok(plain) = sealer.open(index, false, chunk) else { break };
        bytes.extend_from_slice(&plain);
        (rest, index) = (after, index + 1);
    }
    Ok(LogContents { bytes, end: LogEnd::Torn { unusable: rest.len() as u64 } })
}

fn split_chunk(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| *length <= LONGEST)?;
    rest.split_at_checked(length)
}
