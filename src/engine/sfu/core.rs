//! The machine: feed it with [`join`](Core::join), [`receive`](Core::receive) and [`tick`](Core::tick), then let it
//! [`settle`](Core::settle) and drain it with [`poll`](Core::poll); it names its next [`deadline`](Core::deadline). No
//! socket, no clock. Many packets may be received before it settles: what they mean for others is then done once.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use foldhash::fast::RandomState as Quick;
use str0m::net::{Protocol, Transmit};

use super::{
    FIRST_OBSERVER, Join, JoinError, SfuEvent, What,
    addresses::Addresses,
    layers::Layer,
    leg::Passing,
    offer,
    seat::{Polled, Seat},
    stun,
};

/// What is due may wait so long for more that is: far less than anything the stack does by the clock.
const BETWEEN_LOOKS: Duration = Duration::from_millis(8);

/// A received packet.
pub(super) struct Datagram<'a> {
    pub(super) is_tcp: bool,
    pub(super) from: SocketAddr,
    pub(super) bytes: &'a [u8],
}

/// What comes out.
pub(super) enum Out {
    /// To be sent.
    Send {
        /// Over the TCP connection with this peer instead of UDP.
        is_tcp: bool,
        /// Where.
        to: SocketAddr,
        /// What.
        bytes: Vec<u8>,
    },
    /// To be told.
    News(SfuEvent),
    /// What finds its way here, or does not any more.
    Post(Post, bool),
}

/// By what it is known for whom a packet is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Post {
    /// It is a check that names this fragment of ours.
    Name(String),
    /// It comes from there, over TCP or not.
    Place(bool, SocketAddr),
}

pub(super) type Key = (u128, u8);

/// How far a seat is drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// The packet just received is out, if it was one of media.
    Packet,
    /// All that was written to it is out, if anything was.
    Written,
    /// It has nothing more to say.
    Quiet,
}

/// All rooms of one thread.
pub(super) struct Core {
    addresses: Addresses,
    /// How many participants may be here at once.
    pub(super) max_participants: usize,
    seats: HashMap<Key, Seat, Quick>,
    /// Whose packets come from where, and at which of our addresses.
    pub(super) routes: HashMap<(bool, SocketAddr), (Key, SocketAddr), Quick>,
    /// Who answers to which fragment of a STUN user name.
    pub(super) names: HashMap<String, Key>,
    /// The seats of observers, by room.
    watched: HashMap<u128, Vec<u8>, Quick>,
    out: VecDeque<Out>,
    /// Seats that have something to say that was not yet asked for.
    unsettled: Vec<Key>,
    /// No seat has anything to do before: never too late, sometimes too early.
    quiet_until: Option<Instant>,
}

impl Core {
    pub(super) fn new(addresses: Addresses, max_participants: usize) -> Self {
        let (seats, routes, names, watched, out) = (HashMap::default(), HashMap::default(), HashMap::new(), HashMap::default(), VecDeque::new());
        Self { addresses, max_participants, seats, routes, names, watched, out, unsettled: Vec::new(), quiet_until: None }
    }

    /// See [`Sfu::join`](super::Sfu::join).
    pub(super) fn join(&mut self, now: Instant, join: Join) -> Result<String, JoinError> {
        let key = (join.room, join.seat);
        if join.seat >= FIRST_OBSERVER {
            return self.observe(now, key, &join.offer);
        }
        let session = offer::session(&join.offer)?;
        let is_known = self.seats.contains_key(&key);
        if let Some(seat) = self.seats.get_mut(&key).filter(|seat| seat.session == session) {
            let answer = seat.answer(&join.offer)?;
            self.named(key, &answer);
            return Ok(answer);
        }
        if !is_known && self.participants() >= self.max_participants {
            return Err(JoinError::Full);
        }
        let tap = join.tap.ok_or(JoinError::NoTap)?;
        let (seat, answer) = Seat::open(now, &join.offer, session, (tap, join.ear), &self.addresses)?;
        self.remove(key, now);
        self.seats.insert(key, seat);
        self.named(key, &answer);
        Ok(answer)
    }

