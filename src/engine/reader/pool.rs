//! The life of reader children: started warm, given one picture at a time, killed when late, replaced when lost.
//!
//! ```text
//! start ──ready──▶ idle ──job──▶ busy ──answer──▶ idle
//!   │                              ├──silent for the time limit──▶ killed, replaced
//!   └──no ready──▶ unavailable     └──pipe closed──▶ crashed, replaced
//! ```

use std::{
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    process::{ChildStdin, ChildStdout, Command},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    ReaderError, ReaderSettings,
    frame::{Answer, Request, receive_async, send_async},
};

/// A child is replaced after this many pictures, so that nothing it might leak grows.
const JOBS_PER_CHILD: u32 = 500;
const START_LIMIT: Duration = Duration::from_secs(30);

/// Children and the seats they may take.
pub(super) struct Pool {
    settings: ReaderSettings,
    seats: Arc<Semaphore>,
    idle: Mutex<Vec<Worker>>,
}

struct Worker {
    to: ChildStdin,
    from: ChildStdout,
    jobs: u32,
    /// Kills the child when dropped.
    process: tokio::process::Child,
}

impl Pool {
    pub(super) fn new(settings: ReaderSettings) -> Self {
        let seats = Arc::new(Semaphore::new(settings.workers.max(1)));
        Self { settings, seats, idle: Mutex::default() }
    }

    /// Starts a child for every free seat.
    pub(super) async fn warm(&self) -> Result<(), ReaderError> {
        let seats = u32::try_from(self.settings.workers.max(1)).map_err(|_| ReaderError::Unavailable)?;
        let _all = self.seats.clone().acquire_many_owned(seats).await.map_err(|_| ReaderError::Unavailable)?;
        while self.idle().len() < seats as usize {
            let worker = Worker::start(&self.settings).await?;
            self.idle().push(worker);
        }
        Ok(())
    }

    /// Gives a picture to a child and waits for its answer.
    pub(super) async fn ask(self: &Arc<Self>, request: Request, picture: &[u8]) -> Result<(Answer, Vec<u8>), ReaderError> {
        let seat = self.seats.clone().acquire_owned().await.map_err(|_| ReaderError::Unavailable)?;
        let mut worker = match self.living() {
            Some(worker) => worker,
            None => Worker::start(&self.settings).await?,
        };
        let limit = Duration::from_secs(self.settings.timeout_seconds);
        let outcome = timeout(limit, worker.exchange(request, picture)).await;
        match outcome {
            Ok(Ok(answer)) => {
                if worker.jobs < JOBS_PER_CHILD {
                    self.idle().push(worker);
                }
                Ok(answer)
            }
            Ok(Err(_)) => {
                self.replace(worker, seat, "crashed");
                Err(ReaderError::Crashed)
            }
            Err(_) => {
                self.replace(worker, seat, "too slow");
                Err(ReaderError::TimedOut)
            }
        }
    }

    /// An idle child that has not died meanwhile: whoever took it away, no picture pays for it.
    fn living(&self) -> Option<Worker> {
        loop {
            let mut worker = self.idle().pop()?;
            if matches!(worker.process.try_wait(), Ok(None)) {
                return Some(worker);
            }
            tracing::warn!("a reader child died while idle");
        }
    }

    /// Ends a lost child and starts another in its seat without making anybody wait.
    fn replace(self: &Arc<Self>, lost: Worker, seat: OwnedSemaphorePermit, why: &'static str) {
        tracing::warn!(reader.pid = lost.process.id(), why, "a reader child is replaced");
        drop(lost);
        let pool = self.clone();
        tokio::spawn(async move {
            if let Ok(worker) = Worker::start(&pool.settings).await {
                pool.idle().push(worker);
            }
            drop(seat);
        });
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Starts a child with an empty environment and waits until its walls stand. Its warnings go nowhere: they may quote a document.
    async fn start(settings: &ReaderSettings) -> Result<Self, ReaderError> {
        let unavailable = |error: std::io::Error| {
            tracing::error!(%error, "a reader child could not be started");
            ReaderError::Unavailable
        };
        let program = if settings.program.as_os_str().is_empty() { std::env::current_exe().map_err(unavailable)? } else { settings.program.clone() };
        let mut process = Command::new(program)
            .arg("reader-child")
            .arg("--memory-mib")
            .arg(settings.memory_mib.to_string())
            .arg("--tessdata")
            .arg(&settings.tessdata)
            .env_clear()
            .env("OMP_THREAD_LIMIT", "1")
            // Pictures are large: memory that is given back to the system after each is zeroed by it for the next.
            .env("MALLOC_MMAP_THRESHOLD_", "67108864")
            .env("MALLOC_TRIM_THRESHOLD_", "134217728")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(unavailable)?;
        let (Some(to), Some(mut from)) = (process.stdin.take(), process.stdout.take()) else { return Err(ReaderError::Unavailable) };
        let ready = timeout(START_LIMIT, receive_async::<Answer>(&mut from)).await;
        if let Ok(Ok((Answer::Ready { walls }, _))) = ready {
            tracing::info!(reader.pid = process.id(), walls = walls.join(", "), "a reader child is ready");
            Ok(Self { to, from, jobs: 0, process })
        } else {
            tracing::error!("a reader child did not become ready; are tesseract's language files installed?");
            Err(ReaderError::Unavailable)
        }
    }

    async fn exchange(&mut self, request: Request, picture: &[u8]) -> std::io::Result<(Answer, Vec<u8>)> {
        self.jobs += 1;
        send_async(&mut self.to, &request, picture).await?;
        receive_async(&mut self.from).await
    }
}
