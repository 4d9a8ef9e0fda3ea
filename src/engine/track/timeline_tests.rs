use super::*;

const KEY: [u8; 10] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01];
const SOUND: [u8; 3] = [0x78, 1, 2];

fn stream(ssrc: u32, codec: &str) -> Record {
    let clock_rate = if codec == "opus" { 48_000 } else { 90_000 };
    Record { at_us: 0, entry: Entry::Stream { ssrc, payload_type: 96, clock_rate, codec: codec.to_owned() } }
}

fn packet(at_ms: u64, ssrc: u32, sequence: u16, timestamp: u32, marker: bool, payload: &[u8]) -> Record {
    Record { at_us: at_ms * 1_000, entry: Entry::Packet { payload_type: 96, marker, sequence, timestamp, ssrc, payload: payload.into() } }
}

fn report(at_ms: u64, ssrc: u32, sender_ms: u64, timestamp: u32) -> Record {
    Record { at_us: at_ms * 1_000, entry: Entry::Report { ssrc, sender_us: sender_ms * 1_000, timestamp } }
}

fn picture(begins: bool, bytes: &[u8]) -> Vec<u8> {
    [&[if begins { 0x10 } else { 0x00 }], bytes].concat()
}

fn delta(fill: u8) -> Vec<u8> {
    picture(true, &[0x11, fill, fill])
}

#[test]
fn pictures_are_put_together_in_any_order_and_across_the_wrap() {
    let records = [
        stream(1, "vp8"),
        packet(1010, 1, 65_534, 4_294_960_000, false, &picture(true, &KEY)),
        packet(1013, 1, 0, 4_294_960_000 + 3_000, true, &delta(5)),
        packet(1012, 1, 65_535, 4_294_960_000, true, &picture(false, &[9])),
        packet(1012, 1, 65_535, 4_294_960_000, true, &picture(false, &[9])),
        packet(205, 1, 1, 4_294_960_000_u32.wrapping_add(9_000), true, &delta(6)),
    ];
    let track = Track::of(&[records.to_vec()]);
    let moments: Vec<i64> = track.video.iter().map(|frame| frame.at_us / 1_000).collect();
    assert_eq!(track.video[0].bytes, [KEY.as_slice(), &[9]].concat());
    assert_eq!((track.video.len(), track.size, track.broken_pictures), (3, (640, 480), 0));
    assert_eq!([moments[1] - moments[0], moments[2] - moments[0]], [33, 100]);
}

#[test]
fn a_hole_costs_its_picture_only() {
    let mut records = vec![stream(1, "vp8"), packet(0, 1, 10, 0, true, &delta(1)), packet(1, 1, 11, 3_000, true, &picture(true, &KEY))];
    records.extend([packet(2, 1, 12, 6_000, false, &delta(2)), packet(2, 1, 14, 6_000, true, &picture(false, &[1]))]);
    records.extend([packet(3, 1, 15, 9_000, true, &delta(3))]);
    let track = Track::of(&[records]);
    assert_eq!(track.video.iter().map(|frame| frame.is_whole).collect::<Vec<_>>(), [true, false], "the one before the first whole picture is useless");
    assert_eq!(track.broken_pictures, 1);
}

#[test]
fn the_mouth_fits_the_voice_by_the_senders_clock() {
    // The picture travels 80 ms longer than the sound; both were made at the same moments.
    let mut records = vec![stream(1, "vp8"), stream(2, "opus"), report(0, 1, 5_000, 900_000), report(0, 2, 5_000, 480_000)];
    for i in 0..50_u16 {
        let made = u64::from(i) * 20;
        records.push(packet(1_000 + made, 2, i, 480_000 + u32::from(i) * 960, false, &SOUND));
        let bytes = if i == 0 { picture(true, &KEY) } else { delta(1) };
        records.push(packet(1_080 + made, 1, i, 900_000 + u32::from(i) * 1_800, true, &bytes));
    }
    let track = Track::of(&[records]);
    assert_eq!((track.audio[0].at_us, track.video[0].at_us), (1_000_000, 1_000_000));
    assert_eq!((track.audio[49].at_us, track.video[49].at_us), (1_980_000, 1_980_000));
    assert_eq!((track.start_us(), track.end_us()), (Some(1_000_000), 2_013_000));
}

#[test]
fn without_reports_arrival_counts_and_jitter_does_not() {
    let jitter = [30, 0, 25, 10, 40];
    let records: Vec<Record> = [stream(2, "opus")]
        .into_iter()
        .chain((0..5_u16).map(|i| packet(500 + u64::from(i) * 20 + jitter[usize::from(i)], 2, i, u32::from(i) * 960, false, &SOUND)))
        .collect();
    let moments: Vec<i64> = Track::of(&[records]).audio.iter().map(|frame| frame.at_us).collect();
    assert_eq!(moments, [500_000, 520_000, 540_000, 560_000, 580_000]);
}

