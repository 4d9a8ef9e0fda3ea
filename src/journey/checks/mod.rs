//! Which checks a call needs and how they went: what was asked, the agent's verdict, the still filed with it, both on
//! the time of the recording.
//!
//! ```text
//! asked ─passed→ passed        one check is asked at a time; what it is, [`plan`] draws when the agent presses Go
//!   ├───failed→ failed         what failed goes back among what is left, until its tries are used up
//!   └──skipped→ skipped        left out with a reason; who cannot do a movement is asked for something else
//! ```
//! Which checks a call needs is said by a rule profile ([`profile`]).
//! It does not know the life of a call: the call room asks (only while the call is live) and closes what is still open
//! when the call ends. The agent's verdict is filed as the agent's; a measuring engine files its own beside it
//! ([`Checks::file_measured`]) and never overwrites it. What only the server can know (a typed code, marked answers, a
//! place) has to be there before a check is passed. Start reading at [`plan`]; the door is [`Checks`].

mod codes;
mod draw;
mod hints;
mod likeness;
mod measure;
mod places;
mod plan;
mod profile;
mod questions;
mod resume;
mod rules;
mod stills;
mod store;
mod terms;
pub mod wire;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use codes::Code;
pub use hints::{HINTS, Noticed};
pub use likeness::{COMPARE_FACES, CompareFaces, FEATURES, Likeness};
pub use measure::{MEASURE_CHECKS, MeasureChecks};
pub use profile::{Evidence, Profile, ProfileError};
pub use questions::{Fact, Facts, Portrait, Tally};
pub use resume::{Absence, Before, Resumption};
pub use rules::{CHOICES, REASONS};
pub use terms::{Attempts, Reconnect, ReconnectPolicy};

/// Name of the job that deletes the sealed files of a file whose time is over; its subject is `<dossier>:<when it is due>`.
pub const END_RETENTION: &str = "end_retention";

use crate::{
    base::{
        Ambient, Timestamp,
        db::{Db, DbError, Tx},
        id::{CallId, CheckId, DossierId, StaffId},
    },
    engine::vault::{Vault, VaultError},
    journey::call::wire::CallPush,
    registry::{
        audit::Actor,
        dossier,
        letters::Letters,
        outbox::{self, Relay, Topic},
        person::Persons,
    },
};
pub use wire::MeasuredVerdict;
use wire::{AskCheck, Challenge, CheckKind, CheckState, CheckView, JudgeCheck, MeasuredView, PlaceOutcome};

/// Section `checks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The rule profile: the name of one that is built in, or the path of a file.
    pub profile: String,
    /// Largest still in bytes.
    pub still_bytes: usize,
}

impl Settings {
    /// What does not go together, one sentence each.
    pub fn contradictions(&self) -> Vec<String> {
        Profile::load(&self.profile).err().map(|error| format!("checks.profile: {error}")).into_iter().collect()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { profile: "default".to_owned(), still_bytes: 2 * 1024 * 1024 }
    }
}

/// One check as filed.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its id.
    pub id: CheckId,
    /// Its call.
    pub call: CallId,
    /// Its file.
    pub dossier: DossierId,
    /// Who asked.
    pub agent: StaffId,
    /// What.
    pub kind: CheckKind,
    /// How it stands.
    pub state: CheckState,
    /// Coded reason of a failure or of leaving it out.
    pub reason: Option<String>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// The same in milliseconds from the start of the recording.
    pub asked_media_ms: i64,
    /// When it was judged, in milliseconds from the start of the recording.
    pub judged_media_ms: Option<i64>,
    /// The still of the received picture.
    pub still: Option<Still>,
    /// What a measuring engine found, once one has measured.
    pub measured: Option<Measured>,
    /// What exactly was asked.
    pub challenge: Option<Challenge>,
    /// Why the agent chose this kind, where it was not drawn.
    pub chosen_because: Option<String>,
    /// Why it no longer counts and comes again.
    pub void_because: Option<String>,
    /// The one-time code, where one was made.
    pub code: Option<Code>,
    /// How the questions were answered.
    pub questions: Tally,
    /// Whether the customer's browser said where it is.
    pub place: Option<PlaceOutcome>,
    /// How alike its still and the portrait of the document are.
    pub likeness: Option<Likeness>,
}

