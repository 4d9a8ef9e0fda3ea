//! Floods over real sockets: garbage, checks that know a name, and packets of the call itself sent again and again. The call goes on.

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use visavis::{
    base::id::{CallId, Id},
    engine::sfu::Join,
    journey::call::wire::Party,
};

use super::{
    clip::{Clip, Scene},
    peer::{Kind, Peer},
    sealing::open,
};
use crate::support::TestHouse;

/// So many packets at once, then a pause: what a sender of floods does, and what fills queues.
const BURST: u32 = 64;

#[expect(clippy::disallowed_methods, reason = "who soaks says from outside how much")]
fn asked(name: &str, usual: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Stands between one end and the SFU, so that what it sends can be sent again from the very same address.
struct Between {
    at: SocketAddr,
    far: UdpSocket,
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
    is_over: Arc<AtomicBool>,
}

impl Between {
    fn new(sfu: SocketAddr) -> Self {
        let (near, far) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        far.connect(sfu).unwrap();
        for socket in [&near, &far] {
            socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
            let wide = socket2::SockRef::from(socket);
            wide.set_recv_buffer_size(4 << 20).unwrap();
        }
        let between = Self { at: near.local_addr().unwrap(), far: far.try_clone().unwrap(), taken: Arc::default(), is_over: Arc::default() };
        let peer = Arc::new(Mutex::new(None));
        let (taken, is_over, known) = (Arc::clone(&between.taken), Arc::clone(&between.is_over), Arc::clone(&peer));
        let (near_in, far_out) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || {
            let mut buffer = [0; 2048];
            while !is_over.load(Relaxed) {
                let Ok((length, from)) = near_in.recv_from(&mut buffer) else { continue };
                *known.lock().unwrap() = Some(from);
                let mut taken = taken.lock().unwrap();
                if (128..192).contains(&buffer[0]) && taken.len() < 2_000 {
                    taken.push(buffer[..length].to_vec());
                }
                drop(taken);
                drop(far_out.send(&buffer[..length]));
            }
        });
        let is_over = Arc::clone(&between.is_over);
        std::thread::spawn(move || {
            let mut buffer = [0; 2048];
            while !is_over.load(Relaxed) {
                let Ok(length) = far.recv(&mut buffer) else { continue };
                if let Some(to) = *peer.lock().unwrap() {
                    drop(near.send_to(&buffer[..length], to));
                }
            }
        });
        between
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
    }
}

/// What a flood is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flood {
    Garbage,
    Checks,
    Replay,
}

/// Sends for so long at so many packets a second; how many it sent.
fn flood(kind: Flood, to: SocketAddr, between: &Between, name: &str, pps: u32, seconds: u32) -> u64 {
    let mut rng = StdRng::seed_from_u64(u64::from(pps));
    let strangers: Vec<UdpSocket> = (0..16).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    for socket in &strangers {
        socket.connect(to).unwrap();
    }
    let own = between.far.try_clone().unwrap();
    let packets: Vec<Vec<u8>> = match kind {
        Flood::Garbage => (0..64).map(|_| (0..rng.random_range(1..1_200)).map(|_| rng.random()).collect()).collect(),
        Flood::Checks => (0..64_u8).map(|number| check(&format!("{name}:them"), number)).collect(),
        Flood::Replay => between.taken.lock().unwrap().clone(),
    };
    assert!(!packets.is_empty());
    let (began, mut sent) = (Instant::now(), 0_u64);
    let pause = Duration::from_secs(1) * BURST / pps;
    while began.elapsed() < Duration::from_secs(seconds.into()) {
        for number in 0..BURST as usize {
            let packet = &packets[(usize::try_from(sent).unwrap() + number) % packets.len()];
            let socket = if kind == Flood::Replay { &own } else { &strangers[number % strangers.len()] };
            drop(socket.send(packet));
        }
        sent += u64::from(BURST);
        let due = began + pause * u32::try_from(sent / u64::from(BURST)).unwrap();
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    sent
}

/// A connectivity check with somebody's name and a made-up password.
fn check(user: &str, number: u8) -> Vec<u8> {
    let mut packet = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, number, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    for (kind, value) in [(6_u16, user.as_bytes()), (8, &[number; 20])] {
        packet.extend(kind.to_be_bytes());
        packet.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        packet.extend(value);
        packet.resize(packet.len().next_multiple_of(4), 0);
    }
    let length = u16::try_from(packet.len() - 20).unwrap().to_be_bytes();
    packet[2..4].copy_from_slice(&length);
    packet
}

/// Joins through a place between; the name that checks of this end bear.
async fn join(house: &TestHouse, call: CallId, party: Party, peer: &Peer, between: &Between) -> String {
    let tap = house.house.recordings.tap(call, party).await.unwrap();
    let seat = u8::from(party == Party::Agent);
    let answer = house.house.sfu.join(Join { room: call.uuid().as_u128(), seat, offer: peer.offer().await, tap: Some(tap), ear: None }).await.unwrap();
    let name = answer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).unwrap().trim_end().to_owned();
    let straight = format!(" 127.0.0.1 {} ", house.house.sfu.ports().0);
    assert!(answer.contains(&straight), "{answer}");
    peer.answered(answer.replace(&straight, &format!(" 127.0.0.1 {} ", between.at.port()))).await;
    name
}

