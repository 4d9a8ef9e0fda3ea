//! Pictures in, readings out.
//!
//! **Lives here:** decoding of untrusted pictures, quality measures, QR, MRZ and print recognition, all of it inside child processes
//! with limits (room `child`); this side only passes bytes and waits. **Must not know:** dossiers, customers, routes.
//! **Start reading** at [`Reader`], then `pool.rs` (life of a child), `child/mod.rs` (what a child does).

use std::{path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};

use super::document::{DocumentKind, Reading, Side};
use crate::base::Ambient;

pub mod child;
mod frame;
mod pool;
mod problem;

pub use problem::{Measures, Problem, ProblemCode};

use frame::{Answer, Request, Task};
use pool::Pool;

/// Largest file that is looked at.
pub const MOST_BYTES: usize = 15 * 1024 * 1024;

/// Settings of the section `reader`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReaderSettings {
    /// Child processes that read at the same time.
    pub workers: usize,
    /// A child that has not answered after this many seconds is killed and replaced.
    pub timeout_seconds: u64,
    /// Address space of one child in MiB.
    pub memory_mib: u64,
    /// Folder of tesseract's `*.traineddata`.
    pub tessdata: PathBuf,
    /// The program that has the subcommand `reader-child`; empty: this very program.
    pub program: PathBuf,
}

impl Default for ReaderSettings {
    fn default() -> Self {
        Self { workers: 2, timeout_seconds: 15, memory_mib: 1536, tessdata: PathBuf::from("/usr/share/tesseract-ocr/5/tessdata"), program: PathBuf::new() }
    }
}

/// What a first look at a photograph says.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// The picture upright, re-encoded as JPEG: nothing of the original file but its pixels (EXIF and trailing bytes are gone).
    pub normal: Vec<u8>,
    /// What was measured.
    pub measures: Measures,
    /// What is wrong or weak, worst first.
    pub problems: Vec<Problem>,
    /// Whether no problem refuses the picture.
    pub accepted: bool,
}

/// All that one picture says when nobody says what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// Which document; `None` when nothing on it tells.
    pub kind: Option<DocumentKind>,
    /// Which side of it.
    pub side: Side,
    /// What was measured.
    pub measures: Measures,
    /// What is wrong or weak, worst first.
    pub problems: Vec<Problem>,
    /// What was read.
    pub reading: Reading,
    /// Where the holder's portrait stands: left, top, width, height as fractions of the picture.
    pub portrait: Option<[f32; 4]>,
}

/// What was read on one side of a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transcript {
    /// Its fields.
    pub reading: Reading,
    /// The holder's portrait, when the side bears one and it is known where the document ends.
    pub portrait: Option<Portrait>,
}

/// The printed portrait, cut out of the photograph and laid upright.
#[derive(Debug, Clone, PartialEq)]
pub struct Portrait {
    /// Where it stands: left, top, width, height as fractions of the upright photograph.
    pub place: [f32; 4],
    /// JPEG.
    pub bytes: Vec<u8>,
}

/// Why a picture could not be looked at or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ReaderError {
    /// Zero bytes.
    #[error("the file is empty")]
    Empty,
    /// More than 15 MB.
    #[error("the file is larger than 15 MB")]
    TooLarge,
    /// Neither JPEG nor PNG nor WebP by its first bytes.
    #[error("the file is not a JPEG, PNG or WebP picture")]
    WrongType,
    /// It begins like a picture and cannot be decoded: cut off or damaged.
    #[error("the picture is damaged or incomplete")]
    Damaged,
    /// More than 40 megapixels, or a side longer than 16,000 pixels, by its header.
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// The child died over this picture.
    #[error("the picture could not be processed")]
    Crashed,
    /// The child took too long and was killed.
    #[error("the picture took too long to process")]
    TimedOut,
    /// No child could be started; not the picture's fault, worth trying again.
    #[error("reading is unavailable at the moment")]
    Unavailable,
}

impl ReaderError {
    /// Whether the picture itself is to blame, so that the same picture will fail again.
    pub fn is_pictures_fault(self) -> bool {
        !matches!(self, Self::Unavailable)
    }
}

/// The pool of sandboxed readers. Cheap to clone.
///
/// ```no_run
/// # async fn example() -> Result<(), visavis::engine::reader::ReaderError> {
/// use visavis::engine::{document::{DocumentKind, Side}, reader::{Reader, ReaderSettings}};
/// let reader = Reader::new(ReaderSettings::default(), visavis::base::Ambient::system());
/// let look = reader.look(Vec::new(), DocumentKind::Passport, Side::Front).await?;
/// if look.accepted {
///     let reading = reader.read(look.normal, DocumentKind::Passport, Side::Front).await?.reading;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Reader {
    pool: Arc<Pool>,
    ambient: Ambient,
}

impl Reader {
    /// A pool with these settings; the clock decides centuries of birth. Children are started when first needed; [`warm`](Self::warm) starts
    /// them before.
    pub fn new(settings: ReaderSettings, ambient: Ambient) -> Self {
        Self { pool: Arc::new(Pool::new(settings)), ambient }
    }

    /// Starts all children, so that the first picture does not wait for tesseract.
    pub async fn warm(&self) -> Result<(), ReaderError> {
        self.pool.warm().await
    }

    /// Judges a photograph and makes it upright and harmless.
    pub async fn look(&self, bytes: Vec<u8>, kind: DocumentKind, side: Side) -> Result<Look, ReaderError> {
        match self.ask(self.request(Task::Look, kind, side), &bytes).await? {
            (Answer::Looked { width, height, measures, problems, accepted }, normal) => Ok(Look { width, height, normal, measures, problems, accepted }),
            (Answer::Failed { error }, _) => Err(error),
            _ => Err(ReaderError::Crashed),
        }
    }

    /// Reads every field that can be found on a photograph. Nothing found is an empty reading, not an error.
    pub async fn read(&self, bytes: Vec<u8>, kind: DocumentKind, side: Side) -> Result<Transcript, ReaderError> {
        match self.ask(self.request(Task::Read, kind, side), &bytes).await? {
            (Answer::Read { reading, portrait }, bytes) => Ok(Transcript { reading, portrait: portrait.map(|place| Portrait { place, bytes }) }),
            (Answer::Failed { error }, _) => Err(error),
            _ => Err(ReaderError::Crashed),
        }
    }

    /// Judges and reads a picture of anything; a kind or side that is given is believed.
    pub async fn inspect(&self, bytes: &[u8], kind: Option<DocumentKind>, side: Option<Side>) -> Result<Inspection, ReaderError> {
        let request = Request { task: Task::Inspect, kind, side, today: self.ambient.now().date_naive() };
        match self.ask(request, bytes).await? {
            (Answer::Inspected { inspection }, _) => Ok(inspection),
            (Answer::Failed { error }, _) => Err(error),
            _ => Err(ReaderError::Crashed),
        }
    }

    fn request(&self, task: Task, kind: DocumentKind, side: Side) -> Request {
        Request { task, kind: Some(kind), side: Some(side), today: self.ambient.now().date_naive() }
    }

    async fn ask(&self, request: Request, bytes: &[u8]) -> Result<(Answer, Vec<u8>), ReaderError> {
        match bytes.len() {
            0 => Err(ReaderError::Empty),
            n if n > MOST_BYTES => Err(ReaderError::TooLarge),
            _ => self.pool.ask(request, bytes).await,
        }
    }
}