    /// Somebody wants to look on. Observers take no seat from participants, and may be a quarter of them.
    fn observe(&mut self, now: Instant, key: Key, offer: &str) -> Result<String, JoinError> {
        let session = offer::observing(offer)?;
        let is_empty = !(0..FIRST_OBSERVER).any(|seat| self.seats.contains_key(&(key.0, seat)));
        let observers = self.seats.len() - self.participants();
        if is_empty || (!self.seats.contains_key(&key) && observers >= (self.max_participants / 4).max(1)) {
            return Err(JoinError::Full);
        }
        let (seat, answer) = Seat::observer(now, offer, session, &self.addresses)?;
        self.remove(key, now);
        self.seats.insert(key, seat);
        self.watched.entry(key.0).or_default().push(key.1);
        self.named(key, &answer);
        Ok(answer)
    }

    /// How many are here, observers left aside.
    pub(super) fn participants(&self) -> usize {
        self.seats.len() - self.watched.values().map(Vec::len).sum::<usize>()
    }

    /// An answer of `key` is on its way: checks that name what it says are for it. Checks of before an ICE restart may
    /// still be under way; their name is forgotten with the seat.
    fn named(&mut self, key: Key, answer: &str) {
        for fragment in stun::fragments(answer) {
            self.names.insert(fragment.to_owned(), key);
            self.out.push_back(Out::Post(Post::Name(fragment.to_owned()), true));
        }
        self.unsettle(key);
    }

    /// Frees a seat.
    pub(super) fn leave(&mut self, now: Instant, room: u128, seat: u8) {
        if self.remove((room, seat), now) {
            self.tell((room, seat), What::Gone);
        }
    }

    /// See [`Sfu::say`](super::Sfu::say).
    pub(super) fn say(&mut self, key: Key, label: &str, text: &str) {
        if self.seats.contains_key(&key) {
            self.guarded(key, |core| {
                if let Some(seat) = core.seats.get_mut(&key) {
                    seat.say(label, text);
                }
            });
            self.unsettle(key);
        }
    }

    /// Frees all seats of a room.
    pub(super) fn close(&mut self, now: Instant, room: u128) {
        for (room, seat) in self.room(room) {
            self.leave(now, room, seat);
        }
    }

    /// Takes a packet.
    pub(super) fn receive(&mut self, now: Instant, datagram: &Datagram<'_>) {
        let Some((key, reached)) = self.route(now, datagram) else { return };
        self.guarded(key, |core| {
            if let Some(seat) = core.seats.get_mut(&key) {
                seat.receive(now, datagram, reached);
            }
            // The stack holds one packet at a time: it is asked for it at once, and for all else when there is time. What is
            // passed on waits at the others until all settle.
            core.drain(key, now, Until::Packet);
        });
    }

