//! What is logged, and how.

use std::io::IsTerminal;

use serde::{Deserialize, Serialize};

/// Section `log`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// Directives of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// For whom.
    pub format: LogFormat,
}

/// Who reads the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// People.
    Text,
    /// Machines: one JSON object a line.
    Json,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

impl LogSettings {
    /// Logs to standard error from now on, panics included: where they happened, and their words only when they are
    /// literally in the source. Called once, by `main`.
    pub fn start(&self) {
        use tracing_subscriber::EnvFilter;
        let filter = EnvFilter::try_new(&self.filter).unwrap_or_else(|_| EnvFilter::new("info"));
        let to_stderr = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
        match self.format {
            LogFormat::Text => to_stderr.with_target(false).init(),
            LogFormat::Json => to_stderr.json().init(),
        }
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("words withheld: they may hold personal data");
            tracing::error!(place, words, "a panic was contained");
        }));
    }
}
