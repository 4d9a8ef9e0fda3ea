//! The `work` role as a child of `serve`: started again when it dies, ended by closing its standard input.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

/// How to start the child.
pub(super) struct WorkChild {
    /// This program.
    pub(super) program: PathBuf,
    /// The same settings file.
    pub(super) config: Option<PathBuf>,
    /// How long it may finish what it is doing.
    pub(super) patience: Duration,
}

impl WorkChild {
    /// Keeps one child running until `stop`; returns when it has ended.
    pub(super) async fn keep(self, stop: CancellationToken) {
        let mut pause = Duration::from_millis(200);
        while !stop.is_cancelled() {
            let began = tokio::time::Instant::now();
            match self.start() {
                Ok(child) => {
                    if self.watch(child, &stop).await {
                        return;
                    }
                }
                Err(error) => tracing::error!(error = %error, "the work process cannot be started"),
            }
            if began.elapsed() > Duration::from_secs(60) {
                pause = Duration::from_millis(200);
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(10)),
            }
        }
    }

    fn start(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        if let Some(config) = &self.config {
            command.arg("--config").arg(Path::new(config));
        }
        command.args(["work", "--child"]).stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true).spawn()
    }

    /// Waits for the child's end; whether it was wanted.
    async fn watch(&self, mut child: Child, stop: &CancellationToken) -> bool {
        let leash = child.stdin.take();
        tokio::select! {
            status = child.wait() => {
                tracing::error!(status = ?status.ok(), "the work process ended by itself and is started again");
                return false;
            }
            () = stop.cancelled() => drop(leash),
        }
        if tokio::time::timeout(self.patience, child.wait()).await.is_err() {
            tracing::warn!("the work process did not end in time; its job will be done again at the next start");
            drop(child.kill().await);
        }
        true
    }
}
