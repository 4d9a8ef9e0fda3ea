//! The form: saved as the customer types, judged as a whole when it is sent, filed with every edit beside the reading
//! and with the consents given to it.

mod confirm;
pub mod consents;
pub mod form;
pub(super) mod store;

use serde_json::json;

use super::{
    Intake, IntakeError, disagreements, exposed, unhindered,
    wire::{ConsentKind, SaveDetails},
};
use crate::{
    base::{
        Ambient, Pii,
        db::{DbError, Tx},
        id::{CaptureId, DossierId, SessionId},
    },
    engine::document::{DocumentKind, FieldName, Source},
    journey::call::wire::FieldOrigin,
    registry::{
        audit::Actor,
        dossier::{self, Dossier, Step},
    },
};
use form::Fault;

/// A part of the form that is no field of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A field of the document.
    Field(FieldName),
    /// The e-mail address.
    Email,
    /// The phone number.
    Phone,
    /// A switch.
    Consent(ConsentKind),
}

/// Something on the form that needs another look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadField {
    /// Where.
    pub part: Part,
    /// How it is bad.
    pub fault: Fault,
}

/// From where a confirmation came: filed with the consents as proof.
#[derive(Debug, Clone, Default)]
pub struct Provenance {
    /// Network address of the browser.
    pub address: Option<Pii<String>>,
    /// Session of the browser.
    pub session: Option<SessionId>,
}

/// One field of the form as it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Detail {
    pub(super) name: FieldName,
    pub(super) value: Pii<String>,
    /// The value is the customer's own, not what was read.
    pub(super) is_edited: bool,
    pub(super) read_value: Option<Pii<String>>,
    pub(super) source: Option<Source>,
    pub(super) confidence: Option<f32>,
    pub(super) capture: Option<CaptureId>,
    pub(super) place: Option<[f32; 4]>,
    pub(super) doubtful: bool,
    /// The customer was asked to look and said what is right.
    pub(super) is_checked: bool,
}

impl Detail {
    /// A field nobody filled.
    pub(super) fn empty(name: FieldName) -> Self {
        Self {
            name,
            value: Pii::default(),
            is_edited: false,
            read_value: None,
            source: None,
            confidence: None,
            capture: None,
            place: None,
            doubtful: false,
            is_checked: false,
        }
    }

    /// The field with `value` typed into it.
    fn typed(self, value: String) -> Self {
        let read = self.read_value.as_ref().map(|read| read.expose().as_str()).unwrap_or_default();
        Self { is_edited: value != read, value: Pii::new(value), ..self }
    }

    /// How the value relates to the reading.
    pub(super) fn origin(&self) -> FieldOrigin {
        match &self.read_value {
            None => FieldOrigin::New,
            Some(read) if *read == self.value => FieldOrigin::Match,
            Some(_) => FieldOrigin::Changed,
        }
    }
}

/// A form as it was confirmed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Confirmed {
    pub(super) kind: DocumentKind,
    pub(super) email: Pii<String>,
    pub(super) phone: Pii<String>,
    pub(super) fields: Vec<ConfirmedField>,
}

/// One field as it was confirmed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ConfirmedField {
    pub(super) name: FieldName,
    pub(super) value: Pii<String>,
    pub(super) read_value: Option<Pii<String>>,
    pub(super) source: Option<Source>,
    pub(super) confidence: Option<f32>,
    pub(super) origin: FieldOrigin,
    pub(super) doubtful: bool,
}

/// The form's fields in their order, each as it stands.
pub(super) fn whole(kind: DocumentKind, standing: &[Detail]) -> Vec<Detail> {
    let of = |name: FieldName| standing.iter().find(|detail| detail.name == name).cloned();
    form::fields(kind).iter().map(|(name, _)| of(*name).unwrap_or_else(|| Detail::empty(*name))).collect()
}

/// Forgets what was read when a new round begins. The same document keeps its values until better ones are read; those
/// of another document are gone.
pub(super) async fn forget_reading(tx: &mut Tx, ambient: &Ambient, dossier: DossierId, keeps_values: bool) -> Result<(), DbError> {
    let standing = if keeps_values { store::of_dossier_in(tx, dossier).await? } else { Vec::new() };
    store::delete(tx, dossier).await?;
    disagreements::store::end(tx, dossier, ambient.now()).await?;
    for detail in standing {
        let unread = Detail { value: detail.value, ..Detail::empty(detail.name) };
        store::put(tx, dossier, &unread, ambient.now()).await?;
    }
    Ok(())
}

