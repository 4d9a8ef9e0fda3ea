//! Where the document lies and which way up: its outline and its zone, each held against the other.

use image::GrayImage;

use super::{outline::Outline, page::Quarters, zone::Found};
use crate::engine::document::mrz::Format;

/// Where to look for the document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// Its corners as it lies in the picture; `None`: not known.
    pub(super) outline: Option<Outline>,
    pub(super) turned: Quarters,
}

/// Smallest share of a document's length that its zone takes.
const LEAST_SPAN: f32 = 0.7;
/// How far a zone may stand out of an outline, as a share of the picture.
const LOOSE: f32 = 0.03;

/// An outline that does not hold the zone is that of something else; then the zone itself tells where its document ends.
#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
pub(super) fn place(grey: &GrayImage, outline: Option<Outline>, zone: Option<&Found>) -> Place {
    let (width, height) = (grey.width() as f32, grey.height() as f32);
    let Some(zone) = zone else {
        // Documents lie on a long side; which of the two remains to be seen.
        let turned = outline.map_or(0, |outline| usize::from(outline.width_in(width, height) < outline.height_in(width, height)));
        return Place { outline, turned };
    };
    let turned = direction(zone.corners);
    let held = outline.filter(|outline| holds(outline, zone, turned, (width, height)));
    // The corners of a document around a zone come in reading order.
    let around = || {
        around_zone(zone.corners, zone.spelt.zone.format()).map(|mut corners| {
            corners.rotate_right(turned);
            Outline { corners: corners.map(|(x, y)| (x / width, y / height)), support: 0.0, is_cut: false }
        })
    };
    Place { outline: held.or_else(around), turned }
}

/// The right angle nearest to the direction of the first line.
fn direction([start, end, ..]: [(f32, f32); 4]) -> Quarters {
    let (along, down) = (end.0 - start.0, end.1 - start.1);
    match (along.abs() >= down.abs(), along >= 0.0, down >= 0.0) {
        (true, true, _) => 0,
        (true, false, _) => 2,
        (false, _, true) => 1,
        (false, _, false) => 3,
    }
}

fn holds(outline: &Outline, zone: &Found, turned: Quarters, (width, height): (f32, f32)) -> bool {
    let [left, top, right, bottom] = outline.bounds();
    let [x, y, wide, high] = zone.place;
    let is_inside = x > left - LOOSE && y > top - LOOSE && x + wide < right + LOOSE && y + high < bottom + LOOSE;
    let length = if turned.is_multiple_of(2) { outline.width_in(width, height) } else { outline.height_in(width, height) };
    let [start, end, ..] = zone.corners;
    is_inside && (end.0 - start.0).hypot(end.1 - start.1) > LEAST_SPAN * length
}

/// The corners of a document around its zone, in reading order, as if it were seen straight from above.
///
/// Measures in millimetres: ICAO 9303 part 4 §3 (TD3, 125 × 88) and part 5 §3 (TD1, 85.6 × 54); letters stand 2.54 apart, and the zone's
/// corners include 0.9 of a capital's height (2.4) on every side.
fn around_zone([a, b, c, d]: [(f32, f32); 4], format: Format) -> Option<[(f32, f32); 4]> {
    let (letters, left, middle, width, height) = match format {
        Format::Td3 => (44.0, 6.0, 76.1, 125.0, 88.0),
        Format::Td1 => (30.0, 4.7, 42.1, 85.6, 54.0),
        _ => return None,
    };
    let mid = |p: (f32, f32), q: (f32, f32)| (f32::midpoint(p.0, q.0), f32::midpoint(p.1, q.1));
    let (start, end) = (mid(a, d), mid(b, c));
    let span = letters * 2.54 - 0.9 + 2.0 * 0.9 * 2.4;
    let (right_x, right_y) = ((end.0 - start.0) / span, (end.1 - start.1) / span);
    let (down_x, down_y) = (-right_y, right_x);
    let at = |x: f32, y: f32| {
        let (along, across) = (x - (left - 0.9 * 2.4), y - middle);
        (start.0 + right_x * along + down_x * across, start.1 + right_y * along + down_y * across)
    };
    Some([at(0.0, 0.0), at(width, 0.0), at(width, height), at(0.0, height)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passport_is_found_around_its_zone_however_it_lies() {
        // A page of 1250 × 880 pixels, ten to the millimetre; its zone where the standard puts it.
        let zone = [(38.4, 689.0), (1190.6, 689.0), (1190.6, 833.0), (38.4, 833.0)];
        let near =
            |found: [(f32, f32); 4], wanted: [(f32, f32); 4]| found.iter().zip(wanted).all(|(a, b)| (a.0 - b.0).abs() < 12.0 && (a.1 - b.1).abs() < 12.0);
        let upright = around_zone(zone, Format::Td3).unwrap();
        assert!(near(upright, [(0.0, 0.0), (1250.0, 0.0), (1250.0, 880.0), (0.0, 880.0)]), "{upright:?}");
        // Upside down in a picture of the same size.
        let turned = around_zone(zone.map(|(x, y)| (1250.0 - x, 880.0 - y)), Format::Td3).unwrap();
        assert!(near(turned, [(1250.0, 880.0), (0.0, 880.0), (0.0, 0.0), (1250.0, 0.0)]), "{turned:?}");
        assert_eq!(around_zone(zone, Format::MrvA), None, "what lies around a visa is another page");
    }

    #[test]
    fn the_direction_of_a_line_is_a_right_angle() {
        let line = |x: f32, y: f32| [(0.0, 0.0), (x, y), (0.0, 0.0), (0.0, 0.0)];
        assert_eq!([line(9.0, 2.0), line(1.0, 9.0), line(-9.0, 1.0), line(-2.0, -9.0)].map(direction), [0, 1, 2, 3]);
    }
}
