//! What customers agree to: one table of exact texts (`consents.toml`), and the rule which switches must be on. Pure.

use std::sync::LazyLock;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::form::Fault;
use crate::journey::intake::wire::{ConsentKind, ConsentText, ConsentView};

/// One consent with its text in every language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: ConsentKind,
    version: String,
    required: bool,
    en: String,
    vi: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    consents: Vec<Entry>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| toml::from_str(include_str!("consents.toml")).expect("the table of consents is well formed; a test reads it"));

/// The languages every text exists in.
pub const LOCALES: [&str; 2] = ["en", "vi"];

/// The texts in one language, in the order they are shown; English for a language that has none.
pub fn texts(locale: &str) -> Vec<ConsentText> {
    TABLE
        .consents
        .iter()
        .map(|entry| {
            let text = if locale == "vi" { entry.vi.trim() } else { entry.en.trim() };
            ConsentText {
                kind: entry.kind,
                version: entry.version.clone(),
                required: entry.required,
                text: text.to_owned(),
                sha256: hex::encode(Sha256::digest(text.as_bytes())),
            }
        })
        .collect()
}

/// What is wrong with the switches as sent: one is missing or off that must be on, or the page showed an older text.
pub fn faults(sent: &[ConsentView]) -> Vec<(ConsentKind, Fault)> {
    TABLE
        .consents
        .iter()
        .filter_map(|entry| match sent.iter().find(|view| view.kind == entry.kind) {
            None => Some((entry.kind, Fault::Required)),
            Some(view) if view.version != entry.version => Some((entry.kind, Fault::Outdated)),
            Some(view) if entry.required && !view.given => Some((entry.kind, Fault::Required)),
            Some(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(given: bool) -> Vec<ConsentView> {
        texts("en").into_iter().map(|text| ConsentView { kind: text.kind, version: text.version, given, required: text.required }).collect()
    }

    #[test]
    fn every_text_exists_in_every_language_once() {
        for locale in LOCALES {
            let found = texts(locale);
            assert_eq!(found.iter().map(|t| t.kind).collect::<Vec<_>>(), [ConsentKind::Data, ConsentKind::Recording, ConsentKind::Biometric]);
            assert!(found.iter().all(|t| t.text.len() > 100 && t.sha256.len() == 64 && !t.text.contains('\n')));
        }
        assert_ne!(texts("en")[0].sha256, texts("vi")[0].sha256);
    }

    #[test]
    fn required_switches_must_be_on_and_every_text_current() {
        assert_eq!(faults(&all(true)), vec![]);
        assert_eq!(faults(&all(false)), vec![(ConsentKind::Data, Fault::Required), (ConsentKind::Recording, Fault::Required)]);
        assert_eq!(faults(&[]).len(), 3);
        let mut without_biometric = all(true);
        without_biometric[2].given = false;
        assert_eq!(faults(&without_biometric), vec![]);
        let mut old = all(true);
        old[1].version = "2020-01-01".to_owned();
        assert_eq!(faults(&old), vec![(ConsentKind::Recording, Fault::Outdated)]);
    }
}
