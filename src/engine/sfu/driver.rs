//! One media thread: feeds its machine and empties it. The first one also reads the UDP port, for all of them.

use std::{
    net::SocketAddr,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError, SyncSender},
    },
    time::{Duration, Instant},
};

use tokio::sync::{broadcast, oneshot};

use super::{
    Join, JoinError, SfuEvent,
    core::{Core, Datagram, Out},
    directory::Directory,
    tcp::Connections,
    udp::{BATCH, Batches},
};

/// The thread looks at its inbox at least so often.
const LONGEST_NAP: Duration = Duration::from_millis(50);

/// So long packets gather at most before they are read where many come: those of a picture come together, and leave together at little
/// more than the price of one.
const GATHER: Duration = Duration::from_millis(1);
/// So many packets a millisecond are many: some thirty calls. With fewer, being woken by the clock costs more than gathering spares.
const MANY: u32 = 15;
/// So many that have gathered are enough: waiting for more spares little.
const ENOUGH: u32 = 28;
/// How long packets are counted.
const COUNTED: Duration = Duration::from_millis(50);

/// How many packets come.
#[derive(Debug, Default)]
pub(super) struct Tide {
    counted: Option<(Instant, u32)>,
    gathering: Option<Duration>,
}

impl Tide {
    /// So many came; how long they are to gather, if many come.
    fn rises(&mut self, now: Instant, packets: usize) -> Option<Duration> {
        let (since, count) = self.counted.get_or_insert((now, 0));
        *count = count.saturating_add(u32::try_from(packets).unwrap_or(u32::MAX));
        let passed = now.saturating_duration_since(*since);
        if passed >= COUNTED {
            let is_high = u128::from(*count) >= u128::from(MANY) * passed.as_millis();
            self.gathering = is_high.then(|| (passed * ENOUGH / (*count).max(1)).min(GATHER));
            self.counted = Some((now, 0));
        }
        self.gathering
    }
}

/// What a thread is told.
pub(super) enum Command {
    /// Somebody wants in.
    Join(Box<Join>, oneshot::Sender<Result<String, JoinError>>),
    /// Frees a seat.
    Leave(u128, u8),
    /// Frees a room.
    Close(u128),
    /// Says something on a data channel.
    Say(u128, u8, &'static str, String),
    /// Packets that the first thread read.
    Udp(Vec<(SocketAddr, Vec<u8>)>),
    /// A packet over TCP.
    Tcp(SocketAddr, Vec<u8>),
    /// A connection is gone.
    TcpClosed(SocketAddr),
    /// The end.
    Stop,
}

/// What the threads know of each other.
pub(super) struct Shared {
    pub(super) directory: RwLock<Directory>,
    /// Participants of each thread.
    taken: Vec<AtomicUsize>,
    max_participants: usize,
}

impl Shared {
    pub(super) fn of(threads: usize, max_participants: usize) -> Self {
        Self { directory: RwLock::default(), taken: (0..threads).map(|_| AtomicUsize::new(0)).collect(), max_participants }
    }

