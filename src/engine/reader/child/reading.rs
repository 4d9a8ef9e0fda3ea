//! All fields of one side: QR code, machine-readable zone and print, each with its place.

use std::{io, path::Path};

use chrono::NaiveDate;
use image::{DynamicImage, GrayImage};

use super::{
    super::frame::Request,
    outline, print, qr,
    tess::Tess,
    views::{SMALL_SIDE, resized},
    zone,
};
use crate::{
    base::Pii,
    engine::document::{
        CitizenCode, DocumentKind, Field, FieldName, Mrz, Reading, Side, Source, Zone, fields_of_code, fields_of_zone,
        layouts::{Evidence, Fit},
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

impl Eyes {
    pub(super) fn load(tessdata: &Path) -> io::Result<Self> {
        Ok(Self { ocrb: ocrb::Reader::new(), tess: Tess::load(tessdata)?, models: print::Models::load(tessdata)? })
    }

    /// Reads a side that is known.
    pub(super) fn read(&self, picture: &DynamicImage, kind: DocumentKind, side: Side, today: NaiveDate) -> Reading {
        let grey = picture.to_luma8();
        let found = if has_zone(kind, side) { zone::read(&grey, &self.ocrb, &self.tess) } else { None };
        self.with_print(picture, &grey, found.as_ref(), (Some(kind), Some(side)), today).1
    }

    /// Finds out what the picture shows and reads it: zone and code say it best, else the printed titles.
    pub(super) fn inspect(&self, picture: &DynamicImage, request: &Request) -> (Option<DocumentKind>, Side, Reading) {
        let grey = picture.to_luma8();
        let found = zone::read(&grey, &self.ocrb, &self.tess);
        let (fit, reading) = self.with_print(picture, &grey, found.as_ref(), (request.kind, request.side), request.today);
        // Zones of two lines that are no passport's: visas and old cards. Their print is nobody's layout.
        let strange = found.filter(|found| !matches!(found.spelt.zone.format(), Format::Td1 | Format::Td3)).map(|_| (DocumentKind::OtherCard, Side::Front));
        let seen = strange.or_else(|| fit.map(|fit| (fit.layout.kind, fit.side)));
        (request.kind.or(seen.map(|(kind, _)| kind)), request.side.or(seen.map(|(_, side)| side)).unwrap_or(Side::Front), reading)
    }

    /// Code, zone and print together; what was asked for narrows what it may be.
    fn with_print(
        &self,
        picture: &DynamicImage,
        grey: &GrayImage,
        found: Option<&zone::Found>,
        (kind, side): (Option<DocumentKind>, Option<Side>),
        today: NaiveDate,
    ) -> (Option<Fit>, Reading) {
        let mut reading = Reading::default();
        add_zone(found, today, &mut reading);
        let page = print::Page::flat(grey, outline::find(&resized(picture, SMALL_SIDE).into_luma8()).as_ref());
        let may_have_code = kind.is_none_or(|kind| kind == DocumentKind::CitizenCard);
        let code = may_have_code.then(|| code(grey, &page, found.is_none())).flatten();
        reading.fields.extend(code.iter().flat_map(|(code, place)| fields_of_code(code, Some(*place))));
        let mut print = print::Reader::new(&page, &self.models);
        let evidence = Evidence { zone: found.map(|found| &found.spelt.zone), code_fields: code.map(|(code, _)| code.parts), ..Evidence::default() };
        let is_asked = kind.is_some();
        let fit = print.fit(evidence, kind, side).filter(|fit| fit.score >= if is_asked { 0.0 } else { LEAST_FIT });
        if let Some(fit) = &fit {
            let known = known(&reading);
            let printed = print.fields(fit, &known);
            // The only document of its kind is not compared with others: that its labels were found says it as well.
            reading.layout = (fit.score >= LEAST_FIT || !printed.is_empty()).then(|| fit.layout.id.clone());
            reading.fields.extend(printed);
        }
        (fit, reading)
    }
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

/// Where a zone is to be expected: the back of cards, the page of a passport.
fn has_zone(kind: DocumentKind, side: Side) -> bool {
    match kind {
        DocumentKind::Passport => true,
        DocumentKind::CitizenCard => side == Side::Back,
        DocumentKind::OtherCard => true,
        DocumentKind::Cmnd | DocumentKind::DrivingLicence => false,
    }
}

/// The citizen code and its place as fractions of the photograph. When it is `likely`, the whole photograph is searched, too.
#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
fn code(grey: &GrayImage, page: &print::Page, likely: bool) -> Option<(CitizenCode, [f32; 4])> {
    let on_page = qr::find_on_page(page.grey()).map(|code| {
        let [left, top, wide, high] = code.place;
        (code.text, page.place_of(left, top, left + wide, top + high))
    });
    let anywhere = || {
        let code = if likely { qr::find_hard(grey) } else { qr::find(grey) }?;
        let (width, height) = (grey.width() as f32, grey.height() as f32);
        let [left, top, wide, high] = code.place;
        Some((code.text, [left / width, top / height, wide / width, high / height].map(|share| share.clamp(0.0, 1.0))))
    };
    let (text, place) = on_page.or_else(anywhere)?;
    Some((CitizenCode::parse(&text)?, place))
}
