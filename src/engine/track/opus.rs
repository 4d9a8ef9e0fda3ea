//! How long Opus packets are (RFC 6716 §3.1), and a silent one. Pure.

/// 20 ms of silence.
pub(super) const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];
/// How long that is, in µs.
pub(super) const SILENCE_US: i64 = 20_000;

/// Microseconds of sound in an Opus packet; `None` for one that is none.
pub fn duration_us(packet: &[u8]) -> Option<i64> {
    let first = *packet.first()?;
    let configuration = usize::from(first >> 3);
    let frame = match configuration {
        0..12 => [10_000, 20_000, 40_000, 60_000][configuration % 4],
        12..16 => [10_000, 20_000][configuration % 2],
        _ => [2_500, 5_000, 10_000, 20_000][configuration % 4],
    };
    let frames = match first & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => i64::from(packet.get(1)? & 0x3f),
    };
    Some(frame * frames).filter(|duration| (1..=120_000).contains(duration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_follow_the_table() {
        assert_eq!(duration_us(&SILENCE), Some(SILENCE_US));
        assert_eq!(duration_us(&[0x03 << 3]), Some(60_000));
        assert_eq!(duration_us(&[(15 << 3) | 1, 0]), Some(40_000));
        assert_eq!(duration_us(&[(16 << 3) | 3, 4]), Some(10_000));
        assert_eq!(duration_us(&[(3 << 3) | 3, 63]), None, "longer than a packet may be");
        assert_eq!(duration_us(&[3]), None);
        assert_eq!(duration_us(&[]), None);
    }
}
