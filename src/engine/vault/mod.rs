//! Sealed files: everything that is kept about a person is encrypted and authenticated on disk.
//!
//! Each file has its own data key, wrapped by the house's key (`<data>/keys/kek`, made at the first start, mode 0600).
//! The wrapping is bound to the file's path, so that two files cannot be exchanged; each chunk is bound to its file,
//! its place and whether it is the last, so that a file cannot be cut, reordered or changed unnoticed.
//!
//! Two shapes: a [`Vault::put`] file is written once and read in ranges; a log grows while a call runs ([`LogWriter`]), in
//! segments each of which names the hash of the one before it. A log torn by a crash is good up to its last whole chunk;
//! one that was damaged otherwise gives back what is good and says what is missing ([`LogState`]). Paths are relative; those under `recordings/` live below
//! the recordings folder, all others below the objects folder.
//!
//! Knows bytes and paths only: no dossier, no role, no meaning. Start reading at [`Vault`], then `seal.rs` for the format.
//!
//! ```no_run
//! # async fn f(vault: visavis::engine::vault::Vault) -> Result<(), visavis::engine::vault::VaultError> {
//! let filed = vault.put("captures/0190", b"a photograph".to_vec()).await?;
//! assert_eq!(vault.get(&filed.path).await?, b"a photograph");
//! # Ok(()) }
//! ```

mod file;
mod keys;
mod log;
#[cfg(test)]
mod log_tests;
mod recover;
mod seal;
mod segment;
#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

pub use log::LogWriter;
pub use recover::{LogContents, LogEnd, LogFault, LogState};

use crate::base::Ambient;

/// Paths that begin with this live below the recordings folder.
const RECORDINGS: &str = "recordings/";

/// Where the vault keeps things.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The key that wraps all others: `<keys>/kek`.
    pub keys: PathBuf,
    /// Photographs, stills and whatever else is no recording.
    pub objects: PathBuf,
    /// Recordings.
    pub recordings: PathBuf,
}

/// A file as it was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Relative path, to be kept in SQL.
    pub path: String,
    /// SHA-256 of the plain bytes, hex.
    pub sha256: String,
    /// Length of the plain bytes.
    pub size: u64,
}

/// How full a disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Of what may be used at all, rounded up.
    pub used_percent: u32,
    /// What may still be written.
    pub free_bytes: u64,
}

/// What the vault can fail with.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No such file.
    #[error("the vault holds no such file")]
    Missing,
    /// The file was cut, changed, exchanged, or sealed with another key.
    #[error("the sealed file is damaged")]
    Damaged,
    /// The path leaves the vault or holds something else than `a-z A-Z 0-9 . _ -` and `/`.
    #[error("not a path of the vault")]
    BadPath,
    /// The disk.
    #[error("the disk of the vault failed")]
    Disk(#[from] io::Error),
}

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    inside: Arc<Inside>,
}

struct Inside {
    ambient: Ambient,
    kek: seal::Key,
    folders: Folders,
}

impl Vault {
    /// Opens the vault, making its folders (0700) and its key (0600) when they are missing.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when the key file is no key, [`VaultError::Disk`] when folders cannot be made.
    pub fn open(folders: Folders, ambient: Ambient) -> Result<Self, VaultError> {
        for folder in [&folders.keys, &folders.objects, &folders.recordings] {
            file::make_folder(folder)?;
        }
        let kek = keys::open_or_make(&folders.keys, &ambient)?;
        Ok(Self { inside: Arc::new(Inside { ambient, kek, folders }) })
    }

