//! Questions about what is in the file: a bank as data (`questions.toml`), drawn at random, none ever asked twice of the same
//! person, in whatever file or call. The agent hears the answer and marks it; what the file says stands in the sheet of
//! the check and nowhere else.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, CheckError, Checks,
    plan::Plan,
    store,
    wire::{AnswerMark, Challenge, CheckKind, CheckSheet, CheckState, QuestionLine, QuestionsView},
};
use crate::{
    base::{
        Pii, Timestamp,
        db::{DbError, Tx},
        id::{CheckId, DossierId, StaffId},
    },
    registry::{
        audit::Actor,
        dossier::{self, Dossier},
    },
};

/// What another room has filed about a person: name of the field, value.
pub type Fact = (String, Pii<String>);

/// A portrait as filed.
#[derive(Debug, Clone)]
pub struct Portrait {
    /// JPEG.
    pub bytes: Vec<u8>,
    /// SHA-256 of it, hex.
    pub sha256: String,
}

/// Where the facts come from; an earlier room, so the house that composes both hands it in.
#[async_trait::async_trait]
pub trait Facts: Send + Sync {
    /// The fields of a document as confirmed.
    async fn of(&self, dossier: DossierId) -> Result<Vec<Fact>, DbError>;

    /// The portrait cut out of the photograph of a document, if there is one.
    async fn portrait(&self, dossier: DossierId) -> Result<Option<Portrait>, DbError>;
}

/// Which part of a value is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Whole,
    Year,
    Month,
    Day,
    DayMonth,
    Age,
    Last3,
    Last4,
    FirstWord,
    LastWord,
    Domain,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    code: String,
    field: String,
    answer: Part,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bank {
    question: Vec<Question>,
}

static BANK: LazyLock<Vec<Question>> =
    LazyLock::new(|| toml::from_str::<Bank>(include_str!("questions.toml")).expect("the bank is well formed; a test reads it").question);

/// How the questions of a check were answered so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub(super) asked: usize,
    pub(super) right: usize,
    pub(super) wrong: usize,
}

impl Tally {
    /// Whether all are marked, and not too many wrong.
    pub(super) fn is_met(self, may_be_wrong: usize) -> bool {
        self.asked > 0 && self.right + self.wrong == self.asked && self.wrong <= may_be_wrong
    }
}

impl Check {
    /// How its questions were answered so far, as staff see it.
    pub(super) fn questions_view(&self) -> Option<QuestionsView> {
        let Some(Challenge::Questions { may_be_wrong, .. }) = self.challenge else { return None };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let Tally { asked, right, wrong } = self.questions;
        Some(QuestionsView { asked: count(asked), right: count(right), wrong: count(wrong), may_be_wrong: count(may_be_wrong) })
    }
}

impl AnswerMark {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
        }
    }
}

impl std::str::FromStr for AnswerMark {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Right, Self::Wrong].into_iter().find(|mark| mark.name() == text).ok_or(())
    }
}

impl Question {
    /// What the file says to it; none when it does not say.
    fn answer(&self, facts: &[Fact], now: Timestamp) -> Option<String> {
        let value = facts.iter().find(|(name, _)| *name == self.field).map(|(_, value)| value.expose().trim()).filter(|value| !value.is_empty())?;
        let date = || value.parse::<chrono::NaiveDate>().ok();
        let part = |form: &str| date().map(|date| date.format(form).to_string());
        let last = |count: usize| {
            let letters: Vec<char> = value.chars().filter(|letter| letter.is_alphanumeric()).collect();
            (letters.len() > count).then(|| letters[letters.len() - count..].iter().collect())
        };
        let words: Vec<&str> = value.split_whitespace().collect();
        match self.answer {
            Part::Whole => Some(value.to_owned()),
            Part::Year => part("%Y"),
            Part::Month => part("%m"),
            Part::Day => part("%d"),
            Part::DayMonth => part("%d.%m."),
            Part::Age => date().and_then(|born| now.date_naive().years_since(born)).map(|years| years.to_string()),
            Part::Last3 => last(3),
            Part::Last4 => last(4),
            // Of a name of one word nobody can say which end is meant.
            Part::FirstWord => words.first().filter(|_| words.len() > 1).map(|word| (*word).to_owned()),
            Part::LastWord => words.last().filter(|_| words.len() > 1).map(|word| (*word).to_owned()),
            Part::Domain => value.split_once('@').map(|(_, domain)| domain.to_owned()),
        }
    }
}

/// The facts of a file, contacts included.
fn with_contacts(mut facts: Vec<Fact>, file: &Dossier) -> Vec<Fact> {
    for (name, value) in [("email", &file.email), ("phone", &file.phone)] {
        facts.extend(value.clone().map(|value| (name.to_owned(), value)));
    }
    facts
}

impl Checks {
    /// Who the person of a file is, as questions are remembered: every key of theirs, else the file itself.
    fn person(&self, file: &Dossier) -> Vec<String> {
        let keys = self.persons.keys(file);
        if keys.is_empty() { vec![format!("file:{}", file.id)] } else { keys.into_iter().map(|key| key.digest).collect() }
    }

