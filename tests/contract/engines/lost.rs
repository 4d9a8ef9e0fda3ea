//! The index's server is emptied, killed, frozen: what it says then, and how fast it is whole again.

use std::time::Instant;

use visavis::journey::queue::engine::{Change, Contents, Engine, EngineError, Waiting};

use super::*;

fn ten_thousand() -> Contents {
    let place = |number: i64| Place {
        priority_at: at(number),
        lane: lane(u8::try_from(number % 8).unwrap()),
        is_booked: number % 10 == 0,
        relaxes: Some((at(900_000 + number), lane(0))),
    };
    let waiting = (0..10_000).map(|number| Waiting::new(TicketId::from_uuid(time_ordered(at(number), [9; 10])), place(number)));
    Contents { waiting: waiting.collect(), ..Contents::default() }
}

#[tokio::test]
async fn an_index_never_built_says_so() {
    let redis = empty_redis().await;
    assert_eq!(redis.apply(Change::Time, fair(0)).await, Err(EngineError::Lost));
    assert_eq!(redis.contents().await, Err(EngineError::Lost));
}

#[tokio::test]
async fn ten_thousand_waiting_are_whole_again_within_five_seconds() {
    let redis = redis().await;
    let contents = ten_thousand();
    let began = Instant::now();
    redis.rebuild(&contents).await.unwrap();
    let took = began.elapsed();
    assert_eq!(redis.contents().await.unwrap(), contents);
    eprintln!("10,000 waiting rebuilt in {} ms", took.as_millis());
    assert!(took.as_secs() < 5, "{took:?}");
}
