//! What participants say on data channels, beside their media.

use super::*;
use crate::engine::sfu::{Listener, Reply, Said};

/// Answers texts with their length, keeps bytes.
#[derive(Clone, Default)]
struct Clerk(Arc<Mutex<Vec<(String, usize)>>>);

impl Listener for Clerk {
    fn hear(&mut self, said: &Said<'_>) -> Reply {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((said.label.to_owned(), said.bytes.len()));
        assert!(said.bytes != b"break", "as told");
        if said.is_text { Reply::Text(said.bytes.len().to_string()) } else { Reply::Nothing }
    }
}

fn join_with_clerk(world: &mut World, room: u128, port: u16) -> Clerk {
    let (mut browser, offer) = Browser::new(world.now, port);
    let clerk = Clerk::default();
    let join = Join { room, seat: 0, offer, tap: Some(Box::new(Ear::default())), ear: Some(Box::new(clerk.clone())) };
    browser.answered(&world.core.join(world.now, join).unwrap());
    world.browsers.insert(port, browser);
    world.run(1_500, &[]);
    clerk
}

fn say(world: &mut World, port: u16, is_text: bool, bytes: &[u8]) {
    let browser = world.browsers.get_mut(&port).unwrap();
    let channel = browser.channel.expect("the channel is open");
    assert!(browser.rtc.channel(channel).unwrap().write(!is_text, bytes).unwrap());
}

#[test]
fn what_is_said_is_heard_answered_and_passed_to_nobody() {
    let mut world = World::new(10);
    let clerk = join_with_clerk(&mut world, 1, 101);
    world.join(1, 1, 102, &Ear::default()).unwrap();
    world.run(1_500, &[]);
    say(&mut world, 101, true, b"hello");
    say(&mut world, 101, false, &[7; 16 * 1024]);
    say(&mut world, 102, true, b"nobody listens to this end");
    world.run(1_000, &[101, 102]);
    assert_eq!(*clerk.0.lock().unwrap(), [("talk".to_owned(), 5), ("talk".to_owned(), 16 * 1024)]);
    assert_eq!(world.browsers[&101].told, [(false, b"5".to_vec())]);
    world.core.say((1, 0), "talk", "on our own");
    world.core.say((1, 0), "no such channel", "x");
    world.core.say((9, 0), "talk", "x");
    world.run(200, &[]);
    assert_eq!(world.browsers[&101].told.last().unwrap(), &(false, b"on our own".to_vec()));
    assert!(world.browsers[&102].told.is_empty());
    assert_eq!(world.browsers[&102].received.len(), 100, "media went on beside it");
}

#[test]
fn a_listener_that_breaks_ends_its_own_room() {
    let mut world = World::new(10);
    join_with_clerk(&mut world, 1, 101);
    let other = join_with_clerk(&mut world, 2, 102);
    say(&mut world, 101, true, b"break");
    world.run(500, &[]);
    assert_eq!(world.news_of(1, 0).last(), Some(&What::Gone));
    say(&mut world, 102, true, b"still here");
    world.run(500, &[]);
    assert_eq!(other.0.lock().unwrap().len(), 1);
}

#[test]
fn the_bytes_of_a_picture_arrive_whole_beside_the_media() {
    let mut world = World::new(10);
    let clerk = join_with_clerk(&mut world, 1, 101);
    let mut sent = 0;
    for _ in 0..60 {
        let browser = world.browsers.get_mut(&101).unwrap();
        let channel = browser.channel.unwrap();
        while sent < 40
            && browser.rtc.channel(channel).unwrap().buffered_amount() < 64 * 1024
            && browser.rtc.channel(channel).unwrap().write(true, &[1; 16 * 1024]).unwrap()
        {
            sent += 1;
        }
        world.run(100, &[101]);
    }
    assert_eq!(sent, 40);
    let heard = clerk.0.lock().unwrap();
    assert_eq!((heard.len(), heard.iter().all(|(_, length)| *length == 16 * 1024)), (40, true));
}
