//! The documents of sets: each drawn for a chance holder, all its sides, with the truth of every field printed on it.

use image::RgbImage;

use super::{dice::Dice, people::Holder, sheet::Sheet};

mod europe;
mod russia;
mod vietnam;

/// One side of a document and what stands on it.
pub struct Specimen {
    pub side: &'static str,
    pub face: RgbImage,
    /// By the product's names of fields, values as the product normalises them.
    pub fields: Vec<(&'static str, String)>,
    pub zone: Vec<String>,
    pub qr: Option<String>,
}

/// A document a set may hold.
pub struct Face {
    /// The product's name of its layout.
    pub document: &'static str,
    /// The product's name of its kind.
    pub kind: &'static str,
    holder: fn(&mut Dice) -> Holder,
    sides: fn(&Holder, &mut Print) -> Vec<Specimen>,
}

/// What makes every sheet of a document look as it does.
pub(super) struct Print<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) for_tuning: bool,
}

impl Print<'_> {
    pub(super) fn sheet(&mut self, size: (u32, u32), paper: [u8; 3]) -> Sheet {
        Sheet::new(size, paper, self.dice, self.for_tuning)
    }
}

impl Face {
    /// All sides of one chance holder's document.
    pub fn draw(&self, dice: &mut Dice, for_tuning: bool) -> Vec<Specimen> {
        let holder = (self.holder)(dice);
        (self.sides)(&holder, &mut Print { dice, for_tuning })
    }
}

pub(super) const CARD: (u32, u32) = (1200, 757);
pub(super) const PAGE: (u32, u32) = (1420, 1000);

/// Every document.
pub const DOCUMENTS: [Face; 14] = [
    Face { document: "vn-citizen-2021", kind: "citizen_card", holder: super::people::vietnamese, sides: vietnam::citizen_2021 },
    Face { document: "vn-citizen-2024", kind: "citizen_card", holder: super::people::vietnamese, sides: vietnam::citizen_2024 },
    Face { document: "vn-cmnd", kind: "cmnd", holder: super::people::vietnamese, sides: vietnam::cmnd },
    Face { document: "vn-licence", kind: "driving_licence", holder: super::people::vietnamese, sides: vietnam::licence },
    Face { document: "vn-passport", kind: "passport", holder: super::people::vietnamese, sides: vietnam::passport },
    Face { document: "nl-id", kind: "other_card", holder: super::people::dutch, sides: europe::dutch_card },
    Face { document: "nl-passport", kind: "passport", holder: super::people::dutch, sides: europe::dutch_passport },
    Face { document: "pl-id", kind: "other_card", holder: super::people::polish, sides: europe::polish_card },
    Face { document: "pl-passport", kind: "passport", holder: super::people::polish, sides: europe::polish_passport },
    Face { document: "bg-id", kind: "other_card", holder: super::people::bulgarian, sides: europe::bulgarian_card },
    Face { document: "bg-passport", kind: "passport", holder: super::people::bulgarian, sides: europe::bulgarian_passport },
    Face { document: "ru-passport", kind: "passport", holder: super::people::russian, sides: russia::passport },
    Face { document: "ru-internal", kind: "passport", holder: super::people::russian, sides: russia::internal },
    Face { document: "ru-licence", kind: "driving_licence", holder: super::people::russian, sides: russia::licence },
];

pub(super) fn finished(side: &'static str, sheet: Sheet, zone: Vec<String>, qr: Option<String>) -> Specimen {
    let (face, fields) = sheet.done();
    Specimen { side, face, fields, zone, qr }
}
