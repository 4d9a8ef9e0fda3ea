//! The life of a call through the router: who may look, how it becomes live, how it is lost, what a restart leaves.

use serde_json::json;
use visavis::{
    engine::sfu::What,
    journey::call::{
        CallError, OpenCallError, Opening, Recovered, Who,
        life::EndReason,
        quality::Sample,
        wire::{CallState, Party, PeerState},
    },
    registry::{dossier, outbox::DomainEvent},
};

use super::queue::{desk, ready};
use crate::support::{TestHouse, calls::offer};

async fn state(house: &TestHouse, id: visavis::base::id::DossierId) -> &'static str {
    dossier::find(&house.house.db, id).await.unwrap().unwrap().state.name()
}

async fn timeline(house: &TestHouse, id: visavis::base::id::DossierId) -> Vec<String> {
    dossier::timeline(&house.house.db, id)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.kind)
        .filter(|kind| kind.starts_with("call.") || kind.starts_with("recording."))
        .collect()
}

#[tokio::test]
async fn a_call_goes_from_the_accept_to_the_hang_up() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let path = format!("/api/v1/calls/{}", room.call);
    let own = house.get("/api/v1/call").by(&room.customer).send().await.expect(200).json();
    assert_eq!((&own["state"], &own["peer"], &own["epoch"], &own["agent_name"]), (&json!("connecting"), &json!("joining"), &json!(1), &json!("lan")));
    let seen = house.get(&path).by(&lan).send().await.expect(200).json();
    assert_eq!((&seen["id"], &seen["epoch"]), (&own["id"], &json!(1)), "each end counts its own pages");

    house.live(room.call).await;
    house.pass(30);
    let seen = house.get(&path).by(&lan).send().await.json();
    assert_eq!((&seen["state"], &seen["peer"], &seen["epoch"]), (&json!("live"), &json!("connected"), &json!(2)));

    house.post(&format!("{path}/hang-up")).by(&lan).send().await.expect(204);
    house.post(&format!("{path}/hang-up")).by(&lan).send().await.expect(204);
    house.post("/api/v1/call/hang-up").by(&room.customer).send().await.expect(204);
    assert_eq!(house.get(&path).by(&lan).send().await.json()["state"], "ended");
    house.get("/api/v1/call").by(&room.customer).send().await.expect(404);
    assert_eq!(state(&house, room.customer.id).await, "called");
    let recording = house.house.recordings.of_call(room.call).await.unwrap().unwrap();
    assert_eq!(serde_json::to_value(recording.state).unwrap(), "sealing");
    let wanted = ["call.started", "call.connected", "call.connected", "call.live", "recording.stopped", "call.ended", "call.hung_up"];
    assert_eq!(timeline(&house, room.customer.id).await, wanted);
}

