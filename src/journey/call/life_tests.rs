use proptest::prelude::*;

use super::*;

const PATIENCE: Patience = Patience { joining: Duration::seconds(90), away: Duration::seconds(60), agent_away: Duration::seconds(20) };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp_millis(1_800_000_000_000 + seconds * 1000).expect("valid")
}

fn joining() -> Seat {
    Seat::Joining { since: at(0) }
}

fn away(page: bool, media: bool) -> Seat {
    Seat::Away { since: at(0), page, media }
}

/// One line of the table: a seat of the customer, what happens to it, the seat after it.
fn line(seat: Seat, happening: Happening) -> (Seat, bool) {
    let before = Life::Live { since: at(0), seats: Seats { customer: seat, agent: Seat::Connected } };
    let (after, news) = before.after(happening, at(1), PATIENCE).expect("a running call takes everything");
    let Life::Live { seats, .. } = after else { panic!("{happening:?} ended the call") };
    assert_eq!(seats.agent, Seat::Connected, "the other seat is left alone");
    (seats.customer, !news.is_empty())
}

#[test]
fn every_seat_takes_every_happening() {
    let now_away = |page, media| Seat::Away { since: at(1), page, media };
    let c = Party::Customer;
    let (up, down, open, gone) = (Happening::MediaUp(c), Happening::MediaDown(c), Happening::PageOpen(c), Happening::PageGone(c));
    let table = [
        (joining(), up, Seat::Connected, true),
        (joining(), down, joining(), false),
        (joining(), open, joining(), false),
        (joining(), gone, joining(), false),
        (Seat::Connected, up, Seat::Connected, false),
        (Seat::Connected, down, now_away(true, false), true),
        (Seat::Connected, open, Seat::Connected, false),
        (Seat::Connected, gone, now_away(false, true), true),
        (away(true, false), up, Seat::Connected, true),
        (away(true, false), down, away(true, false), false),
        (away(true, false), open, away(true, false), false),
        (away(true, false), gone, away(false, false), false),
        (away(false, true), up, away(false, true), false),
        (away(false, true), down, away(false, false), false),
        (away(false, true), open, Seat::Connected, true),
        (away(false, true), gone, away(false, true), false),
        (away(false, false), up, away(false, true), false),
        (away(false, false), down, away(false, false), false),
        (away(false, false), open, away(true, false), false),
        (away(false, false), gone, away(false, false), false),
    ];
    for (seat, happening, wanted, told) in table {
        assert_eq!(line(seat, happening), (wanted, told), "{seat:?} {happening:?}");
    }
}

#[test]
fn a_call_is_live_when_both_ends_are_there_at_once() {
    let life = Life::begin(at(0));
    assert_eq!((life.state(), life.seen(Party::Customer)), (CallState::Connecting, PeerState::Joining));
    let (life, news) = life.after(Happening::MediaUp(Party::Agent), at(1), PATIENCE).unwrap();
    assert_eq!(news, [News::Peer(Party::Agent, PeerState::Connected)]);
    let (life, _) = life.after(Happening::MediaDown(Party::Agent), at(2), PATIENCE).unwrap();
    let (life, news) = life.after(Happening::MediaUp(Party::Customer), at(3), PATIENCE).unwrap();
    assert_eq!((life.state(), news.len()), (CallState::Connecting, 1), "the agent is away just now");
    let (life, news) = life.after(Happening::MediaUp(Party::Agent), at(4), PATIENCE).unwrap();
    assert_eq!(news, [News::Peer(Party::Agent, PeerState::Connected), News::Live]);
    let (life, _) = life.after(Happening::MediaDown(Party::Agent), at(5), PATIENCE).unwrap();
    assert_eq!(life.state(), CallState::Live, "a live call stays live while an end is away");
}

#[test]
fn patience_ends_and_the_customer_is_looked_at_first() {
    let lost = |customer, agent, seconds| {
        let life = Life::Live { since: at(0), seats: Seats { customer, agent } };
        match life.after(Happening::Tick, at(seconds), PATIENCE).expect("runs").0 {
            Life::Ended { reason, live_at, .. } => {
                assert_eq!(live_at, Some(at(0)));
                Some(reason)
            }
            _ => None,
        }
    };
    let gone = away(true, false);
    assert_eq!(lost(gone, Seat::Connected, 59), None);
    assert_eq!(lost(gone, Seat::Connected, 60), Some(EndReason::CustomerLost));
    assert_eq!(lost(Seat::Connected, gone, 19), None, "the agent may come back");
    assert_eq!(lost(Seat::Connected, gone, 20), Some(EndReason::AgentLost));
    assert_eq!(lost(gone, gone, 59), None, "nobody is kept waiting");
    assert_eq!(lost(gone, gone, 60), Some(EndReason::CustomerLost));
    assert_eq!(lost(joining(), Seat::Connected, 89), None);
    assert_eq!(lost(joining(), Seat::Connected, 90), Some(EndReason::CustomerLost));
    assert_eq!(lost(Seat::Connected, joining(), 90), Some(EndReason::AgentLost));
    assert_eq!(lost(Seat::Connected, Seat::Connected, 100_000), None);
}