#[test]
fn holes_in_the_sound_become_silence_and_joins_follow_each_other() {
    let sound = |ssrc, i: u16, at| packet(at, ssrc, i, u32::from(i) * 960, false, &SOUND);
    let first = vec![stream(2, "opus"), sound(2, 0, 100), sound(2, 1, 120), sound(2, 4, 180)];
    let second = vec![stream(3, "opus"), sound(3, 70, 1_000)];
    let track = Track::of(&[first, second]);
    let silent = track.audio.iter().filter(|frame| frame.bytes == opus::SILENCE).count();
    assert_eq!((track.audio.len(), silent), (4 + 2 + 40, 42));
    assert!(track.audio.windows(2).all(|pair| pair[1].at_us - pair[0].at_us == 20_000));
}

#[test]
fn pictures_of_two_layers_follow_each_other_at_whole_ones() {
    let frames = |ssrc: u32, first: u16, from: u64, count: u64, size: u8| {
        (0..count).map(move |i| {
            let bytes = if i == 0 { picture(true, &KEY) } else { picture(true, &[0x11, size, size]) };
            let number = first + u16::try_from(i).unwrap();
            packet(from + i * 33, ssrc, number, u32::from(number) * 2_970, true, &bytes)
        })
    };
    let mut records = vec![stream(1, "vp8"), stream(2, "vp8")];
    // The small layer takes over in the tenth picture, of which the large one came, too, and two more after it; then the large one again.
    records.extend(frames(1, 100, 0, 12, 1).chain(frames(2, 7, 300, 10, 2)).chain(frames(1, 120, 660, 5, 3)));
    let video = Track::of(&[records]).video;
    let sources: Vec<u32> = video.iter().map(|frame| frame.source).collect();
    assert_eq!(sources, [[1].repeat(10), [2].repeat(10), [1].repeat(5)].concat());
    assert!(video.iter().enumerate().all(|(n, frame)| frame.is_whole == [0, 10, 20].contains(&n)));
}

/// A packet of sound that carries those so many places before it once more.
fn twice(at_ms: u64, i: u16, older: &[u16]) -> Record {
    let sound = |i: u16| [0x78, 9, u8::try_from(i).unwrap()];
    let heads = older.iter().flat_map(|older| [0xef, u8::try_from(older * 15).unwrap(), 0, 3]);
    let sounds = older.iter().flat_map(|older| sound(i - older)).chain(sound(i));
    let payload: Vec<u8> = heads.chain([111]).chain(sounds).collect();
    let mut record = packet(at_ms, 2, i, u32::from(i) * 960, false, &payload);
    if let Entry::Packet { payload_type, .. } = &mut record.entry {
        *payload_type = 63;
    }
    record
}

#[test]
fn what_was_lost_on_the_way_is_taken_out_of_the_packets_after_it() {
    let red = Record { at_us: 0, entry: Entry::Stream { ssrc: 2, payload_type: 63, clock_rate: 48_000, codec: "red".to_owned() } };
    // 3 is lost; 6 and 7 are lost, and only 8 remembers them; 9 comes too late to be needed; 12 is torn, and nobody remembers it.
    let mut records = vec![stream(2, "opus"), red, twice(120, 1, &[]), twice(140, 2, &[1]), twice(180, 4, &[1]), twice(200, 5, &[1])];
    records.extend([twice(260, 8, &[2, 1]), twice(300, 10, &[1]), twice(310, 9, &[1]), packet(320, 2, 11, 11 * 960, false, &[0x78, 9, 11])]);
    let mut torn = twice(340, 12, &[1]);
    if let Entry::Packet { payload, .. } = &mut torn.entry {
        *payload = payload[..6].into();
    }
    records.extend([torn, twice(360, 13, &[2])]);
    let audio = Track::of(&[records]).audio;
    let numbers: Vec<u8> = audio.iter().map(|frame| if frame.bytes == opus::SILENCE { 0 } else { frame.bytes[2] }).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 13]);
    assert!(audio.windows(2).all(|pair| pair[1].at_us - pair[0].at_us == 20_000), "each at its own moment");
    assert!(audio.iter().all(|frame| frame.bytes.len() == 3), "one sound each");
}

#[test]
fn nothing_gives_nothing() {
    assert!(Track::of(&[]).is_empty());
    assert!(Track::of(&[vec![stream(1, "vp8"), report(1, 1, 1, 1), report(1, 9, 1, 1), packet(1, 7, 1, 1, true, &[])]]).is_empty());
    let garbage = vec![stream(1, "vp8"), stream(2, "opus"), packet(1, 1, 1, 1, true, &[]), packet(1, 2, 1, 1, true, &[])];
    assert!(Track::of(&[garbage]).is_empty());
}
