//! The server's side of the composing child.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use super::{
    Captions, Gap,
    child::{self, Make, Outcome, Says},
};

/// So many bytes of complaints are kept.
const COMPLAINT: usize = 2_000;

/// Makes files of recordings, each in a child process of its own; films at low priority.
#[derive(Debug, Clone)]
pub struct Composer {
    /// The program that has the subcommand `compose-child`: this very one.
    pub program: PathBuf,
}

/// A file that was made, ready to be read from its beginning.
#[derive(Debug)]
pub struct Made {
    /// The file.
    pub file: File,
    /// From the start of the recording to its first frame.
    pub offset_ms: i64,
    /// From the start of the recording to the end of its last frame.
    pub end_ms: i64,
    /// Packets the recorder could not keep up with.
    pub lost_packets: u64,
    /// Times without a picture.
    pub gaps: Vec<Gap>,
}

/// The logs of a recording, as children read them.
#[derive(Debug)]
pub struct Reels {
    file: File,
    bytes: u64,
}

/// Why a file was not made.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The child failed, was killed or took too long.
    #[error("the composing process failed: {0}")]
    Child(String),
    /// Files or the process.
    #[error("the composing process cannot be run")]
    Io(#[from] io::Error),
}

impl Reels {
    /// Writes logs, each with its party (0 or 1), and what a film of them is captioned with, to `file`.
    ///
    /// # Errors
    /// The disk's.
    pub fn write(mut file: File, captions: &Captions, logs: &[(u8, Vec<u8>)]) -> io::Result<Self> {
        let mut out = BufWriter::new(&mut file);
        child::add_captions(&mut out, captions)?;
        for (party, log) in logs {
            child::add_join(&mut out, *party, log)?;
        }
        out.flush()?;
        drop(out);
        Ok(Self { file, bytes: logs.iter().map(|(_, log)| log.len() as u64).sum() })
    }

    /// The same file from its beginning. Handles share their place: one child at a time.
    fn rewound(&self) -> io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    /// What a slow machine may need, and twice that.
    fn patience(&self) -> Duration {
        Duration::from_secs(120 + self.bytes / 50_000)
    }
}

impl Composer {
    /// Makes one file into `scratch`, which must be empty; `None` when there is nothing to make it of. `progress` is told
    /// what share is done, now and then.
    ///
    /// # Errors
    /// [`ComposeError`].
    pub async fn make(&self, what: Make, reels: &Reels, scratch: File, progress: impl FnMut(f64)) -> Result<Option<Made>, ComposeError> {
        // Somebody may wait for a party's file, which is copied only; a film has time,
        // and comes after measuring.
        let (name, nice) = match what {
            Make::First => ("first", "0"),
            Make::Second => ("second", "0"),
            Make::Film => ("film", "15"),
        };
        let mut child = tokio::process::Command::new("nice")
            .args(["-n", nice])
            .arg(&self.program)
            .args(["compose-child", "--make", name])
            .env_clear()
            .stdin(reels.rewound()?)
            .stdout(scratch.try_clone()?)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mouth = child.stderr.take().ok_or_else(|| ComposeError::Child("it cannot speak".to_owned()))?;
        let ended = tokio::time::timeout(reels.patience(), async { (listen(mouth, progress).await, child.wait().await) }).await;
        let (heard, status) = ended.map_err(|_| ComposeError::Child("it took too long".to_owned()))?;
        let (status, heard) = (status?, heard?);
        if !status.success() {
            return Err(ComposeError::Child(format!("{status} {}", heard.complaint.trim())));
        }
        match heard.outcome.ok_or_else(|| ComposeError::Child("it said nothing".to_owned()))? {
            Outcome::Nothing => Ok(None),
            Outcome::Made { offset_ms, end_ms, broken_pictures, lost_packets, gaps } => {
                if broken_pictures > 0 {
                    tracing::info!(file = name, broken_pictures, "pictures of a recording were lost on the way");
                }
                let mut file = scratch;
                file.seek(SeekFrom::Start(0))?;
                Ok(Some(Made { file, offset_ms, end_ms, lost_packets, gaps }))
            }
        }
    }
}

/// What a child said in its life.
#[derive(Default)]
struct Heard {
    outcome: Option<Outcome>,
    /// The end of what is none of the protocol: libav's words, a panic.
    complaint: String,
}

/// Reads a child's lines until it says no more.
async fn listen(mouth: impl AsyncRead + Unpin, mut progress: impl FnMut(f64)) -> io::Result<Heard> {
    let (mut lines, mut heard) = (BufReader::new(mouth).lines(), Heard::default());
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line) {
            Ok(Says::Progress { share }) => progress(share),
            Ok(Says::Outcome(outcome)) => heard.outcome = Some(outcome),
            Err(_) if line.is_empty() => {}
            Err(_) => {
                if heard.complaint.len() > COMPLAINT {
                    heard.complaint.clear();
                }
                heard.complaint.push_str(&line);
                heard.complaint.push(' ');
            }
        }
    }
    Ok(heard)
}
