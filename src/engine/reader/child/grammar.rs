//! The grammar of the name field (ICAO 9303 part 3 §4.6): words between single fillers, two fillers between primary and secondary
//! identifier, and nothing but fillers behind the last word.

use ocrb::net::{LETTERS, Likelihoods};

use super::spell::score;

/// What a letter behind three fillers costs.
const BEHIND_THE_END: f32 = 7.0;
/// What a second pair of fillers between words costs.
const SECOND_PAIR: f32 = 2.5;
/// What a field that begins with a filler costs.
const NO_NAME: f32 = 3.0;
/// Fillers before a letter: none, one, two for the first time, two again, three or more; then whether a pair has been seen.
const STATES: usize = 7;
const IMPOSSIBLE: f32 = -1e6;

/// Takes from every letter what it costs to stand where it stands, given the best way through the rest of the field.
pub(super) fn weigh_names(cells: &mut [Likelihoods]) {
    let seen: Vec<(f32, f32)> = cells.iter().map(|scores| (best_letter(scores), score(scores, b'<'))).collect();
    let (before, after) = (forward(&seen), backward(&seen));
    for (at, scores) in cells.iter_mut().enumerate() {
        let (mut letter, mut filler) = (IMPOSSIBLE, IMPOSSIBLE);
        for state in 0..STATES {
            for (is_letter, next, cost) in steps(state, at) {
                let whole = before[at][state] - cost + after[at + 1][next];
                if is_letter {
                    letter = letter.max(whole);
                } else {
                    filler = filler.max(whole);
                }
            }
        }
        let difference = (letter - filler).clamp(-8.0, 8.0);
        for (score, other) in scores.iter_mut().zip(LETTERS) {
            if *other == b'<' {
                *score -= difference.max(0.0);
            } else {
                *score -= (-difference).max(0.0);
            }
        }
    }
}

/// Steps out of a state at a position: letter or filler, next state, cost. States 0–2: in a word, one filler, two fillers, before any
/// pair; 3–5: the same behind a pair; 6: behind the end.
fn steps(state: usize, at: usize) -> [(bool, usize, f32); 2] {
    let start = if at == 0 { NO_NAME } else { 0.0 };
    match state {
        0 => [(true, 0, 0.0), (false, 1, start)],
        1 => [(true, 0, 0.0), (false, 2, 0.0)],
        2 => [(true, 3, 0.0), (false, 6, 0.0)],
        3 => [(true, 3, 0.0), (false, 4, 0.0)],
        4 => [(true, 3, 0.0), (false, 5, 0.0)],
        5 => [(true, 3, SECOND_PAIR), (false, 6, 0.0)],
        _ => [(true, 3, BEHIND_THE_END), (false, 6, 0.0)],
    }
}

fn forward(seen: &[(f32, f32)]) -> Vec<[f32; STATES]> {
    let mut first = [IMPOSSIBLE; STATES];
    first[0] = 0.0;
    let mut all = vec![first];
    for (at, (letter, filler)) in seen.iter().enumerate() {
        let mut next = [IMPOSSIBLE; STATES];
        for state in 0..STATES {
            for (is_letter, to, cost) in steps(state, at) {
                let score = all[at][state] - cost + if is_letter { *letter } else { *filler };
                next[to] = next[to].max(score);
            }
        }
        all.push(next);
    }
    all
}

fn backward(seen: &[(f32, f32)]) -> Vec<[f32; STATES]> {
    let mut all = vec![[0.0; STATES]; seen.len() + 1];
    for (at, (letter, filler)) in seen.iter().enumerate().rev() {
        for state in 0..STATES {
            let ways = steps(state, at).map(|(is_letter, to, cost)| all[at + 1][to] - cost + if is_letter { *letter } else { *filler });
            all[at][state] = ways[0].max(ways[1]);
        }
    }
    all
}

fn best_letter(scores: &Likelihoods) -> f32 {
    LETTERS.iter().zip(scores).filter(|(letter, _)| **letter != b'<').map(|(_, score)| *score).fold(f32::MIN, f32::max)
}

#[cfg(test)]
mod tests {
    use ocrb::net::CLASSES;

    use super::*;

    /// Cells in which each letter of `text` is seen with a lead over `rivals`' letter there.
    fn cells(text: &str, rivals: &str, lead: f32) -> Vec<Likelihoods> {
        let place = |letter: u8| LETTERS.iter().position(|other| *other == letter).unwrap();
        text.bytes()
            .zip(rivals.bytes())
            .map(|(letter, rival)| {
                let mut scores = [-9.0; CLASSES];
                scores[place(rival)] = -1.0 - lead;
                scores[place(letter)] = -1.0;
                scores
            })
            .collect()
    }

    fn read(mut cells: Vec<Likelihoods>) -> String {
        weigh_names(&mut cells);
        let best = |scores: &Likelihoods| (0..LETTERS.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
        cells.iter().map(|scores| char::from(LETTERS[best(scores)])).collect()
    }

    #[test]
    fn fillers_misread_behind_the_name_are_fillers() {
        assert_eq!(read(cells("CITIZEN<<JANE<<<K<<SS", "CITIZEN<<JANE<<<<<<<<", 1.0)), "CITIZEN<<JANE<<<<<<<<");
    }

    #[test]
    fn what_is_plainly_seen_stays() {
        let text = "VAN<DER<BERG<<ANNA<MARIA<<<";
        assert_eq!(read(cells(text, &"K".repeat(text.len()), 0.5)), text);
        let truncated = "MARTIN<<CHRISTELLE<HELENE<LAUR";
        assert_eq!(read(cells(truncated, &"<".repeat(truncated.len()), 3.0)), truncated);
    }
}
