//! Printed fields: the card is laid flat, its phrases are found, tesseract reads those that a layout's fields need, labels say which
//! value is which.

use image::{DynamicImage, GrayImage, Luma, imageops};
use imageproc::geometric_transformations::{Interpolation, Projection, warp_into};

use super::{outline::Outline, tess::Word, views::resized};
use crate::{
    base::Pii,
    engine::document::{
        DocumentKind, Field, FieldName, Side, Source,
        layouts::{Evidence, Face, Fit, Printed, fits},
    },
};

mod labels;
mod models;
mod phrases;
mod shapes;
mod vietnamese;

pub(super) use models::Models;

use labels::{Mark, announced, judged, marks, rows};
use phrases::{Phrase, phrases};

/// Width at which print is read: capitals of a card are about 30 pixels high.
const PAGE_WIDTH: f32 = 1280.0;
/// Words less sure than this are noise.
const LEAST_SURE: f32 = 0.15;
/// A document that leads by this much is the one.
const PLAIN_LEAD: f32 = 0.5;
/// How much larger the second look is.
const SECOND_SCALE: f32 = 1.5;
/// How far from its usual place a value or its label is looked for, as shares of the face: sideways, above, below.
const AROUND: (f32, f32, f32) = (0.06, 0.1, 0.045);

/// A card laid flat and the way back to the photograph.
pub(super) struct Page {
    grey: GrayImage,
    back: Option<Projection>,
    photo: (f32, f32),
}

impl Page {
    /// Straightens the document; without an outline the whole picture is the page.
    #[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
    pub(super) fn flat(full: &GrayImage, outline: Option<&Outline>) -> Self {
        let photo = (full.width() as f32, full.height() as f32);
        outline.and_then(|outline| Self::rectified(full, outline, photo)).unwrap_or_else(|| Self { grey: whole(full), back: None, photo })
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a page of known size")]
    fn rectified(full: &GrayImage, outline: &Outline, photo: (f32, f32)) -> Option<Self> {
        let (wide, high) = (outline.width_in(photo.0, photo.1), outline.height_in(photo.0, photo.1));
        if wide < high {
            return None;
        }
        let height = (PAGE_WIDTH * high / wide).round();
        let from = outline.corners.map(|(x, y)| (x * photo.0, y * photo.1));
        let to = [(0.0, 0.0), (PAGE_WIDTH, 0.0), (PAGE_WIDTH, height), (0.0, height)];
        let there = Projection::from_control_points(from, to)?;
        let mut grey = GrayImage::from_pixel(PAGE_WIDTH as u32, height as u32, Luma([200]));
        warp_into(full, &there, Interpolation::Bilinear, Luma([200]), &mut grey);
        Some(Self { grey, back: Some(there.invert()), photo })
    }

    /// The page in grey.
    pub(super) fn grey(&self) -> &GrayImage {
        &self.grey
    }

    fn place(&self, words: &[&Word]) -> [f32; 4] {
        let around = words.iter().map(|word| word.height()).fold(0.0, f32::max) * 0.3;
        let left = words.iter().map(|word| word.left).fold(f32::MAX, f32::min) - around;
        let top = words.iter().map(|word| word.top).fold(f32::MAX, f32::min) - around;
        let right = words.iter().map(|word| word.right).fold(0.0, f32::max) + around;
        let bottom = words.iter().map(|word| word.bottom).fold(0.0, f32::max) + around;
        self.place_of(left, top, right, bottom)
    }

    /// Where a part of the page lies: left, top, width, height as fractions of the photograph.
    #[expect(clippy::cast_precision_loss, reason = "sides of a page")]
    pub(super) fn place_of(&self, left: f32, top: f32, right: f32, bottom: f32) -> [f32; 4] {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)].map(|corner| match &self.back {
            Some(back) => *back * corner,
            None => (corner.0 * self.photo.0 / self.grey.width() as f32, corner.1 * self.photo.1 / self.grey.height() as f32),
        });
        let share = |(x, y): (f32, f32)| ((x / self.photo.0).clamp(0.0, 1.0), (y / self.photo.1).clamp(0.0, 1.0));
        let corners = corners.map(share);
        let (x, y) = corners.iter().fold((1.0f32, 1.0f32), |least, corner| (least.0.min(corner.0), least.1.min(corner.1)));
        let (far_x, far_y) = corners.iter().fold((0.0f32, 0.0f32), |most, corner| (most.0.max(corner.0), most.1.max(corner.1)));
        [x, y, far_x - x, far_y - y]
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a page of known size")]
fn whole(full: &GrayImage) -> GrayImage {
    resized(&DynamicImage::ImageLuma8(full.clone()), PAGE_WIDTH as u32).into_luma8()
}

/// What was read on a page so far: each phrase at most once in each language.
pub(super) struct Reader<'a> {
    page: &'a Page,
    models: &'a Models,
    phrases: Vec<Phrase>,
    read: Vec<Option<Vec<Word>>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(page: &'a Page, models: &'a Models) -> Self {
        let phrases = phrases(&page.grey);
        Self { page, models, read: vec![None; phrases.len()], phrases }
    }

