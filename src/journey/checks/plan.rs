//! The order of a call's checks, drawn by the server and known to nobody before. Pure.
//!
//! **Commit and reveal.** When a call opens the server draws a seed and tells both ends its commitment
//! `SHA-256("visavis plan 1" ‖ call ‖ seed)`. The customer's page then gives a nonce of its own, and everything drawn
//! comes from `key = HMAC-SHA256(seed, "visavis plan 1" ‖ call ‖ nonce)`: the server was bound before it knew the nonce,
//! the page gave the nonce before it could know the seed. After the call the seed is filed in the open, so that anyone
//! can draw the same order again ([`Plan::explains`]) and see that neither side chose it.
//!
//! `call` is the id's 32 hex digits, `seed` 32 bytes, `nonce` its hex text (empty if the page gave none). A draw
//! among `n` is the first eight bytes of `HMAC-SHA256(key, label ‖ position)`, big-endian, modulo `n`; the position is
//! the number of checks asked before, as eight bytes. What failed goes back among what is left, so a repeated try is a new
//! draw.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::{
    profile::{Phase, Profile},
    wire::{Challenge, CheckKind, CheckState, Feature, HandSide},
};
use crate::base::id::CallId;

const DOMAIN: &[u8] = b"visavis plan 1";
/// Between Go and the instruction, in milliseconds: long enough that nobody can time a film to it.
const GAP_MS: (u64, u64) = (200, 1_500);
/// Figures in a number to read aloud.
const DIGITS: u64 = 6;
/// Features that change with the angle among the three to be seen on a tilted document (ETSI TS 119 461 8.3.3-07A).
const VARIABLE: usize = 2;

/// 32 bytes drawn by the server.
pub(super) type Seed = [u8; 32];

/// What the server is bound by before it knows the nonce, hex.
pub(super) fn commitment(call: CallId, seed: &Seed) -> String {
    hex::encode(Sha256::new().chain_update(DOMAIN).chain_update(call.to_string()).chain_update(seed).finalize())
}

/// A check as the plan sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Past {
    /// What was asked.
    pub kind: CheckKind,
    /// How it went.
    pub state: CheckState,
    /// It was left out because the person cannot.
    pub cannot: bool,
    /// The agent chose it.
    pub chosen: bool,
    /// It no longer counts: the connection broke.
    pub void: bool,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drawn {
    /// What to ask.
    pub kind: CheckKind,
    /// How long to wait before it is asked.
    pub gap_ms: u64,
}

/// The drawn order of one call.
pub(super) struct Plan<'a> {
    key: [u8; 32],
    profile: &'a Profile,
    /// What an earlier call has settled for this one.
    carried: &'a [CheckKind],
}

impl<'a> Plan<'a> {
    /// The plan that belongs to a seed and a nonce.
    pub(super) fn new(call: CallId, seed: &Seed, nonce: Option<&str>, profile: &'a Profile) -> Self {
        let key = mac(seed, &[DOMAIN, call.to_string().as_bytes(), nonce.unwrap_or_default().as_bytes()]);
        Self { key, profile, carried: &[] }
    }

    /// The same plan where an earlier call has settled these kinds.
    pub(super) fn carrying(self, carried: &'a [CheckKind]) -> Self {
        Self { carried, ..self }
    }

    /// Everything that has still to be passed or left out with a reason, in the order of the profile; a kind as often as
    /// it is needed.
    pub(super) fn left(&self, so_far: &[Past]) -> Vec<CheckKind> {
        self.profile.phases().iter().flat_map(|phase| self.left_of(phase, so_far)).collect()
    }

