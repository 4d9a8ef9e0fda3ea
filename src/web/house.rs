//! What every handler may reach: one door per room.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{limits::Limiter, live::Pages, settings::ServerSettings, wire::BrandView};
use crate::{
    base::{Ambient, db::Db},
    engine::{reader::Reader, sfu::Sfu, vault::Vault},
    journey::{booking::Bookings, call::Calls, checks::Checks, intake::Intake, queue::Queue, recording::Recordings, review::Review},
    registry::{
        letters::Letters,
        nodes::Nodes,
        outbox::{Hub, Relay},
        person::Persons,
        staff::Staff,
    },
};

/// The state of the service. Cheap to clone: every field is a handle.
#[derive(Clone)]
pub struct House {
    /// Clock and randomness.
    pub ambient: Ambient,
    /// The database.
    pub db: Db,
    /// Delivery to open pages.
    pub hub: Hub,
    /// Delivers what transactions left behind; nudge it after a commit.
    pub relay: Relay,
    /// The servers of the house.
    pub nodes: Nodes,
    /// How the front door is set up.
    pub server: Arc<ServerSettings>,
    /// What the pages need before anybody signs in.
    pub brand: Arc<BrandView>,
    /// Counts expensive requests per address.
    pub limiter: Limiter,
    /// Cancelled when the server no longer begins anything new.
    pub draining: CancellationToken,
    /// Sealed files.
    pub vault: Vault,
    /// Reads pictures in sandboxed children.
    pub reader: Reader,
    /// Passes media on.
    pub sfu: Sfu,
    /// People who work here.
    pub staff: Staff,
    /// Who files are about, and the negative list.
    pub persons: Persons,
    /// What became of letters.
    pub letters: Letters,
    /// Appointments.
    pub bookings: Bookings,
    /// The line and the agents' desks.
    pub queue: Queue,
    /// Calls and their two ends.
    pub calls: Calls,
    /// What is asked in a call.
    pub checks: Checks,
    /// Who has a page open.
    pub pages: Pages,
    /// What is kept of a call.
    pub recordings: Recordings,
    /// Decisions, and files found and opened.
    pub review: Review,
    /// From choosing a document to the confirmed form.
    pub intake: Intake,
}
