//! The drawn sets: what everything else is measured on must be repeatable and true.

use std::collections::HashSet;

use crate::support::specimen::{DOCUMENTS, Drawn, SetWish, Split, check_digit, draw_set};

fn set(seed: u64, split: Split, documents: &[&str], bad: f32) -> Vec<Drawn> {
    let wish = SetWish { seed, count: 3, split, documents: documents.iter().map(|name| (*name).to_owned()).collect(), bad };
    let mut drawn = Vec::new();
    draw_set(&wish, |one| drawn.push(one));
    drawn
}

#[test]
fn the_same_seed_draws_the_same_set_and_tuning_never_meets_testing() {
    let documents = ["vn-citizen-2024"];
    let [once, again, tested] = [Split::Tuning, Split::Tuning, Split::Testing].map(|split| set(5, split, &documents, 0.0));
    for (one, other) in once.iter().zip(&again) {
        assert!(one.bytes == other.bytes && one.truth == other.truth, "{}", one.name);
    }
    let numbers = |set: &[Drawn]| set.iter().map(|one| one.truth["qr"].to_string()).filter(|qr| qr != "null").collect::<HashSet<_>>();
    assert!(numbers(&once).is_disjoint(&numbers(&tested)));
}

#[test]
fn every_document_is_drawn_with_a_zone_that_closes() {
    for face in &DOCUMENTS {
        let drawn = set(3, Split::Testing, &[face.document], 0.0);
        assert_eq!((drawn.len(), drawn[0].truth["document"].as_str()), (3, Some(face.document)));
        for one in &drawn {
            assert!(one.truth["fields"].as_object().is_some(), "{}", one.name);
            let lines: Vec<&str> = one.truth["mrz"].as_array().unwrap().iter().filter_map(|line| line.as_str()).collect();
            let closing = match lines.as_slice() {
                [first, second, _] => format!("{}{}{}{}", &first[5..30], &second[..7], &second[8..15], &second[18..29]),
                [_, second] => format!("{}{}{}", &second[..10], &second[13..20], &second[21..43]),
                _ => continue,
            };
            assert!(lines[1].ends_with(check_digit(&closing)), "{} {lines:?}", one.name);
            assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{} {lines:?}", one.name);
        }
    }
}

#[test]
fn a_spoilt_photograph_says_how() {
    let drawn = set(1, Split::Tuning, &[], 1.0);
    assert!(drawn.iter().all(|one| one.truth["good"] == false && one.truth["why"].is_string()));
}
