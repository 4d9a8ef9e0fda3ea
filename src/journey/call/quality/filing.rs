//! Taking samples of pages and of the media server, telling the ends, filing.

use std::{collections::HashSet, sync::PoisonError};

use serde::Serialize;
use ts_rs::TS;

use super::{
    Sample, Summary,
    marks::{Ledger, Mark, Viewer},
    mos::mos,
    store,
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::CallId,
    },
    engine::sfu::Measured,
    journey::call::{
        Call, CallError, Calls, Who,
        wire::{CallPush, Party},
    },
    registry::outbox::Topic,
};

/// How a call looked, for whoever opens the file.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct CallQuality {
    /// Each end that reported, over the whole call.
    pub ends: Vec<EndQuality>,
    /// In steps of ten seconds.
    pub marks: Vec<QualityMark>,
}

/// What one end received over the whole call.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct EndQuality {
    /// Which end.
    pub party: Party,
    /// Mean opinion score of what was heard, 1…5, estimated by the E-model (ITU-T G.107).
    pub mos: Option<f64>,
    /// Lowest.
    pub mos_worst: Option<f64>,
    /// Mean round trip to the server in ms.
    pub rtt_ms: f64,
    /// Mean share lost, 0…1.
    pub loss: f64,
    /// Largest.
    pub loss_worst: f64,
    /// Mean jitter in ms.
    pub jitter_ms: f64,
    /// Mean received video, kbit/s.
    pub video_kbps: f64,
    /// Mean sent video, kbit/s.
    pub sent_kbps: f64,
    /// How often the picture stood still.
    pub freezes: u64,
    /// For how long, in ms.
    pub frozen_ms: f64,
}

/// Ten seconds of a call.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(export, export_to = "wire.ts")]
pub struct QualityMark {
    /// When they begin, in ms from the start of the call.
    pub at_ms: i64,
    /// Of which end.
    pub party: Party,
    /// `page`: what that end received. `server`: the way from that end to the server, as the server saw it.
    pub viewer: String,
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
    /// How long the picture stood still, in ms.
    pub frozen_ms: f64,
}

impl Calls {
    /// How the call looks from one end: summed up for the file, told to the other end.
    ///
    /// # Errors
    /// [`CallError::Unknown`], [`CallError::Over`], [`CallError::BadQuality`].
    pub async fn report_quality(&self, who: Who, id: CallId, sample: Sample) -> Result<(), CallError> {
        if !sample.is_plausible() {
            return Err(CallError::BadQuality);
        }
        let call = self.find(id).await?.filter(|call| who.is_in(call)).ok_or(CallError::Unknown)?;
        if call.ended().is_some() {
            return Err(CallError::Over);
        }
        if !self.is_here(&call) {
            self.tell_quality(&call, who, sample);
            return Ok(());
        }
        let party = who.party();
        self.remember_quality(id, party).await?;
        let (here, there) = self.add_page_sample(&call, party, &sample);
        let Sample { rtt_ms, loss, video_kbps, frozen_ms, .. } = sample;
        let topic = match party {
            Party::Customer => Topic::Staff(call.agent),
            Party::Agent => Topic::Customer(call.dossier),
        };
        self.hub.publish_json(topic, &CallPush::PeerQuality { call_id: id, rtt_ms, loss, video_kbps, frozen_ms, mos: here, own_mos: there });
        Ok(())
    }

