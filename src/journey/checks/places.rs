//! Where the customer is: asked for like any check, answered by the customer's browser with the customer's consent only.
//! The words the customer agreed to are filed with the answer; refusing is an answer, too.

use super::{
    Check, CheckError, Checks, store,
    wire::{CheckKind, CheckState, GivePlace, PlaceOutcome},
};
use crate::{
    base::{
        id::{CallId, DossierId},
        words::Words,
    },
    registry::{audit::Actor, dossier},
};

impl PlaceOutcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Given, Self::Declined, Self::Unavailable];

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Declined => "declined",
            Self::Unavailable => "unavailable",
        }
    }
}

impl std::str::FromStr for PlaceOutcome {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == text).ok_or(())
    }
}

impl GivePlace {
    /// Whether it is a place on Earth, or none at all where none was given.
    fn makes_sense(&self) -> bool {
        let within = |value: Option<f64>, most: f64| value.is_some_and(|value| value.is_finite() && value.abs() <= most);
        match self.outcome {
            PlaceOutcome::Given => within(self.latitude, 90.0) && within(self.longitude, 180.0) && within(self.accuracy_m, 1e7) && self.accuracy_m >= Some(0.0),
            PlaceOutcome::Declined | PlaceOutcome::Unavailable => self.latitude.is_none() && self.longitude.is_none() && self.accuracy_m.is_none(),
        }
    }
}

impl Checks {
    /// Files the customer's answer.
    ///
    /// # Errors
    /// [`CheckError::Unknown`] when the place is not asked for in the call, [`CheckError::Place`] when it is none.
    pub async fn give_place(&self, call: CallId, customer: DossierId, place: &GivePlace) -> Result<(), CheckError> {
        if !place.makes_sense() {
            return Err(CheckError::Place);
        }
        let mut tx = self.db.begin().await?;
        let is_asked = |check: &Check| check.kind == CheckKind::Location && check.state == CheckState::Asked;
        let check = store::of_call_in(&mut tx, call).await?.into_iter().find(is_asked).ok_or(CheckError::Unknown)?;
        let file = dossier::find_in(&mut tx, customer).await?.ok_or(CheckError::Unknown)?;
        let consent = Words::of(&file.locale).say("place.consent", &[("house", &self.sender.house)]);
        store::more::put_place(&mut tx, check.id, place, &consent, self.ambient.now()).await?;
        let check = store::find_in(&mut tx, check.id).await?.ok_or(CheckError::Unknown)?;
        self.push(&mut tx, &check).await?;
        let detail = serde_json::json!({ "call": call, "check": check.id, "outcome": place.outcome });
        dossier::note(&mut tx, &self.ambient, customer, Actor::Customer(customer), "check.place_answered", detail).await?;
        tx.commit().await?;
        self.relay.nudge();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_on_earth() {
        let place = |outcome, latitude, longitude, accuracy_m| GivePlace { outcome, latitude, longitude, accuracy_m };
        assert!(place(PlaceOutcome::Given, Some(10.77), Some(106.7), Some(12.0)).makes_sense());
        assert!(place(PlaceOutcome::Declined, None, None, None).makes_sense());
        for bad in [
            place(PlaceOutcome::Given, None, Some(106.7), Some(12.0)),
            place(PlaceOutcome::Given, Some(90.1), Some(0.0), Some(1.0)),
            place(PlaceOutcome::Given, Some(f64::NAN), Some(0.0), Some(1.0)),
            place(PlaceOutcome::Given, Some(0.0), Some(-180.5), Some(1.0)),
            place(PlaceOutcome::Given, Some(0.0), Some(0.0), Some(-1.0)),
            place(PlaceOutcome::Given, Some(0.0), Some(0.0), None),
            place(PlaceOutcome::Unavailable, Some(0.0), None, None),
        ] {
            assert!(!bad.makes_sense(), "{bad:?}");
        }
    }
}
