//! Which document a picture shows, from what was seen on it.

use super::{super::Zone, DocumentKind, Face, Layout, Side, Wording, plain};

/// What was seen on a picture; everything may be missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// Its machine-readable zone.
    pub zone: Option<&'a Zone>,
    /// Fields of its citizen code (a Vietnamese QR payload), when there is one.
    pub code_fields: Option<usize>,
    /// Pieces of its print, as read.
    pub print: &'a [String],
    /// Width by height of the document.
    pub aspect: Option<f32>,
}

/// A document and side that the evidence fits.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    /// The document.
    pub layout: &'static Layout,
    /// The side.
    pub side: Side,
    /// From 0 (nothing speaks for it) up; 1 and more is plain, a lead of 0.5 over the next decides.
    pub score: f32,
}

impl Fit {
    /// The face.
    pub fn face(&self) -> Option<&'static Face> {
        self.layout.face(self.side)
    }
}

/// Every document and side by how well the evidence fits, best first; only those of `kind` when the customer chose one.
pub fn fits(evidence: Evidence, kind: Option<DocumentKind>) -> Vec<Fit> {
    let print: Vec<String> = evidence.print.iter().map(|piece| plain(piece)).filter(|piece| !piece.is_empty()).collect();
    let mut found: Vec<Fit> = Layout::all()
        .iter()
        .filter(|layout| kind.is_none_or(|kind| layout.kind == kind))
        .flat_map(|layout| layout.sides.iter().map(move |face| (layout, face)))
        .map(|(layout, face)| Fit { layout, side: face.side, score: score(layout, face, evidence, &print) })
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found
}

fn score(layout: &Layout, face: &Face, evidence: Evidence, print: &[String]) -> f32 {
    let mut score = zone_score(layout, face, evidence.zone);
    if let Some(fields) = evidence.code_fields {
        // The code of 2021 stands on the front and has seven fields, that of 2024 on the back with ten or more.
        let suits = face.code && (fields >= 9) == (face.side == Side::Back);
        score += if suits { 2.0 } else { -2.0 };
    }
    let seen = |wording: &&Wording| wording.plain().len() >= 4 && print.iter().any(|piece| holds(piece, wording.plain()));
    let count = |found: usize| f32::from(u8::try_from(found).unwrap_or(u8::MAX));
    // "Passport" and "identity card" stand on documents of every state.
    let title = if layout.state.is_empty() { 0.5 } else { 0.9 };
    score += title * count(face.titles.iter().filter(seen).count());
    let labels = face.fields.iter().filter(|printed| printed.labels.iter().any(|label| seen(&label))).count();
    score += 0.25 * count(labels);
    if let Some(aspect) = evidence.aspect {
        score -= ((aspect - layout.aspect).abs() - 0.08).max(0.0);
    }
    // Where nothing speaks for a state, the form of all of them.
    if layout.state.is_empty() { score + 0.1 } else { score }
}

fn zone_score(layout: &Layout, face: &Face, zone: Option<&Zone>) -> f32 {
    let Some(zone) = zone else { return 0.0 };
    if !face.zone {
        return -3.0;
    }
    let lines = zone.lines();
    let head = lines.first().map_or("", String::as_str);
    let is_code = layout.codes.iter().any(|code| head.starts_with(code.as_str()));
    let is_state = layout.state.is_empty() || head.get(2..5) == Some(layout.state.as_str());
    match (is_code, is_state) {
        (true, true) if layout.state.is_empty() => 1.2,
        (true, true) => 3.0,
        (false, true) => 0.3,
        _ => -3.0,
    }
}

