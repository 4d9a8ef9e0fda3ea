//! Reflections: how large, and whether they hide something that is read or looked at.

use image::GrayImage;
use imageproc::geometric_transformations::Projection;
use ocrb::pixels::{Patch, patches};

use super::outline::Outline;
use crate::engine::document::{
    DocumentKind, Side,
    layouts::{Face, Layout},
};

/// From here on a pixel is blown out.
const BLOWN: u8 = 250;
/// Patches of fewer pixels, on a picture 400 pixels long, are specks.
const SPECK: usize = 20;
/// A part is hidden when this share of it is.
const HIDDEN: f32 = 0.1;
/// Where zones stand (ICAO 9303 parts 4 and 5: the lowest 23.2 mm of the face) and where citizen codes do, as shares of the face.
const ZONE_TD1: [f32; 4] = [0.03, 0.57, 0.97, 0.97];
const ZONE_TD3: [f32; 4] = [0.03, 0.74, 0.97, 0.97];
const CODE: [f32; 4] = [0.75, 0.02, 0.99, 0.4];

/// The reflections on a document.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Glare {
    /// Share of the document covered by the largest blown-out patch.
    pub(super) share: f32,
    /// Whether a patch hides a field, the zone, the code or the portrait on every layout that the side may have.
    pub(super) hides: bool,
}

/// Looks for reflections within the outline, else everywhere; what they hide is only known within an outline.
#[expect(clippy::cast_precision_loss, reason = "pixel counts of a small picture")]
pub(super) fn glare(small: &GrayImage, outline: Option<&Outline>, kind: DocumentKind, side: Side) -> Glare {
    let (width, height) = (small.width() as f32, small.height() as f32);
    let [left, top, right, bottom] = outline.map_or([0.0, 0.0, 1.0, 1.0], Outline::bounds);
    let is_within = |patch: &Patch| {
        let (x, y) = ((patch.left + patch.right) as f32 / 2.0 / width, (patch.top + patch.bottom) as f32 / 2.0 / height);
        (left..=right).contains(&x) && (top..=bottom).contains(&y)
    };
    let blown: Vec<bool> = small.as_raw().iter().map(|pixel| *pixel >= BLOWN).collect();
    let mut found = patches(&blown, small.width() as usize, SPECK);
    found.retain(is_within);
    let largest = found.iter().map(|patch| patch.pixels).max().unwrap_or(0);
    let area = (right - left) * (bottom - top) * width * height;
    let onto_face = outline.filter(|_| !found.is_empty()).and_then(|outline| {
        let corners = outline.corners.map(|(x, y)| (x * width, y * height));
        Projection::from_control_points(corners, [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
    });
    let hides = onto_face.is_some_and(|onto_face| {
        let places: Vec<[f32; 4]> = found.iter().map(|patch| place(patch, &onto_face)).collect();
        let mut faces = Layout::all().iter().filter(|layout| layout.kind == kind).filter_map(|layout| layout.face(side)).peekable();
        faces.peek().is_some() && faces.all(|face| parts(face, kind).iter().any(|part| places.iter().any(|place| covered(*part, *place) > HIDDEN)))
    });
    Glare { share: largest as f32 / area.max(1.0), hides }
}

/// Where a patch lies on the face, in shares of it.
#[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
fn place(patch: &Patch, onto_face: &Projection) -> [f32; 4] {
    let (left, top, right, bottom) = (patch.left as f32, patch.top as f32, patch.right as f32 + 1.0, patch.bottom as f32 + 1.0);
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom)].map(|corner| *onto_face * corner);
    let least = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(f32::MAX, f32::min);
    let most = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(f32::MIN, f32::max);
    [least(|at| at.0), least(|at| at.1), most(|at| at.0), most(|at| at.1)]
}

/// What must be seen of a face.
fn parts(face: &Face, kind: DocumentKind) -> Vec<[f32; 4]> {
    let zone = face.zone.then_some(if kind == DocumentKind::Passport { ZONE_TD3 } else { ZONE_TD1 });
    let code = face.code.then_some(CODE);
    face.fields.iter().map(|printed| printed.at).chain(face.portrait).chain(zone).chain(code).collect()
}

/// Share of a part that a place covers.
fn covered(part: [f32; 4], place: [f32; 4]) -> f32 {
    let side = |low: usize, high: usize| (part[high].min(place[high]) - part[low].max(place[low])).max(0.0);
    side(0, 2) * side(1, 3) / ((part[2] - part[0]) * (part[3] - part[1]))
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// A card that fills the frame but for a rim, with a lamp's reflection on it: left, top, right, bottom in shares of the card.
    fn lit([left, top, right, bottom]: [f32; 4]) -> Glare {
        let outline = Outline { corners: [(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)], support: 1.0, is_cut: false };
        let on_card = |at: u32, side: f32| (f32::from(u16::try_from(at).unwrap()) / side - 0.1) / 0.8;
        let picture = GrayImage::from_fn(400, 250, |x, y| {
            let is_lit = (left..right).contains(&on_card(x, 400.0)) && (top..bottom).contains(&on_card(y, 250.0));
            Luma([if is_lit { 255 } else { 170 }])
        });
        glare(&picture, Some(&outline), DocumentKind::Cmnd, Side::Front)
    }

    #[test]
    fn a_reflection_hides_what_it_lies_on() {
        let on_number = lit([0.45, 0.23, 0.6, 0.31]);
        assert!(on_number.hides && on_number.share < 0.02, "{on_number:?}");
        let on_portrait = lit([0.08, 0.5, 0.2, 0.62]);
        assert!(on_portrait.hides, "{on_portrait:?}");
        let beside = lit([0.01, 0.02, 0.3, 0.2]);
        assert!(!beside.hides && beside.share > 0.03, "{beside:?}");
        assert_eq!(lit([0.0; 4]), Glare::default());
    }
}
