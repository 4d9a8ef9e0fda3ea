//! Several servers of one house: their letters travel over streams in Redis, one that all of them read and one of each.
//!
//! Every letter has a number that its writer counts. Who hears a gap has lost something: pushes are hints, so every page of that server
//! is sent to read the state anew. The same happens when the connection was lost, as what could not be sent meanwhile is gone. What
//! comes twice is taken once.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use redis::{
    AsyncConnectionConfig,
    aio::MultiplexedConnection,
    streams::{StreamReadOptions, StreamReadReply},
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::registry::{
    nodes::{Hears, Letter, Post, Posted},
    outbox::{Hub, Topic},
};

const AGAIN: Duration = Duration::from_millis(500);
/// Letters on their way; more are dropped and counted.
const ROOM: usize = 4_096;
/// So many letters a stream keeps, about, and for so many seconds after the last: some hold what people say, and Redis is no place
/// where that stays.
const KEPT: usize = 4_000;
const KEPT_SECONDS: i64 = 30;
/// How long Redis holds back an answer when there is nothing to read, in ms.
const BLOCK: usize = 2_000;
/// Letters read or written at once.
const AT_ONCE: usize = 128;
/// The field of a stream's entry that holds the envelope.
const FIELD: &str = "m";

/// A letter with its writer.
#[derive(Serialize, Deserialize)]
struct Envelope {
    from: String,
    /// Which run of the writer.
    run: String,
    /// Counts what this run wrote to this stream, from 1.
    number: u64,
    letter: Letter,
}

/// The way between the servers.
pub(super) struct Bridge {
    hub: Hub,
    post: Post,
    pushes: mpsc::Receiver<(Topic, Arc<str>)>,
    letters: mpsc::Receiver<Posted>,
    client: redis::Client,
    prefix: String,
    node: String,
}

impl Bridge {
    /// The bridge to [`run`](Self::run), a hub whose messages go to the other servers, too, and a post that asks them.
    ///
    /// # Errors
    /// When the address is malformed.
    pub(super) fn new(url: &str, prefix: &str, node: &str) -> Result<(Self, Hub, Post), redis::RedisError> {
        let (push, pushes) = mpsc::channel(ROOM);
        let (posted, letters) = mpsc::channel(ROOM);
        let (hub, post) = (Hub::bridged(push), Post::carried_by(posted));
        let client = redis::Client::open(url)?;
        let bridge = Self { hub: hub.clone(), post: post.clone(), pushes, letters, client, prefix: format!("{prefix}:nodes:v2"), node: node.to_owned() };
        Ok((bridge, hub, post))
    }

    /// Carries letters of this run of the server until `stop`; comes back by itself when Redis was away.
    pub(super) async fn run(self, run: String, hears: Arc<dyn Hears>, stop: CancellationToken) {
        let Self { hub, post, pushes, letters, client, prefix, node } = self;
        let (words, mut said) = mpsc::channel::<String>(ROOM);
        let hearing = Arc::clone(&hears);
        // One after the other, and beside the reading.
        let listening = tokio::spawn(async move {
            while let Some(word) = said.recv().await {
                hearing.hear(&word).await;
            }
        });
        let all = format!("{prefix}:all");
        let writer =
            Writer { client: client.clone(), prefix: prefix.clone(), all: all.clone(), node: node.clone(), run, numbers: HashMap::new(), pushes, letters };
        let reader = Reader { client, streams: [all, format!("{prefix}:to:{node}")], last: None, node, heard: HashMap::new(), hub, post, hears, words };
        tokio::join!(writer.run(stop.clone()), reader.run(stop));
        listening.abort();
    }
}

struct Writer {
    client: redis::Client,
    prefix: String,
    all: String,
    node: String,
    run: String,
    numbers: HashMap<String, u64>,
    pushes: mpsc::Receiver<(Topic, Arc<str>)>,
    letters: mpsc::Receiver<Posted>,
}

impl Writer {
    async fn run(mut self, stop: CancellationToken) {
        let mut to: Option<MultiplexedConnection> = None;
        loop {
            let letters = tokio::select! {
                biased;
                letters = self.gather() => letters,
                // Only when nothing waits any more.
                () = stop.cancelled() => return,
            };
            if letters.is_empty() {
                return;
            }
            if let Err(error) = self.write(&mut to, letters).await {
                // Their numbers are missing where they should have come: who reads on knows that something is lost.
                tracing::warn!(error = %error, "nodes: the other servers do not hear this one for the moment");
                to = None;
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(AGAIN) => {}
                }
            }
        }
    }

    /// What waits to be written, at least one letter; none when nobody writes any more.
    async fn gather(&mut self) -> Vec<Posted> {
        let push = |(topic, message): (Topic, Arc<str>)| Posted { to: None, letter: Letter::Push { topic: topic.to_string(), message: message.to_string() } };
        let first = tokio::select! {
            pushed = self.pushes.recv() => pushed.map(push),
            letter = self.letters.recv() => letter,
        };
        let mut letters: Vec<Posted> = first.into_iter().collect();
        while !letters.is_empty() && letters.len() < AT_ONCE {
            match self.pushes.try_recv().map(push).or_else(|_| self.letters.try_recv()) {
                Ok(letter) => letters.push(letter),
                Err(_) => break,
            }
        }
        letters
    }

    async fn write(&mut self, to: &mut Option<MultiplexedConnection>, letters: Vec<Posted>) -> Result<(), redis::RedisError> {
        let (mut pipe, mut written) = (redis::pipe(), HashSet::new());
        for Posted { to, letter } in letters {
            let stream = to.map_or_else(|| self.all.clone(), |node| format!("{}:to:{node}", self.prefix));
            let number = self.numbers.entry(stream.clone()).or_default();
            *number += 1;
            let envelope = Envelope { from: self.node.clone(), run: self.run.clone(), number: *number, letter };
            let text = serde_json::to_string(&envelope).expect("letters serialise");
            written.insert(stream.clone());
            pipe.xadd_maxlen(&stream, redis::streams::StreamMaxlen::Approx(KEPT), "*", &[(FIELD, text)]).ignore();
        }
        for stream in &written {
            pipe.expire(stream, KEPT_SECONDS).ignore();
        }
        let mut connection = match to.take() {
            Some(connection) => connection,
            None => connect(&self.client, Duration::from_secs(2)).await?,
        };
        let () = pipe.query_async(&mut connection).await?;
        *to = Some(connection);
        Ok(())
    }
}

