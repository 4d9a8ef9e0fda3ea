//! Heads measured in films: `visavis pose` on files of several kinds, and the checks of a call on its recording.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use visavis::{
    journey::{
        call::{Who, wire::Party},
        checks::MeasuredVerdict,
    },
    registry::dossier,
};

use super::{
    clip::{Clip, ivf_frames, run},
    sealing::play,
};
use crate::support::{PROGRAM, TestHouse};

/// The film of somebody who turns right, left, down and up, made once by the pose crate's studio. Each pose is held for
/// 1.8 s with the front between them: the movements start at 2.4, 7.2, 12.0 and 16.8 s.
pub(super) fn studio_film() -> &'static Path {
    static FILM: OnceLock<PathBuf> = OnceLock::new();
    FILM.get_or_init(|| {
        let film = std::env::temp_dir().join(format!("visavis-studio-{}.mjpeg", std::process::id()));
        let studio = Path::new(PROGRAM).with_file_name("examples/studio");
        assert!(studio.exists(), "{}: build it with `cargo build -p visavis-pose --example studio`", studio.display());
        run(studio.to_str().unwrap(), &["film", film.to_str().unwrap(), "right,left,down,up"]);
        film
    })
}

/// The same film by another encoder.
fn encoded(folder: &Path, name: &str, options: &str) -> PathBuf {
    let to = folder.join(name);
    let mut args = vec!["-v", "error", "-y", "-r", "30", "-i", studio_film().to_str().unwrap()];
    args.extend(options.split(' '));
    args.push(to.to_str().unwrap());
    run("ffmpeg", &args);
    to
}

const SMALL_VP8: &str = "-vf scale=320:240 -c:v libvpx -deadline realtime -cpu-used 8 -b:v 100k -g 300 -auto-alt-ref 0 -lag-in-frames 0";

