//! Deciding: the agent's word on the own call.

use super::{
    Review, ReviewError,
    decision::{self, Ruling},
    store,
    wire::{Decide, FiledDecision, Outcome, SecondOpinion},
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::{CallId, DossierId, ObjectId},
    },
    journey::intake::wire::IntakePush,
    registry::{
        audit::Actor,
        dossier::{self, Refused},
        outbox::{self, DomainEvent, Topic},
        staff::Signed,
    },
};

/// How often a decision is tried again after somebody else's change.
const TRIES: u32 = 5;

impl Review {
    /// Files the decision of the agent of the file's last call; ends that call if it still runs. Sending the same decision
    /// twice answers what was filed.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] for somebody else's file, [`ReviewError::Incomplete`], [`ReviewError::ChecksMissing`],
    /// [`ReviewError::Decided`], [`ReviewError::NotNow`].
    pub async fn decide(&self, signed: &Signed, id: DossierId, decide: &Decide) -> Result<FiledDecision, ReviewError> {
        for _ in 0..TRIES {
            match self.try_decide(signed, id, decide).await {
                Err(ReviewError::Conflict | ReviewError::Db(DbError::Unique)) => {}
                done => return done,
            }
        }
        Err(ReviewError::Conflict)
    }

    async fn try_decide(&self, signed: &Signed, id: DossierId, decide: &Decide) -> Result<FiledDecision, ReviewError> {
        let parts = &self.0;
        let mut tx = parts.db.begin().await?;
        let file = dossier::find_in(&mut tx, id).await?.ok_or(ReviewError::Unknown)?;
        let call = parts.calls.last_in(&mut tx, id).await?.filter(|call| call.agent == signed.id).ok_or(ReviewError::Unknown)?;
        let ruling = decision::ruling(decide).map_err(ReviewError::Incomplete)?;
        if let Some(filed) = store::of_call_in(&mut tx, call.id).await? {
            return if is_same(&filed, signed, &ruling) { Ok(filed.view) } else { Err(ReviewError::Decided) };
        }
        if !decision::is_undecided(file.state) {
            return Err(Refused { from: file.state, wanted: ruling.outcome.step() }.into());
        }
        if ruling.outcome == Outcome::Approve {
            let missing = parts.checks.missing(&mut tx, call.id).await?;
            if !missing.is_empty() {
                return Err(ReviewError::ChecksMissing(missing));
            }
        }
        let actor = Actor::Staff(signed.id);
        let flags = self.flags(&mut tx, id, call.id).await?;
        let four_eyes = parts.checks.four_eyes(&mut tx, call.id).await?;
        let needs_second = ruling.outcome == Outcome::Approve && decision::needs_second(four_eyes, &flags);
        let ended = parts.calls.hang_up_in(&mut tx, id, actor).await?;
        let mut file = dossier::find_in(&mut tx, id).await?.ok_or(ReviewError::Unknown)?;
        let detail = serde_json::json!({ "call": call.id, "reason": ruling.reason, "has_note": ruling.note.is_some(), "flags": flags });
        if needs_second {
            dossier::note(&mut tx, &parts.ambient, id, actor, "decision.proposed", detail).await?;
        } else {
            file.outcome = Some(ruling.reason.to_owned());
            file = dossier::advance(&mut tx, &parts.ambient, &file, ruling.outcome.step(), actor, detail).await?;
        }
        let at = parts.ambient.now();
        let place = store::Place { dossier: id, call: call.id, agent: signed.id };
        store::insert(&mut tx, parts.ambient.id::<ObjectId>(), place, &ruling, &flags, needs_second, at).await?;
        outbox::push(&mut tx, &parts.ambient, Topic::Customer(id), &IntakePush::ApplicationChanged { state: file.state }).await?;
        outbox::event(&mut tx, &parts.ambient, &DomainEvent::DossierDecided { dossier: id, agent: signed.id }).await?;
        tx.commit().await?;
        if let Some(call) = ended {
            parts.calls.turned(&call);
        }
        parts.relay.nudge();
        Ok(FiledDecision {
            outcome: ruling.outcome,
            reason: ruling.reason.to_owned(),
            note: ruling.note,
            agent_name: signed.display_name.clone(),
            at,
            flags,
            waits_for_second: needs_second,
            second: None,
        })
    }

    /// Files the second person's word on a decision that waits for it; the file goes where it says.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] when no decision of the file waits, [`ReviewError::OwnDecision`] for who made it,
    /// [`ReviewError::Incomplete`], [`ReviewError::Decided`].
    pub async fn second(&self, signed: &Signed, id: DossierId, decide: &Decide) -> Result<FiledDecision, ReviewError> {
        let parts = &self.0;
        let mut tx = parts.db.begin().await?;
        let mut file = dossier::find_in(&mut tx, id).await?.ok_or(ReviewError::Unknown)?;
        let call = parts.calls.last_in(&mut tx, id).await?.ok_or(ReviewError::Unknown)?;
        let filed = store::of_call_in(&mut tx, call.id).await?.ok_or(ReviewError::Unknown)?;
        let ruling = decision::ruling(decide).map_err(ReviewError::Incomplete)?;
        if filed.agent == signed.id {
            return Err(ReviewError::OwnDecision);
        }
        if !filed.view.waits_for_second {
            return Err(ReviewError::Decided);
        }
        let (actor, at) = (Actor::Staff(signed.id), parts.ambient.now());
        let place = store::Place { dossier: id, call: call.id, agent: filed.agent };
        store::insert_second(&mut tx, place, signed.id, &ruling, at)
            .await
            .map_err(|error| if matches!(error, DbError::Unique) { ReviewError::Decided } else { error.into() })?;
        file.outcome = Some(ruling.reason.to_owned());
        let detail = serde_json::json!({ "call": call.id, "reason": ruling.reason, "has_note": ruling.note.is_some(), "second": true });
        let file = dossier::advance(&mut tx, &parts.ambient, &file, ruling.outcome.step(), actor, detail).await?;
        outbox::push(&mut tx, &parts.ambient, Topic::Customer(id), &IntakePush::ApplicationChanged { state: file.state }).await?;
        tx.commit().await?;
        parts.relay.nudge();
        let second =
            SecondOpinion { outcome: ruling.outcome, reason: ruling.reason.to_owned(), note: ruling.note, checker_name: signed.display_name.clone(), at };
        Ok(FiledDecision { waits_for_second: false, second: Some(second), ..filed.view })
    }

    /// What a second person should look at first.
    pub(super) async fn flags(&self, tx: &mut Tx, id: DossierId, call: CallId) -> Result<Vec<String>, ReviewError> {
        let mut flags: Vec<String> = self.0.checks.flags(tx, call).await?.into_iter().map(str::to_owned).collect();
        let parts = self.0.intake.file_view(id).await?;
        if !parts.disagreements.is_empty() || parts.fields.iter().any(|field| field.doubtful) {
            flags.push("contradiction".to_owned());
        }
        Ok(flags)
    }
}

fn is_same(filed: &store::Filed, signed: &Signed, ruling: &Ruling) -> bool {
    filed.agent == signed.id && filed.view.outcome == ruling.outcome && filed.view.reason == ruling.reason && filed.view.note == ruling.note
}
