//! `visavis read FILE…`: the reader on a folder of pictures, one JSON object per picture.

use std::{path::PathBuf, time::Instant};

use serde_json::{Value, json};

use crate::{
    base::Ambient,
    engine::{
        document::{DocumentKind, Reading, Side, merge},
        reader::{Look, Reader, ReaderError, ReaderSettings},
    },
};

/// What to read and as what.
#[derive(Debug, Clone, clap::Args)]
pub struct ReadOptions {
    /// Pictures: JPEG, PNG or WebP
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// citizen_card, cmnd, passport, driving_licence or other_card
    #[arg(long, default_value = "other_card", value_parser = |text: &str| text.parse::<DocumentKind>().map_err(|()| "no such document"))]
    pub kind: DocumentKind,
    /// front or back
    #[arg(long, default_value = "front", value_parser = |text: &str| text.parse::<Side>().map_err(|()| "front or back"))]
    pub side: Side,
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
    for file in &options.files {
        let started = Instant::now();
        let mut result = match tokio::fs::read(file).await {
            Ok(bytes) => one(&reader, bytes, options).await,
            Err(error) => json!({ "error": "not_found", "message": error.to_string() }),
        };
        result["file"] = json!(file);
        result["ms"] = json!(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
        say(&if options.pretty { format!("{result:#}") } else { result.to_string() });
    }
    Ok(())
}

async fn one(reader: &Reader, bytes: Vec<u8>, options: &ReadOptions) -> Value {
    let look = match reader.look(bytes.clone(), options.kind, options.side).await {
        Ok(look) => look,
        Err(error) => return json!({ "error": error, "message": error.to_string() }),
    };
    match reader.read(bytes, options.kind, options.side).await {
        Ok(reading) => described(options, &look, &reading),
        Err(error) => json!({ "error": error, "message": error.to_string() }),
    }
}

fn described(options: &ReadOptions, look: &Look, reading: &Reading) -> Value {
    let merged = merge(options.kind, &[(options.side, reading.clone())]);
    let mut fields = serde_json::Map::new();
    for field in &merged.fields {
        let name = json!(field.name).as_str().unwrap_or_default().to_owned();
        fields.insert(name, json!({ "value": field.value, "source": field.source, "confidence": field.confidence, "place": field.place }));
    }
    json!({
        "document": options.kind,
        "mrz": merged.mrz.as_ref().map(|zone| &zone.lines),
        "mrz_valid": merged.mrz.as_ref().is_some_and(|zone| zone.valid),
        "repaired": merged.mrz.as_ref().is_some_and(|zone| zone.repaired),
        "fields": fields,
        "quality": { "accepted": look.accepted, "measures": look.measures, "problems": look.problems },
        "disagreements": merged.doubtful,
    })
}
