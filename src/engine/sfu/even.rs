//! Packets of a picture made even, so that they can leave as one. Pure.
//!
//! Browsers cut a picture into packets of one length, but for those towards its end: these have a byte more (libwebrtc's
//! `SplitAboutEqually`). What the network takes as one (`udp.rs`) is of one length. So the shorter ones get the one optional byte that
//! their VP8 descriptor has room for, KEYIDX, which counts whole pictures (RFC 7741 §4.2); no decoder depends on it.

use std::sync::Arc;

/// No payload grows beyond this: what a browser sends fits the network with a byte to spare.
const LONGEST: usize = 1_200;

/// Bits of a descriptor: it goes on, with the number of the picture, the index of the base layer, the temporal layer, KEYIDX.
const EXTENDED: u8 = 0x80;
const PICTURE: u8 = 0x80;
const BASE: u8 = 0x40;
const TEMPORAL: u8 = 0x20;
const KEY: u8 = 0x10;
/// The number has 15 bits instead of seven.
const LONG: u8 = 0x80;
/// KEYIDX has five.
const KEY_BITS: u8 = 0x1f;

/// The pictures of one outgoing stream.
#[derive(Debug, Default)]
pub(super) struct Even {
    /// Of the picture under way: its time, and the length of what came first of it.
    picture: Option<(u32, usize)>,
    whole_pictures: u8,
    /// Where packets are put together.
    scratch: Vec<u8>,
}

impl Even {
    /// The payload to send instead, one byte longer; `None` when this one is to go as it is. `timestamp` is that of the picture,
    /// `is_last` says that the picture ends here, `begins_whole` whether one begins here that stands by itself.
    pub(super) fn out(&mut self, payload: &[u8], timestamp: u32, is_last: bool, begins_whole: impl FnOnce() -> bool) -> Option<Arc<[u8]>> {
        let first = match self.picture {
            Some((of, first)) if of == timestamp => first,
            _ => {
                self.picture = Some((timestamp, payload.len()));
                self.whole_pictures = self.whole_pictures.wrapping_add(u8::from(begins_whole()));
                if is_last {
                    return None;
                }
                payload.len()
            }
        };
        if payload.len() != first || payload.len() >= LONGEST {
            return None;
        }
        let place = room(payload)?;
        self.scratch.clear();
        self.scratch.extend_from_slice(&payload[..place]);
        self.scratch[1] |= KEY;
        self.scratch.push(self.whole_pictures & KEY_BITS);
        self.scratch.extend_from_slice(&payload[place..]);
        Some(self.scratch.as_slice().into())
    }
}

/// Length of the descriptor, when it goes on and says nothing of layers: there a byte can be added to it. Pure.
fn room(payload: &[u8]) -> Option<usize> {
    let [first, more, number, ..] = payload else { return None };
    let is_plain = first & EXTENDED != 0 && more & (PICTURE | BASE | TEMPORAL | KEY) == PICTURE;
    let length = if number & LONG == 0 { 3 } else { 4 };
    (is_plain && payload.len() > length).then_some(length)
}

#[cfg(test)]
mod tests {
    use str0m::rtp::Vp8Descriptor;

    use super::*;

    fn out(even: &mut Even, payload: &[u8], timestamp: u32, is_last: bool) -> Option<Arc<[u8]>> {
        even.out(payload, timestamp, is_last, || Vp8Descriptor::parse(payload).is_ok_and(|descriptor| descriptor.starts_keyframe(payload)))
    }

    /// A payload as Chromium sends it, with a number of 15 bits.
    fn payload(is_first: bool, is_whole: bool, length: usize) -> Vec<u8> {
        let mut payload = vec![if is_first { 0x90 } else { 0x80 }, 0x80, 0x85, 0x39, u8::from(!is_whole)];
        payload.resize(length, 7);
        payload
    }

    #[test]
    fn all_packets_of_a_picture_get_one_length_and_say_the_same_as_before() {
        let mut even = Even::default();
        for (picture, lengths) in [[1_041, 1_041, 1_042, 1_042], [900, 901, 901, 901], [77, 77, 77, 60]].iter().enumerate() {
            let timestamp = u32::try_from(picture).unwrap() * 3_000;
            for (number, length) in lengths.iter().enumerate() {
                let came = payload(number == 0, picture != 1, *length);
                let out = out(&mut even, &came, timestamp, number == 3);
                let is_short = *length == lengths[0];
                assert_eq!(out.is_some(), is_short, "only what has a byte less is changed");
                let Some(out) = out else { continue };
                assert_eq!(out.len(), lengths[0] + 1);
                let (before, after) = (Vp8Descriptor::parse(&came).unwrap(), Vp8Descriptor::parse(&out).unwrap());
                assert_eq!((after.picture_id(), after.tl0_pic_idx(), after.key_idx()), (Some(0x539), None, Some([1, 1, 2][picture])));
                assert_eq!((out[0], after.starts_keyframe(&out)), (came[0], before.starts_keyframe(&came)));
                assert_eq!(out[5..], came[4..], "the picture itself is as it was");
            }
        }
    }

    #[test]
    fn what_is_alone_or_has_no_room_goes_as_it_came() {
        let mut even = Even::default();
        assert!(out(&mut even, &payload(true, true, 500), 1, true).is_none(), "a picture in one packet");
        assert!(out(&mut even, &payload(true, true, LONGEST), 2, false).is_none(), "as long as may be");
        for (time, bytes) in
            (3..).zip([&[][..], &[0x10, 1, 2, 3], &[0x90, 0x80, 0x85, 1], &[0x90, 0xe0, 0x85, 1, 2, 3, 9], &[0x90, 0x90, 5, 1, 9], &[0x90, 0, 5, 1, 9]])
        {
            assert!(out(&mut even, bytes, time, false).is_none(), "{bytes:?}");
        }
        let short_number = out(&mut even, &[0x90, 0x80, 5, 0, 9], 20, false).unwrap();
        assert_eq!(short_number[..], [0x90, 0x90, 5, 3, 0, 9], "whole pictures that came alone are counted, too");
    }

    #[test]
    fn the_count_of_whole_pictures_goes_round() {
        let mut even = Even::default();
        let counts: Vec<u8> = (0..70).map(|picture| out(&mut even, &payload(true, true, 9), picture, false).unwrap()[4]).collect();
        assert_eq!((counts[0], counts[30], counts[31], counts[69]), (1, 31, 0, 6));
    }
}
