//! A message as an e-mail (RFC 5322), the same for the mail server and for the folder.

use std::time::SystemTime;

use lettre::message::{Mailbox, MultiPart, SinglePart, header::ContentType};

use super::{Message, NotifyError};

/// Composes the e-mail. Its `Message-ID` comes from the message's name, so that a mail handed over twice is one mail to the reader.
/// An invitation stands beside the text as the alternative a calendar understands (RFC 6047, section 2.4).
pub(super) fn composed(message: &Message, from: &Mailbox) -> Result<lettre::Message, NotifyError> {
    let to: Mailbox = message.to.expose().parse().map_err(|_| NotifyError::BadAddress)?;
    let builder = lettre::Message::builder().from(from.clone()).to(to).subject(&message.subject).date(SystemTime::from(message.at)).message_id(Some(format!(
        "<{}@{}>",
        message.name,
        from.email.domain()
    )));
    let text = SinglePart::plain(message.text.expose().clone());
    let composed = match &message.invite {
        None => builder.singlepart(text),
        Some(invite) => {
            let kind = ContentType::parse(&format!("text/calendar; charset=utf-8; method={}", invite.method)).map_err(|_| NotifyError::BadAddress)?;
            builder.multipart(MultiPart::alternative().singlepart(text).singlepart(SinglePart::builder().header(kind).body(invite.ics.expose().clone())))
        }
    };
    composed.map_err(|_| NotifyError::BadAddress)
}
