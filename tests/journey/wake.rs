//! Browsers are woken for a call while their page is closed: a push service on the loopback takes what is sent, proves who sent it and
//! reads it as a browser would.

use std::sync::{Arc, Mutex};

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey},
    signature::{self, ECDSA_P256_SHA256_FIXED},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use visavis::base::id::{DossierId, StaffId};

use super::queue::{answer, enqueue, ready, ticket};
use crate::support::{Person, TestHouse};

const SECRET: [u8; 32] = [9; 32];
const AUTH: [u8; 16] = [3; 16];

/// One request to the push service: its path, its headers in small letters, its body.
#[derive(Debug, Clone)]
struct Taken {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Taken {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// A push service that answers one status after the other, the last for ever.
struct PushService {
    origin: String,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl PushService {
    async fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let taken: Arc<Mutex<Vec<Taken>>> = Arc::default();
        let kept = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let mut lines = Vec::new();
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await.unwrap() <= 2 {
                        break;
                    }
                    lines.push(line.trim().to_owned());
                }
                let path = lines[0].split(' ').nth(1).unwrap().to_owned();
                let headers: Vec<(String, String)> =
                    lines[1..].iter().filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
                let length = headers.iter().find(|(name, _)| name == "content-length").unwrap().1.parse().unwrap();
                let mut body = vec![0; length];
                stream.read_exact(&mut body).await.unwrap();
                let number = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(Taken { path, headers, body });
                    kept.len()
                };
                let status = statuses[(number - 1).min(statuses.len() - 1)];
                let answer = format!("HTTP/1.1 {status} told\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { origin, taken }
    }

    async fn house(&self) -> TestHouse {
        let origin = self.origin.clone();
        TestHouse::with(|settings| settings.notify.push_hosts = vec![origin]).await
    }

    fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }
}

fn browser(endpoint: &str) -> Value {
    let public = PrivateKey::from_private_key(&ECDH_P256, &SECRET).unwrap().compute_public_key().unwrap();
    json!({ "endpoint": endpoint, "p256dh": URL_SAFE_NO_PAD.encode(public.as_ref()), "auth": URL_SAFE_NO_PAD.encode(AUTH) })
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// Reads a body as the browser does (RFC 8291, section 3.4).
fn read(body: &[u8]) -> Value {
    let mine = PrivateKey::from_private_key(&ECDH_P256, &SECRET).unwrap();
    let public = mine.compute_public_key().unwrap();
    let (salt, theirs) = (&body[..16], &body[21..86]);
    assert_eq!((&body[16..20], body[20]), (&4096_u32.to_be_bytes()[..], 65));
    let shared = agreement::agree(&mine, UnparsedPublicKey::new(&ECDH_P256, theirs), (), |secret| Ok(mac(&AUTH, &[secret]))).unwrap();
    let root = mac(salt, &[&mac(&shared, &[b"WebPush: info\0", public.as_ref(), theirs, &[1]])]);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &mac(&root, &[b"Content-Encoding: aes128gcm\0", &[1]])[..16]).unwrap());
    let nonce = mac(&root, &[b"Content-Encoding: nonce\0", &[1]]);
    let mut record = body[86..].to_vec();
    let text = key.open_in_place(Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap(), Aad::empty(), &mut record).unwrap();
    serde_json::from_slice(text.strip_suffix(&[2]).unwrap()).unwrap()
}

/// A customer with a browser that may be woken, who asked to be called back and closed the page; rung by the agent that is returned.
async fn rung(house: &TestHouse, service: &PushService) -> (Person<DossierId>, Person<StaffId>) {
    let customer = house.ready_to_call().await;
    house.post("/api/v1/push/subscriptions").by(&customer).json(&browser(&format!("{}/push/one", service.origin))).send().await.expect(204);
    enqueue(house, &customer).await;
    let id = ticket(house, &customer).await["id"].as_str().unwrap().to_owned();
    house.post(&format!("/api/v1/tickets/{id}/callback")).by(&customer).json(&json!({ "way": "page" })).send().await.expect(200);
    let agent = ready(house, "lan").await;
    answer(house, &agent, "accept").await.expect(200);
    (customer, agent)
}

async fn subscriptions(house: &TestHouse) -> i64 {
    house.house.db.row("select count(*) as kept from push_subscriptions", &[]).await.unwrap().unwrap().int("kept").unwrap()
}

