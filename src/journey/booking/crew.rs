//! Who on shift can serve whom. A seat is an agent, and an agent serves the lanes that follow from what is filed about the agent's skills: a slot
//! takes another appointment only if all of its appointments can then be held at once.

use std::collections::BTreeMap;

use super::{BookingError, Bookings, shift::Shift, store};
use crate::{
    base::{
        Timestamp,
        db::{DbError, Tx},
        id::{DossierId, SlotId, StaffId},
    },
    journey::queue::{
        Queue,
        hours::Span,
        routing::{Catalogue, Lane, Lanes},
    },
};

/// The agents of one slot, those who serve the same lanes together, and whom they hold appointments with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Crew(BTreeMap<Lanes, Group>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Group {
    agents: u32,
    given: BTreeMap<Lane, u32>,
}

impl Group {
    fn is_full(&self) -> bool {
        self.given.values().sum::<u32>() >= self.agents
    }

    fn give(&mut self, lane: Lane) {
        *self.given.entry(lane).or_default() += 1;
    }

    fn take_back(&mut self, lane: Lane) {
        if let Some(count) = self.given.get_mut(&lane) {
            *count -= 1;
            if *count == 0 {
                self.given.remove(&lane);
            }
        }
    }
}

impl FromIterator<Lanes> for Crew {
    /// Of the lanes of each agent.
    fn from_iter<I: IntoIterator<Item = Lanes>>(agents: I) -> Self {
        let mut crew = Self::default();
        for lanes in agents {
            crew.0.entry(lanes).or_default().agents += 1;
        }
        crew
    }
}

impl Crew {
    /// Gives one more appointment to somebody, moving others where that helps; false when nobody is left who serves it. Whoever was given a
    /// place before keeps one (augmenting paths, Kuhn 1955).
    pub(super) fn seat(&mut self, lane: Lane) -> bool {
        self.place(lane, &mut Vec::new())
    }

    fn place(&mut self, lane: Lane, seen: &mut Vec<Lanes>) -> bool {
        let serving: Vec<Lanes> = self.0.keys().copied().filter(|lanes| lanes.has(lane)).collect();
        for lanes in serving {
            if seen.contains(&lanes) {
                continue;
            }
            seen.push(lanes);
            if self.0[&lanes].is_full() {
                let others: Vec<Lane> = self.0[&lanes].given.keys().copied().collect();
                let Some(moved) = others.into_iter().find(|other| self.place(*other, seen)) else { continue };
                self.group(lanes).take_back(moved);
            }
            self.group(lanes).give(lane);
            return true;
        }
        false
    }

    fn group(&mut self, lanes: Lanes) -> &mut Group {
        self.0.entry(lanes).or_default()
    }

    /// How many more of a lane could be seated.
    pub(super) fn room_for(mut self, lane: Lane) -> u32 {
        std::iter::from_fn(|| self.seat(lane).then_some(())).fold(0, |count, ()| count + 1)
    }
}

/// Crews and seats of a stretch.
pub(super) struct Crews {
    shifts: Vec<Shift>,
    lanes: BTreeMap<StaffId, Lanes>,
    anything: Lanes,
    taken: BTreeMap<SlotId, Vec<(DossierId, Lane)>>,
}

impl Crews {
    /// The crew of a slot, with everybody seated who has a seat, but for `but`.
    pub(super) fn seated(&self, slot: SlotId, span: Span, but: Option<DossierId>) -> Crew {
        let mut crew = self.of(span);
        for (_, lane) in self.taken.get(&slot).into_iter().flatten().filter(|(dossier, _)| Some(*dossier) != but) {
            crew.seat(*lane);
        }
        crew
    }

    /// The crew of a stretch.
    pub(super) fn of(&self, span: Span) -> Crew {
        let mut agents: Vec<StaffId> = self.shifts.iter().filter(|shift| shift.span.covers(span)).map(|shift| shift.agent).collect();
        agents.sort_unstable();
        agents.dedup();
        agents.iter().map(|agent| self.lanes.get(agent).copied().unwrap_or(self.anything)).collect()
    }
}

