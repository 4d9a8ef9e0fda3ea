//! Where we can be reached, and at which of these addresses a given packet reached us.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The addresses put into answers.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    /// Candidates on the UDP port.
    pub(super) udp: Vec<SocketAddr>,
    /// Candidates on the TCP port; empty without one.
    pub(super) tcp: Vec<SocketAddr>,
    /// Which own address the system would use towards a peer.
    pub(super) route: fn(SocketAddr) -> Option<IpAddr>,
}

impl Addresses {
    /// For sockets listening on `udp` and `tcp`. Without `advertise`: the address listened on or, listening on all,
    /// loopback and the address that leads out.
    pub(super) fn find(udp: SocketAddr, tcp: Option<SocketAddr>, advertise: &[IpAddr]) -> Self {
        let ips: Vec<IpAddr> = if !advertise.is_empty() {
            advertise.to_vec()
        } else if udp.ip().is_unspecified() {
            // Nothing is sent: connecting a UDP socket only asks the system for its route.
            let outward = route_to(SocketAddr::from(([192, 0, 2, 1], 9)));
            outward.into_iter().filter(|ip| !ip.is_loopback()).chain([IpAddr::V4(Ipv4Addr::LOCALHOST)]).collect()
        } else {
            vec![udp.ip()]
        };
        let at = |port: u16| ips.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        Self { udp: at(udp.port()), tcp: tcp.map(|tcp| at(tcp.port())).unwrap_or_default(), route: route_to }
    }

    /// The candidate among `ours` that a packet from `source` was sent to, as well as it can be known.
    pub(super) fn reached(&self, ours: &[SocketAddr], source: SocketAddr) -> Option<SocketAddr> {
        if let [only] = ours {
            return Some(*only);
        }
        let own = (self.route)(source);
        ours.iter()
            .find(|candidate| Some(candidate.ip()) == own)
            .or_else(|| ours.iter().find(|candidate| candidate.ip().is_loopback() == source.ip().is_loopback()))
            .or_else(|| ours.first())
            .copied()
    }
}

fn route_to(peer: SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(peer).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_belongs_to_the_address_it_was_sent_to() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let route = |peer: SocketAddr| Some(if peer.ip().is_loopback() { [127, 0, 0, 1].into() } else { [10, 0, 0, 5].into() });
        let both = Addresses { udp: vec![at("10.0.0.5:7"), at("127.0.0.1:7")], tcp: vec![], route };
        assert_eq!(both.reached(&both.udp, at("127.0.0.1:999")), Some(at("127.0.0.1:7")));
        assert_eq!(both.reached(&both.udp, at("10.0.0.9:999")), Some(at("10.0.0.5:7")));
        let behind_nat = Addresses { udp: vec![at("203.0.113.1:7"), at("127.0.0.1:7")], tcp: vec![], route };
        assert_eq!(behind_nat.reached(&behind_nat.udp, at("198.51.100.1:1")), Some(at("203.0.113.1:7")));
        assert_eq!(behind_nat.reached(&behind_nat.tcp, at("198.51.100.1:1")), None);
    }

    #[test]
    fn listening_on_all_offers_loopback() {
        let found = Addresses::find("0.0.0.0:7".parse().unwrap(), Some("0.0.0.0:8".parse().unwrap()), &[]);
        assert!(found.udp.contains(&"127.0.0.1:7".parse().unwrap()));
        assert!(found.tcp.contains(&"127.0.0.1:8".parse().unwrap()));
        let told = Addresses::find("0.0.0.0:7".parse().unwrap(), None, &["203.0.113.1".parse().unwrap()]);
        assert_eq!((told.udp, told.tcp), (vec!["203.0.113.1:7".parse().unwrap()], vec![]));
    }
}
