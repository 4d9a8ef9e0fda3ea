//! Trains the network of this crate from Debian's OCR-B fonts and writes `src/net.bin`.
//!
//! `cargo run --release -p ocrb --example train [steps] [seed]`; the same steps and seed give the same bytes on the same machine.
//! Nothing but the font files is learnt from.

mod chance;
mod draw;
mod learn;

use std::io::Write;

use sha2::{Digest, Sha256};

const FONTS: [&str; 3] = ["/usr/share/fonts/opentype/ocr-b/OCRB.otf", "/usr/share/fonts/opentype/ocr-b/OCRBS.otf", "/usr/share/fonts/opentype/ocr-b/OCRBL.otf"];
const STEPS: usize = 16_000;
const SEED: u64 = 9303;

fn main() -> std::io::Result<()> {
    let mut words = std::env::args().skip(1);
    let steps = words.next().and_then(|word| word.parse().ok()).unwrap_or(STEPS);
    let seed = words.next().and_then(|word| word.parse().ok()).unwrap_or(SEED);
    let path = words.next().unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/src/net.bin").to_owned());
    let mut say = std::io::stderr();
    let pen = draw::Pen::load(&FONTS);
    let mut chance = chance::Chance::new(seed);
    if let Some(path) = std::env::var_os("WINDOWS") {
        return sheet(&pen, &mut chance, std::path::Path::new(&path));
    }
    let mut pupil = learn::Pupil::new(&mut chance);
    let (mut loss, mut right) = (0.0, 0.0);
    let every = (steps / 20).max(1);
    for step in 0..steps {
        let done = step as f32 / steps as f32;
        let rate = 1.5e-3 * (0.5 + 0.5 * (std::f32::consts::PI * done).cos()) + 1e-5;
        let (more, share) = pupil.step(&pen, &mut chance, rate);
        loss += more;
        right += share;
        if (step + 1) % every == 0 {
            writeln!(say, "{:>6} of {steps}: loss {:.4}, right {:.4}", step + 1, loss / every as f32, right / every as f32)?;
            (loss, right) = (0.0, 0.0);
        }
    }
    let (share, mistakes) = learn::examined(pupil.net(), &pen, &mut chance::Chance::new(seed ^ 0x5eed), 40_000);
    writeln!(say, "on 40,000 fresh windows: {share:.4} right")?;
    for (class, answer, count) in mistakes.iter().take(24) {
        write!(say, "{}→{} {count}  ", char::from(*class), char::from(*answer))?;
    }
    let bytes: Vec<u8> = pupil.net().weights().iter().flat_map(|weight| ocrb::net::halved(*weight).to_le_bytes()).collect();
    std::fs::write(&path, &bytes)?;
    writeln!(say, "\n{:x}  {path}", Sha256::digest(&bytes))
}

/// A sheet of windows to look at: one class per column (PGM).
fn sheet(pen: &draw::Pen, chance: &mut chance::Chance, path: &std::path::Path) -> std::io::Result<()> {
    use ocrb::net::{CLASSES, HIGH, WIDE};
    let rows = 24;
    let mut grey = vec![0u8; CLASSES * WIDE * rows * HIGH];
    for (row, class) in (0..rows).flat_map(|row| (0..CLASSES).map(move |class| (row, class))) {
        let window = pen.window(class, chance);
        for (n, value) in window.iter().enumerate() {
            grey[(row * HIGH + n / WIDE) * CLASSES * WIDE + class * WIDE + n % WIDE] = (160.0 - value * 50.0).clamp(0.0, 255.0) as u8;
        }
    }
    std::fs::write(path, [format!("P5 {} {} 255\n", CLASSES * WIDE, rows * HIGH).as_bytes(), &grey].concat())
}
