//! The child process that measures heads: other people's films meet libav in here, and the pose engine looks at the
//! pictures. What is judged is judged outside.
//!
//! Standard input is the film (a file), standard output one JSON line per picture, rising.

use std::{
    io::{self, BufWriter, Write},
    os::fd::AsFd,
    path::Path,
};

use ffmpeg_next::{
    self as ff,
    format::Pixel,
    media::Type,
    software::scaling::{Context as Scaler, Flags},
};
use nix::sys::resource::{Resource, setrlimit};
use serde::{Deserialize, Serialize};

use super::{compare::compare, ff::quarter_turns};
use crate::engine::{
    pose::{self, Engine, Face, Layout, judge::Sample, judge::Shot, likeness::Likeness},
    sandbox,
};

/// Processor seconds of one child.
const CPU_SECONDS: u64 = 1_800;
/// Pictures of one film, four hours and some: what is longer is cut off.
const MOST_PICTURES: usize = 500_000;
/// Largest picture in pixels: 8K.
const MOST_PIXELS: u64 = 7_680 * 4_320;
/// Pictures are measured at no more than this on their longer side.
const LONGER_SIDE: u32 = 640;
/// Milliseconds: how much sooner than due a picture may be taken, because clocks round.
const EARLY_MS: i64 = 5;
/// Milliseconds around a window in which packets are decoded as they come.
const NEAR_MS: i64 = 1_000;
/// Bytes of packets that wait for a window; more are decoded, needed or not.
const MOST_HELD_BYTES: usize = 64 << 20;
/// Containers and raw streams of films; none that names other files.
const FORMATS: &str =
    "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mjpeg,mjpeg_2000,jpeg_pipe,avi,ivf,mpegts,mpeg,ogg,flv,asf,h264,hevc,mpegvideo,m4v,gif,apng,yuv4mpegpipe,nut";

/// What the server says on the command line.
#[derive(Debug, Clone, clap::Args)]
pub struct SightOptions {
    /// Pictures a second that are measured.
    #[arg(long, default_value_t = 10)]
    pub rate: i64,
    /// Measure only from this to that millisecond; may be given several times, rising: FROM-TO
    #[arg(long = "window", value_parser = window)]
    pub windows: Vec<(i64, i64)>,
    /// Read the features of faces instead, one picture after the other.
    #[arg(long)]
    pub faces: bool,
    /// Address space in MiB.
    #[arg(long, default_value_t = 4096)]
    pub memory_mib: u64,
}

fn window(text: &str) -> Result<(i64, i64), String> {
    let (from, to) = text.split_once('-').ok_or("FROM-TO")?;
    let milliseconds = |text: &str| text.parse::<i64>().map_err(|error| error.to_string());
    Ok((milliseconds(from)?, milliseconds(to)?))
}

/// One line of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Glimpse {
    at_ms: i64,
    print: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Seen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Seen {
    faces: u32,
    /// Yaw, pitch, roll, score, width, luma, the middle.
    face: Option<[f32; 8]>,
}

impl Glimpse {
    /// For the judge.
    pub(super) fn shot(&self) -> Shot {
        let Some(seen) = self.seen else { return Shot::Passed { at_ms: self.at_ms, fingerprint: self.print } };
        let face = seen.face.map(|[yaw, pitch, roll, score, width, luma, x, y]| Face { yaw, pitch, roll, score, width, luma, middle: [x, y] });
        Shot::Measured(Sample { at_ms: self.at_ms, sight: pose::Sight { faces: seen.faces, face, fingerprint: self.print } })
    }
}

/// The body of the hidden subcommand `sight-child`.
///
/// # Errors
/// When the input is no film.
pub fn run(options: &SightOptions) -> io::Result<()> {
    sandbox::limit(options.memory_mib)?;
    setrlimit(Resource::RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS)?;
    let likeness = options.faces.then(Likeness::new).transpose().map_err(io::Error::other)?;
    let engine = Engine::new().map_err(io::Error::other)?;
    let input = io::stdin();
    if sandbox::enclose_around(input.as_fd()).len() < 3 {
        tracing::debug!("measuring without all walls: the kernel lacks landlock or seccomp");
    }
    let mut out = BufWriter::new(io::stdout().lock());
    if let Some(mut likeness) = likeness {
        compare(&mut likeness, &mut out)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("these are no pictures that can be read: {error}")))?;
        return out.flush();
    }
    watch(options, engine, &mut out).map_err(|error| match error {
        WatchError::Film(error) => io::Error::new(io::ErrorKind::InvalidData, format!("this is no film that can be read: {error}")),
        WatchError::Io(error) => error,
    })?;
    out.flush()
}

