//! A sheet to draw on: text in Debian's fonts, boxes, a placeholder of a portrait, QR codes.

use std::sync::LazyLock;

use ab_glyph::FontVec;
use image::{Rgb, RgbImage};
use imageproc::{
    drawing::{draw_filled_circle_mut, draw_filled_ellipse_mut, draw_filled_rect_mut, draw_hollow_rect_mut, draw_line_segment_mut, draw_text_mut},
    rect::Rect,
};
use rxing::{BarcodeFormat, EncodeHints, Writer, qrcode::QRCodeWriter};

pub(super) static PLAIN: LazyLock<FontVec> = LazyLock::new(|| font("/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed.ttf"));
pub(super) static BOLD: LazyLock<FontVec> = LazyLock::new(|| font("/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed-Bold.ttf"));
pub(super) static OCR_B: LazyLock<FontVec> = LazyLock::new(|| font("/usr/share/fonts/opentype/ocr-b/OCRB.otf"));

/// A font of Debian, by its file.
pub(super) fn font(path: &str) -> FontVec {
    let bytes = std::fs::read(path).unwrap_or_else(|_| panic!("install the fonts of config/debian-packages.txt: {path} is missing"));
    FontVec::try_from_vec(bytes).expect("a font of Debian")
}

pub(super) const INK: Rgb<u8> = Rgb([32, 32, 40]);
pub(super) const RED: Rgb<u8> = Rgb([176, 40, 44]);
const GREY: Rgb<u8> = Rgb([104, 100, 108]);

pub(super) struct Canvas(pub(super) RgbImage);

impl Canvas {
    /// A card of this size in pixels with fine guilloche lines.
    pub(super) fn new(width: u32, height: u32, paper: Rgb<u8>) -> Self {
        let mut sheet = RgbImage::from_pixel(width, height, paper);
        let line = Rgb(paper.0.map(|part| part.saturating_sub(9)));
        #[expect(clippy::cast_precision_loss, reason = "sides of a card")]
        let (wide, high) = (width as f32, height as f32);
        let mut x = -high;
        while x < wide {
            draw_line_segment_mut(&mut sheet, (x, 0.0), (x + high * 0.8, high), line);
            x += 14.0;
        }
        Self(sheet)
    }

    pub(super) fn text(&mut self, x: i32, y: i32, size: f32, text: &str) {
        draw_text_mut(&mut self.0, INK, x, y, size, &*PLAIN, text);
    }

    pub(super) fn bold(&mut self, x: i32, y: i32, size: f32, color: Rgb<u8>, text: &str) {
        draw_text_mut(&mut self.0, color, x, y, size, &*BOLD, text);
    }

    /// A label in the smaller grey type of the card.
    pub(super) fn label(&mut self, x: i32, y: i32, text: &str) {
        draw_text_mut(&mut self.0, GREY, x, y, 29.0, &*PLAIN, text);
    }

    /// OCR-B at a fixed pitch, first character's left edge at `x`, top of the line at `y`.
    #[expect(clippy::cast_possible_truncation, reason = "positions on a card")]
    pub(super) fn zone(&mut self, x: f32, y: i32, pitch: f32, size: f32, line: &str) {
        let mut at = x;
        for letter in line.chars() {
            draw_text_mut(&mut self.0, Rgb([20, 20, 24]), at.round() as i32, y, size, &*OCR_B, &letter.to_string());
            at += pitch;
        }
    }

    /// The outline of somebody's head and shoulders.
    pub(super) fn portrait(&mut self, x: i32, y: i32, width: u32, height: u32) {
        let (wide, high) = (width.cast_signed(), height.cast_signed());
        draw_filled_rect_mut(&mut self.0, Rect::at(x, y).of_size(width, height), Rgb([196, 212, 224]));
        draw_filled_ellipse_mut(&mut self.0, (x + wide / 2, y + high * 36 / 100), wide * 30 / 100, high * 28 / 100, Rgb([52, 42, 40]));
        draw_filled_ellipse_mut(&mut self.0, (x + wide / 2, y + high * 42 / 100), wide * 23 / 100, high * 23 / 100, Rgb([214, 178, 152]));
        draw_filled_circle_mut(&mut self.0, (x + wide * 41 / 100, y + high * 40 / 100), wide / 32, Rgb([40, 34, 34]));
        draw_filled_circle_mut(&mut self.0, (x + wide * 59 / 100, y + high * 40 / 100), wide / 32, Rgb([40, 34, 34]));
        draw_filled_rect_mut(&mut self.0, Rect::at(x + wide * 42 / 100, y + high * 54 / 100).of_size(width * 16 / 100, 5), Rgb([150, 80, 80]));
        draw_filled_rect_mut(&mut self.0, Rect::at(x + wide * 15 / 100, y + high * 72 / 100).of_size(width * 70 / 100, height * 28 / 100), Rgb([70, 84, 120]));
        draw_hollow_rect_mut(&mut self.0, Rect::at(x, y).of_size(width, height), Rgb([120, 130, 140]));
    }

    /// A filled circle, for emblems and fingerprints.
    pub(super) fn disc(&mut self, x: i32, y: i32, radius: i32, color: Rgb<u8>) {
        draw_filled_circle_mut(&mut self.0, (x, y), radius, color);
    }

    /// A filled box, for the chip.
    pub(super) fn block(&mut self, x: i32, y: i32, width: u32, height: u32, color: Rgb<u8>) {
        draw_filled_rect_mut(&mut self.0, Rect::at(x, y).of_size(width, height), color);
    }

    /// A QR code with its quiet zone on white, `side` pixels wide at most (a whole number of pixels per module).
    pub(super) fn qr(&mut self, x: i32, y: i32, side: u32, text: &str) {
        let hints = EncodeHints { CharacterSet: Some("UTF-8".into()), ErrorCorrection: Some("L".into()), Margin: Some("0".into()), ..EncodeHints::default() };
        let code = QRCodeWriter.encode_with_hints(text, &BarcodeFormat::QR_CODE, 0, 0, &hints).expect("a payload that fits a code");
        let modules = code.getWidth();
        let size = (side / (modules + 4)).max(1);
        draw_filled_rect_mut(&mut self.0, Rect::at(x, y).of_size((modules + 4) * size, (modules + 4) * size), Rgb([240, 240, 238]));
        for row in 0..modules {
            for column in 0..modules {
                if code.get(column, row) {
                    let at = Rect::at(x + ((column + 2) * size).cast_signed(), y + ((row + 2) * size).cast_signed());
                    draw_filled_rect_mut(&mut self.0, at.of_size(size, size), Rgb([16, 16, 20]));
                }
            }
        }
    }

    /// Says what it is.
    pub(super) fn specimen(&mut self, x: i32, y: i32, size: f32) {
        draw_text_mut(&mut self.0, Rgb([206, 120, 124]), x, y, size, &*BOLD, "SPECIMEN");
    }
}
