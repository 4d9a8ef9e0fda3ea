//! A call and the servers of the house: one carries its media, and pages may be at any. What only the carrier can do is asked of it; what
//! all have to know is told to all.

use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::{
    Call, CallError, Who,
    door::{Calls, Takeover},
    quality::Sample,
};
use crate::{
    base::{
        db::DbError,
        id::{CallId, StaffId, StillId},
    },
    registry::nodes::{Hears, NoAnswer},
};

/// What is asked of the server that carries a call.
#[derive(Debug, Serialize, Deserialize)]
struct Ask {
    who: Who,
    call: CallId,
    epoch: i64,
    offer: String,
    /// Whether `who` is no end of the call but looks on.
    #[serde(default)]
    observes: bool,
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Sdp(String),
    Refused(Refusal),
}

/// Why a page does not get in, as far as it is the page's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Refusal {
    Unknown,
    Over,
    Superseded,
    UnknownEpoch,
    BadOffer,
    RecorderFailed,
    Conflict,
    NoMedia,
}

/// What all servers are told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    /// A page joined; older ones of the same person stop.
    Joined(Takeover),
    /// A call is over.
    Over(CallId),
    /// How it looks from one end, for the server that carries the call.
    Quality(Who, CallId, Sample),
    /// A photograph is waited for on the data channel, or not any more.
    Still(CallId, StillId, bool),
}

impl Refusal {
    fn of(error: &CallError) -> Self {
        match error {
            CallError::Unknown => Self::Unknown,
            CallError::Over => Self::Over,
            CallError::Superseded => Self::Superseded,
            CallError::UnknownEpoch => Self::UnknownEpoch,
            CallError::BadOffer => Self::BadOffer,
            CallError::RecorderFailed => Self::RecorderFailed,
            CallError::Conflict => Self::Conflict,
            _ => Self::NoMedia,
        }
    }
}

impl From<Refusal> for CallError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => Self::Unknown,
            Refusal::Over => Self::Over,
            Refusal::Superseded => Self::Superseded,
            Refusal::UnknownEpoch => Self::UnknownEpoch,
            Refusal::BadOffer => Self::BadOffer,
            Refusal::RecorderFailed => Self::RecorderFailed,
            Refusal::Conflict => Self::Conflict,
            Refusal::NoMedia => Self::NoMedia,
        }
    }
}

impl From<NoAnswer> for CallError {
    fn from(_: NoAnswer) -> Self {
        Self::NoMedia
    }
}

fn json(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("messages between servers serialise")
}

impl Calls {
    /// Whether this server carries the call.
    pub(super) fn is_here(&self, call: &Call) -> bool {
        call.node == self.nodes.name()
    }

    /// Has the server that carries the call answer the offer of a page that is here.
    pub(super) async fn join_there(&self, node: &str, who: Who, (call, epoch): (CallId, i64), offer: String) -> Result<String, CallError> {
        self.asked_of(node, &Ask { who, call, epoch, offer, observes: false }).await
    }

    /// Has the server that carries the call answer the offer of one who looks on.
    pub(super) async fn observe_there(&self, node: &str, staff: StaffId, call: CallId, offer: String) -> Result<String, CallError> {
        self.asked_of(node, &Ask { who: Who::Agent(staff), call, epoch: 0, offer, observes: true }).await
    }

    async fn asked_of(&self, node: &str, ask: &Ask) -> Result<String, CallError> {
        let answer = self.nodes.post().ask(node, json(ask)).await?;
        match serde_json::from_str(&answer) {
            Ok(Answer::Sdp(sdp)) => Ok(sdp),
            Ok(Answer::Refused(refusal)) => Err(refusal.into()),
            Err(error) => {
                tracing::warn!(error = %error, node, "calls: an answer of another server is not understood");
                Err(CallError::NoMedia)
            }
        }
    }

    /// Sockets of older pages hear it, here and at the other servers. Nobody listening is fine.
    pub(super) fn tell_takeover(&self, takeover: Takeover) {
        drop(self.takeovers.send(takeover));
        self.nodes.post().tell(None, json(&Word::Joined(takeover)));
    }

    /// The server that carried the call frees its room.
    pub(super) fn tell_over(&self, call: &Call) {
        if !self.is_here(call) {
            self.nodes.post().tell(Some(&call.node), json(&Word::Over(call.id)));
        }
    }

