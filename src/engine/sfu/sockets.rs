//! The thread that feeds the machine from its sockets.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::sync::{broadcast, oneshot};

use super::{
    Join, JoinError, SfuEvent, SfuSettings,
    addresses::Addresses,
    core::{Core, Datagram, Out},
    tcp::{Connections, FromTcp},
    udp::{self, BATCH, Batches},
};

/// The thread looks at its inbox at least so often.
const LONGEST_NAP: Duration = Duration::from_millis(50);
/// So many packets at once are a busy time …
const BUSY: usize = 4;
/// … in which the thread lets packets gather for so long: fewer wake-ups, fuller batches, and far below what anybody hears.
const GATHER: Duration = Duration::from_micros(700);

enum Command {
    Join(Box<Join>, oneshot::Sender<Result<String, JoinError>>),
    Leave(u128, u8),
    Close(u128),
    Say(u128, u8, &'static str, String),
    Tcp(FromTcp),
    Stop,
}

/// The way to the thread.
pub(super) struct Handle {
    commands: SyncSender<Command>,
    news: broadcast::Sender<SfuEvent>,
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
    pub(super) ports: (u16, Option<u16>),
}

/// Wakes the thread from its nap at the UDP socket: a byte from an address it knows.
struct Bell {
    socket: UdpSocket,
    to: SocketAddr,
}

impl Bell {
    fn of(udp: SocketAddr) -> io::Result<Self> {
        let ip = match udp.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => [127, 0, 0, 1].into(),
            IpAddr::V6(ip) if ip.is_unspecified() => [0, 0, 0, 0, 0, 0, 0, 1].into(),
            ip => ip,
        };
        Ok(Self { socket: UdpSocket::bind(SocketAddr::new(ip, 0))?, to: SocketAddr::new(ip, udp.port()) })
    }

    fn ring(&self) {
        // A lost ring costs one nap.
        let _ = self.socket.send_to(&[0xff], self.to);
    }
}

impl Handle {
    pub(super) async fn join(&self, join: Join) -> Result<String, JoinError> {
        let (answer, answered) = oneshot::channel();
        self.tell(Command::Join(Box::new(join), answer));
        answered.await.unwrap_or(Err(JoinError::Stopped))
    }

    pub(super) fn leave(&self, room: u128, seat: u8) {
        self.tell(Command::Leave(room, seat));
    }

    pub(super) fn close(&self, room: u128) {
        self.tell(Command::Close(room));
    }

    pub(super) fn say(&self, room: u128, seat: u8, label: &'static str, text: String) {
        self.tell(Command::Say(room, seat, label, text));
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<SfuEvent> {
        self.news.subscribe()
    }

    fn tell(&self, command: Command) {
        // The queue is long and its reader never blocks; it refuses only when the thread has ended.
        if self.commands.send(command).is_ok() {
            self.bell.ring();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.tell(Command::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("sfu: the media thread had ended with a fault");
        }
    }
}

/// Binds the ports and starts the thread.
pub(super) fn start(settings: &SfuSettings) -> io::Result<Handle> {
    // Fails only when it is set already: by an SFU before this one.
    str0m::crypto::from_feature_flags().install_process_default();
    let udp = udp::bind(settings.udp)?;
    let local = udp.local_addr()?;
    let listener = settings.tcp_enabled.then(|| TcpListener::bind(settings.tcp)).transpose()?;
    let tcp_local = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let addresses = Addresses::find(local, tcp_local, &settings.advertise);
    tracing::info!(udp = ?addresses.udp, tcp = ?addresses.tcp, "sfu: media is taken here");
    let (commands, inbox) = sync_channel(4096);
    let (news, _) = broadcast::channel(1024);
    let bell = Arc::new(Bell::of(local)?);
    let bell_from = bell.socket.local_addr()?;
    let connections = listener.map(|listener| take_connections(listener, &commands, &bell)).transpose()?;
    let core = Core::new(addresses, settings.max_participants);
    let told = news.clone();
    let thread = std::thread::Builder::new().name("sfu".into()).spawn(move || {
        Driver { core, udp: Batches::of(udp), connections, inbox, news: told, bell_from }.run();
    })?;
    Ok(Handle { commands, news, bell, thread: Some(thread), ports: (local.port(), tcp_local.map(|tcp| tcp.port())) })
}

fn take_connections(listener: TcpListener, commands: &SyncSender<Command>, bell: &Arc<Bell>) -> io::Result<Connections> {
    let (commands, bell) = (commands.clone(), Arc::clone(bell));
    let deliver = move |from_tcp| {
        let is_heard = commands.send(Command::Tcp(from_tcp)).is_ok();
        if is_heard {
            bell.ring();
        }
        is_heard
    };
    Connections::accept(listener, Arc::new(deliver))
}

struct Driver {
    core: Core,
    udp: Batches,
    connections: Option<Connections>,
    inbox: Receiver<Command>,
    news: broadcast::Sender<SfuEvent>,
    bell_from: SocketAddr,
}

impl Driver {
    fn run(&mut self) {
        while self.obey() {
            let now = Instant::now();
            self.core.tick(now);
            self.empty(now);
            let (core, bell) = (&mut self.core, self.bell_from);
            let received = self.udp.receive(|from, bytes| {
                if from != bell {
                    core.receive(now, &Datagram { is_tcp: false, from, bytes });
                }
            });
            self.empty(now);
            match received {
                0 => self.udp.wait(self.nap(now)),
                // More may be waiting than one call takes: a pause now would let a flood push packets of calls out.
                BATCH.. => {}
                BUSY.. => std::thread::sleep(GATHER),
                _ => {}
            }
        }
    }

    /// Does what waits in the inbox; whether to go on.
    fn obey(&mut self) -> bool {
        while let Ok(command) = self.inbox.try_recv() {
            let now = Instant::now();
            match command {
                // Nobody may be waiting for the answer any more.
                Command::Join(join, answer) => drop(answer.send(self.core.join(now, *join))),
                Command::Leave(room, seat) => self.core.leave(now, room, seat),
                Command::Close(room) => self.core.close(now, room),
                Command::Say(room, seat, label, text) => self.core.say((room, seat), label, &text),
                Command::Tcp(FromTcp::Packet(from, bytes)) => self.core.receive(now, &Datagram { is_tcp: true, from, bytes: &bytes }),
                Command::Tcp(FromTcp::Closed(peer)) => self.lose(peer),
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
            }
        }
        self.udp.flush();
    }

    fn nap(&self, now: Instant) -> Duration {
        // Whole milliseconds, rounded up: waking before the deadline would only mean waking again.
        let until = self.core.deadline().map_or(LONGEST_NAP, |at| at.saturating_duration_since(now) + Duration::from_millis(1));
        until.min(LONGEST_NAP)
    }
}
