//! The negative list: people a house has reason to look at twice. Kept by supervisors; a call only learns that somebody is
//! on it, and why.

use serde_json::json;

use super::{
    Key, Persons, store,
    wire::{AddToList, ImportReport, ListEntry, ListHit, RiskPush},
};
use crate::{
    base::{
        Pii,
        db::{DbError, Tx},
        id::{CallId, DossierId, ObjectId, StaffId},
    },
    registry::{
        audit::{self, Act, Actor},
        dossier::{self, Dossier},
        outbox::{self, Topic},
    },
};

/// Why somebody is on the list, in coded words.
pub const REASONS: [&str; 5] = ["forged_document", "stolen_document", "impersonation", "court_order", "other"];

/// Most rows of one import.
const IMPORT_ROWS: usize = 10_000;

/// Why the list was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// No such entry.
    #[error("there is no such entry")]
    Unknown,
    /// Neither a number nor a name with a birth date, or no such reason.
    #[error("an entry needs a document number, or a name with a birth date, and a coded reason")]
    Bad,
    /// It stands there already.
    #[error("this stands on the list already")]
    Twice,
    /// Too many rows at once.
    #[error("an import holds at most 10,000 rows")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// One row of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    number: String,
    name: String,
    birth_date: String,
    reason: String,
}

impl Persons {
    /// What stands on the list, newest first. Nobody's name: the list does not know any.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list(&self) -> Result<Vec<ListEntry>, DbError> {
        store::list(&self.db).await
    }

    /// Puts somebody on the list; one entry per key.
    ///
    /// # Errors
    /// [`ListError::Bad`], [`ListError::Twice`] when nothing new was said.
    pub async fn list_person(&self, by: StaffId, wanted: &AddToList) -> Result<(), ListError> {
        let text = |value: &Option<Pii<String>>| value.as_ref().map(|value| value.expose().trim().to_owned()).unwrap_or_default();
        let row = Row { number: text(&wanted.document_number), name: text(&wanted.name), birth_date: text(&wanted.birth_date), reason: wanted.reason.clone() };
        let keys = self.checked(&row).ok_or(ListError::Bad)?;
        let mut tx = self.db.begin().await?;
        if self.put(&mut tx, by, &keys, &row.reason).await? == 0 {
            return Err(ListError::Twice);
        }
        self.tell_risk(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Puts everybody of a CSV text on the list: `document_number,name,birth_date,reason`, a heading and empty cells allowed.
    /// Rows that make no sense are named by their line and left out; the others are taken.
    ///
    /// # Errors
    /// [`ListError::TooMany`].
    pub async fn import(&self, by: StaffId, csv: &Pii<String>) -> Result<ImportReport, ListError> {
        let mut report = ImportReport { added: 0, known: 0, bad_lines: Vec::new() };
        let mut wanted = Vec::new();
        for (at, line) in csv.expose().trim_start_matches('\u{feff}').lines().enumerate() {
            if line.trim().is_empty() || at == 0 && line.starts_with("document_number") {
                continue;
            }
            match row(line).and_then(|row| Some((self.checked(&row)?, row.reason))) {
                Some(one) => wanted.push(one),
                None => report.bad_lines.push(u32::try_from(at + 1).unwrap_or(u32::MAX)),
            }
        }
        if wanted.len() > IMPORT_ROWS {
            return Err(ListError::TooMany);
        }
        let mut tx = self.db.begin().await?;
        for (keys, reason) in wanted {
            if self.put(&mut tx, by, &keys, &reason).await? > 0 { report.added += 1 } else { report.known += 1 }
        }
        self.tell_risk(&mut tx).await?;
        tx.commit().await?;
        Ok(report)
    }

    /// Takes an entry off the list; its past stays.
    ///
    /// # Errors
    /// [`ListError::Unknown`].
    pub async fn unlist(&self, by: StaffId, entry: ObjectId) -> Result<(), ListError> {
        let mut tx = self.db.begin().await?;
        if !store::end(&mut tx, entry, by, self.ambient.now()).await? {
            return Err(ListError::Unknown);
        }
        let act = Act { actor: Actor::Staff(by), act: "negative_list.removed", dossier: None, purpose: None, detail: json!({ "entry": entry }) };
        audit::write(&mut tx, &self.ambient, act).await?;
        self.tell_risk(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Open consoles read anew what they show of risks.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn tell_risk(&self, tx: &mut Tx) -> Result<(), DbError> {
        outbox::push(tx, &self.ambient, Topic::Console, &RiskPush::RiskChanged).await
    }

    /// Looks the person of a file up as a call begins, within its transaction, and files what the list said.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn look_up(&self, tx: &mut Tx, call: CallId, file: &Dossier) -> Result<usize, DbError> {
        let mut hits = 0;
        for key in self.keys(file) {
            for entry in store::entries_of(tx, &key).await? {
                store::insert_hit(tx, call, entry.id, file.id, self.ambient.now()).await?;
                let detail = json!({ "call": call, "entry": entry.id, "key_kind": entry.key_kind, "reason": entry.reason });
                dossier::note(tx, &self.ambient, file.id, Actor::System, "negative_list.hit", detail).await?;
                hits += 1;
            }
        }
        if hits > 0 {
            self.tell_risk(tx).await?;
        }
        Ok(hits)
    }

    /// What the list said of the person of a file in any of its calls.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn hits(&self, dossier: DossierId) -> Result<Vec<ListHit>, DbError> {
        store::hits(&self.db, dossier).await
    }

    /// Whether the list said anything in this call.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn is_hit(&self, tx: &mut Tx, call: CallId) -> Result<bool, DbError> {
        Ok(store::hits_of_call(tx, call).await? > 0)
    }

    /// The keys of a row that makes sense.
    fn checked(&self, row: &Row) -> Option<Vec<Key>> {
        let is_date = row.birth_date.is_empty() || row.birth_date.parse::<chrono::NaiveDate>().is_ok();
        let keys = self.keys_of(&row.number, &row.name, &row.birth_date);
        (is_date && !keys.is_empty() && REASONS.contains(&row.reason.as_str())).then_some(keys)
    }

    /// Puts keys on the list; how many were new.
    async fn put(&self, tx: &mut Tx, by: StaffId, keys: &[Key], reason: &str) -> Result<usize, DbError> {
        let mut new = 0;
        for key in keys {
            let id = self.ambient.id::<ObjectId>();
            if store::insert(tx, id, key, reason, by, self.ambient.now()).await? {
                let detail = json!({ "entry": id, "key_kind": key.kind, "reason": reason });
                audit::write(tx, &self.ambient, Act { actor: Actor::Staff(by), act: "negative_list.added", dossier: None, purpose: None, detail }).await?;
                new += 1;
            }
        }
        Ok(new)
    }
}

