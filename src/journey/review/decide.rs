//! Deciding: the agent's word on the own call.

use super::{
    Review, ReviewError,
    decision::{self, Incomplete, RedoItem, Ruling},
    store,
    wire::{Decide, FiledDecision, Outcome, RaiseSuspicion, SecondOpinion},
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::{CallId, DossierId, ObjectId},
    },
    journey::intake::wire::IntakePush,
    registry::{
        audit::Actor,
        dossier::{self, Dossier, Refused, Step},
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
            return Err(Refused { from: file.state, wanted: ruling.step().unwrap_or(Step::Reject) }.into());
        }
        self.refuse_other_items(&file, &ruling)?;
        if ruling.outcome == Outcome::Approve {
            let missing = parts.checks.missing(&mut tx, call.id).await?;
            if !missing.is_empty() {
                return Err(ReviewError::ChecksMissing(missing));
            }
        }
        let actor = Actor::Staff(signed.id);
        let flags = self.flags(&mut tx, id, call.id).await?;
        let four_eyes = parts.checks.four_eyes(&mut tx, call.id).await?;
        let needs_second = ruling.outcome == Outcome::Suspect || ruling.outcome == Outcome::Approve && decision::needs_second(four_eyes, &flags);
        let ended = parts.calls.hang_up_in(&mut tx, id, actor).await?;
        let mut file = dossier::find_in(&mut tx, id).await?.ok_or(ReviewError::Unknown)?;
        let item = ruling.item.map(RedoItem::name);
        let detail = serde_json::json!({ "call": call.id, "reason": ruling.reason, "item": item, "has_note": ruling.note.is_some(), "flags": flags });
        if let Some(step) = ruling.step().filter(|_| !needs_second) {
            self.count_try(&mut tx, &file, call.id, ruling.outcome).await?;
            (file.outcome, file.redo_item) = (Some(ruling.reason.to_owned()), item.map(str::to_owned));
            file = dossier::advance(&mut tx, &parts.ambient, &file, step, actor, detail).await?;
        } else {
            let event = if ruling.outcome == Outcome::Suspect { "decision.suspected" } else { "decision.proposed" };
            dossier::note(&mut tx, &parts.ambient, id, actor, event, detail).await?;
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
            item: item.map(str::to_owned),
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
        let step = ruling.step().filter(|_| ruling.outcome != Outcome::Abort).ok_or(ReviewError::Incomplete(Incomplete::Outcome))?;
        self.refuse_other_items(&file, &ruling)?;
        if ruling.outcome == Outcome::Approve {
            let missing = parts.checks.missing(&mut tx, call.id).await?;
            if !missing.is_empty() {
                return Err(ReviewError::ChecksMissing(missing));
            }
        }
        let (actor, at) = (Actor::Staff(signed.id), parts.ambient.now());
        let place = store::Place { dossier: id, call: call.id, agent: filed.agent };
        store::insert_second(&mut tx, place, signed.id, &ruling, at)
            .await
            .map_err(|error| if matches!(error, DbError::Unique) { ReviewError::Decided } else { error.into() })?;
        self.count_try(&mut tx, &file, call.id, ruling.outcome).await?;
        let item = ruling.item.map(|item| item.name().to_owned());
        (file.outcome, file.redo_item) = (Some(ruling.reason.to_owned()), item.clone());
        let detail = serde_json::json!({ "call": call.id, "reason": ruling.reason, "item": item, "has_note": ruling.note.is_some(), "second": true });
        let file = dossier::advance(&mut tx, &parts.ambient, &file, step, actor, detail).await?;
        outbox::push(&mut tx, &parts.ambient, Topic::Customer(id), &IntakePush::ApplicationChanged { state: file.state }).await?;
        tx.commit().await?;
        parts.relay.nudge();
        let second =
            SecondOpinion { outcome: ruling.outcome, reason: ruling.reason.to_owned(), item, note: ruling.note, checker_name: signed.display_name.clone(), at };
        Ok(FiledDecision { waits_for_second: false, second: Some(second), ..filed.view })
    }

    /// What a second person should look at first.
    pub(super) async fn flags(&self, tx: &mut Tx, id: DossierId, call: CallId) -> Result<Vec<String>, ReviewError> {
        let risks = [("fraud_suspected", !store::more::suspicions_in(tx, id).await?.is_empty()), ("on_negative_list", self.0.persons.is_hit(tx, call).await?)];
        let mut flags: Vec<String> = risks.into_iter().filter(|(_, is_so)| *is_so).map(|(flag, _)| flag.to_owned()).collect();
        flags.extend(self.0.checks.flags(tx, call).await?.into_iter().map(str::to_owned));
        let parts = self.0.intake.file_view(id).await?;
        if !parts.disagreements.is_empty() || parts.fields.iter().any(|field| field.doubtful) {
            flags.push("contradiction".to_owned());
        }
        Ok(flags)
    }
}

