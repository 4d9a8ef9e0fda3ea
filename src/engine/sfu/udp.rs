//! The UDP port: many packets per system call.

use std::{
    io::{self, IoSlice, IoSliceMut},
    net::{SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket},
    os::fd::{AsFd, AsRawFd},
    time::Duration,
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg},
};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// Wanted for the buffers: with the usual 208 KiB ten calls lose 5 % of their packets.
const BUFFER: usize = 4 << 20;
/// Packets per system call at most.
pub(super) const BATCH: usize = 64;
/// No packet of ours is longer: media fits a 1500-byte network.
const LONGEST: usize = 2048;

/// Binds the port with buffers for many calls.
pub(super) fn bind(at: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(at), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(BUFFER)?;
    socket.set_send_buffer_size(BUFFER)?;
    // The system reports twice what it uses for payload.
    let granted = SockRef::from(&socket).recv_buffer_size()? / 2;
    if granted < BUFFER {
        tracing::warn!(granted, wanted = BUFFER, "sfu: the system caps the receive buffer; raise net.core.rmem_max for many calls");
    }
    socket.bind(&at.into())?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Receives and sends in batches on one thread.
pub(super) struct Batches {
    socket: UdpSocket,
    incoming: Vec<[u8; LONGEST]>,
    received: MultiHeaders<SockaddrStorage>,
    outgoing: Vec<(SocketAddr, Vec<u8>)>,
    sent: MultiHeaders<SockaddrStorage>,
}

impl Batches {
    pub(super) fn of(socket: UdpSocket) -> Self {
        let (received, sent) = (MultiHeaders::preallocate(BATCH, None), MultiHeaders::preallocate(BATCH, None));
        Self { socket, incoming: vec![[0; LONGEST]; BATCH], received, outgoing: Vec::with_capacity(BATCH), sent }
    }

    /// Waits for a packet, at most so long.
    pub(super) fn wait(&self, at_most: Duration) {
        let millis = PollTimeout::try_from(at_most.as_millis()).unwrap_or(PollTimeout::MAX);
        // Interrupted or not: whoever waits looks again.
        let _ = poll(&mut [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)], millis);
    }

    /// Hands over what has arrived; how many packets. Nothing there and an ICMP answer to something sent are both none.
    pub(super) fn receive(&mut self, mut take: impl FnMut(SocketAddr, &[u8])) -> usize {
        let mut slices: Vec<[IoSliceMut<'_>; 1]> = self.incoming.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
        let fd = self.socket.as_raw_fd();
        let Ok(messages) = recvmmsg(fd, &mut self.received, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None) else { return 0 };
        let arrived: Vec<(Option<SocketAddr>, usize)> = messages.map(|message| (message.address.as_ref().and_then(address), message.bytes)).collect();
        for ((from, length), buffer) in arrived.iter().zip(&self.incoming) {
            if let Some(from) = from {
                take(*from, &buffer[..*length]);
            }
        }
        arrived.len()
    }

    /// Takes a packet to be sent with the next [`flush`](Self::flush).
    pub(super) fn send(&mut self, to: SocketAddr, bytes: Vec<u8>) {
        self.outgoing.push((to, bytes));
    }

    /// Sends everything taken. A packet the network does not take is a lost packet.
    pub(super) fn flush(&mut self) {
        let fd = self.socket.as_raw_fd();
        let mut rest = self.outgoing.as_slice();
        while !rest.is_empty() {
            let batch = &rest[..rest.len().min(BATCH)];
            let slices: Vec<[IoSlice<'_>; 1]> = batch.iter().map(|(_, bytes)| [IoSlice::new(bytes)]).collect();
            let addresses: Vec<Option<SockaddrStorage>> = batch.iter().map(|(to, _)| Some(SockaddrStorage::from(*to))).collect();
            let done = match sendmmsg(fd, &mut self.sent, slices.iter(), addresses, [], MsgFlags::MSG_DONTWAIT) {
                Ok(sent) => sent.count().max(1),
                Err(Errno::EINTR) => 0,
                // The first one cannot be sent; those behind it may well be.
                Err(_) => 1,
            };
            rest = &rest[done..];
        }
        self.outgoing.clear();
    }
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|at| SocketAddr::V4(SocketAddrV4::from(*at)));
    v4.or_else(|| storage.as_sockaddr_in6().map(|at| SocketAddr::V6(SocketAddrV6::from(*at))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_and_go_in_batches_in_order_and_whole() {
        for ip in ["127.0.0.1:0", "[::1]:0"] {
            let mut server = Batches::of(bind(ip.parse().unwrap()).unwrap());
            let client = UdpSocket::bind(ip).unwrap();
            client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let to = server.socket.local_addr().unwrap();
            for number in 0..150_u8 {
                client.send_to(&vec![number; usize::from(number) + 1], to).unwrap();
            }
            let mut heard = Vec::new();
            while heard.len() < 150 {
                server.wait(Duration::from_millis(100));
                server.receive(|from, bytes| heard.push((from, bytes.to_vec())));
            }
            assert!(
                heard
                    .iter()
                    .zip(0..150_u8)
                    .all(|((from, bytes), number)| *from == client.local_addr().unwrap() && *bytes == vec![number; usize::from(number) + 1])
            );
            // One that nobody can take stands in nobody's way.
            server.send(SocketAddr::new(to.ip(), 0), vec![1]);
            for (from, bytes) in heard {
                server.send(from, bytes);
            }
            server.flush();
            let mut buffer = [0; 300];
            for number in 0..150_u8 {
                let (length, from) = client.recv_from(&mut buffer).unwrap();
                assert_eq!((length, buffer[0], from), (usize::from(number) + 1, number, to));
            }
            assert_eq!(server.receive(|_, _| panic!("nothing is there")), 0);
        }
    }
}
