//! Printed fields: the card is laid flat, tesseract reads its words, labels say what stands beside or below them.

use image::{DynamicImage, GrayImage, Luma};
use imageproc::geometric_transformations::{Interpolation, Projection, warp_into};

use super::{
    layouts::{Label, Shape, labels},
    outline::Outline,
    shapes::value,
    tess::{Tess, Word},
    views::resized,
};
use crate::{
    base::Pii,
    engine::document::{DocumentKind, Field, FieldName, Side, Source, fold_name},
};

/// Width at which print is read: capitals of a card are about 30 pixels high.
const PAGE_WIDTH: f32 = 1280.0;
/// Words less sure than this are noise.
const LEAST_SURE: f32 = 0.15;

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

    /// Left, top, width, height as fractions of the photograph.
    #[expect(clippy::cast_precision_loss, reason = "sides of a page")]
    fn place(&self, words: &[&Word]) -> [f32; 4] {
        let around = words.iter().map(|word| word.height()).fold(0.0, f32::max) * 0.3;
        let left = words.iter().map(|word| word.left).fold(f32::MAX, f32::min) - around;
        let top = words.iter().map(|word| word.top).fold(f32::MAX, f32::min) - around;
        let right = words.iter().map(|word| word.right).fold(0.0, f32::max) + around;
        let bottom = words.iter().map(|word| word.bottom).fold(0.0, f32::max) + around;
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

/// Reads the printed fields of a side.
pub(super) fn read(page: &Page, kind: DocumentKind, side: Side, tess: &Tess) -> Vec<Field> {
    fields(page, kind, side, words(page, kind != DocumentKind::OtherCard, tess))
}

/// The words of a page.
pub(super) fn words(page: &Page, vietnamese: bool, tess: &Tess) -> Vec<Word> {
    tess.words(&page.grey, vietnamese).into_iter().filter(|word| word.confidence >= LEAST_SURE).collect()
}

/// The printed fields of a side among its words.
pub(super) fn fields(page: &Page, kind: DocumentKind, side: Side, words: Vec<Word>) -> Vec<Field> {
    let rows = rows(words);
    let marks = marks(&rows, labels(kind, side));
    let mut fields: Vec<Field> = Vec::new();
    for mark in &marks {
        let Some(name) = mark.label.field else { continue };
        let Some((text, confidence, used)) = announced(mark, &marks, &rows) else { continue };
        let field = Field { name, value: Pii::new(text), source: Source::Print, confidence, place: Some(page.place(&used)) };
        match fields.iter_mut().find(|other| other.name == name) {
            Some(other) if other.confidence < field.confidence => *other = field,
            Some(_) => {}
            None => fields.push(field),
        }
    }
    if kind == DocumentKind::CitizenCard && side == Side::Front && !fields.iter().any(|field| field.name == FieldName::Number) {
        fields.extend(loose_number(page, &rows));
    }
    fields
}

/// How many letters of labels of this side stand among the words.
pub(super) fn likeness_to(kind: DocumentKind, side: Side, words: &[Word]) -> usize {
    let rows = rows(words.to_vec());
    let folded = |mark: &Mark| rows[mark.row][mark.from..mark.to].iter().map(|word| fold_name(&word.text).replace(' ', "").len()).sum::<usize>();
    marks(&rows, labels(kind, side)).iter().map(folded).sum()
}

/// Twelve digits that stand alone, when their label was not read.
fn loose_number(page: &Page, rows: &[Vec<Word>]) -> Option<Field> {
    let word = rows.iter().flatten().find(|word| word.text.len() == 12 && word.text.bytes().all(|letter| letter.is_ascii_digit()))?;
    let confidence = word.confidence.min(0.84);
    Some(Field { name: FieldName::Number, value: Pii::new(word.text.clone()), source: Source::Print, confidence, place: Some(page.place(&[word])) })
}

/// Words in rows from top to bottom, each from left to right.
fn rows(mut words: Vec<Word>) -> Vec<Vec<Word>> {
    words.sort_by(|a, b| a.middle().total_cmp(&b.middle()));
    let mut rows: Vec<Vec<Word>> = Vec::new();
    for word in words {
        let fits = |row: &Vec<Word>| row.iter().any(|other| (other.middle() - word.middle()).abs() < 0.45 * other.height().min(word.height() * 1.6));
        match rows.iter_mut().rev().take(3).find(|row| fits(row)) {
            Some(row) => row.push(word),
            None => rows.push(vec![word]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.left.total_cmp(&b.left));
    }
    rows
}

/// A label found on the page: words `from..to` of a row.
struct Mark {
    label: &'static Label,
    row: usize,
    from: usize,
    to: usize,
}

fn marks(rows: &[Vec<Word>], labels: &'static [Label]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for (row, words) in rows.iter().enumerate() {
        let folded: Vec<String> = words.iter().map(|word| fold_name(&word.text).replace(' ', "")).collect();
        let mut from = 0;
        while from < words.len() {
            let Some((label, to)) = longest(&folded, from, labels) else {
                from += 1;
                continue;
            };
            match marks.last_mut() {
                Some(last) if last.row == row && std::ptr::eq(last.label, label) && folded[last.to..from].iter().all(String::is_empty) => last.to = to,
                _ => marks.push(Mark { label, row, from, to }),
            }
            from = to;
        }
    }
    marks
}

/// The longest wording that begins at this word, misread letters counting against it.
fn longest(folded: &[String], from: usize, labels: &'static [Label]) -> Option<(&'static Label, usize)> {
    let mut best: Option<(usize, &'static Label, usize)> = None;
    let mut text = String::new();
    for (to, word) in folded.iter().enumerate().skip(from).take(9) {
        text.push_str(word);
        if word.is_empty() {
            continue;
        }
        for label in labels {
            if let Some(likeness) = label.wordings.iter().filter_map(|wording| likeness(&text, wording)).max()
                && best.is_none_or(|(most, ..)| likeness > most)
            {
                best = Some((likeness, label, to + 1));
            }
        }
    }
    best.map(|(_, label, to)| (label, to))
}

/// Length of the wording less twice its misread letters; one in five is forgiven, none in short words.
fn likeness(text: &str, wording: &str) -> Option<usize> {
    let allowed = wording.len() / 5;
    if text.len().abs_diff(wording.len()) > allowed {
        return None;
    }
    let misread = distance(text.as_bytes(), wording.as_bytes());
    (misread <= allowed).then(|| wording.len() - 2 * misread)
}

/// Levenshtein distance.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (n, letter) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = n + 1;
        for (m, other) in b.iter().enumerate() {
            let next = (diagonal + usize::from(letter != other)).min(row[m] + 1).min(row[m + 1] + 1);
            diagonal = row[m + 1];
            row[m + 1] = next;
        }
    }
    row[b.len()]
}

