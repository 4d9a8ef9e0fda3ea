//! The body of a notification: RFC 8291 over RFC 8188, one record. Pure.

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Size of a record; ours is the only one and shorter.
const RECORD: u32 = 4_096;
/// Ends the last record (RFC 8188, section 2).
const LAST: u8 = 2;

/// Seals `text` for the browser of `p256dh` and `auth`, with the one-time private key and the salt that are handed in. None when one
/// of the keys is none.
pub(super) fn sealed(text: &[u8], (p256dh, auth): (&[u8], &[u8]), private: &[u8; 32], salt: &[u8; 16]) -> Option<Vec<u8>> {
    let ours = PrivateKey::from_private_key(&ECDH_P256, private).ok()?;
    let our_public = ours.compute_public_key().ok()?;
    let our_public = our_public.as_ref();
    let shared = agreement::agree(&ours, UnparsedPublicKey::new(&ECDH_P256, p256dh), (), |secret| Ok(mac(auth, &[secret]))).ok()?;
    let input = mac(&shared, &[b"WebPush: info\0", p256dh, our_public, &[1]]);
    let root = mac(salt, &[&input]);
    let key = mac(&root, &[b"Content-Encoding: aes128gcm\0", &[1]]);
    let nonce = mac(&root, &[b"Content-Encoding: nonce\0", &[1]]);

    let mut record = text.to_vec();
    record.push(LAST);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).ok()?);
    key.seal_in_place_append_tag(Nonce::try_assume_unique_for_key(&nonce[..12]).ok()?, Aad::empty(), &mut record).ok()?;

    let mut body = salt.to_vec();
    body.extend_from_slice(&RECORD.to_be_bytes());
    body.push(u8::try_from(our_public.len()).ok()?);
    body.extend_from_slice(our_public);
    body.extend_from_slice(&record);
    Some(body)
}

/// HMAC-SHA-256, which is both steps of HKDF for one block.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    }

    /// The example of RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_rfc_is_met() {
        let p256dh = bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let private = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").try_into().expect("32 bytes");
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes");
        let body = sealed(b"When I grow up, I want to be a watermelon", (&p256dh, &auth), &private, &salt).expect("sealed");
        let wanted = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(body), wanted);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let mut p256dh = bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        p256dh[40] ^= 1;
        assert_eq!(sealed(b"x", (&p256dh, &[7; 16]), &[5; 32], &[0; 16]), None, "not on the curve");
        assert_eq!(sealed(b"x", (&[4; 65], &[7; 16]), &[0; 32], &[0; 16]), None, "zero is no private key");
    }
}