struct Reader {
    client: redis::Client,
    streams: [String; 2],
    /// What was read last of each.
    last: Option<[String; 2]>,
    node: String,
    /// The last number of each writer's run in each stream.
    heard: HashMap<(usize, String), u64>,
    hub: Hub,
    post: Post,
    hears: Arc<dyn Hears>,
    words: mpsc::Sender<String>,
}

impl Reader {
    async fn run(mut self, stop: CancellationToken) {
        let mut was_lost = false;
        loop {
            let read = tokio::select! {
                () = stop.cancelled() => return,
                read = self.read(std::mem::take(&mut was_lost)) => read,
            };
            if let Err(error) = read {
                tracing::warn!(error = %error, "nodes: the other servers are not heard for the moment");
                was_lost = true;
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(AGAIN) => {}
                }
            }
        }
    }

    async fn read(&mut self, was_lost: bool) -> Result<(), redis::RedisError> {
        // An answer may be held back for as long as it is allowed to.
        let mut connection = connect(&self.client, Duration::from_millis(BLOCK as u64 + 3_000)).await?;
        let ends = [end_of(&mut connection, &self.streams[0]).await?, end_of(&mut connection, &self.streams[1]).await?];
        let mut last = match self.last.take() {
            // After a moment without Redis one reads on, unless it forgot everything.
            Some(last) if ends.iter().zip(&last).all(|(end, last)| !is_before(end, last)) => last,
            _ => ends,
        };
        if was_lost {
            self.hub.send_away();
        }
        let options = StreamReadOptions::default().block(BLOCK).count(AT_ONCE);
        loop {
            self.last = Some(last.clone());
            let reply: Option<StreamReadReply> = redis::AsyncCommands::xread_options(&mut connection, &self.streams, &last, &options).await?;
            for stream in reply.into_iter().flat_map(|reply| reply.keys) {
                let which = usize::from(stream.key == self.streams[1]);
                for entry in stream.ids {
                    if let Some(text) = entry.get::<String>(FIELD) {
                        self.take(which, &text);
                    }
                    last[which] = entry.id;
                }
            }
        }
    }

    fn take(&mut self, stream: usize, text: &str) {
        let Ok(Envelope { from, run, number, letter }) = serde_json::from_str(text) else {
            tracing::warn!("nodes: a letter of another server is not understood");
            return;
        };
        if from == self.node {
            return;
        }
        if let Some(before) = self.heard.insert((stream, run.clone()), number) {
            if number <= before {
                self.heard.insert((stream, run), before);
                return;
            }
            if number != before + 1 {
                tracing::warn!(from, lost = number - before - 1, "nodes: letters of another server are lost");
                self.hub.send_away();
            }
        }
        match letter {
            Letter::Push { topic, message } => {
                if let Ok(topic) = topic.parse::<Topic>() {
                    self.hub.publish_here(topic, &message);
                }
            }
            Letter::Word { text } => {
                if self.words.try_send(text).is_err() {
                    tracing::warn!("nodes: a word of another server is lost");
                }
            }
            Letter::Ask { id, text } => {
                let (hears, post) = (Arc::clone(&self.hears), self.post.clone());
                tokio::spawn(async move { post.reply(&from, id, hears.answer(&text).await) });
            }
            Letter::Answer { id, text } => self.post.answered(id, text),
        }
    }
}

async fn connect(client: &redis::Client, patience: Duration) -> Result<MultiplexedConnection, redis::RedisError> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(Duration::from_secs(2))).set_response_timeout(Some(patience));
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// The id of the newest entry of a stream.
async fn end_of(connection: &mut MultiplexedConnection, stream: &str) -> Result<String, redis::RedisError> {
    let newest: redis::streams::StreamRangeReply = redis::AsyncCommands::xrevrange_count(connection, stream, "+", "-", 1).await?;
    Ok(newest.ids.into_iter().next().map_or_else(|| "0-0".to_owned(), |entry| entry.id))
}

/// Whether one id of a stream is older than another.
fn is_before(one: &str, other: &str) -> bool {
    let parts = |id: &str| id.split_once('-').and_then(|(time, number)| Some((time.parse::<u64>().ok()?, number.parse::<u64>().ok()?)));
    parts(one) < parts(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_streams_are_compared_as_numbers() {
        assert!(is_before("9-1", "10-0") && is_before("10-9", "10-10") && is_before("0-0", "1-0"));
        assert!(!is_before("10-0", "10-0") && !is_before("10-10", "10-9"));
    }
}
