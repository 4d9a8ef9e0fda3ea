//! Photographs in a call: the agent asks, the customer's page takes one with all its camera has and sends it over a data
//! channel of the call, or over HTTPS when that does not work.
//!
//! Both ends hash what was sent; a picture whose hash is not the announced one is not taken. It is then decoded in a
//! sandboxed child and made upright and harmless: what is filed are its pixels, without the place, the device and whatever
//! else a camera writes beside them. Nobody can send what was not asked for. Start reading at [`still`], then [`transfer`].

pub mod still;
mod store;
pub mod transfer;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use self::{
    still::{Camera, DECLINED, Kept, Still, StillState, StillView, StillWay},
    transfer::{LABEL, Step, StillAnswer, Transfer},
};
use super::{
    Call, CallError, Calls, Who,
    wire::{CallPush, CallState, Party},
};
use crate::{
    base::{
        db::{Db, DbError, Tx},
        id::{CallId, DossierId, Id, StaffId, StillId},
    },
    engine::{
        document::{DocumentKind, Side},
        reader::ReaderError,
        sfu::{Ear, Listener, Reply, Said},
        vault::Vault,
    },
    registry::{
        audit::Actor,
        dossier,
        outbox::{self, Hub, Topic},
    },
};

/// Most photographs asked for in one call.
const MOST: i64 = 30;
/// Whole pictures a page may send of one photograph: a wrong hash may be bad luck once or twice.
const TRIES: u8 = 3;

/// Pictures on their way, by call, each with the tries that are left.
pub(super) type Transfers = Arc<Mutex<HashMap<CallId, (Transfer, u8)>>>;

/// A whole picture as it came over a data channel.
pub(super) struct Sent {
    customer: DossierId,
    call: CallId,
    id: StillId,
    bytes: Vec<u8>,
    sha256: String,
}

/// Why a camera is not on.
const TROUBLES: [&str; 6] = ["denied", "in_use", "none", "in_app", "insecure", "unknown"];
/// Whole pictures that wait to be taken; more are refused and come over HTTPS.
pub(super) const WAITING: usize = 8;

/// Removes the photographs of a file whose time is over, sealed files first; how many. Bears repetition.
///
/// # Errors
/// [`CallError::Vault`] or the database's.
pub async fn erase(db: &Db, vault: &Vault, dossier: DossierId) -> Result<usize, CallError> {
    let paths = store::paths_of(db, dossier).await?;
    for path in &paths {
        vault.remove(path).await.map_err(CallError::Vault)?;
    }
    let mut tx = db.begin().await?;
    store::forget(&mut tx, dossier).await?;
    tx.commit().await?;
    Ok(paths.len())
}

impl Calls {
    /// The agent asks for a photograph; one asked for before is withdrawn. Only while the call is live.
    ///
    /// # Errors
    /// [`CallError::Unknown`] for somebody else's call, [`CallError::NotLive`], [`CallError::StillsExhausted`].
    pub async fn ask_still(&self, agent: StaffId, id: CallId, camera: Camera) -> Result<StillView, CallError> {
        let asked_media_ms = self.media_ms(id).await?;
        let mut tx = self.db.begin().await?;
        let mut call = super::store::find_in(&mut tx, id).await?.filter(|call| call.agent == agent).ok_or(CallError::Unknown)?;
        if call.life.state() != CallState::Live {
            return Err(CallError::NotLive);
        }
        // Counting the call up keeps it from ending in between.
        call.version += 1;
        if !super::store::update(&mut tx, &call).await? {
            return Err(CallError::Conflict);
        }
        if let Some(earlier) = store::asked_in(&mut tx, id).await? {
            self.end_still(&mut tx, earlier, StillState::Withdrawn, Some("asked_anew"), None, Actor::Staff(agent)).await?;
        }
        if store::count_in(&mut tx, id).await? >= MOST {
            return Err(CallError::StillsExhausted);
        }
        let still = Still {
            id: self.ambient.id(),
            call: id,
            dossier: call.dossier,
            agent,
            state: StillState::Asked,
            reason: None,
            camera,
            asked_at: self.ambient.now(),
            asked_media_ms,
            ended_media_ms: None,
            kept: None,
        };
        store::insert(&mut tx, &still).await?;
        self.tell_still(&mut tx, &still, Actor::Staff(agent)).await?;
        tx.commit().await?;
        self.await_still(&call, still.id);
        self.relay.nudge();
        Ok(still.view())
    }

    /// The agent does not want a photograph any more. One that has ended stays as it is.
    ///
    /// # Errors
    /// [`CallError::Unknown`] for somebody else's.
    pub async fn withdraw_still(&self, agent: StaffId, id: StillId) -> Result<StillView, CallError> {
        self.close_still(id, |still| still.agent == agent, StillState::Withdrawn, "taken_back", Actor::Staff(agent)).await
    }