    /// What to ask next; nothing when all is done, or when the tries of all that is left are used up.
    pub(super) fn next(&self, so_far: &[Past]) -> Option<Drawn> {
        let spent = self.spent(so_far);
        let position = so_far.len();
        let last = so_far.iter().rev().find(|past| past.state == CheckState::Passed && !past.void).map(|past| past.kind);
        for phase in self.profile.phases() {
            let mut open = self.left_of(&phase, so_far);
            open.retain(|kind| !spent.contains(kind));
            if open.iter().any(|kind| Some(*kind) != last) {
                open.retain(|kind| Some(*kind) != last);
            }
            if open.is_empty() {
                continue;
            }
            let kind = match phase {
                Phase::One(_) => open[0],
                Phase::Movements => open[self.pick("next", position, open.len())],
            };
            let gap_ms = GAP_MS.0 + self.draw("gap", position, GAP_MS.1 - GAP_MS.0);
            return Some(Drawn { kind, gap_ms });
        }
        None
    }

    /// The kinds of which every try is used up.
    pub(super) fn spent(&self, so_far: &[Past]) -> Vec<CheckKind> {
        let failed = |kind: CheckKind| so_far.iter().filter(|past| past.kind == kind && past.state == CheckState::Failed && !past.void).count();
        let mut left = self.left(so_far);
        left.dedup();
        left.into_iter().filter(|kind| failed(*kind) > self.profile.retries()).collect()
    }

    /// What a check of this kind asks for exactly, as the `position`th of its call.
    pub(super) fn challenge(&self, kind: CheckKind, position: usize) -> Option<Challenge> {
        match kind {
            CheckKind::Digits => {
                let digits = (0..DIGITS).map(|at| char::from(b'0' + u8::try_from(self.draw(&format!("digit {at}"), position, 10)).unwrap_or(0)));
                Some(Challenge::Digits { digits: digits.collect() })
            }
            CheckKind::Hand => Some(Challenge::Hand {
                fingers: 1 + u8::try_from(self.draw("fingers", position, 5)).unwrap_or(0),
                side: if self.draw("hand", position, 2) == 0 { HandSide::Left } else { HandSide::Right },
            }),
            CheckKind::DocumentTilt => {
                let mut of = Feature::VARIABLE.to_vec();
                let mut features: Vec<Feature> = (0..VARIABLE).map(|at| of.remove(self.pick(&format!("feature {at}"), position, of.len()))).collect();
                of.extend(Feature::FIXED);
                features.push(of[self.pick("feature last", position, of.len())]);
                Some(Challenge::Features { features })
            }
            CheckKind::DocumentCover => Some(Challenge::Cover { corner: super::wire::Corner::ALL[self.pick("corner", position, 4)] }),
            CheckKind::Code => {
                let terms = self.profile.code();
                Some(Challenge::Code { minutes: terms.minutes, attempts: terms.attempts, sends: terms.sends })
            }
            CheckKind::Questions => {
                let terms = self.profile.questions();
                Some(Challenge::Questions { ask: terms.ask, may_be_wrong: terms.wrong })
            }
            _ => None,
        }
    }

    /// Whether every check of a call that the agent did not choose is the one the draw asked for.
    pub(super) fn explains(&self, checks: &[Past]) -> bool {
        (0..checks.len()).all(|at| checks[at].chosen || self.next(&checks[..at]).is_some_and(|drawn| drawn.kind == checks[at].kind))
    }

    fn left_of(&self, phase: &Phase, so_far: &[Past]) -> Vec<CheckKind> {
        let mut left = match phase {
            // Movements are measured from the front of the same film.
            Phase::One(CheckKind::Frontal) if self.asks_movements() => vec![CheckKind::Frontal],
            Phase::One(kind) => vec![*kind],
            Phase::Movements => self.movements(),
        };
        if !(*phase == Phase::One(CheckKind::Frontal) && self.asks_movements()) {
            left.retain(|kind| !self.carried.contains(kind));
        }
        // Nobody is a dead end: who cannot turn the head shows fingers instead, who cannot do that either reads figures.
        if *phase == Phase::Movements {
            for (cannot, instead) in [(None, CheckKind::Hand), (Some(CheckKind::Hand), CheckKind::Digits)] {
                let mut kinds: Vec<CheckKind> = CheckKind::MOVEMENTS.to_vec();
                if let Some(only) = cannot {
                    kinds = vec![only];
                }
                let times = so_far.iter().filter(|past| past.cannot && kinds.contains(&past.kind)).count();
                left.extend(std::iter::repeat_n(instead, times));
            }
        }
        for (at, past) in so_far.iter().enumerate().filter(|(_, past)| !past.void) {
            let is_retried = so_far[at + 1..].iter().any(|later| later.kind == past.kind && later.state != CheckState::Skipped);
            let settles = past.state == CheckState::Passed || past.state == CheckState::Skipped && !is_retried;
            while settles && let Some(at) = left.iter().position(|kind| *kind == past.kind) {
                left.remove(at);
                // A movement that is left out is left out as often as it would have come.
                if past.state == CheckState::Passed || !past.kind.is_movement() {
                    break;
                }
            }
        }
        left
    }

