//! A folder as the way out: one file per message, readable by the server's user only.

use std::path::PathBuf;

use lettre::message::Mailbox;
use tokio::io::AsyncWriteExt;

use super::{Kind, Message, Notifier, NotifyError, email};
use crate::base::Pii;

/// Lays messages down as `<kind>-<name>.eml` or `.txt`.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    from: Mailbox,
}

impl Folder {
    /// A folder, made with the first message; e-mail is from `from`.
    pub fn new(path: PathBuf, from: Mailbox) -> Self {
        Self { path, from }
    }

    /// The e-mail, or the number and the text.
    fn rendered(&self, message: &Message) -> Result<Vec<u8>, NotifyError> {
        let to = message.to.expose();
        match message.kind {
            Kind::Email => Ok(email::composed(message, &self.from)?.formatted()),
            Kind::Sms if to.is_empty() || to.chars().any(char::is_control) => Err(NotifyError::BadAddress),
            Kind::Sms => Ok(format!("{to}\n\n{}\n", message.text.expose()).into_bytes()),
        }
    }
}

#[async_trait::async_trait]
impl Notifier for Folder {
    async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        let name: String = message.name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let text = self.rendered(message)?;
        let (kind, ending) = (message.kind.name(), if message.kind == Kind::Email { "eml" } else { "txt" });
        let place = self.path.join(format!("{kind}-{name}.{ending}"));
        let draft = self.path.join(format!(".{kind}-{name}.part"));
        tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.path).await.map_err(NotifyError::Again)?;
        let mut file = tokio::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).await.map_err(NotifyError::Again)?;
        file.write_all(&text).await.map_err(NotifyError::Again)?;
        file.sync_all().await.map_err(NotifyError::Again)?;
        tokio::fs::rename(&draft, &place).await.map_err(NotifyError::Again)
    }

    async fn forget(&self, words: &[Pii<String>]) -> Result<(), NotifyError> {
        let words: Vec<&[u8]> = words.iter().map(|word| word.expose().as_bytes()).filter(|word| !word.is_empty()).collect();
        let mut files = match tokio::fs::read_dir(&self.path).await {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            files => files.map_err(NotifyError::Again)?,
        };
        while let Some(file) = files.next_entry().await.map_err(NotifyError::Again)? {
            let text = tokio::fs::read(file.path()).await.map_err(NotifyError::Again)?;
            if words.iter().any(|word| text.windows(word.len()).any(|part| part == *word)) {
                tokio::fs::remove_file(file.path()).await.map_err(NotifyError::Again)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{base::Pii, engine::notify::Settings};

    fn folder(path: PathBuf) -> Folder {
        Folder::new(path, Settings::default().sender().expect("a sender"))
    }

    fn message(to: &str) -> Message {
        Message {
            kind: Kind::Email,
            name: "0a-1".to_owned(),
            to: Pii::new(to.to_owned()),
            subject: "Lịch hẹn".to_owned(),
            text: Pii::new("one\ntwo".to_owned()),
            invite: None,
            at: "2026-03-02T02:00:00Z".parse().expect("an instant"),
        }
    }

    #[tokio::test]
    async fn a_message_is_one_private_file_however_often_it_is_sent() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = folder(home.path().join("notify"));
        for _ in 0..2 {
            folder.send(&message("a@example.org")).await.expect("sent");
        }
        let files: Vec<_> = std::fs::read_dir(home.path().join("notify")).expect("made").map(|file| file.expect("readable")).collect();
        assert_eq!(files.iter().map(|file| file.file_name().into_string().expect("a name")).collect::<Vec<_>>(), ["email-0a-1.eml"]);
        assert_eq!(files[0].metadata().expect("there").permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(files[0].path()).expect("readable");
        assert!(text.contains("\r\nTo: a@example.org\r\nSubject: =?utf-8?b?") && text.ends_with("\r\n\r\none\r\ntwo\r\n"), "{text:?}");
    }

    #[tokio::test]
    async fn an_address_cannot_smuggle_a_header() {
        let home = tempfile::tempdir().expect("a folder");
        let sent = folder(home.path().to_owned()).send(&message("a@example.org\r\nBcc: b@example.org")).await;
        assert!(matches!(sent, Err(NotifyError::BadAddress)));
    }
}
