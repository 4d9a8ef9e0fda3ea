//! One section of a session: what goes out there of what others send. Pure.

use std::sync::Arc;

use str0m::{
    media::{Mid, Pt},
    rtp::ExtensionValues,
};

use super::{
    Kind, Packet,
    red::{Redundant, Sent},
    splice::Splice,
};
use crate::engine::track::duration_us;

/// One section of a session.
pub(super) struct Leg {
    pub(super) kind: Kind,
    pub(super) mid: Mid,
    pub(super) payload_type: Option<Pt>,
    /// Payload type of sound that is sent twice, where the browser knows that.
    pub(super) red: Option<Pt>,
    pub(super) splice: Splice,
    pub(super) sent: Sent,
    /// Whose packets go out there; anybody's who is not this participant when there is nothing to choose.
    pub(super) of: Option<u8>,
}

/// A packet on its way to the others in the room.
pub(super) struct Passing {
    pub(super) packet: Packet,
    /// Sequence number with its rollovers.
    pub(super) sequence: u64,
    pub(super) extensions: ExtensionValues,
}

/// A packet as it leaves.
pub(super) struct Outgoing {
    pub(super) payload_type: Pt,
    pub(super) sequence: u64,
    pub(super) timestamp: u32,
    pub(super) marker: bool,
    pub(super) payload: Arc<[u8]>,
    pub(super) extensions: ExtensionValues,
}

impl Leg {
    /// Whether what the participant in the seat `from` sends of this kind goes out here.
    pub(super) fn takes(&self, kind: Kind, from: u8) -> bool {
        self.kind == kind && self.of.is_none_or(|of| of == from)
    }

    /// Hands on what of a packet goes out here. Sound that is sent twice stays so for a browser that knows it, unless the way is
    /// too `narrow`; others get it plain, and out of each packet also those before it that were lost on the way here.
    pub(super) fn pass(&mut self, passing: &Passing, is_narrow: bool, mut send: impl FnMut(Outgoing)) {
        let packet = &passing.packet;
        let Some(payload_type) = self.payload_type else { return };
        let Some((sequence, timestamp)) = self.splice.map(packet.ssrc, passing.sequence, packet.timestamp, packet.at) else { return };
        let redundant = packet.is_red.then(|| Redundant::parse(&packet.payload)).flatten();
        let mut outgoing =
            Outgoing { payload_type, sequence, timestamp, marker: packet.marker, payload: Arc::clone(&packet.payload), extensions: passing.extensions.clone() };
        match (redundant, self.red.filter(|_| !is_narrow)) {
            (Some(redundant), Some(red)) => {
                outgoing.payload_type = red;
                if redundant.payload_type != *payload_type {
                    outgoing.payload = redundant.called(*payload_type).into();
                }
            }
            (Some(redundant), None) => {
                self.fill(&redundant, &outgoing, &mut send);
                outgoing.payload = redundant.primary.into();
            }
            (None, _) => {}
        }
        if packet.kind == Kind::Video || self.sent.mark(sequence) {
            send(outgoing);
        }
    }

    /// Sends what is missing before a packet. Which number an earlier sound had is certain only where sounds of one length follow
    /// each other without a pause.
    fn fill(&mut self, redundant: &Redundant<'_>, newest: &Outgoing, send: &mut impl FnMut(Outgoing)) {
        let ticks = duration_us(redundant.primary).and_then(|us| u64::try_from(us * 48 / 1_000).ok());
        for earlier in redundant.earlier() {
            let is_certain = ticks.is_some_and(|ticks| u64::from(earlier.older) == ticks * earlier.places);
            if let Some(sequence) = newest.sequence.checked_sub(earlier.places).filter(|_| is_certain)
                && self.sent.fill(sequence)
            {
                send(Outgoing {
                    payload_type: newest.payload_type,
                    sequence,
                    timestamp: newest.timestamp.wrapping_sub(earlier.older),
                    marker: false,
                    payload: earlier.bytes.into(),
                    extensions: ExtensionValues::default(),
                });
            }
        }
    }
}
