//! The other thing a measuring child does: reading the features of faces, one picture after the other. Its input is pictures in
//! JPEG, one behind the other, which libav reads as a film; its answer is one JSON line per picture.

use std::io::{self, Write};

use ffmpeg_next::{self as ff, media::Type};
use serde::{Deserialize, Serialize};

use super::sight::{Lens, open};
use crate::engine::pose::{self, Layout, likeness::Likeness};

/// Pictures of one answer.
const MOST_PICTURES: usize = 16;

/// One line of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Face {
    /// The features; none where there is no face.
    pub(super) features: Option<Vec<f32>>,
}

/// Reads the features of every picture.
pub(super) fn compare(likeness: &mut Likeness, out: &mut dyn Write) -> Result<(), ff::Error> {
    ff::init()?;
    ff::log::set_level(ff::log::Level::Fatal);
    let mut input = open()?;
    let stream = input.streams().best(Type::Video).ok_or(ff::Error::StreamNotFound)?;
    let (index, mut lens) = (stream.index(), Lens::upright());
    let mut decoder = ff::codec::Context::from_parameters(stream.parameters())?.decoder().video()?;
    let mut frame = ff::frame::Video::empty();
    let mut seen = 0;
    for (stream, packet) in input.packets() {
        if stream.index() != index {
            continue;
        }
        decoder.send_packet(&packet)?;
        while seen < MOST_PICTURES && decoder.receive_frame(&mut frame).is_ok() {
            seen += 1;
            say(likeness, &mut lens, &frame, out)?;
        }
    }
    decoder.send_eof()?;
    while seen < MOST_PICTURES && decoder.receive_frame(&mut frame).is_ok() {
        seen += 1;
        say(likeness, &mut lens, &frame, out)?;
    }
    if seen == 0 { Err(ff::Error::InvalidData) } else { Ok(()) }
}

fn say(likeness: &mut Likeness, lens: &mut Lens, frame: &ff::frame::Video, out: &mut dyn Write) -> Result<(), ff::Error> {
    let features = match lens.picture(frame)? {
        Some((pixels, width, height)) => {
            let found = pose::Frame::new(&pixels, width, height, Layout::Rgb).and_then(|frame| likeness.features(&frame));
            found.map_err(|_| ff::Error::External)?.map(|features| features.numbers().to_vec())
        }
        None => None,
    };
    let line = serde_json::to_string(&Face { features }).map_err(io::Error::from);
    line.and_then(|line| writeln!(out, "{line}")).map_err(|_| ff::Error::External)
}
