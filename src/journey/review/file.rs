//! Putting a file together from what every room has filed.

use std::collections::{BTreeSet, HashMap};

use super::{
    Review, ReviewError, store,
    wire::{DossierView, FiledCall, RecordingState, RecordingView, TimelineView, ViewedBy},
};
use crate::{
    base::{
        db::DbError,
        id::{DossierId, StaffId},
    },
    journey::{
        call::{Call, stills::still::Still, wire::CallFileView},
        checks::{Check, Evidence, wire::CheckKind},
    },
    registry::{
        audit::{self, Actor},
        dossier,
    },
};

/// Names of staff, asked for once each.
#[derive(Default)]
struct Names(HashMap<StaffId, String>);

impl Review {
    /// Fields, photographs and contacts: the file beside the live face. Journals nothing: see [`Review::open_beside`].
    pub(super) async fn file(&self, id: DossierId) -> Result<CallFileView, ReviewError> {
        let file = dossier::find(&self.0.db, id).await?.ok_or(ReviewError::Unknown)?;
        let parts = self.0.intake.file_view(id).await?;
        Ok(CallFileView {
            dossier_id: id,
            reference: file.reference,
            state: file.state,
            locale: file.locale,
            document_kind: file.document_kind,
            captures: parts.captures,
            fields: parts.fields,
            disagreements: parts.disagreements,
            email: file.email,
            phone: file.phone,
            required_checks: self.0.checks.profile().kinds(),
            rehearsal: self.0.calls.rehearsal_of(id).await?,
            listed: self.0.persons.hits(id).await?,
            suspicions: store::more::suspicions(&self.0.db, id).await?,
        })
    }

    /// The whole file. Journals nothing: see [`Review::open`].
    pub(super) async fn whole(&self, id: DossierId) -> Result<DossierView, ReviewError> {
        let mut names = Names::default();
        let mut calls = Vec::new();
        for call in self.0.calls.of_dossier(id).await? {
            calls.push(self.filed_call(&call, &mut names).await?);
        }
        let mut timeline = Vec::new();
        for entry in dossier::timeline(&self.0.db, id).await? {
            let actor = self.actor(&entry.actor, &mut names).await?;
            timeline.push(TimelineView { at: entry.at, kind: entry.kind, actor, detail: entry.detail });
        }
        let held = dossier::find(&self.0.db, id).await?.ok_or(ReviewError::Unknown)?;
        Ok(DossierView {
            file: self.file(id).await?,
            keep_until: dossier::kept_until(&self.0.db, id).await?,
            held_at: held.held_at,
            erased_at: held.erased_at,
            consents: self.0.intake.filed_consents(id).await?,
            calls,
            decisions: store::of_dossier(&self.0.db, id).await?.into_iter().map(|filed| filed.view).collect(),
            timeline,
            views: self.views(id, &mut names).await?,
        })
    }

    async fn filed_call(&self, call: &Call, names: &mut Names) -> Result<FiledCall, ReviewError> {
        let ended = call.ended();
        let recording = self.0.recordings.of_call(call.id).await?;
        let plan = if ended.is_some() { self.0.checks.proof(call.id, self.evidence(call, recording.as_ref()).await?).await? } else { None };
        let checks = self.0.checks.of_call(call.id).await?;
        let mut sheets = Vec::new();
        for check in checks.iter().filter(|check| matches!(check.kind, CheckKind::Questions | CheckKind::Location)) {
            sheets.push(self.0.checks.sheet(check).await?);
        }
        Ok(FiledCall {
            id: call.id,
            agent_name: self.name(call.agent, names).await?,
            started_at: call.started_at,
            ended_at: ended.map(|(at, _)| at),
            end_reason: ended.map(|(_, reason)| reason.name().to_owned()),
            checks: checks.iter().map(Check::filed_view).collect(),
            hints: self.0.checks.hints(call.id).await?,
            comparison: self.0.checks.comparison(call.id).await?,
            sheets,
            chat: self.0.calls.chat_of(call.id).await?,
            recording,
            plan,
            rehearsal: self.0.calls.rehearsal_before(call.id).await?,
            stills: self.0.calls.stills_of(call.id).await?.iter().map(Still::view).collect(),
            quality: self.0.calls.quality_view(call.id).await?,
        })
    }

    /// What the other rooms have of a call that a rule may want to see.
    async fn evidence(&self, call: &Call, recording: Option<&RecordingView>) -> Result<BTreeSet<Evidence>, ReviewError> {
        let id = call.dossier;
        let read = self.0.intake.file_view(id).await?;
        let consents = self.0.intake.filed_consents(id).await?;
        let decisions = store::of_dossier(&self.0.db, id).await?;
        let decision = decisions.iter().find(|decision| decision.call == call.id);
        let found = [
            (Evidence::Recording, recording.is_some_and(|recording| recording.state == RecordingState::Sealed)),
            (Evidence::Document, !read.captures.is_empty() && read.fields.iter().any(|field| field.source.is_some())),
            (Evidence::Zone, read.captures.iter().any(|capture| capture.mrz_valid == Some(true))),
            (Evidence::Consents, !consents.is_empty() && consents.iter().all(|consent| consent.given)),
            (Evidence::Decision, decision.is_some()),
            (Evidence::SecondPerson, decision.is_some_and(|decision| decision.checker.is_some())),
        ];
        Ok(found.into_iter().filter_map(|(evidence, is_there)| is_there.then_some(evidence)).collect())
    }

    /// Who looked, newest first.
    async fn views(&self, id: DossierId, names: &mut Names) -> Result<Vec<ViewedBy>, ReviewError> {
        let mut views = Vec::new();
        for line in audit::of_dossier(&self.0.db, id).await?.into_iter().rev().filter(|line| line.act.ends_with(".viewed")) {
            views.push(ViewedBy { at: line.at, actor: self.actor(&line.actor, names).await?, act: line.act, purpose: line.purpose });
        }
        Ok(views)
    }

    /// `customer`, `system`, or the name of a member of staff.
    async fn actor(&self, text: &str, names: &mut Names) -> Result<String, DbError> {
        Ok(match text.parse() {
            Ok(Actor::Staff(staff)) => self.name(staff, names).await?,
            Ok(Actor::Customer(_)) => "customer".to_owned(),
            Ok(Actor::System) | Err(_) => "system".to_owned(),
        })
    }

    async fn name(&self, staff: StaffId, names: &mut Names) -> Result<String, DbError> {
        if let Some(name) = names.0.get(&staff) {
            return Ok(name.clone());
        }
        let name = self.0.staff.find(staff).await?.map(|member| member.display_name).unwrap_or_default();
        names.0.insert(staff, name.clone());
        Ok(name)
    }
}
