//! The form is sent: judged as a whole, then filed with its consents in one transaction.

use serde_json::json;

use super::{BadField, Confirmed, ConfirmedField, Detail, Part, Provenance, consents, faults, form, store, whole};
use crate::{
    base::{Pii, db::Tx, id::DossierId},
    engine::document::{DocumentKind, FieldName},
    journey::intake::{
        Intake, IntakeError, Progress, captures, exposed, unhindered,
        wire::{ApplicationView, ConfirmDetails},
    },
    registry::{
        audit::Actor,
        dossier::{self, Dossier, Refused, State, Step},
    },
};

impl Intake {
    /// Confirms the form. Sent twice with the same content it is confirmed once; the second answer carries no new link.
    ///
    /// # Errors
    /// [`IntakeError::Bad`] with every bad part, [`IntakeError::SideMissing`] while photographs are outstanding,
    /// [`IntakeError::NotNow`] in any other state, [`IntakeError::DocumentMissing`], [`IntakeError::Unknown`],
    /// [`IntakeError::Conflict`].
    pub async fn confirm(&self, id: DossierId, sent: &ConfirmDetails, provenance: &Provenance) -> Result<ApplicationView, IntakeError> {
        let resume_token = unhindered!(self.try_confirm(id, sent, provenance))?;
        let view = self.view(id).await?;
        Ok(ApplicationView { resume_token, ..view })
    }

