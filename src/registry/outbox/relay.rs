//! Delivers what transactions left behind: pushes to the hub, events to their consumers.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{DomainEvent, Hub, Topic, store};
use crate::base::{
    Ambient,
    db::{Db, DbError},
};

/// A step that wants to hear events. Called at least once per event, in order of filing; must bear repetition.
#[async_trait::async_trait]
pub trait Consumer: Send + Sync {
    /// Takes one event; an error keeps the event for another try.
    async fn consume(&self, event: &DomainEvent) -> Result<(), DbError>;
}

/// The loop that empties the outbox.
#[derive(Clone)]
pub struct Relay {
    db: Db,
    ambient: Ambient,
    hub: Hub,
    wake: Arc<Notify>,
}

impl Relay {
    /// A relay over `db` that pushes to `hub`.
    pub fn new(db: Db, ambient: Ambient, hub: Hub) -> Self {
        Self { db, ambient, hub, wake: Arc::new(Notify::new()) }
    }

    /// Says that a transaction with pushes or events was just committed, so that they leave at once.
    pub fn nudge(&self) {
        self.wake.notify_one();
    }

    /// Runs until `stop`; looks at every nudge and, for rows of the `work` process, every 150 ms.
    pub async fn run(self, consumers: Vec<Arc<dyn Consumer>>, stop: CancellationToken) {
        loop {
            if let Err(error) = self.deliver(&consumers).await {
                tracing::warn!(error = %error, "outbox: delivery will be tried again");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(std::time::Duration::from_millis(150)) => {}
            }
        }
    }

    /// Delivers everything that waits now; tests call it instead of [`run`](Self::run).
    ///
    /// # Errors
    /// The first consumer's or the database's.
    pub async fn deliver(&self, consumers: &[Arc<dyn Consumer>]) -> Result<(), DbError> {
        loop {
            let waiting = store::undelivered(&self.db, 200).await?;
            if waiting.is_empty() {
                return Ok(());
            }
            let mut done = Vec::new();
            for row in &waiting {
                if row.destination == "push" {
                    if let Ok(topic) = row.topic.parse::<Topic>() {
                        self.hub.publish(topic, &row.payload);
                    }
                } else if let Ok(event) = serde_json::from_str::<DomainEvent>(&row.payload) {
                    // What was delivered before stays delivered, whatever becomes of this one.
                    self.mark(&mut done).await?;
                    for consumer in consumers {
                        consumer.consume(&event).await?;
                    }
                }
                done.push(row.id.as_str());
            }
            self.mark(&mut done).await?;
        }
    }

    async fn mark(&self, done: &mut Vec<&str>) -> Result<(), DbError> {
        if done.is_empty() {
            return Ok(());
        }
        store::mark_delivered(&self.db, done, self.ambient.now()).await?;
        done.clear();
        Ok(())
    }
}
