//! What the operator says to a running process.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::BootError;

/// SIGTERM and SIGINT.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> Result<Self, BootError> {
        let on = |kind| signal(kind).map_err(|error| BootError::Io("signals cannot be received".to_owned(), error));
        Ok(Self { terminate: on(SignalKind::terminate())?, interrupt: on(SignalKind::interrupt())? })
    }

    /// The next wish to stop.
    pub(super) async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// The next SIGTERM; SIGINT is heard and ignored (a terminal sends it to children too).
    pub(super) async fn terminate(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => {}
            }
        }
    }
}
