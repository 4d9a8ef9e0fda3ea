//! Damaged, dishonest and odd picture files, each made from its number alone.

use std::{io::Cursor, sync::OnceLock};

use image::{DynamicImage, ExtendedColorType, ImageBuffer, ImageEncoder, ImageFormat, RgbImage, codecs::png::PngEncoder};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use super::flat_jpeg::flat_jpeg;
use crate::support::specimen::{Card, Person, Scene, draw, picture};

/// What was done to a file, and the file.
pub struct Damaged {
    pub how: &'static str,
    pub bytes: Vec<u8>,
}

type Damage = fn(&mut StdRng) -> Vec<u8>;

/// Every way, in turn; the second number is how often it comes in a round.
const WAYS: [(&str, u64, Damage); 18] = [
    ("truncated", 10, truncated),
    ("bits flipped", 16, flipped),
    ("a range of noise", 10, noisy),
    ("wrong magic", 6, wrong_magic),
    ("header promises more", 8, promising),
    ("polyglot", 6, polyglot),
    ("animated", 5, animated),
    ("another format", 4, another_format),
    ("components", 5, components),
    ("sixteen bits and other depths", 4, depths),
    ("odd size", 6, odd_size),
    ("bomb", 1, bomb),
    ("segments moved", 8, moved),
    ("lengths lie", 8, lying),
    ("two files in one", 5, spliced),
    ("orientation and metadata", 5, metadata),
    ("noise with a magic", 4, noise),
    ("untouched", 3, untouched),
];

/// The file of a number. The same number always gives the same file.
pub fn damaged(number: u64) -> Damaged {
    let mut rng = StdRng::seed_from_u64(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let round: u64 = WAYS.iter().map(|(_, often, _)| often).sum();
    let mut place = number % round;
    for (how, often, damage) in WAYS {
        if place < often {
            return Damaged { how, bytes: damage(&mut rng) };
        }
        place -= often;
    }
    unreachable!("the places of a round are all taken")
}

/// Small pictures of specimens in the three formats that are taken, and in others.
fn bases() -> &'static [Vec<u8>] {
    static BASES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    BASES.get_or_init(|| {
        let scene = Scene { width: 360, height: 240, ..Scene::CAMERA };
        let cards = [Card::CitizenFront, Card::CitizenBack, Card::Passport];
        let shots = cards.into_iter().map(|card| picture(&Person::khai(), card, &scene));
        shots.flat_map(|shot| [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP].map(|format| coded(&shot.clone().into(), format))).collect()
    })
}

fn base(rng: &mut StdRng) -> Vec<u8> {
    bases().choose(rng).unwrap().clone()
}

fn coded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn of_format(rng: &mut StdRng, nth: usize) -> Vec<u8> {
    bases()[rng.random_range(0..bases().len() / 3) * 3 + nth].clone()
}

fn untouched(rng: &mut StdRng) -> Vec<u8> {
    base(rng)
}

fn truncated(rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = base(rng);
    let least = if rng.random_bool(0.3) { 0 } else { bytes.len() / 2 };
    bytes.truncate(rng.random_range(least..bytes.len()));
    bytes
}

fn flipped(rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = base(rng);
    // The first bytes say how to read the rest: they get more than their share.
    let reach = if rng.random_bool(0.5) { 700.min(bytes.len()) } else { bytes.len() };
    for _ in 0..rng.random_range(1..40) {
        let at = rng.random_range(0..reach);
        bytes[at] ^= 1 << rng.random_range(0..8);
    }
    bytes
}

fn noisy(rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = base(rng);
    let from = rng.random_range(4..bytes.len());
    let until = (from + rng.random_range(1..600)).min(bytes.len());
    rng.fill(&mut bytes[from..until]);
    bytes
}

fn wrong_magic(rng: &mut StdRng) -> Vec<u8> {
    const MAGICS: [&[u8]; 10] = [
        b"\xFF\xD8\xFF\xE0",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0WEBP",
        b"GIF89a",
        b"BM",
        b"II*\0",
        b"\0\0\0\x20ftypheic",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
    ];
    let mut bytes = base(rng);
    let magic = MAGICS.choose(rng).unwrap();
    if rng.random_bool(0.3) {
        bytes = [magic, bytes.as_slice()].concat();
    } else {
        bytes[..magic.len()].copy_from_slice(magic);
    }
    bytes
}

