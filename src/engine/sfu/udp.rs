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
    sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg, sendmsg, setsockopt, sockopt},
};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// Wanted for the buffers: with the usual 208 KiB ten calls lose 5 % of their packets.
const BUFFER: usize = 4 << 20;
/// Packets per system call at most.
pub(super) const BATCH: usize = 64;
/// No packet of ours is longer: media fits a 1500-byte network.
const LONGEST: usize = 2048;
/// So many packets the system takes as one at most (`UDP_MAX_SEGMENTS` of older kernels) …
const MOST_ALIKE: usize = 64;
/// … and so many bytes: what an IP packet may have, less its headers.
const MOST_BYTES: usize = 65_000;

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

/// Receives and sends in batches on one thread. The packets of a picture, which `even.rs` made of one length, leave as one
/// (`UDP_SEGMENT`, udp(7)): sending is half of what a forwarded packet costs, and most of that is per call into the network, not per byte.
pub(super) struct Batches {
    socket: UdpSocket,
    /// Whether the system cuts up what is sent as one (Linux 4.18 and later). One that does not know it would send it as one packet.
    cuts: bool,
    incoming: Vec<[u8; LONGEST]>,
    received: MultiHeaders<SockaddrStorage>,
    outgoing: Vec<(SocketAddr, Vec<u8>)>,
    sent: MultiHeaders<SockaddrStorage>,
}

impl Batches {
    pub(super) fn of(socket: UdpSocket) -> Self {
        let (received, sent) = (MultiHeaders::preallocate(BATCH, None), MultiHeaders::preallocate(BATCH, None));
        // No length for all packets: it is said with each that has one.
        let cuts = setsockopt(&socket, sockopt::UdpGsoSegment, &0).is_ok();
        Self { socket, cuts, incoming: vec![[0; LONGEST]; BATCH], received, outgoing: Vec::with_capacity(BATCH), sent }
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
        let mut outgoing = std::mem::take(&mut self.outgoing);
        if self.cuts {
            // Sounds between the packets of a picture would keep them apart.
            outgoing.chunk_by_mut(|one, other| one.0 == other.0).for_each(|to_one| to_one.sort_by_key(|(_, bytes)| stream(bytes)));
        }
        let mut rest = outgoing.as_slice();
        while !rest.is_empty() {
            let alike = if self.cuts { alike(rest) } else { 1 };
            if alike > 1 && self.send_as_one(&rest[..alike]) {
                rest = &rest[alike..];
                continue;
            }
            // Those that could not go as one, or all up to the next ones that can.
            let end = rest.len().min(BATCH);
            let until = if alike > 1 { alike } else { (1..end).find(|at| self.cuts && self::alike(&rest[*at..]) > 1).unwrap_or(end) };
            self.send_each(&rest[..until]);
            rest = &rest[until..];
        }
        self.outgoing = outgoing;
        self.outgoing.clear();
    }

    /// Sends packets that are [`alike`] in one; false when that cannot be done on their way. Where there is no room for them now, they are lost.
    fn send_as_one(&self, packets: &[(SocketAddr, Vec<u8>)]) -> bool {
        let Some((to, first)) = packets.first() else { return false };
        let Ok(length) = u16::try_from(first.len()) else { return false };
        let slices: Vec<IoSlice<'_>> = packets.iter().map(|(_, bytes)| IoSlice::new(bytes)).collect();
        let to = SockaddrStorage::from(*to);
        let cut = [ControlMessage::UdpGsoSegments(&length)];
        loop {
            return match sendmsg(self.socket.as_raw_fd(), &slices, &cut, MsgFlags::MSG_DONTWAIT, Some(&to)) {
                Err(Errno::EINTR) => continue,
                Ok(_) | Err(Errno::EAGAIN | Errno::ENOBUFS) => true,
                // A device that cannot do it, or a way for shorter packets only.
                Err(_) => false,
            };
        }
    }

    fn send_each(&mut self, mut rest: &[(SocketAddr, Vec<u8>)]) {
        let fd = self.socket.as_raw_fd();
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
    }
}

