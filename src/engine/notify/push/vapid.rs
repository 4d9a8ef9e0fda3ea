//! Who sends a notification: a token signed with the house's own key (RFC 8292). Pure but for the signature's randomness.

use aws_lc_rs::{
    agreement::{ECDH_P256, PrivateKey},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::seconds;
use crate::base::Timestamp;

/// A token may live for a day at most (section 2).
const LIFE_SECONDS: i64 = 12 * 3_600;

/// The house's key: made from a secret of the vault, so that it outlives restarts and is the same on all servers.
pub struct VapidKey {
    pair: EcdsaKeyPair,
    public: Vec<u8>,
}

impl VapidKey {
    /// The key of a secret; none for the one in 2^32 secrets that is none.
    pub fn of(secret: &[u8; 32]) -> Option<Self> {
        let public = PrivateKey::from_private_key(&ECDH_P256, secret).ok()?.compute_public_key().ok()?.as_ref().to_vec();
        let pair = EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, secret, &public).ok()?;
        Some(Self { pair, public })
    }

    /// What a browser is told when it is asked for permission, base64url.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.public)
    }

    /// The header `authorization` for a push service.
    pub(super) fn authorization(&self, origin: &str, contact: &str, now: Timestamp) -> Option<String> {
        let head = URL_SAFE_NO_PAD.encode(json!({ "typ": "JWT", "alg": "ES256" }).to_string());
        let claims = URL_SAFE_NO_PAD.encode(json!({ "aud": origin, "exp": seconds(now) + LIFE_SECONDS, "sub": contact }).to_string());
        let text = format!("{head}.{claims}");
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).ok()?;
        Some(format!("vapid t={text}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.as_ref()), self.public()))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn the_token_is_signed_for_one_service_and_half_a_day() {
        let key = VapidKey::of(&[7; 32]).expect("a key");
        let now = "2026-03-02T02:00:00Z".parse().expect("an instant");
        let header = key.authorization("https://push.example.net", "mailto:ident@bank.example", now).expect("signed");
        let (token, public) = header.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("two parts");
        assert_eq!(public, key.public());
        let (text, signature) = token.rsplit_once('.').expect("three parts");
        let read = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, read(public)).verify(text.as_bytes(), &read(signature)).expect("genuine");
        let claims: serde_json::Value = serde_json::from_slice(&read(text.split_once('.').expect("two parts").1)).expect("JSON");
        assert_eq!(claims, json!({ "aud": "https://push.example.net", "exp": now.timestamp() + 43_200, "sub": "mailto:ident@bank.example" }));
    }
}
