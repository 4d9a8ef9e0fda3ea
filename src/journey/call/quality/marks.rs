//! How a call went over its time: samples in, one mark per ten seconds and one summary out. Pure.

use super::{Sample, Summary};

/// How much time one mark sums up, in ms.
pub const MARK_MS: i64 = 10_000;
/// Marks of one view that are kept: a call of eight hours.
const MOST: usize = 3_000;

/// Who measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// The page at this end.
    Page,
    /// The media server, of the way between it and this end.
    Server,
}

impl Viewer {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Server => "server",
        }
    }
}

/// Ten seconds of a call as one end or the server saw them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// When they begin, in ms from the start of the call.
    pub at_ms: i64,
    /// Mean opinion score; of pages only.
    pub mos: Option<f64>,
    /// Mean round trip in ms.
    pub rtt_ms: f64,
    /// Mean share lost.
    pub loss: f64,
    /// Mean jitter in ms.
    pub jitter_ms: f64,
    /// Mean video that arrived, kbit/s.
    pub video_kbps: f64,
    /// Mean video sent, kbit/s.
    pub sent_kbps: f64,
    /// How long the picture stood still, in ms.
    pub frozen_ms: f64,
}

/// What is gathered of one view of a call.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Over the whole call.
    pub summary: Summary,
    /// The newest sample.
    pub last: Sample,
    marks: Vec<(Mark, u32)>,
    filed: usize,
}

impl Ledger {
    /// One that goes on from a summary that was filed before the process began.
    pub fn after(summary: Summary) -> Self {
        Self { summary, ..Self::default() }
    }

    /// Takes a sample.
    pub fn add(&mut self, sample: &Sample, mos: Option<f64>, at_ms: i64) {
        self.summary = self.summary.and(sample, mos);
        self.last = *sample;
        let begins = at_ms.max(0) / MARK_MS * MARK_MS;
        if self.marks.last().is_none_or(|(mark, _)| mark.at_ms < begins) && self.marks.len() < MOST {
            self.marks.push((Mark { at_ms: begins, mos: None, rtt_ms: 0.0, loss: 0.0, jitter_ms: 0.0, video_kbps: 0.0, sent_kbps: 0.0, frozen_ms: 0.0 }, 0));
        }
        let Some((mark, count)) = self.marks.last_mut() else { return };
        *count += 1;
        let mean = |mean: f64, value: f64| mean + (value - mean) / f64::from(*count);
        *mark = Mark {
            at_ms: mark.at_ms,
            mos: mos.map(|mos| mean(mark.mos.unwrap_or_default(), mos)),
            rtt_ms: mean(mark.rtt_ms, sample.rtt_ms.into()),
            loss: mean(mark.loss, sample.loss.into()),
            jitter_ms: mean(mark.jitter_ms, sample.jitter_ms.into()),
            video_kbps: mean(mark.video_kbps, sample.video_kbps.into()),
            sent_kbps: mean(mark.sent_kbps, sample.sent_kbps.into()),
            frozen_ms: mark.frozen_ms + f64::from(sample.frozen_ms),
        };
    }

    /// Marks that are not yet filed as they are; the last one still changes.
    pub fn unfiled(&self) -> Vec<Mark> {
        self.marks[self.filed..].iter().map(|(mark, _)| *mark).collect()
    }

    /// So many of them were filed.
    pub fn was_filed(&mut self, count: usize) {
        self.filed = (self.filed + count).saturating_sub(1).min(self.marks.len().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_seconds_become_one_mark() {
        let mut ledger = Ledger::default();
        for (at_ms, rtt_ms, frozen_ms) in [(0, 20.0, 0.0), (2_000, 40.0, 500.0), (9_999, 60.0, 250.0), (12_000, 100.0, 0.0), (41_000, 10.0, 0.0)] {
            ledger.add(&Sample { rtt_ms, frozen_ms, ..Sample::default() }, Some(4.0), at_ms);
        }
        let marks: Vec<_> = ledger.unfiled().iter().map(|mark| (mark.at_ms, mark.rtt_ms, mark.frozen_ms, mark.mos)).collect();
        assert_eq!(marks, [(0, 40.0, 750.0, Some(4.0)), (10_000, 100.0, 0.0, Some(4.0)), (40_000, 10.0, 0.0, Some(4.0))]);
        assert_eq!((ledger.summary.samples, ledger.last.rtt_ms), (5, 10.0));
    }

    #[test]
    fn the_last_mark_is_filed_again_while_it_grows() {
        let mut ledger = Ledger::default();
        assert!(ledger.unfiled().is_empty());
        ledger.was_filed(0);
        for at_ms in [0, 10_000, 20_000] {
            ledger.add(&Sample::default(), None, at_ms);
        }
        assert_eq!(ledger.unfiled().len(), 3);
        ledger.was_filed(3);
        assert_eq!(ledger.unfiled().iter().map(|mark| mark.at_ms).collect::<Vec<_>>(), [20_000]);
        ledger.add(&Sample::default(), None, 30_000);
        assert_eq!(ledger.unfiled().len(), 2);
        ledger.was_filed(2);
        ledger.was_filed(1);
        assert_eq!(ledger.unfiled().len(), 1);
    }

    #[test]
    fn time_that_runs_backwards_and_calls_without_end_do_no_harm() {
        let mut ledger = Ledger::default();
        ledger.add(&Sample::default(), None, 50_000);
        ledger.add(&Sample::default(), None, -4);
        for hour in 0..4_000 {
            ledger.add(&Sample::default(), None, hour * MARK_MS);
        }
        assert!(ledger.unfiled().len() <= MOST);
    }
}