    async fn try_confirm(&self, id: DossierId, sent: &ConfirmDetails, provenance: &Provenance) -> Result<Option<String>, IntakeError> {
        let mut tx = self.db.begin().await?;
        let (dossier, progress) = self.open(&mut tx, id).await?;
        let kind = dossier.document_kind.ok_or(IntakeError::DocumentMissing)?;
        if !matches!(dossier.state, State::Read | State::Redo) {
            return self.unready(&mut tx, &dossier, &progress, kind, sent).await;
        }
        if progress.is_restarted {
            return Err(IntakeError::SideMissing);
        }
        let form = self.put_form(&mut tx, &dossier, kind, &sent.details).await?;
        let confirmed = self.judged_form(kind, &form, sent)?;
        self.file_confirmation(&mut tx, &dossier, &confirmed, sent, provenance).await?;
        self.note_confirmed(&mut tx, id, &form).await?;
        super::super::store::set_progress(&mut tx, id, &Progress { is_restarted: false, ..progress }).await?;
        super::super::store::set_draft(&mut tx, id, Some(confirmed.email.expose()), Some(confirmed.phone.expose()), Some(self.ambient.now())).await?;
        let dossier = self.confirmed(&mut tx, &dossier, &confirmed).await?;
        let token = self.add_link(&mut tx, id).await?;
        self.tell(&mut tx, &dossier).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// The answer to a form that cannot be confirmed now, unless it is the very form that was confirmed a moment ago.
    async fn unready(
        &self,
        tx: &mut Tx,
        dossier: &Dossier,
        progress: &Progress,
        kind: DocumentKind,
        sent: &ConfirmDetails,
    ) -> Result<Option<String>, IntakeError> {
        let refused = Refused { from: dossier.state, wanted: Step::Confirm };
        if matches!(dossier.state, State::Draft | State::Captured) {
            let photographs = captures::store::of_round_in(tx, dossier.id, progress.round).await?;
            let is_missing = captures::used(&photographs, kind).len() < kind.sides().len();
            return Err(if is_missing { IntakeError::SideMissing } else { IntakeError::NotNow(refused) });
        }
        let latest = store::latest_confirmation_in(tx, dossier.id).await?;
        let is_same = dossier.state == State::Confirmed && latest.is_some_and(|confirmed| is_repetition(&confirmed, sent));
        if is_same { Ok(None) } else { Err(IntakeError::NotNow(refused)) }
    }

    fn judged_form(&self, kind: DocumentKind, form: &[Detail], sent: &ConfirmDetails) -> Result<Confirmed, IntakeError> {
        let (email, phone) = (exposed(sent.details.email.as_ref()).unwrap_or_default(), exposed(sent.details.phone.as_ref()).unwrap_or_default());
        let mut bad = faults(kind, form, email, phone, self.ambient.now().date_naive());
        bad.extend(consents::faults(&sent.consents).into_iter().map(|(kind, fault)| BadField { part: Part::Consent(kind), fault }));
        match (form::email(email), form::phone(phone)) {
            (Ok(email), Ok(phone)) if bad.is_empty() => {
                let fields = form.iter().filter(|detail| !detail.value.expose().is_empty() || detail.read_value.is_some()).map(confirmed_field).collect();
                Ok(Confirmed { kind, email: Pii::new(email), phone: Pii::new(phone), fields })
            }
            _ => Err(IntakeError::Bad(bad)),
        }
    }

    async fn file_confirmation(
        &self,
        tx: &mut Tx,
        dossier: &Dossier,
        confirmed: &Confirmed,
        sent: &ConfirmDetails,
        provenance: &Provenance,
    ) -> Result<(), IntakeError> {
        let now = self.ambient.now();
        let confirmation = store::insert_confirmation(tx, &self.ambient, dossier.id, confirmed, now).await?;
        for text in &consents::texts(&dossier.locale) {
            let given = sent.consents.iter().any(|view| view.kind == text.kind && view.given);
            let consent = store::Consent { confirmation, dossier: dossier.id, text, locale: &dossier.locale, given, provenance };
            store::insert_consent(tx, &self.ambient, &consent, now).await?;
            let kind = if given { "consent.given" } else { "consent.withheld" };
            let detail = json!({ "consent": text.kind, "version": text.version, "text_sha256": text.sha256 });
            dossier::note(tx, &self.ambient, dossier.id, Actor::Customer(dossier.id), kind, detail).await?;
        }
        Ok(())
    }

    /// Files what the file is searched by and moves it on.
    async fn confirmed(&self, tx: &mut Tx, dossier: &Dossier, confirmed: &Confirmed) -> Result<Dossier, IntakeError> {
        let actor = Actor::Customer(dossier.id);
        let values: Vec<(FieldName, String)> = confirmed.fields.iter().map(|field| (field.name, field.value.expose().clone())).collect();
        let value = |name| values.iter().find(|(field, value)| *field == name && !value.is_empty()).map(|(_, value)| Pii::new(value.clone()));
        let described = dossier::describe(tx, &self.ambient, dossier, |d| {
            d.holder_name = form::holder_name(&values).map(Pii::new);
            d.document_number = value(FieldName::Number);
            d.birth_date = value(FieldName::BirthDate);
            d.email = Some(confirmed.email.clone());
            d.phone = Some(confirmed.phone.clone());
            d.outcome = None;
        })
        .await?;
        let ready =
            if described.state == State::Redo { dossier::advance(tx, &self.ambient, &described, Step::TypeMyself, actor, json!({})).await? } else { described };
        let changed = confirmed.fields.iter().filter(|field| field.origin != crate::journey::call::wire::FieldOrigin::Match).count();
        Ok(dossier::advance(tx, &self.ambient, &ready, Step::Confirm, actor, json!({ "changed": changed })).await?)
    }
}

fn confirmed_field(detail: &Detail) -> ConfirmedField {
    ConfirmedField {
        name: detail.name,
        value: detail.value.clone(),
        read_value: detail.read_value.clone(),
        source: detail.source,
        confidence: detail.confidence,
        origin: detail.origin(),
        doubtful: detail.doubtful,
    }
}

/// Whether `sent` says exactly what was confirmed.
fn is_repetition(confirmed: &Confirmed, sent: &ConfirmDetails) -> bool {
    let standing: Vec<Detail> = confirmed.fields.iter().map(|field| Detail { value: field.value.clone(), ..Detail::empty(field.name) }).collect();
    let same_fields = whole(confirmed.kind, &standing).iter().all(|detail| {
        let typed = sent.details.fields.iter().find(|edit| edit.name == detail.name);
        typed.is_none_or(|edit| form::normalised(edit.name, edit.value.expose()) == *detail.value.expose())
    });
    let same = |typed: Result<String, form::Fault>, filed: &Pii<String>| typed.as_ref() == Ok(filed.expose());
    same_fields
        && same(form::email(exposed(sent.details.email.as_ref()).unwrap_or_default()), &confirmed.email)
        && same(form::phone(exposed(sent.details.phone.as_ref()).unwrap_or_default()), &confirmed.phone)
}

impl Intake {
    /// The form confirmed last, if any.
    pub(in crate::journey::intake) async fn latest_confirmation(&self, dossier: DossierId) -> Result<Option<Confirmed>, IntakeError> {
        Ok(store::latest_confirmation(&self.db, dossier).await?)
    }
}
