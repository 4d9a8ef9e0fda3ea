//! The selective forwarding unit: two participants in a room see and hear each other, and everything they send is put
//! on tape.
//!
//! Others may look on: an observer takes a seat from [`FIRST_OBSERVER`] on, receives both participants and sends nothing; neither
//! what it receives badly nor how its session ends reaches the two.
//!
//! The browser offers, the server answers: one audio and one video section per participant, VP8 and Opus, data channels for
//! what an [`Ear`] of the caller hears, ICE-lite, one UDP port for everybody and one TCP port (RFC 4571 framing) for networks that let no UDP through. Packets are passed
//! on as they are; only numbers that differ per leg are changed. Browsers that can send each sound twice (RFC 2198); one who
//! cannot take that gets it plain; and a browser that can sends a small layer of its pictures beside the large one while the other
//! end needs it (`layers.rs`). The ways of an ICE restart rank before those of before it (`rounds.rs`), so that a browser moves at
//! once. A participant gets media only when its [`Tap`] is there.
//!
//! `core.rs` is a machine without sockets or clock: fed with packets and the time, drained of packets and events; start
//! reading there. `driver.rs` feeds each of several from a thread of its own, `udp.rs` many packets per system call; calls are pinned to
//! threads, and `directory.rs` knows which packet is for which. A participant whose stack fails loses its call, never the others.
//! Rooms and seats are numbers: what a call, a customer or an agent is, this room does not know.

mod addresses;
mod core;
mod directory;
mod downlink;
mod driver;
mod even;
mod keyframes;
mod layers;
mod leg;
mod machine;
mod measure;
mod offer;
mod patience;
mod red;
mod rounds;
mod said;
mod seat;
mod sockets;
mod splice;
mod stun;
mod tap;
mod tcp;
#[cfg(test)]
mod tests;
mod udp;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

pub use machine::{Drained, Machine};
pub use red::{Earlier, Redundant};
pub use said::{Ear, Listener, Reply, Said};
pub use tap::{Kind, Packet, Report, Tap, Tape};

/// Where the SFU listens and what it tells browsers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SfuSettings {
    /// The UDP port of all media. Port 0 takes a free one.
    pub udp: SocketAddr,
    /// The TCP port for networks without UDP.
    pub tcp: SocketAddr,
    /// Whether there is a TCP port at all.
    pub tcp_enabled: bool,
    /// Addresses browsers are told. Empty: the address listened on; listening on all, loopback and the address that
    /// leads out of this machine.
    pub advertise: Vec<IpAddr>,
    /// How many participants at once.
    pub max_participants: usize,
    /// Media threads that calls are spread over. 0: one per processor.
    pub threads: usize,
}

impl SfuSettings {
    /// Free ports on loopback, for tests.
    pub fn loopback() -> Self {
        Self { udp: ([127, 0, 0, 1], 0).into(), tcp: ([127, 0, 0, 1], 0).into(), ..Self::default() }
    }
}

impl Default for SfuSettings {
    fn default() -> Self {
        Self { udp: ([0, 0, 0, 0], 8189).into(), tcp: ([0, 0, 0, 0], 8189).into(), tcp_enabled: true, advertise: Vec::new(), max_participants: 400, threads: 0 }
    }
}

/// Seats from here on are observers'.
pub const FIRST_OBSERVER: u8 = 2;

/// A participant wants in, again, or elsewhere in the network (ICE restart).
pub struct Join {
    /// Which room.
    pub room: u128,
    /// Which seat: 0 the customer, 1 the agent, from [`FIRST_OBSERVER`] on somebody who looks on.
    pub seat: u8,
    /// SDP offer. An observer's has two sections of sound and two of pictures, of the customer and of the agent in this order, all
    /// to be received only.
    pub offer: String,
    /// Where to record what the participant sends. Needed for a new session; an offer of the session that is live keeps
    /// the tap it has. Observers send nothing and need none.
    pub tap: Option<Tap>,
    /// Who hears what the participant says on data channels; kept like the tap. Without one nobody listens.
    pub ear: Option<Ear>,
}

/// Why a participant does not get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// Not an SDP offer of at most one audio, one video and one data section, in VP8 and Opus.
    #[error("the offer cannot be answered")]
    BadOffer,
    /// A new session without a recorder.
    #[error("there is no recorder")]
    NoTap,
    /// Too many participants, or nobody in the room to observe.
    #[error("no seat is free")]
    Full,
    /// The SFU has stopped.
    #[error("the media server has stopped")]
    Stopped,
}

/// News about a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SfuEvent {
    /// Which room.
    pub room: u128,
    /// Which seat.
    pub seat: u8,
    /// What.
    pub what: What,
}

/// What happened to a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Packets can flow, for the first time or again.
    Connected,
    /// The first packet of a kind arrived.
    Media(Kind),
    /// Nothing arrives any more; it may come back, by itself or with an ICE restart.
    Disconnected,
    /// The session is over: closed by the browser, replaced, left or failed. Not told of a session replaced by a new join.
    Gone,
    /// What arrives cannot be recorded any more.
    RecorderFailed,
    /// How the way to the participant was in the last seconds.
    Measured(Measured),
}

/// The way between a participant and us over some seconds, as we see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// Round trip in µs.
    pub rtt_us: u32,
    /// Packets lost on the way here, in millionths: the worse of sound and picture.
    pub loss_ppm: u32,
    /// Jitter of sound in µs.
    pub jitter_us: u32,
    /// Pictures that came, kbit/s.
    pub video_kbps: u32,
    /// What was sent to the participant, kbit/s.
    pub sent_kbps: u32,
    /// Packets of sound that were none and were dropped.
    pub malformed: u32,
}

/// The door. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct Sfu(Arc<sockets::Handle>);

impl Sfu {
    /// Binds the ports and starts the media threads.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub fn start(settings: &SfuSettings) -> io::Result<Self> {
        Ok(Self(Arc::new(sockets::start(settings)?)))
    }

    /// Answers an offer. A new session takes the seat from the one before it; an offer of the live session changes that.
    ///
    /// # Errors
    /// [`JoinError`]; the live session, if any, goes on.
    pub async fn join(&self, join: Join) -> Result<String, JoinError> {
        self.0.join(join).await
    }

    /// Frees a seat.
    pub fn leave(&self, room: u128, seat: u8) {
        self.0.leave(room, seat);
    }

    /// Frees all seats of a room; their tapes end.
    pub fn close(&self, room: u128) {
        self.0.close(room);
    }

    /// Says something to a participant on its data channel of this label, if it has one that has room for it.
    pub fn say(&self, room: u128, seat: u8, label: &'static str, text: String) {
        self.0.say(room, seat, label, text);
    }

    /// News from now on. A listener 1024 behind misses some.
    pub fn subscribe(&self) -> broadcast::Receiver<SfuEvent> {
        self.0.subscribe()
    }

    /// The UDP port, and the TCP port if there is one.
    pub fn ports(&self) -> (u16, Option<u16>) {
        self.0.ports
    }
}