#[test]
fn after_a_restart_both_ends_are_waited_for_anew() {
    let (joined, before) = (Seat::Joining { since: at(0) }, Seats { customer: Seat::Connected, agent: away(true, false) });
    let (life, news) = Life::Live { since: at(0), seats: before }.after(Happening::Restart, at(50), PATIENCE).unwrap();
    assert_eq!(news, [News::Peer(Party::Customer, PeerState::Reconnecting)], "the agent was away already");
    let gone = Seat::Away { since: at(50), page: false, media: false };
    assert_eq!(life, Life::Live { since: at(0), seats: Seats { customer: gone, agent: gone } });
    assert_eq!(life.after(Happening::Tick, at(109), PATIENCE).unwrap().0, life);
    assert_eq!(life.after(Happening::Tick, at(110), PATIENCE).unwrap().0.state(), CallState::Ended);
    let (life, news) = Life::Connecting(Seats { customer: joined, agent: joined }).after(Happening::Restart, at(50), PATIENCE).unwrap();
    assert_eq!((life, news.len()), (Life::begin(at(50)), 0));
}

#[test]
fn at_another_server_media_alone_brings_an_end_back() {
    let before = Life::Live { since: at(0), seats: Seats { customer: Seat::Connected, agent: away(false, false) } };
    let (life, news) = before.after(Happening::Moved, at(50), PATIENCE).unwrap();
    assert_eq!(news, [News::Peer(Party::Customer, PeerState::Reconnecting)]);
    let (life, news) = life.after(Happening::MediaUp(Party::Customer), at(52), PATIENCE).unwrap();
    assert_eq!(news, [News::Peer(Party::Customer, PeerState::Connected)]);
    assert_eq!(life.seat(Party::Agent), Some(Seat::Away { since: at(50), page: true, media: false }));
    assert_eq!(life.after(Happening::Tick, at(70), PATIENCE).unwrap().0.state(), CallState::Ended, "the customer is there and waits for no agent for long");
}

fn happenings() -> Vec<Happening> {
    let mut all = vec![Happening::Tick, Happening::Restart, Happening::Moved];
    for party in [Party::Customer, Party::Agent] {
        all.extend([Happening::MediaUp(party), Happening::MediaDown(party), Happening::PageOpen(party), Happening::PageGone(party)]);
    }
    all.extend(EndReason::ALL.map(Happening::End));
    all
}

#[test]
fn nothing_happens_to_an_ended_call() {
    for reason in EndReason::ALL {
        let life = Life::Ended { at: at(0), reason, live_at: None };
        assert_eq!(life.seen(Party::Agent), PeerState::Left);
        for wanted in happenings() {
            assert_eq!(life.after(wanted, at(1), PATIENCE), Err(Refused { reason, wanted }));
        }
    }
}

#[test]
fn names_read_back_and_tell_who_returns() {
    for reason in EndReason::ALL {
        assert_eq!(reason.name().parse(), Ok(reason));
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        assert_eq!(reason.requeues(), !matches!(reason, EndReason::HungUp | EndReason::CustomerLost));
    }
}

#[test]
fn epochs_fence_older_pages() {
    let first = Epochs::default().issue();
    assert_eq!(first.join(0), Err(Fenced::Unknown));
    assert_eq!(first.join(2), Err(Fenced::Unknown));
    let joined = first.join(1).unwrap();
    assert_eq!(joined.join(1), Ok(joined), "an ICE restart joins again");
    let second = joined.issue();
    assert_eq!(second.join(1), Ok(second), "looking is not joining");
    let taken_over = second.join(2).unwrap();
    assert_eq!(taken_over.join(1), Err(Fenced::Superseded));
}

proptest! {
    #[test]
    fn whatever_happens_a_call_ends_once_and_tells_every_visible_change(steps in prop::collection::vec((0..15_usize, 0..40_i64), 1..80)) {
        let all = happenings();
        let mut life = Life::begin(at(0));
        let (mut clock, mut lives, mut ends) = (0, 0, 0);
        for (which, pause) in steps {
            clock += pause;
            let before = life;
            let Ok((after, news)) = life.after(all[which], at(clock), PATIENCE) else {
                prop_assert_eq!(before.state(), CallState::Ended);
                continue;
            };
            for party in [Party::Customer, Party::Agent] {
                let told = news.iter().any(|n| *n == News::Peer(party, after.seen(party)));
                let over = news.iter().any(|n| matches!(n, News::Ended(_)));
                prop_assert_eq!(told || over, before.seen(party) != after.seen(party));
            }
            lives += news.iter().filter(|n| **n == News::Live).count();
            ends += news.iter().filter(|n| matches!(n, News::Ended(_))).count();
            prop_assert_eq!(after.state() == CallState::Ended, ends == 1);
            if after.state() == CallState::Live {
                prop_assert_eq!(lives, 1);
            }
            life = after;
        }
        let later = clock + 90;
        if let Ok((after, _)) = life.after(Happening::Tick, at(later), PATIENCE) {
            let connected = |party| life.seen(party) == PeerState::Connected;
            prop_assert_eq!(after.state() == CallState::Ended, !(connected(Party::Customer) && connected(Party::Agent)), "nobody waits for ever");
        }
    }
}
