//! What a probe sends: a picture and a sound that decode, of any size, with the moment of sending in their padding. Pure.
//!
//! The picture is one VP8 key frame of 320 × 240 (RFC 6386 §9.1; a decoder reads no further than its last partition), the
//! sound one Opus packet of silence with padding (RFC 6716 §3.2.5). Either way a player shows a still picture and hears
//! nothing, and a recording made of it is as whole or as broken as any other.

/// A grey panel on blue, 320 × 240.
const PICTURE: &str = "\
    d014009d012a4001f0000587088585888584881d820275ba13382702c6a8bcb5e70d26b9ce1a4d739c349ae7386935ce70d26b9ce1a4d70c22aa2a91\
    ad0e7f11b7af38a5a424a2dfede667fe9162138a5ca075e70d3c3aa2f2d8660a00ea934c42714b940ebce1a787545e5b0cc1401d5269884e297281d7\
    9c34f0ea8bcb61982803aa4d3109c52907066f0cc815235a1cfe20cc9769509c52d2a138a5a542714b4a84e2969509c52d2a138a5a542380feea65ea\
    b6aeac56793d6fa080007892e00000015e13b5836b800000000000";

/// Stands before the moment of sending.
const MARK: &[u8; 4] = b"VVpr";
/// Bytes of mark and moment.
const STAMP: usize = 12;
/// Largest RTP payload: leaves room for headers, SRTP and TURN below an MTU of 1280.
const LARGEST: usize = 1_100;

/// The RTP payloads (RFC 7741 §4.2, the descriptor's first byte only) of one picture grown to `bytes`, sent at `now_us`.
pub(super) fn picture(bytes: usize, now_us: u64) -> Vec<Vec<u8>> {
    let frame = hex::decode(PICTURE).unwrap_or_default();
    let size = bytes.max(frame.len());
    let grown: Vec<u8> = frame.into_iter().chain(std::iter::repeat(0)).take(size).collect();
    let chunks = grown.chunks(LARGEST - 1 - STAMP).count();
    let payload = |(part, chunk): (usize, &[u8])| {
        let mut payload = vec![if part == 0 { 0x10 } else { 0x00 }];
        payload.extend_from_slice(chunk);
        // Only behind the last byte of a picture is padding that no decoder reads.
        if part + 1 == chunks {
            stamp(&mut payload, now_us);
        }
        payload
    };
    grown.chunks(LARGEST - 1 - STAMP).enumerate().map(payload).collect()
}

/// An Opus packet of 20 ms of silence, 80 bytes, sent at `now_us`: code 3, one frame, padding.
pub(super) fn sound(now_us: u64) -> Vec<u8> {
    const PADDING: u8 = 75;
    let mut packet = vec![0xfb, 0x41, PADDING, 0xff, 0xfe];
    packet.resize(5 + usize::from(PADDING) - STAMP, 0);
    stamp(&mut packet, now_us);
    packet
}

/// When a payload was sent, if it says so.
pub(super) fn sent_at(payload: &[u8]) -> Option<u64> {
    let (rest, moment) = payload.split_last_chunk::<8>()?;
    rest.ends_with(MARK).then(|| u64::from_be_bytes(*moment))
}

fn stamp(payload: &mut Vec<u8>, now_us: u64) {
    payload.extend_from_slice(MARK);
    payload.extend_from_slice(&now_us.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_in_packets_and_tell_when_they_left() {
        for bytes in [0, 500, 1_087, 1_088, 6_250] {
            let payloads = picture(bytes, 77);
            assert!(payloads.iter().all(|payload| payload.len() <= LARGEST));
            assert_eq!(payloads.iter().map(|payload| payload.len() - 1).sum::<usize>(), bytes.max(207) + STAMP);
            assert_eq!(payloads[0][..4], [0x10, 0xd0, 0x14, 0x00], "a key frame begins");
            assert!(payloads[1..].iter().all(|payload| payload[0] == 0));
            assert_eq!(payloads.iter().filter_map(|payload| sent_at(payload)).collect::<Vec<_>>(), [77]);
        }
    }

    #[test]
    fn sounds_are_eighty_bytes_and_tell_when_they_left() {
        let packet = sound(u64::MAX);
        assert_eq!((packet.len(), sent_at(&packet)), (80, Some(u64::MAX)));
        assert_eq!(sent_at(&packet[..70]), None);
        assert_eq!(sent_at(&[]), None);
    }
}