#[tokio::test]
async fn calls_of_others_do_not_exist() {
    let house = TestHouse::open().await;
    let (lan, mai, chief) = (house.agent("lan").await, house.agent("mai").await, house.supervisor("chief").await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let other = house.call(&mai, "Trần Thị B", "C7654321").await;
    let path = format!("/api/v1/calls/{}", room.call);
    house.get(&path).by(&mai).send().await.expect(404);
    house.get(&format!("{path}/file")).by(&mai).send().await.expect(404);
    house.post(&format!("{path}/hang-up")).by(&mai).send().await.expect(404);
    house.post(&format!("{path}/checks")).by(&mai).json(&json!({ "kind": "up", "because": "technical" })).send().await.expect(404);
    house.post(&format!("{path}/hang-up")).by(&chief).send().await.expect(403);
    house.get("/api/v1/calls/0190a6e0000070008000000000000000").by(&lan).send().await.expect(404);
    house.get("/api/v1/calls/no-id").by(&lan).send().await.expect(404);
    let seen = house.get(&path).by(&chief).send().await.expect(200).json();
    assert_eq!(seen["epoch"], 0, "who looks from outside cannot join");

    let calls = &house.house.calls;
    let foreign = Who::Customer(other.customer.id);
    assert!(matches!(calls.join(foreign, room.call, 1, offer()).await, Err(CallError::Unknown)));
    assert!(matches!(calls.hang_up(foreign, room.call).await, Err(CallError::Unknown)));
    let sample = Sample { rtt_ms: 1.0, loss: 0.0, jitter_ms: 1.0, video_kbps: 1.0, ..Sample::default() };
    assert!(matches!(calls.report_quality(foreign, room.call, sample).await, Err(CallError::Unknown)));
}

#[tokio::test]
async fn an_agent_and_a_customer_are_in_one_call_at_most() {
    let house = TestHouse::open().await;
    let (lan, mai) = (house.agent("lan").await, house.agent("mai").await);
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let second = house.confirmed("Trần Thị B", "C7654321").await;
    for (dossier, agent) in [(second, lan.id), (room.customer.id, mai.id)] {
        let mut tx = house.house.db.begin().await.unwrap();
        let opening = Opening { ticket: house.engines.ambient.id(), dossier, agent };
        assert!(matches!(house.house.calls.open(&mut tx, opening).await, Err(OpenCallError::Busy)));
    }
    house.house.calls.end(room.call, EndReason::AgentLost, visavis::registry::audit::Actor::System).await.unwrap();
    house.accept(&lan, second).await;
}

#[tokio::test]
async fn an_offer_is_answered_and_an_older_page_is_fenced() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let (calls, who) = (&house.house.calls, Who::Customer(room.customer.id));
    let mut takeovers = calls.takeovers();
    assert!(matches!(calls.join(who, room.call, 1, offer()).await, Err(CallError::UnknownEpoch)), "nobody looked yet");
    calls.look(who, room.call).await.unwrap();
    let answer = calls.join(who, room.call, 1, offer()).await.unwrap();
    assert!(answer.contains("m=audio") && answer.contains("VP8/90000") && answer.contains("a=ice-lite"), "{answer}");
    assert_eq!(takeovers.recv().await.unwrap().epoch, 1);

    calls.look(who, room.call).await.unwrap();
    calls.join(who, room.call, 2, offer().replace("4611731400430051336", "77")).await.unwrap();
    assert_eq!(takeovers.recv().await.unwrap().epoch, 2);
    assert!(matches!(calls.join(who, room.call, 1, offer()).await, Err(CallError::Superseded)));
    for garbage in ["", "hello", "v=0\r\n", &"a=b\r\n".repeat(20_000), &offer().replace("m=video", "m=text")] {
        assert!(matches!(calls.join(who, room.call, 2, garbage.to_owned()).await, Err(CallError::BadOffer)), "{garbage:.40}");
    }
    calls.hang_up(who, room.call).await.unwrap();
    assert!(matches!(calls.join(who, room.call, 2, offer()).await, Err(CallError::Over)));
}

#[tokio::test]
async fn without_a_recorder_there_is_no_call() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let folder = &house.settings.storage.recordings;
    std::fs::remove_dir_all(folder).unwrap();
    std::fs::write(folder, "not a folder").unwrap();
    let who = Who::Agent(lan.id);
    house.house.calls.look(who, room.call).await.unwrap();
    assert!(matches!(house.house.calls.join(who, room.call, 1, offer()).await, Err(CallError::RecorderFailed)));
    let ended = house.house.calls.find(room.call).await.unwrap().unwrap().ended();
    assert_eq!(ended.map(|(_, reason)| reason), Some(EndReason::RecorderFailed));
    assert!(EndReason::RecorderFailed.requeues());
}

#[tokio::test]
async fn a_lost_customer_is_waited_for_and_then_let_go() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.live(room.call).await;
    house.media(room.call, Party::Customer, What::Disconnected).await;
    house.pass(59);
    house.look_after_calls().await;
    let seen = house.get(&format!("/api/v1/calls/{}", room.call)).by(&lan).send().await.json();
    assert_eq!((&seen["state"], &seen["peer"]), (&json!("live"), &json!("reconnecting")));
    house.media(room.call, Party::Customer, What::Connected).await;
    house.pass(3600);
    house.look_after_calls().await;
    house.media(room.call, Party::Customer, What::Gone).await;
    house.pass(60);
    house.look_after_calls().await;
    let call = house.house.calls.find(room.call).await.unwrap().unwrap();
    assert_eq!(call.ended(), Some((house.now(), EndReason::CustomerLost)));
    assert_eq!(state(&house, room.customer.id).await, "confirmed", "the customer may call or book again");
}

