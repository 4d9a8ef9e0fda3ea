//! What the film of a call is captioned with: who, and what was checked, in the language of the file.

use super::{Call, door::Calls, store};
use crate::{
    base::{
        Pii,
        db::{DbError, Tx},
        words::Words,
    },
    engine::track::{Captions, Mark},
    journey::checks::Check,
    registry::dossier,
};

impl Calls {
    /// The customer is on the left; the wall clock is the recording's to fill in.
    pub(super) async fn captions(&self, tx: &mut Tx, call: &Call) -> Result<Captions, DbError> {
        let file = dossier::find_in(tx, call.dossier).await?;
        let words = Words::of(file.as_ref().map_or("en", |file| file.locale.as_str()));
        let customer = file.and_then(|file| file.holder_name).map(Pii::into_exposed).unwrap_or_default();
        let marks = self.checks.of_call_in(tx, call.id).await?.iter().map(|check| mark(check, words)).collect();
        Ok(Captions { names: [customer, store::agent_name_in(tx, call.agent).await?], marks, ..Captions::default() })
    }
}

fn mark(check: &Check, words: Words) -> Mark {
    let (kind, state) = (words.coded("check", &check.kind), words.coded("step_state", &check.state));
    Mark { at_ms: check.judged_media_ms.unwrap_or(check.asked_media_ms), text: format!("{kind}: {state}") }
}
