//! All fields of one side: QR code, machine-readable zone and print, each with its place.

use std::{cell::OnceCell, io, path::Path};

use chrono::NaiveDate;
use image::{GrayImage, RgbImage};

use super::{
    super::frame::Request,
    gate,
    outline::Outline,
    page::Page,
    place::{Place, place},
    print, qr,
    tess::Tess,
    views::Views,
    zone,
};
use crate::{
    base::Pii,
    engine::document::{
        CitizenCode, DocumentKind, Field, FieldName, Mrz, Reading, Side, Source, Zone, fields_of_code, fields_of_zone,
        layouts::{self, Evidence, Fit},
        mrz::Format,
    },
};

/// Most confidence in a field of a zone one of whose letters might be another.
const UNSURE: f32 = 0.7;
/// A document that fits at least this well is named; another is only read as what the customer said it is.
const LEAST_FIT: f32 = 0.55;

/// Everything that is loaded once per child.
pub(super) struct Eyes {
    ocrb: ocrb::Reader,
    tess: Tess,
    models: print::Models,
}

/// What one side says: which document it is, its fields, its portrait and where that stands.
pub(super) struct Seen {
    fit: Option<Fit>,
    pub(super) reading: Reading,
    pub(super) portrait: Option<([f32; 4], RgbImage)>,
}

/// The page as it seems to lie, and what was looked up on it so far.
struct Glance {
    /// As it was seen before any zone.
    outline: Option<Outline>,
    place: Place,
    page: Page,
    /// The code on the page once it was looked for.
    code: OnceCell<Option<(CitizenCode, [f32; 4])>>,
    /// Whether its print says plainly that it has no code.
    is_codeless: bool,
    tried: print::Tried,
}

impl Eyes {
    pub(super) fn load(tessdata: &Path) -> io::Result<Self> {
        Ok(Self { ocrb: ocrb::Reader::new(), tess: Tess::load(tessdata)?, models: print::Models::load(tessdata)? })
    }

    /// Reads a side that is known.
    pub(super) fn read(&self, picture: (&RgbImage, &Views), kind: DocumentKind, side: Side, today: NaiveDate) -> Seen {
        let found = if has_zone(kind, side) { zone::read(&picture.1.full, &self.ocrb, &self.tess) } else { None };
        self.with_print(picture, Glance::of(picture.1), found.as_ref(), (Some(kind), Some(side), today))
    }

    /// Finds out what the picture shows and reads it: zone and code say it best, else the printed titles.
    pub(super) fn inspect(&self, picture: (&RgbImage, &Views), request: &Request) -> (Option<DocumentKind>, Side, Seen) {
        let mut glance = Glance::of(picture.1);
        let is_zoneless = self.zoneless(&picture.1.full, &mut glance, request);
        let found = if is_zoneless { None } else { zone::read(&picture.1.full, &self.ocrb, &self.tess) };
        let seen = self.with_print(picture, glance, found.as_ref(), (request.kind, request.side, request.today));
        // Zones of two lines that are no passport's: visas and old cards. Their print is nobody's layout.
        let strange = found.filter(|found| !matches!(found.spelt.zone.format(), Format::Td1 | Format::Td3)).map(|_| (DocumentKind::OtherCard, Side::Front));
        let told = strange.or_else(|| seen.fit.map(|fit| (fit.layout.kind, fit.side)));
        (request.kind.or(told.map(|(kind, _)| kind)), request.side.or(told.map(|(_, side)| side)).unwrap_or(Side::Front), seen)
    }

    /// Whether a zone need not be searched, which takes longest where there is none: nothing looks like one, and code or titles are those of
    /// a side without.
    fn zoneless(&self, photo: &GrayImage, glance: &mut Glance, request: &Request) -> bool {
        if let (Some(kind), Some(side)) = (request.kind, request.side) {
            return !has_zone(kind, side);
        }
        if glance.place.outline.is_none() {
            return false;
        }
        if let Some((code, _)) = glance.code() {
            // The code of 2021 stands on the front, that of 2024 above a zone.
            return code.parts < 9;
        }
        if gate::shows_zone(glance.page.grey()) {
            return false;
        }
        let (plain, tried) = print::Reader::new((&glance.page, photo), &self.models, &[], print::Tried::new()).plainly_zoneless();
        glance.tried = tried;
        glance.is_codeless = plain.is_some_and(|face| !face.code);
        plain.is_some()
    }

