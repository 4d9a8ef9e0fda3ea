//! The door of the call room: opening, looking, talking, ending. What a change sets off is in [`super::turn`].

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};

use super::{
    Call, CallError, OpenCallError, Opening, Settings, Who,
    life::{EndReason, Epochs, Happening, Life},
    observe::Observers,
    quality::marks::{Ledger, Viewer},
    rehearsal, stills, store,
    turn::TRIES,
    wire::{CallPush, CallState, CallView, ChatLine, Party},
};
use crate::{
    base::{
        Ambient, Pii,
        db::{Db, DbError, Tx},
        id::{CallId, DossierId, StaffId},
    },
    engine::{reader::Reader, sfu::Sfu, turn::TurnSettings, vault::Vault},
    journey::{
        checks::{
            Asking, Before, Check, Checks,
            wire::{AskCheck, CheckKind, CheckView},
        },
        recording::Recordings,
    },
    registry::{
        audit::Actor,
        dossier,
        nodes::Nodes,
        outbox::{self, Hub, Relay, Topic},
        person::Persons,
    },
};

/// Longest line of chat, in characters.
const CHAT_CHARACTERS: usize = 1000;

/// What the room is built of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Time and randomness.
    pub ambient: Ambient,
    /// Open pages.
    pub hub: Hub,
    /// The outbox.
    pub relay: Relay,
    /// A next room: what is asked in a call.
    pub checks: Checks,
    /// A next room: what is kept of a call.
    pub recordings: Recordings,
    /// Sealed files.
    pub vault: Vault,
    /// Decodes photographs in children.
    pub reader: Reader,
    /// Passes media on.
    pub sfu: Sfu,
    /// The servers of the house.
    pub nodes: Nodes,
    /// Who a file is about.
    pub persons: Persons,
    /// Section `call`.
    pub settings: Settings,
    /// Section `turn`.
    pub turn: TurnSettings,
}

/// A newer page of the same person joined; older ones stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takeover {
    /// The call.
    pub call: CallId,
    /// Which end.
    pub party: Party,
    /// The page that joined.
    pub epoch: i64,
}

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Calls {
    pub(super) db: Db,
    pub(super) ambient: Ambient,
    pub(super) hub: Hub,
    pub(super) relay: Relay,
    pub(super) checks: Checks,
    pub(super) recordings: Recordings,
    pub(super) vault: Vault,
    pub(super) reader: Reader,
    pub(super) sfu: Sfu,
    pub(super) nodes: Nodes,
    /// Calls that have media here.
    pub(super) carried: Arc<Mutex<HashSet<CallId>>>,
    pub(super) persons: Persons,
    pub(super) settings: Arc<Settings>,
    pub(super) turn: Arc<TurnSettings>,
    pub(super) echoes: Arc<tokio::sync::Semaphore>,
    pub(super) transfers: stills::Transfers,
    pub(super) whole: mpsc::Sender<stills::Sent>,
    /// Taken by whoever looks after calls.
    pub(super) wholes: Arc<Mutex<Option<mpsc::Receiver<stills::Sent>>>>,
    pub(super) qualities: Arc<Mutex<HashMap<(CallId, Party, Viewer), Ledger>>>,
    pub(super) takeovers: broadcast::Sender<Takeover>,
    pub(super) observers: Observers,
}

impl Calls {
    /// The room over what it needs.
    pub fn new(parts: Parts) -> Self {
        let Parts { db, ambient, hub, relay, checks, recordings, vault, reader, sfu, nodes, persons, settings, turn } = parts;
        let (whole, wholes) = mpsc::channel(stills::WAITING);
        Self {
            db,
            ambient,
            hub,
            relay,
            checks,
            recordings,
            vault,
            reader,
            sfu,
            nodes,
            carried: Arc::default(),
            persons,
            settings: Arc::new(settings),
            turn: Arc::new(turn),
            echoes: Arc::new(tokio::sync::Semaphore::new(rehearsal::ECHOES)),
            transfers: stills::Transfers::default(),
            whole,
            wholes: Arc::new(Mutex::new(Some(wholes))),
            qualities: Arc::default(),
            takeovers: broadcast::channel(64).0,
            observers: Observers::default(),
        }
    }

