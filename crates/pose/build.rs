//! Cuts the two networks out of the pinned npm package, its hash checked before and theirs after.

#![allow(clippy::disallowed_methods, reason = "cargo speaks to a build script through its environment")]
#![allow(clippy::cast_possible_truncation, reason = "the network is one of single precision")]

use std::{env, fmt::Write, fs, path::Path};

use sha2::{Digest, Sha256};

const PACKAGE: &str = "node_modules/@mediapipe/face_mesh/face_mesh_solution_packed_assets.data";
const PACKAGE_SHA256: &str = "dbe5905c582c0462cdaea17e7e6ecea92edaa8cccc515c5e2e7291f2cbb5fb99";
/// Name, first byte, byte after the last, SHA-256.
const NETWORKS: [(&str, usize, usize, &str); 2] = [
    ("face_detection_short_range.tflite", 3_757_224, 3_986_256, "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633"),
    ("face_landmark.tflite", 2_495_952, 3_737_848, "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1"),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if let Err(why) = cut().and_then(|()| take()) {
        // Cargo shows this text and nothing of a backtrace.
        println!("cargo:error=the head-pose networks are missing: {why}");
        std::process::exit(1);
    }
}

fn cut() -> Result<(), String> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?;
    let package = Path::new(&root).join("../..").join(PACKAGE);
    println!("cargo:rerun-if-changed={}", package.display());
    let bytes = fs::read(&package).map_err(|error| format!("{PACKAGE} cannot be read ({error}); run `npm ci` in the project's folder, or `make web`"))?;
    check("the npm package", &bytes, PACKAGE_SHA256)?;
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    for (name, start, end, sha256) in NETWORKS {
        let network = bytes.get(start..end).ok_or("the npm package is too short")?;
        check(name, network, sha256)?;
        fs::write(Path::new(&out).join(name), network).map_err(|error| error.to_string())?;
    }
    Ok(())
}

const RECOGNITION: &str = "node_modules/@vladmandic/face-api/model/face_recognition_model";
const RECOGNITION_SHA256: &str = "b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589";
const MANIFEST_SHA256: &str = "cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b";

/// Takes the face-recognition network over, and of its manifest how the bytes of each tensor become numbers: scale, least value
/// and count, little-endian, in the order of the file; a scale of 0 says that the numbers stand there as they are.
fn take() -> Result<(), String> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?;
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    let read = |ending: &str, sha256: &str| {
        let name = format!("{RECOGNITION}{ending}");
        let place = Path::new(&root).join("../..").join(&name);
        println!("cargo:rerun-if-changed={}", place.display());
        let bytes = fs::read(&place).map_err(|error| format!("{name} cannot be read ({error}); run `npm ci` in the project's folder, or `make web`"))?;
        check(&name, &bytes, sha256).map(|()| bytes)
    };
    let weights = read(".bin", RECOGNITION_SHA256)?;
    let manifest: serde_json::Value = serde_json::from_slice(&read("-weights_manifest.json", MANIFEST_SHA256)?).map_err(|error| error.to_string())?;
    let mut scales = Vec::new();
    for tensor in manifest[0]["weights"].as_array().ok_or("the manifest names no weights")? {
        let count: u64 = tensor["shape"].as_array().ok_or("a tensor has no shape")?.iter().filter_map(serde_json::Value::as_u64).product();
        let quantized = &tensor["quantization"];
        let number = |key: &str| quantized[key].as_f64().unwrap_or(0.0) as f32;
        scales.extend(number("scale").to_le_bytes());
        scales.extend(number("min").to_le_bytes());
        scales.extend(u32::try_from(count).map_err(|error| error.to_string())?.to_le_bytes());
    }
    fs::write(Path::new(&out).join("face_recognition_model.bin"), weights).map_err(|error| error.to_string())?;
    fs::write(Path::new(&out).join("face_recognition_model.scales"), scales).map_err(|error| error.to_string())
}

fn check(what: &str, bytes: &[u8], wanted: &str) -> Result<(), String> {
    let mut found = String::new();
    for byte in Sha256::digest(bytes) {
        write!(found, "{byte:02x}").map_err(|error| error.to_string())?;
    }
    if found == wanted { Ok(()) } else { Err(format!("{what} has SHA-256 {found}, wanted {wanted}")) }
}