/// Whether a piece of print holds a wording, give or take a letter in six.
fn holds(piece: &str, wording: &str) -> bool {
    if piece.contains(wording) {
        return true;
    }
    let allowed = wording.len() / 6;
    let (piece, wording) = (piece.as_bytes(), wording.as_bytes());
    if allowed == 0 || piece.len() + allowed < wording.len() {
        return false;
    }
    // Myers' bit-vector form of Sellers' algorithm (Journal of the ACM 46, 1999): the wording may begin and end anywhere in the piece.
    let wording = &wording[..wording.len().min(128)];
    let mut places = [0u128; 256];
    for (at, letter) in wording.iter().enumerate() {
        places[usize::from(*letter)] |= 1 << at;
    }
    let last = 1u128 << (wording.len() - 1);
    let (mut up, mut down, mut distance) = (u128::MAX, 0u128, wording.len());
    for letter in piece {
        let same = places[usize::from(*letter)];
        let across = ((same & up).wrapping_add(up) ^ up) | same | down;
        let (more, less) = (down | !(across | up), up & across);
        distance = distance + usize::from(more & last != 0) - usize::from(less & last != 0);
        if distance <= allowed {
            return true;
        }
        let (more, less) = (more << 1, less << 1);
        (up, down) = (less | !(across | more), more & across);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(evidence: Evidence, kind: Option<DocumentKind>) -> (String, Side) {
        let fit = fits(evidence, kind)[0];
        (fit.layout.id.clone(), fit.side)
    }

    #[test]
    fn a_zone_names_its_document() {
        let cases: [(&[&str], &str, Side); 6] = [
            (&["IDVNM1950123452001195012345<<3", "9507144F3507142VNM<<<<<<<<<<<4", "NGUYEN<<THI<MINH<KHAI<<<<<<<<<"], "vn-citizen-2021", Side::Back),
            (&["I<NLDSPECI20142<<<<<<<<<<<<<<<", "6503101F2403096NLD<<<<<<<<<<<8", "DE<BRUIJN<<WILLEKE<LISELOTTE<<"], "nl-id", Side::Back),
            (&["P<POLKOWALSKA<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<", "ZS00000177POL8403065F11090128403065F1<<<<<04"], "pl-passport", Side::Front),
            (&["PNRUSIVANOV<<IVAN<<<<<<<<<<<<<<<<<<<<<<<<<<<", "4510000006RUS8001019M<<<<<<<4010101770001<50"], "ru-internal", Side::Front),
            (&["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"], "icao-passport", Side::Front),
            (&["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"], "icao-card", Side::Back),
        ];
        for (lines, id, side) in cases {
            let zone = Zone::new(lines).unwrap();
            assert_eq!(best(Evidence { zone: Some(&zone), ..Evidence::default() }, None), (id.to_owned(), side));
        }
    }

    #[test]
    fn print_and_code_tell_the_side_and_the_year() {
        let print = |pieces: &[&str]| pieces.iter().map(|piece| (*piece).to_owned()).collect::<Vec<_>>();
        let cases: [(&[&str], Option<usize>, &str, Side); 8] = [
            (&["CĂN CUỚC CÔNG DÂN", "Citizen ldentity Card"], None, "vn-citizen-2021", Side::Front),
            (&["CĂN CƯỚC", "IDENTITY CARD", "Số định danh cá nhân / Personal identification number"], None, "vn-citizen-2024", Side::Front),
            (&["Nơi cư trú / Place of residence:"], Some(12), "vn-citizen-2024", Side::Back),
            (&["Đặc điểm nhận dạng"], None, "vn-citizen-2021", Side::Back),
            (&["GIẤY CHỨNG MINH NHÂN DÂN"], None, "vn-cmnd", Side::Front),
            (&["GIẤY PHÉP LÁI XE / DRIVER'S LICENSE"], None, "vn-licence", Side::Front),
            (&["ЛИЧНА КАРТА / IDENTITY CARD", "REPUBLIC OF BULGARIA"], None, "bg-id", Side::Front),
            (&["UTOPIA", "IDENTITY CARD"], None, "icao-card", Side::Front),
        ];
        for (pieces, code_fields, id, side) in cases {
            assert_eq!(best(Evidence { print: &print(pieces), code_fields, ..Evidence::default() }, None), (id.to_owned(), side), "{pieces:?}");
        }
    }

    #[test]
    fn a_wording_is_found_with_few_misread_letters() {
        assert!(holds("XXCITIZENLDENTITYCARDYY", "CITIZENIDENTITYCARD"));
        assert!(holds("GIAYPHEPLA1XE", "GIAYPHEPLAIXE") && holds("CNCUOCCONGDAN", "CANCUOCCONGDAN") && !holds("CNCUOCCONGN", "CANCUOCCONGDAN"));
        assert!(!holds("CITYCARDS", "CITIZENIDENTITYCARD") && !holds("", "SOHOCHIEU"));
    }
}
