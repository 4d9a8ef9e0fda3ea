//! SQL of the form, of what was confirmed, and of consents.

use super::{Confirmed, ConfirmedField, Detail, Provenance};
use crate::{
    base::{
        Ambient, Pii, Timestamp,
        db::{Db, DbError, Row, Tx},
        id::{DossierId, ObjectId},
    },
    journey::{
        intake::{
            wire::ConsentText,
            word::{Word, word},
        },
        review::wire::FiledConsent,
    },
};

const OF_DOSSIER: &str = "select * from details where dossier_id = $1 order by name";
const PUT: &str = "insert into details (dossier_id, name, value, is_edited, read_value, source, confidence, capture_id, place, doubtful, is_checked, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (dossier_id, name) do update set value = excluded.value, is_edited = excluded.is_edited, read_value = excluded.read_value, source = excluded.source, confidence = excluded.confidence, capture_id = excluded.capture_id, place = excluded.place, doubtful = excluded.doubtful, is_checked = excluded.is_checked, updated_at = excluded.updated_at";
const DELETE: &str = "delete from details where dossier_id = $1";
const DELETE_CONFIRMED: &str = "delete from confirmed_fields where confirmation_id in (select id from confirmations where dossier_id = $1)";
const BLANK_CONFIRMATIONS: &str = "update confirmations set email = '', phone = '' where dossier_id = $1";
const BLANK_CONSENTS: &str = "update consents set address = null, session_id = null where dossier_id = $1";
const INSERT_CONFIRMATION: &str = "insert into confirmations (id, dossier_id, document_kind, email, phone, at) values ($1, $2, $3, $4, $5, $6)";
const LATEST_CONFIRMATION: &str = "select * from confirmations where dossier_id = $1 order by id desc limit 1";
const INSERT_FIELD: &str =
    "insert into confirmed_fields (confirmation_id, name, value, read_value, source, confidence, origin, doubtful) values ($1, $2, $3, $4, $5, $6, $7, $8)";
const CONFIRMED_FIELDS: &str = "select * from confirmed_fields where confirmation_id = $1";
const INSERT_TEXT: &str = "insert into consent_texts (sha256, kind, version, locale, text) values ($1, $2, $3, $4, $5) on conflict do nothing";
const INSERT_CONSENT: &str =
    "insert into consents (id, confirmation_id, dossier_id, kind, text_sha256, given, address, session_id, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const CONSENTS: &str = "select c.kind, c.given, c.at, c.text_sha256, t.version, t.locale from consents c join consent_texts t on t.sha256 = c.text_sha256 where c.dossier_id = $1 order by c.at, c.kind";

pub(in crate::journey::intake) async fn of_dossier(db: &Db, dossier: DossierId) -> Result<Vec<Detail>, DbError> {
    db.rows(OF_DOSSIER, &[dossier.into()]).await?.iter().map(detail).collect()
}

pub(in crate::journey::intake) async fn of_dossier_in(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Detail>, DbError> {
    tx.rows(OF_DOSSIER, &[dossier.into()]).await?.iter().map(detail).collect()
}

pub(in crate::journey::intake) async fn put(tx: &mut Tx, dossier: DossierId, detail: &Detail, now: Timestamp) -> Result<(), DbError> {
    let args = [
        dossier.into(),
        word(detail.name).into(),
        detail.value.expose().into(),
        detail.is_edited.into(),
        detail.read_value.as_ref().map(|value| value.expose().clone()).into(),
        detail.source.map(word).into(),
        detail.confidence.map(f64::from).into(),
        detail.capture.into(),
        detail.place.map(|place| serde_json::to_string(&place).expect("numbers serialise")).into(),
        detail.doubtful.into(),
        detail.is_checked.into(),
        now.into(),
    ];
    tx.execute(PUT, &args).await?;
    Ok(())
}

/// Removes what was confirmed; that it was, and when, stays.
pub(in crate::journey::intake) async fn delete_confirmed(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    tx.execute(DELETE_CONFIRMED, &[dossier.into()]).await?;
    tx.execute(BLANK_CONFIRMATIONS, &[dossier.into()]).await?;
    tx.execute(BLANK_CONSENTS, &[dossier.into()]).await?;
    Ok(())
}

pub(in crate::journey::intake) async fn delete(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    tx.execute(DELETE, &[dossier.into()]).await?;
    Ok(())
}

pub(super) async fn insert_confirmation(
    tx: &mut Tx,
    ambient: &Ambient,
    dossier: DossierId,
    confirmed: &Confirmed,
    now: Timestamp,
) -> Result<ObjectId, DbError> {
    let id: ObjectId = ambient.id();
    let args = [id.into(), dossier.into(), confirmed.kind.name().into(), confirmed.email.expose().into(), confirmed.phone.expose().into(), now.into()];
    tx.execute(INSERT_CONFIRMATION, &args).await?;
    for field in &confirmed.fields {
        let args = [
            id.into(),
            word(field.name).into(),
            field.value.expose().into(),
            field.read_value.as_ref().map(|value| value.expose().clone()).into(),
            field.source.map(word).into(),
            field.confidence.map(f64::from).into(),
            word(field.origin).into(),
            field.doubtful.into(),
        ];
        tx.execute(INSERT_FIELD, &args).await?;
    }
    Ok(id)
}

pub(in crate::journey::intake) async fn latest_confirmation(db: &Db, dossier: DossierId) -> Result<Option<Confirmed>, DbError> {
    let Some(row) = db.row(LATEST_CONFIRMATION, &[dossier.into()]).await? else { return Ok(None) };
    let fields = db.rows(CONFIRMED_FIELDS, &[row.id::<ObjectId>("id")?.into()]).await?;
    confirmed(&row, &fields).map(Some)
}

pub(super) async fn latest_confirmation_in(tx: &mut Tx, dossier: DossierId) -> Result<Option<Confirmed>, DbError> {
    let Some(row) = tx.row(LATEST_CONFIRMATION, &[dossier.into()]).await? else { return Ok(None) };
    let fields = tx.rows(CONFIRMED_FIELDS, &[row.id::<ObjectId>("id")?.into()]).await?;
    confirmed(&row, &fields).map(Some)
}

/// One consent with the words it was given to.
pub(super) struct Consent<'a> {
    pub(super) confirmation: ObjectId,
    pub(super) dossier: DossierId,
    pub(super) text: &'a ConsentText,
    pub(super) locale: &'a str,
    pub(super) given: bool,
    pub(super) provenance: &'a Provenance,
}

