//! Parts of the report that not every file has: what a call asked in words, signs about the picture, the list, the time of
//! the file.

use super::{Page, media_time, time};
use crate::journey::{
    checks::wire::{CheckSheet, CheckView, PlaceView},
    review::wire::{DossierView, FiledCall},
};

impl Page {
    /// Lines of the head: what a second person, or anybody later, should look at first.
    pub(super) fn flags(&mut self, view: &DossierView) {
        let flags = view.decisions.last().map(|decision| decision.flags.as_slice()).unwrap_or_default();
        let of = |page: &Self, group: &str, codes: &[String]| codes.iter().map(|code| page.words.coded(group, code)).collect::<Vec<_>>().join("; ");
        let listed: Vec<String> = view
            .file
            .listed
            .iter()
            .map(|hit| format!("{}: {}", self.words.coded("list_key", &hit.key_kind), self.words.coded("list_reason", &hit.reason)))
            .collect();
        let lines = [
            ("flags", of(self, "flag", flags)),
            ("listed", listed.join("; ")),
            ("suspicions", of(self, "reason", &view.file.suspicions)),
            ("kept", view.keep_until.map(time).unwrap_or_default()),
            ("held", view.held_at.map(time).unwrap_or_default()),
            ("erased", view.erased_at.map(time).unwrap_or_default()),
        ];
        for (label, said) in lines.into_iter().filter(|(_, said)| !said.is_empty()) {
            let label = self.word(label).to_owned();
            self.row(&[&label, &said]);
        }
    }

    /// The reason of a decision, with the one thing to be done again.
    pub(super) fn reason_of(&self, reason: &str, item: Option<&str>) -> String {
        let said = self.words.coded("reason", &reason);
        let thing = |item: &str| {
            let words = self.words.coded("redo_item", &item);
            if words == item { self.words.check(&item) } else { words }
        };
        item.map_or(said.clone(), |item| format!("{said}: {}", thing(item)))
    }

    /// What the recording showed of a check, and whether it counts.
    pub(super) fn measured(&self, check: &CheckView) -> String {
        let seen = check.measured.as_ref().map(|measured| {
            let verdict = self.words.coded("measured", &measured.verdict);
            let reason = measured.reason.as_ref().map(|reason| format!(": {}", self.words.coded("measured_reason", reason))).unwrap_or_default();
            let verdict = format!("{verdict}{reason}");
            if measured.disagrees { format!("{verdict} ({})", self.words.coded("flag", &"measured_otherwise")) } else { verdict }
        });
        let void = check.void_because.as_ref().map(|because| self.words.coded("void", because));
        [seen, void].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// What the measured verdicts of a call rest on.
    pub(super) fn evidence(&mut self, call: &FiledCall) {
        let measured: Vec<_> = call.checks.iter().filter_map(|check| Some((check, check.measured.as_ref()?.evidence.as_ref()?))).collect();
        let Some((_, first)) = measured.first() else { return };
        self.subheading("evidence");
        self.table(&["check", "asked_for", "began", "held_from_to", "farthest", "own_front", "face_seen"]);
        let moment = |at: Option<i64>| at.map_or("–".to_owned(), media_time);
        for (check, seen) in &measured {
            let held = seen.entered_ms.map_or("–".to_owned(), |from| format!("{} – {}", media_time(from), moment(seen.held_ms)));
            let front = seen.front.map_or("–".to_owned(), |front| format!("{:+.1}° / {:+.1}° / {:+.1}°", front.yaw, front.pitch, front.roll));
            let face = seen.quality.map_or("–".to_owned(), |face| format!("{:.0} % / {:.0} px / {:.0}", face.score * 100.0, face.width, face.luma));
            let farthest = if check.kind.is_movement() { format!("{:.1}°", seen.peak_deg) } else { "–".to_owned() };
            let kind = self.words.check(&check.kind);
            self.row(&[&kind, &media_time(check.media_ms), &moment(seen.started_ms), &held, &farthest, &front, &face]);
        }
        self.raw("</table><table class=\"pairs\">");
        let rules = self.word("rules").to_owned();
        self.row(&[&rules, &first.rules]);
        for (name, hash) in ["network_detector", "network_mesh"].into_iter().zip(&first.networks) {
            let name = self.word(name).to_owned();
            self.row(&[&name, hash]);
        }
        self.raw("</table>");
    }

    /// Questions and places of a call, and what was noticed about its picture.
    pub(super) fn asked(&mut self, call: &FiledCall) {
        self.faces(call);
        let questions: Vec<_> = call.sheets.iter().flat_map(|sheet: &CheckSheet| &sheet.questions).collect();
        if !questions.is_empty() {
            self.subheading("questions");
            self.table(&["question", "answer", "result"]);
            for line in questions {
                let mark = line.mark.map(|mark| self.words.coded("mark", &mark)).unwrap_or_default();
                self.row(&[&self.words.coded("question", &line.question), line.answer.expose(), &mark]);
            }
            self.raw("</table>");
        }
        for place in call.sheets.iter().filter_map(|sheet| sheet.place.as_ref()) {
            self.place(place);
        }
        if !call.hints.is_empty() {
            self.subheading("hints");
            self.table(&["hint", "noticed_by", "media_time", "times"]);
            for hint in &call.hints {
                let (said, source) = (self.words.coded("hint", &hint.code), self.words.coded("hint_source", &hint.source));
                self.row(&[&said, &source, &media_time(hint.media_ms), &hint.times.to_string()]);
            }
            self.raw("</table>");
        }
    }

    /// What the agent saw of portrait and live face, and what the network says: advice.
    pub(super) fn faces(&mut self, call: &FiledCall) {
        let lights: Vec<_> = call.checks.iter().filter_map(|check| check.likeness).collect();
        if lights.is_empty() && call.comparison.is_empty() {
            return;
        }
        self.subheading("faces");
        self.table(&["feature", "result"]);
        for line in &call.comparison {
            let (item, mark) = (self.words.coded("face", &line.item), self.words.coded("face_mark", &line.mark));
            self.row(&[&item, &mark]);
        }
        for likeness in lights {
            let light = self.words.coded("light", &likeness.light);
            let said = likeness.distance.map_or(light.clone(), |distance| format!("{light} ({distance:.2})"));
            let name = self.word("network").to_owned();
            self.row(&[&name, &said]);
        }
        self.raw("</table>");
    }

    fn place(&mut self, place: &PlaceView) {
        self.subheading("place");
        self.table(&["place", "time", "consents"]);
        let at = format!("{:.5}, {:.5} (± {:.0} m)", place.latitude.expose(), place.longitude.expose(), place.accuracy_m);
        self.row(&[&at, &time(place.taken_at), &place.consent_sha256]);
        self.raw("</table>");
    }
}
