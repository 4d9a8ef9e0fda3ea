//! What servers say to one another: a word to all, and questions that are answered. What carries the letters is not known here.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(4);

/// What travels between two servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// A message to open pages of a topic.
    Push {
        /// Of which topic.
        topic: String,
        /// JSON.
        message: String,
    },
    /// A word that nobody answers.
    Word {
        /// JSON.
        text: String,
    },
    /// A question.
    Ask {
        /// Which, to the asker.
        id: u64,
        /// JSON.
        text: String,
    },
    /// Its answer.
    Answer {
        /// To which question.
        id: u64,
        /// JSON.
        text: String,
    },
}

/// A letter and where it goes.
#[derive(Debug)]
pub struct Posted {
    /// To which server; to all others when none is named.
    pub to: Option<String>,
    /// What.
    pub letter: Letter,
}

/// Nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the other server does not answer")]
pub struct NoAnswer;

/// Who hears what other servers say.
#[async_trait::async_trait]
pub trait Hears: Send + Sync {
    /// Answers a question.
    async fn answer(&self, text: &str) -> String;
    /// Takes a word.
    async fn hear(&self, text: &str);
}

/// The way to the other servers; there is none when a server is alone. Cheap to clone.
#[derive(Clone, Default)]
pub struct Post(Option<Arc<Inside>>);

struct Inside {
    outgoing: mpsc::Sender<Posted>,
    asked: Mutex<HashMap<u64, oneshot::Sender<String>>>,
    next: AtomicU64,
}

impl Post {
    /// A post whose letters are taken off by a carrier.
    pub fn carried_by(outgoing: mpsc::Sender<Posted>) -> Self {
        Self(Some(Arc::new(Inside { outgoing, asked: Mutex::default(), next: AtomicU64::new(1) })))
    }

    /// Whether there are no others.
    pub fn is_alone(&self) -> bool {
        self.0.is_none()
    }

    /// Says something to one server, or to all others. Nobody waits for it; what is not taken off in time is lost.
    pub fn tell(&self, to: Option<&str>, text: String) {
        if let Some(inside) = &self.0
            && inside.outgoing.try_send(Posted { to: to.map(str::to_owned), letter: Letter::Word { text } }).is_err()
        {
            tracing::warn!("nodes: a word to the other servers is lost");
        }
    }

    /// Asks a server.
    ///
    /// # Errors
    /// [`NoAnswer`] when none came within four seconds.
    pub async fn ask(&self, node: &str, text: String) -> Result<String, NoAnswer> {
        let inside = self.0.as_ref().ok_or(NoAnswer)?;
        let id = inside.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        inside.asked().insert(id, sender);
        let asked = inside.outgoing.try_send(Posted { to: Some(node.to_owned()), letter: Letter::Ask { id, text } });
        let answered = match asked {
            Ok(()) => tokio::time::timeout(PATIENCE, answer).await.ok().and_then(Result::ok),
            Err(_) => None,
        };
        inside.asked().remove(&id);
        answered.ok_or(NoAnswer)
    }

    /// Answers a question of another server.
    pub fn reply(&self, to: &str, id: u64, text: String) {
        if let Some(inside) = &self.0
            && inside.outgoing.try_send(Posted { to: Some(to.to_owned()), letter: Letter::Answer { id, text } }).is_err()
        {
            tracing::warn!("nodes: an answer to another server is lost");
        }
    }

    /// An answer came in.
    pub fn answered(&self, id: u64, text: String) {
        if let Some(waiting) = self.0.as_ref().and_then(|inside| inside.asked().remove(&id)) {
            drop(waiting.send(text));
        }
    }
}

impl Inside {
    fn asked(&self) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<String>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_question_is_answered_or_given_up() {
        let (sender, mut letters) = mpsc::channel(1);
        let post = Post::carried_by(sender);
        let asking = tokio::spawn({
            let post = post.clone();
            async move { post.ask("two", "how many?".to_owned()).await }
        });
        let Posted { to, letter: Letter::Ask { id, text } } = letters.recv().await.unwrap() else { panic!() };
        assert_eq!((to.as_deref(), text.as_str()), (Some("two"), "how many?"));
        post.answered(id + 1, "not yours".to_owned());
        post.answered(id, "three".to_owned());
        assert_eq!(asking.await.unwrap(), Ok("three".to_owned()));
        assert_eq!(post.ask("two", "silence".to_owned()).await, Err(NoAnswer));
        post.tell(None, "the line is full".to_owned());
        assert_eq!(Post::default().ask("two", "alone".to_owned()).await, Err(NoAnswer));
    }
}