    /// The server that carries the call waits for a photograph, or not any more.
    pub(super) fn tell_still_word(&self, call: CallId, still: StillId, is_asked: bool) {
        self.nodes.post().tell(None, json(&Word::Still(call, still, is_asked)));
    }

    /// The server that carries the call hears how it looks.
    pub(super) fn tell_quality(&self, call: &Call, who: Who, sample: Sample) {
        self.nodes.post().tell(Some(&call.node), json(&Word::Quality(who, call.id, sample)));
    }

    /// Nothing of a call is held here any more: its room, its logs, its pictures on their way, how it looked.
    pub(super) fn let_go(&self, id: CallId) {
        self.close_room(id);
        self.recordings.let_go(id);
        self.forget_transfers(id);
        self.qualities.lock().unwrap_or_else(PoisonError::into_inner).retain(|(call, ..), _| *call != id);
        self.carried.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// The same of a call that is not ended here: how it looked is filed first.
    pub(super) async fn part_from(&self, id: CallId) -> Result<(), DbError> {
        self.recordings.let_go(id);
        let mut tx = self.db.begin().await?;
        self.file_quality(&mut tx, id).await?;
        tx.commit().await?;
        self.let_go(id);
        Ok(())
    }

    /// What has media here.
    pub(super) fn carried(&self) -> Vec<CallId> {
        self.carried.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    /// Of what had media here, lets go what is not among the calls this server carries: it ended, or went to another server, and
    /// the word of it did not come.
    pub(super) async fn part_from_others(&self, carried: Vec<CallId>, open: &[Call]) -> Result<(), DbError> {
        for id in carried.into_iter().filter(|id| open.iter().all(|call| call.id != *id)) {
            self.part_from(id).await?;
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl Hears for Calls {
    async fn answer(&self, text: &str) -> String {
        let answer = match serde_json::from_str(text) {
            Ok(ask) => match self.join_asked(ask).await {
                Ok(sdp) => Answer::Sdp(sdp),
                Err(error) => Answer::Refused(Refusal::of(&error)),
            },
            Err(error) => {
                tracing::warn!(error = %error, "calls: a question of another server is not understood");
                Answer::Refused(Refusal::NoMedia)
            }
        };
        json(&answer)
    }

    async fn hear(&self, text: &str) {
        match serde_json::from_str(text) {
            Ok(Word::Joined(takeover)) => drop(self.takeovers.send(takeover)),
            Ok(Word::Over(call)) => {
                if let Err(error) = self.part_from(call).await {
                    tracing::warn!(call.id = %call, error = %error, "calls: a call that is over is looked after again in a second");
                }
            }
            Ok(Word::Quality(who, call, sample)) => {
                if let Err(error) = self.report_quality(who, call, sample).await {
                    tracing::debug!(call.id = %call, error = %error, "calls: how a call looks is not taken");
                }
            }
            Ok(Word::Still(call, still, true)) if self.carried().contains(&call) => self.begin_transfer(call, still),
            Ok(Word::Still(_, _, true)) => {}
            Ok(Word::Still(call, still, false)) => self.end_transfer(call, still),
            Err(error) => tracing::warn!(error = %error, "calls: a word of another server is not understood"),
        }
    }
}

impl Calls {
    /// A question may be older than the news that the call is carried by another server.
    async fn join_asked(&self, ask: Ask) -> Result<String, CallError> {
        let Ask { who, call: id, epoch, offer, observes } = ask;
        let call = self.find(id).await?.ok_or(CallError::Unknown)?;
        match who {
            _ if !self.is_here(&call) => Err(CallError::NoMedia),
            Who::Agent(staff) if observes => self.observe_here(staff, id, offer).await,
            who => self.join_here(who, id, epoch, offer).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_may_know_of_a_refusal_survives_the_way_between_servers() {
        for refusal in [
            Refusal::Unknown,
            Refusal::Over,
            Refusal::Superseded,
            Refusal::UnknownEpoch,
            Refusal::BadOffer,
            Refusal::RecorderFailed,
            Refusal::Conflict,
            Refusal::NoMedia,
        ] {
            let text = json(&Answer::Refused(refusal));
            let Ok(Answer::Refused(heard)) = serde_json::from_str(&text) else { panic!("{text}") };
            assert_eq!(Refusal::of(&CallError::from(heard)), refusal);
        }
    }
}
