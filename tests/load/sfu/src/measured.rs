//! What a process used, and what a run came to.

use std::{
    collections::BTreeMap,
    process::Child,
    time::{Duration, Instant},
};

use nix::{time::clock_getcpuclockid, unistd::Pid};

/// CPU seconds and resident KiB of a process.
pub fn usage(child: &Child) -> (f64, f64) {
    let clock = clock_getcpuclockid(Pid::from_raw(child.id().try_into().unwrap())).unwrap();
    let used: Duration = clock.now().unwrap().into();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap().trim().trim_end_matches(" kB").parse().unwrap();
    (used.as_secs_f64(), rss)
}

/// One run of a load against one process.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Run {
    /// Calls at once.
    pub calls: usize,
    /// Packets sent to it.
    pub sent: u64,
    /// Packets that came back out of it.
    pub received: u64,
    /// CPU seconds it used meanwhile.
    pub cpu_s: f64,
    /// How long the measurement took.
    pub wall_s: f64,
    /// µs of CPU per packet that came out.
    pub us_per_packet: f64,
    /// Share of a core per call, percent.
    pub core_percent_per_call: f64,
    /// Share lost, percent.
    pub loss_percent: f64,
    /// 99th percentile of the time from sending to receiving, clients' own delays included, ms.
    pub p99_delay_ms: f64,
    /// Resident MiB at the end.
    pub rss_mb: f64,
    /// MiB per call more than before the first.
    pub rss_per_call_mb: f64,
}

/// What was sent in a span of time, how much of it arrived, whenever that was, and after how long (in buckets of 50 µs).
#[derive(Default)]
pub struct Span {
    span: Option<(Instant, Instant)>,
    pub sent: u64,
    pub arrived: u64,
    delays: BTreeMap<u64, u64>,
}

impl Span {
    pub fn of(from: Instant, length: Duration) -> Self {
        Self { span: Some((from, from + length)), ..Self::default() }
    }

    fn has(&self, at: Instant) -> bool {
        self.span.is_some_and(|(from, until)| from <= at && at < until)
    }

    pub fn sent(&mut self, at: Instant) {
        self.sent += u64::from(self.has(at));
    }

    pub fn arrived(&mut self, sent: Instant, now: Instant) {
        if self.has(sent) {
            self.arrived += 1;
            let micros = u64::try_from(now.saturating_duration_since(sent).as_micros()).unwrap();
            *self.delays.entry(micros / 50).or_default() += 1;
        }
    }

    /// 99th percentile in ms.
    pub fn p99(&self) -> f64 {
        let all: u64 = self.delays.values().sum();
        let mut seen = 0;
        let bucket = self.delays.iter().find(|(_, count)| {
            seen += **count;
            seen * 100 >= all * 99
        });
        bucket.map_or(0.0, |(bucket, _)| *bucket as f64 * 0.05)
    }
}
