//! All fields of one side: QR code, machine-readable zone and print, each with its place.

use std::{io, path::Path};

use chrono::NaiveDate;
use image::{DynamicImage, GrayImage};

use super::{
    super::frame::Request,
    identity, outline, print, qr,
    tess::Tess,
    views::{SMALL_SIDE, resized},
    zone,
};
use crate::{
    base::Pii,
    engine::document::{CitizenCode, DocumentKind, Field, Mrz, Reading, Side, fields_of_code, fields_of_zone},
};

/// Most confidence in a field of a zone one of whose letters might be another.
const UNSURE: f32 = 0.7;

/// Everything that is loaded once per child.
pub(super) struct Eyes {
    ocrb: ocrb::Reader,
    tess: Tess,
}

impl Eyes {
    pub(super) fn load(tessdata: &Path) -> io::Result<Self> {
        Ok(Self { ocrb: ocrb::Reader::new(), tess: Tess::load(tessdata)? })
    }

    /// Reads a side that is known.
    pub(super) fn read(&self, picture: &DynamicImage, kind: DocumentKind, side: Side, today: NaiveDate) -> Reading {
        let grey = picture.to_luma8();
        let mut reading = Reading::default();
        if kind == DocumentKind::CitizenCard {
            reading.fields.extend(code_fields(&grey, qr::find_hard(&grey).as_ref()));
        }
        if has_zone(kind, side) {
            self.add_zone(zone::read(&grey, &self.ocrb, &self.tess).as_ref(), today, &mut reading);
        }
        let page = print::Page::flat(&grey, outline::find(&resized(picture, SMALL_SIDE).into_luma8()).as_ref());
        reading.fields.extend(print::read(&page, kind, side, &self.tess));
        reading
    }

    /// Finds out what the picture shows and reads it: zone and code say it best, else the printed labels.
    pub(super) fn inspect(&self, picture: &DynamicImage, request: &Request) -> (Option<DocumentKind>, Side, Reading) {
        let grey = picture.to_luma8();
        let mut reading = Reading::default();
        let zone = zone::read(&grey, &self.ocrb, &self.tess);
        let code = qr::find_hard(&grey).filter(|code| CitizenCode::parse(&code.text).is_some());
        let page = print::Page::flat(&grey, outline::find(&resized(picture, SMALL_SIDE).into_luma8()).as_ref());
        let by_machine = identity::of(zone.as_ref().map(|found| &found.spelt.zone), code.is_some());
        let said = request.kind.map(|kind| (kind, request.side.unwrap_or(Side::Front)));
        let (identity, words) = match said.or(by_machine) {
            Some(identity) => (Some(identity), None),
            None => {
                let words = print::words(&page, true, &self.tess);
                (identity::by_labels(&words), Some(words))
            }
        };
        let (kind, side) = identity.unwrap_or((DocumentKind::OtherCard, Side::Front));
        let side = request.side.unwrap_or(side);
        reading.fields.extend(code_fields(&grey, code.as_ref()));
        self.add_zone(zone.as_ref(), request.today, &mut reading);
        let words = words.filter(|_| kind != DocumentKind::OtherCard).unwrap_or_else(|| print::words(&page, kind != DocumentKind::OtherCard, &self.tess));
        reading.fields.extend(print::fields(&page, kind, side, words));
        (identity.map(|(kind, _)| kind), side, reading)
    }

    fn add_zone(&self, found: Option<&zone::Found>, today: NaiveDate, reading: &mut Reading) {
        let Some(found) = found else { return };
        let (zone, repaired) = (&found.spelt.zone, found.spelt.repaired);
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

#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
fn code_fields(grey: &GrayImage, code: Option<&qr::Code>) -> Vec<Field> {
    let Some(code) = code else { return Vec::new() };
    let (width, height) = (grey.width() as f32, grey.height() as f32);
    let [left, top, wide, high] = code.place;
    let place = [left / width, top / height, wide / width, high / height].map(|share| share.clamp(0.0, 1.0));
    CitizenCode::parse(&code.text).map(|payload| fields_of_code(&payload, Some(place))).unwrap_or_default()
}
