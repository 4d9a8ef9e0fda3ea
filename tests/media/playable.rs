//! From hanging up to a file that plays, one per party: the real program's `work` process makes them of a synthetic log.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use visavis::{
    base::{Ambient, id::CallId},
    boot::{self, Engines, Settings},
    engine::{
        sfu::{Kind, Packet, Report, Tap},
        track::Captions,
    },
    journey::{
        call::wire::Party,
        recording::Recordings,
        review::wire::{RecordingState, RecordingView},
    },
    registry::dossier,
};

use super::clip::{self, Clip, ivf_frames, run};
use crate::support::{PROGRAM, process::Site, roomy};

/// Seconds of the call; `make bench-sfu` asks for ten minutes.
#[expect(clippy::disallowed_methods, reason = "who measures says from outside how long a call")]
fn length() -> u32 {
    std::env::var("VISAVIS_PLAYABLE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// Pictures of 1.5 Mbit/s with a sound every 20 ms, ten seconds that begin with a whole picture.
fn busy(folder: &Path) -> Clip {
    let quiet = Clip::make(folder, &clip::Scene { size: (160, 120), seconds: 10, flash_at: 1.0, tone: 600 });
    let ivf = folder.join("busy.ivf");
    let source = "testsrc2=size=640x480:rate=30:duration=10,noise=alls=20:allf=t";
    let mut args = vec!["-v", "error", "-y", "-f", "lavfi", "-i", source];
    args.extend(
        "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 1500k -minrate 1500k -maxrate 1500k -bufsize 500k -g 300 -auto-alt-ref 0 -lag-in-frames 0".split(' '),
    );
    args.push(ivf.to_str().unwrap());
    run("ffmpeg", &args);
    Clip { pictures: ivf_frames(&std::fs::read(ivf).unwrap()), sounds: quiet.sounds }
}

/// Puts a call of so many seconds on tape, as fast as the disk takes it.
fn tape(tap: &mut Tap, clip: &Clip, seconds: u32, start: Instant, ssrc: u32) {
    let (mut sequence, mut bytes) = (0_u16, 0);
    let pictures: Vec<Vec<Vec<u8>>> = clip.pictures.iter().map(|picture| Clip::payloads(picture)).collect();
    for millis in 0..seconds * 1_000 {
        let at = start + Duration::from_millis(millis.into());
        if millis % 20 == 0 {
            let number = millis / 20;
            let payload: std::sync::Arc<[u8]> = clip.sounds[number as usize % clip.sounds.len()].as_slice().into();
            bytes += payload.len();
            let (kind, payload_type, sequence) = (Kind::Audio, 111, (number % 65_536).try_into().unwrap());
            tap.packet(&Packet { at, kind, payload_type, is_red: false, marker: false, sequence, timestamp: number * 960, ssrc, payload });
        }
        let number = millis * 30 / 1_000;
        if millis == 0 || number != (millis - 1) * 30 / 1_000 {
            let payloads = &pictures[number as usize % pictures.len()];
            for (part, payload) in payloads.iter().enumerate() {
                sequence = sequence.wrapping_add(1);
                bytes += payload.len();
                let (marker, timestamp, payload) = (part + 1 == payloads.len(), number * 3_000, payload.as_slice().into());
                tap.packet(&Packet { at, kind: Kind::Video, payload_type: 96, is_red: false, marker, sequence, timestamp, ssrc: ssrc + 1, payload });
            }
        }
        if millis % 1_000 == 0 {
            let sender_us = 1_700_000_000_000_000 + u64::from(millis) * 1_000;
            tap.report(&Report { at, ssrc, sender_us, timestamp: millis * 48 });
            tap.report(&Report { at, ssrc: ssrc + 1, sender_us, timestamp: millis * 90 });
        }
        // The queue is made for the pace of a call, not for all of it at once.
        if bytes > 1_000_000 {
            bytes = 0;
            std::thread::sleep(Duration::from_millis(150));
        }
    }
}

async fn engines(site: &Site) -> Engines {
    let mut settings = Settings::default();
    settings.storage.data = site.folder().join("data");
    settings.storage.recordings = site.folder().join("recordings");
    boot::engines(&settings, Ambient::system(), PathBuf::from(PROGRAM)).await.unwrap()
}

/// Waits until the recording is so far; how long that took.
async fn until(recordings: &Recordings, call: CallId, began: Instant, is_so: impl Fn(&RecordingView) -> bool) -> Duration {
    let limit = Duration::from_secs(60 + u64::from(length()));
    loop {
        let view = recordings.of_call(call).await.unwrap().unwrap();
        if is_so(&view) {
            return began.elapsed();
        }
        assert!(began.elapsed() < limit && view.state != RecordingState::Failed, "{view:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_play_soon_after_hanging_up() {
    let site = Site::new();
    let _running = site.serve(&[]);
    let engines = engines(&site).await;
    let recordings = Recordings::new(engines.ambient.clone(), engines.db.clone(), engines.vault.clone(), roomy());
    let mut tx = engines.db.begin().await.unwrap();
    let begun = dossier::begin(&mut tx, &engines.ambient, "en", "UTC").await.unwrap();
    let call: CallId = engines.ambient.id();
    recordings.open(&mut tx, call, begun.dossier.id).await.unwrap();
    tx.commit().await.unwrap();
    let (clip, seconds) = (busy(site.folder()), length());
    let mut taps = [recordings.tap(call, Party::Customer).await.unwrap(), recordings.tap(call, Party::Agent).await.unwrap()];
    let start = Instant::now();
    for (tap, ssrc) in taps.iter_mut().zip([10, 20]) {
        tape(tap, &clip, seconds, start, ssrc);
    }
    // What a call had on its way to the disk when it was hung up.
    tokio::time::sleep(Duration::from_millis(400)).await;
    let hung_up = Instant::now();
    drop(taps);
    let mut tx = engines.db.begin().await.unwrap();
    recordings.stop(&mut tx, call, Captions::default(), true).await.unwrap();
    tx.commit().await.unwrap();
    let first = until(&recordings, call, hung_up, |view| view.files.iter().any(|file| file.name == "customer.webm")).await;
    let both = until(&recordings, call, hung_up, |view| view.files.iter().filter(|file| file.party.is_some()).count() == 2).await;
    for name in ["customer.webm", "agent.webm"] {
        let path = site.folder().join(name);
        std::fs::write(&path, recordings.read(call, name, 0, usize::MAX).await.unwrap()).unwrap();
        let held: f64 = clip::probe(&path, "format=duration").parse().unwrap();
        assert!((held - f64::from(seconds)).abs() < 0.2, "{name}: {held} s of {seconds}");
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size > u64::from(seconds) * 150_000, "{name}: {size} bytes");
        // Sought into the middle, a picture comes out.
        let middle = (seconds / 2).to_string();
        let picture = run(
            "ffmpeg",
            &["-v", "error", "-ss", &middle, "-i", path.to_str().unwrap(), "-frames:v", "1", "-vf", "scale=8:8,format=gray", "-f", "rawvideo", "-"],
        );
        assert_eq!(picture.len(), 64, "{name}");
    }
    let figures = serde_json::json!({ "call_s": seconds, "first_side_s": first.as_secs_f64(), "playable_s": both.as_secs_f64() });
    eprintln!("a call of {seconds} s: the customer's side plays after {:.2} s, both after {:.2} s", first.as_secs_f64(), both.as_secs_f64());
    std::fs::create_dir_all("target/bench").unwrap();
    std::fs::write("target/bench/playable.json", figures.to_string()).unwrap();
    if seconds <= 60 {
        until(&recordings, call, hung_up, |view| view.state == RecordingState::Sealed).await;
        let (status, said, _) = site.run(&["verify"], "");
        assert!(status.success() && said.contains("recordings: 1 of 1 are as they were filed") && said.contains("unbroken"), "{said}");
        engines.vault.remove(&format!("recordings/{}/{call}/film.mp4", engines.ambient.now().format("%Y/%m/%d"))).await.unwrap();
        let (status, said, _) = site.run(&["verify"], "");
        assert!(!status.success() && said.contains("film.mp4 is missing") && said.contains("recordings: 0 of 1"), "{said}");
    }
}
