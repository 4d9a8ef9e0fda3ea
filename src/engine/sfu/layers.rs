//! Two layers of the same pictures (simulcast, RFC 8853): which one goes out where, and when the small one is needed. Pure.
//!
//! A browser that can is ready to send a large layer, [`FULL`], and a small one, [`SMALL`], but sends the small one only while
//! it is asked to: a phone has better things to do. It is asked on a data channel, [`CHANNEL`], for the sake of a receiver
//! whose way is too narrow for the large one. The recording goes on to take the large one.

use std::time::{Duration, Instant};

/// Restriction id of the large layer.
pub(super) const FULL: &str = "f";
/// Restriction id of the small layer.
pub(super) const SMALL: &str = "s";
/// Label of the data channel on which a browser is told which layers to send: the words are those of [`Layer::word`].
pub(super) const CHANNEL: &str = "layers";

/// A layer that has been silent for so long may be replaced by the other one, wanted or not.
const DRY: Duration = Duration::from_millis(700);
/// The small layer is wanted after so many looks that found the way too narrow for the large one …
const NARROW_LOOKS: u32 = 2;
/// … of which one suffices so soon after the large layer was tried again …
const TRIED_LOOKS: u32 = 5;
/// … and given up when it has not come within so many.
const GIVE_UP_LOOKS: u32 = 6;
/// The large layer is tried again after so many looks at a way that is wide enough …
const WIDE_LOOKS: u32 = 5;
/// … and longer, up to this, each time that was a mistake.
const MOST_LOOKS: u32 = 80;
/// A large layer that lived for so many looks was no mistake.
const SETTLED_LOOKS: u32 = 30;
/// How much wider than the large layer the way must be, since it was not tried.
const ROOM: f64 = 1.25;
/// The large layer is never taken for smaller than this, in bit/s: a still picture does not stay still.
const FULL_AT_LEAST: f64 = 250_000.0;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Layer {
    /// As large as the camera gives it; the only one of a browser that sends one.
    #[default]
    Full,
    /// A good deal smaller.
    Small,
}

impl Layer {
    /// The layer of a restriction id.
    pub(super) fn of(rid: &str) -> Self {
        if rid == SMALL { Self::Small } else { Self::Full }
    }

    /// What the browser is told that is to send it: the small one beside the large one, or the large one alone.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Small => "small",
        }
    }
}

/// Which layer goes out in one place. It changes at whole pictures only.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pick {
    wanted: Layer,
    now: Layer,
    last_at: Option<Instant>,
}

/// What becomes of a packet of pictures in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It goes out.
    Goes,
    /// It does not.
    Stays,
    /// It does not, but its layer would from a whole picture on: one is to be asked for.
    Lacks,
}

impl Pick {
    /// From now on this layer is wanted.
    pub(super) fn want(&mut self, layer: Layer) {
        self.wanted = layer;
    }

    /// Which layer goes out.
    pub(super) fn now(self) -> Layer {
        self.now
    }

    /// What becomes of a packet, which may begin a whole picture.
    pub(super) fn fate(&mut self, layer: Layer, at: Instant, begins_whole: impl FnOnce() -> bool) -> Fate {
        if layer == self.now {
            self.last_at = Some(at);
            return Fate::Goes;
        }
        let is_dry = self.last_at.is_none_or(|last| at.saturating_duration_since(last) > DRY);
        if layer != self.wanted && !is_dry {
            return Fate::Stays;
        }
        if !begins_whole() {
            return Fate::Lacks;
        }
        (self.now, self.last_at) = (layer, Some(at));
        Fate::Goes
    }
}

/// Which layer one receiver is to get, judged about once a second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    wanted: Layer,
    /// Looks in a row that spoke for the other layer.
    against: u32,
    /// Looks since the last change.
    since: u32,
    /// Good looks it takes to try the large layer again.
    patience: u32,
    is_given_up: bool,
}

impl Default for Choice {
    fn default() -> Self {
        Self { wanted: Layer::Full, against: 0, since: SETTLED_LOOKS, patience: WIDE_LOOKS, is_given_up: false }
    }
}

impl Choice {
    /// Takes a look: the receiver can take `cap` bit/s, the large layer has `full` bit/s, and `now` goes out. The layer that is
    /// wanted from now on.
    pub(super) fn look(&mut self, cap: f64, full: f64, now: Layer) -> Layer {
        let full = full.max(FULL_AT_LEAST);
        let is_against = match self.wanted {
            Layer::Full => cap < full,
            Layer::Small => cap > full * ROOM,
        };
        self.since = self.since.saturating_add(1);
        self.against = if is_against { self.against + 1 } else { 0 };
        match self.wanted {
            Layer::Full if self.against >= (if self.since <= TRIED_LOOKS { 1 } else { NARROW_LOOKS }) && !self.is_given_up => {
                self.patience = if self.since < SETTLED_LOOKS { (self.patience * 2).min(MOST_LOOKS) } else { WIDE_LOOKS };
                self.turn(Layer::Small);
            }
            Layer::Small if self.against >= self.patience => self.turn(Layer::Full),
            // Nobody sends it: the only layer there is has to become smaller instead.
            Layer::Small if now == Layer::Full && self.since >= GIVE_UP_LOOKS => {
                self.is_given_up = true;
                self.turn(Layer::Full);
            }
            _ => {}
        }
        self.wanted
    }

