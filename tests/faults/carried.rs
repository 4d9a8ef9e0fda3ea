//! A call and two servers: its ends may be at either, its media is where it is carried; and when that server is killed with many calls
//! in progress, all of them go on at the other.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use sqlx::{PgPool, Row};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};
use visavis::{
    base::Ambient,
    boot::{self, Settings},
    engine::track::{Entry, records},
};

use super::nodes::Pair;
use crate::{
    media::{
        clip::{Clip, Scene},
        peer::{Kind, Peer},
    },
    support::{PROGRAM, TestHouse},
};

pub(super) const SOON: Duration = Duration::from_secs(30);
/// So long an end is waited for by the settings.
const GRACE: Duration = Duration::from_secs(60);

/// One end of a call: a browser without a browser, whose page may be at any server.
pub(super) struct End {
    pub(super) at: SocketAddr,
    pub(super) cookie: String,
    pub(super) party: &'static str,
    pub(super) client: reqwest::Client,
    pub(super) heard: mpsc::UnboundedReceiver<Value>,
    pub(super) say: mpsc::UnboundedSender<Value>,
    pub(super) call: String,
    pub(super) media_run: String,
    pub(super) peer: Arc<Peer>,
    pub(super) ssrc: u32,
    pub(super) sent: Arc<Sent>,
}

/// What an end sent, for the recording to be compared with: sound only, 50 packets a second, numbered on through every connection.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) numbers: std::sync::Mutex<Vec<(Instant, u16)>>,
    pub(super) stop: AtomicBool,
}

/// Opens a live socket whose pushes arrive in a channel; a task of its own keeps it alive. Ends with the server.
pub(super) async fn page(at: SocketAddr, cookie: &str, party: &str) -> (mpsc::UnboundedSender<Value>, mpsc::UnboundedReceiver<Value>) {
    let path = if party == "agent" { "staff" } else { "customer" };
    let mut request = format!("ws://{at}/api/v1/live/{path}").into_client_request().unwrap();
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    request.headers_mut().insert("origin", format!("http://{at}").parse().unwrap());
    let stream = tokio::net::TcpStream::connect(at).await.unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    let (say, mut said) = mpsc::unbounded_channel::<Value>();
    let (push, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut alive = tokio::time::interval(Duration::from_secs(5));
        loop {
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) => drop(push.send(serde_json::from_str(&text).unwrap())),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                command = said.recv() => match command {
                    Some(command) => drop(socket.send(Message::text(command.to_string())).await),
                    None => return,
                },
                _ = alive.tick() => drop(socket.send(Message::text(json!({ "type": "ping" }).to_string())).await),
            }
        }
    });
    (say, heard)
}

impl End {
    pub(super) async fn new(at: SocketAddr, cookie: &str, party: &'static str, call: &str, ssrc: u32) -> Self {
        let (say, heard) = page(at, cookie, party).await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let peer = Arc::new(Peer::new(ssrc).await);
        let sent = Arc::default();
        let (cookie, call) = (cookie.to_owned(), call.to_owned());
        Self { at, cookie, party, client, heard, say, call, media_run: String::new(), peer, ssrc, sent }
    }

    pub(super) async fn view(&self) -> Value {
        let path = if self.party == "agent" { format!("/api/v1/calls/{}", self.call) } else { "/api/v1/call".to_owned() };
        get(&self.client, self.at, &path, &self.cookie).await
    }

