//! The judge of photographs: measures first, then one rule per problem.

use image::GrayImage;
use ocrb::{
    lines,
    pixels::sharpness,
    views::{crop, resized},
};

use super::{
    super::{Measures, Problem, ProblemCode},
    glare::{Glare, glare},
    outline::{self, Outline},
    views::{MIDDLE_SIDE, Views},
};
use crate::engine::document::{DocumentKind, Side};

/// What was seen beside the measures.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Seen {
    /// Four sides of a document.
    pub(super) outline: bool,
    /// Two sides of a document run on to the edge of the picture.
    pub(super) is_cut: bool,
    /// Lines of text.
    pub(super) text_lines: usize,
    /// How many sides of the picture printed matter runs into.
    pub(super) touched_sides: usize,
    /// What it can only be instead of what was asked for.
    pub(super) other: Option<Other>,
    /// Whether a reflection hides something that is read or looked at.
    pub(super) glare_hides: bool,
}

/// Something else than what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    /// The other side of the same document.
    Side,
    /// Another document.
    Document,
}

/// Limits tuned on drawn photographs of the tuning set (`make bench-reader`), and on cards held to a 1280×720 and a 640×480 camera.
mod limit {
    pub(super) const SHARP_REFUSE: f32 = 13.0;
    /// Less texture than any card but one far out of focus: a table, a wall.
    pub(super) const BARE: f32 = 3.0;
    pub(super) const SHARP_WARN: f32 = 30.0;
    pub(super) const DARK_REFUSE: f32 = 55.0;
    pub(super) const DARK_WARN: f32 = 75.0;
    pub(super) const BRIGHT_WARN: f32 = 225.0;
    pub(super) const BRIGHT_REFUSE: f32 = 238.0;
    /// A reflection on what must be seen is refused from the first size on, any other from the second.
    pub(super) const GLARE_HIDES: f32 = 0.008;
    pub(super) const GLARE_REFUSE: f32 = 0.03;
    pub(super) const GLARE_WARN: f32 = 0.006;
    pub(super) const MARGIN_REFUSE: f32 = 0.0;
    pub(super) const MARGIN_WARN: f32 = 0.008;
    pub(super) const WIDTH_REFUSE: f32 = 380.0;
    pub(super) const WIDTH_WARN: f32 = 640.0;
    /// Text closer to the edge of the picture, as a share of it, runs out of the picture; the second when no outline says where the document ends.
    pub(super) const TEXT_MARGIN: f32 = 0.022;
    pub(super) const TEXT_MARGIN_ALONE: f32 = 0.05;
    pub(super) const LEAST_TEXT_LINES: usize = 3;
}

/// Width at which sharpness is measured, in pixels.
const DOCUMENT_WIDTH: u32 = 900;

/// Measures a picture and judges it as one side of a document.
pub(super) fn look(views: &Views, kind: DocumentKind, side: Side) -> (Measures, Vec<Problem>) {
    let outline = views.outline;
    let glare = glare(&views.small, outline.as_ref(), kind, side);
    let measures = measure(views, outline.as_ref(), glare);
    let glyphs = lines::glyphs(&views.middle, 14, 10);
    let text = lines::lines(&glyphs, 6);
    let zone = zone(&text);
    let seen = Seen {
        outline: outline.is_some(),
        is_cut: outline.map_or_else(|| outline::is_cut_off(&views.small), |outline| outline.is_cut),
        text_lines: text.len(),
        touched_sides: touched_sides(&views.middle, &text, if outline.is_some() { limit::TEXT_MARGIN } else { limit::TEXT_MARGIN_ALONE }),
        other: other(views, kind, side, zone),
        glare_hides: glare.hides,
    };
    let problems = judge(&measures, &seen);
    (measures, problems)
}