/// Shares of what both ends sent in one run of the clip that the other did not get, in percent: sound, picture.
async fn lost(peers: &[Peer; 2], clip: &Clip) -> (f64, f64) {
    let heard = |peer: &Peer| (peer.heard(Kind::Audio).len(), peer.heard(Kind::Video).len());
    let before = [heard(&peers[0]), heard(&peers[1])];
    let (first, second) = tokio::join!(peers[0].play(clip), peers[1].play(clip));
    // What is asked for again is on its way.
    tokio::time::sleep(Duration::from_millis(800)).await;
    let (mut sent, mut got) = ((0, 0), (0, 0));
    for (peer, before, of_other) in [(&peers[0], before[0], second), (&peers[1], before[1], first)] {
        let now = heard(peer);
        sent = (sent.0 + of_other.0, sent.1 + of_other.1);
        got = (got.0 + now.0 - before.0, got.1 + now.1 - before.1);
    }
    let share = |got: usize, sent: usize| (100.0 * (1.0 - got as f64 / sent as f64)).max(0.0);
    (share(got.0, sent.0), share(got.1, sent.1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_call_loses_nothing_to_floods() {
    let (pps, seconds) = (asked("VISAVIS_FLOOD_PPS", 4_000), asked("VISAVIS_FLOOD_SECONDS", 3));
    let house = TestHouse::open().await;
    let clip = Clip::make(house.folder(), &Scene { size: (320, 240), seconds, flash_at: 1.0, tone: 800 });
    let call = open(&house).await;
    let sfu = SocketAddr::from(([127, 0, 0, 1], house.house.sfu.ports().0));
    let between = [Arc::new(Between::new(sfu)), Arc::new(Between::new(sfu))];
    let peers = [Peer::new(100).await, Peer::new(200).await];
    let name = join(&house, call, Party::Customer, &peers[0], &between[0]).await;
    join(&house, call, Party::Agent, &peers[1], &between[1]).await;
    let quiet = lost(&peers, &clip).await;
    for kind in [Flood::Garbage, Flood::Checks, Flood::Replay] {
        for attempt in 0..2 {
            let (between, name) = (Arc::clone(&between[0]), name.clone());
            let flooding = std::thread::spawn(move || flood(kind, sfu, &between, &name, pps, seconds));
            let worst = lost(&peers, &clip).await;
            let flooding = flooding.join().unwrap();
            eprintln!(
                "{kind:?}: {} packets a second for {seconds} s, lost {:.2} % of sound and {:.2} % of pictures (without a flood {:.2} % and {:.2} %)",
                flooding / u64::from(seconds),
                worst.0,
                worst.1,
                quiet.0,
                quiet.1
            );
            assert!(flooding >= u64::from(pps) * u64::from(seconds) / 4, "the flood came about: {flooding}");
            // The machine that tests share may itself lose what nobody flooded; a server that is hurt is hurt twice.
            if worst.0 < 0.5 + quiet.0 && worst.1 < 0.5 + quiet.1 {
                break;
            }
            assert!(attempt == 0, "{kind:?} costs the call {worst:?} % (without a flood {quiet:?} %)");
        }
    }
    house.house.sfu.close(call.uuid().as_u128());
}
