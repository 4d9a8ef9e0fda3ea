//! Observers see and hear both participants, and change nothing for them.

use super::{
    network::{Network, Weather},
    *,
};

/// Looks on at a room from `port`; the sections of its offer in order: sound and picture of the customer, then of the agent.
fn look_on(world: &mut World, room: u128, seat: u8, port: u16) -> Result<[Mid; 4], JoinError> {
    let (browser, offer, sections) = observer(world.now, port, Direction::RecvOnly);
    let answer = world.core.join(world.now, Join { room, seat, offer, tap: None, ear: None })?;
    let mut browser = browser;
    browser.answered(&answer);
    world.browsers.insert(port, browser);
    Ok(sections)
}

fn observer(now: Instant, port: u16, direction: Direction) -> (Browser, String, [Mid; 4]) {
    let (mut browser, _) = Browser::new(now, port);
    let mut rtc = Rtc::builder().clear_codecs().enable_opus(true, false).enable_vp8(true).set_rtp_mode(true).build(now);
    rtc.add_local_candidate(Candidate::host(browser.at, "udp").unwrap());
    let mut api = rtc.sdp_api();
    let sections = [MediaKind::Audio, MediaKind::Video, MediaKind::Audio, MediaKind::Video].map(|kind| api.add_media(kind, direction, None, None, None));
    let (offer, pending) = api.apply().unwrap();
    (browser.rtc, browser.pending) = (rtc, Some(pending));
    (browser, offer.to_sdp_string(), sections)
}

fn call() -> (World, [Ear; 2]) {
    let mut world = World::new(10);
    let ears = [Ear::default(), Ear::default()];
    world.join(1, 0, 101, &ears[0]).unwrap();
    world.join(1, 1, 102, &ears[1]).unwrap();
    world.run(1_500, &[]);
    (world, ears)
}

#[test]
fn an_observer_receives_each_in_its_own_sections_and_the_call_is_as_without() {
    let (mut world, ears) = call();
    let sections = look_on(&mut world, 1, 2, 110).unwrap();
    world.run(1_500, &[]);
    // The customer sends for five seconds, the agent for three.
    world.run(3_000, &[101, 102]);
    world.run(2_000, &[101]);
    world.run(200, &[]);
    let received = sections.map(|mid| world.browsers[&110].sections.get(&mid).copied().unwrap_or(0));
    assert_eq!(received, [250, 250, 150, 150], "sound and picture of the customer, then of the agent");
    assert_eq!((world.browsers[&101].received.len(), world.browsers[&102].received.len()), (300, 500), "both ends as ever");
    assert_eq!([&ears[0], &ears[1]].map(|ear| ear.0.lock().unwrap().packets.len()), [500, 300], "the tapes as ever");
    let of_observer: Vec<What> = world.news_of(1, 2);
    assert_eq!(of_observer, [What::Connected], "and nobody hears of media that an observer does not send");
    assert!(!world.browsers[&101].asked_for_picture.is_empty(), "the picture begins whole");

    // A second one, and the first leaves.
    let second = look_on(&mut world, 1, 3, 111).unwrap();
    world.run(1_500, &[]);
    world.core.leave(world.now, 1, 2);
    world.run(1_000, &[101, 102]);
    world.run(200, &[]);
    assert_eq!(second.map(|mid| world.browsers[&111].sections.get(&mid).copied().unwrap_or(0)), [50; 4]);
    assert_eq!(world.news_of(1, 2).last(), Some(&What::Gone));
    assert_eq!(world.browsers[&101].received.len(), 400);
    world.core.close(world.now, 1);
    world.run(100, &[]);
    assert_eq!(world.news_of(1, 3).last(), Some(&What::Gone), "with the call the look ends");
}

#[test]
fn an_observer_on_a_bad_network_costs_the_call_nothing() {
    let (mut world, _) = call();
    look_on(&mut world, 1, 2, 110).unwrap();
    let mut network = Network::new(21, Weather { delay: (5, 15), ..Weather::default() });
    network.only = Some(110);
    world.run_over(&mut network, 4_000, &[101, 102]);
    let asked = |world: &World| world.browsers[&101].asked_for_picture.len() + world.browsers[&102].asked_for_picture.len();
    let before = (asked(&world), world.browsers[&101].received.len());
    // A third of what is sent there gets through, and a fifth of that is lost.
    (network.weather.narrow, network.weather.loss) = (Some(8_000.0), 0.2);
    world.run_over(&mut network, 40_000, &[101, 102]);
    assert!([101, 102].iter().all(|port| world.browsers[port].caps.is_empty()), "nobody is asked to send less");
    assert_eq!(world.browsers[&101].received.len() - before.1, 4_000, "nothing of the call is lost");
    // Four periodic requests to each in this time, and one every three seconds for the observer at most.
    let more = asked(&world) - before.0;
    assert!(more <= 2 * (4 + 14), "{more} requests for whole pictures");

    // It falls silent: it is gone, and the call goes on.
    world.browsers.remove(&110);
    world.run(30_000, &[101, 102]);
    assert_eq!(world.news_of(1, 2).last(), Some(&What::Gone));
    for seat in [0, 1] {
        assert!(!world.news_of(1, seat).iter().any(|what| matches!(what, What::Disconnected | What::Gone)));
    }
}

#[test]
fn who_may_not_look_on_is_refused() {
    let (mut world, _) = call();
    assert_eq!(look_on(&mut world, 2, 2, 110), Err(JoinError::Full), "there is nobody to see");
    let (_, sending, _) = observer(world.now, 112, Direction::SendRecv);
    let join = Join { room: 1, seat: 2, offer: sending, tap: None, ear: None };
    assert_eq!(world.core.join(world.now, join), Err(JoinError::BadOffer), "observers send nothing");
    let (_, browser) = Browser::new(world.now, 113);
    assert_eq!(world.core.join(world.now, Join { room: 1, seat: 2, offer: browser, tap: None, ear: None }), Err(JoinError::BadOffer));
    // Ten participants may have two observers; those take no seat away.
    look_on(&mut world, 1, 2, 110).unwrap();
    look_on(&mut world, 1, 3, 111).unwrap();
    assert_eq!(look_on(&mut world, 1, 4, 114), Err(JoinError::Full));
    for room in 2..6 {
        world.join(room, 0, 200 + u16::try_from(room).unwrap() * 2, &Ear::default()).unwrap();
        world.join(room, 1, 201 + u16::try_from(room).unwrap() * 2, &Ear::default()).unwrap();
    }
    assert_eq!(world.join(9, 0, 150, &Ear::default()), Err(JoinError::Full));
}
