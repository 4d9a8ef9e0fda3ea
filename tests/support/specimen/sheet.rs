//! A document's face that remembers what was printed on it: the truth a reader is measured against.

use std::sync::LazyLock;

use ab_glyph::{Font, FontVec, PxScale, ScaleFont};
use image::{Rgb, RgbImage};
use imageproc::drawing::draw_text_mut;

use super::{
    canvas::{Canvas, INK, OCR_B, font},
    dice::Dice,
};

/// Pixels for each unit of a face; faces are laid out 1200 units wide for a card (14 to the millimetre).
const SCALE: f32 = 1.75;

/// Plain and bold of one family.
struct Family {
    plain: FontVec,
    bold: FontVec,
}

static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    [
        ("dejavu/DejaVuSansCondensed.ttf", "dejavu/DejaVuSansCondensed-Bold.ttf"),
        ("liberation2/LiberationSans-Regular.ttf", "liberation2/LiberationSans-Bold.ttf"),
        ("open-sans/OpenSans-Regular.ttf", "open-sans/OpenSans-Bold.ttf"),
        ("liberation2/LiberationSerif-Regular.ttf", "liberation2/LiberationSerif-Bold.ttf"),
        ("roboto/unhinted/RobotoTTF/Roboto-Regular.ttf", "roboto/unhinted/RobotoTTF/Roboto-Bold.ttf"),
        ("roboto/unhinted/RobotoTTF/Roboto-Medium.ttf", "roboto/unhinted/RobotoTTF/Roboto-Black.ttf"),
    ]
    .map(|(plain, bold)| {
        let load = |file: &str| font(&format!("/usr/share/fonts/truetype/{file}"));
        Family { plain: load(plain), bold: load(bold) }
    })
    .into_iter()
    .collect()
});

/// Families that sets for tuning are drawn with; sets for testing also use the others.
const FOR_TUNING: u32 = 4;