    /// The print of the upper third and of whatever is set large, for telling documents apart.
    pub(super) fn titles(&mut self, language: &str) -> Vec<String> {
        let third = self.page.grey.height() as usize / 3;
        let mut chosen: Vec<usize> = (0..self.phrases.len()).filter(|n| self.phrases[*n].top < third && self.phrases[*n].width() > 100).collect();
        chosen.sort_by_key(|n| std::cmp::Reverse(self.phrases[*n].height()));
        chosen.truncate(5);
        chosen.iter().map(|n| self.words(*n, language).iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")).collect()
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
        let print = self.titles("vie");
        best(Evidence { print: &print, ..evidence }).into_iter().next()
    }

    /// The printed fields of a face but those in `known`.
    pub(super) fn fields(&mut self, fit: &Fit, known: &[FieldName]) -> Vec<Field> {
        let Some(face) = fit.face() else { return Vec::new() };
        let language = fit.layout.language.as_str();
        let wanted: Vec<&'static Printed> = face.fields.iter().filter(|printed| !known.contains(&printed.name)).collect();
        for n in self.near(&wanted, AROUND) {
            self.words(n, language);
        }
        let mut found = self.announced(face, &wanted);
        let is_missing = |found: &[Field], printed: &Printed| is_key(printed.name) && !found.iter().any(|field| field.name == printed.name);
        if wanted.iter().any(|printed| is_missing(&found, printed)) {
            for n in 0..self.phrases.len() {
                self.words(n, language);
            }
            found = self.announced(face, &wanted);
        }
        let doubted: Vec<&'static Printed> = wanted.iter().copied().filter(|printed| is_missing(&found, printed) || is_unsure(&found, printed)).collect();
        if !doubted.is_empty() {
            self.look_again(face, &doubted, language, &mut found);
        }
        if language == "vie" {
            found.iter_mut().for_each(vietnamese::amend);
        }
        found
    }

    /// Reads once more, larger, what gave no value or an unsure one, and keeps what is better.
    fn look_again(&mut self, face: &'static Face, doubted: &[&'static Printed], language: &str, found: &mut Vec<Field>) {
        for n in self.near(doubted, (0.0, 0.0, 0.0)) {
            let first = self.read[n].take();
            let sure = |words: &[Word]| words.iter().map(|word| word.confidence).sum::<f32>();
            let second = self.read_at(n, language, SECOND_SCALE);
            let fits = first.as_ref().is_none_or(|first| first.len() == second.len() && sure(&second) > sure(first));
            self.read[n] = Some(match first {
                // As many words, each the surer of its two readings.
                Some(first) if first.len() == second.len() => {
                    first.into_iter().zip(second).map(|(first, second)| if second.confidence > first.confidence { second } else { first }).collect()
                }
                Some(first) if !fits && !doubted.iter().any(|printed| is_key(printed.name) && !found.iter().any(|field| field.name == printed.name)) => first,
                _ => second,
            });
        }
        for field in self.announced(face, doubted) {
            match found.iter_mut().find(|other| other.name == field.name) {
                Some(other) if other.confidence <= field.confidence => *other = field,
                Some(_) => {}
                None => found.push(field),
            }
        }
    }

    /// The phrases near where these values and their labels stand.
    fn near(&self, wanted: &[&'static Printed], around: (f32, f32, f32)) -> Vec<usize> {
        (0..self.phrases.len()).filter(|n| wanted.iter().any(|printed| self.is_near(*n, printed, around))).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "sides of a page")]
    fn is_near(&self, n: usize, printed: &Printed, around: (f32, f32, f32)) -> bool {
        let (wide, high) = (self.page.grey.width() as f32, self.page.grey.height() as f32);
        let phrase = &self.phrases[n];
        let [left, top, right, bottom] = printed.at;
        let middle = (phrase.top + phrase.bottom) as f32 / 2.0 / high;
        let above = if printed.labels.is_empty() { 0.02 } else { around.1 };
        (top - above..bottom + around.2).contains(&middle)
            && (phrase.left as f32) < (right + around.0) * wide
            && (phrase.right as f32) > (left - around.0) * wide
    }

