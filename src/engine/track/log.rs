//! The records of an RTP log, as bytes. Pure.
//!
//! ```text
//! record  length u32 LE (of what follows the checksum) ‖ CRC-32 u32 LE ‖ kind u8 ‖ at u64 LE ‖ body
//! kind 0  packet: RTP header of 12 bytes (RFC 3550 §5.1, without extensions) ‖ payload
//!      1  sender report: ssrc u32 ‖ sender's clock u64 (µs since 1970) ‖ RTP timestamp u32, big endian
//!      2  stream: ssrc u32 BE ‖ payload type u8 ‖ clock rate u32 BE ‖ codec name
//!      3  lost by the recorder itself: audio packets u32 BE ‖ video packets u32 BE
//! ```
//! `at` is microseconds since the start of the recording.

use std::sync::Arc;

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An RTP packet.
    Packet {
        /// Payload type.
        payload_type: u8,
        /// Marker bit.
        marker: bool,
        /// Sequence number.
        sequence: u16,
        /// RTP timestamp.
        timestamp: u32,
        /// Source.
        ssrc: u32,
        /// Payload.
        payload: Arc<[u8]>,
    },
    /// This instant of the sender's clock is this RTP timestamp.
    Report {
        /// Source.
        ssrc: u32,
        /// Sender's clock, µs since 1970.
        sender_us: u64,
        /// RTP timestamp.
        timestamp: u32,
    },
    /// What a source carries under a payload type; stands before the first such packet and again now and then.
    Stream {
        /// Source.
        ssrc: u32,
        /// Payload type.
        payload_type: u8,
        /// RTP clock in Hz.
        clock_rate: u32,
        /// `opus`, `vp8`, or `red`: Opus in packets that carry earlier ones once more (RFC 2198).
        codec: String,
    },
    /// Packets the recorder could not keep up with.
    Lost {
        /// Sound.
        audio: u32,
        /// Picture.
        video: u32,
    },
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Microseconds since the start of the recording.
    pub at_us: u64,
    /// What.
    pub entry: Entry,
}

const HEAD: usize = 8;

impl Record {
    /// Appends the bytes of the record.
    pub fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; HEAD]);
        match &self.entry {
            Entry::Packet { payload_type, marker, sequence, timestamp, ssrc, payload } => {
                self.begin(0, out);
                out.extend_from_slice(&[0x80, (payload_type & 0x7f) | if *marker { 0x80 } else { 0 }]);
                out.extend_from_slice(&sequence.to_be_bytes());
                out.extend_from_slice(&timestamp.to_be_bytes());
                out.extend_from_slice(&ssrc.to_be_bytes());
                out.extend_from_slice(payload);
            }
            Entry::Report { ssrc, sender_us, timestamp } => {
                self.begin(1, out);
                out.extend_from_slice(&ssrc.to_be_bytes());
                out.extend_from_slice(&sender_us.to_be_bytes());
                out.extend_from_slice(&timestamp.to_be_bytes());
            }
            Entry::Stream { ssrc, payload_type, clock_rate, codec } => {
                self.begin(2, out);
                out.extend_from_slice(&ssrc.to_be_bytes());
                out.push(*payload_type);
                out.extend_from_slice(&clock_rate.to_be_bytes());
                out.extend_from_slice(codec.as_bytes());
            }
            Entry::Lost { audio, video } => {
                self.begin(3, out);
                out.extend_from_slice(&audio.to_be_bytes());
                out.extend_from_slice(&video.to_be_bytes());
            }
        }
        let body = &out[start + HEAD..];
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes();
        let checksum = crc32fast::hash(body).to_le_bytes();
        out[start..start + 4].copy_from_slice(&length);
        out[start + 4..start + HEAD].copy_from_slice(&checksum);
    }

    fn begin(&self, kind: u8, out: &mut Vec<u8>) {
        out.push(kind);
        out.extend_from_slice(&self.at_us.to_le_bytes());
    }
}

/// The records in `bytes`, up to the first that is torn or damaged, and how many bytes were left over.
pub fn records(bytes: &[u8]) -> (Vec<Record>, usize) {
    let (mut rest, mut found) = (bytes, Vec::new());
    while let Some((record, after)) = next(rest) {
        found.push(record);
        rest = after;
    }
    (found, rest.len())
}

fn next(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<4>()?;
    let (body, after) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
        return None;
    }
    let (kind, body) = body.split_first()?;
    let (at, body) = body.split_first_chunk::<8>()?;
    Some((Record { at_us: u64::from_le_bytes(*at), entry: entry(*kind, body)? }, after))
}

fn entry(kind: u8, body: &[u8]) -> Option<Entry> {
    let u16_at = |at: usize| Some(u16::from_be_bytes(body.get(at..at + 2)?.try_into().ok()?));
    let u32_at = |at: usize| Some(u32::from_be_bytes(body.get(at..at + 4)?.try_into().ok()?));
    Some(match kind {
        0 => Entry::Packet {
            payload_type: body.get(1)? & 0x7f,
            marker: body.get(1)? & 0x80 != 0,
            sequence: u16_at(2)?,
            timestamp: u32_at(4)?,
            ssrc: u32_at(8)?,
            payload: body.get(12..)?.into(),
        },
        1 => Entry::Report { ssrc: u32_at(0)?, sender_us: u64::from_be_bytes(body.get(4..12)?.try_into().ok()?), timestamp: u32_at(12)? },
        2 => Entry::Stream { ssrc: u32_at(0)?, payload_type: *body.get(4)?, clock_rate: u32_at(5)?, codec: String::from_utf8(body.get(9..)?.to_vec()).ok()? },
        3 => Entry::Lost { audio: u32_at(0)?, video: u32_at(4)? },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_entry() -> impl Strategy<Value = Entry> {
        prop_oneof![
            (0_u8..128, any::<bool>(), any::<u16>(), any::<u32>(), any::<u32>(), proptest::collection::vec(any::<u8>(), 0..50)).prop_map(
                |(payload_type, marker, sequence, timestamp, ssrc, payload)| Entry::Packet {
                    payload_type,
                    marker,
                    sequence,
                    timestamp,
                    ssrc,
                    payload: payload.into()
                }
            ),
            (any::<u32>(), any::<u64>(), any::<u32>()).prop_map(|(ssrc, sender_us, timestamp)| Entry::Report { ssrc, sender_us, timestamp }),
            (any::<u32>(), 0_u8..128, any::<u32>()).prop_map(|(ssrc, payload_type, clock_rate)| Entry::Stream {
                ssrc,
                payload_type,
                clock_rate,
                codec: "opus".into()
            }),
            (any::<u32>(), any::<u32>()).prop_map(|(audio, video)| Entry::Lost { audio, video }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(entries in proptest::collection::vec((any::<u64>(), any_entry()), 0..20), torn in 0_usize..60) {
            let written: Vec<Record> = entries.into_iter().map(|(at_us, entry)| Record { at_us, entry }).collect();
            let mut bytes = Vec::new();
            for record in &written {
                record.write(&mut bytes);
            }
            prop_assert_eq!(records(&bytes), (written.clone(), 0));
            let (read, _) = records(&bytes[..bytes.len().saturating_sub(torn)]);
            prop_assert!(written.starts_with(&read));
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (_, left) = records(&bytes);
            prop_assert!(left <= bytes.len());
        }
    }
}
