//! Layers of pictures, and what follows from how a participant receives: how much is asked of those who send, and which layer.

use std::time::{Duration, Instant};

use str0m::{bwe::Bitrate, media::Mid, rtp::StreamRx, stats::MediaEgressStats};

use super::{Polled, Seat};
use crate::engine::sfu::{
    Kind,
    downlink::UNCAPPED,
    layers::{self, Choice, Layer, Pick},
    offer,
};

/// How often one who looks on may have participants asked for whole pictures.
const OBSERVER_ASKS: Duration = Duration::from_secs(3);

/// What is known of one who only looks on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Observer {
    /// When participants were last asked for a whole picture for its sake.
    asked_at: Option<Instant>,
}

/// What it sends of the two layers.
#[derive(Debug, Default)]
pub(super) struct Sends {
    /// It can send both.
    pub(super) is_layered: bool,
    /// It was last told to send this one, and those above it.
    told: Layer,
    /// Which one is recorded: the large one while it comes.
    pub(super) taped: Pick,
}

/// What others are asked for its sake.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    /// Which layer it is to get.
    choice: Choice,
    /// Others were asked to send less.
    is_cap_told: bool,
}

impl Seat {
    /// Whether there is nothing to do so that pictures can be sent where layers of them come in: the stack makes no stream of its own
    /// for sections in which it only receives layers.
    pub(super) fn can_send_in_layered(&mut self, offer: &str) -> bool {
        let Some(mid) = offer::layered(offer).map(Mid::from) else { return true };
        self.sends.is_layered = true;
        let is_sending = self.rtc.media(mid).is_some_and(|media| media.direction().is_sending());
        let mut api = self.rtc.direct_api();
        if !is_sending || api.stream_tx_by_mid(mid, None).is_some() {
            return true;
        }
        let (ssrc, again) = (api.new_ssrc(), api.new_ssrc());
        api.declare_stream_tx(ssrc, Some(again), mid, None);
        false
    }

    /// Does something with the stream of a layer that comes in, if it does.
    pub(super) fn with_pictures(&mut self, layer: Layer, work: impl FnOnce(&mut StreamRx)) {
        let Some(leg) = self.legs.iter().find(|leg| leg.kind == Kind::Video) else { return };
        let rid = match layer {
            _ if !self.sends.is_layered => None,
            Layer::Full => Some(layers::FULL.into()),
            Layer::Small => Some(layers::SMALL.into()),
        };
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(leg.mid, rid) {
            work(stream);
        }
    }

    /// Which layer of the pictures goes out to it.
    pub(super) fn layer(&self) -> Layer {
        self.legs.iter().find(|leg| leg.kind == Kind::Video).map_or(Layer::Full, |leg| leg.pick.now())
    }

    /// Which layer of the pictures it is to get.
    pub(in crate::engine::sfu) fn wanted(&self) -> Layer {
        self.wishes.choice.wanted()
    }

    /// Tells the browser which layer is needed, if it does not know.
    pub(in crate::engine::sfu) fn tell_layer(&mut self, layer: Layer) {
        if self.sends.is_layered && self.sends.told != layer {
            self.sends.told = layer;
            self.say(layers::CHANNEL, layer.word());
        }
    }

    /// Somebody else sends to it now.
    pub(in crate::engine::sfu) fn forgive(&mut self) {
        self.wishes.choice.forgive();
    }

    /// Whether participants are asked for a whole picture now because this one lost its own: one who looks on has to be patient.
    pub(super) fn may_ask(&mut self, now: Instant) -> bool {
        let Some(observer) = &mut self.observer else { return true };
        let may = observer.asked_at.is_none_or(|last| now.saturating_duration_since(last) >= OBSERVER_ASKS);
        if may {
            observer.asked_at = Some(now);
        }
        may
    }

    /// Once a second: what the receiver reported of the pictures sent to it, or of the sound while there are none.
    pub(super) fn look_down(&mut self, stats: &MediaEgressStats) -> Option<Polled> {
        let kind = self.legs.iter().find(|leg| leg.mid == stats.mid)?.kind;
        if (kind == Kind::Audio) != self.downlink.is_sound_only() {
            return None;
        }
        let was_sound_only = self.downlink.is_sound_only();
        self.downlink.look(stats.timestamp, stats.loss, stats.rtt);
        if was_sound_only && !self.downlink.is_sound_only() {
            return Some(Polled::PictureLost(self.layer()));
        }
        let word = self.downlink.word();
        if stats.loss.is_some()
            && let Some(layer) = self.choose(stats.timestamp)
        {
            return Some(Polled::Wants(layer));
        }
        if self.has_small() {
            // The small layer costs the sender nothing of the large one.
            return std::mem::take(&mut self.wishes.is_cap_told).then_some(Polled::Narrow(UNCAPPED));
        }
        self.wishes.is_cap_told = word.is_some_and(|cap| cap < UNCAPPED);
        word.map(Polled::Narrow)
    }

    /// The layer it wants from now on, if that is another one.
    fn choose(&mut self, now: Instant) -> Option<Layer> {
        let cap = self.downlink.cap();
        let leg = self.legs.iter_mut().find(|leg| leg.kind == Kind::Video)?;
        if self.observer.is_some() || !leg.is_layered {
            return None;
        }
        let full = leg.full_rate(now);
        let before = self.wishes.choice.wanted();
        let wanted = self.wishes.choice.look(cap, full, leg.pick.now());
        leg.pick.want(wanted);
        (wanted != before).then_some(wanted)
    }

    /// Whether it gets the small layer, or is about to.
    fn has_small(&self) -> bool {
        let is_layered = self.legs.iter().any(|leg| leg.kind == Kind::Video && leg.is_layered);
        is_layered && (self.wishes.choice.wanted() == Layer::Small || self.layer() == Layer::Small)
    }

    /// Asks the sender for no more than so many bit/s (REMB); it is asked again every second, or forgets.
    pub(in crate::engine::sfu) fn ask_for_at_most(&mut self, bits: u64) {
        self.with_pictures(Layer::Full, |stream| stream.request_remb(Bitrate::bps(bits)));
    }
}
