//! The ports, the threads behind them, and the way to these.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
    sync::{
        Arc, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use tokio::sync::{broadcast, oneshot};

use super::{
    Join, JoinError, SfuEvent, SfuSettings,
    addresses::Addresses,
    core::Core,
    directory::thread_of,
    driver::{Command, Driver, Shared, Tide},
    tcp::{Connections, FromTcp},
    udp::{self, Batches},
};

/// Commands that may wait for one thread.
const INBOX: usize = 4096;

/// The way to the threads.
pub(super) struct Handle {
    lines: Arc<Lines>,
    news: broadcast::Sender<SfuEvent>,
    threads: Vec<JoinHandle<()>>,
    pub(super) ports: (u16, Option<u16>),
}

/// The inbox of each thread, and how the one is woken that naps at the UDP socket.
struct Lines {
    inboxes: Vec<SyncSender<Command>>,
    bell: Bell,
}

impl Lines {
    fn tell(&self, thread: usize, command: Command) -> bool {
        // The queue is long and its reader never blocks; it refuses only when the thread has ended.
        let is_heard = self.inboxes[thread].send(command).is_ok();
        if is_heard && thread == 0 {
            self.bell.ring();
        }
        is_heard
    }
}

/// Wakes the first thread from its nap at the UDP socket: a byte from an address it knows. The others nap at their inbox.
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
        self.tell(join.room, Command::Join(Box::new(join), answer));
        answered.await.unwrap_or(Err(JoinError::Stopped))
    }

    pub(super) fn leave(&self, room: u128, seat: u8) {
        self.tell(room, Command::Leave(room, seat));
    }

    pub(super) fn close(&self, room: u128) {
        self.tell(room, Command::Close(room));
    }

    pub(super) fn say(&self, room: u128, seat: u8, label: &'static str, text: String) {
        self.tell(room, Command::Say(room, seat, label, text));
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<SfuEvent> {
        self.news.subscribe()
    }

    fn tell(&self, room: u128, command: Command) {
        self.lines.tell(thread_of(room, self.lines.inboxes.len()), command);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        for thread in 0..self.threads.len() {
            // One that has ended already needs no telling.
            let _ = self.lines.tell(thread, Command::Stop);
        }
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("sfu: a media thread had ended with a fault");
            }
        }
    }
}

/// Binds the ports and starts the threads.
pub(super) fn start(settings: &SfuSettings) -> io::Result<Handle> {
    // Fails only when it is set already: by an SFU before this one.
    str0m::crypto::from_feature_flags().install_process_default();
    let udp = udp::bind(settings.udp)?;
    let local = udp.local_addr()?;
    let listener = settings.tcp_enabled.then(|| TcpListener::bind(settings.tcp)).transpose()?;
    let tcp_local = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let addresses = Addresses::find(local, tcp_local, &settings.advertise);
    let count = if settings.threads == 0 { std::thread::available_parallelism().map_or(1, Into::into) } else { settings.threads };
    tracing::info!(udp = ?addresses.udp, tcp = ?addresses.tcp, threads = count, "sfu: media is taken here");
    let (inboxes, ends): (Vec<_>, Vec<Receiver<Command>>) = (0..count).map(|_| sync_channel(INBOX)).unzip();
    let (news, _) = broadcast::channel(1024);
    let lines = Arc::new(Lines { inboxes, bell: Bell::of(local)? });
    let bell_from = lines.bell.socket.local_addr()?;
    let shared = Arc::new(Shared::of(count, settings.max_participants));
    let connections = listener.map(|listener| take_connections(listener, &lines, &shared)).transpose()?.map(Arc::new);
    let mut threads = Vec::new();
    for (thread, inbox) in ends.into_iter().enumerate() {
        let core = Core::new(addresses.clone(), settings.max_participants);
        let others = if thread == 0 { lines.inboxes.clone() } else { Vec::new() };
        let (udp, connections, news, shared) = (udp.try_clone()?, connections.clone(), news.clone(), Arc::clone(&shared));
        threads.push(std::thread::Builder::new().name(format!("sfu-{thread}")).spawn(move || {
            // What system calls need cannot move between threads.
            let udp = Batches::of(udp);
            Driver { thread, core, udp, tide: Tide::default(), connections, inbox, others, news, bell_from, shared }.run();
        })?);
    }
    Ok(Handle { lines, news, threads, ports: (local.port(), tcp_local.map(|tcp| tcp.port())) })
}

fn take_connections(listener: TcpListener, lines: &Arc<Lines>, shared: &Arc<Shared>) -> io::Result<Connections> {
    let (lines, shared) = (Arc::clone(lines), Arc::clone(shared));
    let deliver = move |from_tcp| match from_tcp {
        FromTcp::Packet(from, bytes) => {
            let thread = shared.directory.read().unwrap_or_else(PoisonError::into_inner).find(true, from, &bytes).unwrap_or(0);
            lines.tell(thread, Command::Tcp(from, bytes))
        }
        // Whose it was is forgotten by whoever knew it.
        FromTcp::Closed(from) => (0..lines.inboxes.len()).all(|thread| lines.tell(thread, Command::TcpClosed(from))),
    };
    Connections::accept(listener, Arc::new(deliver))
}