const SIDES: [u32; 10] = [0, 1, 7, 4097, 16_001, 20_000, 32_767, 65_535, 1 << 24, u32::MAX];

/// A header that promises another size than the data has.
fn promising(rng: &mut StdRng) -> Vec<u8> {
    let (width, height) = (*SIDES.choose(rng).unwrap(), *SIDES.choose(rng).unwrap());
    match rng.random_range(0..3) {
        0 => {
            let mut bytes = of_format(rng, 0);
            let low = |side: u32| u16::try_from(side & 0xFFFF).unwrap().to_be_bytes();
            if let Some(at) = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]) {
                bytes[at + 5..at + 7].copy_from_slice(&low(height));
                bytes[at + 7..at + 9].copy_from_slice(&low(width));
            }
            bytes
        }
        1 => {
            let mut bytes = of_format(rng, 1);
            bytes[16..20].copy_from_slice(&width.to_be_bytes());
            bytes[20..24].copy_from_slice(&height.to_be_bytes());
            let sum = crc32fast::hash(&bytes[12..29]);
            bytes[29..33].copy_from_slice(&sum.to_be_bytes());
            bytes
        }
        _ => {
            let mut bytes = of_format(rng, 2);
            bytes[21..25].copy_from_slice(&(width & 0x3FFF | (height & 0x3FFF) << 14).to_le_bytes());
            bytes
        }
    }
}

fn polyglot(rng: &mut StdRng) -> Vec<u8> {
    let other: &[u8] = match rng.random_range(0..5) {
        0 => b"<html><script>alert(1)</script></html>",
        1 => b"PK\x03\x04\x14\0\0\0\0\0META-INF/MANIFEST.MF",
        2 => b"%PDF-1.4\n1 0 obj<</OpenAction<</JS(app.alert(1))>>>>endobj",
        3 => b"<?php system($_GET['c']); ?>",
        _ => &bases()[0],
    };
    let bytes = base(rng);
    match rng.random_range(0..3) {
        0 => [other, &bytes].concat(),
        1 => [&bytes, other].concat(),
        _ if bytes.starts_with(&[0xFF, 0xD8]) => {
            let body = &other[..other.len().min(60_000)];
            let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
            [&bytes[..2], &[0xFF, 0xFE], length.as_slice(), body, &bytes[2..]].concat()
        }
        _ => [&bytes[..bytes.len() / 2], other, &bytes[bytes.len() / 2..]].concat(),
    }
}

/// An animated PNG or WebP, or a GIF.
fn animated(rng: &mut StdRng) -> Vec<u8> {
    match rng.random_range(0..3) {
        0 => {
            let png = of_format(rng, 1);
            let frames: u32 = *[0, 1, 2, 1000, u32::MAX].choose(rng).unwrap();
            let control = chunk(b"acTL", &[frames.to_be_bytes(), 0u32.to_be_bytes()].concat());
            let frame = chunk(b"fcTL", &[0, 360, 240, 0, 0].map(u32::to_be_bytes).concat());
            [&png[..33], &control, &frame, &png[33..]].concat()
        }
        1 => {
            let still = of_format(rng, 2);
            let picture = &still[12..];
            let mut body = b"WEBP".to_vec();
            riff(&mut body, b"VP8X", &[2, 0, 0, 0, 103, 1, 0, 239, 0, 0]);
            riff(&mut body, b"ANIM", &[0, 0, 0, 0, 0, 0]);
            for _ in 0..rng.random_range(1..6) {
                riff(&mut body, b"ANMF", &[&[0, 0, 0, 0, 0, 0, 103, 1, 0, 239, 0, 0, 40, 0, 0, 0], picture].concat());
            }
            [b"RIFF", u32::try_from(body.len()).unwrap().to_le_bytes().as_slice(), &body].concat()
        }
        _ => [b"GIF89a\x20\0\x20\0\x80\0\0\0\0\0\xff\xff\xff!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0".as_slice(), &[0x2C; 400]].concat(),
    }
}

fn another_format(rng: &mut StdRng) -> Vec<u8> {
    const HEADS: [&[u8]; 7] = [
        b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x20\0\0\0\x20\0\0\0\x01\0\x18\0",
        b"II*\0\x08\0\0\0",
        b"\0\0\0\x20ftypavif\0\0\0\0avifmif1",
        b"\0\0\x01\0\x01\0\x10\x10",
        b"qoif\0\0\x01\0\0\0\x01\0\x03\0",
        b"\x76\x2f\x31\x01\x02\0\0\0",
        b"P6 32 32 255\n",
    ];
    let mut bytes = HEADS.choose(rng).unwrap().to_vec();
    bytes.extend((0..rng.random_range(0..3000)).map(|_| rng.random::<u8>()));
    bytes
}

