//! What the two ends of a call do about checks besides asking and judging: typing a code, giving the place, noticing
//! something about the picture.

use super::{Call, CallError, Who, door::Calls, life::Seat, wire::Party};
use crate::{
    base::{
        Pii, Timestamp,
        db::DbError,
        id::{CallId, DossierId, StaffId},
    },
    journey::checks::{
        Absence, Noticed,
        wire::{CodeView, CompareFace, GiveHints, GivePlace, HintSource},
    },
    registry::dossier,
};

impl Calls {
    /// What the customer typed as the one-time code.
    ///
    /// # Errors
    /// [`CallError::Unknown`] when there is no call, [`CallError::Check`].
    pub async fn type_code(&self, customer: DossierId, typed: &Pii<String>) -> Result<CodeView, CallError> {
        let call = self.of_customer(customer).await?;
        Ok(self.checks.type_code(call.id, customer, typed).await?)
    }

    /// The customer asks for another one-time code.
    ///
    /// # Errors
    /// [`CallError::Unknown`] when there is no call, [`CallError::Check`].
    pub async fn send_code_again(&self, customer: DossierId) -> Result<CodeView, CallError> {
        let call = self.of_customer(customer).await?;
        Ok(self.checks.send_code_again(call.id, customer).await?)
    }

    /// The customer's answer when asked for the place.
    ///
    /// # Errors
    /// [`CallError::Unknown`] when there is no call, [`CallError::Check`].
    pub async fn give_place(&self, customer: DossierId, place: &GivePlace) -> Result<(), CallError> {
        let call = self.of_customer(customer).await?;
        Ok(self.checks.give_place(call.id, customer, place).await?)
    }

    /// One end noticed something about the customer's picture.
    ///
    /// # Errors
    /// [`CallError::Unknown`] when it is in no call.
    pub async fn notice(&self, who: Who, hints: &GiveHints) -> Result<(), CallError> {
        let call = self.current(who).await?.ok_or(CallError::Unknown)?;
        let source = if who.party() == Party::Agent { HintSource::Agent } else { HintSource::Customer };
        let noticed = Noticed { call: call.id, agent: call.agent, source, media_ms: self.media_ms(call.id).await? };
        Ok(self.checks.notice(noticed, &hints.codes).await?)
    }

    /// The agent compares portrait and live face, one feature at a time.
    ///
    /// # Errors
    /// [`CallError::Unknown`] when this is not the call the agent is in, or for an unknown feature.
    pub async fn compare(&self, agent: StaffId, id: CallId, seen: &CompareFace) -> Result<(), CallError> {
        let call = self.current(Who::Agent(agent)).await?.filter(|call| call.id == id).ok_or(CallError::Unknown)?;
        Ok(self.checks.compare(id, call.dossier, agent, self.media_ms(id).await?, seen).await?)
    }

    /// Until when the person of a file has to pause because calls came to nothing; none when they may call.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn paused_until(&self, customer: DossierId) -> Result<Option<Timestamp>, DbError> {
        match dossier::find(&self.db, customer).await? {
            Some(file) => self.persons.paused_until(&file).await,
            None => Ok(None),
        }
    }

    async fn of_customer(&self, customer: DossierId) -> Result<Call, CallError> {
        self.current(Who::Customer(customer)).await?.ok_or(CallError::Unknown)
    }
}

/// What is back that was gone, if this change is that.
pub(super) fn returned(before: &Call, after: &Call) -> Option<Absence> {
    let is_back = |party: Party| matches!(after.life.seat(party), Some(Seat::Connected));
    match (before.life.seat(Party::Customer), before.life.seat(Party::Agent)) {
        (Some(Seat::Away { media: false, .. }), _) if is_back(Party::Customer) => Some(Absence::Picture),
        (Some(Seat::Away { .. }), _) if is_back(Party::Customer) => Some(Absence::Word),
        (_, Some(Seat::Away { .. })) if is_back(Party::Agent) => Some(Absence::Word),
        _ => None,
    }
}
