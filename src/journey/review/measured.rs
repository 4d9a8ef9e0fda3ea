//! What the measured recording does to a decision: it names new flags, and lets an approval count that waited only for it.

use super::{
    Review, ReviewError, decision, store,
    wire::{FiledDecision, LateFlag, Outcome},
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::{CallId, DossierId},
    },
    journey::intake::wire::IntakePush,
    registry::{
        audit::Actor,
        dossier::{self, State, Step},
        outbox::{self, Consumer, DomainEvent, Topic},
        staff::Signed,
    },
};

#[async_trait::async_trait]
impl Consumer for Review {
    async fn consume(&self, event: &DomainEvent) -> Result<(), DbError> {
        let DomainEvent::ChecksMeasured { call } = *event else { return Ok(()) };
        match self.measured(call).await {
            Err(ReviewError::Db(error)) => Err(error),
            Err(error) => {
                // The approval goes on waiting: a second person can still give the word.
                tracing::error!(call.id = %call, error = %error, "review: a measured call could not be taken up");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

impl Review {
    /// Takes up what was measured. May come twice: what no longer waits stays as it is.
    async fn measured(&self, call: CallId) -> Result<(), ReviewError> {
        let parts = &self.0;
        let Some(dossier) = parts.calls.find(call).await?.map(|call| call.dossier) else { return Ok(()) };
        let mut tx = parts.db.begin().await?;
        let Some(filed) = store::of_call_in(&mut tx, call).await? else { return Ok(()) };
        let FiledDecision { outcome, reason, waits_for_second, flags: known, .. } = filed.view;
        let flags = self.flags(&mut tx, dossier, call).await?;
        let is_suspected = outcome == Outcome::Suspect;
        let still_waits = waits_for_second && (is_suspected || decision::needs_second(parts.checks.four_eyes(&mut tx, call).await?, &flags));
        store::reflag(&mut tx, call, &flags, still_waits).await?;
        if !waits_for_second {
            self.raise_late(&mut tx, (dossier, call), &known, &flags).await?;
        }
        if waits_for_second && !still_waits {
            let mut file = dossier::find_in(&mut tx, dossier).await?.ok_or(ReviewError::Unknown)?;
            file.outcome = Some(reason.clone());
            let detail = serde_json::json!({ "call": call, "reason": reason, "measured": true });
            let file = dossier::advance(&mut tx, &parts.ambient, &file, Step::Approve, Actor::System, detail).await?;
            outbox::push(&mut tx, &parts.ambient, Topic::Customer(dossier), &IntakePush::ApplicationChanged { state: file.state }).await?;
        }
        tx.commit().await?;
        parts.relay.nudge();
        Ok(())
    }

    /// What the recording says against an approval that counts already goes onto the list of supervisors.
    async fn raise_late(&self, tx: &mut Tx, (dossier, call): (DossierId, CallId), known: &[String], flags: &[String]) -> Result<(), ReviewError> {
        let late: Vec<&str> = flags.iter().map(String::as_str).filter(|flag| *flag == "measured_otherwise" && !known.iter().any(|one| one == flag)).collect();
        let is_approved = dossier::find_in(tx, dossier).await?.is_some_and(|file| file.state == State::Approved);
        if late.is_empty() || !is_approved {
            return Ok(());
        }
        if store::more::raise_late(tx, dossier, call, &late.join(","), self.0.ambient.now()).await? {
            let detail = serde_json::json!({ "call": call, "flags": late });
            dossier::note(tx, &self.0.ambient, dossier, Actor::System, "decision.contradicted", detail).await?;
            self.0.persons.tell_risk(tx).await?;
        }
        Ok(())
    }

    /// What speaks against approvals that count already and no supervisor has looked at, oldest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn late_flags(&self) -> Result<Vec<LateFlag>, DbError> {
        store::more::late_flags(&self.0.db).await
    }

    /// A supervisor has looked. Looking twice is looking once.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] when there was nothing to look at.
    pub async fn see_late(&self, signed: &Signed, call: CallId) -> Result<(), ReviewError> {
        let mut tx = self.0.db.begin().await?;
        let dossier = store::more::see_late(&mut tx, call, signed.id, self.0.ambient.now()).await?.ok_or(ReviewError::Unknown)?;
        let detail = serde_json::json!({ "call": call });
        dossier::note(&mut tx, &self.0.ambient, dossier, Actor::Staff(signed.id), "decision.contradiction_seen", detail).await?;
        self.0.persons.tell_risk(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}
