//! Signs that a picture may not come from a camera: a virtual camera by its name, frames or times that stand still or
//! repeat, somebody who reacts faster than people do, or each time alike. From the customer's page (which its holder can
//! change, so its silence means nothing), from the agent's page, from the recording. Hints: people weigh them.

use super::{
    Checks, store,
    wire::{HintSource, HintView},
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::CallId,
    },
    journey::call::wire::CallPush,
    registry::outbox::{self, Topic},
};

/// What can be noticed, by whom.
pub const HINTS: [(&str, &[HintSource]); 6] = [
    ("virtual_camera", &[HintSource::Customer]),
    ("times_even", &[HintSource::Customer]),
    ("frames_frozen", &[HintSource::Customer, HintSource::Agent, HintSource::Recording]),
    ("frames_repeated", &[HintSource::Customer, HintSource::Agent, HintSource::Recording]),
    ("reacted_at_once", &[HintSource::Recording]),
    ("reacted_alike", &[HintSource::Recording]),
];

impl HintSource {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Recording => "recording",
        }
    }
}

impl std::str::FromStr for HintSource {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Customer, Self::Agent, Self::Recording].into_iter().find(|source| source.name() == text).ok_or(())
    }
}

/// Where a hint was noticed.
#[derive(Debug, Clone, Copy)]
pub struct Noticed {
    /// The call.
    pub call: CallId,
    /// Its agent, who is told.
    pub agent: crate::base::id::StaffId,
    /// By whom.
    pub source: HintSource,
    /// When, in milliseconds from the start of the recording.
    pub media_ms: i64,
}

impl Checks {
    /// Files hints of one source, those it can have noticed, and tells the agent. What was noticed before is counted.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn notice(&self, noticed: Noticed, codes: &[String]) -> Result<(), DbError> {
        let is_known = |code: &&String| HINTS.iter().any(|(hint, sources)| hint == code && sources.contains(&noticed.source));
        let known: Vec<&String> = codes.iter().filter(is_known).collect();
        if known.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        for code in known {
            note(&mut tx, noticed, code, self.ambient.now()).await?;
        }
        let message = CallPush::HintsChanged { call_id: noticed.call, hints: store::more::hints_in(&mut tx, noticed.call).await? };
        outbox::push(&mut tx, &self.ambient, Topic::Staff(noticed.agent), &message).await?;
        tx.commit().await?;
        self.relay.nudge();
        Ok(())
    }

    /// What was noticed in a call, in the order of noticing.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn hints(&self, call: CallId) -> Result<Vec<HintView>, DbError> {
        store::more::hints(&self.db, call).await
    }
}

/// Files one hint.
pub(super) async fn note(tx: &mut Tx, noticed: Noticed, code: &str, now: crate::base::Timestamp) -> Result<(), DbError> {
    store::more::hint(tx, noticed.call, noticed.source, code, noticed.media_ms, now).await
}

/// What the measured checks of a call say about how somebody reacts: `(milliseconds from prompt to movement)` each. Nobody
/// reacts within a fifth of a second, and nobody takes the same time, within 30 ms, to three or more movements.
pub(super) fn reactions(started_ms: &[i64]) -> Vec<&'static str> {
    let mut found = Vec::new();
    if started_ms.iter().any(|ms| *ms < 200) {
        found.push("reacted_at_once");
    }
    if let (Some(least), Some(most)) = (started_ms.iter().min(), started_ms.iter().max())
        && started_ms.len() >= 3
        && most - least <= 30
    {
        found.push("reacted_alike");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::words::Words;

    #[test]
    fn people_take_their_time_and_not_each_time_the_same() {
        assert!(reactions(&[420, 510, 380, 700]).is_empty());
        assert_eq!(reactions(&[420, 90, 380]), ["reacted_at_once"]);
        assert_eq!(reactions(&[400, 410, 420, 405]), ["reacted_alike"]);
        assert!(reactions(&[400, 405]).is_empty(), "twice is chance");
        assert!(reactions(&[]).is_empty());
    }

    #[test]
    fn every_hint_has_words() {
        for (hint, sources) in HINTS {
            assert!(!sources.is_empty());
            for locale in ["en", "vi"] {
                assert!(Words::of(locale).find(&format!("hint.{hint}")).is_some(), "{locale} {hint}");
            }
        }
    }
}
