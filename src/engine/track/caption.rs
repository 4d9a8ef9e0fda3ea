//! The line under a film: who is seen, which moment it is, and what was checked. Text becomes grey pixels here, nowhere else.

use ab_glyph::{Font, FontVec, PxScale, ScaleFont, point};
use chrono::{DateTime, Utc};
use ffmpeg_next as ff;
use serde::{Deserialize, Serialize};

/// Height of the line in pixels.
pub(super) const HEIGHT: usize = 40;
/// Debian's `fonts-dejavu-core`; it has every letter the product speaks.
const FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed.ttf";
/// Size of the letters in pixels.
const LETTERS: f32 = 21.0;
/// Room left and right of a text, in pixels.
const MARGIN: usize = 12;
/// How long the mark of a check stays, in µs.
const MARK_STAYS: i64 = 6_000_000;
/// Dark line, light letters, in studio range.
const DARK: u8 = 16;
const LIGHT: u8 = 235;

/// What is written under a film.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Captions {
    /// Who is on the left and who on the right.
    pub names: [String; 2],
    /// The wall clock at the start of the recording.
    pub began_at: DateTime<Utc>,
    /// What was checked, in order.
    pub marks: Vec<Mark>,
}

/// A check, as the film tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When it was judged, in ms since the start of the recording.
    pub at_ms: i64,
    /// What is written.
    pub text: String,
}

/// The line, drawn anew only where it changes.
pub(super) struct Line<'a> {
    captions: &'a Captions,
    font: Option<FontVec>,
    width: usize,
    /// Grey values, row by row.
    pixels: Vec<u8>,
    shown: Option<(i64, Option<usize>)>,
}

impl<'a> Line<'a> {
    /// A line for films of this width. Without the font it stays empty, and the film is made all the same.
    pub(super) fn new(captions: &'a Captions, width: usize) -> Self {
        let font = std::fs::read(FONT).ok().and_then(|bytes| FontVec::try_from_vec(bytes).ok());
        if font.is_none() {
            tracing::warn!("a film is made without captions: fonts-dejavu-core is not installed");
        }
        Self { captions, font, width, pixels: vec![DARK; width * HEIGHT], shown: None }
    }

    /// Draws the line of the moment `at_us` under the pictures, which end at row `top`.
    pub(super) fn draw(&mut self, onto: &mut ff::frame::Video, top: usize, at_us: i64) {
        let second = at_us / 1_000_000;
        let mark = self.mark_at(at_us);
        if self.shown != Some((second, mark)) {
            self.write(second, mark);
            self.shown = Some((second, mark));
        }
        let stride = onto.stride(0);
        for (row, line) in onto.data_mut(0).chunks_mut(stride).skip(top).zip(self.pixels.chunks_exact(self.width)) {
            row[..self.width].copy_from_slice(line);
        }
        for plane in [1, 2] {
            let stride = onto.stride(plane);
            for row in onto.data_mut(plane).chunks_mut(stride).skip(top / 2) {
                row.fill(128);
            }
        }
    }

    fn mark_at(&self, at_us: i64) -> Option<usize> {
        let age = |mark: &Mark| at_us - mark.at_ms * 1_000;
        self.captions.marks.iter().rposition(|mark| (0..MARK_STAYS).contains(&age(mark)))
    }

    fn write(&mut self, second: i64, mark: Option<usize>) {
        let Some(font) = self.font.take() else { return };
        self.pixels.fill(DARK);
        let clock = clock(self.captions.began_at, second);
        let middle = mark.and_then(|mark| self.captions.marks.get(mark)).map_or(clock.clone(), |mark| format!("{clock}   {}", mark.text));
        let middle_width = text_width(&font, &middle);
        let side = (self.width.saturating_sub(middle_width) / 2).saturating_sub(2 * MARGIN);
        let left = cut(&font, &self.captions.names[0], side);
        let right = cut(&font, &self.captions.names[1], side);
        self.put(&font, &left, MARGIN);
        self.put(&font, &middle, self.width.saturating_sub(middle_width) / 2);
        self.put(&font, &right, self.width.saturating_sub(text_width(&font, &right) + MARGIN));
        self.font = Some(font);
    }

