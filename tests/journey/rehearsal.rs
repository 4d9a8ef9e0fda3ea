//! The rehearsal before a call: what a page may try, what is filed, who sees it.

use serde_json::{Value, json};

use crate::support::{TestHouse, calls::offer};

fn found(browser: &str, uplink: f64) -> Value {
    let open = json!({ "route": "udp", "is_open": true, "setup_ms": 90.0, "rtt_ms": 21.0, "jitter_ms": 2.0, "loss": 0.0, "uplink_kbps": uplink });
    let shut = json!({ "route": "tcp", "is_open": false, "setup_ms": null, "rtt_ms": null, "jitter_ms": null, "loss": null, "uplink_kbps": null });
    json!({ "browser": browser, "in_app": null, "camera": "good", "light": "backlit", "microphone": "heard", "routes": [open, shut], "went_on": true })
}

const PATH: &str = "/api/v1/application/rehearsal";

#[tokio::test]
async fn what_a_rehearsal_found_goes_with_the_call_that_follows() {
    let house = TestHouse::open().await;
    let lan = house.agent("lan").await;
    let dossier = house.confirmed("Nguyễn Văn A", "C1234567").await;
    let customer = house.customer_of(dossier).await;
    for uplink in [300.0, 1500.0] {
        house.post(PATH).by(&customer).json(&found("safari_ios", uplink)).send().await.expect(204);
    }
    let call = house.accept(&lan, dossier).await;
    let file = house.get(&format!("/api/v1/calls/{call}/file")).by(&lan).send().await.expect(200).json();
    assert_eq!(file["rehearsal"]["found"], found("safari_ios", 1500.0), "the later one is filed in place of the earlier");
    assert_eq!(house.house.calls.rehearsal_before(call).await.unwrap().unwrap().found.browser, "safari_ios");

    house.post(PATH).by(&customer).json(&found("chrome_android", 900.0)).send().await.expect(204);
    assert_eq!(house.house.calls.rehearsal_before(call).await.unwrap().unwrap().found.browser, "safari_ios", "what is filed with a call stays");
    house.post("/api/v1/calls/0190a6e0000070008000000000000000/hang-up").by(&lan).send().await.expect(404);
}

#[tokio::test]
async fn what_cannot_be_is_not_filed() {
    let house = TestHouse::open().await;
    let customer = house.customer().await;
    let mut twice = found("safari_ios", 1.0);
    twice["routes"][1]["route"] = json!("udp");
    let mut strange = found("safari_ios", 1.0);
    strange["routes"][0]["loss"] = json!(1.5);
    for wrong in [found("Nguyễn <script>", 1.0), found("", 1.0), found("safari_ios", -1.0), twice, strange] {
        assert_eq!(house.post(PATH).by(&customer).json(&wrong).send().await.expect(422).code(), "bad_rehearsal", "{wrong}");
    }
    let mut more = found("safari_ios", 1.0);
    more["name"] = json!("Nguyễn");
    house.post(PATH).by(&customer).json(&more).send().await.expect(422);
    let servers = house.get(PATH).by(&customer).send().await.expect(200).json();
    assert_eq!(servers, json!({ "ice_servers": [] }), "there is no TURN server here");
}

#[tokio::test]
async fn an_echo_takes_data_and_no_media_and_so_many_at_once() {
    let house = TestHouse::open().await;
    let customer = house.customer().await;
    let path = format!("{PATH}/offer");
    let media = offer();
    let head: String = media.split("m=audio").next().unwrap().lines().filter(|line| !line.starts_with("a=group")).flat_map(|line| [line, "\r\n"]).collect();
    let keys: String = media
        .lines()
        .filter(|line| ["a=ice-", "a=fingerprint", "a=setup"].iter().any(|of| line.starts_with(of)))
        .take(4)
        .flat_map(|line| [line, "\r\n"])
        .collect();
    let data = format!(
        "{head}a=group:BUNDLE 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n{keys}a=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n"
    );
    let answer = house.post(&path).by(&customer).json(&json!({ "sdp": data })).send().await.expect(200).json();
    let sdp = answer["sdp"].as_str().unwrap();
    assert!(sdp.contains("m=application") && sdp.contains("a=ice-lite") && sdp.contains("tcptype passive"), "{sdp}");
    for wrong in [media.clone(), String::new(), data.replace("m=application", "m=text")] {
        assert_eq!(house.post(&path).by(&customer).json(&json!({ "sdp": wrong })).send().await.expect(422).code(), "bad_offer");
    }
    let mut answered = 1;
    while house.house.calls.rehearse(data.clone()).await.is_ok() {
        answered += 1;
        assert!(answered <= 40, "echoes are counted");
    }
    assert_eq!(answered, 40);
    assert_eq!(house.post(&path).by(&customer).json(&json!({ "sdp": data })).send().await.expect(503).code(), "media_unavailable");
}