    /// Lets time pass.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.quiet_until.is_none_or(|until| until > now) {
            return;
        }
        let due: Vec<Key> = self.seats.iter().filter(|(_, seat)| seat.deadline() <= now).map(|(key, _)| *key).collect();
        for key in due {
            self.guarded(key, |core| {
                if let Some(seat) = core.seats.get_mut(&key) {
                    seat.tick(now);
                }
                core.drain(key, now, Until::Quiet);
            });
        }
        // One look at everybody serves all that is due in the next few milliseconds.
        self.quiet_until = self.seats.values().map(Seat::deadline).min().map(|next| next.max(now + BETWEEN_LOOKS));
    }

    /// Lets everybody say what they have to say since something happened to them.
    pub(super) fn settle(&mut self, now: Instant) {
        while let Some(key) = self.unsettled.pop() {
            self.guarded(key, |core| {
                if let Some(seat) = core.seats.get_mut(&key) {
                    seat.settle(now);
                }
                core.drain(key, now, Until::Written);
            });
        }
    }

    /// When to [`tick`](Self::tick) next, at the latest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.quiet_until
    }

    fn unsettle(&mut self, key: Key) {
        if !self.unsettled.contains(&key) {
            self.unsettled.push(key);
        }
    }

    /// The next thing that comes out.
    pub(super) fn poll(&mut self) -> Option<Out> {
        self.out.pop_front()
    }

    /// A TCP connection is gone.
    pub(super) fn forget_tcp(&mut self, peer: SocketAddr) {
        if self.routes.remove(&(true, peer)).is_some() {
            self.out.push_back(Out::Post(Post::Place(true, peer), false));
        }
    }

    fn route(&mut self, now: Instant, datagram: &Datagram<'_>) -> Option<(Key, SocketAddr)> {
        let place = (datagram.is_tcp, datagram.from);
        // STUN (RFC 7983 §7) may move an address to another participant: only its credentials count.
        let is_stun = datagram.bytes.first().is_some_and(|first| *first < 4);
        if let Some((key, reached)) = self.routes.get(&place)
            && let Some(seat) = self.seats.get(key)
            && (!is_stun || seat.accepts(now, datagram, *reached))
        {
            return Some((*key, *reached));
        }
        // Whatever a stranger sends costs one look: into the routes, or at the name in its check.
        let key = is_stun.then(|| stun::our_fragment(datagram.bytes)).flatten().and_then(|name| self.names.get(name)).copied()?;
        let ours = if datagram.is_tcp { &self.addresses.tcp } else { &self.addresses.udp };
        let any = *ours.first()?;
        self.seats.get(&key).filter(|seat| seat.accepts(now, datagram, any))?;
        let reached = self.addresses.reached(ours, datagram.from)?;
        self.routes.insert(place, (key, reached));
        self.out.push_back(Out::Post(Post::Place(place.0, place.1), true));
        Some((key, reached))
    }

    /// Lets out what `key` has to say; what it passes on makes the others unsettled.
    fn drain(&mut self, key: Key, now: Instant, until: Until) {
        while let Some(seat) = self.seats.get_mut(&key) {
            match seat.poll(now) {
                Polled::Wait => return self.rest(key),
                Polled::Send(transmit) => {
                    let is_all = seat.sent(&transmit.contents) && until == Until::Written;
                    if is_all {
                        seat.look_again(now);
                    }
                    self.send(transmit);
                    if is_all {
                        return self.rest(key);
                    }
                }
                // One who does not receive any more has gone, and may come anew.
                Polled::News(What::Disconnected) if key.1 >= FIRST_OBSERVER => self.leave(now, key.0, key.1),
                Polled::News(what) => {
                    self.tell(key, what);
                    if what == What::Connected {
                        self.room(key.0).into_iter().for_each(|key| self.want_key_frames(key));
                        self.tell_layers(others(key)[0]);
                    }
                }
                Polled::Pass(passing) => {
                    if let Some(what) = seat.news_after(&passing) {
                        self.tell(key, what);
                    }
                    let mut lacks = false;
                    for other in others(key) {
                        if let Some(seat) = self.seats.get_mut(&other) {
                            lacks |= seat.forward(&passing, key.1);
                            self.unsettle(other);
                        }
                    }
                    lacks |= self.show(key, &passing);
                    if lacks {
                        self.want_key_frame(key, passing.layer);
                    }
                    if until == Until::Packet {
                        if let Some(seat) = self.seats.get_mut(&key) {
                            seat.look_again(now);
                        }
                        return self.rest(key);
                    }
                }
                // How an observer receives is nothing that participants are asked to change.
                Polled::Narrow(_) if key.1 >= FIRST_OBSERVER => {}
                Polled::Narrow(cap) => {
                    for other in others(key) {
                        if let Some(seat) = self.seats.get_mut(&other) {
                            seat.ask_for_at_most(cap);
                            self.unsettle(other);
                        }
                    }
                }
                Polled::PictureLost(layer) if key.1 >= FIRST_OBSERVER => (0..FIRST_OBSERVER).for_each(|seat| self.want_key_frame((key.0, seat), layer)),
                Polled::PictureLost(layer) => others(key).into_iter().for_each(|key| self.want_key_frame(key, layer)),
                Polled::Wants(layer) => {
                    for other in others(key) {
                        self.tell_layers(other);
                        self.want_key_frame(other, layer);
                    }
                }
                Polled::AsksForLayers => {
                    for other in others(key) {
                        if let Some(seat) = self.seats.get_mut(&other) {
                            seat.forgive();
                        }
                    }
                    self.tell_layers(key);
                }
                Polled::Over => {
                    self.forget(key);
                    self.tell(key, What::Gone);
                }
            }
        }
    }

    /// Lets the observers of a room see a packet; whether one of them needs a whole picture of its layer first. Should the session of
    /// one break, only that one is gone.
    fn show(&mut self, from: Key, passing: &Passing) -> bool {
        let Some(observers) = self.watched.get(&from.0) else { return false };
        let mut lacks = false;
        for seat in observers.clone() {
            let observer = (from.0, seat);
            self.guarded(observer, |core| {
                if let Some(seat) = core.seats.get_mut(&observer) {
                    lacks |= seat.forward(passing, from.1);
                }
            });
            self.unsettle(observer);
        }
        lacks
    }

    /// Tells one who can send two layers which one the other wants.
    fn tell_layers(&mut self, key: Key) {
        let wanted = others(key).iter().filter_map(|other| self.seats.get(other)).map(Seat::wanted).next().unwrap_or_default();
        if let Some(seat) = self.seats.get_mut(&key) {
            seat.tell_layer(wanted);
            self.unsettle(key);
        }
    }

    fn want_key_frames(&mut self, key: Key) {
        for layer in [Layer::Full, Layer::Small] {
            self.want_key_frame(key, layer);
        }
    }

    fn want_key_frame(&mut self, key: Key, layer: Layer) {
        if let Some(seat) = self.seats.get_mut(&key) {
            seat.want_key_frame(layer);
            // It may be due at once.
            self.rest(key);
        }
    }

    /// Nothing is to be done for `key` before its deadline.
    fn rest(&mut self, key: Key) {
        if let Some(at) = self.seats.get(&key).map(Seat::deadline) {
            self.quiet_until = Some(self.quiet_until.map_or(at, |until| until.min(at)));
        }
    }

    fn send(&mut self, transmit: Transmit) {
        let is_tcp = transmit.proto != Protocol::Udp;
        self.out.push_back(Out::Send { is_tcp, to: transmit.destination, bytes: transmit.contents.into() });
    }

    fn tell(&mut self, (room, seat): Key, what: What) {
        self.out.push_back(Out::News(SfuEvent { room, seat, what }));
    }

    /// Says goodbye to the browser and frees the seat; whether it was taken.
    fn remove(&mut self, key: Key, now: Instant) -> bool {
        let Some(mut seat) = self.forget(key) else { return false };
        let goodbye = catch_unwind(AssertUnwindSafe(|| {
            seat.hang_up();
            let mut last_words = Vec::new();
            loop {
                match seat.poll(now) {
                    Polled::Wait | Polled::Over => return last_words,
                    Polled::Send(transmit) => last_words.push(transmit),
                    Polled::News(_) | Polled::Pass(_) | Polled::Narrow(_) | Polled::PictureLost(_) | Polled::Wants(_) | Polled::AsksForLayers => {}
                }
            }
        }));
        goodbye.into_iter().flatten().for_each(|transmit| self.send(transmit));
        true
    }

    fn forget(&mut self, key: Key) -> Option<Seat> {
        let places = self.routes.extract_if(|_, (other, _)| *other == key).map(|((is_tcp, at), _)| Post::Place(is_tcp, at));
        let names = self.names.extract_if(|_, other| *other == key).map(|(name, _)| Post::Name(name));
        self.out.extend(places.chain(names).map(|post| Out::Post(post, false)));
        if let Some(observers) = self.watched.get_mut(&key.0) {
            observers.retain(|seat| *seat != key.1);
            if observers.is_empty() {
                self.watched.remove(&key.0);
            }
        }
        self.seats.remove(&key)
    }

    fn room(&self, room: u128) -> Vec<Key> {
        self.seats.keys().filter(|key| key.0 == room).copied().collect()
    }

    /// A fault in the stack ends the room it happened in, and no other; that of an observer ends the observer alone.
    fn guarded(&mut self, key: Key, work: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            let is_observer = key.1 >= FIRST_OBSERVER;
            tracing::error!(room = %format_args!("{:032x}", key.0), is_observer, "sfu: a session broke; its room is closed, unless it was an observer's");
            for key in if is_observer { vec![key] } else { self.room(key.0) } {
                self.forget(key);
                self.tell(key, What::Gone);
            }
        }
    }
}

/// Rooms have two seats for participants: who else may be in that of `key`.
fn others((room, seat): Key) -> [Key; 1] {
    [(room, 1 - seat.min(1))]
}
