//! How the printed report words what is filed. Pure.

use serde::Serialize;

use crate::base::words::Words;

/// Groups of the catalogue in which the coded words of a line of the timeline stand.
const GROUPS: [&str; 14] = [
    "reason",
    "check_reason",
    "end",
    "decline",
    "ring_end",
    "side",
    "document",
    "step_state",
    "outcome",
    "party",
    "place",
    "list_reason",
    "still_reason",
    "told",
];

/// The words of a report in one language.
#[derive(Clone, Copy)]
pub(super) struct ReportWords(Words);

impl ReportWords {
    /// The words of `locale`; English for a language that is not there.
    pub(super) fn of(locale: &str) -> Self {
        Self(Words::of(locale))
    }

    /// `en` or `vi`.
    pub(super) fn locale(self) -> &'static str {
        self.0.locale()
    }

    /// A word of the report itself; nothing where there is none.
    pub(super) fn own(self, key: &str) -> &'static str {
        self.0.find(&format!("report.{key}")).unwrap_or_default()
    }

    /// The word of a coded value: `coded("state", &State::Approved)`. A code nobody has words for stands as it is.
    pub(super) fn coded(self, group: &str, value: &impl Serialize) -> String {
        self.0.coded(group, value)
    }

    /// The name of a check, as one who was not there reads it.
    pub(super) fn check(self, kind: &impl Serialize) -> String {
        let own = self.coded("report_check", kind);
        // A code that has no such name comes back as it is.
        if serde_json::to_value(kind).is_ok_and(|code| code == own.as_str()) { self.coded("check", kind) } else { own }
    }

    /// The word of a code whose group is not told, as in the details of the timeline.
    pub(super) fn any(self, code: &str) -> String {
        let consent = self.0.find(&format!("consent.{code}.title"));
        consent.or_else(|| GROUPS.iter().find_map(|group| self.0.find(&format!("{group}.{code}")))).unwrap_or(code).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_lacks_no_word() {
        let source = concat!(include_str!("report.rs"), include_str!("report/extra.rs"));
        let named = ["self.word(\"", "self.heading(\"", "self.subheading(\""].into_iter().flat_map(|call| source.split(call).skip(1));
        for key in named.filter_map(|rest| rest.split('"').next()) {
            assert_ne!(ReportWords::of("vi").own(key), "", "{key}");
        }
        let columns = source.split("self.table(&[").skip(1).filter_map(|rest| rest.split(']').next());
        for key in columns.flat_map(|columns| columns.split('"').skip(1).step_by(2)) {
            assert_ne!(ReportWords::of("vi").own(key), "", "{key}");
        }
    }

    #[test]
    fn an_unknown_code_stands_as_it_is() {
        assert_eq!(ReportWords::of("vi").coded("state", &"from_tomorrow"), "from_tomorrow");
        assert_eq!(ReportWords::of("en").any("hung_up"), "Hung up");
    }

    #[test]
    fn every_code_a_timeline_tells_is_a_word() {
        let lines = ["left", "gone", "file_closed", "not_reached", "booked", "cancelled", "kept", "missed", "nothing_recorded", "not_composed", "unavailable"];
        let stills = ["not_now", "no_camera", "failed", "not_a_picture", "too_many_pixels", "asked_anew", "taken_back", "call_over"];
        for locale in ["en", "vi"] {
            let words = ReportWords::of(locale);
            for code in lines.into_iter().chain(stills).chain(crate::registry::person::REASONS) {
                assert_ne!(words.any(code), code, "{locale} {code}");
            }
            for kind in crate::journey::checks::wire::CheckKind::ALL {
                assert_ne!(words.check(&kind), kind.name(), "{locale} {kind:?}");
            }
            assert_ne!(words.coded("purpose", &"call"), "call");
        }
        assert_eq!((ReportWords::of("en").check(&"code"), ReportWords::of("en").check(&"up")), ("One-time code".to_owned(), "Look up".to_owned()));
    }
}
