//! Tesseract for print: one model per language, read into memory before the walls rise and set up when first needed.

use std::{cell::RefCell, collections::HashMap, io, path::Path};

use image::GrayImage;
use tesseract_rs::{TessPageSegMode, TesseractAPI};

use super::super::tess::{Word, words_of};
use crate::engine::document::layouts::LANGUAGES;

/// `OEM_LSTM_ONLY` of tesseract.
const LSTM_ONLY: i32 = 1;

/// The models of every language a layout may name.
pub(in super::super) struct Models {
    files: HashMap<&'static str, Vec<u8>>,
    open: RefCell<HashMap<&'static str, Option<TesseractAPI>>>,
}

impl Models {
    /// Reads the files of all languages and sets up the one that is needed most.
    pub(in super::super) fn load(tessdata: &Path) -> io::Result<Self> {
        let mut files = HashMap::new();
        for language in LANGUAGES {
            files.insert(language, std::fs::read(tessdata.join(format!("{language}.traineddata")))?);
        }
        let models = Self { files, open: RefCell::default() };
        models.with("vie", |_| Some(()));
        Ok(models)
    }

    fn with<T>(&self, language: &str, act: impl FnOnce(&TesseractAPI) -> Option<T>) -> Option<T> {
        let (name, bytes) = self.files.get_key_value(language)?;
        let mut open = self.open.borrow_mut();
        act(open.entry(name).or_insert_with(|| set_up(name, bytes)).as_ref()?)
    }

    /// The words on a picture of one line of text, placed in its pixels.
    pub(super) fn line(&self, language: &str, line: &GrayImage) -> Vec<Word> {
        self.with(language, |model| {
            let (width, height) = (i32::try_from(line.width()).ok()?, i32::try_from(line.height()).ok()?);
            model.set_page_seg_mode(TessPageSegMode::PSM_SINGLE_LINE).ok()?;
            model.set_image(line.as_raw(), width, height, 1, width).ok()?;
            model.set_source_resolution(300).ok()?;
            model.get_tsv_text(0).ok()
        })
        .map(|table| words_of(&table))
        .unwrap_or_default()
    }
}

fn set_up(language: &str, bytes: &[u8]) -> Option<TesseractAPI> {
    let model = TesseractAPI::new();
    let size = i32::try_from(bytes.len()).ok()?;
    model.init_5(bytes, size, language, LSTM_ONLY, &[]).ok()?;
    // Light letters on dark ground do not occur; looking for them doubles the time of every unsure word.
    model.set_variable("tessedit_do_invert", "0").ok()?;
    Some(model)
}
