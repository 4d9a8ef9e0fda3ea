//! The server's side of the measuring child.

use std::{
    fs::File,
    io::{self, Seek, Write},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use super::{compare::Face, sight::Glimpse};
use crate::engine::pose::{judge::Shot, likeness::Features};

/// Measures films, each in a child process of its own, at low priority: after calls, before the making of films.
#[derive(Debug, Clone)]
pub struct Observer {
    /// The program that has the subcommand `sight-child`: this very one.
    pub program: PathBuf,
}

/// Why a film was not measured.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The child failed, was killed or took too long.
    #[error("{0}")]
    Child(String),
    /// Files or the process.
    #[error("the measuring process cannot be run")]
    Io(#[from] io::Error),
}

impl Observer {
    /// What each picture of `film` shows, ten times a second measured; only within `windows` (milliseconds of the film) if
    /// there are any.
    ///
    /// # Errors
    /// [`ObserveError`].
    pub async fn observe(&self, film: File, windows: &[(i64, i64)]) -> Result<Vec<Shot>, ObserveError> {
        let windows = windows.iter().map(|(from, to)| format!("--window={from}-{to}"));
        let patience = Duration::from_secs(120 + film.metadata()?.len() / 50_000);
        let said = self.said(film, windows, patience).await?;
        let lines = said.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let glimpses = lines.map(|line| serde_json::from_slice::<Glimpse>(line).map(|glimpse| glimpse.shot()));
        glimpses.collect::<Result<_, _>>().map_err(|error| nonsense(&error))
    }

    /// The features of the largest face of each JPEG picture, by way of `scratch`, an empty file.
    ///
    /// # Errors
    /// [`ObserveError`], also when not every picture could be read.
    pub async fn faces(&self, scratch: File, pictures: Vec<Vec<u8>>) -> Result<Vec<Option<Features>>, ObserveError> {
        let count = pictures.len();
        let written = tokio::task::spawn_blocking(move || {
            let mut film = scratch;
            pictures.iter().try_for_each(|picture| film.write_all(picture))?;
            film.rewind()?;
            Ok::<File, io::Error>(film)
        });
        let film = written.await.map_err(io::Error::other)??;
        let said = self.said(film, ["--faces".to_owned()].into_iter(), Duration::from_secs(120)).await?;
        let lines = said.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let faces = lines.map(|line| serde_json::from_slice::<Face>(line).map(|face| face.features.and_then(Features::of)));
        let faces: Vec<_> = faces.collect::<Result<_, _>>().map_err(|error| nonsense(&error))?;
        if faces.len() == count { Ok(faces) } else { Err(ObserveError::Child("not every picture could be read".to_owned())) }
    }

    /// What a child says about a film.
    async fn said(&self, film: File, args: impl Iterator<Item = String>, patience: Duration) -> Result<Vec<u8>, ObserveError> {
        let child = tokio::process::Command::new("nice")
            .args(["-n", "5"])
            .arg(&self.program)
            .arg("sight-child")
            .args(args)
            .env_clear()
            .stdin(film)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let ended = tokio::time::timeout(patience, child.wait_with_output()).await;
        let ended = ended.map_err(|_| ObserveError::Child("measuring took too long".to_owned()))??;
        if !ended.status.success() {
            let said = String::from_utf8_lossy(&ended.stderr);
            let said = said.trim().trim_start_matches("visavis: ");
            return Err(ObserveError::Child(if said.is_empty() { format!("the measuring process ended: {}", ended.status) } else { said.to_owned() }));
        }
        Ok(ended.stdout)
    }
}

fn nonsense(error: &serde_json::Error) -> ObserveError {
    ObserveError::Child(format!("the measuring process said what it should not: {error}"))
}
