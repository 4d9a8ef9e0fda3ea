//! The machine for whoever brings packets and time himself instead of sockets: fuzzers, and measurements.

use std::{net::SocketAddr, time::Instant};

use super::{
    Join, JoinError, SfuEvent,
    addresses::Addresses,
    core::{Core, Datagram, Out},
};

/// All rooms of an SFU, without a socket, a clock or a thread.
pub struct Machine(Core);

/// What came out: to whom which bytes are to be sent, and what is told.
#[derive(Debug, Default)]
pub struct Drained {
    /// Packets to be sent.
    pub sent: Vec<(SocketAddr, Vec<u8>)>,
    /// News.
    pub news: Vec<SfuEvent>,
}

impl Machine {
    /// A machine that tells browsers this UDP address.
    pub fn new(udp: SocketAddr) -> Self {
        // Fails only when it is set already.
        str0m::crypto::from_feature_flags().install_process_default();
        Self(Core::new(Addresses { udp: vec![udp], tcp: vec![udp], route: |_| None }, 16))
    }

    /// See [`Sfu::join`](super::Sfu::join).
    ///
    /// # Errors
    /// [`JoinError`].
    pub fn join(&mut self, now: Instant, join: Join) -> Result<String, JoinError> {
        self.0.join(now, join)
    }

    /// A packet arrived.
    pub fn receive(&mut self, now: Instant, is_tcp: bool, from: SocketAddr, bytes: &[u8]) {
        self.0.receive(now, &Datagram { is_tcp, from, bytes });
    }

    /// Lets time pass and everything out.
    pub fn drain(&mut self, now: Instant) -> Drained {
        self.0.tick(now);
        self.0.settle(now);
        let mut drained = Drained::default();
        while let Some(out) = self.0.poll() {
            match out {
                Out::Send { to, bytes, .. } => drained.sent.push((to, bytes)),
                Out::News(event) => drained.news.push(event),
                Out::Post(..) => {}
            }
        }
        drained
    }
}
