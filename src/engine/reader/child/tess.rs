//! Tesseract for zones, loaded once per child: English, capitals and digits only. What reads print is `print/models.rs`.

use std::{io, path::Path};

use image::GrayImage;
use tesseract_rs::{TessPageSegMode, TesseractAPI};

const ZONE_LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";

/// Used by one thread only: set-image and get-text are not one step.
pub(super) struct Tess {
    zone: TesseractAPI,
}

/// A word and where it stands in pixels.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) text: String,
    /// 0…1.
    pub(super) confidence: f32,
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Word {
    pub(super) fn middle(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }

    pub(super) fn height(&self) -> f32 {
        self.bottom - self.top
    }
}

impl Tess {
    pub(super) fn load(tessdata: &Path) -> io::Result<Self> {
        let zone = TesseractAPI::new();
        zone.init(tessdata, "eng").map_err(io::Error::other)?;
        for (name, value) in [("tessedit_char_whitelist", ZONE_LETTERS), ("load_system_dawg", "0"), ("load_freq_dawg", "0")] {
            zone.set_variable(name, value).map_err(io::Error::other)?;
        }
        Ok(Self { zone })
    }

    /// One line of a zone without its blanks.
    pub(super) fn zone_line(&self, line: &GrayImage) -> String {
        let text = show(&self.zone, line, TessPageSegMode::PSM_SINGLE_LINE).and_then(|()| self.zone.get_utf8_text().ok());
        text.unwrap_or_default().chars().filter(|letter| !letter.is_whitespace()).collect()
    }
}

fn show(instance: &TesseractAPI, grey: &GrayImage, mode: TessPageSegMode) -> Option<()> {
    let (width, height) = (i32::try_from(grey.width()).ok()?, i32::try_from(grey.height()).ok()?);
    instance.set_page_seg_mode(mode).ok()?;
    instance.set_image(grey.as_raw(), width, height, 1, width).ok()?;
    instance.set_source_resolution(300).ok()
}

/// The words of tesseract's table.
pub(super) fn words_of(table: &str) -> Vec<Word> {
    table.lines().filter_map(word).collect()
}

/// A line of tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
fn word(line: &str) -> Option<Word> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [level, .., left, top, width, height, confidence, text] = columns.as_slice() else { return None };
    let text = text.trim();
    if *level != "5" || text.is_empty() {
        return None;
    }
    let number = |text: &str| text.parse::<f32>().ok();
    let (left, top) = (number(left)?, number(top)?);
    Some(Word { text: text.to_owned(), confidence: number(confidence)? / 100.0, left, top, right: left + number(width)?, bottom: top + number(height)? })
}
