//! The words of the printed report, out of the catalogue the pages speak from: one text for one thing wherever a person reads it. Pure.

use std::{collections::HashMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

/// Languages a report can be made in; the first is spoken where another is asked for.
const LANGUAGES: [(&str, [&str; 2]); 2] = [
    ("en", [include_str!("../../../web-shared/src/i18n/common.en.json"), include_str!("../../../web-shared/src/i18n/filed.en.json")]),
    ("vi", [include_str!("../../../web-shared/src/i18n/common.vi.json"), include_str!("../../../web-shared/src/i18n/filed.vi.json")]),
];

static CATALOGUES: LazyLock<HashMap<&'static str, HashMap<String, Phrase>>> = LazyLock::new(|| {
    let read = |texts: [&str; 2]| {
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

/// Groups of the catalogue in which the coded words of a line of the timeline stand.
const GROUPS: [&str; 10] = ["reason", "check_reason", "end", "decline", "ring_end", "side", "document", "step_state", "outcome", "party"];

/// The words of one language.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// `en` or `vi`.
    pub(super) locale: &'static str,
    phrases: &'static HashMap<String, Phrase>,
}

impl Words {
    /// The words of `locale`; English for a language that is not there.
    pub(super) fn of(locale: &str) -> Self {
        let locale = LANGUAGES.iter().map(|(known, _)| *known).find(|known| *known == locale).unwrap_or(LANGUAGES[0].0);
        Self { locale, phrases: &CATALOGUES[locale] }
    }

    /// A word of the report itself; nothing where there is none.
    pub(super) fn own(self, key: &str) -> &'static str {
        self.find(&format!("report.{key}")).unwrap_or_default()
    }

    /// The word of a coded value: `coded("state", &State::Approved)`. A code nobody has words for stands as it is.
    pub(super) fn coded(self, group: &str, value: &impl Serialize) -> String {
        let code = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
        self.find(&format!("{group}.{code}")).map_or(code, str::to_owned)
    }

    /// The word of a code whose group is not told, as in the details of the timeline.
    pub(super) fn any(self, code: &str) -> String {
        let consent = self.find(&format!("consent.{code}.title"));
        consent.or_else(|| GROUPS.iter().find_map(|group| self.find(&format!("{group}.{code}")))).unwrap_or(code).to_owned()
    }

    fn find(self, key: &str) -> Option<&'static str> {
        self.phrases.get(key).map(|phrase| match phrase {
            Phrase::One(text) | Phrase::Plural { other: text } => text.as_str(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn both_languages_have_every_word() {
        let keys = |locale| Words::of(locale).phrases.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys("en"), keys("vi"));
        assert_eq!(Words::of("xx").locale, "en");
        let source = include_str!("report.rs");
        let named = ["self.word(\"", "self.heading(\"", "self.subheading(\""].into_iter().flat_map(|call| source.split(call).skip(1));
        for key in named.filter_map(|rest| rest.split('"').next()) {
            assert_ne!(Words::of("vi").own(key), "", "{key}");
        }
    }

    #[test]
    fn an_unknown_code_stands_as_it_is() {
        assert_eq!(Words::of("vi").coded("state", &"from_tomorrow"), "from_tomorrow");
        assert_eq!(Words::of("en").any("hung_up"), "Hung up");
    }
}
