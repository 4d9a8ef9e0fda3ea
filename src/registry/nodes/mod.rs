//! The servers of this house: who is alive, who has room for another call, and a way to ask one another.
//!
//! Each says every two seconds that it is alive ([`Nodes::beat`]) and looks every second at the others ([`Nodes::look`]). A call is kept
//! by one of them: of two drawn at random the one with more room, which is reserved in the transaction that opens the call. A server on
//! embedded engines is alone: it has all calls and asks nobody. It must not know what a call is.

mod post;
mod store;
mod watch;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

pub use post::{Hears, Letter, NoAnswer, Post, Posted};
use tokio_util::sync::CancellationToken;
pub use watch::DEAD;

use crate::base::{
    Ambient, Timestamp,
    db::{Db, DbError, Tx},
};

/// How often a server says that it is alive.
pub const BEAT: Duration = Duration::from_secs(2);
/// So many calls a server carries that was given no limit.
const ANY: i64 = 1_000_000;

/// What the room is built of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Time and randomness.
    pub ambient: Ambient,
    /// The name of this server.
    pub name: String,
    /// Most calls it carries at once; 0 is as many as come.
    pub most: u32,
    /// The way to the others.
    pub post: Post,
    /// Cancelled when this server begins nothing new.
    pub draining: CancellationToken,
}

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Nodes(Arc<Inside>);

struct Inside {
    parts: Parts,
    run: String,
    watch: Mutex<watch::Watch>,
    has_room: std::sync::atomic::AtomicBool,
}

impl Nodes {
    /// This server among the others.
    pub fn new(parts: Parts) -> Self {
        let run = parts.ambient.secret();
        Self(Arc::new(Inside { parts, run, watch: Mutex::default(), has_room: true.into() }))
    }

    /// The name of this server.
    pub fn name(&self) -> &str {
        &self.0.parts.name
    }

    /// Names this run of this server.
    pub fn run(&self) -> &str {
        &self.0.run
    }

    /// The way to the others.
    pub fn post(&self) -> &Post {
        &self.0.parts.post
    }

    /// Whether there can be no others.
    pub fn is_alone(&self) -> bool {
        self.post().is_alone()
    }

    fn watch(&self) -> std::sync::MutexGuard<'_, watch::Watch> {
        self.0.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that this server is alive, and how it is.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn beat(&self) -> Result<(), DbError> {
        let mut tx = self.0.parts.db.begin().await?;
        self.beat_in(&mut tx).await?;
        tx.commit().await
    }

    async fn beat_in(&self, tx: &mut Tx) -> Result<(), DbError> {
        self.beat_at(tx, self.0.parts.ambient.now()).await
    }

    async fn beat_at(&self, tx: &mut Tx, at: Timestamp) -> Result<(), DbError> {
        let Parts { name, most, draining, .. } = &self.0.parts;
        let most = if *most == 0 { ANY } else { i64::from(*most) };
        let word = store::Word { name, run: &self.0.run, most, is_draining: draining.is_cancelled() };
        store::beat(tx, &word, at).await
    }

    /// Whether this server has said how many calls it carries.
    fn is_filed(&self, nodes: &[store::Filed]) -> bool {
        nodes.iter().any(|node| node.name == self.name() && node.most > 0)
    }

    /// Looks at the others.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn look(&self) -> Result<(), DbError> {
        let nodes = store::all(&self.0.parts.db).await?;
        let now = self.0.parts.ambient.now();
        self.watch().look(nodes.iter().map(|node| (node.name.as_str(), node.beats)), now);
        let has_room = !self.is_filed(&nodes) || nodes.iter().any(|node| self.is_eligible(node) && node.calls < node.most);
        self.0.has_room.store(has_room, std::sync::atomic::Ordering::Release);
        Ok(())
    }

    /// Whether one more call would find a server, by the last look. A server that is alone finds out when it tries.
    pub fn has_room(&self) -> bool {
        self.0.has_room.load(std::sync::atomic::Ordering::Acquire)
    }

    /// Whether this server looked for long enough to say that another is dead.
    pub fn is_dead(&self, name: &str) -> bool {
        name != self.name() && self.watch().is_dead(name)
    }

    fn is_eligible(&self, node: &store::Filed) -> bool {
        if node.name == self.name() {
            return !self.0.parts.draining.is_cancelled();
        }
        // Of a server that this one has not watched for long enough its own word is taken.
        let said_so = (self.0.parts.ambient.now() - node.alive_at).abs() < DEAD && !self.is_dead(&node.name);
        !self.is_alone() && !node.is_draining && (said_so || self.watch().is_alive(&node.name))
    }

    /// Keeps room for one more call within the transaction that opens it: of two servers drawn at random the one with more, any
    /// other if both are full. None when no server has room.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn reserve(&self, tx: &mut Tx) -> Result<Option<String>, DbError> {
        let mut nodes = store::all_in(tx).await?;
        if !self.is_filed(&nodes) {
            // The first call of a server that has not said a word yet.
            self.beat_at(tx, Timestamp::UNIX_EPOCH).await?;
            nodes = store::all_in(tx).await?;
        }
        nodes.retain(|node| self.is_eligible(node));
        for name in self.in_turn(nodes) {
            if store::reserve(tx, &name).await? {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// The better of two drawn at random, the other one, then the rest by their room.
    fn in_turn(&self, mut nodes: Vec<store::Filed>) -> Vec<String> {
        let mut drawn = Vec::new();
        while drawn.len() < 2 && !nodes.is_empty() {
            let draw = u32::from_be_bytes(self.0.parts.ambient.bytes::<4>()) as usize;
            drawn.push(nodes.swap_remove(draw % nodes.len()));
        }
        let room = |node: &store::Filed| std::cmp::Reverse(node.most - node.calls);
        drawn.sort_by_key(room);
        nodes.sort_by_key(room);
        drawn.into_iter().chain(nodes).map(|node| node.name).collect()
    }

    /// Keeps room for a call that has to go on: at a server that has some, else here in any case. Who.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn take_over(&self, tx: &mut Tx) -> Result<String, DbError> {
        if let Some(name) = self.reserve(tx).await? {
            return Ok(name);
        }
        store::take(tx, self.name()).await?;
        Ok(self.name().to_owned())
    }

    /// A call of this server is over, or at another.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn release(&self, tx: &mut Tx, name: &str) -> Result<(), DbError> {
        store::release(tx, name).await
    }

    /// At a start: what this server carries.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn begin(&self, calls: usize) -> Result<(), DbError> {
        let mut tx = self.0.parts.db.begin().await?;
        self.beat_in(&mut tx).await?;
        store::recount(&mut tx, self.name(), i64::try_from(calls).unwrap_or(i64::MAX)).await?;
        tx.commit().await
    }

    /// When a server said last that it was alive, by its own clock.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn alive_at(&self, name: &str) -> Result<Option<Timestamp>, DbError> {
        store::alive_at(&self.0.parts.db, name).await
    }

    /// Names the run of a server; empty for one that never said a word.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn run_of(&self, name: &str) -> Result<String, DbError> {
        if name == self.name() {
            return Ok(self.run().to_owned());
        }
        Ok(store::run(&self.0.parts.db, name).await?.unwrap_or_default())
    }

    /// Whether some other server is alive and takes calls, by the last look.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn has_others(&self) -> Result<bool, DbError> {
        Ok(!self.is_alone() && store::all(&self.0.parts.db).await?.iter().any(|node| node.name != self.name() && self.is_eligible(node)))
    }
}
