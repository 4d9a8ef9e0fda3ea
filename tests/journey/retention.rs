//! The end of a file's time.

use serde_json::{Value, json};
use visavis::{
    base::Pii,
    engine::notify,
    registry::{audit, dossier},
};

use crate::support::{TestHouse, calls::Room};

const DAY: i64 = 86_400;

fn sealed(house: &TestHouse) -> usize {
    fn walk(folder: &std::path::Path) -> usize {
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
    }
    walk(&house.settings.storage.objects()) + walk(&house.settings.storage.recordings)
}

async fn approved(house: &TestHouse) -> Room {
    let (lan, room) = house.live_call().await;
    house.house.calls.join(visavis::journey::call::Who::Customer(room.customer.id), room.call, 1, crate::support::calls::offer()).await.ok();
    let asked = house.ask_for(room.call, &lan, "hand").await.expect(201).json();
    let jpeg = vec![0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xD9];
    house.put(&format!("/api/v1/checks/{}/still", asked["id"].as_str().unwrap())).by(&lan).body("image/jpeg", jpeg).send().await.expect(200);
    house.judge(asked["id"].as_str().unwrap(), &lan, "passed", None).await.expect(200);
    let photograph =
        house.post(&format!("/api/v1/calls/{}/stills", room.call)).by(&lan).json(&json!({ "camera": "environment" })).send().await.expect(201).json();
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    image::DynamicImage::ImageRgb8(image::RgbImage::new(640, 480)).write_with_encoder(encoder).unwrap();
    let sha256 = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes));
    let path = format!("/api/v1/call/stills/{}?sha256={sha256}", photograph["id"].as_str().unwrap());
    house.request("PUT", &path).by(&room.customer).body("image/jpeg", bytes).send().await.expect(200);
    house.pass_all_checks(room.call, &lan).await;
    house.decide(room.customer.id, &lan, &json!({ "outcome": "approve", "reason": "all_checks_passed", "note": "seen" })).await.expect(200);
    while house.work().await > 0 {}
    room
}

#[tokio::test]
async fn what_is_sealed_goes_when_its_time_is_over_unless_it_is_held() {
    let house = TestHouse::open().await;
    let room = approved(&house).await;
    let chief = house.supervisor("chief").await;
    let id = room.customer.id;
    let file = async || -> Value { house.get(&format!("/api/v1/dossiers/{id}?purpose=audit")).by(&chief).send().await.expect(200).json() };
    let before = file().await;
    let kept = sealed(&house);
    assert!(kept > 0 && before["calls"][0]["checks"][0]["has_still"] == json!(true));
    assert_eq!(before["keep_until"], json!("2031-03-01T02:00:00Z"), "five years of 365 days after the call");
    // Sessions do not last as long as files do.
    let hold = async |by: &str, is_held: bool| {
        let by = house.supervisor(by).await;
        house.put(&format!("/api/v1/dossiers/{id}/legal-hold")).by(&by).json(&json!({ "is_held": is_held })).send().await.expect(204);
    };

    house.pass(1824 * DAY);
    house.work().await;
    assert_eq!(sealed(&house), kept, "a day too early");
    hold("second", true).await;
    house.pass(2 * DAY);
    house.work().await;
    assert_eq!(sealed(&house), kept, "a file that is held stays");
    hold("third", false).await;
    house.work().await;
    assert_eq!(sealed(&house), 0);

    let chief = house.supervisor("fourth").await;
    let left = dossier::find(&house.house.db, id).await.unwrap().unwrap();
    assert!(left.erased_at.is_some() && left.holder_name.is_none() && left.document_number.is_none() && left.phone.is_none());
    assert_eq!((left.state.name(), left.outcome.as_deref()), ("approved", Some("all_checks_passed")), "that there was an identification stays");
    let view: Value = house.get(&format!("/api/v1/dossiers/{id}?purpose=audit")).by(&chief).send().await.expect(200).json();
    assert_eq!((&view["file"]["fields"], &view["calls"][0]["recording"], &view["decisions"][0]["note"]), (&json!([]), &json!(null), &json!(null)));
    assert_eq!(view["calls"][0]["checks"][0]["has_still"], false);
    let lines = audit::of_dossier(&house.house.db, id).await.unwrap();
    for act in ["file.held", "file.released", "file.erased"] {
        assert_eq!(lines.iter().filter(|line| line.act == act).count(), 1, "{act}");
    }
    assert!(audit::verify(&house.house.db).await.unwrap().is_ok());
    house.work().await;
}