    /// Opens a call within the transaction in which the queue accepts: the row (one open call per agent and per file),
    /// its recording, a line of the timeline and the push `call_started`. The caller advances the file.
    ///
    /// # Errors
    /// [`OpenCallError::Busy`] when the agent or the customer is in a call, [`OpenCallError::Full`]; the transaction must then be
    /// dropped.
    pub async fn open(&self, tx: &mut Tx, opening: Opening) -> Result<CallId, OpenCallError> {
        let Opening { ticket, dossier, agent } = opening;
        let now = self.ambient.now();
        let node = self.nodes.reserve(tx).await?.ok_or(OpenCallError::Full)?;
        let call = Call {
            id: self.ambient.id(),
            version: 1,
            ticket,
            dossier,
            agent,
            node,
            life: Life::begin(now),
            customer_epochs: Epochs::default(),
            agent_epochs: Epochs::default(),
            started_at: now,
        };
        let file = dossier::find_in(tx, dossier).await?;
        let redo_item = file.as_ref().and_then(|file| file.redo_item.as_deref());
        let before = store::last_of_dossier_in(tx, dossier).await?.map(|last| Before {
            call: last.id,
            lost_at: last.ended().filter(|(_, reason)| *reason != EndReason::HungUp).map(|(at, _)| at),
            is_redo: redo_item.is_some(),
            redo: redo_item.and_then(|item| item.parse::<CheckKind>().ok()),
        });
        store::insert(tx, &call).await.map_err(|error| if matches!(error, DbError::Unique) { OpenCallError::Busy } else { error.into() })?;
        self.recordings.open(tx, call.id, dossier).await?;
        Self::take_rehearsal(tx, dossier, call.id).await?;
        self.checks.open(tx, call.id, dossier, before.as_ref()).await?;
        if let Some(file) = &file {
            self.persons.look_up(tx, call.id, file).await?;
        }
        let detail = serde_json::json!({ "call": call.id, "ticket": ticket, "agent": agent });
        dossier::note(tx, &self.ambient, dossier, Actor::Staff(agent), "call.started", detail).await?;
        let agent_name = store::agent_name_in(tx, agent).await?;
        outbox::push(tx, &self.ambient, Topic::Customer(dossier), &CallPush::CallStarted { call_id: call.id, agent_name }).await?;
        Ok(call.id)
    }

