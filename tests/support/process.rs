//! The real program as an operator runs it: a folder and ports of its own, ended when dropped.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::PROGRAM;

/// A folder and settings for running the program.
pub struct Site {
    folder: Arc<tempfile::TempDir>,
    /// Where HTTP listens.
    pub http: SocketAddr,
    environment: Vec<(String, String)>,
}

/// The program while it runs. Dropped, it is killed.
pub struct Running {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Site {
    /// A site nobody else uses.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (http, media) = (free_address(), free_address());
        let path = |name: &str| folder.path().join(name).display().to_string();
        let environment = [
            ("VISAVIS__SERVER__LISTEN", http.to_string()),
            ("VISAVIS__SERVER__DRAIN_SECONDS", "5".to_owned()),
            // Tests run on disks of any fullness.
            ("VISAVIS__RECORDING__ENOUGH_GIB", "0".to_owned()),
            ("VISAVIS__RECORDING__NO_NEW_CALLS_PERCENT", "101".to_owned()),
            ("VISAVIS__RECORDING__ALARM_PERCENT", "101".to_owned()),
            ("VISAVIS__MEDIA__UDP", media.to_string()),
            ("VISAVIS__MEDIA__TCP", media.to_string()),
            ("VISAVIS__STORAGE__DATA", path("data")),
            ("VISAVIS__STORAGE__RECORDINGS", path("recordings")),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
        Self { folder: Arc::new(folder), http, environment }
    }

    /// Another server on the same folder, with ports of its own and the settings this one has so far.
    pub fn beside(&self) -> Self {
        let (http, media) = (free_address(), free_address());
        let own = [("VISAVIS__SERVER__LISTEN", http.to_string()), ("VISAVIS__MEDIA__UDP", media.to_string()), ("VISAVIS__MEDIA__TCP", media.to_string())];
        let mut environment: Vec<(String, String)> = self.environment.iter().filter(|(name, _)| own.iter().all(|(other, _)| name != other)).cloned().collect();
        environment.extend(own.map(|(name, value)| (name.to_owned(), value)));
        Self { folder: Arc::clone(&self.folder), http, environment }
    }

    /// With one more setting.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(args).env_clear().env("PATH", "/usr/bin:/bin").envs(self.environment.iter().cloned()).current_dir(self.folder.path());
        command
    }

    /// Runs a command to its end: status, standard output, standard error.
    pub fn run(&self, args: &[&str], input: &str) -> (ExitStatus, String, String) {
        let mut child = self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status, String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    /// Starts `serve` and waits until it is ready.
    pub fn serve(&self, args: &[&str]) -> Running {
        let mut child = self.command(&[&["serve"], args].concat()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        gather(child.stdout.take().unwrap(), &log);
        gather(child.stderr.take().unwrap(), &log);
        let running = Running { child, log };
        eventually(Duration::from_secs(20), || match self.request("GET /ready HTTP/1.1", "", "") {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => Ok(()),
            other => Err(format!("{other:?}\n{}", running.log())),
        });
        running
    }

    /// One plain HTTP exchange: first line, further header lines (each with CRLF), body.
    pub fn request(&self, line: &str, headers: &str, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.http, Duration::from_secs(1))?;
        exchange(&mut stream, self.http, line, headers, body)
    }
}

/// Writes a request and reads the whole answer.
pub fn exchange(stream: &mut (impl Read + Write), host: SocketAddr, line: &str, headers: &str, body: &str) -> std::io::Result<String> {
    let length = if body.is_empty() { String::new() } else { format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()) };
    write!(stream, "{line}\r\nhost: {host}\r\norigin: http://{host}\r\n{headers}{length}connection: close\r\n\r\n{body}")?;
    stream.flush()?;
    let mut answer = Vec::new();
    // A TLS peer that closes without saying so is an error to the reader; the answer is whole by then.
    drop(stream.read_to_end(&mut answer));
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

impl Running {
    /// Everything it said so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// The processes it started whose command line holds `word`.
    pub fn children(&self, word: &str) -> Vec<i32> {
        let list = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.pid())).unwrap_or_default();
        let mut found: Vec<i32> = list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect();
        for task in std::fs::read_dir(format!("/proc/{}/task", self.pid())).into_iter().flatten().flatten() {
            let list = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(list.split_whitespace().filter_map(|pid| pid.parse::<i32>().ok()));
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|pid| command_line(*pid).contains(word));
        found
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid()), signal).unwrap();
    }

    /// Waits for its end.
    pub fn ended(&mut self, limit: Duration) -> ExitStatus {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "still running after {limit:?}:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The program under test; whoever measures may name another.
#[expect(clippy::disallowed_methods, reason = "who measures says from outside what")]
fn program() -> String {
    std::env::var("VISAVIS_PROGRAM").unwrap_or_else(|_| PROGRAM.to_owned())
}

/// What a process was started as; empty when it is gone.
pub fn command_line(pid: i32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default().replace('\0', " ")
}

/// Asks until the answer is good; fails with the last reason.
#[track_caller]
pub fn eventually<T>(limit: Duration, mut probe: impl FnMut() -> Result<T, String>) -> T {
    let end = Instant::now() + limit;
    loop {
        match probe() {
            Ok(value) => return value,
            Err(reason) if Instant::now() > end => panic!("did not happen within {limit:?}: {reason}"),
            Err(_) => std::thread::sleep(Duration::from_millis(30)),
        }
    }
}

/// An address on the loopback that nobody listens on now. Its port lies below those that the system gives away by itself, so that nobody
/// gets it by chance while its server is still to start, or away between two starts.
pub fn free_address() -> SocketAddr {
    loop {
        let at = SocketAddr::from(([127, 0, 0, 1], rand::random_range(10_000..30_000)));
        if TcpListener::bind(at).is_ok() {
            return at;
        }
    }
}

fn gather(from: impl Read + Send + 'static, into: &Arc<Mutex<String>>) {
    let into = Arc::clone(into);
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut log = into.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
        }
    });
}
