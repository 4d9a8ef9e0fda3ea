//! The key that wraps all others.

use std::{io, path::Path};

use zeroize::Zeroizing;

use super::{VaultError, file, seal::Key};
use crate::base::Ambient;

/// Reads `<folder>/kek` (64 hex digits), making it when it is missing. Two processes that start together agree on one.
pub(super) fn open_or_make(folder: &Path, ambient: &Ambient) -> Result<Key, VaultError> {
    let place = folder.join("kek");
    match std::fs::read_to_string(&place) {
        Ok(text) => parse(&Zeroizing::new(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(folder, &place, ambient)?;
            parse(&Zeroizing::new(std::fs::read_to_string(&place)?))
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes a new key whole under another name, then links it: the link fails if somebody else was first.
fn make(folder: &Path, place: &Path, ambient: &Ambient) -> io::Result<()> {
    use std::io::Write;
    let draft = folder.join(format!(".kek.{}.part", hex::encode(ambient.bytes::<8>())));
    let key = Zeroizing::new(ambient.bytes::<32>());
    let text = Zeroizing::new(hex::encode(*key));
    let mut file = file::create_new(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, place);
    std::fs::remove_file(&draft)?;
    file::sync_folder(folder)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn parse(text: &str) -> Result<Key, VaultError> {
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), &mut *key).map_err(|_| VaultError::Damaged)?;
    Ok(key)
}
