use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration as Wait,
};

use tokio::sync::Semaphore;

use super::*;
use crate::registry::outbox;

/// Jobs that go on until they are let.
struct Held {
    is_slow: bool,
    may_end: Semaphore,
    begun: AtomicUsize,
    done: AtomicUsize,
}

impl Held {
    fn new(is_slow: bool, may_end: usize) -> Arc<Self> {
        Arc::new(Self { is_slow, may_end: Semaphore::new(may_end), begun: AtomicUsize::new(0), done: AtomicUsize::new(0) })
    }

    async fn until(&self, begun: usize, done: usize) {
        let seen = || (self.begun.load(Ordering::SeqCst), self.done.load(Ordering::SeqCst));
        let wanted = async {
            while seen() != (begun, done) {
                tokio::time::sleep(Wait::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(Wait::from_secs(20), wanted).await.is_ok(), "{:?} instead of {:?}", seen(), (begun, done));
    }
}

#[async_trait::async_trait]
impl Handler for Held {
    async fn run(&self, _job: &Job) -> Result<(), JobError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.may_end.acquire().await.expect("nobody closes it").forget();
        self.done.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn is_slow(&self) -> bool {
        self.is_slow
    }
}

/// A database with so many slow jobs, and after them so many quick ones.
async fn house(folder: &tempfile::TempDir, slow: usize, quick: usize) -> (Db, Ambient) {
    let (db, ambient) = (Db::open(&format!("sqlite://{}", folder.path().join("jobs.db").display())).await.unwrap(), Ambient::system());
    db.migrate().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    for (kind, count) in [("slow", slow), ("quick", quick)] {
        for number in 0..count {
            outbox::job(&mut tx, &ambient, kind, &number.to_string(), &serde_json::json!({})).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    (db, ambient)
}

#[tokio::test]
async fn what_is_slow_never_has_all_lanes() {
    let folder = tempfile::tempdir().unwrap();
    let (db, ambient) = house(&folder, 40, 3).await;
    let (slow, quick) = (Held::new(true, 0), Held::new(false, 100));
    let worker = Arc::new(Worker::new(db.clone(), ambient).with("slow", slow.clone()).with("quick", quick.clone()));
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker.run(2, stop.clone()));
    quick.until(3, 3).await;
    slow.until(1, 0).await;
    tokio::time::sleep(Wait::from_millis(300)).await;
    slow.until(1, 0).await;
    slow.may_end.add_permits(40);
    slow.until(40, 40).await;
    stop.cancel();
    running.await.unwrap();
    db.close().await;
}

#[tokio::test]
async fn a_single_lane_does_what_is_quick_first() {
    let folder = tempfile::tempdir().unwrap();
    let (db, ambient) = house(&folder, 1, 2).await;
    let (slow, quick) = (Held::new(true, 1), Held::new(false, 2));
    let worker = Worker::new(db.clone(), ambient).with("slow", slow.clone()).with("quick", quick.clone());
    for done in [(1, 0), (2, 0), (2, 1)] {
        assert!(worker.step().await.unwrap());
        assert_eq!((quick.done.load(Ordering::SeqCst), slow.done.load(Ordering::SeqCst)), done);
    }
    assert!(!worker.step().await.unwrap());
    db.close().await;
}