impl Review {
    /// A photograph can be asked for again only of a side the document has, a check only if the profile has it.
    fn refuse_other_items(&self, file: &Dossier, ruling: &Ruling) -> Result<(), ReviewError> {
        let is_there = match ruling.item {
            None | Some(RedoItem::Details) => true,
            Some(RedoItem::Photo(side)) => file.document_kind.is_some_and(|kind| kind.sides().contains(&side)),
            Some(RedoItem::Check(kind)) => self.0.checks.profile().kinds().contains(&kind),
        };
        if is_there { Ok(()) } else { Err(ReviewError::Incomplete(Incomplete::Item)) }
    }

    /// A call that identified nobody counts; too many of them, and the person has to pause.
    async fn count_try(&self, tx: &mut Tx, file: &Dossier, call: CallId, outcome: Outcome) -> Result<(), ReviewError> {
        if !outcome.is_try() {
            return Ok(());
        }
        let parts = &self.0;
        if let Some(until) = parts.persons.tried(tx, file, call, parts.checks.profile().attempts().limit()).await? {
            let detail = serde_json::json!({ "call": call, "until": until });
            dossier::note(tx, &parts.ambient, file.id, Actor::System, "person.paused", detail).await?;
        }
        Ok(())
    }

    /// A quiet word of the agent of the file's last call: from now on an approval needs a second person. The customer hears
    /// nothing of it. A second word about the same call replaces the first.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] for somebody else's file, [`ReviewError::Incomplete`] for an unknown reason,
    /// [`ReviewError::Decided`] once the file is decided.
    pub async fn raise_suspicion(&self, signed: &Signed, id: DossierId, wanted: &RaiseSuspicion) -> Result<(), ReviewError> {
        let parts = &self.0;
        let reason = decision::SUSPECT.iter().find(|reason| **reason == wanted.reason).ok_or(ReviewError::Incomplete(Incomplete::Reason))?;
        let mut tx = parts.db.begin().await?;
        let file = dossier::find_in(&mut tx, id).await?.ok_or(ReviewError::Unknown)?;
        let call = parts.calls.last_in(&mut tx, id).await?.filter(|call| call.agent == signed.id).ok_or(ReviewError::Unknown)?;
        if !decision::is_undecided(file.state) {
            return Err(ReviewError::Decided);
        }
        store::more::put_suspicion(&mut tx, store::Place { dossier: id, call: call.id, agent: signed.id }, reason, parts.ambient.now()).await?;
        let detail = serde_json::json!({ "call": call.id, "reason": reason });
        dossier::note(&mut tx, &parts.ambient, id, Actor::Staff(signed.id), "fraud.suspected", detail).await?;
        Ok(tx.commit().await?)
    }
}

fn is_same(filed: &store::Filed, signed: &Signed, ruling: &Ruling) -> bool {
    filed.agent == signed.id
        && filed.view.outcome == ruling.outcome
        && filed.view.reason == ruling.reason
        && filed.view.item.as_deref() == ruling.item.map(RedoItem::name)
        && filed.view.note == ruling.note
}
