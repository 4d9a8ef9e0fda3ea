//! Where messages go.

use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};

/// Section `notify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `smtps://user:password@host:465` or `smtp://user:password@host:587?tls=required`; empty lays e-mail down as files.
    pub smtp_url: String,
    /// Who e-mail is from: `Example Bank <ident@bank.example>`.
    pub from: String,
    /// Where text messages are posted as JSON; empty lays them down as files.
    pub sms_url: String,
    /// The gateway's token, sent as `Authorization: Bearer`.
    pub sms_token: String,
    /// What gateways show as `Authorization: Bearer` when they report what became of a message to `/api/v1/letters/receipts`; empty lets
    /// nobody report.
    pub receipts_token: String,
    /// Push services browsers may be woken through: names, `*.name`, or whole origins; none wakes nobody.
    pub push_hosts: Vec<String>,
}

/// Fewest letters of a token that opens a door.
const LEAST_TOKEN: usize = 24;
/// The push services of Chrome and its kin, Firefox, Safari and Edge.
const PUSH_HOSTS: [&str; 4] = ["fcm.googleapis.com", "*.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com"];

impl Default for Settings {
    fn default() -> Self {
        Self {
            smtp_url: String::new(),
            from: "Visavis <visavis@localhost.localdomain>".to_owned(),
            sms_url: String::new(),
            sms_token: String::new(),
            receipts_token: String::new(),
            push_hosts: PUSH_HOSTS.map(str::to_owned).to_vec(),
        }
    }
}

impl Settings {
    /// What contradicts itself, in words; empty when nothing does.
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        found.extend(self.sender().err());
        if !is_none_or_begins(&self.smtp_url, ["smtp://", "smtps://"]) {
            found.push("notify.smtp_url must begin with smtp:// or smtps://".to_owned());
        }
        if !is_none_or_begins(&self.sms_url, ["http://", "https://"]) {
            found.push("notify.sms_url must be an http(s) address".to_owned());
        }
        if !self.receipts_token.is_empty() && self.receipts_token.len() < LEAST_TOKEN {
            found.push(format!("notify.receipts_token must have {LEAST_TOKEN} letters or more"));
        }
        let is_named =
            |host: &String| !host.is_empty() && !host.contains(['/', ' ']) || is_none_or_begins(host, ["http://", "https://"]) && !host.ends_with('/');
        if !self.push_hosts.iter().all(is_named) {
            found
                .push("notify.push_hosts must be names such as push.example.net or *.example.net, or origins such as https://push.example.net:8443".to_owned());
        }
        found
    }

    /// The e-mail address of the house.
    pub fn sender_address(&self) -> String {
        self.sender().map(|sender| sender.email.to_string()).unwrap_or_default()
    }

    pub(super) fn sender(&self) -> Result<Mailbox, String> {
        self.from.parse().map_err(|_| "notify.from must be a sender: Example Bank <ident@bank.example>".to_owned())
    }
}

fn is_none_or_begins(address: &str, starts: [&str; 2]) -> bool {
    address.is_empty() || starts.iter().any(|start| address.starts_with(start))
}
