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

    pub(super) fn read(&self, picture: &DynamicImage, request: &Request) -> Reading {
        let grey = picture.to_luma8();
        let mut reading = Reading::default();
        if request.kind == DocumentKind::CitizenCard {
            reading.fields.extend(code_fields(&grey));
        }
        if has_zone(request.kind, request.side) {
            self.add_zone(&grey, request.today, &mut reading);
        }
        let page = print::Page::flat(&grey, outline::find(&resized(picture, SMALL_SIDE).into_luma8()).as_ref());
        reading.fields.extend(print::read(&page, request.kind, request.side, &self.tess));
        reading
    }

    fn add_zone(&self, grey: &GrayImage, today: NaiveDate, reading: &mut Reading) {
        let Some(found) = zone::read(grey, &self.ocrb, &self.tess) else { return };
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
fn code_fields(grey: &GrayImage) -> Vec<Field> {
    let Some(code) = qr::find_hard(grey) else { return Vec::new() };
    let (width, height) = (grey.width() as f32, grey.height() as f32);
    let [left, top, wide, high] = code.place;
    let place = [left / width, top / height, wide / width, high / height].map(|share| share.clamp(0.0, 1.0));
    CitizenCode::parse(&code.text).map(|payload| fields_of_code(&payload, Some(place))).unwrap_or_default()
}
