//! The words people read that do not come out of a page: the catalogue the pages speak from, as the server reads it. One text for
//! one thing, wherever it is read. Pure.
//!
//! Keys begin with their group: `state.approved`, `letter.booked.subject`; holes are written `{name}`. English decides which keys
//! there are, every other language must have them all (the pages' compiler and the test below say so).

use std::{collections::HashMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

macro_rules! catalogue {
    ($locale:literal) => {
        (
            $locale,
            [
                include_str!(concat!("../../web-shared/src/i18n/common.", $locale, ".json")),
                include_str!(concat!("../../web-shared/src/i18n/filed.", $locale, ".json")),
                include_str!(concat!("../../web-shared/src/i18n/letters.", $locale, ".json")),
            ],
        )
    };
}

/// The languages there are words in; the first is spoken where another is asked for.
const LANGUAGES: [(&str, [&str; 3]); 2] = [catalogue!("en"), catalogue!("vi")];

static CATALOGUES: LazyLock<HashMap<&'static str, HashMap<String, Phrase>>> = LazyLock::new(|| {
    let read = |texts: [&str; 3]| {
        let maps = texts.map(|text| serde_json::from_str::<HashMap<String, Phrase>>(text).expect("the catalogue is well formed; a test reads it"));
        maps.into_iter().flatten().collect()
    };
    LANGUAGES.into_iter().map(|(locale, texts)| (locale, read(texts))).collect()
});

/// A sentence, or one per plural form.
#[derive(Deserialize)]
#[serde(untagged)]
enum Phrase {
    One(String),
    Plural { other: String },
}

/// The words of one language.
#[derive(Clone, Copy)]
pub struct Words {
    locale: &'static str,
    phrases: &'static HashMap<String, Phrase>,
}

impl Words {
    /// The words of a language tag (`vi`, `vi-VN`); English for a language that is not there.
    pub fn of(tag: &str) -> Self {
        let language = tag.split('-').next().unwrap_or_default();
        let locale = LANGUAGES.iter().map(|(known, _)| *known).find(|known| *known == language).unwrap_or(LANGUAGES[0].0);
        Self { locale, phrases: &CATALOGUES[locale] }
    }

    /// The word of a code, which serialises as a text, of a group; the code itself where there is none.
    pub fn coded(self, group: &str, value: &impl Serialize) -> String {
        let code = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
        self.find(&format!("{group}.{code}")).map_or(code, str::to_owned)
    }

    /// The language spoken: `en` or `vi`.
    pub fn locale(self) -> &'static str {
        self.locale
    }

    /// The sentence of a key, holes unfilled.
    pub fn find(self, key: &str) -> Option<&'static str> {
        self.phrases.get(key).map(|phrase| match phrase {
            Phrase::One(text) | Phrase::Plural { other: text } => text.as_str(),
        })
    }

    /// The sentence of a key with its holes filled; the key itself where there is none.
    pub fn say(self, key: &str, values: &[(&str, &str)]) -> String {
        let mut rest = self.find(key).unwrap_or(key);
        let mut said = String::with_capacity(rest.len());
        while let Some((before, hole)) = rest.split_once('{') {
            said.push_str(before);
            let Some((name, after)) = hole.split_once('}') else {
                rest = &rest[before.len()..];
                break;
            };
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => said.push_str(value),
                None => said.extend(["{", name, "}"]),
            }
            rest = after;
        }
        said.push_str(rest);
        said
    }

    /// Every key there is.
    pub fn keys(self) -> impl Iterator<Item = &'static str> {
        self.phrases.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_language_has_every_word() {
        let english: BTreeSet<_> = Words::of("en").keys().collect();
        assert!(english.len() > 200);
        for (locale, _) in LANGUAGES {
            assert_eq!(Words::of(locale).keys().collect::<BTreeSet<_>>(), english, "{locale}");
        }
        assert_eq!((Words::of("vi-VN").locale(), Words::of("xx").locale(), Words::of("").locale()), ("vi", "en", "en"));
    }

    #[test]
    fn holes_are_filled_and_what_is_filled_in_is_no_hole() {
        let words = Words::of("en");
        assert_eq!(words.say("no.such {a} of {b} {", &[("a", "{b}"), ("b", "2")]), "no.such {b} of 2 {");
        assert_eq!(words.say("unknown {hole} stays", &[]), "unknown {hole} stays");
    }
}
