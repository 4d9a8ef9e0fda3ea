//! The engine on pictures: against MediaPipe's own figures, on films from the studio, on whatever is damaged.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels and milliseconds")]
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, unreachable_pub, reason = "a test fails loudly and says what it measured")]

mod studio;

use studio::{HEIGHT, RATE, Scene, Studio, WIDTH, film, golden_poses};
use visavis_pose::{
    Engine, Frame, Layout, Sight,
    judge::{Pose, Reason, Rules, Sample, Shot, unprompted},
    likeness::{ALIKE, Features, Likeness},
    networks,
};

fn rgb(pixels: &[u8]) -> Frame<'_> {
    Frame::new(pixels, WIDTH, HEIGHT, Layout::Rgb).unwrap()
}

/// Sights of a film, so many a second.
fn sights(studio: &Studio, order: &[&'static str], scene: Scene, rate: i64) -> Vec<(f32, Sight)> {
    let (keys, _) = film(order);
    let is_moving = matches!(scene, Scene::Plain | Scene::Print | Scene::Mirrored);
    let end = if is_moving { (keys.last().unwrap().0 * 1_000.0) as i64 } else { 6_000 };
    let mut engine = Engine::new().unwrap();
    (0..=end / (1_000 / rate))
        .map(|number| {
            // Frames of the film, as a decoder picks them.
            let frame = number * 1_000 / rate * RATE / 1_000;
            let seconds = frame as f32 / RATE as f32;
            let sight = engine.look(&rgb(&studio.frame(&keys, scene, seconds)), frame * 1_000 / RATE).unwrap();
            (seconds, sight)
        })
        .collect()
}

fn poses(order: &[&str]) -> Vec<Pose> {
    std::iter::once("frontal").chain(order.iter().copied()).map(|name| name.parse().unwrap()).collect()
}

fn shots(sights: &[(f32, Sight)]) -> Vec<Shot> {
    sights.iter().map(|(seconds, sight)| Shot::Measured(Sample { at_ms: (seconds * 1_000.0) as i64, sight: *sight })).collect()
}

#[test]
fn a_face_is_like_itself_in_other_light_size_and_turn_and_no_face_is_none() {
    let mut likeness = Likeness::new().unwrap();
    let studio = Studio::open();
    let mut features = |pixels: &[u8]| likeness.features(&rgb(pixels)).unwrap();
    let still = features(&studio.still).unwrap();
    let dim: Vec<u8> = studio.still.iter().map(|byte| byte / 2).collect();
    for (what, other) in [("dim", dim), ("turned", studio.turned(12.0, 0.0)), ("nodding", studio.turned(0.0, 10.0))] {
        let distance = still.distance(&features(&other).unwrap());
        println!("likeness {what} {distance:.3}");
        assert!(distance > 0.0 && distance <= ALIKE, "{what}: {distance}");
    }
    assert_eq!(features(&vec![90; WIDTH * HEIGHT * 3]), None);
    assert_eq!(still.numbers().len(), 128);
    assert!(Features::of(vec![0.0; 127]).is_none() && Features::of(vec![f32::NAN; 128]).is_none() && Features::of(still.numbers().to_vec()).is_some());
}

#[test]
fn angles_are_those_of_mediapipe() {
    let golden: Vec<[f32; 3]> = serde_json::from_str(include_str!("golden/angles.json")).unwrap();
    let studio = Studio::open();
    let mut apart = Vec::new();
    for ((yaw, pitch), wanted) in golden_poses().into_iter().zip(&golden) {
        let frame = studio.turned(yaw, pitch);
        let face = Engine::new().unwrap().look(&rgb(&frame), 0).unwrap().face.unwrap();
        apart.extend([face.yaw - wanted[0], face.pitch - wanted[1], face.roll - wanted[2]].map(f32::abs));
    }
    assert_eq!(apart.len(), 3 * golden.len());
    apart.sort_by(f32::total_cmp);
    let (median, p95) = (apart[apart.len() / 2], apart[apart.len() * 95 / 100]);
    println!("golden_median_deg {median:.3} golden_p95_deg {p95:.3}");
    assert!(median <= 0.5 && p95 <= 2.0, "median {median}°, p95 {p95}°");
}

#[test]
fn a_film_passes_in_its_order_and_in_no_other() {
    let (studio, order) = (Studio::open(), ["right", "left", "down", "up"]);
    let shots = shots(&sights(&studio, &order, Scene::Plain, 10));
    let film = unprompted(Rules::default(), &poses(&order), &shots);
    assert!(film.is_passed(), "{film:?}");
    for other in [["left", "right", "down", "up"], ["right", "left", "up", "down"], ["up", "down", "left", "right"]] {
        assert!(!unprompted(Rules::default(), &poses(&other), &shots).is_passed(), "{other:?}");
    }
}

#[test]
fn what_is_no_living_head_fails_in_every_order() {
    let (studio, order) = (Studio::open(), ["right", "left", "down", "up"]);
    let cases = [
        (Scene::Print, None),
        (Scene::Still, None),
        (Scene::Frozen, Some(Reason::Frozen)),
        (Scene::Two, Some(Reason::SeveralFaces)),
        (Scene::Dark, Some(Reason::TooDark)),
        (Scene::Far, Some(Reason::TooSmall)),
        (Scene::Empty, Some(Reason::NoFace)),
        (Scene::Mirrored, Some(Reason::WrongDirection(Pose::Left))),
    ];
    for (scene, reason) in cases {
        let shots = shots(&sights(&studio, &order, scene, 8));
        for other in every_order() {
            let film = unprompted(Rules::default(), &poses(&other), &shots);
            // A mirrored film is an honest one of the mirrored order.
            let is_honest = scene == Scene::Mirrored && other == ["left", "right", "down", "up"];
            assert_eq!(film.is_passed(), is_honest, "{scene:?} {other:?}: {film:?}");
        }
        let film = unprompted(Rules::default(), &poses(&order), &shots);
        let first = film.outcomes.iter().find_map(|outcome| outcome.reason);
        assert!(reason.is_none() || first == reason, "{scene:?}: {film:?}");
        assert_eq!(film.looks_mirrored(), scene == Scene::Mirrored, "{scene:?}");
    }
}

fn every_order() -> Vec<[&'static str; 4]> {
    let all = ["left", "right", "up", "down"];
    let mut orders = Vec::new();
    for code in 0..256_usize {
        let order = [code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6].map(|place| all[place]);
        if all.iter().all(|pose| order.contains(pose)) {
            orders.push(order);
        }
    }
    assert_eq!(orders.len(), 24);
    orders
}

#[test]
fn sparse_frames_read_as_dense_ones_do() {
    // At two frames a second a tracker that is not told anew locks in to a wrong place.
    let (studio, order) = (Studio::open(), ["up", "down"]);
    let dense = sights(&studio, &order, Scene::Plain, 10);
    let sparse = sights(&studio, &order, Scene::Plain, 2);
    let mut compared = 0;
    for (seconds, sight) in sparse {
        let (_, same) = dense.iter().min_by(|a, b| (a.0 - seconds).abs().total_cmp(&(b.0 - seconds).abs())).unwrap();
        let (a, b) = (sight.face.unwrap(), same.face.unwrap());
        assert!((a.yaw - b.yaw).abs() < 4.0 && (a.pitch - b.pitch).abs() < 4.0, "{seconds} s: {a:?} {b:?}");
        compared += 1;
    }
    assert!(compared > 15);
}

#[test]
fn damaged_networks_are_errors() {
    let frame = vec![120; WIDTH * HEIGHT * 3];
    let (mut refused, mut state) = (0, 7_u64);
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for round in 0..1_500 {
        let is_detector = round % 2 == 0;
        let mut network = if is_detector { networks::DETECTOR } else { networks::MESH }.to_vec();
        let length = network.len();
        match round % 5 {
            0 => network.truncate(random(length)),
            // Where the graph is described: the end and the beginning.
            1 => (0..8).for_each(|_| network[length - 1 - random(12_000)] = random(256) as u8),
            2 => (0..8).for_each(|_| network[random(64)] = random(256) as u8),
            3 => (0..40).for_each(|_| network[length - 1 - random(30_000)] ^= 1 << random(8)),
            _ => (0..200).for_each(|_| network[random(length)] = random(256) as u8),
        }
        let engine = if is_detector { Engine::of(&network, networks::MESH) } else { Engine::of(networks::DETECTOR, &network) };
        match engine {
            Err(_) => refused += 1,
            // What still is a network answers something or refuses.
            Ok(mut engine) => drop(engine.look(&rgb(&frame), 0)),
        }
    }
    assert!(refused > 500, "only {refused} of 1,500 were refused");
    assert!(Engine::of(networks::MESH, networks::DETECTOR).and_then(|mut engine| engine.look(&rgb(&frame), 0)).is_err());
}

#[test]
fn any_frame_is_looked_at() {
    let mut engine = Engine::new().unwrap();
    for (width, height) in [(1, 1), (1, 480), (640, 1), (3, 5), (1_921, 1_079)] {
        let pixels = vec![200; width * height * 4];
        let sight = engine.look(&Frame::new(&pixels, width, height, Layout::Rgba).unwrap(), 0).unwrap();
        assert_eq!((sight.faces, sight.face), (0, None), "{width} × {height}");
    }
}