/// A face in the making.
pub(super) struct Sheet {
    canvas: Canvas,
    family: &'static Family,
    /// Printing is never twice at the same place.
    shift: (i32, i32),
    grow: f32,
    label: Rgb<u8>,
    pub(super) said: Vec<(&'static str, String)>,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "positions on a face")]
impl Sheet {
    pub(super) fn new(size: (u32, u32), paper: [u8; 3], dice: &mut Dice, for_tuning: bool) -> Self {
        let scaled = |length: u32| (length as f32 * SCALE) as u32;
        let tint = paper.map(|part| part.saturating_add_signed(i8::try_from(dice.whole(0, 14)).unwrap_or(0) - 7));
        let families = if for_tuning { FOR_TUNING } else { u32::try_from(FAMILIES.len()).unwrap_or(1) };
        Self {
            canvas: Canvas::new(scaled(size.0), scaled(size.1), Rgb(tint)),
            family: &FAMILIES[dice.whole(0, families - 1) as usize],
            shift: (dice.whole(0, 12).cast_signed() - 6, dice.whole(0, 12).cast_signed() - 6),
            grow: dice.between(0.94, 1.05),
            label: *dice.pick(&[Rgb([104, 100, 108]), Rgb([60, 66, 72]), Rgb([120, 60, 60]), Rgb([36, 40, 52])]),
            said: Vec::new(),
        }
    }

    pub(super) fn done(self) -> (RgbImage, Vec<(&'static str, String)>) {
        (self.canvas.0, self.said)
    }

    fn at(&self, x: i32, y: i32) -> (i32, i32) {
        let scaled = |length: i32| (length as f32 * SCALE) as i32;
        (scaled(x + self.shift.0), scaled(y + self.shift.1))
    }

    fn print(&mut self, (x, y): (i32, i32), size: f32, color: Rgb<u8>, font: &FontVec, text: &str) {
        assert!(text.chars().all(|letter| letter == ' ' || font.glyph_id(letter).0 != 0), "a font without a letter of {text}");
        draw_text_mut(&mut self.canvas.0, color, x, y, size * SCALE, font, text);
    }

    /// How many units wide a text is.
    fn width(&self, size: f32, text: &str, is_bold: bool) -> f32 {
        let font = if is_bold { &self.family.bold } else { &self.family.plain };
        let font = font.as_scaled(PxScale::from(size * self.grow));
        text.chars().map(|letter| font.h_advance(font.glyph_id(letter))).sum()
    }

    pub(super) fn text(&mut self, x: i32, y: i32, size: f32, text: &str) {
        let family = self.family;
        self.print(self.at(x, y), size * self.grow, INK, &family.plain, text);
    }

    pub(super) fn bold(&mut self, x: i32, y: i32, size: f32, color: Rgb<u8>, text: &str) {
        let family = self.family;
        self.print(self.at(x, y), size * self.grow, color, &family.bold, text);
    }

    /// A label in the smaller type of the document; answers where a value behind it begins.
    pub(super) fn label(&mut self, x: i32, y: i32, size: f32, text: &str) -> i32 {
        let (family, color) = (self.family, self.label);
        self.print(self.at(x, y), size * self.grow, color, &family.plain, text);
        x + self.width(size, text, false) as i32 + 14
    }

    /// A value whose truth is `truth`.
    pub(super) fn value(&mut self, field: &'static str, at: (i32, i32), size: f32, printed: &str, truth: String) {
        self.said.push((field, truth));
        self.text(at.0, at.1, size, printed);
    }

    /// The same in bold.
    pub(super) fn bold_value(&mut self, field: &'static str, at: (i32, i32), size: f32, printed: &str, truth: String) {
        self.said.push((field, truth));
        self.bold(at.0, at.1, size, INK, printed);
    }

    /// A long value that begins at `at` and, where it would pass `right`, goes on in rows that begin at `left`.
    pub(super) fn wrapped(&mut self, field: &'static str, at: (i32, i32), (left, right): (i32, i32), size: f32, step: i32, value: &str) {
        self.said.push((field, value.to_owned()));
        let (mut x, mut y) = at;
        let mut row = String::new();
        for word in value.split(' ') {
            let longer = if row.is_empty() { word.to_owned() } else { format!("{row} {word}") };
            if x + self.width(size, &longer, false) as i32 > right && !row.is_empty() {
                self.text(x, y, size, &row);
                (x, y) = (left, y + step);
                word.clone_into(&mut row);
            } else {
                row = longer;
            }
        }
        self.text(x, y, size, &row);
    }

    /// Lines of a machine-readable zone from `(x, y)` on, `pitch` units to a letter.
    pub(super) fn zone(&mut self, lines: &[String], x: f32, y: i32, pitch: f32, step: i32) {
        for (n, line) in (0..).zip(lines) {
            let y = ((y + n * step) as f32 * SCALE) as i32;
            for (at, letter) in line.chars().enumerate() {
                let x = ((x + at as f32 * pitch) * SCALE).round() as i32;
                draw_text_mut(&mut self.canvas.0, Rgb([20, 20, 24]), x, y, pitch * 1.55 * SCALE, &*OCR_B, &letter.to_string());
            }
        }
    }

    pub(super) fn portrait(&mut self, x: i32, y: i32, width: u32, height: u32) {
        let (x, y) = self.at(x, y);
        self.canvas.portrait(x, y, (width as f32 * SCALE) as u32, (height as f32 * SCALE) as u32);
    }

    pub(super) fn disc(&mut self, x: i32, y: i32, radius: i32, color: [u8; 3]) {
        let (x, y) = self.at(x, y);
        self.canvas.disc(x, y, (radius as f32 * SCALE) as i32, Rgb(color));
    }

    pub(super) fn block(&mut self, x: i32, y: i32, width: u32, height: u32, color: [u8; 3]) {
        let (x, y) = self.at(x, y);
        self.canvas.block(x, y, (width as f32 * SCALE) as u32, (height as f32 * SCALE) as u32, Rgb(color));
    }

    /// A finger's print.
    pub(super) fn finger(&mut self, x: i32, y: i32) {
        self.block(x, y, 180, 220, [232, 232, 226]);
        for ring in 0..7 {
            let shade = if ring % 2 == 0 { [122, 122, 128] } else { [232, 232, 226] };
            self.disc(x + 90, y + 110, 84 - ring * 12, shade);
        }
    }

    pub(super) fn qr(&mut self, x: i32, y: i32, side: u32, text: &str) {
        let (x, y) = self.at(x, y);
        self.canvas.qr(x, y, (side as f32 * SCALE) as u32, text);
    }

    pub(super) fn specimen(&mut self, x: i32, y: i32, size: f32) {
        let (x, y) = self.at(x, y);
        self.canvas.specimen(x, y, size * SCALE);
    }
}
