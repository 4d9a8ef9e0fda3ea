//! Jobs for the `work` role: claimed with a lease, retried with growing pauses, failed after five tries. What takes long never
//! has all lanes: somebody may be waiting for what is quick.

mod store;

use std::{collections::HashMap, sync::Arc};

use chrono::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(super) use store::{insert, withdraw};

use crate::base::{
    Ambient,
    db::{Db, DbError},
    id::JobId,
};

const TRIES: i64 = 5;
const LEASE: Duration = Duration::seconds(600);

/// A claimed job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What to do.
    pub kind: String,
    /// On what: an id as text.
    pub subject: String,
    /// More, as JSON text.
    pub payload: String,
    /// Which try this is, from 1.
    pub attempt: i64,
}

/// Why a job did not work out. The text goes to the log and the job's row: codes and ids, never personal data.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Worth another try.
    #[error("{0}")]
    Again(String),
    /// Never going to work.
    #[error("{0}")]
    Hopeless(String),
    /// The database; another try.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// How many jobs are due or being done.
///
/// # Errors
/// Only the database's own.
pub async fn due(db: &Db, now: crate::base::Timestamp) -> Result<i64, DbError> {
    store::due(db, now).await
}

/// Does the jobs of one kind. Must bear repetition: a lease that ran out is claimed again.
#[async_trait::async_trait]
pub trait Handler: Send + Sync {
    /// Does one job.
    async fn run(&self, job: &Job) -> Result<(), JobError>;
    /// The job was tried often enough or is hopeless; leave the world in a defined state.
    async fn give_up(&self, _job: &Job) -> Result<(), DbError> {
        Ok(())
    }
    /// Whether a job takes minutes and nobody waits for it: it comes after all others, and one lane is left to those.
    fn is_slow(&self) -> bool {
        false
    }
}

/// The loop of the `work` role.
pub struct Worker {
    db: Db,
    ambient: Ambient,
    handlers: HashMap<&'static str, Arc<dyn Handler>>,
}

impl Worker {
    /// A worker without handlers.
    pub fn new(db: Db, ambient: Ambient) -> Self {
        Self { db, ambient, handlers: HashMap::new() }
    }

    /// Adds the handler of a kind.
    #[must_use]
    pub fn with(mut self, kind: &'static str, handler: Arc<dyn Handler>) -> Self {
        self.handlers.insert(kind, handler);
        self
    }

    /// Claims and does jobs until `stop`, `lanes` at a time.
    pub async fn run(self: Arc<Self>, lanes: usize, stop: CancellationToken) {
        let mut running = Vec::new();
        for lane in 0..lanes {
            let (worker, stop) = (Arc::clone(&self), stop.clone());
            let takes_slow = lane > 0 || lanes == 1;
            running.push(tokio::spawn(async move {
                while !stop.is_cancelled() {
                    match worker.step_of(takes_slow).await {
                        Ok(true) => {}
                        Ok(false) => tokio::select! {
                            () = stop.cancelled() => {}
                            () = tokio::time::sleep(std::time::Duration::from_millis(100)) => {}
                        },
                        Err(error) => {
                            tracing::warn!(error = %error, "jobs: the database did not answer");
                            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                        }
                    }
                }
            }));
        }
        for lane in running {
            if let Err(error) = lane.await {
                tracing::error!(error = %error, "jobs: a lane ended");
            }
        }
    }

    /// Claims and does one job that is due; whether there was one. Tests call it instead of [`run`](Self::run).
    ///
    /// # Errors
    /// The database's, around the job; the job's own errors are filed with it.
    pub async fn step(&self) -> Result<bool, DbError> {
        self.step_of(true).await
    }

    async fn step_of(&self, takes_slow: bool) -> Result<bool, DbError> {
        let mut job = self.claim(false).await?;
        if job.is_none() && takes_slow {
            job = self.claim(true).await?;
        }
        let Some(job) = job else { return Ok(false) };
        let Some(handler) = self.handlers.get(job.kind.as_str()).map(Arc::clone) else {
            return Ok(false);
        };
        let doing = {
            let (job, handler) = (job.clone(), Arc::clone(&handler));
            tokio::spawn(async move { handler.run(&job).await })
        };
        let outcome = self.awaited(doing, job.id).await;
        match outcome {
            Ok(()) => store::finish(&self.db, job.id, self.ambient.now()).await?,
            Err(error) if job.attempt < TRIES && !matches!(error, JobError::Hopeless(_)) => {
                tracing::warn!(job.kind, job.attempt, error = %error, "job will be tried again");
                let pause = Duration::seconds(1 << job.attempt.clamp(0, 8));
                store::put_back(&self.db, job.id, &error.to_string(), self.ambient.now() + pause).await?;
            }
            Err(error) => {
                tracing::error!(job.kind, job.attempt, error = %error, "job failed");
                handler.give_up(&job).await?;
                store::fail(&self.db, job.id, &error.to_string(), self.ambient.now()).await?;
            }
        }
        Ok(true)
    }

    /// Waits for a job and holds its lease meanwhile, however long it takes.
    async fn awaited(&self, mut doing: JoinHandle<Result<(), JobError>>, id: JobId) -> Result<(), JobError> {
        let third = std::time::Duration::from_secs(LEASE.num_seconds().unsigned_abs() / 3);
        loop {
            tokio::select! {
                done = &mut doing => return done.unwrap_or_else(|panic| Err(JobError::Again(format!("panicked: {panic}")))),
                () = tokio::time::sleep(third) => if let Err(error) = store::renew(&self.db, id, self.ambient.now() + LEASE).await {
                    tracing::warn!(error = %error, "jobs: a lease was not renewed");
                }
            }
        }
    }

    /// Claims a job of a kind that is slow, or of one that is not.
    async fn claim(&self, slow: bool) -> Result<Option<Job>, DbError> {
        let kinds: Vec<&str> = self.handlers.iter().filter(|(_, handler)| handler.is_slow() == slow).map(|(kind, _)| *kind).collect();
        if kinds.is_empty() { Ok(None) } else { store::claim(&self.db, &kinds, self.ambient.now(), LEASE).await }
    }
}

#[cfg(test)]
mod tests;
