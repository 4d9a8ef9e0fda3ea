//! Logs that grow while something is recorded: good up to the last whole chunk whatever happens to the process.
//!
//! A log is a folder of segments (`segment.rs`), each of at most ten seconds or 8 MiB, each with a key of its own, and each
//! naming the hash of the one before it. What breaks one segment leaves the others; `recover.rs` reads them back.

use std::{
    io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Inside, VaultError, file,
    segment::{self, LENGTH, Place, Segment},
};

/// How often the disk is asked to make things lasting, at most.
const SYNC_AFTER: Duration = Duration::from_secs(1);

/// Writes a log. Call [`tick`](Self::tick) now and then while there is nothing to write, [`close`](Self::close) at the end; dropped
/// without it the log reads as torn, but whole up to the last chunk.
pub struct LogWriter {
    next: Option<Next>,
    segment: Segment,
    /// Where a chunk is sealed, behind room for its length.
    chunk: Vec<u8>,
    synced_at: Instant,
    dirty: bool,
    /// Whether the name of the segment is not lasting yet.
    is_new: bool,
}

/// Where further segments go.
struct Next {
    vault: Arc<Inside>,
    folder: PathBuf,
    path: String,
}

impl Next {
    fn begin(&self, place: Place) -> io::Result<Segment> {
        let file = file::create_new(&self.folder.join(segment::name(place.number)))?;
        Segment::begin(&self.vault.kek, &self.vault.ambient, file, &self.path, place)
    }
}

impl LogWriter {
    /// `folder` must be new: a log is never continued.
    pub(super) fn create(vault: Arc<Inside>, folder: PathBuf, path: &str) -> Result<Self, VaultError> {
        file::make_new_folder(&folder)?;
        let next = Next { vault, folder, path: path.to_owned() };
        let segment = next.begin(Place::FIRST)?;
        segment.file.sync_all()?;
        file::sync_folder(&next.folder)?;
        file::sync_folder(next.folder.parent().unwrap_or(&next.folder))?;
        Ok(Self::with(Some(next), segment))
    }

    /// A log on a file that was opened otherwise, of one segment without a header.
    #[cfg(test)]
    pub(crate) fn on(file: std::fs::File) -> Self {
        let (kek, ambient) = (zeroize::Zeroizing::new([7; 32]), crate::base::Ambient::system());
        Self::with(None, Segment::prepare(&kek, &ambient, file, "recordings/test", Place::FIRST).0)
    }

    fn with(next: Option<Next>, segment: Segment) -> Self {
        Self { next, segment, chunk: vec![0; LENGTH], synced_at: Instant::now(), dirty: false, is_new: false }
    }

    /// Writes bytes at the end, as one chunk: they are read back together or not at all. Whoever has little at a time gathers it first.
    ///
    /// # Errors
    /// The disk's.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.chunk.truncate(LENGTH);
        self.chunk.extend_from_slice(bytes);
        if self.segment.is_full(self.chunk.len()) {
            self.go_on()?;
        }
        self.dirty = true;
        self.segment.chunk(&mut self.chunk)?;
        self.tick()
    }

    /// Makes what was written lasting, once a second.
    ///
    /// # Errors
    /// The disk's.
    pub fn tick(&mut self) -> io::Result<()> {
        if self.dirty && self.synced_at.elapsed() >= SYNC_AFTER {
            self.sync()?;
        }
        Ok(())
    }

    /// Marks the end and makes it lasting.
    ///
    /// # Errors
    /// The disk's.
    pub fn close(mut self) -> io::Result<()> {
        self.segment.end(true)?;
        self.sync()
    }

    /// As if the segment had been there for so much longer.
    #[cfg(test)]
    pub(super) fn make_older(&mut self, by: Duration) {
        self.segment.make_older(by);
    }

    /// Ends the segment and begins the next. The old one is lasting before the new one has anything.
    fn go_on(&mut self) -> io::Result<()> {
        let Some(next) = &self.next else { return Ok(()) };
        let place = self.segment.end(false)?;
        self.segment.file.sync_data()?;
        self.synced_at = Instant::now();
        self.segment = next.begin(place)?;
        self.is_new = true;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.segment.file.sync_data()?;
        if let Some(next) = self.next.as_ref().filter(|_| self.is_new) {
            file::sync_folder(&next.folder)?;
        }
        (self.dirty, self.is_new) = (false, false);
        self.synced_at = Instant::now();
        Ok(())
    }
}
