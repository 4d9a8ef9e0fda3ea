//! The composed film: both parties side by side, both sounds mixed, H.264 and AAC in MP4. Its moment zero is the start
//! of the recording, so that a moment of the call is a place in the film.

use std::path::Path;

use ffmpeg_next::{
    self as ff, ChannelLayout, Dictionary,
    format::{Pixel, Sample, sample::Type},
};

use super::{
    Captions, Track,
    caption::Line,
    pane::{self, Pane},
    sound::{RATE, Sound},
};

/// Width and height in pixels: two panes side by side, and the line under them.
const SIZE: (u32, u32) = (1_280, 520);
/// Pictures per second.
const FRAMES: i64 = 25;
/// A whole picture every so many, which is how finely players seek.
const GROUP: u32 = 50;
/// Progress is told every so many pictures: ten seconds of the call.
const TOLD_EVERY: i64 = 250;

/// Writes the film of `parties`, the first one on the left. `opened` is called when nothing more needs to be opened,
/// `progress` with what share is done, now and then.
pub(super) fn write(parties: &[Track; 2], captions: &Captions, to: &Path, opened: fn(), mut progress: impl FnMut(f64)) -> Result<(), ff::Error> {
    let end_us = parties.iter().map(Track::end_us).max().unwrap_or(0);
    let mut output = ff::format::output_as(to, "mp4")?;
    let mut picture = Lane::new(&mut output, picture_encoder()?, (1, i32::try_from(FRAMES).unwrap_or(25)))?;
    let sound = sound_encoder()?;
    let block = usize::try_from(sound.frame_size()).unwrap_or(1_024);
    let mut sound = Lane::new(&mut output, sound, (1, i32::try_from(RATE).unwrap_or(48_000)))?;
    let mut line = Line::new(captions, SIZE.0 as usize);
    opened();
    output.write_header()?;

    let mut panes = [Pane::new(&parties[0].video)?, Pane::new(&parties[1].video)?];
    let mut sounds = [Sound::new(&parties[0].audio)?, Sound::new(&parties[1].audio)?];
    let mut samples_done = 0;
    let frames = ((end_us * FRAMES + 999_999) / 1_000_000).max(1);
    for number in 0..frames {
        if number % TOLD_EVERY == 0 {
            #[expect(clippy::cast_precision_loss, reason = "frames of some hours")]
            progress(number as f64 / frames as f64);
        }
        let mut frame = ff::frame::Video::new(Pixel::YUV420P, SIZE.0, SIZE.1);
        for (index, pane) in panes.iter_mut().enumerate() {
            pane.advance(number * 1_000_000 / FRAMES)?;
            pane.draw(&mut frame, index);
        }
        line.draw(&mut frame, pane::HEIGHT, number * 1_000_000 / FRAMES);
        frame.set_pts(Some(number));
        picture.put(&frame, &mut output)?;
        while samples_done < (number + 1) * RATE / FRAMES {
            let mut frame = mixed(&mut sounds, samples_done, block);
            frame.set_pts(Some(samples_done));
            sound.put(&frame, &mut output)?;
            samples_done += i64::try_from(block).unwrap_or(0);
        }
    }
    picture.finish(&mut output)?;
    sound.finish(&mut output)?;
    output.write_trailer()
}

fn mixed(sounds: &mut [Sound<'_>; 2], start: i64, block: usize) -> ff::frame::Audio {
    let mut mix = vec![0.0; block];
    for sound in sounds {
        sound.mix_into(start, &mut mix);
    }
    let mut frame = ff::frame::Audio::new(Sample::F32(Type::Planar), block, ChannelLayout::MONO);
    frame.set_rate(48_000);
    for (slot, sample) in frame.plane_mut::<f32>(0).iter_mut().zip(mix) {
        *slot = sample.clamp(-1.0, 1.0);
    }
    frame
}

fn picture_encoder() -> Result<ff::encoder::video::Encoder, ff::Error> {
    let codec = ff::encoder::find_by_name("libx264").ok_or(ff::Error::EncoderNotFound)?;
    let mut context = ff::codec::Context::new_with_codec(codec);
    context.set_flags(ff::codec::Flags::GLOBAL_HEADER);
    context.set_threading(ff::threading::Config::count(2));
    let mut video = context.encoder().video()?;
    video.set_width(SIZE.0);
    video.set_height(SIZE.1);
    video.set_format(Pixel::YUV420P);
    video.set_time_base((1, i32::try_from(FRAMES).unwrap_or(25)));
    video.set_frame_rate(Some((i32::try_from(FRAMES).unwrap_or(25), 1)));
    video.set_gop(GROUP);
    let mut options = Dictionary::new();
    options.set("preset", "veryfast");
    options.set("crf", "26");
    video.open_as_with(codec, options)
}

fn sound_encoder() -> Result<ff::encoder::audio::Encoder, ff::Error> {
    let codec = ff::encoder::find(ff::codec::Id::AAC).ok_or(ff::Error::EncoderNotFound)?;
    let mut context = ff::codec::Context::new_with_codec(codec);
    context.set_flags(ff::codec::Flags::GLOBAL_HEADER);
    let mut audio = context.encoder().audio()?;
    audio.set_rate(48_000);
    audio.set_channel_layout(ChannelLayout::MONO);
    audio.set_format(Sample::F32(Type::Planar));
    audio.set_bit_rate(96_000);
    audio.set_time_base((1, 48_000));
    audio.open_as(codec)
}

/// An encoder and its stream in the file.
struct Lane<E> {
    encoder: E,
    stream: usize,
    time_base: ff::Rational,
}

impl<E: std::ops::DerefMut<Target = T> + AsRef<ff::codec::Context>, T: std::ops::DerefMut<Target = ff::encoder::Encoder>> Lane<E> {
    fn new(output: &mut ff::format::context::Output, encoder: E, time_base: (i32, i32)) -> Result<Self, ff::Error> {
        let mut stream = output.add_stream(ff::codec::Id::None)?;
        stream.set_parameters(ff::codec::Parameters::from(&encoder));
        stream.set_time_base(time_base);
        Ok(Self { stream: stream.index(), encoder, time_base: time_base.into() })
    }

    fn put(&mut self, frame: &ff::Frame, output: &mut ff::format::context::Output) -> Result<(), ff::Error> {
        self.encoder.send_frame(frame)?;
        self.write(output)
    }

    fn finish(&mut self, output: &mut ff::format::context::Output) -> Result<(), ff::Error> {
        self.encoder.send_eof()?;
        self.write(output)
    }

    fn write(&mut self, output: &mut ff::format::context::Output) -> Result<(), ff::Error> {
        let mut packet = ff::Packet::empty();
        while self.encoder.receive_packet(&mut packet).is_ok() {
            packet.set_stream(self.stream);
            let time_base = output.stream(self.stream).map_or(self.time_base, |stream| stream.time_base());
            packet.rescale_ts(self.time_base, time_base);
            packet.write_interleaved(output)?;
        }
        Ok(())
    }
}
