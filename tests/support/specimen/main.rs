//! Draws a specimen card as a camera would see it:
//! `cargo run --example specimen -- --kind citizen_card --side front --out x.png [--tilt 4 --blur 3 --light 0.2 --shift 0.3 --empty …]`,
//! or a whole set of photographs of chance holders' documents with their truth:
//! `cargo run --example specimen -- set --seed 7 --count 200 --out DIR [--split testing --bad 0.3 --documents vn-citizen-2021,nl-id]`.

use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

#[path = "mod.rs"]
mod specimen;

use specimen::{Card, DOCUMENTS, Person, Scene, SetWish, Split, draw, draw_set, picture};

#[derive(Clone, Copy, ValueEnum)]
enum Who {
    Khai,
    Uoc,
}

/// Draws a specimen card, or a set of photographs.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Wish {
    #[command(subcommand)]
    set: Option<Sets>,
    /// citizen_card, cmnd, passport, driving_licence or other_card.
    #[arg(long, default_value = "citizen_card")]
    kind: String,
    /// front or back.
    #[arg(long, default_value = "front")]
    side: String,
    /// Where to write it; the ending says how (png, jpg, webp).
    #[arg(long, required = true)]
    out: Option<PathBuf>,
    /// Whose card.
    #[arg(long, value_enum, default_value = "khai")]
    who: Who,
    /// Another name, in capitals, surname first.
    #[arg(long)]
    name: Option<String>,
    /// Another twelve-digit number.
    #[arg(long)]
    number: Option<String>,
    /// The card alone, flat, without desk and camera.
    #[arg(long)]
    flat: bool,
    /// Frame width in pixels.
    #[arg(long, default_value_t = 1280)]
    width: u32,
    /// Frame height in pixels.
    #[arg(long, default_value_t = 720)]
    height: u32,
    /// Share of the frame's tighter side that the card fills.
    #[arg(long, default_value_t = 0.92)]
    fill: f32,
    /// Rotation in degrees.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    tilt: f32,
    /// How much shorter the far side is.
    #[arg(long, default_value_t = 0.0)]
    lean: f32,
    /// Gaussian blur in pixels.
    #[arg(long, default_value_t = 0.0)]
    blur: f32,
    /// Brightness.
    #[arg(long, default_value_t = 1.0)]
    light: f32,
    /// Shift to the right as a share of the frame.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    shift: f32,
    /// A lamp's reflection of this share of the frame's height.
    #[arg(long, default_value_t = 0.0)]
    glare: f32,
    /// The desk alone.
    #[arg(long)]
    empty: bool,
}

#[derive(clap::Subcommand)]
enum Sets {
    /// Many photographs and `truth.json`: fields, zone, QR payload, corners, and whether a gate should refuse it and why.
    Set {
        /// Another seed, other people and other photographs.
        #[arg(long)]
        seed: u64,
        /// How many photographs.
        #[arg(long)]
        count: usize,
        /// The folder to write to.
        #[arg(long)]
        out: PathBuf,
        /// tuning or testing: never the same people, and testing has more fonts.
        #[arg(long, default_value = "tuning", value_parser = split)]
        split: Split,
        /// Share of photographs that are cut, blurred, dark or under a reflection.
        #[arg(long, default_value_t = 0.0)]
        bad: f32,
        /// Only these documents, by commas; without it all, chip cards most.
        #[arg(long, value_delimiter = ',', value_parser = document)]
        documents: Vec<String>,
    },
}

fn split(text: &str) -> Result<Split, String> {
    match text {
        "tuning" => Ok(Split::Tuning),
        "testing" => Ok(Split::Testing),
        _ => Err("tuning or testing".to_owned()),
    }
}

fn document(text: &str) -> Result<String, String> {
    let known: Vec<&str> = DOCUMENTS.iter().map(|face| face.document).collect();
    if known.contains(&text) { Ok(text.to_owned()) } else { Err(format!("one of {}", known.join(", "))) }
}

fn write_set(wish: &SetWish, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(out)?;
    let mut truths = Vec::new();
    let mut failure = None;
    draw_set(wish, |drawn| {
        failure = failure.take().or_else(|| std::fs::write(out.join(&drawn.name), &drawn.bytes).err());
        truths.push(drawn.truth);
    });
    if let Some(error) = failure {
        return Err(error.into());
    }
    let truth = serde_json::json!({ "seed": wish.seed, "images": truths });
    Ok(std::fs::write(out.join("truth.json"), serde_json::to_vec_pretty(&truth)?)?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wish = Wish::parse();
    if let Some(Sets::Set { seed, count, out, split, bad, documents }) = wish.set {
        return write_set(&SetWish { seed, count, split, documents, bad }, &out);
    }
    let card = Card::named(&wish.kind, &wish.side).ok_or("no such card: see --help")?;
    let mut person = match wish.who {
        Who::Khai => Person::khai(),
        Who::Uoc => Person::uoc(),
    };
    person.name = wish.name.unwrap_or(person.name);
    person.number = wish.number.unwrap_or(person.number);
    let scene = Scene {
        width: wish.width,
        height: wish.height,
        fill: wish.fill,
        tilt: wish.tilt,
        lean: wish.lean,
        blur: wish.blur,
        light: wish.light,
        shift: wish.shift,
        glare: wish.glare,
        empty: wish.empty,
        ..Scene::CAMERA
    };
    let drawn = if wish.flat { draw(&person, card) } else { picture(&person, card, &scene) };
    drawn.save(wish.out.ok_or("where to?")?)?;
    Ok(())
}
