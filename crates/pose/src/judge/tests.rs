//! Made-up traces: what passes, what does not, and why.

use proptest::prelude::*;

use super::*;
use crate::{Face, Sight};

/// A head as it is told to move, sampled ten times a second before a camera that stands a little low.
#[derive(Debug)]
struct Head {
    keys: Vec<(i64, f32, f32)>,
    prompts: Vec<Prompt>,
}

const BASE: (f32, f32) = (3.0, -7.0);

impl Head {
    fn new() -> Self {
        Self { keys: vec![(0, 0.0, 0.0)], prompts: vec![Prompt { pose: Pose::Frontal, at_ms: 0 }] }
    }

    fn now(&self) -> i64 {
        self.keys.last().unwrap().0
    }

    fn rest(mut self, ms: i64) -> Self {
        let (at, yaw, pitch) = *self.keys.last().unwrap();
        self.keys.push((at + ms, yaw, pitch));
        self
    }

    fn turn(mut self, ms: i64, yaw: f32, pitch: f32) -> Self {
        self.keys.push((self.now() + ms, yaw, pitch));
        self
    }

    fn asked(mut self, pose: Pose) -> Self {
        self.prompts.push(Prompt { pose, at_ms: self.now() });
        self
    }

    /// Asked, and done as people do.
    fn does(self, pose: Pose, degrees: f32) -> Self {
        let (yaw, pitch) = aim(pose, degrees);
        self.asked(pose).rest(700).turn(400, yaw, pitch).rest(1_200).turn(400, 0.0, 0.0).rest(900)
    }

    fn at(&self, at_ms: i64) -> (f32, f32) {
        let after = self.keys.iter().position(|key| key.0 >= at_ms).unwrap_or(self.keys.len() - 1);
        let (b, a) = (self.keys[after], self.keys[after.saturating_sub(1)]);
        let share = if b.0 == a.0 { 1.0 } else { ((at_ms - a.0) as f32 / (b.0 - a.0) as f32).clamp(0.0, 1.0) };
        (a.1 + (b.1 - a.1) * share, a.2 + (b.2 - a.2) * share)
    }

    fn shots(&self) -> Vec<Shot> {
        (0..=self.now() / 100).map(|n| Shot::Measured(sample(n * 100, self.at(n * 100)))).collect()
    }

    fn recheck(&self) -> Film {
        recheck(Rules::default(), &self.prompts, &self.shots())
    }

    fn unprompted(&self) -> Film {
        let order: Vec<Pose> = self.prompts.iter().map(|prompt| prompt.pose).collect();
        unprompted(Rules::default(), &order, &self.shots())
    }
}

fn aim(pose: Pose, degrees: f32) -> (f32, f32) {
    match pose {
        Pose::Frontal => (0.0, 0.0),
        Pose::Left => (degrees, 0.0),
        Pose::Right => (-degrees, 0.0),
        Pose::Down => (0.0, degrees),
        Pose::Up => (0.0, -degrees),
    }
}

