//! Files that are written once, whole or not at all, and read in ranges.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::{
    VaultError,
    seal::{HEADER, Key, Sealer, Shape, TAG},
};
use crate::base::Ambient;

/// Plain bytes per chunk.
const CHUNK: usize = 64 * 1024;

/// Makes a folder and those above it, for us alone.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A folder that must not exist yet, for us alone.
pub(super) fn make_new_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(folder)
}

/// A new file, for us alone; an error if it exists.
pub(super) fn create_new(place: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(place)
}

/// Makes a rename or link in `folder` lasting.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Seals everything in `from`; SHA-256 (hex) and length of the plain bytes. The file appears under its name when it is
/// whole and on disk; a failed writing leaves nothing.
pub(super) fn write(kek: &Key, ambient: &Ambient, place: &Path, path: &str, from: &mut dyn Read) -> Result<(String, u64), VaultError> {
    let draft = place.with_extension(format!("{}.part", hex::encode(ambient.bytes::<8>())));
    let written = write_draft(kek, ambient, &draft, path, from).and_then(|written| {
        std::fs::rename(&draft, place)?;
        sync_folder(place.parent().unwrap_or(Path::new(".")))?;
        Ok(written)
    });
    if written.is_err() {
        // The draft may never have been made; the first error is the one that counts.
        let _ = std::fs::remove_file(&draft);
    }
    written
}

fn write_draft(kek: &Key, ambient: &Ambient, draft: &Path, path: &str, from: &mut dyn Read) -> Result<(String, u64), VaultError> {
    let (sealer, header) = Sealer::begin(kek, ambient, Shape::File, path.as_bytes());
    let mut out = io::BufWriter::with_capacity(4 * CHUNK, create_new(draft)?);
    out.write_all(&header)?;
    let (mut hash, mut size, mut index) = (Sha256::new(), 0_u64, 0_u64);
    let mut chunk = next_chunk(from)?;
    loop {
        // Only what follows tells whether a chunk is the last.
        let following = if chunk.len() < CHUNK { Vec::new() } else { next_chunk(from)? };
        let last = following.is_empty();
        hash.update(&chunk);
        size += chunk.len() as u64;
        out.write_all(&sealer.seal(index, last, &chunk))?;
        if last {
            break;
        }
        (chunk, index) = (following, index + 1);
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok((hex::encode(hash.finalize()), size))
}

fn next_chunk(from: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK);
    from.take(CHUNK as u64).read_to_end(&mut chunk)?;
    Ok(chunk)
}

/// A sealed file whose header and last chunk were checked.
pub(super) struct Sealed {
    file: File,
    sealer: Sealer,
    /// Bytes of the chunks, sealed.
    body: u64,
}

impl Sealed {
    pub(super) fn open(kek: &Key, place: &Path, path: &str) -> Result<Self, VaultError> {
        let mut file = File::open(place).map_err(|error| if error.kind() == io::ErrorKind::NotFound { VaultError::Missing } else { error.into() })?;
        let len = file.metadata()?.len();
        let body = len.checked_sub((HEADER + TAG) as u64).map(|rest| rest + TAG as u64).ok_or(VaultError::Damaged)?;
        let mut header = [0; HEADER];
        file.read_exact(&mut header)?;
        let sealer = Sealer::resume(kek, &header, Shape::File, path.as_bytes())?;
        let mut opened = Self { file, sealer, body };
        opened.chunk(opened.last())?;
        Ok(opened)
    }

    /// Length of the plain bytes.
    pub(super) fn size(&self) -> u64 {
        self.body - (self.last() + 1) * TAG as u64
    }

    /// At most `len` plain bytes from `start`.
    pub(super) fn read(&mut self, start: u64, len: usize) -> Result<Vec<u8>, VaultError> {
        let end = start.saturating_add(len as u64).min(self.size());
        let mut out = Vec::with_capacity(usize::try_from(end.saturating_sub(start)).unwrap_or(0));
        let mut at = start;
        while at < end {
            let chunk = self.chunk(at / CHUNK as u64)?;
            let from = usize::try_from(at % CHUNK as u64).unwrap_or(CHUNK);
            let until = chunk.len().min(from + usize::try_from(end - at).unwrap_or(CHUNK).min(CHUNK));
            out.extend_from_slice(chunk.get(from..until).ok_or(VaultError::Damaged)?);
            at += (until - from) as u64;
        }
        Ok(out)
    }

    fn last(&self) -> u64 {
        self.body.div_ceil((CHUNK + TAG) as u64) - 1
    }

    fn chunk(&mut self, index: u64) -> Result<Vec<u8>, VaultError> {
        let start = index * (CHUNK + TAG) as u64;
        let len = usize::try_from((self.body - start).min((CHUNK + TAG) as u64)).map_err(|_| VaultError::Damaged)?;
        let mut sealed = vec![0; len];
        self.file.seek(SeekFrom::Start(HEADER as u64 + start))?;
        self.file.read_exact(&mut sealed)?;
        self.sealer.open(index, index == self.last(), &sealed)
    }
}
