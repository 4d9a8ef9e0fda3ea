//! Who a file is about, without saying who: keyed digests of the document number and of name and birth date. By them the
//! house knows a person again across files: how often a call came to nothing, until when to pause, whether the negative
//! list names them. The key never leaves the vault's machine, so no digest leads back to a person, nor can anybody who has
//! the database alone find out whether somebody is in it.
//!
//! Start reading at [`Persons`].

mod list;
mod store;
pub mod wire;

pub use list::{ListError, REASONS, Row};

use chrono::Duration;
use hmac::{Hmac, Mac};

use crate::{
    base::{
        Ambient, Timestamp,
        db::{Db, DbError, Tx},
        id::CallId,
    },
    registry::dossier::{self, Dossier},
};

/// What is known of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum KeyKind {
    /// The number of the document.
    DocumentNumber,
    /// Name and birth date together.
    NameBirth,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::DocumentNumber, Self::NameBirth];

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::DocumentNumber => "document_number",
            Self::NameBirth => "name_birth",
        }
    }
}

impl std::str::FromStr for KeyKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(())
    }
}

/// One key of a person: nothing can be read off it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Of what.
    pub kind: KeyKind,
    /// Hex.
    pub digest: String,
}

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Persons {
    db: Db,
    ambient: Ambient,
    secret: [u8; 32],
}

impl Persons {
    /// The room; `secret` is a key for this purpose only.
    pub fn new(db: Db, ambient: Ambient, secret: [u8; 32]) -> Self {
        Self { db, ambient, secret }
    }

    /// The keys of the person of a file, as far as the file knows.
    pub fn keys(&self, file: &Dossier) -> Vec<Key> {
        let text = |value: &Option<crate::base::Pii<String>>| value.as_ref().map(|value| value.expose().clone()).unwrap_or_default();
        self.keys_of(&text(&file.document_number), &text(&file.holder_name), &text(&file.birth_date))
    }

    /// The keys of who has this number, or this name and ISO birth date; an empty part gives none.
    fn keys_of(&self, number: &str, name: &str, birth_date: &str) -> Vec<Key> {
        let number: String = number.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect();
        let name = dossier::folded(name);
        let mut keys = Vec::new();
        if !number.is_empty() {
            keys.push(self.key(KeyKind::DocumentNumber, &number));
        }
        if !name.is_empty() && !birth_date.is_empty() {
            keys.push(self.key(KeyKind::NameBirth, &format!("{name}\n{birth_date}")));
        }
        keys
    }

    fn key(&self, kind: KeyKind, text: &str) -> Key {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(kind.name().as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        Key { kind, digest: hex::encode(mac.finalize().into_bytes()) }
    }

    /// Files that a call of this person came to nothing. When that happened `most` times within `window`, the person has to
    /// pause: until when.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn tried(&self, tx: &mut Tx, file: &Dossier, call: CallId, limit: Limit) -> Result<Option<Timestamp>, DbError> {
        let now = self.ambient.now();
        let mut until = None;
        for key in self.keys(file) {
            store::insert_try(tx, &key.digest, call, now).await?;
            if store::tries_since(tx, &key.digest, now - limit.window).await? >= i64::from(limit.most) {
                store::pause(tx, &key.digest, now + limit.pause).await?;
                until = Some(now + limit.pause);
            }
        }
        Ok(until)
    }

    /// Until when the person of a file has to pause, if that lies ahead.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn paused_until(&self, file: &Dossier) -> Result<Option<Timestamp>, DbError> {
        let mut latest = None;
        for key in self.keys(file) {
            latest = latest.max(store::paused_until(&self.db, &key.digest).await?);
        }
        Ok(latest.filter(|until| *until > self.ambient.now()))
    }
}

/// How often in a row something may come to nothing, and how long to pause then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// So many tries.
    pub most: u32,
    /// Within this time.
    pub window: Duration,
    /// Then pause so long.
    pub pause: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn persons(secret: u8) -> (tempfile::TempDir, Persons) {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite://{}", folder.path().join("p.db").display())).await.expect("a database");
        (folder, Persons::new(db, Ambient::system(), [secret; 32]))
    }

    #[tokio::test]
    async fn a_person_is_known_again_however_the_number_is_written_and_only_with_the_key() {
        let ((_a, here), (_b, elsewhere)) = (persons(1).await, persons(2).await);
        let keys = here.keys_of("079-203 001 234", "NGUYỄN Thị  Đẹp", "1990-02-03");
        assert_eq!(keys, here.keys_of("079203001234", "nguyen thi dep", "1990-02-03"));
        assert_eq!(keys.iter().map(|key| key.kind).collect::<Vec<_>>(), KeyKind::ALL);
        assert_ne!(keys, elsewhere.keys_of("079203001234", "nguyen thi dep", "1990-02-03"), "another house knows nobody by these digests");
        assert!(here.keys_of("", "nguyen thi dep", "").is_empty(), "a name alone is nobody");
        assert!(!keys[0].digest.contains("079203"));
    }
}
