//! A file as one page to print: no script, everything escaped, pictures inside. Pure.

mod extra;

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    wire::{DossierView, FiledCall, TimelineView},
    words::ReportWords,
};
use crate::{
    base::{
        Timestamp,
        id::{CaptureId, CheckId, StillId},
    },
    engine::{document::FieldName, reader::Problem},
    journey::checks::wire::PlanProof,
};

/// What a browser may do with the page: show it and the pictures inside, nothing else.
pub const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const STYLE: &str = "@page{size:A4;margin:14mm 16mm}\
body{font:14px/1.45 system-ui,sans-serif;color:#111;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #999}h3{font-size:1rem;margin:1.2rem 0 .4rem}\
h2,h3{break-after:avoid}table{border-collapse:collapse;width:100%}thead{display:table-header-group}tr,figure{break-inside:avoid}\
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem .25rem 0;border-bottom:1px solid #ddd}th{font-weight:600}\
code{font:11px/1.4 ui-monospace,monospace;color:#555;overflow-wrap:anywhere}.muted{color:#555}\
figure{display:inline-block;margin:0 1rem 1rem 0;width:15rem;vertical-align:top}figcaption{margin-top:.25rem}\
img{display:block;max-width:100%;max-height:17rem;border:1px solid #999}\
table.pairs td:first-child{width:14rem}@media print{body{font-size:12px;max-width:none;margin:0;padding:0}figure{width:13rem}img{max-height:14rem}h2{margin-top:1.4rem}}";

/// Details of a line of the timeline that are told, in this order.
const TOLD: [&str; 7] = ["check_kind", "party", "side", "kind", "outcome", "how", "reason"];

/// The pictures of a file.
#[derive(Default)]
pub struct Pictures {
    /// Photographs, JPEG.
    pub captures: HashMap<CaptureId, Vec<u8>>,
    /// Portraits cut out of photographs, JPEG.
    pub portraits: HashMap<CaptureId, Vec<u8>>,
    /// Stills of checks.
    pub stills: HashMap<CheckId, StillPicture>,
    /// Photographs taken in calls, JPEG.
    pub photographs: HashMap<StillId, Vec<u8>>,
}

/// The still of a check.
pub struct StillPicture {
    /// JPEG.
    pub bytes: Vec<u8>,
    /// SHA-256 as filed, hex.
    pub sha256: String,
}

/// Who made the report, when and why, and how far the journal had come.
pub struct Seal {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Why, coded.
    pub purpose: &'static str,
    /// The newest line of the journal about this file and its hash.
    pub journal_line: Option<(i64, String)>,
}

/// The page. `locale` is `en` or `vi`; English for anything else.
pub fn html(view: &DossierView, pictures: &Pictures, seal: &Seal, locale: &str) -> String {
    let mut page = Page { out: String::new(), words: ReportWords::of(locale) };
    page.head(view, seal);
    page.photographs(view, pictures);
    page.details(view);
    page.disagreements(view);
    page.consents(view);
    page.decisions(view);
    for call in &view.calls {
        page.call(call, pictures);
    }
    page.timeline(view);
    page.views(view);
    page.foot(seal);
    page.out
}

struct Page {
    out: String,
    words: ReportWords,
}

