//! The house in-process: a router over a database, a vault and folders of its own, a clock that stands still, randomness
//! that repeats. Nothing listens; requests go straight into the router.
//!
//! ```ignore
//! let house = TestHouse::open().await;
//! let lan = house.staff("lan", &[Role::Agent]).await;
//! let answer = house.get("/api/v1/staff/me").by(&lan).send().await;
//! assert_eq!(answer.status, 200, "{}", answer.text());
//! ```
#![allow(dead_code, reason = "each test takes what it needs")]

pub mod caller;
pub mod calls;
pub mod logs;
pub mod process;
mod request;
pub mod servers;
pub mod specimen;

#[allow(unused_imports, reason = "each test takes what it needs")]
pub use request::{Answer, Request};

use std::{path::PathBuf, sync::Arc};

use visavis::{
    base::{
        Ambient, Pii, Timestamp,
        ambient::{FixedClock, SeededEntropy},
        id::{DossierId, StaffId},
    },
    boot::{self, Engines, Settings},
    journey::recording,
    registry::{
        dossier,
        outbox::{Consumer, jobs::Worker},
        staff::{NewStaff, Role},
    },
    web::{House, session},
};

/// Tests run on disks of any fullness.
pub fn roomy() -> recording::Settings {
    recording::Settings { no_new_calls_percent: 101, alarm_percent: 101, enough_gib: u64::MAX >> 30 }
}

/// The program under test, for what needs child processes.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_visavis");

/// A house of one test.
pub struct TestHouse {
    /// The state of the router.
    pub house: House,
    /// What it stands on.
    pub engines: Engines,
    /// Its settings.
    pub settings: Settings,
    /// Its clock; stands at 2026-03-02 09:00 in Vietnam (02:00 UTC, a Monday) until moved.
    pub clock: Arc<FixedClock>,
    router: axum::Router,
    consumers: Vec<Arc<dyn Consumer>>,
    worker: Worker,
    folder: tempfile::TempDir,
}

/// Somebody with a session: the cookie to send.
#[derive(Debug, Clone)]
pub struct Person<I> {
    /// Who.
    pub id: I,
    /// `name=token`.
    pub cookie: String,
}

impl TestHouse {
    /// A house on SQLite and in memory.
    pub async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// A house on other backends, with a database and an index of its own.
    pub async fn on(backend: servers::Backend) -> Self {
        Self::on_with(backend, |_| {}).await
    }

    /// The same with other settings.
    pub async fn on_with(backend: servers::Backend, change: impl FnOnce(&mut Settings)) -> Self {
        let mut chosen = Settings::default();
        backend.choose(&mut chosen).await;
        Self::with(|settings| {
            settings.storage.database_url.clone_from(&chosen.storage.database_url);
            settings.queue = chosen.queue;
            change(settings);
        })
        .await
    }

    /// Does what the queue has to do by now, and tells the pages.
    pub async fn step_queue(&self) {
        self.deliver().await;
        self.house.queue.step().await.unwrap();
    }

    /// A customer whose form is confirmed: ready to book or to call.
    pub async fn ready_to_call(&self) -> Person<DossierId> {
        use visavis::registry::{audit::Actor, dossier::Step};
        let customer = self.customer().await;
        let mut tx = self.house.db.begin().await.unwrap();
        let file = dossier::find_in(&mut tx, customer.id).await.unwrap().unwrap();
        let give_address = |file: &mut dossier::Dossier| file.email = Some(Pii::new("mau@example.org".to_owned()));
        let mut file = dossier::describe(&mut tx, &self.engines.ambient, &file, give_address).await.unwrap();
        for step in [Step::TypeMyself, Step::Confirm] {
            file = dossier::advance(&mut tx, &self.engines.ambient, &file, step, Actor::Customer(customer.id), serde_json::json!({})).await.unwrap();
        }
        tx.commit().await.unwrap();
        customer
    }