#[tokio::test]
async fn a_lost_agent_sends_the_customer_back_to_the_queue() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.live(room.call).await;
    house.house.calls.online(Who::Agent(lan.id), false).await.unwrap();
    house.pass(60);
    house.house.calls.tick().await.unwrap();
    let call = house.house.calls.find(room.call).await.unwrap().unwrap();
    assert_eq!(call.ended().map(|(_, reason)| reason), Some(EndReason::AgentLost));
    let heard = crate::support::calls::heard_events(&house).await;
    let wanted = DomainEvent::CallEnded { call: room.call, dossier: room.customer.id, ticket: call.ticket, agent: lan.id, requeue: true };
    assert!(heard.contains(&wanted), "{heard:?}");
}

#[tokio::test]
async fn who_never_comes_is_not_waited_for_for_ever() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.media(room.call, Party::Agent, What::Connected).await;
    house.pass(90);
    house.look_after_calls().await;
    let ended = house.house.calls.find(room.call).await.unwrap().unwrap().ended();
    assert_eq!(ended.map(|(_, reason)| reason), Some(EndReason::CustomerLost));
}

#[tokio::test]
async fn a_server_that_was_away_for_long_ends_what_was_open_and_keeps_its_recording() {
    let house = TestHouse::open().await;
    let (lan, mai) = (house.agent("lan").await, house.agent("mai").await);
    let first = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let second = house.call(&mai, "Trần Thị B", "C7654321").await;
    house.live(first.call).await;
    house.house.calls.beat().await.unwrap();
    house.pass(61);
    let again = visavis::boot::house(&house.settings, &house.engines).await.unwrap();
    assert_eq!(again.calls.recover().await.unwrap(), Recovered { resumed: 0, ended: 2 });
    assert_eq!(again.calls.recover().await.unwrap(), Recovered::default());
    for room in [&first, &second] {
        let call = again.calls.find(room.call).await.unwrap().unwrap();
        assert_eq!(call.ended().map(|(_, reason)| reason), Some(EndReason::ServerLost));
        let recording = again.recordings.of_call(room.call).await.unwrap().unwrap();
        assert_eq!(serde_json::to_value(recording.state).unwrap(), "sealing");
    }
    let heard = crate::support::calls::heard_events(&house).await;
    assert_eq!(heard.iter().filter(|event| matches!(event, DomainEvent::CallEnded { requeue: true, .. })).count(), 2);
}

#[tokio::test]
async fn a_server_that_comes_back_soon_goes_on_with_its_calls_in_a_new_segment() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.live(room.call).await;
    drop(house.house.recordings.tap(room.call, Party::Customer).await.unwrap());
    house.house.calls.beat().await.unwrap();
    house.pass(59);
    let again = visavis::boot::house(&house.settings, &house.engines).await.unwrap();
    assert_eq!(again.calls.recover().await.unwrap(), Recovered { resumed: 1, ended: 0 });
    let open = again.calls.open_everywhere().await.unwrap();
    assert_eq!((open.as_slice(), again.recordings.recover(&open).await.unwrap()), ([room.call].as_slice(), 0), "the recording goes on");
    let call = again.calls.find(room.call).await.unwrap().unwrap();
    assert_eq!(
        (call.life.state(), call.life.seen(Party::Customer), call.life.seen(Party::Agent)),
        (CallState::Live, PeerState::Reconnecting, PeerState::Reconnecting)
    );
    drop(again.recordings.tap(room.call, Party::Customer).await.unwrap());
    // Who does not come back within the grace is lost as ever; the grace begins with the restart.
    house.pass(59);
    again.calls.tick().await.unwrap();
    assert!(again.calls.find(room.call).await.unwrap().unwrap().ended().is_none());
    house.pass(1);
    again.calls.tick().await.unwrap();
    assert_eq!(again.calls.find(room.call).await.unwrap().unwrap().ended().map(|(_, reason)| reason), Some(EndReason::CustomerLost));
}

#[tokio::test]
async fn calls_of_a_node_that_stays_silent_are_ended_by_another() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    house.house.calls.beat().await.unwrap();
    let mut settings = house.settings.clone();
    settings.call.node = "two".to_owned();
    let other = visavis::boot::house(&settings, &house.engines).await.unwrap();
    assert_eq!(other.calls.recover().await.unwrap(), Recovered::default(), "it is not its own");
    house.pass(60);
    other.calls.tick().await.unwrap();
    assert!(other.calls.find(room.call).await.unwrap().unwrap().ended().is_none(), "it may come back");
    house.pass(1);
    other.calls.tick().await.unwrap();
    assert_eq!(other.calls.find(room.call).await.unwrap().unwrap().ended().map(|(_, reason)| reason), Some(EndReason::ServerLost));
}

