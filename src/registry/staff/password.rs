//! Argon2id (RFC 9106) with the parameters OWASP names as the least: 19 MiB, two passes, one lane.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{Salt, SaltString},
};
use tokio::sync::Semaphore;

use super::SignInError;
use crate::base::Pii;

/// A hash that no password has: verified for unknown names, so that they take as long as known ones.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes off the async threads, at most four at a time.
#[derive(Clone)]
pub(super) struct Passwords {
    lanes: Arc<Semaphore>,
}

impl Passwords {
    pub(super) fn new() -> Self {
        Self { lanes: Arc::new(Semaphore::new(4)) }
    }

    /// Whether `password` belongs to `hash`; without a hash it never does, and takes as long.
    pub(super) async fn verify(&self, password: &Pii<String>, hash: Option<String>) -> Result<bool, SignInError> {
        let lane = tokio::time::timeout(Duration::from_secs(5), Arc::clone(&self.lanes).acquire_owned()).await;
        let Ok(Ok(_lane)) = lane else { return Err(SignInError::Overloaded) };
        let password = password.clone();
        let checked = tokio::task::spawn_blocking(move || {
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            PasswordHash::new(&hash).is_ok_and(|hash| argon2().verify_password(password.expose().as_bytes(), &hash).is_ok())
        });
        Ok(checked.await.unwrap_or(false))
    }

    /// The form in which a password is filed.
    pub(super) async fn hash(&self, password: &Pii<String>, salt: [u8; Salt::RECOMMENDED_LENGTH]) -> String {
        let _lane = self.lanes.acquire().await;
        let password = password.clone();
        tokio::task::spawn_blocking(move || {
            let salt = SaltString::encode_b64(&salt).expect("16 bytes are a salt");
            argon2().hash_password(password.expose().as_bytes(), &salt).expect("valid parameters hash any password").to_string()
        })
        .await
        .expect("hashing does not panic")
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19 * 1024, 2, 1, None).expect("valid parameters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let passwords = Passwords::new();
        let right = Pii::new("correct horse battery".to_owned());
        let hash = passwords.hash(&right, [7; 16]).await;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify(&right, Some(hash.clone())).await.expect("a lane"));
        assert!(!passwords.verify(&Pii::new("correct horse batterz".to_owned()), Some(hash)).await.expect("a lane"));
        assert!(!passwords.verify(&right, None).await.expect("a lane"));
        assert!(!passwords.verify(&right, Some("nonsense".to_owned())).await.expect("a lane"));
    }

    #[test]
    fn nobodys_hash_is_a_real_hash() {
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
