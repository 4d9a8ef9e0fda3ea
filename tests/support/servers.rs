//! Real Redis and PostgreSQL from Debian's packages: started once per test process on free ports of 127.0.0.1 with data
//! folders of their own, ended and removed with it. Every test gets a database and a prefix of its own.

use std::{
    net::TcpStream,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, Executor};
use visavis::boot::Settings;

use super::process::free_address;

/// A pair of backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// What `make run` uses.
    SqliteMemory,
    SqliteRedis,
    PostgresMemory,
    PostgresRedis,
}

impl Backend {
    /// Points the settings of a house at these backends, with a database and a prefix nobody else has.
    pub async fn choose(self, settings: &mut Settings) {
        if matches!(self, Self::PostgresMemory | Self::PostgresRedis) {
            settings.storage.database_url = fresh_database().await;
        }
        if matches!(self, Self::SqliteRedis | Self::PostgresRedis) {
            settings.queue.redis_url = redis_url();
            settings.queue.redis_prefix = unique("house");
        }
    }
}

/// Makes a test of every scenario (`async fn(&TestHouse)`) on every pair of backends.
macro_rules! on_every_backend {
    ($($scenario:ident),+ $(,)?) => {
        $crate::support::servers::on_every_backend!(@on sqlite_memory SqliteMemory $($scenario)+);
        $crate::support::servers::on_every_backend!(@on sqlite_redis SqliteRedis $($scenario)+);
        $crate::support::servers::on_every_backend!(@on postgres_memory PostgresMemory $($scenario)+);
        $crate::support::servers::on_every_backend!(@on postgres_redis PostgresRedis $($scenario)+);
    };
    (@on $module:ident $backend:ident $($scenario:ident)+) => {
        mod $module {
            $(#[tokio::test]
            async fn $scenario() {
                let house = $crate::support::TestHouse::on($crate::support::servers::Backend::$backend).await;
                super::$scenario(&house).await;
            })+
        }
    };
}
pub(crate) use on_every_backend;

/// Makes a test of every scenario (`async fn(Backend)`, which opens its own house) on the pairs that are named.
macro_rules! on_backends {
    ([$($module:ident $backend:ident),+] $scenarios:tt) => {
        $($crate::support::servers::on_backends!(@on $module $backend $scenarios);)+
    };
    (@on $module:ident $backend:ident [$($scenario:ident),+ $(,)?]) => {
        mod $module {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario($crate::support::servers::Backend::$backend).await;
            })+
        }
    };
}
pub(crate) use on_backends;

struct Server {
    port: u16,
    /// The shell that ends the server when this process is gone: its standard input is our pipe.
    _keeper: Child,
}

/// Ends the server and removes its folder as soon as standard input ends, however this process ended.
const KEEPER: &str = r#"folder=$1; shift; "$@" >"$folder/log" 2>&1 </dev/null & server=$!; cat >/dev/null; kill -INT $server; wait $server; rm -rf "$folder""#;

/// The address of the Redis of this process.
pub fn redis_url() -> String {
    static REDIS: OnceLock<Server> = OnceLock::new();
    let server = REDIS.get_or_init(|| {
        let program = PathBuf::from("/usr/bin/redis-server");
        assert!(program.exists(), "{} is missing: install the Debian package redis-server", program.display());
        let (folder, port) = (folder("redis"), free_address().port());
        let port_text = port.to_string();
        let data = folder.to_string_lossy().into_owned();
        let arguments = ["--bind", "127.0.0.1", "--port", &port_text, "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--dir", &data];
        let mut command = vec![program.to_string_lossy().into_owned()];
        command.extend(arguments.map(str::to_owned));
        started(&folder, port, &command)
    });
    format!("redis://127.0.0.1:{}", server.port)
}

/// The address of a new, empty database.
pub async fn fresh_database() -> String {
    static POSTGRES: OnceLock<Server> = OnceLock::new();
    // Starting takes seconds; it must not stand on an async thread that others wait for.
    let port = tokio::task::spawn_blocking(|| POSTGRES.get_or_init(start_postgres).port).await.unwrap();
    let name = unique("house");
    let mut admin = connected(&format!("postgres://postgres@127.0.0.1:{port}/postgres")).await;
    admin.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    admin.close().await.unwrap();
    format!("postgres://postgres@127.0.0.1:{port}/{name}")
}

