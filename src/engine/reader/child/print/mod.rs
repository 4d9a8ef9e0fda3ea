//! Printed fields: on the flat page its phrases are found, tesseract reads those that a layout's fields need, labels say which value is
//! which.

use std::collections::HashMap;

use image::GrayImage;
use ocrb::{
    phrases::{Phrase, phrases},
    views::crop,
};

use super::{page::Page, tess::Word};
use crate::{
    base::Pii,
    engine::document::{
        DocumentKind, Field, FieldName, Side, Source, is_same_given,
        layouts::{Evidence, Face, Fit, Printed, fits},
    },
};

mod agreed;
mod labels;
mod models;
mod shapes;
mod vietnamese;

pub(super) use models::Models;

use labels::{Mark, announced, judged, marks, rows};

/// Words less sure than this are noise.
const LEAST_SURE: f32 = 0.15;
/// Models of Cyrillic letters; the first reads the capitals of all.
const CYRILLIC: [&str; 2] = ["rus", "bul"];
/// Most phrases that are read to tell documents apart.
const MOST_TITLES: usize = 5;
/// Titles that fit this well leave no doubt.
const PLAIN: f32 = 0.85;
/// A document that leads by this much is the one.
const PLAIN_LEAD: f32 = 0.5;
/// A second look at other words than the first is believed when it is so much surer.
const SURER: f32 = 0.1;
/// How much larger the second look is.
const SECOND_SCALE: f32 = 1.5;
/// Width of a letter with its share of the room around it, in heights of its phrase.
const LETTER: std::ops::Range<f32> = 0.35..1.3;
/// Most confidence in a value that no label announces though its layout has one.
const UNTOLD: f32 = 0.84;
/// Width in its heights of what may be a value or a part of one.
const VALUE: std::ops::Range<f32> = 1.0..20.0;
/// Height of the letters of values, in pixels of a page 1280 wide: what is smaller is label and small print.
const VALUE_HEIGHT: usize = 17;
/// How far from its usual place a value or its label is looked for, as shares of the face: sideways, above, below.
const AROUND: (f32, f32, f32) = (0.06, 0.1, 0.045);

/// Phrases that were read to tell documents apart, by phrase and language: of one page and no other.
pub(super) type Tried = HashMap<(usize, &'static str), Look>;

/// What one look at a phrase gave.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    words: Vec<Word>,
    /// Whether there was one more word that could not be made out.
    lost: bool,
}

impl Look {
    fn sureness(&self) -> f32 {
        let count = f32::from(u16::try_from(self.words.len()).unwrap_or(u16::MAX)).max(1.0);
        self.words.iter().map(|word| word.confidence).sum::<f32>() / count
    }
}