    /// How many participants `thread` may have now. Two who take the last seat at once on two threads both get one.
    fn room_for(&self, thread: usize) -> usize {
        let others = self.taken.iter().enumerate().filter(|(other, _)| *other != thread).map(|(_, taken)| taken.load(Relaxed)).sum();
        self.max_participants.saturating_sub(others)
    }
}

/// The thread.
pub(super) struct Driver {
    pub(super) thread: usize,
    pub(super) core: Core,
    pub(super) udp: Batches,
    pub(super) tide: Tide,
    pub(super) connections: Option<Arc<Connections>>,
    pub(super) inbox: Receiver<Command>,
    /// The inboxes of all, for the one who reads the port.
    pub(super) others: Vec<SyncSender<Command>>,
    pub(super) news: broadcast::Sender<SfuEvent>,
    pub(super) bell_from: SocketAddr,
    pub(super) shared: Arc<Shared>,
}

impl Driver {
    /// Runs until told to stop.
    pub(super) fn run(&mut self) {
        let mut first = None;
        while self.obey(first.take()) {
            let now = Instant::now();
            if !self.reads_the_port() {
                self.core.tick(now);
                self.empty(now);
                first = match self.inbox.recv_timeout(self.nap(now)) {
                    Ok(command) => Some(command),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                continue;
            }
            let received = self.read(now);
            self.core.tick(now);
            self.empty(now);
            let gathering = self.tide.rises(now, received);
            // More may be waiting than one call takes.
            if received < BATCH {
                if received == 0 || gathering.is_none() {
                    self.udp.wait(self.nap(now));
                }
                if let Some(gathering) = gathering {
                    std::thread::sleep(gathering);
                }
            }
        }
    }

    fn reads_the_port(&self) -> bool {
        self.thread == 0
    }

    /// Takes what has arrived at the port, and hands on what is not for this thread; how many packets.
    fn read(&mut self, now: Instant) -> usize {
        let mut handed: Vec<Vec<(SocketAddr, Vec<u8>)>> = vec![Vec::new(); self.others.len()];
        let (core, bell, is_alone) = (&mut self.core, self.bell_from, self.others.len() == 1);
        let directory = self.shared.directory.read().unwrap_or_else(PoisonError::into_inner);
        let received = self.udp.receive(|from, bytes| {
            if from == bell {
                return;
            }
            match if is_alone { None } else { directory.find(false, from, bytes) } {
                Some(other) if other != 0 => handed[other].push((from, bytes.to_vec())),
                _ => core.receive(now, &Datagram { is_tcp: false, from, bytes }),
            }
        });
        drop(directory);
        for (inbox, packets) in self.others.iter().zip(handed).filter(|(_, packets)| !packets.is_empty()) {
            // One who is that far behind loses them, as at a port that overflows; the others are not held up.
            if inbox.try_send(Command::Udp(packets)).is_err() {
                tracing::debug!("sfu: a media thread is behind");
            }
        }
        received
    }

    /// Does what waits in the inbox, after `first`; whether to go on.
    fn obey(&mut self, first: Option<Command>) -> bool {
        let mut next = first;
        while let Some(command) = next.take().or_else(|| self.inbox.try_recv().ok()) {
            let now = Instant::now();
            match command {
                Command::Join(join, answer) => {
                    self.core.max_participants = self.shared.room_for(self.thread);
                    let answered = self.core.join(now, *join);
                    // Where its packets are to be brought is known before anybody can send one.
                    self.empty(now);
                    // Nobody may be waiting for the answer any more.
                    drop(answer.send(answered));
                }
                Command::Leave(room, seat) => self.core.leave(now, room, seat),
                Command::Close(room) => self.core.close(now, room),
                Command::Say(room, seat, label, text) => self.core.say((room, seat), label, &text),
                Command::Udp(packets) => {
                    for (from, bytes) in packets {
                        self.core.receive(now, &Datagram { is_tcp: false, from, bytes: &bytes });
                    }
                }
                Command::Tcp(from, bytes) => self.core.receive(now, &Datagram { is_tcp: true, from, bytes: &bytes }),
                Command::TcpClosed(peer) => self.lose(peer),
                Command::Stop => return false,
            }
            self.empty(now);
        }
        true
    }

    fn lose(&mut self, peer: SocketAddr) {
        self.core.forget_tcp(peer);
        if let Some(connections) = &self.connections {
            connections.forget(peer);
        }
    }

    /// Sends and tells everything that comes out of the machine.
    fn empty(&mut self, now: Instant) {
        self.core.settle(now);
        while let Some(out) = self.core.poll() {
            match out {
                Out::Send { is_tcp: false, to, bytes } => self.udp.send(to, bytes),
                Out::Send { is_tcp: true, to, bytes } => {
                    if !self.connections.as_ref().is_some_and(|connections| connections.send(to, bytes)) {
                        self.lose(to);
                    }
                }
                // Nobody may be listening.
                Out::News(event) => drop(self.news.send(event)),
                Out::Post(post, is_here) => self.shared.directory.write().unwrap_or_else(PoisonError::into_inner).note(self.thread, post, is_here),
            }
        }
        self.shared.taken[self.thread].store(self.core.participants(), Relaxed);
        self.udp.flush();
    }

    fn nap(&self, now: Instant) -> Duration {
        // Whole milliseconds, rounded up: waking before the deadline would only mean waking again.
        let until = self.core.deadline().map_or(LONGEST_NAP, |at| at.saturating_duration_since(now) + Duration::from_millis(1));
        until.min(LONGEST_NAP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_gather_only_while_many_come() {
        let (start, mut tide) = (Instant::now(), Tide::default());
        // Packets each millisecond, for a fifth of a second each: few, many, a flood, few, none and a long sleep.
        let said: Vec<Option<u128>> = [14_usize, 20, 56, 14, 0]
            .into_iter()
            .zip(0_u64..)
            .map(|(packets, part)| (0..200).fold(None, |_, ms| tide.rises(start + Duration::from_millis(part * 200 + ms), packets)))
            .map(|gathering| gathering.map(|length| length.as_micros()))
            .collect();
        assert_eq!(said, [None, Some(1_000), Some(500), None, None], "what is enough has come sooner where more come");
        assert!(tide.rises(start + Duration::from_secs(60), 64).is_none(), "a burst after a silence are not many");
    }
}
