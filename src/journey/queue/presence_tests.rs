use proptest::prelude::*;

use super::*;
use crate::base::id::{Id, time_ordered};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + seconds, 0).expect("valid")
}

fn id<I: Id>(number: u8) -> I {
    I::from_uuid(time_ordered(at(0), [number; 10]))
}

fn agent(doing: Doing) -> Agent {
    Agent { id: id(1), epoch: 3, doing, since: at(-30), misses: 0 }
}

fn doings() -> [Doing; 8] {
    let in_call = |is_decided| Doing::InCall { ticket: id(2), dossier: id(3), call: id(4), is_decided };
    [
        Doing::Offline,
        Doing::Ready,
        Doing::Offered { ticket: id(2), idle_since: at(-300) },
        Doing::Ringing { ring: id(5), booking: Some(id(6)) },
        in_call(false),
        in_call(true),
        Doing::WrapUp { dossier: id(3), until: at(90) },
        Doing::Break { reason: BreakReason::Lunch },
    ]
}

fn commands() -> [Command; 19] {
    let end = |call, is_here| Command::EndCall { call: id(call), is_here, wrap_up_until: at(120) };
    [
        Command::GoReady,
        Command::TakeBreak(BreakReason::Short),
        Command::GoOffline,
        Command::Offer(id(2)),
        Command::Accept { ticket: id(2), dossier: id(3), call: id(4) },
        Command::Accept { ticket: id(9), dossier: id(3), call: id(4) },
        Command::Withdraw,
        Command::Decline,
        Command::Miss { limit: 2 },
        Command::Miss { limit: 1 },
        Command::Ring { ring: id(5), booking: Some(id(6)) },
        Command::Ring { ring: id(5), booking: None },
        Command::EndRing,
        end(4, true),
        end(4, false),
        end(9, true),
        Command::Decide(id(3)),
        Command::WrapUpOver,
        Command::ExtendWrapUp { until: at(300) },
    ]
}

#[test]
fn every_state_knows_exactly_its_commands() {
    // Columns as in `commands`; `-` is refused.
    let wanted = [
        "ready break offline - - - - - - - - - - - - - - - -",
        "ready break offline offered - - - - - - ringing - - - - - - - -",
        "- - offline - in_call - ready ready ready break - ringing - - - - - - -",
        "- - offline - in_call in_call - - - - - - ready - - - - - -",
        "- - - - - - - - - - - - - wrap_up offline - in_call - -",
        "- - - - - - - - - - - - - ready offline - in_call - -",
        "ready break offline - - - - - - - ringing - - - - - ready ready wrap_up",
        "ready break offline - - - - - - - ringing - - - - - - - -",
    ];
    for (doing, row) in doings().into_iter().zip(wanted) {
        let found: Vec<&str> = commands().into_iter().map(|command| agent(doing).after(command, at(0)).map_or("-", |next| next.doing.name())).collect();
        assert_eq!(found.join(" "), row, "from {doing:?}");
    }
}

#[test]
fn who_lost_a_customer_keeps_the_place_among_the_idle_and_who_declined_does_not() {
    let offered = agent(doings()[2]);
    assert_eq!(offered.after(Command::Withdraw, at(0)).expect("offered").since, at(-300));
    assert_eq!(offered.after(Command::Decline, at(0)).expect("offered").since, at(0));
    assert_eq!(agent(Doing::Ready).after(Command::GoReady, at(0)).expect("ready").since, at(-30));
}

#[test]
fn an_extension_counts_from_the_end_of_the_call() {
    let wrapping = agent(Doing::WrapUp { dossier: id(3), until: at(90) });
    let extended = wrapping.after(Command::ExtendWrapUp { until: at(300) }, at(60)).expect("wrapping up");
    assert_eq!((extended.since, extended.doing), (wrapping.since, Doing::WrapUp { dossier: id(3), until: at(300) }));
}

#[test]
fn two_misses_in_a_row_are_a_break() {
    let first = agent(doings()[2]).after(Command::Miss { limit: 2 }, at(0)).expect("offered");
    assert_eq!((first.doing, first.misses), (Doing::Ready, 1));
    let again = first.after(Command::Offer(id(2)), at(1)).expect("ready");
    let second = again.after(Command::Miss { limit: 2 }, at(21)).expect("offered");
    assert_eq!((second.doing, second.misses), (Doing::Break { reason: BreakReason::Missed }, 0));
    let accepted = again.after(Command::Accept { ticket: id(2), dossier: id(3), call: id(4) }, at(2)).expect("offered");
    assert_eq!(accepted.misses, 0, "an accepted call forgives");
}

#[test]
fn names_read_back() {
    for reason in [BreakReason::Lunch, BreakReason::Short, BreakReason::Training, BreakReason::Technical, BreakReason::Missed, BreakReason::Supervisor] {
        assert_eq!(reason.name().parse(), Ok(reason));
    }
}

proptest! {
    #[test]
    fn random_days_count_epochs_and_keep_the_call_until_it_ends(steps in proptest::collection::vec(0..19_usize, 0..80)) {
        let mut now = agent(Doing::Offline);
        for (second, step) in (1..).zip(steps) {
            let command = commands()[step];
            match now.after(command, at(second)) {
                Ok(next) => {
                    prop_assert_eq!(next.epoch, now.epoch + 1);
                    prop_assert!(next.misses < 2);
                    if matches!(now.doing, Doing::InCall { .. }) && !matches!(next.doing, Doing::InCall { .. }) {
                        let is_end = matches!(command, Command::EndCall { .. });
                        prop_assert!(is_end, "only its end ends a call");
                    }
                    now = next;
                }
                Err(refused) => prop_assert_eq!(refused.from, now.doing),
            }
        }
    }
}
