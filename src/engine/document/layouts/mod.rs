//! What is printed where on each document, as data: one TOML file per document beside this one.
//!
//! **To add a document:** write `<id>.toml` (the doc of [`Layout`] names its keys), add it to `FILES`, draw a specimen and name it in the
//! reader's test. Nothing else knows documents by name. **Start reading** at `vn-citizen-2021.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{DocumentKind, FieldName, Side, fold_name};

mod fit;

pub use fit::{Evidence, Fit, fits};

macro_rules! files {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!($name, ".toml")))),*] };
}

/// Every layout that is part of the program.
const FILES: &[(&str, &str)] = files![
    "vn-citizen-2021",
    "vn-citizen-2024",
    "vn-cmnd",
    "vn-licence",
    "vn-passport",
    "nl-id",
    "nl-passport",
    "pl-id",
    "pl-passport",
    "bg-id",
    "bg-passport",
    "ru-passport",
    "ru-internal",
    "ru-licence",
    "icao-card",
    "icao-passport",
];

/// Languages the reader can load (Debian's tesseract models).
pub const LANGUAGES: [&str; 6] = ["eng", "vie", "nld", "pol", "rus", "bul"];

/// One document.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Stable name, that of its file.
    pub id: String,
    /// What its state calls it.
    pub name: String,
    /// Under which choice of the customer it falls.
    pub kind: DocumentKind,
    /// ICAO code of the issuing state; empty: any.
    #[serde(default)]
    pub state: String,
    /// First letters of its zone, when it has one.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Model that reads its print.
    pub language: String,
    /// Width by height.
    pub aspect: f32,
    /// Its faces.
    pub sides: Vec<Face>,
}

/// One side of a document.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Face {
    /// Which.
    pub side: Side,
    /// Whether it carries a QR code with the holder's data.
    #[serde(default)]
    pub code: bool,
    /// Whether it carries a machine-readable zone.
    #[serde(default)]
    pub zone: bool,
    /// Whether every value stands below its label; what stands behind a label is then its translation.
    #[serde(default)]
    pub below: bool,
    /// Where the portrait stands: left, top, right, bottom as shares of the face.
    #[serde(default)]
    pub portrait: Option<[f32; 4]>,
    /// Printed words that tell it from other documents and sides.
    #[serde(default)]
    pub titles: Vec<Wording>,
    /// Labels without a field of ours: they end the value before them.
    #[serde(default)]
    pub others: Vec<Wording>,
    /// Its values.
    #[serde(default)]
    pub fields: Vec<Printed>,
}

/// A printed title or label in the form in which it is compared, see [`plain`].
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "String")]
pub struct Wording(String);

impl From<String> for Wording {
    fn from(printed: String) -> Self {
        Self(plain(&printed))
    }
}

impl Wording {
    /// A–Z and digits.
    pub fn plain(&self) -> &str {
        &self.0
    }
}

/// One printed value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printed {
    /// Which field it is.
    pub name: FieldName,
    /// The wordings of its label; without any it is known by its place alone.
    #[serde(default)]
    pub labels: Vec<Wording>,
    /// Its shape.
    pub shape: Shape,
    /// For [`Shape::Digits`]: how many. For [`Shape::Code`]: how many letters and digits; empty: 6 to 12.
    #[serde(default)]
    pub digits: Vec<usize>,
    /// Rows it may go on for.
    #[serde(default = "one")]
    pub rows: usize,
    /// Where it usually stands: left, top, right, bottom as shares of the face.
    pub at: [f32; 4],
    /// Whether the document prints it a second time in Latin letters after a stroke, which is passed over.
    #[serde(default)]
    pub twice: bool,
}

fn one() -> usize {
    1
}

/// The shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A number of [`Printed::digits`] digits.
    Digits,
    /// Day, month, year in figures or with the month's name.
    Date,
    /// Words of a name in capitals.
    Name,
    /// Words of a name in small letters, too.
    Words,
    /// Anything.
    Text,
    /// Nam, Nữ, M, F, Ж, K.
    Sex,
    /// A country, its letters or its people's adjective.
    Country,
    /// Capitals and digits.
    Code,
}

impl Layout {
    /// Every known document.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Layout>> =
            LazyLock::new(|| FILES.iter().map(|(name, text)| toml::from_str(text).unwrap_or_else(|error| panic!("layout {name}: {error}"))).collect());
        &ALL
    }

    /// By its stable name.
    pub fn named(id: &str) -> Option<&'static Self> {
        Self::all().iter().find(|layout| layout.id == id)
    }

    /// One of its faces.
    pub fn face(&self, side: Side) -> Option<&Face> {
        self.sides.iter().find(|face| face.side == side)
    }
}

/// Words as labels and titles are compared: folded to A–Z and digits, without blanks.
pub fn plain(text: &str) -> String {
    fold_name(text).replace(' ', "")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_layout_is_well_formed() {
        let mut ids = HashSet::new();
        for (layout, (file, _)) in Layout::all().iter().zip(FILES) {
            let id = &layout.id;
            assert!(id == file && ids.insert(id), "{id} in {file}");
            assert!(LANGUAGES.contains(&layout.language.as_str()), "{id}");
            assert!((1.2..1.8).contains(&layout.aspect), "{id}");
            let sides: Vec<Side> = layout.sides.iter().map(|face| face.side).collect();
            assert_eq!(sides, layout.kind.sides(), "{id}: the sides the customer is asked for");
            assert_eq!(layout.sides.iter().any(|face| face.zone), !layout.codes.is_empty(), "{id}");
            let is_inside = |[left, top, right, bottom]: [f32; 4]| 0.0 <= left && left < right && right <= 1.0 && 0.0 <= top && top < bottom && bottom <= 1.0;
            assert!(layout.sides.iter().filter_map(|face| face.portrait).all(is_inside), "{id}");
            assert!(layout.face(Side::Front).is_some_and(|face| face.portrait.is_some()), "{id}: the side with the portrait");
            for printed in layout.sides.iter().flat_map(|face| &face.fields) {
                assert!(is_inside(printed.at), "{id} {:?}", printed.name);
                let may_have_digits = matches!(printed.shape, Shape::Digits | Shape::Code);
                assert!(printed.digits.is_empty() || may_have_digits, "{id} {:?}", printed.name);
                assert!(printed.shape != Shape::Digits || !printed.digits.is_empty(), "{id} {:?}", printed.name);
                assert!(printed.labels.iter().all(|label| label.plain().len() >= 2), "{id} {:?}", printed.name);
                assert!((1..=3).contains(&printed.rows), "{id} {:?}", printed.name);
            }
        }
    }

    #[test]
    fn every_document_has_what_identifies_its_holder_on_print_or_in_its_zone() {
        for layout in Layout::all() {
            let printed: HashSet<FieldName> = layout.sides.iter().flat_map(|face| &face.fields).map(|printed| printed.name).collect();
            for name in [FieldName::Number, FieldName::BirthDate] {
                assert!(printed.contains(&name), "{} {name:?}", layout.id);
            }
            assert!(printed.contains(&FieldName::FullName) || printed.contains(&FieldName::Surname), "{}", layout.id);
        }
    }
}
