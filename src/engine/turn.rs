//! TURN for browsers behind firewalls that let neither the UDP nor the TCP media port through: which servers there are,
//! and credentials for them that end by themselves.
//!
//! The TURN server is somebody else's program (Debian's coturn, `config/coturn.example.conf`); it and we share a secret.
//! A user name is the second at which it ends and a label, the password an HMAC-SHA1 of it under the secret, as in
//! "A REST API For Access To TURN Services" (draft-uberti-behave-turn-rest-00 §2.2); RFC 8656 §5 is how they are used.
//! Knows no call and no person: the label is whatever the caller gives.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use ts_rs::TS;

use crate::base::Timestamp;

/// Shortest secret that is taken, in characters.
const SHORTEST_SECRET: usize = 16;

/// Section `turn`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TurnSettings {
    /// `turn:` and `turns:` addresses browsers are told; empty is none.
    pub urls: Vec<String>,
    /// What the TURN server and we know (`static-auth-secret` of coturn).
    pub secret: String,
    /// Minutes until a credential ends.
    pub minutes: u32,
}

impl Default for TurnSettings {
    fn default() -> Self {
        Self { urls: Vec::new(), secret: String::new(), minutes: 240 }
    }
}

impl std::fmt::Debug for TurnSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TurnSettings").field("urls", &self.urls).field("minutes", &self.minutes).finish_non_exhaustive()
    }
}

/// An entry of a browser's `RTCConfiguration.iceServers`.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct IceServer {
    /// Addresses.
    pub urls: Vec<String>,
    /// User name; says when it ends.
    pub username: String,
    /// Password.
    pub credential: String,
}

impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceServer").field("urls", &self.urls).finish_non_exhaustive()
    }
}

impl TurnSettings {
    /// What a browser is told now; nothing when there is no TURN server. `label` must not name a person.
    pub fn ice_servers(&self, now: Timestamp, label: &str) -> Vec<IceServer> {
        if self.urls.is_empty() {
            return Vec::new();
        }
        let ends = now.timestamp() + i64::from(self.minutes) * 60;
        let username = format!("{ends}:{label}");
        let mut mac = Hmac::<Sha1>::new_from_slice(self.secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(username.as_bytes());
        let credential = STANDARD.encode(mac.finalize().into_bytes());
        vec![IceServer { urls: self.urls.clone(), username, credential }]
    }

    /// What does not go together, one sentence each.
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        let is_turn = |url: &String| url.strip_prefix("turn:").or(url.strip_prefix("turns:")).is_some_and(|rest| !rest.is_empty() && !rest.contains(' '));
        if !self.urls.iter().all(is_turn) {
            found.push("turn.urls must begin with turn: or turns:".to_owned());
        }
        if !self.urls.is_empty() && self.secret.chars().count() < SHORTEST_SECRET {
            found.push(format!("turn.secret must have at least {SHORTEST_SECRET} characters, the same as the TURN server's"));
        }
        if self.minutes == 0 {
            found.push("turn.minutes must be at least 1".to_owned());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> TurnSettings {
        TurnSettings { urls: vec!["turn:127.0.0.1:3478?transport=udp".into()], secret: "logen-and-longer".into(), minutes: 10 }
    }

    #[test]
    fn a_credential_is_what_openssl_makes_of_it_and_ends() {
        let now = "2026-03-02T02:00:00Z".parse().unwrap();
        let [server] = settings().ice_servers(now, "call-0").try_into().unwrap();
        assert_eq!(server.username, "1772417400:call-0");
        // printf 1772417400:call-0 | openssl dgst -sha1 -hmac logen-and-longer -binary | base64
        assert_eq!(server.credential, "WMv82vuajEXjUUJ/WwYFide0OUs=");
        assert!(!format!("{server:?} {:?}", settings()).contains("logen"), "secrets are not printed");
        assert!(TurnSettings::default().ice_servers(now, "x").is_empty());
    }

    #[test]
    fn what_does_not_go_together_is_said() {
        assert!(settings().contradictions().is_empty() && TurnSettings::default().contradictions().is_empty());
        let wrong = TurnSettings { urls: vec!["stun:a".into(), "turn:".into()], secret: "short".into(), minutes: 0 };
        assert_eq!(wrong.contradictions().len(), 3);
    }
}
