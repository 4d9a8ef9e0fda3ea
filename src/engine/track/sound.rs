//! Sounds of one party as samples on the line of time.

use std::collections::VecDeque;

use ffmpeg_next as ff;

use super::{Frame, ff::Coded};

/// Samples per second everywhere.
pub(super) const RATE: i64 = 48_000;
/// A packet that lies further from where the last one ended begins anew where it lies.
const SEAM: i64 = RATE / 20;

/// Decodes as far as it is asked.
pub(super) struct Sound<'a> {
    decoder: ff::decoder::Audio,
    packets: std::iter::Peekable<std::slice::Iter<'a, Frame>>,
    /// Decoded and not yet mixed: first sample's place, samples.
    ready: VecDeque<(i64, Vec<f32>)>,
    end: Option<i64>,
}

impl<'a> Sound<'a> {
    pub(super) fn new(packets: &'a [Frame]) -> Result<Self, ff::Error> {
        let context = ff::codec::Context::from_parameters(Coded::Opus.parameters()?)?;
        let decoder = context.decoder().audio()?;
        Ok(Self { decoder, packets: packets.iter().peekable(), ready: VecDeque::new(), end: None })
    }

    /// Adds what sounds from sample `start` on to `mix`.
    pub(super) fn mix_into(&mut self, start: i64, mix: &mut [f32]) {
        let end = start + i64::try_from(mix.len()).unwrap_or(0);
        while let Some(packet) = self.packets.next_if(|packet| place(packet) < end) {
            self.decode(packet);
        }
        for (at, samples) in &self.ready {
            for (offset, sample) in samples.iter().enumerate() {
                let place = at + i64::try_from(offset).unwrap_or(0) - start;
                if let Some(slot) = usize::try_from(place).ok().and_then(|place| mix.get_mut(place)) {
                    *slot += sample;
                }
            }
        }
        self.ready.retain(|(at, samples)| at + i64::try_from(samples.len()).unwrap_or(0) > end);
    }

    /// A packet that cannot be decoded leaves its time silent.
    fn decode(&mut self, packet: &Frame) {
        if self.decoder.send_packet(&ff::Packet::copy(&packet.bytes)).is_err() {
            return;
        }
        let mut at = self.end.filter(|end| (place(packet) - end).abs() < SEAM).unwrap_or_else(|| place(packet));
        let mut frame = ff::frame::Audio::empty();
        while self.decoder.receive_frame(&mut frame).is_ok() {
            let samples = mono(&frame);
            let length = i64::try_from(samples.len()).unwrap_or(0);
            self.ready.push_back((at, samples));
            at += length;
        }
        self.end = Some(at);
    }
}

fn place(packet: &Frame) -> i64 {
    packet.at_us * RATE / 1_000_000
}

/// The mean of the channels. libav's Opus decoders give floats, one plane per channel, or 16-bit samples.
fn mono(frame: &ff::frame::Audio) -> Vec<f32> {
    use ff::format::{Sample, sample::Type};
    match frame.format() {
        Sample::F32(Type::Planar) => {
            let planes: Vec<&[f32]> = (0..frame.planes()).map(|plane| frame.plane::<f32>(plane)).collect();
            let share = 1.0 / f32::from(u8::try_from(planes.len().max(1)).unwrap_or(1));
            (0..frame.samples()).map(|i| planes.iter().filter_map(|plane| plane.get(i)).sum::<f32>() * share).collect()
        }
        _ => Vec::new(),
    }
}