impl Bookings {
    /// The lane in which somebody of this language is served who has not said what about.
    pub(super) fn lane_of(&self, locale: &str) -> Lane {
        let catalogue = Catalogue::of(&self.0.routing);
        catalogue.strict(locale, catalogue.product(None))
    }

    /// Who is there in a stretch, and who has a seat in it.
    pub(super) async fn crews(&self, tx: &mut Tx, span: Span, now: Timestamp) -> Result<Crews, DbError> {
        let catalogue = Catalogue::of(&self.0.routing);
        let shifts = store::shifts(tx, span).await?;
        let mut taken: BTreeMap<SlotId, Vec<(DossierId, Lane)>> = BTreeMap::new();
        for (slot, dossier, locale) in store::seated(tx, span, now).await? {
            taken.entry(slot).or_default().push((dossier, self.lane_of(&locale)));
        }
        let lanes = Queue::skills_in(tx).await?.iter().map(|(agent, skills)| (*agent, catalogue.lanes(skills))).collect();
        Ok(Crews { shifts, lanes, anything: catalogue.lanes(&crate::journey::queue::routing::Skills::default()), taken })
    }

    /// Nobody else takes a seat of the slot until the transaction ends, and whoever is left of its agents can serve this customer.
    ///
    /// # Errors
    /// [`BookingError::SlotFull`] when nobody is left who speaks the language.
    pub(super) async fn refuse_unserved(&self, tx: &mut Tx, slot: store::Slot, dossier: DossierId, locale: &str) -> Result<(), BookingError> {
        store::lock(tx, slot.id).await?;
        let span = Span { starts_at: slot.starts_at, ends_at: slot.ends_at };
        let mut crew = self.crews(tx, span, self.0.ambient.now()).await?.seated(slot.id, span, Some(dossier));
        if crew.seat(self.lane_of(locale)) { Ok(()) } else { Err(BookingError::SlotFull) }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng, rngs::StdRng};

    use super::*;

    fn lane(number: u8) -> Lane {
        Lane::of(number).expect("a lane")
    }

    fn lanes(of: &[u8]) -> Lanes {
        of.iter().map(|number| lane(*number)).collect()
    }

    #[test]
    fn who_can_do_more_moves_for_who_cannot() {
        let mut crew: Crew = [lanes(&[0]), lanes(&[0, 1])].into_iter().collect();
        assert_eq!((crew.clone().room_for(lane(0)), crew.clone().room_for(lane(1)), crew.clone().room_for(lane(2))), (2, 1, 0));
        assert!(crew.seat(lane(0)));
        assert!(crew.seat(lane(1)), "whoever was given to the one who does both goes to the other");
        assert!(!crew.seat(lane(0)) && !crew.seat(lane(1)), "both are taken");
        assert!(!Crew::default().seat(lane(0)));
    }

    /// Beside every way to give appointments to agents, one by one.
    #[test]
    fn as_many_are_seated_as_can_be_and_nobody_loses_a_seat() {
        let mut dice = StdRng::seed_from_u64(11);
        for _ in 0..400 {
            let agents: Vec<Lanes> = (0..dice.random_range(1..5)).map(|_| (0..4).filter(|_| dice.random_bool(0.5)).map(lane).collect()).collect();
            let wanted: Vec<Lane> = (0..6).map(|_| lane(dice.random_range(0..4))).collect();
            let mut crew: Crew = agents.iter().copied().collect();
            let mut seated = Vec::new();
            for next in wanted {
                let all: Vec<Lane> = seated.iter().copied().chain([next]).collect();
                let is_seated = crew.seat(next);
                assert_eq!(is_seated, can_be_held(&agents, &all), "{agents:?} {all:?}");
                if is_seated {
                    seated.push(next);
                }
            }
        }
    }

    fn can_be_held(agents: &[Lanes], wanted: &[Lane]) -> bool {
        let Some((first, others)) = wanted.split_first() else { return true };
        (0..agents.len()).filter(|agent| agents[*agent].has(*first)).any(|agent| {
            let left: Vec<Lanes> = agents.iter().enumerate().filter(|(other, _)| *other != agent).map(|(_, lanes)| *lanes).collect();
            can_be_held(&left, others)
        })
    }
}
