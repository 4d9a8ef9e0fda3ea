//! The invitation that puts an appointment into the customer's own calendar, moves it there and takes it out again: RFC 5545 for the
//! text, RFC 5546 for what is asked. Pure.
//!
//! One appointment keeps one `UID` for life; every change counts `SEQUENCE` up, and a calendar believes the highest it has seen.

use std::fmt::Write;

use crate::base::Timestamp;

/// What a calendar is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Put it in, or move it (RFC 5546, section 3.2.2).
    Request,
    /// Take it out (RFC 5546, section 3.2.5).
    Cancel,
}

impl Method {
    /// The value of the property `METHOD`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// One appointment as a calendar sees it.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) method: Method,
    /// Stays the same for life.
    pub(super) uid: &'a str,
    /// Counts changes, from 0.
    pub(super) sequence: i64,
    pub(super) starts_at: Timestamp,
    pub(super) ends_at: Timestamp,
    /// When this text was written.
    pub(super) written_at: Timestamp,
    pub(super) summary: &'a str,
    pub(super) description: &'a str,
    /// Where it takes place: the link.
    pub(super) url: &'a str,
    /// E-mail address of the house.
    pub(super) organizer: &'a str,
    /// E-mail address of the customer.
    pub(super) attendee: &'a str,
}

/// The iCalendar object: lines end in CR LF and are folded at 75 octets (RFC 5545, section 3.1).
pub(super) fn object(event: &Event) -> String {
    let time = |at: Timestamp| at.format("%Y%m%dT%H%M%SZ").to_string();
    let mut out = String::new();
    for (name, value) in
        [("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", "-//Visavis//Appointments//EN"), ("METHOD", event.method.name()), ("BEGIN", "VEVENT")]
    {
        line(&mut out, name, value);
    }
    line(&mut out, "UID", event.uid);
    line(&mut out, "SEQUENCE", &event.sequence.to_string());
    line(&mut out, "DTSTAMP", &time(event.written_at));
    line(&mut out, "DTSTART", &time(event.starts_at));
    line(&mut out, "DTEND", &time(event.ends_at));
    line(&mut out, "SUMMARY", &escaped(event.summary));
    line(&mut out, "DESCRIPTION", &escaped(event.description));
    line(&mut out, "LOCATION", &escaped(event.url));
    line(&mut out, "URL", event.url);
    line(&mut out, "ORGANIZER", &format!("mailto:{}", event.organizer));
    line(&mut out, "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE", &format!("mailto:{}", event.attendee));
    line(&mut out, "STATUS", if event.method == Method::Cancel { "CANCELLED" } else { "CONFIRMED" });
    line(&mut out, "TRANSP", "OPAQUE");
    for (name, value) in [("END", "VEVENT"), ("END", "VCALENDAR")] {
        line(&mut out, name, value);
    }
    out
}

/// The value of a text property (RFC 5545, section 3.3.11).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

/// Writes one content line, folded; a character is never cut in two. What could begin another line is left out.
fn line(out: &mut String, name: &str, value: &str) {
    const MOST: usize = 75;
    let mut whole = String::new();
    let _ = write!(whole, "{name}:{value}");
    let mut width = 0;
    for letter in whole.chars().filter(|letter| !letter.is_control()) {
        if width + letter.len_utf8() > MOST {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(letter);
        width += letter.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event<'a>(method: Method, summary: &'a str, description: &'a str) -> Event<'a> {
        let at = |text: &str| text.parse().expect("an instant");
        Event {
            method,
            uid: "0190a6e0@bank.example",
            sequence: 2,
            starts_at: at("2026-03-02T02:15:00Z"),
            ends_at: at("2026-03-02T02:30:00Z"),
            written_at: at("2026-03-01T00:00:00Z"),
            summary,
            description,
            url: "https://bank.example/#/booking/x",
            organizer: "ident@bank.example",
            attendee: "khai@example.org",
        }
    }

    fn unfolded(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_request_says_when_where_and_which_change() {
        let lines = unfolded(&object(&event(Method::Request, "Call; with, Bank", "one\ntwo")));
        assert_eq!(
            lines,
            [
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                "PRODID:-//Visavis//Appointments//EN",
                "METHOD:REQUEST",
                "BEGIN:VEVENT",
                "UID:0190a6e0@bank.example",
                "SEQUENCE:2",
                "DTSTAMP:20260301T000000Z",
                "DTSTART:20260302T021500Z",
                "DTEND:20260302T023000Z",
                "SUMMARY:Call\\; with\\, Bank",
                "DESCRIPTION:one\\ntwo",
                "LOCATION:https://bank.example/#/booking/x",
                "URL:https://bank.example/#/booking/x",
                "ORGANIZER:mailto:ident@bank.example",
                "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:khai@example.org",
                "STATUS:CONFIRMED",
                "TRANSP:OPAQUE",
                "END:VEVENT",
                "END:VCALENDAR",
            ]
        );
        let cancelled = object(&event(Method::Cancel, "x", "y"));
        assert!(cancelled.contains("METHOD:CANCEL\r\n") && cancelled.contains("STATUS:CANCELLED\r\n"));
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_its_line(summary in "\\PC{0,200}", description in "[\\x00-\\x7fạ\u{1F600}]{0,300}") {
            let text = object(&event(Method::Request, &summary, &description));
            prop_assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
            prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
            prop_assert_eq!(unfolded(&text).len(), 20);
        }
    }
}
