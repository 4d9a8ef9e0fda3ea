//! Labels on a page and the values they announce: behind them on their row, else below.

use super::{super::tess::Word, shapes::value};
use crate::engine::document::layouts::{Face, Printed, Shape, plain};

/// Words in rows from top to bottom, each from left to right.
pub(super) fn rows(mut words: Vec<Word>) -> Vec<Vec<Word>> {
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
pub(super) struct Mark {
    /// What it announces; `None`: known so that it ends the value before it.
    pub(super) printed: Option<&'static Printed>,
    row: usize,
    from: usize,
    to: usize,
}

impl Mark {
    /// Whether a word of a row is part of the label.
    pub(super) fn covers(&self, row: usize, at: usize) -> bool {
        self.row == row && (self.from..self.to).contains(&at)
    }
}

/// A wording and what it announces.
struct Label {
    printed: Option<&'static Printed>,
    wording: &'static str,
}

/// Every label of a face on the page.
pub(super) fn marks(rows: &[Vec<Word>], face: &'static Face) -> Vec<Mark> {
    let of_fields = face.fields.iter().flat_map(|printed| printed.labels.iter().map(move |label| (Some(printed), label)));
    let all = of_fields.chain(face.others.iter().map(|label| (None, label)));
    let labels: Vec<Label> = all.map(|(printed, label)| Label { printed, wording: label.plain() }).collect();
    let mut marks: Vec<Mark> = Vec::new();
    for (row, words) in rows.iter().enumerate() {
        let folded: Vec<String> = words.iter().map(|word| plain(&word.text)).collect();
        let mut from = 0;
        while from < words.len() {
            let begun = Some(from).filter(|from| !folded[*from].is_empty());
            let Some((printed, to)) = begun.and_then(|from| longest(&folded, from, &labels)) else {
                from += 1;
                continue;
            };
            match marks.last_mut() {
                Some(last) if last.row == row && is_same(last.printed, printed) && folded[last.to..from].iter().all(String::is_empty) => last.to = to,
                _ => marks.push(Mark { printed, row, from, to }),
            }
            from = to;
        }
    }
    marks
}

fn is_same(a: Option<&'static Printed>, b: Option<&'static Printed>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => std::ptr::eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// The label that the words from here on spell best, and the word behind it.
fn longest(folded: &[String], from: usize, labels: &[Label]) -> Option<(Option<&'static Printed>, usize)> {
    let mut text = String::new();
    let mut best: Option<(usize, Option<&'static Printed>, usize)> = None;
    for (to, word) in folded.iter().enumerate().skip(from).take(11) {
        text.push_str(word);
        if word.is_empty() {
            continue;
        }
        for label in labels {
            if let Some(likeness) = likeness(&text, label.wording)
                && best.is_none_or(|(most, ..)| likeness > most)
            {
                best = Some((likeness, label.printed, to + 1));
            }
        }
    }
    best.map(|(_, printed, to)| (printed, to))
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

/// A value, its confidence, its words.
pub(super) type Value<'a> = (String, f32, Vec<&'a Word>);

/// The value a label announces: behind it on its row, else below it.
pub(super) fn announced<'a>(mark: &Mark, printed: &Printed, face: &Face, marks: &[Mark], rows: &'a [Vec<Word>]) -> Option<Value<'a>> {
    let row = &rows[mark.row];
    let next = marks.iter().filter(|other| other.row == mark.row && other.from >= mark.to).map(|other| other.from).min();
    let column = Column { mark, marks, left: row[mark.from].left, right: row[mark.to - 1].right, limit: next.map_or(f32::MAX, |next| row[next].left) };
    if face.below {
        return judged(printed, column.below(rows, printed.rows));
    }
    let behind: Vec<&Word> = unbroken(row[mark.to..next.unwrap_or(row.len())].iter().filter(|word| word.text.chars().any(char::is_alphanumeric)));
    let is_close = behind.first().is_some_and(|word| word.left - column.right < 8.0 * row[mark.from].height());
    let is_text = printed.shape == Shape::Text;
    if !behind.is_empty() && (!is_text || is_close) {
        let mut words = behind;
        if is_text {
            words.extend(column.below(rows, printed.rows - 1));
        }
        if let Some(found) = judged(printed, words) {
            return Some(found);
        }
    }
    judged(printed, column.below(rows, printed.rows))
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

/// Where values below a label stand: from about its left edge on, up to the next label on its row.
struct Column<'a> {
    mark: &'a Mark,
    marks: &'a [Mark],
    left: f32,
    right: f32,
    limit: f32,
}

impl Column<'_> {
    /// The words of up to `deepest` next rows, up to the next label.
    fn below<'a>(&self, rows: &'a [Vec<Word>], deepest: usize) -> Vec<&'a Word> {
        let label = &rows[self.mark.row][self.mark.from];
        let height = label.height();
        let mut found: Vec<&Word> = Vec::new();
        let (mut last, mut taken) = (label.middle(), 0);
        for (n, row) in rows.iter().enumerate().skip(self.mark.row + 1) {
            let is_inside = |word: &Word| word.left >= self.left - 1.5 * height && word.left < self.limit;
            let column: Vec<(usize, &Word)> = row.iter().enumerate().filter(|(_, word)| is_inside(word)).collect();
            let Some((first_at, first)) = column.first().copied().filter(|(_, first)| first.left < self.right + 2.0 * height) else { continue };
            if first.bottom < label.middle() + 0.3 * height {
                continue;
            }
            let is_label = self.marks.iter().any(|other| other.row == n && (other.from..other.to).contains(&first_at));
            if taken == deepest || first.middle() - last > 2.4 * height.max(first.height()) || is_label {
                break;
            }
            let until = self.marks.iter().filter(|other| other.row == n && other.from > first_at).map(|other| other.from).min().unwrap_or(row.len());
            found.extend(unbroken(column.into_iter().filter(|(at, _)| *at < until).map(|(_, word)| word)));
            last = first.middle();
            taken += 1;
        }
        found
    }
}

/// The value in these words by its shape, with its confidence.
pub(super) fn judged<'a>(printed: &Printed, words: Vec<&'a Word>) -> Option<Value<'a>> {
    let words = without_dirt(words);
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    let (value, vouched) = value(printed, &text)?;
    let count = f32::from(u16::try_from(words.len()).ok()?).max(1.0);
    let sure = words.iter().map(|word| word.confidence).sum::<f32>() / count;
    let confidence = if sure > 0.5 { sure.max(vouched) } else { sure };
    Some((value, confidence.min(0.95), words))
}

/// Without hardly legible words at the ends of legible ones: edges of a chip, of a portrait, of a stamp.
fn without_dirt(mut words: Vec<&Word>) -> Vec<&Word> {
    let clear = words.iter().filter(|word| word.confidence > 0.8).count();
    let is_dirt = |word: &&Word| word.confidence < 0.5 && word.text.chars().count() < 4;
    if 2 * clear >= words.len() {
        while words.last().is_some_and(is_dirt) {
            words.pop();
        }
        let start = words.iter().take_while(|word| is_dirt(word)).count();
        words.drain(..start);
    }
    words
}
