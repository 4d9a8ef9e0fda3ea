//! A photograph from another stack over a data channel of a running call: asked for, sent in pieces, hashed at both ends,
//! stripped, sealed, filed; broken off and gone on with; and what hostile pages try.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use visavis::{
    base::id::{DossierId, StaffId, StillId},
    engine::sfu::What,
    journey::call::{
        Who,
        stills::still::{StillState, StillView, StillWay},
        wire::Party,
    },
    probe::{Channel, Peer, Route},
};

use crate::support::{Person, TestHouse, calls::Room};

const PIECE: usize = 16 * 1024;

/// A JPEG that tells where it was taken: EXIF with a place that must not be kept.
fn photograph() -> Vec<u8> {
    // Uneven enough to be a few hundred kilobytes.
    let picture = image::RgbImage::from_fn(1600, 1200, |x, y| {
        let grain = u8::try_from((x.wrapping_mul(7_919) ^ y.wrapping_mul(104_729)) % 61).unwrap();
        image::Rgb([grain + u8::try_from(x / 10).unwrap(), grain + u8::try_from(y / 8).unwrap(), 90 + grain])
    });
    let mut plain = Vec::new();
    image::DynamicImage::ImageRgb8(picture).write_with_encoder(image::codecs::jpeg::JpegEncoder::new_with_quality(&mut plain, 90)).unwrap();
    let exif = [b"Exif\0\0II*\0\x08\0\0\0\0\0".as_slice(), b"GPS 21.0278 N 105.8342 E"].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..]].concat()
}

struct Scene {
    house: TestHouse,
    lan: Person<StaffId>,
    room: Room,
    stop: CancellationToken,
}

impl Scene {
    async fn open() -> Self {
        let house = TestHouse::open().await;
        let lan = house.agent("lan").await;
        let room = house.call(&lan, "Nguyễn Văn A", "C1234567").await;
        house.live(room.call).await;
        let stop = CancellationToken::new();
        tokio::spawn(house.house.calls.clone().run(stop.clone()));
        Self { house, lan, room, stop }
    }

    /// The customer's page on another stack, joined and with an open channel.
    async fn page(&self) -> (Peer, Channel) {
        let peer = Peer::new(100, [127, 0, 0, 1].into(), Route::Udp).await.unwrap();
        let channel = peer.channel("still").await.unwrap();
        let who = Who::Customer(self.room.customer.id);
        let view = self.house.house.calls.look(who, self.room.call).await.unwrap();
        let answer = self.house.house.calls.join(who, self.room.call, view.epoch, peer.offer().await.unwrap()).await.unwrap();
        peer.answered(&answer).await.unwrap();
        let opened = tokio::time::timeout(Duration::from_secs(10), channel.opened()).await;
        assert_eq!(opened, Ok(true));
        // The clock of the house stands still; the seat is there again.
        self.house.media(self.room.call, Party::Customer, What::Connected).await;
        (peer, channel)
    }

    async fn ask(&self) -> StillId {
        let path = format!("/api/v1/calls/{}/stills", self.room.call);
        let asked = self.house.post(&path).by(&self.lan).json(&json!({ "camera": "environment" })).send().await.expect(201).json();
        asked["id"].as_str().unwrap().parse().unwrap()
    }

    async fn still(&self, id: StillId) -> StillView {
        self.house.house.calls.still(id).await.unwrap().unwrap().view()
    }
}

fn announce(id: StillId, size: usize, sha256: &str) -> String {
    json!({ "type": "still", "id": id, "size": size, "sha256": sha256 }).to_string()
}

async fn hear(channel: &Channel) -> Value {
    let said = tokio::time::timeout(Duration::from_secs(20), channel.hear()).await.expect("an answer").expect("an open channel");
    serde_json::from_str(&said).unwrap()
}

/// Sends the bytes of `picture` between two places, as a page does.
async fn send(channel: &Channel, picture: &[u8], from: usize, to: usize) {
    for at in (from..to).step_by(PIECE) {
        let piece = &picture[at..to.min(at + PIECE)];
        channel.send(&[&u32::try_from(at).unwrap().to_be_bytes(), piece].concat()).await.unwrap();
    }
}

