//! What still counts after a connection broke, as the rule profile wants it.

use serde_json::{Value, json};
use visavis::{engine::sfu::What, journey::call::wire::Party};

use crate::support::{TestHouse, calls::Room};

/// The default profile with another policy.
async fn house(policy: &str) -> TestHouse {
    let text = include_str!("../../src/journey/checks/profiles/default.toml").replace("\"continue\"", &format!("{policy:?}"));
    TestHouse::with(|settings| {
        let place = settings.storage.data.parent().unwrap().join("profile.toml");
        std::fs::write(&place, text).unwrap();
        settings.checks.profile = place.display().to_string();
    })
    .await
}

async fn break_and_return(house: &TestHouse, room: &Room) {
    house.media(room.call, Party::Customer, What::Disconnected).await;
    house.pass(3);
    house.media(room.call, Party::Customer, What::Connected).await;
}

async fn checks(house: &TestHouse, room: &Room, lan: &crate::support::Person<visavis::base::id::StaffId>) -> Value {
    house.get(&format!("/api/v1/calls/{}", room.call)).by(lan).send().await.expect(200).json()
}

#[tokio::test]
async fn a_broken_connection_means_what_the_profile_says() {
    for (policy, state, voided) in [("continue", "live", 0), ("repeat_last_check", "live", 1), ("fresh_session", "ended", 0)] {
        let house = house(policy).await;
        let (lan, room) = house.live_call().await;
        let drawn = house.pass_all_checks(room.call, &lan).await;
        let before = checks(&house, &room, &lan).await["plan"]["left"].clone();
        break_and_return(&house, &room).await;
        let view = checks(&house, &room, &lan).await;
        assert_eq!(view["state"], state, "{policy}");
        let gone: Vec<&str> = view["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|check| check["void_because"] == "reconnected")
            .map(|check| check["kind"].as_str().unwrap())
            .collect();
        assert_eq!(gone.len(), voided, "{policy}");
        if voided == 1 {
            assert_eq!((&before, &view["plan"]["left"]), (&json!(0), &json!(1)));
            assert_eq!(gone[0], drawn.last().unwrap());
            assert_eq!(house.pass_all_checks(room.call, &lan).await, gone, "it comes again, and nothing else");
        }
        if state == "ended" {
            assert_eq!(house.state_of(room.customer.id).await, "confirmed");
        }
    }
}

#[tokio::test]
async fn a_check_that_was_asked_comes_again_and_costs_no_try() {
    let house = house("continue").await;
    let (lan, room) = house.live_call().await;
    let asking = format!("/api/v1/calls/{}/checks", room.call);
    let mut kinds = Vec::new();
    for _ in 0..4 {
        let asked = house.post(&asking).by(&lan).json(&json!({})).send().await.expect(201).json();
        kinds.push(asked["kind"].as_str().unwrap().to_owned());
        break_and_return(&house, &room).await;
    }
    assert!(kinds.iter().all(|kind| kind == "frontal"), "{kinds:?}");
    let view = checks(&house, &room, &lan).await;
    assert_eq!((&view["checks"][3]["state"], &view["plan"]["spent"]), (&json!("skipped"), &json!([])));
    assert_eq!(house.pass_all_checks(room.call, &lan).await[0], "frontal");
}

#[tokio::test]
async fn what_the_agent_did_not_see_comes_again_and_what_the_server_keeps_stays() {
    let house = house("repeat_last_check").await;
    let (lan, room) = house.live_call().await;
    let asking = format!("/api/v1/calls/{}/checks", room.call);
    house.check(room.call, &lan, "frontal", "passed", None).await;
    let away = async |party: Party| {
        house.media(room.call, party, What::Disconnected).await;
        house.pass(3);
        house.media(room.call, party, What::Connected).await;
        checks(&house, &room, &lan).await["checks"].as_array().unwrap().clone()
    };
    let none_was_asked = away(Party::Agent).await;
    assert_eq!((&none_was_asked[0]["state"], &none_was_asked[0]["void_because"]), (&json!("passed"), &Value::Null), "the recording saw it");

    let first = house.post(&asking).by(&lan).json(&json!({})).send().await.expect(201).json();
    let mid_check = away(Party::Agent).await;
    assert_eq!((&mid_check[1]["id"], &mid_check[1]["state"], &mid_check[1]["void_because"]), (&first["id"], &json!("skipped"), &json!("reconnected")));
    // What was broken off is the last check: the customer's absence takes nothing that was passed before it.
    for _ in 0..2 {
        let later = away(Party::Customer).await;
        assert_eq!((later.len(), &later[0]["void_because"]), (2, &Value::Null));
    }
    house.post(&asking).by(&lan).json(&json!({ "kind": "location", "because": "technical" })).send().await.expect(201);
    let kept = away(Party::Agent).await;
    assert_eq!((&kept[2]["state"], &kept[2]["void_because"]), (&json!("asked"), &Value::Null));
}

#[tokio::test]
async fn the_next_call_goes_on_where_the_one_that_broke_off_was() {
    for (policy, minutes, carried) in [("continue", 5, 3), ("repeat_last_check", 5, 2), ("fresh_session", 5, 0), ("continue", 31, 0)] {
        let house = house(policy).await;
        let (lan, chief) = (house.agent("lan").await, house.supervisor("chief").await);
        let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
        house.live(room.call).await;
        for kind in ["frontal", "left", "up"] {
            house.check(room.call, &lan, kind, "passed", None).await;
        }
        house.media(room.call, Party::Customer, What::Gone).await;
        house.pass(60);
        house.look_after_calls().await;
        assert_eq!(house.state_of(room.customer.id).await, "confirmed", "{policy}");
        house.pass(minutes * 60);
        let call = house.accept(&lan, room.customer.id).await;
        let next = Room { call, customer: room.customer };
        house.live(call).await;
        let view = checks(&house, &next, &lan).await;
        assert_eq!(view["plan"]["carried"].as_array().unwrap().len(), carried, "{policy} after {minutes} min: {}", view["plan"]);
        let drawn = house.pass_all_checks(call, &lan).await;
        assert_eq!(drawn[0], "frontal", "movements are measured from the front of the same film");
        if carried == 3 {
            let mut rest = drawn[1..].to_vec();
            rest.sort();
            assert_eq!(rest, ["down", "right"]);
        }
        let approved =
            house.decide(next.customer.id, &lan, &json!({ "outcome": "approve", "reason": "all_checks_passed", "note": null })).await.expect(200).json();
        assert_eq!(approved["flags"].to_string().contains("carried_over"), carried > 0);
        let file = house.get(&format!("/api/v1/dossiers/{}?purpose=audit", next.customer.id)).by(&chief).send().await.expect(200).json();
        let plan = &file["calls"][1]["plan"];
        assert_eq!((plan["carried_from"] == json!(room.call), plan["carried"].as_array().unwrap().len()), (carried > 0, carried), "{policy}");
    }
}
