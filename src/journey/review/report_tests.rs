use super::*;
use crate::{
    base::{Ambient, Pii},
    engine::{
        document::{DisagreementCode, FieldName, Side, Source},
        reader::{Problem, ProblemCode},
    },
    journey::{
        call::{
            quality::CallQuality,
            stills::still::{Camera, StillState, StillView, StillWay},
            wire::{CallFileView, ChatLine, FieldOrigin, FileCapture, FileDisagreement, FileField, FileReading, FileRefusal, Party},
        },
        checks::{
            Evidence,
            wire::{
                AnswerMark, CheckKind, CheckSheet, CheckState, CheckView, ClauseView, ComparisonLine, ComparisonMark, EvidenceView, FrontView, HintSource,
                HintView, Light, LikenessView, MeasuredVerdict, MeasuredView, PlaceView, PlanProof, QuestionLine, SeenView,
            },
        },
        review::wire::{FiledDecision, Outcome, SecondOpinion, TimelineView},
    },
    registry::{
        dossier::State,
        person::{KeyKind, wire::ListHit},
    },
};

const NASTY: &str = "</td><script>alert('x')</script>&\"";

fn at() -> Timestamp {
    "2026-03-02T02:00:00Z".parse().expect("an instant")
}

fn file(ambient: &Ambient) -> (DossierView, Pictures) {
    let (capture, check) = (ambient.id::<CaptureId>(), ambient.id::<CheckId>());
    let field = FileField {
        name: FieldName::FullName,
        value: Pii::new(NASTY.to_owned()),
        read_value: Some(Pii::new("Specimen".to_owned())),
        source: None,
        confidence: None,
        origin: FieldOrigin::Changed,
        doubtful: true,
    };
    let call = call(ambient, check);
    let view = DossierView {
        file: CallFileView {
            dossier_id: ambient.id(),
            reference: "VX-7K2M-93QD".to_owned(),
            state: State::Rejected,
            locale: "vi".to_owned(),
            document_kind: None,
            captures: vec![FileCapture {
                id: capture,
                side: Side::Front,
                mrz_valid: Some(false),
                sha256: "ab".repeat(32),
                portrait_sha256: Some("89".repeat(32)),
                flagged: true,
                problems: vec![Problem { code: ProblemCode::Blurred, refuses: true, value: 61.5 }],
                refusals: vec![FileRefusal { taken_at: at(), problems: Vec::new() }],
            }],
            fields: vec![field],
            disagreements: vec![FileDisagreement {
                code: DisagreementCode::SourcesDiffer,
                fields: vec![FieldName::BirthDate],
                readings: [("1995-07-14", Source::Qr), ("1995-01-14", Source::Mrz)].map(|(value, source)| said(value, source)).to_vec(),
            }],
            email: Some(Pii::new(NASTY.to_owned())),
            phone: None,
            required_checks: Vec::new(),
            rehearsal: None,
            listed: vec![ListHit { key_kind: KeyKind::DocumentNumber, reason: "stolen_document".to_owned(), listed_at: at(), at: at() }],
            suspicions: vec!["coached".to_owned()],
        },
        consents: Vec::new(),
        keep_until: Some(at()),
        held_at: None,
        erased_at: None,
        calls: vec![call],
        decisions: vec![FiledDecision {
            outcome: Outcome::Reject,
            reason: "other".to_owned(),
            item: None,
            note: Some(Pii::new(NASTY.to_owned())),
            agent_name: "Lan".to_owned(),
            at: at(),
            flags: vec!["left_out".to_owned()],
            waits_for_second: false,
            second: Some(SecondOpinion {
                outcome: Outcome::Reject,
                reason: "other".to_owned(),
                item: None,
                note: Some(Pii::new(NASTY.to_owned())),
                checker_name: NASTY.to_owned(),
                at: at(),
            }),
        }],
        timeline: vec![TimelineView { at: at(), kind: "call.ended".to_owned(), actor: NASTY.to_owned(), detail: serde_json::json!({ "reason": NASTY }) }],
        views: Vec::new(),
    };
    let pictures = Pictures {
        captures: HashMap::from([(capture, vec![0xFF, 0xD8, 0xFF])]),
        portraits: HashMap::from([(capture, vec![0xFF, 0xD8, 0xFE])]),
        stills: HashMap::from([(check, StillPicture { bytes: vec![1, 2, 3], sha256: "cd".repeat(32) })]),
        photographs: HashMap::from([(view.calls[0].stills[0].id, vec![0xFF, 0xD8, 0xFD])]),
    };
    (view, pictures)
}