    /// Goes on from what was filed before this process began.
    async fn remember_quality(&self, id: CallId, party: Party) -> Result<(), DbError> {
        let key = (id, party, Viewer::Page);
        if self.qualities.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&key) {
            return Ok(());
        }
        let filed = store::find(&self.db, id, party).await?.unwrap_or_default();
        self.qualities.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert_with(|| Ledger::after(filed));
        Ok(())
    }

    /// The mean opinion scores at this end and, as it was told last, at the other. What is heard here came over both ways.
    fn add_page_sample(&self, call: &Call, party: Party, sample: &Sample) -> (f64, Option<f64>) {
        let mut qualities = self.qualities.lock().unwrap_or_else(PoisonError::into_inner);
        let other = qualities.get(&(call.id, party.other(), Viewer::Page)).map(|ledger| ledger.last).unwrap_or_default();
        let score = |near: &Sample, far: &Sample| {
            let one_way = f64::from(near.rtt_ms) / 2.0 + f64::from(far.rtt_ms) / 2.0 + f64::from(near.playout_ms);
            mos(one_way, near.audio_loss.into())
        };
        let here = score(sample, &other);
        let at_ms = (self.ambient.now() - call.started_at).num_milliseconds();
        qualities.entry((call.id, party, Viewer::Page)).or_default().add(sample, Some(here), at_ms);
        let is_told = qualities.contains_key(&(call.id, party.other(), Viewer::Page));
        (here, is_told.then(|| score(&other, sample)))
    }

    /// What the media server measured of the way between it and one end. A call that is over is none.
    pub(in crate::journey::call) async fn server_measured(&self, id: CallId, party: Party, measured: Measured) -> Result<(), DbError> {
        let Some(call) = self.find(id).await?.filter(|call| call.ended().is_none() && self.is_here(call)) else { return Ok(()) };
        let sample = sample_of(measured);
        let at_ms = (self.ambient.now() - call.started_at).num_milliseconds();
        let mut qualities = self.qualities.lock().unwrap_or_else(PoisonError::into_inner);
        qualities.entry((id, party, Viewer::Server)).or_default().add(&sample, None, at_ms);
        Ok(())
    }

    /// Files how running calls looked so far, so that little is lost with the process. `run` calls it every ten seconds.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn file_qualities(&self) -> Result<(), DbError> {
        let calls: HashSet<CallId> = self.qualities.lock().unwrap_or_else(PoisonError::into_inner).keys().map(|(call, ..)| *call).collect();
        for call in calls {
            let mut tx = self.db.begin().await?;
            let filed = self.file_quality(&mut tx, call).await?;
            tx.commit().await?;
            let mut qualities = self.qualities.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, count) in filed {
                if let Some(ledger) = qualities.get_mut(&key) {
                    ledger.was_filed(count);
                }
            }
        }
        Ok(())
    }

    /// Files what is known of a call; how many marks of which view.
    pub(in crate::journey::call) async fn file_quality(&self, tx: &mut Tx, call: CallId) -> Result<Vec<((CallId, Party, Viewer), usize)>, DbError> {
        let mut filed = Vec::new();
        for (party, viewer) in [Party::Customer, Party::Agent].into_iter().flat_map(|party| [(party, Viewer::Page), (party, Viewer::Server)]) {
            let key = (call, party, viewer);
            let found = self.qualities.lock().unwrap_or_else(PoisonError::into_inner).get(&key).map(|ledger| (ledger.summary, ledger.unfiled()));
            let Some((summary, marks)) = found else { continue };
            if viewer == Viewer::Page {
                store::put(tx, call, party, &summary).await?;
            }
            for mark in &marks {
                store::put_mark(tx, call, party, viewer, mark).await?;
            }
            filed.push((key, marks.len()));
        }
        Ok(filed)
    }

    /// How the call looked from one end, as filed.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn quality_of(&self, call: CallId, party: Party) -> Result<Option<Summary>, DbError> {
        store::find(&self.db, call, party).await
    }

    /// All that is filed of how a call looked.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn quality_view(&self, call: CallId) -> Result<CallQuality, DbError> {
        let mut ends = Vec::new();
        for party in [Party::Customer, Party::Agent] {
            ends.extend(self.quality_of(call, party).await?.map(|summary| EndQuality::of(party, &summary)));
        }
        let marks = store::marks(&self.db, call).await?.into_iter().map(|(party, viewer, mark)| QualityMark::of(party, viewer, &mark)).collect();
        Ok(CallQuality { ends, marks })
    }
}

/// A sample as the server would report it: what arrives there from an end.
#[expect(clippy::cast_precision_loss, reason = "figures of a network are far below 2^23")]
fn sample_of(measured: Measured) -> Sample {
    Sample {
        rtt_ms: measured.rtt_us as f32 / 1_000.0,
        loss: (measured.loss_ppm as f32 / 1e6).min(1.0),
        jitter_ms: measured.jitter_us as f32 / 1_000.0,
        video_kbps: measured.video_kbps as f32,
        sent_kbps: measured.sent_kbps as f32,
        ..Sample::default()
    }
}

impl EndQuality {
    fn of(party: Party, summary: &Summary) -> Self {
        Self {
            party,
            mos: summary.mos_mean,
            mos_worst: summary.mos_worst,
            rtt_ms: summary.rtt_ms_mean,
            loss: summary.loss_mean,
            loss_worst: summary.loss_worst,
            jitter_ms: summary.jitter_ms_mean,
            video_kbps: summary.video_kbps_mean,
            sent_kbps: summary.sent_kbps_mean,
            freezes: summary.freezes,
            frozen_ms: summary.frozen_ms,
        }
    }
}

impl QualityMark {
    fn of(party: Party, viewer: Viewer, mark: &Mark) -> Self {
        let Mark { at_ms, mos, rtt_ms, loss, jitter_ms, video_kbps, frozen_ms, .. } = *mark;
        Self { at_ms, party, viewer: viewer.name().to_owned(), mos, rtt_ms, loss, jitter_ms, video_kbps, frozen_ms }
    }
}