/// The value a label announces: behind it on its row, else below it.
fn announced<'a>(mark: &Mark, marks: &[Mark], rows: &'a [Vec<Word>]) -> Option<(String, f32, Vec<&'a Word>)> {
    let row = &rows[mark.row];
    let next = marks.iter().filter(|other| other.row == mark.row && other.from >= mark.to).map(|other| other.from).min();
    let behind: Vec<&Word> = unbroken(row[mark.to..next.unwrap_or(row.len())].iter().filter(|word| word.text.chars().any(char::is_alphanumeric)));
    let (start, height) = (row[mark.from].left, row[mark.from].height());
    let limit = next.map_or(f32::MAX, |next| row[next].left);
    let beneath = || below(mark, marks, rows, (start - 1.5 * height, limit), height);
    let text = mark.label.shape == Shape::Text;
    let behind_is_close = behind.first().is_some_and(|word| word.left - row[mark.to - 1].right < 8.0 * height);
    if !behind.is_empty() && (!text || behind_is_close) {
        let mut words = behind;
        if text {
            words.extend(beneath());
        }
        if let Some(found) = judged(mark.label.shape, words) {
            return Some(found);
        }
    }
    judged(mark.label.shape, beneath())
}

/// Words up to a gap that separates columns.
fn unbroken<'a>(words: impl Iterator<Item = &'a Word>) -> Vec<&'a Word> {
    let mut taken: Vec<&Word> = Vec::new();
    for word in words {
        if taken.last().is_some_and(|last| word.left - last.right > 3.0 * last.height().max(word.height())) {
            break;
        }
        taken.push(word);
    }
    taken
}

/// The words of the next rows under a label, within its column and up to the next label.
fn below<'a>(mark: &Mark, marks: &[Mark], rows: &'a [Vec<Word>], (left, right): (f32, f32), height: f32) -> Vec<&'a Word> {
    let mut found: Vec<&Word> = Vec::new();
    let mut last = rows[mark.row][mark.from].middle();
    let deepest = if mark.label.shape == Shape::Text { 2 } else { 1 };
    let mut taken = 0;
    for (n, row) in rows.iter().enumerate().skip(mark.row + 1) {
        let column: Vec<(usize, &Word)> = row.iter().enumerate().filter(|(_, word)| word.left >= left && word.left < right).collect();
        let Some((first_at, first)) = column.first().copied() else { continue };
        let is_label = marks.iter().any(|other| other.row == n && (other.from..other.to).contains(&first_at));
        if first.middle() - last > 2.4 * height.max(first.height()) || is_label || taken == deepest {
            break;
        }
        let until = marks.iter().filter(|other| other.row == n && other.from > first_at).map(|other| other.from).min().unwrap_or(row.len());
        found.extend(unbroken(column.into_iter().filter(|(at, _)| *at < until).map(|(_, word)| word)));
        last = first.middle();
        taken += 1;
    }
    found
}

/// The value in these words by its shape, with its confidence.
fn judged(shape: Shape, words: Vec<&Word>) -> Option<(String, f32, Vec<&Word>)> {
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    let (value, vouched) = value(shape, &text)?;
    let count = f32::from(u16::try_from(words.len()).ok()?).max(1.0);
    let sure = words.iter().map(|word| word.confidence).sum::<f32>() / count;
    let confidence = if sure > 0.5 { sure.max(vouched) } else { sure };
    Some((value, confidence.min(0.95), words))
}