/// A still in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Still {
    /// Where in the vault.
    pub path: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// What a measuring engine found in the recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Its verdict.
    pub verdict: MeasuredVerdict,
    /// Numbers and codes, never personal data.
    pub detail: serde_json::Value,
}

/// Why a check was not asked, judged or filed.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// No such check, or somebody else's.
    #[error("there is no such check")]
    Unknown,
    /// Another check is asked just now.
    #[error("another check is open")]
    OneIsOpen,
    /// This kind is passed as often as it has to be.
    #[error("this check is passed already")]
    Done,
    /// Nothing can be drawn: all is done, or the tries of what is left are used up.
    #[error("nothing is left to be drawn")]
    NothingLeft,
    /// The agent chose a kind without saying why.
    #[error("a choice needs a reason")]
    Choice,
    /// The nonce is not 32 bytes in lower-case hex, or comes too late.
    #[error("the nonce is not taken")]
    Nonce,
    /// The check was judged before.
    #[error("the check is judged already")]
    Judged,
    /// The verdict is none, or its reason is missing, unknown or out of place.
    #[error("the verdict is not complete")]
    Verdict,
    /// The file holds neither a phone number nor an e-mail address.
    #[error("there is no address a code could be sent to")]
    NoAddress,
    /// No other code may be sent.
    #[error("no other code may be sent")]
    Spent,
    /// Too few questions are left that this person was never asked.
    #[error("no questions are left that were never asked")]
    NoQuestions,
    /// What would have to be there is not: the code, right answers, the place.
    #[error("what this check asks for is not there")]
    NotMet,
    /// The place is none.
    #[error("the place is not one")]
    Place,
    /// The still is no JPEG.
    #[error("the still is not a JPEG picture")]
    NotJpeg,
    /// The still is too large.
    #[error("the still is too large")]
    TooLarge,
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What the call room says when an agent asks.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    /// The live call.
    pub call: CallId,
    /// Its file.
    pub dossier: DossierId,
    /// Its agent.
    pub agent: StaffId,
    /// Now, in milliseconds from the start of the recording.
    pub media_ms: i64,
}

/// What the room is built of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Time and randomness.
    pub ambient: Ambient,
    /// The outbox.
    pub relay: Relay,
    /// Stills; and keys for codes.
    pub vault: Vault,
    /// What an earlier room has filed about a person.
    pub facts: Arc<dyn Facts>,
    /// Who a file is about.
    pub persons: Persons,
    /// The way one-time codes take.
    pub letters: Letters,
    /// The name customers know the house by.
    pub house: String,
    /// Section `checks`.
    pub settings: Settings,
}

/// The door.
#[derive(Clone)]
pub struct Checks {
    db: Db,
    ambient: Ambient,
    relay: Relay,
    vault: Vault,
    facts: Arc<dyn Facts>,
    persons: Persons,
    sender: codes::Sender,
    settings: Arc<Settings>,
    profile: Arc<Profile>,
}

impl Checks {
    /// The room over what it needs.
    ///
    /// # Errors
    /// [`ProfileError`] when the profile of the settings cannot be used.
    pub fn new(parts: Parts) -> Result<Self, ProfileError> {
        let Parts { db, ambient, relay, vault, facts, persons, letters, house, settings } = parts;
        let profile = Arc::new(Profile::load(&settings.profile)?);
        let sender = codes::Sender { letters, house, secret: vault.key_for("one-time codes") };
        Ok(Self { db, ambient, relay, vault, facts, persons, sender, settings: Arc::new(settings), profile })
    }