    fn put(&mut self, font: &FontVec, text: &str, left: usize) {
        let scaled = font.as_scaled(PxScale::from(LETTERS));
        #[expect(clippy::cast_precision_loss, reason = "a few hundred pixels")]
        let (mut x, baseline) = (left as f32, (HEIGHT as f32 + scaled.ascent() + scaled.descent()) / 2.0);
        for letter in text.chars() {
            let glyph = scaled.scaled_glyph(letter);
            let (id, advance) = (glyph.id, scaled.h_advance(glyph.id));
            let placed = id.with_scale_and_position(PxScale::from(LETTERS), point(x, baseline));
            if let Some(outline) = font.outline_glyph(placed) {
                let bounds = outline.px_bounds();
                outline.draw(|dx, dy, cover| self.dot(bounds.min.x, bounds.min.y, (dx, dy), cover));
            }
            x += advance;
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "places in a small picture, checked before use")]
    fn dot(&mut self, left: f32, top: f32, (dx, dy): (u32, u32), cover: f32) {
        let (x, y) = (left + dx as f32, top + dy as f32);
        if x < 0.0 || y < 0.0 || x >= self.width as f32 || y >= HEIGHT as f32 {
            return;
        }
        let at = y as usize * self.width + x as usize;
        let ink = f32::from(DARK) + cover.clamp(0.0, 1.0) * f32::from(LIGHT - DARK);
        self.pixels[at] = self.pixels[at].max(ink as u8);
    }
}

/// The wall clock and the time since the start of the recording.
fn clock(began_at: DateTime<Utc>, second: i64) -> String {
    let now = began_at + chrono::Duration::seconds(second);
    format!("{} UTC   {}:{:02}", now.format("%Y-%m-%d %H:%M:%S"), second / 60, second % 60)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width in pixels")]
fn text_width(font: &FontVec, text: &str) -> usize {
    let scaled = font.as_scaled(PxScale::from(LETTERS));
    text.chars().map(|letter| scaled.h_advance(scaled.glyph_id(letter))).sum::<f32>().ceil() as usize
}

/// As much of a text as fits, with an ellipsis where it was cut.
fn cut(font: &FontVec, text: &str, room: usize) -> String {
    if text_width(font, text) <= room {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let kept = (0..letters.len()).rev().map(|many| letters[..many].iter().chain(&['…']).collect::<String>());
    kept.into_iter().find(|cut| text_width(font, cut) <= room).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captions() -> Captions {
        let began_at = DateTime::from_timestamp(1_800_000_000, 0).expect("valid");
        let mark = |at_ms, text: &str| Mark { at_ms, text: text.to_owned() };
        Captions { names: ["Nguyễn Thị Mỹ Hạnh".into(), "Lan".into()], began_at, marks: vec![mark(2_000, "Left: passed"), mark(4_000, "Up: failed")] }
    }

    #[test]
    fn the_line_changes_with_the_second_and_the_mark_and_names_are_cut_to_fit() {
        let captions = captions();
        let mut line = Line::new(&captions, 1_280);
        let lit =
            |line: &Line<'_>, from: usize, to: usize| line.pixels.chunks_exact(1_280).flat_map(|row| &row[from..to]).filter(|pixel| **pixel > 128).count();
        line.write(0, None);
        let plain = (lit(&line, 0, 300), lit(&line, 480, 800), lit(&line, 1_180, 1_280));
        assert!(plain.0 > 100 && plain.1 > 100 && plain.2 > 20, "{plain:?}: names left and right, the clock between them");
        line.write(2, line.mark_at(2_000_000));
        assert!(lit(&line, 400, 900) > plain.1, "a mark stands beside the clock");
        assert_eq!([1_999_000, 2_000_000, 4_100_000, 9_999_000, 10_000_000].map(|at| line.mark_at(at)), [None, Some(0), Some(1), Some(1), None]);
        let font = line.font.as_ref().expect("the fonts of config/debian-packages.txt");
        assert!(cut(font, "Nguyễn Thị Mỹ Hạnh", 60).ends_with('…') && text_width(font, &cut(font, "Nguyễn Thị Mỹ Hạnh", 60)) <= 60);
        assert_eq!(cut(font, "Lan", 0), "");
    }

    #[test]
    fn every_letter_the_product_speaks_is_in_the_font() {
        let font = FontVec::try_from_vec(std::fs::read(FONT).expect("the fonts of config/debian-packages.txt")).expect("a font");
        for letter in "ĂÂĐÊÔƠƯăâđêôơưẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ…ŁŚŻżćЖЯщю".chars()
        {
            assert_ne!(font.glyph_id(letter).0, 0, "{letter}");
        }
    }

    #[test]
    fn the_clock_tells_both_times() {
        assert_eq!(clock(captions().began_at, 75), "2027-01-15 08:01:15 UTC   1:15");
    }
}
