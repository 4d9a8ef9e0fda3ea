//! The third step: tickets, presence of agents, offers, rings of booked customers.
//!
//! A customer who wants a call takes a ticket ([`Queue::enqueue`]). The [`engine`] pairs the first ticket with the
//! longest idle agent; the pair becomes an *offer* on the agent's desk by a guarded UPDATE. The agent accepts
//! ([`Queue::accept`]: ticket, agent, file and call change in one transaction, or nothing does), declines, or lets it run
//! out, and then the ticket stands again where it stood. A booked customer is rung instead ([`Queue::ring`]).
//!
//! SQL is the truth. The engine, in memory or in Redis, is an index: rebuilt at every start, compared with SQL every few
//! seconds, corrected when they differ. What the machines allow stands in [`ticket`] and [`presence`], both pure.
//!
//! It must not know how media flows, what was photographed, or why a booking exists. Start reading at [`ticket`], then
//! [`Queue::accept`].

pub mod calendar;
mod callback;
mod desk;
pub mod engine;
pub mod estimate;
mod forecast;
pub mod hours;
mod line;
mod matching;
mod news;
mod pages;
pub mod presence;
mod publish;
pub mod ring;
pub mod routing;
pub mod settings;
mod skills;
mod store;
mod supervision;
pub mod ticket;
mod watch;
pub mod wire;

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio_util::sync::CancellationToken;

pub use line::Booked;
pub use ring::RingRequest;
pub use settings::Settings;
pub use ticket::LeaveReason;

use crate::{
    base::{
        Ambient, Timestamp,
        db::{Db, DbError, Tx},
        id::{CallId, DossierId, StaffId, TicketId},
    },
    registry::{
        dossier::AdvanceError,
        outbox::{Hub, Relay},
    },
};

