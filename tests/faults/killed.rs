//! kill -9 of the server in a call, again and again: little is lost, the call goes on, and the recording is whole.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use visavis::{
    base::Ambient,
    boot::{self, Engines, Settings},
    engine::track::{Entry, records},
};

use super::carried::{End, page, runtime};
use crate::{
    media::{
        clip::{self, Clip, Scene},
        peer::{Kind, Peer},
    },
    support::{
        PROGRAM,
        caller::Caller,
        process::{Running, Site, eventually},
    },
};

const PASSWORD: &str = "nine patient herons";
/// What a kill may cost.
const LOST: Duration = Duration::from_secs(1);
/// How soon both ends hear each other again.
const BACK: Duration = Duration::from_secs(10);
/// So many kills a call goes through.
const A_CALL: u32 = 5;

/// How many kills; `make soak` asks for fifty.
#[expect(clippy::disallowed_methods, reason = "who soaks says from outside how long")]
fn kills() -> u32 {
    std::env::var("VISAVIS_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

/// What an end says and shows, until it is dropped.
pub(super) struct Voice {
    task: tokio::task::JoinHandle<()>,
    said: Arc<Mutex<Vec<u16>>>,
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Voice {
    fn of(peer: &Arc<Peer>, clip: &Arc<Clip>) -> Self {
        let said = Arc::new(Mutex::new(Vec::new()));
        let (peer, clip, for_task) = (Arc::clone(peer), Arc::clone(clip), Arc::clone(&said));
        let task = tokio::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            let mut next_picture = 0;
            for sound in 0_u16.. {
                pace.tick().await;
                peer.hum(sound, &clip).await;
                for_task.lock().unwrap().push(sound);
                if sound % 2 == 0 {
                    next_picture = peer.show(u32::from(sound / 2), next_picture, &clip).await;
                }
            }
        });
        Self { task, said }
    }
}

/// A call of a probe with itself to whose server something happens.
pub(super) struct Call<'a> {
    site: &'a Site,
    clip: &'a Arc<Clip>,
    staff: Caller<'a>,
    id: String,
    pub(super) ends: [End; 2],
}

impl<'a> Call<'a> {
    pub(super) async fn open(site: &'a Site, clip: &'a Arc<Clip>) -> Self {
        let mut staff = Caller::new(site);
        staff.post("/api/v1/staff/sign-in", &json!({ "name": "probe", "password": PASSWORD }));
        let cookie = staff.cookie.clone();
        // The call before this one may still be made into files: it is removed before another is opened.
        let id = eventually(Duration::from_secs(60), || match staff.ask("POST", "/api/v1/probe/calls", Some(&json!({}))) {
            (201, opened) => Ok(opened["call_id"].as_str().unwrap().to_owned()),
            other => Err(format!("{other:?}")),
        });
        let customer = std::mem::replace(&mut staff.cookie, cookie.clone());
        let mut ends = [End::new(site.http, &customer, "customer", &id, 100).await, End::new(site.http, &cookie, "agent", &id, 200).await];
        for end in &mut ends {
            end.join().await;
        }
        Self { site, clip, staff, id, ends }
    }

    pub(super) fn speak(&self) -> [Voice; 2] {
        [0, 1].map(|end| Voice::of(&self.ends[end].peer, self.clip))
    }

