//! `visavis probe URL`: somebody outside who calls, so that an operator knows that calls work before customers do.
//!
//! The probe signs in with an account of the role `probe`, opens a call with itself, and is both ends of it on a media
//! stack that is not the server's (the `webrtc` crate): over UDP, over TCP, and through TURN where the server hands out
//! credentials. It measures how long it takes until both ends see media, what is lost, and how long a packet travels from
//! one end through the server to the other; then it hangs up and waits until the recording is filed.
//!
//! It knows the server's address and protocol, nothing of the house: its only way in is the network. Start reading at
//! [`run`], then `call.rs` for one call; `peer.rs` is also the independent peer of the media tests.

mod call;
mod pattern;
mod peer;
mod report;
mod site;

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::Args;

pub use peer::{Arrived, Channel, Inbox, Kind, Peer, Relay, Route};
pub use report::{CallFigures, Leg, Report};

use call::Caller;
use site::{Site, Visitor};

/// What to probe and how.
#[derive(Args, Debug, Clone)]
pub struct ProbeOptions {
    /// Address of the server: https://ident.bank.example
    pub url: String,
    /// Account with the role `probe`; --calls N needs NAME, NAME-2, … NAME-N (`staff add --role probe --count N`)
    #[arg(long, default_value = "probe")]
    pub name: String,
    /// File with the password of the account(s); without it the first line of standard input
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Ways to take, one after the other: udp, tcp, turn; may be given several times. All unless given
    #[arg(long = "route", value_name = "ROUTE")]
    pub routes: Vec<RouteName>,
    /// Calls at once per way
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub calls: u16,
    /// How long each call lasts once it is up
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub seconds: u16,
    /// Video per end in kbit/s
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(50..=5000))]
    pub kbps: u32,
    /// Also believe certificates signed by this one (PEM)
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Not good when it takes longer until both ends see media, in ms
    #[arg(long, default_value_t = 5_000.0)]
    pub max_setup_ms: f64,
    /// Not good when a larger share of packets is lost, in percent
    #[arg(long, default_value_t = 2.0)]
    pub max_loss_percent: f64,
    /// Not good when the median way from end to end takes longer, in ms
    #[arg(long, default_value_t = 400.0)]
    pub max_delay_ms: f64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The ways media can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteName {
    /// Straight, over UDP.
    Udp,
    /// Straight, over TCP (RFC 4571).
    Tcp,
    /// Through the TURN server the house hands out credentials for.
    Turn,
}

impl RouteName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Udp, Self::Tcp, Self::Turn];

    /// As typed and printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Turn => "turn",
        }
    }
}

/// Why a probe could not be made, or a call of it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The address is none.
    #[error("not an address: {0}")]
    BadUrl(String),
    /// A file cannot be read.
    #[error("{0}: {1}")]
    Unreadable(String, std::io::Error),
    /// The server cannot be reached.
    #[error("cannot reach the server: {0}")]
    Unreachable(String),
    /// The server answered otherwise than it should.
    #[error("{what}: the server said {said}")]
    Unexpected {
        /// What was asked.
        what: String,
        /// Status and code.
        said: String,
    },
    /// Something did not happen in time.
    #[error("{0} within {1:?}")]
    TooLate(&'static str, Duration),
    /// The media stack of the probe.
    #[error("the probe's own media: {0}")]
    Media(String),
    /// The server made no recording of the call.
    #[error("the recording was not filed: {0}")]
    NotFiled(String),
}

impl From<webrtc::error::Error> for ProbeError {
    fn from(error: webrtc::error::Error) -> Self {
        Self::Media(error.to_string())
    }
}

/// Probes; the report says what was found, good or not.
///
/// # Errors
/// Only when nothing can be probed at all: no address, no password, no sign-in.
pub async fn run(options: &ProbeOptions, password: &str) -> Result<Report, ProbeError> {
    let site = Arc::new(Site::parse(&options.url, options.ca.as_deref())?);
    let mut visitors = Vec::new();
    for number in 1..=options.calls {
        let name = if number == 1 { options.name.clone() } else { format!("{}-{number}", options.name) };
        visitors.push(Visitor::sign_in(&site, &name, password).await?);
    }
    let routes = if options.routes.is_empty() { RouteName::ALL.to_vec() } else { options.routes.clone() };
    let mut legs = Vec::new();
    for route in routes {
        let calls = visitors.iter().map(|visitor| {
            let caller = Caller { visitor: visitor.clone(), route, seconds: options.seconds, kbps: options.kbps };
            tokio::spawn(caller.call())
        });
        let mut figures = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            figures.push(call.await.unwrap_or_else(|died| Err(ProbeError::Media(died.to_string()))));
        }
        legs.push(Leg::of(route, figures));
    }
    Ok(Report::of(legs, options))
}
