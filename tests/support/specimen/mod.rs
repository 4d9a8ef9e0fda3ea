//! Identity cards of nobody: drawn here from Debian's fonts, with correct check digits, marked SPECIMEN, held to a camera.
//!
//! **Lives here:** a made-up [`Person`], the faces of cards ([`draw`]) and the desk they lie on ([`Scene`]) for tests that want one picture;
//! and sets of hundreds of documents of chance holders as phones see them, with their truth ([`draw_set`]). Nothing of the product is used,
//! so that a mistake in its check digits cannot hide in its specimens. **Start reading** at [`picture`], then `set.rs`.
#![allow(dead_code, unreachable_pub, reason = "each user of the drawing kit uses a part of it")]

use image::RgbImage;

mod canvas;
mod cards;
mod dice;
mod faces;
mod people;
mod photo;
mod scene;
mod set;
mod sheet;
mod zone;

pub use cards::draw;
#[allow(unused_imports, reason = "each user of the drawing kit uses a part of it")]
pub use dice::Dice;
#[allow(unused_imports, reason = "each user of the drawing kit uses a part of it")]
pub use faces::{DOCUMENTS, Face, Specimen};
#[allow(unused_imports, reason = "each user of the drawing kit uses a part of it")]
pub use photo::Photo;
pub use scene::Scene;
#[allow(unused_imports, reason = "each user of the drawing kit uses a part of it")]
pub use set::{Drawn, SetWish, Split, draw_set};
#[allow(unused_imports, reason = "each user of the drawing kit uses a part of it")]
pub use zone::{check_digit, folded};

/// A face of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Card {
    CitizenFront,
    CitizenBack,
    CmndFront,
    CmndBack,
    Passport,
    LicenceFront,
    LicenceBack,
    OtherFront,
    OtherBack,
}

impl Card {
    pub const ALL: [Self; 9] = [
        Self::CitizenFront,
        Self::CitizenBack,
        Self::CmndFront,
        Self::CmndBack,
        Self::Passport,
        Self::LicenceFront,
        Self::LicenceBack,
        Self::OtherFront,
        Self::OtherBack,
    ];

    /// By the product's names of kind and side.
    pub fn named(kind: &str, side: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|card| card.kind() == kind && card.side() == side)
    }

    /// The product's name of its kind.
    pub fn kind(self) -> &'static str {
        match self {
            Self::CitizenFront | Self::CitizenBack => "citizen_card",
            Self::CmndFront | Self::CmndBack => "cmnd",
            Self::Passport => "passport",
            Self::LicenceFront | Self::LicenceBack => "driving_licence",
            Self::OtherFront | Self::OtherBack => "other_card",
        }
    }

    /// The product's name of its side.
    pub fn side(self) -> &'static str {
        match self {
            Self::CitizenBack | Self::CmndBack | Self::LicenceBack | Self::OtherBack => "back",
            _ => "front",
        }
    }
}

/// Day, month, year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl Day {
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// `14/07/1995`.
    pub fn print(self) -> String {
        format!("{:02}/{:02}/{}", self.day, self.month, self.year)
    }

    /// `1995-07-14`.
    pub fn iso(self) -> String {
        format!("{}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `950714`.
    pub fn zone(self) -> String {
        format!("{:02}{:02}{:02}", self.year % 100, self.month, self.day)
    }

    /// `14071995`.
    pub fn qr(self) -> String {
        format!("{:02}{:02}{}", self.day, self.month, self.year)
    }
}

/// Somebody who does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// In capitals with diacritics, surname first (its first word).
    pub name: String,
    /// Twelve digits: province, century and sex, year, six more.
    pub number: String,
    /// Nine digits.
    pub old_number: String,
    pub passport_number: String,
    pub licence_number: String,
    /// Number of a card of another state.
    pub card_number: String,
    pub birth: Day,
    /// `M` or `F`.
    pub sex: char,
    pub issue: Day,
    pub expiry: Day,
    pub residence: String,
    pub origin: String,
}

impl Person {
    /// Nguyễn Thị Minh Khai of Hanoi, born 14 July 1995.
    pub fn khai() -> Self {
        Self {
            name: "NGUYỄN THỊ MINH KHAI".into(),
            number: "001195012345".into(),
            old_number: "012345678".into(),
            passport_number: "C1234567".into(),
            licence_number: "790123456789".into(),
            card_number: "L01X00T47".into(),
            birth: Day::new(1995, 7, 14),
            sex: 'F',
            issue: Day::new(2021, 8, 10),
            expiry: Day::new(2035, 7, 14),
            residence: "Tổ 5, Phường Bến Nghé, Quận 1, TP. Hồ Chí Minh".into(),
            origin: "Yên Thọ, Ý Yên, Nam Định".into(),
        }
    }

    /// Đặng Quốc Ước of Nghệ An, born 2 November 2001.
    pub fn uoc() -> Self {
        Self {
            name: "ĐẶNG QUỐC ƯỚC".into(),
            number: "040201067890".into(),
            old_number: "187654321".into(),
            passport_number: "P7654321".into(),
            licence_number: "400987654321".into(),
            card_number: "D23145890".into(),
            birth: Day::new(2001, 11, 2),
            sex: 'M',
            issue: Day::new(2022, 3, 28),
            expiry: Day::new(2041, 11, 2),
            residence: "Khối 7, Hưng Bình, TP. Vinh, Nghệ An".into(),
            origin: "Quỳnh Lưu, Nghệ An".into(),
        }
    }

    pub fn surname(&self) -> &str {
        self.name.split(' ').next().unwrap_or("")
    }

    pub fn given_names(&self) -> &str {
        self.name.split_once(' ').map_or("", |(_, given)| given)
    }

    /// What the QR code of the 2021 card says.
    pub fn qr(&self) -> String {
        let sex = if self.sex == 'F' { "Nữ" } else { "Nam" };
        let name = zone::capitalised(&self.name);
        [&self.number, &self.old_number, &name, &self.birth.qr(), sex, &self.residence, &self.issue.qr()].join("|")
    }

    /// The machine-readable zone of a face; empty when it has none.
    pub fn zone(&self, card: Card) -> Vec<String> {
        match card {
            Card::CitizenBack => zone::citizen(self),
            Card::OtherBack => zone::other(self),
            Card::Passport => zone::passport(self),
            _ => Vec::new(),
        }
    }
}

/// A face of `person`'s card as a camera sees it.
pub fn picture(person: &Person, card: Card, scene: &Scene) -> RgbImage {
    scene.shot(&draw(person, card))
}