    /// The words of a phrase, placed on the page.
    fn words(&mut self, n: usize, language: &str) -> &[Word] {
        if self.read[n].is_none() {
            self.read[n] = Some(self.read_at(n, language, 1.0));
        }
        self.read[n].as_deref().unwrap_or_default()
    }

    /// Reads a phrase at a multiple of its size.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "positions on a page")]
    fn read_at(&self, n: usize, language: &str, scale: f32) -> Vec<Word> {
        let (page, phrase) = (self.page, &self.phrases[n]);
        let (above, beside) = (phrase.height() * 2 / 5, phrase.height() / 2);
        let (left, top) = (phrase.left.saturating_sub(beside), phrase.top.saturating_sub(above));
        let (right, bottom) = (phrase.right + beside, phrase.bottom + phrase.height() * 3 / 10);
        let (width, height) = ((right - left) as u32, (bottom - top) as u32);
        let mut line = imageops::crop_imm(&page.grey, left as u32, top as u32, width, height).to_image();
        if scale > 1.0 {
            let (width, height) = ((line.width() as f32 * scale) as u32, (line.height() as f32 * scale) as u32);
            line = imageops::resize(&line, width, height, imageops::FilterType::CatmullRom);
        }
        let mut words = self.models.line(language, &line);
        words.retain(|word| word.confidence >= LEAST_SURE);
        for word in &mut words {
            word.left = word.left / scale + left as f32;
            word.right = word.right / scale + left as f32;
            word.top = word.top / scale + top as f32;
            word.bottom = word.bottom / scale + top as f32;
        }
        words
    }

    /// What the words read so far say, by labels, and by place where a field has none or its label was not read.
    fn announced(&self, face: &'static Face, wanted: &[&'static Printed]) -> Vec<Field> {
        let rows = rows(self.read.iter().flatten().flatten().cloned().collect());
        let marks = marks(&rows, face);
        let mut fields: Vec<Field> = Vec::new();
        for mark in &marks {
            let Some(printed) = mark.printed.filter(|printed| wanted.iter().any(|wanted| std::ptr::eq(*wanted, *printed))) else { continue };
            let Some((text, confidence, words)) = announced(mark, printed, face, &marks, &rows) else { continue };
            let field = Field { name: printed.name, value: Pii::new(text), source: Source::Print, confidence, place: Some(self.page.place(&words)) };
            match fields.iter_mut().find(|other| other.name == printed.name) {
                Some(other) if other.confidence < field.confidence => *other = field,
                Some(_) => {}
                None => fields.push(field),
            }
        }
        for printed in wanted {
            if !fields.iter().any(|field| field.name == printed.name) {
                fields.extend(self.by_place(printed, &rows, &marks));
            }
        }
        fields
    }

    /// What stands where a value usually does and is no label.
    #[expect(clippy::cast_precision_loss, reason = "sides of a page")]
    fn by_place(&self, printed: &Printed, rows: &[Vec<Word>], marks: &[Mark]) -> Option<Field> {
        let (wide, high) = (self.page.grey.width() as f32, self.page.grey.height() as f32);
        let [left, top, right, bottom] = printed.at;
        let is_there = |word: &Word| {
            let (x, y) = (f32::midpoint(word.left, word.right) / wide, word.middle() / high);
            (left - 0.02..right + 0.02).contains(&x) && (top - 0.02..bottom + 0.02).contains(&y)
        };
        let is_label = |row: usize, at: usize| marks.iter().any(|mark| mark.covers(row, at));
        let words: Vec<&Word> = rows
            .iter()
            .enumerate()
            .flat_map(|(n, row)| row.iter().enumerate().map(move |(at, word)| (n, at, word)))
            .filter(|(n, at, word)| is_there(word) && !is_label(*n, *at))
            .map(|(_, _, word)| word)
            .collect();
        let (text, confidence, words) = judged(printed, words)?;
        // Nothing but its place says what it is; a document that is told by places alone has no more.
        let most = if printed.labels.is_empty() { 0.95 } else { 0.84 };
        Some(Field { name: printed.name, value: Pii::new(text), source: Source::Print, confidence: confidence.min(most), place: Some(self.page.place(&words)) })
    }
}

/// Names carry marks that one look often misses.
fn is_unsure(found: &[Field], printed: &Printed) -> bool {
    let is_name = matches!(printed.name, FieldName::FullName | FieldName::Surname | FieldName::GivenNames);
    found.iter().any(|field| field.name == printed.name && (field.confidence < 0.8 || is_name && field.confidence < 0.95))
}

fn is_key(name: FieldName) -> bool {
    matches!(name, FieldName::Number | FieldName::FullName | FieldName::Surname | FieldName::BirthDate | FieldName::ExpiryDate)
}