/// The source of a packet of media (RFC 3550 §5.1). Pure.
pub(super) fn source(packet: &[u8]) -> Option<u32> {
    match packet {
        // 192 to 223 in the place of the payload type is RTCP (RFC 5761 §4).
        [first, kind, _, _, _, _, _, _, a, b, c, d, ..] if first >> 6 == 2 && !(192..=223).contains(kind) => Some(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}

/// Within which stream the order of a packet counts: its source, or all that is no media. That comes last: shorter than what goes
/// before, it leaves as one with it. Pure.
fn stream(packet: &[u8]) -> u32 {
    source(packet).unwrap_or(u32::MAX)
}

/// How many packets from the first on can be sent as one: to one place, of one length, the last one perhaps shorter. Pure.
fn alike(packets: &[(SocketAddr, Vec<u8>)]) -> usize {
    let Some((to, first)) = packets.first() else { return 0 };
    let (mut count, mut bytes) = (0, 0);
    for (other, packet) in packets.iter().take(MOST_ALIKE) {
        bytes += packet.len();
        if other != to || packet.len() > first.len() || packet.is_empty() || bytes > MOST_BYTES {
            break;
        }
        count += 1;
        if packet.len() < first.len() {
            break;
        }
    }
    count.max(1)
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
        // No media: nothing is sorted.
        let packet = |number: u8| [&[number & 0x3f][..], &vec![number; number.into()]].concat();
        for ip in ["127.0.0.1:0", "[::1]:0"] {
            let mut server = Batches::of(bind(ip.parse().unwrap()).unwrap());
            let client = UdpSocket::bind(ip).unwrap();
            client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let to = server.socket.local_addr().unwrap();
            for number in 0..150_u8 {
                client.send_to(&packet(number), to).unwrap();
            }
            let mut heard = Vec::new();
            while heard.len() < 150 {
                server.wait(Duration::from_millis(100));
                server.receive(|from, bytes| heard.push((from, bytes.to_vec())));
            }
            assert!(heard.iter().zip(0..150_u8).all(|((from, bytes), number)| *from == client.local_addr().unwrap() && *bytes == packet(number)));
            let mut buffer = [0; 300];
            for cuts in [server.cuts, false] {
                server.cuts = cuts;
                // One that nobody can take stands in nobody's way.
                server.send(SocketAddr::new(to.ip(), 0), vec![1]);
                for (from, bytes) in &heard {
                    server.send(*from, bytes.clone());
                }
                server.flush();
                for number in 0..150_u8 {
                    let (length, from) = client.recv_from(&mut buffer).unwrap();
                    assert_eq!((&buffer[..length], from), (&packet(number)[..], to));
                }
            }
            assert_eq!(server.receive(|_, _| panic!("nothing is there")), 0);
        }
    }

    #[test]
    fn packets_of_pictures_leave_as_one_and_arrive_as_they_were() {
        let mut server = Batches::of(bind("127.0.0.1:0".parse().unwrap()).unwrap());
        assert!(server.cuts, "this is Linux 4.18 or later");
        let clients = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        for client in &clients {
            client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        }
        let [one, two] = [0, 1].map(|number| clients[number].local_addr().unwrap());
        // A sound, a picture cut evenly, the other's picture, more than fits at once, and a place that does not exist among them.
        let lengths = [(one, 90), (one, 1_041), (one, 1_041), (one, 1_042), (one, 1_042), (one, 700), (two, 1_200), (two, 1_200)];
        let nowhere = SocketAddr::new(one.ip(), 0);
        let sent: Vec<(SocketAddr, Vec<u8>)> = lengths
            .into_iter()
            .chain([(nowhere, 500); 3])
            .chain([(two, 1_100); 70])
            .zip(0_u8..)
            .map(|((to, length), number)| (to, vec![number; length]))
            .collect();
        assert_eq!([0, 1, 3, 6, 8, 11].map(|at| alike(&sent[at..])), [1, 2, 3, 2, 3, 59], "59 times 1100 bytes are what goes in one");
        let mut buffer = [0; 2_000];
        assert!(server.send_as_one(&sent[3..6]), "three packets in one call");
        for (_, bytes) in &sent[3..6] {
            assert_eq!(clients[0].recv(&mut buffer).unwrap(), bytes.len(), "are three packets again");
        }
        assert!(!server.send_as_one(&sent[8..11]), "what cannot go as one is to be tried one by one");
        for (to, bytes) in &sent {
            server.send(*to, bytes.clone());
        }
        server.flush();
        for (to, bytes) in sent.iter().filter(|(to, _)| *to != nowhere) {
            let client = &clients[usize::from(*to == two)];
            let (length, _) = client.recv_from(&mut buffer).unwrap();
            assert!(buffer[..length] == *bytes, "{length} bytes of number {} instead of {} of {}", buffer[0], bytes.len(), bytes[0]);
        }
    }

    #[test]
    fn sounds_do_not_keep_the_packets_of_a_picture_apart() {
        let rtp = |source: u8, number: u8| [&[0x80, 96, 0, number, 0, 0, 0, 0, 0, 0, 0, source][..], &[7; 20]].concat();
        let mut server = Batches::of(bind("127.0.0.1:0".parse().unwrap()).unwrap());
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let report = [&[0x80, 200][..], &[9; 26]].concat();
        server.send(client.local_addr().unwrap(), report.clone());
        for (source, number) in [(2, 1), (1, 1), (2, 2), (1, 2), (2, 3)] {
            server.send(client.local_addr().unwrap(), rtp(source, number));
        }
        server.flush();
        let mut buffer = [0; 100];
        let came = [(); 5].map(|()| {
            let length = client.recv(&mut buffer).unwrap();
            assert_eq!(length, 32);
            (buffer[11], buffer[3])
        });
        assert_eq!(came, [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3)], "each stream in its order");
        let length = client.recv(&mut buffer).unwrap();
        assert_eq!(buffer[..length], report, "a report goes as the last one, with what is longer than it");
        assert_eq!([stream(&report), stream(&[0, 1, 0, 0]), stream(&rtp(5, 0))], [u32::MAX, u32::MAX, 5], "what is no media stays in its order, too");
    }

    #[test]
    fn what_can_be_sent_as_one_is_of_one_length_and_to_one_place() {
        let [here, there] = [1, 2].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let of = |packets: &[(SocketAddr, usize)]| alike(&packets.iter().map(|(to, length)| (*to, vec![0; *length])).collect::<Vec<_>>());
        assert_eq!(of(&[]), 0);
        assert_eq!(of(&[(here, 9)]), 1);
        assert_eq!(of(&[(here, 9), (there, 9)]), 1);
        assert_eq!(of(&[(here, 9), (here, 10)]), 1);
        assert_eq!(of(&[(here, 9), (here, 9), (here, 3), (here, 3)]), 3);
        assert_eq!(of(&[(here, 9), (here, 0)]), 1, "nothing is no packet");
        assert_eq!(of(&[(here, 9); 200]), MOST_ALIKE);
        assert_eq!(of(&[(here, 2_000); 200]), 32);
    }
}
