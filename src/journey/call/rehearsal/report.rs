//! What a rehearsal found, as the page tells it. Pure.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::base::Timestamp;

/// Longest name of a browser or an app.
const NAME: usize = 40;

/// What a rehearsal found: `POST /api/v1/application/rehearsal`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
#[serde(deny_unknown_fields)]
pub struct Rehearsal {
    /// The browser, such as `safari_ios` or `chrome_android`.
    pub browser: String,
    /// The app the page is shown inside of, such as `zalo`, if it is.
    pub in_app: Option<String>,
    /// The camera.
    pub camera: CameraState,
    /// The light on the face.
    pub light: LightState,
    /// The microphone.
    pub microphone: MicrophoneState,
    /// Each way to the media server that was tried.
    pub routes: Vec<RouteResult>,
    /// The customer went on although something was wrong.
    pub went_on: bool,
}

/// How the camera is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum CameraState {
    /// A moving picture.
    Good,
    /// A picture of one dark colour.
    Black,
    /// The same picture again and again.
    Frozen,
    /// Not allowed.
    Denied,
    /// Another program uses it.
    InUse,
    /// There is none.
    Missing,
    /// It did not start, whatever the reason.
    Failed,
}

/// How the light is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum LightState {
    /// The face can be seen.
    Good,
    /// Too little.
    Dark,
    /// The light comes from behind.
    Backlit,
    /// Too much.
    Glaring,
    /// There was no picture to judge.
    Unknown,
}

/// How the microphone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum MicrophoneState {
    /// A voice was heard.
    Heard,
    /// It is there, and nobody spoke.
    Quiet,
    /// It gives nothing at all.
    Silent,
    /// There is none, or it is not allowed.
    Missing,
}

/// A way to the media server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum MediaRoute {
    /// Straight, over UDP.
    Udp,
    /// Straight, over TCP.
    Tcp,
    /// Through a TURN server.
    Relay,
}

/// How a way is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[ts(export, export_to = "wire.ts")]
#[serde(deny_unknown_fields)]
pub struct RouteResult {
    /// Which.
    pub route: MediaRoute,
    /// Whether a connection came about.
    pub is_open: bool,
    /// From the offer to the open channel, in ms.
    pub setup_ms: Option<f32>,
    /// Median round trip in ms.
    pub rtt_ms: Option<f32>,
    /// Mean difference between round trips that follow each other, in ms.
    pub jitter_ms: Option<f32>,
    /// Share of messages that did not come back, 0…1.
    pub loss: Option<f32>,
    /// What arrives at the server, kbit/s; measured on the way a call would take, up to what a call needs.
    pub uplink_kbps: Option<f32>,
}

impl Rehearsal {
    /// Whether every name is short and plain, every number possible, every way told once.
    pub fn is_plausible(&self) -> bool {
        let is_name =
            |name: &str| (1..=NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let once = self.routes.iter().enumerate().all(|(at, result)| self.routes[..at].iter().all(|earlier| earlier.route != result.route));
        is_name(&self.browser) && self.in_app.as_deref().is_none_or(is_name) && once && self.routes.iter().all(RouteResult::is_plausible)
    }
}

impl RouteResult {
    fn is_plausible(&self) -> bool {
        let within = |value: Option<f32>, most: f32| value.is_none_or(|value| value.is_finite() && (0.0..=most).contains(&value));
        let times = [self.setup_ms, self.rtt_ms, self.jitter_ms].iter().all(|value| within(*value, 60_000.0));
        times && within(self.loss, 1.0) && within(self.uplink_kbps, 1_000_000.0)
    }
}

/// A rehearsal as filed, for the agent.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct RehearsalView {
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What the customer's page found.
    pub found: Rehearsal,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Rehearsal {
        let open = RouteResult {
            route: MediaRoute::Udp,
            is_open: true,
            setup_ms: Some(80.0),
            rtt_ms: Some(20.0),
            jitter_ms: Some(1.0),
            loss: Some(0.0),
            uplink_kbps: Some(2_000.0),
        };
        let shut = RouteResult { route: MediaRoute::Relay, is_open: false, setup_ms: None, rtt_ms: None, jitter_ms: None, loss: None, uplink_kbps: None };
        Rehearsal {
            browser: "safari_ios".into(),
            in_app: None,
            camera: CameraState::Good,
            light: LightState::Backlit,
            microphone: MicrophoneState::Heard,
            routes: vec![open, shut],
            went_on: false,
        }
    }

    #[test]
    fn only_what_can_be_is_filed() {
        assert!(found().is_plausible());
        for name in ["", "Nguyễn", "a b", &"a".repeat(41), "<b>"] {
            assert!(!Rehearsal { browser: name.to_owned(), ..found() }.is_plausible(), "{name}");
            assert!(!Rehearsal { in_app: Some(name.to_owned()), ..found() }.is_plausible(), "{name}");
        }
        for (rtt, loss) in [(f32::NAN, 0.0), (-1.0, 0.0), (1.0, 1.1), (f32::INFINITY, 0.0), (70_000.0, 0.0)] {
            let mut wrong = found();
            (wrong.routes[0].rtt_ms, wrong.routes[0].loss) = (Some(rtt), Some(loss));
            assert!(!wrong.is_plausible(), "{rtt} {loss}");
        }
        let mut twice = found();
        twice.routes.push(twice.routes[0]);
        assert!(!twice.is_plausible());
    }
}