async fn connected(url: &str) -> sqlx::PgConnection {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        match sqlx::PgConnection::connect(url).await {
            Ok(connection) => return connection,
            Err(error) => assert!(Instant::now() < until, "PostgreSQL does not answer: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn start_postgres() -> Server {
    let (folder, port, command) = made_postgres();
    started(&folder, port, &command)
}

/// A PostgreSQL of one test, which may crash and come back with what it had.
pub struct OwnPostgres {
    folder: PathBuf,
    port: u16,
    command: Vec<String>,
    running: Option<Child>,
}

impl OwnPostgres {
    /// Started, with an empty database.
    pub async fn start() -> Self {
        let (folder, port, command) = tokio::task::spawn_blocking(made_postgres).await.unwrap();
        let mut server = Self { folder, port, command, running: None };
        server.come_back().await;
        let mut admin = connected(&format!("postgres://postgres@127.0.0.1:{port}/postgres")).await;
        admin.execute("create database house").await.unwrap();
        admin.close().await.unwrap();
        server
    }

    /// Where.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/house", self.port)
    }

    /// Crashes: every connection is cut at once.
    pub fn crash(&mut self) {
        let mut running = self.running.take().unwrap();
        let pid = nix::unistd::Pid::from_raw(i32::try_from(running.id()).unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGQUIT).unwrap();
        running.wait().unwrap();
    }

    /// Starts again and answers.
    pub async fn come_back(&mut self) {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.running = Some(command.spawn().unwrap());
        connected(&format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)).await.close().await.unwrap();
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.crash();
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// A data folder of its own, a port, and the command that serves it there.
fn made_postgres() -> (PathBuf, u16, Vec<String>) {
    let bin = postgres_programs();
    let (folder, port) = (folder("postgres"), free_address().port());
    let data = folder.join("data").to_string_lossy().into_owned();
    // PostgreSQL refuses to run as root.
    let as_user: &[&str] = if runs_as_root() { &["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] } else { &["env"] };
    if runs_as_root() {
        let owned = Command::new("chown").arg("postgres:postgres").arg(&folder).status().unwrap();
        assert!(owned.success(), "there is no user postgres: install the Debian package postgresql");
    }
    let program = |name: &str| as_user.iter().map(|word| (*word).to_owned()).chain([bin.join(name).to_string_lossy().into_owned()]).collect::<Vec<_>>();
    let initdb = program("initdb");
    let made = Command::new(&initdb[0])
        .args(&initdb[1..])
        .args(["-D", &data, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"])
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let mut command = program("postgres");
    command.extend(["-D".to_owned(), data, "-p".to_owned(), port.to_string()]);
    for setting in
        ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"]
    {
        command.extend(["-c".to_owned(), setting.to_owned()]);
    }
    (folder, port, command)
}

fn postgres_programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").map(|found| found.map(|entry| entry.unwrap().path().join("bin")).collect::<Vec<_>>());
    let mut found: Vec<PathBuf> = versions.unwrap_or_default().into_iter().filter(|bin| bin.join("initdb").exists()).collect();
    found.sort();
    found.pop().expect("/usr/lib/postgresql/*/bin/initdb is missing: install the Debian package postgresql")
}

fn runs_as_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

fn started(folder: &Path, port: u16, command: &[String]) -> Server {
    let keeper = Command::new("sh").args(["-c", KEEPER, "keeper"]).arg(folder).args(command).stdin(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let said = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(Instant::now() < until, "{} did not start: {said}", command.join(" "));
        std::thread::sleep(Duration::from_millis(20));
    }
    Server { port, _keeper: keeper }
}

fn folder(name: &str) -> PathBuf {
    tempfile::Builder::new().prefix(&format!("visavis-{name}-")).tempdir().unwrap().keep()
}

/// A name nobody else in this process has.
pub fn unique(word: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{word}_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
