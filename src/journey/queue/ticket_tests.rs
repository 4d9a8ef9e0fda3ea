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

fn standings() -> [Standing; 6] {
    [
        Standing::Waiting,
        Standing::Offered { agent: id(MINE), at: at(-5), until: at(15) },
        Standing::Ringing { agent: id(MINE), at: at(-5), until: at(15) },
        Standing::Accepted { agent: id(MINE), call: id(CALL), at: at(-5) },
        Standing::Abandoned { at: at(-5), why: LeaveReason::Left },
        Standing::Ended { agent: id(MINE), call: id(CALL), at: at(-5) },
    ]
}

fn commands() -> [Command; 17] {
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
        Command::CallBack(Some(CallbackWay::Sms)),
        Command::Ring { agent: id(MINE), until: at(60) },
        Command::Ring { agent: id(OTHER), until: at(60) },
        Command::Unreached { agent: id(MINE), rest: Some(Duration::minutes(2)) },
        Command::Unreached { agent: id(MINE), rest: None },
        Command::Unreached { agent: id(OTHER), rest: None },
        Command::Rested,
    ]
}

/// The name in the table below; the database knows no ringing.
fn name(ticket: &Ticket) -> &'static str {
    match ticket.standing {
        Standing::Ringing { .. } => "ringing",
        Standing::Waiting if ticket.rests_until.is_some() => "resting",
        standing => standing.name(),
    }
}

#[test]
fn every_standing_knows_exactly_its_commands() {
    // Columns as in `commands`; `-` is refused.
    let wanted = [
        ("waiting", "offered accepted accepted - - abandoned - - - - waiting - - - - - -"),
        ("offered", "- accepted - waiting - abandoned - - - - - - - - - - -"),
        ("ringing", "- accepted - waiting - abandoned - - - - - - - resting abandoned - -"),
        ("accepted", "- - - - - - ended - waiting - - - - - - - -"),
        ("abandoned", "- - - - - - - - - - - - - - - - -"),
        ("ended", "- - - - - - - - - - - - - - - - -"),
    ];
    for (standing, (called, row)) in standings().into_iter().zip(wanted) {
        assert_eq!(name(&ticket(standing)), called);
        assert_eq!(row_of(&ticket(standing)), row, "from {called}");
    }
    // Who is to be called back is rung instead of connected, and is left alone while resting.
    let back = |standing, rests_until| Ticket { callback: Some(CallbackWay::Sms), rests_until, ..ticket(standing) };
    assert_eq!(row_of(&back(standings()[1], None)), "- accepted - waiting - abandoned - - - - - ringing - - - - -");
    assert_eq!(row_of(&back(Standing::Waiting, Some(at(60)))), "- accepted accepted - - abandoned - - - - waiting - - - - - waiting");
}

fn row_of(ticket: &Ticket) -> String {
    let found: Vec<&str> = commands().into_iter().map(|command| ticket.after(command, at(0)).map_or("-", |next| name(&next))).collect();
    found.join(" ")
}

#[test]
fn a_put_back_ticket_keeps_its_place_and_a_returning_one_goes_to_the_front() {
    let back = ticket(standings()[1]).after(Command::PutBack { agent: id(MINE), limit: 5 }, at(0)).expect("offered");
    assert_eq!((back.priority_at, back.is_returning), (at(-60), false));
    let front = ticket(standings()[3]).after(Command::Requeue { call: id(CALL) }, at(0)).expect("accepted");
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

#[test]
fn who_did_not_come_keeps_the_place_and_a_ring_that_was_withdrawn_does_not_count() {
    let waiting = Ticket { callback: Some(CallbackWay::Page), ..ticket(Standing::Waiting) };
    let offered = waiting.after(Command::Offer { agent: id(MINE), until: at(20) }, at(0)).expect("waiting");
    let rung = offered.after(Command::Ring { agent: id(MINE), until: at(60) }, at(1)).expect("offered");
    let rests = rung.after(Command::Unreached { agent: id(MINE), rest: Some(Duration::minutes(2)) }, at(61)).expect("ringing");
    assert_eq!((rests.rings, rests.rests_until, rests.priority_at, rests.is_offerable()), (1, Some(at(181)), waiting.priority_at, false));
    let withdrawn = rung.after(Command::PutBack { agent: id(MINE), limit: 5 }, at(5)).expect("ringing");
    assert_eq!((withdrawn.rings, withdrawn.priority_at, withdrawn.is_offerable()), (0, waiting.priority_at, true));
}

proptest! {
    #[test]
    fn random_lives_count_epochs_and_never_leave_an_end(steps in proptest::collection::vec(0..17_usize, 0..60)) {
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