/// A line of CSV (RFC 4180, without line breaks inside a cell).
fn row(line: &str) -> Option<Row> {
    let mut cells = vec![String::new()];
    let mut letters = line.trim_end_matches('\r').chars().peekable();
    let mut is_quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cells.last_mut()?.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            other => cells.last_mut()?.push(other),
        }
    }
    let [number, name, birth_date, reason]: [String; 4] = cells.try_into().ok().filter(|_| !is_quoted)?;
    let trimmed = |text: String| text.trim().to_owned();
    Some(Row { number: trimmed(number), name: trimmed(name), birth_date: trimmed(birth_date), reason: trimmed(reason) })
}

/// Every kind of key has a word of its own in the catalogue; the list and its reasons as well.
#[cfg(test)]
mod tests {
    use super::{super::KeyKind, *};
    use crate::base::words::Words;

    #[test]
    fn a_line_of_csv_is_read_cell_by_cell() {
        let read = row("C1234567,\"Nguyễn, \"\"Đẹp\"\"\",1990-02-03, stolen_document \r").expect("a row");
        assert_eq!((read.number.as_str(), read.name.as_str(), read.reason.as_str()), ("C1234567", "Nguyễn, \"Đẹp\"", "stolen_document"));
        for bad in ["", "a,b,c", "a,b,c,d,e", "\"a,b,c,d"] {
            assert_eq!(row(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_reason_and_kind_has_words() {
        for locale in ["en", "vi"] {
            let said = |key: String| assert!(Words::of(locale).find(&key).is_some(), "{locale} {key}");
            for reason in REASONS {
                said(format!("list_reason.{reason}"));
            }
            for kind in KeyKind::ALL {
                said(format!("list_key.{}", kind.name()));
            }
        }
    }
}