    /// Waits until both ends hear and see each other.
    pub(super) async fn flows(&self, since: Instant) {
        while !self.ends.iter().all(|end| end.peer.heard(Kind::Audio).len() > 5 && end.peer.heard(Kind::Video).len() > 5) {
            assert!(since.elapsed() < Duration::from_secs(30), "call {}: no media within 30 s", self.id);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Both pages find the server again and set up their media anew.
    async fn come_back(&mut self) {
        for end in &mut self.ends {
            (end.say, end.heard) = page(self.site.http, &end.cookie, end.party).await;
            end.join_anew().await;
        }
    }

    /// How much of what was said does not stand in the logs of the join with this number: the worse of both ends.
    async fn lost(&self, engines: &Engines, join: usize, said: &[Vec<u16>; 2]) -> Duration {
        let mut worst = 0;
        for (end, said) in self.ends.iter().zip(said) {
            let path = logs(engines, &self.id, end.party).await.swap_remove(join);
            let held = engines.vault.read_log(&path).await.unwrap();
            assert!(held.state.faults.is_empty(), "a kill damages nothing: {:?}", held.state);
            let numbers: Vec<u16> = records(&held.bytes).0.iter().filter_map(|record| sound(&record.entry)).collect();
            worst = worst.max(said.iter().filter(|number| !numbers.contains(number)).count());
        }
        Duration::from_millis(20) * u32::try_from(worst).unwrap()
    }

    /// Hangs up, waits for the files, and plays them.
    pub(super) async fn end(mut self, engines: &Engines, spoken: Duration) {
        self.staff.post(&format!("/api/v1/calls/{}/hang-up", self.id), &json!({}));
        self.see_it_filed(engines, spoken).await;
    }

    /// Waits for the files of a call that is over, and plays them.
    pub(super) async fn see_it_filed(mut self, engines: &Engines, spoken: Duration) {
        let path = format!("/api/v1/probe/calls/{}", self.id);
        let view: Value = eventually(Duration::from_secs(120), || match self.staff.get(&path) {
            view if view["state"] == "sealed" => Ok(view),
            view => Err(view.to_string()),
        });
        assert_eq!(view["files"].as_array().unwrap().len(), 3, "{view}");
        let (status, said, errors) = self.site.run(&["verify", "--call", &self.id], "");
        assert!(status.success(), "{said}{errors}");
        for file in view["files"].as_array().unwrap() {
            let name = file["name"].as_str().unwrap();
            let sealed = engines.vault.get(&self.file(engines, name).await).await.unwrap();
            let plain = self.site.folder().join(name);
            std::fs::write(&plain, sealed).unwrap();
            let seconds: f64 = clip::probe(&plain, "format=duration").parse().unwrap();
            assert!(seconds > spoken.as_secs_f64() * 0.9, "{name}: {seconds} s of {spoken:?} that were spoken");
            let decoded = clip::run("ffmpeg", &["-v", "error", "-xerror", "-i", plain.to_str().unwrap(), "-f", "null", "-"]);
            assert!(decoded.is_empty(), "{name} is decoded to its end");
        }
    }

    async fn file(&self, engines: &Engines, name: &str) -> String {
        let args = [self.id.as_str().into(), name.into()];
        engines.db.row("select path from recording_files where call_id = $1 and name = $2", &args).await.unwrap().unwrap().text("path").unwrap()
    }
}

async fn logs(engines: &Engines, call: &str, party: &str) -> Vec<String> {
    let args = [call.into(), party.into()];
    let rows = engines.db.rows("select path from recording_segments where call_id = $1 and party = $2 order by seq", &args).await.unwrap();
    rows.iter().map(|row| row.text("path").unwrap()).collect()
}

fn sound(entry: &Entry) -> Option<u16> {
    match entry {
        Entry::Packet { payload_type: 111, sequence, .. } => Some(*sequence),
        _ => None,
    }
}

/// A site with a probe who calls itself.
pub(super) fn site() -> Site {
    let site = Site::new();
    let add = ["staff", "add", "--name", "probe", "--display-name", "Probe", "--role", "probe", "--password-stdin"];
    assert!(site.run(&add, &format!("{PASSWORD}\n")).0.success());
    site
}

pub(super) async fn engines(site: &Site) -> Engines {
    let mut settings = Settings::default();
    settings.storage.data = site.folder().join("data");
    settings.storage.recordings = site.folder().join("recordings");
    boot::engines(&settings, Ambient::system(), PathBuf::from(PROGRAM)).await.unwrap()
}

#[test]
fn a_call_outlives_its_server_every_time_it_is_killed() {
    let site = site();
    let mut running: Running = site.serve(&[]);
    let clip = Arc::new(Clip::make(site.folder(), &Scene { size: (160, 120), seconds: 4, flash_at: 1.0, tone: 700 }));
    runtime().block_on(async {
        let engines = engines(&site).await;
        let (mut done, mut losses, mut returns) = (0, Vec::new(), Vec::new());
        while done < kills() {
            let mut call = Call::open(&site, &clip).await;
            let mut spoken = Duration::ZERO;
            let mut voices = call.speak();
            call.flows(Instant::now()).await;
            for join in 0..A_CALL.min(kills() - done) {
                // Not always at the same moment of what the recorder does.
                let talk = Duration::from_millis(1_500 + u64::from(done * 137 % 1_000));
                tokio::time::sleep(talk).await;
                spoken += talk;
                running.signal(Signal::SIGKILL);
                let killed = Instant::now();
                let said = [0, 1].map(|end: usize| voices[end].said.lock().unwrap().clone());
                drop(voices);
                running.ended(Duration::from_secs(5));
                running = site.serve(&[]);
                call.come_back().await;
                voices = call.speak();
                call.flows(killed).await;
                let (back, lost) = (killed.elapsed(), call.lost(&engines, join as usize, &said).await);
                assert!(lost <= LOST && back <= BACK, "kill {done}: {lost:?} lost, back after {back:?}");
                losses.push(lost);
                returns.push(back);
                done += 1;
            }
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            drop(voices);
            call.end(&engines, spoken).await;
        }
        losses.sort_unstable();
        returns.sort_unstable();
        let (lost, back) = (losses.last().unwrap(), returns.last().unwrap());
        eprintln!(
            "{done} kills: at most {lost:?} of sound lost (median {:?}), both ends hear each other again after at most {back:?} (median {:?})",
            losses[losses.len() / 2],
            returns[returns.len() / 2]
        );
    });
}