/// Names, number and dates (as ISO 8601) by the page's zone: what print without a label must agree with to be a name.
pub(super) type ZoneNames<'a> = &'a [(FieldName, &'a str)];

/// What was read on a page so far: each phrase at most once in each language.
pub(super) struct Reader<'a> {
    page: &'a Page,
    /// Where the page was taken from.
    photo: &'a GrayImage,
    models: &'a Models,
    phrases: Vec<Phrase>,
    /// By the language of the fields.
    read: Vec<Option<Look>>,
    /// Titles, in whatever language they were tried.
    tried: Tried,
    names: ZoneNames<'a>,
    /// Whether the layout is only the common form of all states: places say little.
    is_of_any_state: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new((page, photo): (&'a Page, &'a GrayImage), models: &'a Models, names: ZoneNames<'a>, tried: Tried) -> Self {
        let phrases = phrases(page.grey());
        Self { page, photo, models, read: vec![None; phrases.len()], phrases, tried, names, is_of_any_state: false }
    }

    /// Adds to `print` the largest phrases of the upper third, one by one until they are plain enough: they tell documents apart.
    fn titles(&mut self, language: &'static str, print: &mut Vec<String>, is_plain: impl Fn(&[String]) -> bool) {
        let third = self.page.grey().height() as usize / 3;
        let mut chosen: Vec<usize> = (0..self.phrases.len()).filter(|n| self.phrases[*n].top < third && self.phrases[*n].width() > 100).collect();
        chosen.sort_by_key(|n| std::cmp::Reverse(self.phrases[*n].height()));
        for n in chosen.into_iter().take(MOST_TITLES) {
            if !self.tried.contains_key(&(n, language)) {
                self.tried.insert((n, language), self.read_at(n, language, 1.0));
            }
            print.push(self.tried[&(n, language)].words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "));
            if is_plain(print) {
                break;
            }
        }
    }

    /// The face without a zone that the print alone says this is, and what was read for it.
    pub(super) fn plainly_zoneless(mut self) -> (Option<&'static Face>, Tried) {
        let plain = |print: &[String]| {
            let found = fits(Evidence { print, ..Evidence::default() }, None);
            let with_zone = found.iter().find(|fit| fit.face().is_none_or(|face| face.zone)).map_or(0.0, |fit| fit.score);
            found.first().filter(|fit| !fit.layout.state.is_empty() && fit.score >= PLAIN && fit.score - with_zone >= PLAIN_LEAD).and_then(Fit::face)
        };
        let mut print = Vec::new();
        self.titles("vie", &mut print, |print| plain(print).is_some());
        (plain(&print), self.tried)
    }

    /// Which document and side this is, as far as zone, code and print tell: the print is only looked at when they do not. `kind` and `side`
    /// narrow it to what the customer was asked for.
    pub(super) fn fit(&mut self, evidence: Evidence, kind: Option<DocumentKind>, side: Option<Side>) -> Option<Fit> {
        let best = |evidence: Evidence| fits(evidence, kind).into_iter().filter(|fit| side.is_none_or(|side| fit.side == side)).collect::<Vec<_>>();
        let found = best(evidence);
        let first = found.first().copied()?;
        if found.get(1).is_none_or(|second| first.score > 0.0 && first.score - second.score >= PLAIN_LEAD) {
            return Some(first);
        }
        let lead = |found: &[Fit]| found.get(1).map_or(f32::MAX, |second| found[0].score - second.score);
        let is_plain = |print: &[String]| {
            let found = best(Evidence { print, ..evidence });
            found[0].score >= PLAIN && lead(&found) >= PLAIN_LEAD && !is_cyrillic(&found[0].layout.language)
        };
        let mut print = Vec::new();
        self.titles("vie", &mut print, is_plain);
        let found = best(Evidence { print: &print, ..evidence });
        // A model of Latin letters makes nothing of a Cyrillic title, and that of the two is no reason to take it for a Latin one.
        let may_be_cyrillic = found.iter().any(|fit| is_cyrillic(&fit.layout.language));
        if lead(&found) >= PLAIN_LEAD && !is_cyrillic(&found[0].layout.language) || !may_be_cyrillic {
            return found.into_iter().next();
        }
        self.titles(CYRILLIC[0], &mut print, |print| {
            let found = best(Evidence { print, ..evidence });
            found[0].score >= PLAIN && lead(&found) >= PLAIN_LEAD
        });
        best(Evidence { print: &print, ..evidence }).into_iter().next()
    }

    /// The printed fields of a face but those in `known`.
    pub(super) fn fields(&mut self, fit: &Fit, known: &[FieldName]) -> Vec<Field> {
        let Some(face) = fit.face() else { return Vec::new() };
        let language = fit.layout.language.as_str();
        self.read.fill(None);
        self.is_of_any_state = fit.layout.state.is_empty();
        let wanted: Vec<&'static Printed> = face.fields.iter().filter(|printed| !known.contains(&printed.name)).collect();
        for n in self.near(&wanted, AROUND) {
            if self.may_be_value(n) {
                self.words(n, language);
            }
        }
        let mut found = self.announced(face, &wanted);
        let is_missing = |found: &[Field], printed: &Printed| is_key(printed.name) && !found.iter().any(|field| field.name == printed.name);
        if wanted.iter().any(|printed| is_missing(&found, printed)) {
            let missing: Vec<FieldName> = wanted.iter().filter(|printed| is_missing(&found, printed)).map(|printed| printed.name).collect();
            for n in (0..self.phrases.len()).filter(|n| self.may_hold(*n, &missing)).collect::<Vec<_>>() {
                self.words(n, language);
            }
            found = self.announced(face, &wanted);
        }
        let is_doubted = |printed: &Printed| match self.of_zone(printed.name) {
            // All the page was looked at already. What it says otherwise than the zone is worth a second look, what it says not at all is not.
            Some(zone) => found.iter().any(|field| field.name == printed.name && !agreed::is_same(printed.name, field.value.expose(), zone)),
            None => is_missing(&found, printed) || is_unsure(&found, printed) || self.lacks_word(printed) || self.lacks_date(&found, printed),
        };
        let doubted: Vec<&'static Printed> = wanted.iter().copied().filter(|printed| is_doubted(printed)).collect();
        if !doubted.is_empty() {
            self.look_again(face, &doubted, language, &mut found);
        }
        if language == "vie" {
            found.iter_mut().for_each(vietnamese::amend);
        }
        found
    }

    /// Whether a word near the place of a name could not be made out.
    fn lacks_word(&self, printed: &Printed) -> bool {
        is_name(printed.name)
            && (0..self.phrases.len()).any(|n| self.is_near(n, printed, (0.0, 0.0, 0.0)) && self.read[n].as_ref().is_some_and(|look| look.lost))
    }

    /// Whether a date of any state, which would be its date of issue, is not there.
    fn lacks_date(&self, found: &[Field], printed: &Printed) -> bool {
        printed.name == FieldName::IssueDate && self.of_zone(FieldName::ExpiryDate).is_some() && found.iter().all(|field| field.name != printed.name)
    }

    /// Whether a phrase may be one of these values. Where the layout says little and the zone much, by its length: print of any state is long.
    #[expect(clippy::cast_precision_loss, reason = "letters of a value")]
    fn may_hold(&self, n: usize, missing: &[FieldName]) -> bool {
        let mut known = missing.iter().filter_map(|name| self.of_zone(*name)).peekable();
        known.peek().is_none() || known.any(|value| LETTER.contains(&(self.shape(n) / value.chars().count().max(1) as f32)))
    }

    /// Whether a phrase is worth a first look: where the zone says most and labels speak any language, dirt and small print are not.
    fn may_be_value(&self, n: usize) -> bool {
        !self.is_of_any_state || self.names.is_empty() || VALUE.contains(&self.shape(n)) && self.phrases[n].height() >= VALUE_HEIGHT
    }

    /// Width of a phrase in its heights.
    #[expect(clippy::cast_precision_loss, reason = "sides of a phrase")]
    fn shape(&self, n: usize) -> f32 {
        self.phrases[n].width() as f32 / self.phrases[n].height() as f32
    }

    /// What the zone says, where the layout says little.
    fn of_zone(&self, name: FieldName) -> Option<&'a str> {
        self.names.iter().find(|(other, _)| self.is_of_any_state && *other == name).map(|(_, value)| *value)
    }

    /// Reads once more, larger, what gave no value or an unsure one, and keeps what is better.
    fn look_again(&mut self, face: &'static Face, doubted: &[&'static Printed], language: &'static str, found: &mut Vec<Field>) {
        let is_missing_one = doubted.iter().any(|printed| is_key(printed.name) && !found.iter().any(|field| field.name == printed.name));
        for n in self.worth_another(doubted, found) {
            let first = self.read[n].take();
            let second = self.read_at(n, language, SECOND_SCALE);
            self.read[n] = Some(match first {
                // As many words, each the surer of its two readings.
                Some(first) if first.words.len() == second.words.len() => {
                    let surer = |(first, second): (Word, Word)| if second.confidence > first.confidence { second } else { first };
                    Look { words: first.words.into_iter().zip(second.words).map(surer).collect(), lost: second.lost }
                }
                Some(first) if is_missing_one || second.words.len() > first.words.len() && (first.lost || second.sureness() > first.sureness() + SURER) => {
                    second
                }
                Some(first) => first,
                None => second,
            });
        }
        for field in self.announced(face, doubted) {
            match found.iter_mut().find(|other| other.name == field.name) {
                Some(other) if other.confidence <= field.confidence || goes_on(&field, other) => *other = field,
                Some(_) => {}
                None => found.push(field),
            }
        }
    }

    /// Phrases to read once more: where doubted values usually stand, or where the one that the zone contradicts was read.
    fn worth_another(&self, doubted: &[&'static Printed], found: &[Field]) -> Vec<usize> {
        let said = |n: usize| self.read[n].iter().flat_map(|look| &look.words).map(|word| word.text.as_str()).collect::<String>();
        let is_worth = |n: usize, printed: &Printed| match self.of_zone(printed.name) {
            Some(_) => found.iter().any(|field| field.name == printed.name && said(n).contains(&field.value.expose().replace(' ', ""))),
            // A date that was hardly made out.
            None if self.lacks_date(found, printed) => (5..=10).contains(&said(n).bytes().filter(u8::is_ascii_digit).count()) && self.may_be_value(n),
            None => self.is_near(n, printed, (0.0, 0.0, 0.0)),
        };
        (0..self.phrases.len()).filter(|n| doubted.iter().any(|printed| is_worth(*n, printed))).collect()
    }

    /// The phrases near where these values and their labels stand.
    fn near(&self, wanted: &[&'static Printed], around: (f32, f32, f32)) -> Vec<usize> {
        (0..self.phrases.len()).filter(|n| wanted.iter().any(|printed| self.is_near(*n, printed, around))).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "sides of a page")]
    fn is_near(&self, n: usize, printed: &Printed, around: (f32, f32, f32)) -> bool {
        let (wide, high) = (self.page.grey().width() as f32, self.page.grey().height() as f32);
        let phrase = &self.phrases[n];
        let [left, top, right, bottom] = printed.at;
        let middle = (phrase.top + phrase.bottom) as f32 / 2.0 / high;
        let above = if printed.labels.is_empty() { 0.02 } else { around.1 };
        (top - above..bottom + around.2).contains(&middle)
            && (phrase.left as f32) < (right + around.0) * wide
            && (phrase.right as f32) > (left - around.0) * wide
    }

    /// Reads the words of a phrase unless they were.
    fn words(&mut self, n: usize, language: &'static str) {
        if self.read[n].is_none() {
            let tried = self.tried.remove(&(n, language));
            self.read[n] = Some(tried.unwrap_or_else(|| self.read_at(n, language, 1.0)));
        }
    }

    /// Reads a phrase at a multiple of its size.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "positions on a page")]
    fn read_at(&self, n: usize, language: &str, scale: f32) -> Look {
        let (page, phrase) = (self.page, &self.phrases[n]);
        let (above, beside) = (phrase.height() * 2 / 5, phrase.height() / 2);
        let (left, top) = (phrase.left.saturating_sub(beside), phrase.top.saturating_sub(above));
        let (right, bottom) = (phrase.right + beside, phrase.bottom + phrase.height() * 3 / 10);
        let (width, height) = ((right - left) as u32, (bottom - top) as u32);
        let (from, size) = ((left as u32, top as u32), (width, height));
        let line = if scale > 1.0 { page.enlarged(self.photo, from, size, scale) } else { crop(page.grey(), from, size) };
        let mut words = self.models.line(language, &line);
        let lost = words.iter().any(|word| word.confidence < LEAST_SURE && is_wordlike(&word.text));
        words.retain(|word| word.confidence >= LEAST_SURE);
        for word in &mut words {
            word.left = word.left / scale + left as f32;
            word.right = word.right / scale + left as f32;
            word.top = word.top / scale + top as f32;
            word.bottom = word.bottom / scale + top as f32;
        }
        Look { words, lost }
    }

    /// What the words read so far say, by labels, and by place where a field has none or its label was not read.
    fn announced(&self, face: &'static Face, wanted: &[&'static Printed]) -> Vec<Field> {
        let rows = rows(self.read.iter().flatten().flat_map(|look| &look.words).cloned().collect());
        let marks = marks(&rows, face);
        let mut fields: Vec<Field> = Vec::new();
        for mark in &marks {
            let Some(printed) = mark.printed.filter(|printed| wanted.iter().any(|wanted| std::ptr::eq(*wanted, *printed))) else { continue };
            let Some((text, confidence, words)) = announced(mark, printed, face, &marks, &rows) else { continue };
            let field = self.field(printed, text, confidence, &words);
            match fields.iter_mut().find(|other| other.name == printed.name) {
                Some(other) if other.confidence < field.confidence => *other = field,
                Some(_) => {}
                None => fields.push(field),
            }
        }
        for printed in wanted {
            // What spells the zone's value is it, wherever it stands.
            if let Some((text, confidence, words)) = self.of_zone(printed.name).and_then(|zone| agreed::spelt(printed, zone, &rows)) {
                fields.retain(|field| field.name != printed.name);
                fields.push(self.field(printed, text, confidence, &words));
            }
            if !fields.iter().any(|field| field.name == printed.name) {
                fields.extend(self.by_place(printed, &rows, &marks));
            }
        }
        fields
    }

    /// What stands where a value usually does and is no label.
    #[expect(clippy::cast_precision_loss, reason = "sides of a page")]
    fn by_place(&self, printed: &Printed, rows: &[Vec<Word>], marks: &[Mark]) -> Option<Field> {
        let (wide, high) = (self.page.grey().width() as f32, self.page.grey().height() as f32);
        let [left, top, right, bottom] = printed.at;
        let is_there = |word: &Word| {
            let (x, y) = (f32::midpoint(word.left, word.right) / wide, word.middle() / high);
            (left - 0.02..right + 0.02).contains(&x) && (top - 0.02..bottom + 0.02).contains(&y)
        };
        let is_label = |row: usize, at: usize| marks.iter().any(|mark| mark.covers(row, at));
        // Where dates stand is anybody's guess; the zone says which ones it is not.
        if let (FieldName::IssueDate, Some(birth), Some(expiry)) = (printed.name, self.of_zone(FieldName::BirthDate), self.of_zone(FieldName::ExpiryDate)) {
            let (text, confidence, words) = agreed::between(printed, (birth, expiry), rows)?;
            return Some(self.field(printed, text, confidence.min(UNTOLD), &words));
        }
        let words: Vec<&Word> = rows
            .iter()
            .enumerate()
            .flat_map(|(n, row)| row.iter().enumerate().map(move |(at, word)| (n, at, word)))
            .filter(|(n, at, word)| is_there(word) && !is_label(*n, *at))
            .map(|(_, _, word)| word)
            .collect();
        let (text, confidence, words) = judged(printed, words)?;
        // Capitals of any heading look like a name; only a zone, or a label, says that they are one.
        let is_borne_out = match self.names.iter().find(|(name, _)| *name == printed.name) {
            Some((_, zone)) => is_same_given(&text, zone),
            None => !self.is_of_any_state,
        };
        if is_name(printed.name) && !is_borne_out {
            return None;
        }
        // Nothing but its place says what it is; a document that is told by places alone has no more.
        let most = if printed.labels.is_empty() { 0.95 } else { UNTOLD };
        Some(self.field(printed, text, confidence.min(most), &words))
    }

    fn field(&self, printed: &Printed, text: String, confidence: f32, words: &[&Word]) -> Field {
        Field { name: printed.name, value: Pii::new(text), source: Source::Print, confidence, place: Some(place(self.page, words)) }
    }
}

