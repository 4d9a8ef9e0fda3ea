//! Where a participant's packets are also put: the recorder is one more member of the room.

use std::{sync::Arc, time::Instant};

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Opus, 48 kHz clock.
    Audio,
    /// VP8, 90 kHz clock.
    Video,
}

impl Kind {
    /// RTP clock rate in Hz (RFC 7587 §4.1, RFC 7741 §4.1).
    pub fn clock_rate(self) -> u32 {
        match self {
            Self::Audio => 48_000,
            Self::Video => 90_000,
        }
    }
}

/// One received RTP packet, decrypted, repaired packets included; may be out of order or twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// When it was received.
    pub at: Instant,
    /// Sound or picture.
    pub kind: Kind,
    /// Payload type of the sender's leg.
    pub payload_type: u8,
    /// The payload carries earlier sounds once more ([`Redundant`](super::Redundant)).
    pub is_red: bool,
    /// End of a picture, or start of a talk spurt.
    pub marker: bool,
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP timestamp.
    pub timestamp: u32,
    /// RTP source.
    pub ssrc: u32,
    /// RTP payload.
    pub payload: Arc<[u8]>,
}

/// What a sender report says (RFC 3550 §6.4.1): this instant of the sender's clock is this RTP timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// When it was received.
    pub at: Instant,
    /// RTP source.
    pub ssrc: u32,
    /// The sender's wall clock, microseconds since 1970.
    pub sender_us: u64,
    /// The same instant as RTP timestamp.
    pub timestamp: u32,
}

/// Takes what one participant sends. Called on the media thread: must not block.
pub trait Tape: Send {
    /// Takes a packet.
    fn packet(&mut self, packet: &Packet);
    /// Takes a sender report.
    fn report(&mut self, report: &Report);
    /// Whether it can no longer record; the call should then end.
    fn is_broken(&self) -> bool;
}

/// A recorder for one participant, ready to take the first packet.
pub type Tap = Box<dyn Tape>;

/// What an observer sends is kept nowhere: it sends nothing.
pub(super) struct NoTape;

impl Tape for NoTape {
    fn packet(&mut self, _: &Packet) {}
    fn report(&mut self, _: &Report) {}
    fn is_broken(&self) -> bool {
        false
    }
}
