//! From likelihoods of letters to a zone: what may stand where, which letters are unsure, and the one repair that is allowed.

use ocrb::{
    Cells,
    net::{LETTERS, Likelihoods},
};

use super::grammar;
use crate::engine::document::{
    Zone, codes,
    mrz::{Alphabet, Format},
};

/// What a letter loses where the standard wants another kind: specimens break the rule, misread ones far more often.
const FOREIGN: f32 = 4.0;
/// A country that does not exist must be this much clearer than one that does.
const NO_COUNTRY: f32 = 2.5;
/// Letters this close to the chosen one may be meant instead.
const CLOSE: f32 = 2.5;
/// Letters that are this close may be exchanged for each other by a repair.
const REPAIRABLE: f32 = 4.5;
/// What the second opinion adds to its letter.
const SECOND: f32 = 2.0;

const UTOPIA: &[u8; 3] = b"UTO";

/// A zone with what is known about each of its letters.
#[derive(Debug, Clone)]
pub(crate) struct Spelt {
    pub(crate) zone: Zone,
    /// One letter was exchanged so that the check digits close.
    pub(crate) repaired: bool,
    /// Positions (line, column) that might be another letter without any check digit noticing.
    pub(crate) unsure: Vec<(usize, usize)>,
    /// Mean likelihood of the chosen letters, as a logarithm.
    pub(crate) fit: f32,
    raw: Vec<Vec<Likelihoods>>,
}

/// Reads cells as the format of their size. `None` when there is no such format.
pub(crate) fn spell(cells: &Cells) -> Option<Spelt> {
    settled(cells.lines.clone(), cells.fit)
}

impl Spelt {
    /// The same cells, the letters of a second reader counted as evidence.
    pub(crate) fn with_second(&self, lines: &[Vec<Option<u8>>]) -> Option<Self> {
        let mut raw = self.raw.clone();
        for (scores, letters) in raw.iter_mut().zip(lines) {
            for (scores, letter) in scores.iter_mut().zip(letters) {
                if let Some(n) = LETTERS.iter().position(|other| Some(*other) == *letter) {
                    scores[n] += SECOND;
                }
            }
        }
        settled(raw, self.fit)
    }

    /// Whether everything closes without help.
    pub(crate) fn is_clean(&self) -> bool {
        self.zone.is_valid() && !self.repaired
    }

    /// A valid zone beats a repaired one beats a broken one; then the clearer.
    pub(crate) fn rank(&self) -> f32 {
        let failed = f32::from(u8::try_from(self.zone.failed().len()).unwrap_or(9));
        let validity = if self.zone.is_valid() { 10.0 } else { -failed * 0.5 };
        let unsure = f32::from(u8::try_from(self.unsure.len()).unwrap_or(u8::MAX));
        validity - if self.repaired { 5.0 } else { 0.0 } + self.fit * 4.0 - unsure * 0.05
    }
}

/// Visas begin with `V`.
fn format_of(lines: &[Vec<Likelihoods>]) -> Option<Format> {
    let first = best(&weighed(lines.first()?.first()?, Alphabet::Letter));
    let mut sample: Vec<Vec<u8>> = lines.iter().map(|line| vec![b'<'; line.len()]).collect();
    sample[0][0] = first;
    Format::of(&sample)
}

fn weighed(likely: &Likelihoods, alphabet: Alphabet) -> Likelihoods {
    let mut scores = *likely;
    for (n, letter) in LETTERS.iter().enumerate() {
        if !alphabet.allows(*letter) {
            scores[n] -= FOREIGN;
        }
    }
    scores
}

fn best(scores: &Likelihoods) -> u8 {
    let best = LETTERS.iter().zip(scores).max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or(b'<', |(letter, _)| *letter)
}

/// The score of a letter.
pub(super) fn score(scores: &Likelihoods, letter: u8) -> f32 {
    LETTERS.iter().position(|other| *other == letter).map_or(f32::MIN, |n| scores[n])
}