    /// The rule profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Asks the customer, within the transaction in which the call room saw that the call is live: what the draw says, or
    /// what the agent chose for a reason.
    ///
    /// # Errors
    /// [`CheckError::OneIsOpen`], [`CheckError::Done`], [`CheckError::NothingLeft`], [`CheckError::Choice`].
    pub async fn ask(&self, tx: &mut Tx, asking: Asking, wanted: &AskCheck) -> Result<CheckView, CheckError> {
        let so_far = store::of_call_in(tx, asking.call).await?;
        if so_far.iter().any(|check| check.state == CheckState::Asked) {
            return Err(CheckError::OneIsOpen);
        }
        let filed = self.bound(tx, asking.call).await?;
        let (past, plan) = (draw::past(&so_far), filed.plan(asking.call));
        let (kind, chosen_because) = match (wanted.kind, wanted.because.as_deref()) {
            (None, _) => (plan.next(&past).ok_or(CheckError::NothingLeft)?.kind, None),
            (Some(kind), Some(because)) if CHOICES.contains(&because) => {
                let is_passed = past.iter().any(|past| past.kind == kind && past.state == CheckState::Passed);
                if is_passed && !plan.left(&past).contains(&kind) {
                    return Err(CheckError::Done);
                }
                (kind, Some(because.to_owned()))
            }
            (Some(_), _) => return Err(CheckError::Choice),
        };
        let check = Check {
            id: self.ambient.id(),
            call: asking.call,
            dossier: asking.dossier,
            agent: asking.agent,
            kind,
            state: CheckState::Asked,
            reason: None,
            asked_at: self.ambient.now(),
            asked_media_ms: asking.media_ms,
            judged_media_ms: None,
            still: None,
            measured: None,
            challenge: plan.challenge(kind, past.len()),
            chosen_because,
            void_because: None,
            code: None,
            questions: Tally::default(),
            place: None,
            likeness: None,
        };
        store::insert(tx, &check).await.map_err(|error| if matches!(error, DbError::Unique) { CheckError::OneIsOpen } else { error.into() })?;
        if kind == CheckKind::Questions && check.chosen_because.as_deref() != Some("leave_out") {
            self.draw_questions(tx, &check, &plan, past.len()).await?;
        }
        let check = store::find_in(tx, check.id).await?.ok_or(CheckError::Unknown)?;
        self.tell(tx, &check, "check.asked", Actor::Staff(asking.agent)).await?;
        Ok(check.view())
    }

    /// Files the agent's verdict.
    ///
    /// # Errors
    /// [`CheckError::Unknown`] for somebody else's check, [`CheckError::Judged`], [`CheckError::Verdict`].
    pub async fn judge(&self, id: CheckId, agent: StaffId, verdict: &JudgeCheck) -> Result<CheckView, CheckError> {
        let mut tx = self.db.begin().await?;
        let check = store::find_in(&mut tx, id).await?.filter(|check| check.agent == agent).ok_or(CheckError::Unknown)?;
        let check = self.settle(&mut tx, check, verdict.verdict, verdict.reason.as_deref(), Actor::Staff(agent)).await?;
        tx.commit().await?;
        self.relay.nudge();
        Ok(check.view())
    }

    /// Leaves out what is still asked, within the transaction that ends the call, has the recording measured if anything
    /// was asked, and files when the time of the file is over.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn close(&self, tx: &mut Tx, call: CallId, dossier: DossierId, actor: Actor) -> Result<(), DbError> {
        let asked = store::of_call_in(tx, call).await?;
        let due = self.ambient.now() + self.plan_in(tx, call).await?.profile.retention();
        dossier::keep_until(tx, dossier, due).await?;
        outbox::job_at(tx, &self.ambient, END_RETENTION, &format!("{dossier}:{}", due.timestamp_millis()), &serde_json::json!({}), due).await?;
        if !asked.is_empty() {
            outbox::job(tx, &self.ambient, MEASURE_CHECKS, &call.to_string(), &serde_json::json!({})).await?;
        }
        for check in asked.into_iter().filter(|check| check.state == CheckState::Asked) {
            if let Err(CheckError::Db(error)) = self.settle(tx, check, CheckState::Skipped, Some("technical"), actor).await {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Files what a measuring engine found, beside the agent's verdict.
    ///
    /// # Errors
    /// [`CheckError::Unknown`] when there is no such check.
    pub async fn file_measured(&self, tx: &mut Tx, id: CheckId, measured: &Measured) -> Result<(), CheckError> {
        if store::file_measured(tx, id, measured, self.ambient.now()).await? { Ok(()) } else { Err(CheckError::Unknown) }
    }

    /// All checks of a call, in the order of asking.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn of_call(&self, call: CallId) -> Result<Vec<Check>, DbError> {
        store::of_call(&self.db, call).await
    }

    /// The same within a transaction.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn of_call_in(&self, tx: &mut Tx, call: CallId) -> Result<Vec<Check>, DbError> {
        store::of_call_in(tx, call).await
    }