    /// The customer's page gives no photograph.
    ///
    /// # Errors
    /// [`CallError::Unknown`] for somebody else's, [`CallError::BadReason`].
    pub async fn decline_still(&self, customer: DossierId, id: StillId, reason: &str) -> Result<StillView, CallError> {
        let reason = DECLINED.into_iter().find(|known| *known == reason).ok_or(CallError::BadReason)?;
        self.close_still(id, |still| still.dossier == customer, StillState::Declined, reason, Actor::Customer(customer)).await
    }

    async fn close_still(
        &self,
        id: StillId,
        is_theirs: impl Fn(&Still) -> bool,
        state: StillState,
        reason: &str,
        actor: Actor,
    ) -> Result<StillView, CallError> {
        let mut tx = self.db.begin().await?;
        let still = store::find_in(&mut tx, id).await?.filter(is_theirs).ok_or(CallError::Unknown)?;
        if still.state != StillState::Asked {
            return Ok(still.view());
        }
        let still = self.end_still(&mut tx, still, state, Some(reason), None, actor).await?;
        tx.commit().await?;
        self.forget_transfer(still.call, id);
        self.relay.nudge();
        Ok(still.view())
    }

    /// Takes a whole picture of the photograph that is asked for, whose sender says it hashes to `sha256`.
    ///
    /// # Errors
    /// [`CallError::StillNotAsked`], [`CallError::StillTooLarge`], [`CallError::WrongHash`], [`CallError::Picture`]: it is
    /// no picture, and no other is taken in its place.
    pub async fn take_still(&self, customer: DossierId, id: StillId, way: StillWay, bytes: Vec<u8>, sha256: &str) -> Result<StillView, CallError> {
        let still = store::find(&self.db, id).await?.filter(|still| still.dossier == customer && still.state == StillState::Asked);
        let still = still.ok_or(CallError::StillNotAsked)?;
        if bytes.len() > self.settings.still_bytes {
            return Err(CallError::StillTooLarge);
        }
        let sent_size = bytes.len() as u64;
        let hashed = tokio::task::spawn_blocking(move || (hex::encode(Sha256::digest(&bytes)), bytes)).await;
        let (sent_sha256, bytes) = hashed.map_err(|_| CallError::StillNotAsked)?;
        if sent_sha256 != sha256 {
            return Err(CallError::WrongHash);
        }
        let kind = dossier::find(&self.db, customer).await?.and_then(|file| file.document_kind).unwrap_or(DocumentKind::Passport);
        let look = match self.reader.look(bytes, kind, Side::Front).await {
            Ok(look) => look,
            Err(error) => {
                if error.is_pictures_fault() {
                    let reason = if error == ReaderError::TooManyPixels { "too_many_pixels" } else { "not_a_picture" };
                    self.close_still(id, |_| true, StillState::Refused, reason, Actor::System).await?;
                }
                return Err(CallError::Picture(error));
            }
        };
        let filed = self.vault.put(&format!("stills/{customer}"), look.normal).await.map_err(CallError::Vault)?;
        let path = filed.path.clone();
        let kept = Kept { way, sent_sha256, sent_size, path: filed.path, sha256: filed.sha256, size: filed.size, width: look.width, height: look.height };
        let done = self.file_taken(still, kept).await;
        if done.is_err()
            && let Err(error) = self.vault.remove(&path).await
        {
            tracing::warn!(still.id = %id, error = %error, "a photograph that is not filed stays in the vault");
        }
        done
    }

    async fn file_taken(&self, still: Still, kept: Kept) -> Result<StillView, CallError> {
        let (call, id, actor) = (still.call, still.id, Actor::Customer(still.dossier));
        let mut tx = self.db.begin().await?;
        let still = self.end_still(&mut tx, still, StillState::Filed, None, Some(kept), actor).await?;
        tx.commit().await?;
        self.forget_transfer(call, id);
        self.relay.nudge();
        Ok(still.view())
    }

