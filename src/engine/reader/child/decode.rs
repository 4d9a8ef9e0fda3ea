//! From bytes of a stranger to upright pixels. Only the first bytes decide the type; the header is judged before anything is unpacked.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, codecs::jpeg::JpegEncoder};
use ocrb::views::resized_colour;

use super::super::ReaderError;

/// Most pixels of a picture.
pub(super) const MOST_PIXELS: u64 = 40_000_000;
const MOST_SIDE: u32 = 16_000;
const MOST_MEMORY: u64 = 512 * 1024 * 1024;
/// Longest side of the filed picture; larger photographs are reduced to it.
const FILED_SIDE: u32 = 4096;
const FILED_QUALITY: u8 = 92;

/// Decodes and turns upright. Bytes after the picture are ignored.
pub(super) fn decode(bytes: &[u8]) -> Result<RgbImage, ReaderError> {
    let Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) = image::guess_format(bytes) else {
        return Err(ReaderError::WrongType);
    };
    if format == ImageFormat::Jpeg && !is_complete_jpeg(bytes) {
        return Err(ReaderError::Damaged);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| ReaderError::Damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || width.max(height) > MOST_SIDE {
        return Err(ReaderError::TooManyPixels);
    }
    if width == 0 || height == 0 {
        return Err(ReaderError::Damaged);
    }
    let orientation = decoder.orientation().map_err(|_| ReaderError::Damaged)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| ReaderError::Damaged)?;
    picture.apply_orientation(orientation);
    let picture = picture.into_rgb8();
    Ok(if picture.width().max(picture.height()) > FILED_SIDE { resized_colour(&picture, FILED_SIDE) } else { picture })
}

/// The filed form: JPEG with nothing beside the pixels.
pub(super) fn encode(picture: &RgbImage) -> Result<Vec<u8>, ReaderError> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, FILED_QUALITY);
    picture.write_with_encoder(encoder).map_err(|_| ReaderError::Damaged)?;
    Ok(bytes)
}

/// Whether the coded data runs to an end-of-image marker (ITU-T T.81 annex B). Decoders fill what is missing with grey and call it done.
fn is_complete_jpeg(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xff, marker]) = bytes.get(at..at + 2) {
        match *marker {
            0xd9 => return true,
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            marker => {
                let Some([high, low]) = bytes.get(at + 2..at + 4) else { return false };
                at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
                if marker == 0xda {
                    let Some(next) = after_scan(bytes, at) else { return false };
                    at = next;
                }
            }
        }
    }
    false
}

/// Where entropy-coded data beginning at `at` is followed by a marker that is neither a stuffed byte nor a restart.
fn after_scan(bytes: &[u8], at: usize) -> Option<usize> {
    let pairs = bytes.get(at..)?.windows(2);
    pairs.enumerate().find(|(_, pair)| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff | 0xd0..=0xd7)).map(|(n, _)| at + n)
}
