//! For whom a STUN packet is, without looking at every participant: a flood must cost next to nothing. Pure.

/// The magic cookie (RFC 8489 §5).
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// USERNAME (RFC 8489 §14.3).
const USERNAME: u16 = 0x0006;

/// Our fragment of the user name of a connectivity check: `ours:theirs` (RFC 8445 §7.2.2).
pub(super) fn our_fragment(packet: &[u8]) -> Option<&str> {
    let (head, mut rest) = packet.split_at_checked(20)?;
    if head[4..8] != COOKIE {
        return None;
    }
    while let Some((attribute, after)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([attribute[2], attribute[3]]));
        let value = after.get(..length)?;
        if u16::from_be_bytes([attribute[0], attribute[1]]) == USERNAME {
            return std::str::from_utf8(value).ok()?.split(':').next();
        }
        rest = after.get(length.next_multiple_of(4)..)?;
    }
    None
}

/// The fragments an SDP answer of ours names.
pub(super) fn fragments(answer: &str) -> impl Iterator<Item = &str> {
    answer.lines().filter_map(|line| line.trim_end().strip_prefix("a=ice-ufrag:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut packet = vec![0, 1, 0, 0];
        packet.extend(COOKIE);
        packet.extend([7; 12]);
        for (kind, value) in attributes {
            packet.extend(kind.to_be_bytes());
            packet.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
            packet.extend(*value);
            packet.resize(packet.len().next_multiple_of(4), 0);
        }
        packet
    }

    #[test]
    fn the_name_is_found_behind_other_attributes() {
        assert_eq!(our_fragment(&check(&[(0x24, &[1, 2, 3, 4]), (0x8022, b"agent"), (USERNAME, b"ours:theirs")])), Some("ours"));
        assert_eq!(our_fragment(&check(&[(0x24, &[1, 2, 3, 4])])), None);
        assert_eq!(our_fragment(&check(&[(USERNAME, b"alone")])), Some("alone"));
        let mut other = check(&[(USERNAME, b"ours:theirs")]);
        other[4] = 0;
        assert_eq!(our_fragment(&other), None, "no STUN of today");
        assert_eq!(fragments("v=0\r\na=ice-ufrag:Ab1\r\nm=audio\r\na=ice-ufrag:Cd2\r\n").collect::<Vec<_>>(), ["Ab1", "Cd2"]);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(packet in prop::collection::vec(any::<u8>(), 0..120), cut in 0_usize..60) {
            our_fragment(&packet);
            let whole = check(&[(0x24, &packet), (USERNAME, b"ours:theirs")]);
            prop_assert_eq!(our_fragment(&whole), Some("ours"));
            our_fragment(&whole[..whole.len().saturating_sub(cut)]);
        }
    }
}
