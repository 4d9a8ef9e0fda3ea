//! Makes the films and stills of the tests: `studio stills FOLDER`, `studio heads FOLDER [large]` (a head on its way in each
//! direction for a browser's camera, small unless asked otherwise), or
//! `studio film FILE.mjpeg right,left,down,up [print|still|frozen|two|dark|mirrored|far|empty]` (needs ffmpeg).
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, dead_code, reason = "a tool of the tests")]

#[path = "../tests/studio/mod.rs"]
mod studio;

use std::{io::Write, process::Command};

use studio::{HEIGHT, RATE, Scene, Studio, WIDTH, film};

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[1..] {
        ["stills", folder] => stills(folder),
        ["heads", folder] => heads(folder, 320, 240),
        ["heads", folder, "large"] => heads(folder, 640, 480),
        ["film", file, order] => shoot(file, order, "plain"),
        ["film", file, order, scene] => shoot(file, order, scene),
        _ => panic!("studio stills FOLDER | studio heads FOLDER [large] | studio film FILE ORDER [SCENE]"),
    }
}

fn stills(folder: &str) {
    let studio = Studio::open();
    let save = |name: String, frame: Vec<u8>| image::save_buffer(format!("{folder}/{name}.png"), &frame, 640, 480, image::ColorType::Rgb8).unwrap();
    save("still".to_owned(), studio.still.clone());
    if std::path::Path::new("crates/pose/tests/golden/astronaut.json").exists() {
        for (place, (yaw, pitch)) in studio::golden_poses().into_iter().enumerate() {
            save(format!("{place:02}"), studio.turned(yaw, pitch));
        }
    }
}

fn heads(folder: &str, width: u32, height: u32) {
    let studio = Studio::open();
    let save = |name: &str, frame: Vec<u8>| {
        let picture = image::RgbImage::from_raw(WIDTH as u32, HEIGHT as u32, frame).unwrap();
        image::imageops::resize(&picture, width, height, image::imageops::FilterType::Triangle).save(format!("{folder}/{name}.png")).unwrap();
    };
    save("head-frontal", studio.still.clone());
    for (name, yaw, pitch) in [("left", 7.0, 0.0), ("right", -7.0, 0.0), ("down", 0.0, 6.5), ("up", 0.0, -6.5)] {
        for step in 1_u8..=4 {
            let share = f32::from(step);
            save(&format!("head-{name}-{step}"), studio.turned(yaw * share, pitch * share));
        }
    }
}

fn shoot(file: &str, order: &str, scene: &str) {
    let names = ["left", "right", "up", "down"];
    let order: Vec<&'static str> = order.split(',').map(|word| *names.iter().find(|name| **name == word).unwrap()).collect();
    let scene = match scene {
        "plain" => Scene::Plain,
        "print" => Scene::Print,
        "still" => Scene::Still,
        "frozen" => Scene::Frozen,
        "two" => Scene::Two,
        "dark" => Scene::Dark,
        "mirrored" => Scene::Mirrored,
        "far" => Scene::Far,
        "empty" => Scene::Empty,
        other => panic!("no scene {other}"),
    };
    let (studio, (keys, _)) = (Studio::open(), film(&order));
    let end = keys.last().unwrap().0;
    let mut encoder = Command::new("ffmpeg");
    encoder.args(["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &format!("{WIDTH}x{HEIGHT}"), "-r", &RATE.to_string(), "-i", "-"]);
    if file.ends_with("mjpeg") {
        encoder.args(["-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p"]);
    }
    let mut encoder = encoder.arg(file).stdin(std::process::Stdio::piped()).spawn().expect("ffmpeg is needed");
    let mut input = encoder.stdin.take().unwrap();
    for number in 0..(end * RATE as f32) as i64 {
        input.write_all(&studio.frame(&keys, scene, number as f32 / RATE as f32)).unwrap();
    }
    drop(input);
    assert!(encoder.wait().unwrap().success());
}
