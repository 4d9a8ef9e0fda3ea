//! One-time codes: made by the server when the check is asked, sent to the customer's phone or mailbox, typed into the page
//! of the call. Short-lived, with few tries; only a keyed digest is kept, and what was sent is known to nobody here.
//!
//! A code is handed to the way out after the transaction that files it: no transaction waits for a network. Until it was
//! handed over it says `sending`, and `failed` when it could not be.

use hmac::{Hmac, Mac};

use super::{
    Check, CheckError, Checks, store,
    terms::CodeTerms,
    wire::{Challenge, CheckKind, CheckState, CodeState, CodeView, CodeWay},
};
use crate::{
    base::{
        Pii, Timestamp,
        db::Tx,
        id::{CallId, CheckId, DossierId, StaffId},
        words::Words,
    },
    engine::notify::{Kind, Message},
    registry::{
        audit::Actor,
        dossier::{self, Dossier},
        letters::Letters,
    },
};

/// Figures of a code.
const FIGURES: usize = 6;

/// What codes are made and sent with.
#[derive(Clone)]
pub(super) struct Sender {
    /// The way out.
    pub(super) letters: Letters,
    /// The name customers know the house by.
    pub(super) house: String,
    /// Keys the digests.
    pub(super) secret: [u8; 32],
}

/// A code as filed: never itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    pub(super) way: CodeWay,
    pub(super) sends: u32,
    pub(super) attempts: u32,
    pub(super) sent_at: Option<Timestamp>,
    pub(super) failed_at: Option<Timestamp>,
    pub(super) expires_at: Timestamp,
    pub(super) matched_at: Option<Timestamp>,
}

impl Code {
    /// How it stands now, by the terms of its profile.
    pub(super) fn state(&self, now: Timestamp, attempts: u32) -> CodeState {
        if self.matched_at.is_some() {
            CodeState::Matched
        } else if self.attempts >= attempts {
            CodeState::Spent
        } else if self.expires_at <= now {
            CodeState::Expired
        } else if self.failed_at.is_some() {
            CodeState::Failed
        } else if self.sent_at.is_some() {
            CodeState::Sent
        } else {
            CodeState::Sending
        }
    }
}

impl CodeWay {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }
}

/// Where a code goes: the way asked for, else a text message, else e-mail.
fn address(file: &Dossier, wanted: Option<CodeWay>) -> Option<(CodeWay, Pii<String>)> {
    let of = |way: CodeWay| {
        let address = if way == CodeWay::Sms { &file.phone } else { &file.email };
        address.clone().filter(|address| !address.expose().is_empty()).map(|address| (way, address))
    };
    match wanted {
        Some(way) => of(way),
        None => of(CodeWay::Sms).or_else(|| of(CodeWay::Email)),
    }
}

impl Check {
    /// The terms its code was asked for under.
    pub(super) fn code_terms(&self) -> CodeTerms {
        match self.challenge {
            Some(Challenge::Code { minutes, attempts, sends }) => CodeTerms { minutes, attempts, sends },
            _ => CodeTerms::default(),
        }
    }

    /// Its code as both ends see it. Whether it is too old by now each end sees by its own clock; with `now` this end does.
    pub(super) fn code_view(&self, now: Option<Timestamp>) -> Option<CodeView> {
        let (code, terms) = (self.code.as_ref()?, self.code_terms());
        Some(CodeView {
            state: code.state(now.unwrap_or(Timestamp::MIN_UTC), terms.attempts),
            way: code.way,
            attempts_left: terms.attempts.saturating_sub(code.attempts),
            sends_left: terms.sends.saturating_sub(code.sends),
            expires_at: code.expires_at,
        })
    }
}

impl Checks {
    /// Makes a code for a check that is asked in a call of this agent and sends it.
    ///
    /// # Errors
    /// [`CheckError::Unknown`] when it is not, [`CheckError::NoAddress`], [`CheckError::Spent`] once no other one may be sent.
    pub async fn send_code(&self, id: CheckId, agent: StaffId, way: Option<CodeWay>) -> Result<CodeView, CheckError> {
        let check = store::find(&self.db, id).await?.filter(|check| check.agent == agent).ok_or(CheckError::Unknown)?;
        self.send(&check, way, Actor::Staff(agent)).await
    }

    /// The customer asks for another code.
    ///
    /// # Errors
    /// [`CheckError::Unknown`] when no code is asked for in the call, else as [`send_code`](Self::send_code).
    pub async fn send_code_again(&self, call: CallId, customer: DossierId) -> Result<CodeView, CheckError> {
        let check = self.asked_code(call).await?;
        self.send(&check, None, Actor::Customer(customer)).await
    }

    async fn asked_code(&self, call: CallId) -> Result<Check, CheckError> {
        let checks = store::of_call(&self.db, call).await?;
        checks.into_iter().find(|check| check.kind == CheckKind::Code && check.state == CheckState::Asked).ok_or(CheckError::Unknown)
    }

