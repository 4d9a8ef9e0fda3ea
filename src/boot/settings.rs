//! Settings in layers: built-in `config/default.toml` < `--config` file < `VISAVIS__SECTION__KEY` < secret files.
//!
//! A variable that ends in `_FILE` names a file that holds the value. `DATABASE_URL` and `REDIS_URL` are understood too,
//! because every host sets them. Unknown keys are errors. Each room owns its own section.

mod log;
mod storage;
mod work;

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

pub use log::{LogFormat, LogSettings};
pub use storage::StorageSettings;
pub use work::WorkSettings;

use crate::{
    engine::{notify, reader::ReaderSettings, sfu::SfuSettings, turn::TurnSettings},
    journey::intake::IntakeSettings,
    journey::{booking, call, checks, queue, recording},
    registry::staff,
    web::settings::{BrandSettings, ServerSettings},
};

/// The built-in settings, every key explained.
pub const DEFAULT_TOML: &str = include_str!("../../config/default.toml");

/// Variables with names of their own, because every host sets them.
const PLAIN_VARIABLES: [(&str, &str, &str); 3] =
    [("DATABASE_URL", "storage", "database_url"), ("REDIS_URL", "queue", "redis_url"), ("RUST_LOG", "log", "filter")];

/// Everything that can be set: one section per room.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The front door.
    pub server: ServerSettings,
    /// What a bank changes.
    pub brand: BrandSettings,
    /// Where things are kept.
    pub storage: StorageSettings,
    /// What is logged.
    pub log: LogSettings,
    /// Staff and their sign-in.
    pub staff: staff::Settings,
    /// The role that does jobs.
    pub work: WorkSettings,
    /// Reading of pictures.
    pub reader: ReaderSettings,
    /// The queue.
    pub queue: queue::Settings,
    /// Opening hours of the site.
    pub hours: queue::hours::Settings,
    /// Appointments.
    pub booking: booking::Settings,
    /// Messages to customers.
    pub notify: notify::Settings,
    /// Calls.
    pub call: call::Settings,
    /// Checks in calls.
    pub checks: checks::Settings,
    /// Recordings.
    pub recording: recording::Settings,
    /// Media ports.
    pub media: SfuSettings,
    /// Relays for browsers behind firewalls.
    pub turn: TurnSettings,
    /// Limits of an intake.
    pub intake: IntakeSettings,
}

/// Why settings were refused.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no TOML.
    #[error("{path}: {message}")]
    NoToml {
        /// Which.
        path: String,
        /// Where and why; never the value.
        message: String,
    },
    /// A key that does not exist, or a value of the wrong kind.
    #[error("{0}")]
    Wrong(String),
    /// Values that do not go together.
    #[error("the settings contradict each other:\n- {}", .0.join("\n- "))]
    Contradiction(Vec<String>),
}

