//! Several servers of one house: what one publishes to open pages reaches the pages at the others through Redis' publish and
//! subscribe. It is a hint and no more: nobody waits for it, what is lost is read again from the database, and every page whose
//! server lost the connection is sent to read the state anew.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use redis::AsyncCommands;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::registry::outbox::{Hub, Topic};

const AGAIN: Duration = Duration::from_millis(500);
/// Hints on their way; more are dropped and counted.
const ROOM: usize = 4_096;

/// One hint.
#[derive(Serialize, Deserialize)]
struct Hint<'a> {
    node: &'a str,
    topic: &'a str,
    message: &'a str,
}

/// The way between the servers.
pub(super) struct Bridge {
    hub: Hub,
    outgoing: mpsc::Receiver<(Topic, Arc<str>)>,
    client: redis::Client,
    channel: String,
    node: String,
}

impl Bridge {
    /// A hub whose messages go to the other servers, too, and the bridge to [`run`](Self::run).
    ///
    /// # Errors
    /// When the address is malformed.
    pub(super) fn new(url: &str, prefix: &str, node: &str) -> Result<(Hub, Self), redis::RedisError> {
        let (sender, outgoing) = mpsc::channel(ROOM);
        let hub = Hub::bridged(sender);
        let bridge = Self { hub: hub.clone(), outgoing, client: redis::Client::open(url)?, channel: format!("{prefix}:hub:v1"), node: node.to_owned() };
        Ok((hub, bridge))
    }

    /// Carries hints until `stop`; comes back by itself when Redis was away.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut was_lost = false;
        while !stop.is_cancelled() {
            let carried = tokio::select! {
                () = stop.cancelled() => return,
                carried = self.carry(was_lost) => carried,
            };
            if let Err(error) = carried {
                tracing::warn!(error = %error, "nodes: the other servers are not heard for the moment");
                was_lost = true;
                // What could not be sent is old by the time it could be.
                while self.outgoing.try_recv().is_ok() {}
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(AGAIN) => {}
                }
            }
        }
    }

    async fn carry(&mut self, was_lost: bool) -> Result<(), redis::RedisError> {
        let mut sending = self.client.get_multiplexed_async_connection().await?;
        let mut hearing = self.client.get_async_pubsub().await?;
        hearing.subscribe(&self.channel).await?;
        if was_lost {
            self.hub.send_away();
        }
        let mut heard = hearing.on_message();
        loop {
            tokio::select! {
                message = heard.next() => {
                    let Some(message) = message else {
                        return Err(redis::RedisError::from((redis::ErrorKind::Io, "the subscription ended")));
                    };
                    self.pass_on(&message.get_payload::<String>()?);
                }
                hint = self.outgoing.recv() => {
                    let Some((topic, message)) = hint else { return Ok(()) };
                    let hint = Hint { node: &self.node, topic: &topic.to_string(), message: &message };
                    let text = serde_json::to_string(&hint).expect("a hint serialises");
                    let () = sending.publish(&self.channel, text).await?;
                }
            }
        }
    }

    fn pass_on(&self, text: &str) {
        let Ok(hint) = serde_json::from_str::<OwnedHint>(text) else { return };
        if hint.node != self.node
            && let Ok(topic) = hint.topic.parse::<Topic>()
        {
            self.hub.publish_here(topic, &hint.message);
        }
    }
}

/// A hint as it arrives; escaped texts cannot be borrowed.
#[derive(Deserialize)]
struct OwnedHint {
    node: String,
    topic: String,
    message: String,
}
