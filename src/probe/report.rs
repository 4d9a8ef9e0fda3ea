//! What a probe found: figures per call and way, and whether they are good. Pure.

use serde::Serialize;

use super::{ProbeError, ProbeOptions, RouteName};

/// One call.
#[derive(Debug, Clone, Default)]
pub struct CallFigures {
    /// From the first request until both ends had media, ms.
    pub setup_ms: f64,
    /// Packets sent by both ends.
    pub sent: u64,
    /// Packets that arrived at the other end.
    pub received: u64,
    /// From end to end through the server, µs.
    pub delays_us: Vec<u64>,
    /// From hanging up until the recording was filed, ms.
    pub filed_ms: f64,
    /// Files of the recording.
    pub files: usize,
}

/// All calls over one way.
#[derive(Debug, Clone, Serialize)]
pub struct Leg {
    /// Which way.
    pub route: RouteName,
    /// Calls that were made.
    pub calls: usize,
    /// Calls that did not work out, with the reason.
    pub failures: Vec<String>,
    /// The house offers no such way.
    pub is_absent: bool,
    /// Median until both ends had media, ms.
    pub setup_ms: f64,
    /// The slowest call's.
    pub setup_worst_ms: f64,
    /// Share of packets lost on the way through the server, percent.
    pub loss_percent: f64,
    /// Median time from end to end through the server, ms.
    pub delay_ms: f64,
    /// 99th percentile of the same.
    pub delay_p99_ms: f64,
    /// The slowest recording from hang-up to filed, ms.
    pub filed_ms: f64,
    /// Files of recordings.
    pub files: usize,
}

/// Everything found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Every way is good or absent, and one was there.
    pub is_good: bool,
    /// Way by way.
    pub legs: Vec<Leg>,
    /// What is not good, one sentence each.
    pub complaints: Vec<String>,
}

impl Leg {
    /// Sums up calls; `None` is a call that found the way absent.
    pub(super) fn of(route: RouteName, calls: Vec<Result<Option<CallFigures>, ProbeError>>) -> Self {
        let (mut good, mut failures, mut absent) = (Vec::new(), Vec::new(), 0);
        for call in calls {
            match call {
                Ok(Some(figures)) => good.push(figures),
                Ok(None) => absent += 1,
                Err(error) => failures.push(error.to_string()),
            }
        }
        let mut setups: Vec<f64> = good.iter().map(|call| call.setup_ms).collect();
        setups.sort_by(f64::total_cmp);
        let mut delays: Vec<u64> = good.iter().flat_map(|call| call.delays_us.iter().copied()).collect();
        delays.sort_unstable();
        let (sent, received): (u64, u64) = good.iter().fold((0, 0), |sum, call| (sum.0 + call.sent, sum.1 + call.received));
        Self {
            route,
            calls: good.len() + failures.len(),
            is_absent: absent > 0 && good.is_empty() && failures.is_empty(),
            failures,
            setup_ms: rank(&setups, 0.5),
            setup_worst_ms: rank(&setups, 1.0),
            loss_percent: if sent == 0 { 0.0 } else { 100.0 * real(sent.saturating_sub(received)) / real(sent) },
            delay_ms: real(rank(&delays, 0.5)) / 1e3,
            delay_p99_ms: real(rank(&delays, 0.99)) / 1e3,
            filed_ms: good.iter().map(|call| call.filed_ms).fold(0.0, f64::max),
            files: good.iter().map(|call| call.files).sum(),
        }
    }

    fn complaints(&self, options: &ProbeOptions) -> Vec<String> {
        let name = self.route.name();
        let mut found: Vec<String> = self.failures.iter().map(|failure| format!("{name}: {failure}")).collect();
        let limits = [
            ("it took too long until both ends had media", self.setup_worst_ms, options.max_setup_ms, "ms"),
            ("too much was lost", self.loss_percent, options.max_loss_percent, "%"),
            ("the way through the server took too long", self.delay_ms, options.max_delay_ms, "ms"),
        ];
        found.extend(limits.iter().filter(|(_, value, limit, _)| value > limit).map(|(what, value, _, unit)| format!("{name}: {what}: {value:.1} {unit}")));
        found
    }

    fn line(&self) -> String {
        let name = self.route.name();
        if self.is_absent {
            return format!("{name:<5} not offered by this house");
        }
        let worked = self.calls - self.failures.len();
        format!(
            "{name:<5} {worked} of {} calls   set-up {:.0} ms (slowest {:.0})   lost {:.2} %   through the server {:.1} ms (p99 {:.1})   recording filed after {:.1} s, {} files",
            self.calls,
            self.setup_ms,
            self.setup_worst_ms,
            self.loss_percent,
            self.delay_ms,
            self.delay_p99_ms,
            self.filed_ms / 1e3,
            self.files
        )
    }
}

impl Report {
    pub(super) fn of(legs: Vec<Leg>, options: &ProbeOptions) -> Self {
        let mut complaints: Vec<String> = legs.iter().flat_map(|leg| leg.complaints(options)).collect();
        if legs.iter().all(|leg| leg.is_absent) {
            complaints.push("no way to call was there".to_owned());
        }
        Self { is_good: complaints.is_empty(), legs, complaints }
    }

    /// For people.
    pub fn text(&self) -> String {
        let lines = self.legs.iter().map(Leg::line).chain(self.complaints.iter().map(|complaint| format!("NOT GOOD  {complaint}")));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The value below which a share of a sorted list lies; nothing of an empty list is zero.
fn rank<T: Copy + Default>(sorted: &[T], share: f64) -> T {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index, rounded")]
    let at = ((sorted.len().saturating_sub(1)) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        options: ProbeOptions,
    }

    fn options() -> ProbeOptions {
        Cli::parse_from(["probe", "http://localhost"]).options
    }

    fn good() -> CallFigures {
        CallFigures { setup_ms: 400.0, sent: 1_000, received: 990, delays_us: vec![3_000, 1_000, 2_000], filed_ms: 900.0, files: 3 }
    }

    #[test]
    fn good_calls_are_good() {
        let leg = Leg::of(RouteName::Udp, vec![Ok(Some(good())), Ok(Some(CallFigures { setup_ms: 600.0, ..good() }))]);
        assert_eq!((leg.calls, leg.files), (2, 6));
        assert!((leg.setup_worst_ms - 600.0).abs() < 0.5 && (leg.delay_ms - 2.0).abs() < 0.5, "{} ms, {} ms", leg.setup_worst_ms, leg.delay_ms);
        let absent = Leg::of(RouteName::Turn, vec![Ok(None)]);
        let report = Report::of(vec![leg, absent], &options());
        assert!(report.is_good, "{:?}", report.complaints);
        assert!(report.text().contains("2 of 2 calls") && report.text().contains("turn  not offered"), "{}", report.text());
    }

    #[test]
    fn what_is_not_good_is_said() {
        let lossy = CallFigures { received: 900, ..good() };
        let slow = CallFigures { setup_ms: 9_000.0, ..good() };
        let legs = vec![
            Leg::of(RouteName::Udp, vec![Ok(Some(lossy))]),
            Leg::of(RouteName::Tcp, vec![Ok(Some(slow)), Err(ProbeError::NotFiled("it failed".to_owned()))]),
        ];
        let report = Report::of(legs, &options());
        assert!(!report.is_good);
        assert_eq!(report.complaints.len(), 3, "{:?}", report.complaints);
        assert!(!Report::of(vec![Leg::of(RouteName::Turn, vec![Ok(None)])], &options()).is_good, "nothing was tried");
    }
}
