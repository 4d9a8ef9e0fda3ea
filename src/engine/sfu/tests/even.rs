//! Packets of a picture are made even on their way out, and stay on tape as they came.

use str0m::rtp::Vp8Descriptor;

use super::*;

/// A picture as Chromium cuts it.
const LENGTHS: [usize; 5] = [1_041, 1_041, 1_042, 1_042, 1_042];

fn send_picture(world: &mut World, port: u16, number: u16) -> Vec<Vec<u8>> {
    let now = world.now;
    let [high, low] = number.to_be_bytes();
    let mut parts = Vec::new();
    for (part, length) in LENGTHS.into_iter().enumerate() {
        let mut payload = vec![if part == 0 { 0x90 } else { 0x80 }, 0x80, 0x80 | high, low, 1];
        payload.resize(length, u8::try_from(part).unwrap());
        let browser = world.browsers.get_mut(&port).unwrap();
        browser.sequence += 1;
        let write = RtpWrite::new(browser.types.1, browser.sequence.into(), u32::from(number) * 3_000, now, &payload[..]);
        let mut api = browser.rtc.direct_api();
        let stream = api.stream_tx_by_mid(browser.video, None).unwrap();
        stream.write_rtp(write.marker(part + 1 == LENGTHS.len()).nackable(true));
        parts.push(payload);
    }
    world.run(35, &[]);
    parts
}

#[test]
fn the_packets_of_a_picture_leave_in_one_length_and_are_on_tape_as_they_came() {
    let mut world = World::new(10);
    let ear = Ear::default();
    world.join(1, 0, 101, &ear).unwrap();
    world.join(1, 1, 102, &Ear::default()).unwrap();
    world.run(2_000, &[]);
    let first: Vec<Vec<u8>> = (100..110).flat_map(|number| send_picture(&mut world, 101, number)).collect();
    // After a reload the numbers of pictures are changed as well.
    world.join(1, 0, 103, &ear).unwrap();
    world.run(2_000, &[]);
    let then: Vec<Vec<u8>> = (7..17).flat_map(|number| send_picture(&mut world, 103, number)).collect();
    let sent = [first, then].concat();
    let taped = ear.0.lock().unwrap();
    assert!(taped.pictures.iter().map(|packet| packet.payload.to_vec()).eq(sent.iter().cloned()), "the recording has what was sent");
    let pictures = &world.browsers[&102].pictures;
    assert_eq!(pictures.len(), sent.len());
    for (place, ((_, payload), sent)) in pictures.iter().zip(&sent).enumerate() {
        assert_eq!(payload.len(), 1_042, "packet {place}");
        let descriptor = Vp8Descriptor::parse(payload).unwrap();
        assert_eq!(descriptor.picture_id(), Some(100 + u16::try_from(place / LENGTHS.len()).unwrap()));
        assert_eq!(payload[payload.len() - 1_037..], sent[sent.len() - 1_037..], "the picture is as it was");
    }
}
