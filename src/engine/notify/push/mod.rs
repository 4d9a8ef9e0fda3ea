//! Notifications of browsers whose page is closed: Web Push (RFC 8030) with encrypted bodies (RFC 8291, [`crypt`]) and a signature
//! that says who sends (RFC 8292, [`vapid`]). The primitives are aws-lc's, as everywhere in the house; the packages there are for
//! the protocol bring a second TLS or crypto library with them.
//!
//! Where a notification goes is said by a customer's browser, so it goes nowhere but to push services the settings name.

mod crypt;
mod vapid;

use std::{io, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Client, StatusCode, Url, redirect::Policy};

pub use vapid::VapidKey;

use super::NotifyError;
use crate::base::{Ambient, Pii, Timestamp};

const PATIENCE: Duration = Duration::from_secs(10);
/// A push service need not take larger bodies (RFC 8030, section 7.2); what encryption adds is left room for.
const PAYLOAD: usize = 3_000;

/// A browser as it introduced itself.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Where its push service takes notifications; whoever knows it can send some.
    pub endpoint: Pii<String>,
    /// Its public key, base64url.
    pub p256dh: String,
    /// Its secret, base64url.
    pub auth: Pii<String>,
}

/// One notification.
#[derive(Debug, Clone)]
pub struct Notification {
    /// What the service worker is told, as JSON.
    pub body: Pii<String>,
    /// How long it is worth delivering.
    pub lives: Duration,
    /// A later one of the same topic takes its place: at most 32 letters of base64url.
    pub topic: String,
}

/// Why a notification did not go out.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The browser withdrew its permission or is gone: forget it.
    #[error("the browser is gone")]
    Gone,
    /// Anything else.
    #[error(transparent)]
    Other(#[from] NotifyError),
}

/// The way to push services.
pub struct WebPush {
    client: Client,
    key: VapidKey,
    /// `mailto:` of the house, for the operators of push services.
    contact: String,
    hosts: Vec<String>,
    ambient: Ambient,
}

impl WebPush {
    /// A way that signs with `key`, says `contact`, and goes to `hosts` only.
    ///
    /// # Errors
    /// When no client can be made, in words for the operator.
    pub fn new(key: VapidKey, contact: &str, hosts: &[String], ambient: Ambient) -> Result<Self, String> {
        let client = Client::builder().redirect(Policy::none()).timeout(PATIENCE).no_proxy().build();
        let client = client.map_err(|_| "push services cannot be reached: no certificates of this machine were found".to_owned())?;
        Ok(Self { client, key, contact: format!("mailto:{contact}"), hosts: hosts.to_vec(), ambient })
    }

    /// Hands one notification to the browser's push service.
    ///
    /// # Errors
    /// [`PushError::Gone`] when the browser is to be forgotten, else as the service said.
    pub async fn send(&self, to: &Subscription, notification: &Notification) -> Result<(), PushError> {
        let url = allowed(to.endpoint.expose(), &self.hosts).ok_or(NotifyError::BadAddress)?;
        let body = self.sealed(to, notification).ok_or(NotifyError::BadAddress)?;
        let origin = url.origin().ascii_serialization();
        let signed = self.key.authorization(&origin, &self.contact, self.ambient.now()).ok_or(NotifyError::BadAddress)?;
        let request = self.client.post(url).header("authorization", signed).header("content-encoding", "aes128gcm").header("urgency", "high");
        let request =
            request.header("ttl", notification.lives.as_secs()).header("topic", &notification.topic).header("content-type", "application/octet-stream");
        let answer = request.body(body).send().await.map_err(|_| NotifyError::Again(io::Error::other("the push service was not reached")))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(PushError::Gone),
            status if status.is_server_error() || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status) => {
                Err(NotifyError::Again(io::Error::other("the push service is busy")).into())
            }
            status => Err(NotifyError::Refused(status.as_u16()).into()),
        }
    }

    fn sealed(&self, to: &Subscription, notification: &Notification) -> Option<Vec<u8>> {
        let text = notification.body.expose().as_bytes();
        let (p256dh, auth) = keys(to)?;
        if text.len() > PAYLOAD {
            return None;
        }
        // A random number is no key with a chance of 2^-32.
        (0..4).find_map(|_| crypt::sealed(text, (&p256dh, &auth), &self.ambient.bytes::<32>(), &self.ambient.bytes::<16>()))
    }
}

/// Whether a browser's introduction can be used: its push service is one of `hosts`, its keys are keys.
pub fn is_usable(to: &Subscription, hosts: &[String]) -> bool {
    to.endpoint.expose().len() <= 1_000 && allowed(to.endpoint.expose(), hosts).is_some() && keys(to).is_some()
}

fn keys(to: &Subscription) -> Option<(Vec<u8>, Vec<u8>)> {
    let read = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
    let (p256dh, auth) = (read(&to.p256dh)?, read(to.auth.expose())?);
    (p256dh.len() == 65 && p256dh[0] == 4 && auth.len() == 16).then_some((p256dh, auth))
}

/// The address when it is `https` at one of the hosts (`*.example.org` is every name below), or at an origin that is named whole.
fn allowed(endpoint: &str, hosts: &[String]) -> Option<Url> {
    let url = Url::parse(endpoint).ok()?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let host = url.host_str()?;
    let is_named = hosts.iter().any(|allowed| match (allowed.split_once("://"), allowed.strip_prefix("*.")) {
        (Some(_), _) => *allowed == url.origin().ascii_serialization(),
        (None, Some(parent)) => url.scheme() == "https" && url.port().is_none() && host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
        (None, None) => url.scheme() == "https" && url.port().is_none() && host == allowed,
    });
    is_named.then_some(url)
}

/// The present instant in whole seconds, as tokens count.
fn seconds(at: Timestamp) -> i64 {
    at.timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_goes_to_push_services_only() {
        let hosts = ["fcm.googleapis.com", "*.push.services.mozilla.com", "http://127.0.0.1:4711"].map(str::to_owned);
        let goes = |endpoint: &str| allowed(endpoint, &hosts).is_some();
        assert!(goes("https://fcm.googleapis.com/fcm/send/abc"));
        assert!(goes("https://updates.push.services.mozilla.com/wpush/v2/abc"));
        assert!(goes("http://127.0.0.1:4711/push/1"), "an origin that is named whole");
        for wrong in [
            "http://fcm.googleapis.com/fcm/send/abc",
            "https://fcm.googleapis.com:8443/abc",
            "https://fcm.googleapis.com.evil.example/abc",
            "https://evilpush.services.mozilla.com/abc",
            "https://push.services.mozilla.com/abc",
            "https://user@fcm.googleapis.com/abc",
            "https://169.254.169.254/latest/meta-data",
            "http://127.0.0.1:4712/push/1",
            "https://localhost/",
            "file:///etc/passwd",
            "no address",
        ] {
            assert!(!goes(wrong), "{wrong}");
        }
    }
}
