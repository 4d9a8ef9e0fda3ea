//! A browser that sends two layers of its pictures, and one at the other end of a way that is sometimes narrow.

use std::collections::BTreeMap;

use str0m::{
    media::{Simulcast, SimulcastLayer},
    rtp::Vp8Descriptor,
};

use super::{
    network::{Network, Weather},
    *,
};

/// Sizes of pictures; fifty a second are 440 and 60 kbit/s.
const FULL: usize = 1_100;
const SMALL: usize = 150;
/// Bytes a second through which the small layer and the sound fit, and the large one does not.
const NARROW: f64 = 32_000.0;

/// A customer who sends both layers, the small one while asked to.
struct Camera {
    port: u16,
    /// By layer: how many packets were sent, the first number of a picture, and when it must be whole.
    layers: BTreeMap<&'static str, (u64, u16)>,
    /// It can send a small layer.
    is_able: bool,
    /// The way up is too narrow for the large one.
    is_poor: bool,
    frames: u32,
}

/// Joins a customer with a camera from `port`, and its tape.
fn customer(world: &mut World, port: u16, is_able: bool) -> (Camera, Ear) {
    let (mut browser, _) = Browser::new(world.now, port);
    let mut rtc = Rtc::builder().clear_codecs().enable_opus(true, false).enable_vp8(true).set_rtp_mode(true).build(world.now);
    rtc.add_local_candidate(Candidate::host(browser.at, "udp").unwrap());
    let mut api = rtc.sdp_api();
    browser.audio = api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
    let layers = Simulcast { send: vec![SimulcastLayer::new("s"), SimulcastLayer::new("f")], recv: vec![] };
    browser.video = api.add_media(MediaKind::Video, Direction::SendRecv, None, None, Some(layers));
    api.add_channel("layers".to_owned());
    let (offer, pending) = api.apply().unwrap();
    (browser.rtc, browser.pending) = (rtc, Some(pending));
    let ear = Ear::default();
    let answer = world.core.join(world.now, Join { room: 1, seat: 0, offer: offer.to_sdp_string(), tap: Some(Box::new(ear.clone())), ear: None }).unwrap();
    let lines: Vec<&str> = answer.lines().collect();
    assert!(lines.contains(&"a=simulcast:recv s;f") && lines.iter().any(|line| line.starts_with("a=ssrc-group:FID")), "{answer}");
    browser.answered(&answer);
    world.browsers.insert(port, browser);
    (Camera { port, layers: [("f", (70, 30_000)), ("s", (900, 5))].into(), is_able, is_poor: false, frames: 0 }, ear)
}

impl Camera {
    /// Sends a picture of each layer, and a sound.
    fn shoot(&mut self, world: &mut World) {
        let now = world.now;
        let browser = world.browsers.get_mut(&self.port).unwrap();
        let asked: Vec<Option<Rid>> = std::mem::take(&mut browser.asked_layers);
        let is_asked = |rid: &str| asked.iter().any(|one| one.is_none_or(|one| one == Rid::from(rid)));
        let wants_small = self.is_able && browser.told.last().is_some_and(|(_, word)| word == b"small");
        self.frames += 1;
        let mut api = browser.rtc.direct_api();
        let sound = api.stream_tx_by_mid(browser.audio, None).unwrap();
        sound.write_rtp(RtpWrite::new(111.into(), u64::from(self.frames).into(), self.frames * 960, now, &[0x78; 100][..]));
        for (rid, size, is_sent) in [("f", FULL, !self.is_poor), ("s", SMALL, wants_small || (self.is_able && self.is_poor))] {
            let (number, picture) = self.layers.get_mut(rid).unwrap();
            if !is_sent {
                // Browsers begin anew with a whole picture.
                browser.restarted.insert(rid);
                continue;
            }
            let is_whole = browser.restarted.remove(rid) || is_asked(rid);
            let [high, low] = (0x8000 | *picture).to_be_bytes();
            let mut payload = vec![0x90, 0xe0, high, low, low, 0, u8::from(!is_whole)];
            payload.resize(size, rid.as_bytes()[0]);
            *number += 1;
            *picture = (*picture + 1) & 0x7fff;
            if let Some(stream) = api.stream_tx_by_mid(browser.video, Some(rid.into())) {
                let write = RtpWrite::new(browser.types.1, (*number).into(), self.frames * 1_800, now, payload);
                stream.write_rtp(write.marker(true).nackable(true));
            }
        }
    }
}

/// A call of a customer with two layers and an agent behind `network`; both are up.
fn call(is_able: bool) -> (World, Network, Camera, Ear) {
    let mut world = World::new(10);
    let mut network = Network::new(51, Weather { delay: (5, 15), ..Weather::default() });
    network.only = Some(102);
    let (camera, ear) = customer(&mut world, 101, is_able);
    world.join(1, 1, 102, &Ear::default()).unwrap();
    world.run_over(&mut network, 2_000, &[]);
    (world, network, camera, ear)
}

/// Lets the camera run for so many seconds; which layer each picture was of that came to the agent in this time, in the order
/// in which they were sent.
fn film(world: &mut World, network: &mut Network, camera: &mut Camera, seconds: u64) -> Vec<char> {
    let before = world.browsers[&102].pictures.len();
    for _ in 0..seconds * 50 {
        camera.shoot(world);
        world.run_over(network, 20, &[102]);
    }
    let mut came: Vec<(u16, char)> =
        world.browsers[&102].pictures[before..].iter().map(|((number, _), payload)| (*number, char::from(*payload.last().unwrap()))).collect();
    came.sort_unstable();
    came.into_iter().map(|(_, layer)| layer).collect()
}

