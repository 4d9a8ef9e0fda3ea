//! One seekable WebM of one party, by copying: not a picture is decoded.

use std::path::Path;

use ffmpeg_next as ff;

use super::{Frame, Track, ff::Coded};

/// Milliseconds, as WebM counts.
const MILLIS: ff::Rational = ff::Rational(1, 1_000);

/// Writes the file; the first frame is its moment zero. `opened` is called when nothing more needs to be opened.
pub(super) fn write(track: &Track, to: &Path, opened: fn()) -> Result<(), ff::Error> {
    let start = track.start_us().unwrap_or(0);
    let mut output = ff::format::output_as(to, "webm")?;
    let (mut streams, mut frames) = (Vec::new(), Vec::new());
    if !track.video.is_empty() {
        let (width, height) = track.size;
        frames.extend(track.video.iter().map(|frame| (streams.len(), frame)));
        streams.push(Coded::Vp8 { width, height });
    }
    if !track.audio.is_empty() {
        frames.extend(track.audio.iter().map(|frame| (streams.len(), frame)));
        streams.push(Coded::Opus);
    }
    for coded in streams {
        let mut stream = output.add_stream(ff::codec::Id::None)?;
        stream.set_parameters(coded.parameters()?);
        stream.set_time_base(MILLIS);
    }
    opened();
    output.write_header()?;
    frames.sort_by_key(|(stream, frame)| (frame.at_us, *stream));
    for (stream, frame) in frames {
        packet(stream, frame, start, output.stream(stream).map(|stream| stream.time_base())).write_interleaved(&mut output)?;
    }
    output.write_trailer()
}

fn packet(stream: usize, frame: &Frame, start: i64, time_base: Option<ff::Rational>) -> ff::Packet {
    let mut packet = ff::Packet::copy(&frame.bytes);
    let at = (frame.at_us - start + 500) / 1_000;
    packet.set_stream(stream);
    packet.set_pts(Some(at));
    packet.set_dts(Some(at));
    if frame.is_whole {
        packet.set_flags(ff::packet::Flags::KEY);
    }
    packet.rescale_ts(MILLIS, time_base.unwrap_or(MILLIS));
    packet
}
