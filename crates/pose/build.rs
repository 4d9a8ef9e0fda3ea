//! Cuts the two networks out of the pinned npm package, its hash checked before and theirs after.

#![allow(clippy::disallowed_methods, reason = "cargo speaks to a build script through its environment")]

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
    if let Err(why) = cut() {
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

fn check(what: &str, bytes: &[u8], wanted: &str) -> Result<(), String> {
    let mut found = String::new();
    for byte in Sha256::digest(bytes) {
        write!(found, "{byte:02x}").map_err(|error| error.to_string())?;
    }
    if found == wanted { Ok(()) } else { Err(format!("{what} has SHA-256 {found}, wanted {wanted}")) }
}
