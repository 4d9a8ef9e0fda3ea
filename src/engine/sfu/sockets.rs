//! The thread that feeds the machine from its sockets.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::sync::{broadcast, oneshot};

use super::{
    Join, JoinError, SfuEvent, SfuSettings,
    addresses::Addresses,
    core::{Core, Datagram, Out},
};

/// Wanted for the receive buffer: with the usual 208 KiB ten calls lose 5 % of their packets.
const RECEIVE_BUFFER: usize = 4 << 20;
/// The thread looks at its listener at least so often.
const LONGEST_NAP: Duration = Duration::from_millis(50);
/// TCP connections at once.
const MAX_CONNECTIONS: usize = 512;
/// Packets that may wait for one TCP connection.
const TCP_QUEUE: usize = 512;
/// A TCP connection that says nothing for so long is closed.
const TCP_SILENCE: Duration = Duration::from_secs(30);

enum Command {
    Join(Box<Join>, oneshot::Sender<Result<String, JoinError>>),
    Leave(u128, u8),
    Close(u128),
    FromTcp(SocketAddr, Vec<u8>),
    TcpClosed(SocketAddr),
    Stop,
}

/// The way to the thread.
pub(super) struct Handle {
    commands: SyncSender<Command>,
    news: broadcast::Sender<SfuEvent>,
    bell: Bell,
    thread: Option<JoinHandle<()>>,
    pub(super) ports: (u16, Option<u16>),
}

/// Wakes the thread from its nap in the UDP socket: a byte from an address it knows.
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

    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { socket: self.socket.try_clone()?, to: self.to })
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
    let udp = bind_udp(settings.udp)?;
    let local = udp.local_addr()?;
    let listener = settings.tcp_enabled.then(|| TcpListener::bind(settings.tcp)).transpose()?;
    if let Some(listener) = &listener {
        listener.set_nonblocking(true)?;
    }
    let tcp_local = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let addresses = Addresses::find(local, tcp_local, &settings.advertise);
    tracing::info!(udp = ?addresses.udp, tcp = ?addresses.tcp, "sfu: media is taken here");
    let (commands, inbox) = sync_channel(4096);
    let (news, _) = broadcast::channel(1024);
    let bell = Bell::of(local)?;
    let mut driver = Driver {
        core: Core::new(Instant::now(), addresses, settings.max_participants),
        udp,
        listener,
        connections: HashMap::new(),
        inbox,
        commands: commands.clone(),
        news: news.clone(),
        bell: bell.try_clone()?,
        bell_from: bell.socket.local_addr()?,
        nap: Duration::ZERO,
    };
    let thread = std::thread::Builder::new().name("sfu".into()).spawn(move || driver.run())?;
    Ok(Handle { commands, news, bell, thread: Some(thread), ports: (local.port(), tcp_local.map(|tcp| tcp.port())) })
}

fn bind_udp(at: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(at), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.set_send_buffer_size(RECEIVE_BUFFER)?;
    // The system reports twice what it uses for payload.
    let granted = SockRef::from(&socket).recv_buffer_size()? / 2;
    if granted < RECEIVE_BUFFER {
        tracing::warn!(granted, wanted = RECEIVE_BUFFER, "sfu: the system caps the receive buffer; raise net.core.rmem_max for many calls");
    }
    socket.bind(&at.into())?;
    Ok(socket.into())
}

struct Driver {
    core: Core,
    udp: UdpSocket,
    listener: Option<TcpListener>,
    connections: HashMap<SocketAddr, Connection>,
    inbox: Receiver<Command>,
    commands: SyncSender<Command>,
    news: broadcast::Sender<SfuEvent>,
    bell: Bell,
    bell_from: SocketAddr,
    nap: Duration,
}

struct Connection {
    stream: TcpStream,
    outbox: SyncSender<Vec<u8>>,
}