    /// All photographs of a call, in the order of asking.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn stills_of(&self, call: CallId) -> Result<Vec<Still>, DbError> {
        store::of_call(&self.db, call).await
    }

    /// One photograph.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn still(&self, id: StillId) -> Result<Option<Still>, DbError> {
        store::find(&self.db, id).await
    }

    /// The picture of a photograph, as sealed; its hash was checked.
    ///
    /// # Errors
    /// [`CallError::Unknown`] when it has none; the vault's.
    pub async fn still_picture(&self, still: &Still) -> Result<Vec<u8>, CallError> {
        let kept = still.kept.as_ref().ok_or(CallError::Unknown)?;
        self.vault.get(&kept.path).await.map_err(CallError::Vault)
    }

    /// Within the transaction that ends a call.
    pub(super) async fn close_stills(&self, tx: &mut Tx, call: CallId) -> Result<(), CallError> {
        match store::asked_in(tx, call).await? {
            Some(still) => self.end_still(tx, still, StillState::Withdrawn, Some("call_over"), None, Actor::System).await.map(drop),
            None => Ok(()),
        }
    }

    /// After a call: nothing of it is under way any more.
    pub(super) fn forget_transfers(&self, call: CallId) {
        self.transfers.lock().unwrap_or_else(PoisonError::into_inner).remove(&call);
    }

    /// A photograph is asked for: the server that carries the call waits for it.
    fn await_still(&self, call: &Call, still: StillId) {
        if self.is_here(call) { self.begin_transfer(call.id, still) } else { self.tell_still_word(call.id, still, true) }
    }

    pub(super) fn begin_transfer(&self, call: CallId, still: StillId) {
        let transfer = (Transfer::of(still, self.settings.still_bytes), TRIES);
        self.transfers.lock().unwrap_or_else(PoisonError::into_inner).insert(call, transfer);
    }

    /// A photograph is not waited for any more, wherever it was.
    fn forget_transfer(&self, call: CallId, still: StillId) {
        self.end_transfer(call, still);
        self.tell_still_word(call, still, false);
    }

    pub(super) fn end_transfer(&self, call: CallId, still: StillId) {
        let mut transfers = self.transfers.lock().unwrap_or_else(PoisonError::into_inner);
        if transfers.get(&call).is_some_and(|(transfer, _)| transfer.id() == still) {
            transfers.remove(&call);
        }
    }

    async fn end_still(
        &self,
        tx: &mut Tx,
        still: Still,
        state: StillState,
        reason: Option<&str>,
        kept: Option<Kept>,
        actor: Actor,
    ) -> Result<Still, CallError> {
        let now = self.ambient.now();
        let still = still.ended(state, reason, kept, now).ok_or(CallError::StillNotAsked)?;
        if !store::end(tx, &still, now).await? {
            return Err(CallError::StillNotAsked);
        }
        self.tell_still(tx, &still, actor).await?;
        Ok(still)
    }

    async fn tell_still(&self, tx: &mut Tx, still: &Still, actor: Actor) -> Result<(), DbError> {
        let kept = still.kept.as_ref();
        let detail = json!({
            "call": still.call, "still": still.id, "camera": still.camera, "reason": still.reason,
            "media_ms": still.ended_media_ms.unwrap_or(still.asked_media_ms),
            "sent_sha256": kept.map(|kept| &kept.sent_sha256), "sha256": kept.map(|kept| &kept.sha256),
        });
        dossier::note(tx, &self.ambient, still.dossier, actor, &format!("still.{}", still.state.name()), detail).await?;
        let message = CallPush::StillChanged { call_id: still.call, still: still.view() };
        outbox::push(tx, &self.ambient, Topic::Customer(still.dossier), &message).await?;
        outbox::push(tx, &self.ambient, Topic::Staff(still.agent), &message).await
    }

    /// Who hears what an end of a call says on data channels: only the customer has something to say. A photograph that is
    /// asked for is waited for, whatever happened to the process that asked.
    pub(super) async fn ear(&self, who: Who, id: CallId) -> Result<Option<Ear>, CallError> {
        let Who::Customer(customer) = who else { return Ok(None) };
        let call = self.find(id).await?.ok_or(CallError::Unknown)?;
        if let Some(still) = self.stills_of(id).await?.into_iter().find(|still| still.state == StillState::Asked) {
            let mut transfers = self.transfers.lock().unwrap_or_else(PoisonError::into_inner);
            transfers.entry(id).or_insert_with(|| (Transfer::of(still.id, self.settings.still_bytes), TRIES));
        }
        let (transfers, hub, whole) = (Arc::clone(&self.transfers), self.hub.clone(), self.whole.clone());
        Ok(Some(Box::new(StillEar { transfers, hub, whole, customer, call: id, agent: call.agent })))
    }
}

/// Which camera of the customer is on.
#[derive(Debug, Clone)]
pub struct CameraNews {
    /// Which.
    pub camera: Camera,
    /// Whether it has a lamp.
    pub has_torch: bool,
    /// Whether the lamp is on.
    pub torch: bool,
    /// Why the one that was asked for is not on.
    pub trouble: Option<String>,
}