fn components(rng: &mut StdRng) -> Vec<u8> {
    let adobe = [None, Some(0), Some(1), Some(2), Some(77)];
    let mut bytes = flat_jpeg(rng.random_range(1..400), rng.random_range(1..300), *[1, 2, 3, 4, 4, 4, 5].choose(rng).unwrap(), *adobe.choose(rng).unwrap());
    if rng.random_bool(0.2) {
        let at = rng.random_range(2..bytes.len());
        bytes[at] ^= 1 << rng.random_range(0..8);
    }
    bytes
}

fn depths(rng: &mut StdRng) -> Vec<u8> {
    let (width, height) = (rng.random_range(1..120), rng.random_range(1..90));
    let shade = |x: u32, y: u32| u16::try_from((x * 517 + y * 911) & 0xFFFF).unwrap();
    let picture: DynamicImage = match rng.random_range(0..5) {
        0 => ImageBuffer::from_fn(width, height, |x, y| image::Rgb([shade(x, y); 3])).into(),
        1 => ImageBuffer::from_fn(width, height, |x, y| image::Luma([shade(x, y)])).into(),
        2 => ImageBuffer::from_fn(width, height, |x, y| image::Rgba([shade(x, y); 4])).into(),
        3 => ImageBuffer::from_fn(width, height, |x, y| image::LumaA([shade(x, y).to_be_bytes()[0]; 2])).into(),
        _ => ImageBuffer::from_fn(width, height, |x, y| image::Luma([shade(x, y).to_be_bytes()[0]])).into(),
    };
    let mut bytes = coded(&picture, ImageFormat::Png);
    if rng.random_bool(0.5) {
        bytes[24] = *[1, 2, 4, 8, 16, 32].choose(rng).unwrap();
        bytes[25] = rng.random_range(0..8);
        let sum = crc32fast::hash(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    }
    bytes
}

fn odd_size(rng: &mut StdRng) -> Vec<u8> {
    let (width, height) =
        *[(1, 1), (1, 2), (20_000, 1), (1, 20_000), (16_000, 1), (1, 16_000), (16_001, 1), (15_999, 2), (3, 900), (4097, 3), (2, 2)].choose(rng).unwrap();
    let picture: DynamicImage = RgbImage::from_fn(width, height, |x, y| image::Rgb([(x & 0xFF) as u8, (y & 0xFF) as u8, 90])).into();
    let formats = if width.max(height) <= 16_383 {
        [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP]
    } else {
        [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Png]
    };
    coded(&picture, *formats.choose(rng).unwrap())
}

/// A file of a few kilobytes that unpacks to many megabytes, allowed or not.
fn bomb(rng: &mut StdRng) -> Vec<u8> {
    let (width, height) = *[(6000, 6000), (6400, 6300), (16_000, 2500), (40_000, 40_000)].choose(rng).unwrap();
    if rng.random_bool(0.4) && width < 20_000 {
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes).write_image(&vec![0; width as usize * height as usize], width, height, ExtendedColorType::L8).unwrap();
        return bytes;
    }
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(b"IHDR", &[width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat()));
    png.extend(chunk(b"IDAT", &[0x78, 0x9c, 0x63, 0, 0, 0, 2, 0, 1]));
    png.extend(chunk(b"IEND", &[]));
    png
}

/// Segments of a JPEG or chunks of a PNG left out, doubled or in another order.
fn moved(rng: &mut StdRng) -> Vec<u8> {
    let (bytes, mut parts) = match rng.random_range(0..2) {
        0 => jpeg_parts(&of_format(rng, 0)),
        _ => png_parts(&of_format(rng, 1)),
    };
    for _ in 0..rng.random_range(1..4) {
        let (a, b) = (rng.random_range(0..parts.len()), rng.random_range(0..parts.len()));
        match rng.random_range(0..3) {
            0 => parts.swap(a, b),
            1 => parts.insert(b, parts[a].clone()),
            _ if parts.len() > 1 => drop(parts.remove(a)),
            _ => {}
        }
    }
    [bytes, parts.concat()].concat()
}