/// Whether a word stands in any file of a house, whatever its kind: the database with its free pages and its log, too.
fn stands(house: &TestHouse, word: &str) -> Vec<String> {
    fn walk(folder: &std::path::Path, word: &[u8], found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, word, found);
            } else if std::fs::read(&path).unwrap().windows(word.len()).any(|part| part == word) {
                found.push(path.display().to_string());
            }
        }
    }
    let mut found = Vec::new();
    walk(house.folder(), word.as_bytes(), &mut found);
    found
}

/// A person whose words are all their own, through everything that writes them down.
async fn told_everywhere(house: &TestHouse) -> Room {
    let room = {
        let (lan, room) = house.live_call().await;
        let id = room.customer.id;
        let mut tx = house.house.db.begin().await.unwrap();
        let file = dossier::find_in(&mut tx, id).await.unwrap().unwrap();
        let name = |file: &mut dossier::Dossier| {
            file.holder_name = Some(Pii::new("Zyxwvu Qrstlm".to_owned()));
            file.document_number = Some(Pii::new("ZQ7788991".to_owned()));
            file.email = Some(Pii::new("zyxwvu@example.org".to_owned()));
            file.phone = Some(Pii::new("+84977665544".to_owned()));
        };
        dossier::describe(&mut tx, &house.engines.ambient, &file, name).await.unwrap();
        tx.execute(
            "insert into details (dossier_id, name, value, is_edited, doubtful, is_checked, updated_at) values ($1, 'residence', 'Zyxwvu lane 7', 1, 0, 1, 0)",
            &[id.into()],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let chat = Pii::new("I am Zyxwvu".to_owned());
        house.house.calls.say(visavis::journey::call::Who::Customer(id), room.call, &chat).await.unwrap();
        house.pass_all_checks(room.call, &lan).await;
        house.decide(id, &lan, &json!({ "outcome": "approve", "reason": "all_checks_passed", "note": "Zyxwvu was calm" })).await.expect(200);
        let mut tx = house.house.db.begin().await.unwrap();
        for sql in [
            "insert into wrap_up_notes (id, dossier_id, agent_id, body, at) values ('n1', $1, $2, 'Zyxwvu rings again', 0)",
            "insert into push_subscriptions (id, dossier_id, endpoint, p256dh, auth, created_at) select 'p1', $1, 'https://push.example.org/Zyxwvu' || length($2), 'k', 'a', 0",
            "insert into callbacks (ticket_id, address, asked_at) select id, '+84977665544', 0 from tickets where dossier_id = $1 and $2 <> ''",
        ] {
            tx.execute(sql, &[id.into(), lan.id.into()]).await.unwrap();
        }
        tx.commit().await.unwrap();
        room
    };
    let letter = notify::Message {
        kind: notify::Kind::Sms,
        name: "ring-1".to_owned(),
        to: Pii::new("+84977665544".to_owned()),
        subject: String::new(),
        text: Pii::new("Zyxwvu, we are calling".to_owned()),
        invite: None,
        at: house.now(),
    };
    let folder = house.settings.storage.data.join("notify");
    notify::way_out(&house.settings.notify, folder).unwrap().send(&letter).await.unwrap();
    while house.work().await > 0 {}
    room
}

#[tokio::test]
async fn nothing_on_disk_names_a_person_whose_time_is_over() {
    let house = TestHouse::open().await;
    let room = told_everywhere(&house).await;
    let words = ["Zyxwvu", "ZYXWVU", "zyxwvu", "Qrstlm", "qrstlm", "ZQ7788991", "77665544"];
    assert!(words.iter().filter(|word| !stands(&house, word).is_empty()).count() >= 5, "it was written down");
    house.pass(1826 * DAY);
    while house.work().await > 0 {}
    assert!(dossier::find(&house.house.db, room.customer.id).await.unwrap().unwrap().erased_at.is_some());
    for word in words {
        assert_eq!(stands(&house, word), Vec::<String>::new(), "{word}");
    }
}
