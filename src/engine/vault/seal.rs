//! The format. A header, then chunks.
//!
//! ```text
//! header  8  magic: VISFILE1 (chunks of one size) or VISLOG02 (a segment of a log: chunks as they came)
//!        16  file id, random
//!        60  data key, wrapped: nonce 12, ciphertext 32, tag 16; AAD = magic ‖ file id ‖ path (of a segment: its place, too)
//! chunk   AES-256-GCM; nonce = 4 zero bytes ‖ index (u64 BE); AAD = file id ‖ index ‖ 1 if last else 0
//! ```
//! A data key seals one file only and every index once, so a nonce never repeats under a key (NIST SP 800-38D §8).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::VaultError;
use crate::base::Ambient;

/// 256 bits, wiped when dropped.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// Bytes a chunk grows by.
pub(super) const TAG: usize = 16;
/// Bytes before the first chunk.
pub(super) const HEADER: usize = 8 + 16 + 12 + 32 + TAG;

/// What kind of file a header begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Chunks of one size, the last one shorter.
    File,
    /// Length-prefixed chunks, one segment of a log.
    Log,
}

impl Shape {
    fn magic(self) -> &'static [u8; 8] {
        match self {
            Self::File => b"VISFILE1",
            Self::Log => b"VISLOG02",
        }
    }
}

/// Seals and opens the chunks of one file.
pub(super) struct Sealer {
    cipher: LessSafeKey,
    file: [u8; 16],
}

impl Sealer {
    /// A new file that can be read only as what it is `bound_to`: its header and what seals its chunks.
    pub(super) fn begin(kek: &Key, ambient: &Ambient, shape: Shape, bound_to: &[u8]) -> (Self, Vec<u8>) {
        let file = ambient.bytes::<16>();
        let key = Zeroizing::new(ambient.bytes::<32>());
        let nonce = ambient.bytes::<12>();
        let aad = wrap_aad(shape, &file, bound_to);
        let wrapped = sealed(&cipher(kek), nonce, &aad, &*key);
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(shape.magic());
        header.extend_from_slice(&file);
        header.extend_from_slice(&nonce);
        header.extend_from_slice(&wrapped);
        (Self { cipher: cipher(&key), file }, header)
    }

    /// What opens the chunks of a file with this header.
    pub(super) fn resume(kek: &Key, header: &[u8], shape: Shape, bound_to: &[u8]) -> Result<Self, VaultError> {
        let header: &[u8; HEADER] = header.try_into().map_err(|_| VaultError::Damaged)?;
        let (magic, rest) = header.split_at(8);
        let (file, rest) = rest.split_at(16);
        let (nonce, wrapped) = rest.split_at(12);
        let file: [u8; 16] = file.try_into().map_err(|_| VaultError::Damaged)?;
        if magic != shape.magic() {
            return Err(VaultError::Damaged);
        }
        let aad = wrap_aad(shape, &file, bound_to);
        let nonce: [u8; 12] = nonce.try_into().map_err(|_| VaultError::Damaged)?;
        let plain = Zeroizing::new(opened(&cipher(kek), nonce, &aad, wrapped)?);
        let key: Key = Zeroizing::new(plain.as_slice().try_into().map_err(|_| VaultError::Damaged)?);
        Ok(Self { cipher: cipher(&key), file })
    }

    /// Seals the chunk at `index`.
    pub(super) fn seal(&self, index: u64, last: bool, plain: &[u8]) -> Vec<u8> {
        sealed(&self.cipher, nonce(index), &self.aad(index, last), plain)
    }

    /// Seals the chunk at `index` where it lies, in `bytes` behind the first `before`.
    pub(super) fn seal_in_place(&self, index: u64, last: bool, before: usize, bytes: &mut Vec<u8>) {
        seal_behind(&self.cipher, nonce(index), &self.aad(index, last), before, bytes);
    }

    /// Opens the chunk at `index`.
    pub(super) fn open(&self, index: u64, last: bool, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        opened(&self.cipher, nonce(index), &self.aad(index, last), sealed)
    }

    fn aad(&self, index: u64, last: bool) -> [u8; 25] {
        let mut aad = [0; 25];
        aad[..16].copy_from_slice(&self.file);
        aad[16..24].copy_from_slice(&index.to_be_bytes());
        aad[24] = u8::from(last);
        aad
    }
}

fn cipher(key: &Key) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &**key).expect("a key of 32 bytes is the cipher's"))
}

fn sealed(cipher: &LessSafeKey, nonce: [u8; 12], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(plain.len() + TAG);
    bytes.extend_from_slice(plain);
    seal_behind(cipher, nonce, aad, 0, &mut bytes);
    bytes
}

fn seal_behind(cipher: &LessSafeKey, nonce: [u8; 12], aad: &[u8], before: usize, bytes: &mut Vec<u8>) {
    let tag = cipher
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut bytes[before..])
        .expect("a key or a chunk is within the limits of the cipher");
    bytes.extend_from_slice(tag.as_ref());
}

fn opened(cipher: &LessSafeKey, nonce: [u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut bytes = sealed.to_vec();
    let plain = cipher.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut bytes).map_err(|_| VaultError::Damaged)?.len();
    bytes.truncate(plain);
    Ok(bytes)
}

fn nonce(index: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&index.to_be_bytes());
    nonce
}

fn wrap_aad(shape: Shape, file: &[u8; 16], bound_to: &[u8]) -> Vec<u8> {
    [shape.magic().as_slice(), file, bound_to].concat()
}