/// What the server says at the end, after all it says on the way.
async fn end(channel: &Channel) -> Value {
    loop {
        let said = hear(channel).await;
        if said["type"] != "got" {
            return said;
        }
    }
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_photograph_comes_over_the_call_and_goes_on_after_a_reload() {
    let scene = Scene::open().await;
    let (peer, channel) = scene.page().await;
    let picture = photograph();
    let sha256 = hash(&picture);
    let id = scene.ask().await;
    channel.say(&announce(id, picture.len(), &sha256)).await.unwrap();
    assert_eq!(hear(&channel).await, json!({ "type": "go_on", "id": id, "from": 0 }));
    let half = picture.len() / 2 / PIECE * PIECE;
    send(&channel, &picture, 0, half).await;
    while half >= 64 * 1024 && hear(&channel).await["bytes"].as_u64().unwrap() + 64 * 1024 <= half as u64 {}
    peer.close().await;

    let (_peer, channel) = scene.page().await;
    channel.say(&announce(id, picture.len(), &sha256)).await.unwrap();
    let go_on = hear(&channel).await;
    let from = usize::try_from(go_on["from"].as_u64().unwrap()).unwrap();
    assert!(from > 0 && from <= half, "it goes on where it broke off: {go_on}");
    send(&channel, &picture, from, picture.len()).await;
    assert_eq!(end(&channel).await, json!({ "type": "done", "id": id }));

    let filed = scene.still(id).await;
    assert_eq!((filed.state, filed.way, filed.sent_sha256.as_deref()), (StillState::Filed, Some(StillWay::Channel), Some(sha256.as_str())));
    assert_eq!((filed.width, filed.height), (Some(1600), Some(1200)));
    let path = format!("/api/v1/stills/{id}/image?purpose=review");
    let kept = scene.house.get(&path).by(&scene.lan).send().await.expect(200).body;
    assert_eq!(Some(hash(&kept)), filed.sha256, "what is shown is what was sealed");
    assert!(kept.starts_with(&[0xff, 0xd8]) && !kept.windows(3).any(|three| three == b"GPS"), "the place is not kept");
    let stranger = scene.house.agent("mai").await;
    scene.house.get(&path).by(&stranger).send().await.expect(404);
    scene.stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hostile_pages_file_nothing() {
    let scene = Scene::open().await;
    let (_peer, channel) = scene.page().await;
    let picture = photograph();
    channel.say(&announce("0190a6e0000070008000000000000000".parse().unwrap(), 10, &hash(b"x"))).await.unwrap();
    assert_eq!(hear(&channel).await["code"], "not_asked", "nothing is asked for");

    let id = scene.ask().await;
    channel.say(&announce(id, 16 * 1024 * 1024, &hash(b"x"))).await.unwrap();
    assert_eq!(hear(&channel).await["code"], "too_large");
    channel.send(&[0, 0, 0, 0, 1, 2, 3]).await.unwrap();
    assert_eq!(hear(&channel).await["code"], "not_asked", "not announced");

    channel.say(&announce(id, picture.len(), &hash(b"something else"))).await.unwrap();
    assert_eq!(hear(&channel).await["type"], "go_on");
    send(&channel, &picture, 0, picture.len()).await;
    assert_eq!(end(&channel).await["code"], "wrong_hash");
    assert_eq!(scene.still(id).await.state, StillState::Asked, "it may be sent again");

    let garbage = vec![7_u8; 100_000];
    channel.say(&announce(id, garbage.len(), &hash(&garbage))).await.unwrap();
    assert_eq!(hear(&channel).await["type"], "go_on");
    send(&channel, &garbage, 0, garbage.len()).await;
    assert_eq!(end(&channel).await["code"], "not_a_picture");
    let refused = scene.still(id).await;
    assert_eq!((refused.state, refused.reason.as_deref()), (StillState::Refused, Some("not_a_picture")));
    channel.say(&announce(id, picture.len(), &hash(&picture))).await.unwrap();
    assert_eq!(hear(&channel).await["code"], "not_asked", "what was refused is over");
    scene.stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn over_https_the_same_rules_hold() {
    let scene = Scene::open().await;
    let picture = photograph();
    let id = scene.ask().await;
    let path = format!("/api/v1/call/stills/{id}");
    let put = |path: String, customer: &Person<DossierId>, bytes: Vec<u8>| scene.house.request("PUT", &path).by(customer).body("image/jpeg", bytes);
    let customer = &scene.room.customer;
    put(format!("{path}?sha256={}", hash(b"x")), customer, picture.clone()).send().await.expect(422);
    let other = scene.house.customer().await;
    assert_eq!(put(format!("{path}?sha256={}", hash(&picture)), &other, picture.clone()).send().await.expect(409).code(), "still_not_asked");
    put(format!("{path}?sha256={}", hash(&picture)), customer, picture.clone()).send().await.expect(200);
    let filed = scene.still(id).await;
    assert_eq!((filed.state, filed.way), (StillState::Filed, Some(StillWay::Upload)));
    assert_eq!(put(format!("{path}?sha256={}", hash(&picture)), customer, picture.clone()).send().await.expect(409).code(), "still_not_asked");

    let second = scene.ask().await;
    let third = scene.ask().await;
    assert_eq!(scene.still(second).await.reason.as_deref(), Some("asked_anew"));
    scene.house.post(&format!("/api/v1/call/stills/{third}/decline")).by(customer).json(&json!({ "reason": "because" })).send().await.expect(422);
    scene.house.post(&format!("/api/v1/call/stills/{third}/decline")).by(customer).json(&json!({ "reason": "not_now" })).send().await.expect(200);
    assert_eq!(scene.still(third).await.state, StillState::Declined);
    let fourth = scene.ask().await;
    scene.house.post(&format!("/api/v1/stills/{fourth}/withdraw")).by(&scene.lan).json(&json!({})).send().await.expect(200);
    let last = scene.ask().await;
    scene.house.post(&format!("/api/v1/calls/{}/hang-up", scene.room.call)).by(&scene.lan).send().await.expect(204);
    assert_eq!(scene.still(last).await.reason.as_deref(), Some("call_over"));
    let again = format!("/api/v1/calls/{}/stills", scene.room.call);
    assert_eq!(scene.house.post(&again).by(&scene.lan).json(&json!({ "camera": "user" })).send().await.expect(409).code(), "call_not_live");
    let file = scene.house.get(&format!("/api/v1/dossiers/{}?purpose=review", scene.room.customer.id)).by(&scene.lan).send().await.expect(200).json();
    let states: Vec<&str> = file["calls"][0]["stills"].as_array().unwrap().iter().map(|still| still["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["filed", "withdrawn", "declined", "withdrawn", "withdrawn"]);
    scene.stop.cancel();
}