#[tokio::test]
async fn a_stop_lets_calls_end_and_then_ends_them() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let calls = house.house.calls.clone();
    let draining = tokio::spawn(async move { calls.drain(std::time::Duration::from_secs(60)).await });
    house.house.calls.hang_up(Who::Agent(lan.id), room.call).await.unwrap();
    draining.await.unwrap().unwrap();
    let room = house.call(&lan, "Trần Thị B", "C7654321").await;
    house.house.calls.drain(std::time::Duration::ZERO).await.unwrap();
    let ended = house.house.calls.find(room.call).await.unwrap().unwrap().ended();
    assert_eq!(ended.map(|(_, reason)| reason), Some(EndReason::ServerLost));
}

#[tokio::test]
async fn quality_is_summed_up_and_filed() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
    let who = Who::Customer(room.customer.id);
    for (rtt_ms, loss) in [(20.0, 0.0), (60.0, 0.25)] {
        house.house.calls.report_quality(who, room.call, Sample { rtt_ms, loss, jitter_ms: 3.0, video_kbps: 700.0, ..Sample::default() }).await.unwrap();
    }
    house.house.calls.file_qualities().await.unwrap();
    assert_eq!(house.house.calls.quality_of(room.call, Party::Customer).await.unwrap().unwrap().samples, 2, "filed while the call runs");
    let nonsense = Sample { rtt_ms: f32::NAN, loss: 0.0, jitter_ms: 0.0, video_kbps: 0.0, ..Sample::default() };
    assert!(matches!(house.house.calls.report_quality(who, room.call, nonsense).await, Err(CallError::BadQuality)));
    house.house.calls.hang_up(who, room.call).await.unwrap();
    let filed = house.house.calls.quality_of(room.call, Party::Customer).await.unwrap().unwrap();
    assert_eq!((filed.samples, filed.rtt_ms_mean, filed.rtt_ms_worst, filed.loss_worst), (2, 40.0, 60.0, 0.25));
    assert!(house.house.calls.quality_of(room.call, Party::Agent).await.unwrap().is_none());
}

#[tokio::test]
async fn a_full_disk_takes_no_new_calls_and_nobody_loses_anything() {
    let house = TestHouse::with(|settings| settings.recording.no_new_calls_percent = 0).await;
    let (customer, boss) = (house.ready_to_call().await, house.supervisor("boss").await);
    let agent = ready(&house, "lan").await;
    let refused = house.post("/api/v1/tickets").by(&customer).send().await.expect(503);
    assert_eq!(refused.code(), "no_room");
    assert_eq!(state(&house, customer.id).await, "confirmed", "the customer may book, or call later");
    assert_eq!(house.get("/api/v1/queue/estimate").send().await.json()["is_open"], false);
    assert_eq!(house.get("/api/v1/queue/health").by(&boss).send().await.json()["takes_calls"], false);

    // Who stands in line while it fills up is not offered, and nobody misses an offer; once there is room it goes on.
    let mut settings = house.settings.clone();
    settings.recording.no_new_calls_percent = 101;
    let roomy = visavis::boot::house(&settings, &house.engines).await.unwrap();
    roomy.queue.customer_online(customer.id, true);
    let wish = serde_json::from_value(json!({ "product": null, "has_special_needs": false })).unwrap();
    roomy.queue.enqueue(customer.id, None, &wish).await.unwrap();
    house.house.queue.customer_online(customer.id, true);
    house.house.queue.rebuild().await.unwrap();
    for _ in 0..3 {
        house.pass(10);
        house.step_queue().await;
        let seen = desk(&house, &agent).await;
        assert_eq!((&seen["presence"], seen["offer"].is_null()), (&json!("ready"), true), "{seen}");
    }
    roomy.queue.staff_online(agent.id, true);
    roomy.queue.rebuild().await.unwrap();
    let seen = desk(&house, &agent).await;
    assert_eq!(seen["offer"]["dossier_id"], json!(customer.id), "{seen}");
    let offer = &seen["offer"];
    let accept = format!("/api/v1/tickets/{}/accept", offer["ticket_id"].as_str().unwrap());
    let refused = house.post(&accept).by(&agent).json(&json!({ "epoch": offer["epoch"] })).send().await.expect(503);
    assert_eq!(refused.code(), "no_room", "the disk filled up between the offer and the accept");
}