impl Page {
    fn head(&mut self, view: &DossierView, seal: &Seal) {
        let file = &view.file;
        self.raw(&format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>",
            self.words.locale()
        ));
        self.text(&format!("{} {}", self.word("title"), file.reference));
        self.raw("</title><style>");
        self.raw(STYLE);
        self.raw("</style></head><body><h1>");
        self.text(self.word("title"));
        self.raw("</h1>");
        let made = format!("{} {} {} {}", self.word("made"), time(seal.at), self.word("by"), seal.by);
        let lines = [
            (self.word("reference"), file.reference.clone()),
            (self.word("state"), self.words.coded("state", &file.state)),
            (self.word("document"), file.document_kind.map(|kind| self.words.coded("document", &kind)).unwrap_or_default()),
            (self.word("contact"), [&file.email, &file.phone].into_iter().flatten().map(|part| part.expose().clone()).collect::<Vec<_>>().join(", ")),
            (self.word("purpose"), self.words.coded("purpose", &seal.purpose)),
        ];
        self.raw("<p class=\"muted\">");
        self.text(&made);
        self.raw("</p><table class=\"pairs\">");
        for (label, value) in lines {
            self.row(&[label, &value]);
        }
        self.flags(view);
        self.raw("</table>");
    }

    fn photographs(&mut self, view: &DossierView, pictures: &Pictures) {
        self.heading("photographs");
        if view.file.captures.is_empty() {
            self.none();
        }
        for capture in &view.file.captures {
            let zone = capture.mrz_valid.map(|valid| self.word(if valid { "mrz_valid" } else { "mrz_invalid" }).to_owned());
            let flag = capture.flagged.then(|| format!("{}: {}", self.word("flagged"), self.problems(&capture.problems)));
            let refused = (!capture.refusals.is_empty()).then(|| format!("{}: {}", self.word("refusals"), capture.refusals.len()));
            let verdict = [zone, flag, refused].into_iter().flatten().collect::<Vec<_>>().join("; ");
            self.figure(pictures.captures.get(&capture.id).map(Vec::as_slice), &self.words.coded("side", &capture.side), &verdict, &capture.sha256);
            if let Some(sha256) = &capture.portrait_sha256 {
                let title = self.word("portrait").to_owned();
                self.figure(pictures.portraits.get(&capture.id).map(Vec::as_slice), &title, "", sha256);
            }
        }
    }

    fn details(&mut self, view: &DossierView) {
        self.heading("details");
        self.table(&["field", "confirmed", "read", "source", "origin"]);
        for field in &view.file.fields {
            let read = field.read_value.as_ref().map(|value| value.expose().clone()).unwrap_or_default();
            let source = field.source.map(|source| self.words.coded("source", &source)).unwrap_or_default();
            let doubt = if field.doubtful { format!(" ({})", self.word("doubtful")) } else { String::new() };
            let (name, origin) = (self.words.coded("field", &field.name), self.words.coded("origin", &field.origin));
            self.row(&[&name, &self.shown(field.name, field.value.expose()), &self.shown(field.name, &read), &source, &format!("{origin}{doubt}")]);
        }
        self.raw("</table>");
    }

    fn disagreements(&mut self, view: &DossierView) {
        self.heading("disagreements");
        if view.file.disagreements.is_empty() {
            return self.none();
        }
        self.table(&["result", "field", "read", "source"]);
        for one in &view.file.disagreements {
            let said = self.words.coded("disagreement", &one.code);
            for (nth, reading) in one.readings.iter().enumerate() {
                let said = if nth == 0 { said.as_str() } else { "" };
                let (name, source) = (self.words.coded("field", &reading.name), self.words.coded("source", &reading.source));
                self.row(&[said, &name, &self.shown(reading.name, reading.value.expose()), &source]);
            }
        }
        self.raw("</table>");
    }

    fn consents(&mut self, view: &DossierView) {
        self.heading("consents");
        self.table(&["time", "consents", "result", "version", "hash"]);
        for consent in &view.consents {
            let given = self.word(if consent.given { "given" } else { "withheld" }).to_owned();
            self.row(&[&time(consent.at), &self.words.any(&consent.kind), &given, &format!("{} {}", consent.version, consent.locale), &consent.text_sha256]);
        }
        self.raw("</table>");
    }

    fn decisions(&mut self, view: &DossierView) {
        self.heading("decisions");
        self.table(&["time", "outcome", "reason", "note", "agent"]);
        for decision in &view.decisions {
            let note = decision.note.as_ref().map(|note| note.expose().clone()).unwrap_or_default();
            let (outcome, reason) = (self.words.coded("outcome", &decision.outcome), self.reason_of(&decision.reason, decision.item.as_deref()));
            self.row(&[&time(decision.at), &outcome, &reason, &note, &decision.agent_name]);
            if let Some(second) = &decision.second {
                let note = second.note.as_ref().map(|note| note.expose().clone()).unwrap_or_default();
                let (outcome, reason) = (self.words.coded("outcome", &second.outcome), self.reason_of(&second.reason, second.item.as_deref()));
                let name = format!("{} ({})", second.checker_name, self.word("second_person"));
                self.row(&[&time(second.at), &outcome, &reason, &note, &name]);
            }
        }
        self.raw("</table>");
    }

    /// How the order of the checks came about, opened, and the clauses of the rule profile.
    fn order(&mut self, plan: &PlanProof) {
        self.subheading("order");
        self.raw("<table class=\"pairs\">");
        let proved = self.word(if plan.is_proved { "order_proved" } else { "order_not_proved" }).to_owned();
        for (name, value) in [("order", &proved), ("commitment", &plan.commitment), ("seed", &plan.seed), ("nonce", &plan.nonce.clone().unwrap_or_default())] {
            let name = self.word(name).to_owned();
            self.row(&[&name, value]);
        }
        if !plan.carried.is_empty() {
            let (name, kinds) = (self.word("carried").to_owned(), plan.carried.iter().map(|kind| self.words.check(kind)).collect::<Vec<_>>());
            self.row(&[&name, &kinds.join(", ")]);
        }
        self.raw("</table>");
        if plan.clauses.is_empty() {
            return;
        }
        self.raw("<h3>");
        self.text(self.said(&plan.title, plan.title_vi.as_ref()));
        self.raw("</h3>");
        self.table(&["clause", "result", "note"]);
        for clause in &plan.clauses {
            let met = self.word(if clause.is_met { "is_met" } else { "is_not_met" }).to_owned();
            let lacking: Vec<String> = clause.lacking.iter().map(|one| self.words.coded("evidence", one)).collect();
            let met = if lacking.is_empty() { met } else { format!("{met}: {}", lacking.join(", ")) };
            let name = self.said(&clause.clause, clause.clause_vi.as_ref()).to_owned();
            self.row(&[&name, &met, self.said(&clause.says, clause.says_vi.as_ref())]);
        }
        self.raw("</table>");
        self.raw("<p>");
        self.text(self.said(&plan.warning, plan.warning_vi.as_ref()));
        self.raw("</p>");
    }

    fn call(&mut self, call: &FiledCall, pictures: &Pictures) {
        self.heading("calls");
        self.table(&["agent", "started", "ended", "reason"]);
        let ended = call.ended_at.map(time).unwrap_or_default();
        let reason = call.end_reason.as_ref().map(|reason| self.words.coded("end", reason)).unwrap_or_default();
        self.row(&[&call.agent_name, &time(call.started_at), &ended, &reason]);
        self.raw("</table>");
        self.subheading("checks");
        self.table(&["check", "result", "reason", "measured", "media_time", "time"]);
        for check in &call.checks {
            let reason = check.reason.as_ref().map(|reason| self.words.coded("check_reason", reason)).unwrap_or_default();
            self.row(&[
                &self.words.check(&check.kind),
                &self.words.coded("step_state", &check.state),
                &reason,
                &self.measured(check),
                &media_time(check.media_ms),
                &time(check.asked_at),
            ]);
        }
        self.raw("</table><p>");
        for check in &call.checks {
            if let Some(still) = pictures.stills.get(&check.id) {
                self.figure(Some(&still.bytes), &self.words.check(&check.kind), &media_time(check.media_ms), &still.sha256);
            }
        }
        for still in &call.stills {
            if let (Some(picture), Some(sha256)) = (pictures.photographs.get(&still.id), &still.sha256) {
                self.figure(Some(picture), &self.words.coded("event", &"still.filed"), &media_time(still.media_ms), sha256);
            }
        }
        self.raw("</p>");
        self.evidence(call);
        self.asked(call);
        if let Some(plan) = &call.plan {
            self.order(plan);
        }
        if !call.chat.is_empty() {
            self.subheading("chat");
            self.raw("<table class=\"pairs\">");
            for line in &call.chat {
                self.row(&[&time(line.at), &self.words.coded("party", &line.from), line.text.expose()]);
            }
            self.raw("</table>");
        }
        self.subheading("recording");
        self.table(&["file", "size", "media_time", "hash"]);
        for file in call.recording.iter().flat_map(|recording| &recording.files) {
            self.row(&[&file.name, &file.size.to_string(), &media_time(file.offset_ms), &file.sha256]);
        }
        self.raw("</table>");
    }

    fn timeline(&mut self, view: &DossierView) {
        self.heading("timeline");
        self.table(&["time", "event", "actor", "note"]);
        for entry in &view.timeline {
            let (event, actor, detail) = (self.words.coded("event", &entry.kind), self.words.coded("actor", &entry.actor), self.told(entry));
            self.row(&[&time(entry.at), &event, &actor, &detail]);
        }
        self.raw("</table>");
    }

    fn views(&mut self, view: &DossierView) {
        self.heading("views");
        self.table(&["time", "actor", "event", "purpose", "times"]);
        // Looks at the same thing in a row, for the same purpose, are one line: from when, and how often.
        for looks in view.views.chunk_by(|one, other| (&one.actor, &one.act, &one.purpose) == (&other.actor, &other.act, &other.purpose)) {
            let (Some(newest), Some(oldest)) = (looks.first(), looks.last()) else { continue };
            let purpose = newest.purpose.as_ref().map(|purpose| self.words.coded("purpose", purpose)).unwrap_or_default();
            let at = if looks.len() == 1 { time(newest.at) } else { format!("{} – {}", time(oldest.at), newest.at.format("%H:%M:%S")) };
            self.row(&[&at, &self.words.coded("actor", &newest.actor), &self.words.coded("act", &newest.act), &purpose, &looks.len().to_string()]);
        }
        self.raw("</table>");
    }

    fn foot(&mut self, seal: &Seal) {
        self.raw("<p class=\"muted\">");
        self.text(self.word("page_note"));
        if let Some((seq, hash)) = &seal.journal_line {
            self.text(&format!(" {} {seq}, ", self.word("journal")));
            self.raw("<code>");
            self.text(hash);
            self.raw("</code>.");
        }
        self.raw("</p></body></html>");
    }

    fn figure(&mut self, jpeg: Option<&[u8]>, caption: &str, more: &str, sha256: &str) {
        self.raw("<figure>");
        if let Some(jpeg) = jpeg {
            self.raw("<img alt=\"");
            self.text(caption);
            self.raw("\" src=\"data:image/jpeg;base64,");
            STANDARD.encode_string(jpeg, &mut self.out);
            self.raw("\">");
        }
        self.raw("<figcaption>");
        self.text(caption);
        if !more.is_empty() {
            self.raw("<br>");
            self.text(more);
        }
        self.raw("<br><code>");
        self.text(sha256);
        self.raw("</code></figcaption></figure>");
    }

    fn table(&mut self, columns: &[&str]) {
        self.raw("<table><thead><tr>");
        for column in columns {
            self.raw("<th>");
            self.text(self.word(column));
            self.raw("</th>");
        }
        self.raw("</tr></thead>");
    }

    fn row(&mut self, cells: &[&str]) {
        self.raw("<tr>");
        for cell in cells {
            let is_hash = cell.len() == 64 && cell.bytes().all(|b| b.is_ascii_hexdigit());
            self.raw(if is_hash { "<td><code>" } else { "<td>" });
            self.text(cell);
            self.raw(if is_hash { "</code></td>" } else { "</td>" });
        }
        self.raw("</tr>");
    }

    fn heading(&mut self, word: &str) {
        self.raw("<h2>");
        self.text(self.word(word));
        self.raw("</h2>");
    }

    fn subheading(&mut self, word: &str) {
        self.raw("<h3>");
        self.text(self.word(word));
        self.raw("</h3>");
    }

    fn none(&mut self) {
        self.raw("<p>");
        self.text(self.word("none"));
        self.raw("</p>");
    }

    fn word(&self, key: &str) -> &'static str {
        self.words.own(key)
    }

    /// What a rule profile says, in the language of the page where it says that.
    fn said<'a>(&self, english: &'a str, vietnamese: Option<&'a String>) -> &'a str {
        vietnamese.filter(|_| self.words.locale() == "vi").map_or(english, String::as_str)
    }

    /// A value as a person reads it: the sex in words, everything else as it stands.
    fn shown(&self, name: FieldName, value: &str) -> String {
        if name == FieldName::Sex { self.words.coded("sex", &value) } else { value.to_owned() }
    }

    /// What is wrong with a photograph, each with what was measured.
    fn problems(&self, problems: &[Problem]) -> String {
        problems.iter().map(|problem| format!("{} ({:.2})", self.words.coded("problem", &problem.code), problem.value)).collect::<Vec<_>>().join(", ")
    }

    /// The coded details of a line that people understand; ids are left out.
    fn told(&self, line: &TimelineView) -> String {
        let codes = TOLD.iter().filter_map(|key| Some((*key, line.detail.get(key)?.as_str()?))).filter(|(_, code)| !code.is_empty());
        codes.map(|(key, code)| if key == "check_kind" { self.words.check(&code) } else { self.words.any(code) }).collect::<Vec<_>>().join(", ")
    }

    fn raw(&mut self, html: &str) {
        self.out.push_str(html);
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                c => self.out.push(c),
            }
        }
    }
}

fn time(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn media_time(ms: i64) -> String {
    let seconds = ms / 1000;
    format!("{}:{:02}.{:03}", seconds / 60, seconds % 60, ms % 1000)
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