enum WatchError {
    Film(ff::Error),
    Io(io::Error),
}

impl From<ff::Error> for WatchError {
    fn from(error: ff::Error) -> Self {
        Self::Film(error)
    }
}

impl From<io::Error> for WatchError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn watch(options: &SightOptions, engine: Engine, out: &mut dyn Write) -> Result<(), WatchError> {
    ff::init()?;
    ff::log::set_level(ff::log::Level::Fatal);
    let mut input = open()?;
    let stream = input.streams().best(Type::Video).ok_or(ff::Error::StreamNotFound)?;
    let (index, time_base) = (stream.index(), f64::from(stream.time_base()));
    let start = if stream.start_time() == i64::MIN { 0 } else { stream.start_time() };
    let rate = f64::from(stream.avg_frame_rate());
    let mut decoder = ff::codec::Context::from_parameters(stream.parameters())?.decoder().video()?;
    let mut eye = Eye {
        engine,
        lens: Lens { scaler: None, turns: quarter_turns(&stream) },
        windows: options.windows.clone(),
        every_ms: 1_000 / options.rate.clamp(1, 60),
        due_ms: 0,
        last_ms: None,
        frame_ms: if (1.0..=240.0).contains(&rate) { 1_000.0 / rate } else { 1_000.0 / 30.0 },
        pictures: 0,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "moments of a film, in milliseconds")]
    let at_ms = |timestamp: Option<i64>| timestamp.map(|timestamp| ((timestamp - start) as f64 * time_base * 1_000.0).round() as i64);
    let mut frame = ff::frame::Video::empty();
    let mut shelf = Shelf { windows: options.windows.clone(), packets: Vec::new(), bytes: 0, was_used: false };
    for (stream, packet) in input.packets() {
        if stream.index() != index {
            continue;
        }
        let moment = at_ms(packet.pts().or(packet.dts()));
        for packet in shelf.due(packet, moment) {
            // What is damaged is left out; the gap is the judge's business.
            if decoder.send_packet(&packet).is_err() {
                continue;
            }
            while decoder.receive_frame(&mut frame).is_ok() {
                if !eye.show(&frame, at_ms(frame.timestamp()), out)? {
                    return Ok(());
                }
            }
        }
        if shelf.is_over(moment) {
            break;
        }
    }
    let is_drained = decoder.send_eof().is_err();
    while !is_drained && decoder.receive_frame(&mut frame).is_ok() {
        if !eye.show(&frame, at_ms(frame.timestamp()), out)? {
            break;
        }
    }
    if eye.pictures == 0 && !shelf.was_used { Err(ff::Error::InvalidData.into()) } else { Ok(()) }
}

/// Holds packets back that nobody looks at: outside of the windows a film is decoded only as far back as the next window
/// needs, from the last key frame on.
struct Shelf {
    windows: Vec<(i64, i64)>,
    /// From the last key frame on, or from where decoding stopped.
    packets: Vec<ff::Packet>,
    bytes: usize,
    was_used: bool,
}

impl Shelf {
    /// What is to be decoded now that this packet came; pictures may be shown a little after or before their packet's moment.
    fn due(&mut self, packet: ff::Packet, at_ms: Option<i64>) -> Vec<ff::Packet> {
        if packet.is_key() {
            self.packets.clear();
            self.bytes = 0;
        }
        self.bytes += packet.size();
        self.packets.push(packet);
        let is_near = |(from, to): &(i64, i64)| at_ms.is_none_or(|at_ms| (from - NEAR_MS..=to + NEAR_MS).contains(&at_ms));
        if self.windows.is_empty() || self.bytes > MOST_HELD_BYTES || self.windows.iter().any(is_near) {
            self.bytes = 0;
            return std::mem::take(&mut self.packets);
        }
        self.was_used = true;
        Vec::new()
    }

    /// Whether nothing that comes will be looked at.
    fn is_over(&self, at_ms: Option<i64>) -> bool {
        let last = self.windows.iter().map(|(_, to)| *to).max();
        last.zip(at_ms).is_some_and(|(last, at_ms)| at_ms > last + 2 * NEAR_MS)
    }
}

/// Opens standard input by its path: only so can libav seek in it. Raw streams without times run at 30 pictures a second,
/// as browsers play them for a camera.
pub(super) fn open() -> Result<ff::format::context::Input, ff::Error> {
    let path = Path::new("/proc/self/fd/0");
    let mut options = ff::Dictionary::new();
    options.set("format_whitelist", FORMATS);
    options.set("protocol_whitelist", "file");
    options.set("framerate", "30");
    ff::format::input_with_dictionary(path, options)
}