pub(super) async fn insert_consent(tx: &mut Tx, ambient: &Ambient, consent: &Consent<'_>, now: Timestamp) -> Result<(), DbError> {
    let (text, kind) = (consent.text, consent.text.kind.name());
    tx.execute(INSERT_TEXT, &[(&text.sha256).into(), kind.into(), (&text.version).into(), consent.locale.into(), (&text.text).into()]).await?;
    let args = [
        ambient.id::<ObjectId>().into(),
        consent.confirmation.into(),
        consent.dossier.into(),
        kind.into(),
        (&text.sha256).into(),
        consent.given.into(),
        consent.provenance.address.as_ref().map(|address| address.expose().clone()).into(),
        consent.provenance.session.into(),
        now.into(),
    ];
    tx.execute(INSERT_CONSENT, &args).await?;
    Ok(())
}

pub(in crate::journey::intake) async fn consents(db: &Db, dossier: DossierId) -> Result<Vec<FiledConsent>, DbError> {
    let rows = db.rows(CONSENTS, &[dossier.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(FiledConsent {
                kind: row.text("kind")?,
                version: row.text("version")?,
                text_sha256: row.text("text_sha256")?,
                locale: row.text("locale")?,
                given: row.flag("given")?,
                at: row.time("at")?,
            })
        })
        .collect()
}

fn detail(row: &Row) -> Result<Detail, DbError> {
    Ok(Detail {
        name: row.parsed::<Word<_>>("name")?.0,
        value: Pii::new(row.text("value")?),
        is_edited: row.flag("is_edited")?,
        read_value: row.text_opt("read_value")?.map(Pii::new),
        source: source(row)?,
        confidence: confidence(row)?,
        capture: row.id_opt("capture_id")?,
        place: row.text_opt("place")?.and_then(|text| serde_json::from_str(&text).ok()),
        doubtful: row.flag("doubtful")?,
        is_checked: row.flag("is_checked")?,
    })
}

fn confirmed(row: &Row, fields: &[Row]) -> Result<Confirmed, DbError> {
    let field = |row: &Row| {
        Ok::<_, DbError>(ConfirmedField {
            name: row.parsed::<Word<_>>("name")?.0,
            value: Pii::new(row.text("value")?),
            read_value: row.text_opt("read_value")?.map(Pii::new),
            source: source(row)?,
            confidence: confidence(row)?,
            origin: row.parsed::<Word<_>>("origin")?.0,
            doubtful: row.flag("doubtful")?,
        })
    };
    Ok(Confirmed {
        kind: row.parsed("document_kind")?,
        email: Pii::new(row.text("email")?),
        phone: Pii::new(row.text("phone")?),
        fields: fields.iter().map(field).collect::<Result<_, _>>()?,
    })
}

fn source(row: &Row) -> Result<Option<crate::engine::document::Source>, DbError> {
    match row.text_opt("source")? {
        None => Ok(None),
        Some(_) => Ok(Some(row.parsed::<Word<_>>("source")?.0)),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it was stored from this width")]
fn confidence(row: &Row) -> Result<Option<f32>, DbError> {
    Ok(row.real_opt("confidence")?.map(|value| value as f32))
}
