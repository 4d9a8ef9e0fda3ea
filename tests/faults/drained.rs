//! A server is told to stop while calls are in progress and another one runs, as at a rolling deploy: nothing new begins at it, and what
//! does not end in time goes on at the other.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use serde_json::json;
use sqlx::{PgPool, Row};

use super::{
    carried::{CONNECTED, End, SOON, come_back, maker, opened, post, recorded_closed, runtime, said_until, sounds, until},
    nodes::{DRAIN, Pair},
};
use crate::media::peer::Kind;

/// Calls in progress.
const CALLS: i64 = 3;

#[test]
fn calls_of_a_server_that_stops_go_on_at_the_other() {
    let mut pair = Pair::starting_with_one();
    runtime().block_on(async {
        let pool = PgPool::connect(&pair.database).await.unwrap();
        let house = maker(&pair.database).await;
        let clip = sounds(house.folder());
        let mut cookies = Vec::new();
        for number in 0..CALLS {
            cookies.push(opened(&house, pair.sites[0].http, &format!("agent{number}")).await);
        }
        pair.start_the_other();
        let [one, two] = [pair.sites[0].http, pair.sites[1].http];
        let mut ends = Vec::new();
        for (number, (customer, agent, call)) in (0_u32..).zip(&cookies) {
            ends.push(End::new(if number == 0 { two } else { one }, customer, "customer", call, 10 + 4 * number).await);
            ends.push(End::new(if number == 1 { two } else { one }, agent, "agent", call, 12 + 4 * number).await);
        }
        futures_util::future::join_all(ends.iter_mut().map(End::join)).await;
        until(&pool, SOON, CONNECTED, CALLS).await;
        let speaking: Vec<_> = ends.iter().map(|end| end.speak(&clip)).collect();
        tokio::time::sleep(Duration::from_secs(2)).await;

        pair.running[0].signal(Signal::SIGTERM);
        let told = Instant::now();
        // It says so within a beat; then whoever is called is called at the other, wherever their page is.
        until(&pool, SOON, "select is_draining from nodes where name = 'one'", 1).await;
        let (_, agent, new) = opened(&house, two, "late").await;
        let at: String = sqlx::query("select node from calls where id = $1").bind(&new).fetch_one(&pool).await.unwrap().get(0);
        assert_eq!(at, "two", "nothing new begins at a server that stops");
        let moved: Vec<_> = {
            let back = ends.iter_mut().map(|end| async move { come_back(end, one, two, told).await });
            futures_util::future::join_all(back).await
        };
        let first = moved.iter().min().unwrap();
        assert!(*first >= DRAIN.saturating_sub(Duration::from_secs(1)), "calls may end by themselves until the time is over: moved after {first:?}");
        until(&pool, SOON, CONNECTED, CALLS).await;
        eprintln!("{CALLS} calls of a server that was told to stop: all live at the other {} ms after", told.elapsed().as_millis());
        for voice in speaking {
            voice.abort();
        }
        let until_then = told + DRAIN.saturating_sub(Duration::from_millis(500));
        let before: Vec<Vec<u16>> = ends.iter().map(|end| said_until(&end.sent, until_then)).collect();
        let status = pair.running[0].ended(SOON);
        assert!(status.success(), "it stopped by itself: {status}");

        let resumed = Instant::now();
        let speaking: Vec<_> = ends.iter().map(|end| end.speak(&clip)).collect();
        tokio::time::sleep(Duration::from_secs(2)).await;
        for (end, voice) in ends.iter().zip(speaking) {
            end.sent.stop.store(true, Ordering::Relaxed);
            voice.await.unwrap();
        }
        for (end, (_, agent, call)) in ends.iter().step_by(2).zip(&cookies) {
            assert!(end.peer.heard(Kind::Audio).len() > 60, "the customer hears the agent again");
            post(&end.client, two, &format!("/api/v1/calls/{call}/hang-up"), agent, json!({})).await;
        }
        post(&ends[0].client, two, &format!("/api/v1/calls/{new}/hang-up"), &agent, json!({})).await;
        let logs = recorded_closed(pair.sites[0].folder(), &pair.database, &pool).await;
        for (end, before) in ends.iter().zip(before) {
            let segments = &logs[&(end.call.clone(), end.party.to_owned())];
            assert_eq!(segments.len(), 2, "one part of the recording at each server");
            let held = before.iter().filter(|number| segments[0].contains(number)).count();
            assert!(held * 100 >= before.len() * 99, "until it was handed over {held} of {} are on tape", before.len());
            let after = end.sent.numbers.lock().unwrap().iter().filter(|(at, _)| *at > resumed).count();
            assert!(segments[1].len() * 100 >= after * 99, "after it {} of {after}", segments[1].len());
        }
        let reasons: Vec<String> = sqlx::query("select distinct end_reason from calls").fetch_all(&pool).await.unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(reasons, ["hung_up"], "none was lost");
    });
}
