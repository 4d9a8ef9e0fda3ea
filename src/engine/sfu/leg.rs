//! One section of a session: what goes out there of what others send. Pure.

use std::{sync::Arc, time::Instant};

use str0m::{
    media::{Mid, Pt},
    rtp::{ExtensionValues, Vp8Descriptor, Vp8Patch},
};

use super::{
    Kind, Packet,
    even::Even,
    layers::{Fate, Layer, Pick},
    red::{Redundant, Sent},
    splice::{PictureNumbers, Splice},
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
    /// Which layer of pictures goes out.
    pub(super) pick: Pick,
    pub(super) numbers: PictureNumbers,
    pub(super) even: Even,
    /// Whether there is another layer to pick.
    pub(super) is_layered: bool,
    /// Bytes of the large layer that came for this section since they were last asked for, and when that was.
    pub(super) full_bytes: u64,
    pub(super) asked_at: Option<Instant>,
    /// As which source packets go out there.
    pub(super) sends: Option<u32>,
    /// Whose packets go out there; anybody's who is not this participant when there is nothing to choose.
    pub(super) of: Option<u8>,
}

/// What the sender says of a sound (RFC 6464): the only one of its header extensions that is passed on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Voice {
    level: Option<i8>,
    is_speech: Option<bool>,
}

impl From<&ExtensionValues> for Voice {
    fn from(said: &ExtensionValues) -> Self {
        Self { level: said.audio_level, is_speech: said.voice_activity }
    }
}

impl From<Voice> for ExtensionValues {
    fn from(voice: Voice) -> Self {
        Self { audio_level: voice.level, voice_activity: voice.is_speech, ..Self::default() }
    }
}

/// A packet on its way to the others in the room.
pub(super) struct Passing {
    pub(super) packet: Packet,
    /// Sequence number with its rollovers.
    pub(super) sequence: u64,
    pub(super) voice: Voice,
    /// Of pictures: which layer.
    pub(super) layer: Layer,
    /// Whether whoever sends it can send another layer, too.
    pub(super) is_layered: bool,
}

impl Passing {
    /// Whether a picture begins here that stands by itself.
    pub(super) fn begins_whole(&self) -> bool {
        let payload = &self.packet.payload;
        Vp8Descriptor::parse(payload).is_ok_and(|descriptor| descriptor.starts_keyframe(payload))
    }
}

/// A packet as it leaves.
pub(super) struct Outgoing {
    pub(super) payload_type: Pt,
    pub(super) sequence: u64,
    pub(super) timestamp: u32,
    pub(super) marker: bool,
    pub(super) payload: Arc<[u8]>,
    pub(super) voice: Voice,
    /// What is changed in the payload on the way out.
    pub(super) patch: Option<Vp8Patch>,
}

impl Leg {
    /// A section in which nothing goes out yet.
    pub(super) fn new(kind: Kind, mid: Mid) -> Self {
        Self {
            kind,
            mid,
            payload_type: None,
            red: None,
            splice: Splice::new(kind.clock_rate()),
            sent: Sent::default(),
            sends: None,
            pick: Pick::default(),
            numbers: PictureNumbers::default(),
            even: Even::default(),
            is_layered: false,
            full_bytes: 0,
            asked_at: None,
            of: None,
        }
    }

    /// Whether what the participant in the seat `from` sends of this kind goes out here.
    pub(super) fn takes(&self, kind: Kind, from: u8) -> bool {
        self.kind == kind && self.of.is_none_or(|of| of == from)
    }

    /// How large the large layer was since this was last asked, in bit/s.
    #[expect(clippy::cast_precision_loss, reason = "bytes of some seconds")]
    pub(super) fn full_rate(&mut self, now: Instant) -> f64 {
        let since = self.asked_at.replace(now).map_or(1.0, |last| now.saturating_duration_since(last).as_secs_f64().max(0.1));
        std::mem::take(&mut self.full_bytes) as f64 * 8.0 / since
    }

    /// Hands on what of a packet goes out here. Sound that is sent twice stays so for a browser that knows it, unless the way is
    /// too `narrow`; others get it plain, and out of each packet also those before it that were lost on the way here.
    pub(super) fn pass(&mut self, passing: &Passing, is_narrow: bool, mut send: impl FnMut(Outgoing)) {
        let packet = &passing.packet;
        let Some(payload_type) = self.payload_type else { return };
        let Some((sequence, timestamp)) = self.splice.map(packet.ssrc, passing.sequence, packet.timestamp, packet.at) else { return };
        let redundant = packet.is_red.then(|| Redundant::parse(&packet.payload)).flatten();
        let mut outgoing =
            Outgoing { payload_type, sequence, timestamp, marker: packet.marker, payload: Arc::clone(&packet.payload), voice: passing.voice, patch: None };
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
        match packet.kind {
            Kind::Video => {
                if let Some(longer) = self.even.out(&packet.payload, packet.timestamp, packet.marker, || passing.begins_whole()) {
                    outgoing.payload = longer;
                }
                outgoing.patch = self.numbers.map(packet.ssrc, &outgoing.payload);
                send(outgoing);
            }
            Kind::Audio if self.sent.mark(sequence) => send(outgoing),
            Kind::Audio => {}
        }
    }

    /// What becomes of a packet of a kind of which there may be two layers.
    pub(super) fn fate(&mut self, passing: &Passing) -> Fate {
        self.is_layered = passing.is_layered;
        if passing.layer == Layer::Full {
            self.full_bytes += passing.packet.payload.len() as u64;
        }
        self.pick.fate(passing.layer, passing.packet.at, || passing.begins_whole())
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
                    voice: Voice::default(),
                    patch: None,
                });
            }
        }
    }
}