    /// Code, zone and print together; what was asked for narrows what it may be. Which way up the document lies is told by its zone, then by
    /// its code, then by which way its print can be read.
    fn with_print(
        &self,
        (picture, views): (&RgbImage, &Views),
        glance: Glance,
        found: Option<&zone::Found>,
        (kind, side, today): (Option<DocumentKind>, Option<Side>, NaiveDate),
    ) -> Seen {
        let mut reading = Reading::default();
        add_zone(found, today, &mut reading);
        let glance = glance.at(&views.full, found);
        let Place { outline, turned } = glance.place;
        let may_have_code = kind.is_none_or(|kind| kind == DocumentKind::CitizenCard) && found.is_none_or(may_be_coded);
        let code = (may_have_code && !glance.is_codeless).then(|| glance.code().or_else(|| code_anywhere(views, found.is_none()))).flatten();
        let Glance { mut page, tried, .. } = glance;
        reading.fields.extend(code.iter().flat_map(|(code, place)| fields_of_code(code, Some(*place))));
        let evidence = Evidence { zone: found.map(|found| &found.spelt.zone), code_fields: code.as_ref().map(|(code, _)| code.parts), ..Evidence::default() };
        let known = known(&reading);
        let names = of_zone(&reading);
        let names: Vec<(FieldName, &str)> = names.iter().map(|(name, value)| (*name, value.expose().as_str())).collect();
        let printed = |page: &Page, tried: print::Tried| self.printed((page, &views.full), evidence, (kind, side), (&known, &names), tried);
        // Codes stand in the upper half of every card that has one.
        let is_overturned = found.is_none() && code.is_some_and(|(_, place)| page.is_lower(place));
        if is_overturned {
            page = Page::flat(&views.full, outline.as_ref(), turned + 2);
        }
        let (mut fit, mut fields) = printed(&page, if is_overturned { print::Tried::new() } else { tried });
        if found.is_none() && evidence.code_fields.is_none() && fields.is_empty() {
            let other = Page::flat(&views.full, outline.as_ref(), turned + 2);
            let (other_fit, other_fields) = printed(&other, print::Tried::new());
            if !other_fields.is_empty() {
                (page, fit, fields) = (other, other_fit, other_fields);
            }
        }
        let mut portrait = None;
        if let Some(fit) = &fit {
            // The only document of its kind is not compared with others: that its labels were found says it as well.
            let is_sure = fit.score >= LEAST_FIT || !fields.is_empty();
            reading.layout = is_sure.then(|| fit.layout.id.clone());
            let place = fit.face().and_then(|face| face.portrait).filter(|_| is_sure);
            if let Some(face) = fit.face().filter(|_| is_sure) {
                show_print(&mut reading.fields, &fields, face, &page);
            }
            portrait = place.and_then(|place| page.cut(picture, place, fit.layout.aspect));
        }
        reading.fields.extend(fields);
        Seen { fit, reading, portrait }
    }

    /// Which document the print of a page is, and its fields but those in `known`.
    fn printed(
        &self,
        (page, photo): (&Page, &GrayImage),
        evidence: Evidence,
        (kind, side): (Option<DocumentKind>, Option<Side>),
        (known, names): (&[FieldName], print::ZoneNames),
        tried: print::Tried,
    ) -> (Option<Fit>, Vec<Field>) {
        let mut print = print::Reader::new((page, photo), &self.models, names, tried);
        let fit = print.fit(evidence, kind, side).filter(|fit| fit.score >= if kind.is_some() { 0.0 } else { LEAST_FIT });
        let fields = fit.as_ref().map(|fit| print.fields(fit, known)).unwrap_or_default();
        (fit, fields)
    }
}

impl Glance {
    fn of(views: &Views) -> Self {
        Self::lying(&views.full, views.outline, place(&views.full, views.outline, None))
    }

    fn lying(full: &GrayImage, outline: Option<Outline>, place: Place) -> Self {
        Self {
            outline,
            place,
            page: Page::flat(full, place.outline.as_ref(), place.turned),
            code: OnceCell::new(),
            is_codeless: false,
            tried: print::Tried::new(),
        }
    }

    /// As it lies according to the zone that was found; all stays as it is where that says the same.
    fn at(self, full: &GrayImage, found: Option<&zone::Found>) -> Self {
        let place = place(full, self.outline, found);
        if place == self.place { self } else { Self::lying(full, self.outline, place) }
    }

