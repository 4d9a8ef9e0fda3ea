//! The draw of a call at the door: opened with the call, joined by the customer, opened to everybody when the call is over.

use std::collections::BTreeSet;

use super::{
    Before, Check, CheckError, Checks, END_RETENTION, Evidence,
    plan::{self, Past, Plan, Seed},
    store::{self, FiledPlan},
    wire::{CheckKind, CheckState, ComparisonMark, FourEyes, Light, MeasuredVerdict, PlanProof, PlanView},
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::{CallId, DossierId},
    },
    registry::{audit::Actor, dossier, outbox},
};

impl FiledPlan {
    pub(super) fn plan(&self, call: CallId) -> Plan<'_> {
        Plan::new(call, &self.seed, self.nonce.as_deref(), &self.profile).carrying(&self.carried)
    }
}

/// What is drawn of the checks of a call.
pub(super) fn past(checks: &[Check]) -> Vec<Past> {
    let of = |check: &Check| Past {
        kind: check.kind,
        state: check.state,
        cannot: check.state == CheckState::Skipped && check.reason.as_deref() == Some("cannot"),
        chosen: check.chosen_because.is_some(),
        void: check.void_because.is_some(),
    };
    checks.iter().map(of).collect()
}

impl Checks {
    /// Draws the seed of a new call and files what the server is bound by, within the transaction that opens the call. What
    /// the call `before` settled counts as far as the profile lets it.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn open(&self, tx: &mut Tx, call: CallId, dossier: DossierId, before: Option<&Before>) -> Result<(), DbError> {
        let seed: Seed = self.ambient.bytes();
        let carried = self.carried(tx, before).await?;
        store::insert_plan(tx, call, (&seed, &plan::commitment(call, &seed)), &self.profile, &carried, self.ambient.now()).await?;
        self.tell_carried(tx, call, dossier, &carried).await
    }

    /// Removes the draw of a call in which nothing was asked, within the transaction that removes the call.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn remove(&self, tx: &mut Tx, call: CallId, dossier: DossierId) -> Result<(), DbError> {
        outbox::withdraw(tx, END_RETENTION, &format!("{dossier}:")).await?;
        store::delete_plan(tx, call).await
    }

    /// Takes the customer's part of the draw. The first one counts; giving it again is no error, another one is.
    ///
    /// # Errors
    /// [`CheckError::Nonce`] for what is not 32 bytes in lower-case hex, for another one, and once a check was asked.
    pub async fn give_nonce(&self, call: CallId, customer: DossierId, nonce: &str) -> Result<(), CheckError> {
        if nonce.len() != 64 || !nonce.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(CheckError::Nonce);
        }
        let mut tx = self.db.begin().await?;
        let filed = self.plan_in(&mut tx, call).await?;
        if filed.nonce.as_deref() == Some(nonce) {
            return Ok(());
        }
        if !store::give_nonce(&mut tx, call, nonce, self.ambient.now()).await? {
            return Err(CheckError::Nonce);
        }
        let detail = serde_json::json!({ "call": call, "commitment": filed.commitment });
        dossier::note(&mut tx, &self.ambient, customer, Actor::Customer(customer), "check.order_bound", detail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The draw of a running call as the agent may see it: nothing of what comes.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn plan_view(&self, call: CallId) -> Result<Option<PlanView>, DbError> {
        let Some(filed) = store::plan_of(&self.db, call).await? else { return Ok(None) };
        Ok(Some(seen(call, &filed, &store::of_call(&self.db, call).await?)))
    }

    /// How long to wait before the next check is asked, in milliseconds.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn gap_ms(&self, call: CallId) -> Result<u64, DbError> {
        let Some(filed) = store::plan_of(&self.db, call).await? else { return Ok(0) };
        let past = past(&store::of_call(&self.db, call).await?);
        Ok(filed.plan(call).next(&past).map_or(0, |drawn| drawn.gap_ms))
    }

    /// The draw of a call that is over, with everything needed to draw it again, and the clauses it meets: `evidence` is
    /// what the other rooms have of it. Nothing for a call from before there was a draw.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn proof(&self, call: CallId, mut evidence: BTreeSet<Evidence>) -> Result<Option<PlanProof>, DbError> {
        let Some(filed) = store::plan_of(&self.db, call).await? else { return Ok(None) };
        let profile = &filed.profile;
        let checks = store::of_call(&self.db, call).await?;
        let (past, plan) = (past(&checks), filed.plan(call));
        let earlier = self.carried_checks(&filed).await?;
        let is_proved = filed.commitment == plan::commitment(call, &filed.seed) && filed.nonce.is_some() && plan.explains(&past);
        let counts = |check: &&Check| check.state == CheckState::Passed && check.void_because.is_none();
        let passed: Vec<&Check> = checks.iter().filter(counts).chain(&earlier).collect();
        if is_proved && (!past.is_empty() || !earlier.is_empty()) && past.iter().all(|past| !past.chosen) {
            evidence.insert(Evidence::Drawn);
        }
        if self.comparison(call).await?.len() == super::FEATURES.len() {
            evidence.insert(Evidence::Compared);
        }
        if profile.allots_at_random() {
            evidence.insert(Evidence::RandomAgent);
        }
        if !passed.is_empty() && passed.iter().all(|check| check.still.is_some()) {
            evidence.insert(Evidence::Stills);
        }
        let measured = |check: &&&Check| check.measured.as_ref().is_some_and(|found| found.verdict == MeasuredVerdict::Passed);
        let to_measure: Vec<&&Check> = passed.iter().filter(|check| check.kind.is_measured()).collect();
        if !to_measure.is_empty() && to_measure.iter().all(measured) {
            evidence.insert(Evidence::Measured);
        }
        let (title, _, warning) = profile.about();
        let (title_vi, warning_vi) = profile.about_vi();
        Ok(Some(PlanProof {
            profile: profile.name().to_owned(),
            title: title.to_owned(),
            warning: warning.to_owned(),
            title_vi: title_vi.map(str::to_owned),
            warning_vi: warning_vi.map(str::to_owned),
            clauses: profile.coverage(&plan.left(&past), &evidence),
            is_proved,
            commitment: filed.commitment.clone(),
            seed: hex::encode(filed.seed),
            nonce: filed.nonce.clone(),
            carried: filed.carried.clone(),
            carried_from: filed.carried_from,
        }))
    }

    /// The passed checks of earlier calls that count in this one.
    async fn carried_checks(&self, filed: &FiledPlan) -> Result<Vec<Check>, DbError> {
        let mut found = Vec::new();
        let (mut from, kinds) = (filed.carried_from, &filed.carried);
        // A chain of calls, each of which went on from the one before.
        for _ in 0..8 {
            let Some(call) = from else { break };
            let counts = |check: &Check| check.state == CheckState::Passed && check.void_because.is_none() && kinds.contains(&check.kind);
            found.extend(store::of_call(&self.db, call).await?.into_iter().filter(counts));
            from = store::plan_of(&self.db, call).await?.and_then(|filed| filed.carried_from);
        }
        Ok(found)
    }

    /// When a second person has to decide, by the profile the call was made under.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn four_eyes(&self, tx: &mut Tx, call: CallId) -> Result<FourEyes, DbError> {
        Ok(self.plan_in(tx, call).await?.profile.four_eyes())
    }

    /// What of the checks of a call a second person should look at first, in coded words.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn flags(&self, tx: &mut Tx, call: CallId) -> Result<Vec<&'static str>, DbError> {
        let filed = self.plan_in(tx, call).await?;
        let checks = store::of_call_in(tx, call).await?;
        let is_disputed = |check: &Check| check.filed_view().measured.is_some_and(|measured| measured.disagrees);
        let is_unmeasured = |check: &Check| {
            let is_seen = check.measured.as_ref().is_some_and(|measured| measured.verdict != MeasuredVerdict::Unclear);
            check.state == CheckState::Passed && check.void_because.is_none() && check.kind.is_measured() && !is_seen
        };
        let found = [
            ("chosen_by_agent", checks.iter().any(|check| check.chosen_because.as_deref().is_some_and(|because| because != "leave_out"))),
            ("left_out", checks.iter().any(|check| check.state == CheckState::Skipped && check.void_because.is_none())),
            ("carried_over", filed.carried_from.is_some()),
            ("order_unbound", filed.nonce.is_none()),
            ("measured_otherwise", checks.iter().any(is_disputed)),
            ("unmeasured", checks.iter().any(is_unmeasured)),
            ("face_apart", checks.iter().any(|check| check.likeness.is_some_and(|likeness| likeness.view().light == Light::Apart))),
            ("face_differs", store::faces::comparison_in(tx, call).await?.iter().any(|line| line.mark == ComparisonMark::Differs)),
            ("camera_hints", !store::more::hints_in(tx, call).await?.is_empty()),
        ];
        Ok(found.into_iter().filter_map(|(flag, is_so)| is_so.then_some(flag)).collect())
    }

    pub(super) async fn plan_view_in(&self, tx: &mut Tx, call: CallId) -> Result<PlanView, DbError> {
        let filed = self.plan_in(tx, call).await?;
        Ok(seen(call, &filed, &store::of_call_in(tx, call).await?))
    }

    /// The plan of a call; a call from before there was a draw gets one now.
    pub(super) async fn plan_in(&self, tx: &mut Tx, call: CallId) -> Result<FiledPlan, DbError> {
        if let Some(filed) = store::plan_in(tx, call).await? {
            return Ok(filed);
        }
        let seed: Seed = self.ambient.bytes();
        store::insert_plan(tx, call, (&seed, &plan::commitment(call, &seed)), &self.profile, &store::Carried::default(), self.ambient.now()).await?;
        store::plan_in(tx, call).await?.ok_or(DbError::Unique)
    }

    /// The plan of a call in which a check is about to be asked: from now on it stays as it is.
    pub(super) async fn bound(&self, tx: &mut Tx, call: CallId) -> Result<FiledPlan, DbError> {
        store::bind(tx, call).await?;
        self.plan_in(tx, call).await
    }
}

/// The draw of a running call as the agent may see it.
fn seen(call: CallId, filed: &FiledPlan, checks: &[Check]) -> PlanView {
    let (past, plan) = (past(checks), filed.plan(call));
    let spent: Vec<CheckKind> = plan.spent(&past);
    PlanView {
        profile: filed.profile.name().to_owned(),
        commitment: filed.commitment.clone(),
        has_nonce: filed.nonce.is_some(),
        left: plan.left(&past).len(),
        spent,
        carried: filed.carried.clone(),
    }
}
