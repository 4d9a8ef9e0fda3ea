//! Messages to people outside: one trait, several ways out. [`Smtp`] hands e-mail to a mail server, [`SmsWebhook`] text messages to
//! a gateway, [`Folder`] lays every message down as a file, for set-ups without either and for tests. [`way_out`] chooses by the
//! settings. A message never goes to the log.
//!
//! It must not know why somebody is written to. Start reading at [`Notifier`].

use std::{path::PathBuf, sync::Arc};

mod email;
mod folder;
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