/// The rules. Worst first: what refuses before what warns, absence before weakness.
pub(super) fn judge(measures: &Measures, seen: &Seen) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut note = |code, value: f32, refuses: bool| found.push(Problem { code, refuses, value });
    let has_text = seen.text_lines >= if seen.outline { 1 } else { limit::LEAST_TEXT_LINES };
    let is_dark = measures.luma < limit::DARK_REFUSE;
    let is_blurred = measures.sharpness < limit::SHARP_REFUSE;
    if is_dark {
        note(ProblemCode::TooDark, measures.luma, true);
    }
    if measures.luma > limit::BRIGHT_REFUSE {
        note(ProblemCode::TooBright, measures.luma, true);
    }
    let is_far = seen.outline && measures.document_width < limit::WIDTH_WARN;
    // A wide outline without any texture is a card far out of focus, a small one a stain on the table.
    let is_bare = measures.sharpness < limit::BARE && measures.document_width < limit::WIDTH_WARN;
    if !has_text && !is_dark && (is_bare || !(seen.outline && is_blurred || is_far)) {
        note(ProblemCode::NoDocument, 0.0, true);
    } else {
        if !is_dark && is_blurred {
            note(ProblemCode::Blurred, measures.sharpness, true);
        }
        match seen.other {
            Some(Other::Document) => note(ProblemCode::WrongDocument, 1.0, true),
            Some(Other::Side) => note(ProblemCode::WrongSide, 1.0, true),
            None => {}
        }
        place_problems(measures, seen, is_dark, &mut note);
    }
    if measures.glare > limit::GLARE_WARN {
        let most = if seen.glare_hides { limit::GLARE_HIDES } else { limit::GLARE_REFUSE };
        note(ProblemCode::Glare, measures.glare, measures.glare > most);
    }
    if !is_dark && measures.luma < limit::DARK_WARN {
        note(ProblemCode::TooDark, measures.luma, false);
    }
    if measures.luma > limit::BRIGHT_WARN && measures.luma <= limit::BRIGHT_REFUSE {
        note(ProblemCode::TooBright, measures.luma, false);
    }
    if !is_dark && !is_blurred && measures.sharpness < limit::SHARP_WARN {
        note(ProblemCode::Blurred, measures.sharpness, false);
    }
    found.sort_by_key(|problem| !problem.refuses);
    found
}

/// Problems of place and size: outside, near the edge, too far away.
fn place_problems(measures: &Measures, seen: &Seen, is_dark: bool, note: &mut impl FnMut(ProblemCode, f32, bool)) {
    if seen.is_cut || seen.touched_sides > 0 {
        note(ProblemCode::Cropped, measures.margin, true);
    } else if seen.outline {
        if measures.margin < limit::MARGIN_WARN {
            note(ProblemCode::Cropped, measures.margin, measures.margin < limit::MARGIN_REFUSE);
        }
        if measures.document_width < limit::WIDTH_WARN {
            note(ProblemCode::TooSmall, measures.document_width, measures.document_width < limit::WIDTH_REFUSE);
        }
    } else if !is_dark {
        note(ProblemCode::Cropped, measures.margin, false);
    }
}

#[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
fn measure(views: &Views, outline: Option<&Outline>, glare: Glare) -> Measures {
    let bounds = outline.map_or([0.0, 0.0, 1.0, 1.0], Outline::bounds);
    let inside = cut(&views.middle, bounds);
    let document = narrowed(cut(&views.full, bounds));
    let (width, height) = (views.full.width() as f32, views.full.height() as f32);
    Measures {
        sharpness: sharpness(&document),
        luma: inside.as_raw().iter().map(|pixel| u64::from(*pixel)).sum::<u64>() as f32 / inside.as_raw().len().max(1) as f32,
        glare: glare.share,
        document_width: outline.map_or(0.0, |outline| outline.width_in(width, height).max(outline.height_in(width, height))),
        margin: outline.map_or(-1.0, Outline::margin),
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "fractions of a picture")]
fn cut(grey: &GrayImage, [left, top, right, bottom]: [f32; 4]) -> GrayImage {
    let (width, height) = (grey.width() as f32, grey.height() as f32);
    let (x, y) = ((left * width) as u32, (top * height) as u32);
    let (wide, high) = (((right - left) * width) as u32, ((bottom - top) * height) as u32);
    crop(grey, (x, y), (wide.max(8), high.max(8)))
}