    /// Draws the questions of a check among those of the bank that the file answers and this person was never asked, in the
    /// order of the bank, and files them.
    pub(super) async fn draw_questions(&self, tx: &mut Tx, check: &Check, plan: &Plan<'_>, position: usize) -> Result<(), CheckError> {
        let Some(Challenge::Questions { ask: most, .. }) = check.challenge else { return Ok(()) };
        let file = dossier::find_in(tx, check.dossier).await?.ok_or(CheckError::Unknown)?;
        let facts = with_contacts(self.facts.of(check.dossier).await?, &file);
        let persons = self.person(&file);
        let mut known = Vec::new();
        for person in &persons {
            known.extend(store::more::was_asked(tx, person).await?);
        }
        let now = self.ambient.now();
        let among = BANK.iter().filter(|question| !known.contains(&question.code) && question.answer(&facts, now).is_some());
        let drawn = plan.questions(position, most, among.map(|question| question.code.as_str()).collect());
        if drawn.len() < most {
            return Err(CheckError::NoQuestions);
        }
        Ok(store::more::ask(tx, check.id, &persons, &drawn, now).await?)
    }

    /// Files whether an answer was right.
    ///
    /// # Errors
    /// [`CheckError::Unknown`] for somebody else's check or a question that was not asked, [`CheckError::Judged`].
    pub async fn mark_answer(&self, id: CheckId, agent: StaffId, question: &str, mark: AnswerMark) -> Result<(), CheckError> {
        let mut tx = self.db.begin().await?;
        let check = store::find_in(&mut tx, id).await?.filter(|check| check.agent == agent && check.kind == CheckKind::Questions).ok_or(CheckError::Unknown)?;
        if check.state != CheckState::Asked {
            return Err(CheckError::Judged);
        }
        let media_ms = check.asked_media_ms + (self.ambient.now() - check.asked_at).num_milliseconds().max(0);
        if !store::more::mark(&mut tx, id, question, mark, media_ms).await? {
            return Err(CheckError::Unknown);
        }
        let check = store::find_in(&mut tx, id).await?.ok_or(CheckError::Unknown)?;
        self.push(&mut tx, &check).await?;
        let detail = serde_json::json!({ "call": check.call, "check": id, "question": question, "mark": mark, "media_ms": media_ms });
        dossier::note(&mut tx, &self.ambient, check.dossier, Actor::Staff(agent), "check.answer_marked", detail).await?;
        tx.commit().await?;
        self.relay.nudge();
        Ok(())
    }

    /// What of a check is personal: the questions with what the file says, the place.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn sheet(&self, check: &Check) -> Result<CheckSheet, DbError> {
        let asked = if check.kind == CheckKind::Questions { store::more::questions(&self.db, check.id).await? } else { Vec::new() };
        let mut questions = Vec::new();
        if let Some(file) = if asked.is_empty() { None } else { dossier::find(&self.db, check.dossier).await? } {
            let facts = with_contacts(self.facts.of(check.dossier).await?, &file);
            for (code, mark) in asked {
                let answer = BANK.iter().find(|question| question.code == code).and_then(|question| question.answer(&facts, check.asked_at));
                questions.push(QuestionLine { question: code, answer: Pii::new(answer.unwrap_or_default()), mark });
            }
        }
        let place = if check.kind == CheckKind::Location { store::more::place(&self.db, check.id).await? } else { None };
        Ok(CheckSheet { check_id: check.id, questions, place })
    }

    /// The sheet of a check of this agent's own.
    ///
    /// # Errors
    /// [`CheckError::Unknown`] for somebody else's.
    pub async fn own_sheet(&self, id: CheckId, agent: StaffId) -> Result<CheckSheet, CheckError> {
        let check = store::find(&self.db, id).await?.filter(|check| check.agent == agent).ok_or(CheckError::Unknown)?;
        Ok(self.sheet(&check).await?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::base::words::Words;

    #[test]
    fn every_question_is_one_of_its_own_with_words_in_every_language() {
        let codes: BTreeSet<&str> = BANK.iter().map(|question| question.code.as_str()).collect();
        assert!(codes.len() == BANK.len() && codes.len() >= 15);
        for question in BANK.iter() {
            for locale in ["en", "vi"] {
                assert!(Words::of(locale).find(&format!("question.{}", question.code)).is_some_and(|text| text.ends_with('?')), "{locale} {}", question.code);
            }
        }
    }

    #[test]
    fn an_answer_is_the_part_that_is_asked_for() {
        let now: Timestamp = "2026-03-02T02:00:00Z".parse().expect("an instant");
        let facts: Vec<Fact> = [
            ("birth_date", "1990-03-03"),
            ("number", "079-203 001 234"),
            ("full_name", "Nguyễn Thị Đẹp"),
            ("email", "mau@example.org"),
            ("phone", "+84 90 123 45 67"),
            ("surname", " "),
            ("expiry_date", "soon"),
        ]
        .map(|(name, value)| (name.to_owned(), Pii::new(value.to_owned())))
        .into();
        let answer = |code: &str| BANK.iter().find(|question| question.code == code).expect("a question").answer(&facts, now);
        for (code, wanted) in [
            ("birth_year", Some("1990")),
            ("birth_day", Some("03.03.")),
            ("age", Some("35")),
            ("number_end", Some("1234")),
            ("first_of_name", Some("Nguyễn")),
            ("last_of_name", Some("Đẹp")),
            ("mailbox", Some("example.org")),
            ("phone_end", Some("567")),
            ("spell_surname", None),
            ("expiry_year", None),
            ("residence", None),
        ] {
            assert_eq!(answer(code).as_deref(), wanted, "{code}");
        }
    }

    #[test]
    fn questions_are_met_when_all_are_marked_and_few_enough_wrong() {
        let tally = |asked, right, wrong| Tally { asked, right, wrong };
        assert!(tally(3, 3, 0).is_met(0) && tally(3, 2, 1).is_met(1));
        assert!(!tally(3, 2, 0).is_met(1) && !tally(3, 2, 1).is_met(0) && !tally(0, 0, 0).is_met(3));
    }
}
