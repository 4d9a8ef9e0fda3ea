//! Messages to people outside: one trait, several ways out. [`Smtp`] hands e-mail to a mail server, [`SmsWebhook`] text messages to
//! a gateway, [`Folder`] lays every message down as a file, for set-ups without either and for tests. [`way_out`] chooses by the
//! settings. A message never goes to the log.
//!
//! It must not know why somebody is written to. Start reading at [`Notifier`].

use std::{path::PathBuf, sync::Arc};

mod email;
mod folder;
pub mod push;
mod settings;
mod sms;
mod smtp;

pub use folder::Folder;
pub use settings::Settings;
pub use sms::SmsWebhook;
pub use smtp::Smtp;

use crate::base::{Pii, Timestamp};

/// The way a message takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
}

impl Kind {
    /// The name in file names and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// One message.
#[derive(Debug, Clone)]
pub struct Message {
    /// The way it takes.
    pub kind: Kind,
    /// Names the message: sent again under the same name it is the same message. Letters, digits and dashes.
    pub name: String,
    /// Address or number.
    pub to: Pii<String>,
    /// Subject of an e-mail; empty for a text message.
    pub subject: String,
    /// Plain text.
    pub text: Pii<String>,
    /// An iCalendar object that goes with an e-mail.
    pub invite: Option<Invite>,
    /// When it was written.
    pub at: Timestamp,
}

/// An iCalendar object (RFC 5545) and what it asks of the reader's calendar (RFC 5546).
#[derive(Debug, Clone)]
pub struct Invite {
    /// `REQUEST` or `CANCEL`.
    pub method: &'static str,
    /// The object.
    pub ics: Pii<String>,
}

/// What the letters of a house have in common.
#[derive(Debug, Clone)]
pub struct Letterhead {
    /// The name customers know the house by.
    pub house: String,
    /// Its own e-mail address, the organizer of invitations.
    pub organizer: String,
    /// The address of the customer page, without a slash at the end.
    pub home: String,
}

/// What somebody typed as an address of a kind, as it is used; none when it cannot be one.
pub fn address_of(kind: Kind, typed: &str) -> Option<String> {
    match kind {
        Kind::Email => typed.trim().parse::<lettre::Address>().ok().map(|address| address.to_string()),
        Kind::Sms => {
            let number: String = typed.chars().filter(|c| !c.is_whitespace() && !"-.()".contains(*c)).collect();
            let digits = number.strip_prefix('+').unwrap_or(&number);
            ((6..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
        }
    }
}

/// Why a message did not go out. The texts hold no personal data.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// Worth another try.
    #[error("the message could not be handed over")]
    Again(#[source] std::io::Error),
    /// The address cannot be one.
    #[error("the address of the message is not one")]
    BadAddress,
    /// The mail server or gateway will not take it, now or later.
    #[error("the message was refused for good with code {0}")]
    Refused(u16),
}

/// A way out of the house.
#[async_trait::async_trait]
pub trait Notifier: Send + Sync {
    /// Hands one message over.
    async fn send(&self, message: &Message) -> Result<(), NotifyError>;

    /// Removes what was kept here of messages in which one of these words stands; what was handed over is not kept.
    async fn forget(&self, _words: &[Pii<String>]) -> Result<(), NotifyError> {
        Ok(())
    }
}

/// A way for each kind.
struct Ways {
    email: Arc<dyn Notifier>,
    sms: Arc<dyn Notifier>,
}

#[async_trait::async_trait]
impl Notifier for Ways {
    async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        match message.kind {
            Kind::Email => self.email.send(message).await,
            Kind::Sms => self.sms.send(message).await,
        }
    }

    async fn forget(&self, words: &[Pii<String>]) -> Result<(), NotifyError> {
        self.email.forget(words).await?;
        self.sms.forget(words).await
    }
}

/// The ways out that the settings name; what they do not name goes into `folder`.
///
/// # Errors
/// When an address in the settings cannot be used, in words for the operator.
pub fn way_out(settings: &Settings, folder: PathBuf) -> Result<Arc<dyn Notifier>, String> {
    let folder: Arc<dyn Notifier> = Arc::new(Folder::new(folder, settings.sender()?));
    let email: Arc<dyn Notifier> =
        if settings.smtp_url.is_empty() { Arc::clone(&folder) } else { Arc::new(Smtp::new(&settings.smtp_url, settings.sender()?)?) };
    let sms: Arc<dyn Notifier> = if settings.sms_url.is_empty() { folder } else { Arc::new(SmsWebhook::new(&settings.sms_url, &settings.sms_token)?) };
    Ok(Arc::new(Ways { email, sms }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_an_address_or_it_is_not() {
        let sms = |text| address_of(Kind::Sms, text);
        assert_eq!(sms(" +84 (90) 000-00.01 ").as_deref(), Some("+84900000001"));
        assert_eq!(sms("0900000001").as_deref(), Some("0900000001"));
        for wrong in ["", "+", "12345", "1234567890123456", "+84 9000x", "84+900000", "１２３４５６７"] {
            assert_eq!(sms(wrong), None, "{wrong}");
        }
        assert_eq!(address_of(Kind::Email, " mau@example.org ").as_deref(), Some("mau@example.org"));
        for wrong in ["", "mau", "a@b\r\nBcc: c@d", "Mau <mau@example.org>"] {
            assert_eq!(address_of(Kind::Email, wrong), None, "{wrong}");
        }
    }
}