/// No wider than [`DOCUMENT_WIDTH`]: sharpness beyond what print needs is none of the gate's concern.
fn narrowed(document: GrayImage) -> GrayImage {
    let long = document.width().max(document.height());
    if long <= DOCUMENT_WIDTH { document } else { resized(&document, DOCUMENT_WIDTH) }
}

/// A machine-readable zone by its looks: even lines of many letters, one below the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ZoneShape {
    lines: usize,
    /// Letters of its longest line as far as they were seen.
    letters: usize,
}

fn other(views: &Views, kind: DocumentKind, side: Side, zone: Option<ZoneShape>) -> Option<Other> {
    if zone.is_some_and(|zone| is_of_another(kind, zone)) {
        return Some(Other::Document);
    }
    (kind == DocumentKind::CitizenCard && is_other_side(views, side, zone.is_some())).then_some(Other::Side)
}

/// Whether anything on a page looks like a zone.
pub(super) fn shows_zone(page: &GrayImage) -> bool {
    let middle = resized(page, MIDDLE_SIDE);
    let text = lines::lines(&lines::glyphs(&middle, 14, 10), 6);
    lines::blocks(&text).iter().any(|block| block.len() >= 2 && block.iter().all(|line| line.glyphs.len() >= 20))
}

fn zone(text: &[lines::Line]) -> Option<ZoneShape> {
    let is_zone = |block: &&Vec<lines::Line>| block.len() >= 2 && block.iter().all(|line| line.glyphs.len() >= 24 && line.is_even());
    let shape = |block: &Vec<lines::Line>| ZoneShape { lines: block.len(), letters: block.iter().map(|line| line.glyphs.len()).max().unwrap_or(0) };
    lines::blocks(text).iter().filter(is_zone).map(shape).max_by_key(|zone| (zone.lines, zone.letters))
}

/// Three lines of 30 are a card's, two of 44 a passport's (ICAO 9303 parts 4 and 5); some documents have none.
fn is_of_another(kind: DocumentKind, zone: ZoneShape) -> bool {
    let is_passport = zone.lines == 2 && (39..=46).contains(&zone.letters);
    let is_card = zone.lines == 3 && zone.letters <= 32;
    match kind {
        DocumentKind::Passport => is_card,
        DocumentKind::CitizenCard => is_passport,
        DocumentKind::Cmnd | DocumentKind::DrivingLicence => is_passport || is_card,
        DocumentKind::OtherCard => false,
    }
}

/// How many sides of the picture lines of text run into.
#[expect(clippy::cast_precision_loss, reason = "sides of a small picture")]
fn touched_sides(middle: &GrayImage, text: &[lines::Line], near: f32) -> usize {
    let (width, height) = (middle.width() as f32, middle.height() as f32);
    let touches: [&dyn Fn(&lines::Line) -> bool; 4] = [
        &|line| line.left < width * near,
        &|line| line.right > width * (1.0 - near),
        &|line| line.at(line.left).min(line.at(line.right)) < (line.height * 1.2).max(height * (near - limit::TEXT_MARGIN)),
        &|line| line.at(line.left).max(line.at(line.right)) > height - (line.height * 1.2).max(height * (near - limit::TEXT_MARGIN)),
    ];
    touches.iter().filter(|touch| text.iter().any(touch)).count()
}

