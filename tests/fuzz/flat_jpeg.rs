//! A baseline JPEG of even squares with any number of colour components: what cameras never make and strangers do (CMYK, one
//! component called five, two …). ITU-T T.81, sequential DCT, one table, every block its mean alone.

/// `components` planes of `width` × `height` pixels; `adobe` is the transform byte of an APP14 segment, if there is to be one.
pub fn flat_jpeg(width: u16, height: u16, components: u8, adobe: Option<u8>) -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8];
    if let Some(transform) = adobe {
        segment(&mut out, 0xEE, &[b"Adobe".as_slice(), &[0, 100, 0, 0, 0, 0, transform]].concat());
    }
    segment(&mut out, 0xDB, &[[0].as_slice(), &[1; 64]].concat());
    let mut frame = vec![8];
    frame.extend(height.to_be_bytes());
    frame.extend(width.to_be_bytes());
    frame.push(components);
    frame.extend((1..=components).flat_map(|id| [id, 0x11, 0]));
    segment(&mut out, 0xC0, &frame);
    // One code of four bits for each difference of 0…11 bits; for the rest of a block one code: it ends here.
    let mut lengths = [0; 16];
    lengths[3] = 12;
    segment(&mut out, 0xC4, &[[0].as_slice(), &lengths, &(0..12).collect::<Vec<u8>>()].concat());
    let mut lengths = [0; 16];
    lengths[0] = 1;
    segment(&mut out, 0xC4, &[[0x10].as_slice(), &lengths, &[0]].concat());
    let mut scan = vec![components];
    scan.extend((1..=components).flat_map(|id| [id, 0]));
    scan.extend([0, 63, 0]);
    segment(&mut out, 0xDA, &scan);
    let blocks = usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8)) * usize::from(components);
    let mut bits = Vec::new();
    for block in 0..blocks {
        // A difference of four bits, up and down by turns, then the end of the block.
        let value: u8 = if block % 2 == 0 { 0b1010 } else { 0b0101 };
        bits.extend([0, 1, 0, 0].into_iter().chain((0..4).rev().map(|bit| value >> bit & 1)).chain([0]));
    }
    for eight in bits.chunks(8) {
        let byte = (0..8).fold(0, |byte, bit| byte << 1 | eight.get(bit).copied().unwrap_or(1));
        out.push(byte);
        if byte == 0xFF {
            out.push(0);
        }
    }
    out.extend([0xFF, 0xD9]);
    out
}

fn segment(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    out.extend([0xFF, marker]);
    out.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
    out.extend(body);
}
