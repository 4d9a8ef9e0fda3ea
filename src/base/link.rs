//! Signed links. Pure.
//!
//! A token is an id and an HMAC-SHA256 (first 16 bytes) over what the link is for, the id and a nonce of the id's row: it opens one
//! thing, ends when the nonce changes, and cannot be made from the database without the vault's key. When it runs out is read
//! from the row.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::id::Id;

/// The key of all links of one purpose.
pub type LinkKey = [u8; 32];

const ID: usize = 16;
const MAC: usize = 16;

/// The token of something; `purpose` names what the link is for.
pub fn token<I: Id>(key: &LinkKey, purpose: &str, id: I, nonce: &str) -> String {
    let mut bytes = id.uuid().as_bytes().to_vec();
    bytes.extend_from_slice(&mac(key, purpose, id, nonce).finalize().into_bytes()[..MAC]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a token claims to open; prove it with [`is_genuine`].
pub fn claimed<I: Id>(token: &str) -> Option<I> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == ID + MAC)?;
    Some(I::from_uuid(uuid::Uuid::from_slice(&bytes[..ID]).ok()?))
}

/// Whether the token was made for this; in constant time.
pub fn is_genuine<I: Id>(key: &LinkKey, purpose: &str, token: &str, (id, nonce): (I, &str)) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
    bytes.len() == ID + MAC && bytes[..ID] == id.uuid().as_bytes()[..] && mac(key, purpose, id, nonce).verify_truncated_left(&bytes[ID..]).is_ok()
}

fn mac<I: Id>(key: &LinkKey, purpose: &str, id: I, nonce: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    mac.update(id.uuid().as_bytes());
    mac.update(nonce.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{
        Timestamp,
        id::{BookingId, time_ordered},
    };

    const FOR: &str = "visavis test link 1";

    fn booking(number: u8) -> BookingId {
        BookingId::from_uuid(time_ordered(Timestamp::from_timestamp_millis(1).expect("valid"), [number; 10]))
    }

    #[test]
    fn a_token_opens_its_own_thing_only() {
        let key = [7; 32];
        let token = token(&key, FOR, booking(1), "nonce");
        assert_eq!(token.len(), 43);
        assert_eq!(claimed(&token), Some(booking(1)));
        assert!(is_genuine(&key, FOR, &token, (booking(1), "nonce")));
        assert!(!is_genuine(&key, FOR, &token, (booking(1), "renewed")));
        assert!(!is_genuine(&key, FOR, &token, (booking(2), "nonce")));
        assert!(!is_genuine(&key, "visavis test link 2", &token, (booking(1), "nonce")));
        assert!(!is_genuine(&[8; 32], FOR, &token, (booking(1), "nonce")));
    }

    #[test]
    fn no_changed_token_is_genuine() {
        let key = [7; 32];
        let bytes = URL_SAFE_NO_PAD.decode(token(&key, FOR, booking(1), "nonce")).expect("base64");
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_genuine(&key, FOR, &URL_SAFE_NO_PAD.encode(forged), (booking(1), "nonce")), "bit {bit}");
        }
        for text in ["", "x", "%", "AAAA", &"A".repeat(43), &"A".repeat(4_000)] {
            assert!(!is_genuine(&key, FOR, text, (booking(1), "nonce")));
        }
    }
}
