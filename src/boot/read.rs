//! `visavis read FILE…`: the reader on a folder of pictures, one JSON object per picture.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use serde_json::{Map, Value, json};

use crate::{
    base::Ambient,
    engine::{
        document::{DocumentKind, Reading, Side, disagreements, merge},
        reader::{Inspection, Problem, ProblemCode, Reader, ReaderError, ReaderSettings},
    },
};

/// What to read and as what.
#[derive(Debug, Clone, clap::Args)]
pub struct ReadOptions {
    /// Pictures: JPEG, PNG or WebP
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// citizen_card, cmnd, passport, driving_licence or other_card; found out when not given
    #[arg(long, value_parser = |text: &str| text.parse::<DocumentKind>().map_err(|()| "no such document"))]
    pub kind: Option<DocumentKind>,
    /// front or back; found out when not given
    #[arg(long, value_parser = |text: &str| text.parse::<Side>().map_err(|()| "front or back"))]
    pub side: Option<Side>,
    /// Several lines per picture, for people
    #[arg(long)]
    pub pretty: bool,
}

/// Reads every file and hands each result to `say`. A picture that cannot be read is a result, too.
///
/// # Errors
/// When no reader can be started.
pub async fn read(options: &ReadOptions, settings: ReaderSettings, ambient: Ambient, say: fn(&str)) -> Result<(), ReaderError> {
    let reader = Reader::new(ReaderSettings { workers: 1, ..settings }, ambient);
    reader.warm().await?;
    for (n, file) in options.files.iter().enumerate() {
        progress(n, options.files.len(), file);
        let result = one(&reader, file, options).await;
        progress_gone();
        say(&if options.pretty { format!("{result:#}") } else { result.to_string() });
    }
    Ok(())
}

async fn one(reader: &Reader, file: &Path, options: &ReadOptions) -> Value {
    let started = Instant::now();
    let outcome = match tokio::fs::read(file).await {
        Ok(bytes) => reader.inspect(&bytes, options.kind, options.side).await.map_err(|error| (json!(error), error.to_string())),
        Err(error) => Err((json!("not_found"), error.to_string())),
    };
    let mut result = match outcome {
        Ok(inspection) => described(&inspection),
        Err((code, message)) => json!({
            "document": null, "side": null, "mrz": null, "mrz_valid": false, "repaired": false, "fields": {}, "portrait": null, "quality": [], "accepted": false,
            "disagreements": [], "error": code, "message": message,
        }),
    };
    result["file"] = json!(file);
    result["ms"] = json!(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
    result
}

fn described(inspection: &Inspection) -> Value {
    let kind = inspection.kind.unwrap_or(DocumentKind::OtherCard);
    let sides = [(inspection.side, inspection.reading.clone())];
    let merged = merge(kind, &sides);
    let zone = merged.mrz.as_ref();
    json!({
        "document": inspection.kind,
        "side": inspection.side,
        "mrz": zone.map(|zone| &zone.lines),
        "mrz_valid": zone.is_some_and(|zone| zone.valid),
        "repaired": zone.is_some_and(|zone| zone.repaired),
        "fields": fields(&merged),
        "portrait": inspection.portrait,
        "quality": quality(inspection),
        "accepted": !inspection.problems.iter().any(|problem| problem.refuses),
        "disagreements": contradictions(kind, &sides, &merged),
    })
}

fn fields(merged: &Reading) -> Map<String, Value> {
    let described = merged.fields.iter().map(|field| {
        let name = json!(field.name).as_str().unwrap_or_default().to_owned();
        let doubtful = merged.doubtful.contains(&field.name);
        (name, json!({ "value": field.value, "source": field.source, "confidence": field.confidence, "doubtful": doubtful, "place": field.place }))
    });
    described.collect()
}

/// Named contradictions, then fields that are doubtful for another reason: letters that might be others, weak print.
fn contradictions(kind: DocumentKind, sides: &[(Side, Reading)], merged: &Reading) -> Vec<Value> {
    let named = disagreements(kind, sides, merged);
    let unsure = merged.doubtful.iter().filter(|name| !named.iter().any(|named| named.fields.contains(name)));
    let unsure: Vec<Value> = unsure.map(|name| json!({ "code": "unsure", "fields": [name] })).collect();
    let named = named.iter().map(|named| {
        let readings =
            named.readings.iter().map(|witness| json!({ "field": witness.field.name, "value": witness.field.value, "source": witness.field.source }));
        json!({ "code": named.code, "fields": named.fields, "readings": readings.collect::<Vec<_>>() })
    });
    named.chain(unsure).collect()
}

/// One entry per measure, under the code of the problem it would be, then problems that have no measure.
fn quality(inspection: &Inspection) -> Vec<Value> {
    let measures = &inspection.measures;
    let verdict = |code: ProblemCode| match inspection.problems.iter().find(|problem| problem.code == code) {
        Some(Problem { refuses: true, .. }) => "refused",
        Some(_) => "weak",
        None => "good",
    };
    let measured = [
        (ProblemCode::Blurred, "sharpness", measures.sharpness),
        (ProblemCode::TooDark, "luma", measures.luma),
        (ProblemCode::Glare, "glare", measures.glare),
        (ProblemCode::TooSmall, "document_width", measures.document_width),
        (ProblemCode::Cropped, "margin", measures.margin),
    ];
    let other = inspection.problems.iter().filter(|problem| !measured.iter().any(|(code, ..)| *code == problem.code));
    let other = other.map(|problem| json!({ "code": problem.code, "value": problem.value, "verdict": verdict(problem.code) }));
    measured.iter().map(|(code, measure, value)| json!({ "code": code, "measure": measure, "value": value, "verdict": verdict(*code) })).chain(other).collect()
}

/// A bar on the terminal; nothing when nobody looks.
fn progress(done: usize, all: usize, file: &Path) {
    const WIDTH: usize = 30;
    let mut to = std::io::stderr();
    if all > 1 && to.is_terminal() {
        let filled = done * WIDTH / all;
        drop(write!(to, "\r\x1b[2K[{}{}] {done}/{all} {}", "#".repeat(filled), "-".repeat(WIDTH - filled), file.display()));
        drop(to.flush());
    }
}

fn progress_gone() {
    let mut to = std::io::stderr();
    if to.is_terminal() {
        drop(write!(to, "\r\x1b[2K"));
        drop(to.flush());
    }
}