fn call(ambient: &Ambient, check: CheckId) -> FiledCall {
    FiledCall {
        id: ambient.id(),
        agent_name: NASTY.to_owned(),
        started_at: at(),
        ended_at: Some(at()),
        end_reason: Some("hung_up".to_owned()),
        checks: vec![CheckView {
            id: check,
            kind: CheckKind::Left,
            state: CheckState::Passed,
            asked_at: at(),
            media_ms: 61_007,
            reason: None,
            has_still: true,
            challenge: None,
            chosen_because: Some("technical".to_owned()),
            measured: Some(measured()),
            code: None,
            questions: None,
            place: None,
            likeness: Some(LikenessView { light: Light::Apart, distance: Some(0.712) }),
            void_because: None,
        }],
        hints: vec![HintView { source: HintSource::Customer, code: "virtual_camera".to_owned(), media_ms: 2_000, times: 3 }],
        comparison: vec![ComparisonLine { item: "nose".to_owned(), mark: ComparisonMark::Differs }],
        sheets: vec![CheckSheet {
            check_id: check,
            questions: vec![QuestionLine { question: "birth_year".to_owned(), answer: Pii::new(NASTY.to_owned()), mark: Some(AnswerMark::Wrong) }],
            place: Some(PlaceView {
                latitude: Pii::new(10.776),
                longitude: Pii::new(106.701),
                accuracy_m: 12.4,
                taken_at: at(),
                consent_sha256: "67".repeat(32),
            }),
        }],
        chat: vec![ChatLine { id: ambient.id(), from: Party::Customer, text: Pii::new(NASTY.to_owned()), at: at() }],
        recording: None,
        rehearsal: None,
        stills: vec![StillView {
            id: ambient.id(),
            state: StillState::Filed,
            reason: None,
            camera: Camera::Environment,
            asked_at: at(),
            media_ms: 90_000,
            way: Some(StillWay::Channel),
            sent_sha256: Some("77".repeat(32)),
            sha256: Some("76".repeat(32)),
            width: Some(4000),
            height: Some(3000),
        }],
        quality: CallQuality { ends: Vec::new(), marks: Vec::new() },
        plan: Some(PlanProof {
            profile: "default".to_owned(),
            title: NASTY.to_owned(),
            warning: NASTY.to_owned(),
            title_vi: None,
            warning_vi: Some("Đây không phải là tư vấn pháp lý.".to_owned()),
            commitment: "c0".repeat(32),
            seed: "5e".repeat(32),
            nonce: None,
            is_proved: false,
            clauses: vec![ClauseView {
                clause: NASTY.to_owned(),
                says: NASTY.to_owned(),
                clause_vi: None,
                says_vi: Some("Có bước kiểm tra.".to_owned()),
                is_met: false,
                lacking: vec![Evidence::Drawn],
            }],
            carried: vec![CheckKind::Up],
            carried_from: Some(ambient.id()),
        }),
    }
}

fn measured() -> MeasuredView {
    MeasuredView {
        verdict: MeasuredVerdict::Failed,
        reason: Some("wrong_direction".to_owned()),
        disagrees: true,
        evidence: Some(EvidenceView {
            rules: NASTY.to_owned(),
            networks: vec!["12".repeat(32), "34".repeat(32)],
            front: Some(FrontView { yaw: 1.5, pitch: -2.0, roll: 0.0 }),
            started_ms: Some(61_900),
            entered_ms: Some(62_300),
            held_ms: None,
            returned_ms: None,
            peak_deg: 17.2,
            quality: Some(SeenView { score: 0.98, width: 161.0, luma: 92.0 }),
        }),
    }
}

