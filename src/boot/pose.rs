//! `visavis pose FILE --expect …`: what a film shows of the movements that are expected, by the very code that measures
//! recordings after a call.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::engine::{
    pose::{
        judge::{Film, Outcome, Pose, Reason, Rules, Shot, unprompted},
        networks,
    },
    track::{ObserveError, Observer},
};

/// What to judge and as what.
#[derive(Debug, Clone, clap::Args)]
pub struct PoseOptions {
    /// A film of any kind that ffmpeg reads; raw MJPEG, which has no times, is taken at 30 pictures a second
    pub file: PathBuf,
    /// The movements in their order, the customer's own left and right: frontal, left, right, up, down
    #[arg(long, required = true, value_delimiter = ',', value_parser = |text: &str| text.parse::<Pose>().map_err(|()| "frontal, left, right, up or down"))]
    pub expect: Vec<Pose>,
    /// Judge the film as each of the 24 orders of the four directions, too, and print which pass as `orders_passed`
    #[arg(long)]
    pub orders: bool,
    /// Several lines, for people
    #[arg(long)]
    pub pretty: bool,
}

/// Measures the film and hands the result to `say`.
///
/// # Errors
/// When the file is no film.
pub async fn pose(options: &PoseOptions, program: PathBuf, say: fn(&str)) -> Result<(), ObserveError> {
    let film = tokio::fs::File::open(&options.file).await.map_err(|error| ObserveError::Child(format!("the film cannot be opened: {error}")))?.into_std().await;
    let shots = Observer { program }.observe(film, &[]).await?;
    let judged = unprompted(Rules::default(), &options.expect, &shots);
    let mut result = described(&options.file, &shots, &judged);
    if options.orders {
        let passes = |order: &Vec<Pose>| unprompted(Rules::default(), order, &shots).is_passed();
        let named = |order: Vec<Pose>| order.into_iter().map(Pose::name).collect::<Vec<_>>().join(",");
        result["orders_passed"] = orders().into_iter().filter(passes).map(named).collect();
    }
    say(&if options.pretty { format!("{result:#}") } else { result.to_string() });
    Ok(())
}

/// The front, then the four directions in each of their 24 orders.
fn orders() -> Vec<Vec<Pose>> {
    let mut orders = vec![vec![Pose::Frontal]];
    for _ in Pose::DIRECTIONS {
        let longer = |order: &Vec<Pose>| {
            Pose::DIRECTIONS.into_iter().filter(|pose| !order.contains(pose)).map(|pose| [order.as_slice(), &[pose]].concat()).collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    orders
}

fn described(file: &Path, shots: &[Shot], film: &Film) -> Value {
    let steps: Vec<Value> = film.outcomes.iter().map(step).collect();
    json!({
        "file": file,
        "rules": Rules::VERSION,
        "networks": { "detector": networks::DETECTOR_SHA256, "mesh": networks::MESH_SHA256 },
        "timeline": shots.iter().filter_map(moment).collect::<Vec<_>>(),
        "calibration": film.baseline.map(|front| json!({ "yaw": tenth(front.yaw), "pitch": tenth(front.pitch), "roll": tenth(front.roll), "ms": front.at_ms })),
        "steps": steps,
        "hints": if film.looks_mirrored() { vec!["mirrored"] } else { Vec::new() },
        "verdict": if film.is_passed() { "passed" } else { "failed" },
    })
}

fn step(outcome: &Outcome) -> Value {
    json!({
        "expect": outcome.pose.name(),
        "outcome": if outcome.is_passed() { "passed" } else { "failed" },
        "reason": outcome.reason.map(Reason::code),
        "shown": outcome.reason.and_then(Reason::shown).map(Pose::name),
        "started_ms": outcome.started_ms,
        "entered_ms": outcome.entered_ms,
        "held_ms": outcome.held_ms,
        "returned_ms": outcome.returned_ms,
        "peak_deg": tenth(outcome.peak),
    })
}

fn moment(shot: &Shot) -> Option<Value> {
    let Shot::Measured(sample) = shot else { return None };
    let face = sample.sight.face;
    let of = |value: fn(&crate::engine::pose::Face) -> f32| face.as_ref().map(|face| tenth(value(face)));
    Some(json!({
        "ms": sample.at_ms, "faces": sample.sight.faces,
        "yaw": of(|face| face.yaw), "pitch": of(|face| face.pitch), "roll": of(|face| face.roll),
        "score": face.map(|face| (f64::from(face.score) * 1_000.0).round() / 1_000.0),
        "width": of(|face| face.width), "luma": of(|face| face.luma),
    }))
}

/// A tenth is as fine as is meant.
fn tenth(value: f32) -> f64 {
    (f64::from(value) * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_24_orders_and_each_has_all_directions() {
        let mut orders = orders();
        assert!(orders.iter().all(|order| order.len() == 5 && Pose::ALL.iter().all(|pose| order.contains(pose))));
        orders.sort_by_key(|order| order.iter().map(|pose| pose.name()).collect::<String>());
        orders.dedup();
        assert_eq!(orders.len(), 24);
    }
}
