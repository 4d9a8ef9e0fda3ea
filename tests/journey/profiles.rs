//! Every clause of every built-in rule profile: a call that does all of it meets the clause, a call that leaves one of its
//! steps out, or lacks a piece of its evidence, does not.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use visavis::journey::checks::{Evidence, Profile, wire::CheckKind};

use crate::support::TestHouse;

const EVIDENCE: [Evidence; 11] = [
    Evidence::Recording,
    Evidence::Stills,
    Evidence::Measured,
    Evidence::Drawn,
    Evidence::Document,
    Evidence::Zone,
    Evidence::Consents,
    Evidence::Decision,
    Evidence::SecondPerson,
    Evidence::RandomAgent,
    Evidence::Compared,
];

#[test]
fn every_clause_is_met_by_all_of_it_and_by_nothing_less() {
    let all: BTreeSet<Evidence> = EVIDENCE.into();
    for name in Profile::built_in() {
        let profile = Profile::load(name).unwrap();
        let whole = profile.coverage(&[], &all);
        for (at, clause) in whole.iter().enumerate() {
            assert!(clause.is_met, "{name} {}", clause.clause);
            let needs: Vec<Evidence> = profile.coverage(&[], &BTreeSet::new())[at].lacking.clone();
            for piece in &needs {
                let without: BTreeSet<Evidence> = all.iter().copied().filter(|one| one != piece).collect();
                let seen = &profile.coverage(&[], &without)[at];
                assert!(!seen.is_met && seen.lacking == [*piece], "{name} {} without {piece:?}", clause.clause);
            }
            let steps: Vec<CheckKind> = profile.kinds().into_iter().filter(|kind| !profile.coverage(&[*kind], &all)[at].is_met).collect();
            // The end of a file's time, limits of tries and what a break means are shown by the tests the clause names.
            let is_shown_elsewhere = ["8.5.2-04, 8.5.2-08", "8.4.2-05", "P.2"].contains(&clause.clause.as_str());
            assert!(!needs.is_empty() || !steps.is_empty() || is_shown_elsewhere, "{name} {} asks for nothing", clause.clause);
        }
    }
}

#[test]
fn who_gets_whom_is_told_by_the_profile() {
    let is_random = |name: &str| Profile::load(name).unwrap().allots_at_random();
    assert_eq!(Profile::built_in().filter(|name| is_random(name)).collect::<Vec<_>>(), ["in-vcip", "de-videoident"]);
}

/// The coverage of a call that was held under a profile, as the file says it; one that is not whole was broken off at once.
async fn held(name: &str, is_whole: bool) -> Value {
    let house = TestHouse::with(|settings| name.clone_into(&mut settings.checks.profile)).await;
    let (lan, chief) = (house.agent("lan").await, house.supervisor("chief").await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.post("/api/v1/call/nonce").by(&room.customer).json(&json!({ "nonce": "5e".repeat(32) })).send().await.expect(204);
    house.live(room.call).await;
    if is_whole {
        house.pass_all_checks(room.call, &lan).await;
        house.decide(room.customer.id, &lan, &json!({ "outcome": "approve", "reason": "all_checks_passed", "note": null })).await.expect(200);
    } else {
        house.decide(room.customer.id, &lan, &json!({ "outcome": "abort", "reason": "light", "note": null })).await.expect(200);
    }
    let file = house.get(&format!("/api/v1/dossiers/{}?purpose=audit", room.customer.id)).by(&chief).send().await.expect(200).json();
    file["calls"][0]["plan"].clone()
}

#[tokio::test]
async fn a_call_says_of_itself_which_clauses_it_meets() {
    for name in Profile::built_in().filter(|name| *name != "default") {
        let (whole, broken) = (held(name, true).await, held(name, false).await);
        assert_eq!(whole["profile"], name);
        let profile = Profile::load(name).unwrap();
        for (at, clause) in whole["clauses"].as_array().unwrap().iter().enumerate() {
            // What this call cannot have: nobody measured it, nothing was photographed, no second person came, nothing is sealed.
            let lacking: Vec<&str> = clause["lacking"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
            assert!(
                lacking.iter().all(|one| ["measured", "document", "zone", "second_person", "recording", "stills", "consents", "compared"].contains(one)),
                "{name} {}: {lacking:?}",
                clause["clause"]
            );
            assert_eq!(clause["is_met"] == json!(true), lacking.is_empty(), "{name} {}: every step was passed", clause["clause"]);
            let wants_steps = !profile.coverage(&profile.kinds(), &EVIDENCE.into())[at].is_met;
            assert!(!wants_steps || broken["clauses"][at]["is_met"] == json!(false), "{name} {}: nothing was checked", clause["clause"]);
        }
    }
}
