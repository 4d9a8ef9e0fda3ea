//! Clips for media tests, made by Debian's ffmpeg: moving pictures in VP8, a tone in Opus, a flash and a beep at a known
//! moment; and how a film is looked at again.

use std::{path::Path, process::Command};

/// Encoded pictures (30 a second) and sounds (20 ms each).
pub struct Clip {
    pub pictures: Vec<Vec<u8>>,
    pub sounds: Vec<Vec<u8>>,
}

/// What a clip shows.
pub struct Scene {
    /// Size of the picture.
    pub size: (u32, u32),
    /// Seconds.
    pub seconds: u32,
    /// When it flashes white and beeps, in seconds, for a fifth of a second.
    pub flash_at: f32,
    /// Frequency of the beep.
    pub tone: u32,
}

/// Runs a program of the test's own and returns its standard output.
pub fn run(program: &str, args: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(args).output().unwrap_or_else(|error| panic!("{program}: {error}; install ffmpeg"));
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

impl Clip {
    pub fn make(folder: &Path, scene: &Scene) -> Self {
        let Scene { size: (width, height), seconds, flash_at, tone } = scene;
        let (ivf, ogg) = (folder.join(format!("{tone}.ivf")), folder.join(format!("{tone}.ogg")));
        let during = format!("between(t,{flash_at},{})", flash_at + 0.2);
        let pictures = format!("testsrc=size={width}x{height}:rate=30:duration={seconds},eq=brightness=-0.3,drawbox=color=white:t=fill:enable='{during}'");
        let sounds = format!("sine=frequency={tone}:sample_rate=48000:duration={seconds},volume='if({during},8,0.02)':eval=frame");
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        let vp8 = "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 600k -g 60 -auto-alt-ref 0 -lag-in-frames 0";
        let opus = "-c:a libopus -b:a 32k -frame_duration 20 -application voip";
        let make = |source: &str, codec: &str, to: &str| {
            let mut args = vec!["-v", "error", "-y", "-f", "lavfi", "-i", source];
            args.extend(codec.split(' '));
            args.push(to);
            run("ffmpeg", &args);
        };
        make(&pictures, vp8, &path(&ivf));
        make(&sounds, opus, &path(&ogg));
        Self { pictures: ivf_frames(&std::fs::read(ivf).unwrap()), sounds: ogg_packets(&std::fs::read(ogg).unwrap()) }
    }

    /// One picture as RTP payloads (RFC 7741), in order; the last one carries the marker.
    pub fn payloads(picture: &[u8]) -> Vec<Vec<u8>> {
        picture.chunks(1_100).enumerate().map(|(i, part)| [&[if i == 0 { 0x10 } else { 0 }], part].concat()).collect()
    }
}

/// The pictures of an IVF file.
pub fn ivf_frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut frames, mut rest) = (Vec::new(), &bytes[32..]);
    while rest.len() >= 12 {
        let length = u32::from_le_bytes(rest[..4].try_into().unwrap()) as usize;
        frames.push(rest[12..12 + length].to_vec());
        rest = &rest[12 + length..];
    }
    frames
}

/// RFC 3533 §6; the first two packets are headers.
fn ogg_packets(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut packets, mut open, mut rest) = (Vec::new(), Vec::new(), bytes);
    while rest.len() > 27 {
        let segments = usize::from(rest[26]);
        let (lacing, mut body) = rest[27..].split_at(segments);
        for length in lacing {
            let (part, after) = body.split_at(usize::from(*length));
            open.extend_from_slice(part);
            if *length < 255 {
                packets.push(std::mem::take(&mut open));
            }
            body = after;
        }
        rest = body;
    }
    packets.split_off(2)
}

/// A value of ffprobe, such as `format=duration` or `stream=codec_name`, all on one line.
pub fn probe(file: &Path, entries: &str) -> String {
    let out = run("ffprobe", &["-v", "error", "-show_entries", entries, "-of", "csv=p=0", file.to_str().unwrap()]);
    String::from_utf8(out).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Brightness (0…255) of a part of the picture (an ffmpeg crop), 25 times a second.
pub fn brightness(file: &Path, crop: &str) -> Vec<u8> {
    let filter = format!("fps=25,crop={crop},scale=1:1:flags=area,format=gray");
    run("ffmpeg", &["-v", "error", "-i", file.to_str().unwrap(), "-an", "-vf", &filter, "-f", "rawvideo", "-"])
}

/// Loudness (root mean square) around one tone, 50 times a second.
pub fn loudness(file: &Path, tone: u32) -> Vec<f64> {
    let filter = format!("bandpass=f={tone}:width_type=h:w=100");
    let raw = run("ffmpeg", &["-v", "error", "-i", file.to_str().unwrap(), "-vn", "-af", &filter, "-ac", "1", "-ar", "8000", "-f", "s16le", "-"]);
    let samples: Vec<f64> = raw.chunks_exact(2).map(|s| f64::from(i16::from_le_bytes([s[0], s[1]]))).collect();
    samples.chunks(160).map(|part| (part.iter().map(|s| s * s).sum::<f64>() / 160.0).sqrt()).collect()
}

/// Where a curve first rises above the middle between its lowest and its highest value, in seconds.
pub fn rise(curve: &[f64], per_second: f64) -> f64 {
    let (low, high) = curve.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    let at = curve.iter().position(|v| *v > low.midpoint(high)).unwrap();
    at as f64 / per_second
}
