//! The TCP port, for networks that let no UDP through: RFC 4571 framing, threads of its own, so that a slow peer holds up
//! nobody else.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

/// Connections at once.
const MAX_CONNECTIONS: usize = 512;
/// Packets that may wait for one connection.
const QUEUE: usize = 512;
/// A connection that says nothing for so long is closed.
const SILENCE: Duration = Duration::from_secs(30);

/// What connections bring.
pub(super) enum FromTcp {
    /// A packet.
    Packet(SocketAddr, Vec<u8>),
    /// A connection is gone.
    Closed(SocketAddr),
}

/// Takes what connections bring; false when nobody listens any more.
pub(super) type Deliver = Arc<dyn Fn(FromTcp) -> bool + Send + Sync>;

/// Everybody who is connected. Dropped, it closes all of them and the port.
pub(super) struct Connections {
    open: Arc<Mutex<HashMap<SocketAddr, Connection>>>,
    is_over: Arc<AtomicBool>,
    listening_at: SocketAddr,
}

struct Connection {
    stream: TcpStream,
    outbox: SyncSender<Vec<u8>>,
}

impl Connections {
    /// Takes connections of `listener` on a thread of its own.
    pub(super) fn accept(listener: TcpListener, deliver: Deliver) -> io::Result<Self> {
        let listening_at = listener.local_addr()?;
        let connections = Self { open: Arc::default(), is_over: Arc::default(), listening_at };
        let (open, is_over) = (Arc::clone(&connections.open), Arc::clone(&connections.is_over));
        std::thread::Builder::new().name("sfu-tcp".into()).spawn(move || {
            for accepted in listener.incoming() {
                if is_over.load(Relaxed) {
                    return;
                }
                match accepted.and_then(|stream| serve(stream, &open, &deliver)) {
                    Ok(()) => {}
                    Err(error) => {
                        tracing::debug!(error = %error, "sfu: a connection cannot be served");
                        // Out of descriptors, for example: asking again at once would only burn the processor.
                        std::thread::sleep(Duration::from_millis(10));
                    }
                }
            }
        })?;
        Ok(connections)
    }

    /// Sends a packet. One that finds the queue full is lost; false when there is no such connection (any more).
    pub(super) fn send(&self, to: SocketAddr, bytes: Vec<u8>) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&to).is_some_and(|connection| !matches!(connection.outbox.try_send(bytes), Err(TrySendError::Disconnected(_))))
    }

    /// Forgets a connection that is gone.
    pub(super) fn forget(&self, peer: SocketAddr) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer);
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
        for (_, connection) in self.open.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            // It may be gone by itself already.
            let _ = connection.stream.shutdown(Shutdown::Both);
        }
        // Wakes the thread that accepts; when that fails it ends with the next connection.
        let ip = if self.listening_at.ip().is_unspecified() {
            if self.listening_at.is_ipv4() { [127, 0, 0, 1].into() } else { [0, 0, 0, 0, 0, 0, 0, 1].into() }
        } else {
            self.listening_at.ip()
        };
        let _ = TcpStream::connect_timeout(&SocketAddr::new(ip, self.listening_at.port()), Duration::from_millis(200));
    }
}

fn serve(stream: TcpStream, open: &Arc<Mutex<HashMap<SocketAddr, Connection>>>, deliver: &Deliver) -> io::Result<()> {
    let peer = stream.peer_addr()?;
    let mut known = open.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MAX_CONNECTIONS {
        return Ok(());
    }
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    let (outbox, frames) = sync_channel(QUEUE);
    let (reading, writing) = (stream.try_clone()?, stream.try_clone()?);
    known.insert(peer, Connection { stream, outbox });
    drop(known);
    let deliver = Arc::clone(deliver);
    std::thread::Builder::new().name("sfu-tcp-in".into()).spawn(move || read_frames(reading, peer, &deliver))?;
    std::thread::Builder::new().name("sfu-tcp-out".into()).spawn(move || write_frames(writing, &frames))?;
    Ok(())
}

/// RFC 4571 §2: each packet after its length in two bytes.
fn read_frames(mut stream: TcpStream, peer: SocketAddr, deliver: &Deliver) {
    let mut length = [0; 2];
    while stream.read_exact(&mut length).is_ok() {
        let mut frame = vec![0; usize::from(u16::from_be_bytes(length))];
        if stream.read_exact(&mut frame).is_err() || !deliver(FromTcp::Packet(peer, frame)) {
            break;
        }
    }
    // The other side may be gone already.
    let _ = stream.shutdown(Shutdown::Both);
    deliver(FromTcp::Closed(peer));
}

fn write_frames(mut stream: TcpStream, frames: &Receiver<Vec<u8>>) {
    while let Ok(frame) = frames.recv() {
        let Ok(length) = u16::try_from(frame.len()) else { continue };
        if stream.write_all(&[length.to_be_bytes().as_slice(), &frame].concat()).is_err() {
            break;
        }
    }
    // Makes the reading thread end too; it tells whoever listens.
    let _ = stream.shutdown(Shutdown::Both);
}