    /// The citizen code on the page and its place as fractions of the photograph.
    fn code(&self) -> Option<(CitizenCode, [f32; 4])> {
        let page = &self.page;
        let search = || {
            let code = qr::find_on_page(page.grey())?;
            let [left, top, wide, high] = code.place;
            Some((CitizenCode::parse(&code.text)?, page.place_of([left, top, left + wide, top + high])))
        };
        self.code.get_or_init(search).clone()
    }
}

/// Only Vietnamese cards have a code beside their zone.
fn may_be_coded(found: &zone::Found) -> bool {
    let zone = &found.spelt.zone;
    !zone.is_valid() || zone.format() == Format::Td1 && zone.issuer() == "VNM"
}

/// The same in the whole photograph; when it is `likely`, by every means.
#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
fn code_anywhere(views: &Views, likely: bool) -> Option<(CitizenCode, [f32; 4])> {
    let (view, code) = if likely { (&views.full, qr::find_hard(&views.full)?) } else { (&views.middle, qr::find(&views.middle)?) };
    let (width, height) = (view.width() as f32, view.height() as f32);
    let [left, top, wide, high] = code.place;
    Some((CitizenCode::parse(&code.text)?, [left / width, top / height, wide / width, high / height].map(|share| share.clamp(0.0, 1.0))))
}

fn add_zone(found: Option<&zone::Found>, today: NaiveDate, reading: &mut Reading) {
    let Some(found) = found else { return };
    let (zone, repaired): (&Zone, bool) = (&found.spelt.zone, found.spelt.repaired);
    let doubtful = found.doubtful();
    reading.fields.extend(fields_of_zone(zone, repaired, Some(found.place), today).into_iter().map(|mut field| {
        if doubtful.contains(&field.name) {
            field.confidence = field.confidence.min(UNSURE);
        }
        field
    }));
    reading.mrz = Some(Mrz { lines: zone.lines().into_iter().map(Pii::new).collect(), valid: zone.is_valid(), repaired });
    reading.doubtful.extend(doubtful);
}

/// What need not be read from print: a code reads exactly or not at all, and of a zone that closes the dates are as sure. The number is
/// always read: print that contradicts it is a forgery's commonest trace.
fn known(reading: &Reading) -> Vec<FieldName> {
    let closes = reading.mrz.as_ref().is_some_and(|zone| zone.valid && !zone.repaired);
    let is_known = |field: &&Field| match field.source {
        Source::Qr => field.name != FieldName::Number,
        Source::Mrz => closes && matches!(field.name, FieldName::BirthDate | FieldName::ExpiryDate | FieldName::Sex | FieldName::Nationality),
        Source::Print => false,
    };
    reading.fields.iter().filter(is_known).map(|field| field.name).collect()
}

/// Names, number and dates in the zone.
fn of_zone(reading: &Reading) -> Vec<(FieldName, Pii<String>)> {
    use FieldName::{BirthDate, ExpiryDate, FullName, GivenNames, Number, Surname};
    let is_asked = |field: &&Field| field.source == Source::Mrz && matches!(field.name, FullName | Surname | GivenNames | Number | BirthDate | ExpiryDate);
    reading.fields.iter().filter(is_asked).map(|field| (field.name, field.value.clone())).collect()
}

/// What came from a code is shown where the same stands in print: nobody can compare a form with a code.
fn show_print(fields: &mut [Field], printed: &[Field], face: &layouts::Face, page: &Page) {
    for field in fields.iter_mut().filter(|field| field.source == Source::Qr) {
        let seen = printed.iter().find(|other| other.name == field.name).and_then(|other| other.place);
        let usual = || {
            face.fields.iter().find(|printed| printed.name == field.name).filter(|_| page.is_bounded()).map(|printed| page.place_of(page.pixels_of(printed.at)))
        };
        if let Some(place) = seen.or_else(usual) {
            field.place = Some(place);
        }
    }
}

/// Where a zone is to be expected: the back of cards, the page of a passport.
fn has_zone(kind: DocumentKind, side: Side) -> bool {
    match kind {
        DocumentKind::Passport => true,
        DocumentKind::CitizenCard => side == Side::Back,
        DocumentKind::OtherCard => true,
        DocumentKind::Cmnd | DocumentKind::DrivingLicence => false,
    }
}
