//! How the front door is set up.

use std::{net::IpAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

/// Section `server`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// Where HTTP listens.
    pub listen: String,
    /// Where HTTPS with a self-signed certificate listens for phones on the local network; empty is off.
    pub lan_https: String,
    /// The address people type when it is not the one the server listens on (behind a proxy); empty is none.
    pub public_url: String,
    /// Folder that holds `web-client/dist` and `web-agent/dist`.
    pub web_root: PathBuf,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Seconds that running calls may go on after the server was told to stop.
    pub drain_seconds: u64,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            lan_https: String::new(),
            public_url: String::new(),
            web_root: PathBuf::from("."),
            trusted_proxies: Vec::new(),
            drain_seconds: 30,
        }
    }
}

impl ServerSettings {
    /// The address people type, without a slash at the end.
    pub fn address(&self) -> String {
        if self.public_url.is_empty() {
            return format!("http://{}", self.listen.replace("127.0.0.1", "localhost").replace("0.0.0.0", "localhost"));
        }
        self.public_url.trim_end_matches('/').to_owned()
    }
}

/// Section `brand`: what a bank changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrandSettings {
    /// Name of the house.
    pub name: String,
    /// Colour of accents: `#rrggbb`.
    pub accent: String,
}

impl Default for BrandSettings {
    fn default() -> Self {
        Self { name: "Visavis".to_owned(), accent: "#0b5fad".to_owned() }
    }
}
