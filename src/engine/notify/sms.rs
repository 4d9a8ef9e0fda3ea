//! A gateway for text messages as the way out: one documented request that any gateway's adapter can take.
//!
//! ```text
//! POST <sms_url>
//! authorization: Bearer <sms_token>
//! idempotency-key: <name of the message>
//! {"id": "<name of the message>", "to": "+84912345678", "text": "…"}
//! ```
//! 2xx took it; 408, 429 and 5xx are tried again; any other answer is final. Redirects are not followed.

use std::{io, time::Duration};

use reqwest::{Client, StatusCode, redirect::Policy};
use serde_json::json;

use super::{Message, Notifier, NotifyError};

const PATIENCE: Duration = Duration::from_secs(15);

/// Posts text messages to a gateway.
pub struct SmsWebhook {
    client: Client,
    url: String,
    token: String,
}

impl SmsWebhook {
    /// A way to the gateway at `url`.
    ///
    /// # Errors
    /// When no client can be made, in words for the operator.
    pub fn new(url: &str, token: &str) -> Result<Self, String> {
        let client = Client::builder().redirect(Policy::none()).timeout(PATIENCE).no_proxy().build();
        let client = client.map_err(|_| "notify.sms_url cannot be used: no certificates of this machine were found".to_owned())?;
        Ok(Self { client, url: url.to_owned(), token: token.to_owned() })
    }
}

#[async_trait::async_trait]
impl Notifier for SmsWebhook {
    async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        let body = json!({ "id": message.name, "to": message.to.expose(), "text": message.text.expose() });
        let request = self.client.post(&self.url).bearer_auth(&self.token).header("idempotency-key", &message.name).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.map_err(|_| NotifyError::Again(io::Error::other("the gateway was not reached")))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status if status.is_server_error() || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status) => {
                Err(NotifyError::Again(io::Error::other("the gateway is busy")))
            }
            status => Err(NotifyError::Refused(status.as_u16())),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
        task::JoinHandle,
    };

    use super::*;
    use crate::{base::Pii, engine::notify::Kind};

    /// A gateway of one request: its headers in small letters and its body.
    async fn gateway(status: u16) -> (String, JoinHandle<(Vec<String>, String)>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/send", listener.local_addr().expect("bound"));
        let seen = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a client");
            let mut stream = BufReader::new(stream);
            let mut headers = Vec::new();
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).await.expect("a line");
                if line.trim().is_empty() {
                    break;
                }
                headers.push(line.trim().to_owned());
            }
            let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).expect("a length");
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.expect("a body");
            let answer = format!("HTTP/1.1 {status} told\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.get_mut().write_all(answer.as_bytes()).await.expect("written");
            (headers, String::from_utf8(body).expect("text"))
        });
        (url, seen)
    }

    async fn sent(status: u16) -> (Result<(), NotifyError>, (Vec<String>, String)) {
        let (url, seen) = gateway(status).await;
        let message = Message {
            kind: Kind::Sms,
            name: "booking-1".to_owned(),
            to: Pii::new("+84912345678".to_owned()),
            subject: String::new(),
            text: Pii::new("Lịch hẹn".to_owned()),
            invite: None,
            at: "2026-03-02T02:00:00Z".parse().expect("an instant"),
        };
        let outcome = SmsWebhook::new(&url, "s3cret").expect("a client").send(&message).await;
        (outcome, seen.await.expect("a request"))
    }

    #[tokio::test]
    async fn the_gateway_gets_number_text_and_a_key_against_doubles() {
        let (outcome, (headers, body)) = sent(202).await;
        outcome.expect("sent");
        for wanted in ["POST /send HTTP/1.1", "authorization: Bearer s3cret", "idempotency-key: booking-1", "content-type: application/json"] {
            assert!(headers.iter().any(|line| line == wanted), "{wanted} in {headers:?}");
        }
        assert_eq!(serde_json::from_str::<serde_json::Value>(&body).expect("JSON"), json!({ "id": "booking-1", "to": "+84912345678", "text": "Lịch hẹn" }));
    }

    #[tokio::test]
    async fn busy_is_tried_again_and_no_is_no() {
        for (status, again) in [(500, true), (429, true), (408, true), (400, false), (404, false), (302, false)] {
            let (outcome, _) = sent(status).await;
            assert_eq!(matches!(outcome, Err(NotifyError::Again(_))), again, "{status}");
            assert_eq!(matches!(outcome, Err(NotifyError::Refused(code)) if code == status), !again, "{status}");
        }
    }
}
