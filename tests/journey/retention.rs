//! The end of a file's time.

use serde_json::{Value, json};
use visavis::registry::{audit, dossier};

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
