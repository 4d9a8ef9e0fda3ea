//! Jobs for the `work` role: claimed with a lease, retried with growing pauses, failed after five tries.

mod store;

use std::{collections::HashMap, sync::Arc};

use chrono::Duration;
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
        for _ in 0..lanes {
            let (worker, stop) = (Arc::clone(&self), stop.clone());
            running.push(tokio::spawn(async move {
                while !stop.is_cancelled() {
                    match worker.step().await {
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
        let kinds: Vec<&str> = self.handlers.keys().copied().collect();
        let Some(job) = store::claim(&self.db, &kinds, self.ambient.now(), LEASE).await? else {
            return Ok(false);
        };
        let Some(handler) = self.handlers.get(job.kind.as_str()).map(Arc::clone) else {
            return Ok(false);
        };
        let doing = {
            let (job, handler) = (job.clone(), Arc::clone(&handler));
            tokio::spawn(async move { handler.run(&job).await })
        };
        let outcome = doing.await.unwrap_or_else(|panic| Err(JobError::Again(format!("panicked: {panic}"))));
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
}
