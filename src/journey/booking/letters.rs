//! What customers are written about their appointments: when which letter is due, and its words in their language with times in
//! their zone. Pure; `jobs.rs` sends.

use chrono::Duration;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{
    ics::{self, Method},
    store::Booking,
    wire::BookingState,
};
use crate::{
    base::{Pii, Timestamp, words::Words},
    engine::notify::{Invite, Kind, Letterhead, Message},
    journey::queue::ring::reach::address,
    registry::dossier::Dossier,
};

/// Minutes before an appointment at which its customer is reminded, longest first.
pub(super) const REMINDERS: [u32; 3] = [24 * 60, 60, 10];

/// Why a customer is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Letter {
    /// The appointment was made.
    Booked,
    /// It was moved.
    Moved,
    /// So many minutes are left.
    Reminder(u32),
    /// It was cancelled.
    Cancelled,
    /// The house gave it back.
    CalledOff,
    /// Nobody came.
    Missed,
}

impl Letter {
    /// The name in names of jobs and messages.
    pub(super) fn name(self) -> String {
        match self {
            Self::Reminder(minutes) => format!("reminder-{minutes}"),
            other => other.group().to_owned(),
        }
    }

    /// The group of its words.
    fn group(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Moved => "moved",
            Self::Reminder(_) => "reminder",
            Self::Cancelled => "cancelled",
            Self::CalledOff => "called_off",
            Self::Missed => "missed",
        }
    }

    /// Whether it is still true of the appointment as it stands: a letter that a server which was down could not send in time is not
    /// sent late. A reminder makes room for the next shorter one.
    pub(super) fn is_due(self, booking: &Booking, version: i64, now: Timestamp) -> bool {
        let wanted = match self {
            Self::Booked | Self::Moved | Self::Reminder(_) => BookingState::Booked,
            Self::Cancelled | Self::CalledOff => BookingState::Cancelled,
            Self::Missed => BookingState::Missed,
        };
        if booking.state != wanted || booking.version != version {
            return false;
        }
        match self {
            Self::Reminder(minutes) => {
                let next = REMINDERS.into_iter().filter(|shorter| *shorter < minutes).max().unwrap_or(0);
                now < booking.starts_at - Duration::minutes(i64::from(next))
            }
            Self::Booked | Self::Moved => now < booking.ends_at,
            Self::Cancelled | Self::CalledOff | Self::Missed => true,
        }
    }

    fn method(self) -> Option<Method> {
        match self {
            Self::Booked | Self::Moved => Some(Method::Request),
            Self::Cancelled | Self::CalledOff => Some(Method::Cancel),
            Self::Reminder(_) | Self::Missed => None,
        }
    }
}

/// The letter to one customer; none when there is no address. `link` opens this appointment.
pub(super) fn written(letter: Letter, head: &Letterhead, (booking, file): (&Booking, &Dossier), link: &str, now: Timestamp) -> Option<Message> {
    let (kind, to) = address(file)?;
    let words = Words::of(&file.locale);
    let zone: Tz = file.time_zone.parse().unwrap_or(Tz::UTC);
    let local = booking.starts_at.with_timezone(&zone);
    let when = local.format(&words.say("letter.when", &[])).to_string();
    let day = local.format("%d/%m").to_string();
    let values = [
        ("house", head.house.as_str()),
        ("when", when.as_str()),
        ("day", day.as_str()),
        ("zone", zone.name()),
        ("reference", file.reference.as_str()),
        ("url", link),
        ("home", head.home.as_str()),
    ];
    let say = |part: &str| words.say(&format!("letter.{}.{part}", letter.group()), &values);
    let text = say(if kind == Kind::Email { "text" } else { "sms" });
    let uid = format!("{}@{}", booking.id, head.organizer.rsplit('@').next().unwrap_or("visavis"));
    let invite = letter.method().filter(|_| kind == Kind::Email).map(|method| Invite {
        method: method.name(),
        ics: Pii::new(ics::object(&ics::Event {
            method,
            uid: &uid,
            sequence: booking.version - 1,
            starts_at: booking.starts_at,
            ends_at: booking.ends_at,
            written_at: now,
            summary: &words.say("letter.event", &values),
            description: &text,
            url: if method == Method::Cancel { &head.home } else { link },
            organizer: &head.organizer,
            attendee: to.expose(),
        })),
    });
    let subject = if kind == Kind::Email { say("subject") } else { String::new() };
    let name = format!("booking-{}-{}-{}", booking.id, booking.version, letter.name().replace('_', "-"));
    Some(Message { kind, name, to, subject, text: Pii::new(text), invite, at: now })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Ambient;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn booking(state: BookingState) -> Booking {
        let ambient = Ambient::system();
        Booking {
            id: ambient.id(),
            dossier: ambient.id(),
            slot: ambient.id(),
            state,
            version: 3,
            link_nonce: String::new(),
            starts_at: at("2026-03-04T02:00:00Z"),
            ends_at: at("2026-03-04T02:15:00Z"),
        }
    }

    #[test]
    fn a_letter_is_sent_while_it_is_true() {
        use BookingState as S;
        let all = [Letter::Booked, Letter::Moved, Letter::Reminder(60), Letter::Cancelled, Letter::Missed];
        let wanted = [(S::Booked, "xxx.."), (S::Cancelled, "...x."), (S::Kept, "....."), (S::Missed, "....x")];
        for (state, row) in wanted {
            let due: String = all.iter().map(|letter| if letter.is_due(&booking(state), 3, at("2026-03-04T01:10:00Z")) { 'x' } else { '.' }).collect();
            assert_eq!(due, row, "{state:?}");
            assert!(all.iter().all(|letter| !letter.is_due(&booking(state), 2, at("2026-03-04T01:10:00Z"))), "an earlier change is not written about");
        }
    }

    #[test]
    fn a_reminder_that_comes_late_makes_room_for_the_next() {
        let cases = [
            (1440, "2026-03-03T02:00:00Z", true),
            (1440, "2026-03-04T00:59:00Z", true),
            (1440, "2026-03-04T01:00:00Z", false),
            (60, "2026-03-04T01:00:00Z", true),
            (60, "2026-03-04T01:50:00Z", false),
            (10, "2026-03-04T01:50:00Z", true),
            (10, "2026-03-04T02:00:00Z", false),
        ];
        for (minutes, now, due) in cases {
            assert_eq!(Letter::Reminder(minutes).is_due(&booking(BookingState::Booked), 3, at(now)), due, "{minutes} min at {now}");
        }
    }

    #[test]
    fn every_letter_has_its_words_in_every_language() {
        for letter in [Letter::Booked, Letter::Moved, Letter::Reminder(60), Letter::Cancelled, Letter::CalledOff, Letter::Missed] {
            for part in ["subject", "text", "sms"] {
                for language in ["en", "vi"] {
                    let key = format!("letter.{}.{part}", letter.group());
                    assert!(Words::of(language).find(&key).is_some_and(|text| text.contains("{house}") || part == "subject"), "{language} {key}");
                }
            }
        }
    }
}
