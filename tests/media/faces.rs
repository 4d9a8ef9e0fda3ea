//! The portrait of the document beside the live face: the job that compares them, from the still to the light.

use serde_json::{Value, json};
use visavis::registry::dossier;

use super::{clip::run, measured::studio_film};
use crate::support::{Person, TestHouse, calls::Room};

/// A picture of the studio's film at a second of it, cropped and changed as ffmpeg says.
fn shot(house: &TestHouse, name: &str, second: &str, change: &str) -> Vec<u8> {
    let to = house.folder().join(name);
    let film = studio_film().to_str().unwrap();
    run("ffmpeg", &["-v", "error", "-y", "-r", "30", "-i", film, "-ss", second, "-frames:v", "1", "-vf", change, "-q:v", "3", to.to_str().unwrap()]);
    std::fs::read(to).unwrap()
}

/// Files a photograph of a document with its portrait.
async fn file_portrait(house: &TestHouse, room: &Room, portrait: &[u8]) {
    let filed = house.engines.vault.put(&format!("captures/{}", room.customer.id), portrait.to_vec()).await.unwrap();
    let (id, size) = (room.customer.id, i64::try_from(portrait.len()).unwrap());
    let mut tx = house.house.db.begin().await.unwrap();
    let round: i64 = tx.row("select round from intakes where dossier_id = $1", &[id.into()]).await.unwrap().unwrap().int("round").unwrap();
    let capture = "insert into captures (id, dossier_id, round, kind, side, accepted, is_flagged, problems, width, height, path, sha256, size, taken_at) values ($1, $1, $2, 'passport', 'front', 1, 0, '[]', 640, 480, $3, $4, $5, 0)";
    tx.execute(capture, &[id.into(), round.into(), filed.path.clone().into(), filed.sha256.clone().into(), size.into()]).await.unwrap();
    let row = "insert into portraits (capture_id, dossier_id, path, sha256, size, cut_at) values ($1, $1, $2, $3, $4, 0)";
    tx.execute(row, &[id.into(), filed.path.into(), filed.sha256.into(), size.into()]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Files `still` as what the first check showed; the check as its file has it once the jobs are done.
async fn looked_at(house: &TestHouse, lan: &Person<visavis::base::id::StaffId>, room: &Room, still: Vec<u8>) -> Value {
    let asked = house.ask_for(room.call, lan, "frontal").await.expect(201).json();
    let id = asked["id"].as_str().unwrap();
    house.put(&format!("/api/v1/checks/{id}/still")).by(lan).body("image/jpeg", still).send().await.expect(200);
    house.judge(id, lan, "passed", None).await.expect(200);
    while house.work().await > 0 {}
    let chief = house.supervisor(&format!("chief{}", id.get(..8).unwrap())).await;
    let view: Value = house.get(&format!("/api/v1/dossiers/{}?purpose=review", room.customer.id)).by(&chief).send().await.expect(200).json();
    view["calls"][0]["checks"][0].clone()
}

#[tokio::test]
async fn a_portrait_and_the_live_face_get_a_light_and_it_is_filed() {
    for (portrait_of, still_of, light) in [
        // The same person smaller, darker, cut close and at another moment.
        ("crop=iw/2:ih*3/4:iw/4:0,scale=240:-2,eq=brightness=-0.1", "null", "alike"),
        ("crop=iw/2:ih*3/4:iw/4:0", "drawbox=t=fill:c=gray", "unseen"),
    ] {
        let house = TestHouse::open().await;
        let (lan, room) = house.live_call().await;
        file_portrait(&house, &room, &shot(&house, "portrait.jpg", "0.5", portrait_of)).await;
        let check = looked_at(&house, &lan, &room, shot(&house, "still.jpg", "1.6", still_of)).await;
        assert_eq!(check["likeness"]["light"], json!(light), "{check:#}");
        assert_eq!(check["likeness"]["distance"].is_number(), light != "unseen", "{check:#}");
        let told = dossier::timeline(&house.house.db, room.customer.id).await.unwrap();
        let measured: Vec<_> = told.iter().filter(|entry| entry.kind == "check.faces_measured").collect();
        assert_eq!((measured.len(), &measured[0].detail["light"]), (1, &json!(light)));
    }
}