    /// Where a file is in its life.
    pub async fn state_of(&self, dossier: DossierId) -> &'static str {
        dossier::find(&self.house.db, dossier).await.unwrap().unwrap().state.name()
    }

    /// A house with other settings; the folders are already those of the test.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.storage.data = folder.path().join("data");
        settings.storage.recordings = folder.path().join("recordings");
        settings.media = visavis::engine::sfu::SfuSettings::loopback();
        settings.server.web_root = folder.path().join("web");
        settings.recording = roomy();
        change(&mut settings);
        Self::over(settings, FixedClock::at(start()), 7, folder).await
    }

    /// The same house after a restart: same files, database and clock; what was in memory is gone.
    pub async fn reopened(&self) -> Self {
        Self::over(self.settings.clone(), Arc::clone(&self.clock), 8, tempfile::tempdir().unwrap()).await
    }

    async fn over(settings: Settings, clock: Arc<FixedClock>, seed: u64, folder: tempfile::TempDir) -> Self {
        let ambient = Ambient::new(clock.clone(), SeededEntropy::new(seed));
        let engines = boot::engines(&settings, ambient, PathBuf::from(PROGRAM)).await.unwrap();
        let house = boot::house(&settings, &engines).await.unwrap();
        let worker = boot::compose::worker(&settings, &engines).unwrap();
        let (router, consumers) = (visavis::web::router(house.clone()), boot::compose::consumers(&house));
        Self { house, engines, settings, clock, router, consumers, worker, folder }
    }

    /// The router, for tests that put it behind a real listener.
    pub fn router(&self) -> axum::Router {
        self.router.clone()
    }

    /// The folder everything of this house lies in.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The present instant of its clock.
    pub fn now(&self) -> Timestamp {
        self.engines.ambient.now()
    }

    /// Moves its clock.
    pub fn pass(&self, seconds: i64) {
        self.clock.advance(chrono::Duration::seconds(seconds));
    }

    /// Delivers every push and event that waits.
    pub async fn deliver(&self) {
        self.house.relay.deliver(&self.consumers).await.unwrap();
    }

    /// Does every job that is due, then delivers; the number of jobs.
    pub async fn work(&self) -> usize {
        let mut done = 0;
        while self.worker.step().await.unwrap() {
            done += 1;
        }
        self.deliver().await;
        done
    }

    /// A member of staff with a session.
    pub async fn staff(&self, name: &str, roles: &[Role]) -> Person<StaffId> {
        let password = Pii::new(format!("password of {name}"));
        let new = NewStaff {
            name: name.to_owned(),
            display_name: name.to_owned(),
            password: password.clone(),
            roles: roles.to_vec(),
            languages: vec!["en".to_owned()],
        };
        let id = self.house.staff.add(new).await.unwrap();
        let opened = self.house.staff.sign_in(name, &password, "127.0.0.1".parse().unwrap()).await.unwrap();
        Person { id, cookie: format!("{}={}", session::STAFF_COOKIE, opened.token) }
    }

    /// An agent with a session.
    pub async fn agent(&self, name: &str) -> Person<StaffId> {
        self.staff(name, &[Role::Agent]).await
    }

    /// A supervisor with a session.
    pub async fn supervisor(&self, name: &str) -> Person<StaffId> {
        self.staff(name, &[Role::Supervisor]).await
    }

    /// A customer with a file just begun and a session.
    pub async fn customer(&self) -> Person<DossierId> {
        let mut tx = self.house.db.begin().await.unwrap();
        let begun = dossier::begin(&mut tx, &self.engines.ambient, "en", "Asia/Ho_Chi_Minh").await.unwrap();
        tx.commit().await.unwrap();
        self.customer_of(begun.dossier.id).await
    }

    /// Another browser of the customer of a file.
    pub async fn customer_of(&self, dossier: DossierId) -> Person<DossierId> {
        let mut tx = self.house.db.begin().await.unwrap();
        let (token, _) = dossier::session::begin(&mut tx, &self.engines.ambient, dossier).await.unwrap();
        tx.commit().await.unwrap();
        Person { id: dossier, cookie: format!("{}={token}", session::CUSTOMER_COOKIE) }
    }

    /// A request to be built and sent.
    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(self.router.clone(), method, path)
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// `POST`, as our own page would send it.
    pub fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    /// `PUT`, as our own page would send it.
    pub fn put(&self, path: &str) -> Request {
        self.request("PUT", path)
    }
}

/// When every house's clock starts: Monday 2026-03-02, 09:00 in Vietnam.
pub fn start() -> Timestamp {
    "2026-03-02T02:00:00Z".parse().unwrap()
}
