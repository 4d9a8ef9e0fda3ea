//! A supervisor looks on at a call: allowed, journalled before the first packet, and over with the call.

use std::time::Duration;

use serde_json::{Value, json};
use visavis::{
    base::id::StaffId,
    engine::sfu::{Join, Packet, Report, Tape},
    journey::call::Who,
};

use crate::support::{Person, TestHouse, calls::offer};

struct NoTape;

impl Tape for NoTape {
    fn packet(&mut self, _: &Packet) {}
    fn report(&mut self, _: &Report) {}
    fn is_broken(&self) -> bool {
        false
    }
}

/// Two sections of each kind, to be received only.
fn observing() -> String {
    let offer = offer().replace("a=sendrecv", "a=recvonly");
    let lines: Vec<&str> = offer.split_inclusive("\r\n").filter(|line| !line.starts_with("a=ssrc") && !line.starts_with("a=msid:")).collect();
    let offer = lines.concat();
    let (head, sections) = offer.split_at(offer.find("m=audio").unwrap());
    let again = sections.replace("a=mid:0", "a=mid:2").replace("a=mid:1", "a=mid:3");
    format!("{}{sections}{again}", head.replace("BUNDLE 0 1", "BUNDLE 0 1 2 3"))
}

async fn acts(house: &TestHouse) -> Vec<(String, String)> {
    let rows =
        house.house.db.rows("select actor, act from audit_lines where act in ('call.viewed', 'call.observation_ended') order by seq", &[]).await.unwrap();
    rows.iter().map(|row| (row.text("actor").unwrap(), row.text("act").unwrap())).collect()
}

/// A call whose customer has media.
async fn with_media(house: &TestHouse) -> (Person<StaffId>, visavis::base::id::CallId) {
    let (lan, room) = house.live_call().await;
    let id: visavis::base::id::CallId = room.call;
    let join = Join { room: visavis::base::id::Id::uuid(id).as_u128(), seat: 0, offer: offer(), tap: Some(Box::new(NoTape)), ear: None };
    house.house.sfu.join(join).await.unwrap();
    (lan, id)
}

#[tokio::test]
async fn supervisors_see_which_calls_go_on_and_look_on_and_it_is_journalled() {
    let house = TestHouse::open().await;
    let (lan, call) = with_media(&house).await;
    let mut events = house.house.sfu.subscribe();
    let chief = house.supervisor("chief").await;
    let live = house.get("/api/v1/live-calls").by(&chief).send().await.expect(200).json();
    assert_eq!((&live["calls"][0]["call_id"], &live["calls"][0]["agent_name"], &live["calls"][0]["is_live"]), (&json!(call), &json!("lan"), &json!(true)));

    let path = format!("/api/v1/calls/{call}/observe");
    for refused in [&lan, &house.agent("binh").await] {
        assert_eq!(house.post(&path).by(refused).json(&json!({ "sdp": observing() })).send().await.status, 403);
    }
    assert!(acts(&house).await.is_empty());
    let answer = house.post(&path).by(&chief).json(&json!({ "sdp": observing() })).send().await.expect(200).json();
    let sdp = answer["sdp"].as_str().unwrap();
    assert_eq!((sdp.matches("a=sendonly").count(), sdp.matches("m=").count()), (4, 4), "{sdp}");
    let by_chief = |act: &str| (format!("staff:{}", chief.id), act.to_owned());
    assert_eq!(acts(&house).await, [by_chief("call.viewed")]);
    let view: Value = house.house.calls.look(Who::Agent(lan.id), call).await.map(|view| serde_json::to_value(view).unwrap()).unwrap();
    assert!(!view.to_string().contains("chief") && !view.to_string().contains("observ"), "neither end is told");

    // The call ends, and with it the look.
    house.house.calls.hang_up(Who::Agent(lan.id), call).await.unwrap();
    let gone = async {
        loop {
            let event = events.recv().await.unwrap();
            let is_observer = event.seat >= 2;
            house.house.calls.media_event(event).await.unwrap();
            if is_observer {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the observer is told to be gone");
    assert_eq!(acts(&house).await, [by_chief("call.viewed"), by_chief("call.observation_ended")]);
    let over = house.post(&path).by(&chief).json(&json!({ "sdp": observing() })).send().await;
    assert_eq!((over.status, over.code()), (409, "call_over".to_owned()));
    assert_eq!(house.get("/api/v1/live-calls").by(&chief).send().await.expect(200).json()["calls"], json!([]));
}

#[tokio::test]
async fn three_may_look_on_at_once_and_nobody_at_their_own_call() {
    let house = TestHouse::open().await;
    let (_, call) = with_media(&house).await;
    let path = format!("/api/v1/calls/{call}/observe");
    for name in ["one", "two", "three"] {
        let chief = house.supervisor(name).await;
        for _ in 0..2 {
            // A reload takes the same seat.
            house.post(&path).by(&chief).json(&json!({ "sdp": observing() })).send().await.expect(200);
        }
    }
    let fourth = house.supervisor("four").await;
    let refused = house.post(&path).by(&fourth).json(&json!({ "sdp": observing() })).send().await;
    assert_eq!((refused.status, refused.code()), (503, "media_unavailable".to_owned()));
    let bad = house.post(&path).by(&house.supervisor("one-more").await).json(&json!({ "sdp": offer() })).send().await;
    assert!([422, 503].contains(&bad.status), "{}", bad.status);

    use visavis::registry::staff::Role;
    let both = house.staff("both", &[Role::Agent, Role::Supervisor]).await;
    let own = house.call(&both, "Trần Văn B", "C7654321").await;
    let answer = house.post(&format!("/api/v1/calls/{}/observe", own.call)).by(&both).json(&json!({ "sdp": observing() })).send().await;
    assert_eq!(answer.status, 404);
}