    /// A key for one purpose outside the vault, such as signing links: the same at every start, of no use for anything
    /// else and no way back to the vault's own (HMAC-SHA256 under it, RFC 5869 §2.3 with one block).
    pub fn key_for(&self, purpose: &str) -> [u8; 32] {
        use hmac::Mac;
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&*self.inside.kek).expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[1]);
        mac.finalize().into_bytes().into()
    }

    /// Seals `bytes` as a new file in `folder` (for example `captures/<dossier>`), under a name of its own.
    ///
    /// # Errors
    /// [`VaultError::BadPath`], [`VaultError::Disk`].
    pub async fn put(&self, folder: &str, bytes: Vec<u8>) -> Result<Filed, VaultError> {
        let path = format!("{}/{}", folder.trim_end_matches('/'), hex::encode(self.inside.ambient.bytes::<16>()));
        self.blocking(move |vault| vault.write(path, &mut bytes.as_slice())).await
    }

    /// Seals everything that is left to read in `from` as the file `path`, replacing it as a whole if it was there.
    ///
    /// # Errors
    /// [`VaultError::BadPath`], [`VaultError::Disk`].
    pub async fn put_file(&self, path: &str, mut from: File) -> Result<Filed, VaultError> {
        let path = path.to_owned();
        self.blocking(move |vault| vault.write(path, &mut from)).await
    }

    /// The plain bytes of a file; all of them were checked.
    ///
    /// # Errors
    /// [`VaultError::Missing`], [`VaultError::Damaged`], [`VaultError::BadPath`], [`VaultError::Disk`].
    pub async fn get(&self, path: &str) -> Result<Vec<u8>, VaultError> {
        self.read_range(path, 0, usize::MAX).await
    }

    /// At most `len` plain bytes from byte `start`; fewer at the end of the file. What is returned was checked, and so
    /// was the end of the file.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn read_range(&self, path: &str, start: u64, len: usize) -> Result<Vec<u8>, VaultError> {
        let path = path.to_owned();
        self.blocking(move |vault| file::Sealed::open(&vault.kek, &vault.place(&path)?, &path)?.read(start, len)).await
    }

    /// Length of the plain bytes; a file cut at its end is [`VaultError::Damaged`].
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn size(&self, path: &str) -> Result<u64, VaultError> {
        let path = path.to_owned();
        self.blocking(move |vault| Ok(file::Sealed::open(&vault.kek, &vault.place(&path)?, &path)?.size())).await
    }

    /// Removes a file; whether it was there.
    ///
    /// # Errors
    /// [`VaultError::BadPath`], [`VaultError::Disk`].
    pub async fn remove(&self, path: &str) -> Result<bool, VaultError> {
        let path = path.to_owned();
        self.blocking(move |vault| match std::fs::remove_file(vault.place(&path)?) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        })
        .await
    }

    /// Starts a log that grows; `path` must be new. Its first segment is on disk when this returns.
    ///
    /// # Errors
    /// [`VaultError::BadPath`], [`VaultError::Disk`] (also when `path` exists).
    pub async fn start_log(&self, path: &str) -> Result<LogWriter, VaultError> {
        let (path, inside) = (path.to_owned(), Arc::clone(&self.inside));
        self.blocking(move |vault| {
            let folder = vault.place(&path)?;
            vault.make_parent(&folder)?;
            LogWriter::create(inside, folder, &path)
        })
        .await
    }

    /// Reads a log: every whole chunk, in order, and what is missing.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`VaultError::Damaged`] only when no segment can be read at all.
    pub async fn read_log(&self, path: &str) -> Result<LogContents, VaultError> {
        let path = path.to_owned();
        self.blocking(move |vault| {
            let mut bytes = Vec::new();
            let take = |chunk: &[u8]| {
                bytes.extend_from_slice(chunk);
                Ok(())
            };
            let state = recover::read(&vault.kek, &vault.place(&path)?, &path, take)?;
            Ok(LogContents { bytes, state })
        })
        .await
    }

    /// Whether the writer of a log has closed it, at little cost.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn is_log_closed(&self, path: &str) -> Result<bool, VaultError> {
        let path = path.to_owned();
        self.blocking(move |vault| recover::is_closed(&vault.kek, &vault.place(&path)?, &path)).await
    }

    /// Looks through a log without keeping what it holds.
    ///
    /// # Errors
    /// As [`read_log`](Self::read_log).
    pub async fn examine_log(&self, path: &str) -> Result<LogState, VaultError> {
        let path = path.to_owned();
        self.blocking(move |vault| recover::read(&vault.kek, &vault.place(&path)?, &path, |_| Ok(()))).await
    }

    /// Removes a log; whether it was there.
    ///
    /// # Errors
    /// [`VaultError::BadPath`], [`VaultError::Disk`].
    pub async fn remove_log(&self, path: &str) -> Result<bool, VaultError> {
        let path = path.to_owned();
        self.blocking(move |vault| {
            let place = vault.place(&path)?;
            // Logs of before there were segments are one file.
            let removed = if place.is_dir() { std::fs::remove_dir_all(&place) } else { std::fs::remove_file(&place) };
            match removed {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// How full the disk of the recordings is.
    ///
    /// # Errors
    /// [`VaultError::Disk`].
    pub fn disk(&self) -> Result<Disk, VaultError> {
        let stat = nix::sys::statvfs::statvfs(&self.inside.folders.recordings).map_err(io::Error::from)?;
        let (free, used) = (stat.blocks_available(), stat.blocks().saturating_sub(stat.blocks_free()));
        let percent = (used * 100).div_ceil((used + free).max(1));
        Ok(Disk { used_percent: u32::try_from(percent).unwrap_or(100), free_bytes: free * stat.fragment_size() })
    }

    /// An empty file on the disk of the recordings that has no name and is gone with its last handle: room for a child
    /// process to work in without leaving plain bytes behind.
    ///
    /// # Errors
    /// [`VaultError::Disk`].
    pub async fn scratch(&self) -> Result<File, VaultError> {
        self.blocking(move |vault| {
            let place = vault.folders.recordings.join(format!(".{}.part", hex::encode(vault.ambient.bytes::<16>())));
            let scratch = file::create_new(&place)?;
            std::fs::remove_file(&place)?;
            Ok(scratch)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Inside) -> Result<T, VaultError> + Send + 'static) -> Result<T, VaultError> {
        let inside = Arc::clone(&self.inside);
        tokio::task::spawn_blocking(move || work(&inside)).await.map_err(|gone| io::Error::other(gone.to_string()))?
    }
}

impl Inside {
    fn write(&self, path: String, from: &mut dyn io::Read) -> Result<Filed, VaultError> {
        let place = self.place(&path)?;
        self.make_parent(&place)?;
        let (sha256, size) = file::write(&self.kek, &self.ambient, &place, &path, from)?;
        Ok(Filed { path, sha256, size })
    }

    fn make_parent(&self, place: &Path) -> Result<(), VaultError> {
        Ok(file::make_folder(place.parent().unwrap_or(&self.folders.objects))?)
    }

    /// The place on disk of a relative path.
    fn place(&self, path: &str) -> Result<PathBuf, VaultError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
        let (root, rest) = match path.strip_prefix(RECORDINGS) {
            Some(rest) => (&self.folders.recordings, rest),
            None => (&self.folders.objects, path),
        };
        let inside = Path::new(rest).components().all(|part| matches!(part, Component::Normal(_)));
        if rest.is_empty() || !inside || !rest.chars().all(allowed) { Err(VaultError::BadPath) } else { Ok(root.join(rest)) }
    }
}
