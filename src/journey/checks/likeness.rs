//! How alike the portrait of the document and the live face are. Two answers side by side: a network's, shown as a light and
//! told to be advice, and the agent's own, feature by feature. The agent decides; no light opens or closes anything.

use serde_json::json;

use super::{
    Check, CheckError, Checks, Facts, store,
    wire::{CheckKind, CompareFace, ComparisonLine, ComparisonMark, Light, LikenessView},
};
use crate::{
    base::{
        Ambient,
        db::{Db, DbError},
        id::{CallId, CheckId, DossierId, StaffId},
    },
    engine::{
        pose::{
            likeness::{ALIKE, APART},
            networks::LIKENESS_SHA256,
        },
        track::{ObserveError, Observer},
        vault::Vault,
    },
    journey::call::wire::CallPush,
    registry::{
        audit::Actor,
        dossier,
        outbox::{
            self, Topic,
            jobs::{Handler, Job, JobError},
        },
    },
};

/// Name of the job; its subject is the check whose still is compared.
pub const COMPARE_FACES: &str = "compare_faces";

/// What is compared, feature by feature (after the list of the Facial Identification Scientific Working Group, shortened to
/// what a video call shows).
pub const FEATURES: [&str; 8] = ["face_shape", "hairline", "brows", "eyes", "nose", "mouth", "ears", "marks"];

/// What the network said of one still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// None where a face could not be seen in one of the two pictures.
    pub(super) distance: Option<f64>,
}

impl Likeness {
    pub(super) fn view(self) -> LikenessView {
        let light = match self.distance {
            None => Light::Unseen,
            Some(distance) if distance <= f64::from(ALIKE) => Light::Alike,
            Some(distance) if distance <= f64::from(APART) => Light::Unsure,
            Some(_) => Light::Apart,
        };
        LikenessView { light, distance: self.distance }
    }
}

impl ComparisonMark {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alike => "alike",
            Self::Differs => "differs",
            Self::NotVisible => "not_visible",
        }
    }
}

impl std::str::FromStr for ComparisonMark {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Alike, Self::Differs, Self::NotVisible].into_iter().find(|mark| mark.name() == text).ok_or(())
    }
}

impl Checks {
    /// Files what the agent sees of one feature in both faces.
    ///
    /// # Errors
    /// [`CheckError::Unknown`] for a feature that is not on the list.
    pub async fn compare(&self, call: CallId, dossier: DossierId, agent: StaffId, media_ms: i64, seen: &CompareFace) -> Result<(), CheckError> {
        if !FEATURES.contains(&seen.item.as_str()) {
            return Err(CheckError::Unknown);
        }
        let mut tx = self.db.begin().await?;
        store::faces::compare(&mut tx, call, &seen.item, seen.mark, media_ms).await?;
        let detail = json!({ "call": call, "item": seen.item, "mark": seen.mark, "media_ms": media_ms });
        dossier::note(&mut tx, &self.ambient, dossier, Actor::Staff(agent), "check.face_compared", detail).await?;
        Ok(tx.commit().await?)
    }

    /// What the agent saw of both faces, in the order of the list.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn comparison(&self, call: CallId) -> Result<Vec<ComparisonLine>, DbError> {
        let mut lines = store::faces::comparison(&self.db, call).await?;
        lines.sort_by_key(|line| FEATURES.iter().position(|item| *item == line.item));
        Ok(lines)
    }
}

/// Does the job [`COMPARE_FACES`].
pub struct CompareFaces {
    /// The database.
    pub db: Db,
    /// Time.
    pub ambient: Ambient,
    /// Stills.
    pub vault: Vault,
    /// Where the portrait comes from.
    pub facts: std::sync::Arc<dyn Facts>,
    /// Reads features in a child process.
    pub observer: Observer,
}

impl CompareFaces {
    async fn compare(&self, check: &Check) -> Result<(), JobError> {
        let Some(still) = &check.still else { return Ok(()) };
        let Some(portrait) = self.facts.portrait(check.dossier).await? else { return Ok(()) };
        let again = |error: &dyn std::fmt::Display| JobError::Again(error.to_string());
        let live = self.vault.get(&still.path).await.map_err(|error| again(&error))?;
        let scratch = self.vault.scratch().await.map_err(|error| again(&error))?;
        let faces = match self.observer.faces(scratch, vec![portrait.bytes, live]).await {
            Ok(faces) => faces,
            // What cannot be decoded shows no face.
            Err(ObserveError::Child(_)) => Vec::new(),
            Err(error) => return Err(again(&error)),
        };
        let distance = match &faces[..] {
            [Some(portrait), Some(live)] => Some(f64::from(portrait.distance(live))),
            _ => None,
        };
        let mut tx = self.db.begin().await?;
        let found = Likeness { distance };
        store::faces::put_likeness(&mut tx, check.id, found, (&portrait.sha256, &still.sha256, LIKENESS_SHA256), self.ambient.now()).await?;
        let detail = json!({ "call": check.call, "check": check.id, "light": found.view().light });
        dossier::note(&mut tx, &self.ambient, check.dossier, Actor::System, "check.faces_measured", detail).await?;
        let check = Check { likeness: Some(found), ..check.clone() };
        outbox::push(&mut tx, &self.ambient, Topic::Staff(check.agent), &CallPush::CheckChanged { call_id: check.call, check: check.view(), plan: None })
            .await?;
        Ok(tx.commit().await?)
    }
}

#[async_trait::async_trait]
impl Handler for CompareFaces {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let id: CheckId = job.subject.parse().map_err(|_| JobError::Hopeless("no check in the subject".to_owned()))?;
        match store::find(&self.db, id).await? {
            Some(check) if check.kind == CheckKind::Frontal => self.compare(&check).await,
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::words::Words;

    #[test]
    fn a_light_says_what_a_distance_means() {
        for (distance, light) in
            [(None, Light::Unseen), (Some(0.0), Light::Alike), (Some(0.5), Light::Alike), (Some(0.55), Light::Unsure), (Some(0.61), Light::Apart)]
        {
            assert_eq!(Likeness { distance }.view().light, light, "{distance:?}");
        }
    }

    #[test]
    fn every_feature_and_light_has_words() {
        for locale in ["en", "vi"] {
            let said = |key: String| assert!(Words::of(locale).find(&key).is_some(), "{locale} {key}");
            for item in FEATURES {
                said(format!("face.{item}"));
            }
            for light in ["alike", "unsure", "apart", "unseen"] {
                said(format!("light.{light}"));
            }
            for mark in ["alike", "differs", "not_visible"] {
                said(format!("face_mark.{mark}"));
            }
        }
    }
}
