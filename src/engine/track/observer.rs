//! The server's side of the measuring child.

use std::{fs::File, io, path::PathBuf, process::Stdio, time::Duration};

use super::sight::Glimpse;
use crate::engine::pose::judge::Shot;

/// Measures films, each in a child process of its own, at low priority.
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
        let patience = Duration::from_secs(120 + film.metadata()?.len() / 50_000);
        let child = tokio::process::Command::new("nice")
            .args(["-n", "10"])
            .arg(&self.program)
            .arg("sight-child")
            .args(windows.iter().map(|(from, to)| format!("--window={from}-{to}")))
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
        let lines = ended.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let glimpses = lines.map(|line| serde_json::from_slice::<Glimpse>(line).map(|glimpse| glimpse.shot()));
        glimpses.collect::<Result<_, _>>().map_err(|error| ObserveError::Child(format!("the measuring process said what it should not: {error}")))
    }
}
