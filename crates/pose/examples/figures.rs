//! Prints the engine's figures as one line of JSON: milliseconds of processor time per frame (detector and mesh), and how
//! far the angles are from MediaPipe's own.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, unreachable_pub, dead_code, reason = "a tool of the bench")]

#[path = "../tests/studio/mod.rs"]
mod studio;

use studio::{HEIGHT, Studio, WIDTH, golden_poses};
use visavis_pose::{Engine, Frame, Layout};

const ROUNDS: i64 = 1_000;

/// Seconds of processor time of this process so far.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn main() {
    let studio = Studio::open();
    let golden: Vec<[f32; 3]> = serde_json::from_str(include_str!("../tests/golden/angles.json")).unwrap();
    // Given a folder, the pictures and what is measured in them are left there for the browser's engine.
    let folder = std::env::args().nth(1);
    let mut measured = Vec::new();
    let mut apart = Vec::new();
    for ((yaw, pitch), wanted) in golden_poses().into_iter().zip(&golden) {
        let frame = studio.turned(yaw, pitch);
        let face = Engine::new().unwrap().look(&Frame::new(&frame, WIDTH, HEIGHT, Layout::Rgb).unwrap(), 0).unwrap().face.unwrap();
        if let Some(folder) = &folder {
            let rgba: Vec<u8> = frame.chunks(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
            std::fs::write(format!("{folder}/{}.rgba", measured.len()), rgba).unwrap();
        }
        measured.push([face.yaw, face.pitch, face.roll]);
        apart.extend([face.yaw - wanted[0], face.pitch - wanted[1], face.roll - wanted[2]].map(f32::abs));
    }
    apart.sort_by(f32::total_cmp);
    let frame = Frame::new(&studio.still, WIDTH, HEIGHT, Layout::Rgb).unwrap();
    let mut engine = Engine::new().unwrap();
    engine.look(&frame, 0).unwrap();
    let began = processor();
    for round in 1..=ROUNDS {
        // So far apart that the detector looks every time.
        engine.look(&frame, round * 1_000).unwrap();
    }
    let native = (processor() - began) * 1_000.0 / ROUNDS as f64;
    let figures = serde_json::json!({
        "native_ms": native,
        "measured": folder.map(|_| measured),
        "golden_median_deg": apart[apart.len() / 2],
        "golden_p95_deg": apart[apart.len() * 95 / 100],
    });
    println!("{figures}");
}
