//! Draws a specimen card as a camera would see it:
//! `cargo run --example specimen -- --kind citizen_card --side front --out x.png [--tilt 4 --blur 3 --light 0.2 --shift 0.3 --empty …]`.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

#[path = "mod.rs"]
mod specimen;

use specimen::{Card, Person, Scene, draw, picture};

#[derive(Clone, Copy, ValueEnum)]
enum Who {
    Khai,
    Uoc,
}

/// Draws a specimen card.
#[derive(Parser)]
struct Wish {
    /// citizen_card, cmnd, passport, driving_licence or other_card.
    #[arg(long, default_value = "citizen_card")]
    kind: String,
    /// front or back.
    #[arg(long, default_value = "front")]
    side: String,
    /// Where to write it; the ending says how (png, jpg, webp).
    #[arg(long)]
    out: PathBuf,
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

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wish = Wish::parse();
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
    drawn.save(&wish.out)?;
    Ok(())
}
