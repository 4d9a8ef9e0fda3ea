//! Playing a recording: the line in the journal comes before the first byte.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::Duration;
use serde::Deserialize;

use super::{RecordError, Recordings, store};
use crate::{
    base::{
        Timestamp,
        id::{CallId, SessionId, StaffId},
    },
    journey::review::wire::RecordingFile,
    registry::audit::{self, Act, Actor},
};

/// How long a look lasts: a range asked for within this time of the last one belongs to the same look.
const SAME_LOOK: Duration = Duration::minutes(10);

/// Why somebody looks at evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Checking one's own or a colleague's work.
    Review,
    /// The customer complained.
    Complaint,
    /// An audit.
    Audit,
    /// An authority asked.
    LegalRequest,
}

impl Purpose {
    /// The code in the journal.
    pub fn code(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Complaint => "complaint",
            Self::Audit => "audit",
            Self::LegalRequest => "legal_request",
        }
    }
}

/// Who looks, from which signed-in browser, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub staff: StaffId,
    /// Which sign-in.
    pub session: SessionId,
    /// Why.
    pub purpose: Purpose,
}

type Look = (SessionId, CallId, String, &'static str);

/// Which looks are going on, in this process. Forgetting one only means one more line in the journal.
#[derive(Clone, Default)]
pub(super) struct Watching(Arc<Mutex<HashMap<Look, Timestamp>>>);

impl Watching {
    /// Whether a request at `start` begins a new look, and remembers it.
    fn begins(&self, look: Look, start: u64, now: Timestamp) -> bool {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.retain(|_, last| now - *last <= SAME_LOOK);
        looks.insert(look, now).is_none() || start == 0
    }

    fn forget(&self, look: &Look) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(look);
    }
}

impl Recordings {
    /// One file of a recording, by name.
    ///
    /// # Errors
    /// [`RecordError::Unknown`] when there is none, [`RecordError::Db`].
    pub async fn file(&self, call: CallId, name: &str) -> Result<RecordingFile, RecordError> {
        Ok(self.filed(call, name).await?.file)
    }

    /// Writes `recording.viewed` into the journal unless `viewer` is in the middle of the same look: the same session
    /// has asked for the same file and purpose within ten minutes, and this request does not start at the beginning.
    /// Call it before the first byte leaves.
    ///
    /// # Errors
    /// Any means that nothing may be shown.
    pub async fn note_view(&self, call: CallId, name: &str, start: u64, viewer: Viewer) -> Result<(), RecordError> {
        let recording = store::find(&self.db, call).await?.ok_or(RecordError::Unknown)?;
        let look = (viewer.session, call, name.to_owned(), viewer.purpose.code());
        if !self.watching.begins(look.clone(), start, self.ambient.now()) {
            return Ok(());
        }
        let act = Act {
            actor: Actor::Staff(viewer.staff),
            act: "recording.viewed",
            dossier: Some(recording.dossier),
            purpose: Some(viewer.purpose.code()),
            detail: serde_json::json!({ "call": call, "file": name }),
        };
        let written = async {
            let mut tx = self.db.begin().await?;
            audit::write(&mut tx, &self.ambient, act).await?;
            tx.commit().await
        };
        written.await.map_err(|error| {
            self.watching.forget(&look);
            error.into()
        })
    }

    /// At most `len` bytes of a file from byte `start`.
    ///
    /// # Errors
    /// [`RecordError::Unknown`], [`RecordError::Unreadable`], [`RecordError::Db`].
    pub async fn read(&self, call: CallId, name: &str, start: u64, len: usize) -> Result<Vec<u8>, RecordError> {
        let path = self.filed(call, name).await?.path;
        self.vault.read_range(&path, start, len).await.map_err(RecordError::Unreadable)
    }

    async fn filed(&self, call: CallId, name: &str) -> Result<store::FiledFile, RecordError> {
        store::files(&self.db, call).await?.into_iter().find(|filed| filed.file.name == name).ok_or(RecordError::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Ambient;

    #[test]
    fn a_look_is_noted_once_and_again_from_the_start() {
        let ambient = Ambient::system();
        let (watching, now) = (Watching::default(), ambient.now());
        let look: Look = (ambient.id(), ambient.id(), "film.mp4".into(), "review");
        let minutes = Duration::minutes;
        assert!(watching.begins(look.clone(), 500, now), "first, wherever it starts");
        assert!(!watching.begins(look.clone(), 900, now + minutes(9)));
        assert!(!watching.begins(look.clone(), 950, now + minutes(18)), "every request keeps the look going");
        assert!(watching.begins(look.clone(), 0, now + minutes(19)), "from the start is a new look");
        assert!(watching.begins(look.clone(), 10, now + minutes(30)), "too long ago");
        assert!(watching.begins((look.0, look.1, look.2, "audit"), 10, now + minutes(30)), "another purpose");
    }
}
