//! Where things are kept.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Section `storage`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StorageSettings {
    /// Folder of the database, keys, sealed files and certificates.
    pub data: PathBuf,
    /// Folder of sealed recordings.
    pub recordings: PathBuf,
    /// `postgres://…` or `sqlite://…`; empty is `visavis.db` in the data folder.
    pub database_url: String,
}

impl Default for StorageSettings {
    fn default() -> Self {
        Self { data: "data".into(), recordings: "recordings".into(), database_url: String::new() }
    }
}

impl StorageSettings {
    /// The address of the database.
    pub fn database(&self) -> String {
        if self.database_url.is_empty() { format!("sqlite://{}", self.data.join("visavis.db").display()) } else { self.database_url.clone() }
    }

    /// Keys of the vault.
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// Sealed files.
    pub fn objects(&self) -> PathBuf {
        self.data.join("objects")
    }

    /// Certificates for the local network.
    pub fn tls(&self) -> PathBuf {
        self.data.join("tls")
    }

    /// Takes the data folder for one `serve`: a second one would end the calls of the first as if it had crashed. The lock
    /// goes with the process, however it ends.
    ///
    /// # Errors
    /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when another process has it, or the file system's.
    pub fn lock(&self, node: Option<&str>) -> std::io::Result<std::fs::File> {
        let name: String = node.unwrap_or_default().chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        let name = if name.is_empty() { "serve.lock".to_owned() } else { format!("serve-{name}.lock") };
        let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(self.data.join(name))?;
        file.try_lock()?;
        Ok(file)
    }

    /// Makes every folder that is missing, for this user alone.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn make_folders(&self) -> std::io::Result<()> {
        [self.data.clone(), self.keys(), self.objects(), self.tls(), self.recordings.clone()].iter().try_for_each(|path| private_folder(path))
    }
}

fn private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    if !path.is_dir() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}