/// Looks at pictures when they are due.
struct Eye {
    engine: Engine,
    lens: Lens,
    windows: Vec<(i64, i64)>,
    every_ms: i64,
    due_ms: i64,
    last_ms: Option<i64>,
    frame_ms: f64,
    pictures: usize,
}

impl Eye {
    /// Whether the film goes on.
    fn show(&mut self, frame: &ff::frame::Video, at_ms: Option<i64>, out: &mut dyn Write) -> Result<bool, WatchError> {
        #[expect(clippy::cast_possible_truncation, reason = "the length of one picture, in milliseconds")]
        let expected = self.last_ms.map_or(0, |last| last + self.frame_ms.round() as i64);
        // Moments rise, whatever the file says.
        let at_ms = at_ms.unwrap_or(expected).max(self.last_ms.map_or(i64::MIN, |last| last + 1));
        self.last_ms = Some(at_ms);
        self.pictures += 1;
        if self.pictures > MOST_PICTURES || u64::from(frame.width()) * u64::from(frame.height()) > MOST_PIXELS {
            return Ok(false);
        }
        if !self.windows.is_empty() {
            if self.windows.iter().all(|(_, to)| at_ms > *to) {
                return Ok(false);
            }
            if !self.windows.iter().any(|(from, to)| (*from..=*to).contains(&at_ms)) {
                return Ok(true);
            }
        }
        let mut glimpse = Glimpse { at_ms, print: fingerprint(frame), seen: None };
        if at_ms + EARLY_MS >= self.due_ms {
            self.due_ms = (at_ms + EARLY_MS).div_euclid(self.every_ms) * self.every_ms + self.every_ms;
            glimpse.seen = self.look(frame, at_ms)?;
        }
        serde_json::to_writer(&mut *out, &glimpse).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
        Ok(true)
    }

    fn look(&mut self, frame: &ff::frame::Video, at_ms: i64) -> Result<Option<Seen>, WatchError> {
        let Some((pixels, width, height)) = self.lens.picture(frame)? else { return Ok(None) };
        let sight = pose::Frame::new(&pixels, width, height, Layout::Rgb).and_then(|frame| self.engine.look(&frame, at_ms));
        let sight = sight.map_err(io::Error::other)?;
        let face = sight.face.map(|face| [face.yaw, face.pitch, face.roll, face.score, face.width, face.luma, face.middle[0], face.middle[1]]);
        Ok(Some(Seen { faces: sight.faces, face }))
    }
}

/// Makes of a decoded picture what the engine takes: RGB, upright, not larger than it needs to be.
pub(super) struct Lens {
    scaler: Option<Scaler>,
    turns: u8,
}

impl Lens {
    /// For pictures that stand as they are.
    pub(super) fn upright() -> Self {
        Self { scaler: None, turns: 0 }
    }

    pub(super) fn picture(&mut self, frame: &ff::frame::Video) -> Result<Option<(Vec<u8>, usize, usize)>, ff::Error> {
        let (width, height) = (frame.width(), frame.height());
        if width == 0 || height == 0 || frame.format() == Pixel::None {
            return Ok(None);
        }
        let (wide, high) = shrunk(width, height);
        let wanted = (frame.format(), width, height);
        let is_same = self.scaler.as_ref().is_some_and(|scaler| {
            let input = scaler.input();
            (input.format, input.width, input.height) == wanted
        });
        if !is_same {
            self.scaler = Some(Scaler::get(wanted.0, width, height, Pixel::RGB24, wide, high, Flags::FAST_BILINEAR)?);
        }
        let mut rgb = ff::frame::Video::empty();
        if let Some(scaler) = &mut self.scaler {
            scaler.run(frame, &mut rgb)?;
        }
        let (wide, high) = (wide as usize, high as usize);
        let rows = rgb.data(0).chunks(rgb.stride(0)).take(high);
        let pixels: Vec<u8> = rows.flat_map(|row| row.iter().take(wide * 3).copied()).collect();
        Ok(Some(turned(pixels, wide, high, self.turns)))
    }
}

/// The size at which a picture is measured: the same shape.
fn shrunk(width: u32, height: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= LONGER_SIDE {
        return (width, height);
    }
    let scale = |side: u32| u32::try_from(u64::from(side) * u64::from(LONGER_SIDE) / u64::from(longer)).unwrap_or(1).max(1);
    (scale(width), scale(height))
}

