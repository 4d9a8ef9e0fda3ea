use super::*;

fn site(zone: Tz, window: &str) -> Settings {
    let windows = vec![window.parse().expect("a window")];
    Settings {
        time_zone: zone,
        monday: windows.clone(),
        tuesday: windows.clone(),
        wednesday: windows.clone(),
        thursday: windows.clone(),
        friday: windows.clone(),
        saturday: windows.clone(),
        sunday: windows,
        closed_on: Vec::new(),
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The only open stretch of the day as RFC 3339 texts in UTC.
fn open(site: &Settings, on: &str) -> (String, String) {
    let spans = site.open_on(day(on));
    assert_eq!(spans.len(), 1, "{on}");
    let text = |at: Timestamp| at.format("%m-%dT%H:%MZ").to_string();
    (text(spans[0].starts_at), text(spans[0].ends_at))
}

fn pair(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

#[test]
fn an_ordinary_day() {
    assert_eq!(open(&site(Tz::Asia__Ho_Chi_Minh, "08:00-17:30"), "2026-11-23"), pair("11-23T01:00Z", "11-23T10:30Z"));
}

#[test]
fn berlin_springs_forward_over_half_past_two() {
    let site = site(Tz::Europe__Berlin, "02:30-10:00");
    assert_eq!(open(&site, "2026-03-28"), pair("03-28T01:30Z", "03-28T09:00Z"));
    // 02:30 does not exist: the first instant after the gap is 03:00 +02:00.
    assert_eq!(open(&site, "2026-03-29"), pair("03-29T01:00Z", "03-29T08:00Z"));
    assert_eq!(open(&self::site(Tz::Europe__Berlin, "00:00-24:00"), "2026-03-29"), pair("03-28T23:00Z", "03-29T22:00Z"));
}

#[test]
fn berlin_falls_back_over_half_past_two_twice() {
    // Beginning at the first 02:30, …
    assert_eq!(open(&site(Tz::Europe__Berlin, "02:30-10:00"), "2026-10-25"), pair("10-25T00:30Z", "10-25T09:00Z"));
    // … ending at the second.
    assert_eq!(open(&site(Tz::Europe__Berlin, "00:00-02:30"), "2026-10-25"), pair("10-24T22:00Z", "10-25T01:30Z"));
    let whole = site(Tz::Europe__Berlin, "00:00-24:00").day(day("2026-10-25"));
    assert_eq!((whole.ends_at - whole.starts_at).num_hours(), 25);
}

#[test]
fn lord_howe_moves_by_half_an_hour() {
    let site = site(Tz::Australia__Lord_Howe, "00:00-24:00");
    let length = |on: &str| {
        let span = site.day(day(on));
        (span.ends_at - span.starts_at).num_minutes()
    };
    assert_eq!(length("2026-04-05"), 24 * 60 + 30);
    assert_eq!(length("2026-10-04"), 23 * 60 + 30);
    assert_eq!(open(&self::site(Tz::Australia__Lord_Howe, "02:15-03:00"), "2026-10-04"), pair("10-03T15:30Z", "10-03T16:00Z"));
}

#[test]
fn santiago_has_no_midnight_when_summer_begins() {
    let site = site(Tz::America__Santiago, "00:00-24:00");
    // 2026-09-06 begins at 01:00 -03:00.
    assert_eq!(open(&site, "2026-09-06"), pair("09-06T04:00Z", "09-07T03:00Z"));
    // The day before ends where that day begins.
    assert_eq!(open(&site, "2026-09-05").1, "09-06T04:00Z");
    assert_eq!((site.day(day("2026-09-06")).ends_at - site.day(day("2026-09-06")).starts_at).num_hours(), 23);
}

#[test]
fn casablanca_steps_back_for_ramadan() {
    let site = site(Tz::Africa__Casablanca, "09:00-17:00");
    assert_eq!(open(&site, "2026-02-14"), pair("02-14T08:00Z", "02-14T16:00Z"));
    assert_eq!(open(&site, "2026-02-16"), pair("02-16T09:00Z", "02-16T17:00Z"));
    assert_eq!(open(&site, "2026-03-23"), pair("03-23T08:00Z", "03-23T16:00Z"));
}

#[test]
fn open_and_closed() {
    let mut site = site(Tz::Europe__Berlin, "08:00-17:00");
    site.sunday.clear();
    site.closed_on.push(day("2026-12-25"));
    let open = |text: &str| site.is_open(text.parse().expect("an instant"));
    assert!(!open("2026-11-23T06:59:59Z"));
    assert!(open("2026-11-23T07:00:00Z"));
    assert!(open("2026-11-23T15:59:59Z"));
    assert!(!open("2026-11-23T16:00:00Z"));
    assert!(!open("2026-11-22T12:00:00Z"), "a Sunday");
    assert!(!open("2026-12-25T12:00:00Z"), "a holiday");
}

#[test]
fn windows_are_read_strictly() {
    for good in ["00:00-24:00", "08:00-17:30"] {
        assert_eq!(good.parse::<Window>().expect("a window").to_string(), good);
    }
    for bad in ["", "8-17", "17:00-08:00", "08:00-08:00", "08:60-09:00", "00:00-24:01", "-1:00-02:00"] {
        assert_eq!(bad.parse::<Window>(), Err(MalformedWindow), "{bad}");
    }
}
