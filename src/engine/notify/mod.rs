//! Messages to people outside: one trait, several ways out. [`Folder`] lays every message down as a file, for
//! set-ups without a mail server and for tests; a message never goes to the log.
//!
//! It must not know why somebody is written to. Start reading at [`Notifier`].

mod folder;

pub use folder::Folder;

use crate::base::Pii;

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
}

/// A way out of the house.
#[async_trait::async_trait]
pub trait Notifier: Send + Sync {
    /// Hands one message over.
    async fn send(&self, message: &Message) -> Result<(), NotifyError>;
}
