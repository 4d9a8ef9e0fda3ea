//! kill -9 while a call is recorded: what was received until the last second is found, sealed and filed.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use visavis::{
    base::{Ambient, id::CallId},
    boot::{self, Engines, Settings, compose},
    engine::sfu::{Kind, Packet},
    journey::{call::wire::Party, recording::Recordings, review::wire::RecordingState},
    registry::dossier,
};

use super::clip::{self, Clip, Scene};
use crate::support::{PROGRAM, roomy};

const FOLDER: &str = "VISAVIS_TEST_CRASH_FOLDER";

fn settings(folder: &Path) -> Settings {
    let mut settings = Settings::default();
    settings.storage.data = folder.join("data");
    settings.storage.recordings = folder.join("recordings");
    settings
}

async fn engines(folder: &Path) -> Engines {
    boot::engines(&settings(folder), Ambient::system(), PathBuf::from(PROGRAM)).await.unwrap()
}

/// The body of the process that is killed: records a clip at its own pace, again and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_that_only_a_signal_ends() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let engines = engines(&folder).await;
    let recordings = Recordings::new(engines.ambient.clone(), engines.db.clone(), engines.vault.clone(), roomy());
    let mut tx = engines.db.begin().await.unwrap();
    let begun = dossier::begin(&mut tx, &engines.ambient, "en", "UTC").await.unwrap();
    let call: CallId = engines.ambient.id();
    recordings.open(&mut tx, call, begun.dossier.id).await.unwrap();
    tx.commit().await.unwrap();
    let mut tap = recordings.tap(call, Party::Customer).await.unwrap();
    let clip = Clip::make(&folder, &Scene { size: (320, 240), seconds: 2, flash_at: 1.0, tone: 500 });
    std::fs::write(folder.join("call"), call.to_string()).unwrap();
    let start = Instant::now();
    let (mut sequence, mut sounds, mut pictures) = (0_u16, 0_u32, 0_u32);
    loop {
        while Duration::from_millis(20) * sounds <= start.elapsed() {
            let payload = clip.sounds[sounds as usize % clip.sounds.len()].as_slice().into();
            let number = u16::try_from(sounds).unwrap();
            tap.packet(&Packet {
                at: Instant::now(),
                kind: Kind::Audio,
                payload_type: 111,
                is_red: false,
                marker: false,
                sequence: number,
                timestamp: sounds * 960,
                ssrc: 1,
                payload,
            });
            sounds += 1;
        }
        while Duration::from_secs(1) / 30 * pictures <= start.elapsed() {
            let payloads = Clip::payloads(&clip.pictures[pictures as usize % clip.pictures.len()]);
            for (part, payload) in payloads.iter().enumerate() {
                let marker = part + 1 == payloads.len();
                let payload = payload.as_slice().into();
                tap.packet(&Packet {
                    at: Instant::now(),
                    kind: Kind::Video,
                    payload_type: 96,
                    is_red: false,
                    marker,
                    sequence,
                    timestamp: pictures * 3_000,
                    ssrc: 2,
                    payload,
                });
                sequence += 1;
            }
            pictures += 1;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_until_the_last_second_is_sealed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "media::crash::a_recorder_that_only_a_signal_ends", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !folder.path().join("call").exists() {
        if let Some(status) = child.try_wait().unwrap() {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("the recorder ended with {status}: {said}");
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the recorder does not start");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let recorded = Instant::now();
    tokio::time::sleep(Duration::from_millis(4_300)).await;
    child.kill().unwrap();
    let lived = recorded.elapsed();
    child.wait().unwrap();

    let call: CallId = std::fs::read_to_string(folder.path().join("call")).unwrap().parse().unwrap();
    let engines = engines(folder.path()).await;
    let recordings = Recordings::new(engines.ambient.clone(), engines.db.clone(), engines.vault.clone(), roomy());
    assert_eq!(recordings.recover(&[]).await.unwrap(), 1);
    let worker = compose::worker(&settings(folder.path()), &engines).unwrap();
    while worker.step().await.unwrap() {}

    let view = recordings.of_call(call).await.unwrap().unwrap();
    assert_eq!(view.state, RecordingState::Sealed);
    let names: Vec<&str> = view.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["customer.webm", "film.mp4"], "nobody else was there");
    let path = folder.path().join("customer.webm");
    std::fs::write(&path, recordings.read(call, "customer.webm", 0, usize::MAX).await.unwrap()).unwrap();
    let seconds: f64 = clip::probe(&path, "format=duration").parse().unwrap();
    assert!(lived.as_secs_f64() - seconds < 1.0, "{seconds} s of {lived:?} survived");
    assert_eq!(recordings.recover(&[]).await.unwrap(), 0);
}