    /// The next push of a kind about this call.
    pub(super) async fn hears(&mut self, kind: &str) -> Value {
        let waiting = async {
            loop {
                let push = self.heard.recv().await.expect("the socket stays open");
                assert!(push["type"] != "call_ended", "{}: {push}", self.party);
                if push["type"] == kind {
                    return push;
                }
            }
        };
        tokio::time::timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("{}: no {kind} within {SOON:?}", self.party))
    }

    /// Looks at the call and joins it with a new connection; tries again as long as no server can give media.
    pub(super) async fn join(&mut self) {
        let began = Instant::now();
        loop {
            let view = self.view().await;
            view["media_run"].as_str().unwrap().clone_into(&mut self.media_run);
            let offer = self.peer.offer().await;
            self.say.send(json!({ "type": "offer", "call_id": self.call, "epoch": view["epoch"], "sdp": offer })).unwrap();
            let answer = loop {
                let push = tokio::time::timeout(SOON, self.heard.recv()).await.expect("an answer").expect("the socket stays open");
                match push["type"].as_str() {
                    Some("answer") => break Some(push["sdp"].as_str().unwrap().to_owned()),
                    Some("refused") => break None,
                    _ => {}
                }
            };
            if let Some(answer) = answer {
                return self.peer.answered(answer).await;
            }
            assert!(began.elapsed() < GRACE, "{}: no media within the grace", self.party);
            self.peer = Arc::new(Peer::new(self.ssrc).await);
        }
    }

    /// The same from another address, after the page came back at another server or was told that the call is carried by another.
    pub(super) async fn join_anew(&mut self) {
        self.peer.close().await;
        self.ssrc += 1_000;
        self.peer = Arc::new(Peer::new(self.ssrc).await);
        self.join().await;
    }

    /// Speaks until the connection is closed or `stop`.
    pub(super) fn speak(&self, clip: &Arc<Clip>) -> tokio::task::JoinHandle<()> {
        let (peer, sent, clip) = (Arc::clone(&self.peer), Arc::clone(&self.sent), Arc::clone(clip));
        tokio::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            let mut number = 0_u16;
            while !sent.stop.load(Ordering::Relaxed) {
                pace.tick().await;
                peer.hum(number, &clip).await;
                sent.numbers.lock().unwrap().push((Instant::now(), number));
                number += 1;
            }
        })
    }
}

