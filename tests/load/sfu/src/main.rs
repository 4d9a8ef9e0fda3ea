//! `make bench-sfu`: what one forwarded packet costs our server, with and without recording, beside Debian's janus and
//! beside a bare UDP echo that opens and seals SRTP, in one run with one load; and how many recorded calls a core carries.
//!
//! Everything is measured as CPU time of the serving process. `bench-sfu OUT.json [calls] [seconds]` leaves all figures
//! in OUT.json. Nothing is asserted: figures depend on the machine, ratios less so.
#![allow(dead_code, unused_imports, reason = "rooms of the server are used in part")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measuring program may fail loudly")]

mod base;
mod client;
mod echo;
mod engine;
mod janus;
mod measured;
mod serve;

use std::{
    io::{BufRead, BufReader, Write},
    net::UdpSocket,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use str0m::media::Direction;

use client::Load;
use measured::{Run, Span, usage};

/// That of the server itself.
#[global_allocator]
static HEAP: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Time for connecting and settling before anything is measured.
const WARM_UP: Duration = Duration::from_secs(3);
/// Calls of a server that has little to do.
const FEW: usize = 10;

fn main() {
    str0m::crypto::from_feature_flags().install_process_default();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words[..] {
        ["serve", ip] => serve::serve(ip, None),
        ["serve", ip, folder] => serve::serve(ip, Some(Path::new(folder))),
        ["echo", ip] => echo::echo(ip),
        // One figure alone, for whoever works on it.
        ["one", what, calls, seconds] => one(what, calls.parse().unwrap(), Duration::from_secs(seconds.parse().unwrap())),
        [out, ref rest @ ..] => {
            let number = |at: usize, usual: usize| rest.get(at).map_or(usual, |word: &&str| word.parse().unwrap());
            bench(Path::new(out), number(0, 60), Duration::from_secs(number(1, 5) as u64));
        }
        [] => panic!("bench-sfu OUT.json [calls] [seconds]"),
    }
}

fn one(what: &str, calls: usize, seconds: Duration) {
    let (ip, scratch) = (own_address(), std::env::temp_dir().join(format!("bench-sfu-{}", std::process::id())));
    std::fs::create_dir_all(&scratch).unwrap();
    let run = match what {
        "echo" => echoed(&ip, calls, seconds),
        "ours" => ours(&ip, None, calls, seconds),
        "recording" => ours(&ip, Some(&scratch), calls, seconds),
        _ => janus_run(&ip, &scratch, None, calls, seconds),
    };
    std::fs::remove_dir_all(&scratch).unwrap();
    println!("{}", serde_json::to_string(&run).unwrap());
}

/// Ends with us, however we end.
struct Server {
    child: Child,
    talk: Option<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.talk = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn ours(args: &[&str]) -> (Self, Value) {
        let mut child = Command::new(std::env::current_exe().unwrap()).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let talk = Some((child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap())));
        let mut server = Self { child, talk };
        let hello = server.hear();
        (server, hello["ready"].clone())
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.talk.as_mut().unwrap().1.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn ask(&mut self, what: &Value) -> Value {
        writeln!(self.talk.as_mut().unwrap().0, "{what}").unwrap();
        self.hear()
    }

    /// One call of ours.
    fn call(&mut self, load: &mut Load, ip: &str, room: usize) {
        for seat in 0..2 {
            let (number, offer) = load.offer(ip, Direction::SendRecv);
            let answer = self.ask(&json!({ "room": room, "seat": seat, "offer": offer }));
            load.answered(number, answer["answer"].as_str().unwrap());
        }
        load.run(Duration::from_millis(5));
    }
}

fn bench(out: &Path, calls: usize, seconds: Duration) {
    let ip = own_address();
    let scratch = std::env::temp_dir().join(format!("bench-sfu-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).unwrap();
    let profile = profile_of(&ip);
    let mut figures = serde_json::Map::new();
    let mut keep = |name: &str, run: &Run| {
        println!("{name:<18} {:>4} calls  {:>6.2} µs per packet  {:>5.2} % of a core per call  lost {:.3} %  p99 {:.1} ms  {:.2} MB per call", run.calls, run.us_per_packet, run.core_percent_per_call, run.loss_percent, run.p99_delay_ms, run.rss_per_call_mb);
        figures.insert(name.to_owned(), serde_json::to_value(run).unwrap());
    };
    // A few calls first, then as many as are measured.
    compared(&ip, &scratch, FEW, seconds).each(|what, run| keep(&format!("{what}_few"), run));
    let many = compared(&ip, &scratch, calls, seconds);
    many.each(&mut keep);
    keep("janus_recording", &janus_run(&ip, &scratch, Some(&scratch), calls, seconds));
    let Compared { limit, plain, recorded, peer } = many;
    let curve = curve(&ip, &scratch, seconds);
    curve.iter().for_each(|run| keep(&format!("curve_{}", run.calls), run));
    let rss_growth_mb = setups(&ip, &scratch);
    let held = curve.iter().rev().find(|run| run.loss_percent < 0.1 && run.p99_delay_ms < 5.0);
    let result = json!({
        "cpu_vs_janus": plain.us_per_packet / peer.us_per_packet,
        "cpu_vs_limit": plain.us_per_packet / limit.us_per_packet,
        "cpu_recording_vs_janus": recorded.us_per_packet / peer.us_per_packet,
        "calls_per_core": held.map_or(0, |run| run.calls),
        "calls_per_core_by_their_share": held.map_or(0.0, |run| 100.0 / run.core_percent_per_call),
        "rss_per_call_mb": recorded.rss_per_call_mb,
        "rss_growth_over_1000_calls_mb": rss_growth_mb,
        "srtp_profile": profile,
        "runs": figures,
    });
    std::fs::remove_dir_all(&scratch).unwrap();
    std::fs::write(out, format!("{}\n", serde_json::to_string_pretty(&result).unwrap())).unwrap();
    println!("{}", serde_json::to_string_pretty(&json!({ "cpu_vs_janus": result["cpu_vs_janus"], "cpu_vs_limit": result["cpu_vs_limit"], "cpu_recording_vs_janus": result["cpu_recording_vs_janus"], "calls_per_core": result["calls_per_core"], "rss_per_call_mb": result["rss_per_call_mb"], "srtp_profile": result["srtp_profile"] })).unwrap());
}

/// The same load against each of them.
struct Compared {
    limit: Run,
    plain: Run,
    recorded: Run,
    peer: Run,
}

impl Compared {
    fn each(&self, mut keep: impl FnMut(&str, &Run)) {
        for (what, run) in [("echo", &self.limit), ("ours", &self.plain), ("ours_recording", &self.recorded), ("janus", &self.peer)] {
            keep(what, run);
        }
    }
}

/// Each is measured so often, in turns, and the middle one counts: the machine may be disturbed.
const ROUNDS: usize = 5;

/// The one in the middle of an odd number of runs.
fn middle(mut runs: Vec<Run>, by: impl Fn(&Run) -> f64) -> Run {
    runs.sort_by(|one, other| by(one).total_cmp(&by(other)));
    runs.swap_remove(runs.len() / 2)
}

fn compared(ip: &str, scratch: &Path, calls: usize, seconds: Duration) -> Compared {
    let rounds: Vec<[Run; 4]> = (0..ROUNDS)
        .map(|_| [echoed(ip, calls, seconds), ours(ip, None, calls, seconds), ours(ip, Some(scratch), calls, seconds), janus_run(ip, scratch, None, calls, seconds)])
        .collect();
    let [limit, plain, recorded, peer] = [0, 1, 2, 3].map(|what| middle(rounds.iter().map(|round| round[what].clone()).collect(), |run| run.us_per_packet));
    Compared { limit, plain, recorded, peer }
}

/// janus takes no candidates on loopback; everybody uses the address that leads out.
fn own_address() -> String {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect("192.0.2.1:9").map_or("127.0.0.1".to_owned(), |()| socket.local_addr().unwrap().ip().to_string())
}

/// Measures a server that carries `load`.
fn measured(load: &mut Load, server: &Child, calls: usize, rss_before: f64, seconds: Duration) -> Run {
    load.run(WARM_UP);
    assert_eq!(load.up(), load.clients.len(), "everybody is connected");
    load.start_sending();
    load.run(WARM_UP);
    let (began, cpu_before) = (Instant::now(), usage(server).0);
    load.span = Span::of(began, seconds);
    load.run(seconds);
    let (cpu_s, rss, wall_s) = (usage(server).0 - cpu_before, usage(server).1, began.elapsed().as_secs_f64());
    // What is still under way, or asked for again, arrives.
    load.run(Duration::from_millis(300));
    let (sent, received) = (load.span.sent, load.span.arrived);
    let mut run = Run { calls, sent, received, cpu_s, wall_s, p99_delay_ms: load.span.p99(), rss_mb: rss / 1024.0, ..Run::default() };
    run.us_per_packet = cpu_s * 1e6 / received as f64;
    run.core_percent_per_call = 100.0 * cpu_s / wall_s / calls as f64;
    run.loss_percent = (100.0 * (1.0 - received as f64 / sent as f64)).max(0.0);
    run.rss_per_call_mb = (rss - rss_before) / 1024.0 / calls as f64;
    run
}

fn ours(ip: &str, recordings: Option<&Path>, calls: usize, seconds: Duration) -> Run {
    let folder = recordings.map(|folder| folder.join("ours").display().to_string());
    let args: Vec<&str> = ["serve", ip].into_iter().chain(folder.as_deref()).collect();
    let (mut server, _) = Server::ours(&args);
    let before = usage(&server.child).1;
    let mut load = Load::new();
    (0..calls).for_each(|room| server.call(&mut load, ip, room));
    let run = measured(&mut load, &server.child, calls, before, seconds);
    drop(server);
    if let Some(folder) = folder {
        std::fs::remove_dir_all(folder).unwrap();
    }
    run
}

fn janus_run(ip: &str, scratch: &Path, recordings: Option<&Path>, calls: usize, seconds: Duration) -> Run {
    let folder = scratch.join("janus");
    std::fs::create_dir_all(&folder).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server { child: janus::start(&folder, port, 2), talk: None };
    let before = usage(&server.child).1;
    let mut load = Load::new();
    (0..calls).for_each(|room| janus::call(&mut load, ip, port, 9_000 + room, recordings.map(|_| folder.as_path())));
    let run = measured(&mut load, &server.child, calls, before, seconds);
    drop(server);
    std::fs::remove_dir_all(&folder).unwrap();
    run
}

/// The same packets, sealed with fixed keys, against the echo.
fn echoed(ip: &str, calls: usize, seconds: Duration) -> Run {
    let (server, at) = Server::ours(&["echo", ip]);
    let to: std::net::SocketAddr = at.as_str().unwrap().parse().unwrap();
    let sockets: Vec<UdpSocket> = (0..calls * 2)
        .map(|_| {
            let socket = UdpSocket::bind(format!("{ip}:0")).unwrap();
            socket.connect(to).unwrap();
            socket.set_nonblocking(true).unwrap();
            socket2::SockRef::from(&socket).set_recv_buffer_size(1 << 20).unwrap();
            socket
        })
        .collect();
    let srtp = echo::Srtp::with(1);
    let mut counts = vec![0_u32; sockets.len()];
    let (before, began) = (usage(&server.child).0, Instant::now());
    let (mut sent, mut received, mut buffer) = (0_u64, 0_u64, [0; 2048]);
    while began.elapsed() < seconds {
        for (number, socket) in sockets.iter().enumerate() {
            while f64::from(counts[number]) < began.elapsed().as_secs_f64() * client::PACKETS {
                counts[number] += 1;
                // As many of a call's packets are sounds.
                let size = if counts[number] % 23 < 5 { 80 } else { 1_042 };
                let mut packet = vec![0xab; 12 + size];
                packet[..2].copy_from_slice(&[0x80, 96]);
                packet[2..4].copy_from_slice(&(counts[number] as u16).to_be_bytes());
                packet[8..12].copy_from_slice(&(number as u32).to_be_bytes());
                srtp.seal(&mut packet);
                sent += u64::from(socket.send(&packet).is_ok());
            }
            while socket.recv(&mut buffer).is_ok() {
                received += 1;
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let (cpu_s, wall_s) = (usage(&server.child).0 - before, began.elapsed().as_secs_f64());
    let loss_percent = (100.0 * (1.0 - received as f64 / sent as f64)).max(0.0);
    Run { calls, sent, received, cpu_s, wall_s, loss_percent, us_per_packet: cpu_s * 1e6 / received as f64, core_percent_per_call: 100.0 * cpu_s / wall_s / calls as f64, ..Run::default() }
}

/// Recorded calls, more and more, until packets are lost or late, or the load itself is at its end: of three runs each, the middle one by
/// its delays, with what the worst one lost.
fn curve(ip: &str, scratch: &Path, seconds: Duration) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut next = 20;
    while next <= 400 {
        let three = [(); 3].map(|()| ours(ip, Some(scratch), next, seconds));
        let loss_percent = three.iter().map(|run| run.loss_percent).fold(0.0, f64::max);
        let last = Run { loss_percent, ..middle(three.into(), |run| run.p99_delay_ms) };
        let is_end = last.loss_percent >= 0.1 || last.p99_delay_ms >= 5.0;
        runs.push(last);
        if is_end {
            break;
        }
        next = next * 3 / 2;
    }
    runs
}

/// MiB the recording server grows by over a thousand calls that come and go.
fn setups(ip: &str, scratch: &Path) -> f64 {
    let folder = scratch.join("setups").display().to_string();
    let (mut server, _) = Server::ours(&["serve", ip, &folder]);
    let mut sizes = Vec::new();
    for hundred in 0..11 {
        for round in 0..10 {
            let mut load = Load::new();
            let rooms = hundred * 100 + round * 10..hundred * 100 + round * 10 + 10;
            rooms.clone().for_each(|room| server.call(&mut load, ip, room));
            load.run(Duration::from_millis(300));
            for room in rooms {
                server.ask(&json!({ "close": room }));
            }
        }
        sizes.push(usage(&server.child).1);
    }
    (sizes[10] - sizes[0]) / 1024.0
}

/// The SRTP profile both sides settle on, as the load's stack tells it.
fn profile_of(ip: &str) -> String {
    #[derive(Clone, Default)]
    struct Ear(Arc<Mutex<Vec<u8>>>);
    impl Write for Ear {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let find = |text: &str| text.lines().find_map(|line| line.split_once("keying material and profile: ")).map_or("unknown".to_owned(), |(_, profile)| profile.trim().to_owned());
    let heard = |calls: &dyn Fn(&mut Load)| {
        let ear = Ear::default();
        let for_writer = ear.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_ansi(false).with_writer(move || for_writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let mut load = Load::new();
            calls(&mut load);
            load.run(Duration::from_secs(2));
        });
        find(&String::from_utf8_lossy(&ear.0.lock().unwrap()))
    };
    let ours = heard(&|load| {
        let (mut server, _) = Server::ours(&["serve", ip]);
        server.call(load, ip, 1);
        load.run(Duration::from_secs(2));
    });
    let folder = std::env::temp_dir().join(format!("bench-sfu-profile-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server { child: janus::start(&folder, port, 1), talk: None };
    let theirs = heard(&|load| janus::call(load, ip, port, 9_000, None));
    drop(server);
    std::fs::remove_dir_all(&folder).unwrap();
    format!("ours {ours}, janus {theirs}")
}
