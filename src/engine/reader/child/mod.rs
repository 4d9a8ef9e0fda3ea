//! What runs inside a reader child: walls first, then tesseract, then one picture after another until the server closes the pipe.
//!
//! **Lives here:** everything that touches pixels. **Must not know:** files, network, time, who the picture belongs to.
//! **Start reading** at [`run`], then `decode.rs`, `gate.rs` (the first look) and `reading.rs` (the fields).

use std::{io, path::PathBuf};

use super::{
    Inspection, ReaderError,
    frame::{Answer, Request, Task, receive, send},
};

use crate::engine::document::{DocumentKind, Side};

mod decode;
mod gate;
mod glare;
mod grammar;
mod limits;
mod outline;
mod page;
mod place;
mod print;
mod qr;
mod reading;
mod second;
mod spell;
mod tess;
mod views;
mod zone;

/// What the server says on the command line.
#[derive(Debug, Clone, clap::Args)]
pub struct ChildOptions {
    /// Address space in MiB.
    #[arg(long, default_value_t = 1536)]
    pub memory_mib: u64,
    /// Folder of tesseract's language files.
    #[arg(long, default_value = "/usr/share/tesseract-ocr/5/tessdata")]
    pub tessdata: PathBuf,
}

/// The body of the hidden subcommand `reader-child`. Ends when standard input is closed.
pub fn run(options: &ChildOptions) -> io::Result<()> {
    limits::limit(options.memory_mib)?;
    let eyes = reading::Eyes::load(&options.tessdata)?;
    let walls = crate::engine::sandbox::enclose().into_iter().map(str::to_owned).collect();
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    send(&mut to, &Answer::Ready { walls }, &[])?;
    while let Some((request, picture)) = receive::<Request>(&mut from)? {
        limits::renew_cpu_limit()?;
        let (answer, body) = answer(&eyes, request, &picture).unwrap_or_else(|error| (Answer::Failed { error }, Vec::new()));
        send(&mut to, &answer, &body)?;
    }
    Ok(())
}

fn answer(eyes: &reading::Eyes, request: Request, picture: &[u8]) -> Result<(Answer, Vec<u8>), ReaderError> {
    let picture = decode::decode(picture)?;
    let views = views::Views::of(&picture);
    let (kind, side) = (request.kind.unwrap_or(DocumentKind::OtherCard), request.side.unwrap_or(Side::Front));
    match request.task {
        Task::Look => {
            let (measures, problems) = gate::look(&views, kind, side);
            let accepted = !problems.iter().any(|problem| problem.refuses);
            let (width, height) = (picture.width(), picture.height());
            Ok((Answer::Looked { width, height, measures, problems, accepted }, decode::encode(&picture)?))
        }
        Task::Read => {
            let seen = eyes.read((&picture, &views), kind, side, request.today);
            let (portrait, body) = cut_out(seen.portrait)?;
            Ok((Answer::Read { reading: seen.reading, portrait }, body))
        }
        Task::Inspect => {
            let (kind, side, seen) = eyes.inspect((&picture, &views), &request);
            let (measures, problems) = gate::look(&views, kind.unwrap_or(DocumentKind::OtherCard), side);
            let portrait = seen.portrait.map(|(place, _)| place);
            Ok((Answer::Inspected { inspection: Inspection { kind, side, measures, problems, reading: seen.reading, portrait } }, Vec::new()))
        }
    }
}

/// A portrait's place and its JPEG.
fn cut_out(portrait: Option<([f32; 4], image::RgbImage)>) -> Result<(Option<[f32; 4]>, Vec<u8>), ReaderError> {
    let Some((place, cut)) = portrait else { return Ok((None, Vec::new())) };
    Ok((Some(place), decode::encode(&cut)?))
}