fn judged(film: &Path, expect: &str) -> Value {
    let output = Command::new(PROGRAM).args(["pose", film.to_str().unwrap(), "--expect", expect]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn films_of_any_kind_are_judged_alike() {
    let folder = tempfile::tempdir().unwrap();
    let order = "frontal,right,left,down,up";
    let films = [
        studio_film().to_owned(),
        encoded(folder.path(), "small.webm", SMALL_VP8),
        encoded(folder.path(), "odd.mp4", "-vf scale=634:358 -r 25 -c:v libx264 -preset ultrafast"),
        // Filmed with the phone on its side.
        sideways(folder.path()),
    ];
    for film in films {
        let result = judged(&film, order);
        assert_eq!(result["verdict"], "passed", "{}: {:#}", film.display(), result["steps"]);
        assert!(result["timeline"].as_array().unwrap().len() > 200 && result["calibration"]["yaw"].is_number(), "{}", film.display());
    }
    let result = judged(studio_film(), "frontal,left,right,down,up");
    assert_eq!(
        (&result["verdict"], &result["steps"][1]["reason"], &result["steps"][1]["shown"]),
        (&json!("failed"), &json!("wrong_direction"), &json!("right"))
    );
    let moment = &result["timeline"][3];
    for key in ["ms", "yaw", "pitch", "roll", "faces", "score", "width", "luma"] {
        assert!(moment[key].is_number(), "{key}: {moment}");
    }
}

/// Stored on its side, with the note to turn it that phones write.
fn sideways(folder: &Path) -> PathBuf {
    let stored = encoded(folder, "stored.mp4", "-vf transpose=1 -c:v libx264 -preset ultrafast");
    let to = folder.join("sideways.mp4");
    run("ffmpeg", &["-v", "error", "-y", "-i", stored.to_str().unwrap(), "-c", "copy", "-metadata:s:v", "rotate=90", to.to_str().unwrap()]);
    to
}

#[test]
fn what_is_no_film_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.m3u8");
    std::fs::write(&list, format!("#EXTM3U\n#EXTINF:9,\n{}\n", studio_film().display())).unwrap();
    let torn = folder.path().join("torn.mp4");
    std::fs::write(&torn, [0, 0, 0, 32, b'f', b't', b'y', b'p', b'm', b'p', b'4', b'2']).unwrap();
    for file in [list, torn, Path::new("Cargo.toml").to_owned(), folder.path().join("missing.mp4")] {
        let output = Command::new(PROGRAM).args(["pose", file.to_str().unwrap(), "--expect", "frontal"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", file.display());
        assert!(output.stdout.is_empty() && String::from_utf8_lossy(&output.stderr).starts_with("visavis: "));
    }
}

#[tokio::test]
async fn checks_are_measured_on_the_recording_and_a_contradiction_is_flagged() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.live(room.call).await;
    let small = encoded(house.folder(), "small.ivf", SMALL_VP8);
    let clip = Clip { pictures: ivf_frames(&std::fs::read(small).unwrap()), sounds: Vec::new() };
    let mut tap = house.house.recordings.tap(room.call, Party::Customer).await.unwrap();
    play(&mut tap, &clip, Instant::now(), Duration::ZERO, 10, |_| false);
    drop(tap);
    // The film turns right when left is asked: the agent lets the first pass and sees the second.
    for (wait, kind, verdict, reason) in [
        (0, "frontal", "passed", None),
        (2, "left", "passed", None),
        (4, "right", "failed", Some("not_followed")),
        (5, "down", "passed", None),
        (5, "up", "passed", None),
    ] {
        house.pass(wait);
        house.check(room.call, &lan, kind, verdict, reason).await;
    }
    house.pass(6);
    house.house.calls.hang_up(Who::Agent(lan.id), room.call).await.unwrap();
    house.work().await;

    let checks = house.house.checks.of_call(room.call).await.unwrap();
    let found: Vec<(MeasuredVerdict, Value)> =
        checks.iter().map(|check| check.measured.clone().unwrap()).map(|m| (m.verdict, m.detail["reason"].clone())).collect();
    use MeasuredVerdict::{Failed, Passed};
    let wrong = json!("wrong_direction");
    assert_eq!(found, [(Passed, Value::Null), (Failed, wrong.clone()), (Failed, wrong), (Passed, Value::Null), (Passed, Value::Null)], "{checks:#?}");
    let detail = &checks[3].measured.as_ref().unwrap().detail;
    assert!(detail["peak_deg"].as_f64().unwrap() > 15.0 && detail["held_ms"].as_i64().unwrap() > 12_000, "{detail}");

    let chief = house.supervisor("chief").await;
    let file = house.get(&format!("/api/v1/dossiers/{}?purpose=review", room.customer.id)).by(&chief).send().await.expect(200).json();
    let views = file["calls"][0]["checks"].as_array().unwrap();
    let measured = &views[1]["measured"];
    assert_eq!((&measured["verdict"], &measured["reason"], &measured["disagrees"]), (&json!("failed"), &json!("wrong_direction"), &json!(true)));
    let evidence = &views[3]["measured"]["evidence"];
    for key in ["started_ms", "entered_ms", "held_ms", "peak_deg"] {
        assert!(evidence[key].is_number(), "{key}: {evidence}");
    }
    assert!(evidence["front"]["yaw"].is_number() && evidence["quality"]["width"].as_f64().unwrap() > 80.0, "{evidence}");
    assert!(evidence["networks"].as_array().unwrap().iter().all(|hash| hash.as_str().unwrap().len() == 64) && evidence["rules"].is_string(), "{evidence}");
    assert_eq!((&views[2]["measured"]["disagrees"], &views[3]["measured"]["disagrees"]), (&json!(false), &json!(false)));
    let told = dossier::timeline(&house.house.db, room.customer.id).await.unwrap();
    assert_eq!(told.iter().filter(|entry| entry.kind == "check.disputed").count(), 1);
}

#[tokio::test]
async fn without_a_picture_nothing_is_said() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.live(room.call).await;
    house.check(room.call, &lan, "up", "passed", None).await;
    house.house.calls.hang_up(Who::Agent(lan.id), room.call).await.unwrap();
    house.work().await;
    let measured = house.house.checks.of_call(room.call).await.unwrap().remove(0).measured.unwrap();
    assert_eq!((measured.verdict, &measured.detail["reason"]), (MeasuredVerdict::Unclear, &json!("no_picture")));
}