#[tokio::test]
async fn a_ring_wakes_the_browser_and_says_who_sends_it() {
    let service = PushService::answering(&[201]).await;
    let house = &service.house().await;
    let (customer, _) = rung(house, &service).await;
    assert!(service.taken().is_empty(), "nothing leaves the house within the request");
    house.work().await;
    let taken = service.taken();
    assert_eq!(taken.len(), 1);
    let one = &taken[0];
    assert_eq!((one.path.as_str(), one.header("content-encoding"), one.header("urgency"), one.header("ttl")), ("/push/one", "aes128gcm", "high", "60"));
    assert_eq!(one.header("topic").len(), 32);

    let (token, public) = one.header("authorization").strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    let (text, signed) = token.rsplit_once('.').unwrap();
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(public)).verify(text.as_bytes(), &bytes(signed)).unwrap();
    let claims: Value = serde_json::from_slice(&bytes(text.split_once('.').unwrap().1)).unwrap();
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(service.origin), &json!("mailto:visavis@localhost.localdomain")));
    assert_eq!(house.get("/api/v1/push").send().await.expect(200).json()["public_key"], public, "the key browsers were given");

    let told = read(&one.body);
    assert_eq!((&told["type"], &told["title"]), (&json!("ring"), &json!("Visavis is calling you")));
    let token = told["url"].as_str().unwrap().split("/#/ring/").nth(1).unwrap();
    let phone = house.post(&format!("/api/v1/ring/by-link/{token}")).send().await.expect(200).cookie();
    house.post("/api/v1/ring/answer").by(&Person { id: customer.id, cookie: phone }).send().await.expect(200);
}

#[tokio::test]
async fn a_busy_service_is_tried_again_and_a_browser_that_is_gone_is_forgotten() {
    let service = PushService::answering(&[503, 429, 410]).await;
    let house = &service.house().await;
    rung(house, &service).await;
    house.work().await;
    assert_eq!((service.taken().len(), subscriptions(house).await), (1, 1), "busy: later");
    house.pass(1);
    house.work().await;
    assert_eq!(service.taken().len(), 1, "not at once");
    house.pass(1);
    house.work().await;
    assert_eq!(service.taken().len(), 2, "after two seconds");
    house.pass(4);
    house.work().await;
    assert_eq!((service.taken().len(), subscriptions(house).await), (3, 0), "410: forgotten");
    house.pass(30);
    house.work().await;
    assert_eq!(service.taken().len(), 3);
}

#[tokio::test]
async fn what_no_longer_rings_wakes_nobody() {
    let service = PushService::answering(&[503, 201]).await;
    let house = &service.house().await;
    let (customer, _) = rung(house, &service).await;
    house.work().await;
    house.post("/api/v1/ring/decline").by(&customer).send().await.expect(204);
    house.pass(10);
    house.work().await;
    assert_eq!((service.taken().len(), subscriptions(house).await), (1, 1));
}

#[tokio::test]
async fn a_browser_introduces_itself_within_limits() {
    let service = PushService::answering(&[201]).await;
    let house = &service.house().await;
    let customer = house.ready_to_call().await;
    let path = "/api/v1/push/subscriptions";
    let mut wrong = vec![browser("http://169.254.169.254/latest"), browser("http://127.0.0.1:1/push"), browser("https://evil.example/push")];
    wrong.push(json!({ "endpoint": format!("{}/x", service.origin), "p256dh": "AAAA", "auth": "AAAA" }));
    for body in wrong {
        assert_eq!(house.post(path).by(&customer).json(&body).send().await.expect(422).code(), "bad_address", "{body}");
    }
    for number in [0, 1, 2, 3, 4, 5, 6, 6] {
        house.pass(1);
        house.post(path).by(&customer).json(&browser(&format!("{}/push/{number}", service.origin))).send().await.expect(204);
    }
    assert_eq!(subscriptions(house).await, 5, "the oldest make room, and the same browser twice is once");
    house.post("/api/v1/push/subscriptions/forget").by(&customer).json(&json!({ "endpoint": format!("{}/push/6", service.origin) })).send().await.expect(204);
    assert_eq!(subscriptions(house).await, 4);
    assert_eq!(house.post(path).json(&browser(&service.origin)).send().await.status, 401, "nobody's browser");

    let quiet = TestHouse::with(|settings| settings.notify.push_hosts.clear()).await;
    assert_eq!(quiet.get("/api/v1/push").send().await.expect(200).json()["public_key"], Value::Null);
}