    async fn send(&self, check: &Check, way: Option<CodeWay>, actor: Actor) -> Result<CodeView, CheckError> {
        if check.kind != CheckKind::Code || check.state != CheckState::Asked {
            return Err(CheckError::Unknown);
        }
        let now = self.ambient.now();
        let mut tx = self.db.begin().await?;
        let terms = check.code_terms();
        let file = dossier::find_in(&mut tx, check.dossier).await?.ok_or(CheckError::Unknown)?;
        let (way, to) = address(&file, way).ok_or(CheckError::NoAddress)?;
        let figures = figures(u64::from_be_bytes(self.ambient.bytes()));
        let digest = self.code_digest(check.id, &figures);
        let until = now + chrono::Duration::minutes(i64::from(terms.minutes));
        if !store::more::put_code(&mut tx, check.id, (way, &digest), until, terms.sends).await? {
            return Err(CheckError::Spent);
        }
        let detail = serde_json::json!({ "call": check.call, "check": check.id, "way": way });
        dossier::note(&mut tx, &self.ambient, check.dossier, actor, "check.code_made", detail).await?;
        tx.commit().await?;

        let serial = check.code.as_ref().map_or(1, |code| code.sends + 1);
        let message = self.code_message(&file, (way, to), (check.id, serial), &figures, terms.minutes);
        let handed = self.sender.letters.send(check.dossier, &message).await;
        if let Err(error) = &handed {
            tracing::warn!(check.id = %check.id, error = %error, "a one-time code could not be handed over");
        }
        let mut tx = self.db.begin().await?;
        store::more::sent(&mut tx, check.id, &digest, handed.is_ok(), self.ambient.now()).await?;
        self.code_changed(tx, check.id, Some(if handed.is_ok() { "check.code_sent" } else { "check.code_not_sent" }), Actor::System).await
    }

    /// What the customer typed. Each try counts, whether it comes to anything or not.
    ///
    /// # Errors
    /// [`CheckError::Unknown`] when no code is asked for in the call.
    pub async fn type_code(&self, call: CallId, customer: DossierId, typed: &Pii<String>) -> Result<CodeView, CheckError> {
        let check = self.asked_code(call).await?;
        let now = self.ambient.now();
        let mut tx = self.db.begin().await?;
        let terms = check.code_terms();
        let figures: String = typed.expose().chars().filter(char::is_ascii_digit).collect();
        let mut event = None;
        if let Some(digest) = store::more::try_code(&mut tx, check.id, terms.attempts, now).await? {
            let is_right = figures.len() == FIGURES && is_same(&digest, &self.code_digest(check.id, &figures));
            if is_right {
                store::more::matched(&mut tx, check.id, now).await?;
            }
            event = Some(if is_right { "check.code_matched" } else { "check.code_wrong" });
        }
        self.code_changed(tx, check.id, event, Actor::Customer(customer)).await
    }

    /// Files what happened to a code, tells both ends, commits.
    async fn code_changed(&self, mut tx: Tx, id: CheckId, event: Option<&str>, actor: Actor) -> Result<CodeView, CheckError> {
        let check = store::find_in(&mut tx, id).await?.ok_or(CheckError::Unknown)?;
        if let Some(event) = event {
            self.tell(&mut tx, &check, event, actor).await?;
        }
        tx.commit().await?;
        self.relay.nudge();
        check.code_view(Some(self.ambient.now())).ok_or(CheckError::Unknown)
    }

    fn code_digest(&self, check: CheckId, figures: &str) -> String {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&self.sender.secret).expect("HMAC takes keys of any length");
        mac.update(check.to_string().as_bytes());
        mac.update(figures.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }

    fn code_message(&self, file: &Dossier, (way, to): (CodeWay, Pii<String>), (check, serial): (CheckId, u32), figures: &str, minutes: u32) -> Message {
        let words = Words::of(&file.locale);
        let values = [("house", self.sender.house.as_str()), ("code", figures), ("minutes", &minutes.to_string())];
        let (kind, subject, text) = match way {
            CodeWay::Sms => (Kind::Sms, String::new(), words.say("letter.code.sms", &values)),
            CodeWay::Email => (Kind::Email, words.say("letter.code.subject", &values), words.say("letter.code.text", &values)),
        };
        Message { kind, name: format!("code-{check}-{serial}"), to, subject, text: Pii::new(text), invite: None, at: self.ambient.now() }
    }
}

/// Six figures of a random number, each as likely as any other (2⁶⁴ is no multiple of 10⁶; what that favours is one in 10¹³).
fn figures(random: u64) -> String {
    format!("{:06}", random % 1_000_000)
}

/// Compares without telling by its time how much is right.
fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_how_it_stands() {
        let at = |minute: i64| Timestamp::from_timestamp(minute * 60, 0).unwrap_or_default();
        let code = Code { way: CodeWay::Sms, sends: 1, attempts: 0, sent_at: None, failed_at: None, expires_at: at(5), matched_at: None };
        assert_eq!(code.state(at(0), 3), CodeState::Sending);
        let sent = Code { sent_at: Some(at(0)), ..code.clone() };
        assert_eq!((sent.state(at(4), 3), sent.state(at(5), 3)), (CodeState::Sent, CodeState::Expired));
        assert_eq!(Code { attempts: 3, ..sent.clone() }.state(at(1), 3), CodeState::Spent);
        assert_eq!(Code { attempts: 3, matched_at: Some(at(1)), ..sent }.state(at(9), 3), CodeState::Matched, "the last try may be the right one");
        assert_eq!(Code { failed_at: Some(at(0)), ..code }.state(at(1), 3), CodeState::Failed);
    }

    #[test]
    fn a_code_has_six_figures_and_is_compared_whole() {
        for random in [0, 7, 999_999, u64::MAX] {
            assert_eq!(figures(random).len(), FIGURES, "{random}");
        }
        assert!(is_same("abc", "abc") && !is_same("abc", "abd") && !is_same("abc", "abcd"));
    }

    #[test]
    fn the_letter_with_a_code_has_its_words() {
        for locale in ["en", "vi"] {
            for part in ["subject", "text", "sms"] {
                let said = Words::of(locale).say(&format!("letter.code.{part}"), &[("house", "Bank"), ("code", "012345"), ("minutes", "5")]);
                assert!(said.contains("Bank") && (part == "subject" || said.contains("012345")), "{locale} {part}: {said}");
            }
        }
    }
}