    /// Which layer is wanted.
    pub(super) fn wanted(&self) -> Layer {
        self.wanted
    }

    /// There is another sender: what was learned of the one before may be wrong of it.
    pub(super) fn forgive(&mut self) {
        self.is_given_up = false;
    }

    fn turn(&mut self, layer: Layer) {
        (self.wanted, self.against, self.since) = (layer, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn layers_change_at_whole_pictures_only_and_when_one_runs_dry() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let (whole, part) = (|| true, || false);
        let mut pick = Pick::default();
        assert_eq!(pick.fate(Layer::Full, at(0), part), Fate::Goes, "what is there is not looked into");
        assert_eq!(pick.fate(Layer::Small, at(5), whole), Fate::Stays, "not wanted");
        pick.want(Layer::Small);
        assert_eq!(pick.fate(Layer::Small, at(10), part), Fate::Lacks);
        assert_eq!(pick.fate(Layer::Full, at(20), part), Fate::Goes, "until then the other one goes on");
        assert_eq!(pick.fate(Layer::Small, at(30), whole), Fate::Goes);
        assert_eq!((pick.fate(Layer::Full, at(40), whole), pick.fate(Layer::Small, at(40), part)), (Fate::Stays, Fate::Goes));
        // The small one is not sent any more.
        assert_eq!(pick.fate(Layer::Full, at(700), whole), Fate::Stays);
        assert_eq!((pick.fate(Layer::Full, at(741), part), pick.fate(Layer::Full, at(742), whole)), (Fate::Lacks, Fate::Goes));
        assert_eq!(Pick::default().fate(Layer::Small, at(0), whole), Fate::Goes, "better than nothing");
    }

    fn looks(choice: &mut Choice, looks: u32, cap: f64, full: f64, is_sent: bool) -> Layer {
        for _ in 0..looks {
            let now = if is_sent { choice.wanted() } else { Layer::Full };
            choice.look(cap, full, now);
        }
        choice.wanted()
    }

    #[test]
    fn a_narrow_way_gets_the_small_layer_and_a_wide_one_the_large_and_mistakes_are_not_repeated_soon() {
        let mut choice = Choice::default();
        assert_eq!(looks(&mut choice, 100, 1e6, 9e5, true), Layer::Full);
        assert_eq!(looks(&mut choice, 1, 5e5, 9e5, true), Layer::Full, "one look is none");
        assert_eq!(looks(&mut choice, 1, 5e5, 9e5, true), Layer::Small);
        assert_eq!(looks(&mut choice, 100, 1e6, 9e5, true), Layer::Small, "a little more room is not enough");
        assert_eq!(looks(&mut choice, 4, 1.2e6, 9e5, true), Layer::Small);
        assert_eq!(looks(&mut choice, 1, 1.2e6, 9e5, true), Layer::Full);
        // It was too much after all, again and again.
        let mut waits = Vec::new();
        for _ in 0..6 {
            assert_eq!(looks(&mut choice, 2, 5e5, 9e5, true), Layer::Small);
            waits.push((1..200).find(|_| looks(&mut choice, 1, 1.2e6, 9e5, true) == Layer::Full).unwrap());
        }
        assert_eq!(waits, [10, 20, 40, 80, 80, 80]);
        assert_eq!(looks(&mut choice, 40, 1.2e6, 9e5, true), Layer::Full, "it lasted");
        looks(&mut choice, 2, 5e5, 9e5, true);
        assert_eq!(looks(&mut choice, 5, 1.2e6, 9e5, true), Layer::Full, "and is forgotten");
    }

    #[test]
    fn a_browser_that_sends_no_small_layer_is_asked_once() {
        let mut choice = Choice::default();
        assert_eq!(looks(&mut choice, 2, 1e5, 9e5, false), Layer::Small);
        assert_eq!(looks(&mut choice, 6, 1e5, 9e5, false), Layer::Full);
        assert_eq!(looks(&mut choice, 100, 1e5, 9e5, false), Layer::Full);
        choice.forgive();
        assert_eq!(looks(&mut choice, 2, 1e5, 9e5, false), Layer::Small, "another browser may");
    }

    proptest! {
        #[test]
        fn the_layer_never_flaps(caps in prop::collection::vec(1e5_f64..2.5e6, 1..400)) {
            let mut choice = Choice::default();
            let changes = caps.windows(2).filter(|pair| { let before = choice.wanted(); choice.look(pair[0], 9e5, before) != before }).count();
            prop_assert!(changes <= 2 + 2 * caps.len() / 7, "{} changes in {} looks", changes, caps.len());
        }
    }
}
