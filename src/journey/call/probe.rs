//! Calls an operator's probe makes with itself, to see that calls work: the same opening, signalling, media and recording
//! as any call, without a customer, a place in the line or a desk.
//!
//! The file of a probe stays a draft with nothing in it: no search finds it and nobody decides it. When the probe has
//! seen its recording filed, everything is removed but the lines of the journal.

use super::{Call, CallError, Calls, OpenCallError, Opening, Who, life::EndReason, store};
use crate::{
    base::id::{CallId, DossierId, StaffId, TicketId},
    journey::review::wire::RecordingView,
    registry::{
        audit::{self, Act, Actor},
        dossier,
    },
};

/// A probe's call, just opened.
#[derive(Debug, Clone, Copy)]
pub struct ProbeCall {
    /// The call.
    pub call: CallId,
    /// The empty file it belongs to.
    pub dossier: DossierId,
}

impl Calls {
    /// Opens a call of a probe with itself. What an earlier probe of this account left behind is removed first.
    ///
    /// # Errors
    /// [`OpenCallError::Busy`] while this account is in a call that cannot be removed yet.
    pub async fn open_probe(&self, probe: StaffId) -> Result<ProbeCall, OpenCallError> {
        for left in store::of_agent(&self.db, probe).await? {
            match self.remove_probe(probe, left.id).await {
                Ok(()) | Err(CallError::Unknown | CallError::NotSealed) => {}
                Err(CallError::Db(error)) => return Err(error.into()),
                Err(error) => tracing::warn!(error = %error, "calls: something of an earlier probe stays"),
            }
        }
        let mut tx = self.db.begin().await?;
        let dossier = dossier::begin(&mut tx, &self.ambient, "en", "UTC").await?.dossier.id;
        let call = self.open(&mut tx, Opening { ticket: self.ambient.id::<TicketId>(), dossier, agent: probe }).await?;
        tx.commit().await?;
        self.relay.nudge();
        Ok(ProbeCall { call, dossier })
    }

    /// How far the recording of a probe's call has come.
    ///
    /// # Errors
    /// [`CallError::Unknown`] for a call that is not this probe's.
    pub async fn probed(&self, probe: StaffId, id: CallId) -> Result<RecordingView, CallError> {
        self.probe_call(probe, id).await?;
        self.recordings.of_call(id).await?.ok_or(CallError::Unknown)
    }

    /// Ends the call of a probe if it still runs, and removes it with its recording and its file.
    ///
    /// # Errors
    /// [`CallError::Unknown`] for a call that is not this probe's, [`CallError::NotSealed`] while its recording is made.
    pub async fn remove_probe(&self, probe: StaffId, id: CallId) -> Result<(), CallError> {
        let call = self.probe_call(probe, id).await?;
        if call.ended().is_none() {
            self.end(id, EndReason::HungUp, Actor::Staff(probe)).await?;
            return Err(CallError::NotSealed);
        }
        let mut tx = self.db.begin().await?;
        if !self.recordings.remove(&mut tx, id).await? {
            return Err(CallError::NotSealed);
        }
        self.checks.remove(&mut tx, id, call.dossier).await?;
        store::delete(&mut tx, id).await?;
        dossier::remove(&mut tx, call.dossier).await?;
        let detail = serde_json::json!({ "call": id });
        audit::write(&mut tx, &self.ambient, Act { actor: Actor::Staff(probe), act: "probe.removed", dossier: None, purpose: None, detail }).await?;
        Ok(tx.commit().await?)
    }

    async fn probe_call(&self, probe: StaffId, id: CallId) -> Result<Call, CallError> {
        self.find(id).await?.filter(|call| Who::Agent(probe).is_in(call)).ok_or(CallError::Unknown)
    }
}