impl Driver {
    fn run(&mut self) {
        let mut buffer = vec![0; 4096];
        while self.obey() {
            self.accept();
            let now = Instant::now();
            if self.core.deadline().is_some_and(|at| at <= now) {
                self.core.tick(now);
            }
            self.empty();
            self.set_nap(now);
            match self.udp.recv_from(&mut buffer) {
                Ok((_, from)) if from == self.bell_from => {}
                Ok((length, from)) => {
                    let datagram = Datagram { is_tcp: false, from, bytes: &buffer[..length] };
                    self.core.receive(Instant::now(), &datagram);
                    self.empty();
                }
                // A nap that ended, or an ICMP answer to something sent: either way, on.
                Err(_) => {}
            }
        }
        for connection in self.connections.values() {
            // It may be gone by itself already.
            let _ = connection.stream.shutdown(std::net::Shutdown::Both);
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
                Command::FromTcp(from, bytes) => self.core.receive(now, &Datagram { is_tcp: true, from, bytes: &bytes }),
                Command::TcpClosed(peer) => {
                    self.connections.remove(&peer);
                    self.core.forget_tcp(peer);
                }
                Command::Stop => return false,
            }
            self.empty();
        }
        true
    }

    /// Sends and tells everything that comes out of the machine.
    fn empty(&mut self) {
        while let Some(out) = self.core.poll() {
            match out {
                // A packet the network does not take is a lost packet.
                Out::Send { is_tcp: false, to, bytes } => drop(self.udp.send_to(&bytes, to)),
                Out::Send { is_tcp: true, to, bytes } => {
                    let full = self.connections.get(&to).is_some_and(|c| matches!(c.outbox.try_send(bytes), Err(TrySendError::Disconnected(_))));
                    if full {
                        self.connections.remove(&to);
                        self.core.forget_tcp(to);
                    }
                }
                // Nobody may be listening.
                Out::News(event) => drop(self.news.send(event)),
            }
        }
    }

    fn set_nap(&mut self, now: Instant) {
        let until = self.core.deadline().map_or(LONGEST_NAP, |at| at.saturating_duration_since(now));
        // Whole milliseconds: setting the same time-out again costs nothing.
        let millis = u64::try_from(until.as_millis()).unwrap_or(u64::MAX).clamp(1, 50);
        let nap = Duration::from_millis(millis);
        if nap != self.nap && self.udp.set_read_timeout(Some(nap)).is_ok() {
            self.nap = nap;
        }
    }

    fn accept(&mut self) {
        let Some(listener) = &self.listener else { return };
        while let Ok((stream, peer)) = listener.accept() {
            if self.connections.len() >= MAX_CONNECTIONS {
                continue;
            }
            match self.serve(stream, peer) {
                Ok(connection) => drop(self.connections.insert(peer, connection)),
                Err(error) => tracing::debug!(error = %error, "sfu: a connection cannot be served"),
            }
        }
    }

    /// Two threads per connection, so that a slow peer holds up nobody else.
    fn serve(&self, stream: TcpStream, peer: SocketAddr) -> io::Result<Connection> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TCP_SILENCE))?;
        stream.set_write_timeout(Some(TCP_SILENCE))?;
        let (outbox, frames) = sync_channel(TCP_QUEUE);
        let (reading, writing) = (stream.try_clone()?, stream.try_clone()?);
        let (commands, bell) = (self.commands.clone(), self.bell.try_clone()?);
        std::thread::Builder::new().name("sfu-tcp-in".into()).spawn(move || {
            read_frames(reading, peer, &commands, &bell);
        })?;
        std::thread::Builder::new().name("sfu-tcp-out".into()).spawn(move || write_frames(writing, &frames))?;
        Ok(Connection { stream, outbox })
    }
}

/// RFC 4571 §2: each packet after its length in two bytes.
fn read_frames(mut stream: TcpStream, peer: SocketAddr, commands: &SyncSender<Command>, bell: &Bell) {
    let mut length = [0; 2];
    while stream.read_exact(&mut length).is_ok() {
        let mut frame = vec![0; usize::from(u16::from_be_bytes(length))];
        if stream.read_exact(&mut frame).is_err() || commands.send(Command::FromTcp(peer, frame)).is_err() {
            break;
        }
        bell.ring();
    }
    // The other side may be gone already.
    let _ = stream.shutdown(std::net::Shutdown::Both);
    if commands.send(Command::TcpClosed(peer)).is_ok() {
        bell.ring();
    }
}

fn write_frames(mut stream: TcpStream, frames: &Receiver<Vec<u8>>) {
    while let Ok(frame) = frames.recv() {
        let Ok(length) = u16::try_from(frame.len()) else { continue };
        if stream.write_all(&[length.to_be_bytes().as_slice(), &frame].concat()).is_err() {
            break;
        }
    }
    // Makes the reading thread end too; it tells the media thread.
    let _ = stream.shutdown(std::net::Shutdown::Both);
}
