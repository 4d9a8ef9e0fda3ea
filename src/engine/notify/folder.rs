//! A folder as the way out: one file per message, readable by the server's user only.

use std::path::PathBuf;

use tokio::io::AsyncWriteExt;

use super::{Kind, Message, Notifier, NotifyError};

/// Lays messages down as `<kind>-<name>.eml` or `.txt`.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A folder, made with the first message.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

#[async_trait::async_trait]
impl Notifier for Folder {
    async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        let name: String = message.name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let text = rendered(message)?;
        let (kind, ending) = (message.kind.name(), if message.kind == Kind::Email { "eml" } else { "txt" });
        let place = self.path.join(format!("{kind}-{name}.{ending}"));
        let draft = self.path.join(format!(".{kind}-{name}.part"));
        tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.path).await.map_err(NotifyError::Again)?;
        let mut file = tokio::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).await.map_err(NotifyError::Again)?;
        file.write_all(text.as_bytes()).await.map_err(NotifyError::Again)?;
        file.sync_all().await.map_err(NotifyError::Again)?;
        tokio::fs::rename(&draft, &place).await.map_err(NotifyError::Again)
    }
}

/// An RFC 5322 message, or the number and the text. A line break in an address or a subject would begin a header.
fn rendered(message: &Message) -> Result<String, NotifyError> {
    let to = message.to.expose();
    if to.is_empty() || to.len() > 320 || to.chars().any(char::is_control) || message.subject.chars().any(char::is_control) {
        return Err(NotifyError::BadAddress);
    }
    let text = message.text.expose();
    Ok(match message.kind {
        Kind::Email => format!(
            "To: {to}\r\nSubject: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            encoded_word(&message.subject),
            text.replace('\n', "\r\n")
        ),
        Kind::Sms => format!("{to}\n\n{text}\n"),
    })
}

/// RFC 2047 for subjects beyond ASCII.
fn encoded_word(subject: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    if subject.is_ascii() { subject.to_owned() } else { format!("=?utf-8?B?{}?=", STANDARD.encode(subject)) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::base::Pii;

    fn message(to: &str) -> Message {
        Message {
            kind: Kind::Email,
            name: "0a-1".to_owned(),
            to: Pii::new(to.to_owned()),
            subject: "Lịch hẹn".to_owned(),
            text: Pii::new("one\ntwo".to_owned()),
        }
    }

    #[tokio::test]
    async fn a_message_is_one_private_file_however_often_it_is_sent() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(home.path().join("notify"));
        for _ in 0..2 {
            folder.send(&message("a@example.org")).await.expect("sent");
        }
        let files: Vec<_> = std::fs::read_dir(home.path().join("notify")).expect("made").map(|file| file.expect("readable")).collect();
        assert_eq!(files.iter().map(|file| file.file_name().into_string().expect("a name")).collect::<Vec<_>>(), ["email-0a-1.eml"]);
        assert_eq!(files[0].metadata().expect("there").permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(files[0].path()).expect("readable");
        assert!(text.starts_with("To: a@example.org\r\nSubject: =?utf-8?B?") && text.ends_with("\r\n\r\none\r\ntwo\r\n"), "{text}");
    }

    #[tokio::test]
    async fn an_address_cannot_smuggle_a_header() {
        let home = tempfile::tempdir().expect("a folder");
        let sent = Folder::new(home.path().to_owned()).send(&message("a@example.org\r\nBcc: b@example.org")).await;
        assert!(matches!(sent, Err(NotifyError::BadAddress)));
    }
}
