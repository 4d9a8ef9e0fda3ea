//! Sets of photographs by seed: half of them for tuning, half for testing, never the same.

use serde_json::{Value, json};

use super::{
    dice::Dice,
    faces::{DOCUMENTS, Face, Specimen},
    photo::{Photo, Taken},
};

/// What a set is for. Tuning never sees a testing seed, nor all the fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    Tuning,
    Testing,
}

/// Which set.
#[derive(Debug, Clone)]
pub struct SetWish {
    pub seed: u64,
    /// Photographs.
    pub count: usize,
    pub split: Split,
    /// Documents by the product's names of layouts; empty: all, the Vietnamese chip cards most.
    pub documents: Vec<String>,
    /// Share of photographs that are spoilt.
    pub bad: f32,
}

/// One photograph of a set with its truth.
pub struct Drawn {
    pub name: String,
    /// The file as the phone sends it.
    pub bytes: Vec<u8>,
    /// What is true of it; see [`truth`](Self::truth).
    pub truth: Value,
}

/// Ways a photograph is bad.
const BAD: [&str; 4] = ["cut", "blurred", "dark", "glare"];

/// Draws a set; each photograph is handed to `take` and then forgotten.
pub fn draw_set(wish: &SetWish, mut take: impl FnMut(Drawn)) {
    let seed = wish.seed * 2 + u64::from(wish.split == Split::Testing);
    let wanted = |face: &&Face| wish.documents.is_empty() || wish.documents.iter().any(|name| name == face.document);
    let faces: Vec<&Face> = DOCUMENTS.iter().filter(wanted).collect();
    assert!(!faces.is_empty(), "no document of a set has one of these names");
    let (mut count, mut holder) = (0, 0u32);
    while count < wish.count {
        let mut dice = Dice::nth(seed, u64::from(holder));
        // Without a wish every second document is a chip card.
        let face = if wish.documents.is_empty() && dice.chance(0.5) { faces[dice.whole(0, 1) as usize] } else { *dice.pick(&faces) };
        for specimen in face.draw(&mut dice, wish.split == Split::Tuning) {
            if count == wish.count {
                return;
            }
            let good = Photo::good(&mut dice);
            let why = dice.chance(wish.bad).then(|| *dice.pick(&BAD));
            let photo = why.map_or(good, |why| good.spoilt(why, &mut dice));
            let taken = photo.take(&specimen.face);
            let name = format!("{count:04}-{}-{}.jpg", face.document, specimen.side);
            let truth = truth(&name, face, &specimen, holder, &photo, &taken, why);
            take(Drawn { name, bytes: photo.coded(taken.frame), truth });
            count += 1;
        }
        holder += 1;
    }
}

/// The record of one photograph in `truth.json`.
fn truth(name: &str, face: &Face, specimen: &Specimen, holder: u32, photo: &Photo, taken: &Taken, why: Option<&str>) -> Value {
    let fields: serde_json::Map<String, Value> = specimen.fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "file": name,
        "document": face.document,
        "kind": face.kind,
        "side": specimen.side,
        "holder": holder,
        "good": why.is_none(),
        "why": why,
        "fields": fields,
        "mrz": specimen.zone,
        "qr": specimen.qr,
        "width": photo.width,
        "height": photo.height,
        "corners": taken.corners.map(|(x, y)| [x, y]),
        "document_width": taken.document_width,
        "turn": photo.turn,
        "tilt": photo.tilt,
        "blur": photo.blur,
        "shake": photo.shake.0,
        "light": photo.light,
        "noise": photo.noise,
        "glare": photo.glare,
        "quality": photo.quality,
    })
}