/// A picture turned clockwise by quarters.
fn turned(pixels: Vec<u8>, width: usize, height: usize, quarters: u8) -> (Vec<u8>, usize, usize) {
    if quarters == 0 {
        return (pixels, width, height);
    }
    let (wide, high) = if quarters == 2 { (width, height) } else { (height, width) };
    let mut upright = Vec::with_capacity(pixels.len());
    for y in 0..high {
        for x in 0..wide {
            let (from_x, from_y) = match quarters {
                1 => (y, height - 1 - x),
                2 => (width - 1 - x, height - 1 - y),
                _ => (width - 1 - y, x),
            };
            let at = (from_y * width + from_x) * 3;
            upright.extend_from_slice(&pixels[at..at + 3]);
        }
    }
    (upright, wide, high)
}

/// Equal for the same picture, of the brightness as decoded (FNV-1a over every eleventh byte).
fn fingerprint(frame: &ff::frame::Video) -> u64 {
    let rows = frame.data(0).chunks(frame.stride(0).max(1)).take(frame.height() as usize);
    let width = (frame.width() as usize).min(frame.stride(0));
    rows.flat_map(|row| row.iter().take(width).step_by(11)).fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_picture_is_upright() {
        // Two pixels wide, one high: red, green.
        let picture = vec![255, 0, 0, 0, 255, 0];
        assert_eq!(turned(picture.clone(), 2, 1, 0), (picture.clone(), 2, 1));
        assert_eq!(turned(picture.clone(), 2, 1, 1), (vec![255, 0, 0, 0, 255, 0], 1, 2));
        assert_eq!(turned(picture.clone(), 2, 1, 2), (vec![0, 255, 0, 255, 0, 0], 2, 1));
        assert_eq!(turned(picture, 2, 1, 3), (vec![0, 255, 0, 255, 0, 0], 1, 2));
    }

    #[test]
    fn large_pictures_shrink_and_keep_their_shape() {
        for (size, wanted) in
            [((640, 480), (640, 480)), ((1_920, 1_080), (640, 360)), ((1_080, 1_920), (360, 640)), ((320, 240), (320, 240)), ((8_000, 2), (640, 1))]
        {
            assert_eq!(shrunk(size.0, size.1), wanted);
        }
    }

    #[test]
    fn packets_wait_until_a_window_needs_them() {
        let mut shelf = Shelf { windows: vec![(10_000, 12_000), (40_000, 41_000)], packets: Vec::new(), bytes: 0, was_used: false };
        let packet = |number: u8, is_key: bool| {
            let mut packet = ff::Packet::copy(&[number; 10]);
            if is_key {
                packet.set_flags(ff::codec::packet::Flags::KEY);
            }
            packet
        };
        // A packet a second, a key frame every seven.
        let mut decoded = Vec::new();
        for second in 0..50_u8 {
            let at_ms = Some(i64::from(second) * 1_000);
            decoded.extend(shelf.due(packet(second, second % 7 == 0), at_ms).iter().map(|packet| packet.data().unwrap()[0]));
            if shelf.is_over(at_ms) {
                break;
            }
        }
        let wanted: Vec<u8> = (7..=13).chain(35..=42).collect();
        assert_eq!(decoded, wanted, "from the key frame before each window to its end");
        // Without moments, without windows, and beyond what may wait, everything is decoded at once.
        assert_eq!(shelf.due(packet(1, true), None).len(), 1);
        let mut open = Shelf { windows: Vec::new(), ..shelf };
        assert_eq!(open.due(packet(1, false), Some(0)).len(), 1);
        let mut full = Shelf { windows: vec![(90_000, 91_000)], bytes: MOST_HELD_BYTES, ..open };
        assert_eq!(full.due(packet(1, false), Some(0)).len(), 1);
    }

    #[test]
    fn lines_read_back() {
        let face = Some([1.5, -2.0, 0.25, 0.99, 160.0, 90.0, 320.0, 240.0]);
        for seen in [None, Some(Seen { faces: 0, face: None }), Some(Seen { faces: 1, face })] {
            let glimpse = Glimpse { at_ms: 33, print: u64::MAX, seen };
            assert_eq!(serde_json::from_str::<Glimpse>(&serde_json::to_string(&glimpse).unwrap()).unwrap(), glimpse);
        }
        assert!(window("100-2000").is_ok_and(|window| window == (100, 2_000)));
        assert!(window("100").is_err() && window("a-b").is_err());
    }
}