pub(super) async fn get(client: &reqwest::Client, at: SocketAddr, path: &str, cookie: &str) -> Value {
    let answer = client.get(format!("http://{at}{path}")).header("cookie", cookie).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

pub(super) async fn post(client: &reqwest::Client, at: SocketAddr, path: &str, cookie: &str, body: Value) -> Value {
    let request = client.post(format!("http://{at}{path}")).header("cookie", cookie).header("origin", format!("http://{at}"));
    let answer = request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {} {}", answer.status(), answer.text().await.unwrap());
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default()
}

/// A house on the same database that makes the people; it runs nothing.
pub(super) async fn maker(database: &str) -> TestHouse {
    let url = database.to_owned();
    let house = TestHouse::with(|settings| settings.storage.database_url = url).await;
    house.clock.set(Ambient::system().now());
    house
}

/// A call, opened at one server: cookies of the customer and the agent, and its id.
pub(super) async fn opened(house: &TestHouse, at: SocketAddr, name: &str) -> (String, String, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (agent, customer) = (house.agent(name).await, house.ready_to_call().await);
    let (_say, mut desk) = page(at, &agent.cookie, "agent").await;
    post(&client, at, "/api/v1/presence", &agent.cookie, json!({ "presence": "ready" })).await;
    let (_here, _page) = page(at, &customer.cookie, "customer").await;
    post(&client, at, "/api/v1/tickets", &customer.cookie, json!({})).await;
    let offer = loop {
        let push = tokio::time::timeout(SOON, desk.recv()).await.unwrap().unwrap();
        if push["desk"]["offer"].is_object() {
            break push["desk"]["offer"].clone();
        }
    };
    let path = format!("/api/v1/tickets/{}/accept", offer["ticket_id"].as_str().unwrap());
    let accepted = post(&client, at, &path, &agent.cookie, json!({ "epoch": offer["epoch"] })).await;
    (customer.cookie, agent.cookie, accepted["call_id"].as_str().unwrap().to_owned())
}

/// Waits until a question to the database has the answer.
pub(super) async fn until(pool: &PgPool, limit: Duration, sql: &'static str, wanted: i64) -> Duration {
    let began = Instant::now();
    loop {
        let found: i64 = sqlx::query(sql).fetch_one(pool).await.unwrap().get(0);
        if found == wanted {
            return began.elapsed();
        }
        assert!(began.elapsed() < limit, "{sql}: {found} instead of {wanted} after {limit:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(super) const CONNECTED: &str =
    "select count(*) from calls where ended_at is null and state = 'live' and customer_seat like '%connected%' and agent_seat like '%connected%'";

/// The numbers of sounds in the logs of each end of each call, segment by segment.
pub(super) async fn recorded(folder: &std::path::Path, database: &str, pool: &PgPool) -> HashMap<(String, String), Vec<Vec<u16>>> {
    let mut settings = Settings::default();
    settings.storage.data = folder.join("data");
    settings.storage.recordings = folder.join("recordings");
    database.clone_into(&mut settings.storage.database_url);
    let engines = boot::engines(&settings, Ambient::system(), PROGRAM.into()).await.unwrap();
    let mut found: HashMap<(String, String), Vec<Vec<u16>>> = HashMap::new();
    for row in sqlx::query("select call_id, party, path from recording_segments order by call_id, party, seq").fetch_all(pool).await.unwrap() {
        let log = engines.vault.read_log(row.get("path")).await.unwrap();
        let (entries, _) = records(&log.bytes);
        let numbers = entries.iter().filter_map(|record| match record.entry {
            Entry::Packet { payload_type: 111, sequence, .. } => Some(sequence),
            _ => None,
        });
        found.entry((row.get("call_id"), row.get("party"))).or_default().push(numbers.collect());
    }
    engines.db.close().await;
    found
}

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

pub(super) fn sounds(folder: &std::path::Path) -> Arc<Clip> {
    Arc::new(Clip::make(folder, &Scene { size: (160, 120), seconds: 2, flash_at: 1.0, tone: 700 }))
}

#[test]
fn a_call_whose_ends_are_at_two_servers_is_carried_by_one_and_recorded_whole() {
    let pair = Pair::start_with([&["--no-work"], &[]]);
    runtime().block_on(async {
        let pool = PgPool::connect(&pair.database).await.unwrap();
        let house = maker(&pair.database).await;
        let clip = sounds(house.folder());
        let (customer, agent, call) = opened(&house, pair.sites[0].http, "linh").await;
        let mut customer = End::new(pair.sites[1].http, &customer, "customer", &call, 100).await;
        let mut agent = End::new(pair.sites[0].http, &agent, "agent", &call, 200).await;
        customer.join().await;
        agent.join().await;
        until(&pool, SOON, CONNECTED, 1).await;
        assert_eq!(customer.media_run, agent.media_run, "one server carries the media of both");
        let (from_customer, from_agent) = tokio::join!(customer.peer.play(&clip), agent.peer.play(&clip));
        tokio::time::sleep(Duration::from_millis(500)).await;
        for (end, sent) in [(&customer, from_agent), (&agent, from_customer)] {
            let (audio, video) = (end.peer.heard(Kind::Audio).len(), end.peer.heard(Kind::Video).len());
            assert!(audio * 100 >= sent.0 * 95 && video * 100 >= sent.1 * 95, "{} received {audio} and {video} of {sent:?}", end.party);
        }

        // What either says in writing and how it looks reach the other, whichever server it is at.
        customer.say.send(json!({ "type": "chat", "call_id": call, "text": "Hello over there" })).unwrap();
        assert_eq!(agent.hears("chat").await["line"]["text"], "Hello over there");
        let quality = |rtt: f32| json!({ "type": "quality", "call_id": call, "rtt_ms": rtt, "loss": 0.0, "jitter_ms": 1.0, "video_kbps": 500.0, "audio_loss": 0.0, "playout_ms": 40.0, "sent_kbps": 400.0, "freezes": 0, "frozen_ms": 0.0 });
        customer.say.send(quality(31.0)).unwrap();
        assert_eq!(agent.hears("peer_quality").await["rtt_ms"], 31.0);
        agent.say.send(quality(17.0)).unwrap();
        let heard = customer.hears("peer_quality").await;
        assert_eq!((&heard["rtt_ms"], heard["own_mos"].is_number()), (&json!(17.0), true), "the server that carries the call knows both ends");

        // A page of the customer at the other server takes the call; the older one, wherever it is, is told.
        let mut second = End::new(pair.sites[0].http, &customer.cookie, "customer", &call, 300).await;
        second.join().await;
        customer.hears("superseded").await;
        until(&pool, SOON, CONNECTED, 1).await;
        let again = second.peer.play(&clip).await;
        tokio::time::sleep(Duration::from_millis(500)).await;

        // The end that is at the server that does not carry the call hangs up.
        let carrier: String = sqlx::query("select node from calls").fetch_one(&pool).await.unwrap().get(0);
        let far = if carrier == "one" { pair.sites[1].http } else { pair.sites[0].http };
        post(&agent.client, far, &format!("/api/v1/calls/{call}/hang-up"), &agent.cookie, json!({})).await;
        let logs = recorded_closed(pair.sites[0].folder(), &pair.database, &pool).await;
        for (party, sent) in [("customer", [from_customer.0, again.0].as_slice()), ("agent", &[from_agent.0])] {
            let lengths: Vec<usize> = logs[&(call.clone(), party.to_owned())].iter().map(Vec::len).collect();
            let is_whole = lengths.len() == sent.len() && lengths.iter().zip(sent).all(|(held, sent)| held * 100 >= sent * 99);
            assert!(is_whole, "the sounds of the {party} are on tape, a segment for each page: {lengths:?} of {sent:?}");
        }
        until(&pool, Duration::from_secs(90), "select count(*) from recordings where state = 'sealed'", 1).await;
        until(&pool, SOON, "select count(*) from recording_files", 3).await;
        until(&pool, SOON, "select sum(calls)::bigint from nodes", 0).await;
    });
}

/// The same once the server that carried the call has closed its logs.
pub(super) async fn recorded_closed(folder: &std::path::Path, database: &str, pool: &PgPool) -> HashMap<(String, String), Vec<Vec<u16>>> {
    until(pool, SOON, "select count(*) from calls where ended_at is null", 0).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    recorded(folder, database, pool).await
}

/// How many calls are in progress when their server is killed.
const CALLS: usize = 20;

#[test]
fn calls_of_a_killed_server_go_on_at_the_other() {
    let mut pair = Pair::starting_with_one();
    runtime().block_on(async {
        let pool = PgPool::connect(&pair.database).await.unwrap();
        let house = maker(&pair.database).await;
        let clip = sounds(house.folder());
        let mut cookies = Vec::new();
        for number in 0..CALLS {
            cookies.push(opened(&house, pair.sites[0].http, &format!("agent{number}")).await);
        }
        // All calls are the first server's. Of every two ends one has its page at the second.
        pair.start_the_other();
        let [one, two] = [pair.sites[0].http, pair.sites[1].http];
        let mut ends = Vec::new();
        for (number, (customer, agent, call)) in (0_u32..).zip(&cookies) {
            let (customer_at, agent_at) = if number % 2 == 0 { (one, two) } else { (two, one) };
            ends.push(End::new(customer_at, customer, "customer", call, 10 + 4 * number).await);
            ends.push(End::new(agent_at, agent, "agent", call, 12 + 4 * number).await);
        }
        for chunk in ends.chunks_mut(8) {
            futures_util::future::join_all(chunk.iter_mut().map(End::join)).await;
        }
        until(&pool, SOON, CONNECTED, i64::try_from(CALLS).unwrap()).await;
        let speaking: Vec<_> = ends.iter().map(|end| end.speak(&clip)).collect();
        tokio::time::sleep(Duration::from_secs(6)).await;

        pair.running[0].signal(Signal::SIGKILL);
        let killed = Instant::now();
        for voice in speaking {
            voice.abort();
        }
        let before: Vec<Vec<u16>> = ends.iter().map(|end| said_until(&end.sent, killed.checked_sub(Duration::from_millis(1_100)).unwrap())).collect();
        let back = ends.iter_mut().map(|end| come_back(end, one, two, killed));
        let mut waits = futures_util::future::join_all(back).await;
        until(&pool, GRACE, CONNECTED, i64::try_from(CALLS).unwrap()).await;
        let all = killed.elapsed();
        waits.sort_unstable();
        eprintln!(
            "{CALLS} calls of a killed server: an end has media again after {} ms (median), {} ms (last); all live {} ms after the kill",
            waits[waits.len() / 2].as_millis(),
            waits.last().unwrap().as_millis(),
            all.as_millis()
        );
        assert!(all < GRACE);
        let speaking: Vec<_> = ends.iter().map(|end| end.speak(&clip)).collect();
        tokio::time::sleep(Duration::from_secs(3)).await;
        for (end, voice) in ends.iter().zip(speaking) {
            end.sent.stop.store(true, Ordering::Relaxed);
            voice.await.unwrap();
        }
        for (number, (_, agent, call)) in cookies.iter().enumerate() {
            let heard = ends[2 * number].peer.heard(Kind::Audio).len();
            assert!(heard > 100, "the customer of call {number} hears the agent again: {heard}");
            post(&ends[0].client, two, &format!("/api/v1/calls/{call}/hang-up"), agent, json!({})).await;
        }
        let logs = recorded_closed(pair.sites[0].folder(), &pair.database, &pool).await;
        for (end, before) in ends.iter().zip(before) {
            let segments = &logs[&(end.call.clone(), end.party.to_owned())];
            assert_eq!(segments.len(), 2, "one segment at each server");
            let held = before.iter().filter(|number| segments[0].contains(number)).count();
            assert!(held * 100 >= before.len() * 99, "until a second before the kill {held} of {} are on tape", before.len());
            let after = end.sent.numbers.lock().unwrap().iter().filter(|(at, _)| *at > killed).count();
            assert!(segments[1].len() * 100 >= after * 99, "after it {} of {after}", segments[1].len());
        }
        let reasons: Vec<String> = sqlx::query("select end_reason from calls").fetch_all(&pool).await.unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(reasons, vec!["hung_up"; CALLS], "none was lost");
    });
}

/// What an end does when its server, or the one that carries its call, is gone: a page comes back at the other server at once, as behind
/// a proxy; media is set up anew when the call was moved.
pub(super) async fn come_back(end: &mut End, dead: SocketAddr, alive: SocketAddr, killed: Instant) -> Duration {
    if end.at == dead {
        end.at = alive;
        (end.say, end.heard) = page(alive, &end.cookie, end.party).await;
    }
    let carried_by_the_dead = end.media_run.clone();
    loop {
        let told = tokio::time::timeout(Duration::from_secs(2), end.heard.recv()).await;
        let is_moved = match told {
            Ok(push) => push.expect("the socket stays open")["type"] == "call_moved",
            // Another look at the call, as a page takes after its connection broke.
            Err(_) => false,
        };
        if is_moved || end.view().await["media_run"] != carried_by_the_dead {
            break;
        }
        assert!(killed.elapsed() < GRACE, "the call of {} was not moved", end.party);
    }
    end.join_anew().await;
    killed.elapsed()
}

pub(super) fn said_until(sent: &Sent, limit: Instant) -> Vec<u16> {
    sent.numbers.lock().unwrap().iter().filter(|(at, _)| *at < limit).map(|(_, number)| *number).collect()
}
