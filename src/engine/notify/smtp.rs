//! A mail server as the way out.

use std::{io, time::Duration};

use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor, message::Mailbox};

use super::{Message, Notifier, NotifyError, email};

/// A server that does not answer for so long is tried again later.
const PATIENCE: Duration = Duration::from_secs(20);

/// Hands e-mail to a mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// A way to the server of `url`, as [`Settings::smtp_url`](super::Settings::smtp_url) explains it.
    ///
    /// # Errors
    /// When the address cannot be used, in words that do not repeat it: it holds a password.
    pub fn new(url: &str, from: Mailbox) -> Result<Self, String> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| "notify.smtp_url cannot be used".to_owned())?;
        Ok(Self { transport: builder.timeout(Some(PATIENCE)).build(), from })
    }
}

#[async_trait::async_trait]
impl Notifier for Smtp {
    async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        let mail = email::composed(message, &self.from)?;
        match self.transport.send(mail).await {
            Ok(_) => Ok(()),
            // RFC 5321, section 4.2.1: 5yz will not get better by itself.
            Err(error) if error.is_permanent() => Err(NotifyError::Refused(error.status().map_or(0, u16::from))),
            Err(error) => {
                Err(NotifyError::Again(io::Error::other(if error.is_timeout() { "the mail server did not answer" } else { "the mail server was not reached" })))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    use super::*;
    use crate::{
        base::Pii,
        engine::notify::{Invite, Kind, Settings},
    };

    /// A mail server of one conversation: answers every command with `reply` where it begins with `at`, keeps what it was told.
    async fn server(at: &'static str, reply: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("smtp://{}", listener.local_addr().expect("bound"));
        let told = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a client");
            let (from, mut to) = stream.into_split();
            let mut lines = BufReader::new(from).lines();
            let (mut told, mut in_data) = (String::new(), false);
            to.write_all(b"220 mail.test ESMTP\r\n").await.expect("written");
            while let Ok(Some(line)) = lines.next_line().await {
                told.push_str(&line);
                told.push('\n');
                if in_data && line != "." {
                    continue;
                }
                in_data = line == "DATA" && !line.starts_with(at);
                let answer = if line.starts_with(at) {
                    reply
                } else if in_data {
                    "354 go on"
                } else if line == "QUIT" {
                    "221 bye"
                } else {
                    "250 fine"
                };
                if to.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() || line == "QUIT" {
                    break;
                }
            }
            told
        });
        (url, told)
    }

    fn message() -> Message {
        Message {
            kind: Kind::Email,
            name: "booking-1".to_owned(),
            to: Pii::new("khai@example.org".to_owned()),
            subject: "Lịch hẹn".to_owned(),
            text: Pii::new("one\ntwo".to_owned()),
            invite: Some(Invite { method: "REQUEST", ics: Pii::new("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned()) }),
            at: "2026-03-02T02:00:00Z".parse().expect("an instant"),
        }
    }

    async fn sent(at: &'static str, reply: &'static str) -> (Result<(), NotifyError>, String) {
        let (url, told) = server(at, reply).await;
        let smtp = Smtp::new(&url, Settings::default().sender().expect("a sender")).expect("an address");
        let outcome = smtp.send(&message()).await;
        drop(smtp);
        (outcome, told.await.expect("a conversation"))
    }

    #[tokio::test]
    async fn the_server_gets_the_mail_with_its_invitation() {
        let (outcome, told) = sent("never", "").await;
        outcome.expect("sent");
        for part in [
            "RCPT TO:<khai@example.org>",
            "Message-ID: <booking-1@localhost.localdomain>",
            "method=REQUEST",
            "Date: Mon, 02 Mar 2026 02:00:00",
            "BEGIN:VCALENDAR",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
    }

    #[tokio::test]
    async fn a_refusal_for_good_is_not_tried_again_and_a_busy_server_is() {
        assert!(matches!(sent("RCPT", "550 no such user").await.0, Err(NotifyError::Refused(550))));
        let (busy, _) = sent("RCPT", "451 later").await;
        let Err(NotifyError::Again(why)) = busy else { panic!("{busy:?}") };
        assert!(!why.to_string().contains("khai"), "no personal data in {why}");
    }
}
