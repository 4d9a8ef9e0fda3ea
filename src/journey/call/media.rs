//! Media of a call: joining, and what the SFU tells of both ends.

use std::sync::PoisonError;

use tokio::sync::broadcast::{self, error::RecvError};

use super::{
    CallError, Who,
    door::{Calls, Takeover},
    life::{EndReason, Fenced, Happening},
    store,
    turn::TRIES,
    wire::Party,
};
use crate::{
    base::id::{CallId, Id},
    engine::sfu::{Join, JoinError, SfuEvent, What},
    registry::audit::Actor,
};

impl Party {
    /// The seat in the SFU's room.
    pub(super) fn seat(self) -> u8 {
        match self {
            Self::Customer => 0,
            Self::Agent => 1,
        }
    }

    fn of_seat(seat: u8) -> Option<Self> {
        [Self::Customer, Self::Agent].into_iter().find(|party| party.seat() == seat)
    }
}

impl Calls {
    /// A page joins with an SDP offer and the epoch of its look; the SDP answer. The same page offers again for an ICE
    /// restart. What the end sends is recorded before it is forwarded: when that cannot be, the call ends. The call may be
    /// carried by another server: then that one answers, and the media goes there straight.
    ///
    /// # Errors
    /// [`CallError::Unknown`], [`CallError::Over`], [`CallError::Superseded`], [`CallError::UnknownEpoch`],
    /// [`CallError::BadOffer`], [`CallError::RecorderFailed`], [`CallError::NoMedia`].
    pub async fn join(&self, who: Who, id: CallId, epoch: i64, offer: String) -> Result<String, CallError> {
        let call = self.find(id).await?.filter(|call| who.is_in(call)).ok_or(CallError::Unknown)?;
        if self.is_here(&call) { self.join_here(who, id, epoch, offer).await } else { self.join_there(&call.node, who, (id, epoch), offer).await }
    }

    /// The same at the server that carries the call.
    pub(super) async fn join_here(&self, who: Who, id: CallId, epoch: i64, offer: String) -> Result<String, CallError> {
        if ["m=audio ", "m=video "].iter().all(|kind| !offer.contains(kind)) {
            return Err(CallError::BadOffer);
        }
        let party = who.party();
        let mut fenced = self.fence(who, id, epoch).await;
        for _ in 1..TRIES {
            if !matches!(fenced, Err(CallError::Conflict)) {
                break;
            }
            fenced = self.fence(who, id, epoch).await;
        }
        fenced?;
        self.carried.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        let (room, seat) = (id.uuid().as_u128(), party.seat());
        match self.sfu.join(Join { room, seat, offer: offer.clone(), tap: None, ear: None }).await {
            Err(JoinError::NoTap) => {}
            done => return self.joined(id, party, epoch, done).await,
        }
        let tap = match self.recordings.tap(id, party).await {
            Ok(tap) => tap,
            Err(error) => {
                tracing::error!(call.id = %id, error = %error, "a call ends because it cannot be recorded");
                self.end(id, EndReason::RecorderFailed, Actor::System).await?;
                return Err(CallError::RecorderFailed);
            }
        };
        let ear = self.ear(who, id).await?;
        let done = self.sfu.join(Join { room, seat, offer, tap: Some(tap), ear }).await;
        if done.is_ok() {
            // A new session: until its own media is up (which needs the answer), this end has none, whatever the session
            // before it had.
            self.media(id, Happening::MediaDown(party)).await?;
        }
        self.joined(id, party, epoch, done).await
    }

    /// Lets the page in if it is not older than the one that joined last.
    async fn fence(&self, who: Who, id: CallId, epoch: i64) -> Result<(), CallError> {
        let mut tx = self.db.begin().await?;
        let mut call = self.running_in(&mut tx, who, id).await?;
        let epochs = call.epochs_mut(who.party());
        let joined = epochs.join(epoch).map_err(|fenced| match fenced {
            Fenced::Superseded => CallError::Superseded,
            Fenced::Unknown => CallError::UnknownEpoch,
        })?;
        if joined == *epochs {
            return Ok(());
        }
        *epochs = joined;
        call.version += 1;
        if !store::update(&mut tx, &call).await? {
            return Err(CallError::Conflict);
        }
        Ok(tx.commit().await?)
    }

    async fn joined(&self, id: CallId, party: Party, epoch: i64, done: Result<String, JoinError>) -> Result<String, CallError> {
        match done {
            Ok(answer) => {
                self.tell_takeover(Takeover { call: id, party, epoch });
                // The call may have ended while the SFU made its answer, or gone to another server.
                if self.find(id).await?.is_none_or(|call| call.ended().is_some() || !self.is_here(&call)) {
                    self.let_go(id);
                    return Err(CallError::Over);
                }
                Ok(answer)
            }
            Err(JoinError::BadOffer) => Err(CallError::BadOffer),
            Err(error @ (JoinError::NoTap | JoinError::Full | JoinError::Stopped)) => {
                tracing::warn!(call.id = %id, error = %error, "a page did not get media");
                Err(CallError::NoMedia)
            }
        }
    }

    /// Newer pages that joined, for sockets of older ones.
    pub fn takeovers(&self) -> broadcast::Receiver<Takeover> {
        self.takeovers.subscribe()
    }

    /// Takes what the SFU tells. `run` hands it over; tests may too.
    ///
    /// # Errors
    /// Only the database's own; an unknown or ended call is none.
    pub async fn media_event(&self, event: SfuEvent) -> Result<(), CallError> {
        let Some(party) = Party::of_seat(event.seat) else { return self.observer_event(event).await };
        let id = CallId::from_uuid(uuid::Uuid::from_u128(event.room));
        match event.what {
            What::Connected => self.media(id, Happening::MediaUp(party)).await,
            What::Disconnected | What::Gone => self.media(id, Happening::MediaDown(party)).await,
            What::RecorderFailed => self.media(id, Happening::End(EndReason::RecorderFailed)).await,
            What::Media(_) => Ok(()),
            What::Measured(measured) => Ok(self.server_measured(id, party, measured).await?),
        }
    }

    /// News of media of a call that another server carries by now is old news.
    async fn media(&self, id: CallId, happening: Happening) -> Result<(), CallError> {
        if self.find(id).await?.is_some_and(|call| !self.is_here(&call)) {
            self.let_go(id);
            return Ok(());
        }
        match self.turn(id, happening, Actor::System).await {
            Ok(_) | Err(CallError::Over | CallError::Unknown) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn close_room(&self, id: CallId) {
        self.sfu.close(id.uuid().as_u128());
    }

    /// The next event of the SFU that was not missed.
    pub(super) async fn next_media_event(events: &mut broadcast::Receiver<SfuEvent>) -> Option<SfuEvent> {
        loop {
            match events.recv().await {
                Ok(event) => return Some(event),
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "calls: events of the media server were missed"),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
