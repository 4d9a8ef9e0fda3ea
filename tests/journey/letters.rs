//! What becomes of letters: handed over, arrived or lost by the word of a gateway.

use std::sync::{Arc, OnceLock};

use serde_json::json;
use visavis::{
    base::{Pii, id::DossierId},
    engine::notify::{Kind, Message, Notifier, NotifyError},
    registry::{
        dossier,
        letters::{Letters, Parts, Receipt, Status},
    },
};

use crate::support::{
    Answer, TestHouse,
    servers::{Backend, on_backends},
};

on_backends!([sqlite SqliteMemory, postgres PostgresMemory] [a_gateway_says_what_became_of_a_message]);

const TOKEN: &str = "a-token-of-a-gateway-0123456789";

fn message(house: &TestHouse, name: &str) -> Message {
    Message {
        kind: Kind::Sms,
        name: name.to_owned(),
        to: Pii::new("+84977665544".to_owned()),
        subject: String::new(),
        text: Pii::new("We are calling".to_owned()),
        invite: None,
        at: house.now(),
    }
}

/// What the timeline says of letters, oldest first.
pub(crate) async fn told(house: &TestHouse, file: DossierId) -> Vec<String> {
    let lines = dossier::timeline(&house.house.db, file).await.unwrap();
    lines.iter().filter_map(|line| Some(line.kind.strip_prefix("letter.")?.to_owned())).collect()
}

async fn report(house: &TestHouse, token: &str, name: &str, status: &str) -> Answer {
    let request = house.post("/api/v1/letters/receipts").origin(None).header("authorization", &format!("Bearer {token}"));
    request.json(&json!({ "id": name, "status": status })).send().await
}

async fn a_gateway_says_what_became_of_a_message(backend: Backend) {
    let house = &TestHouse::on_with(backend, |settings| TOKEN.clone_into(&mut settings.notify.receipts_token)).await;
    let file = house.ready_to_call().await.id;
    let letters = &house.house.letters;
    for name in ["ring-1", "ring-2"] {
        letters.send(file, &message(house, name)).await.unwrap();
        // A job that ran twice is one letter.
        letters.send(file, &message(house, name)).await.unwrap();
    }
    assert_eq!(told(house, file).await, ["handed", "handed"]);

    assert_eq!(report(house, TOKEN, "ring-1", "failed").await.status, 204);
    assert_eq!(report(house, TOKEN, "ring-1", "delivered").await.status, 204, "the second try of the gateway");
    assert_eq!(report(house, TOKEN, "ring-1", "delivered").await.status, 204, "said twice");
    assert_eq!(report(house, TOKEN, "ring-1", "failed").await.status, 204, "late and of no weight");
    assert_eq!(report(house, TOKEN, "ring-2", "delivered").await.status, 204);
    assert_eq!(told(house, file).await, ["handed", "handed", "lost", "arrived", "arrived"]);

    assert_eq!(report(house, TOKEN, "ring-3", "delivered").await.code(), "unknown");
    assert_eq!(report(house, TOKEN, "ring-2", "eaten").await.code(), "malformed");
}

#[tokio::test]
async fn nobody_reports_without_the_token_of_the_house() {
    let house = TestHouse::with(|settings| TOKEN.clone_into(&mut settings.notify.receipts_token)).await;
    let file = house.ready_to_call().await.id;
    house.house.letters.send(file, &message(&house, "ring-1")).await.unwrap();
    let agent = house.agent("lan").await;
    for token in ["", "another-token-of-a-gateway-12345", &TOKEN[1..]] {
        assert_eq!(report(&house, token, "ring-1", "failed").await.status, 401, "{token}");
    }
    let signed_in = house.post("/api/v1/letters/receipts").by(&agent).json(&json!({ "id": "ring-1", "status": "failed" })).send().await;
    assert_eq!(signed_in.status, 401);
    assert_eq!(told(&house, file).await, ["handed"]);
    let closed = TestHouse::open().await;
    assert_eq!(report(&closed, "", "ring-1", "failed").await.status, 401, "no token is no way in");
}

/// A gateway that reports before it answers, and one that does not take numbers of that kind.
struct Hasty {
    letters: OnceLock<Letters>,
    refuses: bool,
}

#[async_trait::async_trait]
impl Notifier for Hasty {
    async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        if self.refuses {
            return Err(NotifyError::Refused(400));
        }
        let receipt = Receipt { id: message.name.clone(), status: Status::Delivered };
        assert!(self.letters.get().unwrap().receive(&receipt).await.unwrap());
        Ok(())
    }
}

#[tokio::test]
async fn a_report_may_come_before_the_answer_and_a_refusal_is_told() {
    let house = TestHouse::open().await;
    let file = house.ready_to_call().await.id;
    for (refuses, wanted) in [(false, vec!["arrived"]), (true, vec!["arrived", "refused"])] {
        let gateway = Arc::new(Hasty { letters: OnceLock::new(), refuses });
        let parts = Parts {
            ambient: house.engines.ambient.clone(),
            db: house.house.db.clone(),
            notifier: Arc::clone(&gateway) as Arc<dyn Notifier>,
            receipts_token: String::new(),
        };
        let letters = Letters::new(parts);
        gateway.letters.set(letters.clone()).ok().unwrap();
        assert_eq!(letters.send(file, &message(&house, &format!("ring-{refuses}"))).await.is_err(), refuses);
        assert_eq!(told(&house, file).await, wanted);
    }
}
