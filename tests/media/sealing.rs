//! Logs become files that play: duration, both pictures, both sounds, the flash with its beep.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use visavis::{
    base::id::CallId,
    engine::{
        sfu::{Kind, Packet, Report, Tap},
        track::{Captions, Mark},
    },
    journey::{call::wire::Party, review::wire::RecordingState},
};

use super::clip::{self, Clip, Scene};
use crate::support::TestHouse;

/// Puts a clip on tape as if it had been received from `start` on; `delay` is how much longer pictures travel.
pub fn play(tap: &mut Tap, clip: &Clip, start: Instant, delay: Duration, ssrc: u32, lose: impl Fn(u16) -> bool) {
    play_by(1_700_000_000_000_000, tap, clip, start, delay, ssrc, lose);
}

/// The same by a sender whose clock shows `sender_us` at the start.
pub fn play_by(sender_us: u64, tap: &mut Tap, clip: &Clip, start: Instant, delay: Duration, ssrc: u32, lose: impl Fn(u16) -> bool) {
    // A source is known from its first packet on; an empty one is neither a sound nor a picture.
    for (kind, ssrc) in [(Kind::Audio, ssrc), (Kind::Video, ssrc + 1)] {
        let first = Packet { at: start, kind, payload_type: 96, is_red: false, marker: false, sequence: 0, timestamp: 0, ssrc, payload: [].into() };
        tap.packet(&first);
        tap.report(&Report { at: start, ssrc, sender_us, timestamp: 77 });
    }
    let mut events: Vec<(Duration, Packet)> = Vec::new();
    for (i, sound) in (0_u16..).zip(&clip.sounds) {
        let at = Duration::from_millis(20) * u32::from(i);
        let timestamp = 77 + 960 * u32::from(i);
        events.push((
            at,
            Packet {
                at: start + at,
                kind: Kind::Audio,
                payload_type: 111,
                is_red: false,
                marker: false,
                sequence: 1 + i,
                timestamp,
                ssrc,
                payload: sound.as_slice().into(),
            },
        ));
    }
    let mut sequence = 0_u16;
    for (i, picture) in (0_u32..).zip(&clip.pictures) {
        let at = Duration::from_secs(i.into()) / 30 + delay;
        let payloads = Clip::payloads(picture);
        for (part, payload) in payloads.iter().enumerate() {
            sequence += 1;
            let marker = part + 1 == payloads.len();
            let packet = Packet {
                at: start + at,
                kind: Kind::Video,
                payload_type: 96,
                is_red: false,
                marker,
                sequence,
                timestamp: 77 + 3_000 * i,
                ssrc: ssrc + 1,
                payload: payload.as_slice().into(),
            };
            if !lose(sequence) {
                events.push((at, packet));
            }
        }
    }
    events.sort_by_key(|(at, _)| *at);
    for (count, (_, packet)) in events.iter().enumerate() {
        tap.packet(packet);
        // The queue is made for the pace of a call, not for all of it at once.
        if count % 500 == 499 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A call with an open recording.
pub async fn open(house: &TestHouse) -> CallId {
    let customer = house.customer().await;
    let call: CallId = house.engines.ambient.id();
    let mut tx = house.house.db.begin().await.unwrap();
    house.house.recordings.open(&mut tx, call, customer.id).await.unwrap();
    tx.commit().await.unwrap();
    call
}

/// What is written under the film.
pub fn captions() -> Captions {
    Captions { names: ["TRẦN BÌNH AN".into(), "Lan".into()], marks: vec![Mark { at_ms: 5_000, text: "Left: passed".into() }], ..Captions::default() }
}

pub async fn stop(house: &TestHouse, call: CallId) {
    let mut tx = house.house.db.begin().await.unwrap();
    house.house.recordings.stop(&mut tx, call, captions(), true).await.unwrap();
    tx.commit().await.unwrap();
}

/// The plain bytes of a file of a recording, outside the vault, to be looked at.
pub async fn unsealed(house: &TestHouse, call: CallId, name: &str) -> PathBuf {
    let bytes = house.house.recordings.read(call, name, 0, usize::MAX).await.unwrap();
    let path = house.folder().join(format!("{call}-{name}"));
    std::fs::write(&path, bytes).unwrap();
    path
}

fn seconds(file: &std::path::Path) -> f64 {
    clip::probe(file, "format=duration").parse().unwrap()
}

#[tokio::test]
async fn a_call_becomes_two_tracks_and_a_film() {
    let house = TestHouse::open().await;
    let call = open(&house).await;
    let customer = Clip::make(house.folder(), &Scene { size: (640, 480), seconds: 8, flash_at: 3.0, tone: 1_000 });
    let agent = Clip::make(house.folder(), &Scene { size: (320, 240), seconds: 6, flash_at: 2.0, tone: 440 });
    let recordings = &house.house.recordings;
    let mut taps = [recordings.tap(call, Party::Customer).await.unwrap(), recordings.tap(call, Party::Agent).await.unwrap()];
    let start = Instant::now();
    play(&mut taps[0], &customer, start + Duration::from_millis(400), Duration::from_millis(90), 10, |_| false);
    play(&mut taps[1], &agent, start + Duration::from_millis(1_400), Duration::from_millis(10), 20, |_| false);
    drop(taps);
    stop(&house, call).await;
    assert_eq!(recordings.of_call(call).await.unwrap().unwrap().state, RecordingState::Sealing);
    house.work().await;

    let view = recordings.of_call(call).await.unwrap().unwrap();
    assert_eq!(view.state, RecordingState::Sealed);
    assert_eq!(
        view.files.iter().map(|file| (file.name.as_str(), file.party)).collect::<Vec<_>>(),
        [("agent.webm", Some(Party::Agent)), ("customer.webm", Some(Party::Customer)), ("film.mp4", None)]
    );
    let offsets: Vec<i64> = view.files.iter().map(|file| file.offset_ms).collect();
    assert!((offsets[0] - 1_400).abs() < 60 && (offsets[1] - 400).abs() < 60 && offsets[2] == 0, "{offsets:?}");
    assert!((view.duration_ms.unwrap() - 8_400).abs() < 100, "{:?}", view.duration_ms);

    for (name, length, tone, flash) in [("customer.webm", 8.0, 1_000, 3.0), ("agent.webm", 6.0, 440, 2.0)] {
        let file = unsealed(&house, call, name).await;
        assert_eq!(clip::probe(&file, "stream=codec_name"), "vp8 opus");
        assert!((seconds(&file) - length).abs() < 0.1, "{name}: {}", seconds(&file));
        let light: Vec<f64> = clip::brightness(&file, "iw:ih").into_iter().map(f64::from).collect();
        let (seen, heard) = (clip::rise(&light, 25.0), clip::rise(&clip::loudness(&file, tone), 50.0));
        assert!((seen - flash).abs() < 0.1 && (heard - flash).abs() < 0.1, "{name}: flash {seen}, beep {heard}");
    }
    let film = unsealed(&house, call, "film.mp4").await;
    assert_eq!(clip::probe(&film, "stream=codec_name,width,height"), "h264,1280,520 aac");
    assert!((seconds(&film) - 8.4).abs() < 0.15, "{}", seconds(&film));
    for (crop, tone, moment) in [("640:480:0:0", 1_000, 3.4), ("640:480:640:0", 440, 3.4)] {
        let light: Vec<f64> = clip::brightness(&film, crop).into_iter().map(f64::from).collect();
        let (seen, heard) = (clip::rise(&light, 25.0), clip::rise(&clip::loudness(&film, tone), 50.0));
        assert!((seen - moment).abs() < 0.1 && (heard - moment).abs() < 0.1, "{crop}: flash {seen}, beep {heard}");
    }
    let hashed = <sha2::Sha256 as sha2::Digest>::digest(std::fs::read(&film).unwrap());
    assert_eq!(view.files[2].sha256, hex::encode(hashed));
    assert_eq!(house.work().await, 0, "nothing is left to do");
}

/// A customer who was away from the third second to the sixth.
#[tokio::test]
async fn what_is_missing_is_told_and_the_film_says_who_and_when() {
    let house = TestHouse::open().await;
    let call = open(&house).await;
    let clip = Clip::make(house.folder(), &Scene { size: (320, 240), seconds: 3, flash_at: 1.0, tone: 1_000 });
    let recordings = &house.house.recordings;
    let start = Instant::now();
    for (ssrc, began) in [(10, 0), (30, 6)] {
        let mut tap = recordings.tap(call, Party::Customer).await.unwrap();
        play(&mut tap, &clip, start + Duration::from_secs(began), Duration::ZERO, ssrc, |_| false);
    }
    stop(&house, call).await;
    house.work().await;

    let view = recordings.of_call(call).await.unwrap().unwrap();
    assert_eq!((view.state, view.files.len()), (RecordingState::Sealed, 2), "the agent sent nothing");
    let [gap] = view.files[0].gaps[..] else { panic!("{:?}", view.files[0].gaps) };
    assert!((gap.from_ms - 2_967).abs() < 100 && (gap.to_ms - 6_000).abs() < 100, "{gap:?}");
    assert_eq!((view.files[0].lost_packets, view.files[1].gaps.len()), (0, 0));
    let film = unsealed(&house, call, "film.mp4").await;
    // 25 looks a second at the line under the pictures; the mark is there from the fifth second to the eleventh.
    let ink = |crop: &str| clip::brightness(&film, crop);
    let (customer, nobody, clock) = (ink("140:40:0:480"), ink("60:40:300:480"), ink("420:40:430:480"));
    let agent = ink("60:40:1220:480");
    assert_eq!(nobody[50], 0, "between the names and the clock the line is dark");
    assert!(customer[50] > 1 && agent[50] > 1, "both names: {} {}", customer[50], agent[50]);
    assert!(clock[50] > 1, "the clock: {}", clock[50]);
    assert!(clock[137] > clock[112], "the mark of the check: {} and {}", clock[112], clock[137]);
}

#[tokio::test]
async fn each_side_plays_while_the_film_is_still_being_made() {
    let house = TestHouse::open().await;
    let call = open(&house).await;
    let clip = Clip::make(house.folder(), &Scene { size: (640, 480), seconds: 25, flash_at: 1.0, tone: 1_000 });
    let recordings = &house.house.recordings;
    for (party, ssrc) in [(Party::Customer, 10), (Party::Agent, 20)] {
        let mut tap = recordings.tap(call, party).await.unwrap();
        play(&mut tap, &clip, Instant::now(), Duration::ZERO, ssrc, |_| false);
    }
    stop(&house, call).await;
    let watching = async {
        let mut played = false;
        let mut seen = Vec::new();
        loop {
            let view = recordings.of_call(call).await.unwrap().unwrap();
            if view.state == RecordingState::Sealed {
                return (played, seen, view);
            }
            if !played && view.files.len() == 2 {
                assert_eq!(view.state, RecordingState::Sealing);
                let bytes = recordings.read(call, "customer.webm", 0, usize::MAX).await.unwrap();
                assert_eq!(view.files[1].sha256, hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes)), "what plays now is what will be sealed");
                played = true;
            }
            if seen.last() != Some(&view.progress) {
                seen.push(view.progress);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let (_, (played, seen, view)) = tokio::join!(house.work(), watching);
    assert!(played, "both sides were there before the film");
    assert!(seen.len() > 1 && seen.is_sorted(), "{seen:?}");
    assert_eq!(view.files.len(), 3);
}
