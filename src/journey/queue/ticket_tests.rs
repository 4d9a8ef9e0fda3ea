use proptest::prelude::*;

use super::*;
use crate::base::id::{Id, time_ordered};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + seconds, 0).expect("valid")
}

fn id<I: Id>(number: u8) -> I {
    I::from_uuid(time_ordered(at(0), [number; 10]))
}

fn ticket(standing: Standing) -> Ticket {
    Ticket { epoch: 7, standing, shown: Some(WaitRange { low: 1, high: 2 }), ..Ticket::taken(id(1), id(2), "vi", "account", at(-60)) }
}

const MINE: u8 = 10;
const OTHER: u8 = 11;
const CALL: u8 = 20;
const OTHER_CALL: u8 = 21;

fn standings() -> [Standing; 5] {
    [
        Standing::Waiting,
        Standing::Offered { agent: id(MINE), at: at(-5), until: at(15) },
        Standing::Accepted { agent: id(MINE), call: id(CALL), at: at(-5) },
        Standing::Abandoned { at: at(-5), why: LeaveReason::Left },
        Standing::Ended { agent: id(MINE), call: id(CALL), at: at(-5) },
    ]
}

fn commands() -> [Command; 10] {
    [
        Command::Offer { agent: id(MINE), until: at(20) },
        Command::Accept { agent: id(MINE), call: id(CALL) },
        Command::Accept { agent: id(OTHER), call: id(CALL) },
        Command::PutBack { agent: id(MINE), limit: 5 },
        Command::PutBack { agent: id(OTHER), limit: 5 },
        Command::Leave { why: LeaveReason::Gone },
        Command::End { call: id(CALL) },
        Command::End { call: id(OTHER_CALL) },
        Command::Requeue { call: id(CALL) },
        Command::Requeue { call: id(OTHER_CALL) },
    ]
}

#[test]
fn every_standing_knows_exactly_its_commands() {
    // Columns as in `commands`; `-` is refused.
    let wanted = [
        ("waiting", "offered accepted accepted - - abandoned - - - -"),
        ("offered", "- accepted - waiting - abandoned - - - -"),
        ("accepted", "- - - - - - ended - waiting -"),
        ("abandoned", "- - - - - - - - - -"),
        ("ended", "- - - - - - - - - -"),
    ];
    for (standing, (name, row)) in standings().into_iter().zip(wanted) {
        assert_eq!(standing.name(), name);
        let found: Vec<&str> = commands().into_iter().map(|command| ticket(standing).after(command, at(0)).map_or("-", |next| next.standing.name())).collect();
        assert_eq!(found.join(" "), row, "from {name}");
    }
}

#[test]
fn a_put_back_ticket_keeps_its_place_and_a_returning_one_goes_to_the_front() {
    let back = ticket(standings()[1]).after(Command::PutBack { agent: id(MINE), limit: 5 }, at(0)).expect("offered");
    assert_eq!((back.priority_at, back.is_returning), (at(-60), false));
    let front = ticket(standings()[2]).after(Command::Requeue { call: id(CALL) }, at(0)).expect("accepted");
    assert!(front.is_returning && front.priority_at < at(-86_400 * 365));
    assert_eq!(front.shown, None, "a new wait begins");
}

#[test]
fn an_offer_is_answered_by_its_agent_with_its_epoch_in_time() {
    let offered = ticket(standings()[1]);
    assert!(offered.is_offered_to(id(MINE), 7, at(14)));
    assert!(!offered.is_offered_to(id(MINE), 7, at(15)), "ran out");
    assert!(!offered.is_offered_to(id(MINE), 6, at(0)), "an older offer");
    assert!(!offered.is_offered_to(id(OTHER), 7, at(0)), "somebody else's");
    assert!(!ticket(Standing::Waiting).is_offered_to(id(MINE), 7, at(0)));
}

#[test]
fn five_offers_that_came_to_nothing_are_enough() {
    let mut now = ticket(Standing::Waiting);
    for offer in 1..=6 {
        now = now.after(Command::Offer { agent: id(MINE), until: at(offer * 30 + 20) }, at(offer * 30)).expect("waiting");
        now = now.after(Command::PutBack { agent: id(MINE), limit: 5 }, at(offer * 30 + 20)).expect("offered");
        let wanted = (offer >= 5).then(|| at(170));
        assert_eq!((i64::from(now.tries), now.escalated_at), (offer, wanted), "the first time counts");
    }
}

proptest! {
    #[test]
    fn random_lives_count_epochs_and_never_leave_an_end(steps in proptest::collection::vec(0..10_usize, 0..60)) {
        let mut now = ticket(Standing::Waiting);
        for (second, step) in (1..).zip(steps) {
            let before = now.clone();
            match before.after(commands()[step], at(second)) {
                Ok(next) => {
                    prop_assert_eq!(next.epoch, before.epoch + 1);
                    let is_over = matches!(before.standing, Standing::Abandoned { .. } | Standing::Ended { .. });
                    prop_assert!(!is_over);
                    prop_assert_eq!((next.id, next.dossier), (before.id, before.dossier));
                    prop_assert!(next.priority_at <= before.priority_at, "a place never gets worse");
                    now = next;
                }
                Err(refused) => prop_assert_eq!(refused.from, before.standing),
            }
        }
    }
}