/// Why the queue refused.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// There is no such thing, or it is somebody else's.
    #[error("there is no such ticket")]
    Unknown,
    /// Outside opening hours.
    #[error("no calls are taken at this hour")]
    Closed,
    /// The server is about to stop.
    #[error("the server is about to stop and takes no new calls")]
    Draining,
    /// There is no room for another call or its recording.
    #[error("no new calls can be taken just now")]
    NoRoom,
    /// The offer was withdrawn, ran out, or went to somebody else.
    #[error("the offer is no longer open")]
    OfferWithdrawn,
    /// The customer already has a call; there is no place to leave.
    #[error("the ticket already became a call")]
    AlreadyCalled,
    /// The customer waits in the queue already and will be offered there.
    #[error("the customer is already waiting in the queue")]
    CustomerWaiting,
    /// The agent cannot do this now.
    #[error("the agent is busy with something else")]
    AgentBusy,
    /// So many wait that the line takes nobody any more.
    #[error("too many people are waiting; please book a time")]
    Full,
    /// Nobody is on duty, and nobody waits for nobody here.
    #[error("nobody is on duty; please book a time")]
    Unstaffed,
    /// The index is being rebuilt; what it says is not to be acted upon.
    #[error("the queue is being put in order again; please try once more in a moment")]
    Rebuilding,
    /// The house calls nobody back.
    #[error("nobody is called back here")]
    NoCallbacks,
    /// The number or address cannot be one.
    #[error("the number or address cannot be one")]
    BadAddress,
    /// An agent is about to answer.
    #[error("an agent is about to answer")]
    AgentComing,
    /// Calls of this person came to nothing too often; another try makes sense after so many seconds.
    #[error("too many calls came to nothing; please wait")]
    Paused {
        /// Until then.
        seconds: u64,
    },
    /// Nobody is ringing.
    #[error("nobody is calling")]
    NotRinging,
    /// A coded reason is missing or unknown.
    #[error("the reason is missing or unknown")]
    BadReason,
    /// Somebody else changed it in between.
    #[error("it was changed in between")]
    ChangedMeanwhile,
    /// The call cannot begin.
    #[error("the call cannot begin")]
    NoCall(#[source] NoCall),
    /// The file does not allow the step.
    #[error(transparent)]
    File(#[from] AdvanceError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Why a call did not begin.
#[derive(Debug, thiserror::Error)]
pub enum NoCall {
    /// The agent or the customer is in a call already.
    #[error("one of the two is in a call already")]
    Busy,
    /// Every server carries as many calls as it may.
    #[error("no server has room for another call")]
    NoRoom,
    /// Recording is not possible, so no call is.
    #[error("the recorder is not ready")]
    RecorderNotReady,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The next step, as the queue needs it.
#[async_trait::async_trait]
pub trait OpensCalls: Send + Sync {
    /// Whether another call may begin at all.
    fn has_room(&self) -> bool;

    /// Whether one could begin this moment: some server has room for it.
    fn can_begin(&self) -> bool;

    /// Files the call of an accepted ticket in the accepting transaction. The database refuses a second open call of the
    /// same agent or the same file.
    async fn open_call(&self, tx: &mut Tx, ticket: TicketId, dossier: DossierId, agent: StaffId) -> Result<CallId, NoCall>;

    /// Until when this customer has to pause because calls came to nothing; none when they may call.
    async fn paused_until(&self, dossier: DossierId) -> Result<Option<crate::base::Timestamp>, DbError>;
}

/// What the queue stands on.
pub struct Parts {
    /// Clock and randomness.
    pub ambient: Ambient,
    /// The database.
    pub db: Db,
    /// Delivery to open pages.
    pub hub: Hub,
    /// Delivers what transactions left behind.
    pub relay: Relay,
    /// The index.
    pub engine: Arc<dyn engine::Engine>,
    /// The next step.
    pub calls: Arc<dyn OpensCalls>,
    /// What the operator chose.
    pub settings: Settings,
    /// When calls are taken.
    pub calendar: calendar::Calendar,
    /// How browsers are woken, if the house wakes any.
    pub push: Option<ring::Push>,
    /// Signs the links that open a ring.
    pub link_key: crate::base::link::LinkKey,
    /// The name of this server among several on one database and one index; none when it is alone.
    pub node: Option<String>,
    /// Cancelled when no new calls are to begin.
    pub draining: CancellationToken,
}

/// The door of the queue. Cheap to clone.
#[derive(Clone)]
pub struct Queue(Arc<Inner>);

struct Inner {
    parts: Parts,
    /// One change of the index at a time, offers included.
    turn: tokio::sync::Mutex<()>,
    /// The index missed something; compare it with SQL.
    is_stale: AtomicBool,
    /// The index is gone or silent: nothing is accepted until it is whole again.
    is_lost: AtomicBool,
    /// How many ready agents are kept for appointments.
    reserve: tokio::sync::watch::Sender<engine::Reserve>,
    people: Mutex<pages::People>,
    news: Mutex<News>,
    told: Mutex<publish::Told>,
    known: Mutex<Option<forecast::Known>>,
    wake: tokio::sync::Notify,
}

/// What pages have to be told with the next publication.
#[derive(Default)]
struct News {
    line_changed: bool,
    notes_changed: bool,
    desks: HashSet<StaffId>,
    tickets: HashSet<TicketId>,
}

/// Removes what agents wrote down about a customer, and where the customer wanted to be reached, once the file's time is over.
///
/// # Errors
/// Only the database's own.
pub async fn forget(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    store::forget(tx, dossier).await
}

impl Queue {
    /// A queue; call [`rebuild`](Self::rebuild) before the first customer, then [`run`](Self::run).
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            turn: tokio::sync::Mutex::default(),
            is_stale: AtomicBool::new(true),
            is_lost: AtomicBool::new(false),
            reserve: tokio::sync::watch::Sender::new(engine::Reserve::default()),
            people: Mutex::default(),
            news: Mutex::default(),
            told: Mutex::default(),
            known: Mutex::default(),
            wake: tokio::sync::Notify::new(),
        }))
    }

    fn parts(&self) -> &Parts {
        &self.0.parts
    }

    fn now(&self) -> Timestamp {
        self.parts().ambient.now()
    }

    fn people(&self) -> MutexGuard<'_, pages::People> {
        self.0.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.0.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something changed that pages show: whose desk, which ticket.
    fn changed(&self, desk: impl IntoIterator<Item = StaffId>, ticket: impl IntoIterator<Item = TicketId>) {
        let mut news = self.news();
        news.line_changed = true;
        news.desks.extend(desk);
        news.tickets.extend(ticket);
        drop(news);
        self.0.wake.notify_one();
    }

    fn mark_stale(&self) {
        self.0.is_stale.store(true, Ordering::Release);
        self.0.wake.notify_one();
    }

    fn refuse_while_rebuilding(&self) -> Result<(), QueueError> {
        if self.0.is_lost.load(Ordering::Acquire) { Err(QueueError::Rebuilding) } else { Ok(()) }
    }

    /// Nothing new is begun by a server that stops or that could not record it.
    fn refuse_new_calls(&self) -> Result<(), QueueError> {
        match (self.parts().draining.is_cancelled(), self.parts().calls.has_room()) {
            (true, _) => Err(QueueError::Draining),
            (false, false) => Err(QueueError::NoRoom),
            (false, true) => Ok(()),
        }
    }
}
