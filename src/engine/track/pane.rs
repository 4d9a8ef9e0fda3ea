//! One half of the film: the pictures of one party, fitted into a rectangle.

use ffmpeg_next::{
    self as ff,
    format::Pixel,
    software::scaling::{Context as Scaler, Flags},
};

use super::Frame;

/// Width of a pane in pixels.
pub(super) const WIDTH: usize = 640;
/// Height of a pane in pixels.
pub(super) const HEIGHT: usize = 480;

/// Decodes as far as it is asked and holds the picture that is to be seen.
pub(super) struct Pane<'a> {
    decoder: ff::decoder::Video,
    pictures: std::iter::Peekable<std::slice::Iter<'a, Frame>>,
    scaler: Option<Scaler>,
    /// Luma and the two chroma planes, black at first.
    planes: [Vec<u8>; 3],
}

impl<'a> Pane<'a> {
    pub(super) fn new(pictures: &'a [Frame]) -> Result<Self, ff::Error> {
        let codec = ff::decoder::find(ff::codec::Id::VP8).ok_or(ff::Error::DecoderNotFound)?;
        let decoder = ff::codec::Context::new_with_codec(codec).decoder().video()?;
        Ok(Self { decoder, pictures: pictures.iter().peekable(), scaler: None, planes: black() })
    }

    /// Brings the picture up to the moment `until_us`.
    pub(super) fn advance(&mut self, until_us: i64) -> Result<(), ff::Error> {
        let mut newest = None;
        while let Some(picture) = self.pictures.next_if(|picture| picture.at_us <= until_us) {
            // What cannot be decoded leaves the picture before it standing.
            if self.decoder.send_packet(&ff::Packet::copy(&picture.bytes)).is_ok() {
                let mut frame = ff::frame::Video::empty();
                while self.decoder.receive_frame(&mut frame).is_ok() {
                    newest = Some(std::mem::replace(&mut frame, ff::frame::Video::empty()));
                }
            }
        }
        newest.map_or(Ok(()), |frame| self.fit(&frame))
    }

    /// Copies the picture into a film frame, `pane` panes from the left.
    pub(super) fn draw(&self, onto: &mut ff::frame::Video, pane: usize) {
        for (index, plane) in self.planes.iter().enumerate() {
            let (width, _) = extent(index);
            let stride = onto.stride(index);
            let rows = onto.data_mut(index).chunks_mut(stride);
            for (row, line) in rows.zip(plane.chunks_exact(width)) {
                row[pane * width..(pane + 1) * width].copy_from_slice(line);
            }
        }
    }

    fn fit(&mut self, frame: &ff::frame::Video) -> Result<(), ff::Error> {
        let (width, height) = fitted(frame.width(), frame.height());
        let wanted = (frame.format(), frame.width(), frame.height());
        let is_same = self.scaler.as_ref().is_some_and(|scaler| {
            let input = scaler.input();
            (input.format, input.width, input.height) == wanted
        });
        if !is_same {
            self.scaler = Some(Scaler::get(wanted.0, wanted.1, wanted.2, Pixel::YUV420P, width, height, Flags::BILINEAR)?);
            self.planes = black();
        }
        let mut scaled = ff::frame::Video::empty();
        if let Some(scaler) = &mut self.scaler {
            scaler.run(frame, &mut scaled)?;
        }
        let (width, height) = (width as usize, height as usize);
        for (index, plane) in self.planes.iter_mut().enumerate() {
            let (full_width, full_height) = extent(index);
            let shrink = WIDTH / full_width;
            let (w, h) = (width / shrink, height / shrink);
            let (left, top) = ((full_width - w) / 2, (full_height - h) / 2);
            let lines = scaled.data(index).chunks(scaled.stride(index)).take(h);
            for (line, row) in lines.zip(plane.chunks_exact_mut(full_width).skip(top)) {
                row[left..left + w].copy_from_slice(&line[..w]);
            }
        }
        Ok(())
    }
}

/// Width and height of a plane of the pane: chroma has half of both.
fn extent(plane: usize) -> (usize, usize) {
    if plane == 0 { (WIDTH, HEIGHT) } else { (WIDTH / 2, HEIGHT / 2) }
}

fn black() -> [Vec<u8>; 3] {
    [vec![16; WIDTH * HEIGHT], vec![128; WIDTH * HEIGHT / 4], vec![128; WIDTH * HEIGHT / 4]]
}

/// The largest size of the same shape that fits, in steps of four so that chroma can be centred.
fn fitted(width: u32, height: u32) -> (u32, u32) {
    let (full_width, full_height) = (WIDTH as u64, HEIGHT as u64);
    let (w, h) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let (w, h) = if w * full_height >= h * full_width { (full_width, full_width * h / w) } else { (full_height * w / h, full_height) };
    let even = |side: u64| u32::try_from((side & !3).max(4)).unwrap_or(4);
    (even(w), even(h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_kept() {
        let cases = [
            ((640, 480), (640, 480)),
            ((1280, 720), (640, 360)),
            ((480, 640), (360, 480)),
            ((320, 240), (640, 480)),
            ((16_000, 16), (640, 4)),
            ((2, 2_000), (4, 480)),
        ];
        for ((width, height), expected) in cases {
            assert_eq!(fitted(width, height), expected, "{width}×{height}");
        }
    }
}