impl Settings {
    /// Reads all layers of this process.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let environment = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect();
        Self::layered(file, &environment)
    }

    /// Reads all layers from a file and a given environment.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn layered(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        let mut table = parsed("the built-in settings", DEFAULT_TOML)?;
        let known = table.clone();
        if let Some(path) = file {
            merge(&mut table, parsed(&path.display().to_string(), &read(path)?)?);
        }
        for (name, section, key) in PLAIN_VARIABLES {
            if let Some(value) = environment.get(name).filter(|value| !value.is_empty()) {
                set(&mut table, &known, &[section.to_owned(), key.to_owned()], value)?;
            }
        }
        for (name, value) in environment {
            let Some(path) = name.strip_prefix("VISAVIS__") else { continue };
            let lower = path.to_lowercase();
            match lower.strip_suffix("_file") {
                Some(path) => set(&mut table, &known, &keys(path), read(Path::new(value))?.trim_end())?,
                None => set(&mut table, &known, &keys(&lower), value)?,
            }
        }
        let settings: Self = Value::Table(table).try_into().map_err(|error: toml::de::Error| SettingsError::Wrong(error.message().to_owned()))?;
        let contradictions = settings.contradictions();
        if contradictions.is_empty() { Ok(settings) } else { Err(SettingsError::Contradiction(contradictions)) }
    }

    /// What does not go together, one sentence each.
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut check = |is_wrong: bool, sentence: &str| {
            if is_wrong {
                found.push(sentence.to_owned());
            }
        };
        check(self.server.listen.parse::<std::net::SocketAddr>().is_err(), "server.listen is not address:port");
        check(!self.server.lan_https.is_empty() && self.server.lan_https.parse::<std::net::SocketAddr>().is_err(), "server.lan_https is not address:port");
        check(!self.server.lan_https.is_empty() && self.server.lan_https == self.server.listen, "server.lan_https and server.listen are the same");
        check(
            !self.server.public_url.is_empty() && !self.server.public_url.starts_with("https://") && !self.server.public_url.starts_with("http://localhost"),
            "server.public_url must begin with https://, or browsers refuse the camera",
        );
        check(
            self.intake.draft_days == 0 || self.intake.resume_link_days == 0 || self.intake.captures_max == 0,
            "intake.draft_days, intake.resume_link_days and intake.captures_max must be at least 1",
        );
        check(!is_colour(&self.brand.accent), "brand.accent is not a colour like #0b5fad");
        check(self.brand.name.trim().is_empty(), "brand.name is empty");
        check(self.staff.session_idle_minutes == 0 || self.staff.session_hours == 0, "a staff session must last a while");
        check(
            !self.storage.database_url.is_empty()
                && !["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| self.storage.database_url.starts_with(scheme)),
            "storage.database_url must begin with sqlite:// or postgres://",
        );
        found.extend(self.turn.contradictions());
        found.extend(self.checks.contradictions());
        found.extend(self.recording.contradictions());
        found.extend(self.queue.contradictions());
        found.extend(self.booking.contradictions());
        found.extend(self.notify.contradictions());
        found
    }

    /// The effective settings as TOML, secrets hidden.
    pub fn redacted(&self) -> String {
        let mut table = Table::try_from(self).unwrap_or_default();
        redact(&mut table);
        toml::to_string_pretty(&table).unwrap_or_default()
    }
}

fn keys(path: &str) -> Vec<String> {
    path.split("__").map(str::to_owned).collect()
}

fn read(path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|source| SettingsError::Unreadable { path: path.display().to_string(), source })
}

fn parsed(path: &str, text: &str) -> Result<Table, SettingsError> {
    text.parse().map_err(|error: toml::de::Error| SettingsError::NoToml { path: path.to_owned(), message: error.message().to_owned() })
}

fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => drop(base.insert(key, value)),
        }
    }
}

/// Sets one key from text; the kind of value is that of the built-in setting.
fn set(table: &mut Table, known: &Table, path: &[String], text: &str) -> Result<(), SettingsError> {
    let wrong = |why: &str| SettingsError::Wrong(format!("{}: {why}", path.join(".")));
    let [section, key] = path else { return Err(wrong("a setting has a section and a key")) };
    let pattern = known.get(section).and_then(Value::as_table).and_then(|section| section.get(key)).ok_or_else(|| wrong("no such setting"))?;
    let value = match pattern {
        Value::String(_) => Value::String(text.to_owned()),
        _ => format!("value = {text}").parse::<Table>().ok().and_then(|mut line| line.remove("value")).ok_or_else(|| wrong("not a value"))?,
    };
    if let Some(section) = table.entry(section.clone()).or_insert_with(|| Value::Table(Table::new())).as_table_mut() {
        section.insert(key.clone(), value);
    }
    Ok(())
}

fn redact(table: &mut Table) {
    for (key, value) in table.iter_mut() {
        match value {
            Value::Table(inner) => redact(inner),
            Value::String(text) if key.ends_with("url") => *text = without_password(text),
            Value::String(text) if !text.is_empty() && ["password", "secret", "token"].iter().any(|word| key.contains(word)) => {
                "[secret]".clone_into(text);
            }
            _ => {}
        }
    }
}

fn without_password(url: &str) -> String {
    match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (_, host))) => format!("{scheme}://[secret]@{host}"),
        None => url.to_owned(),
    }
}

fn is_colour(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