    /// Which of these questions are asked, as the `position`th check of the call.
    pub(super) fn questions<'q>(&self, position: usize, most: usize, mut among: Vec<&'q str>) -> Vec<&'q str> {
        let take = most.min(among.len());
        (0..take).map(|at| among.remove(self.pick(&format!("question {at}"), position, among.len()))).collect()
    }

    /// Whether any movement of the profile has to be shown in this call.
    fn asks_movements(&self) -> bool {
        self.profile.phases().contains(&Phase::Movements) && self.profile.directions().iter().any(|direction| !self.carried.contains(direction))
    }

    /// The movements of this call: each of the profile once, and some of them once more.
    fn movements(&self) -> Vec<CheckKind> {
        let directions = self.profile.directions();
        let mut all = directions.to_vec();
        let (least, most) = self.profile.repeats();
        if !directions.is_empty() && self.carried.is_empty() {
            let repeats = least + self.pick("repeats", 0, most - least + 1);
            all.extend((0..repeats).map(|at| directions[self.pick(&format!("repeat {at}"), 0, directions.len())]));
        }
        all
    }

    fn pick(&self, label: &str, position: usize, among: usize) -> usize {
        usize::try_from(self.draw(label, position, among as u64)).unwrap_or(0)
    }

    fn draw(&self, label: &str, position: usize, among: u64) -> u64 {
        let drawn = mac(&self.key, &[label.as_bytes(), &(position as u64).to_be_bytes()]);
        let first = u64::from_be_bytes(drawn[..8].try_into().unwrap_or_default());
        first % among.max(1)
    }
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::id::Id;
    use CheckKind as K;
    use CheckState as S;

    fn call(number: u128) -> CallId {
        CallId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn past(kind: K, state: S) -> Past {
        Past { kind, state, cannot: false, chosen: false, void: false }
    }

    /// Leads a call to its end; `verdict` says how each check goes.
    fn lead(plan: &Plan<'_>, mut verdict: impl FnMut(K, usize) -> Past) -> Vec<Past> {
        let mut so_far = Vec::new();
        while let Some(drawn) = plan.next(&so_far) {
            assert!((GAP_MS.0..GAP_MS.1).contains(&drawn.gap_ms));
            let one = verdict(drawn.kind, so_far.len());
            so_far.push(one);
            assert!(so_far.len() < 200, "it ends");
        }
        so_far
    }

    #[test]
    fn a_call_without_trouble_shows_the_front_then_every_direction_and_one_or_two_again() {
        let profile = Profile::load("default").expect("built in");
        let mut orders = std::collections::BTreeSet::new();
        for number in 0..200_u8 {
            let plan = Plan::new(call(7), &[number; 32], Some("aa"), &profile);
            let shown = lead(&plan, |kind, _| past(kind, S::Passed));
            let kinds: Vec<K> = shown.iter().map(|past| past.kind).collect();
            assert_eq!(kinds[0], K::Frontal);
            assert!((6..=7).contains(&kinds.len()), "{kinds:?}");
            assert!(K::MOVEMENTS.iter().all(|direction| kinds.contains(direction)));
            assert!(plan.left(&shown).is_empty() && plan.explains(&shown));
            orders.insert(kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>());
        }
        assert!(orders.len() > 120, "{} orders in 200 calls", orders.len());
    }

    #[test]
    fn another_seed_nonce_or_call_draws_another_order_and_does_not_explain_this_one() {
        let profile = Profile::load("default").expect("built in");
        let shown = lead(&Plan::new(call(1), &[1; 32], Some("00"), &profile), |kind, _| past(kind, S::Passed));
        assert!(Plan::new(call(1), &[1; 32], Some("00"), &profile).explains(&shown));
        let others = (2..30_u8).map(|other| (call(1), [other; 32], "00")).chain([(call(2), [1; 32], "00"), (call(1), [1; 32], "01")]);
        let explained = others.filter(|(call, seed, nonce)| Plan::new(*call, seed, Some(nonce), &profile).explains(&shown)).count();
        assert!(explained <= 2, "{explained} of 30 strangers explain it");
        assert_ne!(commitment(call(1), &[1; 32]), commitment(call(2), &[1; 32]));
        // Computed with another implementation (Python's hashlib) from the words of this module's head.
        assert_eq!(commitment(call(0), &[0; 32]), "b65a6386aac573a9b124f34c4f5f9656ffb8188e2463efef43d7e819550a057f");
    }

    #[test]
    fn what_failed_is_drawn_anew_until_its_tries_are_used_up() {
        let profile = Profile::load("default").expect("built in");
        let plan = Plan::new(call(1), &[3; 32], None, &profile);
        let shown = lead(&plan, |kind, _| past(kind, if kind == K::Up { S::Failed } else { S::Passed }));
        assert_eq!(shown.iter().filter(|past| past.kind == K::Up).count(), 3, "one try and two more");
        assert_eq!(plan.spent(&shown), [K::Up]);
        assert!(plan.left(&shown).iter().all(|kind| *kind == K::Up) && !plan.left(&shown).is_empty());
        let left_out = [shown, vec![Past { chosen: true, ..past(K::Up, S::Skipped) }]].concat();
        assert!(plan.left(&left_out).is_empty() && plan.explains(&left_out));
    }

    #[test]
    fn who_cannot_turn_the_head_shows_fingers_and_who_cannot_do_that_reads_figures() {
        let profile = Profile::load("default").expect("built in");
        let plan = Plan::new(call(1), &[4; 32], None, &profile);
        let cannot = |kind: K| Past { cannot: true, ..past(kind, S::Skipped) };
        let shown = lead(&plan, |kind, _| if kind == K::Up || kind == K::Down { cannot(kind) } else { past(kind, S::Passed) });
        assert_eq!(shown.iter().filter(|past| past.kind == K::Hand).count(), 2);
        assert!(plan.left(&shown).is_empty());
        let shown = lead(&plan, |kind, _| if kind.is_movement() || kind == K::Hand { cannot(kind) } else { past(kind, S::Passed) });
        assert_eq!(shown.iter().filter(|past| past.kind == K::Digits).count(), 4);
        assert!(plan.left(&shown).is_empty());
    }

    #[test]
    fn what_was_left_out_and_tried_again_counts_as_it_went_then() {
        let profile = Profile::load("default").expect("built in");
        let plan = Plan::new(call(1), &[5; 32], None, &profile);
        let out = past(K::Frontal, S::Skipped);
        assert!(!plan.left(&[out]).contains(&K::Frontal));
        assert!(plan.left(&[out, past(K::Frontal, S::Failed)]).contains(&K::Frontal));
        assert!(!plan.left(&[out, past(K::Frontal, S::Passed)]).contains(&K::Frontal));
    }

    #[test]
    fn a_challenge_is_drawn_and_differs_from_call_to_call() {
        let profile = Profile::load("de-videoident").expect("built in");
        for kind in [K::Digits, K::Hand, K::DocumentTilt, K::DocumentCover] {
            let drawn: Vec<Challenge> = (0..40_u8).filter_map(|seed| Plan::new(call(1), &[seed; 32], None, &profile).challenge(kind, 6)).collect();
            assert_eq!(drawn.len(), 40);
            assert!(drawn.iter().any(|one| *one != drawn[0]), "{kind:?} differs");
            for one in drawn {
                match one {
                    Challenge::Digits { digits } => assert!(digits.len() == 6 && digits.chars().all(|digit| digit.is_ascii_digit())),
                    Challenge::Hand { fingers, .. } => assert!((1..=5).contains(&fingers)),
                    Challenge::Features { features } => {
                        let variable = features.iter().filter(|feature| Feature::VARIABLE.contains(feature)).count();
                        assert!(features.len() == 3 && variable >= 2, "{features:?}");
                        assert!(features[0] != features[1] && features[1] != features[2] && features[0] != features[2]);
                    }
                    Challenge::Cover { .. } | Challenge::Code { .. } | Challenge::Questions { .. } => {}
                }
            }
        }
        assert_eq!(Plan::new(call(1), &[0; 32], None, &profile).challenge(K::Up, 1), None);
    }

    #[test]
    fn what_no_longer_counts_comes_again_with_a_new_draw() {
        let profile = Profile::load("default").expect("built in");
        let plan = Plan::new(call(7), &[3; 32], Some("aa"), &profile);
        let mut so_far = lead(&plan, |kind, _| past(kind, S::Passed));
        assert_eq!(plan.next(&so_far), None);
        let at = so_far.len() - 1;
        so_far[at].void = true;
        let again = plan.next(&so_far).expect("it comes again");
        assert_eq!(again.kind, so_far[at].kind);
        so_far.push(past(again.kind, S::Passed));
        assert_eq!(plan.next(&so_far), None);
        assert!(plan.explains(&so_far));
    }

    #[test]
    fn what_an_earlier_call_settled_is_not_asked_and_a_movement_brings_the_front_along() {
        let profile = Profile::load("de-videoident").expect("built in");
        let all_but = |kind: K| profile.kinds().into_iter().filter(|one| *one != kind).collect::<Vec<_>>();
        for (again, wanted) in [(K::DocumentTilt, vec![K::DocumentTilt]), (K::Left, vec![K::Frontal, K::Left]), (K::Frontal, vec![K::Frontal])] {
            let carried = all_but(again);
            let plan = Plan::new(call(7), &[3; 32], Some("aa"), &profile).carrying(&carried);
            let shown: Vec<K> = lead(&plan, |kind, _| past(kind, S::Passed)).into_iter().map(|one| one.kind).collect();
            assert_eq!(shown, wanted, "{again:?}");
        }
    }

    #[test]
    fn questions_are_drawn_without_repetition() {
        let profile = Profile::load("in-vcip").expect("built in");
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..40_u8 {
            let plan = Plan::new(call(7), &[number; 32], Some("aa"), &profile);
            let drawn = plan.questions(4, 3, vec!["a", "b", "c", "d", "e"]);
            assert!(drawn.len() == 3 && drawn[0] != drawn[1] && drawn[1] != drawn[2] && drawn[0] != drawn[2], "{drawn:?}");
            assert_eq!(plan.questions(4, 3, vec!["a", "b"]).len(), 2);
            seen.insert(drawn);
        }
        assert!(seen.len() > 10);
    }

    proptest! {
        #[test]
        fn whatever_happens_the_plan_ends_explains_itself_and_leaves_nobody_stuck(seed: [u8; 32], verdicts in prop::collection::vec(0..4_u8, 1..60), name in 0..5_usize) {
            let profile = Profile::load(Profile::built_in().nth(name).unwrap()).unwrap();
            let plan = Plan::new(call(9), &seed, Some("ff"), &profile);
            let shown = lead(&plan, |kind, at| match verdicts.get(at) {
                Some(0) => past(kind, S::Failed),
                Some(1) => past(kind, S::Skipped),
                Some(2) => Past { cannot: true, ..past(kind, S::Skipped) },
                _ => past(kind, S::Passed),
            });
            prop_assert!(plan.explains(&shown));
            let spent = plan.spent(&shown);
            prop_assert!(plan.left(&shown).iter().all(|kind| spent.contains(kind)));
        }
    }
}