impl Calls {
    /// The agent asks for a camera of the customer, with or without its lamp. That it was asked for is filed.
    ///
    /// # Errors
    /// [`CallError::Unknown`] for anybody but the agent of the call, [`CallError::Over`].
    pub async fn ask_camera(&self, who: Who, id: CallId, camera: Camera, torch: bool) -> Result<(), CallError> {
        let Who::Agent(agent) = who else { return Err(CallError::Unknown) };
        let mut tx = self.db.begin().await?;
        let call = self.running_in(&mut tx, who, id).await?;
        let detail = json!({ "call": id, "camera": camera, "torch": torch });
        dossier::note(&mut tx, &self.ambient, call.dossier, Actor::Staff(agent), "camera.asked", detail).await?;
        tx.commit().await?;
        self.hub.publish_json(Topic::Customer(call.dossier), &CallPush::CameraAsked { call_id: id, camera, torch });
        Ok(())
    }

    /// The customer's page tells which camera is on.
    ///
    /// # Errors
    /// [`CallError::Unknown`] for anybody but the customer of the call, [`CallError::Over`], [`CallError::BadReason`].
    pub async fn tell_camera(&self, who: Who, id: CallId, news: CameraNews) -> Result<(), CallError> {
        let CameraNews { camera, has_torch, torch, trouble } = news;
        if trouble.as_deref().is_some_and(|trouble| !TROUBLES.contains(&trouble)) {
            return Err(CallError::BadReason);
        }
        let call = self.find(id).await?.filter(|call| matches!(who, Who::Customer(_)) && who.is_in(call)).ok_or(CallError::Unknown)?;
        if call.ended().is_some() {
            return Err(CallError::Over);
        }
        self.hub.publish_json(Topic::Staff(call.agent), &CallPush::CameraChanged { call_id: id, camera, has_torch, torch, trouble });
        Ok(())
    }
}

/// Puts together what a customer's page sends. It lives on the media thread and must not keep the media server alive.
struct StillEar {
    transfers: Transfers,
    hub: Hub,
    whole: mpsc::Sender<Sent>,
    customer: DossierId,
    call: CallId,
    agent: StaffId,
}

impl Listener for StillEar {
    fn hear(&mut self, said: &Said<'_>) -> Reply {
        if said.label != LABEL {
            return Reply::Nothing;
        }
        let mut transfers = self.transfers.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((transfer, tries)) = transfers.get_mut(&self.call) else { return refusal(None, "not_asked") };
        let id = transfer.id();
        match if said.is_text { transfer.text(said.bytes) } else { transfer.piece(said.bytes) } {
            Step::Quiet => Reply::Nothing,
            Step::Say(answer) => {
                if let (StillAnswer::Got { .. }, Some((received, size))) = (&answer, transfer.progress()) {
                    let message = CallPush::StillProgress { call_id: self.call, id, received, size };
                    self.hub.publish_json(Topic::Staff(self.agent), &message);
                }
                reply(&answer)
            }
            Step::Whole(bytes, sha256) => {
                let Some(left) = tries.checked_sub(1) else { return refusal(Some(id), "unavailable") };
                *tries = left;
                let sent = Sent { customer: self.customer, call: self.call, id, bytes, sha256 };
                if self.whole.try_send(sent).is_ok() { Reply::Nothing } else { refusal(Some(id), "unavailable") }
            }
        }
    }
}

impl Calls {
    /// A picture is whole: takes it, and tells the page on its channel what came of it.
    pub(super) async fn take_sent(&self, sent: Sent) {
        let Sent { customer, call, id, bytes, sha256 } = sent;
        let answer = match self.take_still(customer, id, StillWay::Channel, bytes, &sha256).await {
            Ok(_) => StillAnswer::Done { id },
            Err(error) => {
                let code = match error {
                    CallError::WrongHash => "wrong_hash",
                    CallError::StillTooLarge => "too_large",
                    CallError::StillNotAsked | CallError::Unknown => "not_asked",
                    CallError::Picture(error) if error.is_pictures_fault() => "not_a_picture",
                    error => {
                        tracing::warn!(still.id = %id, error = %error, "a photograph could not be taken");
                        "unavailable"
                    }
                };
                StillAnswer::Refused { id: Some(id), code: code.to_owned() }
            }
        };
        self.sfu.say(call.uuid().as_u128(), Party::Customer.seat(), LABEL, text(&answer));
    }
}

fn refusal(id: Option<StillId>, code: &str) -> Reply {
    reply(&StillAnswer::Refused { id, code: code.to_owned() })
}

fn reply(answer: &StillAnswer) -> Reply {
    Reply::Text(text(answer))
}

fn text(answer: &StillAnswer) -> String {
    serde_json::to_string(answer).expect("wire types serialise")
}
