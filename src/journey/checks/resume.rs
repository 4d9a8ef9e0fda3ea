//! What of the checks still counts after a connection broke, as the rule profile wants it: within the same call
//! ([`Checks::returned`]) and from a call that broke off to the one that follows ([`Before`]).

use super::{
    Check, CheckError, Checks, draw,
    store::{self, Carried},
    terms::ReconnectPolicy,
    wire::{CheckKind, CheckState},
};
use crate::{
    base::{
        Timestamp,
        db::{DbError, Tx},
        id::CallId,
    },
    registry::{audit::Actor, dossier},
};

/// The call before a new one of the same file, as the call room knows it.
#[derive(Debug, Clone)]
pub struct Before {
    /// Which.
    pub call: CallId,
    /// When it broke off; none when it was hung up.
    pub lost_at: Option<Timestamp>,
    /// Its decision was to do one thing again.
    pub is_redo: bool,
    /// That thing, where it is a check.
    pub redo: Option<CheckKind>,
}

/// What was gone for a while in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The customer's picture.
    Picture,
    /// The word between the two, or the agent who looks, while the customer's picture went on.
    Word,
}

/// What a customer who is back finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumption {
    /// All that was passed.
    Continue,
    /// This check comes again.
    Repeat(CheckKind),
    /// Nothing: the call has to end, the next one begins from the front.
    Fresh,
}

impl Checks {
    /// One end is back after it was gone. Files what no longer counts and says what is to happen: a check that was asked
    /// meanwhile comes again in any case, with a new draw (after the absence of a word only what both had to see); when the
    /// picture was gone, by the profile also the last one before the break, or all.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn returned(&self, tx: &mut Tx, call: CallId, absence: Absence) -> Result<Resumption, DbError> {
        let checks = store::of_call_in(tx, call).await?;
        let asked = checks.iter().position(|check| check.state == CheckState::Asked);
        if absence == Absence::Word {
            return match asked.filter(|at| checks[*at].kind.is_watched()) {
                Some(at) => self.repeat(tx, checks[at].clone()).await,
                None => Ok(Resumption::Continue),
            };
        }
        let policy = self.plan_in(tx, call).await?.profile.reconnect().policy;
        if policy == ReconnectPolicy::FreshSession {
            return Ok(if checks.is_empty() { Resumption::Continue } else { Resumption::Fresh });
        }
        // What an earlier break already brings back is the last one: a second break takes no more.
        let last = || checks.iter().rposition(|check| check.state == CheckState::Passed || check.void_because.is_some());
        let repeats = || if policy == ReconnectPolicy::RepeatLastCheck { last().filter(|at| checks[*at].void_because.is_none()) } else { None };
        match asked.or_else(repeats) {
            Some(at) => self.repeat(tx, checks[at].clone()).await,
            None => Ok(Resumption::Continue),
        }
    }

    /// A check counts no more and comes again.
    async fn repeat(&self, tx: &mut Tx, mut check: Check) -> Result<Resumption, DbError> {
        if check.state == CheckState::Asked {
            check = match self.settle(tx, check, CheckState::Skipped, Some("technical"), Actor::System).await {
                Ok(check) => check,
                Err(CheckError::Db(error)) => return Err(error),
                Err(_) => return Ok(Resumption::Continue),
            };
        }
        store::void(tx, check.id, "reconnected").await?;
        check.void_because = Some("reconnected".to_owned());
        self.tell(tx, &check, "check.voided", Actor::System).await?;
        Ok(Resumption::Repeat(check.kind))
    }

    /// What a call that begins takes over from the one before it.
    pub(super) async fn carried(&self, tx: &mut Tx, before: Option<&Before>) -> Result<Carried, DbError> {
        let Some(before) = before else { return Ok(Carried::default()) };
        let Some(filed) = store::plan_in(tx, before.call).await?.filter(|filed| filed.profile.toml() == self.profile.toml()) else {
            return Ok(Carried::default());
        };
        let terms = self.profile.reconnect();
        let is_soon = |at: Timestamp| self.ambient.now() - at <= chrono::Duration::minutes(i64::from(terms.within_minutes));
        let mut past = draw::past(&store::of_call_in(tx, before.call).await?);
        match (before.is_redo, before.lost_at, terms.policy) {
            (true, ..) => {}
            (false, Some(at), ReconnectPolicy::Continue) if is_soon(at) => {}
            (false, Some(at), ReconnectPolicy::RepeatLastCheck) if is_soon(at) => {
                if let Some(last) = past.iter_mut().rev().find(|past| past.state == CheckState::Passed) {
                    last.void = true;
                }
            }
            _ => return Ok(Carried::default()),
        }
        let left = filed.plan(before.call).left(&past);
        // A movement that would have come once more was seen, too: a new call draws no repeats beside what it takes over.
        let is_settled = |kind: &CheckKind| {
            let is_passed = past.iter().any(|past| past.kind == *kind && past.state == CheckState::Passed && !past.void);
            Some(*kind) != before.redo && (is_passed || !left.contains(kind))
        };
        let kinds: Vec<CheckKind> = self.profile.kinds().into_iter().filter(is_settled).collect();
        // Who could not turn the head showed something else instead: that is asked anew.
        let is_whole = left.iter().all(|kind| self.profile.kinds().contains(kind));
        Ok(if kinds.is_empty() || !is_whole { Carried::default() } else { Carried { from: Some(before.call), kinds } })
    }

    /// Files in the timeline what a new call takes over.
    pub(super) async fn tell_carried(&self, tx: &mut Tx, call: CallId, dossier: crate::base::id::DossierId, carried: &Carried) -> Result<(), DbError> {
        let Some(from) = carried.from else { return Ok(()) };
        let detail = serde_json::json!({ "call": call, "from": from, "checks": carried.kinds });
        dossier::note(tx, &self.ambient, dossier, Actor::System, "check.carried", detail).await
    }
}