fn said(value: &str, source: Source) -> FileReading {
    FileReading { name: FieldName::BirthDate, value: Pii::new(value.to_owned()), source, confidence: 0.9, capture: None, place: None }
}

fn page(locale: &str) -> String {
    let (view, pictures) = file(&Ambient::system());
    let seal = Seal { at: at(), by: NASTY.to_owned(), purpose: "audit", journal_line: Some((41, "ef".repeat(32))) };
    html(&view, &pictures, &seal, locale)
}

#[test]
fn nothing_that_was_typed_becomes_markup() {
    let page = page("en");
    assert!(!page.contains("<script"), "{page}");
    assert_eq!(
        page.matches("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;").count(),
        16,
        "value, e-mail, note, agent, chat, actor, detail, maker, answer to a question, second person's name and note, title, clause, sentence and warning of the rule profile, version of the rules of measuring"
    );
    for (open, close) in [("<table", "</table>"), ("<tr>", "</tr>"), ("<td>", "</td>"), ("<figure>", "</figure>")] {
        assert_eq!(page.matches(open).count(), page.matches(close).count(), "{open}");
    }
}

#[test]
fn it_holds_pictures_hashes_and_times() {
    let page = page("en");
    for wanted in [
        "data:image/jpeg;base64,/9j/",
        &"ab".repeat(32),
        &"cd".repeat(32),
        &"ef".repeat(32),
        &"89".repeat(32),
        "data:image/jpeg;base64,/9j+",
        "data:image/jpeg;base64,/9j9",
        &"76".repeat(32),
        "Photo filed",
        "1:30.000",
        "1:01.007",
        "10.77600, 106.70100 (± 12 m)",
        "The camera calls itself a virtual one",
        "Document number: stolen document",
        "Somebody tells the customer what to say",
        "In which year were you born?",
        "Look up",
        "far apart (0.71)",
        "Nose",
        "Check digits do not close",
        "2026-03-02 02:00:00",
        "another direction was shown",
        "1:01.900",
        "1:02.300 – –",
        "+1.5° / -2.0° / +0.0°",
        "98 % / 161 px / 92",
        &"34".repeat(32),
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    assert!(!page.contains("http"), "it needs nothing from anywhere");
}

#[test]
fn people_read_words_not_codes() {
    let (english, vietnamese) = (page("en"), page("vi"));
    for (word, from) in [
        ("Full name", "field"),
        ("Changed by the customer", "origin"),
        ("Hung up", "end"),
        ("Call ended", "event"),
        ("Rejected", "state"),
        ("Audit", "purpose"),
    ] {
        assert!(english.contains(word), "{word} ({from})");
    }
    for code in ["full_name", "hung_up", "call.ended", ">changed", ">rejected", ">audit", ">passed", ">left<", ">front"] {
        assert!(!english.contains(code) && !vietnamese.contains(code), "{code}");
    }
    assert!(vietnamese.contains("Báo cáo định danh") && vietnamese.starts_with("<!doctype html><html lang=\"vi\">"));
    assert!(vietnamese.contains("Khách hàng đã sửa"));
    for said in ["Đây không phải là tư vấn pháp lý.", "Có bước kiểm tra."] {
        assert!(vietnamese.contains(said) && !english.contains(said), "{said}");
    }
    assert!(page("xx").contains("lang=\"en\""));
}

#[test]
fn contradictions_and_flags_stand_in_words() {
    let page = page("en");
    for wanted in
        ["Taken although: not sharp (61.50)", "Refused before: 1", "Sources say different things", "1995-07-14", "QR code", "1995-01-14", "code lines"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
}