/// Where words stand, with a little room around them, as fractions of the photograph.
fn place(page: &Page, words: &[&Word]) -> [f32; 4] {
    let around = words.iter().map(|word| word.height()).fold(0.0, f32::max) * 0.3;
    let left = words.iter().map(|word| word.left).fold(f32::MAX, f32::min) - around;
    let top = words.iter().map(|word| word.top).fold(f32::MAX, f32::min) - around;
    let right = words.iter().map(|word| word.right).fold(0.0, f32::max) + around;
    let bottom = words.iter().map(|word| word.bottom).fold(0.0, f32::max) + around;
    page.place_of([left, top, right, bottom])
}

/// Three letters and more, and at most one other sign behind them.
fn is_wordlike(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    letters >= 3 && text.chars().count() - letters <= 1 && text.starts_with(char::is_alphabetic)
}

/// Whether a reading that is sure enough has more words behind those of another.
fn goes_on(reading: &Field, other: &Field) -> bool {
    reading.confidence >= 0.8 && reading.value.expose().strip_prefix(other.value.expose().as_str()).is_some_and(|rest| rest.starts_with(' '))
}

/// Names carry marks that one look often misses.
fn is_unsure(found: &[Field], printed: &Printed) -> bool {
    found.iter().any(|field| field.name == printed.name && (field.confidence < 0.8 || is_name(printed.name) && field.confidence < 0.95))
}

fn is_name(name: FieldName) -> bool {
    matches!(name, FieldName::FullName | FieldName::Surname | FieldName::GivenNames)
}

fn is_cyrillic(language: &str) -> bool {
    CYRILLIC.contains(&language)
}

fn is_key(name: FieldName) -> bool {
    matches!(name, FieldName::Number | FieldName::FullName | FieldName::Surname | FieldName::BirthDate | FieldName::ExpiryDate)
}