/// The chip card's back has a machine-readable zone, its front (2021) a QR code; the 2024 card has both on the back.
fn is_other_side(views: &Views, side: Side, has_zone: bool) -> bool {
    match side {
        Side::Front => has_zone && super::qr::find(&views.middle).is_none(),
        Side::Back => !has_zone && super::qr::find(&views.middle).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Measures = Measures { sharpness: 300.0, luma: 150.0, glare: 0.0, document_width: 1000.0, margin: 0.04 };
    const CARD: Seen = Seen { outline: true, is_cut: false, text_lines: 9, touched_sides: 0, other: None, glare_hides: false };

    fn codes(measures: Measures, seen: Seen) -> Vec<(ProblemCode, bool)> {
        judge(&measures, &seen).into_iter().map(|problem| (problem.code, problem.refuses)).collect()
    }

    #[test]
    fn each_rule_names_its_problem() {
        use ProblemCode::{Blurred, Cropped, Glare, NoDocument, TooBright, TooDark, TooSmall, WrongDocument, WrongSide};
        let cases: [(Measures, Seen, &[(ProblemCode, bool)]); 21] = [
            (GOOD, CARD, &[]),
            (Measures { luma: 30.0, sharpness: 10.0, ..GOOD }, CARD, &[(TooDark, true)]),
            (Measures { luma: 30.0, ..GOOD }, Seen::default(), &[(TooDark, true)]),
            (Measures { luma: 65.0, ..GOOD }, CARD, &[(TooDark, false)]),
            (Measures { luma: 230.0, ..GOOD }, CARD, &[(TooBright, false)]),
            (Measures { luma: 245.0, ..GOOD }, CARD, &[(TooBright, true)]),
            (Measures { sharpness: 10.0, ..GOOD }, CARD, &[(Blurred, true)]),
            (Measures { sharpness: 10.0, ..GOOD }, Seen { text_lines: 0, ..CARD }, &[(Blurred, true)]),
            (Measures { sharpness: 2.0, document_width: 300.0, ..GOOD }, Seen { text_lines: 0, ..CARD }, &[(NoDocument, true)]),
            (Measures { sharpness: 2.0, ..GOOD }, Seen { text_lines: 0, ..CARD }, &[(Blurred, true)]),
            (Measures { sharpness: 20.0, ..GOOD }, CARD, &[(Blurred, false)]),
            (Measures { glare: 0.02, ..GOOD }, CARD, &[(Glare, false)]),
            (Measures { glare: 0.05, ..GOOD }, CARD, &[(Glare, true)]),
            (Measures { glare: 0.02, ..GOOD }, Seen { glare_hides: true, ..CARD }, &[(Glare, true)]),
            (Measures { document_width: 300.0, ..GOOD }, CARD, &[(TooSmall, true)]),
            (Measures { document_width: 500.0, ..GOOD }, CARD, &[(TooSmall, false)]),
            (Measures { margin: -0.01, ..GOOD }, CARD, &[(Cropped, true)]),
            (GOOD, Seen { is_cut: true, ..CARD }, &[(Cropped, true)]),
            (GOOD, Seen { other: Some(Other::Side), ..CARD }, &[(WrongSide, true)]),
            (GOOD, Seen { other: Some(Other::Document), ..CARD }, &[(WrongDocument, true)]),
            (Measures { document_width: 0.0, ..GOOD }, Seen::default(), &[(NoDocument, true)]),
        ];
        for (measures, seen, wanted) in cases {
            assert_eq!(codes(measures, seen), wanted, "{measures:?} {seen:?}");
        }
    }

    #[test]
    fn a_zone_tells_a_passport_from_a_card() {
        let of_another = |kind, lines, letters| is_of_another(kind, ZoneShape { lines, letters });
        assert!(of_another(DocumentKind::Passport, 3, 30) && !of_another(DocumentKind::Passport, 2, 44) && !of_another(DocumentKind::Passport, 2, 28));
        assert!(of_another(DocumentKind::CitizenCard, 2, 43) && !of_another(DocumentKind::CitizenCard, 3, 30));
        assert!(of_another(DocumentKind::Cmnd, 3, 29) && of_another(DocumentKind::DrivingLicence, 2, 44));
        assert!(!of_another(DocumentKind::OtherCard, 2, 44), "a larger card may have any zone");
    }

    #[test]
    fn what_refuses_comes_first() {
        let found = codes(Measures { luma: 70.0, glare: 0.1, ..GOOD }, CARD);
        assert_eq!(found, [(ProblemCode::Glare, true), (ProblemCode::TooDark, false)]);
    }
}
