//! Catches what is logged and finds personal data in it.

use std::{
    io::Write,
    sync::{Arc, Mutex, OnceLock},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

static CAUGHT: OnceLock<Caught> = OnceLock::new();

#[derive(Clone, Default)]
struct Caught(Arc<Mutex<Vec<u8>>>);

impl Write for Caught {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Caught {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Catches every line that anything in this process logs, however fine, from the first trap on.
pub struct LogTrap(Caught);

impl LogTrap {
    /// Sets the trap. All traps of a process share one log, for a log line does not say which test caused it.
    pub fn set() -> Self {
        let caught = CAUGHT.get_or_init(|| {
            let caught = Caught::default();
            let filter = EnvFilter::new("trace,sqlx=trace,hyper=info,str0m=info,webrtc=off");
            tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(caught.clone()).try_init().unwrap();
            caught
        });
        Self(caught.clone())
    }

    /// Everything caught so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.0.lock().unwrap()).into_owned()
    }

    /// Fails the test when one of `values` was logged. A value must be one that only this test uses.
    #[track_caller]
    pub fn holds_none_of(&self, values: &[&str]) {
        let text = self.text();
        assert!(!text.is_empty(), "nothing was logged at all: the trap does not work");
        for value in values {
            if let Some(line) = text.lines().find(|line| line.contains(value)) {
                panic!("a personal value was logged: {line}");
            }
        }
    }
}