fn jpeg_parts(bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut parts, mut at) = (Vec::new(), 2);
    while bytes[at + 1] != 0xDA {
        let length = 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        parts.push(bytes[at..at + length].to_vec());
        at += length;
    }
    parts.push(bytes[at..].to_vec());
    (bytes[..2].to_vec(), parts)
}

fn png_parts(bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut parts, mut at) = (Vec::new(), 8);
    while at + 12 <= bytes.len() {
        let length = 12 + u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        parts.push(bytes[at..at + length].to_vec());
        at += length;
    }
    (bytes[..8].to_vec(), parts)
}

/// Lengths of segments and chunks that are not true.
fn lying(rng: &mut StdRng) -> Vec<u8> {
    let nth = rng.random_range(0..3);
    let mut bytes = of_format(rng, nth);
    let lie: u32 = *[0, 1, 2, 3, 0x7F, 0xFFFF, 0x7FFF_FFFF, u32::MAX].choose(rng).unwrap();
    match nth {
        0 => {
            let marks: Vec<usize> =
                bytes.windows(2).enumerate().filter(|(_, pair)| pair[0] == 0xFF && pair[1] >= 0xC0 && pair[1] != 0xD8).map(|(at, _)| at).collect();
            let at = *marks.choose(rng).unwrap();
            let low = u16::try_from(lie & 0xFFFF).unwrap().to_be_bytes();
            if let Some(place) = bytes.get_mut(at + 2..at + 4) {
                place.copy_from_slice(&low);
            }
        }
        1 => {
            let (_, parts) = png_parts(&bytes);
            let at: usize = 8 + parts[..rng.random_range(0..parts.len())].iter().map(Vec::len).sum::<usize>();
            bytes[at..at + 4].copy_from_slice(&lie.to_be_bytes());
        }
        _ => {
            let at = *[4, 16].choose(rng).unwrap();
            bytes[at..at + 4].copy_from_slice(&lie.to_le_bytes());
        }
    }
    bytes
}

fn spliced(rng: &mut StdRng) -> Vec<u8> {
    let (one, other) = (base(rng), base(rng));
    [&one[..rng.random_range(8..one.len())], &other[rng.random_range(0..other.len())..]].concat()
}

/// Every orientation there is and some that there are not, in metadata that is sometimes broken.
fn metadata(rng: &mut StdRng) -> Vec<u8> {
    let jpeg = of_format(rng, 0);
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([rng.random_range(0..12), 0, 0, 0]);
    exif.extend(*[0u32, 8, 26, u32::MAX].choose(rng).unwrap().to_le_bytes().as_slice().first_chunk::<4>().unwrap());
    if rng.random_bool(0.4) {
        let at = rng.random_range(6..exif.len());
        exif[at] = rng.random();
    }
    if rng.random_bool(0.2) {
        exif.resize(65_000, 0xAA);
    }
    let marker = if rng.random_bool(0.8) { 0xE1 } else { 0xE2 };
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], length.as_slice(), &exif, &jpeg[2..]].concat()
}

fn noise(rng: &mut StdRng) -> Vec<u8> {
    let magic: &[u8] = [b"\xFF\xD8\xFF".as_slice(), b"\x89PNG\r\n\x1a\n", b"RIFF\x40\x1f\0\0WEBPVP8 "][rng.random_range(0..3)];
    let tail: Vec<u8> = (0..rng.random_range(0..8000)).map(|_| rng.random()).collect();
    [magic, &tail].concat()
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [kind.as_slice(), body].concat();
    [u32::try_from(body.len()).unwrap().to_be_bytes().as_slice(), &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}

fn riff(out: &mut Vec<u8>, kind: &[u8; 4], body: &[u8]) {
    out.extend(kind);
    out.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    out.extend(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}

/// A whole card, drawn flat: a picture that is good, to see that a child still reads after all this.
pub fn honest() -> Vec<u8> {
    coded(&picture(&Person::khai(), Card::CitizenFront, &Scene::CAMERA).into(), ImageFormat::Jpeg)
}

#[test]
fn a_number_always_gives_the_same_file_and_every_way_comes_up() {
    let round: u64 = WAYS.iter().map(|(_, often, _)| often).sum();
    let mut seen = std::collections::HashSet::new();
    for number in 0..round {
        let made = damaged(number);
        assert_eq!(made.bytes, damaged(number).bytes, "{}", made.how);
        seen.insert(made.how);
    }
    assert_eq!(seen.len(), WAYS.len());
    drop(draw(&Person::khai(), Card::CitizenFront));
}
