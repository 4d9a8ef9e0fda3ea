//! In-process delivery to open pages.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{broadcast, mpsc};

use crate::base::id::{DossierId, MalformedId, StaffId};

/// Who a push is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Every open page of one customer.
    Customer(DossierId),
    /// Every open page of one member of staff.
    Staff(StaffId),
    /// Every open console.
    Console,
}

impl std::fmt::Display for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Customer(id) => write!(f, "customer:{id}"),
            Self::Staff(id) => write!(f, "staff:{id}"),
            Self::Console => f.write_str("console"),
        }
    }
}

impl std::str::FromStr for Topic {
    type Err = MalformedId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("customer", id)) => Ok(Self::Customer(id.parse()?)),
            Some(("staff", id)) => Ok(Self::Staff(id.parse()?)),
            _ if text == "console" => Ok(Self::Console),
            _ => Err(MalformedId),
        }
    }
}

/// Who listens to what, in this process. A listener that falls 256 messages behind is told so and re-reads the state.
#[derive(Clone, Default)]
pub struct Hub {
    topics: Arc<Mutex<HashMap<Topic, broadcast::Sender<Arc<str>>>>>,
    /// The way to the pages at other servers.
    outgoing: Option<mpsc::Sender<(Topic, Arc<str>)>>,
}

impl Hub {
    /// Listens to a topic from now on; messages are JSON texts.
    pub fn subscribe(&self, topic: Topic) -> broadcast::Receiver<Arc<str>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).entry(topic).or_insert_with(|| broadcast::channel(256).0).subscribe()
    }

    /// A hub whose messages are handed to other servers as well. Nobody waits for that: when it is not taken off in time it is lost.
    pub fn bridged(outgoing: mpsc::Sender<(Topic, Arc<str>)>) -> Self {
        Self { outgoing: Some(outgoing), ..Self::default() }
    }

    /// Sends a JSON text to whoever listens now, here and at other servers.
    pub fn publish(&self, topic: Topic, message: &str) {
        if let Some(outgoing) = &self.outgoing
            && outgoing.try_send((topic, Arc::from(message))).is_err()
        {
            tracing::warn!("outbox: a message to pages at other servers is lost; they read the state again");
        }
        self.publish_here(topic, message);
    }

    /// Ends every listener: their pages come back and read the state anew.
    pub fn send_away(&self) {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Sends a JSON text to whoever listens at this server.
    pub fn publish_here(&self, topic: Topic, message: &str) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = topics.get(&topic)
            && sender.send(Arc::from(message)).is_err()
        {
            topics.remove(&topic);
        }
    }

    /// Serialises and sends.
    pub fn publish_json(&self, topic: Topic, message: &impl serde::Serialize) {
        self.publish(topic, &serde_json::to_string(message).expect("wire types serialise"));
    }
}
