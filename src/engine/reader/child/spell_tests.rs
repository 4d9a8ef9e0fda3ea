//! Zones out of made-up likelihoods: what was seen clearly is spelt, what was not is never passed off as sure.

use ocrb::net::CLASSES;
use proptest::prelude::*;

use super::*;

const EXAMPLES: [&[&str]; 5] = [
    &["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"],
    &["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"],
    &["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"],
    &["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"],
    &["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"],
];

fn place(letter: u8) -> usize {
    LETTERS.iter().position(|other| *other == letter).unwrap()
}

/// Cells in which every letter is seen with a lead of seven.
fn cells(lines: &[&str]) -> Cells {
    let seen = |letter: u8| {
        let mut scores = [-7.0; CLASSES];
        scores[place(letter)] = 0.0;
        scores
    };
    Cells { lines: lines.iter().map(|line| line.bytes().map(seen).collect()).collect(), fit: -0.05, corners: [(0.0, 0.0); 4] }
}

#[test]
fn every_format_is_spelt_as_it_was_seen() {
    for lines in EXAMPLES {
        let spelt = spell(&cells(lines)).unwrap();
        assert_eq!(spelt.zone.lines(), lines);
        assert!(spelt.is_clean() && spelt.unsure.is_empty(), "{lines:?} {:?}", spelt.unsure);
    }
}

#[test]
fn a_state_that_does_not_exist_gives_way_to_one_that_does() {
    let mut cells = cells(EXAMPLES[0]);
    cells.lines[0][4][place(b'Q')] = 0.3;
    let spelt = spell(&cells).unwrap();
    assert_eq!(spelt.zone.issuer(), "UTO");
    assert!(spelt.unsure.is_empty() || spelt.unsure == [(0, 4)]);
}

#[test]
fn a_letter_where_a_digit_belongs_is_kept_when_it_is_plain_and_pointed_out() {
    let lines = ["IDROUSAVA<<SUPERMAN<<<<<<<<<<<<<<<<<", "HD198025<51328505095M130509012049941"];
    let spelt = spell(&cells(&lines)).unwrap();
    assert_eq!(spelt.zone.lines(), lines);
    assert_eq!(spelt.unsure, [(1, 10), (1, 11), (1, 12)]);
}

#[test]
fn one_close_letter_is_repaired_and_said_to_be() {
    let mut cells = cells(EXAMPLES[0]);
    let at = &mut cells.lines[1][3];
    at[place(b'4')] = 0.0;
    at[place(b'9')] = -2.0;
    at[place(b'8')] = -9.0;
    let wrong = spell(&cells).unwrap();
    assert!(!wrong.zone.is_valid(), "neither closes");
    cells.lines[1][3][place(b'8')] = -3.0;
    let spelt = spell(&cells).unwrap();
    assert!(spelt.repaired && spelt.zone.is_valid());
    assert_eq!(spelt.zone.lines(), EXAMPLES[0]);
}

#[test]
fn the_second_opinion_settles_what_was_close_and_never_what_was_plain() {
    let mut cells = cells(EXAMPLES[0]);
    cells.lines[0][7][place(b'E')] = -0.5;
    let first = spell(&cells).unwrap();
    assert_eq!(first.unsure, [(0, 7)]);
    let opinion = |letter: u8| {
        let mut lines = vec![vec![None; 44]; 2];
        lines[0][7] = Some(letter);
        lines[0][8] = Some(b'Z');
        lines
    };
    let agreed = first.with_second(&opinion(b'I')).unwrap();
    assert!(agreed.unsure.is_empty(), "{:?}", agreed.unsure);
    assert_eq!(agreed.zone.lines(), EXAMPLES[0]);
    let contradicted = first.with_second(&opinion(b'E')).unwrap();
    assert_eq!(contradicted.unsure, [(0, 7)]);
}

proptest! {
    /// A letter misread by a hair is caught by a check digit, repaired and said so, or pointed out.
    #[test]
    fn a_misread_letter_never_passes_for_sure(example in 0usize..5, line in 0usize..3, at in 0usize..44, letter in "[A-Z0-9<]", lead in 0.0f32..1.5) {
        let lines = EXAMPLES[example];
        prop_assume!(line < lines.len() && at < lines[0].len());
        let (truth, wrong) = (lines[line].as_bytes()[at], letter.as_bytes()[0]);
        prop_assume!(truth != wrong);
        let mut cells = cells(lines);
        cells.lines[line][at][place(wrong)] = lead;
        let spelt = spell(&cells).unwrap();
        if spelt.zone.lines() != lines {
            prop_assert!(!spelt.is_clean() || spelt.unsure.contains(&(line, at)), "{} for {} at {line},{at}: {:?}", char::from(wrong), char::from(truth), spelt);
        }
    }
}
