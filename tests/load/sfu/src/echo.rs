//! The limit: a bare UDP echo that opens and seals SRTP (AEAD_AES_256_GCM, RFC 7714) and does nothing else, one packet per
//! system call.

use std::net::UdpSocket;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// RTP header without extensions.
const HEADER: usize = 12;
/// Bytes a packet grows by.
const TAG: usize = 16;

/// One direction of SRTP.
pub struct Srtp {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl Srtp {
    /// A fixed key: both ends are ours.
    pub fn with(byte: u8) -> Self {
        Self { key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[byte; 32]).unwrap()), salt: [byte; 12] }
    }

    /// RFC 7714 §8.1: two zero bytes, SSRC, rollover counter (zero here), sequence number; exclusive-or the salt.
    fn nonce(&self, header: &[u8]) -> Nonce {
        let mut nonce = self.salt;
        for (at, from) in [(2, 8), (3, 9), (4, 10), (5, 11), (10, 2), (11, 3)] {
            nonce[at] ^= header[from];
        }
        Nonce::assume_unique_for_key(nonce)
    }

    /// Seals an RTP packet in place.
    pub fn seal(&self, packet: &mut Vec<u8>) {
        let (header, payload) = packet.split_at_mut(HEADER);
        let tag = self.key.seal_in_place_separate_tag(self.nonce(header), Aad::from(&*header), payload).unwrap();
        packet.extend_from_slice(tag.as_ref());
    }

    /// Opens an SRTP packet in place.
    pub fn open(&self, packet: &mut Vec<u8>) {
        let (header, payload) = packet.split_at_mut(HEADER);
        self.key.open_in_place(self.nonce(header), Aad::from(&*header), payload).unwrap();
        packet.truncate(packet.len() - TAG);
    }
}

/// Echoes until killed.
pub fn echo(ip: &str) {
    let socket = UdpSocket::bind(format!("{ip}:0")).unwrap();
    socket2::SockRef::from(&socket).set_recv_buffer_size(4 << 20).unwrap();
    println!("{}", serde_json::json!({ "ready": socket.local_addr().unwrap() }));
    let (from_client, to_client) = (Srtp::with(1), Srtp::with(2));
    let mut packet = Vec::with_capacity(2048);
    loop {
        packet.resize(2048, 0);
        let (length, from) = socket.recv_from(&mut packet).unwrap();
        packet.truncate(length);
        from_client.open(&mut packet);
        to_client.seal(&mut packet);
        socket.send_to(&packet, from).unwrap();
    }
}
