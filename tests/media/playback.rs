//! Playing a recording: who may, in which pieces, and the line in the journal that comes first.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use tower::ServiceExt;
use visavis::{
    base::id::CallId,
    journey::{call::wire::Party, review::wire::RecordingState},
    registry::audit,
};

use super::{
    clip::{Clip, Scene},
    sealing::{open, play, stop},
};
use crate::support::TestHouse;

async fn looks(house: &TestHouse) -> usize {
    let lines = house.house.db.rows("select act from audit_lines where act = 'recording.viewed'", &[]).await.unwrap();
    lines.len()
}

async fn sealed(house: &TestHouse) -> CallId {
    let call = open(house).await;
    let clip = Clip::make(house.folder(), &Scene { size: (320, 240), seconds: 2, flash_at: 1.0, tone: 600 });
    let mut tap = house.house.recordings.tap(call, Party::Customer).await.unwrap();
    play(&mut tap, &clip, Instant::now(), Duration::ZERO, 10, |_| false);
    drop(tap);
    stop(house, call).await;
    house.work().await;
    call
}

#[tokio::test]
async fn a_supervisor_plays_in_ranges_and_each_look_is_in_the_journal() {
    let house = TestHouse::open().await;
    let call = sealed(&house).await;
    let (supervisor, agent) = (house.supervisor("sup").await, house.agent("lan").await);
    let path = format!("/api/v1/recordings/{call}/film.mp4");
    let asked = format!("{path}?purpose=review");

    assert_eq!(house.get(&asked).send().await.status, 401);
    assert_eq!(house.get(&asked).by(&agent).send().await.status, 404, "not this agent's call");
    assert_eq!(house.get(&path).by(&supervisor).send().await.expect(400).code(), "purpose_required");
    assert_eq!(house.get(&format!("{path}?purpose=fun")).by(&supervisor).send().await.status, 400);
    let other = format!("/api/v1/recordings/{call}/other.mp4?purpose=review");
    assert_eq!(house.get(&other).by(&supervisor).send().await.status, 404);
    assert_eq!(looks(&house).await, 0, "nothing was shown");

    let whole = house.get(&asked).by(&supervisor).send().await.expect(200);
    assert_eq!((whole.header("content-type").as_str(), whole.header("accept-ranges").as_str()), ("video/mp4", "bytes"));
    assert_eq!(whole.header("content-length"), whole.body.len().to_string());
    assert_eq!(looks(&house).await, 1);

    let part = house.get(&asked).by(&supervisor).header("range", "bytes=1000-1999").send().await.expect(206);
    assert_eq!(part.header("content-range"), format!("bytes 1000-1999/{}", whole.body.len()));
    assert_eq!(part.body, whole.body[1000..2000]);
    let tail = house.get(&asked).by(&supervisor).header("range", "bytes=-100").send().await.expect(206);
    assert_eq!(tail.body, whole.body[whole.body.len() - 100..]);
    assert_eq!(looks(&house).await, 1, "the same look");
    let beyond = house.get(&asked).by(&supervisor).header("range", "bytes=999999999-").send().await.expect(416);
    assert_eq!(beyond.header("content-range"), format!("bytes */{}", whole.body.len()));

    house.pass(11 * 60);
    house.get(&asked).by(&supervisor).header("range", "bytes=5-9").send().await.expect(206);
    assert_eq!(looks(&house).await, 2, "a later look");
    house.get(&format!("{path}?purpose=audit")).by(&supervisor).header("range", "bytes=5-9").send().await.expect(206);
    assert_eq!(looks(&house).await, 3, "another purpose");
    assert!(audit::verify(&house.house.db).await.unwrap().is_ok());

    let on_disk = walk(house.folder()).into_iter().find(|path| path.ends_with("film.mp4")).unwrap();
    let mut sealed = std::fs::read(&on_disk).unwrap();
    sealed.truncate(sealed.len() - 1);
    std::fs::write(&on_disk, sealed).unwrap();
    let damaged = house.router().oneshot(request(&asked, &supervisor.cookie)).await.unwrap();
    assert!(damaged.into_body().collect().await.is_err(), "a damaged file ends the answer, it is never shown");
}

#[tokio::test]
async fn a_call_in_which_nobody_sent_anything_has_a_defined_end() {
    let house = TestHouse::open().await;
    let call = open(&house).await;
    let tap = house.house.recordings.tap(call, Party::Customer).await.unwrap();
    drop(tap);
    stop(&house, call).await;
    stop(&house, call).await;
    house.work().await;
    let view = house.house.recordings.of_call(call).await.unwrap().unwrap();
    assert_eq!((view.state, view.files.len()), (RecordingState::Failed, 0));
    assert!(house.house.recordings.tap(call, Party::Agent).await.is_err(), "nothing can be added any more");
}

fn request(path: &str, cookie: &str) -> axum::http::Request<axum::body::Body> {
    axum::http::Request::get(path).header("cookie", cookie).header("host", "localhost:8080").body(axum::body::Body::empty()).unwrap()
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