/// Whatever came to the agent is one stream: numbers and times go on, and a layer begins with a whole picture.
fn assert_one_stream(world: &World) {
    let pictures = &world.browsers[&102].pictures;
    let mut seen: BTreeMap<u16, (u32, u16, char, bool)> = BTreeMap::new();
    for ((sequence, timestamp), payload) in pictures {
        let descriptor = Vp8Descriptor::parse(payload).unwrap();
        let layer = char::from(*payload.last().unwrap());
        assert!(seen.insert(*sequence, (*timestamp, descriptor.picture_id().unwrap(), layer, descriptor.starts_keyframe(payload))).is_none());
    }
    let all: Vec<_> = seen.into_values().collect();
    for pair in all.windows(2) {
        let ((time, picture, layer, _), (next_time, next_picture, next_layer, is_whole)) = (pair[0], pair[1]);
        assert!(next_time.wrapping_sub(time).cast_signed() > 0, "time goes on: {pair:?}");
        let step = next_picture.wrapping_sub(picture) & 0x7fff;
        assert!((1..200).contains(&step), "pictures are counted on: {pair:?}");
        assert!(layer == next_layer || is_whole, "a layer begins with a whole picture: {pair:?}");
    }
}

/// Which layers are on tape, in order: runs of one layer as a letter.
fn taped(ear: &Ear) -> String {
    let mut runs: Vec<char> = ear.0.lock().unwrap().pictures.iter().map(|packet| char::from(*packet.payload.last().unwrap())).collect();
    runs.dedup();
    runs.into_iter().collect()
}

#[test]
fn a_narrow_way_gets_the_small_layer_the_tape_keeps_the_large_one_and_it_comes_back() {
    let (mut world, mut network, mut camera, ear) = call(true);
    let wide = film(&mut world, &mut network, &mut camera, 10);
    assert!(wide.iter().all(|layer| *layer == 'f') && wide.len() > 480, "{}", wide.len());
    assert!(!world.browsers[&101].told.iter().any(|(_, word)| word == b"small"), "nobody needs the small one");
    network.weather.narrow = Some(NARROW);
    film(&mut world, &mut network, &mut camera, 20);
    let narrow = film(&mut world, &mut network, &mut camera, 20);
    let small = narrow.iter().filter(|layer| **layer == 's').count();
    assert!(small > 750, "the small one flows: {small} of {} in 20 s", narrow.len());
    assert!(
        world.browsers[&101].caps.last().is_none_or(|cap| *cap > 2_000_000),
        "the camera may send as much as it can: {:?}",
        world.browsers[&101].caps.last()
    );
    let sounds = world.browsers[&102].sections[&world.browsers[&102].audio];
    assert!(sounds > 2_300, "the sound comes first: {sounds} of 2500");
    network.weather.narrow = None;
    film(&mut world, &mut network, &mut camera, 60);
    let again = film(&mut world, &mut network, &mut camera, 5);
    assert!(again.len() > 240 && again.iter().all(|layer| *layer == 'f'), "{}", again.len());
    assert_eq!(world.browsers[&101].told.last().unwrap().1, b"full", "and the camera may stop sending it");
    assert_one_stream(&world);
    assert_eq!(taped(&ear), "f");
    let heard = ear.0.lock().unwrap();
    assert_eq!(heard.pictures.len(), camera.frames as usize, "without a hole");
}

#[test]
fn a_way_that_stays_narrow_is_not_tried_again_and_again() {
    let (mut world, mut network, mut camera, _) = call(true);
    network.weather.narrow = Some(NARROW);
    film(&mut world, &mut network, &mut camera, 20);
    let long = film(&mut world, &mut network, &mut camera, 180);
    let mut runs = long.clone();
    runs.dedup();
    let small = long.iter().filter(|layer| **layer == 's').count();
    assert!(runs.len() <= 13, "{} changes in three minutes", runs.len() - 1);
    assert!(small * 10 > long.len() * 7, "{small} of {} pictures are small", long.len());
    assert_one_stream(&world);
}

#[test]
fn where_only_the_small_layer_comes_up_it_is_taped_and_passed_on_and_the_large_one_again_after_it() {
    let (mut world, mut network, mut camera, ear) = call(true);
    film(&mut world, &mut network, &mut camera, 5);
    camera.is_poor = true;
    film(&mut world, &mut network, &mut camera, 2);
    let poor = film(&mut world, &mut network, &mut camera, 5);
    assert!(poor.len() > 240 && poor.iter().all(|layer| *layer == 's'), "{poor:?}");
    camera.is_poor = false;
    film(&mut world, &mut network, &mut camera, 2);
    let rich = film(&mut world, &mut network, &mut camera, 5);
    assert!(rich.len() > 240 && rich.iter().all(|layer| *layer == 'f'), "{rich:?}");
    assert_one_stream(&world);
    assert_eq!(taped(&ear), "fsf");
}

#[test]
fn a_camera_that_does_not_send_the_small_layer_is_asked_for_less_as_ever() {
    let (mut world, mut network, mut camera, _) = call(false);
    network.weather.narrow = Some(NARROW);
    film(&mut world, &mut network, &mut camera, 40);
    let lowest = world.browsers[&101].caps.iter().min().expect("the sender was asked for less");
    assert!(*lowest < 400_000, "{lowest}");
    assert_eq!(world.browsers[&101].told.last().unwrap().1, b"full", "it was asked in vain");
}
