//! Which document and which side a picture shows when nobody says it.

use super::{print, tess::Word};
use crate::engine::document::{
    DocumentKind, Side, Zone,
    mrz::Format,
};

/// Letters of labels that must be found before a layout is believed.
const LEAST_LABELS: usize = 16;

/// By the zone and the code of a Vietnamese card: the 2021 card has the code in front and the zone behind, the 2024 card both behind.
pub(super) fn of(zone: Option<&Zone>, has_code: bool) -> Option<(DocumentKind, Side)> {
    let Some(zone) = zone else { return has_code.then_some((DocumentKind::CitizenCard, Side::Front)) };
    Some(match zone.format() {
        Format::Td3 => (DocumentKind::Passport, Side::Front),
        Format::Td1 if has_code || zone.issuer() == "VNM" => (DocumentKind::CitizenCard, Side::Back),
        Format::Td1 => (DocumentKind::OtherCard, Side::Back),
        Format::Td2 | Format::MrvA | Format::MrvB => (DocumentKind::OtherCard, Side::Front),
    })
}

/// By the printed labels: the layout whose labels make up the most letters.
pub(super) fn by_labels(words: &[Word]) -> Option<(DocumentKind, Side)> {
    let layouts = DocumentKind::ALL.into_iter().flat_map(|kind| kind.sides().iter().map(move |side| (kind, *side)));
    let rated = layouts.map(|(kind, side)| (print::likeness_to(kind, side, words), (kind, side)));
    rated.filter(|(letters, _)| *letters >= LEAST_LABELS).max_by_key(|(letters, _)| *letters).map(|(_, identity)| identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_and_code_tell_the_side() {
        let chip = ["IDVNM1950123452001195012345<<3", "9507144F3507142VNM<<<<<<<<<<<4", "NGUYEN<<THI<MINH<KHAI<<<<<<<<<"];
        let chip = Zone::new(&chip).unwrap();
        assert_eq!(of(Some(&chip), false), Some((DocumentKind::CitizenCard, Side::Back)));
        assert_eq!(of(None, true), Some((DocumentKind::CitizenCard, Side::Front)));
        assert_eq!(of(None, false), None);
        let passport = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
        assert_eq!(of(Zone::new(&passport).as_ref(), false), Some((DocumentKind::Passport, Side::Front)));
    }
}