    /// One check.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn find(&self, id: CheckId) -> Result<Option<Check>, DbError> {
        store::find(&self.db, id).await
    }

    /// The kinds that keep a file from being approved: neither passed as often as they have to be, nor left out.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn missing(&self, tx: &mut Tx, call: CallId) -> Result<Vec<CheckKind>, DbError> {
        let past = draw::past(&store::of_call_in(tx, call).await?);
        let mut left = self.plan_in(tx, call).await?.plan(call).left(&past);
        left.dedup();
        Ok(left)
    }

    async fn settle(&self, tx: &mut Tx, check: Check, verdict: CheckState, reason: Option<&str>, actor: Actor) -> Result<Check, CheckError> {
        let state = check.state.judged(verdict, reason).map_err(|why| match why {
            rules::Unjudgeable::Over => CheckError::Judged,
            rules::Unjudgeable::Verdict => CheckError::Verdict,
        })?;
        if state == CheckState::Passed && !check.is_met() {
            return Err(CheckError::NotMet);
        }
        let now = self.ambient.now();
        let media_ms = check.asked_media_ms + (now - check.asked_at).num_milliseconds().max(0);
        if !store::judge(tx, check.id, state, reason, now, media_ms).await? {
            return Err(CheckError::Judged);
        }
        let check = Check { state, reason: reason.map(str::to_owned), judged_media_ms: Some(media_ms), ..check };
        self.tell(tx, &check, &format!("check.{}", state.name()), actor).await?;
        Ok(check)
    }

    async fn tell(&self, tx: &mut Tx, check: &Check, event: &str, actor: Actor) -> Result<(), DbError> {
        let detail = serde_json::json!({
            "call": check.call, "check": check.id, "check_kind": check.kind, "reason": check.reason, "chosen_because": check.chosen_because,
            "media_ms": check.judged_media_ms.unwrap_or(check.asked_media_ms),
        });
        dossier::note(tx, &self.ambient, check.dossier, actor, event, detail).await?;
        self.push(tx, check).await
    }

    /// Tells both ends how a check stands.
    async fn push(&self, tx: &mut Tx, check: &Check) -> Result<(), DbError> {
        let plan = self.plan_view_in(tx, check.call).await?;
        let message = CallPush::CheckChanged { call_id: check.call, check: check.customer_view(), plan: None };
        outbox::push(tx, &self.ambient, Topic::Customer(check.dossier), &message).await?;
        let message = CallPush::CheckChanged { call_id: check.call, check: check.view(), plan: Some(plan) };
        outbox::push(tx, &self.ambient, Topic::Staff(check.agent), &message).await
    }
}

impl Check {
    /// Whether what only the server can know is there: the code was typed, the questions answered, the place given.
    fn is_met(&self) -> bool {
        match (self.kind, &self.challenge) {
            (CheckKind::Code, _) => self.code.as_ref().is_some_and(|code| code.matched_at.is_some()),
            (CheckKind::Questions, Some(Challenge::Questions { may_be_wrong, .. })) => self.questions.is_met(*may_be_wrong),
            (CheckKind::Location, _) => self.place == Some(PlaceOutcome::Given),
            _ => true,
        }
    }

    /// As pages see it.
    pub fn view(&self) -> CheckView {
        CheckView {
            id: self.id,
            kind: self.kind,
            state: self.state,
            asked_at: self.asked_at,
            media_ms: self.asked_media_ms,
            reason: self.reason.clone(),
            has_still: self.still.is_some(),
            challenge: self.challenge.clone(),
            chosen_because: self.chosen_because.clone(),
            measured: None,
            code: self.code_view(None),
            questions: self.questions_view(),
            place: self.place,
            likeness: self.likeness.map(Likeness::view),
            void_because: self.void_because.clone(),
        }
    }

    /// As the customer sees it: without what the agent looks for, and why it was asked.
    pub fn customer_view(&self) -> CheckView {
        let challenge = self.challenge.clone().filter(|challenge| !matches!(challenge, Challenge::Features { .. }));
        CheckView { challenge, chosen_because: None, questions: None, likeness: None, ..self.view() }
    }

    /// As the file shows it: with what was measured. Never for the customer, who could train on it.
    pub fn filed_view(&self) -> CheckView {
        let measured = self.measured.as_ref().map(|measured| MeasuredView {
            verdict: measured.verdict,
            reason: measured.detail["reason"].as_str().map(str::to_owned),
            evidence: measure::evidence(&measured.detail),
            disagrees: measured.verdict.disagrees(self.state, self.reason.as_deref()),
        });
        CheckView { measured, ..self.view() }
    }
}
