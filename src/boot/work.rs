//! The role `work`: does jobs until it is told to stop, and finishes the one it has begun.

use std::{io::Read, path::PathBuf, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{BootError, Settings, compose, signals::Signals};
use crate::{base::Ambient, registry::outbox::jobs};

/// Runs the role. As a child of `serve` it also ends when its standard input is closed, however the server died.
///
/// # Errors
/// When the house cannot be built.
pub async fn work(settings: &Settings, ambient: Ambient, program: PathBuf, is_child: bool) -> Result<(), BootError> {
    let engines = compose::engines(settings, ambient, program).await?;
    let worker = Arc::new(compose::worker(settings, &engines)?);
    let stop = CancellationToken::new();
    let running = tokio::spawn(Arc::clone(&worker).run(settings.work.lanes.max(1), stop.clone()));
    tracing::info!(lanes = settings.work.lanes, "work: ready for jobs");
    let mut signals = Signals::listen()?;
    if is_child {
        let closed = leash();
        tokio::select! {
            () = closed.cancelled() => finish_due(&engines, Duration::from_secs(settings.server.drain_seconds)).await,
            () = signals.terminate() => {}
        }
    } else {
        signals.stop().await;
    }
    stop.cancel();
    if let Err(error) = running.await {
        tracing::error!(error = %error, "work: ended badly");
    }
    engines.db.close().await;
    Ok(())
}

/// Cancelled when standard input ends. A thread of its own, for a blocked read would keep the runtime from ending.
fn leash() -> CancellationToken {
    let closed = CancellationToken::new();
    let told = closed.clone();
    std::thread::spawn(move || {
        let mut sink = [0; 64];
        while matches!(std::io::stdin().read(&mut sink), Ok(1..)) {}
        told.cancel();
    });
    closed
}

/// Goes on while jobs are due, so that what was recorded until the end is sealed before the machine goes.
async fn finish_due(engines: &compose::Engines, limit: Duration) {
    let due = async {
        while matches!(jobs::due(&engines.db, engines.ambient.now()).await, Ok(1..)) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    if tokio::time::timeout(limit, due).await.is_err() {
        tracing::info!("work: jobs are left for the next start");
    }
}
