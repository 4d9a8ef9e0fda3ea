//! What the measured recording does to a decision: it names new flags, and lets an approval count that waited only for it.

use super::{Review, ReviewError, decision, store, wire::FiledDecision};
use crate::{
    base::{db::DbError, id::CallId},
    journey::intake::wire::IntakePush,
    registry::{
        audit::Actor,
        dossier,
        outbox::{self, Consumer, DomainEvent, Topic},
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
        let FiledDecision { outcome, reason, waits_for_second, .. } = filed.view;
        let flags = self.flags(&mut tx, dossier, call).await?;
        let still_waits = waits_for_second && decision::needs_second(parts.checks.four_eyes(&mut tx, call).await?, &flags);
        store::reflag(&mut tx, call, &flags, still_waits).await?;
        if waits_for_second && !still_waits {
            let mut file = dossier::find_in(&mut tx, dossier).await?.ok_or(ReviewError::Unknown)?;
            file.outcome = Some(reason.clone());
            let detail = serde_json::json!({ "call": call, "reason": reason, "measured": true });
            let file = dossier::advance(&mut tx, &parts.ambient, &file, outcome.step(), Actor::System, detail).await?;
            outbox::push(&mut tx, &parts.ambient, Topic::Customer(dossier), &IntakePush::ApplicationChanged { state: file.state }).await?;
        }
        tx.commit().await?;
        parts.relay.nudge();
        Ok(())
    }
}
