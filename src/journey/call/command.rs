//! What pages say on the live socket. Parsed from whatever a stranger sends: knows nothing but its own words.

use serde::Deserialize;
use ts_rs::TS;

use super::stills::still::Camera;
use crate::base::{Pii, id::CallId};

/// What a page says on the live socket (`GET /api/v1/live/customer`, `GET /api/v1/live/staff`). At most 64 KiB each.
#[derive(Debug, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum LiveCommand {
    /// I am here; every 5 s. Answered with `pong`.
    Ping,
    /// SDP offer for this call; also after a reload and for an ICE restart.
    Offer {
        /// The call.
        call_id: CallId,
        /// From `CallView`; an older page is told `superseded`.
        epoch: i64,
        /// One sendrecv audio and one sendrecv video section.
        sdp: String,
    },
    /// A line of chat, 1…1000 characters.
    Chat {
        /// The call.
        call_id: CallId,
        /// What.
        text: Pii<String>,
    },
    /// To the customer's page, from the agent: show this camera, with or without its lamp.
    AskCamera {
        /// The call.
        call_id: CallId,
        /// Which.
        camera: Camera,
        /// Whether its lamp should be on.
        torch: bool,
    },
    /// From the customer's page: which camera is on.
    Camera {
        /// The call.
        call_id: CallId,
        /// Which.
        camera: Camera,
        /// Whether it has a lamp.
        has_torch: bool,
        /// Whether the lamp is on.
        torch: bool,
        /// Why the one that was asked for is not on: `denied`, `in_use`, `none`, `unknown`.
        trouble: Option<String>,
    },
    /// How the call looks from here, every 2 s.
    Quality {
        /// The call.
        call_id: CallId,
        /// Round trip in ms.
        rtt_ms: f32,
        /// Share of packets lost on the way here, 0…1.
        loss: f32,
        /// Jitter in ms.
        jitter_ms: f32,
        /// Received video, kbit/s.
        video_kbps: f32,
        /// Share of packets of sound lost, 0…1.
        #[serde(default)]
        audio_loss: f32,
        /// How long sound waits before it is played, in ms.
        #[serde(default)]
        playout_ms: f32,
        /// Sent video, kbit/s.
        #[serde(default)]
        sent_kbps: f32,
        /// How often the picture stood still since the report before.
        #[serde(default)]
        freezes: u32,
        /// For how long, in ms.
        #[serde(default)]
        frozen_ms: f32,
    },
}
