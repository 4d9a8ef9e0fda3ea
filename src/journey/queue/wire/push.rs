//! What pages and the server say to each other about web push.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::base::Pii;

/// What a browser needs to let itself be woken: `GET /api/v1/push`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct PushKeyView {
    /// The key of the house (RFC 8292), base64url; none when the house wakes nobody.
    pub public_key: Option<String>,
}

/// A browser that lets itself be woken: `POST /api/v1/push/subscriptions`.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "wire.ts")]
pub struct Subscribe {
    /// Where its push service takes notifications.
    #[ts(type = "string")]
    pub endpoint: Pii<String>,
    /// Its public key, base64url.
    pub p256dh: String,
    /// Its secret, base64url.
    #[ts(type = "string")]
    pub auth: Pii<String>,
}

/// `POST /api/v1/push/subscriptions/forget`.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "wire.ts")]
pub struct Unsubscribe {
    /// Of which browser.
    #[ts(type = "string")]
    pub endpoint: Pii<String>,
}
