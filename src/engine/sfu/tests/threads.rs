//! The real sockets and threads: calls on different threads share one port.

use std::{collections::BTreeMap, net::UdpSocket};

use super::*;
use crate::engine::sfu::{Sfu, SfuSettings, directory::thread_of};

/// A browser with a socket of its own.
struct Real {
    browser: Browser,
    socket: UdpSocket,
}

impl Real {
    fn new() -> (Self, String) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let (browser, offer) = Browser::new(Instant::now(), socket.local_addr().unwrap().port());
        (Self { browser, socket }, offer)
    }

    fn go_on(&mut self, server: SocketAddr) {
        let mut buffer = [0; 2048];
        let now = Instant::now();
        if self.browser.wake_at <= now {
            self.browser.rtc.handle_input(Input::Timeout(now)).unwrap();
        }
        self.browser.send(now);
        self.say(server);
        while let Ok((length, from)) = self.socket.recv_from(&mut buffer) {
            let now = Instant::now();
            let received = Receive::new(Protocol::Udp, from, self.browser.at, &buffer[..length]).unwrap();
            self.browser.rtc.handle_input(Input::Receive(now, received)).unwrap();
            self.say(server);
        }
    }

    fn say(&mut self, server: SocketAddr) {
        for (_, bytes) in self.browser.poll(Instant::now()) {
            self.socket.send_to(&bytes, server).unwrap();
        }
    }
}

async fn join(sfu: &Sfu, room: u128, seat: u8) -> Result<(Real, Ear), JoinError> {
    let (mut real, offer) = Real::new();
    let ear = Ear::default();
    let answer = sfu.join(Join { room, seat, offer, tap: Some(Box::new(ear.clone())), ear: None }).await?;
    real.browser.answered(&answer);
    Ok((real, ear))
}

#[tokio::test]
async fn calls_of_all_threads_share_one_port_and_one_limit() {
    let settings = SfuSettings { threads: 3, max_participants: 8, ..SfuSettings::loopback() };
    let sfu = Sfu::start(&settings).unwrap();
    let server = SocketAddr::from(([127, 0, 0, 1], sfu.ports().0));
    let rooms = [30_u128, 31, 32, 33];
    assert_eq!(rooms.map(|room| thread_of(room, 3)), [0, 1, 2, 0]);
    let mut calls = BTreeMap::new();
    for (room, seat) in rooms.into_iter().flat_map(|room| [(room, 0), (room, 1)]) {
        calls.insert((room, seat), join(&sfu, room, seat).await.unwrap());
    }
    assert_eq!(join(&sfu, 35, 0).await.err(), Some(JoinError::Full), "one limit for all threads");

    let hears = |(real, ear): &(Real, Ear)| real.browser.received.len() >= 100 && ear.0.lock().unwrap().packets.len() >= 100;
    let end = Instant::now() + Duration::from_secs(20);
    while !calls.values().all(hears) {
        let heard: Vec<usize> = calls.values().map(|(real, _)| real.browser.received.len()).collect();
        assert!(Instant::now() < end, "not everybody hears the other: {heard:?}");
        for (real, _) in calls.values_mut() {
            real.go_on(server);
        }
    }
    // Whoever leaves makes room on whichever thread.
    sfu.leave(31, 1);
    let mut is_in = false;
    for _ in 0..100 {
        is_in = is_in || join(&sfu, 35, 0).await.is_ok();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(is_in, "a seat is free again");
    // A call that ends on one thread leaves those on the others alone.
    sfu.close(32);
    let counts =
        |calls: &BTreeMap<(u128, u8), (Real, Ear)>| calls.iter().map(|(key, (real, _))| (*key, real.browser.received.len())).collect::<BTreeMap<_, _>>();
    let before = counts(&calls);
    for key in [(30, 0), (30, 1), (33, 0), (33, 1)] {
        let end = Instant::now() + Duration::from_secs(20);
        while counts(&calls)[&key] < before[&key] + 50 {
            assert!(Instant::now() < end, "{key:?} hears nothing any more");
            for (_, (real, _)) in calls.iter_mut().filter(|((room, _), _)| [30, 33].contains(room)) {
                real.go_on(server);
            }
        }
    }
}