fn sample(at_ms: i64, (yaw, pitch): (f32, f32)) -> Sample {
    let face = Face { yaw: BASE.0 + yaw, pitch: BASE.1 + pitch, roll: 1.0, score: 0.99, width: 160.0, luma: 120.0, middle: [320.0, 240.0] };
    let fingerprint = (at_ms as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Sample { at_ms, sight: Sight { faces: 1, face: Some(face), fingerprint } }
}

fn change(shots: &mut [Shot], from_ms: i64, to_ms: i64, how: impl Fn(&mut Sight)) {
    for shot in shots {
        if let Shot::Measured(sample) = shot
            && (from_ms..to_ms).contains(&sample.at_ms)
        {
            how(&mut sample.sight);
        }
    }
}

fn whole(order: [Pose; 4]) -> Head {
    order.into_iter().fold(Head::new().rest(1_500), |head, pose| head.does(pose, 26.0))
}

fn orders() -> Vec<[Pose; 4]> {
    let all = Pose::DIRECTIONS;
    let mut orders = Vec::new();
    for a in all {
        for b in all {
            for c in all {
                for d in all {
                    let order = [a, b, c, d];
                    if all.iter().all(|pose| order.contains(pose)) {
                        orders.push(order);
                    }
                }
            }
        }
    }
    orders
}

fn last_reason(film: &Film) -> Option<Reason> {
    film.outcomes.last().unwrap().reason
}

#[test]
fn every_order_passes_when_it_is_followed_and_no_other() {
    assert_eq!(orders().len(), 24);
    for asked in orders() {
        let shots = whole(asked).shots();
        for expected in orders() {
            let order: Vec<Pose> = std::iter::once(Pose::Frontal).chain(expected).collect();
            let film = unprompted(Rules::default(), &order, &shots);
            assert_eq!(film.is_passed(), asked == expected, "{asked:?} judged as {expected:?}: {film:?}");
        }
        let film = whole(asked).recheck();
        assert!(film.is_passed(), "{asked:?}: {film:?}");
        assert!(film.outcomes[1..].iter().all(|outcome| outcome.returned_ms.is_some() && outcome.started_ms.is_some()), "{film:?}");
        let front = film.baseline.unwrap();
        assert!((front.yaw - BASE.0).abs() < 0.01 && (front.pitch - BASE.1).abs() < 0.01);
    }
}

#[test]
fn nothing_passes_that_is_not_the_movement() {
    let cases: [(&str, Head, Option<Reason>); 11] = [
        ("done", Head::new().rest(1_500).does(Pose::Left, 20.0), None),
        ("ignored", Head::new().rest(1_500).asked(Pose::Left).rest(9_000), Some(Reason::NotSeen)),
        ("not far enough", Head::new().rest(1_500).does(Pose::Left, 11.0), Some(Reason::NotSeen)),
        ("let go too soon", Head::new().rest(1_500).asked(Pose::Up).rest(600).turn(300, 0.0, -20.0).turn(300, 0.0, 0.0).rest(8_000), Some(Reason::NotSeen)),
        ("aslant", Head::new().rest(1_500).asked(Pose::Up).rest(600).turn(400, 18.0, -20.0).rest(8_000), Some(Reason::NotSeen)),
        ("the other way", Head::new().rest(1_500).asked(Pose::Left).rest(600).turn(400, -25.0, 0.0).rest(1_500), Some(Reason::WrongDirection(Pose::Right))),
        ("known before", Head::new().rest(1_500).asked(Pose::Left).rest(100).turn(400, 25.0, 0.0).rest(900), Some(Reason::TooEarly)),
        ("late", Head::new().rest(1_500).asked(Pose::Left).rest(6_300).turn(400, 25.0, 0.0).rest(1_000), Some(Reason::TooLate)),
        ("very late", Head::new().rest(1_500).asked(Pose::Left).rest(8_000).turn(400, 25.0, 0.0).rest(900), Some(Reason::NotSeen)),
        ("cut", Head::new().rest(1_500).asked(Pose::Left).rest(600).turn(1, 25.0, 0.0).rest(900), Some(Reason::Jumped)),
        ("turned all along", Head::new().rest(1_500).turn(400, 25.0, 0.0).asked(Pose::Left).rest(9_000), Some(Reason::NotSeen)),
    ];
    for (name, head, reason) in cases {
        let film = head.recheck();
        assert_eq!(last_reason(&film), reason, "{name}: {film:?}");
        assert!(film.outcomes[0].is_passed(), "{name}");
    }
}

#[test]
fn a_bad_picture_is_named() {
    let head = || Head::new().rest(1_500).does(Pose::Down, 25.0);
    let from = 1_500;
    let cases: [(&str, Box<dyn Fn(&mut Sight)>, Reason); 7] = [
        ("empty", Box::new(|sight| (sight.face, sight.faces) = (None, 0)), Reason::FaceLost),
        ("two", Box::new(|sight| sight.faces = 2), Reason::SeveralFaces),
        ("dark", Box::new(|sight| sight.face.as_mut().unwrap().luma = 20.0), Reason::TooDark),
        ("far", Box::new(|sight| sight.face.as_mut().unwrap().width = 78.0), Reason::FaceChanged),
        ("frozen", Box::new(|sight| sight.fingerprint = 1), Reason::Frozen),
        ("elsewhere", Box::new(|sight| sight.face.as_mut().unwrap().middle[0] = 20.0), Reason::FaceChanged),
        ("doubtful", Box::new(|sight| sight.face.as_mut().unwrap().score = 0.4), Reason::FaceLost),
    ];
    for (name, how, reason) in cases {
        let mut shots = head().shots();
        change(&mut shots, from, i64::MAX, how);
        let film = recheck(Rules::default(), &head().prompts, &shots);
        assert_eq!(last_reason(&film), Some(reason), "{name}: {film:?}");
    }
    let mut far = head().shots();
    change(&mut far, 0, i64::MAX, |sight| sight.face.as_mut().unwrap().width = 60.0);
    let film = recheck(Rules::default(), &head().prompts, &far);
    assert!(film.outcomes.iter().all(|outcome| outcome.reason == Some(Reason::TooSmall)), "{film:?}");
    assert!(film.outcomes[0].reason.unwrap().is_unclear());
    let film = recheck(Rules::default(), &head().prompts, &[]);
    assert!(film.outcomes.iter().all(|outcome| outcome.reason == Some(Reason::TooSparse)), "{film:?}");
}

#[test]
fn a_short_flaw_does_not_fail_an_honest_step() {
    let head = Head::new().rest(1_500).does(Pose::Down, 25.0);
    let mut shots = head.shots();
    // A blink of the detector on the way and in the dwell.
    change(&mut shots, 2_300, 2_400, |sight| sight.faces = 2);
    change(&mut shots, 2_800, 2_900, |sight| sight.face = None);
    assert!(recheck(Rules::default(), &head.prompts, &shots).is_passed());
}

#[test]
fn pictures_shown_before_are_recognised() {
    let head = Head::new().rest(1_500).does(Pose::Left, 25.0).does(Pose::Right, 25.0).does(Pose::Left, 25.0);
    let mut shots = head.shots();
    assert!(recheck(Rules::default(), &head.prompts, &shots).is_passed());
    // The second turn to the left is the first one again, 7.2 s later.
    let (first, second) = (head.prompts[1].at_ms, head.prompts[3].at_ms);
    for place in 0..shots.len() {
        if let Shot::Measured(sample) = shots[place]
            && sample.at_ms >= second
        {
            let earlier = shots[usize::try_from((sample.at_ms - second + first) / 100).unwrap()];
            if let (Shot::Measured(now), Shot::Measured(then)) = (&mut shots[place], earlier) {
                now.sight = then.sight;
            }
        }
    }
    let film = recheck(Rules::default(), &head.prompts, &shots);
    assert_eq!(last_reason(&film), Some(Reason::Repeated), "{film:?}");
}

#[test]
fn a_camera_that_mirrors_is_hinted_at() {
    let order = [Pose::Frontal, Pose::Left, Pose::Right, Pose::Down, Pose::Up];
    let shots = whole([Pose::Right, Pose::Left, Pose::Down, Pose::Up]).shots();
    let film = unprompted(Rules::default(), &order, &shots);
    assert!(!film.is_passed() && film.looks_mirrored(), "{film:?}");
    assert_eq!(film.outcomes[2].reason, Some(Reason::NotReached));
}

#[test]
fn the_front_is_looked_at_even_when_nobody_asks() {
    let head = Head::new().rest(1_500).does(Pose::Left, 25.0);
    assert!(unprompted(Rules::default(), &[Pose::Left], &head.shots()).is_passed());
    let turned = Head::new().turn(0, 30.0, 0.0).rest(5_000);
    let film = unprompted(Rules::default(), &[Pose::Left], &turned.shots());
    assert_eq!(film.outcomes.len(), 1);
    assert_eq!(last_reason(&film), Some(Reason::NotSeen));
}

#[test]
fn the_front_is_taken_up_again() {
    let stays = Head::new().rest(1_500).asked(Pose::Left).rest(600).turn(400, 25.0, 0.0).rest(10_000);
    assert_eq!(last_reason(&stays.unprompted()), Some(Reason::NotReturned));
    // A film that ends in the last pose has shown it.
    let ends = Head::new().rest(1_500).asked(Pose::Left).rest(600).turn(400, 25.0, 0.0).rest(800);
    assert!(ends.unprompted().is_passed());
}

#[test]
fn progress_fills() {
    let head = Head::new().rest(1_500).does(Pose::Left, 25.0);
    let mut judge = Judge::new(Rules::default());
    judge.prompt(Pose::Frontal, Some(0));
    let (mut last, mut passed) = (0.0, Vec::new());
    for shot in head.shots() {
        let Shot::Measured(sample) = shot else { continue };
        if sample.at_ms == 1_500 {
            judge.prompt(Pose::Left, Some(1_500));
        }
        passed.extend(judge.take(&sample));
        last = f32::max(last, judge.progress());
        assert!((0.0..=1.0).contains(&judge.progress()));
    }
    assert!(last > 0.7);
    assert!(passed.len() == 2 && passed.iter().all(Outcome::is_passed), "{passed:?}");
}

#[test]
fn names_read_back() {
    for pose in Pose::ALL {
        assert_eq!(pose.name().parse(), Ok(pose));
        assert_eq!(pose.mirrored().mirrored(), pose);
    }
}

fn any_trace() -> impl Strategy<Value = Vec<Shot>> {
    let one = (10_i64..400, -60.0_f32..60.0, -60.0_f32..60.0, 0_u32..3, 0.0_f32..1.0, any::<u8>());
    prop::collection::vec(one, 0..300).prop_map(|steps| {
        let mut at_ms = 0;
        steps
            .into_iter()
            .map(|(gap, yaw, pitch, faces, score, print)| {
                at_ms += gap;
                let mut sample = sample(at_ms, (yaw, pitch));
                sample.sight.faces = faces;
                sample.sight.fingerprint = u64::from(print);
                sample.sight.face = sample.sight.face.filter(|_| faces > 0).map(|face| Face { score, ..face });
                Shot::Measured(sample)
            })
            .collect()
    })
}

/// A trace whose head wanders smoothly.
fn wandering() -> impl Strategy<Value = Head> {
    prop::collection::vec((100_i64..1_500, -35.0_f32..35.0, -35.0_f32..35.0, any::<bool>()), 1..25).prop_map(|moves| {
        moves.into_iter().fold(Head::new().rest(1_500), |head, (ms, yaw, pitch, rests)| if rests { head.rest(ms) } else { head.turn(ms, yaw, pitch) })
    })
}

proptest! {
    #[test]
    fn no_trace_breaks_the_judge(shots in any_trace(), order in prop::collection::vec(0_usize..5, 0..7), gaps in prop::collection::vec(0_i64..9_000, 7)) {
        let order: Vec<Pose> = order.into_iter().map(|pose| Pose::ALL[pose]).collect();
        let film = unprompted(Rules::default(), &order, &shots);
        prop_assert_eq!(film.outcomes.len(), order.len());
        let mut at_ms = 0;
        let prompts: Vec<Prompt> = order.iter().zip(gaps).map(|(pose, gap)| { at_ms += gap; Prompt { pose: *pose, at_ms } }).collect();
        let film = recheck(Rules::default(), &prompts, &shots);
        prop_assert_eq!(film.outcomes.iter().map(|outcome| outcome.pose).collect::<Vec<_>>(), order);
    }

    /// Whatever passes really was: for half a second, far enough, on its own axis.
    #[test]
    fn what_passes_was_there(head in wandering(), direction in 0_usize..4, wait in 0_i64..3_000) {
        let pose = Pose::DIRECTIONS[direction];
        let prompts = [Prompt { pose: Pose::Frontal, at_ms: 0 }, Prompt { pose, at_ms: 1_500 + wait }];
        let film = recheck(Rules::default(), &prompts, &head.shots());
        if let Some(Outcome { reason: None, started_ms: Some(started), entered_ms: Some(entered), held_ms: Some(held), .. }) = film.outcomes.get(1) {
            let rules = Rules::default();
            prop_assert!(held - entered >= rules.dwell_ms);
            prop_assert!((rules.earliest_ms..=rules.latest_ms).contains(&(started - prompts[1].at_ms)));
            let front = film.baseline.unwrap();
            for at_ms in (*entered..=*held).step_by(100) {
                let (yaw, pitch) = head.at(at_ms);
                let (along, beside) = pose.along(yaw + BASE.0 - front.yaw, pitch + BASE.1 - front.pitch);
                prop_assert!(along >= rules.keep - 0.01 && beside < rules.beside + 0.01, "{} {} {}", at_ms, along, beside);
            }
        }
    }

    /// A head that never leaves ±11° passes nothing but the front.
    #[test]
    fn small_movements_never_pass(moves in prop::collection::vec((100_i64..900, -3.9_f32..3.9, -3.9_f32..3.9), 1..30), direction in 0_usize..4) {
        let head = moves.into_iter().fold(Head::new().rest(1_500), |head, (ms, yaw, pitch)| head.turn(ms, yaw, pitch));
        let film = unprompted(Rules::default(), &[Pose::Frontal, Pose::DIRECTIONS[direction]], &head.shots());
        prop_assert!(!film.is_passed());
    }
}
