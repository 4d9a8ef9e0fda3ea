//! What an SDP offer must look like before the stack sees it, and which session it belongs to. Pure.

use super::JoinError;

/// Longest offer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Names the browser's peer connection: session id of the origin line (RFC 8866 §5.2, unchanged for its life) and the
/// DTLS fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    id: String,
    fingerprint: String,
}

/// The shape of an observer's offer: at most two sections of sound and two of pictures, nothing else, none that sends.
pub(super) fn observing(offer: &str) -> Result<Session, JoinError> {
    let count = |kind: &str| offer.lines().filter(|line| line.starts_with(kind)).count();
    let (audio, video, all, receiving) = (count("m=audio "), count("m=video "), count("m="), count("a=recvonly"));
    if all == 0 || audio.max(video) > 2 || audio + video != all || receiving != all {
        return Err(JoinError::BadOffer);
    }
    named(offer)
}

/// Checks the shape: at most one audio, one video and one section of data channels, nothing else, at least one of them.
pub(super) fn session(offer: &str) -> Result<Session, JoinError> {
    let count = |kind: &str| offer.lines().filter(|line| line.starts_with(kind)).count();
    let (audio, video, data, all) = (count("m=audio "), count("m=video "), count("m=application "), count("m="));
    if all == 0 || audio.max(video).max(data) > 1 || audio + video + data != all {
        return Err(JoinError::BadOffer);
    }
    named(offer)
}

/// The name of the section whose pictures the browser can send in several layers (RFC 8853 §5.1), if there is one.
pub(super) fn layered(offer: &str) -> Option<&str> {
    let section = offer.split("m=").find(|section| section.starts_with("video "))?;
    let lines = || section.lines().map(str::trim_end);
    lines().find(|line| line.starts_with("a=simulcast:send "))?;
    lines().find_map(|line| line.strip_prefix("a=mid:"))
}

/// The offer of somebody who cannot say when each packet arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01): the stack then
/// sends no numbers for that, which nobody may rely on although they were agreed on (RFC 8285 §4.1).
pub(super) fn without_arrivals(offer: &str) -> String {
    offer.split_inclusive('\n').filter(|line| !(line.starts_with("a=extmap:") && line.contains("transport-wide-cc"))).collect()
}

fn named(offer: &str) -> Result<Session, JoinError> {
    if offer.len() > LONGEST {
        return Err(JoinError::BadOffer);
    }
    let lines = || offer.lines().map(str::trim_end);
    let id = lines().find_map(|line| line.strip_prefix("o=")).and_then(|origin| origin.split(' ').nth(1));
    let fingerprint = lines().find_map(|line| line.strip_prefix("a=fingerprint:"));
    match (id, fingerprint) {
        (Some(id), Some(fingerprint)) => Ok(Session { id: id.to_owned(), fingerprint: fingerprint.to_owned() }),
        _ => Err(JoinError::BadOffer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "v=0\r\no=- 42 2 IN IP4 127.0.0.1\r\na=fingerprint:sha-256 AA\r\n";

    #[test]
    fn only_one_section_of_each_kind_passes() {
        let sections = [
            ("m=audio 9 X\r\nm=video 9 X\r\n", true),
            ("m=audio 9 X\r\n", true),
            ("m=video 9 X\r\n", true),
            ("", false),
            ("m=audio 9 X\r\nm=audio 9 X\r\n", false),
            ("m=audio 9 X\r\nm=video 9 X\r\nm=application 9 X\r\n", true),
            ("m=application 9 X\r\n", true),
            ("m=application 9 X\r\nm=application 9 X\r\n", false),
            ("m=audio 9 X\r\nm=text 9 X\r\n", false),
            ("m=video 9 X\r\nm=video 9 X\r\n", false),
        ];
        for (text, good) in sections {
            assert_eq!(session(&format!("{HEAD}{text}")).is_ok(), good, "{text:?}");
        }
        assert!(session("").is_err());
        assert!(session("m=audio 9 X").is_err(), "no origin");
        assert!(session(&format!("{HEAD}m=audio 9 X\r\n{}", "a=x\r\n".repeat(14_000))).is_err(), "too long");
    }

    #[test]
    fn an_observer_receives_two_of_each_and_sends_nothing() {
        let receiving = |sections: &[&str]| sections.iter().map(|kind| format!("m={kind} 9 X\r\na=recvonly\r\n")).collect::<Vec<_>>().concat();
        for (sections, good) in [
            (&["audio", "video", "audio", "video"][..], true),
            (&["audio"], true),
            (&[], false),
            (&["audio", "audio", "audio"], false),
            (&["video", "video", "video"], false),
            (&["audio", "application"], false),
        ] {
            assert_eq!(observing(&format!("{HEAD}{}", receiving(sections))).is_ok(), good, "{sections:?}");
        }
        assert!(observing(&format!("{HEAD}m=audio 9 X\r\na=sendrecv\r\n")).is_err());
        assert!(observing(&format!("{HEAD}{}{}", receiving(&["audio"]), "a=x\r\n".repeat(14_000))).is_err(), "too long");
    }

    #[test]
    fn layers_are_those_of_the_pictures() {
        let of = |text: &str| layered(&format!("{HEAD}m=audio 9 X\r\na=mid:0\r\n{text}")).map(str::to_owned);
        assert_eq!(of("m=video 9 X\r\na=mid:1\r\na=simulcast:send s;f\r\n"), Some("1".to_owned()));
        assert_eq!(of("m=video 9 X\r\na=mid:1\r\na=simulcast:recv s;f\r\n"), None);
        assert_eq!(of("m=video 9 X\r\na=mid:1\r\nm=application 9 X\r\na=simulcast:send s;f\r\n"), None);
        assert_eq!(of("a=simulcast:send s;f\r\nm=video 9 X\r\na=mid:1\r\n"), None);
    }

    #[test]
    fn arrivals_are_left_out_in_every_section_and_nothing_else() {
        let with = |line: &str| format!("{HEAD}m=audio 9 X\r\na=extmap:2 abs\r\n{line}m=video 9 X\r\n{line}a=rtcp-fb:96 transport-cc\r\na=mid:1");
        let line = "a=extmap:3/sendrecv http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n";
        assert_eq!(without_arrivals(&with(line)), with(""));
    }

    #[test]
    fn a_session_is_told_from_another() {
        let of = |text: &str| session(&format!("{text}m=audio 9 X\r\n")).ok();
        assert_eq!(of(HEAD), of(&HEAD.replace("42 2", "42 3")), "a later offer of the same connection");
        assert_ne!(of(HEAD), of(&HEAD.replace("42 2", "43 2")));
        assert_ne!(of(HEAD), of(&HEAD.replace("AA", "AB")));
    }
}