/// Letters no further than `close` below the chosen one.
fn rivals(scores: &Likelihoods, chosen: u8, close: f32) -> Vec<u8> {
    let own = score(scores, chosen);
    LETTERS.iter().zip(scores).filter(|(letter, score)| **letter != chosen && own - **score < close).map(|(letter, _)| *letter).collect()
}

fn settled(raw: Vec<Vec<Likelihoods>>, fit: f32) -> Option<Spelt> {
    let format = format_of(&raw)?;
    let mut scores: Vec<Vec<Likelihoods>> = raw.clone();
    for (line, cells) in scores.iter_mut().enumerate() {
        for (at, likely) in cells.iter_mut().enumerate() {
            *likely = weighed(likely, format.alphabet(line, at));
        }
    }
    let (name_line, name_from) = format.names_at();
    grammar::weigh_names(&mut scores[name_line][name_from..]);
    let mut lines: Vec<Vec<u8>> = scores.iter().map(|line| line.iter().map(best).collect()).collect();
    for (line, at) in [(0, 2), format.nationality_at()] {
        let is_utopia = line == 0 || lines[0][2..5] == *UTOPIA;
        if let Some(code) = country(&scores[line][at..at + 3], is_utopia) {
            lines[line][at..at + 3].copy_from_slice(&code);
        }
    }
    let read = Zone::new(&lines)?;
    let (zone, repaired) = if read.is_valid() {
        (read, false)
    } else {
        match read.repaired(|line, at| rivals(&scores[line][at], lines[line][at], REPAIRABLE)) {
            Some(repaired) => (repaired, true),
            None => (read, false),
        }
    };
    let unsure = unsure(&zone, &scores, &raw);
    Some(Spelt { zone, repaired, unsure, fit, raw })
}

/// The likeliest existing code when none that does not exist is plainly clearer. Utopia, the standard's state of specimens, has citizens
/// in its own documents only.
fn country(scores: &[Likelihoods], is_utopia: bool) -> Option<[u8; 3]> {
    let sum = |code: &[u8; 3]| code.iter().zip(scores).map(|(letter, scores)| score(scores, *letter)).sum::<f32>();
    let clearest: f32 = scores.iter().map(|scores| score(scores, best(scores))).sum();
    let code = codes::all().filter(|code| is_utopia || code != UTOPIA).max_by(|a, b| sum(a).total_cmp(&sum(b)))?;
    (clearest - sum(&code) < NO_COUNTRY).then_some(code)
}

fn is_unknown_country(lines: &[Vec<u8>], format: Format, line: usize, at: usize) -> bool {
    let Some(from) = format.country_at(line, at) else { return false };
    let code = &lines[line][from..from + 3];
    !codes::is_code(code) || line > 0 && code == UTOPIA && lines[0][2..5] != *UTOPIA
}

/// Where a close rival would leave the zone as valid as it is, and where the rules have overruled what was seen.
fn unsure(zone: &Zone, scores: &[Vec<Likelihoods>], raw: &[Vec<Likelihoods>]) -> Vec<(usize, usize)> {
    let failed = zone.failed().len();
    let lines: Vec<Vec<u8>> = zone.lines().into_iter().map(String::into_bytes).collect();
    let mut found = Vec::new();
    for (line, letters) in lines.iter().enumerate() {
        for (at, letter) in letters.iter().enumerate() {
            let stays = |rival: &u8| {
                let mut other = lines.clone();
                other[line][at] = *rival;
                let is_country = zone.format().country_at(line, at).is_none_or(|from| codes::is_code(&other[line][from..from + 3]));
                is_country && Zone::new(&other).is_some_and(|other| other.failed().len() <= failed)
            };
            let (own, seen) = (score(&raw[line][at], *letter), best(&raw[line][at]));
            let overruled = score(&raw[line][at], seen) - own > 1.5;
            let foreign = !zone.format().alphabet(line, at).allows(*letter) || is_unknown_country(&lines, zone.format(), line, at);
            if foreign || overruled || rivals(&scores[line][at], *letter, CLOSE).iter().any(stays) {
                found.push((line, at));
            }
        }
    }
    found
}

#[cfg(test)]
#[path = "spell_tests.rs"]
mod tests;
