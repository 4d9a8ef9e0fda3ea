//! Supervisors who look on: they see and hear both ends of a running call, and neither end is told or disturbed.
//!
//! The line in the journal comes before the first packet, and another one when they have gone. Nothing of an observer is recorded,
//! for an observer sends nothing. Media comes from the server that carries the call, like that of the two ends.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Call, CallError, Calls, life::Life, store, wire::LiveCallView};
use crate::{
    base::{
        db::DbError,
        id::{CallId, Id, StaffId},
    },
    engine::{
        sfu::{FIRST_OBSERVER, Join, JoinError, SfuEvent, What},
        turn::IceServer,
    },
    registry::audit::{self, Act, Actor},
};

/// How many may look on at one call.
const MOST: u8 = 3;

/// Who sits in which observer's seat, of the calls this server carries.
pub(super) type Observers = Arc<Mutex<HashMap<(CallId, u8), StaffId>>>;

impl Calls {
    /// The calls going on now, oldest first: for whoever may look on.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn live(&self) -> Result<Vec<LiveCallView>, DbError> {
        let calls = store::open_with_agents(&self.db).await?;
        let view = |(call, agent_name): (Call, String)| LiveCallView {
            call_id: call.id,
            agent_id: call.agent,
            agent_name,
            started_at: call.started_at,
            is_live: matches!(call.life, Life::Live { .. }),
        };
        Ok(calls.into_iter().map(view).collect())
    }

    /// Relays for one who looks on.
    pub fn observer_servers(&self, staff: StaffId) -> Vec<IceServer> {
        self.turn.ice_servers(self.ambient.now(), &format!("observer-{staff}"))
    }

    /// Answers the offer of somebody who looks on at a call that is not their own; the journal has its line before.
    ///
    /// # Errors
    /// [`CallError::Unknown`], [`CallError::Over`], [`CallError::BadOffer`], [`CallError::NoMedia`] also when enough look on.
    pub async fn observe(&self, staff: StaffId, id: CallId, offer: String) -> Result<String, CallError> {
        let call = self.find(id).await?.filter(|call| call.agent != staff).ok_or(CallError::Unknown)?;
        if call.ended().is_some() {
            return Err(CallError::Over);
        }
        self.journal(&call, staff, "call.viewed").await?;
        if self.is_here(&call) { self.observe_here(staff, id, offer).await } else { self.observe_there(&call.node, staff, id, offer).await }
    }

    /// The same at the server that carries the call.
    pub(super) async fn observe_here(&self, staff: StaffId, id: CallId, offer: String) -> Result<String, CallError> {
        let seat = self.take_seat(staff, id).ok_or(CallError::NoMedia)?;
        let done = self.sfu.join(Join { room: id.uuid().as_u128(), seat, offer, tap: None, ear: None }).await;
        let is_over = self.find(id).await?.is_none_or(|call| call.ended().is_some() || !self.is_here(&call));
        if is_over || done.is_err() {
            self.sfu.leave(id.uuid().as_u128(), seat);
            self.observers().remove(&(id, seat));
        }
        match done {
            Ok(_) if is_over => Err(CallError::Over),
            Ok(answer) => Ok(answer),
            Err(JoinError::BadOffer) => Err(CallError::BadOffer),
            Err(JoinError::NoTap | JoinError::Full | JoinError::Stopped) => Err(CallError::NoMedia),
        }
    }

    /// The seat this person has already, or a free one.
    fn take_seat(&self, staff: StaffId, id: CallId) -> Option<u8> {
        let mut observers = self.observers();
        let seats = || FIRST_OBSERVER..FIRST_OBSERVER + MOST;
        let own = seats().find(|seat| observers.get(&(id, *seat)) == Some(&staff));
        let seat = own.or_else(|| seats().find(|seat| !observers.contains_key(&(id, *seat))))?;
        observers.insert((id, seat), staff);
        Some(seat)
    }

    /// What the SFU tells of an observer: only that one has gone counts.
    pub(super) async fn observer_event(&self, event: SfuEvent) -> Result<(), CallError> {
        let id = CallId::from_uuid(uuid::Uuid::from_u128(event.room));
        if event.what != What::Gone {
            return Ok(());
        }
        let gone = self.observers().remove(&(id, event.seat));
        if let (Some(staff), Some(call)) = (gone, self.find(id).await?) {
            self.journal(&call, staff, "call.observation_ended").await?;
        }
        Ok(())
    }

    async fn journal(&self, call: &Call, staff: StaffId, act: &str) -> Result<(), DbError> {
        let detail = serde_json::json!({ "call": call.id });
        let act = Act { actor: Actor::Staff(staff), act, dossier: Some(call.dossier), purpose: Some("supervision"), detail };
        let mut tx = self.db.begin().await?;
        audit::write(&mut tx, &self.ambient, act).await?;
        tx.commit().await
    }

    fn observers(&self) -> std::sync::MutexGuard<'_, HashMap<(CallId, u8), StaffId>> {
        self.observers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