impl Intake {
    /// Saves the form as it stands on the page; only lengths are looked at. Fields the document does not have are left out.
    ///
    /// # Errors
    /// [`IntakeError::Bad`] for a value that is too long, [`IntakeError::NotNow`] once the form is confirmed,
    /// [`IntakeError::DocumentMissing`], [`IntakeError::Unknown`], [`IntakeError::Conflict`].
    pub async fn save_details(&self, id: DossierId, form: &SaveDetails) -> Result<(), IntakeError> {
        let bad = too_long(form);
        if !bad.is_empty() {
            return Err(IntakeError::Bad(bad));
        }
        unhindered!(self.try_save(id, form))
    }

    async fn try_save(&self, id: DossierId, form: &SaveDetails) -> Result<(), IntakeError> {
        let mut tx = self.db.begin().await?;
        let (dossier, _) = self.open(&mut tx, id).await?;
        let kind = dossier.document_kind.ok_or(IntakeError::DocumentMissing)?;
        dossier.state.after(Step::TypeMyself)?;
        self.put_form(&mut tx, &dossier, kind, form).await?;
        super::store::set_draft(&mut tx, id, exposed(form.email.as_ref()), exposed(form.phone.as_ref()), Some(self.ambient.now())).await?;
        dossier::describe(&mut tx, &self.ambient, &dossier, |_| {}).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Puts typed values on the form; the whole form as it then stands.
    async fn put_form(&self, tx: &mut Tx, dossier: &Dossier, kind: DocumentKind, typed: &SaveDetails) -> Result<Vec<Detail>, DbError> {
        let mut whole = whole(kind, &store::of_dossier_in(tx, dossier.id).await?);
        for detail in &mut whole {
            let Some(edit) = typed.fields.iter().find(|edit| edit.name == detail.name) else { continue };
            let value = form::normalised(detail.name, edit.value.expose());
            if value != *detail.value.expose() || edit.checked != detail.is_checked {
                *detail = Detail { is_checked: edit.checked, ..detail.clone().typed(value) };
                store::put(tx, dossier.id, detail, self.ambient.now()).await?;
            }
        }
        Ok(whole)
    }

    async fn note_confirmed(&self, tx: &mut Tx, dossier: DossierId, whole: &[Detail]) -> Result<(), DbError> {
        for detail in whole.iter().filter(|detail| detail.origin() == FieldOrigin::Changed) {
            let what = json!({ "field": detail.name, "source": detail.source });
            dossier::note(tx, &self.ambient, dossier, Actor::Customer(dossier), "details.changed", what).await?;
        }
        Ok(())
    }
}

fn too_long(form: &SaveDetails) -> Vec<BadField> {
    let is_longer = |value: &str, max: usize| value.chars().count() > max;
    let mut bad: Vec<BadField> = form
        .fields
        .iter()
        .filter(|edit| is_longer(edit.value.expose(), form::VALUE_MAX))
        .map(|edit| BadField { part: Part::Field(edit.name), fault: Fault::TooLong })
        .collect();
    if exposed(form.email.as_ref()).is_some_and(|email| is_longer(email, form::EMAIL_MAX)) {
        bad.push(BadField { part: Part::Email, fault: Fault::TooLong });
    }
    if exposed(form.phone.as_ref()).is_some_and(|phone| is_longer(phone, form::PHONE_MAX)) {
        bad.push(BadField { part: Part::Phone, fault: Fault::TooLong });
    }
    bad
}

/// What is wrong with a whole form on the day `today`, worst places first in the order of the form.
pub(super) fn faults(kind: DocumentKind, whole: &[Detail], email: &str, phone: &str, today: chrono::NaiveDate) -> Vec<BadField> {
    let values: Vec<(FieldName, String)> = whole.iter().map(|detail| (detail.name, detail.value.expose().clone())).collect();
    let alone = |(name, value): &(FieldName, String)| form::check(kind, *name, value, today).err().map(|fault| (*name, fault));
    let mut found: Vec<(FieldName, Fault)> = values.iter().filter_map(alone).collect();
    for (name, fault) in form::contradictions(&values) {
        if !found.iter().any(|(bad, _)| *bad == name) {
            found.push((name, fault));
        }
    }
    let mut bad: Vec<BadField> = found.into_iter().map(|(name, fault)| BadField { part: Part::Field(name), fault }).collect();
    bad.extend(form::email(email).err().map(|fault| BadField { part: Part::Email, fault }));
    bad.extend(form::phone(phone).err().map(|fault| BadField { part: Part::Phone, fault }));
    bad
}
