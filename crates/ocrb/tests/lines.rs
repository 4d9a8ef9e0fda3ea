//! Lines of OCR-B drawn by the font, as they lie: turned, upside down, small, soft, bowed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall say where")]

use ab_glyph::{Font, FontVec, Point, PxScale, ScaleFont};
use image::{GrayImage, Luma};
use ocrb::{
    Reader,
    net::{LETTERS, Likelihoods},
};
use sha2::{Digest, Sha256};

const PASSPORT: [&str; 2] = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
const CARD: [&str; 3] = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"];

/// `0` and `O` differ by a hair in OCR-B; which of them may stand where is not known here.
fn alike(lines: &[impl AsRef<str>]) -> Vec<String> {
    lines.iter().map(|line| line.as_ref().replace('O', "0")).collect()
}

/// How lines lie on their page.
#[derive(Debug, Clone, Copy)]
struct Lie {
    capital: f32,
    degrees: f32,
    /// Sag of the middle of a line in capitals.
    bow: f32,
    blur: f32,
}

const PLAIN: Lie = Lie { capital: 22.0, degrees: 0.0, bow: 0.0, blur: 0.6 };

fn drawn(lines: &[&str], lie: Lie) -> GrayImage {
    let font = FontVec::try_from_vec(std::fs::read("/usr/share/fonts/opentype/ocr-b/OCRB.otf").expect("install fonts-ocr-b")).unwrap();
    let outline = |letter: char, scale: f32, at: Point| font.outline_glyph(font.glyph_id(letter).with_scale_and_position(PxScale::from(scale), at)).unwrap();
    let high = outline('H', 1000.0, Point { x: 0.0, y: 0.0 }).px_bounds();
    let scale = 1000.0 * lie.capital / high.height();
    let pitch = font.as_scaled(PxScale::from(scale)).h_advance(font.glyph_id('H'));
    let (width, height) = (pitch * (lines[0].len() as f32 + 6.0), lie.capital * 2.0 * lines.len() as f32 + 7.0 * lie.capital);
    let mut sheet = GrayImage::from_pixel(width as u32, height as u32, Luma([222]));
    for (row, line) in lines.iter().enumerate() {
        for (column, letter) in line.chars().enumerate() {
            let share = column as f32 / line.len() as f32 * 2.0 - 1.0;
            let y = lie.capital * (4.5 + 2.0 * row as f32 + lie.bow * (1.0 - share * share));
            let glyph = outline(letter, scale, Point { x: pitch * (column as f32 + 3.0), y });
            let origin = glyph.px_bounds().min;
            glyph.draw(|x, y, cover| {
                let pixel = sheet.get_pixel_mut(origin.x as u32 + x, origin.y as u32 + y);
                pixel.0[0] = (f32::from(pixel.0[0]) * (1.0 - cover.min(1.0)) + 40.0 * cover.min(1.0)) as u8;
            });
        }
    }
    image::imageops::blur(&turned(&sheet, lie.degrees), lie.blur)
}

/// On a desk of even grey.
fn turned(sheet: &GrayImage, degrees: f32) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (sheet.width() as f32, sheet.height() as f32);
    let (wide, high) = (width * cos.abs() + height * sin.abs(), width * sin.abs() + height * cos.abs());
    GrayImage::from_fn(wide as u32, high as u32, |x, y| {
        let (x, y) = (x as f32 - wide / 2.0, y as f32 - high / 2.0);
        let (x, y) = (cos * x + sin * y + width / 2.0, cos * y - sin * x + height / 2.0);
        if x < 0.0 || y < 0.0 || x >= width - 1.0 || y >= height - 1.0 {
            return Luma([170]);
        }
        let at = |dx: u32, dy: u32| f32::from(sheet.get_pixel(x as u32 + dx, y as u32 + dy).0[0]);
        let (right, low) = (x.fract(), y.fract());
        Luma([((at(0, 0) * (1.0 - right) + at(1, 0) * right) * (1.0 - low) + (at(0, 1) * (1.0 - right) + at(1, 1) * right) * low) as u8])
    })
}

fn read(page: &GrayImage, lines: &[&str]) -> Option<Vec<String>> {
    let letter = |out: &Likelihoods| char::from(LETTERS[(0..37).max_by(|a, b| out[*a].total_cmp(&out[*b])).unwrap()]);
    let mut found: Option<(f32, Vec<String>)> = None;
    Reader::new().blocks(page, |block| {
        if block.height() == lines.len()
            && let Some(cells) = block.read(lines[0].len())
            && found.as_ref().is_none_or(|(fit, _)| cells.fit > *fit)
        {
            found = Some((cells.fit, cells.lines.iter().map(|line| line.iter().map(letter).collect()).collect()));
        }
        found.as_ref().is_some_and(|(fit, _)| *fit > -0.1)
    });
    found.map(|(_, lines)| lines)
}

#[test]
fn lines_are_read_however_they_lie() {
    for degrees in [0.0, 7.0, -23.0, 90.0, 113.0, 180.0, 201.0, 270.0] {
        let lie = Lie { degrees, ..PLAIN };
        assert_eq!(read(&drawn(&PASSPORT, lie), &PASSPORT).map(|lines| alike(&lines)), Some(alike(&PASSPORT)), "{degrees}°");
        assert_eq!(read(&drawn(&CARD, lie), &CARD).map(|lines| alike(&lines)), Some(alike(&CARD)), "{degrees}°");
    }
}

#[test]
fn small_soft_large_and_bowed_lines_are_read() {
    for lie in [Lie { capital: 11.0, ..PLAIN }, Lie { blur: 2.2, ..PLAIN }, Lie { capital: 44.0, ..PLAIN }, Lie { bow: 0.9, ..PLAIN }] {
        assert_eq!(read(&drawn(&CARD, lie), &CARD).map(|lines| alike(&lines)), Some(alike(&CARD)), "{lie:?}");
    }
}

#[test]
fn an_empty_page_and_noise_hold_no_lines() {
    assert_eq!(read(&GrayImage::from_pixel(900, 600, Luma([200])), &CARD), None);
    let mut state = 1u32;
    let noise = GrayImage::from_fn(900, 600, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Luma([(state >> 24) as u8])
    });
    assert_eq!(read(&noise, &CARD), None);
    for (width, height) in [(1, 1), (1, 300), (300, 1), (2, 2)] {
        assert_eq!(read(&GrayImage::new(width, height), &CARD), None);
    }
}

#[test]
fn the_weights_are_the_ones_that_were_trained() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sum = format!("{:x}", Sha256::digest(std::fs::read(folder.join("net.bin")).unwrap()));
    assert!(std::fs::read_to_string(folder.join("net.sha256")).unwrap().starts_with(&sum), "make train-reader; then write the sum beside the weights");
}
