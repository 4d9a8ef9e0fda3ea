//! What a change of a call sets off: pushes, timeline, the file's next step, checks, recording, and the loop that
//! watches over patience.

use std::sync::PoisonError;

use chrono::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Call, CallError,
    asked::returned,
    door::Calls,
    life::{EndReason, Happening, News, Patience},
    stills, store,
    wire::{CallPush, CallState, Party, PeerState},
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::{CallId, DossierId},
    },
    journey::{checks::Resumption, intake::wire::IntakePush},
    registry::{
        audit::Actor,
        dossier::{self, AdvanceError, Step},
        nodes,
        outbox::{self, DomainEvent, Topic},
    },
};

/// How often a change is tried again after somebody else's.
pub(super) const TRIES: u32 = 5;

impl Calls {
    pub(super) fn patience(&self) -> Patience {
        Patience {
            joining: Duration::seconds(self.settings.joining_seconds.into()),
            away: Duration::seconds(self.settings.grace_seconds.into()),
            agent_away: Duration::seconds(self.settings.agent_grace_seconds.into()),
        }
    }

    /// Lets something happen to a call.
    pub(super) async fn turn(&self, id: CallId, happening: Happening, actor: Actor) -> Result<Call, CallError> {
        for _ in 0..TRIES {
            let mut tx = self.db.begin().await?;
            let call = store::find_in(&mut tx, id).await?.ok_or(CallError::Unknown)?;
            match self.turn_in(&mut tx, &call, happening, actor).await {
                Ok(next) if next.version == call.version => return Ok(next),
                Ok(next) => {
                    let resumption = match returned(&call, &next) {
                        Some(absence) => self.checks.returned(&mut tx, id, absence).await?,
                        None => Resumption::Continue,
                    };
                    tx.commit().await?;
                    self.turned(&next);
                    if resumption == Resumption::Fresh {
                        Box::pin(self.end(id, EndReason::CustomerLost, Actor::System)).await?;
                    }
                    return Ok(next);
                }
                Err(CallError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(CallError::Conflict)
    }

    /// The same within a transaction; after the commit the caller tells [`turned`](Self::turned).
    pub(super) async fn turn_in(&self, tx: &mut Tx, call: &Call, happening: Happening, actor: Actor) -> Result<Call, CallError> {
        let (life, news) = call.life.after(happening, self.ambient.now(), self.patience()).map_err(|_| CallError::Over)?;
        if life == call.life {
            return Ok(call.clone());
        }
        let next = Call { life, version: call.version + 1, ..call.clone() };
        if !store::update(tx, &next).await? {
            return Err(CallError::Conflict);
        }
        for item in news {
            match item {
                News::Peer(party, peer) => self.tell_peer(tx, &next, party, peer).await?,
                News::Live => self.tell_live(tx, &next).await?,
                News::Ended(reason) => self.tell_ended(tx, &next, reason, actor).await?,
            }
        }
        Ok(next)
    }

    /// Ends the open call of a file, if there is one, within the transaction of a decision; after the commit the caller
    /// hands the call to [`turned`](Self::turned).
    ///
    /// # Errors
    /// [`CallError::Conflict`] when the call or the file changed in between.
    pub async fn hang_up_in(&self, tx: &mut Tx, dossier: DossierId, actor: Actor) -> Result<Option<Call>, CallError> {
        let Some(call) = store::open_of_dossier_in(tx, dossier).await? else { return Ok(None) };
        self.turn_in(tx, &call, Happening::End(EndReason::HungUp), actor).await.map(Some)
    }

    /// After the commit of a change: pushes leave at once.
    pub fn turned(&self, call: &Call) {
        self.relay.nudge();
        if call.ended().is_some() {
            self.let_go(call.id);
            self.tell_over(call);
        }
    }

    async fn tell_peer(&self, tx: &mut Tx, call: &Call, party: Party, peer: PeerState) -> Result<(), DbError> {
        let topic = match party {
            Party::Customer => Topic::Staff(call.agent),
            Party::Agent => Topic::Customer(call.dossier),
        };
        outbox::push(tx, &self.ambient, topic, &CallPush::PeerChanged { call_id: call.id, peer }).await?;
        let event = match peer {
            PeerState::Joining | PeerState::Left => return Ok(()),
            PeerState::Connected => "call.connected",
            PeerState::Reconnecting => "call.reconnecting",
        };
        let detail = serde_json::json!({ "call": call.id, "party": party });
        dossier::note(tx, &self.ambient, call.dossier, Actor::System, event, detail).await
    }

    async fn tell_live(&self, tx: &mut Tx, call: &Call) -> Result<(), DbError> {
        self.push_both(tx, call, &CallPush::CallChanged { call_id: call.id, state: CallState::Live }).await?;
        dossier::note(tx, &self.ambient, call.dossier, Actor::System, "call.live", serde_json::json!({ "call": call.id })).await
    }

    async fn tell_ended(&self, tx: &mut Tx, call: &Call, reason: EndReason, actor: Actor) -> Result<(), CallError> {
        self.close_stills(tx, call.id).await?;
        self.checks.close(tx, call.id, call.dossier, Actor::System).await?;
        let captions = self.captions(tx, call).await?;
        self.recordings.stop(tx, call.id, captions, self.is_here(call)).await?;
        self.nodes.release(tx, &call.node).await?;
        self.file_quality(tx, call.id).await?;
        let seconds = (self.ambient.now() - call.started_at).num_seconds();
        let detail = serde_json::json!({ "call": call.id, "reason": reason, "seconds": seconds });
        dossier::note(tx, &self.ambient, call.dossier, actor, "call.ended", detail).await?;
        match reason {
            EndReason::HungUp => self.move_file(tx, call, Step::HangUp, actor).await?,
            EndReason::CustomerLost => self.move_file(tx, call, Step::LoseCall, actor).await?,
            EndReason::AgentLost | EndReason::ServerLost | EndReason::RecorderFailed => {}
        }
        self.push_both(tx, call, &CallPush::CallEnded { call_id: call.id, reason: reason.name().to_owned() }).await?;
        let Call { id, dossier, ticket, agent, .. } = *call;
        let event = DomainEvent::CallEnded { call: id, dossier, ticket, agent, requeue: reason.requeues() };
        Ok(outbox::event(tx, &self.ambient, &event).await?)
    }

    /// Moves the file on and tells its customer. A file that is decided already stays as it is.
    async fn move_file(&self, tx: &mut Tx, call: &Call, step: Step, actor: Actor) -> Result<(), CallError> {
        let Some(file) = dossier::find_in(tx, call.dossier).await? else { return Ok(()) };
        match dossier::advance(tx, &self.ambient, &file, step, actor, serde_json::json!({ "call": call.id })).await {
            Ok(file) => Ok(outbox::push(tx, &self.ambient, Topic::Customer(file.id), &IntakePush::ApplicationChanged { state: file.state }).await?),
            Err(AdvanceError::Refused(_)) => Ok(()),
            Err(AdvanceError::Conflict) => Err(CallError::Conflict),
            Err(AdvanceError::Db(error)) => Err(error.into()),
        }
    }

    pub(super) async fn push_both(&self, tx: &mut Tx, call: &Call, message: &CallPush) -> Result<(), DbError> {
        outbox::push(tx, &self.ambient, Topic::Customer(call.dossier), message).await?;
        outbox::push(tx, &self.ambient, Topic::Staff(call.agent), message).await
    }

    /// Ends what nobody came back to, here and at nodes that are gone. `run` calls it every second.
    ///
    /// # Errors
    /// The first call's that could not be looked after.
    pub async fn tick(&self) -> Result<(), CallError> {
        let now = self.ambient.now();
        // What has media here is looked up first: a call that opens meanwhile is not among it.
        let carried = self.carried();
        let open = store::open_at(&self.db, self.nodes.name()).await?;
        self.part_from_others(carried, &open).await?;
        for call in open {
            if call.life.after(Happening::Tick, now, self.patience()).is_ok_and(|(life, _)| life != call.life) {
                match self.turn(call.id, Happening::Tick, Actor::System).await {
                    Ok(_) | Err(CallError::Over) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.nodes.look().await?;
        self.look_after_orphans().await
    }

    /// Ends every open call of this node. The customers return to the front of the queue.
    ///
    /// # Errors
    /// The first call's that could not be ended.
    async fn end_all(&self, reason: EndReason) -> Result<usize, CallError> {
        let open = store::open_at(&self.db, self.nodes.name()).await?;
        for call in &open {
            self.end(call.id, reason, Actor::System).await?;
        }
        Ok(open.len())
    }

    /// At a stop: waits for running calls to end, `grace` at most, and hands the others to another server, or ends them if there is
    /// none.
    ///
    /// # Errors
    /// The first call's that could not be ended.
    pub async fn drain(&self, grace: std::time::Duration) -> Result<(), CallError> {
        self.nodes.beat().await?;
        let patience = tokio::time::Instant::now() + grace;
        while self.open_count().await? > 0 && tokio::time::Instant::now() < patience {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        if self.nodes.has_others().await? {
            let moved = self.hand_over_all().await?;
            if moved > 0 {
                tracing::info!(moved, "calls go on at another server");
            }
        }
        let ended = self.end_all(EndReason::ServerLost).await?;
        if ended > 0 {
            tracing::warn!(ended, "calls were ended because the server stops");
        }
        Ok(())
    }

    /// Watches over calls until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut events = self.sfu.subscribe();
        let mut wholes = self.wholes.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut filing = tokio::time::interval(std::time::Duration::from_secs(10));
        filing.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut beat = tokio::time::interval(nodes::BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut tick = tokio::time::interval(std::time::Duration::from_secs(1));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(event) = Self::next_media_event(&mut events) => {
                    if let Err(error) = self.media_event(event).await {
                        tracing::warn!(error = %error, "calls: news of the media server was lost");
                    }
                }
                Some(sent) = next_whole(&mut wholes) => {
                    let calls = self.clone();
                    tokio::spawn(async move { calls.take_sent(sent).await });
                }
                _ = filing.tick() => {
                    if let Err(error) = self.file_qualities().await {
                        tracing::warn!(error = %error, "calls: quality will be filed later");
                    }
                }
                _ = beat.tick() => {
                    self.recordings.watch_room();
                    if let Err(error) = self.beat().await {
                        tracing::warn!(error = %error, "calls: this node could not say that it is alive");
                    }
                }
                _ = tick.tick() => {
                    if let Err(error) = self.tick().await {
                        tracing::warn!(error = %error, "calls: will be looked after again");
                    }
                }
            }
        }
    }
}

/// The next whole picture; never one when somebody else takes them.
async fn next_whole(wholes: &mut Option<mpsc::Receiver<stills::Sent>>) -> Option<stills::Sent> {
    match wholes {
        Some(wholes) => wholes.recv().await,
        None => std::future::pending().await,
    }
}
