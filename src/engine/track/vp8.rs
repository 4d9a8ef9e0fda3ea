//! VP8 pictures out of RTP payloads (RFC 7741). Pure.

/// Splits a payload into whether it begins a picture (§4.2: S bit, partition 0) and its bytes.
pub(super) fn payload(bytes: &[u8]) -> Option<(bool, &[u8])> {
    let (first, mut at) = (*bytes.first()?, 1);
    if first & 0x80 != 0 {
        let extensions = *bytes.get(at)?;
        at += 1;
        if extensions & 0x80 != 0 {
            at += if bytes.get(at)? & 0x80 != 0 { 2 } else { 1 };
        }
        at += usize::from(extensions & 0x40 != 0) + usize::from(extensions & 0x30 != 0);
    }
    let begins = first & 0x17 == 0x10;
    bytes.get(at..).filter(|rest| !rest.is_empty()).map(|rest| (begins, rest))
}

/// Width and height of a whole picture (RFC 6386 §9.1); `None` for one that builds on others.
pub(super) fn size(picture: &[u8]) -> Option<(u32, u32)> {
    let is_whole = picture.first()? & 1 == 0 && picture.get(3..6)? == [0x9d, 0x01, 0x2a];
    let two = |at: usize| Some(u32::from(u16::from_le_bytes([*picture.get(at)?, *picture.get(at + 1)?]) & 0x3fff));
    let size = (two(6)?, two(8)?);
    (is_whole && size.0 > 0 && size.1 > 0).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_of_every_length_are_skipped() {
        assert_eq!(payload(&[0x10, 7]), Some((true, &[7][..])));
        assert_eq!(payload(&[0x00, 7]), Some((false, &[7][..])));
        assert_eq!(payload(&[0x11, 7]), Some((false, &[7][..])), "another partition");
        assert_eq!(payload(&[0x90, 0x80, 5, 7]), Some((true, &[7][..])), "short picture id");
        assert_eq!(payload(&[0x90, 0x80, 0x85, 1, 7]), Some((true, &[7][..])), "long picture id");
        assert_eq!(payload(&[0x90, 0xf0, 5, 1, 2, 7]), Some((true, &[7][..])), "everything");
        for torn in [&[][..], &[0x10], &[0x90], &[0x90, 0x80], &[0x90, 0x80, 0x85], &[0x90, 0xf0, 5, 1, 2]] {
            assert_eq!(payload(torn), None, "{torn:?}");
        }
    }

    #[test]
    fn only_whole_pictures_have_a_size() {
        assert_eq!(size(&[0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]), Some((640, 480)));
        assert_eq!(size(&[0x11, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]), None);
        assert_eq!(size(&[0x10, 0, 0, 0x9d, 0x01]), None);
    }
}
