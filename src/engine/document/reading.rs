//! The words in which the reader answers.

use serde::{Deserialize, Serialize};

use crate::base::Pii;

/// What the customer chose to photograph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum DocumentKind {
    /// Vietnamese chip card: CCCD (2021) or Căn cước (2024); which of them is seen by the reader. Two sides; QR and MRZ TD1.
    CitizenCard,
    /// Vietnamese CMND, nine or twelve digits, no machine-readable zone. Two sides.
    Cmnd,
    /// Passport data page, MRZ TD3. One side.
    Passport,
    /// Driving licence. Two sides.
    DrivingLicence,
    /// Any other identity card: Dutch, Polish and Bulgarian ones by their print, every other by its ICAO 9303 MRZ. Two sides.
    OtherCard,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::CitizenCard, Self::Cmnd, Self::Passport, Self::DrivingLicence, Self::OtherCard];

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::CitizenCard => "citizen_card",
            Self::Cmnd => "cmnd",
            Self::Passport => "passport",
            Self::DrivingLicence => "driving_licence",
            Self::OtherCard => "other_card",
        }
    }

    /// The sides that are photographed, in order.
    pub fn sides(self) -> &'static [Side] {
        match self {
            Self::Passport => &[Side::Front],
            _ => &[Side::Front, Side::Back],
        }
    }
}

impl std::str::FromStr for DocumentKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(())
    }
}

/// One side of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Side {
    /// The side with the portrait.
    Front,
    /// The other side.
    Back,
}

impl Side {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Back => "back",
        }
    }
}

impl std::str::FromStr for Side {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "front" => Ok(Self::Front),
            "back" => Ok(Self::Back),
            _ => Err(()),
        }
    }
}

/// What a field says. Dates are ISO `YYYY-MM-DD`; `sex` is `M`, `F` or `X`; countries are ICAO three-letter codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum FieldName {
    /// Document number (CCCD: the 12-digit national number).
    Number,
    /// Full name in the order of the document.
    FullName,
    /// Primary identifier.
    Surname,
    /// Secondary identifier.
    GivenNames,
    /// Date of birth.
    BirthDate,
    /// `M`, `F` or `X`.
    Sex,
    /// Nationality.
    Nationality,
    /// Date of expiry.
    ExpiryDate,
    /// Date of issue.
    IssueDate,
    /// Issuing state or authority.
    Issuer,
    /// Place of residence.
    Residence,
    /// Place of origin.
    Origin,
    /// A national or former number beside the document's own.
    PersonalNumber,
}

/// Where a value was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Source {
    /// Machine-readable zone.
    Mrz,
    /// QR code or barcode.
    Qr,
    /// Printed text (the visual inspection zone).
    Print,
}

/// One value read from one place. The same field may appear several times, from several sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Which.
    pub name: FieldName,
    /// The value, normalised as [`FieldName`] says, with its diacritics.
    pub value: Pii<String>,
    /// Where from.
    pub source: Source,
    /// 0…1; under 0.85 the customer is asked to check.
    pub confidence: f32,
    /// Where in the upright picture, as fractions of its width and height: left, top, width, height.
    pub place: Option<[f32; 4]>,
}

/// A machine-readable zone as it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mrz {
    /// The lines as read (or as repaired, when `repaired`).
    pub lines: Vec<Pii<String>>,
    /// Whether every check digit closes (ICAO 9303 part 3 §4.9).
    pub valid: bool,
    /// Whether one position was corrected so that they close, or the second opinion alone made them close: never accept it unseen.
    pub repaired: bool,
}

/// What was read from one side, or merged from all sides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// All values found.
    pub fields: Vec<Field>,
    /// The machine-readable zone, if any.
    pub mrz: Option<Mrz>,
    /// Fields whose sources contradict each other, or that fail a plausibility rule.
    pub doubtful: Vec<FieldName>,
    /// The document that its print was taken for: the stable name of a layout.
    #[serde(default)]
    pub layout: Option<String>,
}
