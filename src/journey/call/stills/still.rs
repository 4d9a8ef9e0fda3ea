//! A photograph that was asked for: its life. Pure.
//!
//! ```text
//! asked ─a picture whose hash is right→ filed
//!   ├──the customer would rather not──→ declined
//!   ├──it is no picture───────────────→ refused
//!   └──asked anew, taken back, call over→ withdrawn
//! ```

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::base::{
    Timestamp,
    id::{CallId, DossierId, StaffId, StillId},
};

/// Which camera, in the words of the browser's constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Camera {
    /// Towards the customer.
    User,
    /// Away from the customer.
    Environment,
}

/// Where a photograph stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum StillState {
    /// The customer's page is to take it.
    Asked,
    /// It is in the file.
    Filed,
    /// The customer, or the customer's page, did not give it.
    Declined,
    /// What came is no picture.
    Refused,
    /// Not wanted any more.
    Withdrawn,
}

/// How it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum StillWay {
    /// Over a data channel of the call.
    Channel,
    /// Over HTTPS.
    Upload,
}

macro_rules! names {
    ($kind:ident: $($variant:ident = $name:literal),+) => {
        impl $kind {
            /// The name in the database.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
        impl std::str::FromStr for $kind {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($name => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }
    };
}

names!(Camera: User = "user", Environment = "environment");
names!(StillState: Asked = "asked", Filed = "filed", Declined = "declined", Refused = "refused", Withdrawn = "withdrawn");
names!(StillWay: Channel = "channel", Upload = "upload");

/// Why a customer's page gave no photograph.
pub const DECLINED: [&str; 3] = ["not_now", "no_camera", "failed"];

/// A photograph as filed: its pixels, and what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::journey::call) struct Kept {
    pub(in crate::journey::call) way: StillWay,
    pub(in crate::journey::call) sent_sha256: String,
    pub(in crate::journey::call) sent_size: u64,
    pub(in crate::journey::call) path: String,
    pub(in crate::journey::call) sha256: String,
    pub(in crate::journey::call) size: u64,
    pub(in crate::journey::call) width: u32,
    pub(in crate::journey::call) height: u32,
}

/// A photograph of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Still {
    /// Its id.
    pub id: StillId,
    /// In which call.
    pub call: CallId,
    /// Whose file.
    pub dossier: DossierId,
    /// Who asked.
    pub agent: StaffId,
    /// Where it stands.
    pub state: StillState,
    /// Why it was declined, refused or withdrawn.
    pub reason: Option<String>,
    /// Of which camera.
    pub camera: Camera,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The same on the time of the recording, in ms.
    pub asked_media_ms: i64,
    /// When it ended, on the time of the recording.
    pub ended_media_ms: Option<i64>,
    pub(in crate::journey::call) kept: Option<Kept>,
}

/// A photograph as pages see it; the picture: `GET /api/v1/stills/{id}/image` (staff).
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct StillView {
    /// Its id.
    pub id: StillId,
    /// Where it stands.
    pub state: StillState,
    /// Why it was declined (`not_now`, `no_camera`, `failed`), refused (`not_a_picture`, `too_many_pixels`) or withdrawn
    /// (`asked_anew`, `taken_back`, `call_over`).
    pub reason: Option<String>,
    /// Of which camera.
    pub camera: Camera,
    /// When it was asked for.
    #[ts(type = "string")]
    pub asked_at: Timestamp,
    /// Media time of the question in ms.
    pub media_ms: i64,
    /// How it came.
    pub way: Option<StillWay>,
    /// SHA-256 of what was sent, hex: made by both ends.
    pub sent_sha256: Option<String>,
    /// SHA-256 of what is filed, hex: the same pixels without what a camera writes beside them.
    pub sha256: Option<String>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
}

impl Still {
    /// As pages see it.
    pub fn view(&self) -> StillView {
        let kept = self.kept.as_ref();
        StillView {
            id: self.id,
            state: self.state,
            reason: self.reason.clone(),
            camera: self.camera,
            asked_at: self.asked_at,
            media_ms: self.asked_media_ms,
            way: kept.map(|kept| kept.way),
            sent_sha256: kept.map(|kept| kept.sent_sha256.clone()),
            sha256: kept.map(|kept| kept.sha256.clone()),
            width: kept.map(|kept| kept.width),
            height: kept.map(|kept| kept.height),
        }
    }

    /// Whether its picture is in the file.
    pub fn is_filed(&self) -> bool {
        self.state == StillState::Filed
    }

    /// The still after it ended; `None` when it had ended before.
    #[must_use]
    pub(in crate::journey::call) fn ended(self, state: StillState, reason: Option<&str>, kept: Option<Kept>, now: Timestamp) -> Option<Self> {
        if self.state != StillState::Asked || state == StillState::Asked {
            return None;
        }
        let ended_media_ms = Some(self.asked_media_ms + (now - self.asked_at).num_milliseconds().max(0));
        Some(Self { state, reason: reason.map(str::to_owned), ended_media_ms, kept, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Ambient;

    #[test]
    fn a_still_ends_once() {
        let ambient = Ambient::system();
        let now = ambient.now();
        let asked = Still {
            id: ambient.id(),
            call: ambient.id(),
            dossier: ambient.id(),
            agent: ambient.id(),
            state: StillState::Asked,
            reason: None,
            camera: Camera::Environment,
            asked_at: now,
            asked_media_ms: 5_000,
            ended_media_ms: None,
            kept: None,
        };
        let all = [StillState::Asked, StillState::Filed, StillState::Declined, StillState::Refused, StillState::Withdrawn];
        for from in all {
            for to in all {
                let next = Still { state: from, ..asked.clone() }.ended(to, Some("x"), None, now + chrono::Duration::seconds(2));
                let may = from == StillState::Asked && to != StillState::Asked;
                assert_eq!(next.as_ref().map(|still| still.ended_media_ms), may.then_some(Some(7_000)), "{from:?} → {to:?}");
            }
        }
        for state in all {
            assert_eq!(state.name().parse(), Ok(state));
        }
    }
}