    /// One call.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn find(&self, id: CallId) -> Result<Option<Call>, DbError> {
        store::find(&self.db, id).await
    }

    /// The call this person is in, if any.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn current(&self, who: Who) -> Result<Option<Call>, DbError> {
        match who {
            Who::Customer(dossier) => store::open_of_dossier(&self.db, dossier).await,
            Who::Agent(agent) => store::open_of_agent(&self.db, agent).await,
        }
    }

    /// All calls of a file, oldest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn of_dossier(&self, dossier: DossierId) -> Result<Vec<Call>, DbError> {
        store::of_dossier(&self.db, dossier).await
    }

    /// The newest call of a file, within a transaction.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn last_in(&self, tx: &mut Tx, dossier: DossierId) -> Result<Option<Call>, DbError> {
        store::last_of_dossier_in(tx, dossier).await
    }

    /// Whether there is room for the recording of another call.
    pub fn has_room(&self) -> bool {
        self.recordings.room().takes_calls
    }

    /// Whether a call could begin this moment: there is room for its recording, and a server that would carry it.
    pub fn can_begin(&self) -> bool {
        self.has_room() && self.nodes.has_room()
    }

    /// How many calls are open here.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn open_count(&self) -> Result<usize, DbError> {
        Ok(store::open_at(&self.db, self.nodes.name()).await?.len())
    }

    /// Everything said in writing.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn chat_of(&self, call: CallId) -> Result<Vec<ChatLine>, DbError> {
        store::chat(&self.db, call).await
    }

    /// Name of an agent as shown to customers; empty for an unknown one.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn agent_name(&self, agent: StaffId) -> Result<String, DbError> {
        store::agent_name(&self.db, agent).await
    }

    /// One end looks at its call; a call that is not over issues the page's epoch.
    ///
    /// # Errors
    /// [`CallError::Unknown`] when it is no call of this person.
    pub async fn look(&self, who: Who, id: CallId) -> Result<CallView, CallError> {
        let mut looked = self.try_to_look(who, id).await;
        for _ in 1..TRIES {
            // Both ends look at once when their call is set up anew.
            if !matches!(looked, Err(CallError::Conflict)) {
                break;
            }
            looked = self.try_to_look(who, id).await;
        }
        looked
    }

    async fn try_to_look(&self, who: Who, id: CallId) -> Result<CallView, CallError> {
        let mut tx = self.db.begin().await?;
        let mut call = store::find_in(&mut tx, id).await?.filter(|call| who.is_in(call)).ok_or(CallError::Unknown)?;
        if call.ended().is_none() {
            call.version += 1;
            let epochs = call.epochs_mut(who.party());
            *epochs = epochs.issue();
            if !store::update(&mut tx, &call).await? {
                return Err(CallError::Conflict);
            }
            tx.commit().await?;
        }
        let epoch = call.epochs(who.party()).issued;
        let ice_servers = self.turn.ice_servers(self.ambient.now(), &format!("{id}-{}", who.party().name()));
        Ok(CallView { ice_servers, ..self.view(&call, who.party(), epoch).await? })
    }

    /// Somebody who is no end of the call looks at it, as the agent sees it.
    ///
    /// # Errors
    /// [`CallError::Unknown`].
    pub async fn look_from_outside(&self, id: CallId) -> Result<CallView, CallError> {
        let call = self.find(id).await?.ok_or(CallError::Unknown)?;
        Ok(self.view(&call, Party::Agent, 0).await?)
    }

    async fn view(&self, call: &Call, party: Party, epoch: i64) -> Result<CallView, DbError> {
        Ok(CallView {
            id: call.id,
            epoch,
            media_run: self.nodes.run_of(&call.node).await?,
            state: call.life.state(),
            agent_name: self.agent_name(call.agent).await?,
            started_at: call.started_at,
            peer: call.life.seen(party.other()),
            chat: self.chat_of(call.id).await?,
            checks: self.checks.of_call(call.id).await?.iter().map(if party == Party::Agent { Check::view } else { Check::customer_view }).collect(),
            plan: self.checks.plan_view(call.id).await?,
            stills: self.stills_of(call.id).await?.iter().map(stills::still::Still::view).collect(),
            hints: if party == Party::Agent { self.checks.hints(call.id).await? } else { Vec::new() },
            comparison: if party == Party::Agent { self.checks.comparison(call.id).await? } else { Vec::new() },
            ice_servers: Vec::new(),
        })
    }

    /// A line of chat: filed, and told to both ends.
    ///
    /// # Errors
    /// [`CallError::Unknown`], [`CallError::Over`], [`CallError::BadChat`].
    pub async fn say(&self, who: Who, id: CallId, text: &Pii<String>) -> Result<(), CallError> {
        let text = text.expose().trim();
        if text.is_empty() || text.chars().count() > CHAT_CHARACTERS || text.contains('\0') {
            return Err(CallError::BadChat);
        }
        let mut tx = self.db.begin().await?;
        let call = self.running_in(&mut tx, who, id).await?;
        if store::chat_count_in(&mut tx, id).await? >= i64::from(self.settings.chat_lines) {
            return Err(CallError::BadChat);
        }
        let line = ChatLine { id: self.ambient.id(), from: who.party(), text: Pii::new(text.to_owned()), at: self.ambient.now() };
        store::insert_chat(&mut tx, id, &line).await?;
        tx.commit().await?;
        // Straight to the pages: what was said is filed above, and the outbox keeps no personal data.
        let message = CallPush::Chat { call_id: id, line };
        self.hub.publish_json(Topic::Customer(call.dossier), &message);
        self.hub.publish_json(Topic::Staff(call.agent), &message);
        Ok(())
    }

    /// The agent presses Go: after a drawn gap the customer is asked what the draw says, or what the agent chose for a
    /// reason. Only while the call is live.
    ///
    /// # Errors
    /// [`CallError::Unknown`] for somebody else's call, [`CallError::NotLive`], [`CallError::Check`].
    pub async fn ask_check(&self, agent: StaffId, id: CallId, wanted: &AskCheck) -> Result<CheckView, CallError> {
        if wanted.kind.is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(self.checks.gap_ms(id).await?)).await;
        }
        let media_ms = self.media_ms(id).await?;
        let mut tx = self.db.begin().await?;
        let mut call = store::find_in(&mut tx, id).await?.filter(|call| call.agent == agent).ok_or(CallError::Unknown)?;
        if call.life.state() != CallState::Live {
            return Err(CallError::NotLive);
        }
        // Counting the call up keeps it from ending in between.
        call.version += 1;
        if !store::update(&mut tx, &call).await? {
            return Err(CallError::Conflict);
        }
        let view = self.checks.ask(&mut tx, Asking { call: id, dossier: call.dossier, agent, media_ms }, wanted).await?;
        tx.commit().await?;
        self.relay.nudge();
        if view.kind == CheckKind::Code && view.chosen_because.as_deref() != Some("leave_out") {
            // Without an address the check stands open, and its agent sees why no code goes out.
            let _ = self.checks.send_code(view.id, agent, None).await;
        }
        Ok(view)
    }

    /// The customer's page gives its part of the draw.
    ///
    /// # Errors
    /// [`CallError::Unknown`] when there is no call, [`CallError::Check`].
    pub async fn give_nonce(&self, customer: DossierId, nonce: &str) -> Result<(), CallError> {
        let call = self.current(Who::Customer(customer)).await?.ok_or(CallError::Unknown)?;
        Ok(self.checks.give_nonce(call.id, customer, nonce).await?)
    }

    /// One end hangs up. Hanging up twice is fine.
    ///
    /// # Errors
    /// [`CallError::Unknown`] when it is no call of this person.
    pub async fn hang_up(&self, who: Who, id: CallId) -> Result<(), CallError> {
        self.find(id).await?.filter(|call| who.is_in(call)).ok_or(CallError::Unknown)?;
        let actor = match who {
            Who::Customer(dossier) => Actor::Customer(dossier),
            Who::Agent(agent) => Actor::Staff(agent),
        };
        self.end(id, EndReason::HungUp, actor).await
    }

    /// Ends a call. One that is over stays as it is.
    ///
    /// # Errors
    /// [`CallError::Unknown`] or the database's.
    pub async fn end(&self, id: CallId, reason: EndReason, actor: Actor) -> Result<(), CallError> {
        match self.turn(id, Happening::End(reason), actor).await {
            Ok(_) | Err(CallError::Over) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A page of this person opened first, or closed last.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn online(&self, who: Who, is_online: bool) -> Result<(), CallError> {
        let Some(call) = self.current(who).await? else { return Ok(()) };
        let happening = if is_online { Happening::PageOpen(who.party()) } else { Happening::PageGone(who.party()) };
        match self.turn(call.id, happening, Actor::System).await {
            Ok(_) | Err(CallError::Over) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn running_in(&self, tx: &mut Tx, who: Who, id: CallId) -> Result<Call, CallError> {
        let call = store::find_in(tx, id).await?.filter(|call| who.is_in(call)).ok_or(CallError::Unknown)?;
        if call.ended().is_some() { Err(CallError::Over) } else { Ok(call) }
    }

    /// Milliseconds from the start of the recording to now.
    pub(super) async fn media_ms(&self, id: CallId) -> Result<i64, CallError> {
        let started_at = self.recordings.started_at(id).await?.ok_or(CallError::Unknown)?;
        Ok((self.ambient.now() - started_at).num_milliseconds().max(0))
    }
}
